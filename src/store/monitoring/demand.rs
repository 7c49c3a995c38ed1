//! How many ask for what, and how many places there are for it.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, sum};
use diesel::prelude::*;

use super::super::schema::{coach_profiles, coach_strengths, coachee_profiles, regencies, request_focus, requests};
use super::super::{Db, PersonId, RequestId, StoreResult};
use super::{Scope, within_coachees, within_regencies};
use crate::domain::{RequestStatus, Verification};

/// How many per code of a competency or province.
pub type PerCode = BTreeMap<String, i64>;

/// Open requests, as the beginning of a query.
macro_rules! open {
    ($from:expr) => {
        $from.filter(requests::status.eq(RequestStatus::Open.as_str()))
    };
}

/// Open requests per competency that they name as their focus. A request may name up to three, and counts for
/// each.
///
/// # Errors
/// When the database cannot be read.
pub fn wanted_competencies(db: &mut Db, scope: &Scope) -> StoreResult<PerCode> {
    let focus = request_focus::table.inner_join(requests::table.on(requests::id.eq(request_focus::request)));
    let counted = open!(focus).group_by(request_focus::competency).select((request_focus::competency, count_star()));
    Ok(within!(scope, requests, counted).load(db)?.into_iter().collect())
}

/// Open requests that name no focus, as the beginning of a query.
macro_rules! open_without_focus {
    () => {
        open!(requests::table).filter(requests::id.ne_all(request_focus::table.select(request_focus::request)))
    };
}

/// How many open requests name no focus: they are about the largest gaps, whichever these are.
///
/// # Errors
/// When the database cannot be read.
pub fn without_focus(db: &mut Db, scope: &Scope) -> StoreResult<i64> {
    Ok(within!(scope, requests, open_without_focus!().select(count_star())).get_result(db)?)
}

/// Open requests that name no focus and their coachees, the newest first, those older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub fn asking_without_focus(
    db: &mut Db,
    scope: &Scope,
    before: Option<RequestId>,
    limit: i64,
) -> StoreResult<Vec<(RequestId, PersonId)>> {
    let asking = open_without_focus!().select((requests::id, requests::coachee));
    let mut query = within!(scope, requests, asking);
    if let Some(before) = before {
        query = query.filter(requests::id.lt(before));
    }
    Ok(query.order(requests::id.desc()).limit(limit).load(db)?)
}

/// Open requests per province in which their coachees work.
///
/// # Errors
/// When the database cannot be read.
pub fn asking_provinces(db: &mut Db, scope: &Scope) -> StoreResult<PerCode> {
    let placed = requests::table
        .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(requests::coachee)))
        .inner_join(regencies::table.on(regencies::code.eq(coachee_profiles::regency)));
    let counted = open!(placed).group_by(regencies::province).select((regencies::province, count_star()));
    Ok(within!(scope, requests, counted).load(db)?.into_iter().collect())
}

/// A query about coaches who can be asked and have a free place, confined to a scope.
macro_rules! free {
    ($scope:expr, $query:expr) => {{
        let taken = coach_profiles::load + coach_profiles::held;
        let ready = $query
            .filter(coach_profiles::accepting.eq(true))
            .filter(coach_profiles::verification.eq(Verification::Verified.as_str()))
            .filter(coach_profiles::capacity.gt(taken));
        coaches_within!($scope, ready)
    }};
}

/// The free places of a group of coaches, as a column.
macro_rules! free_places {
    () => {
        sum(coach_profiles::capacity - coach_profiles::load - coach_profiles::held)
    };
}

fn places(rows: Vec<(String, Option<i64>)>) -> PerCode {
    rows.into_iter().map(|(code, places)| (code, places.unwrap_or(0))).collect()
}

/// Free places per competency in which their coaches are strong. A place counts for each.
///
/// # Errors
/// When the database cannot be read.
pub fn free_by_competency(db: &mut Db, scope: &Scope) -> StoreResult<PerCode> {
    let strong = coach_strengths::table
        .inner_join(coach_profiles::table.on(coach_profiles::person.eq(coach_strengths::coach)))
        .group_by(coach_strengths::competency)
        .select((coach_strengths::competency, free_places!()));
    Ok(places(free!(scope, strong).load(db)?))
}

/// Free places per province in which their coaches work.
///
/// # Errors
/// When the database cannot be read.
pub fn free_by_province(db: &mut Db, scope: &Scope) -> StoreResult<PerCode> {
    let placed = coach_profiles::table
        .inner_join(regencies::table.on(regencies::code.eq(coach_profiles::regency)))
        .group_by(regencies::province)
        .select((regencies::province, free_places!()));
    Ok(places(free!(scope, placed).load(db)?))
}

/// How many free places there are in all.
///
/// # Errors
/// When the database cannot be read.
pub fn free(db: &mut Db, scope: &Scope) -> StoreResult<i64> {
    let all: Option<i64> = free!(scope, coach_profiles::table.select(free_places!())).get_result(db)?;
    Ok(all.unwrap_or(0))
}
