//! One-time codes of an authenticator, and recovery codes.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{AppError, Problem};
use crate::face::{Body, Callers, Desk, SignedIn};
use crate::services::second_factor;

/// The password, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmedBody {
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstCodeBody {
    /// The code that the authenticator shows.
    #[schema(example = "492039")]
    code: String,
}

/// The password and a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BothBody {
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// The code that the authenticator shows, or a recovery code.
    #[schema(example = "492039")]
    code: String,
}

/// What the authenticator is to learn.
#[derive(Serialize, ToSchema)]
pub(super) struct EnrolmentBody {
    /// The secret in base32, to be typed.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// The same as an address, to be shown as a QR code.
    #[schema(
        example = "otpauth://totp/Jejaring:budi@contoh.go.id?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Jejaring"
    )]
    uri: String,
}

/// Recovery codes.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodesBody {
    /// Each good once, in place of a one-time code. Shown now and never again.
    #[schema(example = json!(["k3fq-7pxd-w0ha-nm5r"]))]
    recovery_codes: Vec<String>,
}

fn codes(recovery_codes: Vec<String>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(RecoveryCodesBody { recovery_codes })
}

/// Makes a secret for an authenticator. Codes are asked for after one was confirmed.
#[utoipa::path(
    tag = "one-time codes",
    security(("bearer" = [])),
    request_body = ConfirmedBody,
    responses(
        (status = 200, description = "What the authenticator is to learn", body = EnrolmentBody),
        (status = 401, description = "The password is not right", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "One-time codes are on already", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/totp")]
pub(super) async fn enrol(
    desk: Data<Desk>,
    caller: SignedIn,
    body: Body<ConfirmedBody>,
) -> Result<HttpResponse, AppError> {
    let password = body.read()?.password;
    let service = desk.service().to_owned();
    let enrolment =
        desk.ask_slowly(move |cx| second_factor::enrol(cx, &caller, password.expose_secret(), &service)).await?;
    let body = EnrolmentBody { secret: enrolment.text, uri: enrolment.uri };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}

/// Turns one-time codes on with a first right one, and gives the recovery codes.
#[utoipa::path(
    tag = "one-time codes",
    security(("bearer" = [])),
    request_body = FirstCodeBody,
    responses(
        (status = 200, description = "Codes are on", body = RecoveryCodesBody),
        (status = 401, description = "The code is not right", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Codes are on already, or nothing was enrolled", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/totp/confirm")]
pub(super) async fn confirm(
    desk: Data<Desk>,
    callers: Data<Callers>,
    caller: SignedIn,
    body: Body<FirstCodeBody>,
) -> Result<HttpResponse, AppError> {
    let code = body.read()?.code;
    let account = caller.account;
    let given = desk.ask(move |cx| second_factor::confirm(cx, &caller, &code)).await?;
    callers.forget(account, None);
    Ok(codes(given))
}

/// Turns one-time codes off. Admins and auditors cannot.
#[utoipa::path(
    tag = "one-time codes",
    security(("bearer" = [])),
    request_body = BothBody,
    responses(
        (status = 204, description = "Codes are off"),
        (status = 401, description = "Password or code is not right", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A role asks for codes, or they are not on", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/totp/disable")]
pub(super) async fn disable(
    desk: Data<Desk>,
    caller: SignedIn,
    body: Body<BothBody>,
) -> Result<HttpResponse, AppError> {
    let BothBody { password, code } = body.read()?;
    desk.ask_slowly(move |cx| second_factor::disable(cx, &caller, password.expose_secret(), &code)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives new recovery codes; the old ones are good no longer.
#[utoipa::path(
    tag = "one-time codes",
    security(("bearer" = [])),
    request_body = BothBody,
    responses(
        (status = 200, description = "New codes", body = RecoveryCodesBody),
        (status = 401, description = "Password or code is not right", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "One-time codes are not on", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/totp/recovery-codes")]
pub(super) async fn renew(desk: Data<Desk>, caller: SignedIn, body: Body<BothBody>) -> Result<HttpResponse, AppError> {
    let BothBody { password, code } = body.read()?;
    let given =
        desk.ask_slowly(move |cx| second_factor::renew_codes(cx, &caller, password.expose_secret(), &code)).await?;
    Ok(codes(given))
}
