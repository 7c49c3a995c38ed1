//! Free slots beside a plain reading of calendars, minute by minute.

use chrono::{Duration, NaiveDateTime, Timelike};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

fn span(text: &str) -> Span {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn office(zone: Zone) -> Calendar {
    Calendar::office(zone, span("07:30-16:00"), Some(span("11:30-13:00")))
}

/// Start times as the coachee's clock shows them.
fn slots(pair: &Pair, from: &str, days: u16, minutes: u16) -> Vec<String> {
    let local = |slot: Quarter| slot.time() + Duration::hours(pair.coachee.zone.hours_ahead());
    pair.free(utc(from), days, minutes, 1000)
        .into_iter()
        .map(|slot| local(slot).format("%a %H:%M").to_string())
        .collect()
}

#[test]
fn a_span_is_read_and_written() {
    assert_eq!(span("07:30-16:00").to_string(), "07:30-16:00");
    assert_eq!((span("00:00-24:00").from(), span("00:00-24:00").to()), (0, 1440));
    for wrong in [
        "",
        "7:30-16:00",
        "07:30",
        "16:00-07:30",
        "07:30-07:30",
        "07:31-08:00",
        "07:30-24:15",
        "07:60-08:00",
        "-1:00-02:00",
    ] {
        assert_eq!(wrong.parse::<Span>(), Err(NoSpan), "{wrong}");
    }
}

#[test]
fn a_pair_across_zones_meets_while_both_work() {
    let (jakarta, jayapura) = (office(Zone::Wib), office(Zone::Wit));
    let pair = Pair { coach: &jakarta, coachee: &jayapura, holidays: &BTreeSet::new(), taken: &HashSet::new() };
    // Monday: Jakarta opens at 09.30 by the clocks of Jayapura, which close at 16.00.
    let monday = slots(&pair, "2026-11-29T17:00:00Z", 1, 60);
    assert_eq!(monday.first().map(String::as_str), Some("Mon 09:30"));
    assert_eq!(monday.last().map(String::as_str), Some("Mon 15:00"));
    // Friday: 11.30 to 13.00 is kept free in Jayapura, and in Jakarta, which is 13.30 to 15.00 there.
    assert_eq!(slots(&pair, "2026-12-03T17:00:00Z", 1, 60), ["Fri 09:30", "Fri 10:00", "Fri 10:30", "Fri 15:00"]);
}

#[test]
fn nobody_meets_on_a_holiday_on_leave_or_twice() {
    let mut coach = office(Zone::Wib);
    coach.exceptions.push(Exception { first_day: day("2026-12-01"), last_day: day("2026-12-01"), what: Differs::Away });
    coach.exceptions.push(Exception {
        first_day: day("2026-12-02"),
        last_day: day("2026-12-02"),
        what: Differs::AwayFor(span("08:00-16:00")),
    });
    let coachee = office(Zone::Wib);
    let holidays = BTreeSet::from([day("2026-12-03")]);
    let taken: HashSet<Quarter> = Quarter::at(utc("2026-11-30T01:00:00Z")).unwrap().taken(60).collect();
    let pair = Pair { coach: &coach, coachee: &coachee, holidays: &holidays, taken: &taken };
    let found = slots(&pair, "2026-11-29T17:00:00Z", 4, 60);
    assert_eq!(found[..2], ["Mon 09:00", "Mon 09:30"], "08.00 to 09.00 is taken, and half of an hour is no hour");
    assert!(found.iter().all(|slot| slot.starts_with("Mon")), "away, away, holiday: {found:?}");
}

#[test]
fn a_coach_may_offer_an_evening() {
    let mut coach = office(Zone::Wib);
    let there = Differs::There(span("16:00-18:00"));
    coach.exceptions.push(Exception { first_day: day("2026-11-30"), last_day: day("2026-11-30"), what: there });
    let mut late = office(Zone::Wib);
    late.weekly = vec![WeeklyHours { weekday: 1, span: span("15:00-20:00") }];
    let pair = Pair { coach: &coach, coachee: &late, holidays: &BTreeSet::new(), taken: &HashSet::new() };
    assert_eq!(slots(&pair, "2026-11-30T08:40:00Z", 1, 120), ["Mon 16:00"]);
    let start = Quarter::at(utc("2026-11-30T09:00:00Z")).unwrap();
    assert!(pair.is_free(start, 120) && !pair.is_free(start, 135));
}

/// Who offers more of a Friday has the break all the same.
#[test]
fn the_break_of_a_friday_is_kept_whatever_is_offered() {
    let mut coach = office(Zone::Wib);
    let friday = day("2026-12-04");
    coach.exceptions.push(Exception { first_day: friday, last_day: friday, what: Differs::There(span("08:00-18:00")) });
    let mut coachee = office(Zone::Wib);
    coachee.weekly = vec![WeeklyHours { weekday: 5, span: span("10:00-18:00") }];
    coachee.friday_break = None;
    let pair = Pair { coach: &coach, coachee: &coachee, holidays: &BTreeSet::new(), taken: &HashSet::new() };
    let found = slots(&pair, "2026-12-03T17:00:00Z", 1, 60);
    assert_eq!(found[..4], ["Fri 10:00", "Fri 10:30", "Fri 13:00", "Fri 13:30"]);
    assert_eq!(found.last().map(String::as_str), Some("Fri 17:00"));
}

/// One minute of somebody's clock, read plainly.
fn open_plainly(calendar: &Calendar, holidays: &BTreeSet<NaiveDate>, local: NaiveDateTime) -> bool {
    let (date, minute) = (local.date(), local.hour() * 60 + local.minute());
    let within = |span: Span| (u32::from(span.from())..u32::from(span.to())).contains(&minute);
    if holidays.contains(&date) {
        return false;
    }
    let mut there = false;
    for exception in calendar.exceptions.iter().filter(|one| one.first_day <= date && date <= one.last_day) {
        match exception.what {
            Differs::Away => return false,
            Differs::AwayFor(span) if within(span) => return false,
            Differs::AwayFor(_) => {}
            Differs::There(span) => there |= within(span),
        }
    }
    let friday = date.weekday() == Weekday::Fri && calendar.friday_break.is_some_and(within);
    let week = calendar
        .weekly
        .iter()
        .any(|one| u32::from(one.weekday) == date.weekday().number_from_monday() && within(one.span));
    (there || week) && !friday
}

fn random_span(rng: &mut ChaCha8Rng) -> Span {
    let from = rng.random_range(0..95_u16);
    Span::new(from * 15, rng.random_range(from + 1..=96) * 15).unwrap()
}

fn random_calendar(rng: &mut ChaCha8Rng, monday: NaiveDate) -> Calendar {
    let zone = Zone::ALL[rng.random_range(0..3)];
    let weekly = (0..rng.random_range(0..8))
        .map(|_| WeeklyHours { weekday: rng.random_range(1..=7), span: random_span(rng) })
        .collect();
    let exceptions = (0..rng.random_range(0..4))
        .map(|_| {
            let first_day = monday + Days::new(rng.random_range(0..6));
            let what = match rng.random_range(0..4) {
                0 => Differs::Away,
                1 => Differs::AwayFor(random_span(rng)),
                _ => Differs::There(random_span(rng)),
            };
            Exception { first_day, last_day: first_day + Days::new(rng.random_range(0..2)), what }
        })
        .collect();
    let friday_break = rng.random_bool(0.8).then(|| random_span(rng));
    Calendar { zone, weekly, friday_break, exceptions }
}

/// Every slot is free for both minute by minute; and of the times that were not named, one is tried too.
#[test]
fn no_slot_is_on_a_holiday_outside_hours_or_taken() {
    let mut rng = ChaCha8Rng::seed_from_u64(29);
    let mut named = 0;
    for case in 0..100_000 {
        let monday = day("2026-11-23");
        let (coach, coachee) = (random_calendar(&mut rng, monday), random_calendar(&mut rng, monday));
        let holidays: BTreeSet<NaiveDate> =
            (0..rng.random_range(0..2)).map(|_| monday + Days::new(rng.random_range(0..7))).collect();
        let from = utc("2026-11-22T17:00:00Z") + Duration::minutes(rng.random_range(0..4 * 1440));
        let start = Quarter::not_before(from);
        let taken: HashSet<Quarter> =
            (0..rng.random_range(0..30)).map(|_| Quarter(start.0 + rng.random_range(0..192))).collect();
        let minutes = 15 * rng.random_range(1..=16_u16);
        let pair = Pair { coach: &coach, coachee: &coachee, holidays: &holidays, taken: &taken };
        let is_free = |slot: Quarter| {
            (0..i64::from(minutes)).step_by(5).all(|minute| {
                let at = slot.time() + Duration::minutes(minute);
                let local = |zone: Zone| (at + Duration::hours(zone.hours_ahead())).naive_utc();
                open_plainly(&coach, &holidays, local(coach.zone))
                    && open_plainly(&coachee, &holidays, local(coachee.zone))
                    && !taken.contains(&Quarter(at.timestamp().div_euclid(900)))
            })
        };
        let free = pair.free(from, 2, minutes, 40);
        assert!(free.windows(2).all(|two| two[0] < two[1]), "case {case}");
        for slot in &free {
            assert!(slot.time() >= from && slot.0 % 2 == 0 && is_free(*slot), "case {case}: {:?}", slot.time());
        }
        named += free.len();
        let other = Quarter(start.0 + rng.random_range(0..96));
        assert_eq!(pair.is_free(other, minutes), is_free(other), "case {case}: {:?}", other.time());
        let end = free.last().filter(|_| free.len() == 40).map_or(start.0 + 96, |last| last.0);
        if other.0 % 2 == 0 && other.0 < end && is_free(other) {
            assert!(free.contains(&other), "case {case}: {:?} was left out", other.time());
        }
    }
    assert!(named > 50_000, "{named}");
}
