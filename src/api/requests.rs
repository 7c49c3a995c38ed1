//! Requests: asking for a coach, choosing, taking it back, asking before deciding.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{Checked, list};
use super::offers::OfferBody;
use super::persons::PersonBody;
use super::questions::QuestionBody;
use super::respond::{Page, page, versioned};
use crate::domain::{Language, Languages, Mode, Modes, PersonCode};
use crate::error::{AppError, Problem};
use crate::face::{Body, Coachee, Desk, MaySeen, Once, Params, Reader, SignedIn, Watcher, told};
use crate::services::disclosures::Look;
use crate::services::requests::{self, Standing, Wanted, Whole, Wish};
use crate::services::shown::RequestShown;
use crate::services::{Act, ServiceResult, people};
use crate::store::{Db, RequestId};

/// A request for a coach.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RequestBody {
    /// Its id.
    #[schema(example = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")]
    pub id: Uuid,
    /// The code of its cohort.
    #[schema(example = "2026-1")]
    pub cohort: String,
    /// Who asks.
    pub coachee: PersonBody,
    /// `open`, `matched`, `withdrawn` or `closed`.
    #[schema(example = "open")]
    pub status: &'static str,
    /// Codes of the competencies it is about; none: the largest gaps.
    #[schema(example = json!(["M.01"]))]
    pub focus: Vec<String>,
    /// The ways of meeting that suit: `online`, `in_person`.
    #[schema(example = json!(["online"]))]
    pub modes: Vec<&'static str>,
    /// The languages that suit, as ISO 639 codes.
    #[schema(example = json!(["id"]))]
    pub languages: Vec<&'static str>,
    /// Why, if said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motivation: Option<String>,
    /// Rounds waited in vain.
    pub waiting_rounds: i16,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// How often it was changed; also its ETag.
    pub version: i32,
}

impl From<RequestShown> for RequestBody {
    fn from(shown: RequestShown) -> Self {
        let request = shown.request;
        let bits = |column: i16| column.to_le_bytes()[0];
        Self {
            id: request.id.uuid(),
            cohort: shown.cohort,
            coachee: PersonBody::named(&shown.coachee),
            status: request.status.0.as_str(),
            focus: shown.focus.iter().map(ToString::to_string).collect(),
            modes: Modes::from_bits(bits(request.modes)).iter().map(Mode::as_str).collect(),
            languages: Languages::from_bits(bits(request.languages)).iter().map(Language::as_str).collect(),
            motivation: request.motivation,
            waiting_rounds: request.waiting_rounds,
            created_at: request.created_at.time(),
            changed_at: request.changed_at.time(),
            version: request.version,
        }
    }
}

/// Where an open request stands on the waiting list, and what has brought it there.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StandingBody {
    /// The place, from 1.
    #[schema(minimum = 1)]
    place: i64,
    /// How many wait in the cohort.
    waiting: i64,
    /// Whether coming from a remote area moves it up: this counts first.
    remote: bool,
    /// The sum of the gaps it is about: this counts second.
    gap: u8,
    /// Rounds waited in vain: this counts third; then, who has asked first.
    rounds: i16,
    /// Since when it waits.
    since: DateTime<Utc>,
}

impl From<Standing> for StandingBody {
    fn from(standing: Standing) -> Self {
        Self {
            place: standing.place,
            waiting: standing.waiting,
            remote: standing.remote,
            gap: standing.gap,
            rounds: standing.rounds,
            since: standing.since.time(),
        }
    }
}

/// A request with all that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WholeRequestBody {
    /// The request.
    #[serde(flatten)]
    request: RequestBody,
    /// Codes of the coaches chosen, the first choice first.
    choices: Vec<String>,
    /// Where it stands on the waiting list, while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<StandingBody>,
    /// What was offered, the oldest first.
    offers: Vec<OfferBody>,
    /// What the two sides asked before deciding; only to them.
    questions: Vec<QuestionBody>,
}

