//! When a pair can meet: what is known of both people's time, and the times that follow from it.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::session_plans::USUAL_MINUTES;
use super::sessions::{self, Wish};
use super::{Act, Refusal, ServiceError, ServiceResult};
use crate::domain::slots::{Calendar, Pair};
use crate::domain::{Quarter, Span, Zone};
use crate::store::pairings::{self, Pairing};
use crate::store::sessions as rows;
use crate::store::sessions::Session;
use crate::store::{Db, PairingId, PersonId, SessionId, StoreError, calendars};

/// Hours that hold where nobody says otherwise: editable settings.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// When coachees can be met, and coaches who have not said when.
    pub office_hours: Span,
    /// The hours of Friday that are kept free for prayer.
    pub friday_break: Option<Span>,
}

/// Most days that are looked through at a time.
pub const MOST_DAYS: u16 = 62;
/// Most times that are named at a time.
const MOST: usize = 500;

/// How many days are looked through for the earliest times.
const SOON_DAYS: u16 = 10;

/// The times at which a pair can meet.
#[derive(Debug, Clone)]
pub struct Slots {
    /// When a session may begin, in order.
    pub starts: Vec<DateTime<Utc>>,
    /// How long it is to last, in minutes.
    pub minutes: u16,
    /// The zone of the coachee's clock.
    pub coachee: Zone,
    /// The zone of the coach's clock.
    pub coach: Zone,
}

/// Which times are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Sought {
    /// Not before this.
    pub from: DateTime<Utc>,
    /// Within so many days.
    pub days: u16,
    /// For how long, in minutes; none: as long as the session that is to be moved, or as sessions usually are.
    pub minutes: Option<u16>,
    /// The session of the pairing that is to be moved, if it is about one. Its own time does not stand in its way.
    pub moved: Option<SessionId>,
}

/// The times at which a pair can meet, to either side.
///
/// # Errors
/// When it is neither side, the pairing is over, or the session to be moved is not one of its own.
pub fn free(db: &mut Db, act: &Act, rules: &Rules, pairing: PairingId, sought: &Sought) -> ServiceResult<Slots> {
    let pairing = pairings::get(db, pairing).map_err(|error| ServiceError::from(error).about("pairing"))?;
    sessions::active_side(act, &pairing)?;
    let moved = sought.moved.map(|id| own(db, &pairing, id)).transpose()?;
    let own_minutes = moved.as_ref().and_then(|session| u16::try_from(session.minutes).ok());
    let minutes = sought.minutes.or(own_minutes).unwrap_or(USUAL_MINUTES);
    let (from, days) = (sought.from.max(act.now.time()), sought.days.min(MOST_DAYS));
    let times = Times::of(db, rules, &pairing, from, days, moved.as_ref())?;
    let starts = times.pair().free(from, days, minutes, MOST);
    let starts = starts.into_iter().map(Quarter::time).collect();
    Ok(Slots { starts, minutes, coachee: times.coachee.zone, coach: times.coach.zone })
}

/// A session of a pairing.
fn own(db: &mut Db, pairing: &Pairing, id: SessionId) -> ServiceResult<Session> {
    let found = rows::get(db, id).and_then(|session| match session.pairing == pairing.id {
        true => Ok(session),
        false => Err(StoreError::NotFound),
    });
    found.map_err(|error| ServiceError::from(error).about("session"))
}

/// The earliest free time on each of the next days on which a pair can meet, from tomorrow on and at most so many: for
/// whoever is to choose a first one.
pub(super) fn soonest(
    db: &mut Db,
    rules: &Rules,
    pairing: &Pairing,
    now: DateTime<Utc>,
    minutes: u16,
    most: usize,
) -> ServiceResult<Vec<DateTime<Utc>>> {
    let from = now + TimeDelta::days(1);
    let times = Times::of(db, rules, pairing, from, SOON_DAYS, None)?;
    let mut starts = Vec::new();
    let mut last = None;
    for start in times.pair().free(from, SOON_DAYS, minutes, MOST).into_iter().map(Quarter::time) {
        if last.replace(times.zone().day(start)) != Some(times.zone().day(start)) {
            starts.push(start);
        }
    }
    starts.truncate(most);
    Ok(starts)
}

