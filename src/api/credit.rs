//! Learning hours (JP): the caller's own, and the rules by which they are counted.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, put};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::respond::Page;
use super::sessions::all;
use crate::domain::{CreditRule, NotCounted};
use crate::error::{AppError, Problem};
use crate::face::{Body, Coachee, Desk, NationalAdmin, Once, Params, SignedIn, done, told};
use crate::services::Act;
use crate::services::credit::{self, Judged, Year};
use crate::store::credit::StoredRule;

/// The learning hours of a coachee in a year.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreditBody {
    /// The year, by the coachee's own calendar.
    #[schema(example = 2026)]
    year: i32,
    /// Learning hours (JP) that count.
    #[schema(example = 12)]
    jp: u32,
    /// Learning hours wanted in the year, from all that a coachee learns.
    #[schema(example = 20)]
    target: u32,
    /// Learning hours that sessions alone leave to be learned otherwise.
    #[schema(example = 8)]
    missing: u32,
    /// The zone whose months count: `WIB`, `WITA` or `WIT`.
    #[schema(example = "WIT")]
    zone: &'static str,
    /// The sessions of the year whose time has come, in order of time.
    sessions: Vec<CreditedBody>,
}

/// A session, and whether it counts.
#[derive(Debug, Serialize, ToSchema)]
struct CreditedBody {
    /// The session.
    session: Uuid,
    /// Its pairing.
    pairing: Uuid,
    /// Which of the pairing's it is, from 1.
    #[schema(minimum = 1, example = 1)]
    number: i16,
    /// When it began.
    starts_at: DateTime<Utc>,
    /// The day, by the coachee's own calendar.
    day: NaiveDate,
    /// Whether it counts.
    counted: bool,
    /// Learning hours that it counts for; 0 if it does not count.
    #[schema(example = 2)]
    jp: u16,
    /// Why it does not count: `cap_reached`, `disputed`, `missed`, `unreported` or `no_credit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "cap_reached")]
    why: Option<&'static str>,
}

impl From<Judged> for CreditedBody {
    fn from(Judged { session, credit }: Judged) -> Self {
        Self {
            session: session.id.uuid(),
            pairing: session.pairing.uuid(),
            number: session.number,
            starts_at: session.starts_at.time(),
            day: credit.day,
            counted: credit.counted.is_ok(),
            jp: credit.jp(),
            why: credit.counted.err().map(NotCounted::as_str),
        }
    }
}

impl From<Year> for CreditBody {
    fn from(year: Year) -> Self {
        Self {
            year: year.year,
            jp: year.jp,
            target: year.target,
            missing: year.missing(),
            zone: year.zone.as_str(),
            sessions: year.sessions.into_iter().map(CreditedBody::from).collect(),
        }
    }
}

/// Shows which sessions of the caller count as learning hours (JP) in a year, and why others do not. Held sessions on
/// which the two agree count in order of time, of all pairings, at most as many in a month as the rule of the day says.
#[utoipa::path(
    tag = "me",
    security(("bearer" = ["coachee"])),
    params(("year" = Option<i64>, Query, minimum = 2000, maximum = 2999, description = "The year; the present one unless said")),
    responses(
        (status = 200, description = "The learning hours", body = CreditBody),
        (status = 404, description = "The records know no such coachee", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such year", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/me/credit")]
pub(super) async fn own(desk: Data<Desk>, caller: Coachee, mut params: Params) -> Result<HttpResponse, AppError> {
    let year = params.number("year", 2000..=2999, "credit.parameter.year").and_then(|year| i32::try_from(year).ok());
    params.finish()?;
    let found = desk.read(move |db, now| credit::own(db, &Act::of(&caller, now, None), year)).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(CreditBody::from(found)))
}

