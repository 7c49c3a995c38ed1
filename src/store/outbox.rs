//! Messages to be sent, written in the transaction of their cause.

use diesel::prelude::*;

use super::schema::outbox;
use super::types::{Doc, Stamp};
use super::{CHUNK, Db, OutboxId, PersonId, StoreResult};
use crate::domain::Notice;

/// A message to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its kind.
    pub kind: Notice,
    /// To whom.
    pub person: PersonId,
    /// What it is about: ids, never contents.
    pub data: Doc,
}

/// Puts messages into the outbox.
///
/// # Errors
/// When the database cannot be written.
pub fn queue(db: &mut Db, messages: &[Message], now: Stamp) -> StoreResult<()> {
    for chunk in messages.chunks(CHUNK) {
        let rows = chunk.iter().map(|message| {
            row!(outbox {
                id: OutboxId::new(),
                kind: message.kind.as_str(),
                person: message.person,
                data: &message.data,
                not_before: now,
                created_at: now,
            })
        });
        insert_all!(db, outbox::table, rows.collect())?;
    }
    Ok(())
}
