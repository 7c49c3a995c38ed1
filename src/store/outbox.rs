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

/// Takes away what was sent before a time, at most so many; those that were given up stay. Ids lie in order of
/// time, so that only old rows are looked at.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep_sent(db: &mut Db, before: Stamp, limit: i64) -> StoreResult<usize> {
    let millis = u64::try_from(before.time().timestamp_millis()).unwrap_or(0);
    let oldest_kept: OutboxId = uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid().into();
    let old = outbox::id.lt(oldest_kept);
    let sent = outbox::status.eq(MailStatus::Sent.as_str()).and(outbox::settled_at.lt(before));
    let ids: Vec<OutboxId> =
        outbox::table.filter(old.and(sent)).order(outbox::id).limit(limit).select(outbox::id).load(db)?;
    let mut gone = 0;
    for ids in ids.chunks(CHUNK) {
        gone += diesel::delete(outbox::table.filter(outbox::id.eq_any(ids))).execute(db)?;
    }
    Ok(gone)
}

/// Which of some messages there are.
///
/// # Errors
/// When the database cannot be read.
pub fn known(db: &mut Db, ids: &[OutboxId]) -> StoreResult<Vec<OutboxId>> {
    Ok(outbox::table.filter(outbox::id.eq_any(ids)).select(outbox::id).load(db)?)
}

/// Puts a mail to an address into the outbox unless one with its id is there; says whether it was not.
///
/// # Errors
/// When the database cannot be written.
pub fn add_once(db: &mut Db, mail: &Mail) -> StoreResult<bool> {
    let there: i64 = outbox::table.filter(outbox::id.eq(mail.id)).count().get_result(db)?;
    if there > 0 {
        return Ok(false);
    }
    add(db, mail)?;
    Ok(true)
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
    /// Not to be sent before; none: at once.
    pub not_before: Option<Stamp>,
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
                not_before: message.not_before.unwrap_or(now),
                created_at: now,
            })
        });
        insert_all!(db, outbox::table, rows.collect())?;
    }
    Ok(())
}
