//! What two have before them as they go into a session: their goals, and what they noted down the last time.

use super::work::GoalRow;
use crate::domain::{GoalStatus, Reference};
use crate::i18n::{Lang, Names};
use crate::services::session_notes::{self, Open, Which};
use crate::services::sessions::{self, Met};
use crate::services::{Act, Context, ServiceResult, directory, pair_work};
use crate::store::pair_work::Goal;
use crate::store::sessions::Session;
use crate::store::{Db, SessionId};

/// What is read.
pub(super) struct Preparation {
    goals: Vec<Goal>,
    /// The goals in the words of the agreement, which stand for others until there are any.
    agreed: Option<String>,
    /// The newest note that both share on a session before this one.
    note: Option<(Session, Open)>,
    reference: Reference,
}

impl Preparation {
    /// What the two have before them, to one of them.
    pub(super) fn read(db: &mut Db, cx: &Context, act: &Act, met: &Met) -> ServiceResult<Self> {
        let mut goals = pair_work::get(db, act, met.pairing.id)?.goals;
        goals.retain(|goal| goal.status.0 == GoalStatus::Open);
        Ok(Self {
            goals,
            agreed: met.pairing.agreement().map(|terms| terms.goals),
            note: last_note(db, cx, act, &met.session)?,
            reference: directory::reference(db)?,
        })
    }
}

fn last_note(db: &mut Db, cx: &Context, act: &Act, session: &Session) -> ServiceResult<Option<(Session, Open)>> {
    let mut before = sessions::of_pairing(db, act, session.pairing)?;
    before.retain(|other| other.starts_at < session.starts_at);
    before.sort_by_key(|other| other.starts_at);
    while let Some(other) = before.pop() {
        if let Some(note) = session_notes::get(db, act, &cx.auth.vault, other.id, Which::Shared)? {
            return Ok(Some((other, note)));
        }
    }
    Ok(None)
}

/// The same in words.
pub(super) struct PreparationView {
    pub goals: Vec<GoalRow>,
    pub agreed: Option<String>,
    pub note: Option<NoteRow>,
}

/// The note of a session before.
pub(super) struct NoteRow {
    pub session: SessionId,
    pub title: String,
    pub text: String,
}

impl PreparationView {
    pub(super) fn of(found: &Preparation, lang: Lang) -> Self {
        let names = Names { lang, reference: &found.reference };
        let note = |(session, note): &(Session, Open)| NoteRow {
            session: session.id,
            title: lang.fill("pages.session.title", &[("number", &session.number.to_string())]),
            text: note.text.clone(),
        };
        Self {
            goals: found.goals.iter().map(|goal| GoalRow::of(goal, names)).collect(),
            agreed: found.agreed.clone().filter(|_| found.goals.is_empty()),
            note: found.note.as_ref().map(note),
        }
    }
}
