//! Files as people send them, read and written.

mod cohort;
mod reading;
mod round_trip;
mod workbooks;

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::*;
use crate::domain::Reference;

pub(super) static REFERENCE: LazyLock<Reference> = LazyLock::new(|| reference::shipped().unwrap());

pub(super) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

pub(super) fn try_read<T: Record>(bytes: &[u8]) -> Result<Parsed<T>, TableError> {
    read(Sheet::csv(bytes, bytes.len() as u64)?, &Lookup::new(&REFERENCE, today()), &mut |_| {})
}

/// Reads a file whose rows may have errors.
pub(super) fn read_text<T: Record>(text: &str) -> Parsed<T> {
    try_read(text.as_bytes()).unwrap()
}

/// Reads a file without errors.
pub(super) fn read_good<T: Record>(text: &str) -> Vec<T> {
    let parsed = read_text::<T>(text);
    assert!(parsed.errors.is_empty(), "{:#?}", parsed.errors);
    parsed.into_records()
}

/// The only error of a file.
pub(super) fn only_error<T: Record>(text: &str) -> RowError {
    let parsed = read_text::<T>(text);
    assert_eq!(parsed.errors.len(), 1, "{:#?}", parsed.errors);
    parsed.errors.into_iter().next().unwrap()
}

#[test]
fn documentation_follows_the_columns() {
    let page = documentation();
    if std::env::var_os("COACHNET_BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/import.md"), &page).unwrap();
    }
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/import.md")).unwrap_or_default();
    assert!(page == kept, "docs/import.md is not what the columns say; run this test with COACHNET_BLESS=1");
}

#[test]
fn every_name_means_one_column_of_its_table() {
    for kind in Kind::ALL {
        let mut names = std::collections::HashMap::new();
        for (col, _) in kind.table().columns {
            for name in std::iter::once(&col.spec().name).chain(col.spec().aliases) {
                let other = names.insert(column::normal(name), col);
                assert!(other.is_none(), "{kind}: {name:?} means {other:?} and {col:?}");
            }
        }
    }
}
