//! What is in the way of a run, by codes alone: it is kept with the run, and told to each reader in words of their own.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::PersonCode;

/// What is in the way of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Obstacle {
    /// The coachee of a pair that is to be has no open request any more.
    NotAsking {
        /// The coachee.
        coachee: PersonCode,
        /// The coach.
        coach: PersonCode,
    },
    /// The coachee of a pair that is to be is in another that is kept.
    HasCoach {
        /// The coachee.
        coachee: PersonCode,
        /// The coach.
        coach: PersonCode,
    },
    /// All places of the coach of a pair that is to be are in others that are kept.
    NoPlaceLeft {
        /// The coachee.
        coachee: PersonCode,
        /// The coach.
        coach: PersonCode,
    },
    /// Rules forbid a pair that is to be.
    Rules {
        /// The coachee.
        coachee: PersonCode,
        /// The coach.
        coach: PersonCode,
        /// The rules, by their words.
        rules: Vec<String>,
    },
    /// A record names something that the reference data do not have.
    Unknown {
        /// Whose record.
        person: PersonCode,
        /// The code that is not there.
        code: String,
    },
    /// A person has a code of the kind that hypothetical coaches have.
    HypotheticalCode {
        /// The person.
        person: PersonCode,
    },
    /// The hypothetical coaches name something that the reference data do not have any more.
    WhatIf,
    /// The reference data do not fit together.
    ReferenceData,
    /// The input takes more bytes than are kept.
    TooLarge {
        /// How many.
        bytes: u64,
    },
}

impl Obstacle {
    /// Its word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotAsking { .. } => "not_asking",
            Self::HasCoach { .. } => "has_coach",
            Self::NoPlaceLeft { .. } => "no_place_left",
            Self::Rules { .. } => "rules",
            Self::Unknown { .. } => "unknown",
            Self::HypotheticalCode { .. } => "hypothetical_code",
            Self::WhatIf => "what_if",
            Self::ReferenceData => "reference_data",
            Self::TooLarge { .. } => "too_large",
        }
    }

    /// What it names, each by the name of its place in a sentence; rules apart.
    pub fn named(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotAsking { coachee, coach }
            | Self::HasCoach { coachee, coach }
            | Self::NoPlaceLeft { coachee, coach }
            | Self::Rules { coachee, coach, .. } => {
                vec![("coachee", coachee.to_string()), ("coach", coach.to_string())]
            }
            Self::Unknown { person, code } => vec![("person", person.to_string()), ("code", code.clone())],
            Self::HypotheticalCode { person } => vec![("person", person.to_string())],
            Self::TooLarge { bytes } => vec![("bytes", bytes.to_string())],
            Self::WhatIf | Self::ReferenceData => Vec::new(),
        }
    }

    /// The rules that forbid the pair, by their words.
    pub fn rules(&self) -> &[String] {
        if let Self::Rules { rules, .. } = self { rules } else { &[] }
    }
}

/// For operators; readers get a sentence in their language.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        for (name, value) in self.named() {
            write!(f, " {name}={value}")?;
        }
        if self.rules().is_empty() { Ok(()) } else { write!(f, " rules={}", self.rules().join(",")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_by_its_word() {
        let person: PersonCode = "P-1".parse().unwrap();
        let (coachee, coach) = (person.clone(), "C-1".parse().unwrap());
        let all = [
            Obstacle::NotAsking { coachee: coachee.clone(), coach: person.clone() },
            Obstacle::HasCoach { coachee: coachee.clone(), coach: person.clone() },
            Obstacle::NoPlaceLeft { coachee: coachee.clone(), coach: person.clone() },
            Obstacle::Rules { coachee, coach, rules: vec!["tier".into(), "language".into()] },
            Obstacle::Unknown { person: person.clone(), code: "99.99".into() },
            Obstacle::HypotheticalCode { person },
            Obstacle::WhatIf,
            Obstacle::ReferenceData,
            Obstacle::TooLarge { bytes: 7 },
        ];
        for obstacle in all {
            let kept = serde_json::to_value(&obstacle).unwrap();
            assert_eq!(kept["what"], obstacle.word());
            assert_eq!(serde_json::from_value::<Obstacle>(kept).unwrap(), obstacle);
        }
    }
}
