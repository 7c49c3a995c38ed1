//! Cohorts: named sets of requests, with the days on which they take them.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::{Checked, day};
use super::rankings::PhaseBody;
use super::respond::{Page, page};
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, NationalAdmin, Once, Params, Reader, SignedIn, told};
use crate::services::Act;
use crate::services::cohorts::{self, Listed, NewCohort};

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
}

impl From<Listed> for CohortBody {
    fn from(listed: Listed) -> Self {
        let Listed { cohort, open, ranking } = listed;
        Self {
            code: cohort.code,
            name: cohort.name,
            opens_on: cohort.opens_on,
            closes_on: cohort.closes_on,
            open,
            ranking: ranking.map(PhaseBody::from),
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
}

/// Makes a cohort.
#[utoipa::path(
    tag = "cohorts",
    security(("bearer" = ["national_admin"])),
    request_body = CohortWish,
    responses(
        (status = 201, description = "Made", body = CohortBody),
        (status = 409, description = "There is one with this code", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/cohorts")]
pub(super) async fn create(
    desk: Data<Desk>,
    caller: NationalAdmin,
    once: Once,
    body: Body<CohortWish>,
) -> Result<HttpResponse, AppError> {
    let CohortWish { code, name, opens_on, closes_on } = body.read()?;
    let mut checked = Checked::default();
    let opens_on = opens_on.and_then(|text| day(&mut checked, "/opens_on", &text));
    let closes_on = closes_on.and_then(|text| day(&mut checked, "/closes_on", &text));
    checked.finish()?;
    let new = NewCohort { code, name, opens_on, closes_on };
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let made = cohorts::create(db, &Act::of(&caller, cx.now, None), &new)?;
        told(StatusCode::CREATED, None, &CohortBody::from(made))
    })
    .await
}
