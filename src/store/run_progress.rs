//! How far the computing of runs is, as whoever computes one says every second.

use diesel::prelude::*;

use super::schema::{run_progress, runs};
use super::types::{Stamp, Word};
use super::{Db, RunId, StoreResult};
use crate::domain::{RunStatus, RunStep};

/// How far the computing of a run is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct RunProgress {
    /// What is being done.
    pub step: Word<RunStep>,
    /// The number of the round, of steps that come in rounds.
    pub round: i32,
    /// Thousandths of the step that are done.
    pub done: i32,
    /// By what part in a billion of the bound the total may still miss the best, as proven so far.
    pub gap: Option<i64>,
    /// When this was said.
    pub seen_at: Stamp,
}

/// How far a run is, while it is being computed.
///
/// # Errors
/// When the database cannot be read.
pub fn get(db: &mut Db, run: RunId) -> StoreResult<Option<RunProgress>> {
    let columns =
        (run_progress::phase, run_progress::round, run_progress::done, run_progress::gap, run_progress::seen_at);
    let computing = run_progress::table
        .inner_join(runs::table.on(runs::id.eq(run_progress::run)))
        .filter(run_progress::run.eq(run).and(runs::status.eq(RunStatus::Computing.as_str())));
    Ok(computing.select(columns).get_result(db).optional()?)
}

/// Says how far a run is; false when it is not being computed any more. Runs in [`Store::queue`](super::Store::queue):
/// it must not stand in the way of whoever saves the run meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub fn say(db: &mut Db, run: RunId, progress: &RunProgress) -> StoreResult<bool> {
    let status: Option<Word<RunStatus>> = runs::table.find(run).select(runs::status).get_result(db).optional()?;
    if status.is_none_or(|status| status.0 != RunStatus::Computing) {
        return Ok(false);
    }
    upsert!(db, run_progress by run, {
        run: run,
        phase: progress.step.0.as_str(),
        round: progress.round,
        done: progress.done,
        gap: progress.gap,
        seen_at: progress.seen_at,
    })?;
    Ok(true)
}

/// Forgets how far a run was.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(db: &mut Db, run: RunId) -> StoreResult<()> {
    diesel::delete(run_progress::table.find(run)).execute(db)?;
    Ok(())
}

/// Runs that are being computed, as they say, of which nothing was heard since a time.
///
/// # Errors
/// When the database cannot be read.
pub fn silent(db: &mut Db, since: Stamp) -> StoreResult<Vec<RunId>> {
    let heard = run_progress::table.filter(run_progress::seen_at.ge(since)).select(run_progress::run);
    let silent = runs::table
        .filter(runs::status.eq(RunStatus::Computing.as_str()))
        .filter(runs::started_at.lt(since))
        .filter(runs::id.ne_all(heard));
    Ok(silent.select(runs::id).load(db)?)
}
