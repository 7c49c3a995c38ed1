//! What an assignment is computed from: places, priorities, and each coachee's weighted list.

use std::cmp::Reverse;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    capacity: Vec<u32>,
    priority: Vec<Priority>,
    start: Vec<usize>,
    edges: Vec<Edge>,
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
        self.edges.len()
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
    pub fn list(&self, coachee: u32) -> &[Edge] {
        &self.edges[self.start[coachee as usize]..self.start[coachee as usize + 1]]
    }

    /// The weight of a pair, if it is listed.
    pub fn weight(&self, coachee: u32, coach: u32) -> Option<u32> {
        self.list(coachee).iter().find(|edge| edge.coach == coach).map(|edge| edge.weight)
    }

    /// All coachees, the most urgent first; equals by position.
    pub fn queue(&self) -> Vec<u32> {
        let mut queue: Vec<u32> = (0..self.coachees() as u32).collect();
        queue.sort_unstable_by_key(|&coachee| (self.priority(coachee).order(), coachee));
        queue
    }

    /// The largest weight, 0 when nothing is listed.
    pub(crate) fn heaviest(&self) -> u32 {
        (0..self.coachees() as u32)
            .filter_map(|coachee| self.list(coachee).first())
            .map(|e| e.weight)
            .max()
            .unwrap_or(0)
    }
}

/// Collects entries in any order and checks them.
pub struct InstanceBuilder {
    capacity: Vec<u32>,
    priority: Vec<Priority>,
    edges: Vec<Edge>,
    /// Entries arrive in runs of one coachee; a run is told by its coachee and its first entry.
    runs: Vec<(u32, usize)>,
}

impl InstanceBuilder {
    /// Starts with the places of each coach and each coachee's priority.
    pub fn new(capacity: Vec<u32>, priority: Vec<Priority>) -> Self {
        Self { capacity, priority, edges: Vec::new(), runs: Vec::new() }
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
            self.runs.push((coachee, self.edges.len()));
        }
        self.edges.push(Edge { coach, weight });
        Ok(())
    }

    /// Puts the lists into their order.
    ///
    /// # Errors
    /// When a pair was listed twice.
    pub fn build(mut self) -> Result<Instance, BadEdge> {
        self.group();
        let mut start = vec![0; self.priority.len() + 1];
        let mut ends = self.runs.iter().skip(1).map(|run| run.1).chain([self.edges.len()]);
        for &(coachee, from) in &self.runs {
            start[coachee as usize + 1] = ends.next().unwrap_or(from) - from;
        }
        for coachee in 0..self.priority.len() {
            start[coachee + 1] += start[coachee];
        }
        let mut instance = Instance { capacity: self.capacity, priority: self.priority, start, edges: self.edges };
        instance.check_twice()?;
        instance.sort_lists();
        Ok(instance)
    }

    /// Moves the entries so that there is one run a coachee, in order of position. Costs nothing
    /// when they came that way, which spares the second copy of a large file's entries.
    fn group(&mut self) {
        self.edges.shrink_to_fit();
        if self.runs.is_sorted_by(|a, b| a.0 < b.0) {
            return;
        }
        let ends: Vec<usize> = self.runs.iter().skip(1).map(|run| run.1).chain([self.edges.len()]).collect();
        let mut order: Vec<usize> = (0..self.runs.len()).collect();
        order.sort_by_key(|&run| self.runs[run].0);
        let mut edges = Vec::with_capacity(self.edges.len());
        let mut runs: Vec<(u32, usize)> = Vec::new();
        for run in order {
            let (coachee, from) = self.runs[run];
            if runs.last().is_none_or(|&(last, _)| last != coachee) {
                runs.push((coachee, edges.len()));
            }
            edges.extend_from_slice(&self.edges[from..ends[run]]);
        }
        (self.edges, self.runs) = (edges, runs);
    }
}

impl Instance {
    fn check_twice(&self) -> Result<(), BadEdge> {
        let mut listed_by = vec![u32::MAX; self.coaches()];
        for coachee in 0..self.coachees() as u32 {
            for edge in self.list(coachee) {
                if std::mem::replace(&mut listed_by[edge.coach as usize], coachee) == coachee {
                    return Err(BadEdge::Twice { coachee, coach: edge.coach });
                }
            }
        }
        Ok(())
    }

    fn sort_lists(&mut self) {
        for coachee in 0..self.coachees() {
            // The sort is stable, so that the order of preference stays among equal weights.
            self.edges[self.start[coachee]..self.start[coachee + 1]].sort_by_key(|edge| Reverse(edge.weight));
        }
    }
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
        let coaches = |coachee| instance.list(coachee).iter().map(|e| e.coach).collect::<Vec<_>>();
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

#[cfg(test)]
pub(crate) mod testing {
    //! Instances for tests of this room.

    use super::*;
    use proptest::prelude::*;

    /// A small generator of numbers for instances (SplitMix64).
    pub struct Draw(pub u64);

    impl Draw {
        /// A number below `end`.
        pub fn below(&mut self, end: u32) -> u32 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 32) as u32 % end
        }

        /// An instance with lists of up to `longest` and weights up to `heaviest`.
        pub fn instance(&mut self, coachees: u32, coaches: u32, longest: u32, heaviest: u32) -> Instance {
            let capacity = (0..coaches).map(|_| self.below(4)).collect();
            let priority = (0..coachees)
                .map(|_| Priority { class: self.below(3), lottery: u64::from(self.below(1000)) })
                .collect();
            let mut builder = InstanceBuilder::new(capacity, priority);
            for coachee in 0..coachees {
                let mut coach = self.below(coaches);
                for _ in 0..self.below(longest + 1).min(coaches) {
                    builder.push(coachee, coach, 1 + self.below(heaviest)).unwrap();
                    coach = (coach + 1) % coaches;
                }
            }
            builder.build().unwrap()
        }
    }

    /// Up to 6 coachees and 4 coaches; with ties, full and closed coaches, empty lists, coaches nobody lists.
    pub fn small_instances() -> impl Strategy<Value = Instance> {
        let weight = prop_oneof![3 => Just(0u32), 4 => 1u32..4, 1 => 1u32..30];
        (1usize..=6, 1usize..=4).prop_flat_map(move |(coachees, coaches)| {
            (
                prop::collection::vec(0u32..4, coaches),
                prop::collection::vec((0u32..3, 0u64..5), coachees),
                prop::collection::vec(prop::collection::vec(weight.clone(), coaches), coachees),
            )
                .prop_map(|(capacity, priority, weights)| {
                    let priority = priority.into_iter().map(|(class, lottery)| Priority { class, lottery });
                    let mut builder = InstanceBuilder::new(capacity, priority.collect());
                    for (coachee, row) in weights.into_iter().enumerate() {
                        for (coach, weight) in row.into_iter().enumerate().filter(|entry| entry.1 > 0) {
                            builder.push(coachee as u32, coach as u32, weight).unwrap();
                        }
                    }
                    builder.build().unwrap()
                })
        })
    }
}
