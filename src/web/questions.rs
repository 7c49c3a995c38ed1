//! The one question that each side may put to the other before deciding.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::offers::{self as offer_page, offer_id};
use super::requests::request_id;
use super::shortlist::title as coach_title;
use super::trouble::{Given, Trouble};
use crate::domain::{PersonCode, Side};
use crate::error::AppError;
use crate::face::{Form, PageCoachee, PageSignedIn};
use crate::i18n::{Lang, Names};
use crate::services::questions::{self, Asked};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, directory, offers, people, requests};
use crate::store::{QuestionId, RequestId};

/// A question as both sides read it.
pub(super) struct QuestionView {
    pub id: QuestionId,
    /// Who has asked.
    pub by: Side,
    /// The same in words.
    pub who: String,
    pub question: String,
    pub answer: Option<String>,
    /// Whether the reader is the one to answer.
    pub mine: bool,
}

impl QuestionView {
    pub(super) fn of(asked: &Asked, reader: Option<Side>, lang: Lang) -> Self {
        let question = &asked.question;
        let by = question.asked_by.0;
        let who = match (by, reader) {
            (by, Some(reader)) if by == reader => lang.tr("pages.question.you").into_owned(),
            (Side::Coach, _) => lang.fill("pages.question.by_coach", &[("coach", &asked.coach.name.to_string())]),
            (Side::Coachee, _) => lang.tr("pages.question.by_coachee").into_owned(),
        };
        Self {
            id: question.id,
            by,
            who,
            question: question.question.clone(),
            answer: question.answer.clone(),
            mine: reader.is_some_and(|reader| reader != by),
        }
    }
}

#[derive(Template)]
#[template(path = "pages/question.html")]
struct QuestionPage<'a> {
    layout: Layout,
    given: Given<'a>,
    question: QuestionView,
    version: i32,
    /// Where the rest of the matter is.
    about: Option<String>,
}

/// Puts a question about an offer to the other side.
pub(super) async fn ask(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = offer_id(&id)?;
    let question = form.text("question").to_owned();
    let daily = page.desk.daily();
    let tried = page.act(&visitor, &form, move |db, _, act| {
        let offer = offers::get(db, act, id)?.shown.offer;
        questions::ask(db, act, offer.request, offer.coach, &question, daily)?;
        Ok(format!("/offers/{id}?done=asked"))
    });
    let again = async |trouble| offer_page::again(&page, &visitor, id, Some(trouble), Given(Some(&form))).await;
    page.or_again(tried, again).await
}

#[derive(Template)]
#[template(path = "pages/question_new.html")]
struct NewQuestionPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: RequestId,
    code: String,
    /// The coach, by what they offer.
    title: String,
}

/// Shows a coachee the form of a question to a coach who fits.
pub(super) async fn show_new(page: Page, visitor: PageCoachee, id: Path<String>) -> Result<HttpResponse, AppError> {
    new_question(&page, &visitor, request_id(&id)?, page.query("coach"), None, Given(None)).await
}

async fn new_question(
    page: &Page,
    visitor: &Visitor,
    id: RequestId,
    code: &str,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let (caller, code) = (visitor.caller.clone(), code.to_owned());
    let found = page.desk.read(move |db, now| {
        requests::get(db, &Act::of(&caller, now, None), id)?;
        Ok((directory::coach(db, code)?, directory::reference(db)?))
    });
    let (coach, reference) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let title = coach_title(&coach, Names { lang: layout.lang, reference: &reference });
    let shown = NewQuestionPage { id, code: coach.code, title, given, layout };
    page.answer(&shown.layout, &shown)
}

/// Puts a coachee's question to a coach who fits.
pub(super) async fn ask_coach(
    page: Page,
    visitor: PageCoachee,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (id, code) = (request_id(&id)?, form.text("coach"));
    let coach: PersonCode = code.parse().map_err(|_| AppError::NotFound)?;
    let question = form.text("question").to_owned();
    let daily = page.desk.daily();
    let tried = page.act(&visitor, &form, move |db, _, act| {
        let coach = people::id(db, &coach)?;
        questions::ask(db, act, id, coach, &question, daily)?;
        Ok(format!("/requests/{id}?done=asked"))
    });
    let again = async |trouble| new_question(&page, &visitor, id, code, Some(trouble), Given(Some(&form))).await;
    page.or_again(tried, again).await
}

fn question_id(text: &str) -> Result<QuestionId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Shows a question to the two whose it is.
pub(super) async fn show(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    again(&page, &visitor, question_id(&id)?, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    id: QuestionId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| questions::get(db, &Act::of(&caller, now, None), id)).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let about = match (found.reader, found.offer) {
        (_, Some(offer)) => Some(format!("/offers/{offer}")),
        (Side::Coachee, None) => Some(format!("/requests/{}", found.asked.question.request)),
        (Side::Coach, None) => None,
    };
    let question = QuestionView::of(&found.asked, Some(found.reader), layout.lang);
    let shown = QuestionPage { version: found.asked.question.version, question, about, given, layout };
    page.answer(&shown.layout, &shown)
}

/// Answers a question.
pub(super) async fn answer(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = question_id(&id)?;
    let answer = form.text("answer").to_owned();
    let tried = page.act(&visitor, &form, move |db, _, act| {
        questions::answer(db, act, id, &answer)?;
        Ok(format!("/questions/{id}?done=answer_sent"))
    });
    page.or_again(tried, async |trouble| again(&page, &visitor, id, Some(trouble), Given(Some(&form))).await).await
}
