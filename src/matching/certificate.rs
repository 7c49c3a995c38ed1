//! Proof that a plan is what it claims to be, worked out from the plan, the prices and the pairs
//! alone. Nothing here is shared with the solver but the types.
//!
//! - Feasible: every pair is allowed, no coachee has two coaches, no coach too many coachees.
//! - Upper bound, by weak duality: with prices `p >= 0` on places and any `lambda >= 0`, no plan
//!   with at least `k` pairs exceeds `sum(capacity * p) + sum(max(0, weight + lambda - p)) - lambda * k`.
//! - Possible: no plan matches more, since no alternating path leads from an unmatched coachee to
//!   a free place (Berge 1957).
//! - Stable: no blocking pair.

mod check;
mod points;
mod reach;

pub(super) use check::welcome;
pub use check::{Fault, Row, Seats, Welcome, certify};
pub use points::{BadPoints, Points};

use rayon::prelude::*;

use self::check::{blocking_of, row_of};
use super::instance::{Instance, Priority};
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
    /// Calls `each` with coach and weight of every pair allowed to a coachee. Of pairs of equal
    /// weight, the one that the coachee prefers comes first.
    fn for_each_of(&self, coachee: u32, each: impl FnMut(u32, u32));

    // What follows can be told from the above; a source that knows shorter ways takes them.

    /// What everybody's pairs tell about a claim.
    fn rows(&self, claim: Claim, coach_of: &[Option<u32>]) -> Vec<Row> {
        (0..self.coachees() as u32).into_par_iter().map(|c| row_of(self, claim, coach_of, c)).collect()
    }

    /// How many pairs there are of which both sides would rather have each other.
    fn blocking(&self, seats: &Seats) -> u64 {
        (0..self.coachees() as u32).into_par_iter().map(|coachee| blocking_of(self, seats, coachee)).sum()
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
    /// What no plan (with as many pairs, where `lambda` is above 0) can exceed.
    pub upper_bound: Points,
    /// `upper_bound - total`.
    pub gap: Points,
    /// What the last pair cost in weight.
    pub lambda: Points,
    /// Pairs of which both sides would rather have each other.
    pub blocking_pairs: u64,
}

impl Certificate {
    /// Whether the objective is proven to be reached in full.
    pub fn holds(&self) -> bool {
        match self.objective {
            Objective::BestTotal => self.gap == Points::ZERO,
            Objective::MostPeople => self.gap == Points::ZERO && self.matched == self.possible,
            Objective::Stable => self.blocking_pairs == 0,
        }
    }
}

#[cfg(test)]
mod tests;
