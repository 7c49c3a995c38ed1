//! Pairs that stand and pairs that must not be, whatever a run would find best.

use std::collections::HashSet;

use super::columns::{Cohort, Pair, Relation};
use super::rule::Rule;
use crate::domain::PersonCode;

/// A pair cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the pair of {coachee} and {coach} cannot be kept: {why}")]
pub struct CannotKeep {
    /// The coachee.
    pub coachee: PersonCode,
    /// The coach.
    pub coach: PersonCode,
    /// What is in the way.
    pub why: KeepFault,
}

/// What is in the way of keeping a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeepFault {
    /// The coachee is in another pair that is kept.
    HasCoach,
    /// All places of the coach are in pairs that are kept.
    NoPlaceLeft,
    /// Rules forbid it.
    Rules(Vec<Rule>),
}

impl std::fmt::Display for KeepFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeepFault::HasCoach => f.write_str("the coachee has a coach already"),
            KeepFault::NoPlaceLeft => f.write_str("the coach has no place left"),
            KeepFault::Rules(rules) => {
                let rules: Vec<&str> = rules.iter().map(|rule| rule.as_str()).collect();
                write!(f, "a rule forbids it ({})", rules.join(", "))
            }
        }
    }
}

impl Cohort {
    /// Lets pairs stand, (coachee, coach) by position, as when both sides have accepted: the coachees ask
    /// for nobody any more, and the places are gone. All other pairs keep the scores they had.
    ///
    /// # Errors
    /// When a rule forbids a pair, a coachee has another already, or a coach no place left; then some
    /// of the pairs before it are kept.
    pub fn keep(&mut self, pairs: &[(u32, u32)]) -> Result<(), CannotKeep> {
        let mut taken: HashSet<u32> = self.kept.iter().map(|pair| pair.coachee).collect();
        for &(coachee, coach) in pairs {
            let at = (coachee as usize, coach as usize);
            let cannot = |why| CannotKeep {
                coachee: self.coachees.code[at.0].clone(),
                coach: self.coaches.code[at.1].clone(),
                why,
            };
            if !taken.insert(coachee) {
                return Err(cannot(KeepFault::HasCoach));
            }
            if self.coaches.places[at.1] == 0 && self.coaches.free[at.1] > 0 {
                return Err(cannot(KeepFault::NoPlaceLeft));
            }
            let broken: Vec<Rule> = self.broken_rules(at.0, coach).iter().collect();
            if !broken.is_empty() {
                return Err(cannot(KeepFault::Rules(broken)));
            }
            let score = self.explain(at.0, coach).score;
            self.coaches.places[at.1] -= 1;
            self.kept_focus.insert(coachee, std::mem::take(&mut self.coachees.focus[at.0]));
            let left = self.coaches.open_places(at.1);
            self.reserve.iter_mut().for_each(|reserve| reserve.keep(coachee, coach, left));
            self.kept.push(Pair { coachee, coach, score });
        }
        Ok(())
    }

    /// As [`Cohort::keep`], of pairs to which both sides have said yes before.
    ///
    /// # Errors
    /// As [`Cohort::keep`].
    pub fn keep_accepted(&mut self, pairs: &[(u32, u32)]) -> Result<(), CannotKeep> {
        self.keep(pairs)?;
        self.accepted.extend(pairs.iter().map(|pair| pair.0));
        Ok(())
    }

    /// Whether an admin has pinned the pair that a coachee is kept in.
    pub fn is_pinned(&self, coachee: u32) -> bool {
        self.kept_focus.contains_key(&coachee) && !self.accepted.contains(&coachee)
    }

    /// Forbids pairs, (coachee, coach) by position, whatever else speaks for them. Those that are kept stand.
    pub fn forbid(&mut self, pairs: &[(u32, u32)]) {
        for &(coachee, coach) in pairs {
            let relations = &mut self.coachees.relations[coachee as usize];
            let at = match relations.binary_search_by_key(&coach, |&(at, _)| at) {
                Ok(at) => at,
                Err(at) => {
                    relations.insert(at, (coach, Relation::default()));
                    at
                }
            };
            if !std::mem::replace(&mut relations[at].1.forbidden, true) {
                self.forbidden.push((coachee, coach));
            }
        }
        self.forbidden.sort_unstable();
    }

    /// The pairs of a plan and those that are kept, by coachee.
    pub fn with_kept(&self, pairs: &[Pair]) -> Vec<Pair> {
        let mut all: Vec<Pair> = pairs.iter().chain(&self.kept).copied().collect();
        all.sort_unstable_by_key(|pair| pair.coachee);
        all
    }
}
