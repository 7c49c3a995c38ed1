//! Pairings, what was agreed in them, and what both sides said in the end.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::fixed::fixed;
use super::schema::{evaluations, offers, pairings};
use super::types::{Stamp, Word};
use super::{CohortId, Db, OfferId, PairingId, PersonId, RequestId, StoreError, StoreResult, lost};
use crate::domain::{AgencyCode, Agreement, EndReason, PairingStatus, Side};

/// A pairing as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Pairing {
    /// Its id.
    pub id: PairingId,
    /// The accepted offer that it came of.
    pub offer: OfferId,
    /// The cohort.
    pub cohort: CohortId,
    /// Who is coached.
    pub coachee: PersonId,
    /// Who coaches.
    pub coach: PersonId,
    /// The coachee's earlier pairing in the cohort, if there was one.
    pub rematch_of: Option<PairingId>,
    /// Its state.
    pub status: Word<PairingStatus>,
    /// Goals of the agreement, once there is one.
    pub goals: Option<String>,
    /// Sessions planned in the agreement.
    pub sessions: Option<i16>,
    /// Whether the agreement promises confidentiality.
    pub confidential: Option<bool>,
    /// When the coachee signed it, if so.
    pub coachee_signed_at: Option<Stamp>,
    /// When the coach signed it, if so.
    pub coach_signed_at: Option<Stamp>,
    /// Why it was broken off, if it was.
    pub end_reason: Option<Word<EndReason>>,
    /// In own words, if said.
    pub end_note: Option<String>,
    /// Whether nobody is to blame, if it was broken off.
    pub no_fault: Option<bool>,
    /// When the coach accepted.
    pub started_at: Stamp,
    /// When it was completed or broken off, if so.
    pub ended_at: Option<Stamp>,
    /// How often it was changed; its making counts as the first.
    pub version: i32,
}

impl Pairing {
    /// A pairing that starts.
    pub fn new(offer: OfferId, cohort: CohortId, coachee: PersonId, coach: PersonId, now: Stamp) -> Self {
        Self {
            id: PairingId::new(),
            offer,
            cohort,
            coachee,
            coach,
            rematch_of: None,
            status: Word(PairingStatus::Active),
            goals: None,
            sessions: None,
            confidential: None,
            coachee_signed_at: None,
            coach_signed_at: None,
            end_reason: None,
            end_note: None,
            no_fault: None,
            started_at: now,
            ended_at: None,
            version: 1,
        }
    }

    /// The agreement, once there is one.
    pub fn agreement(&self) -> Option<Agreement> {
        let (goals, sessions) = (self.goals.clone()?, u8::try_from(self.sessions?).ok()?);
        Some(Agreement { goals, sessions, confidential: self.confidential? })
    }

    /// The person on a side.
    pub const fn person(&self, side: Side) -> PersonId {
        match side {
            Side::Coachee => self.coachee,
            Side::Coach => self.coach,
        }
    }
}

/// What one side says when a pairing is completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// 1 (of no use) to 5 (could not be better).
    pub rating: i16,
    /// In own words, if said.
    pub comment: Option<String>,
}

/// The pairing with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, id: PairingId) -> StoreResult<Pairing> {
    Ok(pairings::table.find(id).get_result(db)?)
}

/// Makes a pairing; earlier ones of the coachee in the cohort are its history.
///
/// # Errors
/// [`StoreError::Conflict`] when the coachee has an active pairing in the cohort.
pub fn insert(db: &mut Db, pairing: Pairing) -> StoreResult<Pairing> {
    let earlier = pairings::cohort.eq(pairing.cohort).and(pairings::coachee.eq(pairing.coachee));
    let newest = pairings::table.filter(earlier).order(pairings::id.desc()).select(pairings::id);
    let pairing = Pairing { rematch_of: newest.first(db).optional()?, ..pairing };
    diesel::insert_into(pairings::table)
        .values(row!(pairings {
            id: pairing.id,
            offer: pairing.offer,
            cohort: pairing.cohort,
            coachee: pairing.coachee,
            coach: pairing.coach,
            rematch_of: pairing.rematch_of,
            status: pairing.status,
            started_at: pairing.started_at,
            version: pairing.version,
        }))
        .execute(db)?;
    Ok(pairing)
}

