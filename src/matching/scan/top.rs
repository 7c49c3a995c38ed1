//! The best few of many.

use super::Candidate;

/// The least score of somebody whom no rule forbids.
const LEAST: u8 = 1;

/// Room for so many times four is made in advance.
const ROOM: usize = 256;

/// Keeps the `k` best candidates that it is offered.
///
/// Counts how often each score has come, so that the least score that matters is known at
/// every moment; sorts out the others only now and then.
pub(super) struct Top {
    k: usize,
    kept: Vec<Candidate>,
    /// How many of each score are kept or were thrown out since.
    count: [u32; 256],
    /// How many have a score above `least`.
    above: usize,
    least: u8,
}

impl Top {
    /// Keeps `k`.
    pub fn new(k: usize) -> Self {
        Self { k, kept: Vec::with_capacity(4 * k.min(ROOM)), count: [0; 256], above: 0, least: LEAST }
    }

    /// Whether it keeps anybody at all.
    pub fn takes_any(&self) -> bool {
        self.k > 0
    }

    /// Takes a candidate into account.
    #[inline]
    pub fn offer(&mut self, candidate: Candidate) {
        let score = candidate.score();
        if score < self.least {
            return;
        }
        self.kept.push(candidate);
        self.count[usize::from(score)] += 1;
        self.above += usize::from(score > self.least);
        while self.above >= self.k {
            self.least += 1;
            self.above -= self.count[usize::from(self.least)] as usize;
        }
        if self.kept.len() >= self.k.saturating_mul(16) {
            self.shrink();
        }
    }

    /// The least score that can still be among the best.
    pub fn least(&self) -> u8 {
        self.least
    }

    fn shrink(&mut self) {
        if self.kept.len() > self.k {
            self.kept.select_nth_unstable_by(self.k - 1, |a, b| b.cmp(a));
            self.kept.truncate(self.k);
        }
    }

    /// The best, best first; and begins anew.
    pub fn take_sorted(&mut self) -> impl Iterator<Item = Candidate> + '_ {
        let least = self.least;
        self.kept.retain(|candidate| candidate.score() >= least);
        self.shrink();
        self.kept.sort_unstable_by(|a, b| b.cmp(a));
        (self.count, self.above, self.least) = ([0; 256], 0, LEAST);
        self.kept.drain(..)
    }
}
