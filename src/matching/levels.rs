//! From assessments and requirements to the gaps a request is about.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::columns::{Focus, FocusList, UnknownReference};
use crate::domain::records::{AssessmentRecord, CoacheeRecord, CohortRecords, RequirementScope};
use crate::domain::{CompetencyCode, CompetencyKind, Level, PersonCode, Policy, Reference};

/// Who was assessed at what, and what is required of whom.
pub(super) struct LevelBook<'a> {
    reference: &'a Reference,
    assessments: HashMap<&'a str, Vec<&'a AssessmentRecord>>,
    requirements: HashMap<&'a RequirementScope, &'a [(CompetencyCode, Level)]>,
}

impl<'a> LevelBook<'a> {
    /// Assessments after `as_of` do not count.
    pub fn new(
        records: &'a CohortRecords,
        reference: &'a Reference,
        as_of: NaiveDate,
    ) -> Result<Self, UnknownReference> {
        let mut assessments: HashMap<&str, Vec<&AssessmentRecord>> = HashMap::with_capacity(records.coachees.len());
        for assessment in records.assessments.iter().filter(|a| a.assessed_on <= as_of) {
            assessments.entry(assessment.coachee.as_str()).or_default().push(assessment);
        }
        let requirements = records.requirements.iter().map(|r| (&r.scope, r.levels.as_slice())).collect();
        Ok(Self { reference, assessments, requirements })
    }

    /// The focus of a coachee, and whether anything was assessed at all: the gaps asked for,
    /// or else the largest ones. A competency that nobody assessed has no measured gap.
    pub fn focus(&self, coachee: &CoacheeRecord, policy: &Policy) -> Result<(FocusList, bool), UnknownReference> {
        let assessed = self.assessed(coachee)?;
        let required = self.required(coachee)?;
        let wanted = |competency: u16| {
            let code = &self.reference.competencies()[usize::from(competency)].code;
            coachee.focus.iter().position(|f| f == code)
        };
        let mut gaps: Vec<Focus> = (0u16..)
            .zip(assessed.iter().zip(&required))
            .filter(|(_, (found, required))| **found > 0 && found < required)
            .map(|(competency, (&assessed, &required))| Focus { competency, required, assessed, max: 0 })
            .collect();
        if coachee.focus.is_empty() {
            gaps.sort_by_key(|f| (std::cmp::Reverse(f.required - f.assessed), f.competency));
        } else {
            gaps.retain(|f| wanted(f.competency).is_some());
            gaps.sort_by_key(|f| wanted(f.competency));
        }
        gaps.truncate(usize::from(policy.rules.focus_size));
        Ok((FocusList::new(&gaps, policy.weights.coverage), assessed.iter().any(|&level| level > 0)))
    }

    /// Level per competency, 0 where nobody assessed. The most trusted method counts, of its
    /// assessments the latest, of two on one day the lower.
    fn assessed(&self, coachee: &CoacheeRecord) -> Result<Vec<u8>, UnknownReference> {
        let mut best = vec![None; self.reference.competencies().len()];
        for record in self.assessments.get(coachee.code.as_str()).into_iter().flatten() {
            for (competency, level) in &record.levels {
                let at = self.competency(&coachee.code, competency)?;
                let key = (record.method, record.assessed_on, std::cmp::Reverse(level.get()));
                if best[at].is_none_or(|known| known < key) {
                    best[at] = Some(key);
                }
            }
        }
        Ok(best.into_iter().map(|found| found.map_or(0, |(_, _, level)| level.0)).collect())
    }

    /// Level per competency, 0 where none is required: the person's override, else the
    /// position's, else the tier's, else the tier's default for core competencies.
    fn required(&self, coachee: &CoacheeRecord) -> Result<Vec<u8>, UnknownReference> {
        let default = self.reference.default_required(coachee.tier).get();
        let core = |kind| if kind == CompetencyKind::Technical { 0 } else { default };
        let mut required: Vec<u8> = self.reference.competencies().iter().map(|c| core(c.kind)).collect();
        if self.requirements.is_empty() {
            return Ok(required);
        }
        let scopes = [
            RequirementScope::Tier(coachee.tier),
            RequirementScope::Position(coachee.agency.clone(), coachee.position.clone()),
            RequirementScope::Person(coachee.code.clone()),
        ];
        for scope in &scopes {
            for (competency, level) in self.requirements.get(scope).copied().into_iter().flatten() {
                required[self.competency(&coachee.code, competency)?] = level.get();
            }
        }
        Ok(required)
    }

    fn competency(&self, person: &PersonCode, code: &CompetencyCode) -> Result<usize, UnknownReference> {
        self.reference.competency(code.as_str()).map(usize::from).ok_or_else(|| UnknownReference {
            person: person.clone(),
            what: "competency",
            value: code.to_string(),
        })
    }
}
