//! Agencies and companies.

use std::collections::HashMap;

use diesel::prelude::*;

use super::schema::{agencies, agency_opt_outs};
use super::types::Word;
use super::{CHUNK, Db, Saved, StoreResult, coach_changes};
use crate::domain::records::AgencyRecord;
use crate::domain::{AgencyCode, AgencyKind, CoachKind, OptOuts, ProvinceCode, RegencyCode};

/// Saves agencies as an import gives them.
///
/// # Errors
/// [`Conflict`](super::StoreError::Conflict) when a province or regency is not there.
pub fn save(db: &mut Db, records: &[AgencyRecord]) -> StoreResult<Saved> {
    let mut saved = Saved::default();
    for chunk in records.chunks(CHUNK) {
        let known = by_code(db, &chunk.iter().map(|r| r.code.as_str()).collect::<Vec<_>>())?;
        for record in chunk {
            match known.get(&record.code) {
                Some((old, _)) if old == record => saved.unchanged += 1,
                old => {
                    put(db, record, false)?;
                    saved.count(old.is_none());
                }
            }
        }
    }
    if saved.changed > 0 {
        // Coaches are shown with the name of their employer.
        coach_changes::note_reference(db)?;
    }
    Ok(saved)
}

/// Saves the agencies of the reference data, except where an import has changed them.
pub(super) fn save_reference(db: &mut Db, records: &[AgencyRecord]) -> StoreResult<()> {
    for chunk in records.chunks(CHUNK) {
        let known = by_code(db, &chunk.iter().map(|r| r.code.as_str()).collect::<Vec<_>>())?;
        for record in chunk {
            match known.get(&record.code) {
                Some((_, false)) => {}
                Some((old, true)) if old == record => {}
                _ => put(db, record, true)?,
            }
        }
    }
    Ok(())
}

fn put(db: &mut Db, record: &AgencyRecord, of_reference: bool) -> StoreResult<()> {
    upsert!(db, agencies by code, {
        code: record.code.as_str(),
        name: &record.name,
        kind: record.kind.as_str(),
        province: record.province.as_ref().map(ProvinceCode::as_str),
        regency: record.regency.as_ref().map(RegencyCode::as_str),
        of_reference: of_reference,
    })?;
    let code = record.code.as_str();
    diesel::delete(agency_opt_outs::table.filter(agency_opt_outs::agency.eq(code))).execute(db)?;
    let opt_outs = record.opt_outs.iter().map(|kind| row!(agency_opt_outs { agency: code, coach_kind: kind.as_str() }));
    insert_all!(db, agency_opt_outs::table, opt_outs.collect())
}

/// All agencies that are, or are not, as the reference data has them; by code.
///
/// # Errors
/// When the database cannot be read.
pub fn of_reference(db: &mut Db, wanted: bool) -> StoreResult<Vec<AgencyRecord>> {
    let rows = agencies::table.filter(agencies::of_reference.eq(wanted)).order(agencies::code).load(db)?;
    let opt_outs = agency_opt_outs::table.load(db)?;
    Ok(records(rows, opt_outs).into_iter().map(|(record, _)| record).collect())
}

/// The agencies with these codes.
pub(super) fn some(db: &mut Db, codes: &[&str]) -> StoreResult<Vec<AgencyRecord>> {
    Ok(by_code(db, codes)?.into_values().map(|(record, _)| record).collect())
}

fn by_code(db: &mut Db, codes: &[&str]) -> StoreResult<HashMap<AgencyCode, (AgencyRecord, bool)>> {
    let rows = agencies::table.filter(agencies::code.eq_any(codes)).load(db)?;
    let opt_outs = agency_opt_outs::table.filter(agency_opt_outs::agency.eq_any(codes)).load(db)?;
    Ok(records(rows, opt_outs).into_iter().map(|found| (found.0.code.clone(), found)).collect())
}

type Row = (Word<AgencyCode>, String, Word<AgencyKind>, Option<Word<ProvinceCode>>, Option<Word<RegencyCode>>, bool);
type OptOutRow = (Word<AgencyCode>, Word<CoachKind>);

/// Puts rows together: the record, and whether it is as the reference data has it.
fn records(rows: Vec<Row>, opt_out_rows: Vec<OptOutRow>) -> Vec<(AgencyRecord, bool)> {
    let mut opt_outs: HashMap<AgencyCode, OptOuts> = HashMap::new();
    for (agency, kind) in opt_out_rows {
        let set = opt_outs.entry(agency.0).or_default();
        *set = set.with(kind.0);
    }
    rows.into_iter()
        .map(|(code, name, kind, province, regency, of_reference)| {
            let opt_outs = opt_outs.get(&code.0).copied().unwrap_or_default();
            let (province, regency) = (province.map(|p| p.0), regency.map(|r| r.0));
            (AgencyRecord { code: code.0, name, kind: kind.0, province, regency, opt_outs }, of_reference)
        })
        .collect()
}
