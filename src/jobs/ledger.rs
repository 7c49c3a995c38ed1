//! What became of rounds of jobs: counted in this process, and noted in the database for whoever watches.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::{Job, JobFailure};
use crate::metrics::Metrics;
use crate::services::{ServiceError, jobs};
use crate::store::jobs::Round;
use crate::store::types::Stamp;
use crate::store::{Store, StoreError};

/// A job that does well is noted no more often than this: some have a round each second.
const NOTE_EVERY: TimeDelta = TimeDelta::minutes(1);

/// What one thread remembers of the jobs it does.
pub(super) struct Ledger {
    store: Store,
    metrics: Metrics,
    noted: HashMap<Job, Noted>,
    /// Rounds to be noted.
    open: Vec<Round>,
}

/// What was noted last of a job.
#[derive(Default)]
struct Noted {
    at: Option<Stamp>,
    failed: bool,
    /// Changes since then.
    done: i64,
}

impl Ledger {
    pub(super) fn new(store: Store, metrics: Metrics) -> Self {
        Self { store, metrics, noted: HashMap::new(), open: Vec::new() }
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    pub(super) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Takes note of a round that changed so many things, or failed.
    pub(super) fn round(&mut self, job: Job, now: Stamp, took: Duration, outcome: Result<usize, JobFailure>) {
        self.metrics.round(job, now.time(), took, outcome);
        let noted = self.noted.entry(job).or_default();
        noted.done += outcome.map_or(0, |changed| i64::try_from(changed).unwrap_or(i64::MAX));
        let is_fresh = noted.at.is_some_and(|at| now.time() - at.time() < NOTE_EVERY);
        if is_fresh && outcome.is_err() == noted.failed {
            return;
        }
        let round = Round {
            job,
            now,
            millis: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
            done: std::mem::take(&mut noted.done),
            failure: outcome.err(),
        };
        (noted.at, noted.failed) = (Some(now), outcome.is_err());
        self.open.push(round);
    }

    /// Writes down what is open. Where that cannot be, it is forgotten: the next rounds tell the same.
    pub(super) fn close(&mut self) {
        if self.open.is_empty() {
            return;
        }
        if let Err(why) = jobs::note(&self.store, &self.open) {
            tracing::warn!(%why, "the state of jobs could not be noted");
            for round in &self.open {
                let noted = self.noted.entry(round.job).or_default();
                (noted.at, noted.done) = (None, noted.done + round.done);
            }
        }
        self.open.clear();
    }
}

/// What whoever watches can do something about.
pub(super) fn failure(why: &ServiceError) -> JobFailure {
    match why {
        ServiceError::Store(StoreError::Unavailable(_)) => JobFailure::Database,
        ServiceError::Store(StoreError::Busy(_)) => JobFailure::Busy,
        _ => JobFailure::Internal,
    }
}
