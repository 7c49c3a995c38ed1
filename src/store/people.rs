//! How many there are.

use diesel::prelude::*;

use super::schema::{coach_profiles, coachee_profiles, persons, requests};
use super::{Db, StoreResult};
use crate::domain::{RequestStatus, Verification};

/// How many people the network has, and what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    /// Persons of any kind.
    pub persons: i64,
    /// With a coachee's profile.
    pub coachees: i64,
    /// With a coach's profile.
    pub coaches: i64,
    /// Coaches that are verified and welcome new coachees.
    pub coaches_ready: i64,
    /// Requests that wait for a coach, in all cohorts.
    pub open_requests: i64,
}

/// Counts people and requests.
///
/// # Errors
/// When the database cannot be read.
pub fn counts(db: &mut Db) -> StoreResult<Counts> {
    let ready = coach_profiles::accepting.and(coach_profiles::verification.eq(Verification::Verified.as_str()));
    Ok(Counts {
        persons: persons::table.count().get_result(db)?,
        coachees: coachee_profiles::table.count().get_result(db)?,
        coaches: coach_profiles::table.count().get_result(db)?,
        coaches_ready: coach_profiles::table.filter(ready).count().get_result(db)?,
        open_requests: requests::table
            .filter(requests::status.eq(RequestStatus::Open.as_str()))
            .count()
            .get_result(db)?,
    })
}
