//! When coaches can be met: weekly hours, and days that differ.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, post, put};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::availability::coach_code;
use super::fields::{Checked, day};
use super::respond::seen_as;
use crate::domain::Span;
use crate::domain::slots::{Differs, Exception, WeeklyHours};
use crate::error::{AppError, Problem};
use crate::face::{Body, Coach, Desk, MaySeenAs, Once, SignedIn, told};
use crate::services::availability::{self, Offered};
use crate::services::{Act, ServiceResult, people};
use crate::store::{Db, ExceptionId, PersonId};

/// When a coach can be met.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoursBody {
    /// The zone of all hours.
    #[schema(example = "Asia/Makassar")]
    zone: &'static str,
    /// Every week; none: the usual office hours.
    weekly: Vec<WeeklyBody>,
    /// Days from today on that differ.
    exceptions: Vec<ExceptionBody>,
}

/// Hours of one day of every week.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WeeklyBody {
    /// The day, 1 (Monday) to 7.
    #[schema(minimum = 1, maximum = 7, example = 1)]
    weekday: u8,
    /// From when to when, in quarters of an hour.
    #[schema(pattern = "^[0-2][0-9]:(00|15|30|45)-[0-2][0-9]:(00|15|30|45)$", example = "08:00-16:00")]
    hours: String,
}

/// Days that differ from the others.
#[derive(Debug, Serialize, ToSchema)]
struct ExceptionBody {
    /// Its id.
    id: Uuid,
    /// The first day.
    first_day: NaiveDate,
    /// The last day.
    last_day: NaiveDate,
    /// From when to when; absent: all day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "16:00-20:00")]
    hours: Option<String>,
    /// Whether the coach can be met then, or cannot.
    available: bool,
}

impl From<Offered> for HoursBody {
    fn from(offered: Offered) -> Self {
        let weekly = |one: &WeeklyHours| WeeklyBody { weekday: one.weekday, hours: one.span.to_string() };
        let exception = |(id, one): &(ExceptionId, Exception)| {
            let (hours, available) = match one.what {
                Differs::Away => (None, false),
                Differs::AwayFor(span) => (Some(span.to_string()), false),
                Differs::There(span) => (Some(span.to_string()), true),
            };
            ExceptionBody { id: id.uuid(), first_day: one.first_day, last_day: one.last_day, hours, available }
        };
        Self {
            zone: offered.zone.iana(),
            weekly: offered.weekly.iter().map(weekly).collect(),
            exceptions: offered.exceptions.iter().map(exception).collect(),
        }
    }
}

/// Shows when a coach can be met, to the coach or an admin.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = [])),
    params(("code" = String, Path, description = "The code of the coach")),
    responses((status = 200, description = "The hours", body = HoursBody,
        headers(("ETag" = String, description = "Tag of the weekly hours, for If-Match"))))
)]
#[get("/coaches/{code}/hours")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn, code: Path<String>) -> Result<HttpResponse, AppError> {
    let code = coach_code(&code)?;
    let found = desk.read(move |db, now| {
        let coach = people::id(db, &code)?;
        availability::get(db, &Act::of(&caller, now, None), coach)
    });
    let found = HoursBody::from(found.await?);
    seen_as(&found.weekly, &found)
}

/// The hours that a coach offers every week.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WeeklyWish {
    /// All of them; none: the usual office hours.
    #[schema(max_items = 42)]
    weekly: Vec<WeeklyBody>,
}

