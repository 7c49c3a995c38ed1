//! What a run found, as both faces show it. Thin over the store; computes shares and counts.

use std::cmp::Reverse;
use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::{
    AgencyCode, ConditionKind, Objective, Obstacle, PersonCode, Policy, Reference, RunFailure, RunStatus, Tier,
};
use crate::matching::Rule;
use crate::matching::explain::{Explanation, Waiting, WaitingReason};
use crate::matching::run::PinCost;
use crate::matching::summary;
pub use crate::store::read_runs::RunFilter;
use crate::store::read_runs::{self, PairFilter, PairRow, RunRow, WaitingRow};
use crate::store::run_agencies::{self, AgencyShare};
use crate::store::types::Doc;
use crate::store::{Db, RunId, StoreError, StoreResult, cohort_terms, run_conditions, runs};

/// Classes of width 10 into which shares of the best score are counted.
pub const SCORE_CLASSES: usize = 10;

/// A run and its totals.
#[derive(Debug, Clone)]
pub struct Run {
    /// The run.
    pub id: RunId,
    /// Code of its cohort.
    pub cohort_code: String,
    /// Name of its cohort.
    pub cohort_name: String,
    /// What it strives for.
    pub objective: Objective,
    /// The seed of its lottery.
    pub seed: u64,
    /// The day whose state it looks at.
    pub as_of: NaiveDate,
    /// Its state.
    pub status: RunStatus,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// The policy it follows.
    pub policy: Policy,
    /// What it found, once it is computed.
    pub result: Option<Totals>,
    /// How often computing began without coming to a result.
    pub tries: i16,
    /// Why it was given up, if it was, and what was in the way.
    pub failure: Option<(RunFailure, Option<Obstacle>)>,
    /// Whether it has hypothetical coaches.
    pub what_if: bool,
    /// The earlier run from which it starts, if it does.
    pub follows: Option<RunId>,
}

/// The totals of a computed run.
#[derive(Debug, Clone)]
pub struct Totals {
    /// When the result was there.
    pub computed_at: DateTime<Utc>,
    /// Coachees in the run.
    pub coachees: i64,
    /// Coaches in the run.
    pub coaches: i64,
    /// Pairs found.
    pub matched: i64,
    /// Most pairs that any plan can have, if it was found out.
    pub possible: Option<i64>,
    /// Sum of the scores of the pairs.
    pub total_score: i64,
    /// No plan has a larger sum, if a bound was proven.
    pub upper_bound: Option<i64>,
    /// Pairs that would both rather have each other, if they were counted.
    pub blocking_pairs: Option<i64>,
    /// Digest of the input.
    pub input_digest: Option<String>,
    /// The program that computed it.
    pub program_version: Option<String>,
}

/// A run in numbers, by place, class, reason and score.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Per code of a province with any coachee.
    pub provinces: Vec<(String, Share)>,
    /// Per tier with any coachee.
    pub tiers: Vec<(Tier, Share)>,
    /// Per agency with any coachee, by code.
    pub agencies: Vec<AgencyShare>,
    /// Coachees in remote areas.
    pub remote: Share,
    /// All other coachees.
    pub other: Share,
    /// Coaches with a free place who were given nobody.
    pub idle_coaches: i64,
    /// Why people wait, the most frequent reason first.
    pub reasons: Vec<ReasonCount>,
    /// Pairs per tenth of the best possible score, the lowest tenth first.
    pub scores: [i64; SCORE_CLASSES],
}

/// How many of a group of coachees got a coach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Those who did.
    pub matched: i64,
    /// All of them.
    pub coachees: i64,
}

/// How many people wait for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCount {
    /// The reason.
    pub reason: WaitingReason,
    /// How many.
    pub count: i64,
    /// Of those whom rules keep from every coach: for how many each rule alone keeps
    /// the most coaches away, the most frequent rule first.
    pub rules: Vec<(Rule, i64)>,
}

/// A pair and why it has its score.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Its place in the order of coachee codes, from 0.
    pub place: i32,
    /// The coachee's code.
    pub coachee: String,
    /// The coachee's tier.
    pub tier: Tier,
    /// Code of the coachee's province.
    pub province: String,
    /// Whether the coachee works in a remote area.
    pub remote: bool,
    /// The coach's code.
    pub coach: String,
    /// Why this score.
    pub explanation: Explanation,
    /// Whether an admin has pinned it.
    pub pinned: bool,
}

