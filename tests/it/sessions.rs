//! Sessions of a pair over HTTP: free times, proposing, confirming, moving, calling off, saying how it went; who may
//! read what; and many who want one hour of a coach.

mod changes;
mod work;

use std::sync::Barrier;
use std::thread;

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::services::sessions::{self, Wish};
use coachnet::services::slots::Rules;
use coachnet::services::{Refusal, ServiceError, ServiceResult, attendance};
use coachnet::store::sessions::Session;
use coachnet::store::{AccountId, Store};
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::site::Answer;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_pair_meets,
    a_plan_goes_round_holidays,
    a_coach_says_when,
    the_two_may_differ,
    what_is_over_stays,
    the_end_of_a_pairing_ends_its_sessions,
    nobody_else_comes_near,
    an_hour_is_given_away_once,
);

/// Monday, half past nine in Jayapura and half past seven in Jakarta.
const MONDAY: &str = "2026-11-23T00:30:00Z";

/// A pair in a served world: a coachee in Papua, a coach in Jakarta, and somebody else of each kind.
struct Two<'a> {
    world: &'a World,
    programme: Programme,
    accounts: [AccountId; 2],
    pairing: String,
}

impl<'a> Two<'a> {
    fn new(world: &'a World) -> Self {
        let programme = Programme::beside(&world.store, 2, 2, 2);
        let pairing = programme.pair(0, 0).id.to_string();
        let account = |email: &str, role, person| world.account_of(email, &[(role, None)], Some(person));
        let coachee = account("e0@contoh.test", Role::Coachee, programme.coachees[0]);
        let coach = account("c0@contoh.test", Role::Coach, programme.coaches[0]);
        Self { world, programme, accounts: [coachee, coach], pairing }
    }

    /// The coachee, who has signed in just now.
    fn coachee(&self) -> Visitor<'a> {
        self.world.visitor(self.accounts[0], false)
    }

    /// The coach, likewise.
    fn coach(&self) -> Visitor<'a> {
        self.world.visitor(self.accounts[1], false)
    }

    fn propose(&self, by: &Visitor, at: &str) -> Value {
        let made = by.post(&format!("/pairings/{}/sessions", self.pairing), &json!({ "starts_at": at }));
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()
    }

    /// A session that both have agreed on.
    fn scheduled(&self, at: &str) -> String {
        let proposed = self.propose(&self.coachee(), at);
        let session = id(&proposed).to_owned();
        let confirmed = self.coach().post(&format!("/sessions/{session}/confirm"), &json!({}));
        assert_eq!((confirmed.status, &confirmed.json()["status"]), (200, &json!("scheduled")), "{}", confirmed.body);
        session
    }

    fn told(&self, kind: &str) -> i64 {
        self.programme.told(kind)
    }
}

fn id(body: &Value) -> &str {
    body["id"].as_str().expect("an id")
}

fn problem(answer: &Answer) -> (u16, String) {
    let kind = answer.json()["type"].as_str().expect("a type").trim_start_matches("urn:coachnet:problem:").to_owned();
    (answer.status, kind)
}

