//! What was answered to requests with an `Idempotency-Key`.

use diesel::prelude::*;

use super::schema::idempotency_keys;
use super::types::{Doc, Stamp};
use super::{Db, StoreError, StoreResult};

/// Who asks, under which key, for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who: the id of an account, or a word for those without.
    pub owner: String,
    /// The key.
    pub key: String,
    /// The digest of method, address and body.
    pub request_digest: String,
}

/// What is known under a key: the digest of the request, and the answer.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, asked: &Asked, now: Stamp) -> StoreResult<Option<(String, Doc)>> {
    Ok(idempotency_keys::table
        .find((&asked.owner, &asked.key))
        .filter(idempotency_keys::expires_at.gt(now))
        .select((idempotency_keys::request_digest, idempotency_keys::answer))
        .get_result(db)
        .optional()?)
}

/// Keeps an answer. An expired one under the same key makes room.
///
/// # Errors
/// [`Busy`](StoreError::Busy) when another has just answered under this key: the transaction is to
/// be tried again, and will find that answer.
pub fn keep(db: &mut Db, asked: &Asked, answer: &Doc, now: Stamp, expires_at: Stamp) -> StoreResult<()> {
    diesel::delete(idempotency_keys::table.find((&asked.owner, &asked.key))).execute(db)?;
    let kept = diesel::insert_into(idempotency_keys::table)
        .values(row!(idempotency_keys {
            owner: &asked.owner,
            key: &asked.key,
            request_digest: &asked.request_digest,
            answer: answer,
            created_at: now,
            expires_at: expires_at,
        }))
        .execute(db)
        .map_err(StoreError::from);
    match kept {
        Err(StoreError::Conflict(_)) => Err(StoreError::Busy("the same request is being answered".into())),
        kept => kept.map(drop),
    }
}

/// Takes away answers that are no longer given.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(db: &mut Db, before: Stamp) -> StoreResult<usize> {
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::expires_at.lt(before))).execute(db)?)
}
