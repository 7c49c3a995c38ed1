//! The chain of the audit log: sealed in order by one of many, and nothing in it changes unseen.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use coachnet::domain::ChainHead;
use coachnet::jobs::Timetable;
use coachnet::services::audit_log::{self, Break, ChainFault, Checked};
use coachnet::services::doctor::{self, Invariant};
use coachnet::services::{ServiceError, ServiceResult};
use coachnet::store::audit::{self, Entry, Event};
use coachnet::store::seals::{self, Seal};
use coachnet::store::types::Doc;
use coachnet::store::{Db, Store, StoreError};
use diesel::connection::SimpleConnection;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use uuid::Uuid;

use crate::support::people::moment;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    entries_are_sealed_in_the_order_of_sealing,
    of_many_who_seal_one_does,
    a_seal_that_is_not_finished_leaves_a_whole_chain,
    every_tampering_is_found,
    the_timetable_seals,
    the_doctor_looks_at_the_chain,
    both_engines_have_the_same_digests,
);

fn log(store: &Store, actions: &[&str]) {
    let events: Vec<Event> = actions
        .iter()
        .map(|action| Event {
            action: (*action).to_owned(),
            subject_kind: "thing",
            subject: Uuid::now_v7(),
            changes: Doc::of(&serde_json::json!({ "status": action })).unwrap(),
        })
        .collect();
    store.write(|db| audit::append_all(db, "test", &events, moment())).unwrap();
}

fn check(store: &Store) -> Checked {
    store.snapshot(|db| audit_log::check(db, None)).unwrap()
}

fn head(store: &Store) -> ChainHead {
    store.read(audit_log::head).unwrap().unwrap()
}

fn tamper(db: &mut Db, sql: &str) -> Result<(), ServiceError> {
    Ok(db.batch_execute(sql).map_err(StoreError::from)?)
}

fn entries_are_sealed_in_the_order_of_sealing(db: &TestDb) {
    assert_eq!(check(&db.store).broken, None);
    assert_eq!(head(&db.store), ChainHead::START);
    log(&db.store, &["a.one", "a.two", "a.three"]);
    let before = check(&db.store);
    assert_eq!((before.unsealed, before.oldest_unsealed), (3, Some(moment())));
    assert_eq!(audit_log::seal(&db.store, moment()).unwrap(), 3);
    assert_eq!(audit_log::seal(&db.store, moment()).unwrap(), 0, "twice is once");
    let first = head(&db.store);
    assert_eq!(first.sequence, 3);
    // An entry of a long transaction: its id and its time are older than all that is sealed.
    let late = if db.is_postgres() {
        "INSERT INTO audit (id, at, actor, action, subject_kind, changes) VALUES \
         ('00000000-0000-7000-8000-000000000001', '2020-01-01T00:00:00Z', 'cli', 'late', 'run', '{}')"
    } else {
        "INSERT INTO audit (id, at, actor, action, subject_kind, changes) VALUES \
         (x'00000000000070008000000000000001', 1577836800000000, 'cli', 'late', 'run', '{}')"
    };
    db.store.write(|db| tamper(db, late)).unwrap();
    log(&db.store, &["a.four"]);
    assert_eq!(audit_log::seal(&db.store, moment()).unwrap(), 2);
    let checked = check(&db.store);
    assert_eq!((checked.whole_to.sequence, checked.broken, checked.unsealed), (5, None, 0));
    let sealed = db.store.read(|db| seals::after(db, 3, 10)).unwrap();
    let actions: Vec<_> = sealed.iter().map(|(place, _, entry)| (*place, entry.action.as_str())).collect();
    assert_eq!(actions, [(4, "late"), (5, "a.four")]);
    let noted = db.store.snapshot(|db| audit_log::check(db, Some(first))).unwrap();
    assert_eq!(noted.broken, None, "an end that was noted before is still in the chain");
}

