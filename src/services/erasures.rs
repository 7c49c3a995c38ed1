//! Erasing a person: what goes on is ended without fault, the account is closed, and everything that tells who it
//! was goes from every table (see [`personal`](crate::store::personal)).

use serde_json::json;
use uuid::Uuid;

use super::context::note;
use super::{Act, Actor, Caller, Denial, Right, ServiceError, ServiceResult, coaches, offers, pairings, requests};
use crate::domain::{AccountStatus, DataRequestStatus, DataWish, EndReason, PairingStatus, PersonCode, RequestStatus};
use crate::services::pairings::End;
use crate::store::data_requests::{self, DataRequest};
use crate::store::personal::Somebody;
use crate::store::types::Stamp;
use crate::store::{AccountId, DataRequestId, Db, PersonId, Store, accounts, people, personal, run_inputs, sign_ins};
use crate::store::{offers as offer_rows, pairings as pairing_rows, requests as request_rows};
use crate::tabular::hash::sha256;
use crate::tabular::snapshot::recode;

/// The name of this part of the program in the audit log.
const ACTOR: &str = "erasure";
/// Carried out in one round.
const ROUND: i64 = 100;
/// More than anybody has.
const ALL: i64 = 10_000;

/// Carries out a wish to be erased before its time, by an admin of all.
///
/// # Errors
/// When it is none, [`Denial::Decided`], or those of the store; nothing is erased then.
pub fn carry_out(db: &mut Db, caller: &Caller, id: DataRequestId, now: Stamp) -> ServiceResult<()> {
    caller.check(Right::NationalAdmin)?;
    erase(db, id, Some(caller.account), now)
}

/// Carries out every wish to be erased whose time has come, each in a transaction of its own; says how many. Several
/// processes may do so at once, and again.
///
/// # Errors
/// Those of the store; who is erased by then stays so.
pub fn carry_out_due(store: &Store, now: Stamp) -> ServiceResult<usize> {
    let mut erased = 0;
    for id in store.read(|db| data_requests::due(db, now, ROUND))? {
        match store.write(|db| erase(db, id, None, now)) {
            Ok(()) => erased += 1,
            // Another process was first.
            Err(ServiceError::Denied(Denial::Decided)) => {}
            Err(why) => return Err(why),
        }
    }
    if erased > 0 {
        forget_traces(store);
    }
    Ok(erased)
}

/// Takes what is left in the files of the database away. Whoever was erased is erased also when that cannot be done
/// now; then it is done after the next.
pub fn forget_traces(store: &Store) {
    if let Err(why) = store.forget_traces() {
        tracing::warn!(%why, "somebody was erased, and traces may be left in the file of the database until the next time");
    }
}

fn erase(db: &mut Db, id: DataRequestId, by: Option<AccountId>, now: Stamp) -> ServiceResult<()> {
    let request = data_requests::get(db, id).map_err(|why| ServiceError::from(why).about("request"))?;
    let DataRequest { account, kind, .. } = request;
    if kind.0 != DataWish::Erasure {
        return Err(ServiceError::Missing("there is no such wish to be erased".into()));
    }
    if !data_requests::decide(db, id, DataRequestStatus::Done, None, by, now)? {
        return Err(Denial::Decided.into());
    }
    let who = personal::somebody(db, account)?;
    if let Some(person) = who.person {
        end_all(db, person, now)?;
    }
    sign_ins::end_others(db, account, None, now)?;
    accounts::set_status(db, account, AccountStatus::Disabled, now)?;
    let pseudonym = PersonCode::pseudonym(Uuid::now_v7().as_u128());
    personal::erase(db, &who, &pseudonym)?;
    recode_inputs(db, &who, &pseudonym)?;
    let actor = by.map_or_else(|| ACTOR.to_owned(), |by| by.to_string());
    note(db, actor, "account.erased", ("account", account.uuid()), &json!({}), now)
}

/// Puts the pseudonym into what was kept of the input of runs, so that they can still be checked.
fn recode_inputs(db: &mut Db, who: &Somebody, pseudonym: &str) -> ServiceResult<()> {
    let (Some(person), Some(code)) = (who.person, &who.code) else { return Ok(()) };
    let damaged = |why: &dyn std::fmt::Display| ServiceError::Internal(format!("code in the input of a run: {why}"));
    let old: PersonCode = code.parse().map_err(|why| damaged(&why))?;
    let new: PersonCode = pseudonym.parse().map_err(|why| damaged(&why))?;
    // Every run may have every coach in it; a coachee is in those of the cohorts where they asked.
    let may_coach = people::is_coach(db, person)?;
    for run in run_inputs::kept(db, (!may_coach).then_some(person))? {
        let Some((facts, archive)) = run_inputs::load(db, run)? else { continue };
        match recode(&archive, &old, &new) {
            Ok(Some(archive)) => run_inputs::replace(db, run, &facts, &sha256(&archive), &archive)?,
            Ok(None) => {}
            // What cannot be read says nothing of anybody, and must not stand in the way.
            Err(why) => {
                tracing::error!(%run, %why, "the kept input of a run is forgotten: it cannot be read, and somebody was erased");
                run_inputs::forget(db, run)?;
            }
        }
    }
    Ok(())
}

/// Ends what goes on, as the programme would: the other sides are told, and places are free again.
fn end_all(db: &mut Db, person: PersonId, now: Stamp) -> ServiceResult<()> {
    let act = Act::new(Actor::System(ACTOR), now);
    let of_person = pairing_rows::Filter { person: Some(person), ..pairing_rows::Filter::default() };
    for pairing in pairing_rows::list(db, &of_person, None, ALL)? {
        if pairing.status.0 == PairingStatus::Active {
            let how = End { reason: EndReason::Other, no_fault: true, note: None };
            pairings::end(db, &act, pairing.id, &how)?;
        }
    }
    let own = request_rows::Filter { coachee: Some(person), ..request_rows::Filter::default() };
    for request in request_rows::list(db, &own, None, ALL)? {
        if request.status.0 == RequestStatus::Open {
            requests::withdraw(db, &act, request.id)?;
        }
    }
    match coaches::pause(db, &act, person) {
        Ok(_) => {}
        // No coach.
        Err(ServiceError::Missing(_)) => return Ok(()),
        Err(why) => return Err(why),
    }
    for offer in offer_rows::live_of_coach(db, person)? {
        offers::withdraw(db, &act, offer.id)?;
    }
    Ok(())
}
