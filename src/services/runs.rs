//! Runs: asking for one, computing it, publishing it, throwing it away.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

pub use super::publish::{LeftOut, Published, Selection, publish};
use super::{Act, Actor, ServiceError, ServiceResult, eligible, run_watch};
use crate::domain::{Objective, PersonCode, Policy, Reference, RunStep};
use crate::matching::certificate::Points;
use crate::matching::report::{RunReport, report};
use crate::matching::run::{Effort, Outcome, RunError};
use crate::matching::watch::Watch;
use crate::matching::{Cohort, Standing, run};
use crate::store::pairs::{PairResult, PriceResult, WaitingResult};
use crate::store::runs::{NewRun, RunResult, RunTotals};
use crate::store::types::{Doc, Stamp};
use crate::store::{
    CohortId, Db, PersonId, RunId, Store, StoreError, cohorts, pairs, people, records, reference, requests,
    run_progress, runs,
};
use crate::tabular::digest;

/// The name under which policies made for single runs are kept.
const POLICY_NAME: &str = "run";

/// The policy that a cohort follows: that of its latest run, or else the default.
pub(super) fn policy_of(db: &mut Db, cohort: CohortId) -> ServiceResult<Policy> {
    let newest = cohorts::newest_policy(db, Some(cohort), POLICY_NAME)?;
    Ok(newest.map_or_else(Policy::default, |version| version.policy))
}

/// The policy that a run of a cohort follows unless another is said.
///
/// # Errors
/// When there is no such cohort.
pub fn policy_in_use(db: &mut Db, cohort: &str) -> ServiceResult<Policy> {
    match cohorts::by_code(db, cohort)? {
        Some(cohort) => policy_of(db, cohort.id),
        None => Err(ServiceError::Missing(format!("there is no cohort {cohort}"))),
    }
}

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The code of the cohort.
    pub cohort: String,
    /// The policy; its objective is the run's.
    pub policy: Policy,
    /// The seed of the lottery.
    pub seed: u64,
    /// The day as of which assessments and remote areas count.
    pub as_of: NaiveDate,
}

/// Asks for a run of a cohort, by the programme. Returns its id.
///
/// # Errors
/// When it is not the programme, the policy cannot be used or there is no such cohort.
pub fn create(db: &mut Db, act: &Act, order: &Order) -> ServiceResult<RunId> {
    act.allow(act.by_programme())?;
    order.policy.check().map_err(|bad| ServiceError::Invalid(bad.to_string()))?;
    act.record(db, "run", |db, journal| {
        let Some(cohort) = cohorts::by_code(db, &order.cohort)? else {
            return Err(ServiceError::Missing(format!("there is no cohort {}", order.cohort)));
        };
        let policy = cohorts::keep_policy(db, Some(cohort.id), POLICY_NAME, &order.policy, act.now)?;
        let objective = order.policy.objective;
        let new = NewRun { cohort: cohort.id, policy: policy.id, objective, seed: order.seed, as_of: order.as_of };
        let id = runs::create(db, &new, act.now)?;
        let facts = serde_json::json!({ "objective": objective, "seed": order.seed.to_string() });
        journal.note("run", id.uuid(), "created", &facts)?;
        Ok(id)
    })
}

/// Computes a queued run and keeps what it found. Pairs stay unseen until it is published. Who throws
/// the run away meanwhile ends the computing within seconds.
///
/// # Errors
/// When the run is not queued, or its cohort cannot be read as the reference data stand now;
/// the run is queued again then.
pub fn compute(store: &Store, id: RunId, actor: &'static str, watch: Watch) -> ServiceResult<RunReport> {
    let act = || Act::new(Actor::System(actor), Stamp::now());
    store.write(|db| {
        act().record(db, "run", |db, journal| {
            runs::start(db, id, journal.now())?;
            journal.note("run", id.uuid(), "started", &serde_json::json!({}))
        })
    })?;
    let computed = run_watch::told(store, id, watch, |watch, stage| {
        let (report, result, ranks) = find(store, id, watch)?;
        stage.enter(RunStep::Save);
        let facts = serde_json::json!({ "matched": result.totals.matched, "digest": result.totals.input_digest });
        patiently(|| {
            store.write(|db| {
                act().record(db, "run", |db, journal| {
                    runs::save_result(db, id, &result, journal.now())?;
                    rank(db, id, &ranks)?;
                    run_progress::forget(db, id)?;
                    journal.note("run", id.uuid(), "computed", &facts)
                })
            })
        })?;
        Ok(report)
    });
    if computed.is_err() {
        // What went wrong first says more than that the run could not be queued again.
        let _ = patiently(|| store.write(|db| requeue(db, &act(), id)));
    }
    computed
}

