//! How the jobs in the background are doing, for whoever operates the service.

use std::time::Duration;

use super::{Act, Actor, Right, ServiceResult};
use crate::domain::{Job, JobFailure, JobHealth, MailStatus};
pub use crate::store::jobs::JobState;
use crate::store::jobs::{self, Round};
use crate::store::types::Stamp;
use crate::store::{Db, Store};

/// Notes rounds of jobs.
///
/// # Errors
/// Those of the store.
pub fn note(store: &Store, rounds: &[Round]) -> ServiceResult<()> {
    store.write(|db| Ok(jobs::note(db, rounds)?))
}

/// A job and how it is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The job.
    pub job: Job,
    /// In one word.
    pub health: JobHealth,
    /// What is known of its rounds; none: it was never done.
    pub state: Option<JobState>,
}

impl Watched {
    /// Whether somebody should look.
    pub fn is_wrong(&self) -> bool {
        matches!(self.health, JobHealth::Failing | JobHealth::Late)
    }
}

/// The key of the words that say what to do, where somebody should do something.
pub fn advice(health: JobHealth, failure: Option<JobFailure>) -> Option<String> {
    match (health, failure) {
        (JobHealth::Late, _) => Some("jobs.advice.late".into()),
        (JobHealth::Failing, Some(failure)) => Some(format!("jobs.advice.{failure}")),
        _ => None,
    }
}

/// What is in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbox {
    /// How many mails wait.
    pub queued: i64,
    /// How many are being handed over.
    pub sending: i64,
    /// How many were given up.
    pub dead: i64,
    /// For how long the mail waits that should have gone out first; zero when none is due.
    pub overdue: Duration,
}

/// How the jobs and the outbox are doing, for who runs the programme for all and for auditors.
///
/// # Errors
/// When it is neither of them.
pub fn overview(db: &mut Db, act: &Act) -> ServiceResult<(Vec<Watched>, Outbox)> {
    if let Actor::Caller(caller) = &act.actor {
        caller.check(Right::Overseer)?;
    }
    Ok((watched(db, act.now)?, outbox(db, act.now)?))
}

/// Every job, in the order in which they are declared.
pub(super) fn watched(db: &mut Db, now: Stamp) -> ServiceResult<Vec<Watched>> {
    let mut known: Vec<JobState> = jobs::all(db)?;
    let watched = |&job: &Job| {
        let state = known.iter().position(|state| state.job.0 == job).map(|at| known.swap_remove(at));
        Watched { job, health: health(job, state.as_ref(), now), state }
    };
    Ok(Job::ALL.iter().map(watched).collect())
}

/// What is in the outbox at a time.
///
/// # Errors
/// Those of the store.
pub fn outbox(db: &mut Db, now: Stamp) -> ServiceResult<Outbox> {
    let oldest = jobs::oldest_mail(db)?;
    let overdue = oldest.and_then(|since| (now.time() - since.time()).to_std().ok()).unwrap_or_default();
    let (queued, sending, dead) = (
        jobs::mails(db, MailStatus::Queued)?,
        jobs::mails(db, MailStatus::Sending)?,
        jobs::mails(db, MailStatus::Dead)?,
    );
    Ok(Outbox { queued, sending, dead, overdue })
}

fn health(job: Job, state: Option<&JobState>, now: Stamp) -> JobHealth {
    let Some(state) = state else { return JobHealth::NotYet };
    let is_late = job.late_after().is_some_and(|late| now.time() - state.noted_at.time() > late);
    match state.failing_since {
        _ if is_late => JobHealth::Late,
        Some(_) => JobHealth::Failing,
        None => JobHealth::Well,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::store::types::Word;

    fn at(minutes: i64) -> Stamp {
        Stamp::new(DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes))
    }

    #[test]
    fn a_job_that_nobody_does_is_late_whatever_its_last_round_was() {
        let mut state = JobState {
            job: Word(Job::OffersExpire),
            noted_at: at(0),
            well_at: Some(at(0)),
            failing_since: None,
            failures: 0,
            failure: None,
            done: 0,
            millis: 3,
        };
        let health = |state: Option<&JobState>, now| health(Job::OffersExpire, state, at(now));
        assert_eq!((health(None, 0), health(Some(&state), 10)), (JobHealth::NotYet, JobHealth::Well));
        assert_eq!(health(Some(&state), 11), JobHealth::Late);
        (state.failing_since, state.failure, state.failures) = (Some(at(0)), Some(Word(JobFailure::Busy)), 1);
        assert_eq!((health(Some(&state), 10), health(Some(&state), 11)), (JobHealth::Failing, JobHealth::Late));
    }
}
