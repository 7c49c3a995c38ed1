//! XLSX in and out, and templates of both formats.

use std::fs::File;
use std::path::PathBuf;

use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook};

use super::*;
use crate::domain::records::{AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, RequirementRecord};
use crate::domain::reference::{Competency, Field, LevelMeaning, PositionTier, Province, Regency, RemoteArea};

fn open<T: Record>(path: &std::path::Path, sheet: Option<&str>) -> Result<Parsed<T>, TableError> {
    read(Sheet::open(path, None, sheet)?, &Lookup::new(&REFERENCE, today()), &mut |_| {})
}

fn saved(book: &mut Workbook) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("book.xlsx");
    book.save(&path).unwrap();
    (dir, path)
}

#[test]
fn cells_of_every_type() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Catatan").unwrap().write_string(0, 0, "not this one").unwrap();
    let sheet = book.add_worksheet().set_name("Data").unwrap();
    for (column, heading) in ["Peserta", "Metode", "Tanggal", "M.01", "M.02"].iter().enumerate() {
        sheet.write_string(2, column as u16, *heading).unwrap();
    }
    let date = CellFormat::new().set_num_format("dd/mm/yyyy");
    let day = ExcelDateTime::from_ymd(2025, 12, 31).unwrap();
    sheet.write_string(3, 0, "P-1").unwrap().write_string(3, 1, "mandiri").unwrap();
    sheet.write_datetime_with_format(3, 2, day, &date).unwrap().write_number(3, 3, 4).unwrap();
    sheet.write_number(5, 0, 17).unwrap().write_string(5, 1, "atasan").unwrap();
    sheet
        .write_string(5, 2, "31/12/2025")
        .unwrap()
        .write_formula(5, 4, Formula::new("=1/0").set_result("#DIV/0!"))
        .unwrap();
    sheet.write_number(6, 0, 198_609_262_015_051_901.0).unwrap().write_string(6, 1, "atasan").unwrap();
    sheet.write_string(6, 2, "31/12/2025").unwrap().write_number(6, 3, 2.5).unwrap();
    let (_dir, path) = saved(&mut book);
    let parsed = open::<AssessmentRecord>(&path, None).unwrap();
    assert_eq!(parsed.rows.len(), 1);
    assert_eq!((parsed.rows[0].0, parsed.rows[0].1.assessed_on.to_string()), (4, "2025-12-31".to_owned()));
    let found: Vec<_> = parsed.errors.iter().map(|e| (e.row, e.column.as_str(), e.value.as_str())).collect();
    assert_eq!(found, [(6, "M.02", "#DIV/0!"), (7, "Peserta", "1.98609E+17"), (7, "M.01", "2.5")]);
    assert!(parsed.errors[1].expected.contains("rounded"));
    let error = open::<AssessmentRecord>(&path, Some("lain")).unwrap_err().to_string();
    assert_eq!(error, "no sheet \"lain\"; the workbook has: Catatan, Data");
    assert!(matches!(open::<AssessmentRecord>(&path, Some("catatan")), Err(TableError::MissingColumns { .. })));
}

#[test]
fn written_workbooks_are_read_back() {
    let mut records =
        read_good::<AgencyRecord>("agency,name,kind\nA,\"=1+1\",lain\nB,\"''=x\nline\",lain\n'@C,Kantor,lain\n");
    records.truncate(3);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.xlsx");
    write_xlsx::<AgencyRecord, _>(&records, &REFERENCE, File::create(&path).unwrap()).unwrap();
    assert_eq!(open::<AgencyRecord>(&path, None).unwrap().into_records(), records);
}

#[test]
fn templates_are_good_files() {
    fn check<T: Record>(kind: Kind) {
        let mut text = Vec::new();
        template_csv(kind, &REFERENCE, &mut text).unwrap();
        assert_eq!(read_good::<T>(std::str::from_utf8(&text).unwrap()).len(), 1, "{kind}");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("template.xlsx");
        template_xlsx(kind, &REFERENCE, File::create(&path).unwrap()).unwrap();
        let parsed = open::<T>(&path, None).unwrap();
        assert!(
            parsed.errors.is_empty() && parsed.warnings.is_empty() && parsed.rows.len() == 1,
            "{kind}: {:?}",
            parsed.errors
        );
    }
    check::<AgencyRecord>(Kind::Agencies);
    check::<CoacheeRecord>(Kind::Coachees);
    check::<AssessmentRecord>(Kind::Assessments);
    check::<RequirementRecord>(Kind::Requirements);
    check::<CoachRecord>(Kind::Coaches);
    check::<Province>(Kind::Provinces);
    check::<Regency>(Kind::Regencies);
    check::<RemoteArea>(Kind::RemoteAreas);
    check::<Competency>(Kind::Competencies);
    check::<LevelMeaning>(Kind::Levels);
    check::<PositionTier>(Kind::Tiers);
    check::<Field>(Kind::Fields);
}

#[test]
fn files_that_are_no_workbook() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.xls");
    std::fs::write(&path, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1]).unwrap();
    assert!(matches!(open::<AgencyRecord>(&path, None), Err(TableError::OldWorkbook)));
    std::fs::write(&path, b"PK\x03\x04 nothing more").unwrap();
    assert!(matches!(open::<AgencyRecord>(&path, None), Err(TableError::Workbook(_))));
    assert!(matches!(open::<AgencyRecord>(&dir.path().join("none.csv"), None), Err(TableError::Io(_))));
}