fn a_pair_meets(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let (coachee, coach) = (two.coachee(), two.coach());
    let slots = coachee.get(&format!("/pairings/{}/slots?days=2", two.pairing)).json();
    assert_eq!(
        slots["items"][0],
        json!({
            "starts_at": MONDAY,
            "coachee_time": "2026-11-23T09:30:00+09:00",
            "coach_time": "2026-11-23T07:30:00+07:00",
        })
    );
    assert_eq!((&slots["coachee_zone"], &slots["coach_zone"]), (&json!("Asia/Jayapura"), &json!("Asia/Jakarta")));

    let session = two.propose(&coachee, MONDAY);
    assert_eq!(
        (&session["status"], &session["number"], &session["sequence"]),
        (&json!("proposed"), &json!(1), &json!(0))
    );
    assert_eq!(session["ends_at"], "2026-11-23T01:30:00Z");
    assert_eq!(two.told("session_proposed"), 1);
    let after = coachee.get(&format!("/pairings/{}/slots?days=2", two.pairing)).json();
    assert_eq!(after["items"][0]["starts_at"], "2026-11-23T01:30:00Z", "what is proposed is taken");
    let again =
        coachee.post(&format!("/pairings/{}/sessions", two.pairing), &json!({ "starts_at": "2026-11-23T01:00:00Z" }));
    assert_eq!(problem(&again), (409, "slot-taken".into()));

    let path = format!("/sessions/{}", id(&session));
    assert_eq!(problem(&coachee.post(&format!("{path}/confirm"), &json!({}))).0, 403, "not by who proposed");
    let stale = coach.clone().with("if-match", "\"9\"").post(&format!("{path}/confirm"), &json!({}));
    assert_eq!(problem(&stale), (412, "stale".into()));
    let confirmed = coach.clone().with("if-match", "\"1\"").post(&format!("{path}/confirm"), &json!({}));
    assert_eq!((confirmed.status, &confirmed.json()["status"]), (200, &json!("scheduled")), "{}", confirmed.body);
    assert_eq!(two.told("session_scheduled"), 2);
    assert_eq!(problem(&coach.post(&format!("{path}/confirm"), &json!({}))), (409, "session-answered".into()));

    // Moved: the old hour is free again, the calendars learn of it.
    let elsewhere = json!({ "starts_at": "2026-11-24T02:00:00Z", "mode": "in_person", "place": " Ruang 3 " });
    let moved = coach.post(&format!("{path}/reschedule"), &elsewhere);
    assert_eq!(moved.status, 200, "{}", moved.body);
    let moved = moved.json();
    assert_eq!(
        (&moved["status"], &moved["sequence"], &moved["place"]),
        (&json!("scheduled"), &json!(2), &json!("Ruang 3"))
    );
    assert_eq!(two.told("session_moved"), 2);
    let after = coachee.get(&format!("/pairings/{}/slots?days=2", two.pairing)).json();
    assert_eq!(after["items"][0]["starts_at"], MONDAY);

    let early = coach.post(&format!("{path}/attendance"), &json!({ "attendance": "held" }));
    assert_eq!(problem(&early), (409, "session-ahead".into()));
    assert_eq!(coach.get("/me/sessions").json()["items"].as_array().unwrap().len(), 1);
    world.hands.turn(TimeDelta::days(2));
    let (coachee, coach) = (two.coachee(), two.coach());
    assert_eq!(coach.get("/me/sessions").json()["items"], json!([]), "it has begun");
    let late = coach.post(&format!("{path}/cancel"), &json!({}));
    assert_eq!(problem(&late), (409, "session-begun".into()));
    let held = coach.post(&format!("{path}/attendance"), &json!({ "attendance": "held" })).json();
    assert_eq!(
        (&held["status"], &held["coach_says"], &held["disputed"]),
        (&json!("held"), &json!("held"), &json!(false))
    );
    let both = coachee.post(&format!("{path}/attendance"), &json!({ "attendance": "held" })).json();
    assert_eq!((&both["status"], &both["coachee_says"]), (&json!("held"), &json!("held")));
    assert_eq!(problem(&coach.post(&format!("{path}/cancel"), &json!({}))), (409, "session-over".into()));
    assert_eq!(two.programme.audited("session.attended"), 2);
    two.programme.must_be_well();
}