/// The zones of the two in a pairing, the coachee's first.
///
/// # Errors
/// When the database cannot be read.
pub fn zones(db: &mut Db, pairing: &Pairing) -> ServiceResult<[Zone; 2]> {
    Ok([calendars::zone_of_coachee(db, pairing.coachee)?, calendars::zone_of_coach(db, pairing.coach)?])
}

/// Lets a time pass at which both people can be met. Outside their hours they may want to meet all the same,
/// but nobody can be in two sessions.
pub(super) fn check(
    db: &mut Db,
    rules: &Rules,
    pairing: &Pairing,
    wish: &Wish,
    moved: Option<&Session>,
) -> ServiceResult<()> {
    let times = Times::of(db, rules, pairing, wish.starts_at, 1, moved)?;
    let Some(start) = Quarter::at(wish.starts_at) else { return Err(Refusal::SlotTaken.into()) };
    if start.taken(wish.minutes).any(|quarter| times.taken.contains(&quarter)) {
        return Err(Refusal::SlotTaken.into());
    }
    // Only the place may change of a session that lies outside: its time was meant so.
    let same_time = moved
        .is_some_and(|old| old.starts_at.time() == wish.starts_at && u16::try_from(old.minutes) == Ok(wish.minutes));
    if wish.anyway || same_time || times.pair().is_free(start, wish.minutes) {
        Ok(())
    } else {
        Err(Refusal::OutsideHours.into())
    }
}

/// What is known of both people's time.
pub(super) struct Times {
    coach: Calendar,
    coachee: Calendar,
    holidays: std::collections::BTreeSet<NaiveDate>,
    pub(super) taken: std::collections::HashSet<Quarter>,
}

impl Times {
    pub(super) fn of(
        db: &mut Db,
        rules: &Rules,
        pairing: &Pairing,
        from: DateTime<Utc>,
        days: u16,
        but: Option<&Session>,
    ) -> ServiceResult<Self> {
        // A day more on either side: the clocks of the two show different days at times.
        let day = from.date_naive();
        let (first, last) = (day - Days::new(1), day + Days::new(u64::from(days) + 2));
        let until = from + TimeDelta::days(i64::from(days) + 2);
        let coach = coach_calendar(db, rules, pairing.coach, first)?;
        let zone = calendars::zone_of_coachee(db, pairing.coachee)?;
        let (from, until) = (Quarter::not_before(from), Quarter::not_before(until));
        Ok(Self {
            coach,
            coachee: Calendar::office(zone, rules.office_hours, rules.friday_break),
            holidays: calendars::days_off(db, first, last)?,
            taken: rows::taken(db, sessions::people(pairing), from, until, but.map(|session| session.id))?,
        })
    }

    pub(super) fn pair(&self) -> Pair<'_> {
        Pair { coach: &self.coach, coachee: &self.coachee, holidays: &self.holidays, taken: &self.taken }
    }

    /// The zone of the coachee's clock.
    pub(super) const fn zone(&self) -> Zone {
        self.coachee.zone
    }
}

/// When a coach can be met from a day on; at the usual hours, if the coach has not said.
fn coach_calendar(db: &mut Db, rules: &Rules, coach: PersonId, from: NaiveDate) -> ServiceResult<Calendar> {
    let zone = calendars::zone_of_coach(db, coach)?;
    let usual = Calendar::office(zone, rules.office_hours, rules.friday_break);
    let weekly = calendars::weekly(db, coach)?;
    let exceptions = calendars::exceptions(db, coach, from)?.into_iter().map(|(_, exception)| exception).collect();
    let weekly = if weekly.is_empty() { usual.weekly } else { weekly };
    Ok(Calendar { weekly, exceptions, ..usual })
}
