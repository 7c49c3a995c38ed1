//! Runs over HTTP: asking for one, seeing it computed, publishing it, and what coachees make of it.

use coachnet::clock::Clock;
use coachnet::domain::{Objective, Policy, Role, RunStatus, RunStep};
use coachnet::matching::watch::{Order as Go, Progress, Watch};
use coachnet::services::runs::{self, Order};
use coachnet::services::{Act, Actor, ServiceError, doctor};
use coachnet::store::run_progress::{self, RunProgress};
use coachnet::store::types::{Stamp, Word};
use coachnet::store::{RunId, runs as stored};
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_cohort_is_made_matched_and_published,
    wishes_that_cannot_be_are_told,
    a_run_that_is_thrown_away_ends,
    a_run_whose_process_is_gone_is_computed_by_another,
    how_far_a_run_is_can_be_seen,
);

fn admin(world: &World) -> Visitor<'_> {
    world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true)
}

fn compute_next(world: &World) -> RunId {
    let (id, done) =
        runs::compute_next(&Clock::system(), &world.store, "test", Watch::NOBODY).unwrap().expect("a run that waits");
    done.unwrap();
    id
}

fn order(objective: Objective) -> Order {
    let policy = Policy { objective, ..Policy::default() };
    Order { cohort: "2026-c".into(), policy, seed: 7, as_of: crate::support::people::day() }
}

fn ordered(p: &Programme) -> RunId {
    p.store.write(|db| runs::create(db, &p.as_admin(), &order(Objective::Stable))).unwrap()
}

fn status(p: &Programme, id: RunId) -> RunStatus {
    p.store.read(|db| stored::get(db, id)).unwrap().status
}

