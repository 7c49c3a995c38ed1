//! What a run found: its pairs, and those who wait.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};

use super::body::{PairBody, WaitingBody};
use super::respond::{Page, page, resource};
use super::runs::run_id;
use crate::error::{AppError, Problem};
use crate::face::{Desk, Params, Reader, ResultsReader};
use crate::i18n::Names;
use crate::services::{ServiceError, directory, people, results};
use crate::store::read_runs::PairFilter;
use crate::store::{Db, StoreError};

/// Lists the pairs of a run in the order of coachee codes, each with its explanation.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The run"),
        ("province" = Option<String>, Query, description = "Only coachees of the province with this code"),
        ("coach" = Option<String>, Query, description = "Only pairs with the coach of this code"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of pairs", body = Page<PairBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 404, description = "No such run", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/runs/{id}/pairs")]
pub(super) async fn list(
    desk: Data<Desk>,
    who: ResultsReader,
    reader: Reader,
    mut params: Params,
    id: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let id = run_id(&id)?;
    let look = who.look("run_pairs").of(id.uuid()).through(params.filters());
    let limit = params.limit();
    let after = params.parsed("cursor", "error.parameter.cursor");
    let filter = PairFilter { province: params.text("province"), coach: params.text("coach"), ..PairFilter::default() };
    params.finish()?;
    let read = move |db: &mut Db, _| {
        let reference = directory::reference(db)?;
        let names = Names { lang: reader.lang, reference: &reference };
        let run = results::run_of_agency(db, who.agency(), id)?;
        let pairs = results::pairs(db, &run, &reference, &filter, after, limit + 1)?;
        Ok(page(pairs, limit, |pair| pair.place.to_string(), |pair| PairBody::of(pair, names)))
    };
    let found = desk.show(look, read, |page| page.items.len()).await?;
    Ok(found.answer(&request, reader.lang))
}

/// Shows the pair of one coachee in a run.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The run"),
        ("coachee" = String, Path, description = "Code of the coachee"),
    ),
    responses(
        (status = 200, description = "The pair", body = PairBody,
            headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such run, or no pair of this coachee in it", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/runs/{id}/pairs/{coachee}")]
pub(super) async fn show(
    desk: Data<Desk>,
    who: ResultsReader,
    reader: Reader,
    params: Params,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let (id, coachee) = path.into_inner();
    let id = run_id(&id)?;
    let body = desk.ask(move |cx| {
        let (body, person) = cx.store.snapshot(|db| {
            let reference = directory::reference(db)?;
            let names = Names { lang: reader.lang, reference: &reference };
            let run = results::run_of_agency(db, who.agency(), id)?;
            let filter = PairFilter { coachee: Some(coachee), ..PairFilter::default() };
            let pair = results::pairs(db, &run, &reference, &filter, None, 1)?.pop().ok_or(StoreError::NotFound)?;
            let code = pair.coachee.parse().map_err(|_| StoreError::NotFound)?;
            Ok::<_, ServiceError>((PairBody::of(pair, names), people::id(db, &code)?))
        })?;
        // Whose pair it was, not only in which run.
        who.look("run_pair").of(person.uuid()).note(cx, 1)?;
        Ok(body)
    });
    let body = body.await?;
    resource(&request, reader.lang, &body)
}

/// Lists the coachees of a run who have no coach, by their place on the waiting list, each with the reason.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The run"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of the waiting list", body = Page<WaitingBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 404, description = "No such run", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/runs/{id}/waiting")]
pub(super) async fn waiting(
    desk: Data<Desk>,
    who: ResultsReader,
    reader: Reader,
    mut params: Params,
    id: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let id = run_id(&id)?;
    let look = who.look("run_waiting").of(id.uuid()).through(params.filters());
    let limit = params.limit();
    let after = params.parsed("cursor", "error.parameter.cursor");
    params.finish()?;
    let read = move |db: &mut Db, _| {
        let reference = directory::reference(db)?;
        let names = Names { lang: reader.lang, reference: &reference };
        let run = results::run_of_agency(db, who.agency(), id)?;
        let rows = results::waiting(db, &run, &reference, after, limit + 1)?;
        Ok(page(rows, limit, |row| row.place.to_string(), |row| WaitingBody::of(row, names)))
    };
    let found = desk.show(look, read, |page| page.items.len()).await?;
    Ok(found.answer(&request, reader.lang))
}
