//! The secret addresses of people's calendars, of which only digests are kept, and what stands in them.

use diesel::prelude::*;

use super::schema::{calendar_feeds, pairings, sessions};
use super::sessions::Session;
use super::types::Stamp;
use super::{Db, PersonId, StoreResult};
use crate::domain::SessionStatus;

/// Gives a person's calendar an address, which ends the one before.
///
/// # Errors
/// When the database cannot be written.
pub fn set(db: &mut Db, person: PersonId, digest: &str, now: Stamp) -> StoreResult<()> {
    upsert!(db, calendar_feeds by person, { person: person, digest: digest, created_at: now })
}

/// Ends the address of a person's calendar; says whether there was one.
///
/// # Errors
/// When the database cannot be written.
pub fn end(db: &mut Db, person: PersonId) -> StoreResult<bool> {
    Ok(diesel::delete(calendar_feeds::table.find(person)).execute(db)? == 1)
}

/// Whose calendar it is.
///
/// # Errors
/// When the database cannot be read.
pub fn person(db: &mut Db, digest: &str) -> StoreResult<Option<PersonId>> {
    let found = calendar_feeds::table.filter(calendar_feeds::digest.eq(digest)).select(calendar_feeds::person);
    Ok(found.get_result(db).optional()?)
}

/// The sessions of a person on either side that were not called off, the newest `limit` of them in order of time,
/// each with its coachee and its coach.
///
/// # Errors
/// When the database cannot be read.
pub fn sessions(db: &mut Db, person: PersonId, limit: i64) -> StoreResult<Vec<(Session, PersonId, PersonId)>> {
    let mut found: Vec<(Session, PersonId, PersonId)> = sessions::table
        .inner_join(pairings::table.on(pairings::id.eq(sessions::pairing)))
        .filter(pairings::coachee.eq(person).or(pairings::coach.eq(person)))
        .filter(sessions::status.ne(SessionStatus::Cancelled.as_str()))
        .order((sessions::starts_at.desc(), sessions::id.desc()))
        .limit(limit)
        .select((sessions::all_columns, pairings::coachee, pairings::coach))
        .load(db)?;
    found.reverse();
    Ok(found)
}
