//! The rows of a file, whatever its format: one way to walk over CSV and XLSX.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;

use super::error::TableError;
use super::workbook::Workbook;

/// How a file is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text, with comma, semicolon or tab between cells.
    Csv,
    /// An Office Open XML workbook.
    Xlsx,
}

/// A file about to be read.
pub struct Sheet<'a> {
    source: Source<'a>,
    size: u64,
}

enum Source<'a> {
    Csv(Box<csv::Reader<Box<dyn Read + 'a>>>),
    Xlsx(Box<Workbook>),
}

/// How far the reading of a file has come, in units of the file (bytes or rows).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Units read.
    pub done: u64,
    /// Units in all; 0 when not known.
    pub size: u64,
}

/// Rows between two reports of progress.
const REPORT_EVERY: u64 = 4096;
/// Bytes looked at to find the delimiter.
const SNIFFED: u64 = 64 * 1024;

impl<'a> Sheet<'a> {
    /// Opens a file. Without a format, its first bytes tell. `sheet` is the name of the sheet of a workbook.
    ///
    /// # Errors
    /// When the file cannot be read, or is no table at all.
    pub fn open(path: &Path, format: Option<Format>, sheet: Option<&str>) -> Result<Sheet<'static>, TableError> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut magic = Vec::new();
        file.by_ref().take(4).read_to_end(&mut magic)?;
        file.rewind()?;
        let found = match magic.as_slice() {
            [0xD0, 0xCF, 0x11, 0xE0] => return Err(TableError::OldWorkbook),
            b"PK\x03\x04" => Format::Xlsx,
            _ => Format::Csv,
        };
        match format.unwrap_or(found) {
            Format::Csv => Sheet::csv(file, size),
            Format::Xlsx => Sheet::xlsx(file, sheet),
        }
    }

    /// Text in CSV. `size` in bytes is for the progress alone; 0 when not known.
    ///
    /// # Errors
    /// When the beginning cannot be read.
    pub fn csv(mut reader: impl Read + 'a, size: u64) -> Result<Self, TableError> {
        let mut head = Vec::new();
        reader.by_ref().take(SNIFFED).read_to_end(&mut head)?;
        let (head, rest): (Vec<u8>, Box<dyn Read + 'a>) = match head.as_slice() {
            [0xFF, 0xFE, ..] => (utf16(head, reader, u16::from_le_bytes)?, Box::new(io::empty())),
            [0xFE, 0xFF, ..] => (utf16(head, reader, u16::from_be_bytes)?, Box::new(io::empty())),
            [0xEF, 0xBB, 0xBF, rest @ ..] => (rest.to_vec(), Box::new(reader)),
            _ => (head, Box::new(reader)),
        };
        let delimiter = delimiter(&head);
        // Records end at LF only, and a last line without one gets one: so the line on which
        // a record began is known. The CR of CRLF falls away when cells are trimmed.
        let input: Box<dyn Read + 'a> = Box::new(Cursor::new(head).chain(rest).chain(&b"\n"[..]));
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(SNIFFED as usize)
            .from_reader(input);
        Ok(Self { source: Source::Csv(Box::new(reader)), size })
    }

    /// A workbook: the sheet of the given name, else the one named `data`, else the first.
    ///
    /// # Errors
    /// When it is no workbook, too large, or lacks the sheet.
    pub fn xlsx(file: File, sheet: Option<&str>) -> Result<Self, TableError> {
        let book = Workbook::open(BufReader::new(file), sheet)?;
        Ok(Self { size: book.rows(), source: Source::Xlsx(Box::new(book)) })
    }

    /// Walks over the rows that are not blank: line number and cells.
    pub(super) fn each_row(
        self,
        progress: &mut dyn FnMut(Progress),
        visit: &mut dyn FnMut(u64, &csv::StringRecord) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let size = self.size;
        let mut rows = 0_u64;
        let mut step = |line: u64, done: u64, cells: &csv::StringRecord| {
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                return Ok(());
            }
            rows += 1;
            if rows.is_multiple_of(REPORT_EVERY) {
                progress(Progress { done, size });
            }
            visit(line, cells)
        };
        match self.source {
            Source::Csv(mut reader) => each_record(&mut reader, &mut step)?,
            Source::Xlsx(mut book) => book.each_row(&mut |row, cells| step(row, row, cells))?,
        }
        progress(Progress { done: size, size });
        Ok(())
    }
}

type Step<'s> = dyn FnMut(u64, u64, &csv::StringRecord) -> Result<(), TableError> + 's;

fn each_record(reader: &mut csv::Reader<Box<dyn Read + '_>>, step: &mut Step<'_>) -> Result<(), TableError> {
    let mut cells = csv::StringRecord::new();
    loop {
        let before = reader.position().line();
        match reader.read_record(&mut cells) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => {
                return Err(match error.into_kind() {
                    csv::ErrorKind::Io(error) => error.into(),
                    csv::ErrorKind::Utf8 { .. } => TableError::NotUtf8 { line: before },
                    other => TableError::Write(format!("{other:?}")),
                });
            }
        }
        // The reader stands behind the record's line feed.
        let breaks = cells.as_slice().bytes().filter(|&b| b == b'\n').count() as u64;
        let end = reader.position();
        step(end.line().saturating_sub(breaks + 1), end.byte(), &cells)?;
    }
}

/// The delimiter that occurs most often in the first line that is not blank, outside quotes.
/// A first line `sep=;`, which Excel understands, is a record of its own and skipped by the caller.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|&b| b == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    if let Some(&sep) = line.trim_ascii_end().strip_prefix(b"sep=").and_then(<[u8]>::first) {
        return sep;
    }
    let mut quoted = false;
    let mut counts = [(0_usize, b','), (0, b';'), (0, b'\t')];
    for &byte in line {
        quoted ^= byte == b'"';
        if let Some(count) = counts.iter_mut().find(|(_, delimiter)| *delimiter == byte && !quoted) {
            count.0 += 1;
        }
    }
    // The first of equals wins: comma.
    counts.iter().rev().max_by_key(|(count, _)| count).map_or(b',', |&(_, delimiter)| delimiter)
}

fn utf16(head: Vec<u8>, rest: impl Read, unit: fn([u8; 2]) -> u16) -> Result<Vec<u8>, TableError> {
    let mut bytes = head;
    let mut rest = rest;
    rest.read_to_end(&mut bytes)?;
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len());
    for character in char::decode_utf16(units) {
        let Ok(character) = character else {
            return Err(TableError::NotUtf8 { line: 1 + text.matches('\n').count() as u64 });
        };
        text.push(character);
    }
    Ok(text.into_bytes())
}
