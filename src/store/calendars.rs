//! When people can be met: the hours that coaches offer, the zones they live in, and days off.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{
    availability_exceptions, availability_rules, coach_profiles, coachee_profiles, holidays, provinces, regencies,
};
use super::types::{Day, Word};
use super::{Db, ExceptionId, PersonId, StoreError, StoreResult};
use crate::domain::reference::Holiday;
use crate::domain::slots::{Differs, Exception, WeeklyHours};
use crate::domain::{HolidayKind, Span, Zone};

/// The zone that a coach lives in.
///
/// # Errors
/// [`StoreError::NotFound`] when the person is no coach.
pub fn zone_of_coach(db: &mut Db, coach: PersonId) -> StoreResult<Zone> {
    let regency: String = coach_profiles::table.find(coach).select(coach_profiles::regency).get_result(db)?;
    zone(db, &regency)
}

/// The zone that a coachee lives in.
///
/// # Errors
/// [`StoreError::NotFound`] when the person is no coachee.
pub fn zone_of_coachee(db: &mut Db, coachee: PersonId) -> StoreResult<Zone> {
    let regency: String = coachee_profiles::table.find(coachee).select(coachee_profiles::regency).get_result(db)?;
    zone(db, &regency)
}

fn zone(db: &mut Db, regency: &str) -> StoreResult<Zone> {
    let found: Word<Zone> = regencies::table
        .inner_join(provinces::table.on(provinces::code.eq(regencies::province)))
        .filter(regencies::code.eq(regency))
        .select(provinces::zone)
        .get_result(db)?;
    Ok(found.0)
}

/// The hours that a coach offers every week, in order; none when the coach has not said.
///
/// # Errors
/// When the database cannot be read, or holds a span that is none.
pub fn weekly(db: &mut Db, coach: PersonId) -> StoreResult<Vec<WeeklyHours>> {
    let rows: Vec<(i16, i16, i16)> = availability_rules::table
        .filter(availability_rules::coach.eq(coach))
        .order((availability_rules::weekday, availability_rules::from_minute))
        .select((availability_rules::weekday, availability_rules::from_minute, availability_rules::to_minute))
        .load(db)?;
    let hours = |(weekday, from, to): (i16, i16, i16)| {
        Ok(WeeklyHours { weekday: u8::try_from(weekday).map_err(damaged)?, span: span(from, to)? })
    };
    rows.into_iter().map(hours).collect()
}

/// Replaces the hours that a coach offers every week.
///
/// # Errors
/// When the database cannot be written.
pub fn set_weekly(db: &mut Db, coach: PersonId, hours: &[WeeklyHours]) -> StoreResult<()> {
    diesel::delete(availability_rules::table.filter(availability_rules::coach.eq(coach))).execute(db)?;
    for one in hours {
        diesel::insert_into(availability_rules::table)
            .values(row!(availability_rules {
                coach: coach,
                weekday: i16::from(one.weekday),
                from_minute: minute(one.span.from()),
                to_minute: minute(one.span.to()),
            }))
            .execute(db)?;
    }
    Ok(())
}

/// The days that differ in the calendar of a coach and end on a day or later, in order.
///
/// # Errors
/// When the database cannot be read, or holds a span that is none.
pub fn exceptions(db: &mut Db, coach: PersonId, from: NaiveDate) -> StoreResult<Vec<(ExceptionId, Exception)>> {
    type Row = (ExceptionId, Day, Day, Option<i16>, Option<i16>, bool);
    let rows: Vec<Row> = availability_exceptions::table
        .filter(availability_exceptions::coach.eq(coach))
        .filter(availability_exceptions::last_day.ge(Day(from)))
        .order((availability_exceptions::first_day, availability_exceptions::id))
        .select((
            availability_exceptions::id,
            availability_exceptions::first_day,
            availability_exceptions::last_day,
            availability_exceptions::from_minute,
            availability_exceptions::to_minute,
            availability_exceptions::open,
        ))
        .load(db)?;
    let read = |(id, first, last, from, to, open): Row| {
        let what = match (from.zip(to), open) {
            (None, _) => Differs::Away,
            (Some((from, to)), false) => Differs::AwayFor(span(from, to)?),
            (Some((from, to)), true) => Differs::There(span(from, to)?),
        };
        Ok((id, Exception { first_day: first.0, last_day: last.0, what }))
    };
    rows.into_iter().map(read).collect()
}

