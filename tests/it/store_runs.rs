//! The life of a run, its result, and who comes too late.

use coachnet::domain::{Objective, PairStatus, Policy, RunStatus};
use coachnet::store::pairs::{PairResult, PriceResult, WaitingResult};
use coachnet::store::runs::{NewRun, RunResult, RunTotals};
use coachnet::store::types::Doc;
use coachnet::store::{RunId, Store, StoreError, cohorts, pairs, records, runs};

use crate::support::people::{self, code, day, moment, new_cohort};
use crate::support::{TestDb, on_both_engines};

fn new_run(store: &Store) -> RunId {
    let cohort = new_cohort(store);
    store
        .write(|db| {
            records::save(db, cohort, &people::records(), moment())?;
            let policy = cohorts::keep_policy(db, None, "default", &Policy::default(), moment())?;
            let run = NewRun {
                cohort,
                policy: policy.id,
                objective: Objective::MostPeople,
                seed: u64::MAX - 6,
                as_of: day(),
                ordered_by: None,
            };
            runs::create(db, &run, moment())
        })
        .unwrap()
}

fn doc(text: &str) -> Doc {
    Doc::from_text(text.into()).unwrap()
}

fn result() -> RunResult {
    let pair = |coachee, coach, score| PairResult {
        coachee: code(coachee),
        coach: code(coach),
        score,
        // Keys out of order, spaces, a number with zeros: it must come back so.
        explanation: doc(r#"{"z": 1.50, "a":[ ]}"#),
    };
    RunResult {
        totals: RunTotals {
            input_digest: "0f".repeat(32),
            program_version: "0.1.0".into(),
            coachees: 8,
            coaches: 3,
            matched: 5,
            possible: Some(6),
            total_score: 777,
            upper_bound: 780,
            gap: 3,
            blocking_pairs: 0,
            lambda: Some(1 << 40),
        },
        report: doc(r#"{"matched": 5}"#),
        pairs: vec![
            pair("c-2", "z-coach", 255),
            pair("C-10", "z-coach", 1),
            pair("a 7", "A-coach", 200),
            pair("b-3", "A-coach", 180),
            pair("9", "a-coach", 141),
        ],
        waiting: ["_x", "B-4", "Ç-1"]
            .map(|text| WaitingResult { coachee: code(text), reason: doc(r#"{"rule":"capacity"}"#) })
            .to_vec(),
        prices: vec![
            PriceResult { coach: code("z-coach"), price: 9 },
            PriceResult { coach: code("A-coach"), price: 0 },
        ],
    }
}

fn computed(store: &Store) -> RunId {
    let run = new_run(store);
    store.write(|db| runs::start(db, run, moment())).unwrap();
    store.write(|db| runs::save_result(db, run, &result(), moment())).unwrap();
    run
}

on_both_engines!(
    a_result_comes_back_as_it_was,
    pages_follow_each_other,
    only_one_publishes,
    every_step_is_guarded,
    a_result_with_a_stranger_leaves_nothing,
    the_seed_and_times_survive,
    a_policy_gets_versions,
);

fn a_result_comes_back_as_it_was(db: &TestDb) {
    let run = computed(&db.store);
    let stored = db.store.read(|db| runs::get(db, run)).unwrap();
    assert_eq!(stored.status, RunStatus::Computed);
    assert_eq!(stored.totals, Some(result().totals));
    assert_eq!(stored.report, Some(result().report));
    let page = db.store.read(|db| pairs::page(db, run, None, 100)).unwrap();
    let mut expected = result().pairs;
    expected.sort_by(|a, b| a.coachee.cmp(&b.coachee));
    let found: Vec<PairResult> = page
        .items
        .iter()
        .map(|pair| PairResult {
            coachee: pair.coachee.code.clone(),
            coach: pair.coach.code.clone(),
            score: pair.score,
            explanation: pair.explanation.clone(),
        })
        .collect();
    assert_eq!((found, page.next), (expected, None));
    assert_eq!(page.items[0].coachee.name.full, "Coachee 9");
    assert_eq!(page.items[0].status, PairStatus::Proposed);
    let waiting = db.store.read(|db| pairs::waiting(db, run, None, 100)).unwrap().items;
    let places: Vec<_> = waiting.iter().map(|w| (w.place, w.coachee.code.as_str())).collect();
    assert_eq!(places, [(1, "_x"), (2, "B-4"), (3, "Ç-1")]);
    let prices = db.store.read(|db| pairs::prices(db, run)).unwrap();
    assert_eq!(
        prices.iter().map(|p| (p.coach.as_str(), p.price)).collect::<Vec<_>>(),
        [("A-coach", 0), ("z-coach", 9)]
    );
}

fn pages_follow_each_other(db: &TestDb) {
    let run = computed(&db.store);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = db.store.read(|db| pairs::page(db, run, after, 2)).unwrap();
        seen.extend(page.items.iter().map(|pair| pair.coachee.code.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
        assert_eq!(page.items.len(), 2);
    }
    assert_eq!(seen, ["9", "C-10", "a 7", "b-3", "c-2"]);
    let one = db.store.read(|db| pairs::of_coachee(db, run, &code("C-10"))).unwrap();
    assert_eq!((one.coach.code.as_str(), one.score), ("z-coach", 1));
    let none = db.store.read(|db| pairs::of_coachee(db, run, &code("_x")));
    assert!(matches!(none, Err(StoreError::NotFound)));
    let of_coach = db.store.read(|db| pairs::of_coach(db, run, &code("z-coach"))).unwrap();
    assert_eq!(of_coach.len(), 2);
    let first = db.store.read(|db| runs::page(db, None, None, 1)).unwrap();
    assert_eq!((first.items[0].id, first.next), (run, None));
}

fn only_one_publishes(db: &TestDb) {
    let run = computed(&db.store);
    let outcomes: Vec<Result<(), StoreError>> = std::thread::scope(|scope| {
        let publishers: Vec<_> =
            (0..8).map(|_| scope.spawn(|| db.store.write(|db| runs::publish(db, run, moment())))).collect();
        publishers.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let late = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Conflict(_)))).count();
    assert_eq!(late, 7, "{outcomes:?}");
    assert_eq!(db.store.read(|db| runs::get(db, run)).unwrap().published_at, Some(moment()));
}

/// From every state, every step: it is taken exactly when the state machine allows it.
fn every_step_is_guarded(db: &TestDb) {
    let first = new_run(&db.store);
    let stored = db.store.read(|db| runs::get(db, first)).unwrap();
    let again = NewRun {
        cohort: stored.cohort,
        policy: stored.policy,
        objective: stored.objective,
        seed: stored.seed,
        as_of: stored.as_of,
        ordered_by: None,
    };
    let step = |run, to: RunStatus| {
        db.store.write(|db| match to {
            RunStatus::Queued => runs::requeue(db, run),
            RunStatus::Computing => runs::start(db, run, moment()),
            RunStatus::Computed => runs::save_result(db, run, &result(), moment()),
            RunStatus::Published => runs::publish(db, run, moment()),
            RunStatus::Discarded => runs::discard(db, run, moment()),
        })
    };
    let way_to = |state| match state {
        RunStatus::Queued => vec![],
        RunStatus::Computing => vec![RunStatus::Computing],
        RunStatus::Computed => vec![RunStatus::Computing, RunStatus::Computed],
        RunStatus::Published => vec![RunStatus::Computing, RunStatus::Computed, RunStatus::Published],
        RunStatus::Discarded => vec![RunStatus::Discarded],
    };
    for &from in RunStatus::ALL {
        for &to in RunStatus::ALL {
            let run = db.store.write(|db| runs::create(db, &again, moment())).unwrap();
            way_to(from).into_iter().for_each(|on_the_way| step(run, on_the_way).unwrap());
            let outcome = step(run, to);
            let expected = if from.may_become(to) { to } else { from };
            assert_eq!(outcome.is_ok(), from.may_become(to), "{from} -> {to}: {outcome:?}");
            assert_eq!(db.store.read(|db| runs::get(db, run)).unwrap().status, expected, "{from} -> {to}");
        }
    }
    assert!(matches!(step(RunId::new(), RunStatus::Published), Err(StoreError::NotFound)));
}

fn a_result_with_a_stranger_leaves_nothing(db: &TestDb) {
    let run = new_run(&db.store);
    db.store.write(|db| runs::start(db, run, moment())).unwrap();
    let mut strange = result();
    strange.pairs[4].coach = code("stranger");
    let refused = db.store.write(|db| runs::save_result(db, run, &strange, moment()));
    assert!(matches!(&refused, Err(StoreError::Conflict(why)) if why.contains("stranger")), "{refused:?}");
    assert_eq!(db.store.read(|db| runs::get(db, run)).unwrap().status, RunStatus::Computing);
    assert!(db.store.read(|db| pairs::page(db, run, None, 10)).unwrap().items.is_empty());
}

fn the_seed_and_times_survive(db: &TestDb) {
    let run = new_run(&db.store);
    let stored = db.store.read(|db| runs::get(db, run)).unwrap();
    assert_eq!((stored.seed, stored.as_of, stored.created_at), (u64::MAX - 6, day(), moment()));
    assert_eq!(db.store.read(runs::next_queued).unwrap(), Some(run));
    db.store.write(|db| runs::discard(db, run, moment())).unwrap();
    assert_eq!(db.store.read(runs::next_queued).unwrap(), None);
}

fn a_policy_gets_versions(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let mut policy = Policy::default();
    let keep =
        |of, policy: &Policy| db.store.write(|db| cohorts::keep_policy(db, of, "utama", policy, moment())).unwrap();
    let first = keep(None, &policy);
    assert_eq!(keep(None, &policy), first);
    policy.weights.load = 0;
    let second = keep(None, &policy);
    assert_eq!((first.version, second.version), (1, 2));
    assert_eq!(keep(Some(cohort), &policy).version, 1);
    assert_eq!(db.store.read(|db| cohorts::get_policy(db, first.id)).unwrap(), first);
    assert_eq!(db.store.read(|db| cohorts::newest_policy(db, None, "utama")).unwrap(), Some(second));
}
