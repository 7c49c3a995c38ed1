//! What a pair writes down: notes, which are for the pair alone, and its work.

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::store::StoreError;
use diesel::prelude::*;
use serde_json::json;

use super::{MONDAY, Two, id, problem};
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(notes_are_for_the_pair_alone, a_note_opens_in_its_own_row_alone, a_pair_works);

#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// All that the database holds of a column.
fn column(world: &World, table: &str, column: &str) -> Vec<String> {
    let query = format!("SELECT CAST({column} AS TEXT) AS text FROM {table}");
    let rows: Vec<Text> = world.store.read(|db| Ok::<_, StoreError>(diesel::sql_query(query).load(db)?)).unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

fn notes_are_for_the_pair_alone(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let session = two.scheduled(MONDAY);
    let path = |which: &str| format!("/sessions/{session}/notes/{which}");
    let write = |by: &Visitor, which: &str, text: &str| by.ask("PUT", &path(which), Some(&json!({ "text": text })));
    assert_eq!(two.coach().get(&path("shared")).status, 404, "none yet");
    assert_eq!(write(&two.coach(), "shared", "Ringkasan satu").status, 200);
    assert_eq!(write(&two.coach(), "private", "Rahasia coach").status, 200);
    assert_eq!(write(&two.coachee(), "private", "Rahasia coachee").status, 200);
    let read = |by: &Visitor, which: &str| by.get(&path(which)).json()["text"].clone();
    assert_eq!(
        (read(&two.coachee(), "shared"), read(&two.coach(), "shared")),
        (json!("Ringkasan satu"), json!("Ringkasan satu"))
    );
    assert_eq!(
        (read(&two.coachee(), "private"), read(&two.coach(), "private")),
        (json!("Rahasia coachee"), json!("Rahasia coach"))
    );

    // Nobody writes over what they have not read.
    assert_eq!(problem(&write(&two.coachee(), "shared", "Ringkasan dua")), (412, "stale".into()));
    let seen = two.coachee().clone().with("if-match", "\"1\"");
    let changed = write(&seen, "shared", "Ringkasan dua").json();
    assert_eq!((&changed["version"], &changed["changed_by"]), (&json!(2), &json!("coachee")));
    assert_eq!(problem(&write(&seen, "shared", "Ringkasan tiga")), (412, "stale".into()));

    // Whatever their rights, others read nothing, and what lies in the database and its audit tells nothing.
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let auditor = world.visitor(world.account("auditor@contoh.test", Role::Auditor), true);
    for other in [&admin, &auditor] {
        for which in ["shared", "private"] {
            assert_eq!(other.get(&path(which)).status, 403);
            assert_eq!(write(other, which, "x").status, 403);
            assert_eq!(other.delete(&path(which)).status, 403);
        }
    }
    assert_eq!(admin.get(&format!("/sessions/{session}")).status, 200, "that the two meet, the programme knows");
    let stored = [
        column(&world, "session_notes", "sealed"),
        column(&world, "audit", "changes"),
        column(&world, "outbox", "data"),
        column(&world, "idempotency_keys", "answer"),
    ];
    assert_eq!(stored[0].len(), 3);
    assert!(!stored.concat().iter().any(|text| text.contains("Rahasia") || text.contains("Ringkasan")));
    // What was sealed for one note opens as no other.
    two.programme.tamper("UPDATE session_notes SET sealed = (SELECT sealed FROM session_notes WHERE owner = 'coach') WHERE owner = 'coachee'");
    assert_eq!(two.coachee().get(&path("private")).status, 500);

    assert_eq!(two.coach().get(&path("secret")).status, 404);
    assert_eq!(write(&two.coach(), "shared", " ").status, 422);
    let gone = two.coach().clone().with("if-match", "\"2\"").delete(&path("shared"));
    assert_eq!((gone.status, two.coach().get(&path("shared")).status), (204, 404), "{}", gone.body);
}

fn a_pair_works(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let session = two.scheduled(MONDAY);
    let pairing = &two.pairing;
    let goal =
        json!({ "competency": "M.03", "goal": " Memimpin rapat ", "reality": "Gugup", "will": "Berlatih tiap Senin" });
    let added = two.coachee().post(&format!("/pairings/{pairing}/goals"), &goal);
    assert_eq!((added.status, &added.json()["goal"]), (201, &json!("Memimpin rapat")), "{}", added.body);
    let path = format!("/goals/{}", id(&added.json()));
    let reached = json!({ "competency": "M.03", "goal": "Memimpin rapat", "status": "reached" });
    let changed = two.coach().clone().with("if-match", "\"1\"").ask("PUT", &path, Some(&reached));
    assert_eq!((changed.status, &changed.json()["status"]), (200, &json!("reached")), "{}", changed.body);
    let stale = two.coachee().clone().with("if-match", "\"1\"").ask("PUT", &path, Some(&goal));
    assert_eq!(problem(&stale), (412, "stale".into()));
    let unknown =
        two.coachee().post(&format!("/pairings/{pairing}/goals"), &json!({ "competency": "M.99", "goal": "x" }));
    assert_eq!(unknown.json()["errors"][0]["pointer"], "#/competency");

    let item = json!({ "session": session, "owner": "coachee", "what": "Susun agenda", "due_on": "2026-12-01" });
    let added = two.coach().post(&format!("/pairings/{pairing}/action_items"), &item);
    assert_eq!(added.status, 201, "{}", added.body);
    let done = json!({ "owner": "coachee", "what": "Susun agenda", "due_on": "2026-12-01", "done": true });
    let done = two.coachee().ask("PUT", &format!("/action_items/{}", id(&added.json())), Some(&done)).json();
    assert_eq!((&done["session"], done["done_at"].is_string()), (&json!(session), true), "{done}");
    let elsewhere = json!({ "session": pairing, "owner": "coachee", "what": "x" });
    let elsewhere = two.coach().post(&format!("/pairings/{pairing}/action_items"), &elsewhere);
    assert_eq!(elsewhere.json()["errors"][0]["pointer"], "#/session");

    for (url, status) in
        [("https://contoh.go.id/rapat", 201), ("javascript:alert(1)", 422), ("file:///etc/passwd", 422), ("rapat", 422)]
    {
        let added =
            two.coach().post(&format!("/pairings/{pairing}/resources"), &json!({ "title": "Bacaan", "url": url }));
        assert_eq!(added.status, status, "{url}: {}", added.body);
    }
    let work = two.coachee().get(&format!("/pairings/{pairing}/work")).json();
    let sizes = ["goals", "action_items", "resources"].map(|part| work[part].as_array().unwrap().len());
    assert_eq!(sizes, [1, 1, 1]);
    let resource = id(&work["resources"][0]).to_owned();
    assert_eq!(two.coachee().delete(&format!("/pairings/{pairing}/resources/{resource}")).status, 204);
    assert_eq!(two.coachee().delete(&format!("/pairings/{pairing}/resources/{resource}")).status, 404);

    // Feedback comes after the session, once from each, and is read once both have spoken.
    let path = format!("/sessions/{session}/feedback");
    let says = json!({ "progress": 4, "preparation": 5, "trust": 5, "comment": "Membantu." });
    assert_eq!(problem(&two.coachee().post(&path, &says)), (409, "session-not-held".into()));
    world.hands.turn(TimeDelta::days(1));
    two.coach().post(&format!("/sessions/{session}/attendance"), &json!({ "attendance": "held" }));
    assert_eq!(two.coachee().post(&path, &says).status, 201);
    assert_eq!(problem(&two.coachee().post(&path, &says)), (409, "feedback-given".into()));
    let seen = |by: &Visitor| by.get(&path).json()["items"].as_array().unwrap().len();
    assert_eq!((seen(&two.coachee()), seen(&two.coach())), (1, 0));
    assert_eq!(two.coach().post(&path, &json!({ "progress": 3, "preparation": 3, "trust": 6 })).status, 422);
    assert_eq!(two.coach().post(&path, &json!({ "progress": 3, "preparation": 3, "trust": 4 })).status, 201);
    assert_eq!((seen(&two.coachee()), seen(&two.coach())), (2, 2));
}

/// Whoever can write in the database cannot put the note of one before the eyes of the other.
fn a_note_opens_in_its_own_row_alone(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let session = two.scheduled(MONDAY);
    let path = format!("/sessions/{session}/notes/private");
    for (by, text) in [(two.coachee(), "Milik coachee"), (two.coach(), "Milik coach")] {
        assert_eq!(by.ask("PUT", &path, Some(&json!({ "text": text }))).status, 200);
    }
    two.programme.tamper(
        "UPDATE session_notes SET sealed = (SELECT sealed FROM session_notes WHERE owner = 'coach') WHERE owner = 'coachee'",
    );
    let read = two.coachee().get(&path);
    assert!(read.status == 500 && !read.body.contains("Milik"), "{}", read.body);
    assert_eq!(two.coach().get(&path).json()["text"], "Milik coach");
}
