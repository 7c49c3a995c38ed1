//! Asking for runs, and deciding what becomes of them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::RunBody;
use super::fields::{Checked, day, list, policy};
use super::planning::{PairWish, WhatIfWish, pairs};
use super::runs::run_id;
use crate::domain::{Objective, PersonCode, Policy, Reserve};
use crate::error::{AppError, Problem};
use crate::face::{Admin, Body, Desk, Once, told};
use crate::services::planning::{self, Planning};
use crate::services::runs::{self, LeftOut, Order, Published, Selection};
use crate::services::{Act, ServiceResult, results};
use crate::store::{Db, RunId};

/// What a run is to do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "cohort": "2026-1", "objective": "most_people", "reserve": "remote:20%" }))]
pub(super) struct RunWish {
    /// The code of the cohort.
    #[schema(max_length = 64)]
    cohort: String,
    /// What to strive for: `most_people`, `best_total` or `stable`; unless said, what the policy says.
    objective: Option<String>,
    /// The policy as `coachnet` files have it; what it leaves out is as by default. Unless said, the cohort's. Whatever is
    /// said here is for this run alone.
    #[schema(value_type = Option<Object>)]
    policy: Option<serde_json::Value>,
    /// Places kept for a group: `remote`, `WIB`, `WITA`, `WIT` or the code of a province, and a share.
    #[schema(example = "remote:20%")]
    reserve: Option<String>,
    /// The seed of the lottery, in decimal digits; one is drawn unless said.
    #[schema(example = "7", pattern = "^[0-9]{1,20}$")]
    seed: Option<String>,
    /// The day as of which assessments and remote areas count; today in Jakarta unless said.
    #[schema(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
    /// Pairs that are to be, whatever else is better; what each costs is told with the result.
    #[serde(default)]
    #[schema(max_items = 200)]
    pinned: Vec<PairWish>,
    /// Pairs that are not to be.
    #[serde(default)]
    #[schema(max_items = 1000)]
    forbidden: Vec<PairWish>,
    /// Coaches who are not there: what would it be like with them? Such a run is never published.
    what_if: Option<WhatIfWish>,
    /// A computed run of the cohort, from whose pairs and prices this one starts, as after some have declined. Those of
    /// its pairs that have become pairings stand, and are part of what is proven.
    #[serde(rename = "from")]
    #[schema(value_type = Option<String>, format = Uuid)]
    follows: Option<String>,
}

/// A wish as far as it can be read without the database.
struct Wanted {
    cohort: String,
    policy: Option<Policy>,
    objective: Option<Objective>,
    reserve: Option<Reserve>,
    seed: u64,
    as_of: Option<NaiveDate>,
    planning: Planning,
}

impl RunWish {
    fn checked(self) -> Result<Wanted, AppError> {
        let mut checked = Checked::default();
        let objective = self.objective.and_then(|text| checked.parsed("/objective", &text, "error.field.objective"));
        let reserve = self.reserve.and_then(|text| checked.parsed("/reserve", &text, "error.field.reserve"));
        let seed = self.seed.map(|text| checked.parsed("/seed", &text, "error.field.seed"));
        let as_of = self.as_of.and_then(|text| day(&mut checked, "/as_of", &text));
        let policy = self.policy.and_then(|value| policy(&mut checked, value));
        let planning = Planning {
            pinned: pairs(&mut checked, "/pinned", &self.pinned),
            forbidden: pairs(&mut checked, "/forbidden", &self.forbidden),
            what_if: self.what_if.and_then(|wish| wish.checked(&mut checked)),
            follows: self.follows.and_then(|text| checked.parsed("/from", &text, "planning.field.run")),
        };
        checked.finish()?;
        Ok(Wanted {
            cohort: self.cohort,
            policy,
            objective,
            reserve,
            seed: seed.flatten().map_or_else(|| getrandom::u64().map_err(AppError::internal), Ok)?,
            as_of,
            planning,
        })
    }
}

impl Wanted {
    fn order(&self, db: &mut Db, act: &Act) -> ServiceResult<Order> {
        let mut policy = match self.policy {
            Some(policy) => policy,
            None => runs::policy_in_use(db, &self.cohort)?,
        };
        policy.objective = self.objective.unwrap_or(policy.objective);
        policy.reserve = self.reserve.or(policy.reserve);
        let as_of = self.as_of.unwrap_or_else(|| act.today());
        Ok(Order { cohort: self.cohort.clone(), policy, seed: self.seed, as_of })
    }
}

