//! What is done again and again at set intervals.

use chrono::TimeDelta;

use crate::services::{Act, Actor, ServiceResult, audit_log, erasures, housekeeping, offers};
use crate::store::Store;
use crate::store::types::Stamp;

/// The name of this part of the program in the audit log.
const ACTOR: &str = "timetable";

/// Jobs and when each is due. Running one twice, or in two processes at once, does no harm.
pub struct Timetable {
    store: Store,
    jobs: Vec<Job>,
}

struct Job {
    name: &'static str,
    every: TimeDelta,
    due: Option<Stamp>,
    work: fn(&Store, Stamp) -> ServiceResult<usize>,
}

impl Timetable {
    /// The jobs of the service, all due at once.
    pub fn new(store: Store) -> Self {
        let job = |name, every, work| Job { name, every, due: None, work };
        Self {
            store,
            jobs: vec![
                job("offers expire", TimeDelta::minutes(1), |store, now| {
                    offers::expire_due(store, &Act::new(Actor::System(ACTOR), now))
                }),
                job("wishes to be erased are carried out", TimeDelta::hours(1), erasures::carry_out_due),
                // Not counted: nothing that anybody sees is changed.
                job("audit entries are sealed", TimeDelta::seconds(1), |store, now| {
                    audit_log::seal(store, now).map(|_| 0)
                }),
                job("what is over is taken away", TimeDelta::hours(1), housekeeping::sweep),
            ],
        }
    }

    /// The store that the jobs work on.
    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    /// Does what is due; says how many things were changed. What fails is logged and done again next time.
    pub fn run_due(&mut self, now: Stamp) -> usize {
        let mut changed = 0;
        for job in &mut self.jobs {
            if job.due.is_some_and(|due| now < due) {
                continue;
            }
            job.due = Some(Stamp::new(now.time() + job.every));
            match (job.work)(&self.store, now) {
                Ok(number) => changed += number,
                Err(why) => tracing::warn!(job = job.name, %why, "a job failed; tried again next time"),
            }
        }
        changed
    }
}
