//! Days off, to the admin of all, since decrees move them.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Days, NaiveDate};

use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use crate::domain::HolidayKind;
use crate::domain::reference::Holiday;
use crate::error::AppError;
use crate::face::{Form, PageNationalAdmin};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, holidays};
use crate::store::Db;

/// Days looked ahead.
const AHEAD: u64 = 400;

#[derive(Template)]
#[template(path = "pages/holidays.html")]
struct HolidaysPage<'a> {
    layout: Layout,
    given: Given<'a>,
    rows: Vec<Row>,
    kinds: Vec<(String, String)>,
}

/// A day off.
struct Row {
    day: String,
    name: String,
    kind: String,
    /// Whether no decree names it yet.
    estimated: bool,
}

/// Shows the days off that come.
pub(super) async fn show(page: Page, admin: PageNationalAdmin) -> Result<HttpResponse, AppError> {
    again(&page, &admin, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let found = page.desk.read(|db, now| {
        let from = now.time().date_naive();
        holidays::list(db, from, from.checked_add_days(Days::new(AHEAD)).unwrap_or(NaiveDate::MAX))
    });
    let found = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let lang = layout.lang;
    let kind = |kind: HolidayKind| layout.t(&format!("pages.holidays.kind.{kind}"));
    let row = |one: &Holiday| Row {
        day: lang.date(one.day),
        name: lang.pick(&one.name_id, &one.name_en).to_owned(),
        kind: kind(one.kind),
        estimated: one.estimated,
    };
    let shown = HolidaysPage {
        rows: found.iter().map(row).collect(),
        kinds: HolidayKind::ALL.iter().map(|one| (one.to_string(), kind(*one))).collect(),
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Says what a day is.
pub(super) async fn set(page: Page, admin: PageNationalAdmin, form: Form) -> Result<HttpResponse, AppError> {
    let tried = async {
        let day: NaiveDate = form.text("day").parse().map_err(|_| fault("day", "pages.fault.date"))?;
        let kind: HolidayKind = form.text("kind").parse().map_err(|_| fault("kind", "pages.fault.holiday_kind"))?;
        let (name_id, name_en) = (form.text("name_id").to_owned(), form.text("name_en").to_owned());
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            holidays::set(db, act, day, kind, &name_id, &name_en)?;
            Ok("/holidays?done=holiday_set".to_owned())
        };
        page.act(&admin, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &admin, Some(trouble), Given(Some(&form))).await).await
}
