//! A cohort as a whole: saving all its records at once, and getting them back.

use std::collections::HashSet;

use super::types::Stamp;
use super::{CohortId, Db, Saved, StoreResult, agencies, coachees, coaches, levels, sorted};
use crate::domain::PersonCode;
use crate::domain::records::{AssessmentRecord, CoacheeRecord, CohortRecords, RequirementRecord, RequirementScope};

/// What saving a cohort did, kind by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct SavedCohort {
    /// Agencies.
    pub agencies: Saved,
    /// Coaches.
    pub coaches: Saved,
    /// Coachees.
    pub coachees: Saved,
    /// Assessments.
    pub assessments: Saved,
    /// Scopes with overrides of required levels.
    pub requirements: Saved,
}

impl SavedCohort {
    /// Whether nothing was written.
    pub fn is_idle(&self) -> bool {
        let all = [self.agencies, self.coaches, self.coachees, self.assessments, self.requirements];
        all.iter().all(Saved::is_idle)
    }
}

/// Saves all records of a cohort.
///
/// # Errors
/// [`Conflict`](super::StoreError::Conflict) when a record refers to something that is not there,
/// or contradicts another.
pub fn save(db: &mut Db, cohort: CohortId, records: &CohortRecords, now: Stamp) -> StoreResult<SavedCohort> {
    Ok(SavedCohort {
        agencies: agencies::save(db, &records.agencies)?,
        coaches: coaches::save(db, &records.coaches, now)?,
        coachees: coachees::save(db, cohort, &records.coachees, now)?,
        assessments: levels::save_assessments(db, &records.assessments)?,
        requirements: levels::save_requirements(db, &records.requirements)?,
    })
}

/// Loads what a run of a cohort needs, in [canonical order](canonical): the coachees with an open
/// request in it, their assessments, the overrides that may concern them, all coaches, and the
/// agencies that are not as the reference data has them. Call it in a [snapshot](super::Store::snapshot).
///
/// # Errors
/// When the database cannot be read.
pub fn load(db: &mut Db, cohort: CohortId) -> StoreResult<CohortRecords> {
    db.expect_many_rows()?;
    let coachees = coachees::open_in(db, cohort)?;
    let codes: Vec<&str> = coachees.iter().map(|coachee| coachee.code.as_str()).collect();
    let assessments = levels::assessments_by_code(db, &codes)?;
    let asking: HashSet<&PersonCode> = coachees.iter().map(|coachee| &coachee.code).collect();
    let requirements = levels::requirements(db)?
        .into_iter()
        .filter(|(scope, _)| !matches!(scope, RequirementScope::Person(person) if !asking.contains(person)))
        .map(|(scope, levels)| RequirementRecord { scope, levels })
        .collect();
    Ok(CohortRecords {
        agencies: agencies::of_reference(db, false)?,
        coachees,
        assessments,
        requirements,
        coaches: coaches::all(db)?,
    })
}

/// The same records in one order, whatever order they came in: by code, and lists whose
/// order says nothing sorted, without repetitions. What is loaded is in this order.
pub fn canonical(mut records: CohortRecords) -> CohortRecords {
    records.agencies.sort_by(|a, b| a.code.cmp(&b.code));
    records.coachees.sort_by(|a, b| a.code.cmp(&b.code));
    records.assessments.sort_by(|a, b| assessment_key(a).cmp(&assessment_key(b)));
    records.requirements.sort_by(|a, b| a.scope.cmp(&b.scope));
    records.coaches.sort_by(|a, b| a.code.cmp(&b.code));
    CohortRecords {
        agencies: records.agencies,
        coachees: records
            .coachees
            .into_iter()
            .map(|coachee| CoacheeRecord { earlier: sorted(&coachee.earlier), ..coachee })
            .collect(),
        assessments: records
            .assessments
            .into_iter()
            .map(|assessment| {
                let levels = levels::entries(&assessment.levels).into_iter().collect();
                AssessmentRecord { levels, ..assessment }
            })
            .collect(),
        requirements: records
            .requirements
            .into_iter()
            .map(|requirement| RequirementRecord { levels: sorted(&requirement.levels), ..requirement })
            .collect(),
        coaches: records.coaches.into_iter().map(coaches::canonical).collect(),
    }
}

fn assessment_key(record: &AssessmentRecord) -> (&PersonCode, crate::domain::AssessmentMethod, chrono::NaiveDate) {
    (&record.coachee, record.method, record.assessed_on)
}
