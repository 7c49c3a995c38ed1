//! A fingerprint of what a cohort says, whatever its files look like.

use std::collections::HashSet;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::error::TableError;
use super::hash::hex;
use super::pieces::in_pieces;
use super::table::Record;
use super::write::RecordWriter;
use crate::domain::Reference;
use crate::domain::records::{
    AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, CohortRecords, RequirementRecord,
};

/// SHA-256, in hexadecimal, over the records in canonical CSV, each kind sorted by key. The order
/// of rows and columns, the delimiter, aliases and formats of dates make no difference. Agencies
/// that are just as the reference data has them are left out: whether a file repeats them or not
/// says nothing.
///
/// # Errors
/// None in practice; the canonical form goes through the same writer as files do.
pub fn digest(cohort: &CohortRecords, reference: &Reference) -> Result<String, TableError> {
    let mut hash = Sha256::new();
    feed::<AgencyRecord>(&own_agencies(cohort, reference), reference, &mut hash)?;
    feed::<CoacheeRecord>(&cohort.coachees, reference, &mut hash)?;
    feed::<AssessmentRecord>(&cohort.assessments, reference, &mut hash)?;
    feed::<RequirementRecord>(&cohort.requirements, reference, &mut hash)?;
    feed::<CoachRecord>(&cohort.coaches, reference, &mut hash)?;
    Ok(hex(&hash.finalize()))
}

fn own_agencies(cohort: &CohortRecords, reference: &Reference) -> Vec<AgencyRecord> {
    let known: HashSet<&AgencyRecord> = reference.agencies().iter().collect();
    cohort.agencies.iter().filter(|agency| !known.contains(agency)).cloned().collect()
}

fn feed<T: Record>(records: &[T], reference: &Reference, hash: &mut Sha256) -> Result<(), TableError> {
    let mut sorted: Vec<&T> = records.iter().collect();
    sorted.par_sort_by(|a, b| a.compare_keys(b));
    hash.update(format!("{} {}\n", T::TABLE.name, records.len()));
    hash.update(RecordWriter::<T, _>::new(Vec::new(), reference)?.finish()?);
    let write = |text: &mut Vec<u8>, _: usize, records: &[&T]| {
        let mut writer = RecordWriter::<T, _>::more(text, reference);
        records.iter().try_for_each(|record| writer.write(record))?;
        writer.finish().map(|_| ())
    };
    in_pieces(&sorted, write, |piece| {
        hash.update(piece);
        Ok(())
    })
}
