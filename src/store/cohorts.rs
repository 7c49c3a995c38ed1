//! Cohorts and the policies their runs follow.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{cohorts, policies};
use super::types::{Day, Doc, Stamp};
use super::{CohortId, Db, PolicyId, StoreError, StoreResult};
use crate::domain::Policy;

/// A cohort as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// Its id.
    pub id: CohortId,
    /// Its short key, by which commands and files name it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// First day on which requests are taken, if set.
    pub opens_on: Option<NaiveDate>,
    /// Last day on which requests are taken, if set.
    pub closes_on: Option<NaiveDate>,
    /// When it was made.
    pub created_at: Stamp,
}

/// A version of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Its id.
    pub id: PolicyId,
    /// The cohort it is for; none: for all.
    pub cohort: Option<CohortId>,
    /// Its name.
    pub name: String,
    /// From 1, without holes.
    pub version: i32,
    /// What it says.
    pub policy: Policy,
    /// When it was made.
    pub created_at: Stamp,
}

/// Makes a cohort.
///
/// # Errors
/// [`StoreError::Conflict`] when the code is taken.
pub fn create(db: &mut Db, cohort: &Cohort) -> StoreResult<()> {
    diesel::insert_into(cohorts::table)
        .values(row!(cohorts {
            id: cohort.id,
            code: &cohort.code,
            name: &cohort.name,
            opens_on: cohort.opens_on.map(Day),
            closes_on: cohort.closes_on.map(Day),
            created_at: cohort.created_at,
        }))
        .execute(db)?;
    Ok(())
}

/// The first and last day of the ranking of a cohort, if it has one.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn ranking(db: &mut Db, id: CohortId) -> StoreResult<Option<(NaiveDate, NaiveDate)>> {
    let columns = (cohorts::ranking_opens_on, cohorts::ranking_closes_on);
    let (first, last): (Option<Day>, Option<Day>) = cohorts::table.find(id).select(columns).get_result(db)?;
    Ok(first.zip(last).map(|(first, last)| (first.0, last.0)))
}

/// The first and last day of the ranking of each cohort that has one.
///
/// # Errors
/// When the database cannot be read.
pub fn rankings(db: &mut Db) -> StoreResult<HashMap<CohortId, (NaiveDate, NaiveDate)>> {
    let columns = (cohorts::id, cohorts::ranking_opens_on, cohorts::ranking_closes_on);
    let rows: Vec<(CohortId, Option<Day>, Option<Day>)> =
        cohorts::table.filter(cohorts::ranking_opens_on.is_not_null()).select(columns).load(db)?;
    let days = |(id, first, last): (_, Option<Day>, Option<Day>)| Some((id, (first?.0, last?.0)));
    Ok(rows.into_iter().filter_map(days).collect())
}

/// Sets the first and last day of the ranking of a cohort, or that it has none.
///
/// # Errors
/// [`StoreError::NotFound`], or when it ends before it begins.
pub fn set_ranking(db: &mut Db, id: CohortId, days: Option<(NaiveDate, NaiveDate)>) -> StoreResult<()> {
    let (first, last) = days.unzip();
    let changed = diesel::update(cohorts::table.find(id))
        .set(row!(cohorts { ranking_opens_on: first.map(Day), ranking_closes_on: last.map(Day) }))
        .execute(db)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

type Row = (CohortId, String, String, Option<Day>, Option<Day>, Stamp);

/// The columns of a cohort.
const COLUMNS: (cohorts::id, cohorts::code, cohorts::name, cohorts::opens_on, cohorts::closes_on, cohorts::created_at) =
    (cohorts::id, cohorts::code, cohorts::name, cohorts::opens_on, cohorts::closes_on, cohorts::created_at);

fn cohort((id, code, name, opens_on, closes_on, created_at): Row) -> Cohort {
    Cohort { id, code, name, opens_on: opens_on.map(|d| d.0), closes_on: closes_on.map(|d| d.0), created_at }
}

/// The cohort with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, id: CohortId) -> StoreResult<Cohort> {
    Ok(cohort(cohorts::table.find(id).select(COLUMNS).get_result::<Row>(db)?))
}

/// The cohort with a code, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn by_code(db: &mut Db, code: &str) -> StoreResult<Option<Cohort>> {
    Ok(cohorts::table.filter(cohorts::code.eq(code)).select(COLUMNS).get_result::<Row>(db).optional()?.map(cohort))
}

/// All cohorts, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db) -> StoreResult<Vec<Cohort>> {
    Ok(cohorts::table.order(cohorts::id.desc()).select(COLUMNS).load::<Row>(db)?.into_iter().map(cohort).collect())
}

/// Cohorts, the newest first, those older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub fn page(db: &mut Db, before: Option<CohortId>, limit: i64) -> StoreResult<Vec<Cohort>> {
    let mut query = cohorts::table.order(cohorts::id.desc()).select(COLUMNS).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(cohorts::id.lt(before));
    }
    Ok(query.load::<Row>(db)?.into_iter().map(cohort).collect())
}

/// Keeps a policy: gives the newest version under this name, if it says just this, or else
/// makes the next version. Nothing is ever changed in place.
///
/// # Errors
/// When the database cannot be written.
pub fn keep_policy(
    db: &mut Db,
    cohort: Option<CohortId>,
    name: &str,
    policy: &Policy,
    now: Stamp,
) -> StoreResult<PolicyVersion> {
    let newest = newest_policy(db, cohort, name)?;
    if let Some(newest) = newest.as_ref().filter(|newest| newest.policy == *policy) {
        return Ok(newest.clone());
    }
    let made = PolicyVersion {
        id: PolicyId::new(),
        cohort,
        name: name.to_owned(),
        version: newest.map_or(1, |newest| newest.version + 1),
        policy: *policy,
        created_at: now,
    };
    let body = Doc::of(policy).map_err(|why| StoreError::Internal(why.to_string()))?;
    diesel::insert_into(policies::table)
        .values(row!(policies {
            id: made.id,
            cohort: cohort,
            name: name,
            version: made.version,
            body: body,
            created_at: now,
        }))
        .execute(db)?;
    Ok(made)
}

type PolicyRow = (PolicyId, Option<CohortId>, String, i32, Doc, Stamp);

fn policy((id, cohort, name, version, body, created_at): PolicyRow) -> StoreResult<PolicyVersion> {
    let policy = body.read().map_err(|why| StoreError::damaged("policies", why))?;
    Ok(PolicyVersion { id, cohort, name, version, policy, created_at })
}

/// The newest version of a policy, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn newest_policy(db: &mut Db, cohort: Option<CohortId>, name: &str) -> StoreResult<Option<PolicyVersion>> {
    // There are few versions: see `.get_result` in the notes of the store.
    let named = policies::table.filter(policies::name.eq(name)).order(policies::version.desc());
    let found = match cohort {
        Some(cohort) => named.filter(policies::cohort.eq(cohort)).get_result::<PolicyRow>(db).optional()?,
        None => named.filter(policies::cohort.is_null()).get_result::<PolicyRow>(db).optional()?,
    };
    found.map(policy).transpose()
}

/// The version of a policy with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get_policy(db: &mut Db, id: PolicyId) -> StoreResult<PolicyVersion> {
    policy(policies::table.find(id).get_result::<PolicyRow>(db)?)
}
