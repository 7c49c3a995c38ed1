//! The ranking of a cohort: both sides say whom they would like, and the next run listens.

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::matching::watch::Watch;
use coachnet::services::{doctor, runs};
use coachnet::store::AccountId;
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    both_sides_say_whom_they_would_like,
    who_may_rank_and_when,
    who_is_ranked_is_not_asked,
    days_that_cannot_be_are_told
);

fn admin(world: &World) -> Visitor<'_> {
    world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true)
}

fn account_of_coachee(world: &World, p: &Programme, at: usize) -> AccountId {
    world.account_of(&format!("e{at}@contoh.test"), &[(Role::Coachee, None)], Some(p.coachees[at]))
}

fn account_of_coach(world: &World, p: &Programme, at: usize) -> AccountId {
    world.account_of(&format!("c{at}@contoh.test"), &[(Role::Coach, None)], Some(p.coaches[at]))
}

fn coachee<'a>(world: &'a World, p: &Programme, at: usize) -> Visitor<'a> {
    world.visitor(account_of_coachee(world, p, at), false)
}

fn coach<'a>(world: &'a World, p: &Programme, at: usize) -> Visitor<'a> {
    world.visitor(account_of_coach(world, p, at), false)
}

fn request(visitor: &Visitor) -> String {
    visitor.get("/me/requests").json()["items"][0]["id"].as_str().unwrap().to_owned()
}

/// The ranking opens today and closes in three days.
fn open(admin: &Visitor) {
    let answer = admin.post("/cohorts/2026-c/ranking", &json!({ "opens_on": "2026-11-22", "closes_on": "2026-11-25" }));
    assert_eq!((answer.status, &answer.json()["ranking"]["open"]), (200, &json!(true)), "{}", answer.body);
}

fn both_sides_say_whom_they_would_like(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 3, 3, 1);
    let admin = admin(&world);
    open(&admin);
    let (one, other) = (coachee(&world, &p, 0), coach(&world, &p, 2));
    let id = request(&one);
    let ranked = one.post(&format!("/requests/{id}/ranking"), &json!({ "coaches": ["c2", "c0"] }));
    assert_eq!((ranked.status, &ranked.json()["coaches"]), (200, &json!(["c2", "c0"])), "{}", ranked.body);
    assert_eq!(one.get(&format!("/requests/{id}")).json()["offers"], json!([]), "nobody is asked by it");

    let seen = other.get("/cohorts/2026-c/wishes").json();
    assert_eq!(
        (&seen["ranked_by"][0]["coachee"], &seen["ranked_by"][0]["position"]),
        (&json!("e0"), &json!("Kepala Seksi"))
    );
    assert_eq!(seen["ranked_by"][0]["focus"], json!(["M.03", "M.01"]));
    assert!(!seen.to_string().contains("Coachee e0"), "no name: {seen}");
    let wished = other.post("/cohorts/2026-c/wishes", &json!({ "coachees": ["e0", "e1"] }));
    assert_eq!((wished.status, &wished.json()["coachees"]), (200, &json!(["e0", "e1"])), "{}", wished.body);
    let wished = other.post("/cohorts/2026-c/wishes", &json!({ "coachees": ["e0"] }));
    assert_eq!(wished.json()["coachees"], json!(["e0"]), "the last word counts");

    let run = admin.post("/runs", &json!({ "cohort": "2026-c", "objective": "best_total", "seed": "7" })).json();
    runs::compute_next(&world.hands.clock(), &world.store, "test", Watch::NOBODY).unwrap().unwrap().1.unwrap();
    let pair = admin.get(&format!("/runs/{}/pairs/e0", run["id"].as_str().unwrap())).json();
    let choices = pair["explanation"].as_array().unwrap().iter().find(|part| part["component"] == "choices").unwrap();
    assert_eq!((&pair["coach"], &choices["points"], &choices["max"]), (&json!("c2"), &json!(45), &json!(45)), "{pair}");
    assert_eq!(choices["facts"], json!({ "coachee_rank": 1, "coach_wish": true }));
    assert!(doctor::check(&world.store, world.hands.stamp()).unwrap().is_empty());
}

