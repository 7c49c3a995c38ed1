//! When a pair can meet, and plans of sessions.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::Checked;
use super::pairings::pairing_id;
use super::respond::Page;
use super::sessions::{SessionBody, mode, session_id};
use crate::domain::Zone;
use crate::domain::slots::SessionMinutes;
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, Once, Params, SignedIn, told};
use crate::services::Act;
use crate::services::session_plans::{self, Plan, USUAL_DAYS, USUAL_MINUTES};
use crate::services::slots::{self, MOST_DAYS, Rules, Slots, Sought};

/// Days looked through when nothing is said.
const USUAL_SPAN: u16 = 14;

/// When a pair can meet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SlotsBody {
    /// How long a session is to last, in minutes.
    #[schema(example = 60)]
    minutes: u16,
    /// The zone of the coachee.
    #[schema(example = "Asia/Jayapura")]
    coachee_zone: &'static str,
    /// The zone of the coach.
    #[schema(example = "Asia/Jakarta")]
    coach_zone: &'static str,
    /// The times at which one may begin, in order.
    items: Vec<SlotBody>,
}

/// A time at which a session may begin.
#[derive(Debug, Serialize, ToSchema)]
struct SlotBody {
    /// In UTC.
    starts_at: DateTime<Utc>,
    /// As the clock of the coachee shows it.
    #[schema(example = "2026-11-30T09:30:00+09:00")]
    coachee_time: DateTime<FixedOffset>,
    /// As the clock of the coach shows it.
    #[schema(example = "2026-11-30T07:30:00+07:00")]
    coach_time: DateTime<FixedOffset>,
}

impl From<Slots> for SlotsBody {
    fn from(slots: Slots) -> Self {
        let items = slots.starts.iter().map(|&starts_at| SlotBody {
            starts_at,
            coachee_time: slots.coachee.clock(starts_at),
            coach_time: slots.coach.clock(starts_at),
        });
        Self {
            minutes: slots.minutes,
            coachee_zone: Zone::iana(slots.coachee),
            coach_zone: Zone::iana(slots.coach),
            items: items.collect(),
        }
    }
}

/// Lists the times at which a pair can meet: within both people's hours, on no day off, beside all their sessions.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The pairing"),
        ("from" = Option<String>, Query, format = DateTime, description = "Not before this time; now unless said"),
        ("days" = Option<u16>, Query, minimum = 1, maximum = 62, description = "Days to look through; 14 by default"),
        ("minutes" = Option<u16>, Query, minimum = 15, maximum = 240, description = "How long, in quarters of an hour; as long as `session` lasts, else 60, by default"),
        ("session" = Option<String>, Query, format = Uuid, description = "The session of the pairing that is to be moved: its own time counts as free"),
    ),
    responses(
        (status = 200, description = "The times", body = SlotsBody),
        (status = 404, description = "No such pairing, or no such session of it", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The pairing is over", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/pairings/{id}/slots")]
pub(super) async fn free(
    desk: Data<Desk>,
    rules: Data<Rules>,
    caller: SignedIn,
    id: Path<String>,
    mut params: Params,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let from = params.parsed::<DateTime<Utc>>("from", "error.parameter.time");
    let days = params.number("days", 1..=i64::from(MOST_DAYS), "error.parameter.slot_days");
    let minutes = params.parsed("minutes", "error.field.session_minutes").map(SessionMinutes::get);
    let moved = params.text("session").map(|id| session_id(&id)).transpose()?;
    params.finish()?;
    let days = days.and_then(|days| u16::try_from(days).ok()).unwrap_or(USUAL_SPAN);
    let found = desk.read(move |db, now| {
        let sought = Sought { from: from.unwrap_or(now.time()), days, minutes, moved };
        slots::free(db, &Act::of(&caller, now, None), &rules, id, &sought)
    });
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(SlotsBody::from(found.await?)))
}

/// What a plan is to be like; all may be left out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanWish {
    /// The time of the first; the others are at the same hour where they can.
    first: Option<DateTime<Utc>>,
    /// How many; what the agreement names and is not there yet, or six, unless said.
    #[schema(minimum = 1, maximum = 50, example = 6)]
    sessions: Option<u8>,
    /// Minutes of each; 60 unless said.
    #[schema(minimum = 15, maximum = 240, multiple_of = 15, example = 60)]
    minutes: Option<u16>,
    /// Days from one to the next; 14 unless said.
    #[schema(minimum = 1, maximum = 90, example = 14)]
    every_days: Option<u8>,
    /// How the two meet: `online` or `in_person`; online unless said.
    #[schema(example = "online")]
    mode: Option<String>,
    /// The address or the link.
    #[schema(max_length = 500)]
    place: Option<String>,
}

/// Proposes all sessions of a pairing in one step, by one side: each on its day or the first day after it at which both
/// can be met, at the hour nearest to that of the first.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    request_body = PlanWish,
    responses(
        (status = 201, description = "All proposed", body = Page<SessionBody>),
        (status = 409, description = "There are not enough free times, or the pairing is over", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/sessions/plan")]
pub(super) async fn plan(
    desk: Data<Desk>,
    rules: Data<Rules>,
    caller: SignedIn,
    id: Path<String>,
    once: Once,
    body: Body<PlanWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let wish = body.read()?;
    let mut checked = Checked::default();
    let mode = mode(&mut checked, wish.mode.as_deref());
    checked.finish()?;
    let plan = Plan {
        first: wish.first,
        sessions: wish.sessions,
        minutes: wish.minutes.unwrap_or(USUAL_MINUTES),
        every_days: wish.every_days.unwrap_or(USUAL_DAYS),
        mode,
        place: wish.place,
    };
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let planned = session_plans::propose(db, &Act::of(&caller, cx.now, None), &rules, id, &plan)?;
        let items = planned.into_iter().map(SessionBody::from).collect::<Vec<_>>();
        told(StatusCode::CREATED, None, &Page { items, next_cursor: None })
    })
    .await
}
