//! What is done again and again at set intervals.

use chrono::TimeDelta;

use crate::services::{Act, Actor, ServiceResult, audit_log, digests, erasures, housekeeping, offers, reminders};
use crate::store::Store;
use crate::store::types::Stamp;

/// The name of this part of the program in the audit log.
const ACTOR: &str = "timetable";

/// What the programme sets of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// After how many days without a session a pair counts as gone quiet.
    pub quiet_days: u16,
    /// How many days mails are kept that were sent.
    pub keep_mail_days: u16,
}

/// Jobs and when each is due. Running one twice, or in two processes at once, does no harm.
pub struct Timetable {
    store: Store,
    pace: Pace,
    jobs: Vec<Job>,
}

struct Job {
    name: &'static str,
    every: TimeDelta,
    due: Option<Stamp>,
    work: fn(&Store, Pace, Stamp) -> ServiceResult<usize>,
}

impl Timetable {
    /// The jobs of the service, all due at once.
    pub fn new(store: Store, pace: Pace) -> Self {
        let job = |name, every, work| Job { name, every, due: None, work };
        Self {
            store,
            pace,
            jobs: vec![
                job("offers expire", TimeDelta::minutes(1), |store, _, now| offers::expire_due(store, &act(now))),
                job("proposals of sessions are given up", TimeDelta::minutes(1), |store, _, now| {
                    reminders::give_up_proposals(store, &act(now))
                }),
                job("reminders of sessions", TimeDelta::minutes(1), |store, _, now| reminders::of_sessions(store, now)),
                job("reminders of offers", TimeDelta::minutes(5), |store, _, now| reminders::of_offers(store, now)),
                job("questions after sessions", TimeDelta::minutes(5), |store, _, now| {
                    reminders::after_sessions(store, now)
                }),
                job("pairs gone quiet", TimeDelta::hours(1), |store, pace, now| {
                    reminders::of_quiet_pairs(store, now, pace.quiet_days)
                }),
                job("weeks of coaches", TimeDelta::minutes(10), |store, _, now| digests::to_coaches(store, now)),
                job("days of the programme", TimeDelta::minutes(10), |store, _, now| digests::to_admins(store, now)),
                job("what is over is taken away", TimeDelta::hours(1), |store, pace, now| {
                    housekeeping::sweep(store, now, pace.keep_mail_days)
                }),
                job("wishes to be erased are carried out", TimeDelta::hours(1), |store, _, now| {
                    erasures::carry_out_due(store, now)
                }),
                // Not counted: nothing that anybody sees is changed.
                job("audit entries are sealed", TimeDelta::seconds(1), |store, _, now| {
                    audit_log::seal(store, now).map(|_| 0)
                }),
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
            match (job.work)(&self.store, self.pace, now) {
                Ok(number) => changed += number,
                Err(why) => tracing::warn!(job = job.name, %why, "a job failed; tried again next time"),
            }
        }
        changed
    }
}

/// An act of this part of the program.
fn act(now: Stamp) -> Act {
    Act::new(Actor::System(ACTOR), now)
}
