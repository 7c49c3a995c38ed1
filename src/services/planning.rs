//! What an admin wants of a run besides its policy: pairs that are to be, or not to be; coaches who are
//! not there yet; an earlier run to start from.

use std::collections::{HashMap, HashSet};

use super::runs::{self, Order};
use super::{Act, Denial, Refusal, ServiceError, ServiceResult};
use crate::domain::{ConditionKind, PersonCode, Reference, RequestStatus, WhatIf};
use crate::matching::Cohort;
use crate::matching::report::NamedPair;
use crate::store::types::Doc;
use crate::store::{
    CohortId, Db, PersonId, RunId, offers, people, places, records, reference, requests, run_conditions, runs as stored,
};

/// Most pairs that one run may be told to hold.
pub const MOST_PINNED: usize = 200;
/// Most pairs that one run may be told to leave out.
pub const MOST_FORBIDDEN: usize = 1_000;

/// What an admin wants of a run besides its policy.
#[derive(Debug, Clone, Default)]
pub struct Planning {
    /// Pairs that are to be.
    pub pinned: Vec<NamedPair>,
    /// Pairs that are not to be.
    pub forbidden: Vec<NamedPair>,
    /// Hypothetical coaches.
    pub what_if: Option<WhatIf>,
    /// An earlier run of the cohort, from whose pairs and prices this one starts. Those of its pairs that have
    /// become pairings stand.
    pub follows: Option<RunId>,
}

impl Planning {
    fn is_empty(&self) -> bool {
        self.pinned.is_empty() && self.forbidden.is_empty() && self.what_if.is_none() && self.follows.is_none()
    }

    /// What contradicts itself.
    fn check(&self) -> ServiceResult<()> {
        let wrong = |pointer, expected| Err(Denial::fault(pointer, expected).into());
        if self.pinned.len() > MOST_PINNED {
            return wrong("/pinned", "planning.field.too_many_pinned");
        }
        if self.forbidden.len() > MOST_FORBIDDEN {
            return wrong("/forbidden", "planning.field.too_many_forbidden");
        }
        let coachees: HashSet<&PersonCode> = self.pinned.iter().map(|pair| &pair.coachee).collect();
        if coachees.len() < self.pinned.len() {
            return wrong("/pinned", "planning.field.pinned_twice");
        }
        let forbidden: HashSet<&NamedPair> = self.forbidden.iter().collect();
        if forbidden.len() < self.forbidden.len() {
            return wrong("/forbidden", "planning.field.forbidden_twice");
        }
        if self.pinned.iter().any(|pair| forbidden.contains(pair)) {
            return wrong("/forbidden", "planning.field.pinned_too");
        }
        Ok(())
    }
}

/// Asks for a run of a cohort with what is wanted of it, by the programme. Returns its id.
///
/// # Errors
/// As [`runs::create`]; when wishes contradict each other, a rule forbids a pair that is to be, its coachee does
/// not ask, a coach has too few places for such pairs, or the earlier run cannot be started from.
pub fn order(db: &mut Db, act: &Act, order: &Order, planning: &Planning) -> ServiceResult<RunId> {
    planning.check()?;
    let run = runs::create(db, act, order)?;
    if planning.is_empty() {
        return Ok(run);
    }
    act.record(db, "run", |db, journal| {
        let cohort = stored::get(db, run)?.cohort;
        let known = Reference::new(reference::load(db)?).map_err(|why| ServiceError::Internal(why.to_string()))?;
        if let Some(what_if) = &planning.what_if
            && what_if.records(&known).is_err()
        {
            return Err(Denial::fault("/what_if", "planning.field.what_if").into());
        }
        if let Some(earlier) = planning.follows {
            may_follow(db, cohort, earlier)?;
        }
        let ids = persons(db, planning)?;
        admit(db, cohort, order, &known, &planning.pinned, &ids)?;
        let conditions = |kind, pairs: &[NamedPair]| -> Vec<(ConditionKind, PersonId, PersonId)> {
            pairs.iter().map(|pair| (kind, ids[&pair.coachee], ids[&pair.coach])).collect()
        };
        let mut all = conditions(ConditionKind::Pinned, &planning.pinned);
        all.extend(conditions(ConditionKind::Forbidden, &planning.forbidden));
        run_conditions::insert(db, run, &all)?;
        let what_if = planning.what_if.as_ref().map(Doc::of).transpose();
        let what_if = what_if.map_err(|why| ServiceError::Internal(why.to_string()))?;
        stored::extend(db, run, what_if.as_ref(), planning.follows)?;
        let facts = serde_json::json!({
            "pinned": planning.pinned.len(),
            "forbidden": planning.forbidden.len(),
            "hypothetical": planning.what_if.as_ref().map_or(0, WhatIf::count),
            "follows": planning.follows,
        });
        journal.note("run", run.uuid(), "planned", &facts)?;
        Ok(run)
    })
}

