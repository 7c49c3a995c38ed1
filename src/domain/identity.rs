//! Identity numbers: the NIP of a PNS, the NI PPPK, and those of people who have neither.
//!
//! NIP: 18 digits = birth date `YYYYMMDD`, appointment `YYYYMM`, sex (1 man, 2 woman), serial (3).
//! NI PPPK: birth date, appointment year `YYYY`, contract code (2 digits, from 21), sex, serial.
//! There is no check digit. A number reveals birth date and sex and may change: it is
//! never a key, and it is masked wherever it is shown.

use chrono::{Datelike, NaiveDate};

text_enum! {
    /// The kind of an identity number.
    IdentityKind {
        /// Number of a permanent civil servant.
        Nip = "nip",
        /// Number of a civil servant on contract.
        NiPppk = "ni_pppk",
        /// Number of a member of police or armed forces.
        Nrp = "nrp",
        /// National identity card number.
        Nik = "nik",
    }
}

/// A well-formed identity number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    kind: IdentityKind,
    number: Box<str>,
}

/// Why a text is no identity number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadIdentity {
    /// Not the right number of digits, or not digits.
    #[error("expected {expected} digits, found {found}")]
    Length {
        /// How many digits the kind has.
        expected: &'static str,
        /// What was found, e.g. `17 digits` or `a letter`.
        found: String,
    },
    /// The birth date is none, or lies in the future or too near.
    #[error("expected a birth date (YYYYMMDD) at the start, of a person of at least 16 years")]
    BirthDate,
    /// The appointment is neither a month nor a contract code.
    #[error("expected the month 01 to 12 (NIP) or a contract code from 21 (NI PPPK) as digits 13 and 14")]
    Appointment,
    /// Neither 1 nor 2.
    #[error("expected 1 (man) or 2 (woman) as digit 15")]
    Sex,
}

/// What keeps identity numbers unreadable where they are stored: it has the keys, the store has the places.
pub trait NumberSafe: Send + Sync {
    /// The digits, sealed for one place: elsewhere they do not open.
    fn seal(&self, digits: &str, place: &str) -> String;

    /// Opens what was sealed for a place; none when its key is gone, or it is damaged or of another place.
    fn open(&self, sealed: &str, place: &str) -> Option<String>;

    /// Keyed digests of the digits, that of the present key first: by them a number is known again, and not found out.
    /// Each has 32 characters.
    fn blind_indexes(&self, digits: &str) -> Vec<String>;

    /// Whether something was sealed with the present key.
    fn is_current(&self, sealed: &str) -> bool;

    /// The ids of the keys, the present one first, each with a mark of 32 characters that tells it from others of
    /// the same id.
    fn keys(&self) -> Vec<(String, String)>;
}

/// What looks odd about a number that is nevertheless well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityWarning {
    /// Appointed before the age of 16.
    AppointedYoung,
    /// Serials start at 001.
    SerialZero,
}

/// The youngest age, in years, at which somebody can have been appointed.
const YOUNGEST: i32 = 16;

