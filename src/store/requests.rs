//! Single requests: what a coachee asks for, and how far it has come. In bulk: see
//! [`coachees`](super::coachees).

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::fixed::fixed;
use super::schema::{request_choices, request_focus, requests};
use super::types::{Stamp, Word};
use super::{CHUNK, CohortId, Db, PersonId, RequestId, StoreError, StoreResult, coachees, lost, offers};
use crate::domain::{AgencyCode, CompetencyCode, PersonCode, RequestStatus};

/// A request as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// The cohort it is in.
    pub cohort: CohortId,
    /// Who asks.
    pub coachee: PersonId,
    /// Its state.
    pub status: Word<RequestStatus>,
    /// The ways of meeting that suit, as bits.
    pub modes: i16,
    /// The languages that suit, as bits.
    pub languages: i16,
    /// Rounds waited in vain, at most [`MAX_ROUNDS`].
    pub waiting_rounds: i16,
    /// When it was made.
    pub created_at: Stamp,
    /// When it was last changed.
    pub changed_at: Stamp,
    /// Why the coachee wants to be coached, if said.
    pub motivation: Option<String>,
    /// Who comes first on the waiting list: the higher the earlier.
    pub priority: i32,
    /// How often it was changed since an import brought it, or its making counted as the first.
    pub version: i32,
}

/// The largest number of waiting rounds that is counted.
pub const MAX_ROUNDS: i16 = 255;

/// The request with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, id: RequestId) -> StoreResult<Request> {
    Ok(on_engine!(db, connection => requests::table.find(id).get_result(connection))?)
}

/// Which requests are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this coachee.
    pub coachee: Option<PersonId>,
    /// Only those of coachees of this agency.
    pub agency: Option<AgencyCode>,
    /// Only those in this cohort.
    pub cohort: Option<CohortId>,
    /// Only those in this state.
    pub status: Option<RequestStatus>,
}

/// Requests, the newest first, those older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db, filter: &Filter, before: Option<RequestId>, limit: i64) -> StoreResult<Vec<Request>> {
    let mut query = requests::table.order(requests::id.desc()).limit(limit).into_boxed();
    if let Some(coachee) = filter.coachee {
        query = query.filter(requests::coachee.eq(coachee));
    }
    if let Some(agency) = &filter.agency {
        query = query.filter(fixed::<Text>("requests.agency").eq(agency.as_str()));
    }
    if let Some(cohort) = filter.cohort {
        query = query.filter(requests::cohort.eq(cohort));
    }
    if let Some(status) = filter.status {
        query = query.filter(requests::status.eq(status.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(requests::id.lt(before));
    }
    Ok(query.load(db)?)
}

/// Some requests by id; who is not there is missing.
///
/// # Errors
/// When the database cannot be read.
pub fn some(db: &mut Db, ids: &[RequestId]) -> StoreResult<HashMap<RequestId, Request>> {
    let found: Vec<Request> = requests::table.filter(requests::id.eq_any(ids)).load(db)?;
    Ok(found.into_iter().map(|request| (request.id, request)).collect())
}

/// The open or matched request of a coachee in a cohort, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn live(db: &mut Db, cohort: CohortId, coachee: PersonId) -> StoreResult<Option<RequestId>> {
    let live = requests::status.eq_any([RequestStatus::Open.as_str(), RequestStatus::Matched.as_str()]);
    let of_coachee = requests::coachee.eq(coachee).and(requests::cohort.eq(cohort));
    Ok(requests::table.filter(of_coachee.and(live)).select(requests::id).get_result(db).optional()?)
}

/// Makes a request with its focus.
///
/// # Errors
/// [`StoreError::Conflict`] when the coachee has a live request in the cohort, or a competency is not there.
pub fn insert(db: &mut Db, request: &Request, focus: &[CompetencyCode]) -> StoreResult<()> {
    diesel::insert_into(requests::table)
        .values(row!(requests {
            id: request.id,
            cohort: request.cohort,
            coachee: request.coachee,
            status: request.status,
            modes: request.modes,
            languages: request.languages,
            waiting_rounds: request.waiting_rounds,
            created_at: request.created_at,
            changed_at: request.changed_at,
            motivation: &request.motivation,
            priority: request.priority,
            version: request.version,
        }))
        .execute(db)?;
    let rows = (1_i16..).zip(focus).map(|(place, competency)| {
        row!(request_focus { request: request.id, place: place, competency: competency.to_string() })
    });
    insert_all!(db, request_focus::table, rows.collect())
}

/// Changes a request from what it was to what it is to be, and counts its version up.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not any more what it was, or may not become that.
pub fn change(db: &mut Db, old: &Request, new: Request) -> StoreResult<Request> {
    if !old.status.0.may_become(new.status.0) {
        return Err(StoreError::Conflict(format!("the request is {} and cannot become {}", old.status, new.status)));
    }
    let new = Request { version: old.version + 1, ..new };
    let same = requests::status.eq(old.status).and(requests::version.eq(old.version));
    let changed = diesel::update(requests::table.find(old.id).filter(same))
        .set(row!(requests {
            status: new.status,
            waiting_rounds: new.waiting_rounds,
            changed_at: new.changed_at,
            version: new.version,
        }))
        .execute(db)?;
    if changed == 1 { Ok(new) } else { Err(lost("request")) }
}

