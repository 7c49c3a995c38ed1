//! Lists to take away, as CSV or as a workbook.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use tokio::sync::Semaphore;

use super::monitoring::wanted as figures;
use super::offers::wanted as offers;
use super::pairings::wanted as pairings;
use super::requests::wanted as requests;
use super::respond::next_address;
use crate::domain::Patience;
use crate::error::{AppError, Problem};
use crate::face::{Desk, Params, Watcher};
use crate::services::Act;
use crate::services::disclosures::Look;
use crate::services::exports::{self, Export, List, MAX_ROWS, Wanted};
use crate::store::Db;
use crate::store::read_coaches::CoachFilter;
use crate::store::read_runs::PairFilter;
use crate::tabular::Format;

/// Files made at a time: each may hold a good many rows, and admins can wait a moment.
static AT_A_TIME: Semaphore = Semaphore::const_new(2);

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How a file is written, its ending and its media type.
fn format(ending: &str) -> Option<(Format, &'static str)> {
    match ending {
        "csv" => Some((Format::Csv, CSV)),
        "xlsx" => Some((Format::Xlsx, XLSX)),
        _ => None,
    }
}

fn wanted(list: List, programme: &str, patience: Patience, params: &mut Params) -> Option<Wanted> {
    const CURSOR: &str = "error.parameter.cursor";
    Some(match list {
        List::Requests => Wanted::Requests(requests(params), params.parsed("cursor", CURSOR)),
        List::Offers => Wanted::Offers(offers(params), params.parsed("cursor", CURSOR)),
        List::Pairings => Wanted::Pairings(pairings(params), params.parsed("cursor", CURSOR)),
        List::Coaches => {
            let (province, competency) = (params.text("province"), params.text("competency"));
            Wanted::Coaches(CoachFilter { province, competency, codes: None }, params.parsed("cursor", CURSOR))
        }
        List::CoachLoad => Wanted::CoachLoad(figures(params), params.parsed("cursor", CURSOR)),
        List::Stuck => {
            let kind = params.parsed("kind", "monitoring.parameter.kind");
            Wanted::Stuck(patience, figures(params), kind, params.parsed("cursor", CURSOR))
        }
        List::Credit => Wanted::Credit(programme.to_owned(), params.parsed("cursor", CURSOR)),
        List::Demand => Wanted::Demand(figures(params), params.parsed("cursor", CURSOR)),
        List::Recruiting => Wanted::Recruiting(figures(params), params.parsed("cursor", CURSOR)),
        List::Declines => Wanted::Declines(figures(params), params.parsed("cursor", CURSOR)),
        List::CoachApplications => {
            let status = params.parsed("status", "error.parameter.verification");
            Wanted::CoachApplications(status, params.parsed("cursor", CURSOR))
        }
        List::Invitations => Wanted::Invitations(params.parsed("cursor", CURSOR)),
        List::DataRequests => {
            let status = params.parsed("status", "rights.parameter.status");
            Wanted::DataRequests(status, params.parsed("cursor", CURSOR))
        }
        List::Runs => Wanted::Runs(params.parsed("cursor", CURSOR)),
        List::RunPairs => {
            let (province, coach) = (params.text("province"), params.text("coach"));
            let filter = PairFilter { province, coach, ..PairFilter::default() };
            Wanted::RunPairs(params.parsed("run", "error.parameter.id")?, filter, params.parsed("cursor", CURSOR))
        }
        List::RunWaiting => {
            Wanted::RunWaiting(params.parsed("run", "error.parameter.id")?, params.parsed("cursor", CURSOR))
        }
    })
}

/// Takes a list away as a file: the rows that the list itself would show, with the same filters, page after page, at
/// most 100,000. When there are more, `Link` names the next file and the name of this one ends in `-part`.
/// Columns keep their names and order. No file holds addresses or what people wrote in their own words, and only `credit`
/// holds identity numbers, by which agencies enter learning hours into their books.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("list" = String, Path, description = "`requests`, `offers`, `pairings`, `coaches`, `coach-load`, `stuck`, `credit`, `demand`, `recruiting`, `declines`, `coach-applications`, `invitations`, `data-requests` (of an admin of all), `runs`, `run-pairs` or `run-waiting`; auditors may not take `credit` and the queues"),
        ("format" = String, Path, description = "`csv` or `xlsx`"),
        ("run" = Option<String>, Query, format = Uuid, description = "Of run-pairs and run-waiting: the run, which must be named"),
        ("cohort" = Option<String>, Query, description = "Of requests, offers, pairings, coach-load, stuck, demand, recruiting and declines: as there"),
        ("status" = Option<String>, Query, description = "Of requests, offers, pairings, coach-applications and data-requests: only those in this state"),
        ("coach" = Option<String>, Query, description = "Of offers and run-pairs: only those to the coach with this code"),
        ("agency" = Option<String>, Query, description = "Of offers: only those of coachees of the agency with this code"),
        ("province" = Option<String>, Query, description = "Of coaches, coach-load, stuck, demand, recruiting, declines and run-pairs: only people who work in the province with this code; of offers, only those of coachees there"),
        ("competency" = Option<String>, Query, description = "Of coaches: only those strong in the competency with this code"),
        ("kind" = Option<String>, Query, description = "Of stuck: only what is stuck in this way"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100_000, description = "Most rows wanted; 100,000 by default"),
        ("cursor" = Option<String>, Query, description = "As in `Link` of the file before"),
    ),
    responses(
        (status = 200, description = "The file; an attachment with a name",
            content((String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")),
            headers(
                ("Content-Disposition" = String, description = "The name of the file"),
                ("Link" = String, description = "Address of the next file, when there are more rows"),
            )),
        (status = 404, description = "No such list or format; no such cohort, province or run", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/exports/{list}.{format}")]
pub(super) async fn file(
    desk: Data<Desk>,
    patience: Data<Patience>,
    caller: Watcher,
    path: Path<(String, String)>,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (list, ending) = path.into_inner();
    let list: List = list.parse().map_err(|_| AppError::NotFound)?;
    let (format, kind) = format(&ending).ok_or(AppError::NotFound)?;
    let look = Look::at(&caller, format!("exports.{list}")).through(params.filters());
    let limit = params.number("limit", 1..=MAX_ROWS, "monitoring.parameter.limit").unwrap_or(MAX_ROWS);
    let wanted = wanted(list, desk.service(), *patience.get_ref(), &mut params);
    // None: the run was not named, or not as an id.
    let Some(wanted) = wanted else { return Err(AppError::parameter("run", "error.parameter.id")) };
    params.finish()?;
    let day = desk.now().time().date_naive();
    let place = AT_A_TIME.acquire().await.map_err(AppError::internal)?;
    let make = move |db: &mut Db, now| {
        // Held until the file is made, even when the client is gone.
        let _place = place;
        exports::export(db, &Act::of(&caller, now, None), &wanted, format, limit)
    };
    let made = desk.show(look, make, |made: &Export| made.rows);
    let Export { bytes, next, .. } = made.await?;
    let part = if next.is_some() { "-part" } else { "" };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{list}-{day}{part}.{ending}\"")));
    if let Some(cursor) = &next {
        response.insert_header((header::LINK, format!("<{}>; rel=\"next\"", next_address(&request, cursor))));
    }
    Ok(response.content_type(kind).body(bytes))
}
