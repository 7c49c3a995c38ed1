//! Cohorts, to the admin of all: which there are, and a new one.

use actix_web::HttpResponse;
use askama::Template;
use chrono::NaiveDate;

use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use crate::error::AppError;
use crate::face::{Form, PageNationalAdmin};
use crate::services::cohorts::{self, Listed, NewCohort};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context};
use crate::store::Db;

#[derive(Template)]
#[template(path = "pages/cohorts.html")]
struct CohortsPage<'a> {
    layout: Layout,
    given: Given<'a>,
    rows: Vec<Row>,
}

/// A cohort.
struct Row {
    name: String,
    code: String,
    days: String,
    open: bool,
}

/// Shows the cohorts, the newest first.
pub(super) async fn show(page: Page, admin: PageNationalAdmin) -> Result<HttpResponse, AppError> {
    again(&page, &admin, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let found = page.desk.read(cohorts::list).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let lang = layout.lang;
    let row = |Listed { cohort, open, .. }: Listed| {
        let day = |day: Option<NaiveDate>| day.map_or_else(|| "…".into(), |day| lang.date(day));
        let days = match (cohort.opens_on, cohort.closes_on) {
            (None, None) => layout.t("pages.cohorts.always"),
            (first, last) => format!("{} – {}", day(first), day(last)),
        };
        Row { name: cohort.name, code: cohort.code, days, open }
    };
    let shown = CohortsPage { rows: found.into_iter().map(row).collect(), given, layout };
    page.answer(&shown.layout, &shown)
}

/// Makes a cohort.
pub(super) async fn create(page: Page, admin: PageNationalAdmin, form: Form) -> Result<HttpResponse, AppError> {
    let tried = async {
        let day = |field: &str| match form.filled(field) {
            Some(text) => text.parse().map(Some).map_err(|_| fault(field, "pages.fault.date")),
            None => Ok(None),
        };
        let new = NewCohort {
            code: form.text("code").to_owned(),
            name: form.text("name").to_owned(),
            opens_on: day("opens_on")?,
            closes_on: day("closes_on")?,
        };
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            cohorts::create(db, act, &new)?;
            Ok("/cohorts?done=cohort_made".to_owned())
        };
        page.act(&admin, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &admin, Some(trouble), Given(Some(&form))).await).await
}
