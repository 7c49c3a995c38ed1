//! What answers look like: the shapes of the contract.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::explained::{ComponentBody, explained};
use crate::domain::{Obstacle, Policy, Tier};
use crate::i18n::Names;
use crate::services::results::{Pair, Run, Share, Summary, Totals, WaitingCoachee};
use crate::store::run_agencies::AgencyShare;
use crate::store::run_progress::RunProgress;

/// A matching run and its totals.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunBody {
    /// Its id.
    #[schema(example = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")]
    pub id: Uuid,
    /// Code of its cohort.
    #[schema(example = "2026-1")]
    pub cohort_code: String,
    /// Name of its cohort.
    pub cohort_name: String,
    /// `most_people`, `best_total` or `stable`.
    #[schema(example = "most_people")]
    pub objective: &'static str,
    /// `queued`, `computing`, `computed`, `published` or `discarded`.
    #[schema(example = "computed")]
    pub status: &'static str,
    /// How often computing was begun; after three times without a result it is given up.
    #[schema(minimum = 0, example = 1)]
    pub tries: i16,
    /// Why it was given up, which discarded it; absent unless it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureBody>,
    /// Whether it has hypothetical coaches: then it is never published.
    pub what_if: bool,
    /// The earlier run from which it starts, if it does.
    #[serde(rename = "from", skip_serializing_if = "Option::is_none")]
    pub follows: Option<Uuid>,
    /// The seed of its lottery, in decimal digits: JSON numbers are not exact beyond 53 bits.
    #[schema(example = "7")]
    pub seed: String,
    /// The day whose state it looks at.
    pub as_of: NaiveDate,
    /// The policy that it follows, as `coachnet` files have it.
    #[schema(value_type = Object)]
    pub policy: Policy,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Its totals; absent until it is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<TotalsBody>,
}

/// Why a run was given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailureBody {
    /// `input`, `condition`, `too_large`, `ended` or `internal`.
    #[schema(example = "condition")]
    pub reason: &'static str,
    /// What is in the way, by codes; absent where there is nothing to name. A run by itself says it in words, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<ObstacleBody>,
}

/// What is in the way of a run, by codes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObstacleBody {
    /// `not_asking`, `has_coach`, `no_place_left`, `rules`, `unknown`, `hypothetical_code`, `what_if`, `reference_data` or
    /// `too_large`.
    #[schema(example = "rules")]
    pub what: &'static str,
    /// What it names: `coachee` and `coach`, `person`, `code`, `bytes`.
    #[schema(example = json!({ "coachee": "P0000001", "coach": "C000007" }))]
    pub names: BTreeMap<&'static str, String>,
    /// The rules that forbid the pair.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["not_accepting"]))]
    pub rules: Vec<String>,
}

impl From<&Obstacle> for ObstacleBody {
    fn from(obstacle: &Obstacle) -> Self {
        Self { what: obstacle.word(), names: obstacle.named().into_iter().collect(), rules: obstacle.rules().to_vec() }
    }
}

/// The totals of a run and the proof of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotalsBody {
    /// When the result was there.
    pub computed_at: DateTime<Utc>,
    /// Coachees in the run.
    pub coachees: i64,
    /// Coaches in the run.
    pub coaches: i64,
    /// Pairs found.
    pub matched: i64,
    /// Coachees without a coach.
    pub waiting: i64,
    /// The proof.
    pub certificate: CertificateBody,
}

/// What is proven about a run; `coachnet verify` recomputes it from the files.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateBody {
    /// Most pairs that any plan can have; null when it was not found out.
    pub possible: Option<i64>,
    /// Sum of the scores of the pairs.
    pub total_score: i64,
    /// No plan has a larger sum; null when no bound was proven.
    pub upper_bound: Option<i64>,
    /// `upper_bound` less `total_score`.
    pub gap: Option<i64>,
    /// Pairs that would both rather have each other, counted up to 100,000,000; null when they were not counted.
    pub blocking_pairs: Option<i64>,
    /// Digest of the input.
    pub input_digest: Option<String>,
    /// The program that computed the run.
    pub program_version: Option<String>,
}

/// A run with shares per province and class.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunDetailBody {
    /// The run.
    #[serde(flatten)]
    pub run: RunBody,
    /// What is in the way, in the reader's language; absent where there is nothing to name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<String>,
    /// What is wrong and what to do, in the reader's language; absent unless the run was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// How far it is, while it is being computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<ProgressBody>,
    /// Shares and counts; absent until the run is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<SummaryBody>,
}

