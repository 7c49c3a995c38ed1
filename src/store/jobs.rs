//! What became of the latest rounds of jobs in the background.

use diesel::prelude::*;

use super::schema::{job_states, outbox};
use super::types::{Stamp, Word};
use super::{Db, StoreResult};
use crate::domain::{Job, JobFailure, MailStatus};

/// The latest rounds of a job, whichever process did them.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct JobState {
    /// The job.
    pub job: Word<Job>,
    /// When a round was noted last.
    pub noted_at: Stamp,
    /// When one was noted last that went well.
    pub well_at: Option<Stamp>,
    /// Since when all have failed; none: the latest went well.
    pub failing_since: Option<Stamp>,
    /// How many failures in a row were noted.
    pub failures: i32,
    /// Why the latest failed.
    pub failure: Option<Word<JobFailure>>,
    /// How many things all rounds together have changed.
    pub done: i64,
    /// How long the latest took, in milliseconds.
    pub millis: i64,
}

/// A round to be noted.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// Of which job.
    pub job: Job,
    /// When.
    pub now: Stamp,
    /// How long it took, in milliseconds.
    pub millis: i64,
    /// How many things were changed, here and in rounds before that were not noted.
    pub done: i64,
    /// Why it failed; none: it went well.
    pub failure: Option<JobFailure>,
}

/// Notes rounds.
///
/// # Errors
/// When the database cannot be written.
pub fn note(db: &mut Db, rounds: &[Round]) -> StoreResult<()> {
    for round in rounds {
        let new = row!(job_states { job: round.job.as_str(), noted_at: round.now });
        let insert = diesel::insert_into(job_states::table).values(new);
        match db {
            Db::Pg(pg) => insert.on_conflict_do_nothing().execute(pg)?,
            Db::Sqlite(sqlite) => insert.on_conflict_do_nothing().execute(sqlite)?,
        };
        let state = diesel::update(job_states::table.find(round.job.as_str()));
        let done = job_states::done.eq(job_states::done + round.done);
        let common = (job_states::noted_at.eq(round.now), job_states::millis.eq(round.millis), done);
        match round.failure {
            None => {
                let well = row!(job_states {
                    well_at: round.now,
                    failing_since: None::<Stamp>,
                    failures: 0,
                    failure: None::<&str>,
                });
                state.set((common, well)).execute(db)?
            }
            Some(failure) => {
                let since = diesel::dsl::sql::<diesel::sql_types::Nullable<super::types::sql::Stamp>>(
                    "COALESCE(failing_since, ",
                )
                .bind::<super::types::sql::Stamp, _>(round.now)
                .sql(")");
                let failed = (
                    job_states::failing_since.eq(since),
                    job_states::failures.eq(job_states::failures + 1),
                    job_states::failure.eq(failure.as_str()),
                );
                state.set((common, failed)).execute(db)?
            }
        };
    }
    Ok(())
}

/// The states of all jobs that were ever noted.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db) -> StoreResult<Vec<JobState>> {
    Ok(job_states::table.order(job_states::job).load(db)?)
}

/// How many mails are in a state. Of those that are over there may be millions.
///
/// # Errors
/// When the database cannot be read.
pub fn mails(db: &mut Db, status: MailStatus) -> StoreResult<i64> {
    Ok(outbox::table.filter(outbox::status.eq(status.as_str())).count().get_result(db)?)
}

/// When the mail should have gone out that waits longest; none waits: none.
///
/// # Errors
/// When the database cannot be read.
pub fn oldest_mail(db: &mut Db) -> StoreResult<Option<Stamp>> {
    let waits = outbox::table.filter(outbox::status.eq(MailStatus::Queued.as_str()));
    let oldest = waits.order(outbox::not_before).select(outbox::not_before).first(db);
    Ok(oldest.optional()?)
}
