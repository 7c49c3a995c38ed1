//! Learning hours (JP): which sessions of a coachee count, for how much, and why others do not.
//!
//! The numbers are settings with dates, because regulations change: see `docs/credit.md` for their source.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{Attendance, Said, SessionStatus, Zone};

/// What sessions count for, from a day on until the next rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditRule {
    /// The first day on which it holds, by the coachee's calendar.
    pub first_day: NaiveDate,
    /// Learning hours of 45 minutes that a session counts for, 0 to [`CreditRule::MOST_JP`], however long it lasts.
    pub jp_per_session: u16,
    /// At most so many sessions count in a month, 0 to [`CreditRule::MOST_A_MONTH`].
    pub sessions_per_month: u16,
    /// Learning hours wanted in a year, 0 to [`CreditRule::MOST_A_YEAR`].
    pub yearly_target: u16,
}

impl CreditRule {
    /// Most learning hours of a session.
    pub const MOST_JP: u16 = 100;
    /// Most sessions of a month.
    pub const MOST_A_MONTH: u16 = 31;
    /// Most learning hours wanted in a year.
    pub const MOST_A_YEAR: u16 = 1_000;
}

/// All rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CreditRules(Vec<CreditRule>);

impl CreditRules {
    /// Rules in any order; of two with one first day the later in the list holds.
    pub fn new(mut rules: Vec<CreditRule>) -> Self {
        rules.sort_by_key(|rule| rule.first_day);
        Self(rules)
    }

    /// The rule that holds on a day; none before the first.
    pub fn on(&self, day: NaiveDate) -> Option<CreditRule> {
        self.0.iter().rev().find(|rule| rule.first_day <= day).copied()
    }

    /// Learning hours wanted in a year: as the rule says that holds on its last day.
    pub fn target(&self, year: i32) -> u16 {
        let last = NaiveDate::from_ymd_opt(year, 12, 31);
        last.and_then(|last| self.on(last)).map_or(0, |rule| rule.yearly_target)
    }
}

/// What is known of a session whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// When it began.
    pub starts_at: DateTime<Utc>,
    /// Its state.
    pub status: SessionStatus,
    /// What both sides say of it.
    pub said: Said,
}

text_enum! {
    /// Why a session does not count.
    NotCounted {
        /// As many sessions of the month count as may.
        CapReached = "cap_reached",
        /// The two sides differ on whether it was held.
        Disputed = "disputed",
        /// It was not held.
        Missed = "missed",
        /// Neither side has said whether it was held.
        Unreported = "unreported",
        /// The rule of the day gives nothing for a session, or there was none.
        NoCredit = "no_credit",
    }
}

/// Whether a session counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    /// The day of the session by the coachee's calendar.
    pub day: NaiveDate,
    /// Learning hours that it counts for, or why it does not.
    pub counted: Result<u16, NotCounted>,
}

impl Credit {
    /// Learning hours; 0 if it does not count.
    pub fn jp(self) -> u16 {
        self.counted.unwrap_or(0)
    }
}

impl Meeting {
    /// Whether it was held and nobody denies it.
    pub fn held(&self) -> bool {
        self.fault().is_none()
    }

    /// Why it does not count, whatever the rule says.
    fn fault(&self) -> Option<NotCounted> {
        let was_held = |word: Option<Attendance>| word.map(|word| word.status() == SessionStatus::Held);
        match (was_held(self.said.coachee), was_held(self.said.coach)) {
            (Some(one), Some(other)) if one != other => Some(NotCounted::Disputed),
            _ => match self.status {
                SessionStatus::Held => None,
                SessionStatus::Missed => Some(NotCounted::Missed),
                _ => Some(NotCounted::Unreported),
            },
        }
    }
}

