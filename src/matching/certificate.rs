//! Proof that a plan is what it claims to be, worked out from the plan, the prices and the pairs
//! alone. Nothing here is shared with the solver but the types.
//!
//! - Feasible: every pair is allowed, no coachee has two coaches, no coach too many coachees.
//! - Upper bound, by weak duality: with prices `p >= 0` on places and any `lambda >= 0`, no plan
//!   with at least `k` pairs exceeds `sum(capacity * p) + sum(max(0, weight + lambda - p)) - lambda * k`.
//! - Upper bound with a reserve: with any `bonus >= 0` for members of the group, no plan that gives at least
//!   `r` members a place, `r` of them reserved, exceeds the above with `lambda + bonus` for members, less `bonus * r`.
//! - Possible: no plan matches more, since no alternating path leads from an unmatched coachee to
//!   a free place (Berge 1957).
//! - Reserve: the reserved places are members', or no such path leads from an unmatched member to a free
//!   place or to that of somebody outside the group.
//! - Stable: no blocking pair.

mod check;
mod points;
mod reach;

pub use check::{Fault, MOST_BLOCKING, Row, Seats, Welcome, certify};
pub(super) use check::{Tally, welcome};
pub use points::{BadPoints, Points};

use rayon::prelude::*;

use self::check::{blocking_of, row_of};
use super::columns::Pair;
use super::instance::{Instance, Priority};
use super::reserve::Reserve;
use crate::domain::Objective;

/// A problem as a checker sees it: pairs come as a stream, coachee by coachee, so that a source
/// with too many pairs to keep can produce them again whenever asked.
pub trait Pairs: Sync {
    /// How many coachees there are.
    fn coachees(&self) -> usize;
    /// How many coaches there are.
    fn coaches(&self) -> usize;
    /// The places of a coach.
    fn capacity(&self, coach: u32) -> u32;
    /// A coachee's place in the queue.
    fn priority(&self, coachee: u32) -> Priority;
    /// The places reserved for a group, if any are.
    fn reserve(&self) -> Option<&Reserve>;
    /// Calls `each` with coach and weight of every pair allowed to a coachee. Of pairs of equal
    /// weight, the one that the coachee prefers comes first.
    fn for_each_of(&self, coachee: u32, each: impl FnMut(u32, u32));

    // What follows can be told from the above; a source that knows shorter ways takes them.

    /// What everybody's pairs tell about a claim.
    fn rows(&self, claim: Claim, coach_of: &[Option<u32>]) -> Vec<Row> {
        (0..self.coachees() as u32).into_par_iter().map(|c| row_of(self, claim, coach_of, c)).collect()
    }

    /// How many pairs there are of which both sides would rather have each other, up to [`MOST_BLOCKING`].
    fn blocking(&self, seats: &Seats) -> u64 {
        let tally = Tally::default();
        (0..self.coachees() as u32).into_par_iter().for_each(|coachee| tally.add(|| blocking_of(self, seats, coachee)));
        tally.counted()
    }

    /// Gives out every coach once: to the first coachee asked about to whom the coach is allowed.
    fn frontier(&self) -> Box<dyn Frontier + '_>
    where
        Self: Sized,
    {
        Box::new(reach::Unseen::new(self))
    }
}

/// Coaches that a search has not come to yet.
pub trait Frontier {
    /// Those that are allowed to a coachee; they are not given again.
    fn take(&mut self, coachee: u32) -> Vec<u32>;
    /// Lets a coach be come to once more.
    fn give_back(&mut self, coach: u32);
}

impl Pairs for Instance {
    fn coachees(&self) -> usize {
        self.coachees()
    }

    fn coaches(&self) -> usize {
        self.coaches()
    }

    fn capacity(&self, coach: u32) -> u32 {
        self.capacity(coach)
    }

    fn priority(&self, coachee: u32) -> Priority {
        self.priority(coachee)
    }

    fn reserve(&self) -> Option<&Reserve> {
        self.reserve()
    }

    fn for_each_of(&self, coachee: u32, mut each: impl FnMut(u32, u32)) {
        self.list(coachee).for_each(|edge| each(edge.coach, edge.weight));
    }
}

/// What is claimed: pairs by position, and the prices that are to prove them.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// (coachee, coach), in any order.
    pub pairs: &'a [(u32, u32)],
    /// The price of a place of each coach.
    pub prices: &'a [Points],
    /// What the last pair cost; 0 for a claim about totals.
    pub lambda: Points,
    /// What the last reserved place cost; 0 for a claim about plans without a reserve.
    pub bonus: Points,
}

/// What was found about a reserve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReserveFacts {
    /// How many places are reserved.
    pub places: u64,
    /// How many coachees belong to the group.
    pub members: u64,
    /// How many of them have a coach.
    pub matched: u64,
    /// How many of the reserved places are not a member's although they could be.
    pub withheld: u64,
    /// What the last reserved place cost in weight.
    pub cost: Points,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Certificate {
    /// What the plan strives for.
    pub objective: Objective,
    /// How many coachees there are.
    pub coachees: u64,
    /// How many of them have a coach.
    pub matched: u64,
    /// How many can have a coach at the same time in any plan.
    pub possible: u64,
    /// The sum of the weights of the pairs.
    pub total: u64,
    /// What no plan (with as many pairs, where `lambda` is above 0, and with as many reserved places
    /// given to members) can exceed.
    pub upper_bound: Points,
    /// `upper_bound - total`.
    pub gap: Points,
    /// What the last pair cost in weight.
    pub lambda: Points,
    /// Pairs of which both sides would rather have each other, counted up to [`MOST_BLOCKING`].
    pub blocking_pairs: u64,
    /// What was found about the reserve, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<ReserveFacts>,
}

impl Certificate {
    /// The same with pairs that stood before, and that no plan in question may change.
    pub fn with_kept(mut self, kept: &[Pair], reserve: Option<&Reserve>) -> Self {
        let score: u64 = kept.iter().map(|pair| u64::from(pair.score)).sum();
        self.matched += kept.len() as u64;
        self.possible += kept.len() as u64;
        self.total += score;
        self.upper_bound = self.upper_bound + Points::from(score);
        if let (Some(facts), Some(reserve)) = (&mut self.reserve, reserve) {
            facts.places += reserve.kept();
            facts.matched += kept.iter().filter(|pair| reserve.is_member(pair.coachee)).count() as u64;
        }
        self
    }

    /// Whether the objective is proven to be reached in full.
    pub fn holds(&self) -> bool {
        let best = self.gap == Points::ZERO && self.reserve.is_none_or(|reserve| reserve.withheld == 0);
        match self.objective {
            Objective::BestTotal => best,
            Objective::MostPeople => best && self.matched == self.possible,
            Objective::Stable => self.blocking_pairs == 0,
        }
    }
}

#[cfg(test)]
mod tests;
