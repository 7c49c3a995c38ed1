//! The rights of those whom data are about, with canaries in every column that takes free text: all of them are in
//! what a person is given, none in the log of what happened, and none anywhere once the person is erased.

mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::i18n::Lang;
use coachnet::jobs::Timetable;
use coachnet::services::audit_log;
use coachnet::store::personal::{self, Fate, Form, NOBODYS, TABLES};
use coachnet::store::{AccountId, Store, StoreError};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Value, json};

use story::{Story, TALE};

use crate::support::post::PACE;
use crate::support::programme::Programme;
use crate::support::world::{PASSWORD, Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    every_column_of_text_is_decided,
    a_coachee_is_given_all_and_erased,
    a_coach_is_given_all_and_erased,
    notes_are_given_to_whom_they_belong,
    a_run_is_checked_after_an_erasure,
    the_log_tells_nothing_about_persons,
    consents_are_a_ledger,
    corrections_are_answered,
    a_wish_to_be_erased_can_be_taken_back,
);

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    text: String,
}

fn cells(store: &Store, sql: &str) -> Vec<String> {
    let rows: Vec<Cell> = store.read(|db| Ok::<_, StoreError>(diesel::sql_query(sql).load(db)?)).unwrap();
    rows.into_iter().map(|cell| cell.text).collect()
}

fn execute(store: &Store, sql: &str) -> Result<(), StoreError> {
    store.write(|db| Ok(db.batch_execute(sql)?))
}

/// Table and column of everything that is text, as the schema has it.
fn columns_of_text(db: &TestDb) -> BTreeSet<(String, String)> {
    let sql = if db.is_postgres() {
        "SELECT table_name || '.' || column_name AS text FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' AND data_type IN ('text', 'json')"
    } else {
        "SELECT t.name || '.' || c.name AS text FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND c.type = 'TEXT'"
    };
    let found = cells(&db.store, sql);
    found.iter().filter_map(|name| name.split_once('.')).map(|(t, c)| (t.to_owned(), c.to_owned())).collect()
}

/// A new column of text fails here until somebody has decided what a person is given of it, and what erasing does.
fn every_column_of_text_is_decided(db: &TestDb) {
    let nobodys: BTreeSet<&str> = NOBODYS.iter().copied().collect();
    let decided: BTreeSet<(&str, &str)> =
        TABLES.iter().flat_map(|table| table.columns.iter().map(|column| (table.name, column.name))).collect();
    let columns = columns_of_text(db);
    assert!(columns.len() > 100, "{}", columns.len());
    let open: Vec<_> = columns
        .iter()
        .filter(|(table, column)| !nobodys.contains(table.as_str()) && !decided.contains(&(table, column)))
        .collect();
    assert!(open.is_empty(), "decide about these in store/personal.rs: {open:?}");
    for lang in [Lang::Id, Lang::En] {
        for table in TABLES {
            let key = format!("rights.table.{}", table.name);
            assert!(!lang.tr(&key).contains("rights."), "{key}");
        }
    }
}

/// Columns by which a row is known to be a person's, or that are needed to go on: a canary there would lose it.
const NOT_PLANTED: &[(&str, &str)] = &[
    ("accounts", "password_hash"),
    // Days, which the program alone writes, and names of certificates, which others may have on paper: they stay.
    ("action_items", "due_on"),
    ("coach_profiles", "paused_until"),
    ("completion_certificates", "number"),
    ("completion_certificates", "code"),
    ("completion_certificates", "first_on"),
    ("completion_certificates", "last_on"),
    ("accounts", "email"),
    ("persons", "code"),
    ("persons", "identity_kind"),
    ("persons", "identity_number"),
    ("identity_numbers", "sealed"),
    ("identity_numbers", "blind_index"),
    ("assessments", "assessed_on"),
    ("idempotency_keys", "owner"),
    ("idempotency_keys", "key"),
    ("idempotency_keys", "answer"),
    ("requirement_overrides", "person_code"),
    ("invitations", "email"),
    ("outbox", "address"),
    ("session_notes", "sealed"),
    ("email_changes", "new_email"),
    ("earlier_pairs", "coach_code"),
    ("coach_wishes", "coachee_code"),
];

