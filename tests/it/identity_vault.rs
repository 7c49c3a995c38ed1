//! Identity numbers at rest: sealed, found again by a blind index, under keys that change.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use coachnet::auth::{Keys, Vault, new_key};
use coachnet::domain::records::CohortRecords;
use coachnet::domain::{Identity, IdentityKind};
use coachnet::services::disclosures::ACTION;
use coachnet::services::{keys, schema};
use coachnet::store::records::canonical;
use coachnet::store::{Db, Store, StoreError, StoreResult, applications, audit, numbers, records};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::support::people::{self, coachee, day, moment, new_cohort};
use crate::support::world::NIP;
use crate::support::{KEYS, TestDb, on_both_engines};

on_both_engines!(
    numbers_lie_sealed,
    a_number_has_one_owner,
    a_number_moved_to_another_person_does_not_open,
    numbers_of_earlier_versions_are_sealed,
    keys_are_changed,
    other_keys_are_refused,
);

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn cells(db: &TestDb, sql: &str) -> Vec<String> {
    let rows: Vec<Cell> = db.store.read(|db| Ok::<_, StoreError>(diesel::sql_query(sql).load(db)?)).unwrap();
    rows.into_iter().map(|cell| cell.text).collect()
}

fn write(db: &mut Db, sql: &str) -> StoreResult<()> {
    Ok(db.batch_execute(sql)?)
}

fn nip() -> Identity {
    Identity::parse(IdentityKind::Nip, NIP, day()).unwrap()
}

/// The same database, opened with other keys.
fn with_keys(db: &TestDb, keys: &[&str]) -> Store {
    let vault = Vault::new(&Keys::parse(keys.iter().copied()).unwrap());
    db.another_store().with_safe(Arc::new(vault))
}

/// Whether anything of the file, or of its log, has these digits.
fn file_has(db: &TestDb, digits: &str) -> bool {
    let Some(path) = db.url.strip_prefix("sqlite:") else { return false };
    let bytes = |path: &str| fs::read(path).unwrap_or_default();
    let found = |bytes: Vec<u8>| bytes.windows(digits.len()).any(|window| window == digits.as_bytes());
    found(bytes(path)) || found(bytes(&format!("{path}-wal")))
}

/// People with two numbers in a new cohort.
fn save_people(db: &TestDb) -> (coachnet::store::CohortId, CohortRecords) {
    let cohort = new_cohort(&db.store);
    let all = people::records();
    db.store.write(|db| records::save(db, cohort, &all, moment())).unwrap();
    (cohort, all)
}

fn numbers_lie_sealed(db: &TestDb) {
    let (cohort, all) = save_people(db);
    let sealed = cells(db, "SELECT sealed AS text FROM identity_numbers");
    assert_eq!(sealed.len(), 2);
    assert!(sealed.iter().all(|text| text.starts_with("test:") && !text.contains("198503122010011")), "{sealed:?}");
    let indexes = cells(db, "SELECT blind_index AS text FROM identity_numbers");
    assert!(indexes.iter().all(|index| index.len() == 32) && indexes[0] != indexes[1]);
    assert_eq!(cells(db, "SELECT identity_number AS text FROM persons WHERE identity_number IS NOT NULL").len(), 0);
    assert!(!file_has(db, "198503122010011"));
    let loaded = db.store.snapshot(|db| records::load(db, cohort)).unwrap();
    assert_eq!(loaded, canonical(all.clone()));
    assert!(db.store.write(|db| records::save(db, cohort, &all, moment())).unwrap().is_idle());
    assert_eq!(cells(db, "SELECT sealed AS text FROM identity_numbers"), sealed, "what is known is not sealed again");
}

fn a_number_has_one_owner(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let of = |code: &str, identity| CohortRecords {
        coachees: vec![coachnet::domain::records::CoacheeRecord { identity: Some(identity), ..coachee(code) }],
        ..CohortRecords::default()
    };
    let save = |records: &CohortRecords| db.store.write(|db| records::save(db, cohort, records, moment()));
    save(&of("P-1", nip())).unwrap();
    assert!(matches!(save(&of("P-2", nip())), Err(StoreError::Conflict(_))));
    let holders = |digits: &[&str]| db.store.read(|db| numbers::holders(db, digits)).unwrap();
    let found = holders(&["198503122010011999", NIP]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[&(IdentityKind::Nip, NIP.to_owned())].as_str(), "P-1");
    let recorded = db.store.read(|db| applications::coachees_with_number(db, NIP)).unwrap();
    assert_eq!((recorded.len(), recorded[0].birth_date()), (1, nip().birth_date()));
    // Another number of the same person takes the place of the first.
    let nik = Identity::parse(IdentityKind::Nik, "9103010101800009", day()).unwrap();
    save(&of("P-1", nik.clone())).unwrap();
    assert!(holders(&[NIP]).is_empty());
    assert_eq!(db.store.read(|db| numbers::of(db, recorded[0].person)).unwrap(), Some(nik));
}

