//! Tables into the database and out of it: by the service on both engines, and by the program.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use chrono::NaiveDate;
use coachnet::domain::records::{
    AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, CohortRecords, RequirementRecord,
};
use coachnet::domain::reference::{Field, PositionTier};
use coachnet::domain::{Admission, Reference, Tier};
use coachnet::services::import::{Import, Imported, export, import};
use coachnet::services::stored::Stored;
use coachnet::services::{ServiceError, ServiceResult, directory, schema};
use coachnet::store::types::Stamp;
use coachnet::store::{Store, audit, cohort_terms, cohorts};
use coachnet::tabular::{Lookup, Sheet, read, write};

use crate::support::{TestDb, on_both_engines};

const AGENCIES: &str = "agency,name,kind\nPT-1,PT Maju,perusahaan\n";
const COACHEES: &str = "coachee,name,NIP,agency,position,tier,regency,focus,choices,earlier\n\
                        P-1,\"Budi \"\"B\"\"\n\",'198609262015051901,PROV-11,=Analis,pengawas,11.71,M.02|M.01,C-2|C-1,C-9|C-8\n\
                        P-2,Ani,,PT-1,Analis,pengawas,Kota Banda Aceh,,,\n";
const ASSESSMENTS: &str = "coachee;method;assessed_on;M.01;M.02\nP-1;mandiri;31/12/2025;2;\nP-2;atasan;1 Mei 2026;;3\n";
const REQUIREMENTS: &str = "scope,subject,agency,M.01\nposition,Analis,PT-1,4\nperson,P-1,,5\n";
const COACHES: &str = "coach,name,source,agency,regency,capacity,conflicts,wishes,rating,M.01\n\
                       C-1,Cut,swasta,PT-1,11.71,3,PROV-11|KEM-01,P-2|P-1,\"4,25\",5\n";

fn reference(store: &Store) -> Reference {
    store.snapshot(directory::reference).unwrap()
}

fn bring<T: Stored>(store: &Store, text: &str, cohort: Option<&str>, partial: bool) -> ServiceResult<Imported> {
    order::<T>(store, text, cohort, partial, false)
}