/// Puts a canary into every column of text that takes one, in the rows of a person. Gives the columns.
fn plant(db: &TestDb, account: AccountId) -> BTreeMap<(&'static str, &'static str), String> {
    let store = &db.store;
    let columns = columns_of_text(db);
    let mut planted = BTreeMap::new();
    for table in TABLES {
        for column in table.columns {
            let (t, c) = (table.name, column.name);
            if NOT_PLANTED.contains(&(t, c)) || !columns.contains(&(t.to_owned(), c.to_owned())) {
                continue;
            }
            let canary = format!("CANARY-{t}-{c}");
            let value = if ["data", "answer"].contains(&c) && ["tickets", "outbox", "idempotency_keys"].contains(&t) {
                format!("\"{canary}\"")
            } else {
                canary.clone()
            };
            // What the database refuses there is a word of a list, a code of something, or something of a form.
            let done = store.write(|db| {
                let who = personal::somebody(db, account)?;
                personal::overwrite(db, table, c, &value, &who)
            });
            if done.is_ok_and(|rows| rows > 0) {
                planted.insert((t, c), canary);
            }
        }
    }
    planted
}

/// Everything the database holds, as somebody who takes its file or a dump sees it.
fn remains(db: &TestDb) -> Vec<u8> {
    if let Some(path) = db.url.strip_prefix("sqlite:") {
        let mut bytes = fs::read(path).unwrap();
        bytes.extend(fs::read(format!("{path}-wal")).unwrap_or_default());
        return bytes;
    }
    let dump = pg_dump().arg("--dbname").arg(&db.url).output().expect("pg_dump runs");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    dump.stdout
}

/// The program of the installed PostgreSQL, the newest where there are several.
fn pg_dump() -> Command {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<PathBuf> =
        versions.map(|version| version.path().join("bin/pg_dump")).filter(|path| path.exists()).collect();
    found.sort();
    Command::new(found.pop().unwrap_or_else(|| "pg_dump".into()))
}

fn hits(remains: &[u8], needle: &str) -> usize {
    remains.windows(needle.len()).filter(|window| window.eq_ignore_ascii_case(needle.as_bytes())).count()
}

/// What no one may find of a person after erasing.
fn nothing_is_left(db: &TestDb, planted: &BTreeMap<(&str, &str), String>, also: &[&str]) {
    let remains = remains(db);
    for ((table, column), canary) in planted {
        assert_eq!(hits(&remains, canary), 0, "{table}.{column}");
    }
    for needle in also {
        assert_eq!(hits(&remains, needle), 0, "{needle}");
    }
}

fn given_all(visitor: &Visitor, planted: &BTreeMap<(&str, &str), String>, number: &str) {
    let given = visitor.get("/me/data");
    assert_eq!(given.status, 200, "{}", given.body);
    assert!(given.header("content-disposition").starts_with("attachment; filename=\"data-"));
    let readable = visitor.clone().with("accept-language", "en").get("/me/data/readable");
    assert_eq!(readable.status, 200);
    for ((table, column), canary) in planted {
        let decided = TABLES.iter().find(|one| one.name == *table).unwrap();
        let hidden = decided.columns.iter().any(|one| one.name == *column && one.form == Form::Hidden);
        assert_eq!(given.body.contains(canary), !hidden, "{table}.{column} in {}", given.body);
        assert_eq!(readable.body.contains(canary), !hidden, "{table}.{column}");
    }
    assert!(given.body.contains(number), "the own number, in full");
    assert!(!given.body.contains("password_hash") && !given.body.contains("argon2"), "{}", given.body);
    assert!(readable.body.starts_with("Data about you\n") && readable.body.contains("== Identity number =="));
    let id = visitor.get("/me/data/readable").body;
    assert!(id.starts_with("Data tentang Anda\n") && id.contains("== Nomor identitas =="), "{id}");
}

