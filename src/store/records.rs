//! A cohort as a whole: saving all its records at once, and getting them back.

use std::collections::{HashMap, HashSet};

use super::types::Stamp;
use super::{
    CHUNK, CohortId, Db, PersonId, Saved, StoreResult, agencies, coachees, coaches, levels, people, places, rankings,
    sorted,
};
use crate::domain::PersonCode;
use crate::domain::records::{
    AssessmentRecord, CoachRecord, CoacheeRecord, CohortRecords, RequirementRecord, RequirementScope,
};

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
        assessments: levels::save_assessments(db, &records.assessments)?.0,
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
    load_with(db, cohort, &[])
}

/// The same with some pairs, (coachee, coach), that have become pairings: with the coachees, and with the places
/// that they have taken.
///
/// # Errors
/// When the database cannot be read.
pub fn load_with(db: &mut Db, cohort: CohortId, pairings: &[(PersonCode, PersonCode)]) -> StoreResult<CohortRecords> {
    db.expect_many_rows()?;
    let mut coachees = coachees::open_in(db, cohort)?;
    for chunk in pairings.chunks(CHUNK) {
        let codes: Vec<&str> = chunk.iter().map(|(coachee, _)| coachee.as_str()).collect();
        coachees.extend(coachees::some(db, cohort, &codes)?);
    }
    coachees.sort_by(|a, b| a.code.cmp(&b.code));
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
        coaches: without_places(
            with_wishes(all_coaches(db)?, rankings::of_cohort(db, cohort)?),
            pairings.iter().map(|(_, coach)| coach),
        ),
    })
}

/// Coaches without some places that they have given away: one for each time that one is named.
fn without_places<'a>(mut coaches: Vec<CoachRecord>, given: impl Iterator<Item = &'a PersonCode>) -> Vec<CoachRecord> {
    let mut places: HashMap<&PersonCode, u16> = HashMap::new();
    given.for_each(|coach| *places.entry(coach).or_default() += 1);
    for coach in coaches.iter_mut().filter(|_| !places.is_empty()) {
        coach.load = coach.load.saturating_sub(places.get(&coach.code).copied().unwrap_or(0));
    }
    coaches
}

/// Coaches with whom they have said to wish for in the ranking of a cohort, besides what imports say.
fn with_wishes(mut coaches: Vec<CoachRecord>, mut wishes: HashMap<PersonCode, Vec<PersonCode>>) -> Vec<CoachRecord> {
    for coach in &mut coaches {
        if let Some(more) = wishes.remove(&coach.code) {
            coach.wishes.extend(more);
            coach.wishes = sorted(&coach.wishes);
        }
    }
    coaches
}

/// Coaches as a match must see them: places held by offers and pairings are taken too.
fn with_held(coaches: Vec<CoachRecord>, held: &HashMap<PersonCode, i32>) -> Vec<CoachRecord> {
    let taken = |code: &PersonCode| held.get(code).and_then(|&held| u16::try_from(held).ok()).unwrap_or(0);
    coaches.into_iter().map(|coach| CoachRecord { load: coach.load + taken(&coach.code), ..coach }).collect()
}

/// All coaches as a match must see them, by code.
///
/// # Errors
/// When the database cannot be read.
pub fn all_coaches(db: &mut Db) -> StoreResult<Vec<CoachRecord>> {
    Ok(with_held(coaches::all(db)?, &places::held(db)?))
}

/// Those of some persons who are coaches, as a match must see them, in no order.
///
/// # Errors
/// When the database cannot be read.
pub fn coaches_of(db: &mut Db, persons: &[PersonId]) -> StoreResult<Vec<CoachRecord>> {
    let mut records = Vec::with_capacity(persons.len());
    for chunk in persons.chunks(CHUNK) {
        let codes = people::codes(db, chunk)?;
        let found = coaches::some(db, &codes.iter().map(PersonCode::as_str).collect::<Vec<_>>())?;
        records.extend(with_held(found, &places::held_by(db, &codes)?));
    }
    Ok(records)
}

/// How far up lines of command are followed.
pub(super) const MAX_CHAIN: usize = 16;

