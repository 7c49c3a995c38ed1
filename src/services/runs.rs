//! Runs: asking for one, computing it, publishing it, throwing it away.

use std::collections::HashMap;
use std::time::Duration;

use chrono::NaiveDate;

use super::{ServiceError, ServiceResult};
use crate::domain::{Objective, PersonCode, Policy, Reference};
use crate::matching::certificate::Points;
use crate::matching::report::{RunReport, report};
use crate::matching::run::{Effort, Outcome, RunError};
use crate::matching::watch::Watch;
use crate::matching::{Cohort, Standing, run};
use crate::store::pairs::{PairResult, PriceResult, WaitingResult};
use crate::store::runs::{NewRun, RunResult, RunTotals};
use crate::store::types::{Doc, Stamp};
use crate::store::{Db, RunId, Store, StoreError, audit, cohorts, pairs, records, reference, runs};
use crate::tabular::digest;

/// The name under which policies made for single runs are kept.
const POLICY_NAME: &str = "run";

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

/// Asks for a run of a cohort. Returns its id.
///
/// # Errors
/// When the policy cannot be used or there is no such cohort.
pub fn create(store: &Store, order: &Order, actor: &str, now: Stamp) -> ServiceResult<RunId> {
    order.policy.check().map_err(|bad| ServiceError::Invalid(bad.to_string()))?;
    store.write(|db| {
        let Some(cohort) = cohorts::by_code(db, &order.cohort)? else {
            return Err(ServiceError::Missing(format!("there is no cohort {}", order.cohort)));
        };
        let policy = cohorts::keep_policy(db, Some(cohort.id), POLICY_NAME, &order.policy, now)?;
        let objective = order.policy.objective;
        let new = NewRun { cohort: cohort.id, policy: policy.id, objective, seed: order.seed, as_of: order.as_of };
        let id = runs::create(db, &new, now)?;
        let facts = serde_json::json!({ "objective": objective, "seed": order.seed.to_string() });
        log(db, actor, "run.created", id, &facts, now)?;
        Ok(id)
    })
}

/// Computes a queued run and keeps what it found. Pairs stay unseen until it is published.
///
/// # Errors
/// When the run is not queued, or its cohort cannot be read as the reference data stand now;
/// the run is queued again then.
pub fn compute(store: &Store, id: RunId, actor: &str, watch: Watch) -> ServiceResult<RunReport> {
    let start = |db: &mut Db| {
        let now = Stamp::now();
        runs::start(db, id, now)?;
        log(db, actor, "run.started", id, &serde_json::json!({}), now)
    };
    store.write(start).map_err(|error| error.about("run"))?;
    let computed = find(store, id, watch).and_then(|(report, result)| {
        let now = Stamp::now();
        patiently(|| {
            store.write(|db| {
                runs::save_result(db, id, &result, now)?;
                let facts =
                    serde_json::json!({ "matched": result.totals.matched, "digest": result.totals.input_digest });
                log(db, actor, "run.computed", id, &facts, now)
            })
        })?;
        Ok(report)
    });
    if computed.is_err() {
        // What went wrong first says more than that the run could not be queued again.
        let _ = patiently(|| requeue(store, id, actor, Stamp::now()));
    }
    computed
}

/// Queues a run again whose computing ended without a result, as when its process was killed.
///
/// # Errors
/// When it is not being computed.
pub fn requeue(store: &Store, id: RunId, actor: &str, now: Stamp) -> ServiceResult<()> {
    store
        .write(|db| {
            runs::requeue(db, id)?;
            log(db, actor, "run.requeued", id, &serde_json::json!({}), now)
        })
        .map_err(|error: ServiceError| error.about("run"))
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

/// Makes the pairs of a computed run proposals.
///
/// # Errors
/// When it is not computed, or the cohort has a published run already.
pub fn publish(store: &Store, id: RunId, actor: &str, now: Stamp) -> ServiceResult<()> {
    store
        .write(|db| {
            let cohort = runs::get(db, id)?.cohort;
            if let Some(other) = runs::published(db, cohort)?.filter(|&other| other != id) {
                let why = format!("run {other} of this cohort is published: its places are given away already");
                return Err(ServiceError::Conflict(why));
            }
            runs::publish(db, id, now)?;
            log(db, actor, "run.published", id, &serde_json::json!({}), now)
        })
        .map_err(|error: ServiceError| error.about("run"))
}

/// Throws a run away that was not published.
///
/// # Errors
/// When it was published or thrown away before.
pub fn discard(store: &Store, id: RunId, actor: &str, now: Stamp) -> ServiceResult<()> {
    store
        .write(|db| {
            runs::discard(db, id, now)?;
            log(db, actor, "run.discarded", id, &serde_json::json!({}), now)
        })
        .map_err(|error: ServiceError| error.about("run"))
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

fn find(store: &Store, id: RunId, watch: Watch) -> ServiceResult<(RunReport, RunResult)> {
    let (cohort, digest) = load_cohort(store, id)?;
    let outcome = run::run(&cohort, Effort::default(), watch).map_err(|why| match why {
        RunError::Cancelled(why) => ServiceError::Conflict(why.to_string()),
        why => ServiceError::Internal(why.to_string()),
    })?;
    let report = report(&cohort, &outcome, digest);
    let result = result_of(&cohort, &outcome, &report)?;
    Ok((report, result))
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

fn log(db: &mut Db, actor: &str, action: &str, run: RunId, facts: &serde_json::Value, now: Stamp) -> ServiceResult<()> {
    let entry = audit::Entry { actor, action, subject_kind: "run", subject: Some(run.uuid()) };
    audit::append(db, &entry, facts, now)?;
    Ok(())
}
