//! Computing a run: from what it works on to what is kept of it.

use chrono::NaiveDate;

use super::run_input::{self, Halt};
use super::run_ranks::{self, Ranks};
use super::{ServiceError, ServiceResult};
use crate::domain::PersonCode;
use crate::matching::report::{RunReport, report};
use crate::matching::run::{Effort, Outcome};
use crate::matching::watch::Watch;
use crate::matching::{Cohort, run};
use crate::store::pairs::{PairResult, PriceResult, WaitingResult};
use crate::store::runs::{RunResult, RunTotals};
use crate::store::types::Doc;
use crate::store::{RunId, Store};
use crate::tabular::hash::sha256;
use crate::tabular::snapshot::InputSnapshot;

/// What computing a run has come to.
pub(super) struct Found {
    /// Coachees whose pair is not to be put out: both sides have said yes to it.
    pub accepted: Vec<PersonCode>,
    pub report: RunReport,
    pub result: RunResult,
    pub ranks: Ranks,
    pub archive: Vec<u8>,
    pub archive_digest: String,
}

/// Computes a run as its cohort is now.
pub(super) fn find(store: &Store, id: RunId, today: NaiveDate, watch: Watch) -> Result<Found, Halt> {
    let input = run_input::fresh(store, id)?;
    let archive = input.write()?;
    let Worked { cohort, outcome, report } = work(input, watch)?;
    let accepted = cohort.accepted.iter().map(|&coachee| cohort.coachees.code[coachee as usize].clone());
    Ok(Found {
        accepted: accepted.collect(),
        result: result_of(&cohort, &outcome, &report)?,
        report,
        ranks: run_ranks::of_run(store, id, cohort, today)?,
        archive_digest: sha256(&archive),
        archive,
    })
}

/// What an input has come to.
pub(super) struct Worked {
    pub cohort: Cohort,
    pub outcome: Outcome,
    pub report: RunReport,
}

/// Matches an input: the same input gives the same report, byte for byte.
pub(super) fn work(input: InputSnapshot, watch: Watch) -> Result<Worked, Halt> {
    let InputSnapshot { mut cohort, pinned, accepted, before, digest } = input;
    cohort.keep_accepted(&accepted)?;
    let free = (!pinned.is_empty()).then(|| cohort.clone());
    cohort.keep(&pinned)?;
    let outcome = run::run_from(&cohort, before.as_ref(), Effort::default(), watch)?;
    let mut report = report(&cohort, &outcome, digest);
    if let Some(free) = free {
        report.pin_costs = run::pin_costs(&free, &cohort, &outcome, Effort::default(), watch)?;
    }
    Ok(Worked { cohort, outcome, report })
}

fn result_of(cohort: &Cohort, outcome: &Outcome, report: &RunReport) -> ServiceResult<RunResult> {
    let code = |coachee: u32| cohort.coachees.code[coachee as usize].clone();
    let all = cohort.with_kept(&outcome.plan.pairs);
    let mut pairs = Vec::with_capacity(all.len());
    for pair in &all {
        pairs.push(PairResult {
            coachee: code(pair.coachee),
            coach: cohort.coaches.code[pair.coach as usize].clone(),
            score: pair.score,
            explanation: doc(&cohort.explain(pair.coachee as usize, pair.coach))?,
        });
    }
    let mut waiting = Vec::with_capacity(outcome.plan.waiting.len());
    for (coachee, why) in &outcome.plan.waiting {
        waiting.push(WaitingResult { coachee: code(*coachee), reason: doc(why)? });
    }
    let prices = cohort.coaches.code.iter().zip(&outcome.prices);
    Ok(RunResult {
        totals: totals(outcome, report),
        report: doc(report)?,
        pairs,
        waiting,
        prices: prices.map(|(coach, &price)| PriceResult { coach: coach.clone(), price }).collect(),
    })
}

fn totals(outcome: &Outcome, report: &RunReport) -> RunTotals {
    let certificate = &outcome.certificate;
    let total = certificate.total as i64;
    // Prices and scores are whole numbers, so the bound is one too.
    let gap = outcome.whole_gap();
    RunTotals {
        input_digest: report.input_digest.clone(),
        program_version: report.version.clone(),
        coachees: certificate.coachees as u32,
        coaches: report.facts.summary.coaches,
        matched: certificate.matched as u32,
        possible: Some(certificate.possible as u32),
        total_score: total,
        upper_bound: total + gap,
        gap,
        blocking_pairs: certificate.blocking_pairs as i64,
        lambda: outcome.lambda,
    }
}

fn doc(value: &impl serde::Serialize) -> ServiceResult<Doc> {
    Doc::of(value).map_err(|why| ServiceError::Internal(why.to_string()))
}
