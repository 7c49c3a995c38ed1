//! When two people can meet: hours of a day in quarters, and the free slots of a pair across zones.
//!
//! Nobody's day is cut finer than into quarters of an hour, and no zone of Indonesia is off by less,
//! so a time is a number of quarters since 1970 and a day a set of 96 bits.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, Offset, TimeDelta, Utc, Weekday};

use super::Zone;

/// Seconds in a quarter of an hour.
const SECONDS: i64 = 900;
/// Minutes in a quarter of an hour.
const MINUTES: u16 = 15;
/// Quarters of an hour in a day.
const DAY: i64 = 96;
/// Minutes in a day.
const DAY_MINUTES: u16 = 1440;

/// How long a session may last, in minutes.
const SESSION_MINUTES: RangeInclusive<u16> = 15..=240;

/// How long a session lasts, in minutes 15 to 240, in quarters of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionMinutes(u16);

impl SessionMinutes {
    /// So many, if a session may last so long.
    pub fn new(minutes: u16) -> Option<Self> {
        (SESSION_MINUTES.contains(&minutes) && minutes.is_multiple_of(MINUTES)).then_some(Self(minutes))
    }

    /// So many.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl FromStr for SessionMinutes {
    type Err = NoSpan;

    fn from_str(text: &str) -> Result<Self, NoSpan> {
        text.parse().ok().and_then(Self::new).ok_or(NoSpan)
    }
}

/// A quarter of an hour, counted since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Quarter(pub i64);

impl Quarter {
    /// The quarter that begins at a time; none when it begins at another.
    pub fn at(time: DateTime<Utc>) -> Option<Self> {
        let whole = time.timestamp_subsec_nanos() == 0 && time.timestamp() % SECONDS == 0;
        whole.then(|| Self(time.timestamp() / SECONDS))
    }

    /// The first quarter that does not begin before a time.
    pub fn not_before(time: DateTime<Utc>) -> Self {
        let rest = time.timestamp().rem_euclid(SECONDS) > 0 || time.timestamp_subsec_nanos() > 0;
        Self(time.timestamp().div_euclid(SECONDS) + i64::from(rest))
    }

    /// When it begins.
    pub fn time(self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(self.0 * SECONDS)
    }

    /// Those that a session of so many minutes takes from here on.
    pub fn taken(self, minutes: u16) -> impl Iterator<Item = Quarter> {
        (self.0..self.0 + i64::from(minutes.div_ceil(MINUTES))).map(Quarter)
    }

    /// The local day it lies in, and which of that day's quarters it is.
    fn local(self, zone: Zone) -> (NaiveDate, u32) {
        let local = self.0 + zone.quarters_ahead();
        let day = NaiveDate::default() + TimeDelta::days(local.div_euclid(DAY));
        (day, u32::try_from(local.rem_euclid(DAY)).unwrap_or(0))
    }

    /// The first quarter of a local day.
    fn first_of(day: NaiveDate, zone: Zone) -> Self {
        let midnight = day.and_time(NaiveTime::MIN).and_utc();
        Self(midnight.timestamp() / SECONDS - zone.quarters_ahead())
    }
}

impl Zone {
    /// Hours that its clocks are ahead of UTC.
    pub const fn hours_ahead(self) -> i64 {
        match self {
            Zone::Wib => 7,
            Zone::Wita => 8,
            Zone::Wit => 9,
        }
    }

    const fn quarters_ahead(self) -> i64 {
        4 * self.hours_ahead()
    }

    /// A time as its clocks show it.
    pub fn clock(self, time: DateTime<Utc>) -> DateTime<FixedOffset> {
        let seconds = i32::try_from(self.hours_ahead() * 3600).unwrap_or(0);
        let offset = FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix());
        time.with_timezone(&offset)
    }

    /// The day that its calendars show at a time.
    pub fn day(self, time: DateTime<Utc>) -> NaiveDate {
        (time + TimeDelta::hours(self.hours_ahead())).date_naive()
    }
}

/// A span of a day in minutes since midnight, on whole quarters of an hour, e.g. `07:30-16:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Span {
    from: u16,
    to: u16,
}

/// The text is no span of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a span of a day in quarters of an hour, such as 07:30-16:00")]
pub struct NoSpan;

impl Span {
    /// From one minute of the day to another.
    ///
    /// # Errors
    /// When it is empty, reaches beyond the day, or is not on whole quarters.
    pub fn new(from: u16, to: u16) -> Result<Self, NoSpan> {
        let whole = from.is_multiple_of(MINUTES) && to.is_multiple_of(MINUTES);
        if from < to && to <= DAY_MINUTES && whole { Ok(Self { from, to }) } else { Err(NoSpan) }
    }

    /// The minute of the day at which it begins, 0 to 1425.
    pub const fn from(self) -> u16 {
        self.from
    }

    /// The minute of the day at which it ends, 15 to 1440.
    pub const fn to(self) -> u16 {
        self.to
    }

    fn mask(self) -> Hours {
        let below = |minute: u16| (1_u128 << (minute / MINUTES)) - 1;
        Hours(below(self.to) & !below(self.from))
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.from / 60, self.from % 60, self.to / 60, self.to % 60)
    }
}

impl TryFrom<String> for Span {
    type Error = NoSpan;

    fn try_from(text: String) -> Result<Self, NoSpan> {
        text.parse()
    }
}

impl FromStr for Span {
    type Err = NoSpan;

    fn from_str(text: &str) -> Result<Self, NoSpan> {
        let (from, to) = text.split_once('-').ok_or(NoSpan)?;
        Self::new(minute(from)?, minute(to)?)
    }
}

