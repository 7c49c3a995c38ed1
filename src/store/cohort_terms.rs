//! The terms of cohorts: who may ask, and the policy that is followed while nobody runs anything.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{coachee_profiles, cohort_admissions as admissions, cohorts, policies, regencies, requests};
use super::types::{Day, Doc, Word};
use super::{CohortId, Db, PersonId, PolicyId, StoreError, StoreResult, lost};
use crate::domain::{Admission, AdmissionKind, AgencyCode, Policy, ProvinceCode, Tier};

/// The terms of a cohort.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Who may ask.
    pub admission: Admission,
    /// The policy; by default, the one by default.
    pub policy: Policy,
    /// How often the cohort was changed, from 1.
    pub version: i32,
}

/// The policy that a cohort follows.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn policy(db: &mut Db, id: CohortId) -> StoreResult<Policy> {
    // Asked for at every shortlist: see `.get_result` in the notes of the store.
    let of_cohort = cohorts::table
        .left_join(policies::table.on(cohorts::policy.eq(policies::id.nullable())))
        .filter(cohorts::id.eq(id))
        .select(policies::body.nullable());
    read(on_engine!(db, connection => of_cohort.get_result::<Option<Doc>>(connection))?)
}

fn read(body: Option<Doc>) -> StoreResult<Policy> {
    let read = body.map(|body| body.read().map_err(|why| StoreError::damaged("policies", why)));
    Ok(read.transpose()?.unwrap_or_default())
}

/// The terms of a cohort.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, id: CohortId) -> StoreResult<Terms> {
    let version = cohorts::table.find(id).select(cohorts::version).get_result(db)?;
    Ok(Terms { admission: admission(db, id)?, policy: policy(db, id)?, version })
}

/// The terms of all cohorts.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db) -> StoreResult<HashMap<CohortId, Terms>> {
    let rows: Vec<(CohortId, i32, Option<Doc>)> = cohorts::table
        .left_join(policies::table.on(cohorts::policy.eq(policies::id.nullable())))
        .select((cohorts::id, cohorts::version, policies::body.nullable()))
        .load(db)?;
    let mut admissions = admissions_of_all(db)?;
    let mut all = HashMap::with_capacity(rows.len());
    for (id, version, body) in rows {
        let admission = admissions.remove(&id).unwrap_or_default();
        all.insert(id, Terms { admission, policy: read(body)?, version });
    }
    Ok(all)
}

/// Who may ask in a cohort.
///
/// # Errors
/// When the database cannot be read.
pub fn admission(db: &mut Db, id: CohortId) -> StoreResult<Admission> {
    let rows: Vec<Row> = admissions::table.filter(admissions::cohort.eq(id)).load(db)?;
    put_together(rows).map(|mut all| all.remove(&id).unwrap_or_default())
}

/// Who may ask in each cohort that does not take everybody.
///
/// # Errors
/// When the database cannot be read.
pub fn admissions_of_all(db: &mut Db) -> StoreResult<HashMap<CohortId, Admission>> {
    put_together(admissions::table.load(db)?)
}

type Row = (CohortId, Word<AdmissionKind>, String);

fn put_together(rows: Vec<Row>) -> StoreResult<HashMap<CohortId, Admission>> {
    let mut all = HashMap::<CohortId, Admission>::new();
    for (cohort, kind, code) in rows {
        let admission = all.entry(cohort).or_default();
        let damaged = |why: &dyn std::fmt::Display| StoreError::damaged("cohort_admissions", why);
        match kind.0 {
            AdmissionKind::Agency => admission.agencies.insert(code.parse().map_err(|why| damaged(&why))?),
            AdmissionKind::Tier => admission.tiers.insert(code.parse().map_err(|why| damaged(&why))?),
            AdmissionKind::Province => admission.provinces.insert(code.parse().map_err(|why| damaged(&why))?),
        };
    }
    Ok(all)
}

/// Replaces who may ask in a cohort.
///
/// # Errors
/// When the database cannot be written, or there is no such cohort.
pub fn set_admission(db: &mut Db, id: CohortId, admission: &Admission) -> StoreResult<()> {
    diesel::delete(admissions::table.filter(admissions::cohort.eq(id))).execute(db)?;
    let Admission { agencies, tiers, provinces } = admission;
    let agencies = agencies.iter().map(|code| (AdmissionKind::Agency, code.as_str()));
    let tiers = tiers.iter().map(|tier| (AdmissionKind::Tier, tier.as_str()));
    let provinces = provinces.iter().map(|code| (AdmissionKind::Province, code.as_str()));
    let rows = agencies
        .chain(tiers)
        .chain(provinces)
        .map(|(kind, code)| row!(admissions { cohort: id, kind: kind.as_str(), code: code }));
    insert_all!(db, admissions::table, rows.collect())
}

/// Sets the policy that a cohort follows.
///
/// # Errors
/// [`StoreError::NotFound`], or when there is no such policy.
pub fn set_policy(db: &mut Db, id: CohortId, policy: PolicyId) -> StoreResult<()> {
    let changed = diesel::update(cohorts::table.find(id)).set(cohorts::policy.eq(policy)).execute(db)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Changes name and days of a cohort that was seen in a version, and counts the change.
///
/// # Errors
/// [`StoreError::Conflict`] when it has another version by now.
pub fn change(
    db: &mut Db,
    id: CohortId,
    seen: i32,
    name: &str,
    opens_on: Option<NaiveDate>,
    closes_on: Option<NaiveDate>,
) -> StoreResult<()> {
    let changed = diesel::update(cohorts::table.find(id).filter(cohorts::version.eq(seen)))
        .set(row!(cohorts {
            name: name,
            opens_on: opens_on.map(Day),
            closes_on: closes_on.map(Day),
            version: seen + 1,
        }))
        .execute(db)?;
    if changed == 1 { Ok(()) } else { Err(lost("cohort")) }
}

/// Whether a cohort is for the coachees of an agency alone.
///
/// # Errors
/// When the database cannot be read.
pub fn is_of_agency(db: &mut Db, id: CohortId, agency: &AgencyCode) -> StoreResult<bool> {
    Ok(admission(db, id)?.is_of_agency(agency))
}

/// Whether somebody of an agency that is not among these asks in a cohort, or ever did.
///
/// # Errors
/// When the database cannot be read.
pub fn others_ask<'a>(
    db: &mut Db,
    id: CohortId,
    agencies: impl IntoIterator<Item = &'a AgencyCode>,
) -> StoreResult<bool> {
    let agencies: Vec<&str> = agencies.into_iter().map(AgencyCode::as_str).collect();
    let others = requests::table
        .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(requests::coachee)))
        .filter(requests::cohort.eq(id).and(coachee_profiles::agency.ne_all(agencies)));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(db)?)
}

/// What decides whether a coachee may ask: agency, tier, and the province of work; none, when it is no coachee.
///
/// # Errors
/// When the database cannot be read.
pub fn employment(db: &mut Db, coachee: PersonId) -> StoreResult<Option<(AgencyCode, Tier, ProvinceCode)>> {
    let found: Option<(Word<AgencyCode>, Word<Tier>, Word<ProvinceCode>)> = coachee_profiles::table
        .inner_join(regencies::table.on(regencies::code.eq(coachee_profiles::regency)))
        .filter(coachee_profiles::person.eq(coachee))
        .select((coachee_profiles::agency, coachee_profiles::tier, regencies::province))
        .get_result(db)
        .optional()?;
    Ok(found.map(|(agency, tier, province)| (agency.0, tier.0, province.0)))
}