/// Adds days that differ to the calendar of a coach.
///
/// # Errors
/// When the database cannot be written.
pub fn add_exception(db: &mut Db, id: ExceptionId, coach: PersonId, exception: &Exception) -> StoreResult<()> {
    let (hours, open) = match exception.what {
        Differs::Away => (None, false),
        Differs::AwayFor(span) => (Some(span), false),
        Differs::There(span) => (Some(span), true),
    };
    diesel::insert_into(availability_exceptions::table)
        .values(row!(availability_exceptions {
            id: id,
            coach: coach,
            first_day: Day(exception.first_day),
            last_day: Day(exception.last_day),
            from_minute: hours.map(|span| minute(span.from())),
            to_minute: hours.map(|span| minute(span.to())),
            open: open,
        }))
        .execute(db)?;
    Ok(())
}

/// Takes days that differ out of the calendar of a coach.
///
/// # Errors
/// [`StoreError::NotFound`] when they are not the coach's.
pub fn remove_exception(db: &mut Db, coach: PersonId, id: ExceptionId) -> StoreResult<()> {
    let own = availability_exceptions::table.find(id).filter(availability_exceptions::coach.eq(coach));
    if diesel::delete(own).execute(db)? == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// The days off from one day to another, both included, in order; with those that are wrongly called so.
///
/// # Errors
/// When the database cannot be read.
pub fn holidays(db: &mut Db, from: NaiveDate, until: NaiveDate) -> StoreResult<Vec<Holiday>> {
    type Row = (Day, Word<HolidayKind>, String, String, bool, bool);
    let during = holidays::day.ge(Day(from)).and(holidays::day.le(Day(until)));
    let rows: Vec<Row> = holidays::table.filter(during).order(holidays::day).load(db)?;
    let read = |(day, kind, name_id, name_en, estimated, of_reference): Row| Holiday {
        day: day.0,
        kind: kind.0,
        name_id,
        name_en,
        estimated,
        of_reference,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The days from one to another, both included, on which nobody meets.
///
/// # Errors
/// When the database cannot be read.
pub fn days_off(db: &mut Db, from: NaiveDate, until: NaiveDate) -> StoreResult<BTreeSet<NaiveDate>> {
    let all = holidays(db, from, until)?;
    Ok(all.into_iter().filter(|one| one.kind != HolidayKind::Workday).map(|one| one.day).collect())
}

/// Keeps a day, in place of what was known of it.
///
/// # Errors
/// When the database cannot be written.
pub fn save_holiday(db: &mut Db, holiday: &Holiday) -> StoreResult<()> {
    upsert!(db, holidays by day, {
        day: Day(holiday.day),
        kind: holiday.kind.as_str(),
        name_id: &holiday.name_id,
        name_en: &holiday.name_en,
        estimated: holiday.estimated,
        of_reference: holiday.of_reference,
    })
}

/// Replaces the days of the reference data, and leaves those alone that an admin has changed.
///
/// # Errors
/// When the database cannot be written.
pub fn save_reference(db: &mut Db, days: &[Holiday]) -> StoreResult<()> {
    diesel::delete(holidays::table.filter(holidays::of_reference.eq(true))).execute(db)?;
    let own: Vec<Day> = holidays::table.select(holidays::day).load(db)?;
    for day in days.iter().filter(|day| !own.contains(&Day(day.day))) {
        save_holiday(db, day)?;
    }
    Ok(())
}

fn span(from: i16, to: i16) -> StoreResult<Span> {
    let minute = |minute: i16| u16::try_from(minute).map_err(damaged);
    Span::new(minute(from)?, minute(to)?).map_err(damaged)
}

fn minute(minute: u16) -> i16 {
    i16::try_from(minute).unwrap_or(i16::MAX)
}

fn damaged(why: impl std::fmt::Display) -> StoreError {
    StoreError::damaged("availability", why)
}
