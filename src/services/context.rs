//! What a use case works with.

use serde::Serialize;
use uuid::Uuid;

use super::{ServiceError, ServiceResult};
use crate::auth::Auth;
use crate::store::types::{Doc, Stamp};
use crate::store::{Db, Store, audit};

/// What a use case works with: the store, the guard of accounts, and the time.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The store.
    pub store: &'a Store,
    /// Passwords, tokens and keys.
    pub auth: &'a Auth,
    /// The time.
    pub now: Stamp,
}

/// Notes in the audit log what was done by whom to what.
pub(super) fn note(
    db: &mut Db,
    actor: impl ToString,
    action: &str,
    subject: (&str, Uuid),
    changes: &impl Serialize,
    now: Stamp,
) -> ServiceResult<()> {
    let (subject_kind, subject) = subject;
    let actor = actor.to_string();
    let entry = audit::Entry { actor: &actor, action, subject_kind, subject: Some(subject) };
    audit::append(db, &entry, changes, now)?;
    Ok(())
}

/// A value as a JSON document.
pub(super) fn doc(value: &impl Serialize) -> ServiceResult<Doc> {
    Doc::of(value).map_err(|why| ServiceError::Internal(why.to_string()))
}

/// What a document of ours says.
pub(super) fn read<T: serde::de::DeserializeOwned>(doc: &Doc) -> ServiceResult<T> {
    doc.read().map_err(|why| ServiceError::Internal(why.to_string()))
}
