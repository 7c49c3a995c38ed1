//! Assessments by hand, and what a pairing has brought.

use std::collections::BTreeMap;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::Checked;
use super::pairings::pairing_id;
use super::respond::Page;
use crate::domain::records::AssessmentRecord;
use crate::domain::{Level, PersonCode, Reference};
use crate::error::{AppError, Problem};
use crate::face::{Body, Coachee, Desk, Once, Reader, SignedIn, told};
use crate::i18n::{Lang, Names};
use crate::matching::levels::Found;
use crate::services::disclosures::Look;
use crate::services::outcomes::{self, Brought, Judged, Outcome};
use crate::services::{Act, directory};

/// Levels as somebody judges them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssessmentWish {
    /// A level, 1 to 5, for each competency that is judged, by its code; at least one.
    #[schema(example = json!({ "M.01": 3, "M.03": 2 }))]
    levels: BTreeMap<String, u8>,
}

impl AssessmentWish {
    fn read(self) -> Result<Judged, AppError> {
        let mut checked = Checked::default();
        let mut judged = Judged::new();
        for (code, level) in self.levels {
            let pointer = format!("/levels/{}", code.replace('~', "~0").replace('/', "~1"));
            let Some(competency) = checked.parsed(&pointer, &code, "credit.field.levels") else { continue };
            match Level::new(level) {
                Ok(level) => _ = judged.insert(competency, level),
                Err(_) => checked.refuse(&pointer, "credit.field.level"),
            }
        }
        checked.finish()?;
        Ok(judged)
    }
}

/// An assessment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AssessmentBody {
    /// How it was measured: `self`, `superior` or `assessment_centre`.
    #[schema(example = "superior")]
    method: &'static str,
    /// When.
    assessed_on: NaiveDate,
    /// What was found.
    levels: Vec<AssessedLevelBody>,
}

/// A level that was found.
#[derive(Debug, Serialize, ToSchema)]
struct AssessedLevelBody {
    /// Code of the competency.
    #[schema(example = "M.01")]
    competency: String,
    /// Its name in the reader's language.
    name: String,
    /// The level.
    #[schema(minimum = 1, maximum = 5)]
    level: u8,
}

impl AssessmentBody {
    fn of(record: AssessmentRecord, reference: &Reference, lang: Lang) -> Self {
        let names = Names { lang, reference };
        let level = |(code, level): (&crate::domain::CompetencyCode, Level)| AssessedLevelBody {
            competency: code.to_string(),
            name: names.competency(code),
            level: level.get(),
        };
        Self {
            method: record.method.as_str(),
            assessed_on: record.assessed_on,
            levels: record.levels.iter().map(level).collect(),
        }
    }
}

/// Keeps how the caller rates themself today. A second time on one day replaces the first.
#[utoipa::path(
    tag = "me",
    security(("bearer" = ["coachee"])),
    request_body = AssessmentWish,
    responses(
        (status = 201, description = "Kept", body = AssessmentBody),
        (status = 404, description = "The records know no such coachee", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/assessments")]
pub(super) async fn rate_self(
    desk: Data<Desk>,
    caller: Coachee,
    reader: Reader,
    once: Once,
    body: Body<AssessmentWish>,
) -> Result<HttpResponse, AppError> {
    let judged = body.read()?.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let kept = outcomes::rate_self(db, &Act::of(&caller, cx.now, None), &judged)?;
        told(StatusCode::CREATED, None, &AssessmentBody::of(kept, &directory::reference(db)?, reader.lang))
    })
    .await
}

/// Keeps how the caller, who is the superior of a coachee, rates them today. A second time on one day replaces the
/// first.
#[utoipa::path(
    tag = "coachees",
    security(("bearer" = [])),
    params(("code" = String, Path, description = "The code of the coachee")),
    request_body = AssessmentWish,
    responses(
        (status = 201, description = "Kept", body = AssessmentBody),
        (status = 403, description = "The caller is not the superior", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/coachees/{code}/assessments")]
pub(super) async fn rate_other(
    desk: Data<Desk>,
    caller: SignedIn,
    reader: Reader,
    code: Path<String>,
    once: Once,
    body: Body<AssessmentWish>,
) -> Result<HttpResponse, AppError> {
    let judged = body.read()?.read()?;
    let code = PersonCode::new(&code).map_err(|_| AppError::NotFound)?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let kept = outcomes::rate_other(db, &Act::of(&caller, cx.now, None), &code, &judged)?;
        told(StatusCode::CREATED, None, &AssessmentBody::of(kept, &directory::reference(db)?, reader.lang))
    })
    .await
}

