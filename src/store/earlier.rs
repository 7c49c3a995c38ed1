//! Pairs that were declined or have ended, and are never proposed again.

use std::collections::HashSet;

use diesel::prelude::*;

use super::schema::{earlier_pairs, persons};
use super::{CHUNK, Db, PersonId, StoreResult};

/// Remembers a pair. What happened here outlasts what imports say.
///
/// # Errors
/// When the database cannot be written.
pub fn remember(db: &mut Db, coachee: PersonId, coach: PersonId) -> StoreResult<()> {
    let code: String = persons::table.find(coach).select(persons::code).get_result(db)?;
    let known = diesel::update(earlier_pairs::table.find((coachee, &code))).set(earlier_pairs::imported.eq(false));
    if known.execute(db)? == 0 {
        diesel::insert_into(earlier_pairs::table)
            .values(row!(earlier_pairs { coachee: coachee, coach_code: &code, imported: false }))
            .execute(db)?;
    }
    Ok(())
}

/// Whether the pair is remembered.
///
/// # Errors
/// When the database cannot be read.
pub fn remembered(db: &mut Db, coachee: PersonId, coach: PersonId) -> StoreResult<bool> {
    Ok(pairs(db, &[coachee])?.contains(&(coachee, coach)))
}

/// The remembered pairs of some coachees, as (coachee, coach).
///
/// # Errors
/// When the database cannot be read.
pub fn pairs(db: &mut Db, coachees: &[PersonId]) -> StoreResult<HashSet<(PersonId, PersonId)>> {
    let mut found = HashSet::new();
    for chunk in coachees.chunks(CHUNK) {
        let rows: Vec<(PersonId, PersonId)> = earlier_pairs::table
            .inner_join(persons::table.on(persons::code.eq(earlier_pairs::coach_code)))
            .filter(earlier_pairs::coachee.eq_any(chunk))
            .select((earlier_pairs::coachee, persons::id))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}