fn a_coachee_is_given_all_and_erased(db: &TestDb) {
    let world = World::new(db);
    let story = Story::new(&world, db);
    let (account, _, _) = story.happens(db);
    // Something goes on when it happens: the coachee asks again.
    let visitor = world.visitor(account, false);
    let wish = json!({ "cohort": "2026-b", "focus": ["M.01"], "motivation": TALE });
    let again = visitor.post("/requests", &wish);
    assert_eq!(again.status, 201, "{}", again.body);
    let planted = plant(db, account);
    for must in [
        ("accounts", "name"),
        ("persons", "full_name"),
        ("persons", "email"),
        ("coachee_profiles", "position"),
        ("coachee_profiles", "unit"),
        ("requests", "motivation"),
        ("questions", "question"),
        ("questions", "answer"),
        ("pairings", "goals"),
        ("evaluations", "comment"),
        ("data_requests", "wish"),
        ("sign_ins", "label"),
        ("tickets", "data"),
        ("outbox", "data"),
        ("invitations", "name"),
        ("coach_applications", "motivation"),
        ("goals", "will"),
        ("action_items", "what"),
        ("pairing_resources", "title"),
        ("sessions", "place"),
        ("sessions", "cancel_note"),
        ("session_feedback", "comment"),
        ("completion_certificates", "name"),
        ("completion_certificates", "withdrawn_reason"),
    ] {
        assert!(planted.contains_key(&must), "no canary in {must:?}");
    }
    given_all(&visitor, &planted, "198503122010011777");
    let asked = visitor.post("/me/data/erasure", &json!({ "password": PASSWORD }));
    assert_eq!(asked.status, 202, "{}", asked.body);
    let mut timetable = Timetable::new(world.store.clone(), PACE);
    timetable.run_due(world.hands.stamp());
    assert_eq!(visitor.get("/me").status, 200, "not before its time");
    world.hands.turn(TimeDelta::days(14) + TimeDelta::minutes(1));
    timetable.run_due(world.hands.stamp());
    nothing_is_left(db, &planted, &["CANARY-e0", "canary-e0@", "canary-invited-e0", "198503122010011777"]);
    world.hands.turn(TimeDelta::seconds(5));
    assert_eq!(visitor.get("/me").status, 401, "signed out everywhere");
    assert_eq!(world.stranger("203.0.113.5").signs_in("canary-e0@contoh.test", PASSWORD).status, 401);
    // What is to be kept is there, without a name: a completed pairing, and the log.
    let kept = cells(&world.store, "SELECT status AS text FROM pairings");
    assert_eq!(kept, ["completed"]);
    let open =
        cells(&world.store, "SELECT status AS text FROM requests WHERE status = 'open' AND motivation IS NOT NULL");
    assert!(open.is_empty(), "{open:?}");
    story.programme.must_be_well();
    audit_log::seal(&world.store, world.hands.stamp()).unwrap();
    assert_eq!(world.store.snapshot(|db| audit_log::check(db, None)).unwrap().broken, None);
}

