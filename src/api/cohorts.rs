//! Cohorts: named sets of requests, with the days on which they take them, who may ask, and the policy they follow.

use std::collections::BTreeSet;
use std::str::FromStr;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::fields::{Checked, day, list as list_of, policy};
use super::rankings::PhaseBody;
use super::respond::{Page, page, versioned};
use crate::domain::{Admission, AgencyCode, Policy, ProvinceCode};
use crate::error::{AppError, Problem};
use crate::face::{Admin, Body, Desk, Once, Params, Reader, Seen, SignedIn, told};
use crate::services::Act;
use crate::services::cohorts::{self, Changes, Listed, NewCohort};

/// A named set of requests.
#[derive(Serialize, ToSchema)]
pub(super) struct CohortBody {
    /// The code.
    #[schema(example = "2026-1")]
    code: String,
    /// The name.
    name: String,
    /// First day on which requests are taken, if set.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_on: Option<NaiveDate>,
    /// Last day on which requests are taken, if set.
    #[serde(skip_serializing_if = "Option::is_none")]
    closes_on: Option<NaiveDate>,
    /// Whether requests are taken today.
    open: bool,
    /// The days on which coachees rank coaches, and coaches say whom they wish for, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    ranking: Option<PhaseBody>,
    /// Codes of the agencies whose coachees may ask; none: all. Where it is one alone, its admin runs the cohort, too.
    #[schema(value_type = Vec<String>, example = json!(["KEM-09"]))]
    agencies: Vec<AgencyCode>,
    /// Tiers whose holders may ask; none: all.
    #[schema(example = json!(["pengawas"]))]
    tiers: Vec<&'static str>,
    /// Codes of the provinces where coachees work who may ask; none: all.
    #[schema(value_type = Vec<String>, example = json!(["91"]))]
    provinces: Vec<ProvinceCode>,
    /// The policy, as `coachnet` files have it: days to answer, who may be chosen, shortlists and priority follow it, and
    /// runs unless they are told otherwise.
    #[schema(value_type = Object)]
    policy: Policy,
}

impl From<Listed> for CohortBody {
    fn from(listed: Listed) -> Self {
        let Listed { cohort, terms, open, ranking } = listed;
        let Admission { agencies, tiers, provinces } = terms.admission;
        Self {
            code: cohort.code,
            name: cohort.name,
            opens_on: cohort.opens_on,
            closes_on: cohort.closes_on,
            open,
            ranking: ranking.map(PhaseBody::from),
            agencies: agencies.into_iter().collect(),
            tiers: tiers.into_iter().map(|tier| tier.as_str()).collect(),
            provinces: provinces.into_iter().collect(),
            policy: terms.policy,
        }
    }
}

/// Lists cohorts, the newest first.
#[utoipa::path(
    tag = "cohorts",
    security(("bearer" = [])),
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of cohorts", body = Page<CohortBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/cohorts")]
pub(super) async fn list(
    desk: Data<Desk>,
    _: SignedIn,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (limit, before) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    params.finish()?;
    let found = desk.read(move |db, now| cohorts::page(db, before, limit + 1, now)).await?;
    let answer = page(found, limit, |listed| listed.cohort.id.to_string(), CohortBody::from);
    Ok(answer.answer(&request, reader.lang))
}

/// Shows a cohort.
#[utoipa::path(
    tag = "cohorts",
    security(("bearer" = [])),
    params(("code" = String, Path, description = "The cohort")),
    responses(
        (status = 200, description = "The cohort", body = CohortBody, headers(("ETag" = String, description = "The version, for If-Match"))),
        (status = 404, description = "No such cohort", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/cohorts/{code}")]
pub(super) async fn show(desk: Data<Desk>, _: SignedIn, code: Path<String>) -> Result<HttpResponse, AppError> {
    Ok(answer(desk.read(move |db, now| cohorts::get(db, &code, now)).await?))
}

fn answer(listed: Listed) -> HttpResponse {
    versioned(listed.terms.version, &CohortBody::from(listed))
}

/// What a new cohort is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "2026-2", "name": "Angkatan 2026 II", "opens_on": "2026-12-01" }))]
pub(super) struct CohortWish {
    /// Its code.
    #[schema(min_length = 1, max_length = 64)]
    code: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 150)]
    name: String,
    /// First day on which requests are taken.
    #[schema(value_type = Option<String>, format = Date)]
    opens_on: Option<String>,
    /// Last day on which requests are taken.
    #[schema(value_type = Option<String>, format = Date)]
    closes_on: Option<String>,
    /// Codes of the agencies whose coachees may ask; all unless said. An agency's admin makes a cohort of the agency.
    #[serde(default)]
    #[schema(max_items = 200)]
    agencies: Vec<String>,
    /// Tiers whose holders may ask; all unless said.
    #[serde(default)]
    tiers: Vec<String>,
    /// Codes of the provinces where coachees work who may ask; all unless said.
    #[serde(default)]
    provinces: Vec<String>,
    /// The policy as `coachnet` files have it; what it leaves out is as by default.
    #[schema(value_type = Option<Object>)]
    policy: Option<serde_json::Value>,
}