impl From<Whole> for WholeRequestBody {
    fn from(whole: Whole) -> Self {
        Self {
            request: whole.shown.into(),
            choices: whole.choices.iter().map(ToString::to_string).collect(),
            standing: whole.standing.map(StandingBody::from),
            offers: whole.offers.into_iter().map(OfferBody::from).collect(),
            questions: whole.questions.into_iter().map(QuestionBody::from).collect(),
        }
    }
}

pub(super) fn whole(db: &mut Db, act: &Act, id: RequestId) -> ServiceResult<WholeRequestBody> {
    requests::get(db, act, id).map(WholeRequestBody::from)
}

pub(super) fn request_id(text: &str) -> Result<RequestId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// What a coachee asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "cohort": "2026-1", "focus": ["M.01"], "motivation": "Saya baru memimpin tim lintas unit." }))]
pub(super) struct RequestWish {
    /// The code of the cohort.
    #[schema(max_length = 64)]
    cohort: String,
    /// Codes of up to three competencies, each with a measured gap; none: the largest gaps.
    #[serde(default)]
    #[schema(max_items = 3)]
    focus: Vec<String>,
    /// `online`, `in_person`; online unless said.
    modes: Option<Vec<String>>,
    /// ISO 639 codes; Indonesian unless said.
    languages: Option<Vec<String>>,
    /// Why.
    #[schema(max_length = 2000)]
    motivation: Option<String>,
    /// The code of the coachee, for an admin who asks on behalf of one.
    coachee: Option<String>,
}

struct Checks {
    wish: RequestWish,
    coachee: Option<PersonCode>,
    focus: Vec<crate::domain::CompetencyCode>,
    modes: Modes,
    languages: Languages,
}

impl RequestWish {
    fn checked(self) -> Result<Checks, AppError> {
        let mut checked = Checked::default();
        let coachee = self.coachee.as_deref().and_then(|code| checked.parsed("/coachee", code, "error.field.person"));
        let focus = list(&mut checked, "/focus", &self.focus, "error.field.competency");
        let modes = self.modes.clone().unwrap_or_else(|| vec![Mode::Online.to_string()]);
        let modes: Vec<Mode> = list(&mut checked, "/modes", &modes, "error.field.modes");
        let languages = self.languages.clone().unwrap_or_else(|| vec![Language::Indonesian.to_string()]);
        let languages: Vec<Language> = list(&mut checked, "/languages", &languages, "error.field.languages");
        checked.finish()?;
        Ok(Checks {
            coachee,
            focus,
            modes: modes.into_iter().fold(Modes::NONE, Modes::with),
            languages: languages.into_iter().fold(Languages::NONE, Languages::with),
            wish: self,
        })
    }
}

/// Asks for a coach in a cohort.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = [])),
    request_body = RequestWish,
    responses(
        (status = 201, description = "The request waits for a coach", body = WholeRequestBody,
            headers(("Location" = String, description = "Where it is"))),
        (status = 404, description = "No such cohort or coachee", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is one already, the cohort takes none at present or is not for the coachee, or no gap was measured", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/requests")]
pub(super) async fn ask(
    desk: Data<Desk>,
    caller: SignedIn,
    once: Once,
    body: Body<RequestWish>,
) -> Result<HttpResponse, AppError> {
    let asked = body.read()?.checked()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let act = Act::of(&caller, cx.now, None);
        let coachee = match &asked.coachee {
            Some(code) => people::id(db, code)?,
            None => caller.person()?,
        };
        let wish = Wish {
            cohort: asked.wish.cohort.clone(),
            coachee,
            focus: asked.focus.clone(),
            modes: asked.modes,
            languages: asked.languages,
            motivation: asked.wish.motivation.clone(),
        };
        let made = requests::ask(db, &act, &wish)?;
        let location = format!("/api/v1/requests/{}", made.id);
        told(StatusCode::CREATED, Some(location), &whole(db, &act, made.id)?)
    })
    .await
}