fn a_coach_is_given_all_and_erased(db: &TestDb) {
    let world = World::new(db);
    let story = Story::new(&world, db);
    let (_, account, admin) = story.happens(db);
    // Something goes on: a pairing, and an offer that waits.
    let p = &story.programme;
    let request = p.request(1).id;
    let act = p.as_coachee(1);
    let code = "CANARY-c0".parse().unwrap();
    let offer = crate::support::programme::choose(&world.store, &act, request, &[code]).unwrap();
    let active = p.accept(&offer).unwrap();
    let code = "CANARY-c0".parse().unwrap();
    let waiting = crate::support::programme::choose(&world.store, &p.as_coachee(2), p.request(2).id, &[code]).unwrap();
    let planted = plant(db, account);
    for must in [("coach_profiles", "certificate_number"), ("persons", "full_name"), ("evaluations", "comment")] {
        assert!(planted.contains_key(&must), "no canary in {must:?}");
    }
    let visitor = world.visitor(account, false);
    given_all(&visitor, &planted, "198503122010011778");
    let asked = visitor.post("/me/data/erasure", &json!({ "password": PASSWORD }));
    assert_eq!(asked.status, 202, "{}", asked.body);
    let id = asked.json()["id"].as_str().unwrap().to_owned();
    let admin = world.visitor(admin, true);
    let done = admin.post(&format!("/data-requests/{id}/erase"), &json!({}));
    assert_eq!(done.status, 204, "{}", done.body);
    assert_eq!(admin.post(&format!("/data-requests/{id}/erase"), &json!({})).status, 409);
    nothing_is_left(db, &planted, &["CANARY-c0", "canary-c0@", "canary-invited-c0", "198503122010011778"]);
    let pairing = world.store.read(|db| coachnet::store::pairings::get(db, active.id)).unwrap();
    assert_eq!((pairing.status.0.as_str(), pairing.no_fault), ("ended", Some(true)));
    let offer = world.store.read(|db| coachnet::store::offers::get(db, waiting.id)).unwrap();
    assert!(!offer.status.0.is_live(), "{offer:?}");
    let room = p.room(0);
    assert_eq!((room.accepting, room.held), (false, 0));
    story.programme.must_be_well();
}

/// Notes lie sealed: each is given the own ones and those that both share, open; nobody the other's own.
fn notes_are_given_to_whom_they_belong(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let pairing = programme.pair(0, 0);
    let session = crate::support::sessions::held(&world.store, &pairing, "2026-11-20T02:00:00Z").id;
    let account = |email: &str, role, person| world.account_of(email, &[(role, None)], Some(person));
    let coachee = world.visitor(account("e0@contoh.test", Role::Coachee, programme.coachees[0]), false);
    let coach = world.visitor(account("c0@contoh.test", Role::Coach, programme.coaches[0]), false);
    let write = |by: &Visitor, which: &str, text: &str| {
        let written = by.ask("PUT", &format!("/sessions/{session}/notes/{which}"), Some(&json!({ "text": text })));
        assert_eq!(written.status, 200, "{}", written.body);
    };
    write(&coachee, "private", "CANARY of the coachee");
    write(&coach, "private", "CANARY of the coach");
    write(&coach, "shared", "CANARY of both");
    for (visitor, own, others) in [(&coachee, "coachee", "coach"), (&coach, "coach", "coachee")] {
        let data = visitor.get("/me/data");
        let given = data.json()["tables"]["session_notes"].clone();
        let mut texts: Vec<(&str, &str)> = given
            .as_array()
            .unwrap()
            .iter()
            .map(|note| (note["owner"].as_str().unwrap_or("both"), note["text"].as_str().unwrap()))
            .collect();
        texts.sort();
        let own_text = format!("CANARY of the {own}");
        assert_eq!(texts, [("both", "CANARY of both"), (own, own_text.as_str())]);
        assert!(given[0].get("sealed").is_none() && given[0].get("id").is_none(), "{given}");
        let readable = visitor.get("/me/data/readable").body;
        assert!(readable.contains(&format!("text: {own_text}\n")), "{readable}");
        for body in [&data.body, &readable] {
            assert!(
                !body.contains(&format!("CANARY of the {others}\""))
                    && !body.contains(&format!("CANARY of the {others}\n"))
            );
        }
    }
    let sealed = cells(&world.store, "SELECT sealed AS text FROM session_notes");
    assert!(sealed.len() == 3 && sealed.iter().all(|text| !text.contains("CANARY")), "{sealed:?}");
}

