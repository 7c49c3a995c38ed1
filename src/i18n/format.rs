//! Numbers, shares and times as people write them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike, Utc};

use super::Lang;

/// Seconds by which Jakarta is ahead of UTC; Indonesia has no daylight saving.
const WIB: i32 = 7 * 3600;

impl Lang {
    /// A whole number: `5.588.245`, in English `5,588,245`.
    pub fn number(self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
        if number < 0 {
            text.push('-');
        }
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(self.group());
            }
            text.push(digit);
        }
        text
    }

    /// A number given in tenths: `5.588.245,5`, in English `5,588,245.5`.
    pub fn tenths(self, tenths: i64) -> String {
        let sign = if tenths < 0 && tenths > -10 { "-" } else { "" };
        format!("{sign}{}{}{}", self.number(tenths / 10), self.point(), tenths.unsigned_abs() % 10)
    }

    /// A part of a whole in percent with one decimal; a dash when there is no whole.
    /// Only the whole itself is 100 %, only nothing is 0 %.
    pub fn share(self, part: i64, whole: i64) -> String {
        match per_mille(part, whole) {
            Some(share) => format!("{}%", self.tenths(share)),
            None => "–".into(),
        }
    }

    /// A moment in Western Indonesian Time: `Minggu, 22 November 2026 pukul 09.05 WIB`.
    pub fn moment(self, at: DateTime<Utc>) -> String {
        let Some(zone) = FixedOffset::east_opt(WIB) else { return at.to_rfc3339() };
        let at = at.with_timezone(&zone);
        let weekday = self.tr(&format!("time.weekday.{}", at.weekday().number_from_monday()));
        let month = self.tr(&format!("time.month.{}", at.month()));
        let clock = match self {
            Lang::Id => format!("pukul {:02}.{:02}", at.hour(), at.minute()),
            Lang::En => format!("at {:02}:{:02}", at.hour(), at.minute()),
        };
        format!("{weekday}, {} {month} {} {clock} WIB", at.day(), at.year())
    }

    /// A day in Western Indonesian Time: `Minggu, 22 November`.
    pub fn day(self, at: DateTime<Utc>) -> String {
        let at =
            FixedOffset::east_opt(WIB).map_or_else(|| at.date_naive(), |zone| at.with_timezone(&zone).date_naive());
        let weekday = self.tr(&format!("time.weekday.{}", at.weekday().number_from_monday()));
        let month = self.tr(&format!("time.month.{}", at.month()));
        format!("{weekday}, {} {month}", at.day())
    }

    /// A day of the calendar: `22 November 2026`.
    pub fn date(self, day: NaiveDate) -> String {
        format!("{} {} {}", day.day(), self.tr(&format!("time.month.{}", day.month())), day.year())
    }

    const fn group(self) -> char {
        match self {
            Lang::Id => '.',
            Lang::En => ',',
        }
    }

    const fn point(self) -> char {
        match self {
            Lang::Id => ',',
            Lang::En => '.',
        }
    }
}

/// A part of a whole in thousandths, rounded, but neither to 0 nor to 1,000 unless it is exactly that.
pub fn per_mille(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let share = (i128::from(part) * 1000 + i128::from(whole) / 2) / i128::from(whole);
    let share = i64::try_from(share).ok()?;
    Some(match share {
        1000 if part < whole => 999,
        0 if part > 0 => 1,
        share => share,
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn numbers_have_their_groups() {
        assert_eq!(Lang::Id.number(5_588_245), "5.588.245");
        assert_eq!(Lang::En.number(-1_000), "-1,000");
        assert_eq!(Lang::Id.number(999), "999");
        assert_eq!(Lang::Id.tenths(55_882_455), "5.588.245,5");
        assert_eq!(Lang::En.tenths(-5), "-0.5");
    }

    #[test]
    fn a_share_never_says_all_or_nothing_when_it_is_not() {
        assert_eq!(Lang::Id.share(775, 1000), "77,5%");
        assert_eq!(Lang::Id.share(1999, 2000), "99,9%");
        assert_eq!(Lang::En.share(2000, 2000), "100.0%");
        assert_eq!(Lang::En.share(1, 100_000), "0.1%");
        assert_eq!(Lang::Id.share(0, 0), "–");
    }

    #[test]
    fn a_moment_is_written_with_weekday_and_zone() {
        let at = Utc.with_ymd_and_hms(2026, 11, 22, 2, 5, 0).unwrap();
        assert_eq!(Lang::Id.moment(at), "Minggu, 22 November 2026 pukul 09.05 WIB");
        assert_eq!(Lang::En.moment(at), "Sunday, 22 November 2026 at 09:05 WIB");
        assert_eq!(Lang::Id.day(Utc.with_ymd_and_hms(2026, 11, 22, 17, 0, 0).unwrap()), "Senin, 23 November");
    }
}
