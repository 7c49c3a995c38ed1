//! Watching the computing of a run from outside: how far it is, and whether it is still wanted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::domain::RunStep;
use crate::matching::watch::{Order, Phase, Progress, Watch};
use crate::store::run_progress::{self, RunProgress};
use crate::store::types::{Stamp, Word};
use crate::store::{RunId, Store};

/// How often whoever computes says how far it is, besides at every new step.
const EVERY: Duration = Duration::from_secs(1);

/// Does work on a run while others are told how far it is. The watch that the work is given ends it
/// when the run is thrown away meanwhile. What the work itself says goes to `watch`, too.
pub(super) fn told<T, E>(
    store: &Store,
    clock: &Clock,
    run: RunId,
    watch: Watch,
    work: impl FnOnce(Watch, &Stage) -> Result<T, E>,
) -> Result<T, E> {
    let stage = Stage { at: Mutex::new((RunStep::Load, 0, 0, None)), unwanted: AtomicBool::new(false) };
    let (ended, end) = channel::<()>();
    std::thread::scope(|scope| {
        let teller = &stage;
        scope.spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(EVERY) {
                teller.tell(store, clock, run);
            }
        });
        let heard = |progress: Progress| {
            if stage.note(progress) {
                stage.tell(store, clock, run);
            }
            if stage.unwanted.load(Ordering::Relaxed) { Order::Cancel } else { (watch.0)(progress) }
        };
        let done = work(Watch(&heard), &stage);
        drop(ended);
        done
    })
}

/// Where the computing of a run is.
pub(super) struct Stage {
    at: Mutex<(RunStep, u32, u16, Option<f64>)>,
    unwanted: AtomicBool,
}

impl Stage {
    /// Goes on to a step that is not the engine's.
    pub(super) fn enter(&self, step: RunStep) {
        let mut at = self.at.lock();
        *at = (step, 0, 0, at.3);
    }

    /// Notes how far the engine is; says whether it is at another step than before.
    fn note(&self, progress: Progress) -> bool {
        let (step, round) = match progress.phase {
            Phase::Lists => (RunStep::Lists, 0),
            Phase::Start => (RunStep::Start, 0),
            Phase::Solve(round) => (RunStep::Solve, round),
            Phase::Price(round) => (RunStep::Price, round),
            Phase::Certify => (RunStep::Certify, 0),
            Phase::Explain => (RunStep::Explain, 0),
        };
        let mut at = self.at.lock();
        let goes_on = (at.0, at.1) != (step, round);
        *at = (step, round, (progress.done * 1000.0) as u16, progress.gap);
        goes_on
    }

    /// A database that is busy hears of it a second later.
    fn tell(&self, store: &Store, clock: &Clock, run: RunId) {
        let (step, round, done, gap) = *self.at.lock();
        let progress = RunProgress {
            step: Word(step),
            round: i32::try_from(round).unwrap_or(i32::MAX),
            done: i32::from(done),
            gap: gap.map(|gap| (gap * 1e9) as i64),
            seen_at: Stamp::new(clock.now()),
        };
        if let Ok(false) = store.queue(|db| run_progress::say(db, run, &progress)) {
            self.unwanted.store(true, Ordering::Relaxed);
        }
    }
}
