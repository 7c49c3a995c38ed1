//! The waiting list as a run leaves it. Who comes first there is decided by the policy of the cohort on the day it is,
//! whatever the run itself supposes: to look at a run changes nothing for those who wait.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::run_input::Halt;
use super::{ServiceError, ServiceResult, eligible};
use crate::domain::{PersonCode, Policy, Reference};
use crate::matching::Cohort;
use crate::store::{Db, PersonId, RunId, Store, StoreError, cohort_terms, people, records, reference, requests, runs};

/// Coachees by their priority on the waiting list.
pub(super) type Ranks = BTreeMap<i32, Vec<PersonCode>>;

/// The priorities of all who ask in the cohort of a run, which has read it as `worked`. A run that only supposes
/// something says nothing about them.
pub(super) fn of_run(store: &Store, id: RunId, worked: Cohort, today: NaiveDate) -> Result<Ranks, Halt> {
    let read = store.read(|db| {
        let run = runs::get(db, id)?;
        let policy = cohort_terms::policy(db, run.cohort)?;
        Ok::<_, StoreError>((run, policy))
    });
    let (run, policy) = read?;
    if run.what_if.is_some() {
        return Ok(Ranks::new());
    }
    if rank_alike(&policy, &worked.policy) && worked.as_of == today {
        return Ok(ranks(&worked));
    }
    drop(worked);
    let damaged = |why: &dyn std::fmt::Display| ServiceError::Internal(why.to_string());
    let (records, parts) =
        store.snapshot(|db| Ok::<_, StoreError>((records::load(db, run.cohort)?, reference::load(db)?)))?;
    let reference = Reference::new(parts).map_err(|why| damaged(&why))?;
    let present = Cohort::build(&records, &reference, &policy, today, run.seed).map_err(|why| damaged(&why))?;
    Ok(ranks(&present))
}

/// Whether two policies put the same people first.
fn rank_alike(one: &Policy, other: &Policy) -> bool {
    one.priority == other.priority && one.rules.focus_size == other.rules.focus_size
}

fn ranks(cohort: &Cohort) -> Ranks {
    let mut ranks = Ranks::new();
    for (at, code) in cohort.coachees.code.iter().enumerate() {
        ranks.entry(eligible::priority(cohort, at)).or_default().push(code.clone());
    }
    ranks
}

/// Keeps what was found out.
pub(super) fn keep(db: &mut Db, run: RunId, ranks: &Ranks) -> ServiceResult<()> {
    let cohort = runs::get(db, run)?.cohort;
    for (&priority, codes) in ranks {
        let ids: Vec<PersonId> = people::ids(db, codes)?.into_values().collect();
        requests::prioritise(db, cohort, &ids, priority)?;
    }
    Ok(())
}
