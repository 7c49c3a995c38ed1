//! Questions that coachee and coach put to each other before they decide: one each.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::Checked;
use super::persons::PersonBody;
use super::requests::request_id;
use crate::domain::PersonCode;
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, MaySeen, Once, SignedIn, told};
use crate::services::questions::{self, Asked};
use crate::services::{Act, people};
use crate::store::QuestionId;

/// A question before deciding.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuestionBody {
    /// Its id.
    id: Uuid,
    /// The request that it is about.
    request: Uuid,
    /// The coach who asks or is asked.
    coach: PersonBody,
    /// Who asks: `coachee` or `coach`.
    #[schema(example = "coachee")]
    asked_by: &'static str,
    /// The question.
    question: String,
    /// When it was asked.
    asked_at: DateTime<Utc>,
    /// The answer, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// When it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<DateTime<Utc>>,
}

impl From<Asked> for QuestionBody {
    fn from(asked: Asked) -> Self {
        let question = asked.question;
        Self {
            id: question.id.uuid(),
            request: question.request.uuid(),
            coach: PersonBody::named(&asked.coach),
            asked_by: question.asked_by.0.as_str(),
            question: question.question,
            asked_at: question.asked_at.time(),
            answer: question.answer,
            answered_at: question.answered_at.map(|at| at.time()),
        }
    }
}

/// A question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionWish {
    /// The code of the coach who asks or is asked.
    #[schema(example = "C000007")]
    coach: String,
    /// The question.
    #[schema(min_length = 1, max_length = 1000, example = "Apakah bisa bertemu sore hari?")]
    question: String,
}

/// Asks the other side one question before deciding: the coachee a coach, or a coach who is asked the coachee.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The request")),
    request_body = QuestionWish,
    responses(
        (status = 201, description = "Asked", body = QuestionBody),
        (status = 404, description = "No such request or coach", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The one question was asked, a rule forbids the coach, or the request is not open", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/requests/{id}/questions")]
pub(super) async fn ask(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    once: Once,
    body: Body<QuestionWish>,
) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let QuestionWish { coach, question } = body.read()?;
    let mut checked = Checked::default();
    let coach = checked.parsed::<PersonCode>("/coach", &coach, "error.field.coach");
    checked.finish()?;
    let coach = coach.ok_or(AppError::BadRequest)?;
    let daily = desk.daily();
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, None);
        let coach = people::id(db, &coach)?;
        let asked = questions::ask(db, &act, id, coach, &question, daily)?;
        told(StatusCode::CREATED, None, &QuestionBody::from(questions::named(db, asked)?))
    })
    .await
}

/// An answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerWish {
    /// The answer.
    #[schema(min_length = 1, max_length = 1000, example = "Bisa, Selasa dan Kamis.")]
    answer: String,
}

/// Answers a question, by the side that was asked.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The question"),
        ("If-Match" = Option<String>, Header, description = "The version of the question as it was seen"),
    ),
    request_body = AnswerWish,
    responses(
        (status = 200, description = "Answered", body = QuestionBody),
        (status = 404, description = "No such question", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was answered before", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/questions/{id}/answer")]
pub(super) async fn answer(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<AnswerWish>,
) -> Result<HttpResponse, AppError> {
    let id: QuestionId = id.parse().map_err(|_| AppError::NotFound)?;
    let AnswerWish { answer } = body.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let answered = questions::answer(db, &Act::of(&caller, cx.now, seen.0), id, &answer)?;
        told(StatusCode::OK, None, &QuestionBody::from(questions::named(db, answered)?))
    })
    .await
}
