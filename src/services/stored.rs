//! How each kind of table lies in the database: what must be there before it, saving, loading.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::context::doc;
use super::{ServiceError, ServiceResult};
use crate::domain::records::{
    AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, RequirementRecord, RequirementScope,
};
use crate::domain::reference::{Competency, Field, LevelMeaning, PositionTier, Province, Regency, RemoteArea};
use crate::domain::{
    Admission, AdmissionKind, AgencyCode, Identity, Notice, PersonCode, ProvinceCode, Reference, RegencyCode,
};
use crate::store::outbox::{self, Message};
use crate::store::types::Stamp;
use crate::store::{
    CohortId, Db, PersonId, Saved, StoreResult, agencies, coachees, coaches, cohort_terms, levels, numbers, people,
    places, records, reference, requests,
};
use crate::tabular::{Record, RowError};

/// What saving a table did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Outcome {
    /// New, changed and unchanged rows.
    pub saved: Saved,
    /// Rows taken away, since the new table does not name them.
    pub removed: usize,
}

impl Outcome {
    /// Whether nothing was written.
    pub fn is_idle(&self) -> bool {
        self.saved.is_idle() && self.removed == 0
    }
}

impl From<Saved> for Outcome {
    fn from(saved: Saved) -> Self {
        Self { saved, removed: 0 }
    }
}

/// A kind of record that the database keeps.
pub trait Stored: Record + Clone {
    /// Whether an import must name a cohort.
    const IMPORT_NEEDS_COHORT: bool = false;
    /// Whether an export must name a cohort.
    const EXPORT_NEEDS_COHORT: bool = false;
    /// Whether an import replaces the whole table.
    const WHOLE: bool = false;

    /// What contradicts the database, or the cohort that the records are to belong to where there is one: the position
    /// of the record, and the error without its row.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn check(_db: &mut Db, _records: &[Self], _cohort: Option<CohortId>) -> StoreResult<Vec<(usize, RowError)>> {
        Ok(Vec::new())
    }

    /// Saves records that have been checked.
    ///
    /// # Errors
    /// Those of the store, and of reference data that does not fit together.
    fn save(db: &mut Db, records: &[Self], cohort: Option<CohortId>, now: Stamp) -> ServiceResult<Outcome>;

    /// Loads what the database holds.
    ///
    /// # Errors
    /// Those of the store.
    fn load(db: &mut Db, cohort: Option<CohortId>) -> ServiceResult<Vec<Self>>;
}

/// The refusal to read or write a table without a cohort.
pub(super) fn cohort_needed(table: &str) -> ServiceError {
    ServiceError::Invalid(format!("{table} belong to a cohort; which one is not said"))
}

fn cohort_of<T: Record>(cohort: Option<CohortId>) -> ServiceResult<CohortId> {
    cohort.ok_or_else(|| cohort_needed(T::TABLE.name))
}

impl Stored for AgencyRecord {
    fn save(db: &mut Db, records: &[Self], _: Option<CohortId>, _: Stamp) -> ServiceResult<Outcome> {
        Ok(agencies::save(db, records)?.into())
    }

    fn load(db: &mut Db, _: Option<CohortId>) -> ServiceResult<Vec<Self>> {
        let mut all = agencies::of_reference(db, true)?;
        all.extend(agencies::of_reference(db, false)?);
        all.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(all)
    }
}

impl Stored for CoacheeRecord {
    const IMPORT_NEEDS_COHORT: bool = true;
    const EXPORT_NEEDS_COHORT: bool = true;

    fn check(db: &mut Db, records: &[Self], cohort: Option<CohortId>) -> StoreResult<Vec<(usize, RowError)>> {
        let mut errors = unknown_agencies(db, records, |coachee| vec![("agency", &coachee.agency)])?;
        if let Some(cohort) = cohort {
            errors.extend(not_admitted(db, records, cohort)?);
        }
        errors.extend(foreign_identities(db, records, |coachee| (&coachee.code, coachee.identity.as_ref()))?);
        Ok(errors)
    }

    fn save(db: &mut Db, records: &[Self], cohort: Option<CohortId>, now: Stamp) -> ServiceResult<Outcome> {
        Ok(coachees::save(db, cohort_of::<Self>(cohort)?, records, now)?.into())
    }

    fn load(db: &mut Db, cohort: Option<CohortId>) -> ServiceResult<Vec<Self>> {
        Ok(records::load(db, cohort_of::<Self>(cohort)?)?.coachees)
    }
}

impl Stored for CoachRecord {
    fn check(db: &mut Db, records: &[Self], _: Option<CohortId>) -> StoreResult<Vec<(usize, RowError)>> {
        let mut errors = unknown_agencies(db, records, |coach| {
            coach.conflicts.iter().map(|agency| ("conflicts", agency)).chain([("agency", &coach.agency)]).collect()
        })?;
        errors.extend(foreign_identities(db, records, |coach| (&coach.code, coach.identity.as_ref()))?);
        errors.extend(too_few_places(db, records)?);
        Ok(errors)
    }

