//! What is held about the caller, and what they may ask about it; and the queue in which an admin answers.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::Checked;
use super::respond::{Page, page};
use crate::domain::Purpose;
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, NationalAdmin, Once, Params, Reader, SignedIn, done, told};
use crate::i18n::Lang;
use crate::services::disclosures::Look;
use crate::services::my_data::{self, Held};
use crate::services::{Context, erasures};
use crate::store::DataRequestId;
use crate::store::data_requests::{Consent, DataRequest};

/// After how many days a wish to be erased is carried out.
#[derive(Debug, Clone, Copy)]
pub struct ErasureDays(pub u16);

/// All that is held about the caller.
#[derive(Serialize, ToSchema)]
struct HeldBody {
    /// When it was put together.
    made_at: DateTime<Utc>,
    /// By the names of the tables: rows, each with its columns. Secrets are left out, such as the hash of the password.
    #[schema(value_type = BTreeMap<String, Vec<Object>>, example = json!({ "persons": [{ "full_name": "Budi Santoso" }] }))]
    tables: Held,
}

fn attachment(name: &str, made_at: DateTime<Utc>, ending: &str) -> (header::HeaderName, String) {
    let day = made_at.date_naive();
    (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}-{day}.{ending}\""))
}

/// Gives all that is held about the caller, for programs. Secrets and copies of what stands elsewhere are left out.
#[utoipa::path(
    tag = "own data",
    security(("bearer" = [])),
    responses((status = 200, description = "All that is held", body = HeldBody,
        headers(("Content-Disposition" = String, description = "The name of the file"))))
)]
#[get("/me/data")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn) -> Result<HttpResponse, AppError> {
    let made_at = desk.now().time();
    let tables = held(&desk, caller).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(attachment("data", made_at, "json"))
        .json(HeldBody { made_at, tables }))
}

async fn held(desk: &Desk, caller: SignedIn) -> Result<Held, AppError> {
    desk.ask(move |cx| cx.store.snapshot(|db| my_data::held(db, &cx.auth.vault, &caller))).await
}

/// Gives all that is held about the caller, to be read by people, in the reader's language.
#[utoipa::path(
    tag = "own data",
    security(("bearer" = [])),
    responses((status = 200, description = "All that is held", content((String = "text/plain")),
        headers(("Content-Disposition" = String, description = "The name of the file"))))
)]
#[get("/me/data/readable")]
pub(super) async fn readable(desk: Data<Desk>, caller: SignedIn, reader: Reader) -> Result<HttpResponse, AppError> {
    let made_at = desk.now().time();
    let held = held(&desk, caller).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_LANGUAGE, reader.lang.code()))
        .insert_header(attachment("data", made_at, "txt"))
        .content_type("text/plain; charset=utf-8")
        .body(in_words(&held, made_at, reader.lang)))
}

fn in_words(held: &Held, made_at: DateTime<Utc>, lang: Lang) -> String {
    let made_at = made_at.format("%Y-%m-%d %H:%M UTC").to_string();
    let mut words = format!("{}\n{}\n", lang.tr("rights.title"), lang.fill("rights.made_at", &[("time", &made_at)]));
    for (table, rows) in held {
        words.push_str(&format!("\n== {} ==\n", lang.tr(&format!("rights.table.{table}"))));
        for row in rows {
            for (column, value) in row {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                words.push_str(&format!("{}: {value}\n", column.replace('_', " ")));
            }
            words.push('\n');
        }
    }
    words
}

/// A purpose and where the caller stands.
#[derive(Serialize, ToSchema)]
struct PurposeBody {
    /// `surveys`, `statistics` or `news`.
    #[schema(example = "surveys")]
    purpose: &'static str,
    /// What it means, in the reader's language.
    meaning: String,
    /// What follows when it is taken back.
    without: String,
    /// The version of the words.
    version: i32,
    /// Whether the caller agrees now.
    given: bool,
}

/// An entry of the ledger.
#[derive(Serialize, ToSchema)]
struct ConsentBody {
    /// The purpose.
    #[schema(example = "surveys")]
    purpose: &'static str,
    /// The version of its words.
    version: i32,
    /// Given, or taken back.
    given: bool,
    /// When.
    at: DateTime<Utc>,
}

impl From<Consent> for ConsentBody {
    fn from(entry: Consent) -> Self {
        let Consent { purpose, version, given, at, .. } = entry;
        Self { purpose: purpose.0.as_str(), version, given, at: at.time() }
    }
}

/// What the caller agrees to, now and before.
#[derive(Serialize, ToSchema)]
struct ConsentsBody {
    /// Every purpose.
    purposes: Vec<PurposeBody>,
    /// All that was said, the newest first.
    ledger: Vec<ConsentBody>,
}

