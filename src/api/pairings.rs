//! Pairings: agreeing, breaking off, and what comes after. Completing them is in [`completion`](super::completion).

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::Checked;
use super::offers::{OfferBody, OfferWish, coach_code, shown as offer_shown};
use super::persons::PersonBody;
use super::requests::{WholeRequestBody, whole as whole_request};
use super::respond::{Page, page, versioned};
use crate::domain::{Agreement, EndReason, Side};
use crate::error::{AppError, Problem};
use crate::face::{Admin, Body, Desk, MaySeen, Once, Params, Reader, SignedIn, Watcher, told};
use crate::services::disclosures::Look;
use crate::services::pairings::{self, End, Wanted, Whole};
use crate::services::shown::PairingShown;
use crate::services::{Act, ServiceResult};
use crate::store::pairings::Evaluation;
use crate::store::{Db, PairingId};

/// A coachee and a coach who work together.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PairingBody {
    /// Its id.
    #[schema(example = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")]
    id: Uuid,
    /// The code of its cohort.
    #[schema(example = "2026-1")]
    cohort: String,
    /// Who is coached; with an address for mail to the two alone.
    coachee: PersonBody,
    /// Who coaches; with an address for mail to the two alone.
    coach: PersonBody,
    /// `active`, `completed` or `ended`.
    #[schema(example = "active")]
    status: &'static str,
    /// What the two have agreed on, or one of them proposes.
    #[serde(skip_serializing_if = "Option::is_none")]
    agreement: Option<AgreementBody>,
    /// The coachee's earlier pairing in the cohort.
    #[serde(skip_serializing_if = "Option::is_none")]
    rematch_of: Option<Uuid>,
    /// When the coach accepted.
    started_at: DateTime<Utc>,
    /// When it was completed or broken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// Why it was broken off: `no_time`, `moved`, `no_fit`, `unreachable`, `reassigned` or `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<&'static str>,
    /// In own words, if said.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_note: Option<String>,
    /// Whether nobody is to blame, if it was broken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_fault: Option<bool>,
    /// What was said about it; the other side's word once both have spoken.
    evaluations: Vec<EvaluationBody>,
    /// How often it was changed; also its ETag.
    version: i32,
}

/// What two have agreed on, or one of them proposes.
#[derive(Debug, Serialize, ToSchema)]
struct AgreementBody {
    /// What is to be reached.
    goals: String,
    /// Sessions planned.
    sessions: i16,
    /// Whether what is said stays between the two.
    confidential: bool,
    /// When the coachee signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    coachee_signed_at: Option<DateTime<Utc>>,
    /// When the coach signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    coach_signed_at: Option<DateTime<Utc>>,
}

/// The word of one side on a pairing.
#[derive(Debug, Serialize, ToSchema)]
struct EvaluationBody {
    /// Whose: `coachee` or `coach`.
    #[schema(example = "coachee")]
    given_by: &'static str,
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    rating: i16,
    /// In own words, if said.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

impl PairingBody {
    fn of(shown: PairingShown, with_contact: bool, evaluations: Vec<(Side, Evaluation)>) -> Self {
        let pairing = shown.pairing;
        let person = if with_contact { PersonBody::reachable } else { PersonBody::named };
        let agreement = pairing.goals.zip(pairing.sessions).zip(pairing.confidential);
        let said = |(side, says): (Side, Evaluation)| EvaluationBody {
            given_by: side.as_str(),
            rating: says.rating,
            comment: says.comment,
        };
        Self {
            id: pairing.id.uuid(),
            cohort: shown.cohort,
            coachee: person(&shown.coachee),
            coach: person(&shown.coach),
            status: pairing.status.0.as_str(),
            agreement: agreement.map(|((goals, sessions), confidential)| AgreementBody {
                goals,
                sessions,
                confidential,
                coachee_signed_at: pairing.coachee_signed_at.map(|at| at.time()),
                coach_signed_at: pairing.coach_signed_at.map(|at| at.time()),
            }),
            rematch_of: pairing.rematch_of.map(PairingId::uuid),
            started_at: pairing.started_at.time(),
            ended_at: pairing.ended_at.map(|at| at.time()),
            end_reason: pairing.end_reason.map(|reason| reason.0.as_str()),
            end_note: pairing.end_note,
            no_fault: pairing.no_fault,
            evaluations: evaluations.into_iter().map(said).collect(),
            version: pairing.version,
        }
    }
}

impl From<Whole> for PairingBody {
    fn from(whole: Whole) -> Self {
        Self::of(whole.shown, whole.with_contact, whole.evaluations)
    }
}

pub(super) fn whole(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<PairingBody> {
    pairings::get(db, act, id).map(PairingBody::from)
}

pub(super) fn pairing_id(text: &str) -> Result<PairingId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

pub(super) fn wanted(params: &mut Params) -> Wanted {
    Wanted { cohort: params.text("cohort"), status: params.parsed("status", "error.parameter.pairing_status") }
}

/// Lists the pairings of the caller, on either side, the newest first.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(
        ("cohort" = Option<String>, Query, description = "Only those in the cohort with this code"),
        ("status" = Option<String>, Query, description = "`active`, `completed` or `ended`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of pairings", body = Page<PairingBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/me/pairings")]
pub(super) async fn own(
    desk: Data<Desk>,
    caller: SignedIn,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (limit, before) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.read(move |db, now| pairings::own(db, &Act::of(&caller, now, None), &wanted, before, limit + 1));
    let body = |shown| PairingBody::of(shown, true, Vec::new());
    let answer = page(found.await?, limit, |shown| shown.pairing.id.to_string(), body);
    Ok(answer.answer(&request, reader.lang))
}

/// Lists pairings, the newest first; to an agency's admin, those of the agency's coachees.
#[utoipa::path(
    tag = "pairings",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only those in the cohort with this code"),
        ("status" = Option<String>, Query, description = "`active`, `completed` or `ended`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of pairings", body = Page<PairingBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/pairings")]
pub(super) async fn all(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "pairings").through(params.filters());
    let (limit, before) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.show_list(look, limit, move |db, now| {
        pairings::all(db, &Act::of(&caller, now, None), &wanted, before, limit + 1)
    });
    let body = |shown| PairingBody::of(shown, false, Vec::new());
    let answer = page(found.await?, limit, |shown| shown.pairing.id.to_string(), body);
    Ok(answer.answer(&request, reader.lang))
}

/// Shows a pairing, to its two sides with how to reach each other, and to an admin.
#[utoipa::path(
    tag = "pairings",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    responses(
        (status = 200, description = "The pairing", body = PairingBody, headers(("ETag" = String, description = "The version, for If-Match"))),
        (status = 404, description = "No such pairing", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/pairings/{id}")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let look = Look::at(&caller, "pairings").of(id.uuid());
    let found = desk.show_one(look, move |db, now| whole(db, &Act::of(&caller, now, None), id)).await?;
    Ok(versioned(found.version, &found))
}

/// Terms to sign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AgreementWish {
    /// What is to be reached.
    #[schema(min_length = 1, max_length = 2000, example = "Memimpin rapat lintas unit tanpa bantuan.")]
    goals: String,
    /// Sessions planned.
    #[schema(minimum = 1, maximum = 50, example = 6)]
    sessions: u8,
    /// Whether what is said stays between the two.
    confidential: bool,
}

/// Signs an agreement, by one side. Other terms than those that the other side has signed replace them, and want its
/// signature anew; once both have signed the same, they stand.
#[utoipa::path(
    tag = "pairings",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The pairing"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the pairing as it was seen"),
    ),
    request_body = AgreementWish,
    responses(
        (status = 200, description = "Signed", body = PairingBody),
        (status = 404, description = "No such pairing", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The agreement stands, or the pairing is over", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/agreement")]
pub(super) async fn sign(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<AgreementWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let AgreementWish { goals, sessions, confidential } = body.read()?;
    let terms = Agreement { goals, sessions, confidential };
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        pairings::sign(db, &act, id, &terms)?;
        told(StatusCode::OK, None, &whole(db, &act, id)?)
    })
    .await
}

