//! Whether there are enough coaches for what is asked for, and where it is.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::wanted;
use crate::api::respond::resource;
use crate::error::{AppError, Problem};
use crate::face::{Desk, Params, Reader, Watcher};
use crate::i18n::Names;
use crate::services::monitoring::demand::{self, Balance, Demand};
use crate::services::{Act, directory};

/// Demand against supply.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct DemandBody {
    /// Free places of coaches who are verified and welcome new coachees.
    free_places: i64,
    /// Open requests that are under no competency here: they name no focus, and no gap was measured, or there are more
    /// than 20,000 such requests.
    unknown: i64,
    /// Per competency with a request or a place, what is short first. A request counts for each competency in its
    /// focus, or without one for the largest measured gaps; a place for each in which its coach is strong.
    competencies: Vec<BalanceBody>,
    /// Per province with a request or a place, what is short first: requests of coachees and places of coaches
    /// who work there.
    provinces: Vec<BalanceBody>,
}

/// What is asked for, and what there is for it.
#[derive(Debug, Serialize, ToSchema)]
struct BalanceBody {
    /// The code of the competency or province.
    #[schema(example = "M.01")]
    code: String,
    /// Its name in the reader's language.
    name: String,
    /// Open requests.
    requests: i64,
    /// Free places.
    free_places: i64,
}

impl DemandBody {
    fn of(found: Demand, names: Names) -> Self {
        let rows = |rows: Vec<Balance>, name: &dyn Fn(&str) -> String| {
            let row = |row: Balance| BalanceBody {
                name: name(&row.code),
                code: row.code,
                requests: row.requests,
                free_places: row.free,
            };
            rows.into_iter().map(row).collect()
        };
        Self {
            free_places: found.free,
            unknown: found.unknown,
            competencies: rows(found.competencies, &|code| competency(names, code)),
            provinces: rows(found.provinces, &|code| names.province(code)),
        }
    }
}

/// The name of a competency by its code; the code itself when it is none.
pub(super) fn competency(names: Names, code: &str) -> String {
    code.parse().map_or_else(|_| code.to_owned(), |parsed| names.competency(&parsed))
}

/// Shows what open requests ask for, and the free places there are for it; to an agency's admin, requests of the
/// agency's coachees and places of its coaches.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only requests in the cohort with this code"),
        ("province" = Option<String>, Query, description = "Only people who work in the province with this code"),
    ),
    responses(
        (status = 200, description = "The figures", body = DemandBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such cohort or province", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/monitoring/demand")]
pub(in crate::api) async fn show(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.read(move |db, now| {
        let found = demand::demand(db, &Act::of(&caller, now, None), &wanted)?;
        let reference = directory::reference(db)?;
        Ok(DemandBody::of(found, Names { lang: reader.lang, reference: &reference }))
    });
    resource(&request, reader.lang, &found.await?)
}