impl ConsentsBody {
    fn of((now, ledger): (BTreeMap<Purpose, bool>, Vec<Consent>), lang: Lang) -> Self {
        let purpose = |(purpose, given): (Purpose, bool)| PurposeBody {
            purpose: purpose.as_str(),
            meaning: lang.tr(&format!("rights.purpose.{purpose}.meaning")).into_owned(),
            without: lang.tr(&format!("rights.purpose.{purpose}.without")).into_owned(),
            version: purpose.version(),
            given,
        };
        Self {
            purposes: now.into_iter().map(purpose).collect(),
            ledger: ledger.into_iter().map(ConsentBody::from).collect(),
        }
    }
}

/// Shows what the caller has agreed to, and what follows from taking it back.
#[utoipa::path(
    tag = "own data",
    security(("bearer" = [])),
    responses((status = 200, description = "Purposes and the ledger", body = ConsentsBody))
)]
#[get("/me/data/consents")]
pub(super) async fn consents(desk: Data<Desk>, caller: SignedIn, reader: Reader) -> Result<HttpResponse, AppError> {
    let found = desk.read(move |db, _| my_data::consents(db, &caller)).await?;
    let body = ConsentsBody::of(found, reader.lang);
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_LANGUAGE, reader.lang.code()))
        .json(body))
}

/// A word on a purpose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "purpose": "surveys", "given": true }))]
pub(super) struct ConsentWish {
    /// `surveys`, `statistics` or `news`.
    purpose: String,
    /// Whether the caller agrees from now on.
    given: bool,
}

/// Agrees to a purpose, or takes that back. What was said before stays in the ledger.
#[utoipa::path(
    tag = "own data",
    security(("bearer" = [])),
    request_body = ConsentWish,
    responses((status = 204, description = "Noted"))
)]
#[post("/me/data/consents")]
pub(super) async fn consent(
    desk: Data<Desk>,
    caller: SignedIn,
    once: Once,
    body: Body<ConsentWish>,
) -> Result<HttpResponse, AppError> {
    let ConsentWish { purpose, given } = body.read()?;
    let mut checked = Checked::default();
    let purpose: Option<Purpose> = checked.parsed("/purpose", &purpose, "rights.field.purpose");
    checked.finish()?;
    let purpose = purpose.ok_or(AppError::BadRequest)?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        my_data::consent(db, &caller, purpose, given, cx.now)?;
        Ok(done())
    })
    .await
}

/// A request about the own data.
#[derive(Serialize, ToSchema)]
struct DataRequestBody {
    /// Its id.
    id: Uuid,
    /// `erasure` or `correction`.
    #[schema(example = "correction")]
    kind: &'static str,
    /// `open`, `done`, `refused` or `withdrawn`.
    #[schema(example = "open")]
    status: &'static str,
    /// What is to be corrected, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    wish: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// When an erasure is carried out, unless it is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<DateTime<Utc>>,
    /// When it was decided, or taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    /// When it came.
    created_at: DateTime<Utc>,
    /// The account that asks.
    account: Uuid,
}

impl From<DataRequest> for DataRequestBody {
    fn from(request: DataRequest) -> Self {
        Self {
            id: request.id.uuid(),
            kind: request.kind.0.as_str(),
            status: request.status.0.as_str(),
            wish: request.wish,
            reason: request.reason,
            answer: request.answer,
            due_at: request.due_at.map(|at| at.time()),
            decided_at: request.decided_at.map(|at| at.time()),
            created_at: request.created_at.time(),
            account: request.account.uuid(),
        }
    }
}

/// Lists what the caller has asked about their data, the oldest first.
#[utoipa::path(
    tag = "own data",
    security(("bearer" = [])),
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of requests", body = Page<DataRequestBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/me/data/requests")]
pub(super) async fn own(
    desk: Data<Desk>,
    caller: SignedIn,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (limit, after) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    params.finish()?;
    let found = desk.read(move |db, _| my_data::own_requests(db, &caller, after, limit + 1)).await?;
    let shown = page(found, limit, |one| one.id.to_string(), DataRequestBody::from);
    let mut response = shown.answer(&request, reader.lang);
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What is to be corrected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "wish": "Jabatan saya kini Analis Madya.", "reason": "SK 12/2026 terlampir di SIMPEG." }))]
pub(super) struct CorrectionWish {
    /// What, and how it should be.
    #[schema(min_length = 1, max_length = 2000)]
    wish: String,
    /// How the caller knows.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Asks that something that comes from official records be corrected; an admin answers. Name and language of the
/// account are changed by `PATCH /me`, its address by `POST /me/email-changes`.
#[utoipa::path(
    tag = "own data",
    security(("bearer" = [])),
    request_body = CorrectionWish,
    responses((status = 201, description = "An admin will answer", body = DataRequestBody))
)]
#[post("/me/data/corrections")]
pub(super) async fn correct(
    desk: Data<Desk>,
    caller: SignedIn,
    once: Once,
    body: Body<CorrectionWish>,
) -> Result<HttpResponse, AppError> {
    let given = body.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let made = my_data::ask_correction(db, &caller, &given.wish, &given.reason, cx.now)?;
        told(StatusCode::CREATED, None, &DataRequestBody::from(made))
    })
    .await
}

