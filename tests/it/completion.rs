//! Completing a pairing: who does it is told what the certificate will say, and loses no session without knowing.

use chrono::TimeDelta;
use coachnet::domain::{Attendance, Role};
use serde_json::json;

use crate::support::programme::Programme;
use crate::support::sessions::{held, session};
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(nothing_is_lost_without_knowing, the_page_says_what_it_comes_to);

fn nothing_is_lost_without_knowing(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let pairing = programme.pair(0, 0);
    world.hands.turn(TimeDelta::days(30));
    held(&world.store, &pairing, "2026-12-01T02:00:00Z");
    let silent = session(&world.store, &pairing, "2026-12-08T02:00:00Z", None, None);
    let account = world.account_of("e0@contoh.test", &[(Role::Coachee, None)], Some(programme.coachees[0]));
    let path = format!("/pairings/{}/complete", pairing.id);
    let complete = |wish| world.visitor(account, false).post(&path, &wish);
    for wish in [json!({ "rating": 5 }), json!({ "rating": 5, "leave_unreported": false })] {
        let refused = complete(wish);
        assert_eq!(
            (refused.status, &refused.json()["type"]),
            (409, &json!("urn:coachnet:problem:sessions-unreported"))
        );
    }
    assert_eq!(programme.audited("pairing.completed"), 0);

    // One word is enough.
    let said = json!({ "attendance": "held" });
    let attended = world.visitor(account, false).post(&format!("/sessions/{}/attendance", silent.id), &said);
    assert_eq!(attended.status, 200, "{}", attended.body);
    let done = complete(json!({ "rating": 5 }));
    assert_eq!((done.status, &done.json()["status"]), (200, &json!("completed")), "{}", done.body);
}

fn the_page_says_what_it_comes_to(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let pairing = programme.pair(0, 0);
    let account = world.account_of("c0@contoh.test", &[(Role::Coach, None)], Some(programme.coaches[0]));
    let page = format!("/pairings/{}/completion", pairing.id);
    let nothing = world.browser(account, false, "203.0.113.1").page(&page);
    assert!(nothing.contains("tidak akan ada sertifikat") && !nothing.contains("name=\"unreported\""), "{nothing}");

    world.hands.turn(TimeDelta::days(30));
    held(&world.store, &pairing, "2026-12-01T02:00:00Z");
    session(&world.store, &pairing, "2026-12-02T02:00:00Z", Some(Attendance::NotHeld), None);
    let silent = session(&world.store, &pairing, "2026-12-08T02:00:00Z", None, None);
    let browser = world.browser(account, false, "203.0.113.1");
    let shown = browser.page(&page);
    assert!(shown.contains("1 sesi dan 2 jam pelajaran"), "{shown}");
    assert!(shown.contains(&format!("href=\"/sessions/{}\"", silent.id)), "{shown}");
    assert_eq!(shown.matches("href=\"/sessions/").count(), 1, "of the others something was said: {shown}");

    let refused = browser.fills(&page, &page, &[("rating", "4")]);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("Beri keterangan untuk sesi-sesi di bawah"), "{}", refused.body);
    assert!(refused.body.contains("value=\"4\" checked"), "{}", refused.body);
    assert_eq!(programme.audited("pairing.completed"), 0);
    let done = browser.fills(&page, &page, &[("rating", "4"), ("unreported", "leave")]);
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(!browser.page(&page).contains("Sesi tanpa keterangan"));
}