/// Lists what was found of the caller, the newest first.
#[utoipa::path(
    tag = "me",
    security(("bearer" = ["coachee"])),
    responses(
        (status = 200, description = "All of them", body = Page<AssessmentBody>),
        (status = 404, description = "The records know no such coachee", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/me/assessments")]
pub(super) async fn history(desk: Data<Desk>, caller: Coachee, reader: Reader) -> Result<HttpResponse, AppError> {
    let found = desk.read(move |db, now| outcomes::history(db, &Act::of(&caller, now, None)));
    let (found, reference) = found.await?;
    let items = found.into_iter().map(|record| AssessmentBody::of(record, &reference, reader.lang)).collect();
    Ok(in_language(reader.lang, &Page { items, next_cursor: None }))
}

fn in_language(lang: Lang, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_LANGUAGE, lang.code()))
        .insert_header((header::VARY, "Accept-Language"))
        .json(body)
}

/// What a pairing has brought.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BroughtBody {
    /// The day on which the pairing began: what was measured on it or earlier is before.
    began_on: NaiveDate,
    /// The competencies it was about: those in the focus of its request, or else the largest gaps when it began; then
    /// those of its goals.
    competencies: Vec<OutcomeBody>,
}

/// A competency before and after a pairing.
#[derive(Debug, Serialize, ToSchema)]
struct OutcomeBody {
    /// Its code.
    #[schema(example = "M.01")]
    competency: String,
    /// Its name in the reader's language.
    name: String,
    /// The level that the position requires today; null when none is.
    #[schema(minimum = 1, maximum = 5)]
    required: Option<u8>,
    /// What was found when the pairing began; null when nobody had measured.
    before: Option<FoundBody>,
    /// What was found since; null when nobody has measured.
    after: Option<FoundBody>,
    /// Levels missing when the pairing began; null when nobody had measured.
    #[schema(minimum = 0, maximum = 4)]
    gap_before: Option<u8>,
    /// Levels missing since; null when nobody has measured.
    #[schema(minimum = 0, maximum = 4)]
    gap_after: Option<u8>,
    /// By how many levels the gap is smaller; below 0 where it is larger; null unless both were measured.
    #[schema(minimum = -4, maximum = 4)]
    closed: Option<i16>,
    /// What must be said with these numbers.
    remarks: Vec<RemarkBody>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
struct FoundBody {
    /// The level.
    #[schema(minimum = 1, maximum = 5)]
    level: u8,
    /// How it was measured: `self`, `superior` or `assessment_centre`.
    #[schema(example = "superior")]
    method: &'static str,
    /// When.
    assessed_on: NaiveDate,
}

impl From<Found> for FoundBody {
    fn from(found: Found) -> Self {
        Self { level: found.level.get(), method: found.method.as_str(), assessed_on: found.assessed_on }
    }
}

/// What must be said with numbers.
#[derive(Debug, Serialize, ToSchema)]
struct RemarkBody {
    /// `not_measured_before`, `not_measured_after`, `methods_differ` or `self_rated`.
    #[schema(example = "self_rated")]
    code: &'static str,
    /// In the reader's language.
    text: String,
}

impl OutcomeBody {
    fn of(outcome: Outcome, names: &Names) -> Self {
        let remark = |remark: outcomes::Remark| RemarkBody {
            code: remark.as_str(),
            text: names.lang.tr(&format!("credit.remark.{remark}")).into_owned(),
        };
        Self {
            name: names.competency(&outcome.competency),
            required: Some(outcome.required).filter(|level| *level > 0),
            gap_before: outcome.gap_before(),
            gap_after: outcome.gap_after(),
            closed: outcome.closed(),
            remarks: outcome.remarks().into_iter().map(remark).collect(),
            before: outcome.before.map(FoundBody::from),
            after: outcome.after.map(FoundBody::from),
            competency: outcome.competency.to_string(),
        }
    }
}

/// Shows what a pairing has brought so far, per competency: level and gap before and after, how and when each was
/// measured, and what that is worth. To its two sides and an admin.
#[utoipa::path(
    tag = "pairings",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    responses((status = 200, description = "What it has brought", body = BroughtBody))
)]
#[get("/pairings/{id}/outcome")]
pub(super) async fn show(
    desk: Data<Desk>,
    caller: SignedIn,
    reader: Reader,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let look = Look::at(&caller, "outcomes").of(id.uuid());
    let found = desk.show_one(look, move |db, now| outcomes::outcome(db, &Act::of(&caller, now, None), id)).await?;
    let Brought { began_on, outcomes, reference } = found;
    let names = Names { lang: reader.lang, reference: &reference };
    let competencies = outcomes.into_iter().map(|outcome| OutcomeBody::of(outcome, &names)).collect();
    Ok(in_language(reader.lang, &BroughtBody { began_on, competencies }))
}
