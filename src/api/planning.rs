//! What an admin wants of a run besides its policy, and what that costs.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{Checked, list};
use super::respond::resource;
use super::runs::run_id;
use crate::domain::{Level, WhatIf, WhatIfCoaches, what_if};
use crate::error::{AppError, Problem};
use crate::face::{Desk, Params, Reader, ResultsReader};
use crate::i18n::Lang;
use crate::matching::report::NamedPair;
use crate::matching::run::{Cost, PinCost};
use crate::services::planning;
use crate::services::{ServiceError, results};
use crate::store::run_inputs::{self, InputFacts};

/// A coachee and a coach.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "coachee": "P0000001", "coach": "C000007" }))]
pub(super) struct PairWish {
    /// The code of the coachee.
    coachee: String,
    /// The code of the coach.
    coach: String,
}

/// Pairs, each checked at its own place in a list.
pub(super) fn pairs(checked: &mut Checked, pointer: &str, wishes: &[PairWish]) -> Vec<NamedPair> {
    let mut named = Vec::with_capacity(wishes.len());
    for (at, wish) in wishes.iter().enumerate() {
        let coachee = checked.parsed(&format!("{pointer}/{at}/coachee"), &wish.coachee, "error.field.person");
        let coach = checked.parsed(&format!("{pointer}/{at}/coach"), &wish.coach, "error.field.coach");
        if let (Some(coachee), Some(coach)) = (coachee, coach) {
            named.push(NamedPair { coachee, coach });
        }
    }
    named
}

/// Coaches who are not there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "coaches": [{ "count": 50, "province": "91", "strengths": { "M.01": 5 }, "capacity": 2 }] }))]
pub(super) struct WhatIfWish {
    /// Groups of them; at most 10,000 in all.
    #[schema(min_items = 1, max_items = 50)]
    coaches: Vec<WhatIfGroupWish>,
}

/// Some coaches of one kind.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WhatIfGroupWish {
    /// How many.
    #[schema(minimum = 1, maximum = 10000)]
    count: u32,
    /// Kemendagri code of the province; they are spread over its regencies.
    #[schema(example = "91")]
    province: String,
    /// Codes of competencies, each with a level from 1 to 5.
    #[schema(value_type = BTreeMap<String, u8>, example = json!({ "M.01": 5 }))]
    strengths: BTreeMap<String, u8>,
    /// Places of each.
    #[schema(minimum = 1, maximum = 20)]
    capacity: u16,
    /// `pkn_1`, `pkn_2` or `corporate`; `pkn_2` unless said.
    source: Option<String>,
    /// The tier; `jpt_madya` unless said.
    tier: Option<String>,
    /// `online`, `in_person`; both unless said.
    modes: Option<Vec<String>>,
    /// ISO 639 codes; Indonesian unless said.
    languages: Option<Vec<String>>,
}

/// Most groups.
const MOST_GROUPS: usize = 50;

impl WhatIfWish {
    pub(super) fn checked(self, checked: &mut Checked) -> Option<WhatIf> {
        if self.coaches.is_empty() || self.coaches.len() > MOST_GROUPS {
            checked.refuse("/what_if/coaches", "planning.field.what_if");
            return None;
        }
        let groups = self.coaches.into_iter().enumerate();
        let groups: Vec<Option<WhatIfCoaches>> = groups.map(|(at, group)| group.checked(checked, at)).collect();
        groups.into_iter().collect::<Option<_>>().map(|coaches| WhatIf { coaches })
    }
}

