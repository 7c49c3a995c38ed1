//! What can be wrong with a file as a whole, and with one cell.

/// A file that cannot be read as a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Disk or pipe failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Bytes that are no UTF-8 text.
    #[error("line {line} is not UTF-8 text; save the file as \"CSV UTF-8\" or as XLSX")]
    NotUtf8 {
        /// The first line at fault.
        line: u64,
    },
    /// Not even a header.
    #[error("the file is empty: expected a header line with the names of the columns")]
    Empty,
    /// Columns without which nothing can be read.
    #[error("missing columns: {missing}; the header has: {found}")]
    MissingColumns {
        /// The names of the missing columns.
        missing: String,
        /// The header as found.
        found: String,
    },
    /// Two columns with the same heading.
    #[error("the heading {0:?} occurs twice")]
    RepeatedColumn(String),
    /// Not a workbook that can be read.
    #[error("not a readable XLSX workbook: {0}")]
    Workbook(String),
    /// The workbook has no such sheet.
    #[error("no sheet {wanted:?}; the workbook has: {found}")]
    NoSheet {
        /// The name asked for.
        wanted: String,
        /// The names there are.
        found: String,
    },
    /// A workbook beyond what a spreadsheet can hold.
    #[error("the workbook is too large: {0}")]
    TooLarge(String),
    /// The binary format of Excel 97.
    #[error("this is an Excel 97-2003 file (.xls); save it as XLSX or as \"CSV UTF-8\"")]
    OldWorkbook,
    /// The file cannot be written.
    #[error("cannot write the table: {0}")]
    Write(String),
}

impl From<csv::Error> for TableError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Io(error),
            other => Self::Write(format!("{other:?}")),
        }
    }
}

/// A cell that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line in the file, or the row of the sheet, counted from 1 with the header.
    pub row: u64,
    /// The heading as it stands in the file, or the canonical one when the column is absent.
    pub column: String,
    /// The value, cut to [`SHOWN`] characters; identity numbers are masked.
    pub value: String,
    /// What would be right; reads on after "expected".
    pub expected: String,
}

impl RowError {
    /// An error found after reading, when the row is known to the caller alone; the row is 0.
    pub fn unplaced(column: &str, value: &str, expected: &str) -> Self {
        Self { row: 0, column: column.to_owned(), value: shown(value, false), expected: expected.to_owned() }
    }
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {}, {}: {:?}: expected {}", self.row, self.column, self.value, self.expected)
    }
}

/// The most characters of a wrong value that are shown.
pub const SHOWN: usize = 60;

/// Cuts a value for showing and hides all but the last four digits of an identity number,
/// in whichever column it stands.
pub(super) fn shown(value: &str, secret: bool) -> String {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    if secret || digits >= 15 {
        let count = value.chars().count();
        let hidden = if digits > 4 { count.saturating_sub(4) } else { count };
        return value.chars().enumerate().map(|(at, c)| if at < hidden { '•' } else { c }).take(SHOWN).collect();
    }
    if value.chars().count() <= SHOWN {
        return value.to_owned();
    }
    value.chars().take(SHOWN - 1).chain(['…']).collect()
}

/// Why a cell cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is not what the column's description says.
    AsDocumented,
    /// Something that can be said better; reads on after "expected".
    Because(String),
}

impl Wrong {
    pub(super) fn because(text: impl Into<String>) -> Self {
        Self::Because(text.into())
    }
}
