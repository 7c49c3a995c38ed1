//! Amounts of weight with decimals, added and compared exactly.

use std::fmt;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

/// An amount of weight, exact to the millionth. Wide enough for any sum over people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Points(i128);

const ONE: i128 = 1_000_000;
const DECIMALS: usize = 6;

/// The text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a decimal number with at most 15 digits before and {DECIMALS} after the point")]
pub struct BadPoints;

impl Points {
    /// How many parts a point has.
    pub(in crate::matching) const PARTS: i64 = ONE as i64;

    /// As a number of parts, bounded by what 64 bits hold.
    pub(in crate::matching) fn parts(self) -> i64 {
        self.0.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// A number of parts.
    pub(in crate::matching) fn from_parts(parts: i64) -> Self {
        Points(i128::from(parts))
    }

    /// Nothing.
    pub const ZERO: Points = Points(0);

    /// The whole part, bounded by what 64 bits hold.
    pub fn whole(self) -> i64 {
        (self.0 / ONE).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }
}

impl From<i64> for Points {
    fn from(whole: i64) -> Self {
        Points(i128::from(whole) * ONE)
    }
}

impl From<u64> for Points {
    fn from(whole: u64) -> Self {
        Points(i128::from(whole) * ONE)
    }
}

impl From<u32> for Points {
    fn from(whole: u32) -> Self {
        Points(i128::from(whole) * ONE)
    }
}

impl Add for Points {
    type Output = Points;
    fn add(self, other: Points) -> Points {
        Points(self.0 + other.0)
    }
}

impl Sub for Points {
    type Output = Points;
    fn sub(self, other: Points) -> Points {
        Points(self.0 - other.0)
    }
}

impl Mul<u64> for Points {
    type Output = Points;
    fn mul(self, times: u64) -> Points {
        Points(self.0 * i128::from(times))
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Points>>(amounts: I) -> Points {
        amounts.fold(Points::ZERO, Add::add)
    }
}

/// Whole amounts without a point, others with the decimals they need.
impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.abs() / ONE, self.0.abs() % ONE);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let decimals = format!("{rest:0DECIMALS$}");
        write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
    }
}

impl FromStr for Points {
    type Err = BadPoints;

    fn from_str(text: &str) -> Result<Self, BadPoints> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let good = |part: &str, most| part.len() <= most && part.bytes().all(|b| b.is_ascii_digit());
        let ends_in_point = digits.ends_with('.');
        if whole.is_empty() || ends_in_point || !good(whole, 15) || !good(decimals, DECIMALS) {
            return Err(BadPoints);
        }
        let millionths = format!("{whole}{decimals:0<DECIMALS$}").parse::<i128>().map_err(|_| BadPoints)?;
        Ok(Points(if negative { -millionths } else { millionths }))
    }
}

impl serde::Serialize for Points {
    /// A JSON number: an integer when whole, else the nearest double.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(self.0 / ONE) {
            Ok(whole) if self.0 % ONE == 0 => serializer.serialize_i64(whole),
            _ => serializer.serialize_f64(self.0 as f64 / ONE as f64),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Points {
    /// What [`Serialize`](serde::Serialize) writes.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        number.to_string().parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_there_and_back() {
        for text in ["0", "12", "-3", "0.5", "7.000001", "-0.25", "999999999999999.999999"] {
            assert_eq!(text.parse::<Points>().unwrap().to_string(), text);
        }
        assert_eq!("4.000000".parse(), Ok(Points::from(4i64)));
        for text in ["", "-", ".5", "1.", "1e3", "+1", " 1", "1.0000001", "1,5", "--1"] {
            assert_eq!(text.parse::<Points>(), Err(BadPoints), "{text}");
        }
    }

    #[test]
    fn whole_amounts_are_whole_numbers_in_json() {
        let json = |text: &str| serde_json::to_string(&text.parse::<Points>().unwrap()).unwrap();
        assert_eq!((json("960"), json("0.25")), ("960".into(), "0.25".into()));
    }
}
