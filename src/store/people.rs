//! Who there is, and how many.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::schema::{accounts, coach_profiles, coachee_profiles, persons, requests};
use super::types::Word;
use super::{CHUNK, Db, PersonId, StoreResult, persons as by_code};
use crate::domain::{AgencyCode, PersonCode, PersonName, RequestStatus, Verification};

/// How many people the network has, and what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    /// Persons of any kind.
    pub persons: i64,
    /// With a coachee's profile.
    pub coachees: i64,
    /// With a coach's profile.
    pub coaches: i64,
    /// Coaches that are verified and welcome new coachees.
    pub coaches_ready: i64,
    /// Requests that wait for a coach, in all cohorts.
    pub open_requests: i64,
}

/// Counts people and requests.
///
/// # Errors
/// When the database cannot be read.
pub fn counts(db: &mut Db) -> StoreResult<Counts> {
    let ready = coach_profiles::accepting.and(coach_profiles::verification.eq(Verification::Verified.as_str()));
    Ok(Counts {
        persons: persons::table.count().get_result(db)?,
        coachees: coachee_profiles::table.count().get_result(db)?,
        coaches: coach_profiles::table.count().get_result(db)?,
        coaches_ready: coach_profiles::table.filter(ready).count().get_result(db)?,
        open_requests: requests::table
            .filter(requests::status.eq(RequestStatus::Open.as_str()))
            .count()
            .get_result(db)?,
    })
}

/// Those of the codes that somebody has.
///
/// # Errors
/// When the database cannot be read.
pub fn known(db: &mut Db, codes: &[&str]) -> StoreResult<HashSet<PersonCode>> {
    let mut known = HashSet::new();
    for chunk in codes.chunks(CHUNK) {
        known.extend(by_code::ids(db, chunk)?.into_keys());
    }
    Ok(known)
}

/// The ids of the persons with these codes.
///
/// # Errors
/// When the database cannot be read.
pub fn ids(db: &mut Db, codes: &[PersonCode]) -> StoreResult<HashMap<PersonCode, PersonId>> {
    let mut ids = HashMap::with_capacity(codes.len());
    for chunk in codes.chunks(CHUNK) {
        ids.extend(by_code::ids(db, &chunk.iter().map(PersonCode::as_str).collect::<Vec<_>>())?);
    }
    Ok(ids)
}

/// The code of a person.
///
/// # Errors
/// [`StoreError::NotFound`](super::StoreError::NotFound)
pub fn code(db: &mut Db, person: PersonId) -> StoreResult<PersonCode> {
    let code: Word<PersonCode> = persons::table.find(person).select(persons::code).get_result(db)?;
    Ok(code.0)
}

/// A person, as others may be shown them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The code.
    pub code: PersonCode,
    /// The name.
    pub name: PersonName,
    /// The address for mail, of the account or else of the records: for the other side of a pairing alone.
    pub email: Option<String>,
}

/// The cards of some persons; who is not there is missing.
///
/// # Errors
/// When the database cannot be read.
pub fn cards(db: &mut Db, ids: &[PersonId]) -> StoreResult<HashMap<PersonId, Card>> {
    type Row = (PersonId, Word<PersonCode>, String, String, String, Option<String>, Option<String>);
    let mut cards = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<Row> = persons::table
            .left_join(accounts::table.on(accounts::person.eq(persons::id.nullable())))
            .filter(persons::id.eq_any(chunk))
            .select((
                persons::id,
                persons::code,
                persons::full_name,
                persons::front_title,
                persons::back_title,
                persons::email,
                accounts::email.nullable(),
            ))
            .load(db)?;
        cards.extend(rows.into_iter().map(|(id, code, full, front_title, back_title, recorded, own)| {
            let name = PersonName { full, front_title, back_title };
            (id, Card { code: code.0, name, email: own.or(recorded) })
        }));
    }
    Ok(cards)
}

/// The codes of some persons, in no order.
pub(super) fn codes(db: &mut Db, people: &[PersonId]) -> StoreResult<Vec<PersonCode>> {
    let codes: Vec<Word<PersonCode>> =
        persons::table.filter(persons::id.eq_any(people)).select(persons::code).load(db)?;
    Ok(codes.into_iter().map(|code| code.0).collect())
}

/// Whether a person coaches, or did.
///
/// # Errors
/// When the database cannot be read.
pub fn is_coach(db: &mut Db, person: PersonId) -> StoreResult<bool> {
    Ok(diesel::select(diesel::dsl::exists(coach_profiles::table.find(person))).get_result(db)?)
}

/// Whether a person is a coachee or a coach of an agency.
///
/// # Errors
/// When the database cannot be read.
pub fn is_of(db: &mut Db, person: PersonId, agency: &AgencyCode) -> StoreResult<bool> {
    let coachee = coachee_profiles::table.find(person).filter(coachee_profiles::agency.eq(agency.as_str()));
    let coach = coach_profiles::table.find(person).filter(coach_profiles::agency.eq(agency.as_str()));
    let is_coachee: bool = diesel::select(diesel::dsl::exists(coachee)).get_result(db)?;
    Ok(is_coachee || diesel::select(diesel::dsl::exists(coach)).get_result(db)?)
}

/// The agencies of which a person is a coachee or a coach.
///
/// # Errors
/// When the database cannot be read.
pub fn agencies_of(db: &mut Db, person: PersonId) -> StoreResult<Vec<AgencyCode>> {
    let mut found: Vec<Word<AgencyCode>> =
        coachee_profiles::table.find(person).select(coachee_profiles::agency).load(db)?;
    found.extend(coach_profiles::table.find(person).select(coach_profiles::agency).load::<Word<AgencyCode>>(db)?);
    Ok(found.into_iter().map(|code| code.0).collect())
}
