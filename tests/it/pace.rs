//! How often changes may be asked for, over HTTP and on both engines; and what reaches others, in a day.

use chrono::{Duration, TimeDelta};
use coachnet::config::Config;
use coachnet::domain::Role;
use coachnet::matching::Rule;
use coachnet::services::limits::Daily;
use coachnet::services::{Denial, ServiceError, ServiceResult, questions, requests};
use coachnet::store::PersonId;
use serde_json::json;
use uuid::Uuid;

use crate::support::programme::{MANY, Programme, code};
use crate::support::site::Site;
use crate::support::world::{Visitor, World, settings};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    an_account_has_a_pace,
    an_address_has_a_pace,
    processes_tell_each_other,
    questions_are_few_in_a_day,
    choices_are_few_in_a_day,
    nobody_is_asked_who_cannot_be_chosen,
);

fn few(times: u32) -> impl FnOnce(&mut Config) {
    move |config| {
        config.limits.account_changes_per_minute = times;
        config.limits.address_changes_per_minute = times;
    }
}

/// A change that comes to nothing.
fn tries(visitor: &Visitor) -> u16 {
    visitor.delete(&format!("/me/devices/{}", Uuid::now_v7())).status
}

fn an_account_has_a_pace(db: &TestDb) {
    let world = World::with(db, few(8));
    let account = world.account("budi@contoh.test", Role::Coachee);
    let visitor = world.visitor(account, false);
    let browser = world.browser(account, false, "203.0.113.9");
    assert_eq!((0..6).map(|_| tries(&visitor)).collect::<Vec<_>>(), [404; 6]);
    for _ in 0..2 {
        assert_ne!(browser.ask("POST", "/sign-out", &[], "").status, 429);
    }
    assert_eq!(browser.ask("POST", "/sign-out", &[], "").status, 429, "one count for both doors");
    let refused = visitor.delete(&format!("/me/devices/{}", Uuid::now_v7()));
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.header("retry-after"), "8");
    assert_eq!(visitor.get("/me").status, 200, "reading is free");
    assert_eq!(tries(&world.visitor(world.account("ani@contoh.test", Role::Auditor), true)), 404);
    world.hands.turn(TimeDelta::seconds(8));
    assert_eq!((tries(&visitor), tries(&visitor)), (404, 429));
}

fn an_address_has_a_pace(db: &TestDb) {
    let world = World::with(db, few(8));
    let stranger = world.stranger("203.0.113.5");
    let confirms = |visitor: &Visitor| visitor.post("/password-resets/confirm", &json!({ "token": "x" })).status;
    assert!((0..4).all(|_| confirms(&stranger) != 429));
    // A token that is none makes nobody somebody.
    let pretends = Visitor { token: Some("x".into()), ..stranger.clone() };
    assert_eq!((0..5).map(|_| tries(&pretends)).collect::<Vec<_>>(), [401, 401, 401, 401, 429]);
    assert_eq!(confirms(&stranger), 429);
    assert_ne!(confirms(&world.stranger("203.0.113.6")), 429);
    let budi = world.visitor(world.account("budi@contoh.test", Role::Coachee), false);
    assert_eq!(tries(&Visitor { from: "203.0.113.5".into(), ..budi }), 404, "who is signed in there is not stopped");
}

fn processes_tell_each_other(db: &TestDb) {
    let world = World::with(db, few(40));
    let other = Site::serve_by(world.hands.clock(), db.another_store(), |config| {
        settings(config);
        few(40)(config);
    });
    let here = world.visitor(world.account("budi@contoh.test", Role::Coachee), false);
    let there = here.at(&other);
    let passed = (0..100).filter(|n| tries(if n % 2 == 0 { &here } else { &there }) == 404).count();
    assert!((40..=58).contains(&passed), "{passed} of a process each would be 80");
}

fn too_many<T: std::fmt::Debug>(result: ServiceResult<T>) {
    assert!(matches!(result, Err(ServiceError::Denied(Denial::TooMany(_)))), "{result:?}");
}

fn questions_are_few_in_a_day(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 4, 1);
    let request = p.request(0).id;
    let daily = Daily { questions: 2, ..MANY };
    let ask = |coach: PersonId| {
        p.store.write(|db| questions::ask(db, &p.as_coachee(0), request, coach, "Bisa sore hari?", daily))
    };
    ask(p.coaches[0]).unwrap();
    ask(p.coaches[1]).unwrap();
    too_many(ask(p.coaches[2]));
    p.pass(Duration::hours(12));
    ask(p.coaches[2]).unwrap();
    too_many(ask(p.coaches[3]));
    assert_eq!(p.audited("question.asked"), 3);
    p.must_be_well();
}

fn choices_are_few_in_a_day(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 3, 2);
    let choose = |coachee: usize, coach: usize| {
        let (act, request, coaches) = (p.as_coachee(coachee), p.request(coachee).id, [code(coach)]);
        let choice = p.store.snapshot(|db| requests::weigh(db, &act, request, &coaches))?;
        p.store.write(|db| requests::choose(db, &act, &choice, Daily { choices: 2, ..MANY }))
    };
    for coach in 0..2 {
        p.decline(&choose(0, coach).unwrap()).unwrap();
    }
    too_many(choose(0, 2));
    choose(1, 2).unwrap();
    p.pass(Duration::hours(12));
    choose(0, 2).unwrap();
    p.must_be_well();
}

fn nobody_is_asked_who_cannot_be_chosen(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 1);
    p.tamper("UPDATE coach_profiles SET languages = 2 WHERE person IN (SELECT id FROM persons WHERE code = 'c1')");
    let ask = |coachee: usize, coach: usize| {
        let (act, request) = (p.as_coachee(coachee), p.request(coachee).id);
        p.store.write(|db| questions::ask(db, &act, request, p.coaches[coach], "Bisa sore hari?", MANY))
    };
    let refused = ask(0, 1);
    assert!(matches!(&refused, Err(ServiceError::RuledOut { rules, .. }) if rules == &[Rule::Language]), "{refused:?}");
    // The place that is kept for oneself is no obstacle.
    p.choose(0, &[0]).unwrap();
    ask(0, 0).unwrap();
    let refused = ask(1, 0);
    assert!(matches!(&refused, Err(ServiceError::RuledOut { rules, .. }) if rules == &[Rule::NoFreePlace]));
    assert_eq!(p.told("question_asked"), 1);
    p.must_be_well();
}
