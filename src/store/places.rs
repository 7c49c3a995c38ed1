//! The places of coaches: taking them, giving them back, changing how many there are.
//!
//! Nobody looks first and writes then: a place is taken by an update that finds a row
//! only while a place is free, and a check of the database stands behind it.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{coach_profiles, persons};
use super::types::{Day, Word};
use super::{CHUNK, Db, PersonId, StoreError, StoreResult, lost};
use crate::domain::{PersonCode, Verification};

/// What a coach has room for.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Room {
    /// The coach.
    pub coach: PersonId,
    /// Most coachees at a time.
    pub capacity: i32,
    /// Places taken elsewhere, as an import says.
    pub load: i32,
    /// Places taken by waiting offers and active pairings.
    pub held: i32,
    /// Whether new coachees are welcome.
    pub accepting: bool,
    /// While they are not: the day on which they are again, if the coach has said one.
    pub paused_until: Option<Day>,
    /// How often the coach changed any of this.
    pub version: i32,
}

macro_rules! room {
    () => {
        (
            coach_profiles::person,
            coach_profiles::capacity,
            coach_profiles::load,
            coach_profiles::held,
            coach_profiles::accepting,
            coach_profiles::paused_until,
            coach_profiles::version,
        )
    };
}

/// Those of some coaches who are verified, welcome new coachees and have so many places free.
macro_rules! with_room {
    ($coaches:expr, $number:expr) => {
        coach_profiles::table
            .filter($coaches)
            .filter(coach_profiles::accepting.eq(true))
            .filter(coach_profiles::verification.eq(Verification::Verified.as_str()))
            .filter((coach_profiles::load + coach_profiles::held + $number).le(coach_profiles::capacity))
    };
}

macro_rules! held_of {
    ($db:expr, $which:expr) => {{
        let rows: Vec<(Word<PersonCode>, i32)> = coach_profiles::table
            .inner_join(persons::table.on(persons::id.eq(coach_profiles::person)))
            .filter($which)
            .select((persons::code, coach_profiles::held))
            .load($db)?;
        Ok(rows.into_iter().map(|(code, held)| (code.0, held)).collect())
    }};
}

/// What a coach has room for.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, coach: PersonId) -> StoreResult<Room> {
    Ok(coach_profiles::table.find(coach).select(room!()).get_result(db)?)
}

/// Takes a place, if the coach is verified, welcomes new coachees and has one. Says whether.
///
/// # Errors
/// When the database cannot be written.
pub fn hold(db: &mut Db, coach: PersonId) -> StoreResult<bool> {
    let free = with_room!(coach_profiles::person.eq(coach), 1);
    Ok(diesel::update(free).set(coach_profiles::held.eq(coach_profiles::held + 1)).execute(db)? == 1)
}

/// Takes several places of many coaches, all or none.
///
/// # Errors
/// [`StoreError::Conflict`] when one of them has too few.
pub fn hold_many(db: &mut Db, wanted: &HashMap<PersonId, i32>) -> StoreResult<()> {
    let mut by_number = BTreeMap::<i32, Vec<PersonId>>::new();
    for (&coach, &number) in wanted {
        by_number.entry(number).or_default().push(coach);
    }
    for (number, coaches) in by_number {
        for chunk in coaches.chunks(CHUNK) {
            let free = with_room!(coach_profiles::person.eq_any(chunk), number);
            let held = diesel::update(free).set(coach_profiles::held.eq(coach_profiles::held + number)).execute(db)?;
            if held != chunk.len() {
                return Err(StoreError::Conflict("a coach has too few free places".into()));
            }
        }
    }
    Ok(())
}

/// Gives a place back.
///
/// # Errors
/// [`StoreError::Conflict`] when none is held: whoever held it has given it back already.
pub fn release(db: &mut Db, coach: PersonId) -> StoreResult<()> {
    let released =
        diesel::update(coach_profiles::table.find(coach)).set(coach_profiles::held.eq(coach_profiles::held - 1));
    if released.execute(db)? == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Changes capacity and welcome from what they were to what they are to be, and counts the version up.
///
/// # Errors
/// [`StoreError::Conflict`] when they are not any more what they were, or the capacity is below what is taken.
pub fn change(db: &mut Db, old: &Room, new: Room) -> StoreResult<Room> {
    let new = Room { version: old.version + 1, ..new };
    let same = coach_profiles::table.find(old.coach).filter(coach_profiles::version.eq(old.version));
    let changed = diesel::update(same)
        .set(row!(coach_profiles {
            capacity: new.capacity,
            accepting: new.accepting,
            paused_until: new.paused_until,
            version: new.version,
        }))
        .execute(db)?;
    if changed == 1 { Ok(new) } else { Err(lost("coach")) }
}

/// Coaches whose pause is over by a day, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub fn pauses_over(db: &mut Db, by: NaiveDate, limit: i64) -> StoreResult<Vec<PersonId>> {
    let over = coach_profiles::accepting.eq(false).and(coach_profiles::paused_until.le(Day(by)));
    Ok(coach_profiles::table.filter(over).limit(limit).select(coach_profiles::person).load(db)?)
}

/// The free places of every coach who can be asked and has some.
///
/// # Errors
/// When the database cannot be read.
pub fn free(db: &mut Db) -> StoreResult<HashMap<PersonId, i32>> {
    let ready = coach_profiles::accepting.and(coach_profiles::verification.eq(Verification::Verified.as_str()));
    let free = coach_profiles::capacity - coach_profiles::load - coach_profiles::held;
    let rows: Vec<(PersonId, i32)> =
        coach_profiles::table.filter(ready.and(free.gt(0))).select((coach_profiles::person, free)).load(db)?;
    Ok(rows.into_iter().collect())
}

/// The places held of coaches who have any, by code.
///
/// # Errors
/// When the database cannot be read.
pub fn held(db: &mut Db) -> StoreResult<HashMap<PersonCode, i32>> {
    held_of!(db, coach_profiles::held.gt(0))
}

/// The places held of some coaches, by code.
pub(super) fn held_by(db: &mut Db, codes: &[PersonCode]) -> StoreResult<HashMap<PersonCode, i32>> {
    held_of!(db, persons::code.eq_any(codes.iter().map(PersonCode::as_str)))
}

/// Counts a completed pairing for the coach.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn count_completed(db: &mut Db, coach: PersonId) -> StoreResult<()> {
    let below_limit = coach_profiles::completed_pairs.lt(i32::from(u16::MAX));
    diesel::update(coach_profiles::table.find(coach).filter(below_limit))
        .set(coach_profiles::completed_pairs.eq(coach_profiles::completed_pairs + 1))
        .execute(db)?;
    Ok(())
}

/// Counts a coachee's rating, 1 to 5, into the mean of the ratings that the coach was given, in hundredths. Pairings
/// that nobody rated weigh nothing.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn rate(db: &mut Db, coach: PersonId, rating: i16) -> StoreResult<()> {
    let profile = coach_profiles::table.find(coach);
    let (ratings, sum): (i32, i32) =
        profile.select((coach_profiles::ratings, coach_profiles::rating_sum)).get_result(db)?;
    let (ratings, sum) = (ratings + 1, sum + 100 * i32::from(rating));
    diesel::update(profile)
        .set(row!(coach_profiles { rating: sum / ratings, ratings: ratings, rating_sum: sum }))
        .execute(db)?;
    Ok(())
}