impl Identity {
    /// Reads a number of a given kind. Spaces, dots, hyphens and leading apostrophes, which
    /// people and spreadsheets add, are dropped. `today` bounds the birth date.
    ///
    /// # Errors
    /// Says which part of the number is wrong.
    pub fn parse(kind: IdentityKind, text: &str, today: NaiveDate) -> Result<Self, BadIdentity> {
        let number = digits_of(text);
        let (expected, right): (_, fn(usize) -> bool) = match kind {
            IdentityKind::Nip | IdentityKind::NiPppk => ("18", |n| n == 18),
            IdentityKind::Nrp => ("5 to 8", |n| (5..=8).contains(&n)),
            IdentityKind::Nik => ("16", |n| n == 16),
        };
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadIdentity::Length { expected, found: "other characters".into() });
        }
        if !right(number.len()) {
            return Err(BadIdentity::Length { expected, found: format!("{} digits", number.len()) });
        }
        let identity = Self { kind, number: number.into() };
        if matches!(kind, IdentityKind::Nip | IdentityKind::NiPppk) {
            identity.check_civil_servant(today)?;
        }
        Ok(identity)
    }

    /// Reads an 18-digit number and finds out whether it is a NIP or a NI PPPK.
    ///
    /// # Errors
    /// Says which part of the number is wrong.
    pub fn parse_civil_servant(text: &str, today: NaiveDate) -> Result<Self, BadIdentity> {
        let number = digits_of(text);
        let contract = number.get(12..14).and_then(|c| c.parse::<u8>().ok()).is_some_and(|c| c >= 21);
        Self::parse(if contract { IdentityKind::NiPppk } else { IdentityKind::Nip }, &number, today)
    }

    fn check_civil_servant(&self, today: NaiveDate) -> Result<(), BadIdentity> {
        let birth = self.birth_date().ok_or(BadIdentity::BirthDate)?;
        if birth.year() < 1900 || birth.year() + YOUNGEST > today.year() {
            return Err(BadIdentity::BirthDate);
        }
        let middle = self.part(12, 14);
        let appointed = match self.kind {
            IdentityKind::NiPppk => middle >= 21,
            _ => (1..=12).contains(&middle),
        };
        if !appointed || !(1945..=today.year() as u32 + 1).contains(&self.part(8, 12)) {
            return Err(BadIdentity::Appointment);
        }
        if !(1..=2).contains(&self.part(14, 15)) {
            return Err(BadIdentity::Sex);
        }
        Ok(())
    }

    /// The kind of the number.
    pub fn kind(&self) -> IdentityKind {
        self.kind
    }

    /// The digits. Personal data: never in a log, and shown only masked.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The number with all but the last four digits hidden.
    pub fn masked(&self) -> String {
        let hidden = self.number.len().saturating_sub(4);
        format!("{}{}", "•".repeat(hidden), &self.number[hidden..])
    }

    /// The birth date in the number of a civil servant.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        if !matches!(self.kind, IdentityKind::Nip | IdentityKind::NiPppk) {
            return None;
        }
        NaiveDate::from_ymd_opt(self.part(0, 4) as i32, self.part(4, 6), self.part(6, 8))
    }

    /// What looks odd, if anything.
    pub fn warnings(&self) -> Vec<IdentityWarning> {
        let mut warnings = Vec::new();
        let Some(birth) = self.birth_date() else { return warnings };
        if (self.part(8, 12) as i32) < birth.year() + YOUNGEST {
            warnings.push(IdentityWarning::AppointedYoung);
        }
        if self.part(15, 18) == 0 {
            warnings.push(IdentityWarning::SerialZero);
        }
        warnings
    }

    fn part(&self, from: usize, to: usize) -> u32 {
        self.number[from..to].bytes().fold(0, |n, b| n * 10 + u32::from(b - b'0'))
    }
}

/// Masked, so that a number never reaches a log by way of a debug print.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.masked())
    }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '\'' | '\u{2019}' | '`')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_vectors() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let vectors = include_str!("../../data/reference/nip_test_vectors.csv");
        let mut rows = 0;
        for row in csv::Reader::from_reader(vectors.as_bytes()).records() {
            let row = row.unwrap();
            let parsed = Identity::parse_civil_servant(&row[0], today);
            match &row[1] {
                "invalid" => assert!(parsed.is_err(), "{row:?}"),
                expected => {
                    let identity = parsed.unwrap_or_else(|why| panic!("{row:?}: {why}"));
                    assert_eq!(identity.kind() == IdentityKind::NiPppk, &row[2] == "PPPK", "{row:?}");
                    assert_eq!(identity.birth_date().unwrap().to_string(), row[3]);
                    assert_eq!(!identity.warnings().is_empty(), expected == "needs_warning", "{row:?}");
                }
            }
            rows += 1;
        }
        assert_eq!(rows, 13);
    }

    #[test]
    fn debug_hides_the_number() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let identity = Identity::parse_civil_servant("198609262015051901", today).unwrap();
        assert_eq!(format!("{identity:?}"), "nip ••••••••••••••1901");
    }
}
