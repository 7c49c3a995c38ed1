//! Publishing a run: its pairs, all or some, become proposals to their coachees.

use std::collections::{HashMap, HashSet};

use super::act::Journal;
use super::steps::{self, Put};
use super::{Act, Refusal, ServiceError, ServiceResult, eligible};
use crate::domain::{Notice, OfferOrigin, OfferStatus, PersonCode, Policy, RunStatus};
use crate::store::offers;
use crate::store::pairs::{self, Proposal};
use crate::store::types::Stamp;
use crate::store::{CohortId, Db, PersonId, RequestId, RunId, StoreError, cohorts, earlier, places, requests, runs};

/// Which pairs of a run are put out.
#[derive(Debug, Clone, Copy)]
pub enum Selection<'a> {
    /// All.
    All,
    /// Those of these coachees.
    Only(&'a [PersonCode]),
}

/// A pair that could not be put out, since things have changed after the run was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The coachee.
    pub coachee: PersonCode,
    /// The coach.
    pub coach: PersonCode,
    /// What stands against it.
    pub why: Refusal,
}

/// What publishing a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// How many coachees were proposed a coach.
    pub proposed: usize,
    /// Whose pair could not be put out.
    pub left_out: Vec<LeftOut>,
}

/// Puts the pairs of a computed run out, all that can be or none: each is proposed to its coachee,
/// holds a place of its coach, and goes to the coach once the coachee confirms. Those that cannot be
/// any more are told. So are the coachees for whom the run found no coach, and those whose pair cannot be.
///
/// # Errors
/// When it is not the programme, the run is not computed, a coachee of the selection has no pair in
/// it, or not one pair can be put out.
pub fn publish(db: &mut Db, act: &Act, id: RunId, selection: Selection<'_>) -> ServiceResult<Published> {
    act.record(db, "run", |db, journal| {
        db.expect_many_rows().map_err(StoreError::from)?;
        let run = runs::get(db, id)?;
        act.allow(act.by_programme_of_cohort(db, run.cohort)?)?;
        if run.what_if.is_some() {
            return Err(Refusal::WhatIfRun.into());
        }
        runs::publish(db, id, act.now)?;
        let policy = cohorts::get_policy(db, run.policy)?.policy;
        let deadline = Stamp::new(OfferStatus::Proposed.deadline(&policy.timers, act.now.time()));
        let proposals = selected(db, id, selection)?;
        let open = requests::unasked(db, run.cohort)?;
        let pairs = Pairs { cohort: run.cohort, policy: &policy, open: &open };
        let Sorted { possible, left_out, mut unserved } = sort_out(db, &pairs, proposals, act.now)?;
        if possible.is_empty() {
            return Err(Refusal::NothingToPublish.into());
        }
        let mut wanted = HashMap::new();
        let mut new = Vec::with_capacity(possible.len());
        for (request, pair) in &possible {
            let (coachee, coach) = (pair.coachee.0, pair.coach.0);
            *wanted.entry(coach).or_insert(0) += 1;
            let put = Put { coach, origin: OfferOrigin::Run, place: None };
            let offer = steps::new_offer(*request, &put, OfferStatus::Proposed, Some(id), act.now, deadline);
            steps::note_new_offer(journal, &offer)?;
            journal.tell(Notice::CoachProposed, coachee, offer.id.uuid())?;
            new.push(offer);
        }
        places::hold_many(db, &wanted)?;
        offers::insert(db, &new)?;
        pairs::put_out(db, id, &possible.iter().map(|(_, pair)| pair.place).collect::<Vec<_>>())?;
        unserved.extend(pairs::left_waiting(db, id)?);
        let told = serde_json::json!({ "run": id });
        for (person, request) in unserved.into_iter().filter_map(|person| Some((person, open.get(&person)?))) {
            journal.tell_with(Notice::WaitingListed, person, request.uuid(), &told)?;
        }
        let published = Published { proposed: new.len(), left_out };
        note(journal, id, &published)?;
        Ok(published)
    })
}

fn note(journal: &mut Journal, id: RunId, published: &Published) -> ServiceResult<()> {
    let facts = serde_json::json!({ "proposed": published.proposed, "left_out": published.left_out.len() });
    journal.note("run", id.uuid(), RunStatus::Published.as_str(), &facts)
}

fn selected(db: &mut Db, run: RunId, selection: Selection<'_>) -> ServiceResult<Vec<Proposal>> {
    let mut proposals = pairs::proposals(db, run)?;
    if let Selection::Only(coachees) = selection {
        let wanted: HashSet<&PersonCode> = coachees.iter().collect();
        proposals.retain(|pair| wanted.contains(&pair.coachee.1));
        let found: HashSet<&PersonCode> = proposals.iter().map(|pair| &pair.coachee.1).collect();
        if let Some(code) = coachees.iter().find(|code| !found.contains(code)) {
            return Err(ServiceError::Missing(format!("the run has no pair for {code}")));
        }
    }
    Ok(proposals)
}

/// Pairs by whether they can be put out.
struct Sorted {
    possible: Vec<(RequestId, Proposal)>,
    left_out: Vec<LeftOut>,
    /// The coachees of those left out.
    unserved: Vec<PersonId>,
}

/// What pairs are held against.
struct Pairs<'a> {
    cohort: CohortId,
    policy: &'a Policy,
    /// The requests that are open and of which no coach is asked.
    open: &'a HashMap<PersonId, RequestId>,
}

/// Tells the pairs that can be put out from those that cannot be any more.
fn sort_out(db: &mut Db, against: &Pairs, proposals: Vec<Proposal>, now: Stamp) -> ServiceResult<Sorted> {
    let codes: Vec<_> = proposals.iter().map(|pair| (pair.coachee.1.clone(), pair.coach.1.clone())).collect();
    let forbidden = eligible::forbidden(db, against.cohort, against.policy, &codes, now)?;
    let open = against.open;
    let mut free = places::free(db)?;
    let coachees: Vec<PersonId> = proposals.iter().map(|pair| pair.coachee.0).collect();
    let together_before = earlier::pairs(db, &coachees)?;
    let (mut possible, mut left_out, mut unserved) = (Vec::with_capacity(proposals.len()), Vec::new(), Vec::new());
    for (at, pair) in (0..).zip(proposals) {
        let (coachee, coach) = (pair.coachee.0, pair.coach.0);
        let room = free.get_mut(&coach).filter(|room| **room > 0);
        let why = match (open.get(&coachee), room) {
            _ if together_before.contains(&(coachee, coach)) => Refusal::EarlierPair,
            (None, _) => Refusal::RequestNotOpen,
            _ if forbidden.contains(&at) => Refusal::RuleBroken,
            (_, None) => Refusal::CoachNotFree,
            (Some(&request), Some(room)) => {
                *room -= 1;
                possible.push((request, pair));
                continue;
            }
        };
        unserved.push(coachee);
        left_out.push(LeftOut { coachee: pair.coachee.1, coach: pair.coach.1, why });
    }
    Ok(Sorted { possible, left_out, unserved })
}
