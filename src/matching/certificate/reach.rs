//! How many coachees can be matched at the same time, found from a given plan.

use super::Pairs;

/// The largest number of pairs of any plan. Looks for alternating paths from the unmatched to a
/// free place, and walks them, until there is none.
pub(super) fn most_pairs<P: Pairs>(problem: &P, coach_of: &[Option<u32>]) -> u64 {
    let mut walk = Walk::new(problem, coach_of);
    loop {
        walk.come_from.fill(None);
        let unmatched: Vec<u32> = (0..coach_of.len() as u32).filter(|&c| walk.coach_of[c as usize].is_none()).collect();
        let found = unmatched.into_iter().filter(|&coachee| walk.match_one(coachee)).count();
        if found == 0 {
            return walk.coach_of.iter().flatten().count() as u64;
        }
    }
}

struct Walk<'a, P> {
    problem: &'a P,
    coach_of: Vec<Option<u32>>,
    held: Vec<Vec<u32>>,
    /// The coachee from whom each coach was reached in this round; no coach is visited twice in a
    /// round. A last round that finds nothing has visited all there is to visit.
    come_from: Vec<Option<u32>>,
}

impl<'a, P: Pairs> Walk<'a, P> {
    fn new(problem: &'a P, coach_of: &[Option<u32>]) -> Self {
        let mut held = vec![Vec::new(); problem.coaches()];
        for (coachee, coach) in coach_of.iter().enumerate() {
            if let Some(coach) = coach {
                held[*coach as usize].push(coachee as u32);
            }
        }
        Self { problem, coach_of: coach_of.to_vec(), held, come_from: vec![None; problem.coaches()] }
    }

    fn match_one(&mut self, first: u32) -> bool {
        let mut open = vec![first];
        while let Some(coachee) = open.pop() {
            let mut free = None;
            let (problem, held, come_from) = (self.problem, &self.held, &mut self.come_from);
            problem.for_each_of(coachee, |coach, _| {
                let at = coach as usize;
                if free.is_some() || come_from[at].is_some() {
                    return;
                }
                come_from[at] = Some(coachee);
                if held[at].len() < problem.capacity(coach) as usize {
                    free = Some(coach);
                } else {
                    open.extend_from_slice(&held[at]);
                }
            });
            if let Some(coach) = free {
                self.shift(coach, first);
                return true;
            }
        }
        false
    }

    fn shift(&mut self, free: u32, first: u32) {
        let mut coach = free;
        while let Some(coachee) = self.come_from[coach as usize] {
            let left = self.coach_of[coachee as usize].replace(coach);
            self.held[coach as usize].push(coachee);
            let Some(left) = left.filter(|_| coachee != first) else { return };
            self.held[left as usize].retain(|&other| other != coachee);
            coach = left;
        }
    }
}
