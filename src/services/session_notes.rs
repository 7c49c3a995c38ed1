//! Notes on sessions: a summary that both share, and a private note of each. Encrypted where they lie; nobody
//! but the two reads the one, and nobody but its owner the other, whatever their rights.

use serde_json::{Map, Value, json};

use super::act::{Journal, Text, text};
use super::sessions::{self, Met};
use super::{Act, Refusal, ServiceError, ServiceResult};
use crate::auth::Vault;
use crate::domain::Side;
use crate::store::session_notes::{self as rows, Note};
use crate::store::types::{Stamp, Word};
use crate::store::{Db, NoteId, SessionId};

const TEXT: Text = Text { pointer: "/text", most: 20_000, expected: "error.field.note_text" };

/// Which note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The summary that both share.
    Shared,
    /// The own note.
    Private,
}

/// A note, open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// What it says.
    pub text: String,
    /// Who wrote it last.
    pub changed_by: Side,
    /// When.
    pub changed_at: Stamp,
    /// Its version.
    pub version: i32,
}

/// A note on a session, to one of the two; none when there is none.
///
/// # Errors
/// When it is neither of the two: not even the programme.
pub fn get(db: &mut Db, act: &Act, vault: &Vault, session: SessionId, which: Which) -> ServiceResult<Option<Open>> {
    let (_, side) = of_the_two(db, act, session)?;
    let note = stored(db, session, which, side)?;
    note.map(|note| open(vault, &note)).transpose()
}

/// Writes a note on a session, by one of the two. Whoever changes one says which version they saw; who writes the
/// first says nothing, and fails when there is one by now.
///
/// # Errors
/// When it is neither of the two, or the note was changed since.
pub fn write(
    db: &mut Db,
    act: &Act,
    vault: &Vault,
    session: SessionId,
    which: Which,
    says: &str,
) -> ServiceResult<Open> {
    let says = text(&TEXT, says)?;
    act.record(db, "session", |db, journal| {
        let (_, side) = of_the_two(db, act, session)?;
        let old = stored(db, session, which, side)?;
        saw(act, old.as_ref())?;
        let id = old.as_ref().map_or_else(NoteId::new, |old| old.id);
        let note = Note {
            id,
            session,
            owner: (which == Which::Private).then_some(Word(side)),
            sealed: vault.seal(says.as_bytes(), &place(id)),
            changed_by: Word(side),
            changed_at: act.now,
            version: 1,
        };
        let note = match old {
            Some(old) => rows::change(db, &old, note)?,
            None => {
                rows::insert(db, &note)?;
                note
            }
        };
        record(journal, &note, side, "written")?;
        Ok(Open { text: says.clone(), changed_by: side, changed_at: note.changed_at, version: note.version })
    })
}

/// Takes a note away, by one of the two.
///
/// # Errors
/// When it is neither of the two, there is none, or it was changed since.
pub fn delete(db: &mut Db, act: &Act, session: SessionId, which: Which) -> ServiceResult<()> {
    act.record(db, "note", |db, journal| {
        let (_, side) = of_the_two(db, act, session)?;
        let old = stored(db, session, which, side)?;
        let old = old.ok_or(crate::store::StoreError::NotFound)?;
        act.saw(old.version)?;
        rows::delete(db, &old)?;
        record(journal, &old, side, "deleted")
    })
}

fn of_the_two(db: &mut Db, act: &Act, session: SessionId) -> ServiceResult<(Met, Side)> {
    let met = sessions::find(db, session).map_err(|error| error.about("session"))?;
    let side = sessions::side(act, &met.pairing).ok_or(ServiceError::Forbidden)?;
    Ok((met, side))
}

fn stored(db: &mut Db, session: SessionId, which: Which, side: Side) -> ServiceResult<Option<Note>> {
    Ok(match which {
        Which::Shared => rows::shared(db, session)?,
        Which::Private => rows::private(db, session, side)?,
    })
}

/// Nobody writes over what they have not read.
fn saw(act: &Act, old: Option<&Note>) -> ServiceResult<()> {
    match (old, act.seen) {
        (Some(old), Some(seen)) if old.version == seen => Ok(()),
        (None, None) => Ok(()),
        _ => Err(Refusal::Stale.into()),
    }
}

/// Opens a row of what is held about a person: what it says takes the place of what is sealed.
pub(super) fn open_row(vault: &Vault, row: &mut Map<String, Value>) -> ServiceResult<()> {
    let text = |row: &mut Map<String, Value>, name| match row.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(ServiceError::Internal(format!("a note without {name}"))),
    };
    let (id, sealed) = (text(row, "id")?, text(row, "sealed")?);
    let id: NoteId = id.parse().map_err(|_| ServiceError::Internal("a note without an id".into()))?;
    row.insert("text".into(), unsealed(vault, id, &sealed)?.into());
    Ok(())
}

fn open(vault: &Vault, note: &Note) -> ServiceResult<Open> {
    let text = unsealed(vault, note.id, &note.sealed)?;
    let (changed_by, changed_at) = (note.changed_by.0, note.changed_at);
    Ok(Open { text, changed_by, changed_at, version: note.version })
}

fn unsealed(vault: &Vault, id: NoteId, sealed: &str) -> ServiceResult<String> {
    let unreadable = |why: &dyn std::fmt::Display| ServiceError::Internal(format!("note {id}: {why}"));
    let bytes = vault.open(sealed, &place(id)).map_err(|why| unreadable(&why))?;
    String::from_utf8(bytes).map_err(|_| unreadable(&"no text"))
}

/// What a note is sealed for: nowhere else does it open.
fn place(id: NoteId) -> String {
    format!("session_notes.sealed {id}")
}

fn record(journal: &mut Journal, note: &Note, side: Side, done: &str) -> ServiceResult<()> {
    let facts = json!({ "session": note.session, "side": side, "private": note.owner.is_some() });
    journal.note("session_note", note.id.uuid(), done, &facts)
}
