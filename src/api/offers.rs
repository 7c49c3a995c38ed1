//! Offers: one request put to one coach; answering it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::explained::{ComponentBody, explained};
use super::fields::Checked;
use super::pairings::PairingBody;
use super::persons::PersonBody;
use super::questions::QuestionBody;
use super::requests::{RequestBody, request_id};
use super::respond::{Page, page, versioned};
use crate::domain::{DeclineReason, PersonCode};
use crate::error::{AppError, Problem};
use crate::face::{Admin, Body, Coach, Coachee, Desk, MaySeen, Once, Params, Reader, SignedIn, Watcher, told};
use crate::i18n::Names;
use crate::services::disclosures::Look;
use crate::services::offers::{self, Wanted, Whole};
use crate::services::shown::OfferShown;
use crate::services::{Act, ServiceResult, directory, pairings};
use crate::store::{Db, OfferId};

/// A request put to a coach.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfferBody {
    /// Its id.
    #[schema(example = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")]
    pub id: Uuid,
    /// What is offered.
    pub request: RequestBody,
    /// To whom.
    pub coach: PersonBody,
    /// Who thought of it: `choice`, `run` or `admin`.
    #[schema(example = "choice")]
    pub origin: &'static str,
    /// The rank of the coach among the coachee's choices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<i16>,
    /// `proposed` (the coachee is asked), `pending` (the coach is asked), `accepted`, `declined`, `expired` or
    /// `withdrawn`.
    #[schema(example = "pending")]
    pub status: &'static str,
    /// When the present answerer was asked.
    pub asked_at: DateTime<Utc>,
    /// Until when an answer counts.
    pub deadline: DateTime<Utc>,
    /// When it was answered, or ended without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// Why it was declined: `no_time`, `wrong_field`, `too_close`, `prefers_another` or `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// In own words, if said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How often it was changed; also its ETag.
    pub version: i32,
}

impl From<OfferShown> for OfferBody {
    fn from(shown: OfferShown) -> Self {
        let offer = shown.offer;
        Self {
            id: offer.id.uuid(),
            request: shown.request.into(),
            coach: PersonBody::named(&shown.coach),
            origin: offer.origin.0.as_str(),
            place: offer.place,
            status: offer.status.0.as_str(),
            asked_at: offer.asked_at.time(),
            deadline: offer.deadline.time(),
            answered_at: offer.answered_at.map(|at| at.time()),
            reason: offer.reason.map(|reason| reason.0.as_str()),
            note: offer.note,
            version: offer.version,
        }
    }
}

/// An offer with what its coach should know to decide.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WholeOfferBody {
    /// The offer.
    #[serde(flatten)]
    offer: OfferBody,
    /// Code of the coachee's employer.
    #[schema(example = "KEM-09")]
    agency: String,
    /// The coachee's position.
    position: String,
    /// Its tier.
    #[schema(example = "pengawas")]
    tier: &'static str,
    /// Code of the regency where the coachee works.
    #[schema(example = "91.71")]
    regency: String,
    /// The gaps that it is about.
    gaps: Vec<GapBody>,
    /// The score that the pair would have now, 0 to 255.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u8>,
    /// Why this coach, one entry per component.
    explanation: Vec<ComponentBody>,
    /// What the two sides asked before deciding; only to them.
    questions: Vec<QuestionBody>,
}

/// A measured gap.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GapBody {
    /// Code of the competency.
    #[schema(example = "M.01")]
    competency: String,
    /// Its name in the reader's language.
    name: String,
    /// The level that the position requires.
    #[schema(minimum = 1, maximum = 5)]
    required: u8,
    /// The level that was found.
    #[schema(minimum = 1, maximum = 5)]
    assessed: u8,
}

impl WholeOfferBody {
    fn of(whole: Whole, names: Names) -> Self {
        let gap = |gap: crate::services::offers::Gap| GapBody {
            name: names.competency(&gap.competency),
            competency: gap.competency.to_string(),
            required: gap.required,
            assessed: gap.assessed,
        };
        Self {
            agency: whole.work.agency.to_string(),
            position: whole.work.position,
            tier: whole.work.tier.as_str(),
            regency: whole.work.regency.to_string(),
            gaps: whole.gaps.into_iter().map(gap).collect(),
            score: whole.why.as_ref().map(|why| why.score),
            explanation: whole.why.map(|why| explained(why, names)).unwrap_or_default(),
            questions: whole.questions.into_iter().map(QuestionBody::from).collect(),
            offer: whole.shown.into(),
        }
    }
}

