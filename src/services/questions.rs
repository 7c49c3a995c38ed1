//! Questions that coachee and coach put to each other before they decide: one each.

use serde_json::json;

use super::act::{Text, text};
use super::limits::Daily;
use super::{Act, Refusal, ServiceError, ServiceResult, eligible};
use crate::domain::{Notice, OfferStatus, RequestStatus, Side};
use crate::store::people::{self, Card};
use crate::store::questions::{self, Question};
use crate::store::types::Word;
use crate::store::{Db, OfferId, PersonId, QuestionId, RequestId, offers, places, requests};

const QUESTION: Text = Text { pointer: "/question", most: 1000, expected: "error.field.question" };
const ANSWER: Text = Text { pointer: "/answer", ..QUESTION };

/// A question, with the name of the coach.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// The coach who asks or is asked.
    pub coach: Card,
}

/// A question with the name of the coach.
///
/// # Errors
/// When the database cannot be read.
pub fn named(db: &mut Db, question: Question) -> ServiceResult<Asked> {
    super::shown::only(shown(db, vec![question]))
}

/// A question as one of the two whose it is reads it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The question.
    pub asked: Asked,
    /// Which of the two reads it.
    pub reader: Side,
    /// The offer that it was asked about, if the reader may see one.
    pub offer: Option<OfferId>,
}

/// A question, to the two whose it is.
///
/// # Errors
/// When it is neither of them.
pub fn get(db: &mut Db, act: &Act, id: QuestionId) -> ServiceResult<Seen> {
    let question = questions::get(db, id).map_err(|error| ServiceError::from(error).about("question"))?;
    let request = requests::get(db, question.request)?;
    let reader = match () {
        () if act.by(request.coachee) => Side::Coachee,
        () if act.by(question.coach) => Side::Coach,
        () => return Err(ServiceError::Forbidden),
    };
    let offers = offers::of_request(db, question.request)?;
    let sees = |offer: &&offers::Offer| {
        offer.coach == question.coach && (reader == Side::Coachee || offer.has_reached_coach())
    };
    let offer = offers.iter().rev().find(sees).map(|offer| offer.id);
    Ok(Seen { asked: named(db, question)?, reader, offer })
}

/// Questions with names.
pub(super) fn shown(db: &mut Db, rows: Vec<Question>) -> ServiceResult<Vec<Asked>> {
    let cards = people::cards(db, &rows.iter().map(|row| row.coach).collect::<Vec<_>>())?;
    let asked = |question: Question| cards.get(&question.coach).cloned().map(|coach| Asked { question, coach });
    Ok(rows.into_iter().filter_map(asked).collect())
}

/// Puts a question: the coachee of an open request to a coach, or a coach who is asked to take it to
/// the coachee.
///
/// # Errors
/// When it is neither of them, the request is not open, a rule forbids the coach, this side has put its question, or
/// whoever asks has asked too much today.
pub fn ask(
    db: &mut Db,
    act: &Act,
    request: RequestId,
    coach: PersonId,
    question: &str,
    daily: Daily,
) -> ServiceResult<Question> {
    let question = text(&QUESTION, question)?;
    act.record(db, "request", |db, journal| {
        let request = requests::get(db, request)?;
        places::get(db, coach)?;
        let live = offers::live_of_request(db, request.id)?;
        let mut offered = live.iter().filter(|offer| offer.coach == coach);
        let (asked_by, other) = if act.by(request.coachee) {
            (Side::Coachee, coach)
        } else if act.by(coach) && offered.clone().any(|offer| offer.status.0 == OfferStatus::Pending) {
            (Side::Coach, request.coachee)
        } else {
            return Err(ServiceError::Forbidden);
        };
        if request.status.0 != RequestStatus::Open {
            return Err(Refusal::RequestNotOpen.into());
        }
        let before = questions::of_request(db, request.id)?;
        if before.iter().any(|before| before.coach == coach && before.asked_by.0 == asked_by) {
            return Err(Refusal::QuestionAsked.into());
        }
        let asker = if asked_by == Side::Coachee { request.coachee } else { coach };
        daily.question(db, asker, act.now)?;
        if asked_by == Side::Coachee && offered.next().is_none() {
            // Who cannot be chosen is not bothered.
            let (coachee, code) = (people::code(db, request.coachee)?, people::code(db, coach)?);
            let codes = std::slice::from_ref(&code);
            eligible::few(db, request.cohort, &coachee, codes, act.now)?.admit(&code)?;
        }
        let question = Question {
            id: QuestionId::new(),
            request: request.id,
            coach,
            asked_by: Word(asked_by),
            question: question.clone(),
            asked_at: act.now,
            answer: None,
            answered_at: None,
            version: 1,
        };
        questions::insert(db, &question)?;
        journal.note("question", question.id.uuid(), "asked", &json!({ "request": request.id, "side": asked_by }))?;
        journal.tell(Notice::QuestionAsked, other, question.id.uuid())?;
        Ok(question)
    })
}

/// Answers a question, by the side that was asked.
///
/// # Errors
/// When it is not that side, or the question was answered before.
pub fn answer(db: &mut Db, act: &Act, id: QuestionId, answer: &str) -> ServiceResult<Question> {
    let answer = text(&ANSWER, answer)?;
    act.record(db, "question", |db, journal| {
        let question = questions::get(db, id)?;
        let coachee = requests::get(db, question.request)?.coachee;
        let (asker, asked) = match question.asked_by.0 {
            Side::Coachee => (coachee, question.coach),
            Side::Coach => (question.coach, coachee),
        };
        act.allow(act.by(asked))?;
        act.saw(question.version)?;
        if question.answered_at.is_some() {
            return Err(Refusal::QuestionAnswered.into());
        }
        questions::answer(db, &question, &answer, act.now)?;
        journal.note("question", id.uuid(), "answered", &json!({}))?;
        journal.tell(Notice::QuestionAnswered, asker, id.uuid())?;
        Ok(questions::get(db, id)?)
    })
}