fn a_plan_goes_round_holidays(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let path = format!("/pairings/{}/sessions/plan", two.pairing);
    // Fridays at ten in Jayapura, every two weeks: the third would be Christmas.
    let wish = json!({ "first": "2026-11-27T01:00:00Z" });
    let planned = two.coach().clone().with("idempotency-key", "plan-1").post(&path, &wish);
    assert_eq!(planned.status, 201, "{}", planned.body);
    let starts = |body: &Value| -> Vec<String> {
        body["items"].as_array().unwrap().iter().map(|one| one["starts_at"].as_str().unwrap().to_owned()).collect()
    };
    let expected = [
        "2026-11-27T01:00:00Z",
        "2026-12-11T01:00:00Z",
        "2026-12-28T01:00:00Z",
        "2027-01-08T01:00:00Z",
        "2027-01-22T01:00:00Z",
        "2027-02-05T01:00:00Z",
    ];
    assert_eq!(starts(&planned.json())[..2], expected[..2]);
    assert_eq!(starts(&planned.json())[3..5], expected[3..5]);
    let third = &starts(&planned.json())[2];
    assert!(third.as_str() > "2026-12-25T23", "not on Christmas: {third}");
    assert_eq!(two.told("session_plan_proposed"), 1, "one letter for all");
    assert_eq!(two.told("session_proposed"), 0);
    let again = two.coach().clone().with("idempotency-key", "plan-1").post(&path, &wish);
    assert_eq!(again.body, planned.body);
    assert_eq!(problem(&two.coach().post(&path, &json!({}))), (409, "plan-complete".into()));
    let more = two.coach().post(&path, &json!({ "sessions": 1 }));
    assert_eq!((more.status, starts(&more.json())), (201, vec!["2026-11-24T01:00:00Z".to_owned()]), "at ten, soon");
    let long = json!({ "sessions": 50, "minutes": 240, "every_days": 1 });
    assert_eq!(problem(&two.coach().post(&path, &long)), (409, "no-slots".into()), "weekends push them too far");
    let far = two.coach().post(&path, &json!({ "sessions": 50, "every_days": 90 }));
    assert_eq!(far.json()["errors"][0]["pointer"], "#/starts_at", "not beyond a year: {}", far.body);
    for wrong in
        [json!({ "sessions": 0 }), json!({ "every_days": 0 }), json!({ "minutes": 20 }), json!({ "mode": "by_phone" })]
    {
        assert_eq!(two.coach().post(&path, &wrong).status, 422, "{wrong}");
    }
}

