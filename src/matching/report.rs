//! The report of a run: what it was asked, what came out, and the proof.

use chrono::NaiveDate;
use serde::Serialize;

use super::certificate::{Certificate, Points};
use super::columns::Cohort;
use super::run::Outcome;
use super::summary::{Summary, summarize};
use crate::domain::{Objective, Policy};

/// What a run was asked, what came out, and the proof. Two runs of the same cohort, policy and
/// seed have the same report, byte for byte.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What the run strives for.
    pub objective: Objective,
    /// Coachees who asked.
    pub coachees: u64,
    /// Coaches in the cohort.
    pub coaches: u64,
    /// Coachees who have a coach.
    pub matched: u64,
    /// The most that can have one at the same time.
    pub possible: u64,
    /// The sum of the scores of the pairs.
    pub total_weight: u64,
    /// What that sum cannot exceed (with as many pairs, where `lambda` is above 0).
    pub upper_bound: Points,
    /// `upper_bound` less `total_weight`: 0 proves that the total is the best.
    pub gap: Points,
    /// What the last pair cost in points.
    pub lambda: Points,
    /// Pairs of which both sides would rather have each other.
    pub blocking_pairs: u64,
    /// Whether the objective is proven to be reached in full, over every pair of the cohort.
    pub proven: bool,
    /// The seed of the lottery.
    pub seed: u64,
    /// The day as of which assessments and remote areas count.
    pub as_of: NaiveDate,
    /// The policy.
    pub policy: Policy,
    /// SHA-256 of the cohort's content.
    pub input_digest: String,
    /// The program that computed it.
    pub version: &'static str,
    /// The run in numbers.
    pub summary: Summary,
}

/// Writes the report of an outcome.
pub fn report(cohort: &Cohort, outcome: &Outcome, as_of: NaiveDate, input_digest: String) -> Report {
    let Certificate { objective, coachees, matched, possible, total, upper_bound, gap, lambda, blocking_pairs } =
        outcome.certificate;
    Report {
        objective,
        coachees,
        coaches: cohort.coaches.len() as u64,
        matched,
        possible,
        total_weight: total,
        upper_bound,
        gap,
        lambda,
        blocking_pairs,
        proven: outcome.certificate.holds(),
        seed: cohort.seed,
        as_of,
        policy: cohort.policy,
        input_digest,
        version: env!("CARGO_PKG_VERSION"),
        summary: summarize(cohort, outcome),
    }
}
