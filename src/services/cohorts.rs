//! Cohorts: named sets of requests, with the days on which they take them.

use super::{ServiceResult, eligible};
use crate::store::Db;
use crate::store::cohorts::{self, Cohort};
use crate::store::types::Stamp;

/// A cohort, and whether it takes requests now.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The cohort.
    pub cohort: Cohort,
    /// Whether requests are taken today.
    pub open: bool,
}

/// All cohorts, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db, now: Stamp) -> ServiceResult<Vec<Listed>> {
    Ok(cohorts::list(db)?.into_iter().map(|cohort| Listed { open: is_open(&cohort, now), cohort }).collect())
}

/// Whether a cohort takes requests now.
pub(super) fn is_open(cohort: &Cohort, now: Stamp) -> bool {
    let today = eligible::today(now);
    cohort.opens_on.is_none_or(|day| day <= today) && cohort.closes_on.is_none_or(|day| today <= day)
}