fn a_coach_says_when(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let first = |days: u8| {
        let slots = two.coachee().get(&format!("/pairings/{}/slots?days={days}", two.pairing)).json();
        slots["items"][0]["coach_time"].as_str().map(str::to_owned)
    };
    let weekly =
        json!({ "weekly": [{ "weekday": 2, "hours": "10:00-12:00" }, { "weekday": 4, "hours": "13:00-14:00" }] });
    let seen = two.coach().get("/coaches/c0/hours").header("etag").to_owned();
    let set = two.coach().with("if-match", &seen).ask("PUT", "/coaches/c0/hours", Some(&weekly));
    assert_eq!((set.status, &set.json()["zone"]), (200, &json!("Asia/Jakarta")), "{}", set.body);
    assert_eq!(first(7).as_deref(), Some("2026-11-24T10:00:00+07:00"));
    let away = two.coach().post("/coaches/c0/hours/exceptions", &json!({ "first_day": "2026-11-24" }));
    assert_eq!(away.status, 201, "{}", away.body);
    assert_eq!(first(7).as_deref(), Some("2026-11-26T13:00:00+07:00"));
    let there = json!({ "first_day": "2026-11-25", "hours": "08:00-09:00", "available": true });
    assert_eq!(two.coach().post("/coaches/c0/hours/exceptions", &there).status, 201);
    assert_eq!(first(7).as_deref(), Some("2026-11-25T08:00:00+07:00"));
    let exception = away.json()["exceptions"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(two.coach().delete(&format!("/coaches/c0/hours/exceptions/{exception}")).status, 200);
    assert_eq!(two.coach().delete(&format!("/coaches/c0/hours/exceptions/{exception}")).status, 404);
    assert_eq!(first(7).as_deref(), Some("2026-11-24T10:00:00+07:00"));
    let late = two.coach().with("if-match", &seen).ask("PUT", "/coaches/c0/hours", Some(&json!({ "weekly": [] })));
    assert_eq!(late.status, 412, "{}", late.body);
    assert_eq!(two.coach().ask("PUT", "/coaches/c0/hours", Some(&json!({ "weekly": [] }))).status, 200);
    assert_eq!(first(7).as_deref(), Some("2026-11-23T07:30:00+07:00"), "the usual hours");

    // A day off that a decree adds, and one that it takes back.
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let leave = json!({ "kind": "collective_leave", "name_id": "Cuti Bersama", "name_en": "Collective leave" });
    assert_eq!(admin.ask("PUT", "/holidays/2026-11-23", Some(&leave)).status, 200);
    assert_eq!(first(7).as_deref(), Some("2026-11-24T07:30:00+07:00"));
    let listed = two.coach().get("/holidays?from=2026-11-23&until=2026-12-31").json();
    let days: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|one| one["day"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-11-23", "2026-12-24", "2026-12-25"]);
    coachnet::services::schema::prepare(&world.store).unwrap();
    assert_eq!(first(7).as_deref(), Some("2026-11-24T07:30:00+07:00"), "a new edition leaves it alone");
    let back = json!({ "kind": "workday", "name_id": "Hari kerja", "name_en": "Working day" });
    assert_eq!(admin.ask("PUT", "/holidays/2026-11-23", Some(&back)).status, 200);
    assert_eq!(first(7).as_deref(), Some("2026-11-23T07:30:00+07:00"));

    for (wrong, pointer) in [
        (json!({ "weekly": [{ "weekday": 1, "hours": "8-12" }] }), "#/weekly/0/hours"),
        (json!({ "weekly": [{ "weekday": 8, "hours": "08:00-12:00" }] }), "#/weekly"),
        (
            json!({ "weekly": [{ "weekday": 1, "hours": "08:00-12:00" }, { "weekday": 1, "hours": "11:45-13:00" }] }),
            "#/weekly",
        ),
    ] {
        let refused = two.coach().ask("PUT", "/coaches/c0/hours", Some(&wrong));
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{}",
            refused.body
        );
    }
    let past = two.coach().post("/coaches/c0/hours/exceptions", &json!({ "first_day": "2026-11-20" }));
    assert_eq!(past.json()["errors"][0]["pointer"], "#/last_day");

    // Outside the hours only if it is meant so.
    let evening = json!({ "starts_at": "2026-11-23T12:00:00Z" });
    let path = format!("/pairings/{}/sessions", two.pairing);
    assert_eq!(problem(&two.coach().post(&path, &evening)), (409, "outside-hours".into()));
    let meant = json!({ "starts_at": "2026-11-23T12:00:00Z", "anyway": true });
    assert_eq!(two.coach().post(&path, &meant).status, 201);
    for (wrong, pointer) in [
        (json!({ "starts_at": "2026-11-23T00:40:00Z" }), "#/starts_at"),
        (json!({ "starts_at": "2026-11-20T00:30:00Z" }), "#/starts_at"),
        (json!({ "starts_at": MONDAY, "minutes": 50 }), "#/minutes"),
        (json!({ "starts_at": MONDAY, "mode": "by_phone" }), "#/mode"),
        (json!({ "starts_at": MONDAY, "place": "x".repeat(501) }), "#/place"),
    ] {
        let refused = two.coach().post(&path, &wrong);
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{}",
            refused.body
        );
    }
}

fn the_two_may_differ(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let session = two.scheduled(MONDAY);
    world.hands.turn(TimeDelta::days(1));
    let path = format!("/sessions/{session}/attendance");
    let say = |by: &Visitor, word: &str| by.post(&path, &json!({ "attendance": word })).json();
    assert_eq!(say(&two.coach(), "coachee_missed")["status"], "missed");
    let differ = say(&two.coachee(), "held");
    assert_eq!((&differ["status"], &differ["disputed"]), (&json!("missed"), &json!(true)));
    assert_eq!(two.told("attendance_disputed"), 1);
    let agreed = say(&two.coach(), "held");
    assert_eq!((&agreed["status"], &agreed["disputed"]), (&json!("held"), &json!(false)));
    assert_eq!(two.told("attendance_disputed"), 1, "nobody is told of peace");
    assert_eq!(two.coach().post(&path, &json!({ "attendance": "maybe" })).status, 422);
    two.programme.must_be_well();
}

