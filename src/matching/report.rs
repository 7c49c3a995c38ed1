//! What a run tells besides its pairs: how the cohort was read, the numbers, the proof.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::certificate::Certificate;
use super::columns::Cohort;
use super::run::{Outcome, PinCost, Plan};
use super::summary::{Summary, summarize};
use crate::domain::{PersonCode, Policy};

/// How a cohort was read, and its run in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// The day as of which assessments and remote areas count.
    pub as_of: NaiveDate,
    /// The policy.
    pub policy: Policy,
    /// Pairs that an admin has pinned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<NamedPair>,
    /// Pairs to which both sides have said yes before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<NamedPair>,
    /// Pairs that an admin has forbidden.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden: Vec<NamedPair>,
    /// The run in numbers.
    pub summary: Summary,
}

/// A coachee and a coach, by their codes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPair {
    /// The coachee.
    pub coachee: PersonCode,
    /// The coach.
    pub coach: PersonCode,
}

impl NamedPair {
    /// A pair of a cohort, (coachee, coach) by position.
    pub fn of(cohort: &Cohort, (coachee, coach): (u32, u32)) -> Self {
        Self {
            coachee: cohort.coachees.code[coachee as usize].clone(),
            coach: cohort.coaches.code[coach as usize].clone(),
        }
    }
}

/// The report that a stored run carries. Two runs of the same cohort, policy and seed have the
/// same report, byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// The proof, over every pair of the cohort.
    #[serde(flatten)]
    pub certificate: Certificate,
    /// Whether it proves that the objective is reached in full.
    pub proven: bool,
    /// The seed of the lottery.
    pub seed: u64,
    /// SHA-256 of the cohort's content.
    pub input_digest: String,
    /// The program that computed it.
    pub version: String,
    /// How the cohort was read, and the run in numbers.
    #[serde(flatten)]
    pub facts: RunFacts,
    /// What each pinned pair costs, by the coachee's code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pin_costs: Vec<PinCost>,
}

/// How a cohort was read, and its run in numbers.
pub fn facts(cohort: &Cohort, plan: &Plan) -> RunFacts {
    let named = |pairs: &mut dyn Iterator<Item = (u32, u32)>| -> Vec<NamedPair> {
        let mut named: Vec<NamedPair> = pairs.map(|pair| NamedPair::of(cohort, pair)).collect();
        named.sort_unstable();
        named
    };
    let kept = || cohort.kept.iter().map(|pair| (pair.coachee, pair.coach));
    RunFacts {
        as_of: cohort.as_of,
        policy: cohort.policy,
        pinned: named(&mut kept().filter(|pair| cohort.is_pinned(pair.0))),
        accepted: named(&mut kept().filter(|pair| !cohort.is_pinned(pair.0))),
        forbidden: named(&mut cohort.forbidden.iter().copied()),
        summary: summarize(cohort, plan),
    }
}

/// Writes the report of a plan.
pub fn report(cohort: &Cohort, outcome: &Outcome, input_digest: String) -> RunReport {
    RunReport {
        certificate: outcome.certificate.clone(),
        proven: outcome.certificate.holds(),
        seed: cohort.seed,
        input_digest,
        version: env!("CARGO_PKG_VERSION").into(),
        facts: facts(cohort, &outcome.plan),
        pin_costs: Vec::new(),
    }
}
