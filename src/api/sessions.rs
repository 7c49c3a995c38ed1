//! Sessions: meetings of a pairing, from a proposed time to what is said of them afterwards.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::Checked;
use super::pairings::pairing_id;
use super::respond::{Page, versioned};
use crate::domain::{Attendance, Mode};
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, MaySeen, Once, Params, SignedIn, told};
use crate::services::disclosures::Look;
use crate::services::sessions::{self, Change, DAYS_AHEAD, Wish};
use crate::services::slots::Rules;
use crate::services::{Act, ServiceResult, attendance};
use crate::store::sessions::Session;
use crate::store::types::Stamp;
use crate::store::{Db, SessionId};

/// A meeting of a pairing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionBody {
    /// Its id.
    #[schema(example = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")]
    id: Uuid,
    /// The pairing that meets.
    pairing: Uuid,
    /// Which of the pairing's it is, from 1.
    #[schema(minimum = 1, example = 1)]
    number: i16,
    /// `proposed`, `scheduled`, `held`, `missed` or `cancelled`.
    #[schema(example = "scheduled")]
    status: &'static str,
    /// When it begins.
    starts_at: DateTime<Utc>,
    /// When it ends.
    ends_at: DateTime<Utc>,
    /// How the two meet: `online` or `in_person`.
    #[schema(example = "online")]
    mode: &'static str,
    /// The address or the link, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// Who named the present time: `coachee` or `coach`.
    #[schema(example = "coachee")]
    proposed_by: &'static str,
    /// What the coachee says of it: `held`, `coachee_missed`, `coach_missed` or `not_held`.
    #[serde(skip_serializing_if = "Option::is_none")]
    coachee_says: Option<&'static str>,
    /// What the coach says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    coach_says: Option<&'static str>,
    /// Of a proposal that nobody said yes to in time: who says that the two met all the same, `coachee` or `coach`. It
    /// counts as held once the other says so too.
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_by: Option<&'static str>,
    /// Whether the two say different things.
    disputed: bool,
    /// Who called it off: `coachee`, `coach` or `programme`.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_by: Option<&'static str>,
    /// Why, in own words, if said; to the two alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_note: Option<String>,
    /// How often its time or state was changed, as calendars count it.
    #[schema(minimum = 0, example = 1)]
    sequence: i32,
    /// How often it was changed; also its ETag.
    version: i32,
}

impl From<Session> for SessionBody {
    fn from(session: Session) -> Self {
        let said = session.said();
        Self {
            id: session.id.uuid(),
            pairing: session.pairing.uuid(),
            number: session.number,
            status: session.status.0.as_str(),
            starts_at: session.starts_at.time(),
            ends_at: session.ends_at(),
            mode: session.mode.0.as_str(),
            proposed_by: session.proposed_by.0.as_str(),
            coachee_says: said.coachee.map(Attendance::as_str),
            coach_says: said.coach.map(Attendance::as_str),
            claimed_by: session.claimed_by.map(|side| side.0.as_str()),
            disputed: said.disputed(),
            cancelled_by: session.cancelled_by.map(|by| by.0.as_str()),
            cancel_note: session.cancel_note,
            sequence: session.sequence,
            version: session.version,
            place: session.place,
        }
    }
}

pub(super) fn session_id(text: &str) -> Result<SessionId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// When and how two want to meet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionWish {
    /// When it begins, on a quarter of an hour, within a year.
    starts_at: DateTime<Utc>,
    /// How long it lasts, in quarters of an hour; an hour unless said.
    #[schema(minimum = 15, maximum = 240, multiple_of = 15, example = 60)]
    minutes: Option<u16>,
    /// How the two meet: `online` or `in_person`; online unless said.
    #[schema(example = "online")]
    mode: Option<String>,
    /// The address or the link.
    #[schema(max_length = 500, example = "https://rapat.contoh.go.id/abc")]
    place: Option<String>,
    /// Whether both mean it although it is outside their hours or on a day off.
    anyway: Option<bool>,
}

impl SessionWish {
    fn read(self) -> Result<Wish, AppError> {
        let mut checked = Checked::default();
        let mode = mode(&mut checked, self.mode.as_deref());
        checked.finish()?;
        Ok(Wish {
            starts_at: self.starts_at,
            minutes: self.minutes.unwrap_or(crate::services::session_plans::USUAL_MINUTES),
            mode,
            place: self.place,
            anyway: self.anyway.unwrap_or(false),
        })
    }
}