/// Some persons, the coachees among them with the latest request in a cohort, and whoever stands above them.
fn with_superiors(db: &mut Db, cohort: CohortId, mut wanted: Vec<PersonCode>) -> StoreResult<CohortRecords> {
    let mut records = CohortRecords::default();
    let mut known: HashSet<PersonCode> = HashSet::new();
    for _ in 0..=MAX_CHAIN {
        wanted.retain(|code| known.insert(code.clone()));
        if wanted.is_empty() {
            break;
        }
        let mut superiors = Vec::new();
        for chunk in wanted.chunks(CHUNK) {
            let codes: Vec<&str> = chunk.iter().map(PersonCode::as_str).collect();
            let (below, above) = (coachees::some(db, cohort, &codes)?, coaches::some(db, &codes)?);
            superiors.extend(below.iter().filter_map(|coachee| coachee.superior.clone()));
            superiors.extend(above.iter().filter_map(|coach| coach.superior.clone()));
            records.coachees.extend(below);
            records.coaches.extend(above);
        }
        wanted = superiors;
    }
    Ok(records)
}

/// Loads what is needed to look again at many pairs: both sides, the coachees with their latest request in a cohort,
/// whoever stands above them, and agencies. What takes long and hardly changes is left out: levels, and places held.
///
/// # Errors
/// When the database cannot be read.
pub fn of_pairs(db: &mut Db, cohort: CohortId, pairs: &[(PersonCode, PersonCode)]) -> StoreResult<CohortRecords> {
    let wanted = pairs.iter().flat_map(|(coachee, coach)| [coachee.clone(), coach.clone()]).collect();
    let records = with_superiors(db, cohort, wanted)?;
    Ok(CohortRecords { agencies: agencies::of_reference(db, false)?, ..records })
}

/// Loads what is needed to judge a few pairs: one coachee, with the latest request in a cohort, some
/// coaches, and whoever stands above them. Who is not there is missing in the records too.
///
/// # Errors
/// When the database cannot be read.
pub fn few(db: &mut Db, cohort: CohortId, coachee: &PersonCode, coaches: &[PersonCode]) -> StoreResult<CohortRecords> {
    let mut records = with_superiors(db, cohort, coaches.iter().chain([coachee]).cloned().collect())?;
    records.coaches = with_held(records.coaches, &places::held_by(db, coaches)?);
    records.assessments = levels::assessments_by_code(db, &[coachee.as_str()])?;
    if let Some(asking) = records.coachees.iter().find(|record| record.code == *coachee) {
        let requirements = levels::requirements_of(db, asking)?.into_iter();
        records.requirements = requirements.map(|(scope, levels)| RequirementRecord { scope, levels }).collect();
        records.agencies = agencies::some(db, &[asking.agency.as_str()])?;
    }
    Ok(records)
}

/// Loads what is needed to tell what is required of a coachee and what was found: none for a code
/// that no coachee has.
///
/// # Errors
/// When the database cannot be read.
pub fn levels_of(db: &mut Db, coachee: &PersonCode) -> StoreResult<Option<CohortRecords>> {
    let Some(record) = coachees::profile(db, coachee.as_str())? else { return Ok(None) };
    let requirements = levels::requirements_of(db, &record)?.into_iter();
    Ok(Some(CohortRecords {
        assessments: levels::assessments_by_code(db, &[coachee.as_str()])?,
        requirements: requirements.map(|(scope, levels)| RequirementRecord { scope, levels }).collect(),
        coachees: vec![record],
        ..CohortRecords::default()
    }))
}

/// The same of several coachees, by code; codes that no coachee has are passed over.
///
/// # Errors
/// When the database cannot be read.
pub fn levels_of_all(db: &mut Db, coachees: &[PersonCode]) -> StoreResult<CohortRecords> {
    let codes: Vec<&str> = coachees.iter().map(PersonCode::as_str).collect();
    let requirements = levels::requirements(db)?.into_iter();
    Ok(CohortRecords {
        coachees: coachees::profiles(db, &codes)?,
        assessments: levels::assessments_by_code(db, &codes)?,
        requirements: requirements.map(|(scope, levels)| RequirementRecord { scope, levels }).collect(),
        ..CohortRecords::default()
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