/// The password, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ErasureWish {
    /// The password of the account.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Asks that the caller be erased. It is done after some days (`due_at`), and may be taken back until then. Completed
/// pairings stay, without a name. Admins and auditors hand their role over first.
#[utoipa::path(
    tag = "own data",
    security(("bearer" = [])),
    request_body = ErasureWish,
    responses(
        (status = 202, description = "It will be done", body = DataRequestBody),
        (status = 401, description = "The password is not right", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was asked for before, or the account runs the programme", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/data/erasure")]
pub(super) async fn ask_erasure(
    desk: Data<Desk>,
    caller: SignedIn,
    days: Data<ErasureDays>,
    once: Once,
    body: Body<ErasureWish>,
) -> Result<HttpResponse, AppError> {
    let password = body.read()?.password;
    let days = days.0;
    let once = once.by(&caller).with(body.bytes());
    let (asking, caller) = (caller.0.clone(), caller.0);
    let allow = move |cx: &Context| my_data::may_be_erased(cx, &asking, password.expose_secret());
    desk.once_after(once, allow, move |db, cx, ()| {
        let made = my_data::ask_erasure(db, &caller, days, cx.now)?;
        told(StatusCode::ACCEPTED, None, &DataRequestBody::from(made))
    })
    .await
}

/// Takes the wish to be erased back.
#[utoipa::path(
    tag = "own data",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Taken back"),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/me/data/erasure")]
pub(super) async fn withdraw_erasure(desk: Data<Desk>, caller: SignedIn) -> Result<HttpResponse, AppError> {
    desk.write(move |db, cx| my_data::withdraw_erasure(db, &caller, cx.now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists what people ask about their data, the oldest first.
#[utoipa::path(
    tag = "data requests",
    security(("bearer" = ["national_admin"])),
    params(
        ("status" = Option<String>, Query, description = "`open`, `done`, `refused` or `withdrawn`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of requests", body = Page<DataRequestBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/data-requests")]
pub(super) async fn queue(
    desk: Data<Desk>,
    caller: NationalAdmin,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "data_requests").through(params.filters());
    let (limit, after) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let status = params.parsed("status", "rights.parameter.status");
    params.finish()?;
    let found = desk.show_list(look, limit, move |db, _| my_data::queue(db, &caller, status, after, limit + 1)).await?;
    Ok(page(found, limit, |one| one.id.to_string(), DataRequestBody::from).answer(&request, reader.lang))
}

/// The answer to a correction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "done": true, "answer": "Sudah diperbaiki pada impor 28 November." }))]
pub(super) struct DataAnswerWish {
    /// Whether the records were corrected; else it is refused.
    done: bool,
    /// What the person will read.
    #[schema(min_length = 1, max_length = 2000)]
    answer: String,
}

/// Answers a correction: the records were corrected by an import, or it is refused, and why.
#[utoipa::path(
    tag = "data requests",
    security(("bearer" = ["national_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The request")),
    request_body = DataAnswerWish,
    responses(
        (status = 200, description = "Answered", body = DataRequestBody),
        (status = 404, description = "No such correction", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided before", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/data-requests/{id}/answer")]
pub(super) async fn answer(
    desk: Data<Desk>,
    caller: NationalAdmin,
    id: Path<String>,
    once: Once,
    body: Body<DataAnswerWish>,
) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let given = body.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let answered = my_data::answer(db, &caller, id, given.done, &given.answer, cx.now)?;
        told(StatusCode::OK, None, &DataRequestBody::from(answered))
    })
    .await
}

/// Carries out a wish to be erased before its time. That cannot be undone.
#[utoipa::path(
    tag = "data requests",
    security(("bearer" = ["national_admin"])),
    params(("id" = String, Path, format = Uuid, description = "The request")),
    responses(
        (status = 204, description = "Erased"),
        (status = 404, description = "No such wish", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided before", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/data-requests/{id}/erase")]
pub(super) async fn erase(
    desk: Data<Desk>,
    caller: NationalAdmin,
    id: Path<String>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let erased = desk
        .once(once.by(&caller), move |db, cx| {
            erasures::carry_out(db, &caller, id, cx.now)?;
            Ok(done())
        })
        .await?;
    desk.ask(|cx| {
        erasures::forget_traces(cx.store);
        Ok(())
    })
    .await?;
    Ok(erased)
}

fn request_id(text: &str) -> Result<DataRequestId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}
