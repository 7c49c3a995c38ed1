//! The ranking of a cohort: coachees rank coaches, coaches say whom they wish for, and the next run takes both into
//! account.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cohorts::CohortBody;
use super::fields::{Checked, day, list};
use super::requests::request_id;
use super::respond::{resource, versioned};
use crate::domain::{CompetencyCode, PersonCode};
use crate::error::{AppError, Problem};
use crate::face::{Body, Coach, Coachee, Desk, MaySeen, NationalAdmin, Once, Params, Reader, SignedIn, told};
use crate::services::disclosures::Look;
use crate::services::rankings::{self, Phase, Ranking, Wishes};
use crate::services::{Act, cohorts};
use crate::store::rankings::Ranker;

/// The days of a ranking.
#[derive(Serialize, ToSchema)]
pub(super) struct PhaseBody {
    /// The first day.
    opens_on: NaiveDate,
    /// The last day.
    closes_on: NaiveDate,
    /// Whether it is open today.
    open: bool,
}

impl From<Phase> for PhaseBody {
    fn from(phase: Phase) -> Self {
        let Phase { opens_on, closes_on, open } = phase;
        Self { opens_on, closes_on, open }
    }
}

/// The days of a ranking, both or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "opens_on": "2026-12-01", "closes_on": "2026-12-14" }))]
pub(super) struct PhaseWish {
    /// The first day; none: there is no ranking.
    #[schema(value_type = Option<String>, format = Date)]
    opens_on: Option<String>,
    /// The last day.
    #[schema(value_type = Option<String>, format = Date)]
    closes_on: Option<String>,
}

/// Sets the days on which coachees of a cohort rank coaches, and coaches say whom they wish for; or that there are none.
#[utoipa::path(
    tag = "cohorts",
    security(("bearer" = ["national_admin"])),
    params(("code" = String, Path, description = "The code of the cohort")),
    request_body = PhaseWish,
    responses(
        (status = 200, description = "Set", body = CohortBody),
        (status = 404, description = "No such cohort", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/cohorts/{code}/ranking")]
pub(super) async fn set_phase(
    desk: Data<Desk>,
    caller: NationalAdmin,
    code: Path<String>,
    once: Once,
    body: Body<PhaseWish>,
) -> Result<HttpResponse, AppError> {
    let PhaseWish { opens_on, closes_on } = body.read()?;
    let mut checked = Checked::default();
    if opens_on.is_some() != closes_on.is_some() {
        let missing = if opens_on.is_some() { "/closes_on" } else { "/opens_on" };
        checked.refuse(missing, "planning.field.both_days");
    }
    let first = opens_on.and_then(|text| day(&mut checked, "/opens_on", &text));
    let last = closes_on.and_then(|text| day(&mut checked, "/closes_on", &text));
    checked.finish()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        rankings::set_phase(db, &Act::of(&caller, cx.now, None), &code, first.zip(last))?;
        told(StatusCode::OK, None, &CohortBody::from(cohorts::get(db, &code, cx.now)?))
    })
    .await
}

/// What a coachee has ranked.
#[derive(Serialize, ToSchema)]
struct RankingBody {
    /// The days of the ranking, if the cohort has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    ranking: Option<PhaseBody>,
    /// Codes of the coaches, the best liked first.
    #[schema(max_items = 3, example = json!(["C000007", "C000012"]))]
    coaches: Vec<String>,
    /// The version of the request; also the ETag.
    version: i32,
}

impl From<Ranking> for RankingBody {
    fn from(ranking: Ranking) -> Self {
        Self {
            ranking: ranking.phase.map(PhaseBody::from),
            coaches: ranking.coaches.iter().map(ToString::to_string).collect(),
            version: ranking.version,
        }
    }
}

/// Shows which coaches the coachee of a request has ranked, to the coachee or an admin.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The request")),
    responses(
        (status = 200, description = "The ranking", body = RankingBody, headers(("ETag" = String, description = "The version of the request, for If-Match"))),
        (status = 404, description = "No such request", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/requests/{id}/ranking")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let look = Look::at(&caller, "rankings").of(id.uuid());
    let found = desk.show_one(look, move |db, now| rankings::ranking(db, &Act::of(&caller, now, None), id)).await?;
    Ok(versioned(found.version, &RankingBody::from(found)))
}

/// Up to three coaches.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RankingWish {
    /// Their codes, the best liked first; none takes the ranking back.
    #[schema(max_items = 3, example = json!(["C000007", "C000012"]))]
    coaches: Vec<String>,
}

