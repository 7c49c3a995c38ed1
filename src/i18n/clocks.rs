//! Times as clocks in Indonesia show them, for readers in one zone who meet people in another.

use chrono::{DateTime, Datelike, FixedOffset, Timelike, Utc};

use super::Lang;
use crate::domain::Zone;

impl Lang {
    /// A moment on the clocks of a zone: `Senin, 30 November 2026 pukul 09.00 WIT`.
    pub fn moment_in(self, at: DateTime<Utc>, zone: Zone) -> String {
        let local = zone.clock(at);
        let joint = self.pick("pukul", "at");
        format!("{} {} {joint} {} {zone}", self.day_of(local), local.year(), self.hour(local))
    }

    /// A day in a zone: `Senin, 30 November`.
    pub fn day_in(self, at: DateTime<Utc>, zone: Zone) -> String {
        self.day_of(zone.clock(at))
    }

    /// A moment on the reader's clock, and on that of the other where it shows another hour:
    /// `Senin, 30 November 2026 pukul 09.00 WIT / 07.00 WIB`. Where the other's day differs it is named too.
    pub fn meeting(self, at: DateTime<Utc>, own: Zone, other: Option<Zone>) -> String {
        let text = self.moment_in(at, own);
        let Some(other) = other.filter(|other| *other != own) else { return text };
        let (here, there) = (own.clock(at), other.clock(at));
        let day = if here.date_naive() == there.date_naive() {
            String::new()
        } else {
            format!("{} ", self.tr(&format!("time.weekday.{}", there.weekday().number_from_monday())))
        };
        format!("{text} / {day}{} {other}", self.hour(there))
    }

    /// Only the hours of a moment on the reader's clock and on that of the other: `09.00 WIT / 07.00 WIB`.
    pub fn hours(self, at: DateTime<Utc>, own: Zone, other: Option<Zone>) -> String {
        let here = format!("{} {own}", self.hour(own.clock(at)));
        match other.filter(|other| *other != own) {
            Some(other) => format!("{here} / {} {other}", self.hour(other.clock(at))),
            None => here,
        }
    }

    /// The same short, for the head of a mail: `Senin 30 Nov, 09.00 WIT`.
    pub fn short_moment(self, at: DateTime<Utc>, zone: Zone) -> String {
        format!("{}, {} {zone}", self.short_day(at, zone), self.hour(zone.clock(at)))
    }

    /// A day, short: `Senin 30 Nov`.
    pub fn short_day(self, at: DateTime<Utc>, zone: Zone) -> String {
        let local = zone.clock(at);
        let weekday = self.tr(&format!("time.weekday.{}", local.weekday().number_from_monday()));
        let month = self.tr(&format!("calendar.month.{}", local.month()));
        format!("{weekday} {} {month}", local.day())
    }

    fn day_of(self, local: DateTime<FixedOffset>) -> String {
        let weekday = self.tr(&format!("time.weekday.{}", local.weekday().number_from_monday()));
        let month = self.tr(&format!("time.month.{}", local.month()));
        format!("{weekday}, {} {month}", local.day())
    }

    fn hour(self, local: DateTime<FixedOffset>) -> String {
        let point = self.pick(".", ":");
        format!("{:02}{point}{:02}", local.hour(), local.minute())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, day, hour, minute, 0).unwrap()
    }

    #[test]
    fn each_reads_the_own_clock_first() {
        let nine = at(30, 0, 0);
        assert_eq!(
            Lang::Id.meeting(nine, Zone::Wit, Some(Zone::Wib)),
            "Senin, 30 November 2026 pukul 09.00 WIT / 07.00 WIB"
        );
        assert_eq!(
            Lang::En.meeting(nine, Zone::Wita, Some(Zone::Wit)),
            "Monday, 30 November 2026 at 08:00 WITA / 09:00 WIT"
        );
        assert_eq!(Lang::Id.meeting(nine, Zone::Wib, Some(Zone::Wib)), "Senin, 30 November 2026 pukul 07.00 WIB");
        assert_eq!(Lang::Id.short_moment(nine, Zone::Wit), "Senin 30 Nov, 09.00 WIT");
        assert_eq!(Lang::Id.day_in(at(29, 16, 0), Zone::Wit), "Senin, 30 November");
    }

    #[test]
    fn another_day_on_the_other_clock_is_named() {
        let late = at(29, 15, 30);
        assert_eq!(
            Lang::Id.meeting(late, Zone::Wit, Some(Zone::Wib)),
            "Senin, 30 November 2026 pukul 00.30 WIT / Minggu 22.30 WIB"
        );
    }
}
