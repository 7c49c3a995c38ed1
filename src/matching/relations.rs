//! What links a coachee to single coaches: lines of command, earlier pairs, choices and wishes.

use std::collections::HashMap;

use super::columns::Relation;
use crate::domain::Identity;
use crate::domain::records::{CoachRecord, CoacheeRecord};

/// What links single persons: the same person in both roles, lines of command, wishes.
pub(super) struct Relations<'a> {
    coach_by_code: HashMap<&'a str, u32>,
    coach_by_identity: HashMap<&'a Identity, u32>,
    /// Whom each person reports to: one superior as coachee, another perhaps as coach.
    superiors: HashMap<&'a str, [Option<&'a str>; 2]>,
    /// Per coachee code: coaches who wish for, or report (however far down) to, the coachee.
    wished_by: HashMap<&'a str, Vec<u32>>,
    subordinate_coaches: HashMap<&'a str, Vec<u32>>,
}

/// Longest line of command followed; also ends circles in the data.
const MAX_CHAIN: usize = 16;

impl<'a> Relations<'a> {
    pub fn new(coaches: &[&'a CoachRecord], coachees: &[&'a CoacheeRecord]) -> Self {
        let mut relations = Self {
            coach_by_code: HashMap::with_capacity(coaches.len()),
            coach_by_identity: HashMap::new(),
            superiors: HashMap::new(),
            wished_by: HashMap::new(),
            subordinate_coaches: HashMap::new(),
        };
        let as_coachee = coachees.iter().map(|c| (0, &c.code, &c.superior));
        let as_coach = coaches.iter().map(|c| (1, &c.code, &c.superior));
        for (role, code, superior) in as_coachee.chain(as_coach) {
            if let Some(superior) = superior {
                relations.superiors.entry(code.as_str()).or_default()[role] = Some(superior.as_str());
            }
        }
        for (at, coach) in (0u32..).zip(coaches) {
            relations.coach_by_code.insert(coach.code.as_str(), at);
            if let Some(identity) = &coach.identity {
                relations.coach_by_identity.insert(identity, at);
            }
            for wish in &coach.wishes {
                relations.wished_by.entry(wish.as_str()).or_default().push(at);
            }
            for above in relations.chain(coach.code.as_str()) {
                relations.subordinate_coaches.entry(above).or_default().push(at);
            }
        }
        relations
    }

    /// All superiors of a person, nearest first.
    fn chain(&self, code: &'a str) -> Vec<&'a str> {
        let mut chain: Vec<&'a str> = Vec::new();
        let mut level = 0..self.add_superiors(code, code, &mut chain);
        for _ in 1..MAX_CHAIN {
            if level.is_empty() {
                break;
            }
            let reached = level.end;
            let added: usize = level.map(|at| self.add_superiors(chain[at], code, &mut chain)).sum();
            level = reached..reached + added;
        }
        chain
    }

    /// Adds those to whom somebody in the chain of a person reports, but for the person, each
    /// once; says how many there were.
    fn add_superiors(&self, of: &str, person: &str, chain: &mut Vec<&'a str>) -> usize {
        let before = chain.len();
        for &superior in self.superiors.get(of).into_iter().flatten().flatten() {
            if superior != person && !chain.contains(&superior) {
                chain.push(superior);
            }
        }
        chain.len() - before
    }

    /// What is known about a coachee and single coaches, by coach.
    pub fn of(&self, coachee: &'a CoacheeRecord) -> Vec<(u32, Relation)> {
        let mut found: Vec<(u32, Relation)> = Vec::new();
        let mut note = |coach: Option<u32>, change: &dyn Fn(&mut Relation)| {
            let Some(coach) = coach else { return };
            match found.iter_mut().find(|(at, _)| *at == coach) {
                Some((_, relation)) => change(relation),
                None => {
                    let mut relation = Relation::default();
                    change(&mut relation);
                    found.push((coach, relation));
                }
            }
        };
        let by_code = |code: &str| self.coach_by_code.get(code).copied();
        let code = coachee.code.as_str();
        note(by_code(code), &|r| r.same_person = true);
        let same_number = coachee.identity.as_ref().and_then(|i| self.coach_by_identity.get(i).copied());
        note(same_number, &|r| r.same_person = true);
        for above in self.chain(code) {
            note(by_code(above), &|r| r.line_of_command = true);
        }
        for &below in self.subordinate_coaches.get(code).into_iter().flatten() {
            note(Some(below), &|r| r.line_of_command = true);
        }
        for earlier in &coachee.earlier {
            note(by_code(earlier.as_str()), &|r| r.earlier = true);
        }
        for (rank, choice) in (1u8..=3).zip(&coachee.choices) {
            note(by_code(choice.as_str()), &|r| {
                if r.rank == 0 {
                    r.rank = rank;
                }
            });
        }
        for &coach in self.wished_by.get(code).into_iter().flatten() {
            note(Some(coach), &|r| r.wish = true);
        }
        found.sort_by_key(|&(coach, _)| coach);
        found
    }
}
