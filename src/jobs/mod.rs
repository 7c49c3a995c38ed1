//! What runs in the background: letters are delivered, offers expire, runs are computed, what is over is
//! taken away.
//!
//! Any number of processes may do this on one database. Each job has one function that does what is
//! due at a given time and can be called by itself, which is what tests do; here they get threads.

mod backoff;
mod books;
mod courier;
mod stop;
mod timetable;

use std::thread::JoinHandle;
use std::time::Duration;

pub use backoff::Backoff;
pub use courier::{Courier, CourierRules, Tally};
pub use stop::Stop;
pub use timetable::{Pace, Timetable};

use crate::clock::Clock;
use crate::matching::watch::{Order, Watch};
use crate::services::runs;
use crate::store::Store;
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
        let (mail_stop, mail_clock) = (stop.clone(), clock.clone());
        let mail = move || {
            again_and_again(&mail_stop, "letters", || match courier.run_once(Stamp::new(mail_clock.now())) {
                Ok(tally) => tally.taken > 0,
                Err(why) => {
                    tracing::warn!(%why, "the outbox could not be worked on; tried again soon");
                    false
                }
            });
        };
        let store = timetable.store().clone();
        let (due_stop, due_clock) = (stop.clone(), clock.clone());
        let due = move || {
            again_and_again(&due_stop, "timetable", || {
                timetable.run_due(Stamp::new(due_clock.now()));
                false
            });
        };
        let run_stop = stop.clone();
        let runs = move || again_and_again(&run_stop, "runs", || compute_next(&store, &run_stop));
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

/// Computes the run that waits longest; says whether there was one. One that is not done when the process ends is
/// computed anew by the next.
fn compute_next(store: &Store, stop: &Stop) -> bool {
    let go_on = |_| if stop.is_told() { Order::Cancel } else { Order::GoOn };
    match runs::compute_next(store, ACTOR, Watch(&go_on)) {
        Ok(Some((_, Ok(())))) => true,
        Ok(Some((run, Err(why)))) => {
            tracing::warn!(%run, %why, "a run was not computed");
            stop.wait(PAUSE_AFTER_FAILURE);
            false
        }
        Ok(None) => false,
        Err(why) => {
            tracing::warn!(%why, "no run could be taken; tried again soon");
            false
        }
    }
}

/// Does a job until told to stop, with a pause whenever it was not busy. A mistake in one round must
/// not end all others, so a panic is logged and the job goes on.
fn again_and_again(stop: &Stop, job: &'static str, mut round: impl FnMut() -> bool) {
    while !stop.is_told() {
        let busy = std::panic::catch_unwind(std::panic::AssertUnwindSafe(&mut round)).unwrap_or_else(|_| {
            tracing::error!(job, "a round of a job ended in a panic; it goes on with the next");
            false
        });
        if !busy {
            stop.wait(POLL);
        }
    }
}
