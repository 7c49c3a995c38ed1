//! From the rows of a file to records: the same walk for every kind.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::batch::Batch;
use super::column::Col;
use super::error::{RowError, TableError, shown};
use super::header::Header;
use super::lookup::Lookup;
use super::once::repeats;
use super::row::Row;
use super::source::{Progress, Sheet};
use super::table::Record;

/// What was found in a file.
#[derive(Debug)]
pub struct Parsed<T> {
    /// The good rows with their line numbers, in the order of the file.
    pub rows: Vec<(u64, T)>,
    /// What is wrong with the others, by line.
    pub errors: Vec<RowError>,
    /// What a person should know, though nothing is wrong with it.
    pub warnings: Vec<String>,
}

impl<T> Parsed<T> {
    /// How many rows have something wrong; one row can have several errors.
    pub fn bad_rows(&self) -> usize {
        self.errors.iter().map(|error| error.row).collect::<BTreeSet<_>>().len()
    }

    /// The good records without their line numbers.
    pub fn into_records(self) -> Vec<T> {
        self.rows.into_iter().map(|(_, record)| record).collect()
    }
}

/// Reads a file of one kind of record, with one thread taking the file apart and all of them
/// parsing. Every wrong cell of every row is reported; a row with a wrong cell is left out of the
/// good ones. A key may occur only once.
///
/// # Errors
/// When the file as a whole cannot be read: see [`TableError`].
pub fn read<T: Record>(
    sheet: Sheet<'_>,
    lookup: &Lookup<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Parsed<T>, TableError> {
    let (header, crew) = (OnceLock::new(), Crew::default());
    let mut warnings = Vec::new();
    rayon::in_place_scope(|scope| {
        let mut batch = Batch::default();
        sheet.each_row(progress, &mut |line, cells| {
            let Some(header) = header.get() else {
                if !is_separator_hint(cells) {
                    let (found, told) = Header::resolve(T::TABLE, lookup, cells)?;
                    warnings = told;
                    header.get_or_init(|| found);
                }
                return Ok(());
            };
            batch.push(line, cells);
            if batch.is_full() {
                crew.take(scope, std::mem::take(&mut batch), header, lookup);
            }
            Ok(())
        })?;
        let header = header.get().ok_or(TableError::Empty)?;
        crew.take(scope, batch, header, lookup);
        Ok::<_, TableError>(header)
    })
    .map(|header| {
        let mut parsed = crew.gather(warnings);
        refuse_repeated_keys(&mut parsed, header);
        parsed
    })
}

/// Excel writes and understands a first line `sep=;`.
fn is_separator_hint(cells: &csv::StringRecord) -> bool {
    let first = cells.get(0).unwrap_or_default().trim();
    first.starts_with("sep=") && cells.iter().skip(1).all(|cell| cell.trim().is_empty())
}

/// Those who parse the batches of a file while it is read on.
struct Crew<T> {
    /// What was found, by the number of the batch.
    found: Mutex<BTreeMap<usize, Found<T>>>,
    /// Batches taken so far.
    taken: AtomicUsize,
    /// Batches that wait for a thread or are being parsed.
    waiting: AtomicUsize,
}

/// What was found in a batch.
struct Found<T> {
    rows: Vec<(u64, T)>,
    errors: Vec<RowError>,
}

/// Batches that may wait. Whoever reads parses the next one, so that no more are ever in memory.
const MOST_WAITING: usize = 8;

impl<T> Default for Crew<T> {
    fn default() -> Self {
        Self { found: Mutex::default(), taken: AtomicUsize::new(0), waiting: AtomicUsize::new(0) }
    }
}

impl<T: Record> Crew<T> {
    fn take<'s>(&'s self, scope: &rayon::Scope<'s>, batch: Batch, header: &'s Header, lookup: &'s Lookup<'_>) {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let work = move || {
            let found = parse(&batch, header, lookup);
            self.found.lock().insert(number, found);
        };
        if self.waiting.load(Ordering::Relaxed) >= MOST_WAITING {
            return work();
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        scope.spawn(move |_| {
            work();
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        });
    }

    fn gather(self, warnings: Vec<String>) -> Parsed<T> {
        let found = self.found.into_inner();
        let count = found.values().map(|batch| batch.rows.len()).sum();
        let mut parsed = Parsed { rows: Vec::with_capacity(count), errors: Vec::new(), warnings };
        for mut batch in found.into_values() {
            parsed.rows.append(&mut batch.rows);
            parsed.errors.append(&mut batch.errors);
        }
        parsed
    }
}

fn parse<T: Record>(batch: &Batch, header: &Header, lookup: &Lookup<'_>) -> Found<T> {
    let mut found = Found { rows: Vec::with_capacity(batch.len()), errors: Vec::new() };
    for (line, cells) in batch.rows() {
        let before = found.errors.len();
        let mut row = Row { line, cells, header, lookup, errors: &mut found.errors };
        row.check_width();
        let record = T::read(&mut row);
        if let Some(record) = record.filter(|_| found.errors.len() == before) {
            found.rows.push((line, record));
        }
    }
    found
}

fn refuse_repeated_keys<T: Record>(parsed: &mut Parsed<T>, header: &Header) {
    let rows = &parsed.rows;
    let once = |col: Col, what: &str, value: fn(&T) -> Option<Cow<'_, str>>| -> Vec<RowError> {
        let column = header.place(col).map_or(col.name(), |place| header.heading(place));
        let error = |(at, first): (usize, usize)| RowError {
            row: rows[at].0,
            column: column.to_owned(),
            value: shown(&value(&rows[at].1).unwrap_or_default(), col.is_secret()),
            expected: format!("a row of its own for each {what}; row {} has the same", rows[first].0),
        };
        repeats(rows, |(_, record)| value(record)).into_iter().map(error).collect()
    };
    let mut errors = once(T::TABLE.columns[0].0, T::TABLE.name_of_key, |record| Some(record.key()));
    errors.extend(once(Col::IdentityNumber, "person", |record| record.identity_number().map(Cow::Borrowed)));
    if errors.is_empty() {
        return;
    }
    let repeated: HashSet<u64> = errors.iter().map(|error| error.row).collect();
    parsed.rows.retain(|(line, _)| !repeated.contains(line));
    parsed.errors.extend(errors);
    parsed.errors.sort_by_key(|error| error.row);
}