/// Four write and four seal at once, each with connections of its own as a process would have.
fn of_many_who_seal_one_does(db: &TestDb) {
    let writing = &AtomicBool::new(true);
    std::thread::scope(|scope| {
        let sealers: Vec<_> = (0..4)
            .map(|_| {
                let store = db.another_store();
                scope.spawn(move || {
                    let mut sealed = 0;
                    while writing.load(Ordering::SeqCst) {
                        sealed += audit_log::seal(&store, moment()).unwrap();
                        std::thread::yield_now();
                    }
                    sealed
                })
            })
            .collect();
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let store = db.another_store();
                scope.spawn(move || (0..50).for_each(|_| log(&store, &["a.one", "a.two"])))
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        writing.store(false, Ordering::SeqCst);
        let sealed: usize = sealers.into_iter().map(|sealer| sealer.join().unwrap()).sum();
        let rest = audit_log::seal(&db.store, moment()).unwrap();
        assert_eq!(sealed + rest, 400, "each entry is sealed once");
    });
    let checked = check(&db.store);
    assert_eq!((checked.whole_to.sequence, checked.broken, checked.unsealed), (400, None, 0));
}

/// A transaction that ends at any line of it is none.
fn a_seal_that_is_not_finished_leaves_a_whole_chain(db: &TestDb) {
    log(&db.store, &["a.one", "a.two"]);
    let ends_after = |steps: usize| {
        let ended: ServiceResult<()> = db.store.queue(|db| {
            let end = seals::take_head(db)?.expect("the end of the chain");
            if steps > 0 {
                let entry = seals::unsealed(db, 1)?.remove(0);
                let seal = Seal { entry: entry.id, sequence: end.sequence + 1, digest: end.digest };
                seals::keep(db, std::slice::from_ref(&seal), moment())?;
            }
            Err(ServiceError::Missing("the process ends".into()))
        });
        assert!(ended.is_err());
    };
    ends_after(0);
    ends_after(1);
    let checked = check(&db.store);
    assert_eq!((checked.whole_to, checked.broken, checked.unsealed), (ChainHead::START, None, 2));
    assert_eq!(audit_log::seal(&db.store, moment()).unwrap(), 2);
    // Who comes with an old end of the chain changes nothing.
    log(&db.store, &["a.three"]);
    let old: ServiceResult<()> = db.store.queue(|db| {
        let entry = seals::unsealed(db, 1)?.remove(0);
        let seal = Seal { entry: entry.id, sequence: 9, digest: ChainHead::START.digest };
        Ok(seals::keep(db, std::slice::from_ref(&seal), moment())?)
    });
    assert!(old.is_err());
    assert_eq!(audit_log::seal(&db.store, moment()).unwrap(), 1);
    assert_eq!(check(&db.store).broken, None);
}

const ENTRIES: i64 = 40;

/// A number from 1 to `most`.
fn draw(dice: &mut ChaCha20Rng, most: i64) -> i64 {
    i64::from(dice.next_u32()) % most + 1
}

fn edit(dice: &mut ChaCha20Rng, postgres: bool) -> String {
    let at = draw(dice, ENTRIES);
    let later = if postgres { "at = at + interval '1 microsecond'" } else { "at = at + 1" };
    let edits = [
        "actor = actor || 'x'",
        "action = 'a.none'",
        "subject_kind = 'think'",
        "subject_id = NULL",
        "subject_id = id",
        "changes = '{\"status\": \"other\"}'",
        "digest = substr(digest, 2) || substr(digest, 1, 1)",
        "digest = repeated",
        "digest = NULL, sequence = NULL",
        later,
    ];
    let edit = edits[draw(dice, edits.len() as i64) as usize - 1];
    let edit = edit.replace("repeated", &format!("'{}'", "0f".repeat(32)));
    format!("UPDATE audit SET {edit} WHERE sequence = {at}")
}

fn delete(dice: &mut ChaCha20Rng) -> String {
    let at = draw(dice, ENTRIES);
    let close_the_gap = format!(
        "UPDATE audit SET sequence = sequence + 100000 WHERE sequence > {at}; \
         UPDATE audit SET sequence = sequence - 100001 WHERE sequence > 100000"
    );
    let gap = draw(dice, 2) == 1;
    format!("DELETE FROM audit WHERE sequence = {at}; {}", if gap { "" } else { &close_the_gap })
}