fn who_may_rank_and_when(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 2, 2, 1);
    let admin = admin(&world);
    let (first, third) = (account_of_coachee(&world, &p, 0), account_of_coach(&world, &p, 0));
    let (one, another, theirs) = (world.visitor(first, false), coachee(&world, &p, 1), world.visitor(third, false));
    let id = request(&one);
    let path = format!("/requests/{id}/ranking");
    let wish = json!({ "coaches": ["c0"] });
    let closed = |answer: crate::support::site::Answer| {
        assert_eq!((answer.status, &answer.json()["type"]), (409, &json!("urn:coachnet:problem:ranking-closed")));
    };
    closed(one.post(&path, &wish));
    open(&admin);
    assert_eq!(another.post(&path, &wish).status, 403, "it is somebody else's");
    assert_eq!(another.get(&path).status, 403);
    assert_eq!(admin.get(&path).status, 200);
    assert_eq!(one.clone().with("if-match", "\"9\"").post(&path, &wish).status, 412, "it was changed since");
    assert_eq!(one.post(&path, &json!({ "coaches": ["c0", "c0"] })).status, 422);
    assert_eq!(one.post(&path, &json!({ "coaches": ["nobody"] })).status, 404);
    assert_eq!(one.post(&path, &wish).status, 200);
    assert_eq!(one.post(&path, &json!({ "coaches": [] })).json()["coaches"], json!([]), "it can be taken back");
    assert_eq!(one.post(&path, &wish).status, 200);

    let not_asking = |coachees: Value| {
        let answer = theirs.post("/cohorts/2026-c/wishes", &json!({ "coachees": coachees }));
        (answer.status, answer.json()["type"].clone())
    };
    let refused = (409, json!("urn:coachnet:problem:not-asking"));
    assert_eq!(not_asking(json!(["P-1"])), refused, "of another cohort");
    assert_eq!(not_asking(json!(["nobody"])), refused, "the same as for one who is not there");
    assert_eq!(not_asking(json!(["e1"])).0, 200);
    assert_eq!(theirs.get("/cohorts/none/wishes").status, 404);

    world.hands.turn(TimeDelta::days(4));
    let (one, theirs) = (world.visitor(first, false), world.visitor(third, false));
    closed(one.post(&path, &json!({ "coaches": ["c1"] })));
    closed(theirs.post("/cohorts/2026-c/wishes", &json!({ "coachees": [] })));
    assert_eq!(one.get(&path).json()["coaches"], json!(["c0"]), "what was stated stands");
    assert_eq!(theirs.get("/cohorts/2026-c/wishes").json()["coachees"], json!(["e1"]));
    assert_eq!(one.get(&path).json()["ranking"]["open"], false);
}

fn who_is_ranked_is_not_asked(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 1, 3, 1);
    let admin = admin(&world);
    open(&admin);
    let account = account_of_coachee(&world, &p, 0);
    let one = world.visitor(account, false);
    let id = request(&one);
    let ranking = format!("/requests/{id}/ranking");
    assert_eq!(one.post(&ranking, &json!({ "coaches": ["c2", "c0"] })).status, 200);
    let choice = json!({ "coaches": ["c1"] });
    let refused = one.post(&format!("/requests/{id}/choices"), &choice);
    assert_eq!((refused.status, &refused.json()["type"]), (409, &json!("urn:coachnet:problem:ranking-open")));
    assert_eq!(one.get(&ranking).json()["coaches"], json!(["c2", "c0"]), "the ranking stands");
    assert!(p.pending(1).is_empty());
    world.hands.turn(TimeDelta::days(4));
    let one = world.visitor(account, false);
    assert_eq!(one.post(&format!("/requests/{id}/choices"), &choice).status, 201);
    assert_eq!(p.pending(1).len(), 1);
}

fn days_that_cannot_be_are_told(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let told = |days: Value| {
        let answer = admin.post("/cohorts/2026-b/ranking", &days);
        (answer.status, answer.json()["errors"][0]["pointer"].clone())
    };
    let backwards = json!({ "opens_on": "2026-12-02", "closes_on": "2026-12-01" });
    assert_eq!(told(backwards), (422, json!("#/closes_on")));
    assert_eq!(told(json!({ "opens_on": "2026-12-02" })), (422, json!("#/closes_on")));
    assert_eq!(told(json!({ "closes_on": "2026-12-02" })), (422, json!("#/opens_on")));
    assert_eq!(admin.post("/cohorts/none/ranking", &json!({})).status, 404);
    assert_eq!(told(json!({ "opens_on": "2026-12-01", "closes_on": "2026-12-01" })).0, 200);
    let cohorts = admin.get("/cohorts").json();
    assert_eq!(
        cohorts["items"][0]["ranking"],
        json!({ "opens_on": "2026-12-01", "closes_on": "2026-12-01", "open": false })
    );
    assert_eq!(told(json!({})).0, 200, "there is none any more");
    assert_eq!(admin.get("/cohorts").json()["items"][0].get("ranking"), None);
}
