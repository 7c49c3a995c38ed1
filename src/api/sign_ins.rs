//! Signing in, staying signed in, signing out.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, post};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{AppError, Problem};
use crate::face::{Body, Callers, Desk, Origin, SignedIn};
use crate::services::sign_ins::{self, Admitted, Attempt, Tokens};

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "budi@contoh.go.id", "password": "lampu hijau di tepi sawah", "device": "Phone" }))]
pub(super) struct SignInBody {
    /// The address of the account.
    #[schema(max_length = 254)]
    email: String,
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// What to call this device in the list of devices.
    #[serde(default)]
    #[schema(max_length = 80)]
    device: String,
}

/// A one-time code, after the password was right.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ticket": "vTn0…", "code": "492039" }))]
pub(super) struct CodeBody {
    /// What the answer to the password gave.
    ticket: String,
    /// The code of the authenticator, or a recovery code.
    code: String,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "refresh_token": "5h6d…" }))]
pub(super) struct RefreshBody {
    /// The newest refresh token of the device.
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

/// What a device needs to stay signed in.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "device_id": "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69", "token_type": "Bearer", "access_token": "eyJ0…",
    "access_expires_at": "2026-11-25T03:10:00Z", "refresh_token": "5h6d…", "refresh_expires_at": "2026-12-25T03:00:00Z"
}))]
pub(super) struct TokensBody {
    /// The device, as in the list of devices.
    device_id: Uuid,
    /// Always `Bearer`.
    token_type: &'static str,
    /// To be sent with requests as `Authorization: Bearer …`.
    access_token: String,
    /// When the access token ends.
    access_expires_at: DateTime<Utc>,
    /// Gives the next tokens, once.
    refresh_token: String,
    /// When the device is signed out unless it asks for new tokens before.
    refresh_expires_at: DateTime<Utc>,
}

/// The password was right; a one-time code is asked for.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "ticket": "vTn0…", "expires_at": "2026-11-25T03:05:00Z" }))]
pub(super) struct CodeWantedBody {
    /// To be given along with the code.
    ticket: String,
    /// Until when.
    expires_at: DateTime<Utc>,
}

impl From<Tokens> for TokensBody {
    fn from(tokens: Tokens) -> Self {
        Self {
            device_id: tokens.sign_in.uuid(),
            token_type: "Bearer",
            access_token: tokens.access.token,
            access_expires_at: tokens.access.expires_at,
            refresh_token: tokens.refresh,
            refresh_expires_at: tokens.expires_at.time(),
        }
    }
}

fn secret(mut response: actix_web::HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// Signs in with address and password. Where one-time codes are on, the answer is 202 with a ticket for `/sign_ins/code`.
/// An unknown address gets the same answer as a wrong password.
#[utoipa::path(
    tag = "sign_ins",
    request_body = SignInBody,
    responses(
        (status = 201, description = "Signed in", body = TokensBody),
        (status = 202, description = "The password is right; give a one-time code", body = CodeWantedBody),
        (status = 401, description = "Address and password do not belong together", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sign_ins")]
pub(super) async fn sign_in(
    desk: Data<Desk>,
    origin: Origin,
    body: Body<SignInBody>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let admitted = desk
        .ask_slowly(move |cx| {
            let password = given.password.expose_secret();
            let attempt = Attempt { email: &given.email, password, label: &given.device, from: origin.0 };
            sign_ins::sign_in(cx, &attempt)
        })
        .await?;
    Ok(match admitted {
        Admitted::In(tokens) => secret(HttpResponse::Created(), &TokensBody::from(tokens)),
        Admitted::CodeWanted { ticket, expires_at } => {
            secret(HttpResponse::Accepted(), &CodeWantedBody { ticket, expires_at: expires_at.time() })
        }
    })
}

/// Signs in with a one-time code, or a recovery code, after the password was right.
#[utoipa::path(
    tag = "sign_ins",
    request_body = CodeBody,
    responses(
        (status = 201, description = "Signed in", body = TokensBody),
        (status = 401, description = "The code is not right, or was used before", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The password is too long ago", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sign_ins/code")]
pub(super) async fn with_code(
    desk: Data<Desk>,
    origin: Origin,
    body: Body<CodeBody>,
) -> Result<HttpResponse, AppError> {
    let CodeBody { ticket, code } = body.read()?;
    let tokens = desk.ask(move |cx| sign_ins::with_code(cx, &ticket, &code, origin.0)).await?;
    Ok(secret(HttpResponse::Created(), &TokensBody::from(tokens)))
}

/// Gives new tokens for a refresh token, which is used up by it. For ten seconds it gets the same answer again;
/// after that, whoever uses it again signs the device out.
#[utoipa::path(
    tag = "sign_ins",
    request_body = RefreshBody,
    responses(
        (status = 200, description = "New tokens", body = TokensBody),
        (status = 401, description = "The token is no longer good: sign in again", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sign_ins/refresh")]
pub(super) async fn refresh(desk: Data<Desk>, body: Body<RefreshBody>) -> Result<HttpResponse, AppError> {
    let token = body.read()?.refresh_token;
    let tokens = desk.ask(move |cx| sign_ins::refresh(cx, token.expose_secret())).await?;
    Ok(secret(HttpResponse::Ok(), &TokensBody::from(tokens)))
}

/// Signs this device out. Its tokens are refused at once, by other processes within five seconds.
#[utoipa::path(tag = "sign_ins", security(("bearer" = [])), responses((status = 204, description = "Signed out")))]
#[delete("/sign_ins/current")]
pub(super) async fn sign_out(
    desk: Data<Desk>,
    callers: Data<Callers>,
    caller: SignedIn,
) -> Result<HttpResponse, AppError> {
    let caller = caller.0;
    let leaving = caller.clone();
    desk.write(move |db, cx| sign_ins::sign_out(db, &leaving, leaving.sign_in, cx.now)).await?;
    callers.forget(caller.account, Some(caller.sign_in));
    Ok(HttpResponse::NoContent().finish())
}