/// Who may write in the database cannot give a person the number of another.
fn a_number_moved_to_another_person_does_not_open(db: &TestDb) {
    let (cohort, _) = save_people(db);
    let sealed = cells(db, "SELECT sealed AS text FROM identity_numbers");
    db.store.write(|db| write(db, &format!("UPDATE identity_numbers SET sealed = '{}'", sealed[0]))).unwrap();
    let why = db.store.snapshot(|db| records::load(db, cohort)).unwrap_err().to_string();
    assert!(why.contains("cannot be opened") && !why.contains("19850312"), "{why}");
}

fn numbers_of_earlier_versions_are_sealed(db: &TestDb) {
    let (cohort, all) = save_people(db);
    // As an earlier version kept them.
    let kept = [("b-3", "198503122010011901"), ("A-coach", "198503122010011902")];
    db.store.write(|db| write(db, "DELETE FROM identity_numbers")).unwrap();
    for (code, number) in kept {
        let sql =
            format!("UPDATE persons SET identity_kind = 'nip', identity_number = '{number}' WHERE code = '{code}'");
        db.store.write(|db| write(db, &sql)).unwrap();
    }
    assert!(!schema::is_current(&db.store).unwrap());
    // Ends after the first, and is gone on with.
    assert_eq!(db.store.write(|db| numbers::seal_plain(db, 1)).unwrap(), 1);
    assert!(!schema::is_current(&db.store).unwrap());
    assert_eq!(schema::prepare(&db.store).unwrap(), 0);
    assert!(schema::is_current(&db.store).unwrap());
    assert_eq!(db.store.write(|db| numbers::seal_plain(db, 1)).unwrap(), 0);
    assert_eq!(db.store.snapshot(|db| records::load(db, cohort)).unwrap(), canonical(all));
    assert_eq!(cells(db, "SELECT sealed AS text FROM identity_numbers").len(), 2);
    assert_eq!(cells(db, "SELECT code AS text FROM persons WHERE identity_number IS NOT NULL").len(), 0);
    if let Some(path) = db.url.strip_prefix("sqlite:") {
        let mut connection = SqliteConnection::establish(path).unwrap();
        connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        assert!(!file_has(db, "198503122010011"), "nothing of the plain numbers is left in the file");
    }
}

fn keys_are_changed(db: &TestDb) {
    let (cohort, all) = save_people(db);
    let new = new_key();
    let id = new.split_once(':').unwrap().0.to_owned();
    let both = with_keys(db, &[&new, KEYS]);
    assert_eq!(both.snapshot(|db| records::load(db, cohort)).unwrap(), canonical(all.clone()));
    let digits = "198503122010011901";
    assert_eq!(both.read(|db| numbers::holders(db, &[digits])).unwrap().len(), 1, "found by the index of the old key");
    assert!(both.write(|db| records::save(db, cohort, &all, moment())).unwrap().is_idle());
    let mut more = people::records();
    more.coachees[3].identity = Some(Identity::parse(IdentityKind::Nik, "9103010101800009", day()).unwrap());
    both.write(|db| records::save(db, cohort, &more, moment())).unwrap();
    // One by one, so that it ends in between and is begun again.
    let first = both.write(|db| numbers::reseal(db, None, 1)).unwrap();
    assert!(first.last.is_some());
    let vault = Vault::new(&Keys::parse([new.as_str(), KEYS]).unwrap());
    let rest = keys::reseal(&both, &vault).unwrap();
    assert_eq!((first.resealed + rest.numbers, keys::reseal(&both, &vault).unwrap().numbers), (2, 0));
    let sealed = cells(db, "SELECT sealed AS text FROM identity_numbers");
    assert!(sealed.len() == 3 && sealed.iter().all(|text| text.starts_with(&format!("{id}:"))), "{sealed:?}");
    let alone = with_keys(db, &[&new]);
    assert_eq!(alone.snapshot(|db| records::load(db, cohort)).unwrap(), canonical(more));
    assert_eq!(alone.read(|db| numbers::holders(db, &[digits])).unwrap().len(), 1);
    alone.read(numbers::keys_fit).unwrap();
    assert!(db.store.snapshot(|db| records::load(db, cohort)).is_err(), "the old key opens nothing any more");
}