    fn save(db: &mut Db, records: &[Self], _: Option<CohortId>, now: Stamp) -> ServiceResult<Outcome> {
        Ok(coaches::save(db, records, now)?.into())
    }

    fn load(db: &mut Db, _: Option<CohortId>) -> ServiceResult<Vec<Self>> {
        Ok(coaches::all(db)?)
    }
}

impl Stored for AssessmentRecord {
    const EXPORT_NEEDS_COHORT: bool = true;

    fn check(db: &mut Db, records: &[Self], _: Option<CohortId>) -> StoreResult<Vec<(usize, RowError)>> {
        let codes: Vec<&str> = records.iter().map(|assessment| assessment.coachee.as_str()).collect();
        let known = people::known(db, &codes)?;
        let lost = records.iter().enumerate().filter(|(_, assessment)| !known.contains(&assessment.coachee));
        Ok(lost
            .map(|(at, assessment)| {
                let expected = "a person who is in the database; import the coachees first";
                (at, RowError::unplaced("coachee", assessment.coachee.as_str(), expected))
            })
            .collect())
    }

    fn save(db: &mut Db, records: &[Self], _: Option<CohortId>, now: Stamp) -> ServiceResult<Outcome> {
        let (saved, people) = levels::save_assessments(db, records)?;
        tell_of_profiles(db, &people.into_iter().collect::<Vec<_>>(), now)?;
        Ok(saved.into())
    }

    fn load(db: &mut Db, cohort: Option<CohortId>) -> ServiceResult<Vec<Self>> {
        Ok(records::load(db, cohort_of::<Self>(cohort)?)?.assessments)
    }
}

/// Lets coachees know that their gaps can be seen, once for all that an import brings of each. Who has no address is
/// not told: there would be nothing but letters that cannot be sent.
fn tell_of_profiles(db: &mut Db, people: &[PersonId], now: Stamp) -> ServiceResult<()> {
    let mut messages = Vec::new();
    for person in coachees::reachable(db, people)? {
        let data = doc(&json!({ "about": person }))?;
        messages.push(Message { kind: Notice::GapProfileReady, person, data, not_before: None });
    }
    Ok(outbox::queue(db, &messages, now)?)
}

impl Stored for RequirementRecord {
    const EXPORT_NEEDS_COHORT: bool = true;

    fn check(db: &mut Db, records: &[Self], _: Option<CohortId>) -> StoreResult<Vec<(usize, RowError)>> {
        unknown_agencies(db, records, |requirement| match &requirement.scope {
            RequirementScope::Position(agency, _) => vec![("agency", agency)],
            _ => Vec::new(),
        })
    }

    fn save(db: &mut Db, records: &[Self], _: Option<CohortId>, _: Stamp) -> ServiceResult<Outcome> {
        Ok(levels::save_requirements(db, records)?.into())
    }

    fn load(db: &mut Db, cohort: Option<CohortId>) -> ServiceResult<Vec<Self>> {
        Ok(records::load(db, cohort_of::<Self>(cohort)?)?.requirements)
    }
}

/// The tables of the reference data are kept together, since they must fit together.
macro_rules! reference_table {
    ($($record:ident in $table:ident),+ $(,)?) => { $(
        impl Stored for $record {
            const WHOLE: bool = true;

            fn save(db: &mut Db, records: &[Self], _: Option<CohortId>, _: Stamp) -> ServiceResult<Outcome> {
                let mut parts = reference::load(db)?;
                let outcome = replacing(&parts.$table, records);
                if !outcome.is_idle() {
                    parts.$table = records.to_vec();
                    Reference::new(parts.clone()).map_err(|why| ServiceError::Invalid(why.to_string()))?;
                    reference::save(db, &parts)?;
                }
                Ok(outcome)
            }

            fn load(db: &mut Db, _: Option<CohortId>) -> ServiceResult<Vec<Self>> {
                Ok(reference::load(db)?.$table)
            }
        }
    )+ };
}

reference_table! {
    Province in provinces,
    Regency in regencies,
    RemoteArea in remote_areas,
    Competency in competencies,
    LevelMeaning in level_meanings,
    PositionTier in tiers,
    Field in fields,
}

/// What replacing one table by another does.
fn replacing<T: Record + PartialEq>(old: &[T], new: &[T]) -> Outcome {
    let by_key: HashMap<_, &T> = old.iter().map(|record| (record.key(), record)).collect();
    let mut saved = Saved::default();
    for record in new {
        match by_key.get(&record.key()) {
            None => saved.new += 1,
            Some(old) if *old == record => saved.unchanged += 1,
            Some(_) => saved.changed += 1,
        }
    }
    Outcome { saved, removed: old.len() - saved.changed - saved.unchanged }
}

