//! How many coachees can be matched at the same time, found from a given plan.

use std::collections::VecDeque;

use super::{Frontier, Pairs};

/// The largest number of pairs of any plan for those who take part, who must be all who have a
/// coach. Looks for alternating paths from the unmatched to a free place, and walks them, until
/// there is none (Hopcroft & Karp 1973: from all at once, the shortest first, so that few rounds do).
pub(super) fn most_pairs<P: Pairs>(problem: &P, coach_of: &[Option<u32>], takes_part: impl Fn(u32) -> bool) -> u64 {
    let mut walk = Walk::new(problem, coach_of);
    while walk.has_free_places() && walk.round(&takes_part) > 0 {}
    walk.coach_of.iter().flatten().count() as u64
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

    fn has_free(&self, coach: u32) -> bool {
        self.held[coach as usize].len() < self.problem.capacity(coach) as usize
    }

    fn has_free_places(&self) -> bool {
        (0..self.held.len() as u32).any(|coach| self.has_free(coach))
    }

    /// Tells how many could be matched in addition. From each who is unmatched grows a tree; none grows into another,
    /// and one that has come to a free place grows no further.
    fn round(&mut self, takes_part: impl Fn(u32) -> bool) -> usize {
        self.come_from.fill(None);
        let (problem, everybody) = (self.problem, 0..self.coach_of.len() as u32);
        let mut frontier = problem.frontier();
        let unmatched = everybody.filter(|&c| self.coach_of[c as usize].is_none() && takes_part(c));
        let mut open: VecDeque<(u32, u32)> = unmatched.map(|coachee| (coachee, coachee)).collect();
        let mut matched = 0;
        while let Some((coachee, root)) = open.pop_front() {
            if self.coach_of[root as usize].is_some() {
                continue;
            }
            for coach in frontier.take(coachee) {
                if self.coach_of[root as usize].is_some() {
                    frontier.give_back(coach);
                    continue;
                }
                self.come_from[coach as usize] = Some(coachee);
                if self.has_free(coach) {
                    self.shift(coach, root);
                    matched += 1;
                    // Others may come to what else is free there.
                    frontier.give_back(coach);
                } else {
                    open.extend(self.held[coach as usize].iter().map(|&holder| (holder, root)));
                }
            }
        }
        matched
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

/// The frontier of a source that can only go through all pairs.
pub(super) struct Unseen<'a, P> {
    problem: &'a P,
    seen: Vec<bool>,
}

impl<'a, P: Pairs> Unseen<'a, P> {
    pub fn new(problem: &'a P) -> Self {
        Self { problem, seen: vec![false; problem.coaches()] }
    }
}

impl<P: Pairs> Frontier for Unseen<'_, P> {
    fn take(&mut self, coachee: u32) -> Vec<u32> {
        let mut new = Vec::new();
        self.problem.for_each_of(coachee, |coach, _| {
            if !std::mem::replace(&mut self.seen[coach as usize], true) {
                new.push(coach);
            }
        });
        new
    }

    fn give_back(&mut self, coach: u32) {
        self.seen[coach as usize] = false;
    }
}