/// Computes the oldest run that waits, after queueing again those whose process is gone. Says which it
/// was, and what came of it; none when no run waits.
///
/// # Errors
/// Those of the store, before a run is taken.
pub fn compute_next(
    store: &Store,
    actor: &'static str,
    watch: Watch,
) -> ServiceResult<Option<(RunId, ServiceResult<()>)>> {
    let act = Act::new(Actor::System(actor), Stamp::now());
    let since = Stamp::new(act.now.time() - SILENT);
    for gone in store.read(|db| run_progress::silent(db, since))? {
        match store.write(|db| requeue(db, &act, gone)) {
            // Another process was first.
            Ok(()) | Err(ServiceError::Conflict(_)) => {}
            Err(why) => return Err(why),
        }
    }
    let Some(next) = store.read(runs::next_queued)? else { return Ok(None) };
    Ok(Some((next, compute(store, next, actor, watch).map(drop))))
}

/// Of whom nothing was heard for so long, that one is gone.
const SILENT: TimeDelta = TimeDelta::seconds(120);

/// Queues a run again whose computing ended without a result, as when its process was killed.
///
/// # Errors
/// When it is not the programme, or the run is not being computed.
pub fn requeue(db: &mut Db, act: &Act, id: RunId) -> ServiceResult<()> {
    act.allow(act.by_programme())?;
    act.record(db, "run", |db, journal| {
        runs::requeue(db, id)?;
        run_progress::forget(db, id)?;
        journal.note("run", id.uuid(), "requeued", &serde_json::json!({}))
    })
}

/// How often a finished computation tries to get its turn to write, a second apart: minutes of
/// work must not be lost to an import that holds the database.
const WRITE_TRIES: u32 = 120;

fn patiently<T>(mut write: impl FnMut() -> ServiceResult<T>) -> ServiceResult<T> {
    for _ in 1..WRITE_TRIES {
        match write() {
            Err(ServiceError::Store(StoreError::Busy(_))) => std::thread::sleep(Duration::from_secs(1)),
            done => return done,
        }
    }
    write()
}

/// Throws a run away that was not published; one that is being computed ends within seconds.
///
/// # Errors
/// When it is not the programme, or the run was published or thrown away before.
pub fn discard(db: &mut Db, act: &Act, id: RunId) -> ServiceResult<()> {
    act.allow(act.by_programme())?;
    act.record(db, "run", |db, journal| {
        runs::discard(db, id, act.now)?;
        run_progress::forget(db, id)?;
        journal.note("run", id.uuid(), "discarded", &serde_json::json!({}))
    })
}

/// The report of a computed run.
///
/// # Errors
/// When there is no such run, or it is not computed.
pub fn report_of(store: &Store, id: RunId) -> ServiceResult<RunReport> {
    let run = store.read(|db| runs::get(db, id)).map_err(|error| ServiceError::from(error).about("run"))?;
    let Some(report) = run.report else {
        return Err(ServiceError::Conflict(format!("the run is {}: it has no result", run.status)));
    };
    report.read().map_err(|why| ServiceError::Internal(why.to_string()))
}

/// The newest computed or published run of a cohort, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn newest_computed(store: &Store, cohort: &str) -> ServiceResult<Option<RunId>> {
    let found = store.snapshot(|db| match cohorts::by_code(db, cohort)? {
        Some(cohort) => runs::newest_computed(db, cohort.id),
        None => Ok(None),
    })?;
    Ok(found)
}

/// A computed run with the cohort it was made from.
pub struct Computed {
    /// The cohort.
    pub cohort: Cohort,
    /// The pairs and prices, by position in the cohort.
    pub standing: Standing,
    /// The report.
    pub report: RunReport,
}

