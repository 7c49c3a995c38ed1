//! Applications to coach, and the queue of those that wait for an admin.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{Checked, email, language};
use super::links::{TokenAndPasswordBody, accepted};
use super::respond::{Page, page};
use crate::error::{AppError, Problem};
use crate::face::{Admin, Body, Desk, Once, Origin, Params, Reader, SignedIn, evenly, told};
use crate::services::Context;
use crate::services::coach_applications::{self, Applicant, Claim, Queued};
use crate::services::disclosures::Look;
use crate::store::ApplicationId;

/// What an applicant says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Rina Wulandari", "email": "rina@contoh.go.id", "language": "id", "source": "pkn_2", "batch": 12, "year": 2021,
    "certificate_number": "PKN2/12/2021/0042", "agency": "KEM-01", "regency": "31.71", "motivation": "Berbagi pengalaman."
}))]
pub(super) struct ApplicationWish {
    /// The name.
    #[schema(min_length = 1, max_length = 150)]
    name: String,
    /// The address.
    #[schema(max_length = 254)]
    email: String,
    /// The language of mails: `id` or `en`.
    language: String,
    /// `pkn_1`, `pkn_2` or `corporate`.
    source: String,
    /// Batch of the leadership programme.
    batch: Option<u16>,
    /// Year of graduation.
    year: Option<u16>,
    /// Number of the certificate; alumni give it.
    #[schema(max_length = 100)]
    certificate_number: Option<String>,
    /// Code of the employer.
    agency: String,
    /// Code of the regency where the applicant works.
    regency: String,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    motivation: String,
}

impl ApplicationWish {
    fn checked(self) -> Result<Applicant, AppError> {
        let mut checked = Checked::default();
        let name = checked.parsed("/name", &self.name, "error.field.name");
        let email = email(&mut checked, "/email", &self.email);
        let language = language(&mut checked, &self.language);
        let own = OwnApplicationWish {
            source: self.source,
            batch: self.batch,
            year: self.year,
            certificate_number: self.certificate_number,
            agency: self.agency,
            regency: self.regency,
            motivation: self.motivation,
        };
        let claim = own.claim(&mut checked);
        checked.finish()?;
        match (name, email, language, claim) {
            (Some(name), Some(email), Some(language), Some(claim)) => Ok(Applicant { name, email, language, claim }),
            _ => Err(AppError::BadRequest),
        }
    }
}

/// What an applicant says who has an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "source": "pkn_2", "batch": 12, "year": 2021, "certificate_number": "PKN2/12/2021/0042", "agency": "KEM-01",
    "regency": "31.71", "motivation": "Berbagi pengalaman."
}))]
pub(super) struct OwnApplicationWish {
    /// `pkn_1`, `pkn_2` or `corporate`.
    source: String,
    /// Batch of the leadership programme.
    batch: Option<u16>,
    /// Year of graduation.
    year: Option<u16>,
    /// Number of the certificate; alumni give it.
    #[schema(max_length = 100)]
    certificate_number: Option<String>,
    /// Code of the employer.
    agency: String,
    /// Code of the regency where the applicant works.
    regency: String,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    motivation: String,
}

impl OwnApplicationWish {
    fn claim(self, checked: &mut Checked) -> Option<Claim> {
        let source = checked.parsed("/source", &self.source, "error.field.source");
        let number = self.certificate_number.as_deref();
        let certificate_number =
            number.and_then(|text| checked.text("/certificate_number", text, 100, "error.field.certificate_number"));
        let agency = checked.parsed("/agency", &self.agency, "error.field.agency");
        let regency = checked.parsed("/regency", &self.regency, "error.field.regency");
        let motivation = checked.text("/motivation", &self.motivation, 2000, "error.field.long_text");
        let (batch, year) = (self.batch, self.year);
        let (source, agency, regency, motivation) = (source?, agency?, regency?, motivation?);
        Some(Claim { source, batch, year, certificate_number, agency, regency, motivation })
    }
}

