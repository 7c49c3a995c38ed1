//! Accounts of others, to the admin of all: roles, closing and opening, an authenticator that was lost.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::Checked;
use super::respond::{Page, page};
use crate::domain::Role;
use crate::error::{AppError, Problem};
use crate::face::{Body, Callers, Desk, NationalAdmin, Once, Params, Reader, told};
use crate::services::account_roles::{self, Managed, RoleWish, Wanted};
use crate::services::disclosures::Look;
use crate::services::{Act, ServiceResult};
use crate::store::accounts::Grant;
use crate::store::{AccountId, Db};

/// An account, to the admin of all.
#[derive(Serialize, ToSchema)]
pub(super) struct ManagedAccountBody {
    /// The account.
    id: Uuid,
    /// The address, by which its owner signs in.
    #[schema(example = "ani@contoh.go.id")]
    email: String,
    /// The name.
    #[schema(example = "Ani Lestari")]
    name: String,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    status: &'static str,
    /// What it is.
    roles: Vec<HeldRoleBody>,
    /// The code of the person it belongs to, if it belongs to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "P000123")]
    person: Option<String>,
    /// Whether one-time codes are asked for.
    second_factor: bool,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// A role of an account.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldRoleBody {
    /// `coachee`, `coach`, `agency_admin`, `national_admin` or `auditor`.
    #[schema(example = "agency_admin")]
    role: &'static str,
    /// The agency, of an agency's admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "KEM-01")]
    agency: Option<String>,
}

impl From<Managed> for ManagedAccountBody {
    fn from(managed: Managed) -> Self {
        let Managed { account, grants, person } = managed;
        let role = |grant: Grant| HeldRoleBody {
            role: grant.role.as_str(),
            agency: grant.agency.map(|code| code.to_string()),
        };
        Self {
            id: account.id.uuid(),
            email: account.email.to_string(),
            name: account.name.to_string(),
            status: account.status.0.as_str(),
            roles: grants.into_iter().map(role).collect(),
            person: person.map(|code| code.to_string()),
            second_factor: account.totp_confirmed_at.is_some(),
            created_at: account.created_at.time(),
        }
    }
}

/// Lists accounts, the oldest first.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = ["national_admin"])),
    params(
        ("role" = Option<String>, Query, description = "Only those with this role"),
        ("email" = Option<String>, Query, description = "Only the one with exactly this address"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of accounts", body = Page<ManagedAccountBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/accounts")]
pub(super) async fn list(
    desk: Data<Desk>,
    caller: NationalAdmin,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "accounts").through(params.filters());
    let (limit, after) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let role = params.parsed("role", "error.field.role");
    let email = params.parsed("email", "error.field.email");
    params.finish()?;
    let wanted = Wanted { role, email };
    let found = desk.show_list(look, limit, move |db, now| {
        account_roles::list(db, &Act::of(&caller, now, None), &wanted, after, limit + 1)
    });
    let answer = page(found.await?, limit, |one| one.account.id.to_string(), ManagedAccountBody::from);
    Ok(answer.answer(&request, reader.lang))
}

/// A role that an account is to have.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "agency_admin", "agency": "KEM-01" }))]
pub(super) struct AccountRoleWish {
    /// `coachee`, `coach`, `agency_admin`, `national_admin` or `auditor`.
    role: String,
    /// The agency, of an agency's admin.
    agency: Option<String>,
    /// The code of the person in the records, of a coachee or coach whose account belongs to nobody yet.
    person: Option<String>,
}

/// Gives an account a role more, at once; a mail tells its owner. Roles that show what belongs to others ask for a
/// one-time code.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = ["national_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The account")),
    request_body = AccountRoleWish,
    responses(
        (status = 200, description = "It has the role", body = ManagedAccountBody),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has the role already, or account and person belong to others", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/accounts/{id}/roles")]
