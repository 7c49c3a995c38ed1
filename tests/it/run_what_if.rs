//! Runs with coaches who are not there.

use coachnet::domain::Role;
use coachnet::matching::watch::Watch;
use coachnet::services::runs;
use coachnet::store::StoreError;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(fifty_more_in_papua, what_cannot_be_supposed_is_told);

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn persons(world: &World) -> i64 {
    let query = "SELECT count(*) AS number FROM persons";
    let rows: Vec<Counted> = world.store.read(|db| Ok::<_, StoreError>(diesel::sql_query(query).load(db)?)).unwrap();
    rows[0].number
}

fn compute_next(world: &World) {
    runs::compute_next(&world.hands.clock(), &world.store, "test", Watch::NOBODY)
        .unwrap()
        .expect("a run that waits")
        .1
        .unwrap();
}

fn fifty_more_in_papua(db: &TestDb) {
    let world = World::new(db);
    Programme::beside(&world.store, 8, 1, 1);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let before = persons(&world);
    let ask = |wish: Value| {
        let made = admin.post("/runs", &wish);
        assert_eq!(made.status, 201, "{}", made.body);
        compute_next(&world);
        made.json()["id"].as_str().unwrap().to_owned()
    };
    let base = ask(json!({ "cohort": "2026-c", "seed": "7" }));
    let group = json!({ "count": 2, "province": "91", "strengths": { "M.01": 5, "M.03": 5 }, "capacity": 2 });
    let supposed = ask(json!({ "cohort": "2026-c", "seed": "7", "what_if": { "coaches": [group] } }));
    let shown = admin.get(&format!("/runs/{supposed}")).json();
    let matched = |run: &str| admin.get(&format!("/runs/{run}")).json()["result"]["matched"].as_i64().unwrap();
    assert_eq!((&shown["what_if"], matched(&supposed) - matched(&base)), (&json!(true), 4), "{shown}");

    let both = admin.get(&format!("/runs/{base}/comparison/{supposed}")).json();
    let papua = both["provinces"].as_array().unwrap().iter().find(|place| place["province"] == "91").unwrap();
    assert_eq!((&papua["more"], &papua["coachees"]), (&json!(4), &json!(8)), "{both}");
    assert_eq!(both["only_second"], 4, "{both}");

    let pairs = admin.get(&format!("/runs/{supposed}/pairs?limit=3")).json();
    let rest =
        admin.get(&format!("/runs/{supposed}/pairs?limit=200&cursor={}", pairs["next_cursor"].as_str().unwrap()));
    let rest = rest.json();
    let all: Vec<&Value> = pairs["items"].as_array().unwrap().iter().chain(rest["items"].as_array().unwrap()).collect();
    assert_eq!(all.len() as i64, matched(&supposed));
    assert!(all.is_sorted_by_key(|pair| pair["coachee"].as_str().unwrap()), "{all:?}");
    let of_nobody = all.iter().filter(|pair| pair["coach"].as_str().unwrap().starts_with("what-if:1-")).count();
    assert_eq!(of_nobody, 4);
    let plan = admin.get(&format!("/runs/{supposed}/plan")).json();
    assert_eq!(plan["what_if"][0]["tier"], "jpt_madya", "{plan}");

    let published = admin.post(&format!("/runs/{supposed}/publish"), &json!({}));
    assert_eq!((published.status, &published.json()["type"]), (409, &json!("urn:coachnet:problem:what-if-run")));
    assert_eq!(persons(&world), before, "nobody was made");
    let run = supposed.parse().unwrap();
    assert_eq!(runs::repeat(&world.store, run, Watch::NOBODY).unwrap(), runs::Repeated::Same);
    let computed = runs::computed(&world.store, run).unwrap();
    assert_eq!(computed.standing.pairs.len() as i64, matched(&supposed));
    assert_eq!(admin.post(&format!("/runs/{supposed}/discard"), &json!({})).status, 200);
}

fn what_cannot_be_supposed_is_told(db: &TestDb) {
    let world = World::new(db);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let refused = |what_if: Value| {
        let answer = admin.post("/runs", &json!({ "cohort": "2026-b", "what_if": what_if }));
        let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        let pointers = errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned());
        (answer.status, pointers.collect::<Vec<_>>())
    };
    let group = |change: Value| {
        let mut group = json!({ "count": 5, "province": "91", "strengths": { "M.01": 5 }, "capacity": 2 });
        group.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({ "coaches": [group] })
    };
    let one = |pointer: &str| (422, vec![pointer.to_owned()]);
    assert_eq!(refused(json!({ "coaches": [] })), one("#/what_if/coaches"));
    assert_eq!(refused(group(json!({ "count": 0 }))), one("#/what_if/coaches/0/count"));
    assert_eq!(refused(group(json!({ "capacity": 21 }))), one("#/what_if/coaches/0/capacity"));
    assert_eq!(refused(group(json!({ "strengths": { "M.01": 6 } }))), one("#/what_if/coaches/0/strengths"));
    assert_eq!(refused(group(json!({ "tier": "king" }))), one("#/what_if/coaches/0/tier"));
    assert_eq!(refused(group(json!({ "province": "00" }))), one("#/what_if"));
    assert_eq!(refused(group(json!({ "strengths": { "X.99": 5 } }))), one("#/what_if"));
    assert_eq!(refused(group(json!({ "strengths": {} }))), one("#/what_if"));
    assert_eq!(refused(group(json!({ "modes": [] }))), one("#/what_if"));
    assert_eq!(admin.get("/runs").json()["items"], json!([]), "nothing was ordered");
}