fn a_cohort_is_made_matched_and_published(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 4, 2, 1);
    let admin = admin(&world);
    let made = admin.post("/cohorts", &json!({ "code": "2027-1", "name": "Angkatan 2027 I" }));
    assert_eq!((made.status, &made.json()["open"]), (201, &json!(true)), "{}", made.body);
    let again = admin.post("/cohorts", &json!({ "code": "2027-1", "name": "x" }));
    assert_eq!((again.status, &again.json()["type"]), (409, &json!("urn:coachnet:problem:cohort-exists")));
    assert_eq!(admin.get("/cohorts").json()["items"][0]["code"], "2027-1");
    let first = admin.get("/cohorts?limit=1").json();
    assert_eq!((&first["items"][0]["code"], first["items"].as_array().unwrap().len()), (&json!("2027-1"), 1));
    let rest = admin.get(&format!("/cohorts?cursor={}", first["next_cursor"].as_str().unwrap())).json();
    let codes: Vec<_> = rest["items"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert!(!codes.is_empty() && !codes.contains(&"2027-1"), "{rest}");
    assert_eq!(admin.get("/cohorts?cursor=x").status, 422);

    let wish = json!({ "cohort": "2026-c", "objective": "most_people", "seed": "7" });
    let first = admin.post("/runs", &wish);
    assert_eq!((first.status, &first.json()["status"]), (201, &json!("queued")), "{}", first.body);
    assert_eq!(compute_next(&world).to_string(), first.json()["id"].as_str().unwrap());
    let stable =
        admin.post("/runs", &json!({ "cohort": "2026-c", "objective": "stable", "reserve": "remote:50%" })).json();
    compute_next(&world);
    assert!(
        runs::compute_next(&Clock::system(), &world.store, "test", Watch::NOBODY).unwrap().is_none(),
        "nothing waits"
    );
    let (first, second) = (first.json()["id"].as_str().unwrap().to_owned(), stable["id"].as_str().unwrap().to_owned());
    let run = admin.get(&format!("/runs/{first}")).json();
    let of_all =
        |groups: &Value| json!([groups[0]["coachees"], groups[0]["matched"], groups.as_array().unwrap().len()]);
    for kind in ["tiers", "agencies", "provinces"] {
        assert_eq!(of_all(&run["summary"][kind]), json!([4, 4, 1]), "{kind}: {run}");
    }
    assert_eq!(
        (&run["summary"]["agencies"][0]["agency"], &run["summary"]["tiers"][0]["tier"]),
        (&json!("PROV-91"), &json!("administrator"))
    );
    let policies = [&first, &second].map(|run| admin.get(&format!("/runs/{run}")).json()["policy"].clone());
    assert_eq!((&policies[0]["objective"], &policies[0]["weights"]["coverage"]), (&json!("most_people"), &json!(105)));
    assert_eq!((&policies[1]["objective"], &policies[1]["reserve"]["percent"]), (&json!("stable"), &json!(50)));
    let listed = |query: &str| {
        let items = admin.get(&format!("/runs?{query}")).json()["items"].as_array().unwrap().clone();
        items.iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both_runs = vec![second.clone(), first.clone()];
    assert_eq!(listed("cohort=2026-c"), both_runs);
    assert_eq!(listed("cohort=2026-c&status=computed"), both_runs);
    assert_eq!(listed("cohort=2026-b"), Vec::<String>::new());
    assert_eq!(listed("cohort=none"), Vec::<String>::new());
    assert_eq!(listed("status=published"), Vec::<String>::new());
    assert_eq!(admin.get("/runs?status=done").status, 422);
    assert_eq!((&run["status"], &run["result"]["matched"]), (&json!("computed"), &json!(4)), "{run}");
    let both = admin.get(&format!("/runs/{first}/comparison/{second}")).json();
    let count = |name: &str| both[name].as_i64().unwrap();
    assert_eq!(count("same") + count("other_coach") + count("only_first"), 4, "{both}");
    for kind in ["tiers", "agencies", "provinces"] {
        let group = &both[kind][0];
        assert_eq!((&group["coachees"], &group["first"]), (&json!(4), &json!(4)), "{kind}: {both}");
        assert_eq!(group["second"].as_i64().unwrap() - 4, group["more"].as_i64().unwrap(), "{kind}: {both}");
    }
    assert_eq!(admin.get(&format!("/runs/{first}/comparison/{}", RunId::new())).status, 404);

    let pairs = admin.get(&format!("/runs/{first}/pairs")).json()["items"].as_array().unwrap().clone();
    let with_ours = |pair: &&Value| pair["coach"].as_str().unwrap().starts_with('c');
    let one = pairs.iter().find(with_ours).unwrap()["coachee"].clone();
    let published = admin.post(&format!("/runs/{first}/publish"), &json!({ "coachees": [one] }));
    assert_eq!((published.status, &published.json()["proposed"]), (200, &json!(1)), "{}", published.body);
    let twice = admin.post(&format!("/runs/{first}/publish"), &json!({}));
    assert_eq!(twice.status, 409, "{}", twice.body);
    assert_eq!(admin.post(&format!("/runs/{second}/discard"), &json!({})).json()["status"], "discarded");
    let states = ["", "status=published", "status=discarded"].map(listed);
    assert_eq!(
        states,
        [vec![first.clone()], vec![first.clone()], vec![second.clone()]],
        "what was thrown away is asked for"
    );

    let at: usize = one.as_str().unwrap().trim_start_matches('e').parse().unwrap();
    let account = world.account_of("coachee@contoh.test", &[(Role::Coachee, None)], Some(p.coachees[at]));
    let coachee = world.visitor(account, false);
    let request = coachee.get("/me/requests").json()["items"][0]["id"].as_str().unwrap().to_owned();
    let whole = coachee.get(&format!("/requests/{request}")).json();
    let offer = &whole["offers"][0];
    assert_eq!((&offer["status"], &offer["origin"]), (&json!("proposed"), &json!("run")));
    let coach_at: usize = offer["coach"]["code"].as_str().unwrap().trim_start_matches('c').parse().unwrap();
    let account = world.account_of("coach@contoh.test", &[(Role::Coach, None)], Some(p.coaches[coach_at]));
    let coach = world.visitor(account, false);
    let id = offer["id"].as_str().unwrap();
    assert_eq!(coach.get("/me/offers").json()["items"], json!([]), "the coach hears of it once the coachee confirms");
    assert_eq!(coach.get(&format!("/offers/{id}")).status, 403);
    let confirmed = coachee.post(&format!("/offers/{id}/confirm"), &json!({}));
    assert_eq!((confirmed.status, &confirmed.json()["status"]), (200, &json!("pending")), "{}", confirmed.body);
    assert_eq!(coach.post(&format!("/offers/{id}/accept"), &json!({})).status, 201);
    assert!(doctor::check(&world.store, world.hands.stamp()).unwrap().is_empty());
}

fn wishes_that_cannot_be_are_told(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let refused = |wish: Value| {
        let answer = admin.post("/runs", &wish);
        let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        (answer.status, errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    let wrong = json!({ "cohort": "2026-b", "objective": "fast", "seed": "-1", "reserve": "remote", "as_of": "soon", "policy": { "speed": 1 } });
    let named = ["#/objective", "#/reserve", "#/seed", "#/as_of", "#/policy"].map(str::to_owned).to_vec();
    assert_eq!(refused(wrong), (422, named));
    assert_eq!(refused(json!({ "cohort": "none" })), (404, vec![]));
    let backwards = json!({ "code": "x", "name": "x", "opens_on": "2026-12-02", "closes_on": "2026-12-01" });
    let answer = admin.post("/cohorts", &backwards);
    assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!("#/closes_on")));
}

fn a_run_that_is_thrown_away_ends(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 3, 2, 1);
    let id = ordered(&p);
    let throw_away = |_: Progress| {
        // The second time it is thrown away already.
        let _ = p.store.write(|db| runs::discard(db, &p.as_admin(), id));
        Go::GoOn
    };
    let ended = runs::compute(&p.store, id, "test", Watch(&throw_away));
    // Not only what it found is refused in the end: it goes no further than the next step.
    assert!(matches!(&ended, Err(ServiceError::Conflict(why)) if why.contains("cancelled")), "{ended:?}");
    assert_eq!(status(&p, id), RunStatus::Discarded);
    let progress = p.count("SELECT 'all' AS name, count(*) AS number FROM run_progress", "all");
    let pairs = p.store.read(|db| coachnet::store::pairs::all(db, id)).unwrap();
    assert_eq!((progress, pairs), (0, vec![]), "nothing is left behind");
}

