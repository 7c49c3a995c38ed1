//! Competency levels 1 to 5 (PermenPANRB 38/2017).

/// A competency level, 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

/// The number is no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a level from 1 to 5")]
pub struct BadLevel;

impl Level {
    /// The highest level.
    pub const MAX: Level = Level(5);

    /// Accepts 1 to 5.
    pub fn new(number: u8) -> Result<Self, BadLevel> {
        (1..=5).contains(&number).then_some(Self(number)).ok_or(BadLevel)
    }

    /// The number, 1 to 5.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Level {
    type Error = BadLevel;
    fn try_from(number: u8) -> Result<Self, BadLevel> {
        Self::new(number)
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> u8 {
        level.0
    }
}

/// Required minus assessed, never below 0.
pub fn gap(required: Level, assessed: Level) -> u8 {
    required.0.saturating_sub(assessed.0)
}
