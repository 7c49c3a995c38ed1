//! Numbers, dates and yes or no, as people and spreadsheets in Indonesia write them.

use chrono::{Datelike, NaiveDate};

use super::column::normal;
use super::error::Wrong;

/// What the parser of a cell gives back.
pub(super) type Cell<T> = Result<T, Wrong>;

/// A text of at most `max` characters, without control characters other than line breaks and tabs.
pub(super) fn text(cell: &str, max: usize) -> Cell<String> {
    if cell.len() > max && cell.chars().count() > max {
        return Err(Wrong::AsDocumented);
    }
    if cell.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Wrong::because("text without control characters"));
    }
    Ok(cell.to_owned())
}

/// A whole number: `12`, `1.000`, `12,0`, `12.00`.
pub(super) fn whole<T: TryFrom<u64>>(cell: &str) -> Cell<T> {
    if let &[digit @ b'0'..=b'9'] = cell.as_bytes() {
        return T::try_from(u64::from(digit - b'0')).map_err(|_| Wrong::AsDocumented);
    }
    let digits = cell
        .strip_suffix(",00")
        .or_else(|| cell.strip_suffix(",0"))
        .or_else(|| cell.strip_suffix(".00"))
        .or_else(|| cell.strip_suffix(".0"))
        .unwrap_or(cell);
    let mut groups = digits.split('.');
    let first = groups.next().unwrap_or_default();
    let mut number = digits_only(first)?;
    for group in groups {
        if group.len() != 3 || first.len() > 3 {
            return Err(Wrong::AsDocumented);
        }
        number = number
            .checked_mul(1000)
            .and_then(|n| n.checked_add(digits_only(group).ok()?))
            .ok_or(Wrong::AsDocumented)?;
    }
    T::try_from(number).map_err(|_| Wrong::AsDocumented)
}

fn digits_only(text: &str) -> Cell<u64> {
    let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if good { text.parse().map_err(|_| Wrong::AsDocumented) } else { Err(Wrong::AsDocumented) }
}

/// The batch of a programme, as a number or in Roman numerals.
pub(super) fn batch(cell: &str) -> Cell<u16> {
    match whole(cell).or_else(|wrong| roman(cell).ok_or(wrong))? {
        0 => Err(Wrong::AsDocumented),
        number => Ok(number),
    }
}

fn roman(text: &str) -> Option<u16> {
    let values = text.chars().map(|c| match c.to_ascii_uppercase() {
        'I' => Some(1),
        'V' => Some(5),
        'X' => Some(10),
        'L' => Some(50),
        'C' => Some(100),
        _ => None,
    });
    let values: Vec<u16> = values.collect::<Option<_>>()?;
    if values.is_empty() || values.len() > 10 {
        return None;
    }
    let signed = values.iter().enumerate().map(|(at, &value)| {
        let before_larger = values.get(at + 1).is_some_and(|&next| next > value);
        if before_larger { -i32::from(value) } else { i32::from(value) }
    });
    u16::try_from(signed.sum::<i32>()).ok()
}

/// A rating from 1 to 5 in hundredths, with decimal comma or point.
pub(super) fn rating(cell: &str) -> Cell<u16> {
    let number: f64 = cell.replace(',', ".").parse().map_err(|_| Wrong::AsDocumented)?;
    let hundredths = (number * 100.0).round();
    if (100.0..=500.0).contains(&hundredths) { Ok(hundredths as u16) } else { Err(Wrong::AsDocumented) }
}

/// Yes or no.
pub(super) fn yes_no(cell: &str) -> Cell<bool> {
    match normal(cell).as_str() {
        "true" | "ya" | "y" | "yes" | "1" | "benar" | "bersedia" => Ok(true),
        "false" | "tidak" | "t" | "n" | "no" | "0" | "salah" | "tidakbersedia" => Ok(false),
        _ => Err(Wrong::AsDocumented),
    }
}

/// A mail address: something, `@`, a domain with a dot; no spaces, at most 254 bytes.
pub(super) fn email(cell: &str) -> Cell<String> {
    let good = cell.len() <= 254
        && !cell.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>' | '"'))
        && cell.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.contains('@')
                && domain.split('.').count() > 1
                && domain.split('.').all(|l| !l.is_empty())
        });
    if good { Ok(cell.to_owned()) } else { Err(Wrong::AsDocumented) }
}

/// A number that a spreadsheet has rounded to 15 digits and written as `1.98609E+17`.
pub(super) fn is_rounded_number(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    exponent.strip_prefix('+').is_some_and(digits) && digits(&mantissa.replacen([',', '.'], "", 1))
}