/// The focus of a request, in order.
///
/// # Errors
/// When the database cannot be read.
pub fn focus(db: &mut Db, id: RequestId) -> StoreResult<Vec<CompetencyCode>> {
    Ok(coachees::focus(db, &[id])?.remove(&id).unwrap_or_default())
}

/// The coaches chosen, the first choice first.
///
/// # Errors
/// When the database cannot be read.
pub fn choices(db: &mut Db, id: RequestId) -> StoreResult<Vec<PersonCode>> {
    Ok(coachees::choices(db, &[id])?.remove(&id).unwrap_or_default())
}

/// The focus of some requests, each in order.
///
/// # Errors
/// When the database cannot be read.
pub fn focus_of(db: &mut Db, ids: &[RequestId]) -> StoreResult<HashMap<RequestId, Vec<CompetencyCode>>> {
    coachees::focus(db, ids)
}

/// Replaces the coaches chosen.
///
/// # Errors
/// [`StoreError::Conflict`] when a coach is named twice or more than three are.
pub fn set_choices(db: &mut Db, id: RequestId, coaches: &[PersonCode]) -> StoreResult<()> {
    diesel::delete(request_choices::table.filter(request_choices::request.eq(id))).execute(db)?;
    let rows = (1_i16..)
        .zip(coaches)
        .map(|(place, coach)| row!(request_choices { request: id, place: place, coach_code: coach.to_string() }));
    insert_all!(db, request_choices::table, rows.collect())
}

/// How many open requests of the cohort stand before this one on the waiting list, and how many there are.
///
/// # Errors
/// When the database cannot be read.
pub fn standing(db: &mut Db, request: &Request) -> StoreResult<(i64, i64)> {
    let waiting = || {
        let open = requests::status.eq(RequestStatus::Open.as_str());
        requests::table.filter(requests::cohort.eq(request.cohort).and(open))
    };
    let same_rounds = requests::waiting_rounds.eq(request.waiting_rounds).and(requests::id.lt(request.id));
    let same_class = requests::priority
        .eq(request.priority)
        .and(requests::waiting_rounds.gt(request.waiting_rounds).or(same_rounds));
    let before = waiting().filter(requests::priority.gt(request.priority).or(same_class));
    Ok((before.count().get_result(db)?, waiting().count().get_result(db)?))
}

/// The open requests of a cohort in the order of its waiting list, that of [`standing`].
///
/// # Errors
/// When the database cannot be read.
pub fn ranked(db: &mut Db, cohort: CohortId) -> StoreResult<Vec<RequestId>> {
    Ok(requests::table
        .filter(requests::cohort.eq(cohort).and(requests::status.eq(RequestStatus::Open.as_str())))
        .order((requests::priority.desc(), requests::waiting_rounds.desc(), requests::id))
        .select(requests::id)
        .load(db)?)
}

/// Those of some requests that are open and for which no offer waits for an answer, with their cohorts.
///
/// # Errors
/// When the database cannot be read.
pub fn unasked_among(db: &mut Db, ids: &[RequestId]) -> StoreResult<Vec<(RequestId, CohortId)>> {
    Ok(requests::table
        .filter(requests::id.eq_any(ids).and(requests::status.eq(RequestStatus::Open.as_str())))
        .filter(requests::id.ne_all(offers::asking!()))
        .select((requests::id, requests::cohort))
        .load(db)?)
}

/// Sets the priority of the open requests of some coachees in a cohort.
///
/// # Errors
/// When the database cannot be written.
pub fn prioritise(db: &mut Db, cohort: CohortId, coachees: &[PersonId], priority: i32) -> StoreResult<()> {
    for chunk in coachees.chunks(CHUNK) {
        let of_them = requests::cohort.eq(cohort).and(requests::coachee.eq_any(chunk));
        let open = requests::status.eq(RequestStatus::Open.as_str()).and(requests::priority.ne(priority));
        diesel::update(requests::table.filter(of_them.and(open))).set(requests::priority.eq(priority)).execute(db)?;
    }
    Ok(())
}

/// The open requests of a cohort for which no offer waits for an answer, by coachee.
///
/// # Errors
/// When the database cannot be read.
pub fn unasked(db: &mut Db, cohort: CohortId) -> StoreResult<HashMap<PersonId, RequestId>> {
    let rows: Vec<(PersonId, RequestId)> = requests::table
        .filter(requests::cohort.eq(cohort).and(requests::status.eq(RequestStatus::Open.as_str())))
        .filter(requests::id.ne_all(offers::asking!()))
        .select((requests::coachee, requests::id))
        .load(db)?;
    Ok(rows.into_iter().collect())
}