/// Changes a pairing from what it was to what it is to be, and counts its version up.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not any more what it was, or may not become that.
pub fn change(db: &mut Db, old: &Pairing, new: Pairing) -> StoreResult<Pairing> {
    if !old.status.0.may_become(new.status.0) {
        return Err(StoreError::Conflict(format!("the pairing is {} and cannot become {}", old.status, new.status)));
    }
    let new = Pairing { version: old.version + 1, ..new };
    let same = pairings::status.eq(old.status).and(pairings::version.eq(old.version));
    let changed = diesel::update(pairings::table.find(old.id).filter(same))
        .set(row!(pairings {
            status: new.status,
            goals: &new.goals,
            sessions: new.sessions,
            confidential: new.confidential,
            coachee_signed_at: new.coachee_signed_at,
            coach_signed_at: new.coach_signed_at,
            end_reason: new.end_reason,
            end_note: &new.end_note,
            no_fault: new.no_fault,
            ended_at: new.ended_at,
            version: new.version,
        }))
        .execute(db)?;
    if changed == 1 { Ok(new) } else { Err(lost("pairing")) }
}

/// The pairing that came of a request, if one did.
///
/// # Errors
/// When the database cannot be read.
pub fn of_request(db: &mut Db, request: RequestId) -> StoreResult<Option<Pairing>> {
    let of_it = offers::table.filter(offers::request.eq(request)).select(offers::id);
    Ok(pairings::table.filter(pairings::offer.eq_any(of_it)).get_result(db).optional()?)
}

/// The request that a pairing came of.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn request(db: &mut Db, pairing: &Pairing) -> StoreResult<RequestId> {
    Ok(offers::table.find(pairing.offer).select(offers::request).get_result(db)?)
}

/// Which pairings are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this person, on either side.
    pub person: Option<PersonId>,
    /// Only those of coachees of this agency.
    pub agency: Option<AgencyCode>,
    /// Only those in this cohort.
    pub cohort: Option<CohortId>,
    /// Only those in this state.
    pub status: Option<PairingStatus>,
}

/// Pairings, the newest first, those older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db, filter: &Filter, before: Option<PairingId>, limit: i64) -> StoreResult<Vec<Pairing>> {
    let mut query = pairings::table.order(pairings::id.desc()).limit(limit).into_boxed();
    if let Some(person) = filter.person {
        query = query.filter(pairings::coachee.eq(person).or(pairings::coach.eq(person)));
    }
    if let Some(agency) = &filter.agency {
        query = query.filter(fixed::<Text>("pairings.agency").eq(agency.as_str()));
    }
    if let Some(cohort) = filter.cohort {
        query = query.filter(pairings::cohort.eq(cohort));
    }
    if let Some(status) = filter.status {
        query = query.filter(pairings::status.eq(status.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(pairings::id.lt(before));
    }
    Ok(query.load(db)?)
}

/// Keeps what one side says.
///
/// # Errors
/// [`StoreError::Conflict`] when that side has spoken before.
pub fn evaluate(db: &mut Db, pairing: PairingId, side: Side, says: &Evaluation, now: Stamp) -> StoreResult<()> {
    diesel::insert_into(evaluations::table)
        .values(row!(evaluations {
            pairing: pairing,
            given_by: side.as_str(),
            rating: says.rating,
            comment: &says.comment,
            given_at: now,
        }))
        .execute(db)?;
    Ok(())
}

/// What the sides have said, the coach's word first.
///
/// # Errors
/// When the database cannot be read.
pub fn evaluations(db: &mut Db, pairing: PairingId) -> StoreResult<Vec<(Side, Evaluation)>> {
    let rows: Vec<(Word<Side>, i16, Option<String>)> = evaluations::table
        .filter(evaluations::pairing.eq(pairing))
        .order(evaluations::given_by)
        .select((evaluations::given_by, evaluations::rating, evaluations::comment))
        .load(db)?;
    Ok(rows.into_iter().map(|(side, rating, comment)| (side.0, Evaluation { rating, comment })).collect())
}
