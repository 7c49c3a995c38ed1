//! Who says that they are a coachee of whom the records have no address.

use diesel::prelude::*;

use super::schema::{coachee_profiles, persons, sign_up_claims};
use super::types::{Stamp, Word};
use super::{AccountId, Db, PersonId, SignUpClaimId, StoreResult};
use crate::domain::{AgencyCode, ClaimStatus, Email, PersonCode};

/// Most claims about one coachee that wait: more come from nobody who means it.
const MOST_PENDING: i64 = 10;

/// A claim as stored.
#[derive(Debug, Clone, Queryable)]
pub struct SignUpClaim {
    /// The id.
    pub id: SignUpClaimId,
    /// The coachee that somebody says to be.
    pub person: PersonId,
    /// The address that they gave.
    pub email: Word<Email>,
    /// The language of mails.
    pub language: String,
    /// Where it stands.
    pub status: Word<ClaimStatus>,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<Stamp>,
    /// When it came.
    pub created_at: Stamp,
}

/// A claim, with the coachee of the records whom it is about.
#[derive(Debug, Clone, Queryable)]
pub struct Listed {
    /// The claim.
    pub claim: SignUpClaim,
    /// The code of the coachee.
    pub code: Word<PersonCode>,
    /// The name of the coachee.
    pub name: String,
    /// The employer of the coachee.
    pub agency: Word<AgencyCode>,
}

macro_rules! listed {
    () => {
        sign_up_claims::table
            .inner_join(persons::table.on(persons::id.eq(sign_up_claims::person)))
            .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(sign_up_claims::person)))
            .select((sign_up_claims::all_columns, persons::code, persons::full_name, coachee_profiles::agency))
    };
}

/// Keeps a claim, unless one about the same person with the same address waits, or many about the person do. Says
/// whether it was kept.
///
/// # Errors
/// When the database cannot be written.
pub fn create(db: &mut Db, new: &SignUpClaim) -> StoreResult<bool> {
    let waiting: Vec<String> = sign_up_claims::table
        .filter(sign_up_claims::person.eq(new.person).and(sign_up_claims::status.eq(ClaimStatus::Pending.as_str())))
        .select(sign_up_claims::email)
        .limit(MOST_PENDING)
        .load(db)?;
    let many = i64::try_from(waiting.len()).is_ok_and(|number| number >= MOST_PENDING);
    if many || waiting.iter().any(|email| email == new.email.0.as_str()) {
        return Ok(false);
    }
    diesel::insert_into(sign_up_claims::table)
        .values(row!(sign_up_claims {
            id: new.id,
            person: new.person,
            email: new.email.0.as_str(),
            language: &new.language,
            status: new.status.0.as_str(),
            created_at: new.created_at,
        }))
        .execute(db)?;
    Ok(true)
}

/// Claims, the oldest first, those younger than `after`: of coachees of an agency, or of all.
///
/// # Errors
/// When the database cannot be read.
pub fn list(
    db: &mut Db,
    agency: Option<&AgencyCode>,
    status: Option<ClaimStatus>,
    after: Option<SignUpClaimId>,
    limit: i64,
) -> StoreResult<Vec<Listed>> {
    let mut query = listed!().order(sign_up_claims::id).limit(limit).into_boxed();
    if let Some(agency) = agency {
        query = query.filter(coachee_profiles::agency.eq(agency.as_str()));
    }
    if let Some(status) = status {
        query = query.filter(sign_up_claims::status.eq(status.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(sign_up_claims::id.gt(after));
    }
    Ok(query.load(db)?)
}

/// A claim by its id.
///
/// # Errors
/// [`NotFound`](super::StoreError::NotFound), or when the database cannot be read.
pub fn get(db: &mut Db, id: SignUpClaimId) -> StoreResult<Listed> {
    Ok(listed!().filter(sign_up_claims::id.eq(id)).get_result(db)?)
}

/// Decides a claim that waits; false when it was decided before.
///
/// # Errors
/// When the database cannot be written.
pub fn decide(db: &mut Db, id: SignUpClaimId, status: ClaimStatus, by: AccountId, now: Stamp) -> StoreResult<bool> {
    let pending = sign_up_claims::id.eq(id).and(sign_up_claims::status.eq(ClaimStatus::Pending.as_str()));
    let rows = diesel::update(sign_up_claims::table.filter(pending))
        .set((
            sign_up_claims::status.eq(status.as_str()),
            sign_up_claims::decided_by.eq(by),
            sign_up_claims::decided_at.eq(now),
        ))
        .execute(db)?;
    Ok(rows == 1)
}

/// The claims about a person that wait.
///
/// # Errors
/// When the database cannot be read.
pub fn pending_of(db: &mut Db, person: PersonId) -> StoreResult<Vec<SignUpClaimId>> {
    let pending = sign_up_claims::person.eq(person).and(sign_up_claims::status.eq(ClaimStatus::Pending.as_str()));
    Ok(sign_up_claims::table.filter(pending).order(sign_up_claims::id).select(sign_up_claims::id).load(db)?)
}

/// Takes away claims that came before a time, decided or not: whoever still wants the account asks again.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(db: &mut Db, before: Stamp) -> StoreResult<usize> {
    Ok(diesel::delete(sign_up_claims::table.filter(sign_up_claims::created_at.lt(before))).execute(db)?)
}