/// Two entries change places, with their digests or without.
fn swap(dice: &mut ChaCha20Rng) -> String {
    let one = draw(dice, ENTRIES);
    let other = (one - 1 + draw(dice, ENTRIES - 1)) % ENTRIES + 1;
    let places = format!(
        "UPDATE audit SET sequence = 100000 WHERE sequence = {one}; \
         UPDATE audit SET sequence = {one} WHERE sequence = {other}; \
         UPDATE audit SET sequence = {other} WHERE sequence = 100000"
    );
    let digest = |from: i64| format!("(SELECT o.digest FROM audit o WHERE o.sequence = {from})");
    let with_digests = format!(
        "; UPDATE audit SET digest = CASE sequence WHEN {one} THEN {} ELSE {} END WHERE sequence IN ({one}, {other})",
        digest(other),
        digest(one)
    );
    if draw(dice, 2) == 1 { places } else { places + &with_digests }
}

fn truncate(dice: &mut ChaCha20Rng) -> String {
    let to = draw(dice, ENTRIES) - 1;
    match draw(dice, 4) {
        1 => "DELETE FROM audit_head".into(),
        2 => format!("UPDATE audit_head SET sequence = {to}"),
        3 => format!("DELETE FROM audit WHERE sequence > {to}; UPDATE audit_head SET sequence = {to}"),
        _ => format!("DELETE FROM audit WHERE sequence > {to}"),
    }
}

/// A thousand of them, each on the chain as it was and undone again.
fn every_tampering_is_found(db: &TestDb) {
    let actions: Vec<String> = (0..ENTRIES).map(|at| format!("a.{at}")).collect();
    log(&db.store, &actions.iter().map(String::as_str).collect::<Vec<_>>());
    audit_log::seal(&db.store, moment()).unwrap();
    let noted = head(&db.store);
    let found = |sql: &str, noted: Option<ChainHead>| {
        let mut found = None;
        let undone: ServiceResult<()> = db.store.write(|db| {
            tamper(db, sql)?;
            found = Some(audit_log::check(db, noted)?);
            Err(ServiceError::Missing("undone".into()))
        });
        assert!(matches!(undone, Err(ServiceError::Missing(_))), "{sql}: {undone:?}");
        found.expect("a check").broken
    };
    assert_eq!(found("UPDATE audit SET actor = actor", None), None, "what changes nothing is no tampering");
    let mut dice = ChaCha20Rng::seed_from_u64(44);
    for at in 0..1000 {
        let sql = match at % 4 {
            0 => edit(&mut dice, db.is_postgres()),
            1 => delete(&mut dice),
            2 => swap(&mut dice),
            _ => truncate(&mut dice),
        };
        assert_ne!(found(&sql, None), None, "{sql}");
    }
    // Where it is broken is said.
    let fault = |sql: &str| found(sql, None).map(|broken| (broken.sequence, broken.fault));
    assert_eq!(fault("UPDATE audit SET actor = 'x' WHERE sequence = 7"), Some((7, ChainFault::Altered)));
    assert_eq!(fault("DELETE FROM audit WHERE sequence = 7"), Some((7, ChainFault::Missing)));
    assert_eq!(fault("DELETE FROM audit WHERE sequence > 30"), Some((31, ChainFault::Missing)));
    assert_eq!(fault("DELETE FROM audit_head"), Some((ENTRIES + 1, ChainFault::NoEnd)));
    assert_eq!(fault("UPDATE audit_head SET sequence = 30"), Some((31, ChainFault::End)));
    // Who may write everything makes a shorter chain that is whole; only an end noted elsewhere knows better.
    let shorter = "DELETE FROM audit WHERE sequence > 30; UPDATE audit_head SET sequence = 30, \
                   digest = (SELECT digest FROM audit WHERE sequence = 30)";
    assert_eq!(found(shorter, None), None);
    assert_eq!(found(shorter, Some(noted)), Some(Break { sequence: 31, entry: None, fault: ChainFault::Missing }));
    let other = ChainHead { sequence: 30, ..noted };
    assert_eq!(
        found("UPDATE audit SET actor = actor", Some(other)).map(|broken| broken.fault),
        Some(ChainFault::NotAsNoted)
    );
    assert_eq!(check(&db.store).broken, None);
}

