//! Figures of the programme, counted where the rows lie. Of each there are few rows whatever the size of the
//! programme; lists come in pages.

#[allow(missing_docs)]
mod aliases;

use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use self::aliases::{within_coachees, within_regencies};
use super::offers::by_coachee;
use super::schema::{coach_profiles, coachee_profiles, offers, pairings, provinces, regencies, requests};
use super::types::{Stamp, Word};
use super::{CohortId, Db, PairingId, PersonId, RequestId, StoreResult};
use crate::domain::{AgencyCode, DeclineReason, OfferStatus, PairingStatus, RequestStatus};

/// What is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only this cohort.
    pub cohort: Option<CohortId>,
    /// Only coachees of this agency; of coaches, those of this agency.
    pub agency: Option<AgencyCode>,
    /// Only coachees who work in the province with this code; of coaches, those who do.
    pub province: Option<String>,
}

/// The regencies of a province, as part of a query.
macro_rules! regencies_of {
    ($province:expr) => {
        within_regencies
            .filter(within_regencies.field(regencies::province).eq($province))
            .select(within_regencies.field(regencies::code))
    };
}

/// The coachees of whom a column says something, as part of a query.
macro_rules! coachees_whose {
    ($column:ident, $method:ident, $value:expr) => {
        within_coachees
            .filter(within_coachees.field(coachee_profiles::$column).$method($value))
            .select(within_coachees.field(coachee_profiles::person))
    };
}

/// A query about a table with a cohort and a coachee, confined to a scope.
macro_rules! within {
    ($scope:expr, $table:ident, $query:expr) => {{
        let mut query = $query.into_boxed();
        if let Some(cohort) = $scope.cohort {
            query = query.filter($table::cohort.eq(cohort));
        }
        if let Some(agency) = &$scope.agency {
            query = query.filter($table::coachee.eq_any(coachees_whose!(agency, eq, agency.as_str())));
        }
        if let Some(province) = &$scope.province {
            query = query.filter($table::coachee.eq_any(coachees_whose!(regency, eq_any, regencies_of!(province))));
        }
        query
    }};
}

/// A query about coaches, confined to a scope. Its cohort says nothing about them.
macro_rules! coaches_within {
    ($scope:expr, $query:expr) => {{
        let mut query = $query.into_boxed();
        if let Some(agency) = &$scope.agency {
            query = query.filter(coach_profiles::agency.eq(agency.as_str()));
        }
        if let Some(province) = &$scope.province {
            query = query
                .filter($crate::store::fixed::fixed::<diesel::sql_types::Text>("coach_profiles.province").eq(province));
        }
        query
    }};
}

/// Offers with their requests, as the beginning of a query.
macro_rules! offers_and_requests {
    () => {
        offers::table.inner_join(requests::table.on(requests::id.eq(offers::request)))
    };
}

pub mod coaches;
pub mod demand;
pub mod prices;
pub mod stuck;

/// Whether there is a province with this code.
///
/// # Errors
/// When the database cannot be read.
pub fn is_province(db: &mut Db, code: &str) -> StoreResult<bool> {
    Ok(diesel::select(diesel::dsl::exists(provinces::table.find(code))).get_result(db)?)
}

/// How many coachees have come how far. Who has come further counts at every stage before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stages {
    /// Asked for a coach.
    pub asked: i64,
    /// Were offered to a coach, or a coach to them.
    pub offered: i64,
    /// Got a yes.
    pub accepted: i64,
    /// Work with a coach now.
    pub active: i64,
    /// Completed a pairing.
    pub completed: i64,
}

/// Counts coachees by how far they have come.
///
/// # Errors
/// When the database cannot be read.
pub fn stages(db: &mut Db, scope: &Scope) -> StoreResult<Stages> {
    let asked = requests::table.select(count(requests::coachee).aggregate_distinct());
    let offered = offers_and_requests!().select(count(requests::coachee).aggregate_distinct());
    let paired = || within!(scope, pairings, pairings::table.select(count(pairings::coachee).aggregate_distinct()));
    let in_state = |status: PairingStatus| paired().filter(pairings::status.eq(status.as_str()));
    Ok(Stages {
        asked: within!(scope, requests, asked).get_result(db)?,
        offered: within!(scope, requests, offered).get_result(db)?,
        accepted: paired().get_result(db)?,
        active: in_state(PairingStatus::Active).get_result(db)?,
        completed: in_state(PairingStatus::Completed).get_result(db)?,
    })
}

