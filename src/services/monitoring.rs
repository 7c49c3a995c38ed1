//! Watching the programme: how far people have come, how long it took, why coaches said no.
//!
//! Each question is for whoever runs the programme: of all agencies, or of one, whose coachees and coaches
//! alone are counted then.

pub mod coaches;
pub mod demand;
pub mod gaps;
pub mod recruiting;
pub mod stuck;

use super::{Act, ServiceError, ServiceResult, shown};
use crate::domain::{DeclineReason, OfferStatus, PairingStatus, RequestStatus};
use crate::store::Db;
pub use crate::store::monitoring::Stages;
use crate::store::monitoring::{self, Scope};
use crate::store::types::Stamp;

/// What is looked at, as far as whoever acts may.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only the cohort with this code.
    pub cohort: Option<String>,
    /// Only people who work in the province with this code.
    pub province: Option<String>,
}

/// What is wanted, confined to the agency of whoever acts. A cohort or province that is not there is missing:
/// figures of nothing would look like figures.
fn scope(db: &mut Db, act: &Act, wanted: &Wanted) -> ServiceResult<Scope> {
    let agency = act.watched_agency()?;
    let cohort = match &wanted.cohort {
        None => None,
        Some(code) => Some(
            shown::cohort_by_code(db, code)?
                .ok_or_else(|| ServiceError::Missing(format!("there is no cohort {code}")))?,
        ),
    };
    if let Some(code) = &wanted.province
        && !monitoring::is_province(db, code)?
    {
        return Err(ServiceError::Missing(format!("there is no province {code}")));
    }
    Ok(Scope { cohort, agency, province: wanted.province.clone() })
}

/// How far coachees have come, and in which states everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    /// How many coachees have come how far.
    pub stages: Stages,
    /// Requests in each state.
    pub requests: Vec<(RequestStatus, i64)>,
    /// Offers in each state.
    pub offers: Vec<(OfferStatus, i64)>,
    /// Pairings in each state.
    pub pairings: Vec<(PairingStatus, i64)>,
}

/// How far coachees have come.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn funnel(db: &mut Db, act: &Act, wanted: &Wanted) -> ServiceResult<Funnel> {
    let scope = scope(db, act, wanted)?;
    Ok(Funnel {
        stages: monitoring::stages(db, &scope)?,
        requests: of_each(RequestStatus::ALL, &monitoring::requests_by_state(db, &scope)?),
        offers: of_each(OfferStatus::ALL, &monitoring::offers_by_state(db, &scope)?),
        pairings: of_each(PairingStatus::ALL, &monitoring::pairings_by_state(db, &scope)?),
    })
}

/// Every word with its count, 0 where nothing was counted.
fn of_each<T: Copy + PartialEq>(words: &[T], counted: &[(T, i64)]) -> Vec<(T, i64)> {
    let count = |word: T| counted.iter().find(|(known, _)| *known == word).map_or(0, |(_, count)| *count);
    words.iter().map(|&word| (word, count(word))).collect()
}

/// How often a reason was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declined {
    /// The reason.
    pub reason: DeclineReason,
    /// By coaches who were asked.
    pub by_coaches: i64,
    /// By coachees, of what a run proposed.
    pub by_coachees: i64,
}

/// Why offers were declined, the most frequent reason first.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn declines(db: &mut Db, act: &Act, wanted: &Wanted) -> ServiceResult<Vec<Declined>> {
    let scope = scope(db, act, wanted)?;
    let all = of_each(DeclineReason::ALL, &monitoring::declines(db, &scope, false)?);
    let by_coachees = of_each(DeclineReason::ALL, &monitoring::declines(db, &scope, true)?);
    let mut reasons: Vec<Declined> = all
        .into_iter()
        .zip(by_coachees)
        .map(|((reason, all), (_, by_coachees))| Declined { reason, by_coaches: all - by_coachees, by_coachees })
        .collect();
    reasons.sort_by_key(|row| (-(row.by_coaches + row.by_coachees), row.reason));
    Ok(reasons)
}

/// How long it took from a request to its pairing, in tenths of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// How many pairings are counted.
    pub pairings: usize,
    /// Half of them took no longer; none when there are none.
    pub median: Option<i64>,
    /// Nine of ten took no longer.
    pub ninetieth: Option<i64>,
}

/// How long it took from a request to its pairing.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn times(db: &mut Db, act: &Act, wanted: &Wanted) -> ServiceResult<Times> {
    let scope = scope(db, act, wanted)?;
    let mut waits: Vec<i64> =
        monitoring::waits(db, &scope)?.into_iter().map(|(asked, paired)| tenths_of_days(asked, paired)).collect();
    waits.sort_unstable();
    Ok(Times { pairings: waits.len(), median: within(&waits, 50), ninetieth: within(&waits, 90) })
}

/// The time between two moments in tenths of days, rounded.
fn tenths_of_days(from: Stamp, to: Stamp) -> i64 {
    const TENTH: i64 = 24 * 60 * 60 / 10;
    ((to.time() - from.time()).num_seconds() + TENTH / 2).div_euclid(TENTH)
}

/// The smallest value that so many percent of the values, which are in order, do not exceed (nearest rank).
fn within(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// How many pairings bring two agencies together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Across {
    /// All pairings, whatever became of them.
    pub pairings: i64,
    /// Those whose coach works for another agency than the coachee.
    pub across: i64,
}

/// How many pairings bring two agencies together.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn across_agencies(db: &mut Db, act: &Act, wanted: &Wanted) -> ServiceResult<Across> {
    let scope = scope(db, act, wanted)?;
    let (pairings, across) = monitoring::across_agencies(db, &scope)?;
    Ok(Across { pairings, across })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        assert_eq!(within(&[], 50), None);
        assert_eq!((within(&[7], 50), within(&[7], 90)), (Some(7), Some(7)));
        assert_eq!((within(&[1, 2, 3, 4], 50), within(&[1, 2, 3, 4], 90)), (Some(2), Some(4)));
        let ten: Vec<i64> = (1..=10).collect();
        assert_eq!((within(&ten, 50), within(&ten, 90)), (Some(5), Some(9)));
    }

    #[test]
    fn days_are_counted_in_tenths() {
        let at = |hours| Stamp::new(chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hours));
        assert_eq!(
            (tenths_of_days(at(0), at(1)), tenths_of_days(at(0), at(2)), tenths_of_days(at(0), at(36))),
            (0, 1, 15)
        );
    }
}
