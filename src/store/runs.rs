//! Matching runs: their life, and what they found as a whole. Pair by pair: see
//! [`pairs`](super::pairs).

use chrono::NaiveDate;
use diesel::prelude::*;

use super::pairs::{PairResult, PriceResult, WaitingResult};
use super::schema::runs;
use super::types::{Day, Doc, Stamp, Word};
use super::{AccountId, CohortId, Db, Page, PolicyId, RunId, StoreError, StoreResult, pairs, run_agencies, run_inputs};
use crate::domain::{Objective, RunFailure, RunStatus};

/// What a new run is to do.
#[derive(Debug, Clone, Copy)]
pub struct NewRun {
    /// The cohort to match.
    pub cohort: CohortId,
    /// The policy to follow.
    pub policy: PolicyId,
    /// What to strive for.
    pub objective: Objective,
    /// The seed of the lottery.
    pub seed: u64,
    /// The day as of which remote areas count.
    pub as_of: NaiveDate,
    /// The account that asks for it, if one does.
    pub ordered_by: Option<AccountId>,
}

/// What a run found.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// The whole in numbers.
    pub totals: RunTotals,
    /// The report in full.
    pub report: Doc,
    /// The proposed pairs, in any order.
    pub pairs: Vec<PairResult>,
    /// Who got no coach, in the order of the waiting list.
    pub waiting: Vec<WaitingResult>,
    /// The price of a place of each coach.
    pub prices: Vec<PriceResult>,
}

/// A run's result in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTotals {
    /// Digest of all that went in.
    pub input_digest: String,
    /// The version of the program that computed it.
    pub program_version: String,
    /// Coachees that asked.
    pub coachees: u32,
    /// Coaches that could be asked.
    pub coaches: u32,
    /// Coachees that got a coach.
    pub matched: u32,
    /// The largest number of coachees that can get one, if it was found out.
    pub possible: Option<u32>,
    /// Sum of the scores of all pairs.
    pub total_score: i64,
    /// No result under the same objective can have a higher sum.
    pub upper_bound: i64,
    /// How far the sum is from the bound.
    pub gap: i64,
    /// Pairs of a coachee and a coach who would both rather have each other.
    pub blocking_pairs: i64,
    /// The bonus per pair that made as many people matched as possible, in the
    /// fixed-point unit of the engine, if the objective needed one.
    pub lambda: Option<i64>,
}

/// A run as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The cohort it matches.
    pub cohort: CohortId,
    /// The policy it follows.
    pub policy: PolicyId,
    /// What it strives for.
    pub objective: Objective,
    /// The seed of the lottery.
    pub seed: u64,
    /// The day as of which remote areas count.
    pub as_of: NaiveDate,
    /// Its state.
    pub status: RunStatus,
    /// What it found, once computed.
    pub totals: Option<RunTotals>,
    /// The report in full, once computed.
    pub report: Option<Doc>,
    /// When it was asked for.
    pub created_at: Stamp,
    /// When computing began, if it did.
    pub started_at: Option<Stamp>,
    /// When the result was there, if it is.
    pub computed_at: Option<Stamp>,
    /// When it was published, if it was.
    pub published_at: Option<Stamp>,
    /// When it was thrown away, if it was.
    pub discarded_at: Option<Stamp>,
    /// How often computing began without coming to a result.
    pub tries: i16,
    /// Why it was given up, if it was.
    pub failure: Option<RunFailure>,
    /// The hypothetical coaches in it, if there are any.
    pub what_if: Option<Doc>,
    /// The earlier run from which it starts, if it does.
    pub follows: Option<RunId>,
}

