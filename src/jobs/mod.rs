//! What runs in the background: letters are delivered, offers expire, runs are computed, what is over is
//! taken away.
//!
//! Any number of processes may do this on one database. Each job has one function that does what is
//! due at a given time and can be called by itself, which is what tests do; here they get threads.
//! What became of their rounds is counted, and noted in the database (`ledger`).

mod backoff;
mod batch;
mod books;
mod courier;
mod ledger;
mod stop;
mod timetable;

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

pub use backoff::Backoff;
pub use courier::{Courier, CourierRules, Tally};
pub use stop::Stop;
pub use timetable::{Pace, Timetable};

use ledger::{Ledger, failure};

use crate::clock::Clock;
use crate::domain::{Job, JobFailure};
use crate::matching::watch::{Order, Watch};
use crate::services::{ServiceError, runs};
use crate::store::types::Stamp;

/// How long a job waits before it looks again whether there is something to do.
const POLL: Duration = Duration::from_secs(1);

/// How long nothing is computed after a run that could not be: it may be the next again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(30);
/// The name of this part of the program in the audit log.
const ACTOR: &str = "jobs";

/// Jobs at work.
pub struct Jobs {
    stop: Stop,
    threads: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts delivering, looking after the timetable and computing runs, each in a thread of its own, so that
    /// neither a slow mail server nor a large cohort keeps an offer from expiring.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn start(mut courier: Courier, mut timetable: Timetable, clock: &Clock, stop: Stop) -> std::io::Result<Self> {
        let ledger = || Ledger::new(timetable.store().clone(), timetable.metrics().clone());
        let (mut mail_ledger, mut run_ledger) = (ledger(), ledger());
        let (mail_stop, mail_clock) = (stop.clone(), clock.clone());
        let mail = move || {
            again_and_again(&mail_stop, Job::Letters, || deliver(&mut courier, &mut mail_ledger, mail_clock.now()));
        };
        let (run_stop, run_clock) = (stop.clone(), clock.clone());
        let runs = move || {
            again_and_again(&run_stop, Job::Runs, || compute_next(&mut run_ledger, &run_clock, &run_stop));
        };
        let (due_stop, due_clock) = (stop.clone(), clock.clone());
        let due = move || {
            again_and_again(&due_stop, Job::OffersExpire, || {
                timetable.run_due(Stamp::new(due_clock.now()));
                false
            });
        };
        let thread = |name: &str| std::thread::Builder::new().name(name.into());
        let mut jobs = Self { stop, threads: vec![thread("courier").spawn(mail)?] };
        jobs.threads.push(thread("timetable").spawn(due)?);
        jobs.threads.push(thread("runs").spawn(runs)?);
        Ok(jobs)
    }

    /// Tells the jobs to end and waits for them. A letter that is being handed over is finished
    /// first, unless that takes longer than `patience`; then its lease runs out, and another sends it.
    pub fn end(self, patience: Duration) {
        self.stop.tell();
        let (ended, waiting) = std::sync::mpsc::channel();
        let threads = self.threads;
        std::thread::spawn(move || {
            for thread in threads {
                if thread.join().is_err() {
                    tracing::error!("a job ended in a panic");
                }
            }
            // Nobody listens any more when patience was shorter.
            let _ = ended.send(());
        });
        if waiting.recv_timeout(patience).is_err() {
            tracing::warn!("jobs did not end in time; what they were at is taken up by others");
        }
    }
}

/// Sends a batch of letters; says whether there were any.
fn deliver(courier: &mut Courier, ledger: &mut Ledger, now: DateTime<Utc>) -> bool {
    let (now, began) = (Stamp::new(now), Instant::now());
    let sent = courier.run_once(now);
    let outcome = match &sent {
        Ok(tally) if tally.away => Err(JobFailure::MailServer),
        Ok(tally) => Ok(tally.sent),
        Err(why) => {
            tracing::warn!(%why, "the outbox could not be worked on; tried again soon");
            Err(failure(why))
        }
    };
    let tally = sent.unwrap_or_default();
    for (fate, number) in
        [("sent", tally.sent), ("put_off", tally.later), ("given_up", tally.dead), ("overtaken", tally.void)]
    {
        ledger.metrics().mails(fate, number);
    }
    ledger.round(Job::Letters, now, began.elapsed(), outcome);
    ledger.close();
    tally.taken > 0
}

/// Computes the run that waits longest; says whether there was one. One that is not done when the process ends is
/// computed anew by the next.
fn compute_next(ledger: &mut Ledger, clock: &Clock, stop: &Stop) -> bool {
    let began = Instant::now();
    let go_on = |_| if stop.is_told() { Order::Cancel } else { Order::GoOn };
    let mut pause = false;
    let outcome = match runs::compute_next(clock, ledger.store(), ACTOR, Watch(&go_on)) {
        Ok(Some((_, Ok(())))) => Ok(1),
        Ok(Some((run, Err(why)))) => {
            tracing::warn!(%run, %why, "a run was not computed");
            pause = true;
            match why {
                ServiceError::Store(_) | ServiceError::Internal(_) if !stop.is_told() => Err(failure(&why)),
                // The run itself says why.
                _ => Ok(0),
            }
        }
        Ok(None) => Ok(0),
        Err(why) => {
            tracing::warn!(%why, "no run could be taken; tried again soon");
            Err(failure(&why))
        }
    };
    ledger.round(Job::Runs, Stamp::new(clock.now()), began.elapsed(), outcome);
    ledger.close();
    if pause {
        stop.wait(PAUSE_AFTER_FAILURE);
    }
    outcome == Ok(1)
}

/// Does a job until told to stop, with a pause whenever it was not busy. A mistake in one round must
/// not end all others, so a panic is logged and the job goes on.
fn again_and_again(stop: &Stop, job: Job, mut round: impl FnMut() -> bool) {
    while !stop.is_told() {
        let busy = std::panic::catch_unwind(std::panic::AssertUnwindSafe(&mut round)).unwrap_or_else(|_| {
            tracing::error!(%job, "a round of a job ended in a panic; it goes on with the next");
            false
        });
        if !busy {
            stop.wait(POLL);
        }
    }
}
