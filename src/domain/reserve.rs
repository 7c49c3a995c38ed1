//! Places that a policy keeps for a group of coachees.

use std::str::FromStr;

use super::Zone;

/// Whom places are kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Coachees in remote areas.
    Remote,
    /// Coachees in a time zone.
    Zone(Zone),
    /// Coachees in a province, by the two digits of its Kemendagri code.
    Province(u8),
}

/// A share of all free places that goes to a group of coachees first. What the group cannot use,
/// others get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    /// For whom.
    pub group: Group,
    /// The share of the places in per cent, 1 to 100.
    pub percent: u8,
}

impl std::fmt::Display for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Group::Remote => f.write_str("remote"),
            Group::Zone(zone) => zone.fmt(f),
            Group::Province(code) => write!(f, "{code:02}"),
        }
    }
}

impl std::fmt::Display for Reserve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}%", self.group, self.percent)
    }
}

/// The text is no reserve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a group and a share: remote, WIB, WITA, WIT or the code of a province, then 1% to 100%, as remote:20%"
)]
pub struct BadReserve;

impl FromStr for Reserve {
    type Err = BadReserve;

    fn from_str(text: &str) -> Result<Self, BadReserve> {
        let (group, percent) = text.split_once(':').ok_or(BadReserve)?;
        let group = match group {
            "remote" => Group::Remote,
            code if code.len() == 2 && code.bytes().all(|b| b.is_ascii_digit()) => {
                Group::Province(code.parse().map_err(|_| BadReserve)?)
            }
            zone => Group::Zone(zone.parse().map_err(|_| BadReserve)?),
        };
        let percent = percent.trim_end_matches('%').parse().map_err(|_| BadReserve)?;
        if (1..=100).contains(&percent) { Ok(Self { group, percent }) } else { Err(BadReserve) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserve_is_written_in_a_word() {
        let reserve = |group, percent| Ok(Reserve { group, percent });
        assert_eq!("remote:20%".parse(), reserve(Group::Remote, 20));
        assert_eq!("WIT:5".parse(), reserve(Group::Zone(Zone::Wit), 5));
        assert_eq!("91:100%".parse(), reserve(Group::Province(91), 100));
        assert_eq!(
            ["remote:20%", "WIT:5%", "01:1%"].map(|text| text.parse::<Reserve>().unwrap().to_string()),
            ["remote:20%", "WIT:5%", "01:1%"]
        );
        for text in ["", "remote", "remote:", "remote:0%", "remote:101%", "WEST:5%", "9:5%", "911:5%", "+1:5%"] {
            assert_eq!(text.parse::<Reserve>(), Err(BadReserve), "{text}");
        }
    }

    #[test]
    fn json_is_as_documented() {
        for json in [
            r#"{"group":"remote","percent":20}"#,
            r#"{"group":{"zone":"WIT"},"percent":5}"#,
            r#"{"group":{"province":91},"percent":100}"#,
        ] {
            let reserve: Reserve = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&reserve).unwrap(), json);
        }
    }
}
