//! Runs: asking for one, computing it, publishing it, throwing it away.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

pub use super::publish::{LeftOut, Published, Selection, publish};
pub use super::run_input::kept as kept_input;
use super::run_input::Halt;
use super::{Act, Actor, ServiceError, ServiceResult, eligible, run_input, run_watch};
use crate::domain::{Objective, PersonCode, Policy, RunFailure, RunStep};
use crate::matching::certificate::Points;
use crate::matching::report::{NamedPair, RunReport, report};
use crate::matching::run::{Effort, Outcome, Pair};
use crate::matching::watch::Watch;
use crate::matching::{Cohort, Standing, run};
use crate::store::pairs::{PairResult, PriceResult, WaitingResult};
use crate::store::runs::{NewRun, RunResult, RunTotals};
use crate::store::types::{Doc, Stamp};
use crate::store::{
    CohortId, Db, PersonId, RunId, Store, StoreError, cohorts, pairs, people, requests, run_inputs, run_progress, runs,
};
use crate::tabular::hash::sha256;
use crate::tabular::snapshot::{FORMAT, InputSnapshot};

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

/// Computes a queued run and keeps what it found, with what it worked on. Pairs stay unseen until it is
/// published. Who throws the run away meanwhile ends the computing within seconds.
///
/// # Errors
/// When the run is not queued, or cannot be computed. It is queued again then, at most [`MOST_TRIES`] times, or
/// else given up; at once where trying again is of no use.
pub fn compute(store: &Store, id: RunId, actor: &'static str, watch: Watch) -> ServiceResult<RunReport> {
    let act = || Act::new(Actor::System(actor), Stamp::now());
    store.write(|db| {
        act().record(db, "run", |db, journal| {
            runs::start(db, id, journal.now())?;
            journal.note("run", id.uuid(), "started", &serde_json::json!({}))
        })
    })?;
    let computed = run_watch::told(store, id, watch, |watch, stage| {
        let found = find(store, id, watch)?;
        stage.enter(RunStep::Save);
        let totals = &found.result.totals;
        let facts = serde_json::json!({ "matched": totals.matched, "digest": totals.input_digest });
        patiently(|| {
            store.write(|db| {
                act().record(db, "run", |db, journal| {
                    runs::save_result(db, id, &found.result, journal.now())?;
                    run_inputs::keep(db, id, FORMAT, &found.archive_digest, &found.archive, journal.now())?;
                    rank(db, id, &found.ranks)?;
                    run_progress::forget(db, id)?;
                    journal.note("run", id.uuid(), "computed", &facts)
                })
            })
        })?;
        Ok(found.report)
    });
    computed.map_err(|halt| {
        // What went wrong first says more than that the run could not be queued again.
        let _ = patiently(|| store.write(|db| put_back(db, &act(), id, &halt)));
        halt.into()
    })
}

/// How often computing a run is begun before it is given up.
pub const MOST_TRIES: i16 = 3;

/// What becomes of a run that was not computed.
fn put_back(db: &mut Db, act: &Act, id: RunId, halt: &Halt) -> ServiceResult<()> {
    match halt {
        Halt::Impossible(failure, detail) => give_up(db, act, id, *failure, Some(detail)),
        Halt::Other(_) => try_again(db, act, id, RunFailure::Internal),
        Halt::Stopped(_) => {
            requeue(db, act, id)?;
            Ok(runs::forgive(db, id)?)
        }
    }
}

/// Queues a run again, or gives it up after too many tries.
fn try_again(db: &mut Db, act: &Act, id: RunId, failure: RunFailure) -> ServiceResult<()> {
    if runs::get(db, id)?.tries >= MOST_TRIES { give_up(db, act, id, failure, None) } else { requeue(db, act, id) }
}