/// An application, to an admin.
#[derive(Serialize, ToSchema)]
pub(super) struct ApplicationBody {
    /// The application.
    id: Uuid,
    /// The name of the applicant.
    #[schema(example = "Rina Wulandari")]
    name: String,
    /// The address of the applicant, confirmed.
    #[schema(example = "rina@contoh.go.id")]
    email: String,
    /// `pkn_1`, `pkn_2` or `corporate`.
    #[schema(example = "pkn_2")]
    source: &'static str,
    /// Batch of the leadership programme.
    batch: Option<i32>,
    /// Year of graduation.
    year: Option<i32>,
    /// Number of the certificate.
    #[schema(example = "PKN2/12/2021/0042")]
    certificate_number: Option<String>,
    /// Code of the employer.
    #[schema(example = "KEM-01")]
    agency: String,
    /// Code of the regency.
    #[schema(example = "31.71")]
    regency: String,
    /// Why.
    motivation: String,
    /// `pending`, `verified` or `rejected`.
    #[schema(example = "pending")]
    status: &'static str,
    /// Why it was refused.
    reason: Option<String>,
    /// Codes of imported coaches with the same number of the certificate and without an account: who the applicant may be.
    candidates: Vec<String>,
    /// When it came.
    created_at: DateTime<Utc>,
    /// When it was decided.
    decided_at: Option<DateTime<Utc>>,
}

impl From<Queued> for ApplicationBody {
    fn from(queued: Queued) -> Self {
        let Queued { application, name, email, candidates } = queued;
        Self {
            id: application.id.uuid(),
            name,
            email,
            source: application.source.0.as_str(),
            batch: application.batch,
            year: application.year,
            certificate_number: application.certificate_number,
            agency: application.agency.to_string(),
            regency: application.regency.to_string(),
            motivation: application.motivation,
            status: application.status.0.as_str(),
            reason: application.reason,
            candidates,
            created_at: application.created_at.time(),
            decided_at: application.decided_at.map(|at| at.time()),
        }
    }
}

/// Applies to coach. A link to confirm goes to the address; the answer is the same when it has an account.
#[utoipa::path(
    tag = "coach applications",
    request_body = ApplicationWish,
    responses((status = 202, description = "A link is on its way"))
)]
#[post("/coach-applications")]
pub(super) async fn apply(
    desk: Data<Desk>,
    origin: Origin,
    once: Once,
    body: Body<ApplicationWish>,
) -> Result<HttpResponse, AppError> {
    let applicant = body.read()?.checked()?;
    let asked = desk.once(once.with(body.bytes()), move |db, cx| {
        coach_applications::ask(db, cx, &applicant, origin.0)?;
        accepted()
    });
    evenly(asked).await
}

/// Applies to coach as who is signed in: the application waits for an admin at once. Who was refused may apply again.
#[utoipa::path(
    tag = "coach applications",
    security(("bearer" = [])),
    request_body = OwnApplicationWish,
    responses(
        (status = 201, description = "The application waits for an admin", body = ConfirmedApplicationBody),
        (status = 409, description = "One waits already, or the caller is a coach", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/coach-applications")]
pub(super) async fn apply_again(
    desk: Data<Desk>,
    caller: SignedIn,
    once: Once,
    body: Body<OwnApplicationWish>,
) -> Result<HttpResponse, AppError> {
    let mut checked = Checked::default();
    let claim = body.read()?.claim(&mut checked);
    checked.finish()?;
    let claim = claim.ok_or(AppError::BadRequest)?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let id = coach_applications::apply(db, &caller, &claim, cx.now)?.uuid();
        told(StatusCode::CREATED, None, &ConfirmedApplicationBody { id })
    })
    .await
}

/// An application that waits.
#[derive(Serialize, ToSchema)]
struct ConfirmedApplicationBody {
    /// The application.
    id: Uuid,
}

/// Confirms the address of an application with the secret of its link, and opens an account.
#[utoipa::path(
    tag = "coach applications",
    request_body = TokenAndPasswordBody,
    responses(
        (status = 201, description = "The application waits for an admin", body = ConfirmedApplicationBody),
        (status = 409, description = "There is an account with this address", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The link was used, or is too old", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/coach-applications/confirm")]
