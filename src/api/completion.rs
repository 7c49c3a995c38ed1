//! Completing a pairing, and the word of each side on how it was.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;

use super::pairings::{PairingBody, pairing_id, whole};
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, MaySeen, Once, SignedIn, told};
use crate::services::Act;
use crate::services::pairings::{self, Unreported};
use crate::store::pairings::Evaluation;

/// The word of one side.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EvaluationWish {
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5, example = 5)]
    rating: i16,
    /// In own words.
    #[schema(max_length = 2000)]
    comment: Option<String>,
}

/// The word of one side that completes a pairing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CompletionWish {
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5, example = 5)]
    rating: i16,
    /// In own words.
    #[schema(max_length = 2000)]
    comment: Option<String>,
    /// Whether to complete it although nobody has said of some sessions whether they were held. Afterwards nobody can
    /// say any more, and they never count.
    leave_unreported: Option<bool>,
}

impl From<EvaluationWish> for Evaluation {
    fn from(wish: EvaluationWish) -> Self {
        Self { rating: wish.rating, comment: wish.comment }
    }
}

/// Completes a pairing, by one side, with its word on how it was.
#[utoipa::path(
    tag = "pairings",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The pairing"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the pairing as it was seen"),
    ),
    request_body = CompletionWish,
    responses(
        (status = 200, description = "Completed", body = PairingBody),
        (status = 404, description = "No such pairing", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is over, or nobody has said of some sessions whether they were held", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/complete")]
pub(super) async fn complete(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<CompletionWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let CompletionWish { rating, comment, leave_unreported } = body.read()?;
    let says = Evaluation { rating, comment };
    let unsaid = if leave_unreported == Some(true) { Unreported::Leave } else { Unreported::Refuse };
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        pairings::complete(db, &act, id, &says, unsaid)?;
        told(StatusCode::OK, None, &whole(db, &act, id)?)
    })
    .await
}

/// Adds the other side's word on a completed pairing.
#[utoipa::path(
    tag = "pairings",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    request_body = EvaluationWish,
    responses(
        (status = 200, description = "Kept", body = PairingBody),
        (status = 404, description = "No such pairing", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "This side has spoken, or the pairing is not completed", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/evaluations")]
pub(super) async fn evaluate(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    once: Once,
    body: Body<EvaluationWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let says = Evaluation::from(body.read()?);
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, None);
        pairings::evaluate(db, &act, id, &says)?;
        told(StatusCode::OK, None, &whole(db, &act, id)?)
    })
    .await
}