fn give_up(db: &mut Db, act: &Act, id: RunId, failure: RunFailure, detail: Option<&str>) -> ServiceResult<()> {
    act.record(db, "run", |db, journal| {
        runs::fail(db, id, failure, detail, act.now)?;
        run_progress::forget(db, id)?;
        journal.note("run", id.uuid(), "given_up", &serde_json::json!({ "failure": failure }))
    })
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
        match store.write(|db| try_again(db, &act, gone, RunFailure::Ended)) {
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
    /// The cohort, with the pairs that were pinned.
    pub cohort: Cohort,
    /// The pairs and prices, by position in the cohort; without pinned pairs.
    pub standing: Standing,
    /// The report.
    pub report: RunReport,
}

/// A computed run with its cohort as it was then, for whoever wants to take it away or ask about single pairs.
///
/// # Errors
/// When there is no such run, it is not computed, or it is of the time before inputs were kept and its
/// cohort has changed since.
pub fn computed(store: &Store, id: RunId) -> ServiceResult<Computed> {
    let report = report_of(store, id)?;
    let input = run_input::of_run(store, id, &report.input_digest)?;
    let cohort = input.kept().map_err(|why| ServiceError::Internal(why.to_string()))?;
    let (stored, priced) = store.snapshot(|db| Ok::<_, StoreError>((pairs::all(db, id)?, pairs::prices(db, id)?)))?;
    let coachees = run_input::places(&cohort.coachees.code);
    let coaches = run_input::places(&cohort.coaches.code);
    let pair = |(coachee, coach): &(PersonCode, PersonCode)| {
        let coachee = *coachees.get(coachee.as_str())?;
        (!cohort.kept_focus.contains_key(&coachee)).then_some((coachee, *coaches.get(coach.as_str())?))
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

/// What computing a run has come to.
struct Found {
    report: RunReport,
    result: RunResult,
    ranks: Ranks,
    archive: Vec<u8>,
    archive_digest: String,
}

fn find(store: &Store, id: RunId, watch: Watch) -> Result<Found, Halt> {
    let input = run_input::fresh(store, id)?;
    let archive = input.write()?;
    let Worked { cohort, outcome, report } = work(input, watch)?;
    let mut ranks = Ranks::new();
    for (at, code) in cohort.coachees.code.iter().enumerate() {
        ranks.entry(eligible::priority(&cohort, at)).or_default().push(code.clone());
    }
    Ok(Found {
        result: result_of(&cohort, &outcome, &report)?,
        report,
        ranks,
        archive_digest: sha256(&archive),
        archive,
    })
}

/// What an input has come to.
struct Worked {
    cohort: Cohort,
    outcome: Outcome,
    report: RunReport,
}

/// Matches an input: the same input gives the same report, byte for byte.
fn work(input: InputSnapshot, watch: Watch) -> Result<Worked, Halt> {
    let InputSnapshot { mut cohort, pinned, before, digest } = input;
    let free = (!pinned.is_empty()).then(|| cohort.clone());
    cohort.keep(&pinned)?;
    let outcome = run::run_from(&cohort, before.as_ref(), Effort::default(), watch)?;
    let mut report = report(&cohort, &outcome, digest);
    if let Some(free) = free {
        report.pin_costs = run::pin_costs(&free, &cohort, &outcome, Effort::default(), watch)?;
    }
    Ok(Worked { cohort, outcome, report })
}

/// What was found when a run was worked out once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// The same pairs, and the same report byte for byte.
    Same,
    /// Something else; the program that computed it was of another version.
    OtherVersion,
    /// Something else, by the same program: one of the two is wrong.
    Differs,
}

/// Works a computed run out once more from what was kept of its input, and holds it against what was found then.
///
/// # Errors
/// When there is no such run, it is not computed, or its input was not kept.
pub fn repeat(store: &Store, id: RunId, watch: Watch) -> ServiceResult<Repeated> {
    let stored = report_of(store, id)?;
    let Some((_, input)) = run_input::kept(store, id)? else {
        return Err(ServiceError::Conflict("the input of the run was not kept".into()));
    };
    let Worked { cohort, outcome, report } = work(input, watch)?;
    let named = |pair: &Pair| NamedPair::of(&cohort, (pair.coachee, pair.coach));
    let found: Vec<NamedPair> = cohort.with_kept(&outcome.plan.pairs).iter().map(named).collect();
    let known = store.snapshot(|db| pairs::all(db, id))?;
    let known = known.into_iter().map(|(coachee, coach)| NamedPair { coachee, coach });
    let same = report == stored && known.eq(found);
    Ok(match same {
        true => Repeated::Same,
        false if stored.version != env!("CARGO_PKG_VERSION") => Repeated::OtherVersion,
        false => Repeated::Differs,
    })
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
