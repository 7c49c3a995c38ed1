//! Tables out: CSV that a spreadsheet cannot take for formulas, and workbooks.

use std::borrow::Borrow;
use std::fmt::{Display, Write as _};
use std::io::Write;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::column::Col;
use super::error::TableError;
use super::row::needs_protection;
use super::table::{Record, Table};
use crate::domain::{CompetencyCode, Level, Reference};

/// The cells of a row being written, in the order of the table's columns.
pub struct Cells<'a> {
    table: &'static Table,
    competencies: &'a [CompetencyCode],
    cells: csv::StringRecord,
    scratch: String,
}

impl<'a> Cells<'a> {
    fn new(table: &'static Table, competencies: &'a [CompetencyCode]) -> Self {
        Self { table, competencies, cells: csv::StringRecord::new(), scratch: String::new() }
    }

    fn headings(&self) -> impl Iterator<Item = &str> {
        let competencies = self.competencies.iter().filter(|_| self.table.competencies);
        self.table.columns.iter().map(|(col, _)| col.name()).chain(competencies.map(CompetencyCode::as_str))
    }

    fn fill<T: Record>(&mut self, record: &T) -> &csv::StringRecord {
        self.cells.clear();
        record.write(self);
        &self.cells
    }

    /// A text.
    pub(super) fn text(&mut self, col: Col, text: &str) {
        debug_assert_eq!(self.table.columns.get(self.cells.len()).map(|c| c.0), Some(col));
        self.cells.push_field(text);
    }

    /// A text, empty when there is none.
    pub(super) fn maybe_text(&mut self, col: Col, text: Option<&str>) {
        self.text(col, text.unwrap_or_default());
    }

    /// Anything that can be displayed.
    pub(super) fn show(&mut self, col: Col, value: impl Display) {
        self.list(col, [value]);
    }

    /// Anything that can be displayed, empty when there is none.
    pub(super) fn maybe(&mut self, col: Col, value: Option<impl Display>) {
        self.list(col, value);
    }

    /// Values joined by `|`.
    pub(super) fn list(&mut self, col: Col, values: impl IntoIterator<Item = impl Display>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        for value in values {
            if !scratch.is_empty() {
                scratch.push('|');
            }
            // Writing to a String cannot fail.
            let _ = write!(scratch, "{value}");
        }
        self.text(col, &scratch);
        self.scratch = scratch;
    }

    /// The competency columns.
    pub(super) fn levels<'l>(&mut self, levels: impl Iterator<Item = (&'l CompetencyCode, Level)> + Clone) {
        const DIGITS: [&str; 6] = ["", "1", "2", "3", "4", "5"];
        let mut next = levels.clone().peekable();
        for code in self.competencies {
            // Mostly they come in this very order.
            let found = next.next_if(|(at, _)| *at == code).or_else(|| levels.clone().find(|(at, _)| *at == code));
            let level = found.map(|(_, level)| level);
            self.cells.push_field(level.map_or("", |level| DIGITS[usize::from(level.get())]));
        }
    }
}

