//! What a run tells besides its pairs: how the cohort was read, the numbers, the proof.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::certificate::Certificate;
use super::columns::Cohort;
use super::run::{Outcome, Plan};
use super::summary::{Summary, summarize};
use crate::domain::Policy;

/// How a cohort was read, and its run in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// The day as of which assessments and remote areas count.
    pub as_of: NaiveDate,
    /// The policy.
    pub policy: Policy,
    /// The run in numbers.
    pub summary: Summary,
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
}

/// How a cohort was read, and its run in numbers.
pub fn facts(cohort: &Cohort, plan: &Plan) -> RunFacts {
    RunFacts { as_of: cohort.as_of, policy: cohort.policy, summary: summarize(cohort, plan) }
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
    }
}