/// Asks for a run.
///
/// # Errors
/// [`StoreError::Conflict`] when there is no such cohort or policy.
pub fn create(db: &mut Db, run: &NewRun, now: Stamp) -> StoreResult<RunId> {
    let id = RunId::new();
    diesel::insert_into(runs::table)
        .values(row!(runs {
            id: id,
            cohort: run.cohort,
            policy: run.policy,
            objective: run.objective.as_str(),
            seed: run.seed.cast_signed(),
            as_of: Day(run.as_of),
            status: RunStatus::Queued.as_str(),
            created_at: now,
            ordered_by: run.ordered_by,
        }))
        .execute(db)?;
    Ok(id)
}

/// Adds to a queued run that it has hypothetical coaches, and from which run it starts.
///
/// # Errors
/// When there is no such run.
pub fn extend(db: &mut Db, id: RunId, what_if: Option<&Doc>, follows: Option<RunId>) -> StoreResult<()> {
    let queued = runs::table.find(id).filter(runs::status.eq(RunStatus::Queued.as_str()));
    let changed = diesel::update(queued).set(row!(runs { what_if: what_if, follows: follows })).execute(db)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// The account that asked for a run, if one did.
///
/// # Errors
/// When there is no such run.
pub fn ordered_by(db: &mut Db, id: RunId) -> StoreResult<Option<AccountId>> {
    Ok(runs::table.find(id).select(runs::ordered_by).get_result(db)?)
}

/// How many runs were given up after a time.
///
/// # Errors
/// When the database cannot be read.
pub fn failed_since(db: &mut Db, since: Stamp) -> StoreResult<i64> {
    let failed = runs::failure.is_not_null().and(runs::discarded_at.gt(since));
    Ok(runs::table.filter(failed).count().get_result(db)?)
}

/// Takes a queued run to compute it, and counts the try.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not queued, for instance because another process took it.
pub fn start(db: &mut Db, id: RunId, now: Stamp) -> StoreResult<()> {
    let changed = diesel::update(before(id, RunStatus::Computing))
        .set(row!(runs { status: RunStatus::Computing.as_str(), started_at: now, tries: runs::tries + 1_i16 }))
        .execute(db)?;
    moved(db, id, changed, RunStatus::Computing)
}

/// Puts a run back into the queue when the process that computed it is gone.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not being computed.
pub fn requeue(db: &mut Db, id: RunId) -> StoreResult<()> {
    let changed = diesel::update(before(id, RunStatus::Queued))
        .set(row!(runs { status: RunStatus::Queued.as_str(), started_at: None::<Stamp> }))
        .execute(db)?;
    moved(db, id, changed, RunStatus::Queued)
}

/// Takes back that a try counts, of a run that is queued again.
///
/// # Errors
/// When the database cannot be written.
pub fn forgive(db: &mut Db, id: RunId) -> StoreResult<()> {
    let counted = runs::table.find(id).filter(runs::tries.gt(0_i16));
    diesel::update(counted).set(runs::tries.eq(runs::tries - 1_i16)).execute(db)?;
    Ok(())
}

/// Saves all that a run found. Belongs into one [`write`](super::Store::write).
///
/// # Errors
/// [`StoreError::Conflict`] when the run is not being computed any more, or a person is not there.
pub fn save_result(db: &mut Db, id: RunId, result: &RunResult, now: Stamp) -> StoreResult<()> {
    db.expect_many_rows()?;
    let totals = &result.totals;
    if usize::try_from(totals.matched).ok() != Some(result.pairs.len()) {
        return Err(StoreError::Internal(format!("{} pairs, but {} matched", result.pairs.len(), totals.matched)));
    }
    let number = |n: u32| i32::try_from(n).map_err(|why| StoreError::Internal(why.to_string()));
    let changed = diesel::update(before(id, RunStatus::Computed))
        .set(row!(runs {
            status: RunStatus::Computed.as_str(),
            computed_at: now,
            input_digest: &totals.input_digest,
            program_version: &totals.program_version,
            coachees: number(totals.coachees)?,
            coaches: number(totals.coaches)?,
            matched: number(totals.matched)?,
            possible: totals.possible.map(number).transpose()?,
            total_score: totals.total_score,
            upper_bound: totals.upper_bound,
            gap: totals.gap,
            blocking_pairs: totals.blocking_pairs,
            lambda: totals.lambda,
            report: &result.report,
        }))
        .execute(db)?;
    moved(db, id, changed, RunStatus::Computed)?;
    pairs::insert(db, id, &result.pairs, &result.waiting, &result.prices)?;
    run_agencies::keep(db, id)
}

/// Gives a run up that cannot be computed, which throws it away. `detail` says what is in the way, as a document
/// of codes alone.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not being computed any more.
pub fn fail(db: &mut Db, id: RunId, failure: RunFailure, detail: Option<&str>, now: Stamp) -> StoreResult<()> {
    // Half a document says nothing.
    let detail = detail.filter(|text| (1..=MOST_DETAIL).contains(&text.chars().count()));
    let computing = runs::table.find(id).filter(runs::status.eq(RunStatus::Computing.as_str()));
    let changed = diesel::update(computing)
        .set(row!(runs {
            status: RunStatus::Discarded.as_str(),
            discarded_at: now,
            failure: failure.as_str(),
            failure_detail: detail,
        }))
        .execute(db)?;
    moved(db, id, changed, RunStatus::Discarded)
}

/// Most characters of what is said about a failure.
const MOST_DETAIL: usize = 500;

/// Makes the pairs of a computed run proposals.
///
/// # Errors
/// [`StoreError::Conflict`] when the run is not computed, or published already.
pub fn publish(db: &mut Db, id: RunId, now: Stamp) -> StoreResult<()> {
    let changed = diesel::update(before(id, RunStatus::Published))
        .set(row!(runs { status: RunStatus::Published.as_str(), published_at: now }))
        .execute(db)?;
    moved(db, id, changed, RunStatus::Published)
}

/// Throws a run away that was not published, and with it what it worked on.
///
/// # Errors
/// [`StoreError::Conflict`] when it was published or thrown away already.
pub fn discard(db: &mut Db, id: RunId, now: Stamp) -> StoreResult<()> {
    let changed = diesel::update(before(id, RunStatus::Discarded))
        .set(row!(runs { status: RunStatus::Discarded.as_str(), discarded_at: now }))
        .execute(db)?;
    moved(db, id, changed, RunStatus::Discarded)?;
    run_inputs::forget(db, id)
}

/// The run, if its state is one that may become `next`: who comes too late finds
/// nothing to update.
#[diesel::dsl::auto_type(no_type_alias)]
fn before(id: RunId, next: RunStatus) -> _ {
    let states: Vec<&'static str> = states_before(next);
    runs::table.find(id).filter(runs::status.eq_any(states))
}

fn states_before(next: RunStatus) -> Vec<&'static str> {
    RunStatus::ALL.iter().filter(|status| status.may_become(next)).map(|status| status.as_str()).collect()
}