/// Writes cells of any table as CSV: UTF-8, LF, comma, and an apostrophe before what a
/// spreadsheet would take for a formula. Reading takes it away again.
pub struct CsvTable<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> CsvTable<W> {
    /// Begins a table with its headings.
    ///
    /// # Errors
    /// When the output fails.
    pub fn new<'c>(out: W, headings: impl IntoIterator<Item = &'c str>) -> Result<Self, TableError> {
        let mut table = Self::more(out);
        table.row(headings)?;
        Ok(table)
    }

    /// Goes on with a table whose headings stand already.
    pub(super) fn more(out: W) -> Self {
        Self { out: csv::Writer::from_writer(out) }
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When the output fails, or the row has not as many cells as the header.
    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> Result<(), TableError> {
        for cell in cells {
            if needs_protection(cell) {
                self.out.write_field(format!("'{cell}"))?;
            } else {
                self.out.write_field(cell)?;
            }
        }
        self.out.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes what is still in memory, and gives the output back.
    ///
    /// # Errors
    /// When the output fails.
    pub fn finish(self) -> Result<W, TableError> {
        self.out.into_inner().map_err(|error| TableError::Io(error.into_error()))
    }
}

/// Writes records of one kind as CSV, one at a time.
pub struct RecordWriter<T, W: Write> {
    table: CsvTable<W>,
    competencies: Vec<CompetencyCode>,
    cells: csv::StringRecord,
    scratch: String,
    kind: std::marker::PhantomData<fn(&T)>,
}

impl<T: Record, W: Write> RecordWriter<T, W> {
    /// Begins a file: the columns of the table, then one per competency of the reference data where it has such.
    ///
    /// # Errors
    /// When the output fails.
    pub fn new(out: W, reference: &Reference) -> Result<Self, TableError> {
        let mut writer = Self::more(out, reference);
        writer.table.row(Cells::new(T::TABLE, &writer.competencies).headings())?;
        Ok(writer)
    }

    /// Goes on with a file whose headings stand already.
    pub(super) fn more(out: W, reference: &Reference) -> Self {
        let (cells, scratch) = Default::default();
        Self {
            table: CsvTable::more(out),
            competencies: codes(reference),
            cells,
            scratch,
            kind: std::marker::PhantomData,
        }
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When the output fails.
    pub fn write(&mut self, record: &T) -> Result<(), TableError> {
        let mut cells = Cells {
            table: T::TABLE,
            competencies: &self.competencies,
            cells: std::mem::take(&mut self.cells),
            scratch: std::mem::take(&mut self.scratch),
        };
        let written = self.table.row(cells.fill(record));
        (self.cells, self.scratch) = (cells.cells, cells.scratch);
        written
    }

    /// Writes what is still in memory, and gives the output back.
    ///
    /// # Errors
    /// When the output fails.
    pub fn finish(self) -> Result<W, TableError> {
        self.table.finish()
    }
}

fn codes(reference: &Reference) -> Vec<CompetencyCode> {
    reference.competencies().iter().map(|c| c.code.clone()).collect()
}

/// Writes records of one kind as CSV.
///
/// # Errors
/// When the output fails.
pub fn write<T, I>(records: I, reference: &Reference, out: impl Write) -> Result<(), TableError>
where
    T: Record,
    I: IntoIterator<Item: Borrow<T>>,
{
    let mut writer = RecordWriter::<T, _>::new(out, reference)?;
    for record in records {
        writer.write(record.borrow())?;
    }
    writer.finish()?.flush()?;
    Ok(())
}

/// Writes records of one kind as a workbook with one sheet, `data`, all cells as text.
///
/// # Errors
/// When the output fails, or there are more rows than a sheet can hold.
pub fn write_xlsx<T, I>(
    records: I,
    reference: &Reference,
    out: impl Write + std::io::Seek + Send,
) -> Result<(), TableError>
where
    T: Record,
    I: IntoIterator<Item: Borrow<T>>,
{
    let competencies = codes(reference);
    let mut cells = Cells::new(T::TABLE, &competencies);
    let mut rows = vec![cells.headings().map(str::to_owned).collect::<csv::StringRecord>()];
    rows.extend(records.into_iter().map(|record| cells.fill(record.borrow()).clone()));
    let mut book = Workbook::new();
    sheet(&mut book, "data", &rows).map_err(unwritable)?;
    book.save_to_writer(out).map_err(unwritable)
}

/// Adds a sheet whose cells are all text, so that no spreadsheet rounds a number or calculates a name.
pub(super) fn sheet(book: &mut Workbook, name: &str, rows: &[csv::StringRecord]) -> Result<(), XlsxError> {
    let style = TextStyle::new();
    let sheet = book.add_worksheet();
    style.begin(sheet, name, rows.first().map_or(0, csv::StringRecord::len))?;
    for (row, cells) in rows.iter().enumerate() {
        let row = u32::try_from(row).map_err(|_| XlsxError::RowColumnLimitError)?;
        style.row(sheet, row, cells)?;
    }
    Ok(())
}

/// How sheets of text look.
pub(super) struct TextStyle {
    text: Format,
    bold: Format,
}

impl TextStyle {
    pub(super) fn new() -> Self {
        Self { text: Format::new().set_num_format("@"), bold: Format::new().set_num_format("@").set_bold() }
    }

    /// Prepares a sheet with so many columns, whose first row holds the headings.
    pub(super) fn begin(&self, sheet: &mut Worksheet, name: &str, columns: usize) -> Result<(), XlsxError> {
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for (column, _) in (0_u16..).zip(0..columns) {
            sheet.set_column_format(column, &self.text)?.set_column_width(column, 18)?;
        }
        Ok(())
    }

    /// Writes a row of text, the first in bold.
    pub(super) fn row<'c>(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        cells: impl IntoIterator<Item = &'c str>,
    ) -> Result<(), XlsxError> {
        let format = if row == 0 { &self.bold } else { &self.text };
        for (column, cell) in (0_u16..).zip(cells) {
            // A text cell is no formula; only one that looks protected would lose its apostrophe when read.
            if cell.starts_with('\'') && needs_protection(cell) {
                sheet.write_string_with_format(row, column, format!("'{cell}"), format)?;
            } else {
                sheet.write_string_with_format(row, column, cell, format)?;
            }
        }
        Ok(())
    }
}

pub(super) fn unwritable(error: XlsxError) -> TableError {
    TableError::Write(error.to_string())
}
