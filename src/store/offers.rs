//! Offers: one request put to one coach.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::fixed::fixed;
use super::schema::{coachee_profiles, offers, regencies, requests};
use super::types::{Stamp, Word, sql};
use super::{CHUNK, CohortId, Db, OfferId, PersonId, RequestId, RunId, StoreError, StoreResult, lost};
use crate::domain::{AgencyCode, DeclineReason, OfferOrigin, OfferStatus};

/// An offer as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// The request that is offered.
    pub request: RequestId,
    /// The coach to whom.
    pub coach: PersonId,
    /// Who thought of it.
    pub origin: Word<OfferOrigin>,
    /// The rank of the coach among the coachee's choices, 1 to 3, if it came of a choice.
    pub place: Option<i16>,
    /// The run that proposed it, if one did.
    pub run: Option<RunId>,
    /// Its state.
    pub status: Word<OfferStatus>,
    /// When the present answerer was asked: the coachee while proposed, the coach from then on.
    pub asked_at: Stamp,
    /// Until when an answer counts.
    pub deadline: Stamp,
    /// When it was answered, or ended without an answer.
    pub answered_at: Option<Stamp>,
    /// Why it was declined, if it was.
    pub reason: Option<Word<DeclineReason>>,
    /// In own words, if said.
    pub note: Option<String>,
    /// How often it was changed; its making counts as the first.
    pub version: i32,
}

/// The states in which an answer is waited for.
pub(super) const LIVE: [&str; 2] = [OfferStatus::Proposed.as_str(), OfferStatus::Pending.as_str()];

/// States that only an offer whose coach was asked can be in.
const KNOWN_TO_COACH: [&str; 2] = [OfferStatus::Pending.as_str(), OfferStatus::Accepted.as_str()];
/// The first version of an ended offer of a run that its coachee had confirmed: it began, was confirmed, ended.
pub(super) const CONFIRMED_AND_MORE: i32 = 3;

impl Offer {
    /// Whether the coach was asked. A run's proposal is the coachee's alone until the coachee confirms.
    pub fn has_reached_coach(&self) -> bool {
        self.origin.0 != OfferOrigin::Run
            || matches!(self.status.0, OfferStatus::Pending | OfferStatus::Accepted)
            || self.version >= CONFIRMED_AND_MORE
    }
}

/// The offer with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, id: OfferId) -> StoreResult<Offer> {
    Ok(offers::table.find(id).get_result(db)?)
}

/// Makes offers. The places that they hold are taken beforehand: see [`places`](super::places).
///
/// # Errors
/// [`StoreError::Conflict`] when a request has a live offer to the same coach.
pub fn insert(db: &mut Db, new: &[Offer]) -> StoreResult<()> {
    for chunk in new.chunks(CHUNK) {
        let rows = chunk.iter().map(|offer| {
            row!(offers {
                id: offer.id,
                request: offer.request,
                coach: offer.coach,
                origin: offer.origin,
                place: offer.place,
                run: offer.run,
                status: offer.status,
                asked_at: offer.asked_at,
                deadline: offer.deadline,
                version: offer.version,
            })
        });
        insert_all!(db, offers::table, rows.collect())?;
    }
    Ok(())
}

/// Changes an offer from what it was to what it is to be, and counts its version up.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not any more what it was, or may not become that.
pub fn change(db: &mut Db, old: &Offer, new: Offer) -> StoreResult<Offer> {
    if !old.status.0.may_become(new.status.0) {
        return Err(StoreError::Conflict(format!("the offer is {} and cannot become {}", old.status, new.status)));
    }
    let new = Offer { version: old.version + 1, ..new };
    let same = offers::status.eq(old.status).and(offers::version.eq(old.version));
    let changed = diesel::update(offers::table.find(old.id).filter(same))
        .set(row!(offers {
            request: new.request,
            status: new.status,
            asked_at: new.asked_at,
            deadline: new.deadline,
            answered_at: new.answered_at,
            reason: new.reason,
            note: &new.note,
            version: new.version,
        }))
        .execute(db)?;
    if changed == 1 { Ok(new) } else { Err(lost("offer")) }
}

/// All offers of a request, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of_request(db: &mut Db, request: RequestId) -> StoreResult<Vec<Offer>> {
    Ok(offers::table.filter(offers::request.eq(request)).order(offers::id).load(db)?)
}

/// The offers of a request that wait for an answer, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn live_of_request(db: &mut Db, request: RequestId) -> StoreResult<Vec<Offer>> {
    let live = offers::request.eq(request).and(offers::status.eq_any(LIVE));
    Ok(offers::table.filter(live).order(offers::id).load(db)?)
}

