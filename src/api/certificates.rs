//! Completion certificates: the caller's own, as a PDF, withdrawn by an admin, checked by anybody.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::respond::{Page, tagged};
use super::sessions::all;
use crate::error::{AppError, Problem};
use crate::face::{Admin, Body, Coachee, Desk, Once, Origin, Public, Reader, SignedIn, told};
use crate::services::disclosures::Look;
use crate::services::{Act, certificates};
use crate::store::CertificateId;
use crate::store::certificates::Certificate;

/// A completion certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CompletionCertificateBody {
    /// Its id.
    id: Uuid,
    /// The completed pairing.
    pairing: Uuid,
    /// The number that people call it by.
    #[schema(example = "NCN-2026-482-173-056")]
    number: String,
    /// What the public page finds it by.
    #[schema(example = "K7QF-2MXA-9CDE-5RTY-WXZ3")]
    code: String,
    /// The name with titles, as it stood when it was issued.
    name: String,
    /// Sessions that were held.
    #[schema(minimum = 1, example = 6)]
    sessions: i16,
    /// Learning hours (JP) that they counted for when it was issued.
    #[schema(minimum = 0, example = 12)]
    jp: i16,
    /// The day of the first session, by the coachee's calendar.
    first_on: NaiveDate,
    /// The day of the last session.
    last_on: NaiveDate,
    /// When it was issued.
    issued_at: DateTime<Utc>,
    /// When it was withdrawn, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_reason: Option<String>,
}

impl From<Certificate> for CompletionCertificateBody {
    fn from(certificate: Certificate) -> Self {
        Self {
            id: certificate.id.uuid(),
            pairing: certificate.pairing.uuid(),
            number: certificate.number,
            code: certificate.code.0.0.to_string(),
            name: certificate.name,
            sessions: certificate.sessions,
            jp: certificate.jp,
            first_on: certificate.first_on.0,
            last_on: certificate.last_on.0,
            issued_at: certificate.issued_at.time(),
            withdrawn_at: certificate.withdrawn_at.map(|at| at.time()),
            withdrawn_reason: certificate.withdrawn_reason,
        }
    }
}

fn certificate_id(text: &str) -> Result<CertificateId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Lists the certificates of the caller, the newest first: one for each completed pairing in which a session was held.
#[utoipa::path(
    tag = "me",
    security(("bearer" = ["coachee"])),
    responses((status = 200, description = "All of them", body = Page<CompletionCertificateBody>))
)]
#[get("/me/certificates")]
pub(super) async fn own(desk: Data<Desk>, caller: Coachee) -> Result<HttpResponse, AppError> {
    let found = desk.read(move |db, now| certificates::own(db, &Act::of(&caller, now, None))).await?;
    Ok(all(found.into_iter().map(CompletionCertificateBody::from).collect()))
}

/// Prints a certificate on one page of A4, in Indonesian with English beneath, to its coachee and an admin. The same
/// certificate is the same bytes.
#[utoipa::path(
    tag = "certificates",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The certificate")),
    responses(
        (status = 200, description = "The file; an attachment with a name",
            content((Vec<u8> = "application/pdf")),
            headers(
                ("Content-Disposition" = String, description = "The name of the file"),
                ("ETag" = String, description = "For If-None-Match"),
            )),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "No such certificate", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was withdrawn", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/certificates/{id}.pdf")]
pub(super) async fn print(
    desk: Data<Desk>,
    public: Data<Public>,
    caller: SignedIn,
    reader: Reader,
    id: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let id = certificate_id(&id)?;
    let (programme, address) = (desk.service().to_owned(), public.base(&request));
    let look = Look::at(&caller, "certificates").of(id.uuid());
    let printed = desk.ask(move |cx| {
        let act = Act::of(&caller, cx.now, None);
        let certificate = cx.store.snapshot(|db| certificates::to_print(db, &act, id))?;
        let file = certificates::print(&certificate, &programme, &address)?;
        look.note(cx, 1)?;
        Ok((certificate.number, file))
    });
    let (number, file) = printed.await?;
    let mut response = tagged(&request, reader.lang, "application/pdf", file);
    let name =
        header::HeaderValue::try_from(format!("attachment; filename=\"{number}.pdf\"")).map_err(AppError::internal)?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// Why a certificate is withdrawn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WithdrawalWish {
    /// In own words; its coachee reads it, the public does not.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Withdraws a certificate, by an admin. It cannot be printed any more, and the public page says that it is withdrawn.
#[utoipa::path(
    tag = "certificates",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The certificate")),
    request_body = WithdrawalWish,
    responses(
        (status = 200, description = "Withdrawn", body = CompletionCertificateBody),
        (status = 409, description = "It was withdrawn before", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/certificates/{id}/withdraw")]
pub(super) async fn withdraw(
    desk: Data<Desk>,
    caller: Admin,
    id: Path<String>,
    once: Once,
    body: Body<WithdrawalWish>,
) -> Result<HttpResponse, AppError> {
    let id = certificate_id(&id)?;
    let WithdrawalWish { reason } = body.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let withdrawn = certificates::withdraw(db, &Act::of(&caller, cx.now, None), id, &reason)?;
        told(StatusCode::OK, None, &CompletionCertificateBody::from(withdrawn))
    })
    .await
}

/// What anybody may know of a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckedBody {
    /// `valid`, `withdrawn`, or `not_found`: no certificate of this service has the code, which may be mistyped, or of
    /// another service.
    #[schema(example = "valid")]
    status: &'static str,
    /// What stands on it, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<PublicBody>,
}

/// What stands on a certificate.
#[derive(Debug, Serialize, ToSchema)]
struct PublicBody {
    /// The number.
    #[schema(example = "NCN-2026-482-173-056")]
    number: String,
    /// The name with titles, as on the certificate.
    name: String,
    /// Sessions that were held.
    #[schema(minimum = 1, example = 6)]
    sessions: i16,
    /// Learning hours (JP).
    #[schema(minimum = 0, example = 12)]
    jp: i16,
    /// The day of issue, in Jakarta.
    issued_on: NaiveDate,
}

/// Tells anybody whether a certificate with a code was issued here, and what stands on it. The code may be typed in any
/// case and any groups.
#[utoipa::path(
    tag = "certificates",
    params(("code" = String, Path, description = "The code that stands on the certificate")),
    responses(
        (status = 200, description = "What is known of it", body = CheckedBody),
        (status = 429, description = "Asked too often from this address", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/certificates/check/{code}")]
pub(super) async fn check(desk: Data<Desk>, origin: Origin, code: Path<String>) -> Result<HttpResponse, AppError> {
    let found = desk.write(move |db, cx| certificates::check(db, cx, &code, origin.0)).await?;
    let body = CheckedBody {
        status: certificates::standing(found.as_ref()).as_str(),
        certificate: found.map(|certificate| PublicBody {
            issued_on: certificates::issued_on(&certificate),
            number: certificate.number,
            name: certificate.name,
            sessions: certificate.sessions,
            jp: certificate.jp,
        }),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}
