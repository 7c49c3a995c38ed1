//! Reading runs and what they found, as far as a reader without an account may see it:
//! codes, tiers and places, never names, addresses or numbers of persons.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::engine::Db;
use super::schema::{
    coachee_profiles, cohort_admissions, cohorts, persons, policies, proposed_pairs, regencies, run_waiting, runs,
};
use super::types::{Day, Doc, Stamp, Word};
use super::{RunId, StoreResult, what_if};
use crate::domain::{AdmissionKind, AgencyCode, Objective, RunFailure, RunStatus, Tier};

/// A run and its totals; those are there once it is computed.
#[derive(Debug, Clone, Queryable)]
pub struct RunRow {
    /// The run.
    pub id: RunId,
    /// Code of its cohort.
    pub cohort_code: String,
    /// Name of its cohort.
    pub cohort_name: String,
    /// What it strives for.
    pub objective: Word<Objective>,
    /// The seed of its lottery, in the bits of a signed number.
    pub seed: i64,
    /// The day whose state it looks at.
    pub as_of: Day,
    /// Its state.
    pub status: Word<RunStatus>,
    /// When it was asked for.
    pub created_at: Stamp,
    /// When its result was there.
    pub computed_at: Option<Stamp>,
    /// Digest of its input.
    pub input_digest: Option<String>,
    /// The program that computed it.
    pub program_version: Option<String>,
    /// Coachees in it.
    pub coachees: Option<i32>,
    /// Coaches in it.
    pub coaches: Option<i32>,
    /// Pairs found.
    pub matched: Option<i32>,
    /// Most pairs that any plan can have.
    pub possible: Option<i32>,
    /// Sum of the scores of the pairs.
    pub total_score: Option<i64>,
    /// No plan has a larger sum.
    pub upper_bound: Option<i64>,
    /// Pairs that would both rather have each other.
    pub blocking_pairs: Option<i64>,
    /// The policy it followed.
    pub policy: Doc,
    /// How often computing began without coming to a result.
    pub tries: i16,
    /// Why it was given up, if it was.
    pub failure: Option<Word<RunFailure>>,
    /// What was in the way.
    pub failure_detail: Option<String>,
    /// The hypothetical coaches in it, if there are any.
    pub what_if: Option<Doc>,
    /// The earlier run from which it starts, if it does.
    pub follows: Option<RunId>,
}

/// A pair of a run.
#[derive(Debug, Clone, Queryable)]
pub struct PairRow {
    /// Its place in the order of coachee codes, from 0.
    pub place: i32,
    /// The coachee's code.
    pub coachee: String,
    /// The coachee's tier.
    pub tier: Word<Tier>,
    /// Where the coachee works.
    pub regency: String,
    /// The coach's code.
    pub coach: String,
    /// The score.
    pub score: i16,
    /// Why that score.
    pub explanation: Doc,
}

/// A coachee without a coach.
#[derive(Debug, Clone, Queryable)]
pub struct WaitingRow {
    /// The place on the waiting list, from 1.
    pub place: i32,
    /// The coachee's code.
    pub coachee: String,
    /// The coachee's tier.
    pub tier: Word<Tier>,
    /// Where the coachee works.
    pub regency: String,
    /// Why there is no coach.
    pub reason: Doc,
}

/// Which pairs of a run are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairFilter {
    /// Only coachees of the province with this code.
    pub province: Option<String>,
    /// Only pairs with the coach of this code.
    pub coach: Option<String>,
    /// Only the coachee of this code.
    pub coachee: Option<String>,
}

macro_rules! run_columns {
    () => {
        (
            runs::id,
            cohorts::code,
            cohorts::name,
            runs::objective,
            runs::seed,
            runs::as_of,
            runs::status,
            runs::created_at,
            runs::computed_at,
            runs::input_digest,
            runs::program_version,
            runs::coachees,
            runs::coaches,
            runs::matched,
            runs::possible,
            runs::total_score,
            runs::upper_bound,
            runs::blocking_pairs,
            policies::body,
            runs::tries,
            runs::failure,
            runs::failure_detail,
            runs::what_if,
            runs::follows,
        )
    };
}

/// Which runs are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunFilter<'a> {
    /// Only those of cohorts that are for this agency alone.
    pub agency: Option<&'a AgencyCode>,
    /// Only those of the cohort with this code.
    pub cohort: Option<&'a str>,
    /// Only those in this state; unless said, those that nobody has thrown away. Those that were given up are among
    /// them: somebody waits for them.
    pub status: Option<RunStatus>,
}