/// A computed run with its cohort, for whoever wants to take it away or ask about single pairs.
///
/// # Errors
/// When there is no such run, it is not computed, or its cohort has changed since.
pub fn computed(store: &Store, id: RunId) -> ServiceResult<Computed> {
    let report = report_of(store, id)?;
    let (cohort, digest) = load_cohort(store, id)?;
    if digest != report.input_digest {
        let why = "the cohort has changed since the run was computed; compute a new run to ask about it";
        return Err(ServiceError::Conflict(why.into()));
    }
    let (stored, priced) = store.snapshot(|db| Ok::<_, StoreError>((pairs::all(db, id)?, pairs::prices(db, id)?)))?;
    let coachees: HashMap<&str, u32> = cohort.coachees.code.iter().map(|code| code.as_str()).zip(0..).collect();
    let coaches: HashMap<&str, u32> = cohort.coaches.code.iter().map(|code| code.as_str()).zip(0..).collect();
    let pair = |(coachee, coach): &(PersonCode, PersonCode)| {
        Some((*coachees.get(coachee.as_str())?, *coaches.get(coach.as_str())?))
    };
    let mut prices = vec![Points::ZERO; cohort.coaches.len()];
    for PriceResult { coach, price } in &priced {
        if let Some(&at) = coaches.get(coach.as_str()) {
            prices[at as usize] = Points::from(*price);
        }
    }
    let weighs_totals = report.certificate.objective != Objective::Stable;
    let standing = Standing {
        pairs: stored.iter().filter_map(pair).collect(),
        prices,
        lambda: weighs_totals.then_some(report.certificate.lambda),
        bonus: report.certificate.reserve.map_or(Points::ZERO, |reserve| reserve.cost),
    };
    Ok(Computed { cohort, standing, report })
}

/// The columns that a run works on, as the database holds its cohort now, and the digest of it.
///
/// # Errors
/// When the database cannot be read, or a record names something the reference data do not have.
pub fn load_cohort(store: &Store, id: RunId) -> ServiceResult<(Cohort, String)> {
    let (run, policy, parts, records) = store.snapshot(|db| {
        let run = runs::get(db, id)?;
        let policy = cohorts::get_policy(db, run.policy)?.policy;
        let records = records::load(db, run.cohort)?;
        Ok::<_, StoreError>((run, policy, reference::load(db)?, records))
    })?;
    let invalid = |why: &dyn std::fmt::Display| ServiceError::Invalid(why.to_string());
    let reference = Reference::new(parts).map_err(|why| invalid(&why))?;
    let digest = digest(&records, &reference).map_err(|why| invalid(&why))?;
    let cohort = Cohort::build(&records, &reference, &policy, run.as_of, run.seed).map_err(|why| invalid(&why))?;
    Ok((cohort, digest))
}

/// Coachees by their priority on the waiting list.
type Ranks = BTreeMap<i32, Vec<PersonCode>>;

/// Keeps the priorities that a run has found out, for the waiting list.
fn rank(db: &mut Db, run: RunId, ranks: &Ranks) -> ServiceResult<()> {
    let cohort = runs::get(db, run)?.cohort;
    for (&priority, codes) in ranks {
        let ids: Vec<PersonId> = people::ids(db, codes)?.into_values().collect();
        requests::prioritise(db, cohort, &ids, priority)?;
    }
    Ok(())
}

fn find(store: &Store, id: RunId, watch: Watch) -> ServiceResult<(RunReport, RunResult, Ranks)> {
    let (cohort, digest) = load_cohort(store, id)?;
    let outcome = run::run(&cohort, Effort::default(), watch).map_err(|why| match why {
        RunError::Cancelled(why) => ServiceError::Conflict(why.to_string()),
        why => ServiceError::Internal(why.to_string()),
    })?;
    let report = report(&cohort, &outcome, digest);
    let result = result_of(&cohort, &outcome, &report)?;
    let mut ranks = Ranks::new();
    for (at, code) in cohort.coachees.code.iter().enumerate() {
        ranks.entry(eligible::priority(&cohort, at)).or_default().push(code.clone());
    }
    Ok((report, result, ranks))
}

fn result_of(cohort: &Cohort, outcome: &Outcome, report: &RunReport) -> ServiceResult<RunResult> {
    let code = |coachee: u32| cohort.coachees.code[coachee as usize].clone();
    let mut pairs = Vec::with_capacity(outcome.plan.pairs.len());
    for pair in &outcome.plan.pairs {
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