/// A minute of the day, `HH:MM`; `24:00` is its end.
fn minute(text: &str) -> Result<u16, NoSpan> {
    let (hours, minutes) = text.trim().split_once(':').ok_or(NoSpan)?;
    let number = |text: &str, most: u16| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number: &u16| digits && *number <= most).ok_or(NoSpan)
    };
    Ok(60 * number(hours, 24)? + number(minutes, 59)?)
}

/// The quarters of one day, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Hours(u128);

impl Hours {
    const fn with(self, other: Hours) -> Self {
        Self(self.0 | other.0)
    }

    const fn without(self, other: Hours) -> Self {
        Self(self.0 & !other.0)
    }

    const fn contains(self, quarter: u32) -> bool {
        self.0 >> quarter & 1 == 1
    }
}

/// Hours of one day of every week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeeklyHours {
    /// The day, 1 (Monday) to 7.
    pub weekday: u8,
    /// The hours.
    pub span: Span,
}

/// Days that differ from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// The first.
    pub first_day: NaiveDate,
    /// The last.
    pub last_day: NaiveDate,
    /// Away, all day or for a span; or there, for a span.
    pub what: Differs,
}

/// How a day differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differs {
    /// Not there all day.
    Away,
    /// Not there for a part of the day.
    AwayFor(Span),
    /// There, whatever the week says; on a Friday but for the break.
    There(Span),
}

/// When somebody can be met.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// The zone that all of it is in.
    pub zone: Zone,
    /// Every week.
    pub weekly: Vec<WeeklyHours>,
    /// The hours of every Friday that are kept free for prayer.
    pub friday_break: Option<Span>,
    /// Days that differ.
    pub exceptions: Vec<Exception>,
}

impl Calendar {
    /// The same hours from Monday to Friday.
    pub fn office(zone: Zone, hours: Span, friday_break: Option<Span>) -> Self {
        let weekly = (1..=5).map(|weekday| WeeklyHours { weekday, span: hours }).collect();
        Self { zone, weekly, friday_break, exceptions: Vec::new() }
    }

    /// The hours of a day, which is no holiday. What is said of the very day comes before what is said of
    /// every week, being away before being there, and the time of prayer before both.
    fn hours(&self, day: NaiveDate) -> Hours {
        let weekday = day.weekday();
        let of_week = self.weekly.iter().filter(|hours| u32::from(hours.weekday) == weekday.number_from_monday());
        let open = of_week.fold(Hours::default(), |open, hours| open.with(hours.span.mask()));
        let prayer = self.friday_break.filter(|_| weekday == Weekday::Fri).map_or(Hours::default(), Span::mask);
        let of_day = self.exceptions.iter().filter(|one| (one.first_day..=one.last_day).contains(&day));
        let (mut there, mut away) = (Hours::default(), Hours::default());
        for one in of_day {
            match one.what {
                Differs::Away => away = Hours(u128::MAX),
                Differs::AwayFor(span) => away = away.with(span.mask()),
                Differs::There(span) => there = there.with(span.mask()),
            }
        }
        open.with(there).without(away).without(prayer)
    }
}

/// What is known about a pair when a time is looked for.
pub struct Pair<'a> {
    /// When the coach can be met.
    pub coach: &'a Calendar,
    /// When the coachee can be met.
    pub coachee: &'a Calendar,
    /// Days without sessions.
    pub holidays: &'a BTreeSet<NaiveDate>,
    /// Quarters in which either is in a session.
    pub taken: &'a HashSet<Quarter>,
}

impl Pair<'_> {
    /// Whether a session may be at a time: within both people's hours, on no holiday, on no other session.
    pub fn is_free(&self, start: Quarter, minutes: u16) -> bool {
        let mut days = OpenDays::new(self);
        start.taken(minutes).all(|quarter| days.is_free(quarter))
    }

    /// The times at which a session of so many minutes may begin, on half hours, not before a time, within
    /// so many days of the coach's calendar, in order of time; at most `most`.
    pub fn free(&self, not_before: DateTime<Utc>, days: u16, minutes: u16, most: usize) -> Vec<Quarter> {
        let first = Quarter::not_before(not_before);
        let (first_day, _) = first.local(self.coach.zone);
        let end = first_day.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
        let last = Quarter::first_of(end, self.coach.zone);
        let mut open = OpenDays::new(self);
        let starts = (first.0..last.0).filter(|quarter| quarter % 2 == 0).map(Quarter);
        starts.filter(|start| start.taken(minutes).all(|quarter| open.is_free(quarter))).take(most).collect()
    }
}

/// The hours of the days that were asked about.
struct OpenDays<'a> {
    pair: &'a Pair<'a>,
    coach: HashMap<NaiveDate, Hours>,
    coachee: HashMap<NaiveDate, Hours>,
}

impl<'a> OpenDays<'a> {
    fn new(pair: &'a Pair<'a>) -> Self {
        Self { pair, coach: HashMap::new(), coachee: HashMap::new() }
    }

    fn is_free(&mut self, quarter: Quarter) -> bool {
        let Pair { coach, coachee, holidays, taken } = self.pair;
        !taken.contains(&quarter)
            && is_open(coach, &mut self.coach, holidays, quarter)
            && is_open(coachee, &mut self.coachee, holidays, quarter)
    }
}

fn is_open(
    calendar: &Calendar,
    known: &mut HashMap<NaiveDate, Hours>,
    holidays: &BTreeSet<NaiveDate>,
    quarter: Quarter,
) -> bool {
    let (day, of_day) = quarter.local(calendar.zone);
    let of_this = || if holidays.contains(&day) { Hours::default() } else { calendar.hours(day) };
    known.entry(day).or_insert_with(of_this).contains(of_day)
}

#[cfg(test)]
mod tests;
