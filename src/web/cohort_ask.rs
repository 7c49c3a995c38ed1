//! Asking for a coach: in which cohort, about what, how to meet.

use actix_web::HttpResponse;
use askama::Template;

use super::layout::{Layout, Page};
use super::profile::rows;
use super::sending::fault;
use super::trouble::{Given, Trouble};
use super::views::{GapRow, language_options, mode_options};
use crate::domain::{CompetencyCode, Language, Languages, Mode, Modes};
use crate::error::AppError;
use crate::face::{Form, PageCoachee};
use crate::i18n::Names;
use crate::services::requests::{self, Wish};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, coachees, cohorts};
use crate::store::Db;

#[derive(Template)]
#[template(path = "pages/ask.html")]
struct AskPage<'a> {
    layout: Layout,
    given: Given<'a>,
    cohorts: Vec<(String, String)>,
    gaps: Vec<GapRow>,
    modes: Vec<(String, String)>,
    languages: Vec<(String, String)>,
}

/// Shows the form.
pub(super) async fn show(page: Page, visitor: PageCoachee) -> Result<HttpResponse, AppError> {
    again(&page, &visitor, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| {
        let act = Act::of(&caller, now, None);
        Ok((coachees::own(db, &act)?, cohorts::open_to(db, &act)?))
    });
    let (profile, cohorts) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let names = Names { lang: layout.lang, reference: &profile.reference };
    let mut gaps = rows(&profile, names);
    gaps.retain(|row| row.gap > 0);
    gaps.sort_by_key(|row| std::cmp::Reverse(row.gap));
    let shown = AskPage {
        cohorts: cohorts.into_iter().map(|cohort| (cohort.code, cohort.name)).collect(),
        gaps,
        modes: mode_options(names),
        languages: language_options(names),
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Makes the request, and goes on to the coaches who fit.
pub(super) async fn ask(page: Page, visitor: PageCoachee, form: Form) -> Result<HttpResponse, AppError> {
    let tried = try_ask(&page, &visitor, &form);
    page.or_again(tried, async |trouble| again(&page, &visitor, Some(trouble), Given(Some(&form))).await).await
}

async fn try_ask(page: &Page, visitor: &Visitor, form: &Form) -> Result<HttpResponse, AppError> {
    let focus: Result<Vec<CompetencyCode>, _> = form.all("focus").map(str::parse).collect();
    let modes: Result<Vec<Mode>, _> = form.all("modes").map(str::parse).collect();
    let languages: Result<Vec<Language>, _> = form.all("languages").map(str::parse).collect();
    let wish = Wish {
        cohort: form.filled("cohort").ok_or_else(|| fault("cohort", "pages.fault.cohort"))?.to_owned(),
        coachee: visitor.caller.person()?,
        focus: focus.map_err(|_| fault("focus", "error.field.focus"))?,
        modes: modes.map_err(|_| fault("modes", "error.field.modes"))?.into_iter().fold(Modes::NONE, Modes::with),
        languages: languages
            .map_err(|_| fault("languages", "error.field.languages"))?
            .into_iter()
            .fold(Languages::NONE, Languages::with),
        motivation: form.filled("motivation").map(str::to_owned),
    };
    let work = move |db: &mut Db, _: &Context, act: &Act| {
        let made = requests::ask(db, act, &wish)?;
        Ok(format!("/requests/{}/coaches?done=request_made", made.id))
    };
    page.act(visitor, form, work).await
}
