//! The lists read from the other side: who lists a coach, and at which weight.

use rayon::prelude::*;

use crate::matching::instance::{Entry, View};

/// For each coach, the coachees who list them, by falling weight.
pub(super) struct Columns<E> {
    start: Vec<usize>,
    fans: Vec<E>,
}

impl<E: Entry> Columns<E> {
    /// Transposes the lists of an instance.
    pub fn of(view: View<E>) -> Self {
        let coaches = view.instance().coaches();
        let mut start = vec![0usize; coaches + 1];
        for entry in view.lists().flat_map(|(_, list)| list) {
            start[entry.other() as usize + 1] += 1;
        }
        for coach in 0..coaches {
            start[coach + 1] += start[coach];
        }
        let mut next = start.clone();
        let mut fans = vec![E::of(0, 0); start[coaches]];
        for (coachee, list) in view.lists() {
            for entry in list {
                let at = &mut next[entry.other() as usize];
                fans[*at] = E::of(coachee, entry.weight());
                *at += 1;
            }
        }
        let mut columns = Self { start, fans };
        columns.sort();
        columns
    }

    fn sort(&mut self) {
        let mut rest = self.fans.as_mut_slice();
        let mut columns = Vec::with_capacity(self.start.len() - 1);
        for bounds in self.start.windows(2) {
            let (column, others) = rest.split_at_mut(bounds[1] - bounds[0]);
            columns.push(column);
            rest = others;
        }
        let by_weight = |fan: &E| (std::cmp::Reverse(fan.weight()), fan.other());
        columns.into_par_iter().for_each(|column| column.sort_unstable_by_key(by_weight));
    }

    /// Who lists this coach.
    pub fn of_coach(&self, coach: u32) -> &[E] {
        &self.fans[self.start[coach as usize]..self.start[coach as usize + 1]]
    }
}
