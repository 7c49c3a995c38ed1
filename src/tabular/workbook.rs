//! XLSX workbooks: limits against bombs, then cells as text, a row at a time.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

use calamine::{DataRef, Reader, Xlsx};

use super::error::TableError;

/// The most rows a spreadsheet can have.
const MAX_ROWS: u32 = 1_048_576;
/// The most columns that are read.
const MAX_COLUMNS: u32 = 1_000;
/// The largest file, in bytes.
const MAX_FILE: u64 = 256 << 20;
/// The most its parts may unfold to, in bytes.
const MAX_UNFOLDED: u64 = 4 << 30;

/// A workbook opened at one of its sheets.
pub struct Workbook {
    book: Xlsx<BufReader<File>>,
    sheet: String,
    rows: u64,
}

impl Workbook {
    pub(super) fn open(mut file: BufReader<File>, wanted: Option<&str>) -> Result<Self, TableError> {
        check_size(&mut file)?;
        let mut book: Xlsx<_> = Xlsx::new(file).map_err(unreadable)?;
        let sheet = choose(&book.sheet_names(), wanted)?;
        let (_, (last, _)) = {
            let dimensions = book.worksheet_cells_reader(&sheet).map_err(unreadable)?.dimensions();
            (dimensions.start, dimensions.end)
        };
        Ok(Self { book, sheet, rows: u64::from(last) + 1 })
    }

    /// How many rows the sheet says it has.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Walks over the rows that have cells: row number from 1, and the cells as text.
    pub(super) fn each_row(
        &mut self,
        visit: &mut dyn FnMut(u64, &csv::StringRecord) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let mut reader = self.book.worksheet_cells_reader(&self.sheet).map_err(unreadable)?;
        let mut cells = csv::StringRecord::new();
        let mut current = 0;
        while let Some(cell) = reader.next_cell().map_err(unreadable)? {
            let (row, column) = cell.get_position();
            if matches!(cell.get_value(), DataRef::Empty) {
                continue;
            }
            if row >= MAX_ROWS || column >= MAX_COLUMNS {
                return Err(TableError::TooLarge(format!(
                    "a cell in row {}, column {}; at most {MAX_ROWS} rows and {MAX_COLUMNS} columns are read",
                    row + 1,
                    column + 1
                )));
            }
            if row != current {
                visit(u64::from(current) + 1, &cells)?;
                cells.clear();
                current = row;
            }
            while cells.len() < column as usize {
                cells.push_field("");
            }
            cells.push_field(&text(cell.get_value()));
        }
        visit(u64::from(current) + 1, &cells)
    }
}

fn unreadable(error: calamine::XlsxError) -> TableError {
    TableError::Workbook(error.to_string())
}

fn choose(names: &[String], wanted: Option<&str>) -> Result<String, TableError> {
    let named = |name: &str| names.iter().find(|n| n.trim().eq_ignore_ascii_case(name));
    let found = match wanted {
        Some(name) => named(name),
        None => named("data").or_else(|| names.first()),
    };
    found
        .cloned()
        .ok_or_else(|| TableError::NoSheet { wanted: wanted.unwrap_or("data").to_owned(), found: names.join(", ") })
}

/// A workbook is a ZIP archive, and a few kilobytes of one can unfold to many gigabytes.
/// What its directory says may lie, so the parts are unfolded once and counted.
fn check_size(file: &mut BufReader<File>) -> Result<(), TableError> {
    let size = file.get_ref().metadata()?.len();
    if size > MAX_FILE {
        return Err(TableError::TooLarge(format!(
            "{size} bytes, at most {MAX_FILE}; send it as CSV, which has no limit"
        )));
    }
    let mut archive = zip::ZipArchive::new(&mut *file).map_err(|error| TableError::Workbook(error.to_string()))?;
    let mut left = MAX_UNFOLDED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|error| TableError::Workbook(error.to_string()))?;
        let unfolded = io::copy(&mut part.take(left + 1), &mut io::sink())?;
        left = left.checked_sub(unfolded).ok_or_else(|| {
            TableError::TooLarge(format!(
                "it unfolds to more than {MAX_UNFOLDED} bytes; send it as CSV, which has no limit"
            ))
        })?;
    }
    file.rewind()?;
    Ok(())
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        // Beyond 15 digits a spreadsheet keeps no number exactly: written so that it is known as rounded.
        DataRef::Float(number) if number.abs() >= 1e15 => format!("{number:.5e}").replace('e', "E+"),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(answer) => answer.to_string(),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTime(span) => span.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
    }
}