/// What is to be another with a session; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionChange {
    /// When it begins, on a quarter of an hour, within a year.
    starts_at: DateTime<Utc>,
    /// How long it lasts, in quarters of an hour.
    #[schema(minimum = 15, maximum = 240, multiple_of = 15, example = 90)]
    minutes: Option<u16>,
    /// How the two meet: `online` or `in_person`.
    #[schema(example = "online")]
    mode: Option<String>,
    /// The address or the link; an empty one takes it away.
    #[schema(max_length = 500, example = "https://rapat.contoh.go.id/abc")]
    place: Option<String>,
    /// Whether both mean it although it is outside their hours or on a day off.
    anyway: Option<bool>,
}

impl SessionChange {
    fn read(self) -> Result<Change, AppError> {
        let mut checked = Checked::default();
        let mode = self.mode.as_deref().and_then(|text| checked.parsed("/mode", text, "error.field.mode"));
        checked.finish()?;
        let anyway = self.anyway.unwrap_or(false);
        Ok(Change { starts_at: self.starts_at, minutes: self.minutes, mode, place: self.place, anyway })
    }
}

pub(super) fn mode(checked: &mut Checked, text: Option<&str>) -> Mode {
    let Some(text) = text else { return Mode::Online };
    checked.parsed("/mode", text, "error.field.mode").unwrap_or(Mode::Online)
}

/// Lists the sessions of a pairing by number, to its two sides and an admin.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    responses((status = 200, description = "All of them", body = Page<SessionBody>))
)]
#[get("/pairings/{id}/sessions")]
pub(super) async fn of_pairing(desk: Data<Desk>, caller: SignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let look = Look::at(&caller, "sessions").of(id.uuid());
    let read = move |db: &mut Db, now| sessions::of_pairing(db, &Act::of(&caller, now, None), id);
    let found = desk.show(look, read, |found| found.len()).await?;
    Ok(all(found.into_iter().map(SessionBody::from).collect()))
}

/// A short list, whole.
pub(super) fn all<T: Serialize>(items: Vec<T>) -> HttpResponse {
    let whole = Page { items, next_cursor: None };
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(whole)
}

/// Lists the sessions of the caller, on either side, in order of time: from now on, or within a time that is named.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(
        ("from" = Option<String>, Query, format = DateTime, description = "Only those that begin at this time or later; now unless said"),
        ("until" = Option<String>, Query, format = DateTime, description = "Only those that begin before this time"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
    ),
    responses((status = 200, description = "The first of them", body = Page<SessionBody>))
)]
#[get("/me/sessions")]
pub(super) async fn own(desk: Data<Desk>, caller: SignedIn, mut params: Params) -> Result<HttpResponse, AppError> {
    let limit = params.limit();
    let from = params.parsed::<DateTime<Utc>>("from", "error.parameter.time");
    let until = params.parsed::<DateTime<Utc>>("until", "error.parameter.time");
    params.finish()?;
    let found = desk.read(move |db, now| {
        let from = from.unwrap_or(now.time());
        let until = until.unwrap_or(now.time() + TimeDelta::days(DAYS_AHEAD + 1));
        sessions::own(db, &Act::of(&caller, now, None), Stamp::new(from), Stamp::new(until), limit)
    });
    Ok(all(found.await?.into_iter().map(|met| SessionBody::from(met.session)).collect()))
}

/// Shows a session, to its two sides and an admin.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The session")),
    responses(
        (status = 200, description = "The session", body = SessionBody, headers(("ETag" = String, description = "The version, for If-Match"))),
    )
)]
#[get("/sessions/{id}")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = session_id(&id)?;
    let look = Look::at(&caller, "sessions").of(id.uuid());
    let found = desk.show_one(look, move |db, now| sessions::get(db, &Act::of(&caller, now, None), id)).await?;
    let body = SessionBody::from(found.session);
    Ok(versioned(body.version, &body))
}

