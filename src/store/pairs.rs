//! What a run found, person by person: proposed pairs, the waiting list, prices.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::schema::{pairings, persons as people, proposed_pairs, run_prices, run_waiting};
use super::types::{Doc, Word};
use super::{CHUNK, CohortId, Db, Page, PersonId, RunId, StoreError, StoreResult, lost, persons, what_if};
use crate::domain::{PairStatus, PairingStatus, PersonCode, PersonName, WhatIf};

/// A pair as a run proposes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairResult {
    /// The coachee.
    pub coachee: PersonCode,
    /// The coach.
    pub coach: PersonCode,
    /// The score, 1 to 255.
    pub score: u8,
    /// Where the score comes from.
    pub explanation: Doc,
}

/// A coachee for whom a run found no coach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingResult {
    /// The coachee.
    pub coachee: PersonCode,
    /// Why, and what would change it.
    pub reason: Doc,
}

/// What one more place of a coach would have added to the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceResult {
    /// The coach.
    pub coach: PersonCode,
    /// In the fixed-point unit of the engine; never negative.
    pub price: i64,
}

/// A person as lists name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The id.
    pub id: PersonId,
    /// The key.
    pub code: PersonCode,
    /// The name.
    pub name: PersonName,
}

/// A proposed pair as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedPair {
    /// Its place in the run by the coachee's code, from 0.
    pub place: i32,
    /// The coachee.
    pub coachee: Named,
    /// The coach.
    pub coach: Named,
    /// The score, 1 to 255.
    pub score: u8,
    /// Its state.
    pub status: PairStatus,
    /// Where the score comes from.
    pub explanation: Doc,
}

/// A place on the waiting list as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingPlace {
    /// The place, from 1.
    pub place: i32,
    /// The coachee.
    pub coachee: Named,
    /// Why, and what would change it.
    pub reason: Doc,
}

/// Writes what a run found. Hypothetical coaches have tables of their own: they are no persons.
pub(super) fn insert(
    db: &mut Db,
    run: RunId,
    pairs: &[PairResult],
    waiting: &[WaitingResult],
    prices: &[PriceResult],
) -> StoreResult<()> {
    let named = pairs.iter().flat_map(|pair| [&pair.coachee, &pair.coach]);
    let named = named.chain(waiting.iter().map(|w| &w.coachee)).chain(prices.iter().map(|p| &p.coach));
    let ids = ids(db, named.filter(|code| !WhatIf::is_code(code)).collect())?;
    let mut pairs: Vec<&PairResult> = pairs.iter().collect();
    pairs.sort_unstable_by(|a, b| a.coachee.cmp(&b.coachee));
    let placed = (0_i32..).zip(pairs);
    let (of_nobody, pairs): (Vec<_>, Vec<_>) = placed.partition(|(_, pair)| WhatIf::is_code(&pair.coach));
    let (priced_nobody, prices): (Vec<_>, Vec<_>) = prices.iter().partition(|price| WhatIf::is_code(&price.coach));
    what_if::insert(db, run, &ids, &of_nobody, &priced_nobody)?;
    for chunk in pairs.chunks(CHUNK) {
        let rows = chunk.iter().map(|(place, pair)| {
            row!(proposed_pairs {
                run: run,
                place: *place,
                coachee: ids[&pair.coachee],
                coach: ids[&pair.coach],
                score: i16::from(pair.score),
                status: PairStatus::Proposed.as_str(),
                explanation: &pair.explanation,
            })
        });
        insert_all!(db, proposed_pairs::table, rows.collect())?;
    }
    for (chunk, start) in waiting.chunks(CHUNK).zip((1_i32..).step_by(CHUNK)) {
        let rows = chunk.iter().zip(start..).map(|(waiting, place)| {
            row!(run_waiting { run: run, place: place, coachee: ids[&waiting.coachee], reason: &waiting.reason })
        });
        insert_all!(db, run_waiting::table, rows.collect())?;
    }
    for chunk in prices.chunks(CHUNK) {
        let rows =
            chunk.iter().map(|price| row!(run_prices { run: run, coach: ids[&price.coach], price: price.price }));
        insert_all!(db, run_prices::table, rows.collect())?;
    }
    Ok(())
}

/// The id of each person named; each has one, or it is an error.
fn ids(db: &mut Db, named: BTreeSet<&PersonCode>) -> StoreResult<HashMap<PersonCode, PersonId>> {
    let codes: Vec<&str> = named.iter().map(|code| code.as_str()).collect();
    let mut ids = HashMap::with_capacity(codes.len());
    for chunk in codes.chunks(CHUNK) {
        ids.extend(persons::ids(db, chunk)?);
    }
    match named.into_iter().find(|code| !ids.contains_key(*code)) {
        Some(unknown) => Err(StoreError::Conflict(format!("there is no person {unknown}"))),
        None => Ok(ids),
    }
}