/// How far the computing of a run is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressBody {
    /// What is being done: `load`, `lists`, `start`, `solve`, `price`, `certify`, `explain` or `save`.
    #[schema(example = "price")]
    pub step: &'static str,
    /// The number of the round, of steps that come in rounds; else 0.
    pub round: i32,
    /// How much of the step is done.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.25)]
    pub done: f64,
    /// By what share of the bound the total may still miss the best, as proven so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
    /// When this was said.
    pub seen_at: DateTime<Utc>,
}

impl From<RunProgress> for ProgressBody {
    fn from(progress: RunProgress) -> Self {
        Self {
            step: progress.step.0.as_str(),
            round: progress.round,
            done: f64::from(progress.done) / 1000.0,
            gap: progress.gap.map(|gap| gap as f64 / 1e9),
            seen_at: progress.seen_at.time(),
        }
    }
}

/// A run in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryBody {
    /// Per province with any coachee.
    pub provinces: Vec<ProvinceShareBody>,
    /// Per tier with any coachee.
    pub tiers: Vec<TierShareBody>,
    /// Per agency with any coachee, by code: as its coachees were employed when the run was computed.
    pub agencies: Vec<AgencyShareBody>,
    /// Coachees in remote areas.
    pub remote: ShareBody,
    /// All other coachees.
    pub other: ShareBody,
    /// Coaches with a free place who were given nobody.
    pub idle_coaches: i64,
    /// Why coachees wait, the most frequent reason first.
    pub waiting_reasons: Vec<ReasonBody>,
    /// Pairs per tenth of the best possible score, the lowest tenth first.
    #[schema(min_items = 10, max_items = 10)]
    pub score_tenths: Vec<i64>,
}

/// How many of a group of coachees got a coach.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareBody {
    /// Coachees of the group.
    pub coachees: i64,
    /// Those with a coach.
    pub matched: i64,
}

/// How many coachees of a province got a coach.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProvinceShareBody {
    /// Kemendagri code of the province.
    #[schema(example = "91")]
    pub province: String,
    /// Its name in the reader's language.
    #[schema(example = "Papua")]
    pub name: String,
    /// The share.
    #[serde(flatten)]
    pub share: ShareBody,
}

/// How many coachees of a tier got a coach.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierShareBody {
    /// The tier.
    #[schema(example = "pengawas")]
    pub tier: &'static str,
    /// Its name in the reader's language.
    #[schema(example = "Pengawas")]
    pub name: String,
    /// The share.
    #[serde(flatten)]
    pub share: ShareBody,
}

/// How many coachees of an agency got a coach.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyShareBody {
    /// Code of the agency.
    #[schema(example = "KEM-09")]
    pub agency: String,
    /// Its name.
    #[schema(example = "Kementerian Keuangan")]
    pub name: String,
    /// The share.
    #[serde(flatten)]
    pub share: ShareBody,
}

/// How many coachees wait for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonBody {
    /// `not_assessed`, `no_gap`, `no_eligible_coach` or `places_taken`.
    #[schema(example = "places_taken")]
    pub reason: &'static str,
    /// How many.
    pub coachees: i64,
    /// What would change it, in the reader's language.
    pub remedy: String,
}

/// A proposed pair. Persons appear by code only.
#[derive(Debug, Serialize, ToSchema)]
pub struct PairBody {
    /// The coachee's code.
    #[schema(example = "P-000123")]
    pub coachee: String,
    /// The tier of the coachee's position.
    #[schema(example = "pengawas")]
    pub tier: &'static str,
    /// Code of the province where the coachee works.
    #[schema(example = "91")]
    pub province: String,
    /// Whether the coachee works in a remote area.
    pub remote: bool,
    /// The coach's code.
    #[schema(example = "K-00042")]
    pub coach: String,
    /// The score, 1 to 255; the points of the explanation add up to it.
    #[schema(minimum = 1, maximum = 255, example = 172)]
    pub score: u8,
    /// Whether an admin has pinned it: it stands whatever else is better.
    pub pinned: bool,
    /// Why this score, one entry per component.
    pub explanation: Vec<ComponentBody>,
}

/// A coachee on the waiting list of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingBody {
    /// The place on the list, from 1.
    #[schema(minimum = 1)]
    pub place: i32,
    /// The coachee's code.
    #[schema(example = "P-000124")]
    pub coachee: String,
    /// The tier of the coachee's position.
    #[schema(example = "pelaksana")]
    pub tier: &'static str,
    /// Code of the province where the coachee works.
    #[schema(example = "91")]
    pub province: String,
    /// Whether the coachee works in a remote area.
    pub remote: bool,
    /// `not_assessed`, `no_gap`, `no_eligible_coach` or `places_taken`.
    #[schema(example = "places_taken")]
    pub reason: &'static str,
    /// Coaches that no rule forbids.
    pub acceptable_coaches: u32,
    /// The best score any of them would have given.
    pub best_score: Option<u8>,
    /// How many coaches each hard rule forbids; a coach may break several.
    #[schema(value_type = Object, example = json!({ "tier": 12 }))]
    pub rules: Value,
    /// How many coaches each hard rule alone forbids: what loosening it would open.
    #[schema(value_type = Object, example = json!({ "tier": 3 }))]
    pub sole_rules: Value,
    /// The reason in a sentence, in the reader's language.
    pub sentence: String,
    /// What would change it, in the reader's language.
    pub remedy: String,
}

