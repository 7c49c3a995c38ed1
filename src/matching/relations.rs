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
        let mut notes = Notes::default();
        let by_code = |code: &str| self.coach_by_code.get(code).copied();
        let code = coachee.code.as_str();
        let same_number = coachee.identity.as_ref().and_then(|i| self.coach_by_identity.get(i).copied());
        by_code(code).into_iter().chain(same_number).for_each(|coach| notes.same_person(coach));
        let above = self.chain(code).into_iter().filter_map(by_code);
        let below = self.subordinate_coaches.get(code).into_iter().flatten().copied();
        above.chain(below).for_each(|coach| notes.line_of_command(coach));
        coachee.earlier.iter().filter_map(|c| by_code(c.as_str())).for_each(|coach| notes.earlier(coach));
        for (rank, choice) in (1u8..=3).zip(&coachee.choices) {
            by_code(choice.as_str()).into_iter().for_each(|coach| notes.chosen(coach, rank));
        }
        self.wished_by.get(code).into_iter().flatten().for_each(|&coach| notes.wishing(coach));
        notes.by_coach()
    }
}

/// What is known about a coachee and single coaches, as it comes to be known. `K` names a coach.
pub(super) struct Notes<K>(Vec<(K, Relation)>);

impl<K> Default for Notes<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord> Notes<K> {
    /// The coach is the coachee.
    pub fn same_person(&mut self, coach: K) {
        self.of(coach).same_person = true;
    }

    /// The coach stands above the coachee, or below.
    pub fn line_of_command(&mut self, coach: K) {
        self.of(coach).line_of_command = true;
    }

    /// The two were a pair before, or one has said no.
    pub fn earlier(&mut self, coach: K) {
        self.of(coach).earlier = true;
    }

    /// The coach is one of the coachee's choices; of several ranks the first that is noted counts.
    pub fn chosen(&mut self, coach: K, rank: u8) {
        let known = &mut self.of(coach).rank;
        *known = if *known == 0 { rank } else { *known };
    }

    /// The coach wishes for the coachee.
    pub fn wishing(&mut self, coach: K) {
        self.of(coach).wish = true;
    }

    /// All that is noted, by coach.
    pub fn by_coach(mut self) -> Vec<(K, Relation)> {
        self.0.sort_by(|a, b| a.0.cmp(&b.0));
        self.0
    }

    fn of(&mut self, coach: K) -> &mut Relation {
        let at = self.0.iter().position(|(known, _)| *known == coach).unwrap_or_else(|| {
            self.0.push((coach, Relation::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}
