//! Provinces and their regencies.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::respond::resource;
use crate::domain::Reference;
use crate::error::{AppError, Problem};
use crate::face::{Gate, Params, Reader};
use crate::services::directory;

/// All provinces.
#[derive(Serialize, ToSchema)]
pub(super) struct RegionsBody {
    /// The provinces from west to east.
    items: Vec<ProvinceBody>,
}

/// A province.
#[derive(Serialize, ToSchema)]
struct ProvinceBody {
    /// Kemendagri code.
    #[schema(example = "91")]
    code: String,
    /// Indonesian name.
    #[schema(example = "Papua")]
    name_id: String,
    /// English name.
    #[schema(example = "Papua")]
    name_en: String,
    /// Island group.
    #[schema(example = "Papua")]
    island_group: String,
    /// `WIB`, `WITA` or `WIT`.
    #[schema(example = "WIT")]
    zone: &'static str,
    /// IANA name of the time zone.
    #[schema(example = "Asia/Jayapura")]
    time_zone: &'static str,
    /// Its regencies and cities by code.
    regencies: Vec<RegencyBody>,
}

/// A regency or city.
#[derive(Serialize, ToSchema)]
struct RegencyBody {
    /// Kemendagri code.
    #[schema(example = "91.03")]
    code: String,
    /// Name with its kind.
    #[schema(example = "Kabupaten Jayapura")]
    name: String,
    /// Whether it counts as a remote area today.
    remote: bool,
}

impl RegionsBody {
    fn of(reference: &Reference, today: NaiveDate) -> Self {
        let remote = reference.remote_on(today);
        let mut items: Vec<ProvinceBody> = reference
            .provinces()
            .iter()
            .map(|province| ProvinceBody {
                code: province.code.to_string(),
                name_id: province.name_id.clone(),
                name_en: province.name_en.clone(),
                island_group: province.island_group.clone(),
                zone: province.zone.as_str(),
                time_zone: province.zone.iana(),
                regencies: Vec::new(),
            })
            .collect();
        for ((at, regency), remote) in (0..).zip(reference.regencies()).zip(remote) {
            items[usize::from(reference.province_of(at))].regencies.push(RegencyBody {
                code: regency.code.to_string(),
                name: regency.name.clone(),
                remote,
            });
        }
        Self { items }
    }
}

/// Lists all provinces with their regencies, and which of these are remote areas today.
#[utoipa::path(tag = "reference", responses(
    (status = 200, description = "All provinces", body = RegionsBody,
        headers(("ETag" = String, description = "Tag of this state"))),
    (status = 304, description = "Still as the tag in If-None-Match says"),
    (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
))]
#[get("/regions")]
pub(super) async fn list(
    gate: Data<Gate>,
    reader: Reader,
    params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let reference = gate.ask(|store| store.snapshot(directory::reference)).await?;
    resource(&request, reader.lang, &RegionsBody::of(&reference, today()))
}

/// The day it is in the capital.
fn today() -> NaiveDate {
    (Utc::now() + TimeDelta::hours(7)).date_naive()
}
