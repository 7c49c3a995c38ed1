//! What is done again and again at set intervals.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use chrono::TimeDelta;

use super::ledger::{Ledger, failure};
use crate::domain::{Job, JobFailure};
use crate::metrics::Metrics;
use crate::services::{
    Act, Actor, ServiceResult, audit_log, coaches, digests, erasures, housekeeping, offers, reminders,
};
use crate::store::Store;
use crate::store::types::Stamp;

/// The name of this part of the program in the audit log.
const ACTOR: &str = "timetable";

/// A job that failed is tried again after this, even where it is done once an hour.
const RETRY_AFTER: TimeDelta = TimeDelta::minutes(1);

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
    pace: Pace,
    jobs: Vec<Entry>,
    ledger: Ledger,
}

struct Entry {
    job: Job,
    due: Option<Stamp>,
    work: Work,
}

type Work = fn(&Store, Pace, Stamp) -> ServiceResult<usize>;

/// What each job does.
const WORK: [(Job, Work); 12] = [
    (Job::OffersExpire, |store, _, now| offers::expire_due(store, &act(now))),
    (Job::ProposalsGivenUp, |store, _, now| reminders::give_up_proposals(store, &act(now))),
    (Job::PausesEnd, |store, _, now| coaches::end_pauses(store, &act(now))),
    (Job::SessionReminders, |store, _, now| {
        Ok(reminders::of_sessions(store, now)? + reminders::of_proposals(store, now)?)
    }),
    (Job::OfferReminders, |store, _, now| reminders::of_offers(store, now)),
    (Job::FeedbackQuestions, |store, _, now| reminders::after_sessions(store, now)),
    (Job::QuietPairs, |store, pace, now| reminders::of_quiet_pairs(store, now, pace.quiet_days)),
    (Job::CoachDigests, |store, _, now| digests::to_coaches(store, now)),
    (Job::AdminDigests, |store, _, now| digests::to_admins(store, now)),
    (Job::Housekeeping, |store, pace, now| housekeeping::sweep(store, now, pace.keep_mail_days)),
    (Job::Erasures, |store, _, now| erasures::carry_out_due(store, now)),
    // Not counted: nothing that anybody sees is changed.
    (Job::AuditSeals, |store, _, now| audit_log::seal(store, now).map(|_| 0)),
];

impl Timetable {
    /// The jobs of the service, all due at once.
    pub fn new(store: Store, pace: Pace) -> Self {
        Self::counted(store, pace, Metrics::default())
    }

    /// The same, with rounds counted by others' counters.
    pub fn counted(store: Store, pace: Pace, metrics: Metrics) -> Self {
        let entry = |(job, work)| Entry { job, due: None, work };
        Self { pace, jobs: WORK.map(entry).into(), ledger: Ledger::new(store, metrics) }
    }

    /// The store that the jobs work on.
    pub(super) const fn store(&self) -> &Store {
        self.ledger.store()
    }

    /// What rounds are counted by.
    pub(super) const fn metrics(&self) -> &Metrics {
        self.ledger.metrics()
    }

    /// Does what is due; says how many things were changed. What fails is logged and done again next time.
    pub fn run_due(&mut self, now: Stamp) -> usize {
        let mut changed = 0;
        for entry in &mut self.jobs {
            if entry.due.is_some_and(|due| now < due) {
                continue;
            }
            entry.due = Some(Stamp::new(now.time() + entry.job.every()));
            let began = Instant::now();
            let work = AssertUnwindSafe(|| (entry.work)(self.ledger.store(), self.pace, now));
            // A mistake in one job must not keep the others from their rounds.
            let outcome = match std::panic::catch_unwind(work) {
                Ok(Ok(number)) => Ok(number),
                Ok(Err(why)) => {
                    tracing::warn!(job = %entry.job, %why, "a job failed; tried again next time");
                    Err(failure(&why))
                }
                Err(_) => {
                    tracing::error!(job = %entry.job, "a job ended in a panic; tried again next time");
                    Err(JobFailure::Internal)
                }
            };
            if outcome.is_err() {
                let soon = Stamp::new(now.time() + RETRY_AFTER.min(entry.job.every()));
                entry.due = Some(soon);
            }
            changed += outcome.unwrap_or(0);
            self.ledger.round(entry.job, now, began.elapsed(), outcome);
        }
        self.ledger.close();
        changed
    }
}

/// An act of this part of the program.
fn act(now: Stamp) -> Act {
    Act::new(Actor::System(ACTOR), now)
}
