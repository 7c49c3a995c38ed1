//! What letters about sessions, and reminders of what waits, have to say: read for many messages at a time.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::letters::Matter;
use super::schema::{
    coach_profiles, coachee_profiles, mail_refusals, offers, pairings, provinces, regencies, requests,
    session_feedback, sessions,
};
use super::sessions::Session;
use super::types::{Stamp, Word};
use super::{AnyId, Db, PersonId, RequestId, StoreResult};
use crate::domain::{MailClass, OfferStatus, PairingStatus, SessionStatus, Side, Zone};

/// Sessions by id, with who meets.
///
/// # Errors
/// When the database cannot be read.
pub fn sessions(db: &mut Db, ids: &[Uuid]) -> StoreResult<HashMap<Uuid, (Session, Matter)>> {
    type Row = (Session, RequestId, PersonId, PersonId, Word<PairingStatus>);
    let rows: Vec<Row> = sessions::table
        .inner_join(pairings::table.on(pairings::id.eq(sessions::pairing)))
        .inner_join(offers::table.on(offers::id.eq(pairings::offer)))
        .filter(sessions::id.eq_any(ids.iter().copied().map(AnyId::from)))
        .select((sessions::all_columns, offers::request, pairings::coachee, pairings::coach, pairings::status))
        .load(db)?;
    let met = |(session, request, coachee, coach, status): Row| {
        let matter = Matter { request, coachee, coach, offer: None, pairing: Some(status.0) };
        (session.id.uuid(), (session, matter))
    };
    Ok(rows.into_iter().map(met).collect())
}

/// The sessions that lie ahead of pairings, in order of time.
///
/// # Errors
/// When the database cannot be read.
pub fn ahead(db: &mut Db, pairings: &[Uuid], now: Stamp) -> StoreResult<HashMap<Uuid, Vec<Session>>> {
    let open = [SessionStatus::Proposed.as_str(), SessionStatus::Scheduled.as_str()];
    let rows: Vec<Session> = sessions::table
        .filter(sessions::pairing.eq_any(pairings.iter().copied().map(AnyId::from)))
        .filter(sessions::status.eq_any(open).and(sessions::starts_at.gt(now)))
        .order((sessions::starts_at, sessions::id))
        .load(db)?;
    let mut ahead = HashMap::<Uuid, Vec<Session>>::new();
    for session in rows {
        ahead.entry(session.pairing.uuid()).or_default().push(session);
    }
    Ok(ahead)
}

/// Which sides have given their feedback on sessions.
///
/// # Errors
/// When the database cannot be read.
pub fn feedback_given(db: &mut Db, ids: &[Uuid]) -> StoreResult<HashSet<(Uuid, Side)>> {
    let rows: Vec<(AnyId, Word<Side>)> = session_feedback::table
        .filter(session_feedback::session.eq_any(ids.iter().copied().map(AnyId::from)))
        .select((session_feedback::session, session_feedback::given_by))
        .load(db)?;
    Ok(rows.into_iter().map(|(session, side)| (session.uuid(), side.0)).collect())
}

/// The zones of a person's clock: as a coachee, and as a coach.
pub type Zones = (Option<Zone>, Option<Zone>);

/// The zones of people's clocks, by the regency that their records name.
///
/// # Errors
/// When the database cannot be read.
pub fn zones(db: &mut Db, people: &[PersonId]) -> StoreResult<HashMap<PersonId, Zones>> {
    let coachees: Vec<(PersonId, Word<Zone>)> = coachee_profiles::table
        .inner_join(regencies::table.on(regencies::code.eq(coachee_profiles::regency)))
        .inner_join(provinces::table.on(provinces::code.eq(regencies::province)))
        .filter(coachee_profiles::person.eq_any(people))
        .select((coachee_profiles::person, provinces::zone))
        .load(db)?;
    let coaches: Vec<(PersonId, Word<Zone>)> = coach_profiles::table
        .inner_join(regencies::table.on(regencies::code.eq(coach_profiles::regency)))
        .inner_join(provinces::table.on(provinces::code.eq(regencies::province)))
        .filter(coach_profiles::person.eq_any(people))
        .select((coach_profiles::person, provinces::zone))
        .load(db)?;
    let mut zones = HashMap::<PersonId, Zones>::new();
    for (person, zone) in coachees {
        zones.entry(person).or_default().0 = Some(zone.0);
    }
    for (person, zone) in coaches {
        zones.entry(person).or_default().1 = Some(zone.0);
    }
    Ok(zones)
}