/// Judges all sessions of one coachee, of all pairings, in order of time: those that were held and are not
/// disputed count, at most as many in a month as the rule of the day says. Months and days are those of the
/// coachee's own clock. What does not count takes no place of the month.
pub fn credit(rules: &CreditRules, zone: Zone, meetings: &[Meeting]) -> Vec<Credit> {
    let mut counted_in = HashMap::<(i32, u32), u16>::new();
    let mut judge = |meeting: &Meeting| {
        let day = zone.day(meeting.starts_at);
        if let Some(why) = meeting.fault() {
            return Credit { day, counted: Err(why) };
        }
        let Some(rule) = rules.on(day).filter(|rule| rule.jp_per_session > 0) else {
            return Credit { day, counted: Err(NotCounted::NoCredit) };
        };
        let counted = counted_in.entry((day.year(), day.month())).or_default();
        if *counted >= rule.sessions_per_month {
            return Credit { day, counted: Err(NotCounted::CapReached) };
        }
        *counted += 1;
        Credit { day, counted: Ok(rule.jp_per_session) }
    };
    meetings.iter().map(&mut judge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(first_day: &str, jp: u16, a_month: u16) -> CreditRule {
        CreditRule { first_day: day(first_day), jp_per_session: jp, sessions_per_month: a_month, yearly_target: 20 }
    }

    fn usual() -> CreditRules {
        CreditRules::new(vec![rule("2018-01-01", 2, 2)])
    }

    fn held(at: &str) -> Meeting {
        let said = Said::default().with(crate::domain::Side::Coach, Attendance::Held);
        Meeting { starts_at: at.parse().unwrap(), status: SessionStatus::Held, said }
    }

    fn counted(rules: &CreditRules, zone: Zone, meetings: &[Meeting]) -> Vec<Result<u16, NotCounted>> {
        credit(rules, zone, meetings).into_iter().map(|credit| credit.counted).collect()
    }

    #[test]
    fn two_sessions_of_a_month_count() {
        let days = ["2026-11-02T02:00:00Z", "2026-11-16T02:00:00Z", "2026-11-30T02:00:00Z", "2026-12-01T02:00:00Z"];
        let found = counted(&usual(), Zone::Wib, &days.map(held));
        assert_eq!(found, [Ok(2), Ok(2), Err(NotCounted::CapReached), Ok(2)]);
    }

    /// The third session of November in Jakarta is the first of December in Jayapura.
    #[test]
    fn a_month_begins_on_the_coachees_own_clock() {
        let meetings = ["2026-11-02T02:00:00Z", "2026-11-16T02:00:00Z", "2026-11-30T15:30:00Z"].map(held);
        assert_eq!(counted(&usual(), Zone::Wib, &meetings)[2], Err(NotCounted::CapReached));
        assert_eq!(counted(&usual(), Zone::Wita, &meetings)[2], Err(NotCounted::CapReached), "23.30 in Makassar");
        assert_eq!(counted(&usual(), Zone::Wit, &meetings)[2], Ok(2), "00.30 in Jayapura");
        assert_eq!(credit(&usual(), Zone::Wit, &meetings)[2].day, day("2026-12-01"));
    }

    #[test]
    fn a_year_begins_on_the_coachees_own_clock() {
        let new_year = [held("2026-12-31T16:30:00Z")];
        assert_eq!(credit(&usual(), Zone::Wib, &new_year)[0].day, day("2026-12-31"));
        assert_eq!(credit(&usual(), Zone::Wita, &new_year)[0].day, day("2027-01-01"));
    }

    #[test]
    fn what_was_not_held_counts_nothing_and_takes_no_place() {
        use crate::domain::Side::{Coach, Coachee};
        let denied = Meeting {
            said: Said::default().with(Coach, Attendance::Held).with(Coachee, Attendance::CoachMissed),
            ..held("2026-11-02T02:00:00Z")
        };
        // Both say that it was not held; whose fault it was, they may go on to disagree.
        let missed = Meeting {
            status: SessionStatus::Missed,
            said: Said::default().with(Coach, Attendance::CoacheeMissed).with(Coachee, Attendance::CoachMissed),
            ..held("2026-11-03T02:00:00Z")
        };
        let unreported =
            Meeting { status: SessionStatus::Scheduled, said: Said::default(), ..held("2026-11-04T02:00:00Z") };
        let meetings = [denied, missed, unreported, held("2026-11-05T02:00:00Z"), held("2026-11-06T02:00:00Z")];
        let found = counted(&usual(), Zone::Wib, &meetings);
        let why = [NotCounted::Disputed, NotCounted::Missed, NotCounted::Unreported].map(Err);
        assert_eq!(found[..3], why);
        assert_eq!(found[3..], [Ok(2), Ok(2)]);
        assert_eq!(meetings.map(|meeting| meeting.held()), [false, false, false, true, true]);
    }

    #[test]
    fn the_rule_of_the_day_holds() {
        let rules =
            CreditRules::new(vec![rule("2026-11-15", 3, 3), rule("2026-01-01", 2, 1), rule("2027-01-01", 0, 2)]);
        let meetings = [
            "2025-12-31T02:00:00Z", // before any rule
            "2026-11-13T02:00:00Z",
            "2026-11-14T02:00:00Z", // one a month
            "2026-11-14T17:00:00Z", // midnight in Jakarta: three a month from here on
            "2026-11-20T02:00:00Z",
            "2026-11-21T02:00:00Z",
            "2027-01-05T02:00:00Z", // nothing for a session
        ];
        let found = counted(&rules, Zone::Wib, &meetings.map(held));
        let (none, cap) = (Err(NotCounted::NoCredit), Err(NotCounted::CapReached));
        assert_eq!(found, [none, Ok(2), cap, Ok(3), Ok(3), cap, none]);
        assert_eq!((rules.on(day("2025-12-31")), rules.on(day("2026-11-14"))), (None, Some(rule("2026-01-01", 2, 1))));
    }

    #[test]
    fn the_target_is_that_of_the_end_of_the_year() {
        let higher = CreditRule { yearly_target: 24, ..rule("2026-12-31", 2, 2) };
        let rules = CreditRules::new(vec![rule("2018-01-01", 2, 2), higher]);
        assert_eq!((rules.target(2017), rules.target(2025), rules.target(2026), rules.target(2027)), (0, 20, 24, 24));
    }
}
