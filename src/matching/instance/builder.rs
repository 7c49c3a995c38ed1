//! Collecting entries in any order, and checking them.

use std::cmp::Reverse;
use std::ops::Range;

use rayon::prelude::*;

use super::entry::{Entries, Entry};
use super::{BadEdge, Instance, Priority};

/// Collects entries in any order and checks them.
pub struct InstanceBuilder {
    capacity: Vec<u32>,
    priority: Vec<Priority>,
    entries: Entries,
    /// Entries arrive in runs of one coachee; a run is told by its coachee and its first entry.
    runs: Vec<(u32, usize)>,
}

impl InstanceBuilder {
    /// Starts with the places of each coach and each coachee's priority.
    pub fn new(capacity: Vec<u32>, priority: Vec<Priority>) -> Self {
        Self { entries: Entries::new(priority.len()), capacity, priority, runs: Vec::new() }
    }

    /// Adds an entry. Among a coachee's entries of equal weight the earlier is preferred.
    ///
    /// # Errors
    /// When either side does not exist or the weight is 0.
    pub fn push(&mut self, coachee: u32, coach: u32, weight: u32) -> Result<(), BadEdge> {
        if coachee as usize >= self.priority.len() {
            return Err(BadEdge::UnknownCoachee(coachee));
        }
        if coach as usize >= self.capacity.len() {
            return Err(BadEdge::UnknownCoach(coach));
        }
        if weight == 0 {
            return Err(BadEdge::ZeroWeight { coachee, coach });
        }
        if self.runs.last().is_none_or(|&(last, _)| last != coachee) {
            self.runs.push((coachee, self.entries.len()));
        }
        self.entries.push(coach, weight);
        Ok(())
    }

    /// Puts the lists into their order.
    ///
    /// # Errors
    /// When a pair was listed twice.
    pub fn build(self) -> Result<Instance, BadEdge> {
        let Self { capacity, priority, entries, runs } = self;
        let mut lengths = vec![0; priority.len()];
        for (coachee, run) in ranges(&runs, entries.len()) {
            lengths[coachee as usize] += run.len();
        }
        let mut start = vec![0; priority.len() + 1];
        for (coachee, length) in lengths.into_iter().enumerate() {
            start[coachee + 1] = start[coachee] + length;
        }
        let entries = match entries {
            Entries::Narrow(entries) => Entries::Narrow(listed(entries, &runs, &start, capacity.len())?),
            Entries::Wide(entries) => Entries::Wide(listed(entries, &runs, &start, capacity.len())?),
        };
        Ok(Instance { capacity, priority, start, entries })
    }
}

/// The coachee of each run, and where its entries stand.
fn ranges(runs: &[(u32, usize)], entries: usize) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
    let ends = runs.iter().skip(1).map(|run| run.1).chain([entries]);
    runs.iter().zip(ends).map(|(&(coachee, from), end)| (coachee, from..end))
}

/// The entries list by list, each in its order.
fn listed<E: Entry>(
    entries: Vec<E>,
    runs: &[(u32, usize)],
    start: &[usize],
    coaches: usize,
) -> Result<Vec<E>, BadEdge> {
    let mut entries = grouped(entries, runs);
    let mut rest = entries.as_mut_slice();
    let mut lists = Vec::with_capacity(start.len() - 1);
    for bounds in start.windows(2) {
        let (list, others) = rest.split_at_mut(bounds[1] - bounds[0]);
        lists.push(list);
        rest = others;
    }
    let twice = |listed_by: &mut Vec<u32>, (coachee, list): (usize, &mut [E])| {
        let coachee = coachee as u32;
        let twice = list.iter().find(|e| std::mem::replace(&mut listed_by[e.other() as usize], coachee) == coachee);
        // The sort is stable, so that the order of preference stays among equal weights.
        let twice = twice.map(|entry| BadEdge::Twice { coachee, coach: entry.other() });
        list.sort_by_key(|entry| Reverse(entry.weight()));
        twice
    };
    let found = lists.into_par_iter().with_min_len(1 << 14).enumerate().map_init(|| vec![u32::MAX; coaches], twice);
    // The first in the order of coachees, whatever the threads did.
    match found.find_first(Option::is_some).flatten() {
        Some(twice) => Err(twice),
        None => Ok(entries),
    }
}

/// Moves the entries so that there is one run a coachee, in order of position. Costs nothing
/// when they came that way, which spares the second copy of a large file's entries.
fn grouped<E: Entry>(mut entries: Vec<E>, runs: &[(u32, usize)]) -> Vec<E> {
    entries.shrink_to_fit();
    if runs.is_sorted_by(|a, b| a.0 < b.0) {
        return entries;
    }
    let mut order: Vec<(u32, Range<usize>)> = ranges(runs, entries.len()).collect();
    order.sort_by_key(|run| run.0);
    order.into_iter().flat_map(|(_, run)| entries[run].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder() -> InstanceBuilder {
        let priority = |class, lottery| Priority { class, lottery };
        InstanceBuilder::new(vec![1, 2], vec![priority(0, 5), priority(1, 9), priority(0, 1)])
    }

    #[test]
    fn lists_are_sorted_and_keep_the_order_of_preference() {
        let mut b = builder();
        for (coachee, coach, weight) in [(2, 1, 4), (0, 1, 3), (2, 0, 4), (0, 0, 9)] {
            b.push(coachee, coach, weight).unwrap();
        }
        let instance = b.build().unwrap();
        let coaches = |coachee| instance.list(coachee).map(|e| e.coach).collect::<Vec<_>>();
        assert_eq!((coaches(0), coaches(1), coaches(2)), (vec![0, 1], vec![], vec![1, 0]));
        assert_eq!(instance.queue(), [1, 2, 0]);
        assert_eq!(instance.weight(0, 1), Some(3));
    }

    #[test]
    fn bad_entries_are_refused() {
        let mut b = builder();
        assert_eq!(b.push(3, 0, 1), Err(BadEdge::UnknownCoachee(3)));
        assert_eq!(b.push(0, 2, 1), Err(BadEdge::UnknownCoach(2)));
        assert_eq!(b.push(0, 1, 0), Err(BadEdge::ZeroWeight { coachee: 0, coach: 1 }));
        for coachee in [0, 1, 0] {
            b.push(coachee, 1, 7).unwrap();
        }
        assert_eq!(b.build(), Err(BadEdge::Twice { coachee: 0, coach: 1 }));
    }
}
