//! From assessments and requirements to the gaps a request is about.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::columns::{Focus, FocusList, UnknownReference};
use crate::domain::records::{AssessmentRecord, CoacheeRecord, RequirementRecord, RequirementScope};
use crate::domain::{AssessmentMethod, CompetencyCode, CompetencyKind, Level, PersonCode, Policy, Reference, Tier};

/// Who was assessed at what, and what is required of whom.
pub struct LevelBook<'a> {
    reference: &'a Reference,
    /// Those that count, by the code of the coachee.
    assessments: Vec<&'a AssessmentRecord>,
    /// Of each coachee the first and the end among them.
    of_coachee: Vec<(usize, usize)>,
    tiers: HashMap<Tier, Overrides<'a>>,
    positions: HashMap<(&'a str, &'a str), Overrides<'a>>,
    persons: HashMap<&'a str, Overrides<'a>>,
}

/// What an assessment found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// How.
    pub method: AssessmentMethod,
    /// When.
    pub assessed_on: NaiveDate,
    /// What.
    pub level: Level,
}

impl Found {
    /// Of two the greater counts.
    pub(super) fn weight(self) -> (AssessmentMethod, NaiveDate, Reverse<u8>) {
        (self.method, self.assessed_on, Reverse(self.level.get()))
    }
}

type Overrides<'a> = &'a [(CompetencyCode, Level)];

impl<'a> LevelBook<'a> {
    /// For these coachees, by code. Assessments after `as_of` do not count.
    pub fn new(
        assessments: &'a [AssessmentRecord],
        requirements: &'a [RequirementRecord],
        coachees: &[&CoacheeRecord],
        reference: &'a Reference,
        as_of: NaiveDate,
    ) -> Self {
        let mut assessments: Vec<&AssessmentRecord> =
            assessments.iter().filter(|assessment| assessment.assessed_on <= as_of).collect();
        assessments.par_sort_by(|a, b| a.coachee.cmp(&b.coachee));
        let mut book = Self {
            reference,
            of_coachee: ranges(&assessments, coachees),
            assessments,
            tiers: HashMap::new(),
            positions: HashMap::new(),
            persons: HashMap::new(),
        };
        for requirement in requirements {
            let levels = requirement.levels.as_slice();
            match &requirement.scope {
                RequirementScope::Tier(tier) => book.tiers.insert(*tier, levels),
                RequirementScope::Position(agency, name) => {
                    book.positions.insert((agency.as_str(), name.as_str()), levels)
                }
                RequirementScope::Person(person) => book.persons.insert(person.as_str(), levels),
            };
        }
        book
    }

    /// The focus of the coachee at a position, and whether anything was assessed at all: the gaps
    /// asked for, or else the largest ones. A competency that nobody assessed has no measured gap.
    pub fn focus(
        &self,
        at: usize,
        coachee: &CoacheeRecord,
        policy: &Policy,
    ) -> Result<(FocusList, bool), UnknownReference> {
        let assessed = self.assessed(at, coachee)?;
        let required = self.required(coachee)?;
        let wanted = |competency: u16| {
            let code = &self.reference.competencies()[usize::from(competency)].code;
            coachee.focus.iter().position(|f| f == code)
        };
        let mut gaps: Vec<Focus> = (0u16..)
            .zip(assessed.iter().zip(&required))
            .filter_map(|(competency, (found, &required))| {
                let assessed = found.as_ref()?.level.get();
                (assessed < required).then_some(Focus { competency, required, assessed, max: 0 })
            })
            .collect();
        if coachee.focus.is_empty() {
            gaps.sort_by_key(|f| (Reverse(f.required - f.assessed), f.competency));
        } else {
            gaps.retain(|f| wanted(f.competency).is_some());
            gaps.sort_by_key(|f| wanted(f.competency));
        }
        gaps.truncate(usize::from(policy.rules.focus_size));
        Ok((FocusList::new(&gaps, policy.weights.coverage), assessed.iter().any(Option::is_some)))
    }

