//! The log of what happened. Entries are only ever added, in the transaction of
//! their cause, and hold no personal data.

use diesel::prelude::*;
use uuid::Uuid;

use super::schema::audit;
use super::types::{Doc, Stamp};
use super::{AnyId, AuditId, CHUNK, Db, StoreError, StoreResult};

/// What is to be logged.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Who did it: the id of a person, or the name of a part of the program, such as `cli`.
    pub actor: &'a str,
    /// What was done, e.g. `run.published`.
    pub action: &'a str,
    /// To what kind of thing, e.g. `run`.
    pub subject_kind: &'a str,
    /// To which one, if to one.
    pub subject: Option<Uuid>,
}

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its id.
    pub id: AuditId,
    /// When it happened.
    pub at: Stamp,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub subject_kind: String,
    /// To which one, if to one.
    pub subject: Option<Uuid>,
    /// What changed: names of columns, and values that tell nothing about a person.
    pub changes: Doc,
}

/// Adds an entry.
///
/// # Errors
/// When the database cannot be written.
pub fn append(db: &mut Db, entry: &Entry, changes: &impl serde::Serialize, now: Stamp) -> StoreResult<AuditId> {
    let id = AuditId::new();
    let changes = Doc::of(changes).map_err(|why| StoreError::Internal(why.to_string()))?;
    diesel::insert_into(audit::table)
        .values(row!(audit {
            id: id,
            at: now,
            actor: entry.actor,
            action: entry.action,
            subject_kind: entry.subject_kind,
            subject_id: entry.subject.map(AnyId::from),
            changes: changes,
        }))
        .execute(db)?;
    Ok(id)
}

/// What happened to one thing.
#[derive(Debug, Clone)]
pub struct Event {
    /// What was done, e.g. `offer.accepted`.
    pub action: String,
    /// To what kind of thing, e.g. `offer`.
    pub subject_kind: &'static str,
    /// To which one.
    pub subject: Uuid,
    /// What changed: names of columns, and values that tell nothing about a person.
    pub changes: Doc,
}

/// Adds an entry for each event, all by the same actor.
///
/// # Errors
/// When the database cannot be written.
pub fn append_all(db: &mut Db, actor: &str, events: &[Event], now: Stamp) -> StoreResult<()> {
    for chunk in events.chunks(CHUNK) {
        let rows = chunk.iter().map(|event| {
            row!(audit {
                id: AuditId::new(),
                at: now,
                actor: actor,
                action: &event.action,
                subject_kind: event.subject_kind,
                subject_id: AnyId::from(event.subject),
                changes: &event.changes,
            })
        });
        insert_all!(db, audit::table, rows.collect())?;
    }
    Ok(())
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those about this kind of thing.
    pub subject_kind: Option<String>,
    /// Only those about this one.
    pub subject: Option<Uuid>,
    /// Only those of this action.
    pub action: Option<String>,
    /// Only those of this time or later.
    pub from: Option<Stamp>,
    /// Only those before this time.
    pub until: Option<Stamp>,
}

/// The entries that are wanted, the newest first by their own time, at most `limit`; those behind the one of this time
/// and id.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db, filter: &Filter, behind: Option<(Stamp, AuditId)>, limit: i64) -> StoreResult<Vec<Logged>> {
    let mut query = audit::table.select(ENTRY).order((audit::at.desc(), audit::id.desc())).limit(limit).into_boxed();
    if let Some(kind) = &filter.subject_kind {
        query = query.filter(audit::subject_kind.eq(kind.as_str()));
    }
    if let Some(subject) = filter.subject {
        query = query.filter(audit::subject_id.eq(AnyId::from(subject)));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit::action.eq(action.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit::at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit::at.lt(until));
    }
    if let Some((at, id)) = behind {
        query = query.filter(audit::at.lt(at).or(audit::at.eq(at).and(audit::id.lt(id))));
    }
    Ok(query.load::<Row>(db)?.into_iter().map(logged).collect())
}

/// The newest entries, newest first, at most `limit`; with `before`, those older than it.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, before: Option<AuditId>, limit: i64) -> StoreResult<Vec<Logged>> {
    let mut query = audit::table.select(ENTRY).order(audit::id.desc()).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(audit::id.lt(before));
    }
    Ok(query.load::<Row>(db)?.into_iter().map(logged).collect())
}

/// The columns of an entry.
pub(super) const ENTRY: (
    audit::id,
    audit::at,
    audit::actor,
    audit::action,
    audit::subject_kind,
    audit::subject_id,
    audit::changes,
) = (audit::id, audit::at, audit::actor, audit::action, audit::subject_kind, audit::subject_id, audit::changes);

pub(super) type Row = (AuditId, Stamp, String, String, String, Option<AnyId>, Doc);

pub(super) fn logged((id, at, actor, action, subject_kind, subject, changes): Row) -> Logged {
    Logged { id, at, actor, action, subject_kind, subject: subject.map(AnyId::uuid), changes }
}
