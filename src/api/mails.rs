//! Mails that could not be delivered, for whoever runs all of the programme.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{Checked, email};
use super::respond::{Page, page};
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, NationalAdmin, Once, Params, Reader, done};
use crate::services::dead_letters;
use crate::services::disclosures::Look;
use crate::store::OutboxId;
use crate::store::delivery::DeadLetter;

/// A mail that could not be delivered.
#[derive(Serialize, ToSchema)]
pub(super) struct UndeliveredMail {
    /// The mail.
    id: Uuid,
    /// What it is about.
    #[schema(example = "invitation")]
    kind: String,
    /// The address that it carries: the first letter and the domain; null: it goes to wherever the person can be reached.
    #[schema(example = "a***@contoh.go.id")]
    address: Option<String>,
    /// The code of the person it goes to; null: it carries an address.
    #[schema(example = "P000007")]
    person: Option<String>,
    /// How often it was tried.
    #[schema(minimum = 1, example = 1)]
    tries: i32,
    /// What the mail server said last, or why it could not be sent at all.
    #[schema(example = "550 no such user")]
    answer: Option<String>,
    /// When it was given up.
    given_up_at: Option<DateTime<Utc>>,
}

impl From<DeadLetter> for UndeliveredMail {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.id.uuid(),
            kind: letter.kind,
            address: letter.address.as_deref().map(dead_letters::masked),
            person: letter.code.map(|code| code.to_string()),
            tries: i32::from(letter.tries) + 1,
            answer: letter.last_answer,
            given_up_at: letter.settled_at.map(|at| at.time()),
        }
    }
}

/// Lists mails that could not be delivered, the newest first. Addresses are masked.
#[utoipa::path(
    tag = "operations",
    security(("bearer" = ["national_admin"])),
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of mails", body = Page<UndeliveredMail>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/mails")]
pub(super) async fn list(
    desk: Data<Desk>,
    caller: NationalAdmin,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "mails").through(params.filters());
    let (limit, before) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    params.finish()?;
    let found = desk.show_list(look, limit, move |db, _| dead_letters::list(db, before, limit + 1)).await?;
    Ok(page(found, limit, |one| one.id.to_string(), UndeliveredMail::from).answer(&request, reader.lang))
}

/// How a mail is tried again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MailRetryWish {
    /// The address to send it to from now on, of a mail that carries one. Addresses of people are corrected where they
    /// are kept: in the records, or by the owner of the account.
    #[schema(max_length = 254, example = "ani@contoh.go.id")]
    address: Option<String>,
}

/// Tries a mail again that could not be delivered, to a corrected address if one is named. The link of an invitation
/// goes with it: the invitation is accepted with the corrected address. Other links that open an account go nowhere but
/// to the address they were made for.
#[utoipa::path(
    tag = "operations",
    security(("bearer" = ["national_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The mail")),
    request_body = MailRetryWish,
    responses(
        (status = 204, description = "It waits to go out"),
        (status = 404, description = "No such mail, or it was not given up", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is an invitation that is not open any more, or there is an account with this address", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/mails/{id}/retry")]
pub(super) async fn retry(
    desk: Data<Desk>,
    caller: NationalAdmin,
    id: Path<String>,
    once: Once,
    body: Body<MailRetryWish>,
) -> Result<HttpResponse, AppError> {
    let id = mail_id(&id)?;
    let mut checked = Checked::default();
    let to = body.read()?.address.and_then(|text| email(&mut checked, "/address", &text));
    checked.finish()?;
    let actor = caller.account.to_string();
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        dead_letters::retry_one(db, id, to.as_ref(), &actor, cx.now)?;
        Ok(done())
    })
    .await
}

/// Lets a mail be that could not be delivered: it is never sent, and named no more.
#[utoipa::path(
    tag = "operations",
    security(("bearer" = ["national_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The mail")),
    responses(
        (status = 204, description = "It is over"),
        (status = 404, description = "No such mail, or it was not given up", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/mails/{id}/dismiss")]
pub(super) async fn dismiss(
    desk: Data<Desk>,
    caller: NationalAdmin,
    id: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let (id, actor) = (mail_id(&id)?, caller.account.to_string());
    desk.once(once.by(&caller), move |db, cx| {
        dead_letters::dismiss(db, &[id], &actor, cx.now)?;
        Ok(done())
    })
    .await
}

fn mail_id(text: &str) -> Result<OutboxId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}
