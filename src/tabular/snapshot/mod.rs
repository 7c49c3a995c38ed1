//! The input of a run as the engine reads it, in one archive: so that a run can be explained, exported,
//! checked and repeated when its cohort has long changed.
//!
//! The archive is a ZIP, an entry for each column, in which each number has a fixed width. A person
//! is a code and what the rules and the score ask about; no name, number, address or position is in it,
//! and employers are numbers without meaning. What follows from the rest (lottery numbers, the reserve) is
//! worked out again. Of somebody who was erased a pseudonym is in it, at the same position; the lottery number went with
//! the code.

mod columns;
mod entries;
mod recode;
mod regions;

use std::collections::{HashMap, HashSet};
use std::io::Cursor;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use self::entries::{Entries, Filled};
pub use self::recode::recode;
use crate::domain::{PersonCode, Policy};
use crate::matching::report::NamedPair;
use crate::matching::run::Before;
use crate::matching::{CannotKeep, Cohort};

/// The form of archives that are written. Others are not read.
pub const FORMAT: i16 = 1;
/// Most bytes of an archive: a coachee or a coach takes about 13, so a million take some 13 MB.
pub const MOST_BYTES: usize = 1 << 29;
/// How the name of such a file ends.
pub const EXTENSION: &str = "zip";

/// The input of a run.
#[derive(Debug)]
pub struct InputSnapshot {
    /// The cohort with pairs that are forbidden, before any is kept.
    pub cohort: Cohort,
    /// Pairs that an admin has pinned, (coachee, coach) by position.
    pub pinned: Vec<(u32, u32)>,
    /// Pairs to which both sides have said yes before.
    pub accepted: Vec<(u32, u32)>,
    /// What an earlier run came to, where the run starts from one.
    pub before: Option<Before>,
    /// SHA-256 of the records that the cohort was built from.
    pub digest: String,
}

/// Why an archive cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It would be larger than [`MOST_BYTES`].
    #[error("the input takes {0} bytes; at most {MOST_BYTES} are kept")]
    TooLarge(usize),
    /// It has another form.
    #[error("the input was kept in the form {0}; this program reads the form {FORMAT}")]
    Format(i16),
    /// It is no such archive, or was changed.
    #[error("the kept input is damaged: {0}")]
    Damaged(String),
}

fn damaged(why: impl std::fmt::Display) -> SnapshotError {
    SnapshotError::Damaged(why.to_string())
}

const MANIFEST: &str = "manifest.json";
const REGIONS: &str = "reference.json";

/// What an archive says about itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: i16,
    program: String,
    /// In digits: JSON numbers are not exact beyond 53 bits.
    seed: String,
    as_of: NaiveDate,
    policy: Policy,
    coachees: u32,
    coaches: u32,
    pinned: Vec<NamedPair>,
    accepted: Vec<NamedPair>,
    /// How many pairs the run starts from, where it starts from any.
    before: Option<u32>,
    input_digest: String,
}

impl InputSnapshot {
    /// Writes the input as an archive.
    ///
    /// # Errors
    /// When the archive would be too large.
    pub fn write(&self) -> Result<Vec<u8>, SnapshotError> {
        let Self { cohort, pinned, accepted, before, digest } = self;
        let named = |pairs: &[(u32, u32)]| pairs.iter().map(|&pair| NamedPair::of(cohort, pair)).collect();
        let manifest = Manifest {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").into(),
            seed: cohort.seed.to_string(),
            as_of: cohort.as_of,
            policy: cohort.policy,
            coachees: cohort.coachees.len() as u32,
            coaches: cohort.coaches.len() as u32,
            pinned: named(pinned),
            accepted: named(accepted),
            before: before.as_ref().map(|before| before.pairs.len() as u32),
            input_digest: digest.clone(),
        };
        let mut entries = Entries::new();
        entries.add(MANIFEST, &serde_json::to_vec_pretty(&manifest).map_err(damaged)?)?;
        entries.add(REGIONS, &regions::write(&cohort.reference)?)?;
        columns::write_coaches(&mut entries, &cohort.coaches)?;
        columns::write_coachees(&mut entries, &cohort.coachees)?;
        if let Some(before) = before {
            columns::write_before(&mut entries, before)?;
        }
        let archive = entries.finish()?;
        if archive.len() > MOST_BYTES { Err(SnapshotError::TooLarge(archive.len())) } else { Ok(archive) }
    }

