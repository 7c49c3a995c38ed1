//! What people start from: a template per table, and the page that documents every column.

use std::fmt::Write as _;
use std::io::{Seek, Write};

use rust_xlsxwriter::Workbook;

use super::column::{LEVEL_EN, LEVEL_ID};
use super::error::TableError;
use super::kind::Kind;
use super::write::{CsvTable, sheet, unwritable};
use crate::domain::Reference;

/// Headings and one example row, as CSV.
///
/// # Errors
/// When the output fails.
pub fn template_csv(kind: Kind, reference: &Reference, out: impl Write) -> Result<(), TableError> {
    let [headings, example] = rows(kind, reference);
    let mut table = CsvTable::new(out, &headings)?;
    table.row(&example)?;
    table.finish()?.flush()?;
    Ok(())
}

/// A workbook with headings and one example row in the sheet `data`, all cells formatted as text,
/// and a second sheet that explains each column.
///
/// # Errors
/// When the output fails.
pub fn template_xlsx(kind: Kind, reference: &Reference, out: impl Write + Seek + Send) -> Result<(), TableError> {
    let explained = ["column", "required", "expected", "kolom harus berisi"].into_iter().collect();
    let explained: Vec<csv::StringRecord> = std::iter::once(explained).chain(explanations(kind, reference)).collect();
    let mut book = Workbook::new();
    sheet(&mut book, "data", &rows(kind, reference)).map_err(unwritable)?;
    sheet(&mut book, "petunjuk", &explained).map_err(unwritable)?;
    book.save_to_writer(out).map_err(unwritable)
}

fn rows(kind: Kind, reference: &Reference) -> [csv::StringRecord; 2] {
    let table = kind.table();
    let competencies = || reference.competencies().iter().filter(|_| table.competencies);
    let headings = table.columns.iter().map(|(col, _)| col.name());
    let examples = table.columns.iter().map(|&(col, _)| table.example(col));
    [
        headings.chain(competencies().map(|competency| competency.code.as_str())).collect(),
        examples.chain(competencies().map(|_| "3")).collect(),
    ]
}

fn explanations(kind: Kind, reference: &Reference) -> impl Iterator<Item = csv::StringRecord> {
    let table = kind.table();
    let columns = table.columns.iter().map(|(col, required)| {
        let required = if *required { "yes / wajib" } else { "" };
        [col.name(), required, col.spec().expected_en, col.spec().expected_id].into_iter().collect()
    });
    let competencies = reference.competencies().iter().filter(|_| table.competencies);
    columns.chain(competencies.map(|competency| {
        let (id, en) = (&competency.name_id, &competency.name_en);
        let (en, id) = (format!("{en}: {LEVEL_EN}"), format!("{id}: {LEVEL_ID}"));
        [competency.code.as_str(), "", &en, &id].into_iter().collect()
    }))
}

const PREFACE: &str = include_str!("preface.md");

/// The page `docs/import.md`: how files may look, then every column of every table.
pub fn documentation() -> String {
    let mut page = PREFACE.to_owned();
    for kind in Kind::ALL {
        let table = kind.table();
        // Writing to a String cannot fail.
        let _ = write!(page, "\n## {}\n\n{}\n*{}*\n\n", table.name, table.about_en, table.about_id);
        page.push_str("| column | also understood | expected | harus berisi | example |\n|---|---|---|---|---|\n");
        for &(col, required) in table.columns {
            let spec = col.spec();
            let star = if required { " **\\***" } else { "" };
            let example = table.example(col).replace('|', "\\|");
            let example = if example.is_empty() { String::new() } else { format!("`{example}`") };
            let aliases = spec.aliases.join(", ");
            let [en, id] = [spec.expected_en, spec.expected_id].map(|text| text.replace('|', "\\|"));
            let _ = writeln!(page, "| `{}`{star} | {aliases} | {en} | {id} | {example} |", spec.name);
        }
        if table.competencies {
            let _ = writeln!(
                page,
                "| one column per competency: `M.01` … | its Indonesian or English name | {LEVEL_EN} | {LEVEL_ID} | `3` |"
            );
        }
    }
    page
}
