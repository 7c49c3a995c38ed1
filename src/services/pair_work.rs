//! What a pair works on, seen by the two alone: goals, action items, things to read, and feedback after sessions.

use serde_json::json;

use super::act::{Text, optional_text, text};
use super::sessions::{self, Met};
use super::{Act, Denial, Refusal, ServiceError, ServiceResult};
use crate::domain::{CompetencyCode, GoalStatus, SessionStatus, Side};
use crate::store::pair_work::{self as rows, ActionItem, Feedback, Goal, Resource};
use crate::store::pairings::{self, Pairing};
use crate::store::types::{Day, Stamp, Word};
use crate::store::{ActionItemId, Db, GoalId, PairingId, ResourceId, SessionId, reference, sessions as session_rows};

/// Most goals, action items or things to read of a pairing.
const MOST: usize = 200;
const GOAL: Text = Text { pointer: "/goal", most: 500, expected: "error.field.goal" };
const REALITY: Text = Text { pointer: "/reality", most: 1000, expected: "error.field.grow" };
const OPTIONS: Text = Text { pointer: "/options", ..REALITY };
const WILL: Text = Text { pointer: "/will", ..REALITY };
const WHAT: Text = Text { pointer: "/what", most: 500, expected: "error.field.goal" };
const TITLE: Text = Text { pointer: "/title", most: 200, expected: "error.field.name_200" };
const COMMENT: Text = Text { pointer: "/comment", most: 2000, expected: "error.field.long_text" };

/// All that a pair works on.
#[derive(Debug, Clone)]
pub struct Work {
    /// What is to be reached.
    pub goals: Vec<Goal>,
    /// What is to be done.
    pub action_items: Vec<ActionItem>,
    /// What is to be read.
    pub resources: Vec<Resource>,
}