pub(super) async fn confirm(
    desk: Data<Desk>,
    origin: Origin,
    once: Once,
    body: Body<TokenAndPasswordBody>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    let choose =
        move |cx: &Context| coach_applications::answer(cx, &given.token, given.password.expose_secret(), origin.0);
    desk.once_after(once.with(body.bytes()), choose, move |db, cx, confirmation| {
        let id = coach_applications::confirm(db, cx, confirmation)?.uuid();
        told(StatusCode::CREATED, None, &ConfirmedApplicationBody { id })
    })
    .await
}

/// Lists applications, the oldest first; to an agency's admin, those of the own agency.
#[utoipa::path(
    tag = "coach applications",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(
        ("status" = Option<String>, Query, description = "`pending`, `verified` or `rejected`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of applications", body = Page<ApplicationBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/coach-applications")]
pub(super) async fn list(
    desk: Data<Desk>,
    caller: Admin,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "coach_applications").through(params.filters());
    let limit = params.limit();
    let after = params.parsed("cursor", "error.parameter.cursor");
    let status = params.parsed("status", "error.parameter.verification");
    params.finish()?;
    let found =
        desk.show_list(look, limit, move |db, _| coach_applications::list(db, &caller, status, after, limit + 1));
    let found = found.await?;
    let answer = page(found, limit, |one| one.application.id.to_string(), ApplicationBody::from);
    Ok(answer.answer(&request, reader.lang))
}

/// Shows an application.
#[utoipa::path(
    tag = "coach applications",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The application")),
    responses(
        (status = 200, description = "The application", body = ApplicationBody),
        (status = 404, description = "No such application", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/coach-applications/{id}")]
pub(super) async fn show(desk: Data<Desk>, caller: Admin, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = application_id(&id)?;
    let look = Look::at(&caller, "coach_applications").of(id.uuid());
    let found = desk.show_one(look, move |db, _| coach_applications::get(db, &caller, id)).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(ApplicationBody::from(found)))
}

fn application_id(text: &str) -> Result<ApplicationId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Who the applicant is in the records.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerificationWish {
    /// The code of the imported coach; without one, a new coach is made of what the application says.
    #[schema(example = "C000007")]
    coach: Option<String>,
}

/// Verifies an application: the applicant is a coach from now on, and a mail says so.
#[utoipa::path(
    tag = "coach applications",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The application")),
    request_body = VerificationWish,
    responses(
        (status = 200, description = "Verified", body = ApplicationBody),
        (status = 404, description = "No such application", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided before, or that coach has an account", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/coach-applications/{id}/verify")]
pub(super) async fn verify(
    desk: Data<Desk>,
    caller: Admin,
    id: Path<String>,
    once: Once,
    body: Body<VerificationWish>,
) -> Result<HttpResponse, AppError> {
    let id = application_id(&id)?;
    let mut checked = Checked::default();
    let coach = body.read()?.coach.and_then(|code| checked.parsed("/coach", &code, "error.field.coach"));
    checked.finish()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let verified = coach_applications::verify(db, &caller, id, coach.as_ref(), cx.now)?;
        told(StatusCode::OK, None, &ApplicationBody::from(verified))
    })
    .await
}

/// Why an application is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RejectionWish {
    /// The reason, as the applicant will read it.
    #[schema(min_length = 1, max_length = 2000, example = "Nomor sertifikat tidak ditemukan.")]
    reason: String,
}

/// Refuses an application, and says why, by mail too.
#[utoipa::path(
    tag = "coach applications",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The application")),
    request_body = RejectionWish,
    responses(
        (status = 200, description = "Refused", body = ApplicationBody),
        (status = 404, description = "No such application", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided before", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/coach-applications/{id}/reject")]
pub(super) async fn reject(
    desk: Data<Desk>,
    caller: Admin,
    id: Path<String>,
    once: Once,
    body: Body<RejectionWish>,
) -> Result<HttpResponse, AppError> {
    let id = application_id(&id)?;
    let mut checked = Checked::default();
    let reason = checked.text("/reason", &body.read()?.reason, 2000, "error.field.long_text");
    checked.finish()?;
    let reason = reason.ok_or(AppError::BadRequest)?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let rejected = coach_applications::reject(db, &caller, id, &reason, cx.now)?;
        told(StatusCode::OK, None, &ApplicationBody::from(rejected))
    })
    .await
}
