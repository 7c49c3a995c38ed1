//! One's own account: name, language, password, address, devices.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{Checked, email, language};
use super::respond::versioned;
use crate::error::{AppError, Problem};
use crate::face::{Body, Callers, Desk, Once, Origin, Seen, SignedIn, done, told};
use crate::services::accounts::{self, Description, Own};
use crate::services::{Context, email_changes, passwords, sign_ins};
use crate::store::accounts::Grant;
use crate::store::sign_ins::SignIn;

/// An account, to its owner.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69", "email": "budi@contoh.go.id", "name": "Budi Santoso", "language": "id",
    "person": "P0000001", "roles": [{ "role": "coachee" }], "one_time_codes": false, "recovery_codes_left": 0,
    "created_at": "2026-11-25T03:00:00Z"
}))]
pub(super) struct MeBody {
    /// The account.
    id: Uuid,
    /// The address.
    email: String,
    /// The name.
    name: String,
    /// The language of mails: `id` or `en`.
    language: String,
    /// The code of the person in the records, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    /// What the account may act as.
    roles: Vec<RoleBody>,
    /// Whether one-time codes are asked for.
    one_time_codes: bool,
    /// How many recovery codes are left.
    recovery_codes_left: i64,
    /// When the account was opened.
    created_at: DateTime<Utc>,
}

/// A role, and for whom.
#[derive(Serialize, ToSchema)]
pub(super) struct RoleBody {
    /// `coachee`, `coach`, `agency_admin`, `national_admin` or `auditor`.
    #[schema(example = "agency_admin")]
    role: &'static str,
    /// The agency, of an agency's admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "KEM-01")]
    agency: Option<String>,
}

impl From<&Grant> for RoleBody {
    fn from(grant: &Grant) -> Self {
        Self { role: grant.role.as_str(), agency: grant.agency.as_ref().map(ToString::to_string) }
    }
}

impl From<Own> for MeBody {
    fn from(own: Own) -> Self {
        let account = own.account;
        Self {
            id: account.id.uuid(),
            email: account.email.to_string(),
            name: account.name.to_string(),
            language: account.language,
            person: own.person.map(|code| code.to_string()),
            roles: own.grants.iter().map(RoleBody::from).collect(),
            one_time_codes: account.totp_confirmed_at.is_some(),
            recovery_codes_left: own.recovery_codes,
            created_at: account.created_at.time(),
        }
    }
}

fn shown(own: Own) -> HttpResponse {
    versioned(own.account.version, &MeBody::from(own))
}

/// Shows the account of the caller.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses(
    (status = 200, description = "The account", body = MeBody, headers(("ETag" = String, description = "The version, for If-Match"))),
))]
#[get("/me")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn) -> Result<HttpResponse, AppError> {
    Ok(shown(desk.read(move |db, _| accounts::own(db, &caller)).await?))
}

/// What of an account its owner may change; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Budi Santoso", "language": "en" }))]
pub(super) struct MePatch {
    /// Another name.
    #[schema(min_length = 1, max_length = 150)]
    name: Option<String>,
    /// Another language of mails: `id` or `en`.
    language: Option<String>,
}

/// Changes name or language, if the account is still in the state that `If-Match` names.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(("If-Match" = String, Header, description = "The ETag of the account as it was seen")),
    request_body = MePatch,
    responses(
        (status = 200, description = "The account now", body = MeBody, headers(("ETag" = String, description = "The version, for If-Match"))),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
#[patch("/me")]
pub(super) async fn change(
    desk: Data<Desk>,
    caller: SignedIn,
    seen: Seen,
    body: Body<MePatch>,
) -> Result<HttpResponse, AppError> {
    let MePatch { name, language: wanted } = body.read()?;
    let mut checked = Checked::default();
    let name = name.and_then(|name| checked.parsed("/name", &name, "error.field.name"));
    let language = wanted.and_then(|wanted| language(&mut checked, &wanted));
    checked.finish()?;
    let new = Description { name, language };
    let own = desk.write(move |db, cx| accounts::describe(db, &caller, &new, seen.0, cx.now)).await?;
    Ok(shown(own))
}

/// The present password and a new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordBody {
    /// The present password.
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// The new one: 12 to 256 characters, not a common one, without name or address.
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    new_password: SecretString,
}