/// Which mail people do not want.
///
/// # Errors
/// When the database cannot be read.
pub fn refusals(db: &mut Db, people: &[PersonId]) -> StoreResult<HashSet<(PersonId, MailClass)>> {
    let rows: Vec<(PersonId, Word<MailClass>)> = mail_refusals::table
        .filter(mail_refusals::person.eq_any(people))
        .select((mail_refusals::person, mail_refusals::class))
        .load(db)?;
    Ok(rows.into_iter().map(|(person, class)| (person, class.0)).collect())
}

/// An offer that waits for a coach's answer.
#[derive(Debug, Clone, Queryable)]
pub struct Waiting {
    /// The coach.
    pub coach: PersonId,
    /// Who asks.
    pub coachee: PersonId,
    /// Until when.
    pub deadline: Stamp,
}

/// The offers that wait for the answers of coaches, by deadline.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, coaches: &[PersonId]) -> StoreResult<Vec<Waiting>> {
    Ok(offers::table
        .inner_join(requests::table.on(requests::id.eq(offers::request)))
        .filter(offers::coach.eq_any(coaches).and(offers::status.eq(OfferStatus::Pending.as_str())))
        .order((offers::deadline, offers::id))
        .select((offers::coach, requests::coachee, offers::deadline))
        .load(db)?)
}

/// A session of a coach's week, or a time that waits for the coach's yes.
#[derive(Debug, Clone, Queryable)]
pub struct OfWeek {
    /// The coach.
    pub coach: PersonId,
    /// Who is coached.
    pub coachee: PersonId,
    /// When it begins.
    pub starts_at: Stamp,
}

/// The scheduled sessions of coaches between two times, in order.
///
/// # Errors
/// When the database cannot be read.
pub fn of_week(db: &mut Db, coaches: &[PersonId], from: Stamp, until: Stamp) -> StoreResult<Vec<OfWeek>> {
    let during = sessions::starts_at.ge(from).and(sessions::starts_at.lt(until));
    Ok(sessions::table
        .inner_join(pairings::table.on(pairings::id.eq(sessions::pairing)))
        .filter(pairings::coach.eq_any(coaches).and(pairings::status.eq(PairingStatus::Active.as_str())))
        .filter(sessions::status.eq(SessionStatus::Scheduled.as_str()).and(during))
        .order((sessions::starts_at, sessions::id))
        .select((pairings::coach, pairings::coachee, sessions::starts_at))
        .load(db)?)
}

/// The times that wait for the yes of coaches, in order.
///
/// # Errors
/// When the database cannot be read.
pub fn proposals(db: &mut Db, coaches: &[PersonId], now: Stamp) -> StoreResult<Vec<OfWeek>> {
    Ok(sessions::table
        .inner_join(pairings::table.on(pairings::id.eq(sessions::pairing)))
        .filter(pairings::coach.eq_any(coaches).and(pairings::status.eq(PairingStatus::Active.as_str())))
        .filter(sessions::status.eq(SessionStatus::Proposed.as_str()).and(sessions::starts_at.gt(now)))
        .filter(sessions::proposed_by.eq(Side::Coachee.as_str()))
        .order((sessions::starts_at, sessions::id))
        .select((pairings::coach, pairings::coachee, sessions::starts_at))
        .load(db)?)
}

/// Places that are taken, and how many there are, by coach.
///
/// # Errors
/// When the database cannot be read.
pub fn loads(db: &mut Db, coaches: &[PersonId]) -> StoreResult<HashMap<PersonId, (i32, i32)>> {
    let rows: Vec<(PersonId, i32, i32, i32)> = coach_profiles::table
        .filter(coach_profiles::person.eq_any(coaches))
        .select((coach_profiles::person, coach_profiles::load, coach_profiles::held, coach_profiles::capacity))
        .load(db)?;
    Ok(rows.into_iter().map(|(coach, load, held, capacity)| (coach, (load + held, capacity))).collect())
}
