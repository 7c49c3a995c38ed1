//! Coaches, by what they offer.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};

use super::body::CoachBody;
use super::respond::{Page, page, resource};
use crate::error::{AppError, Problem};
use crate::face::{CoachesReader, Gate, Params, Reader};
use crate::services::directory;
use crate::store::read_coaches::CoachFilter;

/// Lists verified coaches by code.
#[utoipa::path(
    tag = "coaches",
    security(("bearer" = [])),
    params(
        ("province" = Option<String>, Query, description = "Only coaches who work in the province with this code"),
        ("competency" = Option<String>, Query, description = "Only coaches strong in the competency with this code"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of coaches", body = Page<CoachBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/coaches")]
pub(super) async fn list(
    gate: Data<Gate>,
    _: CoachesReader,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let limit = params.limit();
    let after = params.text("cursor");
    let filter = CoachFilter { province: params.text("province"), competency: params.text("competency"), codes: None };
    params.finish()?;
    let coaches = gate
        .ask(move |store| store.snapshot(|db| directory::coaches(db, &filter, after.as_deref(), limit + 1)))
        .await?;
    Ok(page(coaches, limit, |coach| coach.code.clone(), CoachBody::from).answer(&request, reader.lang))
}

/// Shows a verified coach.
#[utoipa::path(
    tag = "coaches",
    security(("bearer" = [])),
    params(("code" = String, Path, description = "Code of the coach")),
    responses(
        (status = 200, description = "The coach", body = CoachBody,
            headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No verified coach has this code", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/coaches/{code}")]
pub(super) async fn show(
    gate: Data<Gate>,
    _: CoachesReader,
    reader: Reader,
    params: Params,
    code: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let code = code.into_inner();
    let coach = gate.ask(move |store| store.snapshot(|db| directory::coach(db, code))).await?;
    resource(&request, reader.lang, &CoachBody::from(coach))
}
