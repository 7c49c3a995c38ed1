//! A list on its way out, a row at a time: as CSV, or as a workbook that is not held in memory.

use rust_xlsxwriter::Workbook;

use super::error::TableError;
use super::source::Format;
use super::write::{CsvTable, TextStyle, unwritable};

/// A list on its way out. All cells are text, and none of them a formula.
pub struct Listing {
    out: Out,
}

enum Out {
    Csv(Box<CsvTable<Vec<u8>>>),
    Xlsx(Box<Book>),
}

struct Book {
    book: Workbook,
    style: TextStyle,
    rows: u32,
}

impl Listing {
    /// Begins a list with its headings.
    ///
    /// # Errors
    /// When a workbook has no place on disk for its rows.
    pub fn new(format: Format, headings: &[&str]) -> Result<Self, TableError> {
        let out = match format {
            Format::Csv => Out::Csv(Box::new(CsvTable::new(Vec::new(), headings.iter().copied())?)),
            Format::Xlsx => {
                let mut book = Workbook::new();
                let style = TextStyle::new();
                let sheet = book.add_worksheet_with_constant_memory().map_err(unwritable)?;
                style.begin(sheet, "data", headings.len()).map_err(unwritable)?;
                style.row(sheet, 0, headings.iter().copied()).map_err(unwritable)?;
                Out::Xlsx(Box::new(Book { book, style, rows: 1 }))
            }
        };
        Ok(Self { out })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When it has not as many cells as there are headings, or the disk is full.
    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> Result<(), TableError> {
        match &mut self.out {
            Out::Csv(table) => table.row(cells),
            Out::Xlsx(out) => {
                let sheet = out.book.worksheet_from_index(0).map_err(unwritable)?;
                out.style.row(sheet, out.rows, cells).map_err(unwritable)?;
                out.rows += 1;
                Ok(())
            }
        }
    }

    /// The file.
    ///
    /// # Errors
    /// When a workbook cannot be put together.
    pub fn finish(self) -> Result<Vec<u8>, TableError> {
        match self.out {
            Out::Csv(table) => table.finish(),
            Out::Xlsx(mut out) => out.book.save_to_buffer().map_err(unwritable),
        }
    }
}
