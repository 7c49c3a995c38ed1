//! The code by which anybody finds a completion certificate on the public page, and its number.
//!
//! Twenty letters and digits, typed off paper: no 0, 1, I or O, in groups of four, in either case. The first
//! nineteen are random (95 bits, more than anybody can try), the last checks them: one wrong character, or two
//! that changed places, is found before anybody is asked.

use std::fmt;
use std::str::FromStr;

/// The 32 letters and digits of codes, each worth its position.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Characters of a code.
const LENGTH: usize = 20;
/// Random bytes that a code is made of.
const BYTES: usize = 12;
/// Bits of a character.
const BITS: u32 = 5;

/// A code that checks out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CertificateCode(String);

/// A text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no code of a certificate")]
pub struct NoCode;

impl CertificateCode {
    /// The code of random bytes, all bits of which but one are used.
    pub fn of_random(bytes: [u8; BYTES]) -> Self {
        let mut bits = bytes.into_iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(byte));
        let mut values = [0; LENGTH];
        for value in &mut values[..LENGTH - 1] {
            *value = u8::try_from(bits % 32).unwrap_or(0);
            bits >>= BITS;
        }
        values[LENGTH - 1] = rest(&values);
        Self(values.iter().map(|&value| char::from(ALPHABET[usize::from(value)])).collect())
    }

    /// As it is kept: twenty characters without groups.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// In groups of four, as people read it: `K7QF-2MXA-…`.
impl fmt::Display for CertificateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, character) in self.0.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

/// Reads a code as people type it: in any case, in any groups, with any spaces, dashes or dots between.
impl FromStr for CertificateCode {
    type Err = NoCode;

    fn from_str(text: &str) -> Result<Self, NoCode> {
        let between =
            |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}');
        let typed = text.chars().filter(|c| !between(*c)).map(|c| c.to_ascii_uppercase());
        let mut values = [0; LENGTH];
        let mut length = 0;
        for character in typed.take(LENGTH + 1) {
            let value = ALPHABET.iter().position(|&known| char::from(known) == character).ok_or(NoCode)?;
            *values.get_mut(length).ok_or(NoCode)? = u8::try_from(value).map_err(|_| NoCode)?;
            length += 1;
        }
        if length < LENGTH || rest(&values) != values[LENGTH - 1] {
            return Err(NoCode);
        }
        Ok(Self(values.iter().map(|&value| char::from(ALPHABET[usize::from(value)])).collect()))
    }
}

/// What the last character must be: the sum of all others, each times its own power of a generator of the
/// field of 32 elements. Powers differ and none is 0, so no single change and no exchange of two different
/// characters leaves the sum as it was.
fn rest(values: &[u8; LENGTH]) -> u8 {
    let mut power = 1;
    values[..LENGTH - 1].iter().fold(0, |sum, &value| {
        power = times(power, 2);
        sum ^ times(value, power)
    })
}

/// The product of two elements of the field of 32, as polynomials modulo x^5 + x^2 + 1.
fn times(mut one: u8, mut other: u8) -> u8 {
    let mut product = 0;
    while other > 0 {
        if other & 1 == 1 {
            product ^= one;
        }
        one = if one & 16 > 0 { (one << 1) ^ 0b10_0101 } else { one << 1 };
        other >>= 1;
    }
    product
}

/// The number of a certificate, for files and letters: the year in which it was issued and nine digits that
/// follow no order, so that issuing two at a time needs no common counter and a number tells no count.
pub fn certificate_number(year: i32, random: u32) -> String {
    let digits = random % 1_000_000_000;
    format!("NCN-{year}-{:03}-{:03}-{:03}", digits / 1_000_000, digits / 1_000 % 1_000, digits % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(seed: u8) -> CertificateCode {
        let mut byte = seed;
        CertificateCode::of_random(std::array::from_fn(|_| {
            byte = byte.wrapping_mul(73).wrapping_add(41);
            byte
        }))
    }

    #[test]
    fn it_is_read_as_people_type_it() {
        let known = code(7);
        let shown = known.to_string();
        assert_eq!((shown.len(), shown.matches('-').count(), known.as_str().len()), (24, 4, 20));
        let ways = [
            shown.clone(),
            shown.to_lowercase(),
            known.as_str().to_owned(),
            format!("  {}\r\n", shown.replace('-', " ")),
            shown.replace('-', " – "),
            shown.replace('-', "."),
        ];
        for typed in ways {
            assert_eq!(typed.parse::<CertificateCode>().as_ref(), Ok(&known), "{typed:?}");
        }
        let wrong = ["", "K7QF", "0000-0000-0000-0000-0000", &format!("{shown}2"), &shown[..23], "\"><script>", "ÜÜÜÜ"];
        for typed in wrong {
            assert_eq!(typed.parse::<CertificateCode>(), Err(NoCode), "{typed:?}");
        }
    }

    #[test]
    fn it_holds_nothing_that_is_mistaken_for_something_else() {
        for seed in 0..=255 {
            assert!(!code(seed).as_str().contains(['0', 'O', '1', 'I']));
        }
    }

    #[test]
    fn one_wrong_character_is_found() {
        let known = code(3);
        for at in 0..LENGTH {
            for &other in ALPHABET {
                let mut typed = known.as_str().as_bytes().to_vec();
                let same = std::mem::replace(&mut typed[at], other) == other;
                let read = String::from_utf8(typed).unwrap().parse::<CertificateCode>();
                assert_eq!(read.is_ok(), same, "{at} {other}");
            }
        }
    }

    #[test]
    fn two_that_changed_places_are_found() {
        for seed in 0..20 {
            let known = code(seed);
            for one in 0..LENGTH {
                for other in one + 1..LENGTH {
                    let mut typed = known.as_str().as_bytes().to_vec();
                    typed.swap(one, other);
                    let same = typed == known.as_str().as_bytes();
                    assert_eq!(String::from_utf8(typed).unwrap().parse::<CertificateCode>().is_ok(), same);
                }
            }
        }
    }

    #[test]
    fn a_number_has_its_digits() {
        assert_eq!(certificate_number(2026, 7), "NCN-2026-000-000-007");
        assert_eq!(certificate_number(2026, u32::MAX), "NCN-2026-294-967-295");
    }
}
