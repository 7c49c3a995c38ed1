//! Messages to be sent, written in the transaction of their cause.

use diesel::prelude::*;

use super::schema::outbox;
use super::types::{Doc, Stamp, Word};
use super::{CHUNK, Db, OutboxId, PersonId, StoreResult};
use crate::domain::{Email, MailStatus, Notice};

/// A mail to an address, as stored. Its id is also its Message-ID.
#[derive(Debug, Clone, Queryable)]
pub struct Mail {
    /// The id.
    pub id: OutboxId,
    /// What it is about: the name of its template.
    pub kind: String,
    /// The person it goes to, if it names one instead of an address.
    pub person: Option<PersonId>,
    /// The address it goes to.
    pub address: Option<Word<Email>>,
    /// Its language, if it is not that of the person.
    pub language: Option<String>,
    /// What the template needs. May hold secrets: never logged.
    pub data: Doc,
    /// Where it stands.
    pub status: Word<MailStatus>,
    /// Not to be sent before.
    pub not_before: Stamp,
    /// When it was written.
    pub created_at: Stamp,
}

/// Puts a mail to an address into the outbox.
///
/// # Errors
/// When the database cannot be written.
pub fn add(db: &mut Db, mail: &Mail) -> StoreResult<()> {
    diesel::insert_into(outbox::table)
        .values(row!(outbox {
            id: mail.id,
            kind: &mail.kind,
            address: mail.address.as_ref().map(|address| address.0.as_str()),
            language: mail.language.as_deref(),
            data: &mail.data,
            status: mail.status.0.as_str(),
            not_before: mail.not_before,
            created_at: mail.created_at,
        }))
        .execute(db)?;
    Ok(())
}

/// The newest messages, newest first, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, limit: i64) -> StoreResult<Vec<Mail>> {
    let columns = (
        outbox::id,
        outbox::kind,
        outbox::person,
        outbox::address,
        outbox::language,
        outbox::data,
        outbox::status,
        outbox::not_before,
        outbox::created_at,
    );
    Ok(outbox::table.order(outbox::id.desc()).limit(limit).select(columns).load(db)?)
}

/// Takes away what was never to be sent, if it is older than a time.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep_void(db: &mut Db, before: Stamp) -> StoreResult<usize> {
    let void = outbox::status.eq(MailStatus::Void.as_str()).and(outbox::created_at.lt(before));
    Ok(diesel::delete(outbox::table.filter(void)).execute(db)?)
}

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
