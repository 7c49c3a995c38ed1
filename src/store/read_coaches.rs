//! Reading coaches, as far as a reader without an account may see them: what a verified
//! coach offers by profession, never name, address or number.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::engine::Db;
use super::fixed::fixed;
use super::schema::{agencies, coach_profiles, coach_regions_served, coach_strengths, persons, regencies};
use super::types::{LevelCell, Word};
use super::{PersonId, StoreResult};
use crate::domain::{CoachSource, Tier, Verification};

/// A verified coach.
#[derive(Debug, Clone, Queryable)]
pub struct CoachRow {
    /// The person.
    pub person: PersonId,
    /// The code.
    pub code: String,
    /// Where the coach comes from.
    pub source: Word<CoachSource>,
    /// Code of the employer.
    pub agency: String,
    /// Name of the employer.
    pub agency_name: String,
    /// The tier, if known.
    pub tier: Option<Word<Tier>>,
    /// The field of work, if given.
    pub field: Option<String>,
    /// Where the coach works.
    pub regency: String,
    /// The province of that regency.
    pub province: String,
    /// Ways of meeting, as bits.
    pub modes: i16,
    /// Languages, as bits.
    pub languages: i16,
    /// Most coachees at a time.
    pub capacity: i32,
    /// Places taken.
    pub load: i32,
    /// Whether new coachees are welcome.
    pub accepting: bool,
    /// Pairs completed so far.
    pub completed_pairs: i32,
}

/// Which coaches are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CoachFilter {
    /// Only coaches who work in the province with this code.
    pub province: Option<String>,
    /// Only coaches who are strong in the competency with this code.
    pub competency: Option<String>,
    /// Only the coaches of these codes.
    pub codes: Option<Vec<String>>,
}

/// Verified coaches in the order in which they joined, those behind the person `after`.
///
/// # Errors
/// Those of the database.
pub fn coaches(db: &mut Db, filter: &CoachFilter, after: Option<PersonId>, limit: i64) -> StoreResult<Vec<CoachRow>> {
    let mut query = coach_profiles::table
        .inner_join(persons::table.on(persons::id.eq(coach_profiles::person)))
        .inner_join(agencies::table.on(agencies::code.eq(coach_profiles::agency)))
        .inner_join(regencies::table.on(regencies::code.eq(coach_profiles::regency)))
        .filter(coach_profiles::verification.eq(Verification::Verified.as_str()))
        .select((
            coach_profiles::person,
            persons::code,
            coach_profiles::source,
            coach_profiles::agency,
            agencies::name,
            coach_profiles::tier,
            coach_profiles::field,
            coach_profiles::regency,
            regencies::province,
            coach_profiles::modes,
            coach_profiles::languages,
            coach_profiles::capacity,
            coach_profiles::load + coach_profiles::held,
            coach_profiles::accepting,
            coach_profiles::completed_pairs,
        ))
        .into_boxed();
    if let Some(province) = &filter.province {
        // By the column that triggers fill, by which an index has them in the order wanted.
        query = query.filter(fixed::<Text>("coach_profiles.province").eq(province));
    }
    if let Some(competency) = &filter.competency {
        let strong =
            coach_strengths::table.filter(coach_strengths::competency.eq(competency)).select(coach_strengths::coach);
        query = query.filter(coach_profiles::person.eq_any(strong));
    }
    if let Some(codes) = &filter.codes {
        // By their keys: by code, SQLite would look through all coaches in the order wanted.
        let wanted: Vec<PersonId> = persons::table.filter(persons::code.eq_any(codes)).select(persons::id).load(db)?;
        query = query.filter(coach_profiles::person.eq_any(wanted));
    }
    if let Some(after) = after {
        query = query.filter(coach_profiles::person.gt(after));
    }
    Ok(query.order(coach_profiles::person).limit(limit).load(db)?)
}

/// The strengths of some coaches, by coach and competency.
///
/// # Errors
/// Those of the database.
pub fn strengths(db: &mut Db, coaches: &[PersonId]) -> StoreResult<Vec<(PersonId, String, LevelCell)>> {
    Ok(coach_strengths::table
        .filter(coach_strengths::coach.eq_any(coaches))
        .order((coach_strengths::coach, coach_strengths::competency))
        .load(db)?)
}

/// The provinces that some coaches travel to, by coach and province.
///
/// # Errors
/// Those of the database.
pub fn regions_served(db: &mut Db, coaches: &[PersonId]) -> StoreResult<Vec<(PersonId, String)>> {
    Ok(coach_regions_served::table
        .filter(coach_regions_served::coach.eq_any(coaches))
        .order((coach_regions_served::coach, coach_regions_served::province))
        .load(db)?)
}