/// A coachee without a coach and why.
#[derive(Debug, Clone)]
pub struct WaitingCoachee {
    /// The place on the waiting list, from 1.
    pub place: i32,
    /// The coachee's code.
    pub coachee: String,
    /// The coachee's tier.
    pub tier: Tier,
    /// Code of the coachee's province.
    pub province: String,
    /// Whether the coachee works in a remote area.
    pub remote: bool,
    /// Why there is no coach.
    pub waiting: Waiting,
}

/// What was in the way, as it was kept; earlier versions kept a sentence, which is of use to nobody now.
fn obstacle(kept: &str) -> Option<Obstacle> {
    serde_json::from_str(kept).ok()
}

/// Runs, newest first, those made before the run `after`.
///
/// # Errors
/// Those of the store.
pub fn runs(db: &mut Db, filter: &RunFilter, after: Option<RunId>, limit: i64) -> StoreResult<Vec<Run>> {
    read_runs::runs(db, filter, after, limit)?.into_iter().map(run_of).collect()
}

/// One run, to whoever is confined to an agency if it is of a cohort that is for the agency alone.
///
/// # Errors
/// [`StoreError::NotFound`], also when it is another's; or those of the store.
pub fn run_of_agency(db: &mut Db, agency: Option<&AgencyCode>, id: RunId) -> StoreResult<Run> {
    if let Some(agency) = agency {
        let cohort = runs::get(db, id)?.cohort;
        if !cohort_terms::is_of_agency(db, cohort, agency)? {
            return Err(StoreError::NotFound);
        }
    }
    run(db, id)
}

/// One run.
///
/// # Errors
/// [`StoreError::NotFound`], or those of the store.
pub fn run(db: &mut Db, id: RunId) -> StoreResult<Run> {
    run_of(read_runs::run(db, id)?)
}

/// What each pinned pair of a computed run costs, by the coachee's code.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not computed, or those of the store.
pub fn pin_costs(db: &mut Db, run: RunId) -> StoreResult<Vec<PinCost>> {
    #[derive(serde::Deserialize)]
    struct Report {
        #[serde(default)]
        pin_costs: Vec<PinCost>,
    }
    let report = read_runs::report(db, run)?.ok_or(StoreError::NotFound)?;
    Ok(read::<Report>("runs", &report)?.pin_costs)
}

/// A computed run in numbers, as its report has them.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not computed, or those of the store.
pub fn summary(db: &mut Db, run: &Run) -> StoreResult<Summary> {
    #[derive(serde::Deserialize)]
    struct Report {
        summary: summary::Summary,
    }
    let report = read_runs::report(db, run.id)?.ok_or(StoreError::NotFound)?;
    let counted = read::<Report>("runs", &report)?.summary;
    let provinces = counted.provinces.iter().map(|(code, share)| (code.clone(), Share::from(*share))).collect();
    Ok(Summary {
        provinces,
        tiers: counted.tiers.iter().map(|(tier, share)| (*tier, Share::from(*share))).collect(),
        agencies: run_agencies::of_run(db, run.id)?,
        remote: counted.remote.into(),
        other: counted.other.into(),
        idle_coaches: counted.idle_coaches.into(),
        reasons: reasons(&counted),
        scores: count_scores(&read_runs::scores(db, run.id)?, run.policy.weights.total()),
    })
}

/// Pairs of a run by place, those behind the place `after`.
///
/// # Errors
/// Those of the store.
pub fn pairs(
    db: &mut Db,
    run: &Run,
    reference: &Reference,
    filter: &PairFilter,
    after: Option<i32>,
    limit: i64,
) -> StoreResult<Vec<Pair>> {
    let places = Places::of(run, reference);
    let rows = read_runs::pairs(db, run.id, filter, after, limit)?;
    let pins = run_conditions::of_run(db, run.id)?.into_iter();
    let pins = pins.filter(|condition| condition.kind == ConditionKind::Pinned);
    let pinned: HashSet<PersonCode> = pins.map(|condition| condition.coachee).collect();
    rows.into_iter().map(|row| pair_of(row, &places, &pinned)).collect()
}

/// The waiting list of a run by place, those behind the place `after`.
///
/// # Errors
/// Those of the store.
pub fn waiting(
    db: &mut Db,
    run: &Run,
    reference: &Reference,
    after: Option<i32>,
    limit: i64,
) -> StoreResult<Vec<WaitingCoachee>> {
    let places = Places::of(run, reference);
    let rows = read_runs::waiting(db, run.id, after, limit)?;
    rows.into_iter().map(|row| waiting_of(row, &places)).collect()
}

