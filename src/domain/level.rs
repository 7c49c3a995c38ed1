//! Competency levels 1 to 5 (PermenPANRB 38/2017), and those that one assessment found.

use std::num::NonZeroU8;
use std::sync::Arc;

use super::CompetencyCode;

/// A competency level, 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(NonZeroU8);

/// The number is no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a level from 1 to 5")]
pub struct BadLevel;

impl Level {
    /// The highest level.
    pub const MAX: Level = Level(NonZeroU8::MIN.saturating_add(4));

    /// Accepts 1 to 5.
    pub fn new(number: u8) -> Result<Self, BadLevel> {
        let level = NonZeroU8::new(number).map(Self).ok_or(BadLevel)?;
        if level <= Self::MAX { Ok(level) } else { Err(BadLevel) }
    }

    /// The number, 1 to 5.
    pub const fn get(self) -> u8 {
        self.0.get()
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
        level.get()
    }
}

/// Required minus assessed, never below 0.
pub fn gap(required: Level, assessed: Level) -> u8 {
    required.get().saturating_sub(assessed.get())
}

/// The levels found by an assessment, by competency. Those of one file share the list of its
/// competencies: a cohort has millions of assessments, and each is a few bytes then.
#[derive(Clone)]
pub struct Levels {
    competencies: Arc<[CompetencyCode]>,
    /// Of each competency in the list, if it was assessed.
    found: Box<[Option<Level>]>,
}

impl Levels {
    /// The levels of these competencies, one after the other.
    pub fn new(competencies: Arc<[CompetencyCode]>, found: Box<[Option<Level>]>) -> Self {
        Self { competencies, found }
    }

    /// Competencies and levels, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = (&CompetencyCode, Level)> + Clone {
        self.competencies.iter().zip(&self.found).filter_map(|(competency, level)| Some((competency, (*level)?)))
    }

    /// Whether nothing was assessed.
    pub fn is_empty(&self) -> bool {
        self.found.iter().all(Option::is_none)
    }
}

impl FromIterator<(CompetencyCode, Level)> for Levels {
    fn from_iter<I: IntoIterator<Item = (CompetencyCode, Level)>>(levels: I) -> Self {
        let (competencies, found): (Vec<_>, Vec<_>) =
            levels.into_iter().map(|(code, level)| (code, Some(level))).unzip();
        Self::new(competencies.into(), found.into())
    }
}

/// What counts is what was found, not which list it refers to.
impl PartialEq for Levels {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Levels {}

impl std::fmt::Debug for Levels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