pub(super) fn shown(db: &mut Db, act: &Act, id: OfferId) -> ServiceResult<OfferBody> {
    offers::get(db, act, id).map(|whole| whole.shown.into())
}

fn offer_id(text: &str) -> Result<OfferId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Lists the offers that the caller was asked about as a coach, the newest first.
#[utoipa::path(
    tag = "me",
    security(("bearer" = ["coach"])),
    params(
        ("status" = Option<String>, Query, description = "`pending`, `accepted`, `declined`, `expired` or `withdrawn`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of offers", body = Page<OfferBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/me/offers")]
pub(super) async fn own(
    desk: Data<Desk>,
    caller: Coach,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (limit, before) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let status = params.parsed("status", "error.parameter.offer_status");
    params.finish()?;
    let found = desk.read(move |db, now| offers::of_coach(db, &Act::of(&caller, now, None), status, before, limit + 1));
    let answer = page(found.await?, limit, |shown| shown.offer.id.to_string(), OfferBody::from);
    Ok(answer.answer(&request, reader.lang))
}

/// Which offers the parameters ask for.
pub(super) fn wanted(params: &mut Params) -> Wanted {
    Wanted {
        cohort: params.text("cohort"),
        coach: params.parsed("coach", "error.parameter.text"),
        agency: params.parsed("agency", "error.parameter.text"),
        province: params.text("province"),
        status: params.parsed("status", "error.parameter.offer_status"),
    }
}

/// Lists offers, the newest first; to an agency's admin, those of the agency's coachees.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only those in the cohort with this code"),
        ("coach" = Option<String>, Query, description = "Only those to the coach with this code"),
        ("agency" = Option<String>, Query, description = "Only those of coachees of the agency with this code"),
        ("province" = Option<String>, Query, description = "Only those of coachees who work in the province with this code"),
        ("status" = Option<String>, Query, description = "`proposed`, `pending`, `accepted`, `declined`, `expired` or `withdrawn`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of offers", body = Page<OfferBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/offers")]
pub(super) async fn all(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "offers").through(params.filters());
    let (limit, before) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.show_list(look, limit, move |db, now| {
        offers::all(db, &Act::of(&caller, now, None), &wanted, before, limit + 1)
    });
    let answer = page(found.await?, limit, |shown| shown.offer.id.to_string(), OfferBody::from);
    Ok(answer.answer(&request, reader.lang))
}

/// Shows an offer with what its coach should know to decide: to its coach, its coachee or an admin.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The offer")),
    responses(
        (status = 200, description = "The offer", body = WholeOfferBody, headers(("ETag" = String, description = "The version, for If-Match"))),
        (status = 404, description = "No such offer", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/offers/{id}")]
pub(super) async fn show(
    desk: Data<Desk>,
    caller: SignedIn,
    reader: Reader,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = offer_id(&id)?;
    let look = Look::at(&caller, "offers").of(id.uuid());
    let found = desk.show_one(look, move |db, now| {
        let whole = offers::get(db, &Act::of(&caller, now, None), id)?;
        let reference = directory::reference(db)?;
        Ok(WholeOfferBody::of(whole, Names { lang: reader.lang, reference: &reference }))
    });
    let found = found.await?;
    Ok(versioned(found.offer.version, &found))
}

/// A coach for a request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferWish {
    /// The code of the coach.
    #[schema(example = "C000007")]
    pub coach: String,
}

/// Puts an open request to a coach whom an admin thought of. The coach's yes is still needed.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = ["national_admin", "agency_admin"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The request"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the request as it was seen"),
    ),
    request_body = OfferWish,
    responses(
        (status = 201, description = "The coach is asked", body = OfferBody,
            headers(("Location" = String, description = "Where the offer is"))),
        (status = 404, description = "No such request or coach", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A rule forbids the coach, there is no place any more, or the request is not open", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "The request was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/requests/{id}/offers")]
pub(super) async fn put(
    desk: Data<Desk>,
    caller: Admin,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<OfferWish>,
) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let coach = coach_code(&body.read()?.coach)?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        let offer = offers::put(db, &act, id, &coach)?;
        told(StatusCode::CREATED, Some(format!("/api/v1/offers/{}", offer.id)), &shown(db, &act, offer.id)?)
    })
    .await
}

/// The code of a coach in a body.
pub(super) fn coach_code(text: &str) -> Result<PersonCode, AppError> {
    let mut checked = Checked::default();
    let coach = checked.parsed("/coach", text, "error.field.coach");
    checked.finish()?;
    coach.ok_or(AppError::BadRequest)
}

/// Confirms a run's proposal, by the coachee. The coach is asked now.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = ["coachee"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The offer"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the offer as it was seen"),
    ),
    responses(
        (status = 200, description = "The coach is asked", body = OfferBody),
        (status = 404, description = "No such offer", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was answered before, the time is over, or a rule forbids the pair by now", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/offers/{id}/confirm")]
