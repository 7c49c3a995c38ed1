//! Two runs side by side: whom they pair alike, and whom not.

use std::collections::{BTreeMap, HashMap};

use super::context::read;
use super::results::Share;
use super::{ServiceError, ServiceResult};
use crate::domain::{AgencyCode, PersonCode, Tier};
use crate::matching::summary::{self, Summary};
use crate::store::run_agencies::{self, AgencyShare};
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
    pub provinces: Vec<Compared<String>>,
    /// Per tier with any coachee in one of them.
    pub tiers: Vec<Compared<Tier>>,
    /// Per agency with any coachee in one of them, by code; with its name.
    pub agencies: Vec<Compared<(AgencyCode, String)>>,
}

/// How many coachees of a group have a coach in each of two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared<K> {
    /// The group.
    pub of: K,
    /// Its coachees in the first run.
    pub coachees: i64,
    /// Those with a coach in the first run.
    pub first: i64,
    /// Those with a coach in the second run.
    pub second: i64,
}

/// The part of a run's report that is compared.
#[derive(Default, serde::Deserialize)]
struct Report {
    summary: Option<Summary>,
}

impl Report {
    fn of(report: Option<Doc>) -> ServiceResult<Self> {
        report.map_or_else(|| Ok(Self::default()), |report| read(&report))
    }

    /// What it says about each group of a kind.
    fn shares<K: Clone>(&self, kind: fn(&Summary) -> &BTreeMap<K, summary::Share>) -> Vec<(K, Share)> {
        let shares = self.summary.iter().flat_map(kind);
        shares.map(|(of, share)| (of.clone(), Share::from(*share))).collect()
    }
}

fn shares_of_agencies(db: &mut Db, run: RunId) -> ServiceResult<Vec<((AgencyCode, String), Share)>> {
    let found = run_agencies::of_run(db, run)?.into_iter();
    let share = |one: AgencyShare| ((one.agency, one.name), Share { matched: one.matched, coachees: one.coachees });
    Ok(found.map(share).collect())
}

/// The shares of the groups of two runs side by side.
fn side_by_side<K: Ord + Clone>([first, second]: [Vec<(K, Share)>; 2]) -> Vec<Compared<K>> {
    let mut groups = BTreeMap::<K, Compared<K>>::new();
    let none = |of: &K| Compared { of: of.clone(), coachees: 0, first: 0, second: 0 };
    for (of, share) in first {
        let group = groups.entry(of.clone()).or_insert_with(|| none(&of));
        (group.coachees, group.first) = (share.coachees, share.matched);
    }
    for (of, share) in second {
        groups.entry(of.clone()).or_insert_with(|| none(&of)).second = share.matched;
    }
    groups.into_values().collect()
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
        reports.push(Report::of(run.report)?);
    }
    if cohorts[0] != cohorts[1] {
        return Err(ServiceError::Conflict("the two runs are of two cohorts".into()));
    }
    let agencies = [shares_of_agencies(db, first)?, shares_of_agencies(db, second)?];
    let both = [&reports[0], &reports[1]];
    let groups = Comparison {
        provinces: side_by_side(both.map(|report| report.shares(|summary| &summary.provinces))),
        tiers: side_by_side(both.map(|report| report.shares(|summary| &summary.tiers))),
        agencies: side_by_side(agencies),
        ..Comparison::default()
    };
    let first: HashMap<PersonCode, PersonCode> = pairs::all(db, first)?.into_iter().collect();
    let mut comparison = Comparison { only_first: first.len(), ..groups };
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