diesel::alias! {
    const COACHEES: Alias<Coachees> = people as coachees;
    const COACHES: Alias<Coaches> = people as coaches;
}

type PersonRow = (PersonId, Word<PersonCode>, String, String, String);
type PairRow = ((i32, i16, Word<PairStatus>, Doc), PersonRow, PersonRow);

fn named((id, code, full, front_title, back_title): PersonRow) -> Named {
    Named { id, code: code.0, name: PersonName { full, front_title, back_title } }
}

fn pair(((place, score, status, explanation), coachee, coach): PairRow) -> StoreResult<ProposedPair> {
    Ok(ProposedPair {
        place,
        coachee: named(coachee),
        coach: named(coach),
        score: u8::try_from(score).map_err(|why| StoreError::damaged("proposed_pairs", why))?,
        status: status.0,
        explanation,
    })
}

/// The pairs of a run with both persons; filters come on top.
macro_rules! pairs_of {
    ($run:expr) => {
        proposed_pairs::table
            .inner_join(COACHEES.on(COACHEES.field(people::id).eq(proposed_pairs::coachee)))
            .inner_join(COACHES.on(COACHES.field(people::id).eq(proposed_pairs::coach)))
            .filter(proposed_pairs::run.eq($run))
            .select((
                (proposed_pairs::place, proposed_pairs::score, proposed_pairs::status, proposed_pairs::explanation),
                COACHEES.fields((people::id, people::code, people::full_name, people::front_title, people::back_title)),
                COACHES.fields((people::id, people::code, people::full_name, people::front_title, people::back_title)),
            ))
    };
}

/// A page of the pairs of a run, by the code of the coachee, after a given place.
///
/// # Errors
/// When the database cannot be read.
pub fn page(db: &mut Db, run: RunId, after: Option<i32>, limit: usize) -> StoreResult<Page<ProposedPair, i32>> {
    let rows: Vec<PairRow> = pairs_of!(run)
        .filter(proposed_pairs::place.gt(after.unwrap_or(-1)))
        .order(proposed_pairs::place)
        .limit(Page::<(), ()>::one_more_than(limit))
        .load(db)?;
    let found: StoreResult<Vec<ProposedPair>> = rows.into_iter().map(pair).collect();
    Ok(Page::cut(found?, limit, |pair| pair.place))
}

/// All pairs of a run as (coachee, coach), by the code of the coachee; hypothetical coaches too.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db, run: RunId) -> StoreResult<Vec<(PersonCode, PersonCode)>> {
    let rows: Vec<(Word<PersonCode>, Word<PersonCode>)> = pairs_of!(run)
        .order(proposed_pairs::place)
        .select((COACHEES.field(people::code), COACHES.field(people::code)))
        .load(db)?;
    let mut all: Vec<_> = rows.into_iter().map(|(coachee, coach)| (coachee.0, coach.0)).collect();
    let of_nobody = what_if::all(db, run)?;
    if !of_nobody.is_empty() {
        all.extend(of_nobody);
        all.sort_unstable();
    }
    Ok(all)
}

/// Those pairs of a run, as (coachee, coach), that have become pairings which are active now, by the code of
/// the coachee.
///
/// # Errors
/// When the database cannot be read.
pub fn become_pairings(db: &mut Db, run: RunId, cohort: CohortId) -> StoreResult<Vec<(PersonCode, PersonCode)>> {
    let active = pairings::status.eq(PairingStatus::Active.as_str()).and(pairings::cohort.eq(cohort));
    let same = pairings::coachee.eq(proposed_pairs::coachee).and(pairings::coach.eq(proposed_pairs::coach));
    let rows: Vec<(Word<PersonCode>, Word<PersonCode>)> = proposed_pairs::table
        .inner_join(COACHEES.on(COACHEES.field(people::id).eq(proposed_pairs::coachee)))
        .inner_join(COACHES.on(COACHES.field(people::id).eq(proposed_pairs::coach)))
        .inner_join(pairings::table.on(same.and(active)))
        .filter(proposed_pairs::run.eq(run))
        .order(proposed_pairs::place)
        .select((COACHEES.field(people::code), COACHES.field(people::code)))
        .load(db)?;
    Ok(rows.into_iter().map(|(coachee, coach)| (coachee.0, coach.0)).collect())
}

/// A pair of a run that can be put out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its place in the run.
    pub place: i32,
    /// The coachee.
    pub coachee: (PersonId, PersonCode),
    /// The coach.
    pub coach: (PersonId, PersonCode),
}

/// The pairs of a run that were not put out yet, by the code of the coachee.
///
/// # Errors
/// When the database cannot be read.
pub fn proposals(db: &mut Db, run: RunId) -> StoreResult<Vec<Proposal>> {
    type Row = (i32, PersonId, Word<PersonCode>, PersonId, Word<PersonCode>);
    let rows: Vec<Row> = pairs_of!(run)
        .filter(proposed_pairs::status.eq(PairStatus::Proposed.as_str()))
        .order(proposed_pairs::place)
        .select((
            proposed_pairs::place,
            proposed_pairs::coachee,
            COACHEES.field(people::code),
            proposed_pairs::coach,
            COACHES.field(people::code),
        ))
        .load(db)?;
    let proposal = |(place, coachee, coachee_code, coach, coach_code): Row| Proposal {
        place,
        coachee: (coachee, coachee_code.0),
        coach: (coach, coach_code.0),
    };
    Ok(rows.into_iter().map(proposal).collect())
}

