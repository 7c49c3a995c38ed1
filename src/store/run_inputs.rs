//! What runs worked on: an archive for each, cut into parts, so that no engine has to swallow it whole.

use diesel::prelude::*;

use super::schema::{requests, run_input_parts, run_inputs, runs};
use super::types::Stamp;
use super::{Db, PersonId, RunId, StoreError, StoreResult};

/// Bytes of a part.
const PART: usize = 1 << 20;

/// What is known of an input without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFacts {
    /// The form of the archive.
    pub format: i16,
    /// SHA-256 of the archive, in hexadecimal.
    pub digest: String,
    /// Its bytes.
    pub size: i64,
    /// When it was kept.
    pub kept_at: Stamp,
}

/// Keeps the input of a run.
///
/// # Errors
/// [`StoreError::Conflict`] when the run is not there, or has one.
pub fn keep(db: &mut Db, run: RunId, format: i16, digest: &str, bytes: &[u8], now: Stamp) -> StoreResult<()> {
    db.expect_many_rows()?;
    let number = |n: usize| i32::try_from(n).map_err(|why| StoreError::Internal(why.to_string()));
    diesel::insert_into(run_inputs::table)
        .values(row!(run_inputs {
            run: run,
            format: format,
            digest: digest,
            size: i64::try_from(bytes.len()).map_err(|why| StoreError::Internal(why.to_string()))?,
            parts: number(bytes.chunks(PART).len())?,
            kept_at: now,
        }))
        .execute(db)?;
    for (part, bytes) in bytes.chunks(PART).enumerate() {
        diesel::insert_into(run_input_parts::table)
            .values(row!(run_input_parts { run: run, part: number(part)?, bytes: bytes }))
            .execute(db)?;
    }
    Ok(())
}

/// What is known of the input of a run, if it was kept.
///
/// # Errors
/// When the database cannot be read.
pub fn facts(db: &mut Db, run: RunId) -> StoreResult<Option<InputFacts>> {
    let columns = (run_inputs::format, run_inputs::digest, run_inputs::size, run_inputs::kept_at);
    let row: Option<(i16, String, i64, Stamp)> =
        run_inputs::table.find(run).select(columns).get_result(db).optional()?;
    Ok(row.map(|(format, digest, size, kept_at)| InputFacts { format, digest, size, kept_at }))
}

/// The input of a run with what is known of it, if it was kept.
///
/// # Errors
/// When the database cannot be read, or a part is missing.
pub fn load(db: &mut Db, run: RunId) -> StoreResult<Option<(InputFacts, Vec<u8>)>> {
    db.expect_long_reading()?;
    let Some(facts) = facts(db, run)? else { return Ok(None) };
    let parts: i32 = run_inputs::table.find(run).select(run_inputs::parts).get_result(db)?;
    let size = usize::try_from(facts.size).map_err(|why| StoreError::damaged("run_inputs", why))?;
    let mut bytes = Vec::with_capacity(size);
    for part in 0..parts {
        let more: Vec<u8> = run_input_parts::table.find((run, part)).select(run_input_parts::bytes).get_result(db)?;
        bytes.extend_from_slice(&more);
    }
    if bytes.len() != size {
        return Err(StoreError::damaged("run_input_parts", format!("{} of {size} bytes", bytes.len())));
    }
    Ok(Some((facts, bytes)))
}

/// The runs whose input was kept: those of cohorts in which somebody asks, or ever did, or all, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn kept(db: &mut Db, asked_by: Option<PersonId>) -> StoreResult<Vec<RunId>> {
    let mut query = run_inputs::table.select(run_inputs::run).order(run_inputs::run.desc()).into_boxed();
    if let Some(person) = asked_by {
        let cohorts = requests::table.filter(requests::coachee.eq(person)).select(requests::cohort);
        let own = runs::table.filter(runs::cohort.eq_any(cohorts)).select(runs::id);
        query = query.filter(run_inputs::run.eq_any(own));
    }
    Ok(query.load(db)?)
}

/// Keeps another archive in place of that of a run; the day on which it was kept stays.
///
/// # Errors
/// When the database cannot be written.
pub fn replace(db: &mut Db, run: RunId, facts: &InputFacts, digest: &str, bytes: &[u8]) -> StoreResult<()> {
    forget(db, run)?;
    keep(db, run, facts.format, digest, bytes, facts.kept_at)
}

/// Forgets the input of a run.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(db: &mut Db, run: RunId) -> StoreResult<()> {
    diesel::delete(run_input_parts::table.filter(run_input_parts::run.eq(run))).execute(db)?;
    diesel::delete(run_inputs::table.find(run)).execute(db)?;
    Ok(())
}
