//! How whoever started a long computation sees it go on, and ends it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a computation is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Finding each coachee's best coaches.
    Lists,
    /// Finding a plan to start from.
    Start,
    /// Solving on the lists; the number of the round.
    Solve(u32),
    /// Holding the prices against every pair; the number of the round.
    Price(u32),
    /// Checking the result.
    Certify,
    /// Finding the reasons of those who wait.
    Explain,
}

/// How far a computation is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// How much of that is done, 0 to 1.
    pub done: f64,
    /// By what share of the bound the total may still miss the best, as proven so far.
    pub gap: Option<f64>,
}

/// What a computation is told in answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Go on.
    GoOn,
    /// Improve no further; say what is found and proven.
    Conclude,
    /// End at once, without a result.
    Cancel,
}

/// The computation was ended without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the computation was cancelled")]
pub struct Cancelled;

/// Told of progress, from any thread; its answers are orders.
#[derive(Clone, Copy)]
pub struct Watch<'a>(pub &'a (dyn Fn(Progress) -> Order + Sync));

impl Watch<'static> {
    /// Nobody watches.
    pub const NOBODY: Self = Self(&|_| Order::GoOn);
}

impl<'a> Watch<'a> {
    /// Begins a phase of so many steps.
    ///
    /// # Errors
    /// When the computation is to end.
    pub fn begin(self, phase: Phase, gap: Option<f64>, steps: u64) -> Result<Ticker<'a>, Cancelled> {
        let ticker = Ticker {
            watch: self,
            phase,
            gap,
            steps: steps.max(1),
            done: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            concluded: AtomicBool::new(false),
        };
        ticker.report(0)?;
        Ok(ticker)
    }
}

/// How often a phase reports.
const REPORTS: u64 = 200;

/// Counts the steps of a phase, reports now and then, and keeps the orders it is given.
pub struct Ticker<'a> {
    watch: Watch<'a>,
    phase: Phase,
    gap: Option<f64>,
    steps: u64,
    done: AtomicU64,
    cancelled: AtomicBool,
    concluded: AtomicBool,
}

impl Ticker<'_> {
    /// Counts one step.
    ///
    /// # Errors
    /// When the computation is to end.
    pub fn tick(&self) -> Result<(), Cancelled> {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(self.steps.div_ceil(REPORTS)) { self.report(done) } else { self.check() }
    }

    /// Reports that so many steps are done.
    ///
    /// # Errors
    /// When the computation is to end.
    pub fn report(&self, done: u64) -> Result<(), Cancelled> {
        let done = (done as f64 / self.steps as f64).min(1.0);
        match (self.watch.0)(Progress { phase: self.phase, done, gap: self.gap }) {
            Order::GoOn => {}
            Order::Conclude => self.concluded.store(true, Ordering::Relaxed),
            Order::Cancel => self.cancelled.store(true, Ordering::Relaxed),
        }
        self.check()
    }

    /// Whether to improve no further.
    pub fn is_concluded(&self) -> bool {
        self.concluded.load(Ordering::Relaxed)
    }

    fn check(&self) -> Result<(), Cancelled> {
        if self.cancelled.load(Ordering::Relaxed) { Err(Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn progress_rises_to_the_end_and_is_told_seldom() {
        let told = parking_lot::Mutex::new(Vec::new());
        let note = |progress: Progress| {
            told.lock().push(progress.done);
            Order::GoOn
        };
        let ticker = Watch(&note).begin(Phase::Lists, None, 10_000).unwrap();
        (0..10_000).for_each(|_| ticker.tick().unwrap());
        let told = told.lock();
        assert!(told.len() <= 202 && told.is_sorted());
        assert_eq!((told.first(), told.last()), (Some(&0.0), Some(&1.0)));
    }

    #[test]
    fn a_cancelled_phase_ends_on_all_threads() {
        let cancel_halfway = |progress: Progress| if progress.done < 0.5 { Order::GoOn } else { Order::Cancel };
        let ticker = Watch(&cancel_halfway).begin(Phase::Lists, None, 1_000_000).unwrap();
        let ended: Result<Vec<()>, Cancelled> = (0..1_000_000).into_par_iter().map(|_| ticker.tick()).collect();
        assert_eq!(ended, Err(Cancelled));
    }
}