impl WhatIfGroupWish {
    fn checked(self, checked: &mut Checked, at: usize) -> Option<WhatIfCoaches> {
        let place = |name: &str| format!("/what_if/coaches/{at}/{name}");
        let province = checked.parsed(&place("province"), &self.province, "planning.field.province");
        let mut strengths = BTreeMap::new();
        for (code, level) in &self.strengths {
            match (code.parse(), Level::new(*level)) {
                (Ok(code), Ok(level)) => drop(strengths.insert(code, level)),
                _ => checked.refuse(&place("strengths"), "planning.field.strengths"),
            }
        }
        if self.count == 0 || self.count > WhatIf::MOST {
            checked.refuse(&place("count"), "planning.field.count");
        }
        if !(1..=WhatIf::MOST_PLACES).contains(&self.capacity) {
            checked.refuse(&place("capacity"), "planning.field.capacity");
        }
        let source = match self.source {
            Some(text) => checked.parsed(&place("source"), &text, "planning.field.source"),
            None => Some(what_if::source()),
        };
        let tier = match self.tier {
            Some(text) => checked.parsed(&place("tier"), &text, "planning.field.tier"),
            None => Some(what_if::tier()),
        };
        let modes = match self.modes {
            Some(texts) => list(checked, &place("modes"), &texts, "error.field.modes"),
            None => what_if::modes(),
        };
        let languages = match self.languages {
            Some(texts) => list(checked, &place("languages"), &texts, "error.field.languages"),
            None => what_if::languages(),
        };
        Some(WhatIfCoaches {
            count: self.count,
            province: province?,
            strengths,
            capacity: self.capacity,
            source: source?,
            tier: tier?,
            modes,
            languages,
        })
    }
}

/// What is wanted of a run besides its policy, what that costs, and what was kept of its input.
#[derive(Serialize, ToSchema)]
struct PlanBody {
    /// Pairs that are to be, by the coachee's code.
    pinned: Vec<PinBody>,
    /// Pairs that are not to be, by the coachee's code.
    forbidden: Vec<PairNameBody>,
    /// Groups of hypothetical coaches.
    what_if: Vec<WhatIfGroupBody>,
    /// The earlier run from which it starts, if it does.
    #[serde(rename = "from", skip_serializing_if = "Option::is_none")]
    follows: Option<Uuid>,
    /// What was kept of its input; absent until it is computed, and of runs of the time before inputs were kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<InputBody>,
}

/// A coachee and a coach.
#[derive(Serialize, ToSchema)]
struct PairNameBody {
    /// The code of the coachee.
    #[schema(example = "P0000001")]
    coachee: String,
    /// The code of the coach.
    #[schema(example = "C000007")]
    coach: String,
}

/// A pair that is to be, and what it costs.
#[derive(Serialize, ToSchema)]
struct PinBody {
    /// The two.
    #[serde(flatten)]
    pair: PairNameBody,
    /// The score of the pair; absent until the run is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u8>,
    /// What it costs; absent until the run is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<CostBody>,
}

/// What a decision costs, and how that is known.
#[derive(Serialize, ToSchema)]
struct CostBody {
    /// `exact`: the cohort was matched again without it; `at_most`: by the prices of the plan, no plan without it is
    /// better by more; `unknown`: not worked out.
    #[schema(example = "exact")]
    known: &'static str,
    /// Points that the total would have more without it: so many, or at most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
    /// Pairs that there would be more without it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs: Option<i64>,
    /// The same in a sentence, in the reader's language.
    sentence: String,
}

impl CostBody {
    fn of(cost: Cost, lang: Lang) -> Self {
        let words = |key: &str, first: i64, second: i64| {
            let (first, second) = (lang.number(first), lang.number(second));
            lang.fill(&format!("planning.cost.{key}"), &[("points", &first), ("second", &second)])
        };
        match cost {
            Cost::Exact { pairs, points } => {
                let key = if (pairs, points) == (0, 0) { "nothing" } else { "exact" };
                let sentence = words(key, points, pairs);
                Self { known: "exact", points: Some(points), pairs: Some(pairs), sentence }
            }
            Cost::AtMost { points, pair_points } => {
                let sentence = words("at_most", points, pair_points);
                Self { known: "at_most", points: Some(points), pairs: None, sentence }
            }
            Cost::Unknown => Self { known: "unknown", points: None, pairs: None, sentence: words("unknown", 0, 0) },
        }
    }
}

