//! Whose superior somebody is, and what a superior has to do with their coaching.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{assessments, coachee_profiles, pairings, persons, requests};
use super::types::{Day, Stamp, Word};
use super::{Db, PersonId, StoreResult};
use crate::domain::{AssessmentMethod, PairingStatus, PersonCode, PersonName, RequestStatus};

/// A coachee, as their superior knows them.
#[derive(Debug, Clone)]
pub struct Report {
    /// Who.
    pub person: PersonId,
    /// The code.
    pub code: PersonCode,
    /// The name.
    pub name: PersonName,
    /// The position.
    pub position: String,
}

/// The coachees whose superior has this code, by code, at most `limit`; nobody is their own.
///
/// # Errors
/// When the database cannot be read.
pub fn reports(db: &mut Db, superior: &PersonCode, limit: i64) -> StoreResult<Vec<Report>> {
    type Row = (PersonId, Word<PersonCode>, (String, String, String), String);
    let rows: Vec<Row> = coachee_profiles::table
        .inner_join(persons::table.on(persons::id.eq(coachee_profiles::person)))
        .filter(coachee_profiles::superior_code.eq(superior.as_str()))
        .filter(persons::code.ne(superior.as_str()))
        .order(persons::code)
        .limit(limit)
        .select((
            persons::id,
            persons::code,
            (persons::full_name, persons::front_title, persons::back_title),
            coachee_profiles::position,
        ))
        .load(db)?;
    let report = |(person, code, (full, front_title, back_title), position): Row| Report {
        person,
        code: code.0,
        name: PersonName { full, front_title, back_title },
        position,
    };
    Ok(rows.into_iter().map(report).collect())
}

/// The days on which superiors rated these people.
///
/// # Errors
/// When the database cannot be read.
pub fn rated_on(db: &mut Db, people: &[PersonId]) -> StoreResult<Vec<(PersonId, NaiveDate)>> {
    let by_superior = assessments::method.eq(AssessmentMethod::Superior.as_str());
    let rows: Vec<(PersonId, Day)> = assessments::table
        .filter(assessments::person.eq_any(people).and(by_superior))
        .select((assessments::person, assessments::assessed_on))
        .load(db)?;
    Ok(rows.into_iter().map(|(person, day)| (person, day.0)).collect())
}

/// Who of these people asks for a coach.
///
/// # Errors
/// When the database cannot be read.
pub fn asking(db: &mut Db, people: &[PersonId]) -> StoreResult<Vec<PersonId>> {
    let open = requests::status.eq(RequestStatus::Open.as_str());
    Ok(requests::table.filter(requests::coachee.eq_any(people).and(open)).select(requests::coachee).load(db)?)
}

/// When coaching that these people have completed since a time was over.
///
/// # Errors
/// When the database cannot be read.
pub fn completed(db: &mut Db, people: &[PersonId], since: Stamp) -> StoreResult<Vec<(PersonId, Stamp)>> {
    let over = pairings::status.eq(PairingStatus::Completed.as_str()).and(pairings::ended_at.ge(since));
    let rows: Vec<(PersonId, Option<Stamp>)> = pairings::table
        .filter(pairings::coachee.eq_any(people).and(over))
        .select((pairings::coachee, pairings::ended_at))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(person, ended)| Some((person, ended?))).collect())
}
