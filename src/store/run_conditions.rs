//! Pairs that an admin wants, or does not want, in a run.

use diesel::prelude::*;

use super::schema::{persons as people, run_conditions};
use super::types::Word;
use super::{Db, PersonId, RunId, StoreResult};
use crate::domain::{ConditionKind, PersonCode};

/// A pair that is wanted, or not wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Which of the two.
    pub kind: ConditionKind,
    /// The coachee.
    pub coachee: PersonCode,
    /// The coach.
    pub coach: PersonCode,
}

diesel::alias! {
    const COACHEES: Alias<Coachees> = people as condition_coachees;
    const COACHES: Alias<Coaches> = people as condition_coaches;
}

/// Keeps the conditions of a run: (kind, coachee, coach).
///
/// # Errors
/// [`Conflict`](super::StoreError::Conflict) when a pair is named twice, or a coachee is pinned twice.
pub fn insert(db: &mut Db, run: RunId, conditions: &[(ConditionKind, PersonId, PersonId)]) -> StoreResult<()> {
    let rows = conditions.iter().map(|&(kind, coachee, coach)| {
        row!(run_conditions { run: run, kind: kind.as_str(), coachee: coachee, coach: coach })
    });
    insert_all!(db, run_conditions::table, rows.collect())
}

/// The conditions of a run, by the codes of coachee and coach.
///
/// # Errors
/// When the database cannot be read.
pub fn of_run(db: &mut Db, run: RunId) -> StoreResult<Vec<Condition>> {
    let rows: Vec<(Word<ConditionKind>, Word<PersonCode>, Word<PersonCode>)> = run_conditions::table
        .inner_join(COACHEES.on(COACHEES.field(people::id).eq(run_conditions::coachee)))
        .inner_join(COACHES.on(COACHES.field(people::id).eq(run_conditions::coach)))
        .filter(run_conditions::run.eq(run))
        .select((run_conditions::kind, COACHEES.field(people::code), COACHES.field(people::code)))
        .load(db)?;
    let condition = |(kind, coachee, coach): (Word<ConditionKind>, Word<PersonCode>, Word<PersonCode>)| Condition {
        kind: kind.0,
        coachee: coachee.0,
        coach: coach.0,
    };
    let mut found: Vec<Condition> = rows.into_iter().map(condition).collect();
    found.sort_unstable_by(|a, b| (&a.coachee, &a.coach).cmp(&(&b.coachee, &b.coach)));
    Ok(found)
}
