//! Cohorts and the policies their runs follow.

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

type Row = (CohortId, String, String, Option<Day>, Option<Day>, Stamp);

fn cohort((id, code, name, opens_on, closes_on, created_at): Row) -> Cohort {
    Cohort { id, code, name, opens_on: opens_on.map(|d| d.0), closes_on: closes_on.map(|d| d.0), created_at }
}

/// The cohort with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, id: CohortId) -> StoreResult<Cohort> {
    Ok(cohort(cohorts::table.find(id).first::<Row>(db)?))
}

/// The cohort with a code, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn by_code(db: &mut Db, code: &str) -> StoreResult<Option<Cohort>> {
    Ok(cohorts::table.filter(cohorts::code.eq(code)).first::<Row>(db).optional()?.map(cohort))
}

/// All cohorts, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db) -> StoreResult<Vec<Cohort>> {
    Ok(cohorts::table.order(cohorts::id.desc()).load::<Row>(db)?.into_iter().map(cohort).collect())
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
    let named = policies::table.filter(policies::name.eq(name)).order(policies::version.desc());
    let found = match cohort {
        Some(cohort) => named.filter(policies::cohort.eq(cohort)).first::<PolicyRow>(db).optional()?,
        None => named.filter(policies::cohort.is_null()).first::<PolicyRow>(db).optional()?,
    };
    found.map(policy).transpose()
}

/// The version of a policy with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get_policy(db: &mut Db, id: PolicyId) -> StoreResult<PolicyVersion> {
    policy(policies::table.find(id).first::<PolicyRow>(db)?)
}
