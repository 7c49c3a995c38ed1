//! What a pair works on: goals, what is to be done, what to read; and what each says after a session.

use diesel::prelude::*;

use super::schema::{action_items, goals, pairing_resources, session_feedback};
use super::types::{Day, Stamp, Word};
use super::{ActionItemId, Db, GoalId, PairingId, ResourceId, SessionId, StoreError, StoreResult, lost};
use crate::domain::{CompetencyCode, GoalStatus, Side};

/// A goal as stored, after the GROW model.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Goal {
    /// Its id.
    pub id: GoalId,
    /// The pairing that works towards it.
    pub pairing: PairingId,
    /// The competency it is about, if one.
    pub competency: Option<Word<CompetencyCode>>,
    /// What is to be reached.
    pub goal: String,
    /// How things are now.
    pub reality: Option<String>,
    /// What could be done.
    pub options: Option<String>,
    /// What will be done.
    pub will: Option<String>,
    /// How far it is.
    pub status: Word<GoalStatus>,
    /// Who wrote it down.
    pub created_by: Word<Side>,
    /// When.
    pub created_at: Stamp,
    /// When it was last changed.
    pub changed_at: Stamp,
    /// How often it was changed; its making counts as the first.
    pub version: i32,
}

/// The goal with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn goal(db: &mut Db, id: GoalId) -> StoreResult<Goal> {
    Ok(goals::table.find(id).get_result(db)?)
}

/// The goals of a pairing, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn goals_of(db: &mut Db, pairing: PairingId) -> StoreResult<Vec<Goal>> {
    Ok(goals::table.filter(goals::pairing.eq(pairing)).order(goals::id).load(db)?)
}

/// Keeps a new goal.
///
/// # Errors
/// [`StoreError::Conflict`] when its competency is not there.
pub fn insert_goal(db: &mut Db, goal: &Goal) -> StoreResult<()> {
    diesel::insert_into(goals::table)
        .values(row!(goals {
            id: goal.id,
            pairing: goal.pairing,
            competency: &goal.competency,
            goal: &goal.goal,
            reality: &goal.reality,
            options: &goal.options,
            will: &goal.will,
            status: goal.status,
            created_by: goal.created_by,
            created_at: goal.created_at,
            changed_at: goal.changed_at,
            version: goal.version,
        }))
        .execute(db)?;
    Ok(())
}

/// Changes a goal from what it was, and counts its version up.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not any more what it was.
pub fn change_goal(db: &mut Db, old: &Goal, new: Goal) -> StoreResult<Goal> {
    let new = Goal { version: old.version + 1, ..new };
    let changed = diesel::update(goals::table.find(old.id).filter(goals::version.eq(old.version)))
        .set(row!(goals {
            competency: &new.competency,
            goal: &new.goal,
            reality: &new.reality,
            options: &new.options,
            will: &new.will,
            status: new.status,
            changed_at: new.changed_at,
            version: new.version,
        }))
        .execute(db)?;
    if changed == 1 { Ok(new) } else { Err(lost("goal")) }
}

/// Something that one of a pair is to do, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ActionItem {
    /// Its id.
    pub id: ActionItemId,
    /// The pairing.
    pub pairing: PairingId,
    /// The session in which it was agreed, if one.
    pub session: Option<SessionId>,
    /// Who is to do it.
    pub owner: Word<Side>,
    /// What.
    pub what: String,
    /// Until which day.
    pub due_on: Option<Day>,
    /// When it was done, if it is.
    pub done_at: Option<Stamp>,
    /// Who wrote it down.
    pub created_by: Word<Side>,
    /// When.
    pub created_at: Stamp,
    /// When it was last changed.
    pub changed_at: Stamp,
    /// How often it was changed; its making counts as the first.
    pub version: i32,
}

/// The action item with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn action_item(db: &mut Db, id: ActionItemId) -> StoreResult<ActionItem> {
    Ok(action_items::table.find(id).get_result(db)?)
}

/// The action items of a pairing, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn action_items_of(db: &mut Db, pairing: PairingId) -> StoreResult<Vec<ActionItem>> {
    Ok(action_items::table.filter(action_items::pairing.eq(pairing)).order(action_items::id).load(db)?)
}