fn unknown_agencies<T>(
    db: &mut Db,
    records: &[T],
    named: impl Fn(&T) -> Vec<(&'static str, &AgencyCode)>,
) -> StoreResult<Vec<(usize, RowError)>> {
    let mut known: HashSet<AgencyCode> = HashSet::new();
    for of_reference in [true, false] {
        known.extend(agencies::of_reference(db, of_reference)?.into_iter().map(|agency| agency.code));
    }
    let mut errors = Vec::new();
    for (at, record) in records.iter().enumerate() {
        for (column, agency) in named(record).into_iter().filter(|(_, agency)| !known.contains(*agency)) {
            let expected = "an agency that is in the database; import the agencies first";
            errors.push((at, RowError::unplaced(column, agency.as_str(), expected)));
        }
    }
    Ok(errors)
}

/// Coachees whom the cohort is not for. Who asks in it already goes on asking.
fn not_admitted(db: &mut Db, records: &[CoacheeRecord], cohort: CohortId) -> StoreResult<Vec<(usize, RowError)>> {
    let admission = cohort_terms::admission(db, cohort)?;
    if admission == Admission::default() {
        return Ok(Vec::new());
    }
    let regencies = reference::load(db)?.regencies;
    let provinces: HashMap<&RegencyCode, &ProvinceCode> =
        regencies.iter().map(|regency| (&regency.code, &regency.province)).collect();
    // A place that does not exist is told where places are looked at.
    let bars = |record: &CoacheeRecord| admission.bars(&record.agency, record.tier, provinces.get(&record.regency)?);
    let barred: Vec<(usize, AdmissionKind)> =
        records.iter().enumerate().filter_map(|(at, record)| Some((at, bars(record)?))).collect();
    let codes: Vec<PersonCode> = barred.iter().map(|(at, _)| records[*at].code.clone()).collect();
    let ids = people::ids(db, &codes)?;
    let mut errors = Vec::new();
    for (at, kind) in barred {
        let record = &records[at];
        let asks = match ids.get(&record.code) {
            Some(&coachee) => requests::live(db, cohort, coachee)?.is_some(),
            None => false,
        };
        if !asks {
            errors.push((at, row_not_admitted(record, kind, &admission)));
        }
    }
    Ok(errors)
}

fn row_not_admitted(record: &CoacheeRecord, kind: AdmissionKind, admission: &Admission) -> RowError {
    let Admission { agencies, tiers, provinces } = admission;
    let (column, value, what, codes): (_, _, _, Vec<&str>) = match kind {
        AdmissionKind::Agency => {
            ("agency", record.agency.as_str(), "an agency", agencies.iter().map(AgencyCode::as_str).collect())
        }
        AdmissionKind::Tier => {
            ("tier", record.tier.as_str(), "a tier", tiers.iter().map(|tier| tier.as_str()).collect())
        }
        AdmissionKind::Province => {
            let codes = provinces.iter().map(ProvinceCode::as_str).collect();
            ("regency", record.regency.as_str(), "a regency of a province", codes)
        }
    };
    RowError::unplaced(column, value, &format!("{what} that the cohort is for: {}", codes.join(", ")))
}

/// Coaches who would have fewer places than offers and pairings hold.
fn too_few_places(db: &mut Db, records: &[CoachRecord]) -> StoreResult<Vec<(usize, RowError)>> {
    let held = places::held(db)?;
    let held = |coach: &CoachRecord| held.get(&coach.code).copied().unwrap_or(0);
    let too_few = |coach: &CoachRecord| i32::from(coach.load) + held(coach) > i32::from(coach.capacity);
    let found = records.iter().enumerate().filter(|(_, coach)| coach.load <= coach.capacity && too_few(coach));
    Ok(found
        .map(|(at, coach)| {
            let (load, held) = (coach.load, held(coach));
            let expected = format!(
                "at least {}: {load} places of the load and {held} of offers and pairings",
                i32::from(load) + held
            );
            (at, RowError::unplaced("capacity", &coach.capacity.to_string(), &expected))
        })
        .collect())
}

/// Identity numbers that the database has under another code: the same person twice.
fn foreign_identities<T>(
    db: &mut Db,
    records: &[T],
    of: impl Fn(&T) -> (&PersonCode, Option<&Identity>),
) -> StoreResult<Vec<(usize, RowError)>> {
    let digits: Vec<&str> = records.iter().filter_map(|record| of(record).1).map(Identity::number).collect();
    let holders = numbers::holders(db, &digits)?;
    let mut errors = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let (code, Some(identity)) = of(record) else { continue };
        if let Some(holder) = holders.get(&(identity.kind(), identity.number().into())).filter(|holder| *holder != code)
        {
            let expected = format!("the number of {code}; in the database it is the number of {holder}");
            errors.push((at, RowError::unplaced("identity_number", &identity.masked(), &expected)));
        }
    }
    Ok(errors)
}
