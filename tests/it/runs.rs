//! Runs on the database: the same on both engines as from the records themselves.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use coachnet::domain::{Objective, Policy, RunStep};
use coachnet::matching::run::{Effort, run};
use coachnet::matching::watch::Watch;
use coachnet::matching::{Cohort, report};
use coachnet::services::runs::{self, Order, Published, Selection};
use coachnet::services::{Act, Actor, Refusal, ServiceError, ServiceResult, doctor, schema};
use coachnet::store::types::Stamp;
use coachnet::store::{CohortId, RunId, StoreError, cohorts, records, run_progress};
use coachnet::synthetic::Population;
use coachnet::tabular::{digest, reference};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_run_is_the_same_as_from_the_records,
    a_run_goes_its_way_once,
    the_places_of_a_cohort_are_given_away_once,
    a_run_can_be_queued_again,
    a_demo_is_made_once_and_wants_a_database_of_its_own,
    a_run_answers_for_pairs,
);

const SEED: u64 = 11;

fn day() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()
}

fn order(objective: Objective) -> Order {
    let policy = Policy { objective, ..Policy::default() };
    Order { cohort: "trial".into(), policy, seed: SEED, as_of: day() }
}

/// An invented cohort, in the database and as records.
fn invented(db: &TestDb) -> coachnet::domain::records::CohortRecords {
    schema::prepare(&db.store).unwrap();
    let reference = reference::shipped().unwrap();
    let population = Population::new(&reference, SEED, day(), 160, 30).unwrap().records();
    let now = Stamp::now();
    let cohort = cohorts::Cohort {
        id: CohortId::new(),
        code: "trial".into(),
        name: "Trial".into(),
        opens_on: None,
        closes_on: None,
        created_at: now,
    };
    db.store
        .write(|db| {
            cohorts::create(db, &cohort)?;
            records::save(db, cohort.id, &population, now)
        })
        .unwrap();
    population
}

fn ordered(db: &TestDb) -> RunId {
    invented(db);
    db.store
        .write(|db| runs::create(db, &Act::new(Actor::System("test"), Stamp::now()), &order(Objective::MostPeople)))
        .unwrap()
}

fn a_run_is_the_same_as_from_the_records(db: &TestDb) {
    let records = invented(db);
    let reference = reference::shipped().unwrap();
    for &objective in Objective::ALL {
        let id = db
            .store
            .write(|db| runs::create(db, &Act::new(Actor::System("test"), Stamp::now()), &order(objective)))
            .unwrap();
        let stored = runs::compute(&db.store, id, "test", Watch::NOBODY).unwrap();
        let cohort = Cohort::build(&records, &reference, &order(objective).policy, day(), SEED).unwrap();
        let outcome = run(&cohort, Effort::default(), Watch::NOBODY).unwrap();
        let expected = report::report(&cohort, &outcome, digest(&records, &reference).unwrap());
        let bytes = |report: &report::RunReport| serde_json::to_string(report).unwrap();
        assert_eq!(bytes(&stored), bytes(&expected));
        let mut repeated = records.clone();
        repeated.agencies.extend(reference.agencies()[..20].iter().cloned());
        assert_eq!(digest(&repeated, &reference).unwrap(), stored.input_digest, "known agencies say nothing");
        assert_eq!(bytes(&runs::report_of(&db.store, id).unwrap()), bytes(&expected));
        let computed = runs::computed(&db.store, id).unwrap();
        assert_eq!(computed.standing.pairs, outcome.standing().pairs);
        assert_eq!(computed.standing.prices, outcome.standing().prices);
    }
}

