//! Two runs side by side: whom they pair alike, and whom not.

use std::collections::HashMap;

use super::{ServiceError, ServiceResult};
use crate::domain::PersonCode;
use crate::store::{Db, RunId, pairs, runs};

/// How the pairs of one run differ from those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Coachees with the same coach in both.
    pub same: usize,
    /// Coachees with a coach in both, another one.
    pub other_coach: usize,
    /// Coachees with a coach in the first alone.
    pub only_first: usize,
    /// Coachees with a coach in the second alone.
    pub only_second: usize,
}

/// Compares the pairs of two computed runs of one cohort.
///
/// # Errors
/// When one is not there or not computed, or they are of two cohorts.
pub fn compare(db: &mut Db, first: RunId, second: RunId) -> ServiceResult<Comparison> {
    let mut cohorts = Vec::new();
    for id in [first, second] {
        let run = runs::get(db, id).map_err(|error| ServiceError::from(error).about("run"))?;
        if run.totals.is_none() {
            return Err(ServiceError::Conflict(format!("the run {id} is {}: it has no result", run.status)));
        }
        cohorts.push(run.cohort);
    }
    if cohorts[0] != cohorts[1] {
        return Err(ServiceError::Conflict("the two runs are of two cohorts".into()));
    }
    let first: HashMap<PersonCode, PersonCode> = pairs::all(db, first)?.into_iter().collect();
    let mut comparison = Comparison { only_first: first.len(), ..Comparison::default() };
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
