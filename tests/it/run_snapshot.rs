//! Runs after their cohort has changed: what was kept of their input answers for them. And runs that cannot be
//! computed: they are given up, and say why.

use coachnet::clock::Clock;
use coachnet::domain::{Objective, RunFailure, RunStatus};
use coachnet::matching::watch::{Order as Go, Progress, Watch};
use coachnet::matching::{WhyNot, why_not};
use coachnet::services::planning::Planning;
use coachnet::services::runs::{self, MOST_TRIES, Repeated, Selection};
use coachnet::services::{ServiceError, coaches};
use coachnet::store::types::Stamp;
use coachnet::store::{RunId, StoreError, run_inputs, runs as stored};
use coachnet::tabular::hash::sha256;
use serde_json::json;

use crate::support::invented::{act, cohort, compute, order};
use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_run_answers_when_its_cohort_has_changed,
    each_objective_is_repeated_byte_for_byte,
    what_is_discarded_leaves_no_input,
    an_input_of_many_parts_comes_back,
    a_damaged_input_is_noticed,
    a_run_that_was_ended_is_tried_again_for_nothing,
    a_run_whose_process_is_gone_again_and_again_is_given_up,
    a_pin_that_became_impossible_gives_the_run_up,
);

fn tamper(db: &TestDb, sql: &str) {
    use diesel::connection::SimpleConnection;
    db.store.write(|db| Ok::<_, StoreError>(db.batch_execute(sql)?)).unwrap();
}

fn status(db: &TestDb, run: RunId) -> stored::Run {
    db.store.read(|db| stored::get(db, run)).unwrap()
}

fn a_run_answers_when_its_cohort_has_changed(db: &TestDb) {
    cohort(&db.store, 120, 30);
    let run = compute(&db.store, Objective::MostPeople, &Planning::default());
    let before = runs::computed(&db.store, run).unwrap();
    db.store.write(|db| runs::publish(db, &act(), run, Selection::All)).unwrap();
    tamper(db, "UPDATE coach_profiles SET accepting = NOT accepting; UPDATE coachee_profiles SET unit = 'Another'");
    let after = runs::computed(&db.store, run).unwrap();
    assert_eq!(before.standing.pairs, after.standing.pairs);
    assert_eq!(before.standing.prices, after.standing.prices);
    let &(coachee, coach) = after.standing.pairs.first().unwrap();
    for other in 0..30 {
        let answer = |computed: &runs::Computed| why_not(&computed.cohort, &computed.standing, coachee as usize, other);
        assert_eq!(answer(&before), answer(&after));
        assert_eq!(answer(&after) == WhyNot::Proposed, other == coach);
    }
    assert_eq!(runs::repeat(&db.store, run, Watch::NOBODY).unwrap(), Repeated::Same);
}

fn each_objective_is_repeated_byte_for_byte(db: &TestDb) {
    cohort(&db.store, 150, 30);
    for &objective in Objective::ALL {
        let run = compute(&db.store, objective, &Planning::default());
        assert_eq!(runs::repeat(&db.store, run, Watch::NOBODY).unwrap(), Repeated::Same, "{objective}");
        let again = compute(&db.store, objective, &Planning { follows: Some(run), ..Planning::default() });
        assert_eq!(runs::repeat(&db.store, again, Watch::NOBODY).unwrap(), Repeated::Same, "{objective}");
        let total = |run| runs::report_of(&db.store, run).unwrap().certificate.total;
        assert_eq!(total(run), total(again), "{objective}: a start is no other goal");
    }
}

fn what_is_discarded_leaves_no_input(db: &TestDb) {
    cohort(&db.store, 40, 10);
    let run = compute(&db.store, Objective::BestTotal, &Planning::default());
    let facts = db.store.read(|db| run_inputs::facts(db, run)).unwrap().unwrap();
    assert!(facts.size > 1_000 && facts.digest.len() == 64, "{facts:?}");
    db.store.write(|db| runs::discard(db, &act(), run)).unwrap();
    assert_eq!(db.store.read(|db| run_inputs::facts(db, run)).unwrap(), None);
    assert!(matches!(runs::repeat(&db.store, run, Watch::NOBODY), Err(ServiceError::Conflict(_))));
}

