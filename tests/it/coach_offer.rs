//! What a coach offers, said by the coach: the next shortlist has it.

use chrono::{NaiveDate, TimeDelta};
use coachnet::domain::Role;
use coachnet::services::{Act, Actor, coaches, doctor};
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(a_changed_offer_changes_the_shortlist, a_pause_ends_by_itself);

fn a_changed_offer_changes_the_shortlist(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let sign_in =
        |email: &str, role, person| world.visitor(world.account_of(email, &[(role, None)], Some(person)), false);
    let coachee = sign_in("e0@contoh.test", Role::Coachee, programme.coachees[0]);
    let coach = sign_in("c0@contoh.test", Role::Coach, programme.coaches[0]);
    let admin = world.visitor(world.account("a@contoh.test", Role::AgencyAdmin), true);
    let request = programme.request(0).id;
    let listed = || -> bool {
        let list = coachee.get(&format!("/requests/{request}/shortlist")).json();
        list["items"].as_array().unwrap().iter().any(|one| one["coach"]["code"] == "c0")
    };
    assert!(listed());
    let offer = coach.get("/coaches/c0/offer");
    assert_eq!((offer.status, offer.header("etag")), (200, "\"0\""), "{}", offer.body);
    let mut wish = offer.json();
    wish.as_object_mut().unwrap().remove("version");
    let put = |wish: &Value| coach.ask("PUT", "/coaches/c0/offer", Some(wish));

    let weaker = json!({ "strengths": [{ "competency": "M.01", "level": 1 }, { "competency": "M.03", "level": 1 }] });
    let mut weak = wish.clone();
    weak["strengths"] = weaker["strengths"].clone();
    let changed = put(&weak);
    assert_eq!((changed.status, &changed.json()["version"]), (200, &json!(1)), "{}", changed.body);
    assert!(!listed(), "not better than the coachee any more");
    assert_eq!(put(&wish).json()["version"], 2);
    assert!(listed());
    let stale = coach.clone().with("if-match", "\"1\"").ask("PUT", "/coaches/c0/offer", Some(&weak));
    assert_eq!(stale.status, 412, "{}", stale.body);
    assert_eq!(admin.ask("PUT", "/coaches/c0/offer", Some(&wish)).status, 403, "of another agency");
    assert_eq!(coachee.get("/coaches/c0/offer").status, 403);

    for (field, value, pointer) in [
        ("strengths", json!([{ "competency": "M.99", "level": 1 }]), "#/strengths"),
        ("strengths", json!([{ "competency": "M.01", "level": 6 }]), "#/strengths/0"),
        (
            "strengths",
            json!([{ "competency": "M.01", "level": 2 }, { "competency": "M.01", "level": 3 }]),
            "#/strengths",
        ),
        ("modes", json!([]), "#/modes"),
        ("modes", json!(["by_phone"]), "#/modes/0"),
        ("languages", json!([]), "#/languages"),
        ("regions_served", json!(["99"]), "#/regions_served"),
    ] {
        let mut wrong = wish.clone();
        wrong[field] = value;
        let refused = put(&wrong);
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{}",
            refused.body
        );
    }
    assert_eq!(programme.audited("coach.offer_changed"), 2);
    programme.must_be_well();
}

fn a_pause_ends_by_itself(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let account = world.account_of("e0@contoh.test", &[(Role::Coachee, None)], Some(programme.coachees[0]));
    let coach_account = world.account_of("c0@contoh.test", &[(Role::Coach, None)], Some(programme.coaches[0]));
    let coach = world.visitor(coach_account, false);
    let request = programme.request(0).id;
    let listed = || -> bool {
        let list = world.visitor(account, false).get(&format!("/requests/{request}/shortlist")).json();
        list["items"].as_array().unwrap().iter().any(|one| one["coach"]["code"] == "c0")
    };
    let end_pauses = || {
        let act = Act::new(Actor::System("timetable"), world.hands.stamp());
        coaches::end_pauses(&world.store, &act).unwrap()
    };
    let pause = |until: &str| coach.post("/coaches/c0/pause", &json!({ "until": until }));
    assert!(listed());
    for wrong in ["2026-11-22", "2026-11-01", "2027-11-24", "besok"] {
        let answer = pause(wrong);
        assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!("#/until")), "{wrong}");
    }
    let paused = pause("2026-11-25");
    let shown = paused.json();
    assert_eq!((&shown["accepting"], &shown["paused_until"]), (&json!(false), &json!("2026-11-25")), "{}", paused.body);
    assert!(!listed());
    world.hands.turn(TimeDelta::days(2));
    assert_eq!((end_pauses(), listed()), (0, false), "the day before");
    world.hands.turn(TimeDelta::days(1));
    assert_eq!((end_pauses(), end_pauses(), listed()), (1, 0, true));
    let room = programme.room(0);
    assert_eq!((room.accepting, room.paused_until), (true, None));
    assert_eq!((programme.audited("coach.paused"), programme.audited("coach.resumed")), (1, 1));

    // Without a day it ends when the coach says so; who comes back earlier is not ended once more.
    let coach = world.visitor(coach_account, false);
    let bare = coach.ask("POST", "/coaches/c0/pause", None);
    assert_eq!((bare.status, bare.json().get("paused_until")), (200, None), "{}", bare.body);
    let until = world.hands.now().date_naive() + TimeDelta::days(1);
    let day = |day: NaiveDate| json!({ "until": day.to_string() });
    assert_eq!(coach.post("/coaches/c0/pause", &day(until)).status, 200);
    assert_eq!(coach.ask("POST", "/coaches/c0/resume", None).json()["accepting"], true);
    world.hands.turn(TimeDelta::days(5));
    assert_eq!(end_pauses(), 0);
    assert!(doctor::check(&world.store, world.hands.stamp()).unwrap().is_empty());
}