/// Lists the requests of the caller, the newest first.
#[utoipa::path(
    tag = "me",
    security(("bearer" = ["coachee"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only those in the cohort with this code"),
        ("status" = Option<String>, Query, description = "`open`, `matched`, `withdrawn` or `closed`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of requests", body = Page<RequestBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/me/requests")]
pub(super) async fn own(
    desk: Data<Desk>,
    caller: Coachee,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (limit, before) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.read(move |db, now| requests::own(db, &Act::of(&caller, now, None), &wanted, before, limit + 1));
    let answer = page(found.await?, limit, |shown| shown.request.id.to_string(), RequestBody::from);
    Ok(answer.answer(&request, reader.lang))
}

pub(super) fn wanted(params: &mut Params) -> Wanted {
    Wanted { cohort: params.text("cohort"), status: params.parsed("status", "error.parameter.request_status") }
}

/// Lists requests, the newest first; to an agency's admin, those of the agency's coachees.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only those in the cohort with this code"),
        ("status" = Option<String>, Query, description = "`open`, `matched`, `withdrawn` or `closed`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of requests", body = Page<RequestBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/requests")]
pub(super) async fn all(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "requests").through(params.filters());
    let (limit, before) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.show_list(look, limit, move |db, now| {
        requests::all(db, &Act::of(&caller, now, None), &wanted, before, limit + 1)
    });
    let answer = page(found.await?, limit, |shown| shown.request.id.to_string(), RequestBody::from);
    Ok(answer.answer(&request, reader.lang))
}

/// Shows a request with its place on the waiting list, to its coachee or an admin.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The request")),
    responses(
        (status = 200, description = "The request", body = WholeRequestBody, headers(("ETag" = String, description = "The version, for If-Match"))),
        (status = 404, description = "No such request", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/requests/{id}")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let look = Look::at(&caller, "requests").of(id.uuid());
    let found = desk.show_one(look, move |db, now| whole(db, &Act::of(&caller, now, None), id)).await?;
    Ok(versioned(found.request.version, &found))
}

/// Up to three coaches.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoicesWish {
    /// Their codes, the first choice first.
    #[schema(min_items = 1, max_items = 3, example = json!(["C000007", "C000012"]))]
    coaches: Vec<String>,
}

/// Chooses up to three coaches. The first is asked at once; if that one says no, or nothing, the next is.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = ["coachee"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The request"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the request as it was seen"),
    ),
    request_body = ChoicesWish,
    responses(
        (status = 201, description = "The first coach is asked", body = OfferBody,
            headers(("Location" = String, description = "Where the offer is"))),
        (status = 404, description = "No such request or coach", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A rule forbids a coach, the first has no place any more, an offer waits, or the cohort is being ranked", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/requests/{id}/choices")]
pub(super) async fn choose(
    desk: Data<Desk>,
    caller: Coachee,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<ChoicesWish>,
) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let mut checked = Checked::default();
    let coaches: Vec<PersonCode> = list(&mut checked, "/coaches", &body.read()?.coaches, "error.field.coach");
    checked.finish()?;
    let once = once.by(&caller).with(body.bytes());
    let caller = caller.0;
    let asking = caller.clone();
    let weigh = move |db: &mut Db, now| requests::weigh(db, &Act::of(&asking, now, seen.0), id, &coaches);
    let daily = desk.daily();
    desk.once_looked(once, weigh, move |db, cx, choice| {
        let act = Act::of(&caller, cx.now, seen.0);
        let offer = requests::choose(db, &act, choice, daily)?;
        let location = format!("/api/v1/offers/{}", offer.id);
        told(StatusCode::CREATED, Some(location), &super::offers::shown(db, &act, offer.id)?)
    })
    .await
}

/// Takes a request back, with the offers that wait. By the coachee or an admin.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The request"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the request as it was seen"),
    ),
    responses(
        (status = 200, description = "Taken back", body = WholeRequestBody),
        (status = 404, description = "No such request", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is not open", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/requests/{id}/withdraw")]
pub(super) async fn withdraw(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    desk.once(once.by(&caller), move |db, cx| {
        let act = Act::of(&caller, cx.now, seen.0);
        requests::withdraw(db, &act, id)?;
        told(StatusCode::OK, None, &whole(db, &act, id)?)
    })
    .await
}