/// A date: `2025-12-31`, `31/12/2025`, `31-12-2025`, `31.12.2025`, `31 Desember 2025`; a time of day behind it is dropped.
pub(super) fn date(cell: &str) -> Cell<NaiveDate> {
    let bytes = cell.as_bytes();
    if bytes.len() >= 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && (bytes.len() == 10 || matches!(bytes[10], b'T' | b' '))
    {
        let part = |from: usize, to: usize| cell.get(from..to).ok_or(Wrong::AsDocumented).and_then(digits_only);
        return day(part(0, 4)?, part(5, 7)?, part(8, 10)?);
    }
    let mut parts = cell.split(['/', '-', '.', ' ']).filter(|part| !part.is_empty());
    let (Some(d), Some(m), Some(y)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Wrong::AsDocumented);
    };
    if parts.next().is_some_and(|rest| !rest.contains(':')) || y.len() != 4 {
        return Err(Wrong::AsDocumented);
    }
    let month = if m.bytes().all(|b| b.is_ascii_digit()) { digits_only(m)? } else { month(m)? };
    day(digits_only(y)?, month, digits_only(d)?)
}

fn day(year: u64, month: u64, day: u64) -> Cell<NaiveDate> {
    NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32)
        .filter(|date| (1900..2200).contains(&date.year()))
        .ok_or(Wrong::AsDocumented)
}

/// The number of a month by its Indonesian or English name or the beginning of it.
fn month(name: &str) -> Cell<u64> {
    const NAMES: [&[&str]; 12] = [
        &["januari", "january"],
        &["februari", "pebruari", "february"],
        &["maret", "march"],
        &["april"],
        &["mei", "may"],
        &["juni", "june"],
        &["juli", "july"],
        &["agustus", "agt", "agu", "august"],
        &["september"],
        &["oktober", "october"],
        &["november", "nopember"],
        &["desember", "december"],
    ];
    let name = normal(name);
    let fits = |full: &&&str| **full == name || (name.len() >= 3 && full.starts_with(&name));
    let at = NAMES.iter().position(|names| names.iter().any(|full| fits(&full))).ok_or(Wrong::AsDocumented)?;
    Ok(at as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers() {
        for (cell, number) in [
            ("0", 0),
            ("12", 12),
            ("1.000", 1000),
            ("12.345.678", 12_345_678),
            ("3,0", 3),
            ("3.0", 3),
            ("1.000,00", 1000),
        ] {
            assert_eq!(whole::<u32>(cell), Ok(number), "{cell}");
        }
        for cell in [
            "",
            "-1",
            "+1",
            "1.00.000",
            "1,5",
            "1.5",
            "1,000",
            "1 000",
            "0x1",
            "99999999999999999999",
            "1234.000.000",
            "tiga",
        ] {
            assert!(whole::<u32>(cell).is_err(), "{cell}");
        }
        assert!(whole::<u8>("256").is_err());
    }

    #[test]
    fn dates() {
        let silvester = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
        for cell in [
            "2025-12-31",
            "31/12/2025",
            "31-12-2025",
            "31.12.2025",
            "31 Desember 2025",
            "31 december 2025",
            "31 Des 2025",
            "31-Des-2025",
            "31-Dec-2025",
            "2025-12-31 00:00:00",
            "2025-12-31T08:30:00",
            "31/12/2025 08:30",
        ] {
            assert_eq!(date(cell), Ok(silvester), "{cell}");
        }
        assert_eq!(date("1 Agt 2025"), Ok(NaiveDate::from_ymd_opt(2025, 8, 1).unwrap()));
        for cell in [
            "",
            "12/31/2025",
            "31/12/25",
            "31/02/2025",
            "2025-02-29",
            "46022",
            "2025/12",
            "31 Foo 2025",
            "2025-1é-31",
            "1 Ju 2025",
        ] {
            assert!(date(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn ratings_batches_and_answers() {
        assert_eq!(
            [rating("4,25"), rating("4.25"), rating("5"), rating("4.333333")],
            [Ok(425), Ok(425), Ok(500), Ok(433)]
        );
        assert!(
            [rating("0,99"), rating("5.01"), rating("NaN"), rating("inf"), rating("empat")].iter().all(Result::is_err)
        );
        assert_eq!([batch("12"), batch("XXIV"), batch("ix")], [Ok(12), Ok(24), Ok(9)]);
        assert!(batch("0").is_err() && batch("XY").is_err());
        assert_eq!(
            [yes_no("Ya"), yes_no("TRUE"), yes_no("1"), yes_no("tidak"), yes_no("0")],
            [Ok(true), Ok(true), Ok(true), Ok(false), Ok(false)]
        );
        assert!(yes_no("mungkin").is_err());
    }

    #[test]
    fn rounded_numbers_and_addresses() {
        assert!(is_rounded_number("1.98609E+17") && is_rounded_number("1,98609E+17") && is_rounded_number("2e+17"));
        assert!(!is_rounded_number("198609262015051901") && !is_rounded_number("E+17") && !is_rounded_number("1E5"));
        assert!(email("siti@lan.go.id").is_ok());
        for cell in ["siti", "@lan.go.id", "siti@", "siti@lan", "a b@lan.go.id", "a@b@c.id", "a@b.id, c@d.id", "a@.id"]
        {
            assert!(email(cell).is_err(), "{cell}");
        }
    }
}