fn what_is_over_stays(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let session = two.scheduled(MONDAY);
    let path = format!("/sessions/{session}");
    let off = two.coachee().post(&format!("{path}/cancel"), &json!({ "note": "Ada rapat mendadak." }));
    assert_eq!(off.status, 200, "{}", off.body);
    let off = off.json();
    assert_eq!(
        (&off["status"], &off["cancelled_by"], &off["sequence"]),
        (&json!("cancelled"), &json!("coachee"), &json!(2))
    );
    assert_eq!(off["cancel_note"], "Ada rapat mendadak.");
    assert_eq!(two.told("session_cancelled"), 2);
    for (act, body) in
        [("confirm", json!({})), ("cancel", json!({})), ("reschedule", json!({ "starts_at": "2026-11-24T02:00:00Z" }))]
    {
        assert_eq!(problem(&two.coach().post(&format!("{path}/{act}"), &body)), (409, "session-over".into()), "{act}");
    }
    world.hands.turn(TimeDelta::days(1));
    let word = two.coach().post(&format!("{path}/attendance"), &json!({ "attendance": "held" }));
    assert_eq!(problem(&word), (409, "session-not-scheduled".into()));
    // The hour is free again, and the number is not used twice.
    assert_eq!(two.propose(&two.coach(), "2026-11-24T00:30:00Z")["number"], 2);

    // A proposal that nobody answers is given up when its time comes.
    world.hands.turn(TimeDelta::days(1));
    let act = coachnet::services::Act::new(coachnet::services::Actor::System("test"), world.hands.stamp());
    let given_up = |limit| world.store.write(|db| attendance::give_up_due(db, &act, limit)).unwrap();
    assert_eq!((given_up(10), given_up(10)), (1, 0));
    assert_eq!(two.told("session_cancelled"), 2, "it was in no calendar");
    two.programme.must_be_well();
}

fn the_end_of_a_pairing_ends_its_sessions(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let past = two.scheduled(MONDAY);
    let ahead = two.scheduled("2026-12-07T02:00:00Z");
    world.hands.turn(TimeDelta::days(2));
    let over = two.coachee().post(&format!("/pairings/{}/end", two.pairing), &json!({ "reason": "moved" }));
    assert_eq!(over.status, 200, "{}", over.body);
    let status = |session: &str| two.coach().get(&format!("/sessions/{session}")).json()["status"].clone();
    assert_eq!((status(&ahead), status(&past)), (json!("cancelled"), json!("scheduled")));
    assert_eq!(two.told("session_cancelled"), 2);
    let more = two
        .coach()
        .post(&format!("/pairings/{}/sessions", two.pairing), &json!({ "starts_at": "2026-12-07T02:00:00Z" }));
    assert_eq!(problem(&more), (409, "pairing-over".into()));
    assert_eq!(two.coach().get(&format!("/pairings/{}/slots", two.pairing)).status, 409);
    two.programme.must_be_well();
}