/// Sets the hours that a coach offers every week, by the coach. Sessions that are agreed stay.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = ["coach"])),
    params(
        ("code" = String, Path, description = "The code of the coach"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the hours as they were shown: nobody has set the weekly ones since"),
    ),
    request_body = WeeklyWish,
    responses(
        (status = 200, description = "Set", body = HoursBody),
        (status = 412, description = "The weekly hours were changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[put("/coaches/{code}/hours")]
pub(super) async fn set_weekly(
    desk: Data<Desk>,
    caller: Coach,
    code: Path<String>,
    seen: MaySeenAs,
    once: Once,
    body: Body<WeeklyWish>,
) -> Result<HttpResponse, AppError> {
    let mut checked = Checked::default();
    let mut weekly = Vec::new();
    for (at, one) in body.read()?.weekly.iter().enumerate() {
        if let Some(span) = checked.parsed(&format!("/weekly/{at}/hours"), &one.hours, "error.field.span") {
            weekly.push(WeeklyHours { weekday: one.weekday, span });
        }
    }
    checked.finish()?;
    let once = once.with(body.bytes());
    change(&desk, caller, &code, once, StatusCode::OK, move |db, act, coach| {
        seen.is_still(|| Ok(HoursBody::from(availability::get(db, act, coach)?).weekly))?;
        availability::set_weekly(db, act, coach, &weekly)
    })
    .await
}

/// Days that differ from the others.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionWish {
    /// The first day.
    #[schema(format = Date, example = "2026-12-21")]
    first_day: String,
    /// The last day; the first, unless said.
    #[schema(format = Date, example = "2027-01-02")]
    last_day: Option<String>,
    /// From when to when, in quarters of an hour; all day unless said.
    #[schema(example = "16:00-20:00")]
    hours: Option<String>,
    /// Whether the coach can be met then; needs hours. Not, unless said.
    available: Option<bool>,
}

impl ExceptionWish {
    fn read(&self) -> Result<Exception, AppError> {
        let mut checked = Checked::default();
        let first = day(&mut checked, "/first_day", &self.first_day);
        let last = self.last_day.as_deref().map_or(first, |text| day(&mut checked, "/last_day", text));
        let hours = self.hours.as_deref();
        let span = hours.and_then(|text| checked.parsed::<Span>("/hours", text, "error.field.span"));
        let available = self.available.unwrap_or(false);
        if available && hours.is_none() {
            checked.refuse("/hours", "error.field.span");
        }
        checked.finish()?;
        let what = match span {
            None => Differs::Away,
            Some(span) if available => Differs::There(span),
            Some(span) => Differs::AwayFor(span),
        };
        let (first_day, last_day) = first.zip(last).ok_or(AppError::BadRequest)?;
        Ok(Exception { first_day, last_day, what })
    }
}

/// Adds days that differ, by the coach: a vacation, a morning away, an evening offered. Sessions that are agreed stay.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = ["coach"])),
    params(("code" = String, Path, description = "The code of the coach")),
    request_body = ExceptionWish,
    responses((status = 201, description = "Added", body = HoursBody))
)]
#[post("/coaches/{code}/hours/exceptions")]
pub(super) async fn add_exception(
    desk: Data<Desk>,
    caller: Coach,
    code: Path<String>,
    once: Once,
    body: Body<ExceptionWish>,
) -> Result<HttpResponse, AppError> {
    let exception = body.read()?.read()?;
    let once = once.with(body.bytes());
    change(&desk, caller, &code, once, StatusCode::CREATED, move |db, act, coach| {
        availability::add_exception(db, act, coach, &exception)
    })
    .await
}

/// Takes days that differ away again, by the coach.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = ["coach"])),
    params(
        ("code" = String, Path, description = "The code of the coach"),
        ("id" = String, Path, format = Uuid, description = "The days"),
    ),
    responses((status = 200, description = "Gone", body = HoursBody))
)]
#[delete("/coaches/{code}/hours/exceptions/{id}")]
pub(super) async fn remove_exception(
    desk: Data<Desk>,
    caller: Coach,
    path: Path<(String, String)>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let id: ExceptionId = path.1.parse().map_err(|_| AppError::NotFound)?;
    change(&desk, caller, &path.0, once, StatusCode::OK, move |db, act, coach| {
        availability::remove_exception(db, act, coach, id)
    })
    .await
}

async fn change(
    desk: &Desk,
    caller: Coach,
    code: &str,
    once: Once,
    status: StatusCode,
    change: impl Fn(&mut Db, &Act, PersonId) -> ServiceResult<Offered> + Send + 'static,
) -> Result<HttpResponse, AppError> {
    let code = coach_code(code)?;
    desk.once(once.by(&caller), move |db, cx| {
        let coach = people::id(db, &code)?;
        let offered = change(db, &Act::of(&caller, cx.now, None), coach)?;
        told(status, None, &HoursBody::from(offered))
    })
    .await
}
