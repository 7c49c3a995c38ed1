//! The best coaches of every coachee of a cohort, worked out on all cores.

use std::ops::Range;

use rayon::prelude::*;

use super::top::Top;
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
    fn with_capacity(coachees: usize, entries: usize) -> Self {
        let mut start = Vec::with_capacity(coachees + 1);
        start.push(0);
        Self { start, coach: Vec::with_capacity(entries), score: Vec::with_capacity(entries) }
    }

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
        let task = |at: usize| self.lists_of(at * TASK..n.min((at + 1) * TASK), k);
        let tasks: Vec<Lists> = (0..n.div_ceil(TASK)).into_par_iter().map(task).collect();
        let entries = tasks.iter().map(|task| task.coach.len()).sum();
        let mut lists = Lists::with_capacity(n, entries);
        for task in tasks {
            let first = lists.coach.len();
            lists.start.extend(task.start[1..].iter().map(|end| first + end));
            lists.coach.extend(task.coach);
            lists.score.extend(task.score);
        }
        lists
    }

    /// Takes the coachees in an order in which neighbours resemble each other, so that what was
    /// read for one is still at hand for the next.
    fn lists_of(&self, coachees: Range<usize>, k: usize) -> Lists {
        let e = &self.cohort.coachees;
        let focus = |i: usize| e.focus[i].as_slice().first().map(|focus| focus.competency);
        let mut order: Vec<usize> = coachees.clone().collect();
        order.sort_by_cached_key(|&i| (e.regency[i], e.field[i], focus(i), e.seniority[i]));
        let mut best: Vec<Candidate> = Vec::with_capacity(order.len() * k.min(self.open().len()));
        let mut found = vec![0..0; order.len()];
        let mut top = Top::new(k);
        for i in order {
            self.query(i).fill(&mut top, |_| true);
            let first = best.len();
            best.extend(top.take_sorted());
            found[i - coachees.start] = first..best.len();
        }
        let mut lists = Lists::with_capacity(found.len(), best.len());
        for range in found {
            lists.coach.extend(best[range.clone()].iter().map(|candidate| candidate.coach()));
            lists.score.extend(best[range].iter().map(|candidate| candidate.score()));
            lists.start.push(lists.coach.len());
        }
        lists
    }
}