/// All that a pair works on, to either of the two.
///
/// # Errors
/// When it is neither of them.
pub fn get(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Work> {
    of_the_two(db, act, id)?;
    Ok(Work {
        goals: rows::goals_of(db, id)?,
        action_items: rows::action_items_of(db, id)?,
        resources: rows::resources_of(db, id)?,
    })
}

/// A goal, to either of the two whose it is.
///
/// # Errors
/// When it is neither of them.
pub fn goal(db: &mut Db, act: &Act, id: GoalId) -> ServiceResult<Goal> {
    let goal = rows::goal(db, id).map_err(|error| ServiceError::from(error).about("goal"))?;
    of_the_two(db, act, goal.pairing)?;
    Ok(goal)
}

/// An action item, to either of the two whose it is.
///
/// # Errors
/// When it is neither of them.
pub fn action_item(db: &mut Db, act: &Act, id: ActionItemId) -> ServiceResult<ActionItem> {
    let item = rows::action_item(db, id).map_err(|error| ServiceError::from(error).about("action item"))?;
    of_the_two(db, act, item.pairing)?;
    Ok(item)
}

/// A goal in the words of the GROW model.
#[derive(Debug, Clone)]
pub struct GoalWish {
    /// The competency it is about, if one.
    pub competency: Option<CompetencyCode>,
    /// What is to be reached.
    pub goal: String,
    /// How things are now.
    pub reality: Option<String>,
    /// What could be done.
    pub options: Option<String>,
    /// What will be done.
    pub will: Option<String>,
    /// How far it is.
    pub status: GoalStatus,
}

impl GoalWish {
    fn checked(&self) -> ServiceResult<Self> {
        Ok(Self {
            competency: self.competency.clone(),
            goal: text(&GOAL, &self.goal)?,
            reality: optional_text(&REALITY, self.reality.as_deref())?,
            options: optional_text(&OPTIONS, self.options.as_deref())?,
            will: optional_text(&WILL, self.will.as_deref())?,
            status: self.status,
        })
    }
}

/// Writes a goal down, by either of the two.
///
/// # Errors
/// When it is neither of them, the pairing is over, the competency is not known, or there are too many.
pub fn add_goal(db: &mut Db, act: &Act, pairing: PairingId, wish: &GoalWish) -> ServiceResult<Goal> {
    let wish = wish.checked()?;
    act.record(db, "pairing", |db, journal| {
        let (_, side) = of_active(db, act, pairing)?;
        room(rows::goals_of(db, pairing)?.len())?;
        known(db, wish.competency.as_ref())?;
        let goal = Goal {
            id: GoalId::new(),
            pairing,
            competency: wish.competency.clone().map(Word),
            goal: wish.goal.clone(),
            reality: wish.reality.clone(),
            options: wish.options.clone(),
            will: wish.will.clone(),
            status: Word(wish.status),
            created_by: Word(side),
            created_at: act.now,
            changed_at: act.now,
            version: 1,
        };
        rows::insert_goal(db, &goal)?;
        let facts = json!({ "pairing": pairing, "competency": goal.competency.as_ref().map(|code| &code.0) });
        journal.note("goal", goal.id.uuid(), "added", &facts)?;
        Ok(goal)
    })
}

/// Changes a goal, by either of the two.
///
/// # Errors
/// When it is neither of them, the pairing is over, or the goal was changed since it was seen.
pub fn change_goal(db: &mut Db, act: &Act, id: GoalId, wish: &GoalWish) -> ServiceResult<Goal> {
    let wish = wish.checked()?;
    act.record(db, "goal", |db, journal| {
        let old = rows::goal(db, id)?;
        of_active(db, act, old.pairing)?;
        act.saw(old.version)?;
        known(db, wish.competency.as_ref())?;
        let new = Goal {
            competency: wish.competency.clone().map(Word),
            goal: wish.goal.clone(),
            reality: wish.reality.clone(),
            options: wish.options.clone(),
            will: wish.will.clone(),
            status: Word(wish.status),
            changed_at: act.now,
            ..old.clone()
        };
        let new = rows::change_goal(db, &old, new)?;
        journal.note("goal", id.uuid(), "changed", &json!({ "status": new.status.0 }))?;
        Ok(new)
    })
}

/// Something to do.
#[derive(Debug, Clone)]
pub struct ItemWish {
    /// The session in which it was agreed, if one.
    pub session: Option<SessionId>,
    /// Who is to do it.
    pub owner: Side,
    /// What.
    pub what: String,
    /// Until which day.
    pub due_on: Option<chrono::NaiveDate>,
    /// Whether it is done.
    pub done: bool,
}

/// Writes an action item down, by either of the two.
///
/// # Errors
/// When it is neither of them, the pairing is over, the session is not the pairing's, or there are too many.
pub fn add_action_item(db: &mut Db, act: &Act, pairing: PairingId, wish: &ItemWish) -> ServiceResult<ActionItem> {
    let what = text(&WHAT, &wish.what)?;
    act.record(db, "pairing", |db, journal| {
        let (_, side) = of_active(db, act, pairing)?;
        room(rows::action_items_of(db, pairing)?.len())?;
        if let Some(session) = wish.session
            && !session_rows::of_pairing(db, pairing)?.iter().any(|own| own.id == session)
        {
            return Err(Denial::fault("/session", "error.field.session").into());
        }
        let item = ActionItem {
            id: ActionItemId::new(),
            pairing,
            session: wish.session,
            owner: Word(wish.owner),
            what: what.clone(),
            due_on: wish.due_on.map(Day),
            done_at: wish.done.then_some(act.now),
            created_by: Word(side),
            created_at: act.now,
            changed_at: act.now,
            version: 1,
        };
        rows::insert_action_item(db, &item)?;
        journal.note("action_item", item.id.uuid(), "added", &json!({ "pairing": pairing, "owner": wish.owner }))?;
        Ok(item)
    })
}

/// Changes an action item, by either of the two: what it is, until when, and whether it is done.
///
/// # Errors
/// When it is neither of them, the pairing is over, or the item was changed since it was seen.
pub fn change_action_item(db: &mut Db, act: &Act, id: ActionItemId, wish: &ItemWish) -> ServiceResult<ActionItem> {
    let what = text(&WHAT, &wish.what)?;
    change_item(db, act, id, |old| ActionItem {
        owner: Word(wish.owner),
        what: what.clone(),
        due_on: wish.due_on.map(Day),
        done_at: done(act, old, wish.done),
        ..old.clone()
    })
}

/// Says that an action item is done, or that it is not yet after all, by either of the two.
///
/// # Errors
/// When it is neither of them, the pairing is over, or the item was changed since it was seen.
pub fn tick_action_item(db: &mut Db, act: &Act, id: ActionItemId, is_done: bool) -> ServiceResult<ActionItem> {
    change_item(db, act, id, |old| ActionItem { done_at: done(act, old, is_done), ..old.clone() })
}

/// When an item was done: who says so again does not make it later.
fn done(act: &Act, old: &ActionItem, is_done: bool) -> Option<Stamp> {
    if is_done { old.done_at.or(Some(act.now)) } else { None }
}

fn change_item(
    db: &mut Db,
    act: &Act,
    id: ActionItemId,
    change: impl Fn(&ActionItem) -> ActionItem,
) -> ServiceResult<ActionItem> {
    act.record(db, "action item", |db, journal| {
        let old = rows::action_item(db, id)?;
        of_active(db, act, old.pairing)?;
        act.saw(old.version)?;
        let new = rows::change_action_item(db, &old, ActionItem { changed_at: act.now, ..change(&old) })?;
        journal.note("action_item", id.uuid(), "changed", &json!({ "done": new.done_at.is_some() }))?;
        Ok(new)
    })
}

/// Adds something to read, by either of the two.
///
/// # Errors
/// When it is neither of them, the pairing is over, the address is not one of the web, or there are too many.
pub fn add_resource(db: &mut Db, act: &Act, pairing: PairingId, title: &str, url: &str) -> ServiceResult<Resource> {
    let title = text(&TITLE, title)?;
    let url = web_address(url)?;
    act.record(db, "pairing", |db, journal| {
        let (_, side) = of_active(db, act, pairing)?;
        room(rows::resources_of(db, pairing)?.len())?;
        let (title, url) = (title.clone(), url.clone());
        let resource = Resource { id: ResourceId::new(), pairing, title, url, added_by: Word(side), added_at: act.now };
        rows::insert_resource(db, &resource)?;
        journal.note("resource", resource.id.uuid(), "added", &json!({ "pairing": pairing }))?;
        Ok(resource)
    })
}

/// Takes something to read away, by either of the two.
///
/// # Errors
/// When it is neither of them, the pairing is over, or there is no such thing.
pub fn remove_resource(db: &mut Db, act: &Act, pairing: PairingId, id: ResourceId) -> ServiceResult<()> {
    act.record(db, "resource", |db, journal| {
        of_active(db, act, pairing)?;
        rows::delete_resource(db, pairing, id)?;
        journal.note("resource", id.uuid(), "removed", &json!({ "pairing": pairing }))
    })
}

/// What one side says after a session, each from 1 (not at all) to 5 (very much).
#[derive(Debug, Clone)]
pub struct FeedbackWish {
    /// It brought us closer to the goal.
    pub progress: i16,
    /// The other side came prepared.
    pub preparation: i16,
    /// Everything could be said.
    pub trust: i16,
    /// In own words.
    pub comment: Option<String>,
}

/// What was said after a session, as far as whoever acts may know it: the own word, and the other side's once both
/// have spoken, so that neither answers the other. The programme sees figures elsewhere, and no word of it.
///
/// # Errors
/// When it is neither of the two.
pub fn feedback(db: &mut Db, act: &Act, session: SessionId) -> ServiceResult<Vec<Feedback>> {
    let met = sessions::find(db, session).map_err(|error| error.about("session"))?;
    let side = sessions::side(act, &met.pairing).ok_or(ServiceError::Forbidden)?;
    let mut said = rows::feedback_of(db, session)?;
    if said.len() < 2 {
        said.retain(|one| one.given_by.0 == side);
    }
    Ok(said)
}

/// Keeps what one side says after a session that was held. Said once, and not taken back: the other side may have
/// read it.
///
/// # Errors
/// When it is neither of the two, the session was not held, or this side has spoken.
pub fn give_feedback(db: &mut Db, act: &Act, session: SessionId, wish: &FeedbackWish) -> ServiceResult<Feedback> {
    let scale = [("/progress", wish.progress), ("/preparation", wish.preparation), ("/trust", wish.trust)];
    if let Some((pointer, _)) = scale.into_iter().find(|(_, value)| !(1..=5).contains(value)) {
        return Err(Denial::fault(pointer, "error.field.rating").into());
    }
    let comment = optional_text(&COMMENT, wish.comment.as_deref())?;
    act.record(db, "session", |db, journal| {
        let Met { session: held, pairing } = sessions::find(db, session)?;
        let side = sessions::side(act, &pairing).ok_or(ServiceError::Forbidden)?;
        if held.status.0 != SessionStatus::Held {
            return Err(Refusal::SessionNotHeld.into());
        }
        if rows::feedback_of(db, session)?.iter().any(|said| said.given_by.0 == side) {
            return Err(Refusal::FeedbackGiven.into());
        }
        let feedback = Feedback {
            session,
            given_by: Word(side),
            progress: wish.progress,
            preparation: wish.preparation,
            trust: wish.trust,
            comment: comment.clone(),
            given_at: act.now,
        };
        rows::insert_feedback(db, &feedback)?;
        journal.note("session_feedback", session.uuid(), "given", &json!({ "side": side }))?;
        Ok(feedback)
    })
}

fn of_the_two(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<()> {
    let pairing = pairings::get(db, id).map_err(|error| ServiceError::from(error).about("pairing"))?;
    sessions::side(act, &pairing).map(drop).ok_or(ServiceError::Forbidden)
}

fn of_active(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<(Pairing, Side)> {
    let pairing = pairings::get(db, id)?;
    let side = sessions::active_side(act, &pairing)?;
    Ok((pairing, side))
}

fn room(there: usize) -> ServiceResult<()> {
    if there < MOST { Ok(()) } else { Err(Refusal::PairWorkFull.into()) }
}

fn known(db: &mut Db, competency: Option<&CompetencyCode>) -> ServiceResult<()> {
    match competency {
        Some(code) if !reference::has_competency(db, code)? => {
            Err(Denial::fault("/competency", "error.field.competency").into())
        }
        _ => Ok(()),
    }
}

/// An address that a page may link to: no scripts, no files.
fn web_address(text: &str) -> ServiceResult<String> {
    let good =
        |url: &url::Url| matches!(url.scheme(), "https" | "http") && url.has_host() && url.as_str().len() <= 1000;
    match url::Url::parse(text.trim()) {
        Ok(url) if good(&url) => Ok(url.into()),
        _ => Err(Denial::fault("/url", "error.field.url").into()),
    }
}