/// Others of the same kinds, and admins, get no further than they may with things that are there.
fn nobody_else_comes_near(db: &TestDb) {
    let world = World::new(db);
    let two = Two::new(&world);
    let session = two.scheduled(MONDAY);
    let person =
        |email: &str, role, person| world.visitor(world.account_of(email, &[(role, None)], Some(person)), false);
    let other_coachee = person("e1@contoh.test", Role::Coachee, two.programme.coachees[1]);
    let other_coach = person("c1@contoh.test", Role::Coach, two.programme.coaches[1]);
    let admin = |email: &str, role, agency| world.visitor(world.account_of(email, &[(role, agency)], None), true);
    let national = admin("n@contoh.test", Role::NationalAdmin, None);
    let own_agency = admin("a@contoh.test", Role::AgencyAdmin, Some("PROV-91"));
    let other_agency = admin("b@contoh.test", Role::AgencyAdmin, Some("PROV-11"));
    let pairing = &two.pairing;
    let goal = two.coach().post(&format!("/pairings/{pairing}/goals"), &json!({ "goal": "x" })).json();
    let item = two
        .coach()
        .post(&format!("/pairings/{pairing}/action_items"), &json!({ "owner": "coach", "what": "x" }))
        .json();
    let time = json!({ "starts_at": "2026-11-24T02:00:00Z" });
    let none = json!({});
    let pair_only: Vec<(&str, String, &Value)> = vec![
        ("GET", format!("/pairings/{pairing}/slots"), &none),
        ("POST", format!("/pairings/{pairing}/sessions"), &time),
        ("POST", format!("/pairings/{pairing}/sessions/plan"), &none),
        ("POST", format!("/sessions/{session}/reschedule"), &time),
        ("GET", format!("/sessions/{session}/feedback"), &none),
        ("GET", format!("/pairings/{pairing}/work"), &none),
        ("DELETE", format!("/pairings/{pairing}/resources/{session}"), &none),
    ];
    let words = json!({ "attendance": "held" });
    let (goal_wish, item_wish) = (json!({ "goal": "y" }), json!({ "owner": "coach", "what": "y" }));
    let hours = json!({ "weekly": [] });
    let feedback = json!({ "progress": 1, "preparation": 1, "trust": 1 });
    let more: Vec<(&str, String, &Value)> = vec![
        ("POST", format!("/sessions/{session}/attendance"), &words),
        ("POST", format!("/sessions/{session}/feedback"), &feedback),
        ("POST", format!("/pairings/{pairing}/goals"), &goal_wish),
        ("PUT", format!("/goals/{}", id(&goal)), &goal_wish),
        ("POST", format!("/pairings/{pairing}/action_items"), &item_wish),
        ("PUT", format!("/action_items/{}", id(&item)), &item_wish),
        ("PUT", "/coaches/c0/hours".into(), &hours),
    ];
    for (method, path, body) in pair_only.iter().chain(&more) {
        let body = (*method != "GET" && *method != "DELETE").then_some(*body);
        for other in [&other_coachee, &other_coach, &national, &own_agency, &other_agency] {
            let answer = other.ask(method, path, body);
            assert_eq!(answer.status, 403, "{method} {path}: {}", answer.body);
        }
    }
    for path in [format!("/sessions/{session}"), format!("/pairings/{pairing}/sessions")] {
        for (who, status) in
            [(&other_coachee, 403), (&other_coach, 403), (&other_agency, 403), (&own_agency, 200), (&national, 200)]
        {
            assert_eq!(who.get(&path).status, status, "{path}");
        }
    }
    let cancel = format!("/sessions/{session}/cancel");
    for who in [&other_coachee, &other_coach, &other_agency] {
        assert_eq!(who.post(&cancel, &none).status, 403);
    }
    let off = own_agency.post(&cancel, &none);
    assert_eq!((off.status, &off.json()["cancelled_by"]), (200, &json!("programme")), "{}", off.body);
    assert_eq!(national.ask("PUT", "/holidays/2026-13-01", Some(&none)).status, 404);
}

/// Many coachees of one coach want the same hour, through two processes: one gets it.
fn an_hour_is_given_away_once(db: &TestDb) {
    const MANY: usize = 12;
    let programme = Programme::new(&db.store, MANY, 1, u16::try_from(MANY).unwrap());
    let pairings: Vec<_> = (0..MANY).map(|at| programme.pair(at, 0)).collect();
    let stores = [db.store.clone(), db.another_store()];
    let rules = Rules { office_hours: "07:30-16:00".parse().unwrap(), friday_break: None };
    let wish = Wish {
        starts_at: MONDAY.parse().unwrap(),
        minutes: 60,
        mode: coachnet::domain::Mode::Online,
        place: None,
        anyway: false,
    };
    let (barrier, programme, rules, wish) = (&Barrier::new(MANY), &programme, &rules, &wish);
    let propose = |at: usize, store: &Store| -> ServiceResult<Session> {
        barrier.wait();
        // Each wants a quarter of an hour later than the one before, so that they overlap and are not the same.
        let starts_at = wish.starts_at + TimeDelta::minutes(15 * i64::try_from(at % 4).unwrap());
        let (act, wish) = (programme.as_coachee(at), Wish { starts_at, ..wish.clone() });
        store.write(|db| sessions::propose(db, &act, rules, pairings[at].id, &wish))
    };
    let outcomes: Vec<_> = thread::scope(|scope| {
        let propose = &propose;
        let running: Vec<_> = (0..MANY)
            .map(|at| (at, stores[at % 2].clone()))
            .map(|(at, store)| scope.spawn(move || propose(at, &store)))
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let met: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(met.len(), 1, "{outcomes:#?}");
    for outcome in outcomes.iter().filter(|outcome| outcome.is_err()) {
        assert!(matches!(outcome, Err(ServiceError::Refused(Refusal::SlotTaken))), "{outcome:?}");
    }
    programme.must_be_well();
}
