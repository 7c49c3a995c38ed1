//! What an assignment is computed from: places, priorities, and each coachee's weighted list.

use std::cmp::Reverse;

use rayon::prelude::*;

mod builder;
mod entry;
#[cfg(test)]
pub(crate) mod testing;

pub use builder::InstanceBuilder;
pub use entry::Entry;
pub(crate) use entry::{Entries, in_view};

/// One entry of a coachee's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The coach, by position.
    pub coach: u32,
    /// How good the pair is; at least 1.
    pub weight: u32,
}

/// A coachee's place in the queue: the higher class first, then the lower lottery number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    /// The higher, the earlier.
    pub class: u32,
    /// The lower, the luckier.
    pub lottery: u64,
}

impl Priority {
    /// Sorts the more urgent first.
    pub fn order(self) -> impl Ord + Copy {
        (Reverse(self.class), self.lottery)
    }
}

/// A validated problem. Lists are stored one after the other, each by falling weight and, among
/// equal weights, in the coachee's order of preference.
///
/// Coachees and coaches are known by position. Whoever builds an instance gives positions by a
/// rule that does not depend on the order of any file; then nothing computed from it does.
#[derive(Debug, Clone)]
pub struct Instance {
    capacity: Vec<u32>,
    priority: Vec<Priority>,
    start: Vec<usize>,
    entries: Entries,
}

/// The same problem: the same places, priorities and lists, however they are kept.
impl PartialEq for Instance {
    fn eq(&self, other: &Self) -> bool {
        let rest = |i: &Self| (i.capacity.clone(), i.priority.clone(), i.start.clone());
        rest(self) == rest(other) && (0..self.coachees() as u32).all(|c| self.list(c).eq(other.list(c)))
    }
}

/// Why an entry cannot be part of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadEdge {
    /// No coachee has this position.
    #[error("coachee {0} does not exist")]
    UnknownCoachee(u32),
    /// No coach has this position.
    #[error("coach {0} does not exist")]
    UnknownCoach(u32),
    /// Weights start at 1.
    #[error("the weight of coachee {coachee} with coach {coach} is 0")]
    ZeroWeight {
        /// The coachee, by position.
        coachee: u32,
        /// The coach, by position.
        coach: u32,
    },
    /// The pair is listed twice.
    #[error("coachee {coachee} lists coach {coach} twice")]
    Twice {
        /// The coachee, by position.
        coachee: u32,
        /// The coach, by position.
        coach: u32,
    },
}

impl Instance {
    /// How many coachees there are.
    pub fn coachees(&self) -> usize {
        self.priority.len()
    }

    /// How many coaches there are.
    pub fn coaches(&self) -> usize {
        self.capacity.len()
    }

    /// How many pairs are listed.
    pub fn edges(&self) -> usize {
        self.entries.len()
    }

    /// The places of a coach.
    pub fn capacity(&self, coach: u32) -> u32 {
        self.capacity[coach as usize]
    }

    /// A coachee's place in the queue.
    pub fn priority(&self, coachee: u32) -> Priority {
        self.priority[coachee as usize]
    }

    /// A coachee's list, best first.
    pub fn list(&self, coachee: u32) -> impl ExactSizeIterator<Item = Edge> + Clone + '_ {
        let range = self.start[coachee as usize]..self.start[coachee as usize + 1];
        range.map(|at| self.entries.edge(at))
    }

    /// The weight of a pair, if it is listed.
    pub fn weight(&self, coachee: u32, coach: u32) -> Option<u32> {
        self.list(coachee).find(|edge| edge.coach == coach).map(|edge| edge.weight)
    }

    /// All coachees, the most urgent first; equals by position.
    pub fn queue(&self) -> Vec<u32> {
        let mut queue: Vec<u32> = (0..self.coachees() as u32).collect();
        queue.par_sort_unstable_by_key(|&coachee| (self.priority(coachee).order(), coachee));
        queue
    }

    /// The entries, in whichever way they are kept.
    pub(crate) fn entries(&self) -> &Entries {
        &self.entries
    }
}

/// An instance with its entries at hand: what solvers read.
#[derive(Clone, Copy)]
pub(crate) struct View<'a, E> {
    instance: &'a Instance,
    entries: &'a [E],
}

impl<'a, E: Entry> View<'a, E> {
    /// Expects the entries of that instance.
    pub fn new(instance: &'a Instance, entries: &'a [E]) -> Self {
        Self { instance, entries }
    }

    /// The instance.
    pub fn instance(self) -> &'a Instance {
        self.instance
    }

    /// A coachee's list, best first.
    #[inline]
    pub fn list(self, coachee: u32) -> &'a [E] {
        &self.entries[self.instance.start[coachee as usize]..self.instance.start[coachee as usize + 1]]
    }

    /// Everybody's list.
    pub fn lists(self) -> impl ExactSizeIterator<Item = (u32, &'a [E])> {
        (0..self.instance.coachees() as u32).map(move |coachee| (coachee, self.list(coachee)))
    }

    /// The largest weight, 0 when nothing is listed.
    pub fn heaviest(self) -> u32 {
        self.lists().filter_map(|(_, list)| list.first()).map(|entry| entry.weight()).max().unwrap_or(0)
    }
}
