//! What coaches say about their own time: pausing, and how many coachees at most.

use serde_json::json;

use super::{Act, Denial, Refusal, ServiceError, ServiceResult};
use crate::store::places::{self, Room};
use crate::store::{Db, PersonId};

/// The largest capacity.
const MAX_CAPACITY: u16 = 1000;

/// What a coach has room for, to the coach or the programme.
///
/// # Errors
/// When it is neither of them.
pub fn room(db: &mut Db, act: &Act, coach: PersonId) -> ServiceResult<Room> {
    let room = places::get(db, coach).map_err(|error| ServiceError::from(error).about("coach"))?;
    act.allow(act.by(coach) || act.by_programme_of(db, coach)?)?;
    Ok(room)
}

/// Takes no new coachees from now on. Offers that wait may still be answered.
///
/// # Errors
/// When it is neither the coach nor the programme.
pub fn pause(db: &mut Db, act: &Act, coach: PersonId) -> ServiceResult<Room> {
    change(db, act, coach, "paused", |room| Ok(Room { accepting: false, ..room.clone() }))
}

/// Welcomes new coachees again.
///
/// # Errors
/// When it is neither the coach nor the programme.
pub fn resume(db: &mut Db, act: &Act, coach: PersonId) -> ServiceResult<Room> {
    change(db, act, coach, "resumed", |room| Ok(Room { accepting: true, ..room.clone() }))
}

/// Sets how many coachees at most.
///
/// # Errors
/// When it is neither the coach nor the programme, or more places are taken than that.
pub fn set_capacity(db: &mut Db, act: &Act, coach: PersonId, capacity: u16) -> ServiceResult<Room> {
    if capacity > MAX_CAPACITY {
        return Err(Denial::fault("/capacity", "error.field.capacity").into());
    }
    let capacity = i32::from(capacity);
    change(db, act, coach, "capacity_set", |room| {
        if capacity < room.load + room.held {
            return Err(Refusal::PlacesTaken.into());
        }
        Ok(Room { capacity, ..room.clone() })
    })
}

fn change(
    db: &mut Db,
    act: &Act,
    coach: PersonId,
    done: &str,
    wanted: impl Fn(&Room) -> ServiceResult<Room>,
) -> ServiceResult<Room> {
    act.allow(act.by(coach) || act.by_programme_of(db, coach)?)?;
    act.record(db, "coach", |db, journal| {
        let room = places::get(db, coach)?;
        act.saw(room.version)?;
        let new = wanted(&room)?;
        if new == room {
            return Ok(room);
        }
        let new = places::change(db, &room, new)?;
        journal.note("coach", coach.uuid(), done, &json!({ "capacity": new.capacity, "accepting": new.accepting }))?;
        Ok(new)
    })
}