/// Keeps a new action item.
///
/// # Errors
/// When the database cannot be written.
pub fn insert_action_item(db: &mut Db, item: &ActionItem) -> StoreResult<()> {
    diesel::insert_into(action_items::table)
        .values(row!(action_items {
            id: item.id,
            pairing: item.pairing,
            session: item.session,
            owner: item.owner,
            what: &item.what,
            due_on: item.due_on,
            done_at: item.done_at,
            created_by: item.created_by,
            created_at: item.created_at,
            changed_at: item.changed_at,
            version: item.version,
        }))
        .execute(db)?;
    Ok(())
}

/// Changes an action item from what it was, and counts its version up.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not any more what it was.
pub fn change_action_item(db: &mut Db, old: &ActionItem, new: ActionItem) -> StoreResult<ActionItem> {
    let new = ActionItem { version: old.version + 1, ..new };
    let changed = diesel::update(action_items::table.find(old.id).filter(action_items::version.eq(old.version)))
        .set(row!(action_items {
            owner: new.owner,
            what: &new.what,
            due_on: new.due_on,
            done_at: new.done_at,
            changed_at: new.changed_at,
            version: new.version,
        }))
        .execute(db)?;
    if changed == 1 { Ok(new) } else { Err(lost("action item")) }
}

/// Something to read or to watch, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// The pairing.
    pub pairing: PairingId,
    /// What it is.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// Who added it.
    pub added_by: Word<Side>,
    /// When.
    pub added_at: Stamp,
}

/// What a pair has to read, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn resources_of(db: &mut Db, pairing: PairingId) -> StoreResult<Vec<Resource>> {
    let of_it = pairing_resources::table.filter(pairing_resources::pairing.eq(pairing));
    Ok(of_it.order(pairing_resources::id).load(db)?)
}

/// Adds something to read.
///
/// # Errors
/// When the database cannot be written.
pub fn insert_resource(db: &mut Db, resource: &Resource) -> StoreResult<()> {
    diesel::insert_into(pairing_resources::table)
        .values(row!(pairing_resources {
            id: resource.id,
            pairing: resource.pairing,
            title: &resource.title,
            url: &resource.url,
            added_by: resource.added_by,
            added_at: resource.added_at,
        }))
        .execute(db)?;
    Ok(())
}

/// Takes something to read away.
///
/// # Errors
/// [`StoreError::NotFound`] when the pairing has no such thing.
pub fn delete_resource(db: &mut Db, pairing: PairingId, id: ResourceId) -> StoreResult<()> {
    let own = pairing_resources::table.find(id).filter(pairing_resources::pairing.eq(pairing));
    if diesel::delete(own).execute(db)? == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// What one side says after a session, each from 1 (not at all) to 5 (very much).
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Feedback {
    /// The session.
    pub session: SessionId,
    /// Whose word it is.
    pub given_by: Word<Side>,
    /// It brought us closer to the goal.
    pub progress: i16,
    /// The other side came prepared.
    pub preparation: i16,
    /// Everything could be said.
    pub trust: i16,
    /// In own words.
    pub comment: Option<String>,
    /// When it was given.
    pub given_at: Stamp,
}

/// What was said after a session.
///
/// # Errors
/// When the database cannot be read.
pub fn feedback_of(db: &mut Db, session: SessionId) -> StoreResult<Vec<Feedback>> {
    let of_it = session_feedback::table.filter(session_feedback::session.eq(session));
    Ok(of_it.order(session_feedback::given_by).load(db)?)
}

/// Keeps what one side says.
///
/// # Errors
/// [`StoreError::Conflict`] when it has spoken before.
pub fn insert_feedback(db: &mut Db, feedback: &Feedback) -> StoreResult<()> {
    diesel::insert_into(session_feedback::table)
        .values(row!(session_feedback {
            session: feedback.session,
            given_by: feedback.given_by,
            progress: feedback.progress,
            preparation: feedback.preparation,
            trust: feedback.trust,
            comment: &feedback.comment,
            given_at: feedback.given_at,
        }))
        .execute(db)?;
    Ok(())
}
