//! How much coaches have to do.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{from_tenths, wanted};
use crate::api::respond::{Page, page};
use crate::error::{AppError, Problem};
use crate::face::{Desk, Params, Reader, Watcher};
use crate::services::Act;
use crate::services::disclosures::Look;
use crate::services::monitoring::coaches::{self, Load};

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

/// Lists how much coaches have to do, in the order in which they joined; to an agency's admin, those of the agency.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
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
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "coach_load").through(params.filters());
    let (limit, after) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk
        .show_list(look, limit, move |db, now| {
            coaches::load(db, &Act::of(&caller, now, None), &wanted, after, limit + 1)
        })
        .await?;
    Ok(page(found, limit, |row| row.places.person.to_string(), LoadBody::from).answer(&request, reader.lang))
}