pub(super) async fn confirm(
    desk: Data<Desk>,
    caller: Coachee,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let id = offer_id(&id)?;
    desk.once(once.by(&caller), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        offers::confirm(db, &act, id)?;
        told(StatusCode::OK, None, &shown(db, &act, id)?)
    })
    .await
}

/// Accepts an offer, by its coach: a pairing starts, and each side learns how to reach the other.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = ["coach"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The offer"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the offer as it was seen"),
    ),
    responses(
        (status = 201, description = "The pairing", body = PairingBody,
            headers(("Location" = String, description = "Where the pairing is"))),
        (status = 404, description = "No such offer", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was answered before, or the time is over", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/offers/{id}/accept")]
pub(super) async fn accept(
    desk: Data<Desk>,
    caller: Coach,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let id = offer_id(&id)?;
    desk.once(once.by(&caller), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        let pairing = offers::accept(db, &act, id)?;
        let location = format!("/api/v1/pairings/{}", pairing.id);
        let body = PairingBody::from(pairings::get(db, &act, pairing.id)?);
        told(StatusCode::CREATED, Some(location), &body)
    })
    .await
}

/// A no.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeclineWish {
    /// Why: `no_time`, `wrong_field`, `too_close`, `prefers_another` or `other`.
    #[schema(example = "no_time")]
    reason: String,
    /// In own words.
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// Says no: the coach to an offer, the coachee to a run's proposal. The two are not brought together again; after a
/// coach's no the next choice is asked, or the coachee waits with a better place.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The offer"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the offer as it was seen"),
    ),
    request_body = DeclineWish,
    responses(
        (status = 200, description = "Declined", body = OfferBody),
        (status = 404, description = "No such offer", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was answered before, or the time is over", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/offers/{id}/decline")]
pub(super) async fn decline(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<DeclineWish>,
) -> Result<HttpResponse, AppError> {
    let id = offer_id(&id)?;
    let DeclineWish { reason, note } = body.read()?;
    let mut checked = Checked::default();
    let reason = checked.parsed::<DeclineReason>("/reason", &reason, "error.field.decline_reason");
    checked.finish()?;
    let reason = reason.ok_or(AppError::BadRequest)?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        offers::decline(db, &act, id, reason, note.as_deref())?;
        told(StatusCode::OK, None, &shown(db, &act, id)?)
    })
    .await
}

/// Takes an offer back that waits for an answer: the coachee, or an admin. When it is an admin, the next choice is asked.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The offer"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the offer as it was seen"),
    ),
    responses(
        (status = 200, description = "Taken back", body = OfferBody),
        (status = 404, description = "No such offer", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was answered before", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/offers/{id}/withdraw")]
pub(super) async fn withdraw(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let id = offer_id(&id)?;
    desk.once(once.by(&caller), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        offers::withdraw(db, &act, id)?;
        told(StatusCode::OK, None, &shown(db, &act, id)?)
    })
    .await
}