fn order<T: Stored>(
    store: &Store,
    text: &str,
    cohort: Option<&str>,
    partial: bool,
    replace: bool,
) -> ServiceResult<Imported> {
    let reference = reference(store);
    let lookup = Lookup::new(&reference, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
    let parsed = read::<T>(Sheet::csv(text.as_bytes(), 0).unwrap(), &lookup, &mut |_| {}).unwrap();
    import(store, parsed, Import { cohort, partial, replace, actor: "test", now: Stamp::now() })
}

/// New, changed, unchanged and removed rows of an import without errors.
fn counts<T: Stored>(store: &Store, text: &str, cohort: Option<&str>) -> [usize; 4] {
    let imported = order::<T>(store, text, cohort, false, true).unwrap();
    assert_eq!(imported.errors, []);
    let outcome = imported.outcome.unwrap();
    [outcome.saved.new, outcome.saved.changed, outcome.saved.unchanged, outcome.removed]
}

fn exported<T: Stored>(store: &Store, cohort: Option<&str>) -> String {
    let mut text = Vec::new();
    write::<T, _>(export::<T>(store, cohort).unwrap(), &reference(store), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn audit_entries(store: &Store) -> usize {
    store.read(|db| audit::newest(db, None, 100)).unwrap().len()
}

on_both_engines!(
    what_is_imported_comes_out_again,
    rows_that_contradict_the_database_are_named,
    rows_that_a_cohort_is_not_for_are_named,
    reference_tables_are_replaced_as_a_whole,
);

fn what_is_imported_comes_out_again(db: &TestDb) {
    let store = &db.store;
    schema::prepare(store).unwrap();
    let cohort = Some("2027-1");
    let all = || {
        [
            counts::<AgencyRecord>(store, AGENCIES, None),
            counts::<CoachRecord>(store, COACHES, None),
            counts::<CoacheeRecord>(store, COACHEES, cohort),
            counts::<AssessmentRecord>(store, ASSESSMENTS, None),
            counts::<RequirementRecord>(store, REQUIREMENTS, None),
        ]
    };
    assert_eq!(all(), [[1, 0, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0], [2, 0, 0, 0], [2, 0, 0, 0]]);
    assert_eq!(audit_entries(store), 5);
    assert_eq!(all(), [[0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 2, 0], [0, 0, 2, 0], [0, 0, 2, 0]]);
    assert_eq!(audit_entries(store), 5, "a second import of the same files leaves no trace");

    let coachees = exported::<CoacheeRecord>(store, cohort);
    assert_eq!(counts::<CoacheeRecord>(store, &coachees, cohort), [0, 0, 2, 0]);
    assert!(coachees.contains("'=Analis") && coachees.contains("M.02|M.01,C-2|C-1,C-8|C-9"), "{coachees}");
    assert_eq!(counts::<CoachRecord>(store, &exported::<CoachRecord>(store, None), None), [0, 0, 1, 0]);
    let assessments = exported::<AssessmentRecord>(store, cohort);
    assert_eq!(counts::<AssessmentRecord>(store, &assessments, None), [0, 0, 2, 0]);
    let requirements = exported::<RequirementRecord>(store, cohort);
    assert_eq!(counts::<RequirementRecord>(store, &requirements, None), [0, 0, 2, 0]);
    assert_eq!(counts::<AgencyRecord>(store, &exported::<AgencyRecord>(store, None), None), [0, 0, 640, 0]);

    assert_eq!(counts::<CoacheeRecord>(store, &COACHEES.replace("Ani", "Ana"), cohort), [0, 1, 1, 0]);
    let nowhere = export::<CoacheeRecord>(store, Some("2028")).unwrap_err().to_string();
    assert_eq!(nowhere, "there is no cohort 2028; there are: 2027-1");
    assert!(matches!(export::<CoacheeRecord>(store, None), Err(ServiceError::Invalid(_))));
    assert!(matches!(bring::<CoacheeRecord>(store, COACHEES, None, false), Err(ServiceError::Invalid(_))));
}

fn rows_that_contradict_the_database_are_named(db: &TestDb) {
    let store = &db.store;
    schema::prepare(store).unwrap();
    let refused = bring::<CoacheeRecord>(store, COACHEES, Some("x"), false).unwrap();
    assert_eq!(refused.outcome, None);
    let errors: Vec<String> = refused.errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        ["row 4, agency: \"PT-1\": expected an agency that is in the database; import the agencies first"]
    );
    assert!(export::<CoacheeRecord>(store, Some("x")).is_err(), "not even the cohort was made");

    let partly = bring::<CoacheeRecord>(store, COACHEES, Some("x"), true).unwrap();
    assert_eq!((partly.outcome.unwrap().saved.new, partly.bad_rows()), (1, 1));
    let refused = bring::<AssessmentRecord>(store, ASSESSMENTS, None, false).unwrap();
    assert_eq!((refused.errors[0].row, refused.errors[0].value.as_str()), (3, "P-2"));
    let other_code = COACHEES.replace("P-1,", "P-3,").replace("PT-1", "PROV-12");
    let refused = bring::<CoacheeRecord>(store, &other_code, Some("x"), false).unwrap();
    assert_eq!(refused.errors.len(), 1);
    assert_eq!(refused.errors[0].value, "••••••••••••••1901");
    assert!(refused.errors[0].expected.contains("number of P-1"), "{}", refused.errors[0]);
}

/// The three rows are kept out by agency, tier and province in turn.
fn rows_that_a_cohort_is_not_for_are_named(db: &TestDb) {
    let store = &db.store;
    schema::prepare(store).unwrap();
    // The first is there before the cohort says whom it is for.
    let first = "coachee,name,agency,position,tier,regency\nP-0,Ani,PROV-11,Analis,pengawas,11.71\n";
    bring::<CoacheeRecord>(store, first, Some("2027-1"), false).unwrap();
    let admission = Admission {
        agencies: ["PROV-11", "KEM-01"].map(|code| code.parse().unwrap()).into(),
        tiers: [Tier::Pengawas].into(),
        provinces: ["11".parse().unwrap()].into(),
    };
    let cohort = store.read(|db| cohorts::by_code(db, "2027-1")).unwrap().expect("a cohort").id;
    store.write(|db| cohort_terms::set_admission(db, cohort, &admission)).unwrap();
    let more = format!(
        "{first}P-1,Budi,PROV-12,Analis,pengawas,11.71\nP-2,Cut,KEM-01,Analis,pelaksana,11.71\n\
         P-3,Dewi,KEM-01,Analis,pengawas,91.71\nP-4,Eko,KEM-01,Analis,pengawas,11.71\n"
    );
    let refused = bring::<CoacheeRecord>(store, &more, Some("2027-1"), false).unwrap();
    let named: Vec<(u64, &str, &str)> =
        refused.errors.iter().map(|error| (error.row, error.column.as_str(), error.value.as_str())).collect();
    assert_eq!(named, [(3, "agency", "PROV-12"), (4, "tier", "pelaksana"), (5, "regency", "91.71")]);
    assert!(refused.errors[0].expected.ends_with("KEM-01, PROV-11"), "{}", refused.errors[0]);
    assert!(refused.outcome.is_none());
    let partly = bring::<CoacheeRecord>(store, &more, Some("2027-1"), true).unwrap();
    assert_eq!((partly.outcome.unwrap().saved.new, partly.bad_rows()), (1, 3));
    store
        .write(|db| cohort_terms::set_admission(db, cohort, &Admission::of_agency(&"KEM-01".parse().unwrap())))
        .unwrap();
    let kept = bring::<CoacheeRecord>(store, first, Some("2027-1"), false).unwrap();
    assert_eq!(kept.errors, [], "who asks already goes on asking");
    let elsewhere = bring::<CoacheeRecord>(store, &more, Some("2027-2"), false).unwrap();
    assert_eq!(elsewhere.errors, [], "a cohort without a word takes everybody");
}

fn reference_tables_are_replaced_as_a_whole(db: &TestDb) {
    let store = &db.store;
    schema::prepare(store).unwrap();
    let fields = exported::<Field>(store, None);
    assert_eq!(counts::<Field>(store, &fields, None), [0, 0, 15, 0]);
    let changed = fields.replace("Kesehatan", "Kesehatan masyarakat").replace("sosial,", "kesejahteraan,");
    let unasked = bring::<Field>(store, &changed, None, false).unwrap_err().to_string();
    assert!(unasked.starts_with("1 rows of fields are not in the file"), "{unasked}");
    assert_eq!(exported::<Field>(store, None), fields, "nothing is taken away unasked");
    assert_eq!(counts::<Field>(store, &changed, None), [1, 1, 13, 1]);
    assert_eq!(exported::<Field>(store, None), {
        let mut lines: Vec<&str> = changed.lines().collect();
        lines[1..].sort_unstable();
        lines.join("\n") + "\n"
    });
    assert!(matches!(bring::<Field>(store, &fields, None, true), Err(ServiceError::Invalid(_))));
    let tiers = exported::<PositionTier>(store, None);
    let without_one: String =
        tiers.lines().filter(|line| !line.starts_with("pengawas,")).map(|l| format!("{l}\n")).collect();
    let refused = bring::<PositionTier>(store, &without_one, None, false).unwrap_err().to_string();
    assert_eq!(refused, "reference data: tier pengawas is missing");
    assert_eq!(exported::<PositionTier>(store, None), tiers);
}

#[test]
fn a_cohort_in_the_database_has_the_fingerprint_of_its_files() {
    let db = TestDb::sqlite();
    schema::prepare(&db.store).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let kinds = [
        ("agencies", AGENCIES),
        ("coachees", COACHEES),
        ("assessments", ASSESSMENTS),
        ("requirements", REQUIREMENTS),
        ("coaches", COACHES),
    ];
    for (name, text) in kinds {
        fs::write(dir.path().join(format!("{name}.csv")), text).unwrap();
    }
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let reference = reference(&db.store);
    let files = coachnet::tabular::read_cohort(dir.path(), &reference, today, &mut |_, _| {}).unwrap();
    counts::<AgencyRecord>(&db.store, AGENCIES, None);
    counts::<CoachRecord>(&db.store, COACHES, None);
    counts::<CoacheeRecord>(&db.store, COACHEES, Some("x"));
    counts::<AssessmentRecord>(&db.store, ASSESSMENTS, None);
    counts::<RequirementRecord>(&db.store, REQUIREMENTS, None);
    let stored = CohortRecords {
        agencies: export::<AgencyRecord>(&db.store, None)
            .unwrap()
            .into_iter()
            .filter(|a| a.code.as_str() == "PT-1")
            .collect(),
        coachees: export(&db.store, Some("x")).unwrap(),
        assessments: export(&db.store, Some("x")).unwrap(),
        requirements: export(&db.store, Some("x")).unwrap(),
        coaches: export(&db.store, None).unwrap(),
    };
    assert_eq!(coachnet::tabular::digest(&stored, &reference).unwrap(), files.digest);
}

fn coachnet(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
    command.current_dir(folder).env_clear().args(arguments).output().expect("the program runs")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(coachnet(folder.path(), &["migrate"]).status.success());
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn fifty_bad_rows_of_a_hundred_thousand_store_nothing() {
    let folder = folder();
    let mut file = "coachee;name;agency;position;tier;regency\n".to_owned();
    for at in 0..100_000 {
        let tier = if at % 2000 == 1000 { "kepala" } else { "pengawas" };
        file.push_str(&format!("P-{at};Budi;PROV-11;Analis;{tier};11.71\n"));
    }
    fs::write(folder.path().join("big.csv"), file).unwrap();
    let output = coachnet(folder.path(), &["import", "coachees", "big.csv", "--cohort", "x", "--errors", "bad.csv"]);
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert_eq!(said.lines().count(), 51, "{said}");
    assert!(said.starts_with("big.csv: row 1002, tier: \"kepala\": expected a tier by code or name: "), "{said}");
    assert!(said.contains("50 of 100000 rows are wrong, nothing is stored"), "{said}");
    let bad = fs::read_to_string(folder.path().join("bad.csv")).unwrap();
    assert!(bad.starts_with("row,column,value,reason\n1002,tier,kepala,\"expected a tier "), "{bad}");
    assert_eq!(bad.lines().count(), 51);
    assert_eq!(coachnet(folder.path(), &["export", "coachees", "--cohort", "x"]).status.code(), Some(3));
}

#[test]
fn the_screen_shows_fifty_errors_and_partial_stores_the_rest() {
    let folder = folder();
    let row = |at: usize| format!("P-{at},Budi,PROV-11,Analis,{},11.71\n", if at < 60 { "kepala" } else { "pengawas" });
    let file: String = (0..100).map(row).collect();
    fs::write(folder.path().join("c.csv"), format!("coachee,name,agency,position,tier,regency,emial\n{file}")).unwrap();
    let output = coachnet(folder.path(), &["import", "coachees", "c.csv", "--cohort", "x", "--partial"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("column \"emial\" is not known and not read; the nearest known one is \"email\""), "{said}");
    assert!(said.contains("and 10 more errors; --errors FILE writes all"), "{said}");
    assert!(said.contains("60 of 100 rows are wrong and were left out"), "{said}");
    assert_eq!(text(&output.stdout), "coachees: 40 new, 0 changed, 0 unchanged\n");
    let output = coachnet(folder.path(), &["export", "coachees", "--cohort", "x"]);
    assert_eq!(text(&output.stdout).lines().count(), 41);
}

#[test]
fn from_template_to_database_and_back() {
    let folder = folder();
    let good = |arguments: &[&str]| {
        let output = coachnet(folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    good(&["import", "coachees", "--template", "--out", "t.xlsx"]);
    assert_eq!(good(&["import", "coachees", "t.xlsx", "--cohort", "x"]), "coachees: 1 new, 0 changed, 0 unchanged\n");
    good(&["export", "coachees", "--cohort", "x", "--out", "o.xlsx"]);
    assert_eq!(good(&["import", "coachees", "o.xlsx", "--cohort", "x"]), "coachees: 0 new, 0 changed, 1 unchanged\n");
    good(&["export", "coachees", "--cohort", "x", "--out", "o.csv"]);
    assert_eq!(good(&["import", "coachees", "o.csv", "--cohort", "x"]), "coachees: 0 new, 0 changed, 1 unchanged\n");
    let example = good(&["import", "coachees", "--template"]);
    assert_eq!(fs::read_to_string(folder.path().join("o.csv")).unwrap().lines().count(), example.lines().count());
}

#[test]
fn what_stands_in_the_way_is_said() {
    let folder = folder();
    let code = |arguments: &[&str]| coachnet(folder.path(), arguments).status.code();
    assert_eq!(code(&["import", "coachees", "none.csv", "--cohort", "x"]), Some(5));
    assert_eq!(code(&["import", "people", "none.csv"]), Some(2));
    assert_eq!(code(&["import", "coachees"]), Some(2));
    fs::write(folder.path().join("c.csv"), COACHEES.replace("PT-1", "PROV-12")).unwrap();
    assert_eq!(code(&["import", "coachees", "c.csv"]), Some(2), "no cohort named");
    assert_eq!(code(&["import", "coaches", "c.csv"]), Some(3), "not the columns of coaches");
    assert_eq!(code(&["import", "coachees", "c.csv", "--cohort", "x", "--errors", "no/such/file.csv"]), Some(5));
    assert_eq!(code(&["export", "coachees", "--cohort", "x"]), Some(3), "nothing was stored");
    let fresh = tempfile::tempdir().unwrap();
    let output = coachnet(fresh.path(), &["export", "agencies"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(text(&output.stderr).contains("coachnet migrate"));
}
