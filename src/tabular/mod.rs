//! CSV and XLSX in and out, with errors that name row, column, value and what is expected.

pub mod reference;
pub mod result;
pub mod scores;
