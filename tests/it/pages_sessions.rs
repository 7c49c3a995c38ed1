//! Sessions at the pages, on both engines.

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::store::types::Stamp;
use serde_json::json;

use crate::support::programme::Programme;
use crate::support::sessions::proposed;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(both_say_afterwards_that_they_met, a_session_is_changed_in_part);

/// The place alone, then the time alone, of a session of an hour and a half.
fn a_session_is_changed_in_part(db: &TestDb) {
    let world = World::new(db);
    world.hands.turn(TimeDelta::minutes(10));
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let pairing = programme.pair(0, 0);
    let account = world.account_of("e0@contoh.test", &[(Role::Coachee, None)], Some(programme.coachees[0]));
    let wish = json!({ "starts_at": "2026-11-30T01:00:00Z", "minutes": 90, "place": "Ruang 3" });
    let made = world.visitor(account, false).post(&format!("/pairings/{}/sessions", pairing.id), &wish).json();
    let session = made["id"].as_str().unwrap();
    let now = || world.visitor(account, false).get(&format!("/sessions/{session}")).json();
    let browser = world.browser(account, false, "203.0.113.1");
    let (page, time) = (format!("/sessions/{session}"), format!("/sessions/{session}/time"));

    let shown = browser.page(&time);
    assert!(shown.contains("masing-masing 90 menit"), "{shown}");
    let form = browser.form(&time, &time);
    assert_eq!(form.field("starts_at"), "2026-11-30T01:00:00+00:00", "the present time is chosen at first");
    let elsewhere = browser.sends(&form.with(&[("place", "Ruang 4")]));
    assert_eq!(elsewhere.status, 303, "{}", elsewhere.body);
    let changed = now();
    assert_eq!(
        (&changed["place"], &changed["starts_at"], &changed["ends_at"]),
        (&json!("Ruang 4"), &json!("2026-11-30T01:00:00Z"), &json!("2026-11-30T02:30:00Z"))
    );

    // Half an hour later is free, since the session itself is not in the way.
    let near = format!("{time}?from=2026-11-30");
    assert!(browser.page(&near).contains("value=\"2026-11-30T00:30:00+00:00\""), "{}", browser.page(&near));
    let moved = browser.fills(&near, &time, &[("starts_at", "2026-11-30T01:30:00+00:00")]);
    assert_eq!(moved.status, 303, "{}", moved.body);
    let changed = now();
    assert_eq!(
        (&changed["starts_at"], &changed["ends_at"], &changed["place"]),
        (&json!("2026-11-30T01:30:00Z"), &json!("2026-11-30T03:00:00Z"), &json!("Ruang 4")),
        "it lasts as long as before"
    );
    assert!(browser.page(&page).contains("90 menit"));
}

fn both_say_afterwards_that_they_met(db: &TestDb) {
    let world = World::new(db);
    world.hands.turn(TimeDelta::minutes(10));
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let pairing = programme.pair(0, 0);
    let browser = |role, person, email: &str, from: &str| {
        world.browser(world.account_of(email, &[(role, None)], Some(person)), false, from)
    };
    let coachee = browser(Role::Coachee, programme.coachees[0], "e0@contoh.test", "203.0.113.1");
    let coach = browser(Role::Coach, programme.coaches[0], "c0@contoh.test", "203.0.113.2");
    let two_hours_ago = Stamp::new(world.hands.stamp().time() - TimeDelta::hours(2));
    let session = proposed(&world.store, &pairing, two_hours_ago);
    let page = format!("/sessions/{}", session.id);
    let attendance = format!("{page}/attendance");

    let shown = coachee.page(&page);
    assert!(shown.contains("tidak disetujui sebelum tiba"), "{shown}");
    assert!(shown.contains("value=\"held\"") && !shown.contains("value=\"coach_missed\""), "{shown}");
    let silent = coachee.fills(&page, &attendance, &[]);
    assert_eq!(silent.status, 422, "a button alone says nothing");
    let said = coachee.fills(&page, &attendance, &[("attendance", "held")]);
    assert_eq!(said.status, 303, "{}", said.body);
    let waits = coachee.page(&page);
    assert!(waits.contains("begitu pihak lain menyatakannya") && !waits.contains(&attendance), "{waits}");

    assert!(coach.page(&page).contains("Pihak lain menyatakan Anda berdua tetap bertemu"));
    let agreed = coach.fills(&page, &attendance, &[("attendance", "held")]);
    assert_eq!(agreed.status, 303, "{}", agreed.body);
    assert!(coach.page(&page).contains("sudah terlaksana") && coachee.page(&page).contains("sudah terlaksana"));
}
