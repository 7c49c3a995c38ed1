//! What a superior rates: the coachees whose superior they are, and a form for each.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::rating::{Question, judged};
use super::trouble::{Given, Trouble};
use crate::domain::PersonCode;
use crate::domain::reference::Competency;
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::i18n::{Lang, Names};
use crate::services::sign_ins::Visitor;
use crate::services::superiors::{self, Standing};
use crate::services::{Act, Context, directory, outcomes};
use crate::store::Db;

#[derive(Template)]
#[template(path = "pages/reports.html")]
struct ReportsPage {
    layout: Layout,
    rows: Vec<ReportRow>,
}

/// A coachee in the list.
struct ReportRow {
    code: PersonCode,
    name: String,
    position: String,
    rated: String,
    /// Why a rating is missing, if it is.
    missing: Option<String>,
}

impl ReportRow {
    fn of(standing: Standing, lang: Lang) -> Self {
        let rated = standing.rated_on.map(|day| lang.fill("pages.reports.rated", &[("day", &lang.date(day))]));
        Self {
            name: standing.report.name.to_string(),
            code: standing.report.code,
            position: standing.report.position,
            rated: rated.unwrap_or_else(|| lang.tr("pages.reports.unrated").into_owned()),
            missing: standing.missing.map(|why| lang.tr(&format!("pages.reports.missing.{why}")).into_owned()),
        }
    }
}

/// Shows the coachees whose superior looks at the page.
pub(super) async fn list(page: Page, visitor: PageSignedIn) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| superiors::own_people(db, &Act::of(&caller, now, None))).await?;
    let layout = page.layout(Some(&visitor));
    let rows = found.into_iter().map(|standing| ReportRow::of(standing, layout.lang)).collect();
    let shown = ReportsPage { rows, layout };
    page.answer(&shown.layout, &shown)
}

#[derive(Template)]
#[template(path = "pages/report.html")]
struct ReportPage {
    layout: Layout,
    code: PersonCode,
    heading: String,
    position: String,
    first: Vec<Question>,
}

fn person_code(text: &str) -> Result<PersonCode, AppError> {
    PersonCode::new(text).map_err(|_| AppError::NotFound)
}

/// Shows the form for a coachee, to their superior alone.
pub(super) async fn show(page: Page, visitor: PageSignedIn, code: Path<String>) -> Result<HttpResponse, AppError> {
    again(&page, &visitor, person_code(&code)?, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    code: PersonCode,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let of = code.clone();
    let found = page.desk.read(move |db, now| superiors::one(db, &Act::of(&caller, now, None), &of)).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let names = Names { lang: layout.lang, reference: &found.reference };
    // All that the position requires: what the coachee wants to work on is for the coachee to say.
    let all = found.reference.competencies().iter().zip(&found.required);
    let asked = all.filter(|(_, required)| **required > 0).map(|(one, _)| one);
    let question = |one: &Competency| Question::of(one, &found.today, &given, names);
    let shown = ReportPage {
        heading: layout.lang.fill("pages.report.title", &[("who", &found.coachee.name.to_string())]),
        position: found.coachee.position.clone(),
        first: asked.map(question).collect(),
        code,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Keeps what the superior says.
pub(super) async fn rate(
    page: Page,
    visitor: PageSignedIn,
    code: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let code = person_code(&code)?;
    let tried = async {
        let reference = page.desk.read(|db, _| Ok(directory::reference(db)?)).await?;
        let (judged, of) = (judged(&form, &reference)?, code.clone());
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            outcomes::rate_other(db, act, &of, &judged)?;
            Ok("/assessments?done=rated_other".to_owned())
        };
        page.act(&visitor, &form, work).await
    };
    let again = async |trouble| again(&page, &visitor, code.clone(), Some(trouble), Given(Some(&form))).await;
    page.or_again(tried, again).await
}
