//! What coaches say about their own time: pausing, and how many coachees at most.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::{Checked, day};
use super::respond::versioned;
use crate::domain::PersonCode;
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, MaySeen, Once, SignedIn, told};
use crate::services::{Act, ServiceResult, coaches, people};
use crate::store::places::Room;
use crate::store::{Db, PersonId};

/// What a coach has room for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoomBody {
    /// Most coachees at a time.
    capacity: i32,
    /// Places taken by coachees of elsewhere, as an import said.
    load: i32,
    /// Places taken here, by offers that wait for an answer and by active pairings.
    held: i32,
    /// Places left.
    free: i32,
    /// Whether new coachees are welcome.
    accepting: bool,
    /// While they are not: the day on which they are again, if one was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<NaiveDate>,
    /// How often the coach changed any of this; also its ETag.
    version: i32,
}

impl From<Room> for RoomBody {
    fn from(room: Room) -> Self {
        Self {
            capacity: room.capacity,
            load: room.load,
            held: room.held,
            free: room.capacity - room.load - room.held,
            accepting: room.accepting,
            paused_until: room.paused_until.map(|day| day.0).filter(|_| !room.accepting),
            version: room.version,
        }
    }
}

pub(super) fn coach_code(text: &str) -> Result<PersonCode, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Shows what a coach has room for, to the coach or an admin.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = [])),
    params(("code" = String, Path, description = "The code of the coach")),
    responses(
        (status = 200, description = "The room", body = RoomBody, headers(("ETag" = String, description = "The version, for If-Match"))),
        (status = 404, description = "No such coach", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/coaches/{code}/room")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn, code: Path<String>) -> Result<HttpResponse, AppError> {
    let code = coach_code(&code)?;
    let found = desk.read(move |db, now| {
        let coach = people::id(db, &code)?;
        coaches::room(db, &Act::of(&caller, now, None), coach)
    });
    let body = RoomBody::from(found.await?);
    Ok(versioned(body.version, &body))
}

/// A pause.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PauseWish {
    /// The day on which new coachees are welcome again, without another call: after today, at most 366 days ahead.
    #[schema(value_type = Option<String>, format = Date, example = "2027-01-04")]
    until: Option<String>,
}

/// Takes no new coachees from now on, by the coach or an admin; until a day, if one is said. Offers that wait may still
/// be answered. The body may be left out.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = [])),
    params(
        ("code" = String, Path, description = "The code of the coach"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the room as it was seen"),
    ),
    request_body = Option<PauseWish>,
    responses(
        (status = 200, description = "Paused", body = RoomBody),
        (status = 404, description = "No such coach", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/coaches/{code}/pause")]
pub(super) async fn pause(
    desk: Data<Desk>,
    caller: SignedIn,
    code: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<PauseWish>,
) -> Result<HttpResponse, AppError> {
    let mut checked = Checked::default();
    let until = body.read_if_any()?.until.and_then(|text| day(&mut checked, "/until", &text));
    checked.finish()?;
    let once = once.with(body.bytes());
    let pausing = move |db: &mut Db, act: &Act, coach| coaches::pause_until(db, act, coach, until);
    change(&desk, caller, &code, seen, once, pausing).await
}

/// Welcomes new coachees again, by the coach or an admin.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = [])),
    params(
        ("code" = String, Path, description = "The code of the coach"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the room as it was seen"),
    ),
    responses(
        (status = 200, description = "Resumed", body = RoomBody),
        (status = 404, description = "No such coach", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/coaches/{code}/resume")]
pub(super) async fn resume(
    desk: Data<Desk>,
    caller: SignedIn,
    code: Path<String>,
    seen: MaySeen,
    once: Once,
) -> Result<HttpResponse, AppError> {
    change(&desk, caller, &code, seen, once, coaches::resume).await
}

/// How many coachees at most.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CapacityWish {
    /// So many; not below the places that are taken.
    #[schema(minimum = 0, maximum = 1000, example = 3)]
    capacity: u16,
}

/// Sets how many coachees at most, by the coach or an admin.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = [])),
    params(
        ("code" = String, Path, description = "The code of the coach"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the room as it was seen"),
    ),
    request_body = CapacityWish,
    responses(
        (status = 200, description = "Set", body = RoomBody),
        (status = 404, description = "No such coach", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "More places are taken than that", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/coaches/{code}/capacity")]
pub(super) async fn set_capacity(
    desk: Data<Desk>,
    caller: SignedIn,
    code: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<CapacityWish>,
) -> Result<HttpResponse, AppError> {
    let CapacityWish { capacity } = body.read()?;
    let once = once.with(body.bytes());
    let set = move |db: &mut Db, act: &Act, coach| coaches::set_capacity(db, act, coach, capacity);
    change(&desk, caller, &code, seen, once, set).await
}

async fn change(
    desk: &Desk,
    caller: SignedIn,
    code: &str,
    seen: MaySeen,
    once: Once,
    change: impl Fn(&mut Db, &Act, PersonId) -> ServiceResult<Room> + Send + 'static,
) -> Result<HttpResponse, AppError> {
    let code = coach_code(code)?;
    desk.once(once.by(&caller), move |db, cx| {
        let coach = people::id(db, &code)?;
        let room = change(db, &Act::of(&caller, cx.now, seen.0), coach)?;
        told(StatusCode::OK, None, &RoomBody::from(room))
    })
    .await
}