/// How a pairing is broken off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EndWish {
    /// Why: `no_time`, `moved`, `no_fit`, `unreachable` or `other`.
    #[schema(example = "no_fit")]
    reason: String,
    /// Whether nobody is to blame; so it is unless said.
    no_fault: Option<bool>,
    /// In own words.
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// Breaks a pairing off: either side, or an admin. The two are not brought together again.
#[utoipa::path(
    tag = "pairings",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The pairing"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the pairing as it was seen"),
    ),
    request_body = EndWish,
    responses(
        (status = 200, description = "Broken off", body = PairingBody),
        (status = 404, description = "No such pairing", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is over", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/end")]
pub(super) async fn end(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<EndWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let EndWish { reason, no_fault, note } = body.read()?;
    let mut checked = Checked::default();
    let reason = checked.parsed::<EndReason>("/reason", &reason, "error.field.end_reason");
    // Only another coach's yes is that.
    if reason == Some(EndReason::Reassigned) {
        checked.refuse("/reason", "error.field.end_reason");
    }
    checked.finish()?;
    let how = End { reason: reason.ok_or(AppError::BadRequest)?, no_fault: no_fault.unwrap_or(true), note };
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        pairings::end(db, &act, id, &how)?;
        told(StatusCode::OK, None, &whole(db, &act, id)?)
    })
    .await
}

/// Asks anew after a pairing that was broken off: the coachee, or an admin. The new request has a better place.
#[utoipa::path(
    tag = "pairings",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    responses(
        (status = 201, description = "The new request", body = WholeRequestBody,
            headers(("Location" = String, description = "Where it is"))),
        (status = 404, description = "No such pairing", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was not broken off, or the coachee asks already", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/rematch")]
pub(super) async fn rematch(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    desk.once(once.by(&caller), move |db, cx| {
        let act = Act::of(&caller, cx.now, None);
        let request = pairings::rematch(db, &act, id)?;
        let location = format!("/api/v1/requests/{}", request.id);
        told(StatusCode::CREATED, Some(location), &whole_request(db, &act, request.id)?)
    })
    .await
}

/// Asks another coach to take over. The present coach goes on until the other accepts.
#[utoipa::path(
    tag = "pairings",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The pairing"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the pairing as it was seen"),
    ),
    request_body = OfferWish,
    responses(
        (status = 201, description = "The other coach is asked", body = OfferBody,
            headers(("Location" = String, description = "Where the offer is"))),
        (status = 404, description = "No such pairing or coach", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is over, the coach has it already, a rule forbids the coach, or there is no place", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/reassign")]
pub(super) async fn reassign(
    desk: Data<Desk>,
    caller: Admin,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<OfferWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let coach = coach_code(&body.read()?.coach)?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        let offer = pairings::reassign(db, &act, id, &coach)?;
        told(StatusCode::CREATED, Some(format!("/api/v1/offers/{}", offer.id)), &offer_shown(db, &act, offer.id)?)
    })
    .await
}