/// A file of keys that was made anew by mistake must not seal what nobody else can open.
fn other_keys_are_refused(db: &TestDb) {
    let (cohort, mut all) = save_people(db);
    all.coachees[4].identity = Some(nip());
    let new = new_key();
    let same_id = format!("test:{}", new.split_once(':').unwrap().1);
    for keys in [new.as_str(), &same_id] {
        let other = with_keys(db, &[keys]);
        let one = CohortRecords { coachees: vec![all.coachees[4].clone()], ..CohortRecords::default() };
        let why = other.write(|db| records::save(db, cohort, &one, moment())).unwrap_err().to_string();
        assert!(why.contains("a key test that is not among"), "{why}");
        assert!(other.read(numbers::keys_fit).is_err());
    }
    assert_eq!(cells(db, "SELECT sealed AS text FROM identity_numbers").len(), 2);
    db.store.read(numbers::keys_fit).unwrap();
    let rows: Vec<Number> = db
        .store
        .read(|db| Ok::<_, StoreError>(diesel::sql_query("SELECT count(*) AS number FROM sealing_keys").load(db)?))
        .unwrap();
    assert_eq!(rows[0].number, 1);
}

fn coachnet(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
    command.current_dir(folder).env_clear().args(arguments);
    command.output().expect("the program runs")
}

/// From a fresh folder: two commands, and then other keys.
#[test]
fn the_command_line_changes_keys() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coachnet.sqlite3.keys");
    let said = |arguments: &[&str]| {
        let output = coachnet(folder.path(), arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {text}");
        text
    };
    said(&["migrate"]);
    let table =
        format!("coachee,name,NIP,agency,position,tier,regency\nP-1,Budi,'{NIP},PROV-11,Analis,pengawas,11.71\n");
    fs::write(folder.path().join("people.csv"), table).unwrap();
    said(&["import", "coachees", "people.csv", "--cohort", "c"]);
    let old = fs::read_to_string(&file).unwrap();
    assert!(said(&["export", "coachees", "--cohort", "c"]).contains(NIP));
    let new = said(&["keys", "new"]);
    fs::write(&file, format!("{new}{old}")).unwrap();
    assert!(said(&["keys", "reseal"]).contains("1 identity numbers"));
    assert!(said(&["keys", "reseal"]).contains("0 identity numbers"));
    fs::write(&file, &new).unwrap();
    assert!(said(&["export", "coachees", "--cohort", "c"]).contains(NIP));
    // Whoever took the numbers away is in the log; the words of the program are nobody's.
    said(&["export", "competencies"]);
    let store = Store::open(&folder.path().join("coachnet.sqlite3").display().to_string(), crate::support::settings());
    let log = store.unwrap().read(|db| audit::newest(db, None, 100)).unwrap();
    let shown: Vec<_> = log.iter().filter(|entry| entry.action == ACTION).collect();
    let facts: Vec<(&str, &str, serde_json::Value)> = shown
        .iter()
        .map(|entry| (entry.actor.as_str(), entry.subject_kind.as_str(), entry.changes.read().unwrap()))
        .collect();
    let noted = ("cli", "exports.coachees", serde_json::json!({ "filters": ["cohort"], "count": 1 }));
    assert_eq!(facts, [noted.clone(), noted]);
    // The old ones alone: refused, and said why.
    fs::write(&file, &old).unwrap();
    let refused = coachnet(folder.path(), &["import", "coachees", "people.csv", "--cohort", "c"]);
    assert!(!refused.status.success());
    let served = coachnet(folder.path(), &["serve", "--port", "0"]);
    let why = String::from_utf8_lossy(&served.stderr).into_owned();
    assert_eq!(served.status.code(), Some(5), "{why}");
    assert!(why.contains("not among those of the settings"), "{why}");
}