/// Runs, newest first, those made before the run `after`.
///
/// # Errors
/// Those of the database.
pub fn runs(db: &mut Db, filter: &RunFilter, after: Option<RunId>, limit: i64) -> StoreResult<Vec<RunRow>> {
    let mut query = runs::table
        .inner_join(cohorts::table.on(cohorts::id.eq(runs::cohort)))
        .inner_join(policies::table.on(policies::id.eq(runs::policy)))
        .select(run_columns!())
        .into_boxed();
    if let Some(agency) = filter.agency {
        let named = || {
            let of_cohort = cohort_admissions::cohort.eq(runs::cohort);
            cohort_admissions::table.filter(of_cohort.and(cohort_admissions::kind.eq(AdmissionKind::Agency.as_str())))
        };
        let own = named().filter(cohort_admissions::code.eq(agency.as_str()));
        let others = named().filter(cohort_admissions::code.ne(agency.as_str()));
        query = query.filter(diesel::dsl::exists(own)).filter(diesel::dsl::not(diesel::dsl::exists(others)));
    }
    if let Some(cohort) = filter.cohort {
        query = query.filter(cohorts::code.eq(cohort));
    }
    query = match filter.status {
        Some(status) => query.filter(runs::status.eq(status.as_str())),
        None => query.filter(runs::status.ne(RunStatus::Discarded.as_str()).or(runs::failure.is_not_null())),
    };
    if let Some(after) = after {
        query = query.filter(runs::id.lt(after));
    }
    Ok(query.order(runs::id.desc()).limit(limit).load(db)?)
}

/// One run.
///
/// # Errors
/// [`StoreError::NotFound`](super::StoreError::NotFound), or those of the database.
pub fn run(db: &mut Db, id: RunId) -> StoreResult<RunRow> {
    let query = runs::table
        .inner_join(cohorts::table.on(cohorts::id.eq(runs::cohort)))
        .inner_join(policies::table.on(policies::id.eq(runs::policy)));
    Ok(query.filter(runs::id.eq(id)).select(run_columns!()).get_result(db)?)
}

/// Pairs of a run by place, those behind the place `after`.
///
/// # Errors
/// Those of the database.
pub fn pairs(
    db: &mut Db,
    run: RunId,
    filter: &PairFilter,
    after: Option<i32>,
    limit: i64,
) -> StoreResult<Vec<PairRow>> {
    let (coachee, coach) = diesel::alias!(persons as coachee, persons as coach);
    let mut query = proposed_pairs::table
        .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(proposed_pairs::coachee)))
        .inner_join(regencies::table.on(regencies::code.eq(coachee_profiles::regency)))
        .inner_join(coachee.on(coachee.field(persons::id).eq(proposed_pairs::coachee)))
        .inner_join(coach.on(coach.field(persons::id).eq(proposed_pairs::coach)))
        .filter(proposed_pairs::run.eq(run))
        .select((
            proposed_pairs::place,
            coachee.field(persons::code),
            coachee_profiles::tier,
            coachee_profiles::regency,
            coach.field(persons::code),
            proposed_pairs::score,
            proposed_pairs::explanation,
        ))
        .into_boxed();
    if let Some(province) = &filter.province {
        query = query.filter(regencies::province.eq(province));
    }
    if let Some(code) = &filter.coach {
        query = query.filter(coach.field(persons::code).eq(code));
    }
    if let Some(code) = &filter.coachee {
        query = query.filter(coachee.field(persons::code).eq(code));
    }
    if let Some(after) = after {
        query = query.filter(proposed_pairs::place.gt(after));
    }
    let mut found: Vec<PairRow> = query.order(proposed_pairs::place).limit(limit).load(db)?;
    let of_nobody = what_if::page(db, run, filter, after, limit)?;
    if !of_nobody.is_empty() {
        found.extend(of_nobody);
        found.sort_unstable_by_key(|pair| pair.place);
        found.truncate(usize::try_from(limit).unwrap_or(0));
    }
    Ok(found)
}

/// The waiting list of a run by place, those behind the place `after`.
///
/// # Errors
/// Those of the database.
pub fn waiting(db: &mut Db, run: RunId, after: Option<i32>, limit: i64) -> StoreResult<Vec<WaitingRow>> {
    Ok(run_waiting::table
        .inner_join(persons::table.on(persons::id.eq(run_waiting::coachee)))
        .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(run_waiting::coachee)))
        .filter(run_waiting::run.eq(run).and(run_waiting::place.gt(after.unwrap_or(0))))
        .select((
            run_waiting::place,
            persons::code,
            coachee_profiles::tier,
            coachee_profiles::regency,
            run_waiting::reason,
        ))
        .order(run_waiting::place)
        .limit(limit)
        .load(db)?)
}

/// The report of a run, once it is computed.
///
/// # Errors
/// [`StoreError::NotFound`](super::StoreError::NotFound), or those of the database.
pub fn report(db: &mut Db, run: RunId) -> StoreResult<Option<Doc>> {
    Ok(runs::table.find(run).select(runs::report).get_result(db)?)
}

/// How many pairs of a run have each score; one score may come twice.
///
/// # Errors
/// Those of the database.
pub fn scores(db: &mut Db, run: RunId) -> StoreResult<Vec<(i16, i64)>> {
    let mut scores: Vec<(i16, i64)> = proposed_pairs::table
        .filter(proposed_pairs::run.eq(run))
        .group_by(proposed_pairs::score)
        .select((proposed_pairs::score, count_star()))
        .load(db)?;
    scores.extend(what_if::scores(db, run)?);
    Ok(scores)
}
