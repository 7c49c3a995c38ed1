//! Cohorts: named sets of requests, with the days on which they take them.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::respond::resource;
use crate::error::AppError;
use crate::face::{Desk, Reader, SignedIn};
use crate::services::cohorts::{self, Listed};

/// All cohorts.
#[derive(Serialize, ToSchema)]
pub(super) struct CohortsBody {
    /// The newest first.
    items: Vec<CohortBody>,
}

/// A named set of requests.
#[derive(Serialize, ToSchema)]
struct CohortBody {
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
}

impl From<Listed> for CohortBody {
    fn from(listed: Listed) -> Self {
        let Listed { cohort, open } = listed;
        Self { code: cohort.code, name: cohort.name, opens_on: cohort.opens_on, closes_on: cohort.closes_on, open }
    }
}

/// Lists cohorts, the newest first.
#[utoipa::path(
    tag = "cohorts",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "All cohorts", body = CohortsBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
    )
)]
#[get("/cohorts")]
pub(super) async fn list(
    desk: Data<Desk>,
    _: SignedIn,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let found = desk.read(|db, now| cohorts::list(db, now)).await?;
    resource(&request, reader.lang, &CohortsBody { items: found.into_iter().map(CohortBody::from).collect() })
}
