//! Days off: read by all who are signed in, corrected by an admin of all.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, put};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::Checked;
use super::respond::Page;
use super::sessions::all;
use crate::domain::reference::Holiday;
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, NationalAdmin, Once, Params, SignedIn, told};
use crate::services::{Act, holidays};

/// A day off, or a day that is wrongly called one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HolidayBody {
    /// The day.
    day: NaiveDate,
    /// `national`, `collective_leave`, or `workday` where the reference data is wrong.
    #[schema(example = "national")]
    kind: &'static str,
    /// Its name in Indonesian.
    #[schema(example = "Hari Raya Natal")]
    name_id: String,
    /// Its name in English.
    #[schema(example = "Christmas Day")]
    name_en: String,
    /// Whether it is only expected, as long as no decree names it.
    estimated: bool,
}

impl From<Holiday> for HolidayBody {
    fn from(holiday: Holiday) -> Self {
        let Holiday { day, kind, name_id, name_en, estimated, .. } = holiday;
        Self { day, kind: kind.as_str(), name_id, name_en, estimated }
    }
}

/// Lists the days off, in order: of the coming year, or within days that are named.
#[utoipa::path(
    tag = "reference",
    security(("bearer" = [])),
    params(
        ("from" = Option<String>, Query, format = Date, description = "The first day; today unless said"),
        ("until" = Option<String>, Query, format = Date, description = "The last day; a year later unless said"),
    ),
    responses((status = 200, description = "All of them", body = Page<HolidayBody>))
)]
#[get("/holidays")]
pub(super) async fn list(desk: Data<Desk>, _caller: SignedIn, mut params: Params) -> Result<HttpResponse, AppError> {
    let from = params.parsed::<NaiveDate>("from", "error.field.day");
    let until = params.parsed::<NaiveDate>("until", "error.field.day");
    params.finish()?;
    let from = from.unwrap_or(desk.now().time().date_naive());
    let year_later = from.checked_add_days(Days::new(366)).unwrap_or(NaiveDate::MAX);
    let until = until.unwrap_or(year_later).min(year_later);
    let found = desk.read(move |db, _| holidays::list(db, from, until)).await?;
    Ok(all(found.into_iter().map(HolidayBody::from).collect()))
}

/// What a day is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HolidayWish {
    /// `national`, `collective_leave` or `workday`.
    #[schema(example = "collective_leave")]
    kind: String,
    /// Its name in Indonesian.
    #[schema(min_length = 1, max_length = 200, example = "Cuti Bersama Hari Raya Natal")]
    name_id: String,
    /// Its name in English.
    #[schema(min_length = 1, max_length = 200, example = "Collective leave: Christmas Day")]
    name_en: String,
}

/// Says what a day is, in place of what was known. Sessions that are agreed stay.
#[utoipa::path(
    tag = "reference",
    security(("bearer" = ["national_admin"])),
    params(("day" = String, Path, format = Date, description = "The day")),
    request_body = HolidayWish,
    responses(
        (status = 200, description = "Set", body = HolidayBody),
        (status = 404, description = "No such day", body = Problem, content_type = "application/problem+json"),
    )
)]
#[put("/holidays/{day}")]
pub(super) async fn set(
    desk: Data<Desk>,
    caller: NationalAdmin,
    day: Path<String>,
    once: Once,
    body: Body<HolidayWish>,
) -> Result<HttpResponse, AppError> {
    let day: NaiveDate = day.parse().map_err(|_| AppError::NotFound)?;
    let HolidayWish { kind, name_id, name_en } = body.read()?;
    let mut checked = Checked::default();
    let kind = checked.parsed("/kind", &kind, "error.field.holiday_kind");
    checked.finish()?;
    let kind = kind.ok_or(AppError::BadRequest)?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, None);
        let holiday = holidays::set(db, &act, day, kind, &name_id, &name_en)?;
        told(StatusCode::OK, None, &HolidayBody::from(holiday))
    })
    .await
}
