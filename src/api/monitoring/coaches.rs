//! How much coaches have to do, and whether there are enough of them where they are asked for.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{from_tenths, wanted};
use crate::api::respond::{Page, page, resource};
use crate::error::{AppError, Problem};
use crate::face::{Admin, Desk, Params, Reader};
use crate::i18n::Names;
use crate::services::monitoring::coaches::{self, Balance, Demand, Load};
use crate::services::{Act, directory};

/// A coach and what the coach has to do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LoadBody {
    /// The code.
    #[schema(example = "C000007")]
    code: String,
    /// Code of the employer.
    #[schema(example = "KEM-01")]
    agency: String,
    /// Code of the province where the coach works.
    #[schema(example = "31")]
    province: String,
    /// `pending`, `verified` or `rejected`.
    #[schema(example = "verified")]
    verification: &'static str,
    /// Whether new coachees are welcome.
    accepting: bool,
    /// Most coachees at a time.
    capacity: i32,
    /// Places taken elsewhere, as an import says.
    load: i32,
    /// Places taken by waiting offers and active pairings, of all cohorts.
    held: i32,
    /// Places free at present.
    free: i32,
    /// Offers that wait for an answer; with `cohort`, of that cohort.
    waiting_offers: i64,
    /// Pairings that are active; with `cohort`, of that cohort.
    active_pairings: i64,
    /// Pairs completed so far.
    completed_pairs: i32,
    /// What coachees say, 1 to 5; null when none has.
    #[schema(example = 4.5)]
    rating: Option<f64>,
}

impl From<Load> for LoadBody {
    fn from(of_coach: Load) -> Self {
        let free = of_coach.free();
        let Load { places, waiting_offers, active_pairings } = of_coach;
        Self {
            code: places.code,
            agency: places.agency,
            province: places.province,
            verification: places.verification.0.as_str(),
            accepting: places.accepting,
            capacity: places.capacity,
            load: places.load,
            held: places.held,
            free,
            waiting_offers,
            active_pairings,
            completed_pairs: places.completed_pairs,
            rating: places.rating.map(|hundredths| from_tenths(i64::from(hundredths + 5) / 10)),
        }
    }
}

/// Lists how much coaches have to do, by code; to an agency's admin, those of the agency.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(
        ("cohort" = Option<String>, Query, description = "Offers and pairings of the cohort with this code alone are counted"),
        ("province" = Option<String>, Query, description = "Only coaches who work in the province with this code"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of coaches", body = Page<LoadBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 404, description = "No such cohort or province", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/monitoring/coaches")]
pub(in crate::api) async fn load(
    desk: Data<Desk>,
    caller: Admin,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (limit, after) = (params.limit(), params.text("cursor"));
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk
        .read(move |db, now| coaches::load(db, &Act::of(&caller, now, None), &wanted, after.as_deref(), limit + 1))
        .await?;
    Ok(page(found, limit, |row| row.places.code.clone(), LoadBody::from).answer(&request, reader.lang))
}

/// Demand against supply.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct DemandBody {
    /// Free places of coaches who are verified and welcome new coachees.
    free_places: i64,
    /// Open requests that name no focus: they are about the largest gaps, and under no competency here.
    without_focus: i64,
    /// Per competency with a request or a place, what is short first. A request counts for each competency in its
    /// focus, a place for each in which its coach is strong.
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
            without_focus: found.without_focus,
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
    security(("bearer" = ["national_admin", "agency_admin"])),
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
pub(in crate::api) async fn demand(
    desk: Data<Desk>,
    caller: Admin,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.read(move |db, now| {
        let found = coaches::demand(db, &Act::of(&caller, now, None), &wanted)?;
        let reference = directory::reference(db)?;
        Ok(DemandBody::of(found, Names { lang: reader.lang, reference: &reference }))
    });
    resource(&request, reader.lang, &found.await?)
}