/// Which offers are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those to this coach whom the coach knows of: not those that their coachee has still to confirm.
    pub asked_coach: Option<PersonId>,
    /// Only those of this coachee's requests.
    pub coachee: Option<PersonId>,
    /// Only those to this coach.
    pub coach: Option<PersonId>,
    /// Only those in this cohort.
    pub cohort: Option<CohortId>,
    /// Only those of coachees of this agency.
    pub agency: Option<AgencyCode>,
    /// Only those of coachees who work in the province with this code.
    pub province: Option<String>,
    /// Only those in this state.
    pub status: Option<OfferStatus>,
}

/// Offers, the newest first, those older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db, filter: &Filter, before: Option<OfferId>, limit: i64) -> StoreResult<Vec<Offer>> {
    let mut query = offers::table.order(offers::id.desc()).limit(limit).into_boxed();
    if let Some(coach) = filter.asked_coach {
        let asked = offers::origin.ne(OfferOrigin::Run.as_str()).or(offers::version.ge(CONFIRMED_AND_MORE));
        let known = asked.or(offers::status.eq_any(KNOWN_TO_COACH));
        query = query.filter(offers::coach.eq(coach).and(known));
    }
    if let Some(coachee) = filter.coachee {
        let own = requests::table.filter(requests::coachee.eq(coachee)).select(requests::id);
        query = query.filter(offers::request.eq_any(own));
    }
    if let Some(agency) = &filter.agency {
        query = query.filter(fixed::<Text>("offers.agency").eq(agency.as_str()));
    }
    if let Some(coach) = filter.coach {
        query = query.filter(offers::coach.eq(coach));
    }
    if let Some(cohort) = filter.cohort {
        query = query.filter(fixed::<sql::Id>("offers.cohort").eq(cohort));
    }
    if let Some(province) = &filter.province {
        let there = coachee_profiles::table
            .inner_join(regencies::table.on(regencies::code.eq(coachee_profiles::regency)))
            .filter(regencies::province.eq(province))
            .select(coachee_profiles::person);
        let own = requests::table.filter(requests::coachee.eq_any(there)).select(requests::id);
        query = query.filter(offers::request.eq_any(own));
    }
    if let Some(status) = filter.status {
        query = query.filter(offers::status.eq(status.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(offers::id.lt(before));
    }
    Ok(query.load(db)?)
}

/// The offers that wait for a coach's answer, the most urgent first.
///
/// # Errors
/// When the database cannot be read.
pub fn pending_of_coach(db: &mut Db, coach: PersonId) -> StoreResult<Vec<Offer>> {
    let pending = offers::coach.eq(coach).and(offers::status.eq(OfferStatus::Pending.as_str()));
    Ok(offers::table.filter(pending).order((offers::deadline, offers::id)).load(db)?)
}

/// The offers to a coach that wait for an answer, of the coach or of the coachee, by id.
///
/// # Errors
/// When the database cannot be read.
pub fn live_of_coach(db: &mut Db, coach: PersonId) -> StoreResult<Vec<Offer>> {
    let live = offers::coach.eq(coach).and(offers::status.eq_any(LIVE));
    Ok(offers::table.filter(live).order(offers::id).load(db)?)
}

/// The requests for which an offer waits for an answer, as part of a query.
macro_rules! asking {
    () => {{
        use $crate::store::schema::offers;
        offers::table.filter(offers::status.eq_any($crate::store::offers::LIVE)).select(offers::request)
    }};
}
pub(super) use asking;

/// Of ended offers, those that their coachee ended before the coach was asked, as part of a query.
macro_rules! by_coachee {
    () => {{
        use $crate::store::schema::offers;
        let of_run = offers::origin.eq($crate::domain::OfferOrigin::Run.as_str());
        of_run.and(offers::version.lt($crate::store::offers::CONFIRMED_AND_MORE))
    }};
}
pub(super) use by_coachee;

/// Offers that nobody has answered in time, the longest overdue first.
///
/// # Errors
/// When the database cannot be read.
pub fn overdue(db: &mut Db, now: Stamp, limit: i64) -> StoreResult<Vec<OfferId>> {
    let overdue = offers::status.eq_any(LIVE).and(offers::deadline.le(now));
    let overdue = offers::table.filter(overdue).order((offers::deadline, offers::id)).limit(limit);
    Ok(overdue.select(offers::id).load(db)?)
}
