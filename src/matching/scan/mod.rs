//! The fast way to score one coachee against many coaches: what depends on the coachee is
//! worked out once into small tables, what depends on the coach is read from columns, 32
//! coaches at a time, and whole groups of coaches are left out when their bound shows that
//! none of them can matter. Agrees with [`score`](super::score) on every pair; property tests
//! hold the two together.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod ground;
mod index;
mod kernel;
mod lists;
mod pool;
mod query;
mod scorer;
mod sweep;
mod tables;
mod tolls;
mod top;
mod traits;

use lists::Likeness;
pub use lists::Lists;
pub use query::Query;
pub use tolls::{Floors, Prices};

use std::sync::OnceLock;

pub(super) use ground::Ground;
pub(super) use index::Index;
pub(super) use scorer::Scorer;
pub(super) use traits::Traits;

use super::columns::Cohort;

/// All coaches of a cohort, ready to be scanned again and again.
pub struct Scanner<'a> {
    cohort: &'a Cohort,
    ground: Ground,
    index: Index,
    /// The order in which coachees are best taken, once it was asked for.
    likeness: OnceLock<Likeness>,
}

/// A coach on somebody's list: the score, then the tie-break, then the coach, packed so that
/// comparing the numbers compares the preference; the greater is the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate(u64);

impl Candidate {
    fn new(score: u8, tie: u64, coach: u32) -> Self {
        Self(u64::from(score) << 56 | (tie >> 40) << 32 | u64::from(coach))
    }

    /// The coach.
    pub fn coach(self) -> u32 {
        self.0 as u32
    }

    /// The score, 1 to 255.
    pub fn score(self) -> u8 {
        (self.0 >> 56) as u8
    }

    /// What compares candidates of the same coachee before the position of the coach does.
    pub(super) fn rank(self) -> Rank {
        Rank((self.0 >> 32) as u32)
    }
}

/// The score of a candidate, then the tie-break; the greater is the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(u32);

impl Rank {
    /// The score, 1 to 255.
    pub fn score(self) -> u8 {
        (self.0 >> 24) as u8
    }
}

impl<'a> Scanner<'a> {
    /// Prepares the coaches of a cohort, for the fastest kernel that this processor can run.
    pub fn new(cohort: &'a Cohort) -> Self {
        Self::on(cohort, Ground::new(&cohort.reference, &cohort.policy))
    }

    /// The same with the kernel for every processor, to compare results and speeds.
    pub fn portable(cohort: &'a Cohort) -> Self {
        let mut ground = Ground::new(&cohort.reference, &cohort.policy);
        ground.kernel = kernel::portable;
        Self::on(cohort, ground)
    }

    fn on(cohort: &'a Cohort, ground: Ground) -> Self {
        Self { index: Index::new(&ground, &cohort.coaches), cohort, ground, likeness: OnceLock::new() }
    }

    /// Coaches who could be given somebody at all, ascending.
    pub fn open(&self) -> &[u32] {
        &self.index.open
    }

    /// Whether a coach could be given somebody at all.
    pub fn is_open(&self, coach: u32) -> bool {
        self.index.traits.is_open[coach as usize]
    }

    /// Prepares one coachee.
    pub fn query(&self, coachee: usize) -> Query<'_> {
        Query::new(&self.ground, &self.cohort.coaches, &self.index, self.cohort.coachees.get(coachee))
    }
}
