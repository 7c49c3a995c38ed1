//! How a coachee rates themself: what their coaching is about first, with what each level means.

use actix_web::HttpResponse;
use askama::Template;

use super::layout::{Layout, Page};
use super::rating::{Question, judged};
use super::trouble::{Given, Trouble};
use crate::domain::AssessmentMethod;
use crate::domain::reference::Competency;
use crate::error::AppError;
use crate::face::{Form, PageCoachee};
use crate::i18n::Names;
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, directory, outcomes, superiors};
use crate::store::Db;

#[derive(Template)]
#[template(path = "pages/assessment.html")]
struct AssessmentPage {
    layout: Layout,
    first: Vec<Question>,
    others: Vec<Question>,
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
        let (history, reference) = outcomes::history(db, &act)?;
        let today = superiors::said_today(&history, AssessmentMethod::SelfAssessment, act.today());
        Ok((outcomes::own_focus(db, &act)?, today, reference))
    });
    let (focus, today, reference) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let names = Names { lang: layout.lang, reference: &reference };
    let question = |one: &Competency| Question::of(one, &today, &given, names);
    let all = reference.competencies().iter();
    let (first, others): (Vec<_>, Vec<_>) = all.partition(|one| focus.contains(&one.code));
    let (first, others) = if first.is_empty() { (others, first) } else { (first, others) };
    let shown = AssessmentPage {
        first: first.into_iter().map(question).collect(),
        others: others.into_iter().map(question).collect(),
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Keeps what the coachee says.
pub(super) async fn rate(page: Page, visitor: PageCoachee, form: Form) -> Result<HttpResponse, AppError> {
    let tried = async {
        let reference = page.desk.read(|db, _| Ok(directory::reference(db)?)).await?;
        let judged = judged(&form, &reference)?;
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            outcomes::rate_self(db, act, &judged)?;
            Ok("/profile?done=rated".to_owned())
        };
        page.act(&visitor, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &visitor, Some(trouble), Given(Some(&form))).await).await
}
