//! Who says that they are a coachee of whom the records have no address: the queue of those who wait for an admin.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::respond::{Page, page};
use crate::error::{AppError, Problem};
use crate::face::{Admin, Desk, Once, Params, Reader, told};
use crate::services::disclosures::Look;
use crate::services::{Caller, Context, ServiceResult, sign_up_claims};
use crate::store::sign_up_claims::Listed;
use crate::store::{Db, SignUpClaimId};

/// Somebody who says that they are a coachee, to an admin.
#[derive(Serialize, ToSchema)]
pub(super) struct SignUpClaimBody {
    /// The claim.
    id: Uuid,
    /// The code of the coachee.
    #[schema(example = "P000123")]
    person: String,
    /// The name of the coachee in the records.
    #[schema(example = "Budi Santoso")]
    name: String,
    /// The employer of the coachee.
    #[schema(example = "KEM-01")]
    agency: String,
    /// The address that was given: confirm it only when you know that it is the coachee's.
    #[schema(example = "budi@contoh.go.id")]
    email: String,
    /// `pending`, `confirmed` or `refused`.
    #[schema(example = "pending")]
    status: &'static str,
    /// When it came.
    created_at: DateTime<Utc>,
    /// When it was decided.
    decided_at: Option<DateTime<Utc>>,
}

impl From<Listed> for SignUpClaimBody {
    fn from(listed: Listed) -> Self {
        let Listed { claim, code, name, agency } = listed;
        Self {
            id: claim.id.uuid(),
            person: code.to_string(),
            name,
            agency: agency.to_string(),
            email: claim.email.to_string(),
            status: claim.status.0.as_str(),
            created_at: claim.created_at.time(),
            decided_at: claim.decided_at.map(|at| at.time()),
        }
    }
}

/// Lists who says that they are a coachee of whom the records have no address, the oldest first; to an agency's
/// admin, those of the own agency.
#[utoipa::path(
    tag = "sign-up claims",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(
        ("status" = Option<String>, Query, description = "`pending`, `confirmed` or `refused`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of claims", body = Page<SignUpClaimBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/sign-up-claims")]
pub(super) async fn list(
    desk: Data<Desk>,
    caller: Admin,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "sign_up_claims").through(params.filters());
    let limit = params.limit();
    let after = params.parsed("cursor", "error.parameter.cursor");
    let status = params.parsed("status", "error.parameter.claim_status");
    params.finish()?;
    let found = desk.show_list(look, limit, move |db, _| sign_up_claims::list(db, &caller, status, after, limit + 1));
    let answer = page(found.await?, limit, |one| one.claim.id.to_string(), SignUpClaimBody::from);
    Ok(answer.answer(&request, reader.lang))
}

/// Confirms that the address is the coachee's: the link to open the account goes there, good for 14 days. Other
/// claims about the coachee that wait are refused with it.
#[utoipa::path(
    tag = "sign-up claims",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The claim")),
    responses(
        (status = 200, description = "The link is on its way", body = SignUpClaimBody),
        (status = 404, description = "No such claim", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided before, or the coachee or the address has an account", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sign-up-claims/{id}/confirm")]
pub(super) async fn confirm(
    desk: Data<Desk>,
    caller: Admin,
    id: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    decide(&desk, caller, &id, once, sign_up_claims::confirm).await
}

/// Refuses a claim: nothing is sent.
#[utoipa::path(
    tag = "sign-up claims",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The claim")),
    responses(
        (status = 200, description = "Refused", body = SignUpClaimBody),
        (status = 404, description = "No such claim", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided before", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/sign-up-claims/{id}/refuse")]
pub(super) async fn refuse(
    desk: Data<Desk>,
    caller: Admin,
    id: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    decide(&desk, caller, &id, once, sign_up_claims::refuse).await
}

type Deciding = fn(&mut Db, &Context, &Caller, SignUpClaimId) -> ServiceResult<Listed>;

async fn decide(desk: &Desk, caller: Admin, id: &str, once: Once, decide: Deciding) -> Result<HttpResponse, AppError> {
    let id: SignUpClaimId = id.parse().map_err(|_| AppError::NotFound)?;
    desk.once(once.by(&caller), move |db, cx| {
        let decided = decide(db, cx, &caller, id)?;
        told(StatusCode::OK, None, &SignUpClaimBody::from(decided))
    })
    .await
}
