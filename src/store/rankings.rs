//! Whom coaches wish for in a cohort, as they say while its ranking is open.

use std::collections::HashMap;

use diesel::prelude::*;

use super::schema::{coachee_profiles, persons as people, ranking_wishes, request_choices, requests};
use super::types::Word;
use super::{CohortId, Db, PersonId, RequestId, StoreResult};
use crate::domain::{AgencyCode, PersonCode, RegencyCode, RequestStatus, Tier};

diesel::alias! {
    const COACHEES: Alias<Coachees> = people as wished_coachees;
    const COACHES: Alias<Coaches> = people as wishing_coaches;
}

/// Replaces the wishes of a coach in a cohort.
///
/// # Errors
/// [`Conflict`](super::StoreError::Conflict) when somebody is named twice, or is no coachee.
pub fn set_wishes(db: &mut Db, cohort: CohortId, coach: PersonId, coachees: &[PersonId]) -> StoreResult<()> {
    let own = ranking_wishes::cohort.eq(cohort).and(ranking_wishes::coach.eq(coach));
    diesel::delete(ranking_wishes::table.filter(own)).execute(db)?;
    let rows = coachees.iter().map(|&coachee| row!(ranking_wishes { cohort: cohort, coach: coach, coachee: coachee }));
    insert_all!(db, ranking_wishes::table, rows.collect())
}

/// The wishes of a coach in a cohort, by code.
///
/// # Errors
/// When the database cannot be read.
pub fn wishes(db: &mut Db, cohort: CohortId, coach: PersonId) -> StoreResult<Vec<PersonCode>> {
    let rows: Vec<Word<PersonCode>> = ranking_wishes::table
        .inner_join(people::table.on(people::id.eq(ranking_wishes::coachee)))
        .filter(ranking_wishes::cohort.eq(cohort).and(ranking_wishes::coach.eq(coach)))
        .order(people::code)
        .select(people::code)
        .load(db)?;
    Ok(rows.into_iter().map(|code| code.0).collect())
}

/// All wishes in a cohort: the coachees of each coach.
pub(super) fn of_cohort(db: &mut Db, cohort: CohortId) -> StoreResult<HashMap<PersonCode, Vec<PersonCode>>> {
    let rows: Vec<(Word<PersonCode>, Word<PersonCode>)> = ranking_wishes::table
        .inner_join(COACHEES.on(COACHEES.field(people::id).eq(ranking_wishes::coachee)))
        .inner_join(COACHES.on(COACHES.field(people::id).eq(ranking_wishes::coach)))
        .filter(ranking_wishes::cohort.eq(cohort))
        .select((COACHES.field(people::code), COACHEES.field(people::code)))
        .load(db)?;
    let mut wishes = HashMap::<PersonCode, Vec<PersonCode>>::new();
    for (coach, coachee) in rows {
        wishes.entry(coach.0).or_default().push(coachee.0);
    }
    Ok(wishes)
}

/// Somebody who has ranked a coach, as the coach may know them: no name, no way to reach them.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Ranker {
    /// The request.
    pub request: RequestId,
    /// The coachee.
    pub coachee: Word<PersonCode>,
    /// The employer.
    pub agency: Word<AgencyCode>,
    /// The position.
    pub position: String,
    /// Its tier.
    pub tier: Word<Tier>,
    /// Where.
    pub regency: Word<RegencyCode>,
}

/// Most of them that are told: a coach has far fewer places.
const MOST_RANKERS: i64 = 200;

/// Those with an open request in a cohort who have ranked a coach, by code.
///
/// # Errors
/// When the database cannot be read.
pub fn ranked_by(db: &mut Db, cohort: CohortId, coach: &PersonCode) -> StoreResult<Vec<Ranker>> {
    Ok(request_choices::table
        .inner_join(requests::table.on(requests::id.eq(request_choices::request)))
        .inner_join(people::table.on(people::id.eq(requests::coachee)))
        .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(requests::coachee)))
        .filter(request_choices::coach_code.eq(coach.as_str()))
        .filter(requests::cohort.eq(cohort).and(requests::status.eq(RequestStatus::Open.as_str())))
        .order(people::code)
        .limit(MOST_RANKERS)
        .select((
            requests::id,
            people::code,
            coachee_profiles::agency,
            coachee_profiles::position,
            coachee_profiles::tier,
            coachee_profiles::regency,
        ))
        .load(db)?)
}
