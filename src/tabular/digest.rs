//! A fingerprint of what a cohort says, whatever its files look like.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::error::TableError;
use super::table::Record;
use super::write::write;
use crate::domain::Reference;
use crate::domain::records::{
    AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, CohortRecords, RequirementRecord,
};

struct Hash(Sha256);

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// SHA-256, in hexadecimal, over the records in canonical CSV, each kind sorted by key. The order
/// of rows and columns, the delimiter, aliases and formats of dates make no difference. Agencies
/// that are just as the reference data has them are left out: whether a file repeats them or not
/// says nothing.
///
/// # Errors
/// None in practice; the canonical form goes through the same writer as files do.
pub fn digest(cohort: &CohortRecords, reference: &Reference) -> Result<String, TableError> {
    let mut hash = Hash(Sha256::new());
    feed::<AgencyRecord>(&own_agencies(cohort, reference), reference, &mut hash)?;
    feed::<CoacheeRecord>(&cohort.coachees, reference, &mut hash)?;
    feed::<AssessmentRecord>(&cohort.assessments, reference, &mut hash)?;
    feed::<RequirementRecord>(&cohort.requirements, reference, &mut hash)?;
    feed::<CoachRecord>(&cohort.coaches, reference, &mut hash)?;
    let mut text = String::with_capacity(64);
    for byte in hash.0.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

fn own_agencies(cohort: &CohortRecords, reference: &Reference) -> Vec<AgencyRecord> {
    let known: HashSet<&AgencyRecord> = reference.agencies().iter().collect();
    cohort.agencies.iter().filter(|agency| !known.contains(agency)).cloned().collect()
}

fn feed<T: Record>(records: &[T], reference: &Reference, hash: &mut Hash) -> Result<(), TableError> {
    let mut sorted: Vec<&T> = records.iter().collect();
    sorted.sort_by_cached_key(|record| T::key(record));
    writeln!(hash, "{} {}", T::TABLE.name, records.len())?;
    write::<T, _>(sorted, reference, hash)
}
