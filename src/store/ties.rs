//! Which coaches are tied to a coachee by what others say: who wishes for the coachee, and who reports to.

use std::collections::HashSet;

use diesel::prelude::*;

use super::records::MAX_CHAIN;
use super::schema::{coach_profiles, coach_wishes, coachee_profiles, persons};
use super::types::Word;
use super::{CHUNK, Db, StoreResult};
use crate::domain::PersonCode;

/// The coaches who wish for a coachee.
pub(super) fn wishing(db: &mut Db, coachee: &PersonCode) -> StoreResult<Vec<PersonCode>> {
    let rows: Vec<Word<PersonCode>> = coach_wishes::table
        .inner_join(persons::table.on(persons::id.eq(coach_wishes::coach)))
        .filter(coach_wishes::coachee_code.eq(coachee.as_str()))
        .select(persons::code)
        .load(db)?;
    Ok(rows.into_iter().map(|code| code.0).collect())
}

/// The coaches who report to a person, as coaches or as coachees, directly or through others.
pub(super) fn below(db: &mut Db, person: &PersonCode) -> StoreResult<Vec<PersonCode>> {
    let mut known = HashSet::from([person.clone()]);
    let (mut coaches, mut level) = (Vec::new(), vec![person.clone()]);
    for _ in 0..MAX_CHAIN {
        if level.is_empty() {
            break;
        }
        let mut reporting = Vec::new();
        for chunk in level.chunks(CHUNK) {
            reporting.extend(reporting_to(db, chunk)?);
        }
        reporting.retain(|(code, _)| known.insert(code.clone()));
        coaches.extend(reporting.iter().filter(|(_, coach)| *coach).map(|(code, _)| code.clone()));
        level = reporting.into_iter().map(|(code, _)| code).collect();
    }
    Ok(coaches)
}

/// Those who report to some persons directly, each with whether they are a coach.
fn reporting_to(db: &mut Db, persons_above: &[PersonCode]) -> StoreResult<Vec<(PersonCode, bool)>> {
    let above: Vec<&str> = persons_above.iter().map(PersonCode::as_str).collect();
    let as_coaches: Vec<Word<PersonCode>> = coach_profiles::table
        .inner_join(persons::table.on(persons::id.eq(coach_profiles::person)))
        .filter(coach_profiles::superior_code.eq_any(&above))
        .select(persons::code)
        .load(db)?;
    let as_coachees: Vec<(Word<PersonCode>, bool)> = coachee_profiles::table
        .inner_join(persons::table.on(persons::id.eq(coachee_profiles::person)))
        .left_join(coach_profiles::table.on(coach_profiles::person.eq(coachee_profiles::person)))
        .filter(coachee_profiles::superior_code.eq_any(&above))
        .select((persons::code, coach_profiles::person.nullable().is_not_null()))
        .load(db)?;
    let as_coaches = as_coaches.into_iter().map(|code| (code.0, true));
    Ok(as_coaches.chain(as_coachees.into_iter().map(|(code, coach)| (code.0, coach))).collect())
}
