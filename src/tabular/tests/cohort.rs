//! Folders of files.

use std::path::Path;

use super::*;

const COACHEES: &str = "coachee,name,agency,position,tier,regency,superior,choices\n\
                        P-1,Budi,PT-1,Analis,pengawas,11.71,,C-1\n\
                        P-2,Ani,PROV-11,Analis,pengawas,11.71,P-1,\n";
const COACHES: &str = "coach,name,source,agency,tier,regency,capacity,conflicts,M.01\n\
                       C-1,Cut,pkn_2,PROV-11,jpt_pratama,11.71,3,PT-1,5\n";
const AGENCIES: &str = "agency,name,kind\nPT-1,PT Maju,perusahaan\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn read(dir: &Path) -> Result<CohortFiles, CohortErrors> {
    read_cohort(dir, &REFERENCE, today(), &mut |_, _| {})
}

#[test]
fn the_digest_is_of_the_content() {
    let dir = folder(&[("coachees.csv", COACHEES), ("coaches.csv", COACHES), ("agencies.csv", AGENCIES)]);
    let cohort = read(dir.path()).unwrap();
    assert_eq!((cohort.records.coachees.len(), cohort.warnings.len()), (2, 0));
    let mut lines: Vec<&str> = COACHEES.lines().collect();
    lines.swap(1, 2);
    let other = format!("\u{feff}{}", lines.join("\r\n").replace(',', ";").replace("regency", "Kabupaten/Kota"));
    let same = folder(&[("coachees.csv", &other), ("coaches.csv", COACHES), ("agencies.csv", AGENCIES)]);
    assert_eq!(read(same.path()).unwrap().digest, cohort.digest);
    let other = COACHEES.replace("P-1,\n", "P-1,C-1\n");
    let different = folder(&[("coachees.csv", &other), ("coaches.csv", COACHES), ("agencies.csv", AGENCIES)]);
    assert_ne!(read(different.path()).unwrap().digest, cohort.digest);
}

#[test]
fn codes_that_point_nowhere() {
    let dir = folder(&[
        ("coachees.csv", &COACHEES.replace("P-1,\n", "P-9,C-8|C-9\n")),
        ("coaches.csv", COACHES),
        ("assessments.csv", "coachee,method,assessed_on,M.01\nP-3,self,2026-01-01,2\n"),
        ("agencies.csv", AGENCIES),
    ]);
    assert_eq!(
        read(dir.path()).unwrap().warnings,
        [
            "coachees.csv: superior: P-9 (row 3) not found in these files",
            "coachees.csv: choices: C-8 (row 3), and 1 more not found in these files",
            "assessments.csv: coachee: P-3 (row 2) not found in these files",
        ]
    );
}

#[test]
fn every_error_of_every_file_at_once() {
    let dir = folder(&[("coachees.csv", &COACHEES.replace("P-2,Ani", "P-2,")), ("coaches.csv", COACHES)]);
    let errors = read(dir.path()).unwrap_err();
    let text = errors.to_string();
    assert_eq!(
        text,
        "the cohort has errors in coachees.csv, coaches.csv\n\
         coachees.csv: row 2, agency: \"PT-1\": expected an agency of the reference data or of the file of agencies\n\
         coachees.csv: row 3, name: \"\": expected a full name without titles, 1 to 150 characters\n\
         coaches.csv: row 2, conflicts: \"PT-1\": expected an agency of the reference data or of the file of agencies"
    );
}

#[test]
fn files_that_must_be_there() {
    let text = read(folder(&[("coachees.csv", "x\n")]).path()).unwrap_err().to_string();
    assert!(text.contains("coachees.csv: missing columns: coachee, name"), "{text}");
    assert!(text.contains("coaches.csv: not in ") && text.contains("nor is coaches.xlsx"), "{text}");
    let both = folder(&[
        ("coachees.csv", COACHEES),
        ("coachees.xlsx", ""),
        ("coaches.csv", COACHES),
        ("agencies.csv", AGENCIES),
    ]);
    assert!(read(both.path()).unwrap_err().to_string().contains("there is also coachees.xlsx"));
}