fn the_timetable_seals(db: &TestDb) {
    log(&db.store, &["a.one"]);
    let mut timetable = Timetable::new(db.store.clone());
    assert_eq!(timetable.run_due(moment()), 0, "nothing that anybody sees was changed");
    assert_eq!(head(&db.store).sequence, 1);
}

fn the_doctor_looks_at_the_chain(db: &TestDb) {
    log(&db.store, &["a.one", "a.two"]);
    audit_log::seal(&db.store, moment()).unwrap();
    assert_eq!(doctor::check(&db.store, moment()).unwrap(), []);
    db.store.write(|db| tamper(db, "UPDATE audit SET actor = 'x' WHERE sequence = 2")).unwrap();
    let findings = doctor::check(&db.store, moment()).unwrap();
    assert_eq!(findings.iter().map(|finding| finding.invariant).collect::<Vec<_>>(), [Invariant::Audited]);
}

/// The same entries have the same digests in whatever they are kept: pinned, so that it stays so.
fn both_engines_have_the_same_digests(db: &TestDb) {
    let id = |number: u128| Uuid::from_u128(0x019aa3c2_5d1e_7c3a_9b0e_000000000000 + number);
    let place = |number: u128| {
        if db.is_postgres() { format!("'{}'", id(number)) } else { format!("x'{}'", id(number).simple()) }
    };
    let time = if db.is_postgres() { "'2026-11-22T03:04:05.678901Z'" } else { "1795316645678901" };
    let rows = [
        (1, "'cli', 'run.published', 'run'", place(7), r#"{"matched": 3,  "digest":"0f"}"#),
        (2, "'é', 'a''b', 'x'", "NULL".into(), r#"{"b":[1,2.50,null],"a":"Ç\u00e9"}"#),
    ];
    for (number, words, subject, changes) in rows {
        let sql = format!("INSERT INTO audit VALUES ({}, {time}, {words}, {subject}, '{changes}')", place(number));
        let sql = sql.replace(
            "INTO audit VALUES",
            "INTO audit (id, at, actor, action, subject_kind, subject_id, changes) VALUES",
        );
        db.store.write(|db| tamper(db, &sql)).unwrap();
    }
    audit_log::seal(&db.store, moment()).unwrap();
    assert_eq!(head(&db.store).to_string(), "2:af3b31e67416334eddc81278775f259b615e2c43c3f89191066b6732fe4624ba");
}

#[test]
fn the_command_line_tells_whether_the_log_is_whole() {
    let db = TestDb::sqlite();
    log(&db.store, &["a.one", "a.two"]);
    audit_log::seal(&db.store, moment()).unwrap();
    log(&db.store, &["a.three"]);
    let audit = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
        command.env_clear().env("COACHNET__DATABASE__URL", &db.url).arg("audit").args(arguments);
        let output = command.output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), said)
    };
    let (code, noted) = audit(&["head"]);
    assert_eq!((code, noted.trim().to_owned()), (Some(0), head(&db.store).to_string()));
    let (code, said) = audit(&["verify", "--head", noted.trim()]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 are not sealed yet") && said.contains(&format!("whole: {}", noted.trim())), "{said}");
    assert_eq!(audit(&["verify", "--head", "2"]).0, Some(2));
    let wrong = format!("2:{}", "0f".repeat(32));
    assert_eq!(audit(&["verify", "--head", &wrong]).0, Some(4));
    db.store.write(|db| tamper(db, "DELETE FROM audit WHERE sequence = 1")).unwrap();
    let (code, said) = audit(&["verify"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("broken at number 1: there was an entry, and it is gone"), "{said}");
}

#[test]
fn an_entry_alone_is_sealed_too() {
    let db = TestDb::sqlite();
    let entry = Entry { actor: "cli", action: "run.created", subject_kind: "run", subject: None };
    db.store.write(|db| audit::append(db, &entry, &["status"], moment())).unwrap();
    assert_eq!(audit_log::seal(&db.store, moment()).unwrap(), 1);
    assert_eq!(check(&db.store).broken, None);
}