/// Proposes a session, by one side. Its time is taken of both people; the other side says yes, or names another time.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    request_body = SessionWish,
    responses(
        (status = 201, description = "Proposed", body = SessionBody,
            headers(("Location" = String, description = "Where the session is"))),
        (status = 409, description = "One of the two cannot be met then, or the pairing is over", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/sessions")]
pub(super) async fn propose(
    desk: Data<Desk>,
    rules: Data<Rules>,
    caller: SignedIn,
    id: Path<String>,
    once: Once,
    body: Body<SessionWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let wish = body.read()?.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let session = sessions::propose(db, &Act::of(&caller, cx.now, None), &rules, id, &wish)?;
        let location = format!("/api/v1/sessions/{}", session.id);
        told(StatusCode::CREATED, Some(location), &SessionBody::from(session))
    })
    .await
}

/// Says yes to the time that the other side has named. Both get it for their calendars.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The session"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the session as it was seen"),
    ),
    responses(
        (status = 200, description = "Scheduled", body = SessionBody),
        (status = 409, description = "It was answered before, or its time has come", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sessions/{id}/confirm")]
pub(super) async fn confirm(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
) -> Result<HttpResponse, AppError> {
    change(&desk, caller, &id, seen, once, sessions::confirm).await
}

/// Moves a session to another time, or changes how the two meet. Calendars follow.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The session"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the session as it was seen"),
    ),
    request_body = SessionChange,
    responses(
        (status = 200, description = "Moved", body = SessionBody),
        (status = 409, description = "One of the two cannot be met then, or its time has come", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sessions/{id}/reschedule")]
pub(super) async fn reschedule(
    desk: Data<Desk>,
    rules: Data<Rules>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<SessionChange>,
) -> Result<HttpResponse, AppError> {
    let to = body.read()?.read()?;
    let once = once.with(body.bytes());
    let moved = move |db: &mut Db, act: &Act, id| sessions::reschedule(db, act, &rules, id, &to);
    change(&desk, caller, &id, seen, once, moved).await
}

/// Why a session is called off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelWish {
    /// In own words; the other side reads it.
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// Calls a session off, by either side or an admin. Calendars drop it.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The session"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the session as it was seen"),
    ),
    request_body = CancelWish,
    responses(
        (status = 200, description = "Called off", body = SessionBody),
        (status = 409, description = "Its time has come, or it was called off before", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sessions/{id}/cancel")]
pub(super) async fn cancel(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<CancelWish>,
) -> Result<HttpResponse, AppError> {
    let CancelWish { note } = body.read()?;
    let once = once.with(body.bytes());
    let off = move |db: &mut Db, act: &Act, id| sessions::cancel(db, act, id, note.as_deref());
    change(&desk, caller, &id, seen, once, off).await
}

/// What became of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttendanceWish {
    /// `held`, `coachee_missed`, `coach_missed` or `not_held`.
    #[schema(example = "held")]
    attendance: String,
}

/// Says, by one side, whether a session was held. May be said anew as long as the pairing is active; where the two
/// differ, both are told.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The session"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the session as it was seen"),
    ),
    request_body = AttendanceWish,
    responses(
        (status = 200, description = "Kept", body = SessionBody),
        (status = 409, description = "It has not begun, was never confirmed, or the pairing is over", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sessions/{id}/attendance")]
pub(super) async fn attend(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<AttendanceWish>,
) -> Result<HttpResponse, AppError> {
    let mut checked = Checked::default();
    let word = checked.parsed("/attendance", &body.read()?.attendance, "error.field.attendance");
    checked.finish()?;
    let word: Attendance = word.ok_or(AppError::BadRequest)?;
    let once = once.with(body.bytes());
    let said = move |db: &mut Db, act: &Act, id| attendance::attend(db, act, id, word);
    change(&desk, caller, &id, seen, once, said).await
}

async fn change(
    desk: &Desk,
    caller: SignedIn,
    id: &str,
    seen: MaySeen,
    once: Once,
    change: impl Fn(&mut Db, &Act, SessionId) -> ServiceResult<Session> + Send + 'static,
) -> Result<HttpResponse, AppError> {
    let id = session_id(id)?;
    desk.once(once.by(&caller), move |db, cx| {
        let session = change(db, &Act::of(&caller, cx.now, seen.0), id)?;
        told(StatusCode::OK, None, &SessionBody::from(session))
    })
    .await
}
