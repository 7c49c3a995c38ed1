//! What links in mails lead to, and how people without an account come to one.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::{TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{Checked, day, email, language};
use crate::domain::Identity;
use crate::error::{AppError, Problem};
use crate::face::{Body, Callers, Desk, Once, Origin, Reader, done, evenly, told};
use crate::services::idempotency::Kept;
use crate::services::sign_ups::{self, SignUp};
use crate::services::{Context, ServiceResult, email_changes, passwords};

/// The same answer to everybody: whether there was anything to send is not told.
pub(super) fn accepted() -> ServiceResult<Kept> {
    told(StatusCode::ACCEPTED, None, &serde_json::json!({}))
}

/// An account that was opened.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenedBody {
    /// The account; sign in with its address.
    pub id: Uuid,
}

/// The secret of a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenBody {
    /// What stands in the link of the mail.
    #[schema(example = "mZ4nV0cS1l8bQ2xk…")]
    token: String,
}

/// The secret of a link, and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenAndPasswordBody {
    /// What stands in the link of the mail.
    #[schema(example = "mZ4nV0cS1l8bQ2xk…")]
    pub token: String,
    /// The password: 12 to 256 characters, not a common one, without name or address.
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    pub password: SecretString,
}

/// An address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddressBody {
    /// The address of the account.
    #[schema(max_length = 254, example = "budi@contoh.go.id")]
    email: String,
}

/// Sends a link to choose a new password, if there is such an account. The answer is always the same.
#[utoipa::path(
    tag = "links",
    request_body = AddressBody,
    responses((status = 202, description = "If there is such an account, a link is on its way"))
)]
#[post("/password-resets")]
pub(super) async fn ask_reset(
    desk: Data<Desk>,
    reader: Reader,
    origin: Origin,
    once: Once,
    body: Body<AddressBody>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let mut checked = Checked::default();
    let email = email(&mut checked, "/email", &given.email);
    checked.finish()?;
    let email = email.ok_or(AppError::BadRequest)?;
    let asked = desk.once(once.with(body.bytes()), move |db, cx| {
        passwords::ask_reset(db, cx, &email, reader.lang.code(), origin.0)?;
        accepted()
    });
    evenly(asked).await
}

/// Chooses a new password with the secret of a link. All devices are signed out.
#[utoipa::path(
    tag = "links",
    request_body = TokenAndPasswordBody,
    responses(
        (status = 204, description = "The password is changed"),
        (status = 410, description = "The link was used, or is too old", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/password-resets/confirm")]
pub(super) async fn reset(
    desk: Data<Desk>,
    callers: Data<Callers>,
    origin: Origin,
    once: Once,
    body: Body<TokenAndPasswordBody>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let choose = move |cx: &Context| passwords::choose_anew(cx, &given.token, given.password.expose_secret(), origin.0);
    let answer = desk
        .once_after(once.with(body.bytes()), choose, move |db, cx, reset| {
            passwords::reset(db, cx, reset, origin.0)?;
            Ok(done())
        })
        .await?;
    callers.clear();
    Ok(answer)
}

/// Whether the account has moved.
#[derive(Serialize, ToSchema)]
struct MovedBody {
    /// `false`: the other address has yet to agree.
    moved: bool,
}

/// Agrees, for one of the two addresses, that an account moves to the new one.
#[utoipa::path(
    tag = "links",
    request_body = TokenBody,
    responses(
        (status = 200, description = "Agreed", body = MovedBody),
        (status = 409, description = "Somebody has the new address by now", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The link is too old, or the change was made", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/email-changes/confirm")]
pub(super) async fn confirm_email(
    desk: Data<Desk>,
    origin: Origin,
    once: Once,
    body: Body<TokenBody>,
) -> Result<HttpResponse, AppError> {
    let token = body.read()?.token;
    desk.once(once.with(body.bytes()), move |db, cx| {
        let moved = email_changes::confirm(db, cx, &token, origin.0)?;
        told(StatusCode::OK, None, &MovedBody { moved })
    })
    .await
}

/// Who somebody says they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "identity_number": "198503122010011001", "birth_date": "1985-03-12", "email": "budi@contoh.go.id", "language": "id"
}))]
pub(super) struct SignUpBody {
    /// NIP or NI PPPK, 18 digits.
    identity_number: String,
    /// Birth date, `YYYY-MM-DD`.
    birth_date: String,
    /// Where to write to, unless the records know an address: once an admin has confirmed that it is the coachee's.
    #[schema(max_length = 254)]
    email: String,
    /// The language of mails: `id` or `en`.
    language: String,
}

/// Asks for the account of a coachee of the imported records. If the records know such a coachee without an account,
/// a link goes to the address of the records; where they have none, an admin confirms the given one first. The answer
/// is always the same.
#[utoipa::path(
    tag = "links",
    request_body = SignUpBody,
    responses((status = 202, description = "If the records know such a coachee, a link is on its way, or an admin is asked"))
)]
#[post("/sign-ups")]
pub(super) async fn sign_up(
    desk: Data<Desk>,
    origin: Origin,
    once: Once,
    body: Body<SignUpBody>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let mut checked = Checked::default();
    let today = (Utc::now() + TimeDelta::hours(7)).date_naive();
    let identity = Identity::parse_civil_servant(&given.identity_number, today).ok();
    if identity.is_none() {
        checked.refuse("/identity_number", "error.field.identity_number");
    }
    let birth_date = day(&mut checked, "/birth_date", &given.birth_date);
    let email = email(&mut checked, "/email", &given.email);
    let language = language(&mut checked, &given.language);
    checked.finish()?;
    let (Some(identity), Some(birth_date), Some(email), Some(language)) = (identity, birth_date, email, language)
    else {
        return Err(AppError::BadRequest);
    };
    let sign_up = SignUp { identity, birth_date, email, language };
    let asked = desk.once(once.with(body.bytes()), move |db, cx| {
        sign_ups::ask(db, cx, &sign_up, origin.0)?;
        accepted()
    });
    evenly(asked).await
}

/// Opens the account of a coachee with the secret of a link.
#[utoipa::path(
    tag = "links",
    request_body = TokenAndPasswordBody,
    responses(
        (status = 201, description = "The account is open; sign in", body = OpenedBody),
        (status = 409, description = "There is an account with this address, or of this person", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The link was used, or is too old", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sign-ups/confirm")]
pub(super) async fn confirm_sign_up(
    desk: Data<Desk>,
    origin: Origin,
    once: Once,
    body: Body<TokenAndPasswordBody>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let choose = move |cx: &Context| sign_ups::answer(cx, &given.token, given.password.expose_secret(), origin.0);
    desk.once_after(once.with(body.bytes()), choose, move |db, cx, confirmation| {
        let id = sign_ups::confirm(db, cx, confirmation)?.uuid();
        told(StatusCode::CREATED, None, &OpenedBody { id })
    })
    .await
}