fn moved(db: &mut Db, id: RunId, changed: usize, next: RunStatus) -> StoreResult<()> {
    if changed == 1 {
        return Ok(());
    }
    let status: Word<RunStatus> = runs::table.find(id).select(runs::status).get_result(db)?;
    Err(StoreError::Conflict(format!("the run is {status} and cannot become {next}")))
}

/// The run with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, id: RunId) -> StoreResult<Run> {
    runs::table.find(id).get_result::<Row>(db)?.run()
}

/// A page of runs, the newest first, of one cohort or of all, older than the one given.
///
/// # Errors
/// When the database cannot be read.
pub fn page(
    db: &mut Db,
    cohort: Option<CohortId>,
    before: Option<RunId>,
    limit: usize,
) -> StoreResult<Page<Run, RunId>> {
    let mut query = runs::table.order(runs::id.desc()).limit(Page::<(), ()>::one_more_than(limit)).into_boxed();
    if let Some(cohort) = cohort {
        query = query.filter(runs::cohort.eq(cohort));
    }
    if let Some(before) = before {
        query = query.filter(runs::id.lt(before));
    }
    let found: StoreResult<Vec<Run>> = query.load::<Row>(db)?.into_iter().map(Row::run).collect();
    Ok(Page::cut(found?, limit, |run| run.id))
}