/// Somebody of a run is erased: the run stays checkable, by a pseudonym, and says so.
fn a_run_is_checked_after_an_erasure(db: &TestDb) {
    use coachnet::domain::{Objective, Policy};
    use coachnet::matching::watch::Watch;
    use coachnet::services::runs::{self, Order, Repeated};
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 3, 3, 1);
    let account = |email: &str, role, person| world.account_of(email, &[(role, None)], person);
    let admin = world.visitor(account("admin@contoh.test", Role::NationalAdmin, None), true);
    let runs: Vec<_> = [Objective::BestTotal, Objective::Stable]
        .into_iter()
        .map(|objective| {
            let policy = Policy { objective, ..Policy::default() };
            let order = Order { cohort: "2026-c".into(), policy, seed: 7, as_of: crate::support::people::day() };
            let run = world.store.write(|db| runs::create(db, &programme.as_admin(), &order)).unwrap();
            runs::compute(&world.store, run, "test", Watch::NOBODY).unwrap();
            run
        })
        .collect();
    let erase = |email: &str, role, person| {
        let visitor = world.visitor(account(email, role, Some(person)), false);
        let asked = visitor.post("/me/data/erasure", &json!({ "password": PASSWORD }));
        let id = asked.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(admin.post(&format!("/data-requests/{id}/erase"), &json!({})).status, 204);
    };
    let verify = |run: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
        command
            .env_clear()
            .env("COACHNET__DATABASE__URL", &db.url)
            .env("COACHNET__SECRETS__KEYS", format!("[\"{}\"]", crate::support::KEYS));
        let output = command.args(["run", "verify", run]).output().expect("the program runs");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), said(&output.stdout) + &said(&output.stderr))
    };
    for run in &runs {
        let (code, said) = verify(&run.to_string());
        assert!(code == Some(0) && !said.contains("erased"), "{said}");
    }
    erase("e0@contoh.test", Role::Coachee, programme.coachees[0]);
    erase("c0@contoh.test", Role::Coach, programme.coaches[0]);
    for run in &runs {
        let (_, input) = runs::kept_input(&world.store, *run).unwrap().expect("a kept input");
        let codes: Vec<&str> =
            input.cohort.coachees.code.iter().chain(&input.cohort.coaches.code).map(|code| code.as_str()).collect();
        assert!(!codes.contains(&"e0") && !codes.contains(&"c0") && codes.contains(&"e1"), "{codes:?}");
        assert_eq!(input.erased(), 2);
        let computed = runs::computed(&world.store, *run).unwrap();
        assert_eq!((computed.erased, computed.standing.pairs.len()), (2, 3), "everybody keeps the pair");
        let again = runs::repeat(&world.store, *run, Watch::NOBODY).unwrap();
        assert!(matches!(again, Repeated::Same | Repeated::Erased(2)), "{again:?}");
    }
    let (code, said) = verify(&runs[0].to_string());
    assert!(code == Some(0) && said.contains("holds") && said.contains("2 of its people were erased"), "{said}");
    // Lottery numbers went with the codes: it holds, or cannot be checked; it is never called wrong.
    let (code, said) = verify(&runs[1].to_string());
    assert!(!said.contains("does not hold") && said.contains("erased") && code != Some(4), "{code:?} {said}");
}

/// The log holds ids, names of columns and words of the program: erasing a person never touches it.
fn the_log_tells_nothing_about_persons(db: &TestDb) {
    let world = World::new(db);
    let story = Story::new(&world, db);
    story.happens(db);
    let admin = world.visitor(world.account("national@contoh.test", Role::NationalAdmin), true);
    let invited = json!({ "email": "canary-x@contoh.test", "name": TALE, "language": "id", "role": "auditor" });
    assert_eq!(admin.post("/invitations", &invited).status, 201);
    assert_eq!(admin.get("/coach-applications?status=rejected").json()["items"].as_array().unwrap().len(), 2);
    let log = cells(&world.store, "SELECT actor || ' ' || action || ' ' || CAST(changes AS TEXT) AS text FROM audit");
    assert!(log.len() > 25, "{}", log.len());
    for word in ["canary", "Coachee", "Coach ", "Orang Contoh", "contoh.test", "19850312", TALE] {
        let telling: Vec<_> = log.iter().filter(|line| line.to_lowercase().contains(&word.to_lowercase())).collect();
        assert!(telling.is_empty(), "{word}: {telling:?}");
    }
}

