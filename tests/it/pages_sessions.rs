//! Sessions at the pages, on both engines.

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::store::types::Stamp;

use crate::support::programme::Programme;
use crate::support::sessions::proposed;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(both_say_afterwards_that_they_met);

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
