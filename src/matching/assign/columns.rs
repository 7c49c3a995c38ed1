//! The lists read from the other side: who lists a coach, and at which weight.

use crate::matching::instance::Instance;

/// A coachee who lists the coach.
#[derive(Clone, Copy)]
pub(super) struct Fan {
    pub coachee: u32,
    pub weight: u32,
}

/// For each coach, the coachees who list them, by position.
pub(super) struct Columns {
    start: Vec<usize>,
    fans: Vec<Fan>,
}

impl Columns {
    /// Transposes the lists of an instance.
    pub fn of(instance: &Instance) -> Self {
        let coaches = instance.coaches();
        let mut start = vec![0usize; coaches + 1];
        let coachees = 0..instance.coachees() as u32;
        for edge in coachees.clone().flat_map(|coachee| instance.list(coachee)) {
            start[edge.coach as usize + 1] += 1;
        }
        for coach in 0..coaches {
            start[coach + 1] += start[coach];
        }
        let mut next = start.clone();
        let mut fans = vec![Fan { coachee: 0, weight: 0 }; start[coaches]];
        for coachee in coachees {
            for edge in instance.list(coachee) {
                let at = &mut next[edge.coach as usize];
                fans[*at] = Fan { coachee, weight: edge.weight };
                *at += 1;
            }
        }
        Self { start, fans }
    }

    /// Who lists this coach.
    pub fn of_coach(&self, coach: u32) -> &[Fan] {
        &self.fans[self.start[coach as usize]..self.start[coach as usize + 1]]
    }
}