fn consents_are_a_ledger(db: &TestDb) {
    let world = World::new(db);
    let visitor = world.visitor(world.account("budi@contoh.test", Role::Coachee), false);
    let say = |purpose: &str, given: bool| {
        visitor.post("/me/data/consents", &json!({ "purpose": purpose, "given": given })).status
    };
    let stands = || {
        let body = visitor.clone().with("accept-language", "en").get("/me/data/consents").json();
        let given: Vec<String> = body["purposes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["given"] == true)
            .map(|one| one["purpose"].as_str().unwrap().to_owned())
            .collect();
        (given, body["ledger"].as_array().unwrap().len())
    };
    assert_eq!(stands(), (vec![], 0), "nothing is agreed to until somebody says so");
    assert_eq!((say("news", true), say("surveys", true), say("news", false)), (204, 204, 204));
    assert_eq!(stands(), (vec!["surveys".to_owned()], 3), "what was said before stays");
    assert_eq!(say("everything", true), 422);
    let body: Value = visitor.get("/me/data/consents").json();
    assert!(body["purposes"].as_array().unwrap().iter().all(|one| one["without"].as_str().unwrap().ends_with('.')));
}

fn corrections_are_answered(db: &TestDb) {
    let world = World::new(db);
    let visitor = world.visitor(world.account("budi@contoh.test", Role::Coachee), false);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let none = visitor.post("/me/data/corrections", &json!({ "wish": " ", "reason": "x" }));
    assert_eq!((none.status, &none.json()["errors"][0]["pointer"]), (422, &json!("#/wish")));
    let wish = json!({ "wish": "Jabatan saya Analis Madya.", "reason": "SK 12/2026" });
    let made = visitor.post("/me/data/corrections", &wish);
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/data-requests/{}/answer", made.json()["id"].as_str().unwrap());
    assert_eq!(admin.get("/data-requests?status=open").json()["items"].as_array().unwrap().len(), 1);
    let answer = json!({ "done": false, "answer": "SK belum kami terima." });
    assert_eq!(visitor.post(&path, &answer).status, 403);
    assert_eq!(admin.post(&path, &answer).json()["status"], "refused");
    assert_eq!(admin.post(&path, &answer).status, 409);
    let own = visitor.get("/me/data/requests").json();
    assert_eq!(own["items"][0]["answer"], "SK belum kami terima.");
    let second = visitor.post("/me/data/corrections", &wish).json()["id"].clone();
    let first = visitor.get("/me/data/requests?limit=1").json();
    assert_eq!((&first["items"], &first["items"][0]["id"]), (&own["items"], &made.json()["id"]), "the oldest first");
    let rest = visitor.get(&format!("/me/data/requests?cursor={}", first["next_cursor"].as_str().unwrap())).json();
    assert_eq!((&rest["items"][0]["id"], rest.get("next_cursor")), (&second, None));
}

fn a_wish_to_be_erased_can_be_taken_back(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let visitor = world.visitor(account, false);
    let ask = |password: &str| visitor.post("/me/data/erasure", &json!({ "password": password }));
    assert_eq!(ask("wrong one here").status, 401);
    let asked = ask(PASSWORD);
    assert_eq!(asked.status, 202, "{}", asked.body);
    assert_eq!(asked.json()["due_at"], json!(world.hands.now() + TimeDelta::days(14)));
    assert_eq!(ask(PASSWORD).status, 409, "once is enough");
    assert_eq!(visitor.delete("/me/data/erasure").status, 204);
    assert_eq!(visitor.delete("/me/data/erasure").status, 404);
    world.hands.turn(TimeDelta::days(15));
    Timetable::new(world.store.clone(), PACE).run_due(world.hands.stamp());
    assert_eq!(world.visitor(account, false).get("/me").status, 200);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let refused = admin.post("/me/data/erasure", &json!({ "password": PASSWORD }));
    assert_eq!(refused.status, 409, "who runs the programme hands it over first: {}", refused.body);
}

#[test]
fn fates_fit_their_columns() {
    for table in TABLES {
        let changed = table.columns.iter().filter(|column| column.fate != Fate::Stays).count();
        assert_eq!(changed > 0, table.erasing == personal::Erasing::Change, "{}", table.name);
    }
}