/// What saves a run says nothing that is said every second besides: PostgreSQL would make it start over whenever that
/// happens, and a run that takes longer than a second to save would never be.
#[test]
fn saving_is_not_begun_anew_while_it_is_told_how_far_a_run_is() {
    let Some(db) = TestDb::postgres("runs::saving_is_not_begun_anew_while_it_is_told_how_far_a_run_is") else { return };
    let id = ordered(&db);
    let (store, other) = (db.another_store(), db.another_store());
    let count = "CREATE SEQUENCE tries;
        CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM nextval('tries'); RETURN NULL; END $$;
        CREATE TRIGGER counted AFTER INSERT ON run_prices FOR EACH STATEMENT EXECUTE FUNCTION counted()";
    store.write(|db| Ok::<_, StoreError>(db.batch_execute(count)?)).unwrap();
    let told = || store.read(|db| run_progress::get(db, id)).unwrap();
    let saving = || told().filter(|progress| progress.step.0 == RunStep::Save).map(|progress| progress.seen_at);
    std::thread::scope(|scope| {
        // Whoever holds the table keeps the run from being saved.
        other
            .write(|held| {
                held.batch_execute("LOCK TABLE run_prices IN EXCLUSIVE MODE")?;
                scope.spawn(|| runs::compute(&db.store, id, "test", Watch::NOBODY).unwrap());
                let mut heard = BTreeSet::new();
                let since = Instant::now();
                while heard.len() < 3 && since.elapsed() < Duration::from_secs(60) {
                    heard.extend(saving());
                    std::thread::yield_now();
                }
                assert_eq!(heard.len(), 3, "how far it is, is said while it waits");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
    let found =
        |sql: &str| store.read(|db| Ok::<_, StoreError>(diesel::sql_query(sql).get_result::<Number>(db)?)).unwrap().n;
    assert_eq!(found("SELECT last_value AS n FROM tries"), 1);
    assert_eq!((told(), found("SELECT count(*) AS n FROM run_progress")), (None, 0));
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

fn publish(db: &TestDb, id: RunId) -> ServiceResult<Published> {
    db.store.write(|db| runs::publish(db, &Act::new(Actor::System("test"), Stamp::now()), id, Selection::All))
}

fn a_run_goes_its_way_once(db: &TestDb) {
    let id = ordered(db);
    let now = Stamp::now();
    assert!(matches!(publish(db, id), Err(ServiceError::Conflict(_))));
    runs::compute(&db.store, id, "test", Watch::NOBODY).unwrap();
    assert!(runs::compute(&db.store, id, "test", Watch::NOBODY).is_err());
    publish(db, id).unwrap();
    assert!(matches!(publish(db, id), Err(ServiceError::Conflict(_))));
    assert!(matches!(
        db.store.write(|db| runs::discard(db, &Act::new(Actor::System("test"), now), id)),
        Err(ServiceError::Conflict(_))
    ));
    let unknown = publish(db, RunId::new());
    assert!(matches!(unknown, Err(ServiceError::Missing(_) | ServiceError::Conflict(_))));
    let nowhere = Order { cohort: "nowhere".into(), ..order(Objective::Stable) };
    assert!(matches!(
        db.store.write(|db| runs::create(db, &Act::new(Actor::System("test"), now), &nowhere)),
        Err(ServiceError::Missing(_))
    ));
}

/// Two runs over the same people: what the first has given away, the second leaves out.
fn the_places_of_a_cohort_are_given_away_once(db: &TestDb) {
    let first = ordered(db);
    let second = db
        .store
        .write(|db| runs::create(db, &Act::new(Actor::System("test"), Stamp::now()), &order(Objective::Stable)))
        .unwrap();
    for id in [first, second] {
        runs::compute(&db.store, id, "test", Watch::NOBODY).unwrap();
    }
    let matched = runs::report_of(&db.store, first).unwrap().certificate.matched as usize;
    let published = publish(db, first).unwrap();
    assert_eq!((published.proposed, published.left_out), (matched, vec![]));
    match publish(db, second) {
        Ok(rest) => assert!(rest.proposed < matched && !rest.left_out.is_empty()),
        Err(refused) => assert!(matches!(refused, ServiceError::Refused(Refusal::NothingToPublish))),
    }
    assert_eq!(doctor::check(&db.store, Stamp::now()).unwrap(), []);
}

/// A process that dies while it computes leaves the run as it is; it can be queued again.
fn a_run_can_be_queued_again(db: &TestDb) {
    let id = ordered(db);
    assert!(
        db.store.write(|db| runs::requeue(db, &Act::new(Actor::System("test"), Stamp::now()), id)).is_err(),
        "it is queued already"
    );
    db.store.write(|db| coachnet::store::runs::start(db, id, Stamp::now())).unwrap();
    assert!(runs::compute(&db.store, id, "test", Watch::NOBODY).is_err(), "somebody computes it");
    db.store.write(|db| runs::requeue(db, &Act::new(Actor::System("test"), Stamp::now()), id)).unwrap();
    runs::compute(&db.store, id, "test", Watch::NOBODY).unwrap();
}

fn a_demo_is_made_once_and_wants_a_database_of_its_own(db: &TestDb) {
    use coachnet::services::demo::{Demo, prepare};
    schema::prepare(&db.store).unwrap();
    let small = Demo { coachees: 60, coaches: 20, seed: 1 };
    let first = prepare(&db.store, small, Watch::NOBODY).unwrap();
    assert_eq!(prepare(&db.store, small, Watch::NOBODY).unwrap(), first);
    let other = prepare(&db.store, Demo { seed: 2, ..small }, Watch::NOBODY);
    assert!(matches!(other, Err(ServiceError::Conflict(why)) if why.contains("demo-60-20-1")));
}

fn a_run_answers_for_pairs(db: &TestDb) {
    use coachnet::matching::{WhyNot, why_not};
    let id = ordered(db);
    runs::compute(&db.store, id, "test", Watch::NOBODY).unwrap();
    let computed = runs::computed(&db.store, id).unwrap();
    let &(coachee, coach) = computed.standing.pairs.first().unwrap();
    assert_eq!(why_not(&computed.cohort, &computed.standing, coachee as usize, coach), WhyNot::Proposed);
}
