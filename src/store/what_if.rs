//! What runs found for coaches who are no persons.

use std::collections::HashMap;

use diesel::prelude::*;

use super::pairs::{PairResult, PriceResult};
use super::read_runs::{PairFilter, PairRow};
use super::schema::{coachee_profiles, persons, regencies, run_what_if_pairs as pairs, run_what_if_prices as prices};
use super::types::Word;
use super::{Db, PersonId, RunId, StoreResult};
use crate::domain::PersonCode;

/// Writes pairs, each with its place in the run, and prices.
pub(super) fn insert(
    db: &mut Db,
    run: RunId,
    ids: &HashMap<PersonCode, PersonId>,
    found: &[(i32, &PairResult)],
    priced: &[&PriceResult],
) -> StoreResult<()> {
    let rows = found.iter().map(|(place, pair)| {
        row!(pairs {
            run: run,
            place: *place,
            coachee: ids[&pair.coachee],
            coach_code: pair.coach.as_str().to_owned(),
            score: i16::from(pair.score),
            explanation: &pair.explanation,
        })
    });
    insert_all!(db, pairs::table, rows.collect())?;
    let rows = priced
        .iter()
        .map(|price| row!(prices { run: run, coach_code: price.coach.as_str().to_owned(), price: price.price }));
    insert_all!(db, prices::table, rows.collect())
}

/// The pairs as (coachee, coach).
pub(super) fn all(db: &mut Db, run: RunId) -> StoreResult<Vec<(PersonCode, PersonCode)>> {
    let rows: Vec<(Word<PersonCode>, Word<PersonCode>)> = pairs::table
        .inner_join(persons::table.on(persons::id.eq(pairs::coachee)))
        .filter(pairs::run.eq(run))
        .select((persons::code, pairs::coach_code))
        .load(db)?;
    Ok(rows.into_iter().map(|(coachee, coach)| (coachee.0, coach.0)).collect())
}

/// The prices of their places.
pub(super) fn all_prices(db: &mut Db, run: RunId) -> StoreResult<Vec<PriceResult>> {
    let rows: Vec<(Word<PersonCode>, i64)> =
        prices::table.filter(prices::run.eq(run)).select((prices::coach_code, prices::price)).load(db)?;
    Ok(rows.into_iter().map(|(coach, price)| PriceResult { coach: coach.0, price }).collect())
}

/// The pairs by place, those behind the place `after`.
pub(super) fn page(
    db: &mut Db,
    run: RunId,
    filter: &PairFilter,
    after: Option<i32>,
    limit: i64,
) -> StoreResult<Vec<PairRow>> {
    let mut query = pairs::table
        .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(pairs::coachee)))
        .inner_join(regencies::table.on(regencies::code.eq(coachee_profiles::regency)))
        .inner_join(persons::table.on(persons::id.eq(pairs::coachee)))
        .filter(pairs::run.eq(run))
        .select((
            pairs::place,
            persons::code,
            coachee_profiles::tier,
            coachee_profiles::regency,
            pairs::coach_code,
            pairs::score,
            pairs::explanation,
        ))
        .into_boxed();
    if let Some(province) = &filter.province {
        query = query.filter(regencies::province.eq(province));
    }
    if let Some(code) = &filter.coach {
        query = query.filter(pairs::coach_code.eq(code));
    }
    if let Some(code) = &filter.coachee {
        query = query.filter(persons::code.eq(code));
    }
    if let Some(after) = after {
        query = query.filter(pairs::place.gt(after));
    }
    Ok(query.order(pairs::place).limit(limit).load(db)?)
}

/// How many pairs have each score.
pub(super) fn scores(db: &mut Db, run: RunId) -> StoreResult<Vec<(i16, i64)>> {
    let counted = pairs::table.filter(pairs::run.eq(run)).group_by(pairs::score);
    Ok(counted.select((pairs::score, diesel::dsl::count_star())).load(db)?)
}
