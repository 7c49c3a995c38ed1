//! Tables into the database and out of it, each import one transaction.

use std::borrow::Cow;
use std::collections::HashSet;

use super::stored::{Outcome, Stored, cohort_needed};
use super::{ServiceError, ServiceResult};
use crate::domain::{Admission, Policy};
use crate::store::audit::{self, Entry};
use crate::store::cohorts::{self, Cohort};
use crate::store::types::Stamp;
use crate::store::{CohortId, Db, Store};
use crate::tabular::{Parsed, RowError};

/// What an import is to do with a file that was read.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// The cohort that the records belong to, for those that belong to one; made when it is new.
    pub cohort: Option<&'a str>,
    /// Whether the good rows are stored although others are wrong.
    pub partial: bool,
    /// Take away rows of a table of the reference data that the file does not name.
    pub replace: bool,
    /// Who does it, for the audit.
    pub actor: &'a str,
    /// When.
    pub now: Stamp,
}

/// What an import did.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Counts of rows; none when nothing was stored.
    pub outcome: Option<Outcome>,
    /// Everything wrong, by row: what the reading found, and what contradicts the database.
    pub errors: Vec<RowError>,
}

impl Imported {
    /// How many rows are wrong.
    pub fn bad_rows(&self) -> usize {
        self.errors.iter().map(|error| error.row).collect::<HashSet<_>>().len()
    }
}

/// Stores what was read: all of it, or with `partial` what is good, or else nothing.
/// What is stored already just so is not written again.
///
/// # Errors
/// Those of the store, when the order makes no sense, and when the reference data would no longer
/// fit together; nothing is stored then.
pub fn import<T: Stored>(store: &Store, parsed: Parsed<T>, how: Import<'_>) -> ServiceResult<Imported> {
    if T::WHOLE && how.partial {
        let table = T::TABLE.name;
        return Err(ServiceError::Invalid(format!(
            "{table} are replaced as a whole: storing a part would take away the rows that are wrong"
        )));
    }
    if T::IMPORT_NEEDS_COHORT && how.cohort.is_none() {
        return Err(cohort_needed(T::TABLE.name));
    }
    let (lines, records): (Vec<u64>, Vec<T>) = parsed.rows.into_iter().unzip();
    let written = store.write(|db| {
        let cohort = match how.cohort.filter(|_| T::IMPORT_NEEDS_COHORT) {
            Some(code) => cohorts::by_code(db, code)?.map(|cohort| cohort.id),
            None => None,
        };
        let found = T::check(db, &records, cohort)?;
        let lost: HashSet<usize> = found.iter().map(|(at, _)| *at).collect();
        let mut errors = parsed.errors.clone();
        errors.extend(found.into_iter().map(|(at, error)| RowError { row: lines[at], ..error }));
        errors.sort_by_key(|error| error.row);
        if !errors.is_empty() && !how.partial {
            return Ok(Imported { outcome: None, errors });
        }
        let good = if lost.is_empty() {
            Cow::Borrowed(records.as_slice())
        } else {
            Cow::Owned(
                records.iter().enumerate().filter(|(at, _)| !lost.contains(at)).map(|(_, r)| r.clone()).collect(),
            )
        };
        let outcome = save(db, &good, &how)?;
        Ok(Imported { outcome: Some(outcome), errors })
    });
    written.map_err(|error: ServiceError| error.about(T::TABLE.name))
}

fn save<T: Stored>(db: &mut Db, records: &[T], how: &Import<'_>) -> ServiceResult<Outcome> {
    let cohort = match how.cohort.filter(|_| T::IMPORT_NEEDS_COHORT) {
        Some(code) => Some(find_or_make(db, code, how.now)?),
        None => None,
    };
    let outcome = T::save(db, records, cohort, how.now)?;
    if outcome.removed > 0 && !how.replace {
        let (table, lost) = (T::TABLE.name, outcome.removed);
        return Err(ServiceError::Invalid(format!(
            "{lost} rows of {table} are not in the file and would be taken away: export the table and add to it, \
             or say --replace if that is meant"
        )));
    }
    if !outcome.is_idle() {
        let entry = Entry {
            actor: how.actor,
            action: "import.stored",
            subject_kind: T::TABLE.name,
            subject: cohort.map(CohortId::uuid),
        };
        audit::append(db, &entry, &outcome, how.now)?;
    }
    Ok(outcome)
}

fn find_or_make(db: &mut Db, code: &str, now: Stamp) -> ServiceResult<CohortId> {
    if let Some(cohort) = cohorts::by_code(db, code)? {
        return Ok(cohort.id);
    }
    let id = CohortId::new();
    let (code, name) = (code.to_owned(), code.to_owned());
    let cohort = Cohort { id, code, name, opens_on: None, closes_on: None, created_at: now };
    super::cohorts::make(db, &cohort, &Admission::default(), &Policy::default(), now)?;
    Ok(id)
}

/// Loads a table: what one file of an import would have to say to change nothing.
///
/// # Errors
/// Those of the store, and when there is no such cohort.
pub fn export<T: Stored>(store: &Store, cohort: Option<&str>) -> ServiceResult<Vec<T>> {
    store.snapshot(|db| {
        let cohort = match cohort.filter(|_| T::EXPORT_NEEDS_COHORT) {
            Some(code) => match cohorts::by_code(db, code)? {
                Some(cohort) => Some(cohort.id),
                None => {
                    let codes: Vec<String> = cohorts::list(db)?.into_iter().map(|cohort| cohort.code).collect();
                    return Err(ServiceError::Missing(format!(
                        "there is no cohort {code}; there are: {}",
                        codes.join(", ")
                    )));
                }
            },
            None => None,
        };
        T::load(db, cohort)
    })
}
