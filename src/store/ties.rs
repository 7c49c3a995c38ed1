//! Which coaches are tied to a coachee by the line of command: who stands above, who reports to. Asked for one person at a time, and mostly there is nobody.

use std::collections::HashSet;

use diesel::prelude::*;

use super::records::MAX_CHAIN;
use super::schema::{coach_profiles, coachee_profiles, persons};
use super::types::Word;
use super::{Db, PersonId, StoreResult};
use crate::domain::PersonCode;

/// Whom somebody reports to: one superior as coachee, another perhaps as coach.
pub(super) type Superiors = (Option<Word<PersonCode>>, Option<Word<PersonCode>>);

/// All who stand above somebody with these superiors, nearest first, coaches or not.
pub(super) fn above(db: &mut Db, superiors: Superiors) -> StoreResult<Vec<PersonCode>> {
    let both = |(one, other): Superiors| one.into_iter().chain(other).map(|code| code.0);
    let mut chain: Vec<PersonCode> = Vec::new();
    let mut level: Vec<PersonCode> = both(superiors).collect();
    for _ in 0..MAX_CHAIN {
        level.retain(|code| !chain.contains(code));
        chain.extend(level.iter().cloned());
        let mut next = Vec::new();
        for code in level {
            let superiors = persons::table
                .left_join(coachee_profiles::table.on(coachee_profiles::person.eq(persons::id)))
                .left_join(coach_profiles::table.on(coach_profiles::person.eq(persons::id)))
                .filter(persons::code.eq(code.as_str()))
                .select((coachee_profiles::superior_code.nullable(), coach_profiles::superior_code.nullable()));
            let found: Option<Superiors> = on_engine!(db, connection => superiors.get_result(connection).optional())?;
            next.extend(found.into_iter().flat_map(both));
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    Ok(chain)
}

/// The coaches who report to somebody, directly or through others; those who do directly are given, and whether each is
/// a coach.
pub(super) fn below(
    db: &mut Db,
    person: &PersonCode,
    directly: Vec<(PersonCode, bool)>,
) -> StoreResult<Vec<PersonCode>> {
    let mut known = HashSet::from([person.clone()]);
    let (mut coaches, mut level) = (Vec::new(), directly);
    for _ in 0..MAX_CHAIN {
        level.retain(|(code, _)| known.insert(code.clone()));
        coaches.extend(level.iter().filter(|(_, is_coach)| *is_coach).map(|(code, _)| code.clone()));
        if level.is_empty() {
            break;
        }
        let mut next = Vec::new();
        for (code, _) in &level {
            next.extend(reporting_to(db, code)?);
        }
        level = next;
    }
    Ok(coaches)
}

/// Those who report to somebody directly.
fn reporting_to(db: &mut Db, superior: &PersonCode) -> StoreResult<Vec<(PersonCode, bool)>> {
    let as_coaches: Vec<Word<PersonCode>> = coach_profiles::table
        .inner_join(persons::table.on(persons::id.eq(coach_profiles::person)))
        .filter(coach_profiles::superior_code.eq(superior.as_str()))
        .select(persons::code)
        .load(db)?;
    let as_coachees: Vec<(Word<PersonCode>, Option<PersonId>)> = coachee_profiles::table
        .inner_join(persons::table.on(persons::id.eq(coachee_profiles::person)))
        .left_join(coach_profiles::table.on(coach_profiles::person.eq(coachee_profiles::person)))
        .filter(coachee_profiles::superior_code.eq(superior.as_str()))
        .select((persons::code, coach_profiles::person.nullable()))
        .load(db)?;
    let as_coaches = as_coaches.into_iter().map(|code| (code.0, true));
    let as_coachees = as_coachees.into_iter();
    Ok(as_coaches.chain(as_coachees.map(|(code, coach)| (code.0, coach.is_some()))).collect())
}