impl From<&Run> for RunBody {
    fn from(run: &Run) -> Self {
        Self {
            id: run.id.uuid(),
            cohort_code: run.cohort_code.clone(),
            cohort_name: run.cohort_name.clone(),
            objective: run.objective.as_str(),
            status: run.status.as_str(),
            tries: run.tries,
            failure: run.failure.as_ref().map(|(why, obstacle)| FailureBody {
                reason: why.as_str(),
                obstacle: obstacle.as_ref().map(ObstacleBody::from),
            }),
            what_if: run.what_if,
            follows: run.follows.map(|run| run.uuid()),
            seed: run.seed.to_string(),
            as_of: run.as_of,
            policy: run.policy,
            created_at: run.created_at,
            result: run.result.as_ref().map(TotalsBody::from),
        }
    }
}

impl From<&Totals> for TotalsBody {
    fn from(totals: &Totals) -> Self {
        Self {
            computed_at: totals.computed_at,
            coachees: totals.coachees,
            coaches: totals.coaches,
            matched: totals.matched,
            waiting: totals.coachees - totals.matched,
            certificate: CertificateBody {
                possible: totals.possible,
                total_score: totals.total_score,
                upper_bound: totals.upper_bound,
                gap: totals.upper_bound.map(|bound| bound - totals.total_score),
                blocking_pairs: totals.blocking_pairs,
                input_digest: totals.input_digest.clone(),
                program_version: totals.program_version.clone(),
            },
        }
    }
}

impl From<Share> for ShareBody {
    fn from(share: Share) -> Self {
        Self { coachees: share.coachees, matched: share.matched }
    }
}

impl SummaryBody {
    /// The summary with names and sentences for the reader.
    pub fn of(summary: &Summary, names: Names) -> Self {
        let province = |(code, share): &(String, Share)| ProvinceShareBody {
            name: names.province(code),
            province: code.clone(),
            share: (*share).into(),
        };
        let tier = |&(tier, share): &(Tier, Share)| TierShareBody {
            tier: tier.as_str(),
            name: names.tier(tier),
            share: share.into(),
        };
        let agency = |found: &AgencyShare| AgencyShareBody {
            agency: found.agency.to_string(),
            name: found.name.clone(),
            share: ShareBody { coachees: found.coachees, matched: found.matched },
        };
        Self {
            provinces: summary.provinces.iter().map(province).collect(),
            tiers: summary.tiers.iter().map(tier).collect(),
            agencies: summary.agencies.iter().map(agency).collect(),
            remote: summary.remote.into(),
            other: summary.other.into(),
            idle_coaches: summary.idle_coaches,
            waiting_reasons: summary
                .reasons
                .iter()
                .map(|row| ReasonBody {
                    reason: row.reason.as_str(),
                    coachees: row.count,
                    remedy: names.remedy(row.reason),
                })
                .collect(),
            score_tenths: summary.scores.to_vec(),
        }
    }
}

impl PairBody {
    /// The pair with sentences for the reader.
    pub fn of(pair: Pair, names: Names) -> Self {
        Self {
            coachee: pair.coachee,
            tier: pair.tier.as_str(),
            province: pair.province,
            remote: pair.remote,
            coach: pair.coach,
            score: pair.explanation.score,
            pinned: pair.pinned,
            explanation: explained(pair.explanation, names),
        }
    }
}

impl WaitingBody {
    /// The entry with sentences for the reader.
    pub fn of(row: WaitingCoachee, names: Names) -> Self {
        Self {
            place: row.place,
            coachee: row.coachee,
            tier: row.tier.as_str(),
            province: row.province,
            remote: row.remote,
            reason: row.waiting.reason.as_str(),
            acceptable_coaches: row.waiting.acceptable,
            best_score: row.waiting.best_score,
            rules: serde_json::to_value(&row.waiting.rules).unwrap_or_default(),
            sole_rules: serde_json::to_value(&row.waiting.sole_rules).unwrap_or_default(),
            sentence: names.waiting(&row.waiting),
            remedy: names.remedy(row.waiting.reason),
        }
    }
}
