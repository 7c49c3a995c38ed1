//! CSV and XLSX in and out, with errors that name row, column, value and what is expected.
//!
//! A [`Record`] knows its columns, how to read itself from a row and how to write itself to one.
//! [`read`] takes a [`Sheet`] of such rows, [`write()`] and [`RecordWriter`] make one.

mod batch;
pub mod class_reserve;
mod cohort;
mod column;
mod digest;
mod error;
pub mod explanations;
pub mod hash;
mod header;
mod kind;
mod listing;
mod lookup;
mod once;
mod parse;
mod pieces;
mod read;
mod records;
pub mod reference;
pub mod result;
mod row;
pub mod scores;
pub mod snapshot;
mod source;
mod table;
mod template;
mod workbook;
mod write;

pub use cohort::{CohortErrors, CohortFiles, FileProblem, read_cohort};
pub use column::{Col, Column};
pub use digest::digest;
pub use error::{RowError, TableError};
pub use kind::{Kind, UnknownKind};
pub use listing::Listing;
pub use lookup::Lookup;
pub use read::{Parsed, read};
pub use source::{Format, Progress, Sheet};
pub use table::{Record, Table};
pub use template::{documentation, template_csv, template_xlsx};
pub use write::{CsvTable, RecordWriter, write, write_xlsx};

#[cfg(test)]
mod tests;