fn run_of(row: RunRow) -> StoreResult<Run> {
    let policy = read("policies", &row.policy)?;
    let result = match (row.computed_at, row.coachees, row.coaches, row.matched, row.total_score) {
        (Some(computed_at), Some(coachees), Some(coaches), Some(matched), Some(total_score)) => Some(Totals {
            computed_at: computed_at.time(),
            coachees: coachees.into(),
            coaches: coaches.into(),
            matched: matched.into(),
            possible: row.possible.map(i64::from),
            total_score,
            upper_bound: row.upper_bound,
            blocking_pairs: row.blocking_pairs,
            input_digest: row.input_digest,
            program_version: row.program_version,
        }),
        _ => None,
    };
    Ok(Run {
        id: row.id,
        cohort_code: row.cohort_code,
        cohort_name: row.cohort_name,
        objective: row.objective.0,
        seed: row.seed.cast_unsigned(),
        as_of: row.as_of.0,
        status: row.status.0,
        created_at: row.created_at.time(),
        policy,
        result,
        tries: row.tries,
        failure: row.failure.map(|failure| (failure.0, row.failure_detail.as_deref().and_then(obstacle))),
        what_if: row.what_if.is_some(),
        follows: row.follows,
    })
}

/// Where regencies lie and which are remote on the day of a run.
struct Places<'a> {
    reference: &'a Reference,
    remote: Vec<bool>,
}

impl<'a> Places<'a> {
    fn of(run: &Run, reference: &'a Reference) -> Self {
        Self { reference, remote: reference.remote_on(run.as_of) }
    }

    /// The province of a regency, and whether the regency is remote.
    fn of_regency(&self, code: &str) -> StoreResult<(String, bool)> {
        let at = self.reference.regency(code).ok_or_else(|| StoreError::Internal(format!("no regency {code}")))?;
        let province = &self.reference.provinces()[usize::from(self.reference.province_of(at))];
        Ok((province.code.to_string(), self.remote[usize::from(at)]))
    }
}

fn pair_of(row: PairRow, places: &Places, pinned: &HashSet<PersonCode>) -> StoreResult<Pair> {
    let (province, remote) = places.of_regency(&row.regency)?;
    Ok(Pair {
        pinned: pinned.contains(row.coachee.as_str()),
        place: row.place,
        coachee: row.coachee,
        tier: row.tier.0,
        province,
        remote,
        coach: row.coach,
        explanation: read("proposed_pairs", &row.explanation)?,
    })
}

fn waiting_of(row: WaitingRow, places: &Places) -> StoreResult<WaitingCoachee> {
    let (province, remote) = places.of_regency(&row.regency)?;
    Ok(WaitingCoachee {
        place: row.place,
        coachee: row.coachee,
        tier: row.tier.0,
        province,
        remote,
        waiting: read("run_waiting", &row.reason)?,
    })
}

impl From<summary::Share> for Share {
    fn from(share: summary::Share) -> Self {
        Self { matched: share.matched.into(), coachees: share.coachees.into() }
    }
}

fn reasons(counted: &summary::Summary) -> Vec<ReasonCount> {
    let mut rules: Vec<(Rule, i64)> = counted.main_rules.iter().map(|(rule, n)| (*rule, (*n).into())).collect();
    rules.sort_by_key(|(rule, count)| (Reverse(*count), *rule));
    let mut reasons: Vec<ReasonCount> = counted
        .reasons
        .iter()
        .map(|(&reason, &count)| ReasonCount {
            reason,
            count: count.into(),
            rules: if reason == WaitingReason::NoEligibleCoach { rules.clone() } else { Vec::new() },
        })
        .collect();
    reasons.sort_by_key(|row| (Reverse(row.count), row.reason));
    reasons
}

fn count_scores(scores: &[(i16, i64)], best: u16) -> [i64; SCORE_CLASSES] {
    let mut classes = [0; SCORE_CLASSES];
    for (score, count) in scores {
        let class = usize::from(score.unsigned_abs()) * SCORE_CLASSES / usize::from(best.max(1));
        classes[class.min(SCORE_CLASSES - 1)] += count;
    }
    classes
}

fn read<T: serde::de::DeserializeOwned>(table: &str, doc: &Doc) -> StoreResult<T> {
    doc.read().map_err(|why| StoreError::Internal(format!("damaged row in {table}: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_fall_into_tenths_of_the_best() {
        let classes = count_scores(&[(1, 2), (25, 1), (26, 4), (254, 1), (255, 8)], 255);
        assert_eq!(classes, [3, 4, 0, 0, 0, 0, 0, 0, 0, 9]);
    }
}