    /// What is required of the coachee at a position, and what was found, per competency of the
    /// reference data.
    ///
    /// # Errors
    /// When a record names a competency that is not there.
    pub fn all(&self, at: usize, coachee: &CoacheeRecord) -> Result<Vec<(u8, Option<Found>)>, UnknownReference> {
        Ok(self.required(coachee)?.into_iter().zip(self.assessed(at, coachee)?).collect())
    }

    /// What was found per competency; none where nobody assessed. The most trusted method counts, of its
    /// assessments the latest, of two on one day the lower.
    fn assessed(&self, at: usize, coachee: &CoacheeRecord) -> Result<Vec<Option<Found>>, UnknownReference> {
        let mut best: Vec<Option<Found>> = vec![None; self.reference.competencies().len()];
        let (first, end) = self.of_coachee[at];
        for record in &self.assessments[first..end] {
            let mut next = 0;
            for (competency, level) in record.levels.iter() {
                let at = self.competency(&coachee.code, competency, next)?;
                next = at + 1;
                let found = Found { method: record.method, assessed_on: record.assessed_on, level };
                if best[at].is_none_or(|known| known.weight() < found.weight()) {
                    best[at] = Some(found);
                }
            }
        }
        Ok(best)
    }

    /// Everything that was found per competency, in the order of the records.
    ///
    /// # Errors
    /// When a record names a competency that is not there.
    pub fn history(&self, at: usize, coachee: &CoacheeRecord) -> Result<Vec<Vec<Found>>, UnknownReference> {
        let mut all = vec![Vec::new(); self.reference.competencies().len()];
        let (first, end) = self.of_coachee[at];
        for record in &self.assessments[first..end] {
            for (competency, level) in record.levels.iter() {
                let found = Found { method: record.method, assessed_on: record.assessed_on, level };
                all[self.competency(&coachee.code, competency, 0)?].push(found);
            }
        }
        Ok(all)
    }

    /// Level per competency, 0 where none is required: the person's override, else the
    /// position's, else the tier's, else the tier's default for core competencies.
    fn required(&self, coachee: &CoacheeRecord) -> Result<Vec<u8>, UnknownReference> {
        let default = self.reference.default_required(coachee.tier).get();
        let core = |kind| if kind == CompetencyKind::Technical { 0 } else { default };
        let mut required: Vec<u8> = self.reference.competencies().iter().map(|c| core(c.kind)).collect();
        let scopes = [
            self.tiers.get(&coachee.tier),
            self.positions.get(&(coachee.agency.as_str(), coachee.position.as_str())),
            self.persons.get(coachee.code.as_str()),
        ];
        for levels in scopes.into_iter().flatten() {
            for (competency, level) in *levels {
                required[self.competency(&coachee.code, competency, 0)?] = level.get();
            }
        }
        Ok(required)
    }

    /// The position of a competency. Levels mostly come in the order of the reference data, so
    /// that the next one is a good guess.
    fn competency(&self, person: &PersonCode, code: &CompetencyCode, guess: usize) -> Result<usize, UnknownReference> {
        if self.reference.competencies().get(guess).is_some_and(|competency| competency.code == *code) {
            return Ok(guess);
        }
        self.reference.competency(code.as_str()).map(usize::from).ok_or_else(|| UnknownReference {
            person: person.clone(),
            what: "competency",
            value: code.to_string(),
        })
    }
}

/// Of each coachee the first and the end among the assessments; both are in the order of codes.
fn ranges(assessments: &[&AssessmentRecord], coachees: &[&CoacheeRecord]) -> Vec<(usize, usize)> {
    let mut first = 0;
    let range = |coachee: &&CoacheeRecord| {
        first += assessments[first..].iter().take_while(|a| a.coachee < coachee.code).count();
        let own = assessments[first..].iter().take_while(|a| a.coachee == coachee.code).count();
        (first, first + own)
    };
    coachees.iter().map(range).collect()
}
