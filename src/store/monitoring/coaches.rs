//! How much each coach has to do.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::super::offers::LIVE;
use super::super::schema::{coach_profiles, offers, pairings, persons, regencies, requests};
use super::super::types::Word;
use super::super::{CohortId, Db, PersonId, StoreResult};
use super::Scope;
use crate::domain::{PairingStatus, Verification};

/// A coach and the places that the coach gives.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Places {
    /// The coach.
    pub person: PersonId,
    /// The code.
    pub code: String,
    /// Code of the employer.
    pub agency: String,
    /// Code of the province where the coach works.
    pub province: String,
    /// Whether the coach has been verified.
    pub verification: Word<Verification>,
    /// Whether new coachees are welcome.
    pub accepting: bool,
    /// Most coachees at a time.
    pub capacity: i32,
    /// Places taken elsewhere, as an import says.
    pub load: i32,
    /// Places taken by waiting offers and active pairings.
    pub held: i32,
    /// Pairings completed so far.
    pub completed_pairs: i32,
    /// What coachees say, in hundredths of a point from 1 to 5, if any has.
    pub rating: Option<i32>,
}

/// Coaches in the order in which they joined, those behind the person `after`. The cohort of the scope says nothing
/// about coaches.
///
/// # Errors
/// When the database cannot be read.
pub fn places(db: &mut Db, scope: &Scope, after: Option<PersonId>, limit: i64) -> StoreResult<Vec<Places>> {
    let placed = coach_profiles::table
        .inner_join(persons::table.on(persons::id.eq(coach_profiles::person)))
        .inner_join(regencies::table.on(regencies::code.eq(coach_profiles::regency)))
        .select((
            coach_profiles::person,
            persons::code,
            coach_profiles::agency,
            regencies::province,
            coach_profiles::verification,
            coach_profiles::accepting,
            coach_profiles::capacity,
            coach_profiles::load,
            coach_profiles::held,
            coach_profiles::completed_pairs,
            coach_profiles::rating,
        ));
    let mut query = coaches_within!(scope, placed);
    if let Some(after) = after {
        query = query.filter(coach_profiles::person.gt(after));
    }
    Ok(query.order(coach_profiles::person).limit(limit).load(db)?)
}

/// How many of something each coach has.
pub type PerCoach = HashMap<PersonId, i64>;

/// How many offers wait for an answer, of some coaches; of one cohort, or of all.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting_offers(db: &mut Db, coaches: &[PersonId], cohort: Option<CohortId>) -> StoreResult<PerCoach> {
    let mut query = offers_and_requests!()
        .filter(offers::coach.eq_any(coaches).and(offers::status.eq_any(LIVE)))
        .group_by(offers::coach)
        .select((offers::coach, count_star()))
        .into_boxed();
    if let Some(cohort) = cohort {
        query = query.filter(requests::cohort.eq(cohort));
    }
    Ok(query.load(db)?.into_iter().collect())
}

/// How many pairings are active, of some coaches; of one cohort, or of all.
///
/// # Errors
/// When the database cannot be read.
pub fn active_pairings(db: &mut Db, coaches: &[PersonId], cohort: Option<CohortId>) -> StoreResult<PerCoach> {
    let mut query = pairings::table
        .filter(pairings::coach.eq_any(coaches).and(pairings::status.eq(PairingStatus::Active.as_str())))
        .group_by(pairings::coach)
        .select((pairings::coach, count_star()))
        .into_boxed();
    if let Some(cohort) = cohort {
        query = query.filter(pairings::cohort.eq(cohort));
    }
    Ok(query.load(db)?.into_iter().collect())
}
