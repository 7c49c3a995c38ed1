//! An invented cohort of some size on a database, and runs of it.

use chrono::NaiveDate;
use coachnet::domain::{Objective, Policy};
use coachnet::matching::watch::Watch;
use coachnet::services::planning::{self, Planning};
use coachnet::services::runs::{self, Order};
use coachnet::services::{Act, Actor, ServiceResult, schema};
use coachnet::store::types::Stamp;
use coachnet::store::{CohortId, RunId, Store, cohorts, records};
use coachnet::synthetic::Population;
use coachnet::tabular::reference;

/// The code of the cohort.
pub const COHORT: &str = "invented";

pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day")
}

/// The program itself.
pub fn act() -> Act {
    Act::new(Actor::System("test"), Stamp::now())
}

/// Makes the cohort.
pub fn cohort(store: &Store, coachees: u64, coaches: u64) {
    schema::prepare(store).expect("a schema");
    let reference = reference::shipped().expect("reference data");
    let population = Population::new(&reference, 11, day(), coachees, coaches).expect("people").records();
    let now = Stamp::now();
    let (id, code, name) = (CohortId::new(), COHORT.into(), "Invented".into());
    let cohort = cohorts::Cohort { id, code, name, opens_on: None, closes_on: None, created_at: now };
    let kept = store.write(|db| {
        cohorts::create(db, &cohort)?;
        records::save(db, cohort.id, &population, now)
    });
    kept.expect("a cohort");
}

/// Orders a run with what is wanted of it.
pub fn order(store: &Store, objective: Objective, planning: &Planning) -> ServiceResult<RunId> {
    let policy = Policy { objective, ..Policy::default() };
    let order = Order { cohort: COHORT.into(), policy, seed: 11, as_of: day() };
    store.write(|db| planning::order(db, &act(), &order, planning))
}

/// Orders and computes one.
pub fn compute(store: &Store, objective: Objective, planning: &Planning) -> RunId {
    let run = order(store, objective, planning).expect("an order");
    runs::compute(store, run, "test", Watch::NOBODY).expect("a result");
    run
}