/// How many there are in a state.
pub type Counted<T> = Vec<(T, i64)>;

fn plain<T>(rows: Vec<(Word<T>, i64)>) -> Counted<T> {
    rows.into_iter().map(|(word, count)| (word.0, count)).collect()
}

/// Counts requests by state.
///
/// # Errors
/// When the database cannot be read.
pub fn requests_by_state(db: &mut Db, scope: &Scope) -> StoreResult<Counted<RequestStatus>> {
    let counted = requests::table.group_by(requests::status).select((requests::status, count_star()));
    Ok(plain(within!(scope, requests, counted).load(db)?))
}

/// Counts offers by state.
///
/// # Errors
/// When the database cannot be read.
pub fn offers_by_state(db: &mut Db, scope: &Scope) -> StoreResult<Counted<OfferStatus>> {
    let counted = offers_and_requests!().group_by(offers::status).select((offers::status, count_star()));
    Ok(plain(within!(scope, requests, counted).load(db)?))
}

/// Counts pairings by state.
///
/// # Errors
/// When the database cannot be read.
pub fn pairings_by_state(db: &mut Db, scope: &Scope) -> StoreResult<Counted<PairingStatus>> {
    let counted = pairings::table.group_by(pairings::status).select((pairings::status, count_star()));
    Ok(plain(within!(scope, pairings, counted).load(db)?))
}

/// Counts declined offers by reason: all of them, or those alone that a coachee declined, before the coach was
/// asked.
///
/// # Errors
/// When the database cannot be read.
pub fn declines(db: &mut Db, scope: &Scope, only_by_coachees: bool) -> StoreResult<Counted<DeclineReason>> {
    let declined = offers_and_requests!()
        .filter(offers::status.eq(OfferStatus::Declined.as_str()))
        .filter(offers::reason.is_not_null())
        .group_by(offers::reason)
        .select((offers::reason.assume_not_null(), count_star()));
    let mut query = within!(scope, requests, declined);
    if only_by_coachees {
        query = query.filter(by_coachee!());
    }
    Ok(plain(query.load(db)?))
}

/// When each pairing was asked for, and when it began. Where another coach took over, nobody waited: such a
/// request is made in the moment in which its pairing begins, and does not count.
///
/// # Errors
/// When the database cannot be read.
pub fn waits(db: &mut Db, scope: &Scope) -> StoreResult<Vec<(Stamp, Stamp)>> {
    let waits = pairings::table
        .inner_join(offers::table.on(offers::id.eq(pairings::offer)))
        .inner_join(requests::table.on(requests::id.eq(offers::request)))
        .filter(requests::created_at.lt(pairings::started_at))
        .select((requests::created_at, pairings::started_at));
    Ok(within!(scope, pairings, waits).load(db)?)
}

/// A completed pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Completed {
    /// The pairing.
    pub pairing: PairingId,
    /// Who was coached.
    pub coachee: PersonId,
    /// The request that it came of.
    pub request: RequestId,
    /// When it began.
    pub started_at: Stamp,
}

/// Completed pairings, the oldest first, those younger than `after`.
///
/// # Errors
/// When the database cannot be read.
pub fn completed(db: &mut Db, scope: &Scope, after: Option<PairingId>, limit: i64) -> StoreResult<Vec<Completed>> {
    let completed = pairings::table
        .inner_join(offers::table.on(offers::id.eq(pairings::offer)))
        .filter(pairings::status.eq(PairingStatus::Completed.as_str()))
        .select((pairings::id, pairings::coachee, offers::request, pairings::started_at));
    let mut query = within!(scope, pairings, completed);
    if let Some(after) = after {
        query = query.filter(pairings::id.gt(after));
    }
    Ok(query.order(pairings::id).limit(limit).load(db)?)
}

/// How many pairings there are, and how many of them between people of two agencies.
///
/// # Errors
/// When the database cannot be read.
pub fn across_agencies(db: &mut Db, scope: &Scope) -> StoreResult<(i64, i64)> {
    let pairs = pairings::table
        .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(pairings::coachee)))
        .inner_join(coach_profiles::table.on(coach_profiles::person.eq(pairings::coach)));
    let all = within!(scope, pairings, pairs.select(count_star())).get_result(db)?;
    let across = pairs.filter(coachee_profiles::agency.ne(coach_profiles::agency)).select(count_star());
    Ok((all, within!(scope, pairings, across).get_result(db)?))
}