/// Asks for a run of a cohort; an agency's admin, of one that is for the agency alone. It waits its turn and is computed in the background; GET shows how far it is.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin"])),
    request_body = RunWish,
    responses(
        (status = 201, description = "It waits to be computed", body = RunBody,
            headers(("Location" = String, description = "Where it is"))),
        (status = 404, description = "No such cohort, person or run", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A rule forbids a pair that is to be, its coachee does not ask, its coach has too few places, or the run cannot be started from", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/runs")]
pub(super) async fn create(
    desk: Data<Desk>,
    caller: Admin,
    once: Once,
    body: Body<RunWish>,
) -> Result<HttpResponse, AppError> {
    let wanted = body.read()?.checked()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, None);
        let order = wanted.order(db, &act)?;
        let id = planning::order(db, &act, &order, &wanted.planning)?;
        told(StatusCode::CREATED, Some(format!("/api/v1/runs/{id}")), &shown(db, id)?)
    })
    .await
}

fn shown(db: &mut Db, id: RunId) -> ServiceResult<RunBody> {
    Ok(RunBody::from(&results::run(db, id)?))
}

/// Which pairs are put out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishWish {
    /// Codes of coachees, whose pairs alone are put out; all unless said.
    #[schema(example = json!(["P0000001"]))]
    coachees: Option<Vec<String>>,
}

/// What publishing a run did.
#[derive(Serialize, ToSchema)]
struct PublishedBody {
    /// How many coachees were proposed a coach.
    proposed: usize,
    /// Whose pair could not be put out, since things have changed after the run was computed.
    left_out: Vec<LeftOutBody>,
}

/// A pair that could not be put out.
#[derive(Serialize, ToSchema)]
struct LeftOutBody {
    /// The coachee's code.
    #[schema(example = "P0000001")]
    coachee: String,
    /// The coach's code.
    #[schema(example = "C000007")]
    coach: String,
    /// What stands against it: `earlier_pair`, `request_not_open` or `coach_not_free`.
    #[schema(example = "coach_not_free")]
    why: &'static str,
}

impl From<Published> for PublishedBody {
    fn from(published: Published) -> Self {
        let left_out = |pair: LeftOut| LeftOutBody {
            coachee: pair.coachee.to_string(),
            coach: pair.coach.to_string(),
            why: pair.why.as_str(),
        };
        Self { proposed: published.proposed, left_out: published.left_out.into_iter().map(left_out).collect() }
    }
}

/// Puts the pairs of a computed run out, all that can be or none: each coachee is proposed the coach, and the coach is
/// asked once the coachee confirms.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The run")),
    request_body = PublishWish,
    responses(
        (status = 200, description = "Published", body = PublishedBody),
        (status = 404, description = "No such run, or it has no pair for one of the coachees", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is not computed, was published, has hypothetical coaches, or not one pair can be put out any more", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/runs/{id}/publish")]
pub(super) async fn publish(
    desk: Data<Desk>,
    caller: Admin,
    id: Path<String>,
    once: Once,
    body: Body<PublishWish>,
) -> Result<HttpResponse, AppError> {
    let id = run_id(&id)?;
    let mut checked = Checked::default();
    let coachees: Option<Vec<PersonCode>> =
        body.read()?.coachees.map(|codes| list(&mut checked, "/coachees", &codes, "error.field.person"));
    checked.finish()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, None);
        let selection = coachees.as_deref().map_or(Selection::All, Selection::Only);
        let published = runs::publish(db, &act, id, selection)?;
        told(StatusCode::OK, None, &PublishedBody::from(published))
    })
    .await
}

/// Throws a run away that was not published. One that is being computed ends within seconds.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The run")),
    responses(
        (status = 200, description = "Thrown away", body = RunBody),
        (status = 404, description = "No such run", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was published or thrown away before", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/runs/{id}/discard")]
pub(super) async fn discard(
    desk: Data<Desk>,
    caller: Admin,
    id: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let id = run_id(&id)?;
    desk.once(once.by(&caller), move |db, cx| {
        runs::discard(db, &Act::of(&caller, cx.now, None), id)?;
        told(StatusCode::OK, None, &shown(db, id)?)
    })
    .await
}
