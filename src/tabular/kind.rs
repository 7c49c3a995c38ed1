//! The kinds of tables, by the words that name them.

use std::str::FromStr;

use super::table::{Record, Table};
use crate::domain::records::{AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, RequirementRecord};
use crate::domain::reference::{Competency, Field, LevelMeaning, PositionTier, Province, Regency, RemoteArea};

/// A kind of table that can be read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is described by its `Table`
pub enum Kind {
    Agencies,
    Coachees,
    Assessments,
    Requirements,
    Coaches,
    Provinces,
    Regencies,
    RemoteAreas,
    Competencies,
    Levels,
    Tiers,
    Fields,
}

impl Kind {
    /// Every kind: those of a cohort first, then those of the reference data.
    pub const ALL: &'static [Kind] = &[
        Kind::Agencies,
        Kind::Coachees,
        Kind::Assessments,
        Kind::Requirements,
        Kind::Coaches,
        Kind::Provinces,
        Kind::Regencies,
        Kind::RemoteAreas,
        Kind::Competencies,
        Kind::Levels,
        Kind::Tiers,
        Kind::Fields,
    ];

    /// Whether its rows are about people.
    pub fn is_about_people(self) -> bool {
        matches!(self, Kind::Coachees | Kind::Assessments | Kind::Requirements | Kind::Coaches)
    }

    /// Its table.
    pub fn table(self) -> &'static Table {
        match self {
            Kind::Agencies => AgencyRecord::TABLE,
            Kind::Coachees => CoacheeRecord::TABLE,
            Kind::Assessments => AssessmentRecord::TABLE,
            Kind::Requirements => RequirementRecord::TABLE,
            Kind::Coaches => CoachRecord::TABLE,
            Kind::Provinces => Province::TABLE,
            Kind::Regencies => Regency::TABLE,
            Kind::RemoteAreas => RemoteArea::TABLE,
            Kind::Competencies => Competency::TABLE,
            Kind::Levels => LevelMeaning::TABLE,
            Kind::Tiers => PositionTier::TABLE,
            Kind::Fields => Field::TABLE,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.table().name)
    }
}

/// The word names no kind of table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {0}")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL.iter().copied().find(|kind| kind.table().name == word).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|kind| kind.table().name).collect();
            UnknownKind(names.join(", "))
        })
    }
}
