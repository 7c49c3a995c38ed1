//! Two runs side by side: whom they pair alike, and whom not.

use std::collections::{BTreeMap, HashMap};

use super::context::read;
use super::{ServiceError, ServiceResult};
use crate::domain::PersonCode;
use crate::matching::summary::{Share, Summary};
use crate::store::types::Doc;
use crate::store::{Db, RunId, pairs, runs};

/// How the pairs of one run differ from those of another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Coachees with the same coach in both.
    pub same: usize,
    /// Coachees with a coach in both, another one.
    pub other_coach: usize,
    /// Coachees with a coach in the first alone.
    pub only_first: usize,
    /// Coachees with a coach in the second alone.
    pub only_second: usize,
    /// Per province with any coachee in one of them, by code.
    pub provinces: Vec<PlaceCompared>,
}

/// How many coachees of a province have a coach in each of two runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlaceCompared {
    /// The code of the province.
    pub province: String,
    /// Its coachees in the first run.
    pub coachees: i64,
    /// Those with a coach in the first run.
    pub first: i64,
    /// Those with a coach in the second run.
    pub second: i64,
}

/// The part of a run's report that is compared.
#[derive(serde::Deserialize)]
struct Report {
    summary: Summary,
}

fn places(first: Option<Doc>, second: Option<Doc>) -> ServiceResult<Vec<PlaceCompared>> {
    let mut places = BTreeMap::<String, PlaceCompared>::new();
    let mut of = |report: Option<Doc>, count: fn(&mut PlaceCompared, Share)| -> ServiceResult<()> {
        let Some(report) = report else { return Ok(()) };
        let report: Report = read(&report)?;
        for (province, share) in report.summary.provinces {
            let place =
                places.entry(province.clone()).or_insert(PlaceCompared { province, ..PlaceCompared::default() });
            count(place, share);
        }
        Ok(())
    };
    of(first, |place, share| (place.coachees, place.first) = (share.coachees.into(), share.matched.into()))?;
    of(second, |place, share| place.second = share.matched.into())?;
    Ok(places.into_values().collect())
}

/// Compares the pairs of two computed runs of one cohort.
///
/// # Errors
/// When one is not there or not computed, or they are of two cohorts.
pub fn compare(db: &mut Db, first: RunId, second: RunId) -> ServiceResult<Comparison> {
    let (mut cohorts, mut reports) = (Vec::new(), Vec::new());
    for id in [first, second] {
        let run = runs::get(db, id).map_err(|error| ServiceError::from(error).about("run"))?;
        if run.totals.is_none() {
            return Err(ServiceError::Conflict(format!("the run {id} is {}: it has no result", run.status)));
        }
        cohorts.push(run.cohort);
        reports.push(run.report);
    }
    if cohorts[0] != cohorts[1] {
        return Err(ServiceError::Conflict("the two runs are of two cohorts".into()));
    }
    let provinces = places(reports.remove(0), reports.remove(0))?;
    let first: HashMap<PersonCode, PersonCode> = pairs::all(db, first)?.into_iter().collect();
    let mut comparison = Comparison { only_first: first.len(), provinces, ..Comparison::default() };
    for (coachee, coach) in pairs::all(db, second)? {
        let counted = match first.get(&coachee) {
            None => &mut comparison.only_second,
            Some(before) => {
                comparison.only_first -= 1;
                if *before == coach { &mut comparison.same } else { &mut comparison.other_coach }
            }
        };
        *counted += 1;
    }
    Ok(comparison)
}