/// The newest run of a cohort that has a result, if there is one; none with hypothetical coaches.
///
/// # Errors
/// When the database cannot be read.
pub fn newest_computed(db: &mut Db, cohort: CohortId) -> StoreResult<Option<RunId>> {
    let with_result = [RunStatus::Computed.as_str(), RunStatus::Published.as_str()];
    let of_cohort = runs::cohort.eq(cohort).and(runs::what_if.is_null());
    let runs = runs::table.filter(of_cohort.and(runs::status.eq_any(with_result)));
    Ok(runs.order(runs::id.desc()).select(runs::id).first(db).optional()?)
}

/// The oldest run that waits to be computed, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn next_queued(db: &mut Db) -> StoreResult<Option<RunId>> {
    let queued = runs::table.filter(runs::status.eq(RunStatus::Queued.as_str())).order(runs::id);
    Ok(queued.select(runs::id).first(db).optional()?)
}

#[derive(Queryable)]
struct Row {
    id: RunId,
    cohort: CohortId,
    policy: PolicyId,
    objective: Word<Objective>,
    seed: i64,
    as_of: Day,
    status: Word<RunStatus>,
    input_digest: Option<String>,
    program_version: Option<String>,
    coachees: Option<i32>,
    coaches: Option<i32>,
    matched: Option<i32>,
    possible: Option<i32>,
    total_score: Option<i64>,
    upper_bound: Option<i64>,
    gap: Option<i64>,
    blocking_pairs: Option<i64>,
    lambda: Option<i64>,
    report: Option<Doc>,
    created_at: Stamp,
    started_at: Option<Stamp>,
    computed_at: Option<Stamp>,
    published_at: Option<Stamp>,
    discarded_at: Option<Stamp>,
    tries: i16,
    failure: Option<Word<RunFailure>>,
    _failure_detail: Option<String>,
    what_if: Option<Doc>,
    follows: Option<RunId>,
    _ordered_by: Option<AccountId>,
}

impl Row {
    fn run(self) -> StoreResult<Run> {
        let totals = self.computed_at.map(|_| self.totals()).transpose()?;
        Ok(Run {
            id: self.id,
            cohort: self.cohort,
            policy: self.policy,
            objective: self.objective.0,
            seed: self.seed.cast_unsigned(),
            as_of: self.as_of.0,
            status: self.status.0,
            totals,
            report: self.report,
            created_at: self.created_at,
            started_at: self.started_at,
            computed_at: self.computed_at,
            published_at: self.published_at,
            discarded_at: self.discarded_at,
            tries: self.tries,
            failure: self.failure.map(|failure| failure.0),
            what_if: self.what_if,
            follows: self.follows,
        })
    }

    fn totals(&self) -> StoreResult<RunTotals> {
        let missing = || StoreError::damaged("runs", "computed, but without totals");
        let number = |n: i32| u32::try_from(n).map_err(|why| StoreError::damaged("runs", why));
        let some = |n: Option<i32>| n.ok_or_else(missing).and_then(number);
        Ok(RunTotals {
            input_digest: self.input_digest.clone().ok_or_else(missing)?,
            program_version: self.program_version.clone().ok_or_else(missing)?,
            coachees: some(self.coachees)?,
            coaches: some(self.coaches)?,
            matched: some(self.matched)?,
            possible: self.possible.map(number).transpose()?,
            total_score: self.total_score.ok_or_else(missing)?,
            upper_bound: self.upper_bound.ok_or_else(missing)?,
            gap: self.gap.ok_or_else(missing)?,
            blocking_pairs: self.blocking_pairs.ok_or_else(missing)?,
            lambda: self.lambda,
        })
    }
}
