//! What one more place would have added to the total of a run, by where and in what its coach is strong.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::super::schema::{coach_profiles, coach_strengths, regencies, run_prices, runs};
use super::super::{CohortId, Db, RunId, StoreResult};
use super::Scope;
use crate::domain::RunStatus;

diesel::allow_columns_to_appear_in_same_group_by_clause!(
    regencies::province,
    coach_strengths::competency,
    run_prices::price
);

/// The prices of a group of coaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prices {
    /// How many coaches have a price, be it 0.
    pub coaches: i64,
    /// For how many of them it is more than 0: their places are wanted by more than can have them.
    pub wanted: i64,
    /// The sum of the prices, in points of score.
    pub total: i64,
    /// The highest of them.
    pub highest: i64,
}

impl Prices {
    fn add(&mut self, price: i64, coaches: i64) {
        self.coaches += coaches;
        self.wanted += if price > 0 { coaches } else { 0 };
        self.total += price * coaches;
        self.highest = self.highest.max(price);
    }
}

/// The prices of groups of coaches, by the code of a province or competency.
pub type PerCode = BTreeMap<String, Prices>;

/// The newest run with a result, of one cohort or of all; none with hypothetical coaches.
///
/// # Errors
/// When the database cannot be read.
pub fn newest_run(db: &mut Db, cohort: Option<CohortId>) -> StoreResult<Option<RunId>> {
    let with_result = [RunStatus::Computed.as_str(), RunStatus::Published.as_str()];
    let real = runs::status.eq_any(with_result).and(runs::what_if.is_null());
    let mut query = runs::table.filter(real).select(runs::id).into_boxed();
    if let Some(cohort) = cohort {
        query = query.filter(runs::cohort.eq(cohort));
    }
    Ok(query.order(runs::id.desc()).first(db).optional()?)
}

/// Puts together what is counted per code and price: prices are whole points, so there are few of each.
fn summed(rows: Vec<(String, i64, i64)>) -> PerCode {
    let mut groups = PerCode::new();
    for (code, price, coaches) in rows {
        groups.entry(code).or_default().add(price, coaches);
    }
    groups
}

/// The prices of a run by the province in which the coach works.
///
/// # Errors
/// When the database cannot be read.
pub fn by_province(db: &mut Db, run: RunId, scope: &Scope) -> StoreResult<PerCode> {
    let counted = run_prices::table
        .inner_join(coach_profiles::table.on(coach_profiles::person.eq(run_prices::coach)))
        .inner_join(regencies::table.on(regencies::code.eq(coach_profiles::regency)))
        .filter(run_prices::run.eq(run))
        .group_by((regencies::province, run_prices::price))
        .select((regencies::province, run_prices::price, count_star()));
    Ok(summed(coaches_within!(scope, counted).load(db)?))
}

/// The prices of a run by the competencies in which the coach is strong. A coach counts for each.
///
/// # Errors
/// When the database cannot be read.
pub fn by_competency(db: &mut Db, run: RunId, scope: &Scope) -> StoreResult<PerCode> {
    let counted = run_prices::table
        .inner_join(coach_profiles::table.on(coach_profiles::person.eq(run_prices::coach)))
        .inner_join(coach_strengths::table.on(coach_strengths::coach.eq(run_prices::coach)))
        .filter(run_prices::run.eq(run))
        .group_by((coach_strengths::competency, run_prices::price))
        .select((coach_strengths::competency, run_prices::price, count_star()));
    Ok(summed(coaches_within!(scope, counted).load(db)?))
}