fn an_input_of_many_parts_comes_back(db: &TestDb) {
    cohort(&db.store, 40, 10);
    let run = order(&db.store, Objective::Stable, &Planning::default()).unwrap();
    let bytes: Vec<u8> = (0..3_500_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    db.store.write(|db| run_inputs::keep(db, run, 1, &sha256(&bytes), &bytes, Stamp::now())).unwrap();
    let (facts, back) = db.store.read(|db| run_inputs::load(db, run)).unwrap().unwrap();
    assert!(facts.size == 3_500_000 && back == bytes);
    tamper(db, "DELETE FROM run_input_parts WHERE part = 2");
    assert!(db.store.read(|db| run_inputs::load(db, run)).is_err());
}

fn a_damaged_input_is_noticed(db: &TestDb) {
    cohort(&db.store, 40, 10);
    let run = compute(&db.store, Objective::BestTotal, &Planning::default());
    tamper(db, &format!("UPDATE run_inputs SET digest = '{}'", "0".repeat(64)));
    assert!(matches!(runs::computed(&db.store, run), Err(ServiceError::Internal(_))));
}

fn a_run_that_was_ended_is_tried_again_for_nothing(db: &TestDb) {
    cohort(&db.store, 40, 10);
    let run = order(&db.store, Objective::BestTotal, &Planning::default()).unwrap();
    for _ in 0..=MOST_TRIES {
        let ended = runs::compute(&db.store, run, "test", Watch(&|_: Progress| Go::Cancel));
        assert!(matches!(ended, Err(ServiceError::Conflict(_))));
        let left = status(db, run);
        assert_eq!((left.status, left.tries), (RunStatus::Queued, 0));
    }
    runs::compute(&db.store, run, "test", Watch::NOBODY).unwrap();
}

fn a_run_whose_process_is_gone_again_and_again_is_given_up(db: &TestDb) {
    cohort(&db.store, 40, 10);
    let run = order(&db.store, Objective::BestTotal, &Planning::default()).unwrap();
    let ago = Stamp::new(Stamp::now().time() - chrono::TimeDelta::minutes(10));
    for _ in 1..MOST_TRIES {
        db.store.write(|db| stored::start(db, run, ago)).unwrap();
        db.store.write(|db| runs::requeue(db, &act(), run)).unwrap();
    }
    db.store.write(|db| stored::start(db, run, ago)).unwrap();
    assert!(
        runs::compute_next(&Clock::system(), &db.store, "test", Watch::NOBODY).unwrap().is_none(),
        "it waits no more"
    );
    let left = status(db, run);
    assert_eq!((left.status, left.failure, left.tries), (RunStatus::Discarded, Some(RunFailure::Ended), MOST_TRIES));
}

fn a_pin_that_became_impossible_gives_the_run_up(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 2, 2, 1);
    let account = world.account("admin@contoh.test", coachnet::domain::Role::NationalAdmin);
    let admin = world.visitor(account, true);
    let wish = json!({ "cohort": "2026-c", "pinned": [{ "coachee": "e0", "coach": "c1" }] });
    let made = admin.post("/runs", &wish);
    assert_eq!(made.status, 201, "{}", made.body);
    let run: RunId = made.json()["id"].as_str().unwrap().parse().unwrap();
    world.store.write(|db| coaches::pause(db, &p.as_coach(1), p.coaches[1])).unwrap();
    let failed = runs::compute(&world.store, run, "test", Watch::NOBODY);
    assert!(matches!(&failed, Err(ServiceError::Invalid(why)) if why.contains("not_accepting")), "{failed:?}");
    assert!(
        runs::compute_next(&Clock::system(), &world.store, "test", Watch::NOBODY).unwrap().is_none(),
        "it is not tried again"
    );
    let shown = admin.get(&format!("/runs/{run}")).json();
    assert_eq!((&shown["status"], &shown["failure"]["reason"]), (&json!("discarded"), &json!("condition")));
    assert_eq!(
        shown["failure"]["obstacle"],
        json!({ "what": "rules", "names": { "coachee": "e0", "coach": "c1" }, "rules": ["not_accepting"] })
    );
    let words = |lang: &str| {
        let shown = admin.clone().with("accept-language", lang).get(&format!("/runs/{run}")).json();
        shown["obstacle"].as_str().unwrap().to_owned()
    };
    assert_eq!(words("en"), "e0 and c1 cannot be a pair: The coach takes no new coachees at present.");
    assert!(words("id").starts_with("e0 dan c1 tidak dapat dipasangkan: "), "{}", words("id"));
    assert!(shown["remedy"].as_str().unwrap().contains("pencocokan baru"), "{shown}");
    let listed = admin.get("/runs").json();
    assert_eq!(listed["items"][0]["id"], json!(run), "who waits for it finds it: {listed}");
}
