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
        let rows = self.for_everybody(|_, query| query.best(k));
        let mut lists = Lists::with_capacity(rows.len(), rows.iter().map(Vec::len).sum());
        for row in rows {
            lists.coach.extend(row.iter().map(|candidate| candidate.coach()));
            lists.score.extend(row.iter().map(|candidate| candidate.score()));
            lists.start.push(lists.coach.len());
        }
        lists
    }

    /// Asks something about every coachee, on all cores; the answers stand in the order of the coachees.
    pub fn for_everybody<T: Send>(&self, ask: impl Fn(usize, Query) -> T + Sync) -> Vec<T> {
        self.answers(&self.likeness().order, self.cohort.coachees.len(), |at| at, ask)
    }

    /// The same for some coachees; the answers stand in their order.
    pub fn for_some<T: Send>(&self, coachees: &[u32], ask: impl Fn(usize, Query) -> T + Sync) -> Vec<T> {
        let place = &self.likeness().place;
        let mut order: Vec<u32> = (0..coachees.len() as u32).collect();
        order.par_sort_unstable_by_key(|&at| place[coachees[at as usize] as usize]);
        self.answers(&order, coachees.len(), |at| coachees[at as usize], ask)
    }

    /// Takes the coachees in an order in which neighbours resemble each other, so that what was read for one is still
    /// at hand for the next.
    fn answers<T: Send>(
        &self,
        order: &[u32],
        count: usize,
        coachee: impl Fn(u32) -> u32 + Sync,
        ask: impl Fn(usize, Query) -> T + Sync,
    ) -> Vec<T> {
        let answers = |turns: &[u32]| {
            let coachees = turns.iter().map(|&at| coachee(at) as usize);
            coachees.map(|coachee| ask(coachee, self.query(coachee))).collect::<Vec<T>>()
        };
        let answered: Vec<Vec<T>> = order.par_chunks(TASK).map(answers).collect();
        let mut sorted: Vec<Option<T>> = std::iter::repeat_with(|| None).take(count).collect();
        for (&at, answer) in order.iter().zip(answered.into_iter().flatten()) {
            sorted[at as usize] = Some(answer);
        }
        sorted.into_iter().flatten().collect()
    }

    fn likeness(&self) -> &Likeness {
        self.likeness.get_or_init(|| {
            let e = &self.cohort.coachees;
            let focus = |i: usize| e.focus[i].as_slice().first().map(|focus| focus.competency);
            let key = |i: usize| (e.regency[i], e.field[i], focus(i), e.seniority[i]);
            let mut order: Vec<u32> = (0..e.len() as u32).collect();
            order.par_sort_by_key(|&i| key(i as usize));
            let mut place = vec![0; order.len()];
            (0..).zip(&order).for_each(|(at, &coachee)| place[coachee as usize] = at);
            Likeness { order, place }
        })
    }
}

/// Coachees in an order in which neighbours resemble each other.
pub(super) struct Likeness {
    order: Vec<u32>,
    /// Where each coachee stands in it.
    place: Vec<u32>,
}