/// Marks pairs of a run, by their places, as put out.
///
/// # Errors
/// [`StoreError::Conflict`] when one of them was put out before.
pub fn put_out(db: &mut Db, run: RunId, places: &[i32]) -> StoreResult<()> {
    for chunk in places.chunks(CHUNK) {
        let proposed = proposed_pairs::run.eq(run).and(proposed_pairs::status.eq(PairStatus::Proposed.as_str()));
        let pairs = proposed_pairs::table.filter(proposed.and(proposed_pairs::place.eq_any(chunk)));
        let changed = diesel::update(pairs).set(proposed_pairs::status.eq(PairStatus::Offered.as_str())).execute(db)?;
        if changed != chunk.len() {
            return Err(lost("run"));
        }
    }
    Ok(())
}

/// Marks the pairs of some coachees in a run as put out before.
///
/// # Errors
/// When the database cannot be written.
pub fn already_out(db: &mut Db, run: RunId, coachees: &[PersonCode]) -> StoreResult<()> {
    let ids: Vec<PersonId> = ids(db, coachees.iter().collect())?.into_values().collect();
    for chunk in ids.chunks(CHUNK) {
        let pairs =
            proposed_pairs::table.filter(proposed_pairs::run.eq(run).and(proposed_pairs::coachee.eq_any(chunk)));
        diesel::update(pairs).set(proposed_pairs::status.eq(PairStatus::Offered.as_str())).execute(db)?;
    }
    Ok(())
}

/// The pair of a coachee in a run.
///
/// # Errors
/// [`StoreError::NotFound`] when the run proposes none for this coachee.
pub fn of_coachee(db: &mut Db, run: RunId, coachee: &PersonCode) -> StoreResult<ProposedPair> {
    let row: PairRow = pairs_of!(run).filter(COACHEES.field(people::code).eq(coachee.as_str())).get_result(db)?;
    pair(row)
}

/// The pairs of a coach in a run, by the code of the coachee.
///
/// # Errors
/// When the database cannot be read.
pub fn of_coach(db: &mut Db, run: RunId, coach: &PersonCode) -> StoreResult<Vec<ProposedPair>> {
    let rows: Vec<PairRow> =
        pairs_of!(run).filter(COACHES.field(people::code).eq(coach.as_str())).order(proposed_pairs::place).load(db)?;
    rows.into_iter().map(pair).collect()
}

/// A page of the waiting list of a run, after a given place.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, run: RunId, after: Option<i32>, limit: usize) -> StoreResult<Page<WaitingPlace, i32>> {
    let rows: Vec<(i32, Doc, PersonRow)> = run_waiting::table
        .inner_join(people::table.on(people::id.eq(run_waiting::coachee)))
        .filter(run_waiting::run.eq(run).and(run_waiting::place.gt(after.unwrap_or(0))))
        .order(run_waiting::place)
        .limit(Page::<(), ()>::one_more_than(limit))
        .select((
            run_waiting::place,
            run_waiting::reason,
            (people::id, people::code, people::full_name, people::front_title, people::back_title),
        ))
        .load(db)?;
    let found =
        rows.into_iter().map(|(place, reason, coachee)| WaitingPlace { place, coachee: named(coachee), reason });
    Ok(Page::cut(found.collect(), limit, |waiting| waiting.place))
}

/// Those for whom a run found no coach, in the order of its waiting list.
///
/// # Errors
/// When the database cannot be read.
pub fn left_waiting(db: &mut Db, run: RunId) -> StoreResult<Vec<PersonId>> {
    let of_run = run_waiting::table.filter(run_waiting::run.eq(run));
    Ok(of_run.order(run_waiting::place).select(run_waiting::coachee).load(db)?)
}

/// The prices of a run, by the code of the coach; those of hypothetical coaches last.
///
/// # Errors
/// When the database cannot be read.
pub fn prices(db: &mut Db, run: RunId) -> StoreResult<Vec<PriceResult>> {
    let rows: Vec<(Word<PersonCode>, i64)> = run_prices::table
        .inner_join(people::table.on(people::id.eq(run_prices::coach)))
        .filter(run_prices::run.eq(run))
        .order(people::code)
        .select((people::code, run_prices::price))
        .load(db)?;
    let mut prices: Vec<PriceResult> =
        rows.into_iter().map(|(coach, price)| PriceResult { coach: coach.0, price }).collect();
    prices.extend(what_if::all_prices(db, run)?);
    Ok(prices)
}
