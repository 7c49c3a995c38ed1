//! The demo: an invented cohort in the database and a run over it.

use chrono::NaiveDate;

use super::runs::{self, Order};
use super::{Act, Actor, ServiceError, ServiceResult};
use crate::domain::{Admission, Policy};
use crate::matching::watch::Watch;
use crate::store::types::Stamp;
use crate::store::{CohortId, RunId, Store, audit, cohorts, records};
use crate::synthetic::Population;
use crate::tabular::reference;

/// How large a demo is, and what its lottery draws from.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    /// Coachees to invent.
    pub coachees: u32,
    /// Coaches to invent.
    pub coaches: u32,
    /// The seed of population and lottery.
    pub seed: u64,
}

const ACTOR: &str = "demo";

/// Makes sure that the invented cohort is in the database and has a computed run, and returns
/// that run. What an earlier call has done is not done again.
///
/// # Errors
/// Those of the store, and sizes that cannot be.
pub fn prepare(store: &Store, demo: Demo, watch: Watch) -> ServiceResult<RunId> {
    let Demo { coachees, coaches, seed } = demo;
    let code = format!("demo-{coachees}-{coaches}-{seed}");
    // A fixed day, so that the same demo is the same on any day.
    let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap_or_default();
    let cohorts = store.read(cohorts::list)?;
    if !cohorts.iter().any(|cohort| cohort.code == code) {
        // Invented people have the codes of other invented people, and would overwrite them.
        if let Some(other) = cohorts.first() {
            let why =
                format!("the database holds the cohort {} already; a demo wants a database of its own", other.code);
            return Err(ServiceError::Conflict(why));
        }
        invent(store, &code, demo, day)?;
    }
    if let Some(run) = runs::newest_computed(store, &code)? {
        return Ok(run);
    }
    let order = Order { cohort: code, policy: Policy::default(), seed, as_of: day };
    let act = Act::new(Actor::System(ACTOR), Stamp::now());
    let run = store.write(|db| runs::create(db, &act, &order))?;
    runs::compute(store, run, ACTOR, watch)?;
    Ok(run)
}

/// Invents the cohort and keeps it, whole or not at all.
fn invent(store: &Store, code: &str, demo: Demo, day: NaiveDate) -> ServiceResult<()> {
    let invalid = |why: &dyn std::fmt::Display| ServiceError::Invalid(why.to_string());
    // The population is made from the figures that ship, so it needs the regions that ship, whatever
    // an earlier cohort has changed about them in the database.
    let reference = reference::shipped().map_err(|why| invalid(&why))?;
    let (coachees, coaches) = (u64::from(demo.coachees), u64::from(demo.coaches));
    let population =
        Population::new(&reference, demo.seed, day, coachees, coaches).map_err(|why| invalid(&why))?.records();
    let now = Stamp::now();
    let cohort = cohorts::Cohort {
        id: CohortId::new(),
        code: code.to_owned(),
        name: format!("Demo: {coachees} coachee, {coaches} coach"),
        opens_on: None,
        closes_on: None,
        created_at: now,
    };
    store.write(|db| {
        super::cohorts::make(db, &cohort, &Admission::default(), &Policy::default(), now)?;
        let saved = records::save(db, cohort.id, &population, now)?;
        let subject = Some(cohort.id.uuid());
        let entry = audit::Entry { actor: ACTOR, action: "cohort.invented", subject_kind: "cohort", subject };
        audit::append(db, &entry, &saved, now)?;
        Ok::<_, ServiceError>(())
    })
}
