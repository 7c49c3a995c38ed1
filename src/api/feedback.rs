//! Feedback: what each side says after a session that was held.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::respond::Page;
use super::sessions::{all, session_id};
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, Once, SignedIn, told};
use crate::services::Act;
use crate::services::pair_work::{self, FeedbackWish};
use crate::store::pair_work::Feedback;

/// What one side says after a session.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeedbackBody {
    /// Whose word it is: `coachee` or `coach`.
    #[schema(example = "coachee")]
    given_by: &'static str,
    /// It brought us closer to the goal: 1 (not at all) to 5 (very much).
    #[schema(minimum = 1, maximum = 5)]
    progress: i16,
    /// The other side came prepared: 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    preparation: i16,
    /// Everything could be said: 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    trust: i16,
    /// In own words, if said.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// When.
    given_at: DateTime<Utc>,
}

impl From<Feedback> for FeedbackBody {
    fn from(said: Feedback) -> Self {
        Self {
            given_by: said.given_by.0.as_str(),
            progress: said.progress,
            preparation: said.preparation,
            trust: said.trust,
            comment: said.comment,
            given_at: said.given_at.time(),
        }
    }
}

/// Shows what was said after a session, to the two alone: the own word, and the other side's once both have spoken.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The session")),
    responses((status = 200, description = "What was said", body = Page<FeedbackBody>))
)]
#[get("/sessions/{id}/feedback")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = session_id(&id)?;
    let found = desk.read(move |db, now| pair_work::feedback(db, &Act::of(&caller, now, None), id)).await?;
    Ok(all(found.into_iter().map(FeedbackBody::from).collect()))
}

/// What one side says after a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedbackBodyWish {
    /// It brought us closer to the goal: 1 (not at all) to 5 (very much).
    #[schema(minimum = 1, maximum = 5, example = 4)]
    progress: i16,
    /// The other side came prepared: 1 to 5.
    #[schema(minimum = 1, maximum = 5, example = 5)]
    preparation: i16,
    /// Everything could be said: 1 to 5.
    #[schema(minimum = 1, maximum = 5, example = 5)]
    trust: i16,
    /// In own words.
    #[schema(max_length = 2000)]
    comment: Option<String>,
}

/// Keeps what one side says after a session that was held. It is said once.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The session")),
    request_body = FeedbackBodyWish,
    responses(
        (status = 201, description = "Kept", body = FeedbackBody),
        (status = 409, description = "It was not held, or this side has spoken", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sessions/{id}/feedback")]
pub(super) async fn give(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    once: Once,
    body: Body<FeedbackBodyWish>,
) -> Result<HttpResponse, AppError> {
    let id = session_id(&id)?;
    let FeedbackBodyWish { progress, preparation, trust, comment } = body.read()?;
    let wish = FeedbackWish { progress, preparation, trust, comment };
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let said = pair_work::give_feedback(db, &Act::of(&caller, cx.now, None), id, &wish)?;
        told(StatusCode::CREATED, None, &FeedbackBody::from(said))
    })
    .await
}
