//! What coaches say about their own time: pausing, and how many coachees at most.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::{Act, Denial, Refusal, ServiceError, ServiceResult};
use crate::store::places::{self, Room};
use crate::store::types::Day;
use crate::store::{Db, PersonId, Store};

/// The largest capacity.
const MAX_CAPACITY: u16 = 1000;
/// The longest pause with an end.
const LONGEST_PAUSE: Days = Days::new(366);
/// How many pauses that are over are looked up at a time.
const AT_A_TIME: i64 = 500;

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
    pause_until(db, act, coach, None)
}

/// The same until a day, on which the coach [welcomes new coachees again](end_pauses) without doing anything.
///
/// # Errors
/// When it is neither the coach nor the programme, or the day is not ahead, or too far.
pub fn pause_until(db: &mut Db, act: &Act, coach: PersonId, until: Option<NaiveDate>) -> ServiceResult<Room> {
    let ahead = act.today().succ_opt()..=act.today().checked_add_days(LONGEST_PAUSE);
    if until.is_some() && !ahead.contains(&until) {
        return Err(Denial::fault("/until", "error.field.pause_until").into());
    }
    change(db, act, coach, "paused", |room| Ok(Room { accepting: false, paused_until: until.map(Day), ..room.clone() }))
}

/// Welcomes new coachees again.
///
/// # Errors
/// When it is neither the coach nor the programme.
pub fn resume(db: &mut Db, act: &Act, coach: PersonId) -> ServiceResult<Room> {
    change(db, act, coach, "resumed", |room| Ok(Room { accepting: true, paused_until: None, ..room.clone() }))
}

/// Ends the pauses whose day has come, each in a transaction of its own; says how many. Several processes may do so at
/// once, and again.
///
/// # Errors
/// Those of the store; what has ended by then stays so.
pub fn end_pauses(store: &Store, act: &Act) -> ServiceResult<usize> {
    act.allow(act.by_programme())?;
    let is_over = |room: &Room| !room.accepting && room.paused_until.is_some_and(|until| until.0 <= act.today());
    let mut ended = 0;
    loop {
        let over = store.read(|db| places::pauses_over(db, act.today(), AT_A_TIME))?;
        if over.is_empty() {
            return Ok(ended);
        }
        for coach in over {
            // The coach may have come back, or paused anew, since it was looked up.
            ended += store.write(|db| {
                let over = is_over(&places::get(db, coach)?);
                if over { resume(db, act, coach).map(|_| 1) } else { Ok::<_, ServiceError>(0) }
            })?;
        }
    }
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
