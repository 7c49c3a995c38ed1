//! What is changed of a session, and what stays as it is when only one thing is.

use coachnet::domain::Role;
use serde_json::json;

use super::{MONDAY, Two, id, problem};
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    what_is_not_said_stays,
    a_session_does_not_stand_in_its_own_way,
    why_it_was_called_off_is_between_the_two
);

fn what_is_not_said_stays(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let (coachee, coach) = (two.coachee(), two.coach());
    let wish = json!({ "starts_at": MONDAY, "minutes": 90, "mode": "in_person", "place": "Ruang 3" });
    let made = coachee.post(&format!("/pairings/{}/sessions", two.pairing), &wish).json();
    let path = format!("/sessions/{}", id(&made));
    assert_eq!(coach.post(&format!("{path}/confirm"), &json!({})).status, 200);
    let change = |wish| coach.post(&format!("{path}/reschedule"), &wish);

    let moved = change(json!({ "starts_at": "2026-11-24T01:00:00Z" })).json();
    assert_eq!(
        (&moved["ends_at"], &moved["mode"], &moved["place"]),
        (&json!("2026-11-24T02:30:00Z"), &json!("in_person"), &json!("Ruang 3")),
        "it lasts as long as before"
    );
    let elsewhere = change(json!({ "starts_at": "2026-11-24T01:00:00Z", "place": "Ruang 4" })).json();
    assert_eq!((&elsewhere["place"], &elsewhere["ends_at"]), (&json!("Ruang 4"), &moved["ends_at"]));
    assert_eq!((&elsewhere["sequence"], two.told("session_moved")), (&json!(3), 4));
    let same = change(json!({ "starts_at": "2026-11-24T01:00:00Z" })).json();
    assert_eq!((&same, two.told("session_moved")), (&elsewhere, 4), "nothing is another, nobody is told");
    let nowhere = change(json!({ "starts_at": "2026-11-24T01:00:00Z", "minutes": 60, "place": " " })).json();
    assert_eq!((&nowhere["place"], &nowhere["ends_at"]), (&json!(null), &json!("2026-11-24T02:00:00Z")));
    assert_eq!(change(json!({ "starts_at": "2026-11-24T01:00:00Z", "minutes": 50 })).status, 422);
    two.programme.must_be_well();
}

fn a_session_does_not_stand_in_its_own_way(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let coachee = two.coachee();
    let wish = json!({ "starts_at": MONDAY, "minutes": 90 });
    let made = coachee.post(&format!("/pairings/{}/sessions", two.pairing), &wish).json();
    let slots = |query: &str| coachee.get(&format!("/pairings/{}/slots?days=2{query}", two.pairing)).json();
    assert_eq!(slots("")["items"][0]["starts_at"], "2026-11-23T02:00:00Z");
    let own = slots(&format!("&session={}", id(&made)));
    assert_eq!((&own["minutes"], &own["items"][0]["starts_at"]), (&json!(90), &json!(MONDAY)));
    assert_eq!(slots(&format!("&session={}&minutes=30", id(&made)))["minutes"], 30);

    let other = two.programme.pair(1, 0).id;
    let of_another = coachee.get(&format!("/pairings/{}/slots?session={other}", two.pairing));
    assert_eq!(problem(&of_another).0, 404, "no session of the pairing");
}

fn why_it_was_called_off_is_between_the_two(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let session = two.scheduled(MONDAY);
    let note = "Anak saya sakit.";
    let off = two.coachee().post(&format!("/sessions/{session}/cancel"), &json!({ "note": note }));
    assert_eq!(off.json()["cancel_note"], note);
    let (path, list) = (format!("/sessions/{session}"), format!("/pairings/{}/sessions", two.pairing));
    for side in [two.coachee(), two.coach()] {
        assert_eq!(side.get(&path).json()["cancel_note"], note);
        assert!(side.get(&list).body.contains(note));
    }
    for (email, role, agency) in
        [("n@contoh.test", Role::NationalAdmin, None), ("a@contoh.test", Role::AgencyAdmin, Some("PROV-91"))]
    {
        let account = world.account_of(email, &[(role, agency)], None);
        let admin = world.visitor(account, true);
        for read in [admin.get(&path), admin.get(&list)] {
            assert_eq!(read.status, 200, "{}", read.body);
            assert!(
                read.body.contains("\"cancelled_by\":\"coachee\"") && !read.body.contains("sakit"),
                "{}",
                read.body
            );
        }
        let page = world.browser(account, true, "203.0.113.9").page(&path);
        assert!(!page.contains("sakit"), "{page}");
    }
    let page = world.browser(two.accounts[1], false, "203.0.113.8").page(&path);
    assert!(page.contains(note), "{page}");
}
