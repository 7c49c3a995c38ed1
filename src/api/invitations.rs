//! Invitations.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{Checked, email, language};
use super::links::{OpenedBody, TokenAndPasswordBody};
use super::respond::{Page, page};
use crate::error::{AppError, Problem};
use crate::face::{Admin, Body, Desk, Once, Origin, Params, Reader, told};
use crate::services::Context;
use crate::services::disclosures::Look;
use crate::services::invitations::{self, Wish};
use crate::store::invitations::Invitation;

/// Whom an admin invites.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "ani@contoh.go.id", "name": "Ani Lestari", "language": "id", "role": "agency_admin", "agency": "KEM-01"
}))]
pub(super) struct InvitationWish {
    /// The address.
    #[schema(max_length = 254)]
    email: String,
    /// The name.
    #[schema(min_length = 1, max_length = 150)]
    name: String,
    /// The language of mails: `id` or `en`.
    language: String,
    /// `coachee`, `coach`, `agency_admin`, `national_admin` or `auditor`.
    role: String,
    /// The agency, of an agency's admin.
    agency: Option<String>,
    /// The code of the person in the records, of a coachee or coach.
    person: Option<String>,
}

impl InvitationWish {
    fn checked(self) -> Result<Wish, AppError> {
        let mut checked = Checked::default();
        let email = email(&mut checked, "/email", &self.email);
        let name = checked.parsed("/name", &self.name, "error.field.name");
        let language = language(&mut checked, &self.language);
        let role = checked.parsed("/role", &self.role, "error.field.role");
        let agency = self.agency.and_then(|code| checked.parsed("/agency", &code, "error.field.agency"));
        let person = self.person.and_then(|code| checked.parsed("/person", &code, "error.field.person"));
        checked.finish()?;
        let (Some(email), Some(name), Some(language), Some(role)) = (email, name, language, role) else {
            return Err(AppError::BadRequest);
        };
        Ok(Wish { email, name, language, role, agency, person })
    }
}

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationBody {
    /// The invitation.
    id: Uuid,
    /// Whom it was sent to.
    #[schema(example = "ani@contoh.go.id")]
    email: String,
    /// The name of the account to be.
    #[schema(example = "Ani Lestari")]
    name: String,
    /// The role it gives.
    #[schema(example = "agency_admin")]
    role: &'static str,
    /// The agency whose affair it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "KEM-01")]
    agency: Option<String>,
    /// `open`, `accepted` or `withdrawn`.
    #[schema(example = "open")]
    status: &'static str,
    /// When it was sent.
    created_at: DateTime<Utc>,
    /// Until when it can be accepted.
    expires_at: DateTime<Utc>,
}

impl From<Invitation> for InvitationBody {
    fn from(one: Invitation) -> Self {
        Self {
            id: one.id.uuid(),
            email: one.email.to_string(),
            name: one.name.to_string(),
            role: one.role.0.as_str(),
            agency: one.agency.map(|code| code.to_string()),
            status: one.status.0.as_str(),
            created_at: one.created_at.time(),
            expires_at: one.expires_at.time(),
        }
    }
}

/// Invites somebody by mail. An agency's admin invites coachees, coaches and admins of the own agency.
/// An earlier open invitation to the same address is taken back. Who has an account at the address gets the role there
/// once they have accepted with its password.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = ["national_admin", "agency_admin"])),
    request_body = InvitationWish,
    responses(
        (status = 201, description = "The invitation is on its way", body = InvitationBody),
        (status = 409, description = "The account with this address has the role, is closed or somebody else's, or this person has another", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/invitations")]
pub(super) async fn invite(
    desk: Data<Desk>,
    caller: Admin,
    once: Once,
    body: Body<InvitationWish>,
) -> Result<HttpResponse, AppError> {
    let wish = body.read()?.checked()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let invitation = invitations::invite(db, &caller, &wish, cx.now)?;
        told(StatusCode::CREATED, None, &InvitationBody::from(invitation))
    })
    .await
}

/// Lists invitations, newest first; to an agency's admin, those of the own agency.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of invitations", body = Page<InvitationBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/invitations")]
pub(super) async fn list(
    desk: Data<Desk>,
    caller: Admin,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "invitations").through(params.filters());
    let limit = params.limit();
    let before = params.parsed("cursor", "error.parameter.cursor");
    params.finish()?;
    let found = desk.show_list(look, limit, move |db, _| invitations::list(db, &caller, before, limit + 1)).await?;
    Ok(page(found, limit, |one| one.id.to_string(), InvitationBody::from).answer(&request, reader.lang))
}

/// Takes an open invitation back.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The invitation")),
    responses(
        (status = 204, description = "Taken back"),
        (status = 404, description = "No such invitation", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is not open", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/invitations/{id}")]
pub(super) async fn withdraw(desk: Data<Desk>, caller: Admin, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    desk.write(move |db, cx| invitations::withdraw(db, &caller, id, cx.now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Accepts an invitation with the secret of its link, and a password: one that is chosen for a new account, or that of
/// the account that the address has.
#[utoipa::path(
    tag = "invitations",
    request_body = TokenAndPasswordBody,
    responses(
        (status = 201, description = "The account is open, or has the role; sign in", body = OpenedBody),
        (status = 401, description = "The address has an account, and this is not its password", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The account has the role, or account and person belong to others", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The invitation was accepted or taken back, or is too old", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/invitations/accept")]
pub(super) async fn accept(
    desk: Data<Desk>,
    origin: Origin,
    once: Once,
    body: Body<TokenAndPasswordBody>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let choose = move |cx: &Context| invitations::answer(cx, &given.token, given.password.expose_secret(), origin.0);
    desk.once_after(once.with(body.bytes()), choose, move |db, cx, acceptance| {
        let id = invitations::accept(db, cx, acceptance)?.uuid();
        told(StatusCode::CREATED, None, &OpenedBody { id })
    })
    .await
}
