//! One coachee and some coaches, ready for a scan.

use super::Candidate;
use super::ground::Ground;
use super::index::Index;
use super::kernel::Lane;
use super::scorer::{Scorer, competencies};
use crate::matching::columns::{Coachee, Coaches};

/// One coachee, ready to be scored against all coaches.
pub struct Query<'a> {
    pub(super) scorer: Scorer<'a>,
    pub(super) index: &'a Index,
    /// Columns of the pool for the focus competencies.
    pub(super) levels: [&'a [Lane]; 3],
    /// Most points that coverage can give.
    pub(super) coverage: i16,
    /// Number of the regency within the province.
    pub(super) local_regency: u8,
}

impl<'a> Query<'a> {
    /// Prepares a coachee; `index` is that of the coaches, to whom the coachee's relations are.
    pub(in crate::matching) fn new(
        ground: &'a Ground,
        coaches: &'a Coaches,
        index: &'a Index,
        coachee: Coachee<'a>,
    ) -> Self {
        Self {
            levels: competencies(&coachee).map(|competency| index.pool.levels(competency)),
            coverage: coachee.focus.as_slice().iter().map(|f| i16::from(f.max)).sum(),
            local_regency: ground.local_regency(coachee.regency),
            scorer: Scorer::new(ground, coaches, &index.traits, coachee),
            index,
        }
    }

    /// The score with a coach among [`Scanner::open`](super::Scanner::open); 0 when a rule forbids the pair.
    pub fn score(&self, coach: u32) -> u8 {
        self.scorer.score(coach)
    }

    /// A coach as an entry of this coachee's list.
    pub fn candidate(&self, coach: u32, score: u8) -> Candidate {
        self.scorer.candidate(coach, score)
    }
}
