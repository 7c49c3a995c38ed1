//! The best few of many.

use super::Candidate;

/// Keeps the `k` best candidates that it is offered.
pub(super) struct Top {
    k: usize,
    kept: Vec<Candidate>,
    /// The `k`-th best when last counted; nobody below it matters any more.
    worst: Candidate,
}

impl Top {
    pub fn new(k: usize) -> Self {
        Self { k, kept: Vec::with_capacity(room(k)), worst: Candidate(0) }
    }

    /// Takes a candidate into account.
    #[inline]
    pub fn offer(&mut self, candidate: Candidate) {
        if candidate > self.worst {
            self.kept.push(candidate);
            if self.kept.len() >= room(self.k) {
                self.shrink();
            }
        }
    }

    /// The least score that can still be among the best.
    pub fn least(&self) -> u8 {
        self.worst.score().max(1)
    }

    fn shrink(&mut self) {
        if self.kept.len() > self.k {
            self.kept.select_nth_unstable_by(self.k - 1, |a, b| b.cmp(a));
            self.kept.truncate(self.k);
            self.worst = self.kept[self.k - 1];
        }
    }

    /// The best, best first.
    pub fn into_sorted(mut self) -> Vec<Candidate> {
        if self.k > 0 {
            self.shrink();
        }
        self.kept.sort_unstable_by(|a, b| b.cmp(a));
        self.kept
    }
}

/// How many are kept before the worse ones are thrown out.
fn room(k: usize) -> usize {
    4 * k
}