/// Some hypothetical coaches.
#[derive(Serialize, ToSchema)]
struct WhatIfGroupBody {
    /// How many.
    count: u32,
    /// Kemendagri code of the province.
    province: String,
    /// Codes of competencies, each with the level.
    #[schema(value_type = BTreeMap<String, u8>)]
    strengths: BTreeMap<String, u8>,
    /// Places of each.
    capacity: u16,
    /// `pkn_1`, `pkn_2` or `corporate`.
    source: &'static str,
    /// The tier.
    tier: &'static str,
    /// `online`, `in_person`.
    modes: Vec<&'static str>,
    /// ISO 639 codes.
    languages: Vec<&'static str>,
}

impl From<WhatIfCoaches> for WhatIfGroupBody {
    fn from(group: WhatIfCoaches) -> Self {
        Self {
            count: group.count,
            province: group.province.to_string(),
            strengths: group.strengths.iter().map(|(code, level)| (code.to_string(), level.get())).collect(),
            capacity: group.capacity,
            source: group.source.as_str(),
            tier: group.tier.as_str(),
            modes: group.modes.iter().map(|mode| mode.as_str()).collect(),
            languages: group.languages.iter().map(|language| language.as_str()).collect(),
        }
    }
}

/// What was kept of the input of a run: all that is needed to explain, check and repeat it.
#[derive(Serialize, ToSchema)]
struct InputBody {
    /// The form of the archive.
    #[schema(example = 1)]
    format: i16,
    /// SHA-256 of the archive.
    digest: String,
    /// Its bytes.
    bytes: i64,
    /// When it was kept.
    kept_at: DateTime<Utc>,
}

impl From<InputFacts> for InputBody {
    fn from(facts: InputFacts) -> Self {
        Self { format: facts.format, digest: facts.digest, bytes: facts.size, kept_at: facts.kept_at.time() }
    }
}

fn pair_name(pair: NamedPair) -> PairNameBody {
    PairNameBody { coachee: pair.coachee.to_string(), coach: pair.coach.to_string() }
}

/// Shows what is wanted of a run besides its policy: pinned pairs with what each costs, forbidden pairs, hypothetical
/// coaches; and what was kept of its input.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(("id" = String, Path, format = Uuid, description = "The run")),
    responses(
        (status = 200, description = "What is wanted of it", body = PlanBody,
            headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such run", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/runs/{id}/plan")]
pub(super) async fn show(
    desk: Data<Desk>,
    who: ResultsReader,
    reader: Reader,
    params: Params,
    id: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let id = run_id(&id)?;
    let body = desk.read(move |db, _| {
        let run = results::run_of_agency(db, who.agency(), id)?;
        let plan = planning::of_run(db, id)?;
        let costs = match run.result {
            Some(_) if !plan.pinned.is_empty() => results::pin_costs(db, id)?,
            _ => Vec::new(),
        };
        let pin = |pair: NamedPair| {
            let cost = costs.iter().find(|cost: &&PinCost| cost.coachee == pair.coachee);
            PinBody {
                score: cost.map(|cost| cost.score),
                cost: cost.map(|cost| CostBody::of(cost.cost, reader.lang)),
                pair: pair_name(pair),
            }
        };
        Ok::<_, ServiceError>(PlanBody {
            pinned: plan.pinned.into_iter().map(pin).collect(),
            forbidden: plan.forbidden.into_iter().map(pair_name).collect(),
            what_if: plan.what_if.into_iter().flat_map(|what_if| what_if.coaches).map(WhatIfGroupBody::from).collect(),
            follows: plan.follows.map(|run| run.uuid()),
            input: run_inputs::facts(db, id)?.map(InputBody::from),
        })
    });
    resource(&request, reader.lang, &body.await?)
}