/// Changes the password. All other devices are signed out.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = PasswordBody,
    responses(
        (status = 204, description = "Changed"),
        (status = 401, description = "The present password is not right", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/password")]
pub(super) async fn change_password(
    desk: Data<Desk>,
    callers: Data<Callers>,
    caller: SignedIn,
    once: Once,
    body: Body<PasswordBody>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let (caller, account) = (caller.0.clone(), caller.account);
    let (once, changing) = (once.by(&caller).with(body.bytes()), caller.clone());
    let choose = move |cx: &Context| {
        passwords::choose(cx, &caller, given.current_password.expose_secret(), given.new_password.expose_secret())
    };
    let answer = desk
        .once_after(once, choose, move |db, cx, new| {
            passwords::change(db, &changing, new, cx.now)?;
            Ok(done())
        })
        .await?;
    callers.forget(account, None);
    Ok(answer)
}

/// A new address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmailBody {
    /// The new address.
    #[schema(max_length = 254, example = "budi@baru.go.id")]
    email: String,
    /// The password, once more.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Asks for another address. A link goes to the old one and to the new one; the account moves when both are confirmed.
/// The answer is the same when somebody has the new address.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = EmailBody,
    responses(
        (status = 202, description = "Links are on their way"),
        (status = 401, description = "The password is not right", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/email-changes")]
pub(super) async fn change_email(
    desk: Data<Desk>,
    caller: SignedIn,
    origin: Origin,
    once: Once,
    body: Body<EmailBody>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let mut checked = Checked::default();
    let new = email(&mut checked, "/email", &given.email);
    checked.finish()?;
    let new = new.ok_or(AppError::BadRequest)?;
    let once = once.by(&caller).with(body.bytes());
    let confirm = move |cx: &Context| email_changes::may_ask(cx, &caller, given.password.expose_secret());
    desk.once_after(once, confirm, move |db, cx, account| {
        email_changes::ask(db, cx, account, &new, origin.0)?;
        told(StatusCode::ACCEPTED, None, &serde_json::json!({}))
    })
    .await
}

/// The caller's devices.
#[derive(Serialize, ToSchema)]
pub(super) struct DevicesBody {
    /// The last used first.
    items: Vec<DeviceBody>,
}

/// A device that is signed in.
#[derive(Serialize, ToSchema)]
struct DeviceBody {
    /// The device.
    id: Uuid,
    /// What it was called when it signed in.
    #[schema(example = "Phone")]
    label: String,
    /// Whether it is the one that asks.
    current: bool,
    /// Whether it gave a one-time code.
    one_time_code: bool,
    /// When it signed in.
    created_at: DateTime<Utc>,
    /// When it last took new tokens.
    last_used_at: DateTime<Utc>,
    /// When it is signed out unless it takes new tokens before.
    expires_at: DateTime<Utc>,
}

/// Lists the devices that are signed in.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 200, description = "The devices", body = DevicesBody)))]
#[get("/me/devices")]
pub(super) async fn devices(desk: Data<Desk>, caller: SignedIn) -> Result<HttpResponse, AppError> {
    let this = caller.sign_in;
    let devices = desk.read(move |db, now| sign_ins::devices(db, &caller, now)).await?;
    let device = |one: SignIn| DeviceBody {
        id: one.id.uuid(),
        current: one.id == this,
        label: one.label,
        one_time_code: one.second_factor,
        created_at: one.created_at.time(),
        last_used_at: one.last_used_at.time(),
        expires_at: one.expires_at.time(),
    };
    let items = devices.into_iter().map(device).collect();
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(DevicesBody { items }))
}

/// Signs a device out.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The device")),
    responses(
        (status = 204, description = "Signed out"),
        (status = 404, description = "The caller has no such device", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/me/devices/{id}")]
pub(super) async fn sign_out_device(
    desk: Data<Desk>,
    callers: Data<Callers>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let account = caller.account;
    desk.write(move |db, cx| sign_ins::sign_out(db, &caller, id, cx.now)).await?;
    callers.forget(account, Some(id));
    Ok(HttpResponse::NoContent().finish())
}
