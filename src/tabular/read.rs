//! From the rows of a file to records: the same walk for every kind.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::column::Col;
use super::error::{RowError, TableError, shown};
use super::header::Header;
use super::lookup::Lookup;
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

/// Reads a file of one kind of record. Every wrong cell of every row is reported; a row with
/// a wrong cell is left out of the good ones. A key may occur only once.
///
/// # Errors
/// When the file as a whole cannot be read: see [`TableError`].
pub fn read<T: Record>(
    sheet: Sheet<'_>,
    lookup: &Lookup<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Parsed<T>, TableError> {
    let mut header: Option<Header> = None;
    let mut parsed = Parsed { rows: Vec::new(), errors: Vec::new(), warnings: Vec::new() };
    sheet.each_row(progress, &mut |line, cells| {
        let Some(header) = &header else {
            if !is_separator_hint(cells) {
                let (found, warnings) = Header::resolve(T::TABLE, lookup, cells)?;
                (header, parsed.warnings) = (Some(found), warnings);
            }
            return Ok(());
        };
        let before = parsed.errors.len();
        let mut row = Row { line, cells, header, lookup, errors: &mut parsed.errors };
        row.check_width();
        let record = T::read(&mut row);
        if let Some(record) = record.filter(|_| parsed.errors.len() == before) {
            parsed.rows.push((line, record));
        }
        Ok(())
    })?;
    let Some(header) = header else { return Err(TableError::Empty) };
    refuse_repeated_keys(&mut parsed, &header);
    Ok(parsed)
}

/// Excel writes and understands a first line `sep=;`.
fn is_separator_hint(cells: &csv::StringRecord) -> bool {
    let first = cells.get(0).unwrap_or_default().trim();
    first.starts_with("sep=") && cells.iter().skip(1).all(|cell| cell.trim().is_empty())
}

fn refuse_repeated_keys<T: Record>(parsed: &mut Parsed<T>, header: &Header) {
    let mut keys = Once::new(T::TABLE.columns[0].0, T::TABLE.name_of_key, header, parsed.rows.len());
    let mut numbers = Once::new(Col::IdentityNumber, "person", header, 0);
    for (line, record) in &parsed.rows {
        keys.see(*line, record.key());
        if let Some(number) = record.identity_number() {
            numbers.see(*line, Cow::Borrowed(number));
        }
    }
    let mut errors = keys.errors;
    errors.append(&mut numbers.errors);
    if errors.is_empty() {
        return;
    }
    let repeated: HashSet<u64> = errors.iter().map(|error| error.row).collect();
    parsed.rows.retain(|(line, _)| !repeated.contains(line));
    parsed.errors.extend(errors);
    parsed.errors.sort_by_key(|error| error.row);
}

/// Values that may occur only once in a column, and where each was first seen.
struct Once<'a> {
    column: &'a str,
    secret: bool,
    what: &'static str,
    seen: HashMap<Cow<'a, str>, u64>,
    errors: Vec<RowError>,
}

impl<'a> Once<'a> {
    fn new(col: Col, what: &'static str, header: &'a Header, rows: usize) -> Self {
        let column = header.place(col).map_or(col.name(), |place| header.heading(place));
        Self { column, secret: col.is_secret(), what, seen: HashMap::with_capacity(rows), errors: Vec::new() }
    }

    fn see(&mut self, row: u64, value: Cow<'a, str>) {
        match self.seen.get(&value) {
            Some(first) => self.errors.push(RowError {
                row,
                column: self.column.to_owned(),
                value: shown(&value, self.secret),
                expected: format!("a row of its own for each {}; row {first} has the same", self.what),
            }),
            None => {
                self.seen.insert(value, row);
            }
        }
    }
}