fn a_run_whose_process_is_gone_is_computed_by_another(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 3, 2, 1);
    let id = ordered(&p);
    let ago = |seconds| Stamp::new(Stamp::now().time() - chrono::TimeDelta::seconds(seconds));
    let silent_for = |seconds| {
        let progress =
            RunProgress { step: Word(RunStep::Price), round: 2, done: 10, gap: Some(7), seen_at: ago(seconds) };
        p.store.write(|db| run_progress::say(db, id, &progress)).unwrap()
    };
    assert!(!silent_for(0), "nobody computes it yet");
    p.store.write(|db| stored::start(db, id, ago(600))).unwrap();
    assert!(silent_for(5));
    assert!(
        runs::compute_next(&Clock::system(), &p.store, "test", Watch::NOBODY).unwrap().is_none(),
        "somebody is at it"
    );
    assert!(silent_for(500));
    assert_eq!(compute_next(&world), id);
    assert_eq!(status(&p, id), RunStatus::Computed);
}

fn how_far_a_run_is_can_be_seen(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 3, 2, 1);
    let admin = admin(&world);
    let id = ordered(&p);
    let act = Act::new(Actor::System("test"), Stamp::now());
    p.store.write(|db| stored::start(db, id, act.now)).unwrap();
    let progress = RunProgress { step: Word(RunStep::Price), round: 2, done: 250, gap: Some(5_000), seen_at: act.now };
    p.store.write(|db| run_progress::say(db, id, &progress)).unwrap();
    let shown = admin.get(&format!("/runs/{id}")).json();
    assert_eq!(shown["status"], "computing");
    let expected = json!({ "step": "price", "round": 2, "done": 0.25, "gap": 5e-6 });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(shown["progress"][name], *value, "{name}");
    }
}
