//! How much coaches have to do, and whether there are enough of them where they are asked for.

use std::collections::BTreeSet;

use super::{Wanted, scope};
use crate::services::{Act, ServiceResult};
use crate::store::monitoring::coaches::{self, Places};
use crate::store::monitoring::demand;
use crate::store::{Db, PersonId};

/// A coach and what the coach has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The coach, and the places that the coach gives.
    pub places: Places,
    /// Offers that wait for an answer, in the cohort that is looked at or in all.
    pub waiting_offers: i64,
    /// Pairings that are active there.
    pub active_pairings: i64,
}

impl Load {
    /// Places free at present.
    pub const fn free(&self) -> i32 {
        self.places.capacity - self.places.load - self.places.held
    }
}

/// How much coaches have to do, by code, those behind the code `after`. A cohort narrows what is counted, not who
/// is listed: places are the coach's in all cohorts.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn load(db: &mut Db, act: &Act, wanted: &Wanted, after: Option<&str>, limit: i64) -> ServiceResult<Vec<Load>> {
    let scope = scope(db, act, wanted)?;
    let found = coaches::places(db, &scope, after, limit)?;
    let ids: Vec<PersonId> = found.iter().map(|places| places.person).collect();
    let waiting = coaches::waiting_offers(db, &ids, scope.cohort)?;
    let active = coaches::active_pairings(db, &ids, scope.cohort)?;
    let load = |places: Places| Load {
        waiting_offers: waiting.get(&places.person).copied().unwrap_or(0),
        active_pairings: active.get(&places.person).copied().unwrap_or(0),
        places,
    };
    Ok(found.into_iter().map(load).collect())
}

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
    /// Open requests that name no focus, and so are under no competency.
    pub without_focus: i64,
    /// Per competency with a request or a place, what is short first.
    pub competencies: Vec<Balance>,
    /// Per province with a request or a place, what is short first.
    pub provinces: Vec<Balance>,
}

/// What open requests ask for, and the free places there are for it.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn demand(db: &mut Db, act: &Act, wanted: &Wanted) -> ServiceResult<Demand> {
    let scope = scope(db, act, wanted)?;
    Ok(Demand {
        free: demand::free(db, &scope)?,
        without_focus: demand::without_focus(db, &scope)?,
        competencies: balance(&demand::wanted_competencies(db, &scope)?, &demand::free_by_competency(db, &scope)?),
        provinces: balance(&demand::asking_provinces(db, &scope)?, &demand::free_by_province(db, &scope)?),
    })
}

fn balance(requests: &demand::PerCode, free: &demand::PerCode) -> Vec<Balance> {
    let codes: BTreeSet<&String> = requests.keys().chain(free.keys()).collect();
    let count = |of: &demand::PerCode, code: &String| of.get(code).copied().unwrap_or(0);
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
