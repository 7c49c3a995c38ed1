//! Questions that coachee and coach put to each other before they decide.

use diesel::prelude::*;

use super::schema::questions;
use super::types::{Stamp, Word};
use super::{Db, PersonId, QuestionId, RequestId, StoreResult, lost};
use crate::domain::Side;

/// A question as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Question {
    /// Its id.
    pub id: QuestionId,
    /// The request it is about.
    pub request: RequestId,
    /// The coach it is put to, or who puts it.
    pub coach: PersonId,
    /// Which side asks.
    pub asked_by: Word<Side>,
    /// The question.
    pub question: String,
    /// When it was put.
    pub asked_at: Stamp,
    /// The answer, once given.
    pub answer: Option<String>,
    /// When it was answered, if it was.
    pub answered_at: Option<Stamp>,
    /// How often it was changed; its making counts as the first.
    pub version: i32,
}

/// The question with an id.
///
/// # Errors
/// [`StoreError::NotFound`](super::StoreError::NotFound)
pub fn get(db: &mut Db, id: QuestionId) -> StoreResult<Question> {
    Ok(questions::table.find(id).get_result(db)?)
}

/// Puts a question.
///
/// # Errors
/// [`StoreError::Conflict`](super::StoreError::Conflict) when this side has put one before.
pub fn insert(db: &mut Db, question: &Question) -> StoreResult<()> {
    diesel::insert_into(questions::table)
        .values(row!(questions {
            id: question.id,
            request: question.request,
            coach: question.coach,
            asked_by: question.asked_by,
            question: &question.question,
            asked_at: question.asked_at,
            version: question.version,
        }))
        .execute(db)?;
    Ok(())
}

/// Answers a question.
///
/// # Errors
/// [`StoreError::Conflict`](super::StoreError::Conflict) when it was answered before.
pub fn answer(db: &mut Db, old: &Question, answer: &str, now: Stamp) -> StoreResult<()> {
    let open = questions::answered_at.is_null().and(questions::version.eq(old.version));
    let answered = diesel::update(questions::table.find(old.id).filter(open))
        .set(row!(questions { answer: answer, answered_at: now, version: old.version + 1 }))
        .execute(db)?;
    if answered == 1 { Ok(()) } else { Err(lost("question")) }
}

/// The questions about a request, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of_request(db: &mut Db, request: RequestId) -> StoreResult<Vec<Question>> {
    Ok(questions::table.filter(questions::request.eq(request)).order(questions::id).load(db)?)
}