/// What sessions count for, from a day on until the next rule.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreditRuleBody {
    /// The first day on which it holds.
    #[schema(example = "2018-01-01")]
    first_day: NaiveDate,
    /// Learning hours that a session counts for.
    #[schema(minimum = 0, maximum = 100, example = 2)]
    jp_per_session: u16,
    /// At most so many sessions count in a month.
    #[schema(minimum = 0, maximum = 31, example = 2)]
    sessions_per_month: u16,
    /// Learning hours wanted in a year.
    #[schema(minimum = 0, maximum = 1000, example = 20)]
    yearly_target: u16,
    /// Where it comes from.
    #[schema(example = "PerLAN 10/2018")]
    source: String,
}

impl From<StoredRule> for CreditRuleBody {
    fn from(StoredRule { rule, source }: StoredRule) -> Self {
        let CreditRule { first_day, jp_per_session, sessions_per_month, yearly_target } = rule;
        Self { first_day, jp_per_session, sessions_per_month, yearly_target, source }
    }
}

/// Lists the rules of learning hours, the oldest first: each holds until the next.
#[utoipa::path(
    tag = "reference",
    security(("bearer" = [])),
    responses((status = 200, description = "All of them", body = Page<CreditRuleBody>))
)]
#[get("/credit-rules")]
pub(super) async fn rules(desk: Data<Desk>, _caller: SignedIn) -> Result<HttpResponse, AppError> {
    let found = desk.read(|db, _| credit::rules(db)).await?;
    Ok(all(found.into_iter().map(CreditRuleBody::from).collect()))
}

/// What sessions are to count for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreditRuleWish {
    /// Learning hours that a session counts for.
    #[schema(minimum = 0, maximum = 100, example = 2)]
    jp_per_session: u16,
    /// At most so many sessions count in a month.
    #[schema(minimum = 0, maximum = 31, example = 2)]
    sessions_per_month: u16,
    /// Learning hours wanted in a year.
    #[schema(minimum = 0, maximum = 1000, example = 20)]
    yearly_target: u16,
    /// Where it comes from, such as a regulation.
    #[schema(min_length = 1, max_length = 500, example = "PerLAN 10/2018")]
    source: String,
}

/// Sets what sessions count for from a day on, which may lie in the past, until the next rule. Learning hours are
/// counted anew; certificates that were issued stay as they are.
#[utoipa::path(
    tag = "reference",
    security(("bearer" = ["national_admin"])),
    params(("day" = String, Path, format = Date, description = "The first day on which it holds")),
    request_body = CreditRuleWish,
    responses(
        (status = 200, description = "Set", body = CreditRuleBody),
        (status = 404, description = "No such day", body = Problem, content_type = "application/problem+json"),
    )
)]
#[put("/credit-rules/{day}")]
pub(super) async fn set_rule(
    desk: Data<Desk>,
    caller: NationalAdmin,
    day: Path<String>,
    once: Once,
    body: Body<CreditRuleWish>,
) -> Result<HttpResponse, AppError> {
    let first_day: NaiveDate = day.parse().map_err(|_| AppError::NotFound)?;
    let CreditRuleWish { jp_per_session, sessions_per_month, yearly_target, source } = body.read()?;
    let rule = CreditRule { first_day, jp_per_session, sessions_per_month, yearly_target };
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let set = credit::set_rule(db, &Act::of(&caller, cx.now, None), rule, &source)?;
        told(StatusCode::OK, None, &CreditRuleBody::from(set))
    })
    .await
}

/// Takes a rule away: the one before holds on.
#[utoipa::path(
    tag = "reference",
    security(("bearer" = ["national_admin"])),
    params(("day" = String, Path, format = Date, description = "The first day of the rule")),
    responses(
        (status = 204, description = "Taken away"),
        (status = 404, description = "No rule begins on that day", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/credit-rules/{day}")]
pub(super) async fn remove_rule(
    desk: Data<Desk>,
    caller: NationalAdmin,
    day: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let first_day: NaiveDate = day.parse().map_err(|_| AppError::NotFound)?;
    desk.once(once.by(&caller), move |db, cx| {
        credit::remove_rule(db, &Act::of(&caller, cx.now, None), first_day)?;
        Ok(done())
    })
    .await
}
