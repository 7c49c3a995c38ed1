//! Whether there are enough coaches for what is asked for, and where it is.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Wanted, scope};
use crate::domain::records::CoacheeRecord;
use crate::domain::{PersonCode, Policy, Reference};
use crate::matching::columns::UnknownReference;
use crate::matching::levels::LevelBook;
use crate::services::{Act, ServiceError, ServiceResult, directory, eligible};
use crate::store::monitoring::Scope;
use crate::store::monitoring::demand::{self, PerCode};
use crate::store::{Db, PersonId, people, records};

/// Requests looked at together.
const TOGETHER: i64 = 1_000;
/// Most requests without a focus whose largest gaps are looked up: a question must be answered within seconds.
const MOST_LOOKED_UP: i64 = 20_000;

/// What is asked for, and what there is for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// The code of a competency or province.
    pub code: String,
    /// Open requests.
    pub requests: i64,
    /// Free places of coaches who can be asked.
    pub free: i64,
}

/// Demand against supply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Free places of coaches who can be asked, in all.
    pub free: i64,
    /// Open requests that name no focus and are under no competency: nobody has assessed the coachee, no gap was
    /// found, or there are too many of them.
    pub unknown: i64,
    /// Per competency with a request or a place, what is short first.
    pub competencies: Vec<Balance>,
    /// Per province with a request or a place, what is short first.
    pub provinces: Vec<Balance>,
}

/// What open requests ask for, and the free places there are for it. A request without a focus is about the largest
/// measured gaps.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn demand(db: &mut Db, act: &Act, wanted: &Wanted) -> ServiceResult<Demand> {
    let scope = scope(db, act, wanted)?;
    let mut competencies = demand::wanted_competencies(db, &scope)?;
    let unknown = demand::without_focus(db, &scope)?;
    let known = look_up(db, &scope, eligible::today(act.now), &mut competencies)?;
    Ok(Demand {
        free: demand::free(db, &scope)?,
        unknown: unknown - known,
        competencies: balance(&competencies, &demand::free_by_competency(db, &scope)?),
        provinces: balance(&demand::asking_provinces(db, &scope)?, &demand::free_by_province(db, &scope)?),
    })
}

/// Counts the largest gaps of those who ask without a focus, the newest requests first; tells of how many there are
/// any.
fn look_up(db: &mut Db, scope: &Scope, today: NaiveDate, counts: &mut PerCode) -> ServiceResult<i64> {
    let reference = directory::reference(db)?;
    let (mut known, mut looked_up, mut before) = (0, 0, None);
    while looked_up < MOST_LOOKED_UP {
        let asking = demand::asking_without_focus(db, scope, before, TOGETHER)?;
        let Some(&(last, _)) = asking.last() else { break };
        (before, looked_up) = (Some(last), looked_up + TOGETHER);
        let persons: Vec<PersonId> = asking.into_iter().map(|(_, coachee)| coachee).collect();
        let found = largest_gaps(db, &persons, &reference, today)?;
        known += i64::try_from(found.iter().filter(|gaps| !gaps.is_empty()).count()).unwrap_or(i64::MAX);
        for code in found.into_iter().flatten() {
            *counts.entry(code).or_default() += 1;
        }
    }
    Ok(known)
}

/// Of each of some coachees, the competencies with the largest gaps.
fn largest_gaps(
    db: &mut Db,
    coachees: &[PersonId],
    reference: &Reference,
    today: NaiveDate,
) -> ServiceResult<Vec<Vec<String>>> {
    let cards = people::cards(db, coachees)?;
    // Whoever asks in two cohorts asks twice.
    let codes: Vec<PersonCode> = coachees.iter().filter_map(|person| Some(cards.get(person)?.code.clone())).collect();
    let records = records::levels_of_all(db, &codes)?;
    let known: Vec<&CoacheeRecord> = records.coachees.iter().collect();
    let book = LevelBook::new(&records.assessments, &records.requirements, &known, reference, today);
    let name = |at: u16| reference.competencies()[usize::from(at)].code.to_string();
    let gaps = |code: &PersonCode| -> Result<Vec<String>, UnknownReference> {
        let Ok(at) = known.binary_search_by(|record| record.code.cmp(code)) else { return Ok(Vec::new()) };
        let (gaps, _) = book.focus(at, known[at], &Policy::default())?;
        Ok(gaps.as_slice().iter().map(|gap| name(gap.competency)).collect())
    };
    let found: Result<Vec<_>, _> = codes.iter().map(gaps).collect();
    found.map_err(|why| ServiceError::Internal(why.to_string()))
}

fn balance(requests: &PerCode, free: &PerCode) -> Vec<Balance> {
    let codes: BTreeSet<&String> = requests.keys().chain(free.keys()).collect();
    let count = |of: &PerCode, code: &String| of.get(code).copied().unwrap_or(0);
    let row = |code: &String| Balance { code: code.clone(), requests: count(requests, code), free: count(free, code) };
    let mut rows: Vec<Balance> = codes.into_iter().map(row).collect();
    rows.sort_by_key(|row| row.free - row.requests);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_comes_first() {
        let of = |rows: &[(&str, i64)]| rows.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect();
        let rows = balance(&of(&[("a", 2), ("b", 9)]), &of(&[("a", 2), ("c", 4)]));
        let rows: Vec<_> = rows.iter().map(|row| (row.code.as_str(), row.requests, row.free)).collect();
        assert_eq!(rows, [("b", 9, 0), ("a", 2, 2), ("c", 0, 4)]);
    }
}
