//! Notes on sessions, sealed: this room sees no word of them.

use diesel::prelude::*;

use super::schema::session_notes;
use super::types::{Stamp, Word};
use super::{Db, NoteId, SessionId, StoreResult, lost};
use crate::domain::Side;

/// A note as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The session it is about.
    pub session: SessionId,
    /// Whose private note it is; none: the summary that both share.
    pub owner: Option<Word<Side>>,
    /// What it says, sealed.
    pub sealed: String,
    /// Who wrote it last.
    pub changed_by: Word<Side>,
    /// When.
    pub changed_at: Stamp,
    /// How often it was changed; its making counts as the first.
    pub version: i32,
}

/// The summary of a session that both share, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn shared(db: &mut Db, session: SessionId) -> StoreResult<Option<Note>> {
    let of_it = session_notes::session.eq(session).and(session_notes::owner.is_null());
    Ok(session_notes::table.filter(of_it).get_result(db).optional()?)
}

/// The private note of one side on a session, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn private(db: &mut Db, session: SessionId, owner: Side) -> StoreResult<Option<Note>> {
    let of_it = session_notes::session.eq(session).and(session_notes::owner.eq(owner.as_str()));
    Ok(session_notes::table.filter(of_it).get_result(db).optional()?)
}

/// Keeps a new note.
///
/// # Errors
/// [`StoreError::Conflict`](super::StoreError::Conflict) when there is one in its place.
pub fn insert(db: &mut Db, note: &Note) -> StoreResult<()> {
    diesel::insert_into(session_notes::table)
        .values(row!(session_notes {
            id: note.id,
            session: note.session,
            owner: note.owner,
            sealed: &note.sealed,
            changed_by: note.changed_by,
            changed_at: note.changed_at,
            version: note.version,
        }))
        .execute(db)?;
    Ok(())
}

/// Changes a note from what it was, and counts its version up.
///
/// # Errors
/// [`StoreError::Conflict`](super::StoreError::Conflict) when it is not any more what it was.
pub fn change(db: &mut Db, old: &Note, new: Note) -> StoreResult<Note> {
    let new = Note { version: old.version + 1, ..new };
    let changed = diesel::update(session_notes::table.find(old.id).filter(session_notes::version.eq(old.version)))
        .set(row!(session_notes {
            sealed: &new.sealed,
            changed_by: new.changed_by,
            changed_at: new.changed_at,
            version: new.version,
        }))
        .execute(db)?;
    if changed == 1 { Ok(new) } else { Err(lost("note")) }
}

/// Takes a note away.
///
/// # Errors
/// [`StoreError::Conflict`](super::StoreError::Conflict) when it is not any more what it was.
pub fn delete(db: &mut Db, old: &Note) -> StoreResult<()> {
    let same = session_notes::table.find(old.id).filter(session_notes::version.eq(old.version));
    if diesel::delete(same).execute(db)? == 1 { Ok(()) } else { Err(lost("note")) }
}