/// Ranks up to three coaches, instead of those ranked before, while the ranking of the cohort is open. No coach is
/// asked by it: the next run takes it into account.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = ["coachee"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The request"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the request as it was seen"),
    ),
    request_body = RankingWish,
    responses(
        (status = 200, description = "Ranked", body = RankingBody),
        (status = 404, description = "No such request or coach", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The ranking is not open, a rule forbids a coach, the request is not open, or an offer waits", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/requests/{id}/ranking")]
pub(super) async fn rank(
    desk: Data<Desk>,
    caller: Coachee,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<RankingWish>,
) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let mut checked = Checked::default();
    let coaches: Vec<PersonCode> = list(&mut checked, "/coaches", &body.read()?.coaches, "error.field.coach");
    checked.finish()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        rankings::rank(db, &act, id, &coaches)?;
        told(StatusCode::OK, None, &RankingBody::from(rankings::ranking(db, &act, id)?))
    })
    .await
}

/// Whom a coach wishes for in a cohort, and who has ranked this coach.
#[derive(Serialize, ToSchema)]
struct WishesBody {
    /// The days of the ranking, if the cohort has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    ranking: Option<PhaseBody>,
    /// Codes of the coachees wished for.
    #[schema(max_items = 20)]
    coachees: Vec<String>,
    /// Those who have ranked the coach, by code, without the rank.
    ranked_by: Vec<RankerBody>,
}

/// Somebody who has ranked a coach: no name, no way to reach them.
#[derive(Serialize, ToSchema)]
struct RankerBody {
    /// The code.
    #[schema(example = "P0000001")]
    coachee: String,
    /// Code of the employer.
    agency: String,
    /// The position.
    position: String,
    /// Its tier.
    #[schema(example = "pengawas")]
    tier: &'static str,
    /// Code of the regency.
    #[schema(example = "91.03")]
    regency: String,
    /// Codes of the competencies the request is about; none: the largest gaps.
    focus: Vec<String>,
}

impl From<(Ranker, Vec<CompetencyCode>)> for RankerBody {
    fn from((ranker, focus): (Ranker, Vec<CompetencyCode>)) -> Self {
        Self {
            coachee: ranker.coachee.0.to_string(),
            agency: ranker.agency.0.to_string(),
            position: ranker.position,
            tier: ranker.tier.0.as_str(),
            regency: ranker.regency.0.to_string(),
            focus: focus.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<Wishes> for WishesBody {
    fn from(stated: Wishes) -> Self {
        Self {
            ranking: stated.phase.map(PhaseBody::from),
            coachees: stated.coachees.iter().map(ToString::to_string).collect(),
            ranked_by: stated.ranked_by.into_iter().map(RankerBody::from).collect(),
        }
    }
}

/// Shows whom the coach who asks wishes for in a cohort, and which coachees have ranked this coach.
#[utoipa::path(
    tag = "cohorts",
    security(("bearer" = ["coach"])),
    params(("code" = String, Path, description = "The code of the cohort")),
    responses(
        (status = 200, description = "The wishes", body = WishesBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such cohort", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/cohorts/{code}/wishes")]
pub(super) async fn wishes(
    desk: Data<Desk>,
    caller: Coach,
    reader: Reader,
    params: Params,
    code: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let found = desk.read(move |db, now| rankings::wishes(db, &Act::of(&caller, now, None), &code)).await?;
    resource(&request, reader.lang, &WishesBody::from(found))
}

/// Up to twenty coachees.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WishesWish {
    /// Their codes; none takes all wishes back.
    #[schema(max_items = 20, example = json!(["P0000001"]))]
    coachees: Vec<String>,
}

/// Wishes for coachees who ask in a cohort, instead of those wished for before, while its ranking is open.
#[utoipa::path(
    tag = "cohorts",
    security(("bearer" = ["coach"])),
    params(("code" = String, Path, description = "The code of the cohort")),
    request_body = WishesWish,
    responses(
        (status = 200, description = "Noted", body = WishesBody),
        (status = 404, description = "No such cohort", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The ranking is not open, or somebody does not ask in this cohort", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/cohorts/{code}/wishes")]
pub(super) async fn wish(
    desk: Data<Desk>,
    caller: Coach,
    code: Path<String>,
    once: Once,
    body: Body<WishesWish>,
) -> Result<HttpResponse, AppError> {
    let mut checked = Checked::default();
    let coachees: Vec<PersonCode> = list(&mut checked, "/coachees", &body.read()?.coachees, "error.field.person");
    checked.finish()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, None);
        rankings::wish(db, &act, &code, &coachees)?;
        told(StatusCode::OK, None, &WishesBody::from(rankings::wishes(db, &act, &code)?))
    })
    .await
}
