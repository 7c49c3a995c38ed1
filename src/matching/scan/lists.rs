//! The best coaches of every coachee of a cohort, worked out on all cores.

use rayon::prelude::*;

use super::{Candidate, Query, Scanner};

/// Coachees that one task takes: many enough to be worth one, few enough to share the tasks out.
const TASK: usize = 1 << 8;

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
        let rows = self.for_everybody(|query| query.best(k));
        let mut lists = Lists::with_capacity(rows.len(), rows.iter().map(Vec::len).sum());
        for row in rows {
            lists.coach.extend(row.iter().map(|candidate| candidate.coach()));
            lists.score.extend(row.iter().map(|candidate| candidate.score()));
            lists.start.push(lists.coach.len());
        }
        lists
    }

    /// Asks something about every coachee, on all cores; the answers stand in the order of the
    /// coachees. They are taken in an order in which neighbours resemble each other, so that what
    /// was read for one is still at hand for the next.
    pub fn for_everybody<T: Send>(&self, ask: impl Fn(Query) -> T + Sync) -> Vec<T> {
        let order = self.likeness.get_or_init(|| self.order_of_likeness());
        let answers = |coachees: &[u32]| {
            let answers = coachees.iter().map(|&coachee| ask(self.query(coachee as usize)));
            answers.collect::<Vec<T>>()
        };
        let answered: Vec<Vec<T>> = order.par_chunks(TASK).map(answers).collect();
        let mut sorted: Vec<Option<T>> = std::iter::repeat_with(|| None).take(order.len()).collect();
        for (&coachee, answer) in order.iter().zip(answered.into_iter().flatten()) {
            sorted[coachee as usize] = Some(answer);
        }
        sorted.into_iter().flatten().collect()
    }

    fn order_of_likeness(&self) -> Vec<u32> {
        let e = &self.cohort.coachees;
        let focus = |i: usize| e.focus[i].as_slice().first().map(|focus| focus.competency);
        let key = |i: usize| (e.regency[i], e.field[i], focus(i), e.seniority[i]);
        let mut order: Vec<u32> = (0..e.len() as u32).collect();
        order.par_sort_by_key(|&i| key(i as usize));
        order
    }
}
