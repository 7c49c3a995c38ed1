//! The best coaches of every coachee of a cohort, worked out on all cores.

use rayon::prelude::*;

use super::{Candidate, Scanner};

/// Coachees that one task takes: many enough that neighbours resemble each other, few enough
/// to share the tasks out.
const TASK: usize = 1 << 14;

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

    /// Takes the coachees in an order in which neighbours resemble each other, so that what was
    /// read for one is still at hand for the next.
    fn lists_of(&self, coachees: std::ops::Range<usize>, k: usize) -> Vec<Vec<Candidate>> {
        let e = &self.cohort.coachees;
        let focus = |i: usize| e.focus[i].as_slice().first().map(|focus| focus.competency);
        let mut order: Vec<usize> = coachees.clone().collect();
        order.sort_by_cached_key(|&i| (e.regency[i], e.field[i], focus(i), e.seniority[i]));
        let mut lists = vec![Vec::new(); coachees.len()];
        for i in order {
            lists[i - coachees.start] = self.shortlist(i, k);
        }
        lists
    }
}
