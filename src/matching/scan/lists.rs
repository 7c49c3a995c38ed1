//! The best coaches of every coachee of a cohort, worked out on all cores.

use rayon::prelude::*;

use super::{Candidate, Scanner};

/// Coachees that one task takes: many enough to sort them well, few enough to share them out.
const TASK: usize = 8192;

/// Candidate lists of all coachees, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lists {
    /// Where each coachee's list begins, and the end of the last.
    pub start: Vec<usize>,
    /// Coaches, best first.
    pub coach: Vec<u32>,
    /// Their scores.
    pub score: Vec<u8>,
}

impl Lists {
    /// The list of a coachee, best first.
    pub fn of(&self, coachee: usize) -> impl Iterator<Item = (u32, u8)> + '_ {
        let range = self.start[coachee]..self.start[coachee + 1];
        self.coach[range.clone()].iter().copied().zip(self.score[range].iter().copied())
    }
}

impl Scanner<'_> {
    /// The `k` best coaches of one coachee, best first.
    pub fn shortlist(&self, coachee: usize, k: usize) -> Vec<Candidate> {
        self.query(coachee).best(k)
    }

    /// The `k` best coaches of every coachee, in the order of the coachees. The same on any number of cores.
    pub fn candidates(&self, k: usize) -> Lists {
        let n = self.cohort.coachees.len();
        let tasks: Vec<Vec<Vec<Candidate>>> = (0..n.div_ceil(TASK))
            .into_par_iter()
            .map(|task| self.lists_of(task * TASK..n.min((task + 1) * TASK), k))
            .collect();
        let all = || tasks.iter().flatten();
        let entries = all().map(Vec::len).sum();
        let mut lists = Lists {
            start: Vec::with_capacity(n + 1),
            coach: Vec::with_capacity(entries),
            score: Vec::with_capacity(entries),
        };
        lists.start.push(0);
        for list in all() {
            lists.coach.extend(list.iter().map(|c| c.coach()));
            lists.score.extend(list.iter().map(|c| c.score()));
            lists.start.push(lists.coach.len());
        }
        lists
    }

    fn lists_of(&self, coachees: std::ops::Range<usize>, k: usize) -> Vec<Vec<Candidate>> {
        coachees.map(|i| self.shortlist(i, k)).collect()
    }
}