/// An earlier run must have a result, of the same cohort.
fn may_follow(db: &mut Db, cohort: CohortId, earlier: RunId) -> ServiceResult<()> {
    let earlier = stored::get(db, earlier)?;
    let good = earlier.cohort == cohort && earlier.totals.is_some();
    if good { Ok(()) } else { Err(Refusal::NothingToFollow.into()) }
}

/// The ids of all who are named.
fn persons(db: &mut Db, planning: &Planning) -> ServiceResult<HashMap<PersonCode, PersonId>> {
    let pairs = planning.pinned.iter().chain(&planning.forbidden);
    let codes: Vec<PersonCode> = pairs.flat_map(|pair| [pair.coachee.clone(), pair.coach.clone()]).collect();
    let ids = people::ids(db, &codes)?;
    match codes.iter().find(|code| !ids.contains_key(*code)) {
        Some(unknown) => Err(ServiceError::Missing(format!("there is no person {unknown}"))),
        None => Ok(ids),
    }
}

/// Refuses pairs that cannot be. The same is asked again when the run is computed: much may happen until then.
fn admit(
    db: &mut Db,
    cohort: CohortId,
    order: &Order,
    known: &Reference,
    pinned: &[NamedPair],
    ids: &HashMap<PersonCode, PersonId>,
) -> ServiceResult<()> {
    let mut wanted: HashMap<PersonId, i32> = HashMap::new();
    for pair in pinned {
        let request = requests::live(db, cohort, ids[&pair.coachee])?.ok_or(Refusal::NotAsking)?;
        let open = requests::get(db, request)?.status.0 == RequestStatus::Open;
        if !open || !offers::live_of_request(db, request)?.is_empty() {
            return Err(Refusal::NotAsking.into());
        }
        let records = records::few(db, cohort, &pair.coachee, std::slice::from_ref(&pair.coach))?;
        let few = Cohort::build(&records, known, &order.policy, order.as_of, order.seed)
            .map_err(|why| ServiceError::Internal(why.to_string()))?;
        let at = |codes: &[PersonCode], code: &PersonCode| codes.iter().position(|other| other == code);
        let (Some(coachee), Some(coach)) = (at(&few.coachees.code, &pair.coachee), at(&few.coaches.code, &pair.coach))
        else {
            return Err(ServiceError::Missing(format!("{} is no coach", pair.coach)));
        };
        let broken = few.broken_rules(coachee, coach as u32);
        if !broken.is_empty() {
            return Err(ServiceError::RuledOut { coach: pair.coach.clone(), rules: broken.iter().collect() });
        }
        *wanted.entry(ids[&pair.coach]).or_default() += 1;
    }
    for (coach, wanted) in wanted {
        let room = places::get(db, coach)?;
        if wanted > room.capacity - room.load - room.held {
            return Err(Refusal::PinsOverbook.into());
        }
    }
    Ok(())
}

/// What is wanted of a run.
///
/// # Errors
/// When there is no such run.
pub fn of_run(db: &mut Db, run: RunId) -> ServiceResult<Planning> {
    let stored = stored::get(db, run).map_err(|error| ServiceError::from(error).about("run"))?;
    let mut planning = Planning { follows: stored.follows, ..Planning::default() };
    for condition in run_conditions::of_run(db, run)? {
        let pair = NamedPair { coachee: condition.coachee, coach: condition.coach };
        match condition.kind {
            ConditionKind::Pinned => planning.pinned.push(pair),
            ConditionKind::Forbidden => planning.forbidden.push(pair),
        }
    }
    let read = stored.what_if.map(|doc| doc.read().map_err(|why| ServiceError::Internal(why.to_string())));
    planning.what_if = read.transpose()?;
    Ok(planning)
}
