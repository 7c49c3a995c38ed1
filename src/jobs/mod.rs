//! What runs in the background: letters are delivered, offers expire, what is over is taken away.
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
pub use timetable::Timetable;

use crate::clock::Clock;
use crate::store::types::Stamp;

/// How long a job waits before it looks again whether there is something to do.
const POLL: Duration = Duration::from_secs(1);

/// Jobs at work.
pub struct Jobs {
    stop: Stop,
    threads: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts delivering and looking after the timetable, each in a thread of its own, so that a
    /// slow mail server keeps no offer from expiring.
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
        let (due_stop, due_clock) = (stop.clone(), clock.clone());
        let due = move || {
            again_and_again(&due_stop, "timetable", || {
                timetable.run_due(Stamp::new(due_clock.now()));
                false
            });
        };
        let thread = |name: &str| std::thread::Builder::new().name(name.into());
        let mut jobs = Self { stop, threads: vec![thread("courier").spawn(mail)?] };
        jobs.threads.push(thread("timetable").spawn(due)?);
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
