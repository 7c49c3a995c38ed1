//! Runs: asking for one, computing it, publishing it, throwing it away.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

pub use super::publish::{LeftOut, Published, Selection, publish};
use super::run_input::Halt;
pub use super::run_input::kept as kept_input;
pub use super::run_record::{Computed, Repeated, computed, repeat, report_of};
use super::run_work::find;
use super::{Act, Actor, ServiceError, ServiceResult, run_letters, run_ranks, run_watch};
use crate::clock::Clock;
use crate::domain::{Notice, Obstacle, Policy, RunFailure, RunStep};
use crate::matching::report::RunReport;
use crate::matching::watch::Watch;
use crate::store::runs::NewRun;
use crate::store::types::Stamp;
use crate::store::{Db, RunId, Store, StoreError, cohort_terms, cohorts, pairs, run_inputs, run_progress, runs};
use crate::tabular::snapshot::FORMAT;

/// The name under which policies of runs are kept. Nothing but the run follows them, published or not.
const POLICY_NAME: &str = "run";

/// The policy that a run was computed under.
pub(super) fn policy_of_run(db: &mut Db, run: RunId) -> ServiceResult<Policy> {
    let run = runs::get(db, run)?;
    Ok(cohorts::get_policy(db, run.policy)?.policy)
}

/// The policy that a run of a cohort follows unless another is said: the cohort's.
///
/// # Errors
/// When there is no such cohort.
pub fn policy_in_use(db: &mut Db, cohort: &str) -> ServiceResult<Policy> {
    match cohorts::by_code(db, cohort)? {
        Some(cohort) => Ok(cohort_terms::policy(db, cohort.id)?),
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

/// Asks for a run of a cohort, by the programme: an agency's admin where the cohort is for the agency alone. Returns
/// its id.
///
/// # Errors
/// When it is not the programme, the policy cannot be used or there is no such cohort.
pub fn create(db: &mut Db, act: &Act, order: &Order) -> ServiceResult<RunId> {
    order.policy.check().map_err(|bad| ServiceError::Invalid(bad.to_string()))?;
    act.record(db, "run", |db, journal| {
        let Some(cohort) = cohorts::by_code(db, &order.cohort)? else {
            return Err(ServiceError::Missing(format!("there is no cohort {}", order.cohort)));
        };
        act.allow(act.by_programme_of_cohort(db, cohort.id)?)?;
        let policy = cohorts::keep_policy(db, Some(cohort.id), POLICY_NAME, &order.policy, act.now)?;
        let objective = order.policy.objective;
        let new = NewRun {
            cohort: cohort.id,
            policy: policy.id,
            objective,
            seed: order.seed,
            as_of: order.as_of,
            ordered_by: act.account(),
        };
        let id = runs::create(db, &new, act.now)?;
        let facts = serde_json::json!({ "objective": objective, "seed": order.seed.to_string() });
        journal.note("run", id.uuid(), "created", &facts)?;
        Ok(id)
    })
}

/// [`compute_by`] the clock of this machine.
///
/// # Errors
/// As [`compute_by`].
pub fn compute(store: &Store, id: RunId, actor: &'static str, watch: Watch) -> ServiceResult<RunReport> {
    compute_by(&Clock::system(), store, id, actor, watch)
}

/// Computes a queued run and keeps what it found, with what it worked on. Pairs stay unseen until it is
/// published. Who throws the run away meanwhile ends the computing within seconds.
///
/// # Errors
/// When the run is not queued, or cannot be computed. It is queued again then, at most [`MOST_TRIES`] times, or
/// else given up; at once where trying again is of no use.
pub fn compute_by(
    clock: &Clock,
    store: &Store,
    id: RunId,
    actor: &'static str,
    watch: Watch,
) -> ServiceResult<RunReport> {
    // Of the moment: computing takes a while.
    let act = || Act::new(Actor::System(actor), Stamp::new(clock.now()));
    store.write(|db| {
        act().record(db, "run", |db, journal| {
            runs::start(db, id, journal.now())?;
            run_progress::forget(db, id)?;
            journal.note("run", id.uuid(), "started", &serde_json::json!({}))
        })
    })?;
    let computed = run_watch::told(store, clock, id, watch, |watch, stage| {
        let found = find(store, id, act().today(), watch)?;
        stage.enter(RunStep::Save);
        let totals = &found.result.totals;
        let facts = serde_json::json!({ "matched": totals.matched, "digest": totals.input_digest });
        patiently(|| {
            store.write(|db| {
                act().record(db, "run", |db, journal| {
                    runs::save_result(db, id, &found.result, journal.now())?;
                    pairs::already_out(db, id, &found.accepted)?;
                    run_inputs::keep(db, id, FORMAT, &found.archive_digest, &found.archive, journal.now())?;
                    run_ranks::keep(db, id, &found.ranks)?;
                    run_letters::tell(db, id, Notice::RunFinished, journal.now())?;
                    journal.note("run", id.uuid(), "computed", &facts)
                })
            })
        })?;
        Ok(found.report)
    });
    // Not in the transaction that saves: how far it is, is said while that goes on, and PostgreSQL would make it start
    // over each time, for ever where saving takes longer than a second. What a process leaves that ends here is not
    // shown, and overwritten or forgotten with the run.
    if let Err(why) = store.queue(|db| run_progress::forget(db, id)) {
        tracing::warn!(%why, "how far a run was is not forgotten");
    }
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
        Halt::Impossible(failure, obstacle) => give_up(db, act, id, *failure, Some(obstacle)),
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

fn give_up(db: &mut Db, act: &Act, id: RunId, failure: RunFailure, obstacle: Option<&Obstacle>) -> ServiceResult<()> {
    let detail = obstacle.map(serde_json::to_string).transpose();
    let detail = detail.map_err(|why| ServiceError::Internal(why.to_string()))?;
    act.record(db, "run", |db, journal| {
        runs::fail(db, id, failure, detail.as_deref(), act.now)?;
        run_progress::forget(db, id)?;
        run_letters::tell(db, id, Notice::RunFailed, act.now)?;
        journal.note("run", id.uuid(), "given_up", &serde_json::json!({ "failure": failure }))
    })
}

/// Computes the oldest run that waits, after queueing again those whose process is gone. Says which it
/// was, and what came of it; none when no run waits.
///
/// # Errors
/// Those of the store, before a run is taken.
pub fn compute_next(
    clock: &Clock,
    store: &Store,
    actor: &'static str,
    watch: Watch,
) -> ServiceResult<Option<(RunId, ServiceResult<()>)>> {
    let act = Act::new(Actor::System(actor), Stamp::new(clock.now()));
    let since = Stamp::new(act.now.time() - SILENT);
    for gone in store.read(|db| run_progress::silent(db, since))? {
        match store.write(|db| try_again(db, &act, gone, RunFailure::Ended)) {
            // Another process was first.
            Ok(()) | Err(ServiceError::Conflict(_)) => {}
            Err(why) => return Err(why),
        }
    }
    let Some(next) = store.read(runs::next_queued)? else { return Ok(None) };
    Ok(Some((next, compute_by(clock, store, next, actor, watch).map(drop))))
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
    act.record(db, "run", |db, journal| {
        let cohort = runs::get(db, id)?.cohort;
        act.allow(act.by_programme_of_cohort(db, cohort)?)?;
        runs::discard(db, id, act.now)?;
        run_progress::forget(db, id)?;
        journal.note("run", id.uuid(), "discarded", &serde_json::json!({}))
    })
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
