//! Cohorts, to admins: which there are, and a new one. An agency's admin sees all, and changes those of the agency alone.

use actix_web::HttpResponse;
use askama::Template;
use chrono::NaiveDate;

use super::cohort::{address, day};
use super::layout::{Layout, Page};
use super::trouble::{Given, Trouble};
use crate::domain::Admission;
use crate::error::AppError;
use crate::face::{Form, PageAdmin};
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
    /// For how many agencies, tiers and provinces, where it is not for all.
    groups: Vec<String>,
    /// Where it is changed, by whoever may.
    address: Option<String>,
}

/// Shows the cohorts, the newest first.
pub(super) async fn show(page: Page, admin: PageAdmin) -> Result<HttpResponse, AppError> {
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
    let own = visitor.caller.agency();
    let row = |Listed { cohort, terms, open, .. }: Listed| {
        let Admission { agencies, tiers, provinces } = &terms.admission;
        let counts = [("agencies", agencies.len()), ("tiers", tiers.len()), ("provinces", provinces.len())];
        let groups = counts.iter().filter(|(_, count)| *count > 0).map(|(kind, count)| {
            layout.lang.fill(&format!("pages.cohorts.only_{kind}"), &[("count", &count.to_string())])
        });
        let may_change = own.is_none_or(|own| terms.admission.is_of_agency(own));
        let day = |day: Option<NaiveDate>| day.map_or_else(|| "…".into(), |day| lang.date(day));
        let days = match (cohort.opens_on, cohort.closes_on) {
            (None, None) => layout.t("pages.cohorts.always"),
            (first, last) => format!("{} – {}", day(first), day(last)),
        };
        Row {
            groups: groups.collect(),
            address: may_change.then(|| address(&cohort.code)),
            name: cohort.name,
            code: cohort.code,
            days,
            open,
        }
    };
    let shown = CohortsPage { rows: found.into_iter().map(row).collect(), given, layout };
    page.answer(&shown.layout, &shown)
}

/// Makes a cohort.
pub(super) async fn create(page: Page, admin: PageAdmin, form: Form) -> Result<HttpResponse, AppError> {
    let tried = async {
        let new = NewCohort {
            code: form.text("code").to_owned(),
            name: form.text("name").to_owned(),
            opens_on: day(&form, "opens_on")?,
            closes_on: day(&form, "closes_on")?,
            admission: Admission::default(),
            policy: None,
        };
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            cohorts::create(db, act, &new)?;
            Ok("/cohorts?done=cohort_made".to_owned())
        };
        page.act(&admin, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &admin, Some(trouble), Given(Some(&form))).await).await
}