    /// Reads an archive.
    ///
    /// # Errors
    /// When it is none, has another form, or something in it points nowhere.
    pub fn read(archive: &[u8]) -> Result<Self, SnapshotError> {
        if archive.len() > MOST_BYTES {
            return Err(SnapshotError::TooLarge(archive.len()));
        }
        let mut filled = Filled::new(Cursor::new(archive))?;
        let manifest = filled.document(MANIFEST)?;
        let value: serde_json::Value = serde_json::from_slice(&manifest).map_err(damaged)?;
        let format = value["format"].as_i64().and_then(|format| i16::try_from(format).ok()).unwrap_or(0);
        if format != FORMAT {
            return Err(SnapshotError::Format(format));
        }
        let manifest: Manifest = serde_json::from_value(value).map_err(damaged)?;
        manifest.policy.check().map_err(damaged)?;
        let reference = regions::read(&filled.document(REGIONS)?)?;
        let coaches = columns::read_coaches(&mut filled, manifest.coaches as usize, &reference)?;
        let coachees = columns::read_coachees(&mut filled, manifest.coachees as usize, coaches.len(), &reference)?;
        let before = match manifest.before {
            Some(pairs) => Some(columns::read_before(&mut filled, pairs as usize, coachees.len(), coaches.len())?),
            None => None,
        };
        let seed = manifest.seed.parse().map_err(damaged)?;
        let cohort = Cohort::restore(manifest.policy, manifest.as_of, seed, reference, coaches, coachees);
        let nobody =
            |pair: &NamedPair| damaged(format!("the pair of {} and {} is not in it", pair.coachee, pair.coach));
        let pinned = positions(&cohort, &manifest.pinned).map_err(nobody)?;
        let accepted = positions(&cohort, &manifest.accepted).map_err(nobody)?;
        Ok(Self { cohort, pinned, accepted, before, digest: manifest.input_digest })
    }

    /// How many people of it were erased since.
    pub fn erased(&self) -> usize {
        let codes = self.cohort.coachees.code.iter().chain(&self.cohort.coaches.code);
        codes.filter(|code| code.is_pseudonym()).count()
    }

    /// The cohort with its pairs kept.
    ///
    /// # Errors
    /// When one of them cannot be.
    pub fn kept(mut self) -> Result<Cohort, CannotKeep> {
        self.cohort.keep_accepted(&self.accepted)?;
        self.cohort.keep(&self.pinned)?;
        Ok(self.cohort)
    }
}

/// The positions of pairs in a cohort, or the first that is not in it.
///
/// # Errors
/// The first pair of which one is not in the cohort.
pub fn positions<'a>(cohort: &'a Cohort, pairs: &'a [NamedPair]) -> Result<Vec<(u32, u32)>, &'a NamedPair> {
    known(cohort, pairs).map(|(pair, at)| at.ok_or(pair)).collect()
}

/// The positions of those pairs of which both are in a cohort.
pub fn known_positions(cohort: &Cohort, pairs: &[NamedPair]) -> Vec<(u32, u32)> {
    known(cohort, pairs).filter_map(|(_, at)| at).collect()
}

fn known<'a>(cohort: &'a Cohort, pairs: &'a [NamedPair]) -> impl Iterator<Item = (&'a NamedPair, Option<(u32, u32)>)> {
    let wanted: HashSet<&PersonCode> = pairs.iter().flat_map(|pair| [&pair.coachee, &pair.coach]).collect();
    let places = |codes: &'a [PersonCode]| -> HashMap<&'a PersonCode, u32> {
        let wanted = (0u32..).zip(codes).filter(|(_, code)| wanted.contains(code));
        wanted.map(|(at, code)| (code, at)).collect()
    };
    let (coachees, coaches) = (places(&cohort.coachees.code), places(&cohort.coaches.code));
    pairs.iter().map(move |pair| (pair, coachees.get(&pair.coachee).copied().zip(coaches.get(&pair.coach).copied())))
}

#[cfg(test)]
mod tests;
