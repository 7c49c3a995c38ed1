//! The hours that a coach offers: every week, and on days that differ.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::{Act, Denial, ServiceError, ServiceResult};
use crate::domain::Zone;
use crate::domain::slots::{Exception, WeeklyHours};
use crate::store::{Db, ExceptionId, PersonId, calendars, places};

/// Most spans of hours in a week.
const MOST_WEEKLY: usize = 42;
/// Most days that differ ahead, and how long one may last.
const MOST_EXCEPTIONS: usize = 200;
const MOST_DAYS: u64 = 366;

/// When a coach can be met.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The zone of all hours.
    pub zone: Zone,
    /// Every week; none: the usual office hours.
    pub weekly: Vec<WeeklyHours>,
    /// Days from today on that differ.
    pub exceptions: Vec<(ExceptionId, Exception)>,
}

/// When a coach can be met, to the coach and the programme.
///
/// # Errors
/// When it is neither of them.
pub fn get(db: &mut Db, act: &Act, coach: PersonId) -> ServiceResult<Offered> {
    places::get(db, coach).map_err(|error| ServiceError::from(error).about("coach"))?;
    act.allow(act.by(coach) || act.by_programme_of(db, coach)?)?;
    let zone = calendars::zone_of_coach(db, coach)?;
    let (weekly, today) = (calendars::weekly(db, coach)?, zone.day(act.now.time()));
    Ok(Offered { zone, weekly, exceptions: calendars::exceptions(db, coach, today)? })
}

/// Sets the hours that a coach offers every week, by the coach. Sessions that are agreed stay.
///
/// # Errors
/// When it is not the coach, there are too many spans, or two of a day overlap.
pub fn set_weekly(db: &mut Db, act: &Act, coach: PersonId, hours: &[WeeklyHours]) -> ServiceResult<Offered> {
    let mut hours = hours.to_vec();
    hours.sort_unstable();
    let overlap = hours.windows(2).any(|two| two[0].weekday == two[1].weekday && two[0].span.to() > two[1].span.from());
    let days = hours.iter().all(|one| (1..=7).contains(&one.weekday));
    if overlap || !days || hours.len() > MOST_WEEKLY {
        return Err(Denial::fault("/weekly", "error.field.weekly_hours").into());
    }
    act.allow(act.by(coach))?;
    act.record(db, "coach", |db, journal| {
        places::get(db, coach)?;
        calendars::set_weekly(db, coach, &hours)?;
        journal.note("hours", coach.uuid(), "set", &json!({ "spans": hours.len() }))?;
        get(db, act, coach)
    })
}

/// Adds days that differ, by the coach: a vacation, a morning away, an evening offered.
///
/// # Errors
/// When it is not the coach, the days are none that come, or there are too many.
pub fn add_exception(db: &mut Db, act: &Act, coach: PersonId, exception: &Exception) -> ServiceResult<Offered> {
    act.allow(act.by(coach))?;
    act.record(db, "coach", |db, journal| {
        let before = get(db, act, coach)?;
        check(exception, before.zone.day(act.now.time()))?;
        if before.exceptions.len() >= MOST_EXCEPTIONS {
            return Err(Denial::fault("/first_day", "error.field.exceptions_full").into());
        }
        let id = ExceptionId::new();
        calendars::add_exception(db, id, coach, exception)?;
        let days = json!({ "first_day": exception.first_day, "last_day": exception.last_day });
        journal.note("hours", coach.uuid(), "days_added", &days)?;
        get(db, act, coach)
    })
}

/// Takes days that differ away again, by the coach.
///
/// # Errors
/// When it is not the coach, or they are not there.
pub fn remove_exception(db: &mut Db, act: &Act, coach: PersonId, id: ExceptionId) -> ServiceResult<Offered> {
    act.allow(act.by(coach))?;
    act.record(db, "exception", |db, journal| {
        calendars::remove_exception(db, coach, id)?;
        journal.note("hours", coach.uuid(), "days_removed", &json!({ "days": id }))?;
        get(db, act, coach)
    })
}

fn check(exception: &Exception, today: NaiveDate) -> ServiceResult<()> {
    let Exception { first_day, last_day, .. } = *exception;
    let most = first_day.checked_add_days(Days::new(MOST_DAYS)).unwrap_or(NaiveDate::MAX);
    if last_day < first_day || last_day < today || last_day > most {
        return Err(Denial::fault("/last_day", "error.field.last_day").into());
    }
    Ok(())
}