/// Makes a cohort; an agency's admin, one for the agency alone.
#[utoipa::path(
    tag = "cohorts",
    security(("bearer" = ["national_admin", "agency_admin"])),
    request_body = CohortWish,
    responses(
        (status = 201, description = "Made", body = CohortBody),
        (status = 409, description = "There is one with this code", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/cohorts")]
pub(super) async fn create(
    desk: Data<Desk>,
    caller: Admin,
    once: Once,
    body: Body<CohortWish>,
) -> Result<HttpResponse, AppError> {
    let wish: CohortWish = body.read()?;
    let mut checked = Checked::default();
    let opens_on = wish.opens_on.and_then(|text| day(&mut checked, "/opens_on", &text));
    let closes_on = wish.closes_on.and_then(|text| day(&mut checked, "/closes_on", &text));
    let admission = Admission {
        agencies: set(&mut checked, "/agencies", &wish.agencies, "error.field.agency"),
        tiers: set(&mut checked, "/tiers", &wish.tiers, "error.field.tiers"),
        provinces: set(&mut checked, "/provinces", &wish.provinces, "error.field.provinces"),
    };
    let policy = wish.policy.and_then(|value| policy(&mut checked, value));
    checked.finish()?;
    let new = NewCohort { code: wish.code, name: wish.name, opens_on, closes_on, admission, policy };
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let made = cohorts::create(db, &Act::of(&caller, cx.now, None), &new)?;
        told(StatusCode::CREATED, None, &CohortBody::from(made))
    })
    .await
}

/// What is to be otherwise about a cohort; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "closes_on": null, "tiers": ["pengawas"] }))]
pub(super) struct CohortPatch {
    /// Another name.
    #[schema(min_length = 1, max_length = 150)]
    name: Option<String>,
    /// Another first day on which requests are taken; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    opens_on: Option<Option<String>>,
    /// Another last day on which requests are taken; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    closes_on: Option<Option<String>>,
    /// Other agencies; an empty list: all. Those whose coachees ask in the cohort, or ever did, must be among them.
    #[schema(max_items = 200)]
    agencies: Option<Vec<String>>,
    /// Other tiers; an empty list: all.
    tiers: Option<Vec<String>>,
    /// Other provinces; an empty list: all.
    provinces: Option<Vec<String>>,
    /// Another policy as `coachnet` files have it; what it leaves out is as by default. Runs ordered before keep theirs.
    #[schema(value_type = Option<Object>)]
    policy: Option<serde_json::Value>,
}

/// Several values whose order says nothing.
fn set<T: FromStr + Ord>(checked: &mut Checked, at: &str, texts: &[String], expected: &'static str) -> BTreeSet<T> {
    list_of(checked, at, texts, expected).into_iter().collect()
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl CohortPatch {
    fn checked(self) -> Result<Changes, AppError> {
        let mut checked = Checked::default();
        let date = |checked: &mut Checked, pointer, text: Option<Option<String>>| {
            text.map(|text| text.and_then(|text| day(checked, pointer, &text)))
        };
        let changes = Changes {
            name: self.name,
            opens_on: date(&mut checked, "/opens_on", self.opens_on),
            closes_on: date(&mut checked, "/closes_on", self.closes_on),
            agencies: self.agencies.map(|codes| set(&mut checked, "/agencies", &codes, "error.field.agency")),
            tiers: self.tiers.map(|tiers| set(&mut checked, "/tiers", &tiers, "error.field.tiers")),
            provinces: self.provinces.map(|codes| set(&mut checked, "/provinces", &codes, "error.field.provinces")),
            policy: self.policy.and_then(|value| policy(&mut checked, value)),
        };
        checked.finish()?;
        Ok(changes)
    }
}

/// Changes a cohort, if it is still in the state that `If-Match` names; an agency's admin, one for the agency alone. Who
/// asks in it already goes on asking.
#[utoipa::path(
    tag = "cohorts",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(
        ("code" = String, Path, description = "The cohort"),
        ("If-Match" = String, Header, description = "The ETag of the cohort as it was seen"),
    ),
    request_body = CohortPatch,
    responses(
        (status = 200, description = "The cohort now", body = CohortBody, headers(("ETag" = String, description = "The version, for If-Match"))),
        (status = 404, description = "No such cohort", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody of an agency that would be left out asks in it", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
#[patch("/cohorts/{code}")]
pub(super) async fn change(
    desk: Data<Desk>,
    caller: Admin,
    code: Path<String>,
    seen: Seen,
    body: Body<CohortPatch>,
) -> Result<HttpResponse, AppError> {
    let changes = body.read()?.checked()?;
    let changed =
        desk.write(move |db, cx| cohorts::change(db, &Act::of(&caller, cx.now, Some(seen.0)), &code, &changes));
    Ok(answer(changed.await?))
}