pub(super) async fn give(
    desk: Data<Desk>,
    callers: Data<Callers>,
    caller: NationalAdmin,
    id: Path<String>,
    once: Once,
    body: Body<AccountRoleWish>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let mut checked = Checked::default();
    let role = checked.parsed("/role", &given.role, "error.field.role");
    let agency = given.agency.and_then(|code| checked.parsed("/agency", &code, "error.field.agency"));
    let person = given.person.and_then(|code| checked.parsed("/person", &code, "error.field.person"));
    checked.finish()?;
    let wish = RoleWish { role: role.ok_or(AppError::BadRequest)?, agency, person };
    let once = once.with(body.bytes());
    let giving = move |db: &mut Db, act: &Act, id| account_roles::give(db, act, id, &wish);
    change(&desk, &callers, caller, &id, once, giving).await
}

/// Takes a role from an account; a mail tells its owner. Who is no coach any more is paused as one, too. The last
/// admin of all stays one.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = ["national_admin"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The account"),
        ("role" = String, Path, description = "The role"),
    ),
    responses(
        (status = 200, description = "It has the role no more", body = ManagedAccountBody),
        (status = 404, description = "No such account, or it has no such role", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Nobody else is admin of all", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/accounts/{id}/roles/{role}")]
pub(super) async fn take(
    desk: Data<Desk>,
    callers: Data<Callers>,
    caller: NationalAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse, AppError> {
    let (id, role) = path.into_inner();
    let id: AccountId = id.parse().map_err(|_| AppError::NotFound)?;
    let role: Role = role.parse().map_err(|_| AppError::NotFound)?;
    let taken = desk.write(move |db, cx| account_roles::take(db, &Act::of(&caller, cx.now, None), id, role)).await?;
    callers.forget(id, None);
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(ManagedAccountBody::from(taken)))
}

/// Closes an account: its owner is signed out everywhere, cannot sign in any more, and is told by mail. The last admin
/// of all stays.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = ["national_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The account")),
    responses(
        (status = 200, description = "Closed", body = ManagedAccountBody),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is closed already, or nobody else is admin of all", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/accounts/{id}/disable")]
pub(super) async fn disable(
    desk: Data<Desk>,
    callers: Data<Callers>,
    caller: NationalAdmin,
    id: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    change(&desk, &callers, caller, &id, once, account_roles::disable).await
}

/// Opens a closed account again; a mail tells its owner.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = ["national_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The account")),
    responses(
        (status = 200, description = "Open", body = ManagedAccountBody),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is open already", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/accounts/{id}/enable")]
pub(super) async fn enable(
    desk: Data<Desk>,
    callers: Data<Callers>,
    caller: NationalAdmin,
    id: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    change(&desk, &callers, caller, &id, once, account_roles::enable).await
}

/// Forgets an authenticator that was lost, and its recovery codes. The owner is signed out everywhere, is told by mail,
/// and enrols another after signing in with the password. Not for the own account.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = ["national_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The account")),
    responses(
        (status = 200, description = "Forgotten", body = ManagedAccountBody),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has no authenticator", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/accounts/{id}/totp-reset")]
pub(super) async fn reset_authenticator(
    desk: Data<Desk>,
    callers: Data<Callers>,
    caller: NationalAdmin,
    id: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    change(&desk, &callers, caller, &id, once, account_roles::reset_authenticator).await
}

/// A change of an account, of which this process knows at once and the others within seconds.
async fn change(
    desk: &Desk,
    callers: &Callers,
    caller: NationalAdmin,
    id: &str,
    once: Once,
    change: impl Fn(&mut Db, &Act, AccountId) -> ServiceResult<Managed> + Send + 'static,
) -> Result<HttpResponse, AppError> {
    let id: AccountId = id.parse().map_err(|_| AppError::NotFound)?;
    let answer = desk.once(once.by(&caller), move |db, cx| {
        let changed = change(db, &Act::of(&caller, cx.now, None), id)?;
        told(StatusCode::OK, None, &ManagedAccountBody::from(changed))
    });
    let answer = answer.await?;
    callers.forget(id, None);
    Ok(answer)
}
