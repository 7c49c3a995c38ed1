//! Where one more coach would help most, by what the newest run has found out.

use super::{Wanted, scope};
use crate::services::results::{self, Run};
use crate::services::{Act, ServiceResult};
use crate::store::Db;
use crate::store::monitoring::prices::{self, PerCode, Prices};

/// What one more place would be worth.
#[derive(Debug, Clone)]
pub struct Recruiting {
    /// The run that found it out.
    pub run: Run,
    /// By the province in which coaches work, what is worth most first.
    pub provinces: Vec<Worth>,
    /// By the competency in which coaches are strong, what is worth most first.
    pub competencies: Vec<Worth>,
}

/// What one more place like those of a group of coaches would be worth.
///
/// The price of a coach's place is what one more such place would have added to the total of the run, in points
/// of score (a pair has at most 255). It is 0 where a place stayed free. In a run for as many people as
/// possible it holds the worth of one pair more as well, and may be above 255. In a stable run it is
/// only the least score that a full coach holds: how good one must be to get a place there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worth {
    /// The code of a province or competency.
    pub code: String,
    /// The prices of its coaches.
    pub prices: Prices,
}

impl Worth {
    /// The mean price, in tenths of points, rounded.
    pub const fn mean_tenths(&self) -> i64 {
        if self.prices.coaches == 0 {
            0
        } else {
            (self.prices.total * 10 + self.prices.coaches / 2) / self.prices.coaches
        }
    }
}

/// Where one more coach would help most: from the prices of the newest run with a result, of the cohort or of all.
/// None when there is no such run. An agency sees the prices of its own coaches.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn recruiting(db: &mut Db, act: &Act, wanted: &Wanted) -> ServiceResult<Option<Recruiting>> {
    let scope = scope(db, act, wanted)?;
    let Some(run) = prices::newest_run(db, scope.cohort)? else { return Ok(None) };
    Ok(Some(Recruiting {
        provinces: ranked(prices::by_province(db, run, &scope)?),
        competencies: ranked(prices::by_competency(db, run, &scope)?),
        run: results::run(db, run)?,
    }))
}

/// The highest mean price first; of equals, where more are wanted.
fn ranked(groups: PerCode) -> Vec<Worth> {
    let mut rows: Vec<Worth> = groups.into_iter().map(|(code, prices)| Worth { code, prices }).collect();
    rows.sort_by_key(|row| (-row.mean_tenths(), -row.prices.wanted));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_mean_comes_first() {
        let prices = |coaches, wanted, total| Prices { coaches, wanted, total, highest: total };
        let groups = [("a", prices(4, 1, 10)), ("b", prices(1, 1, 9)), ("c", prices(2, 2, 5)), ("d", prices(3, 0, 0))];
        let rows = ranked(groups.into_iter().map(|(code, prices)| (code.to_owned(), prices)).collect());
        let rows: Vec<_> = rows.iter().map(|row| (row.code.as_str(), row.mean_tenths())).collect();
        assert_eq!(rows, [("b", 90), ("c", 25), ("a", 25), ("d", 0)]);
    }
}
