//! Changes of the address of an account, each confirmed at the old address and at the new one.

use diesel::prelude::*;

use super::schema::email_changes;
use super::types::{Stamp, Word};
use super::{AccountId, Db, EmailChangeId, StoreResult};
use crate::domain::Email;

/// A change that is under way.
#[derive(Debug, Clone, Queryable)]
pub struct EmailChange {
    /// The id.
    pub id: EmailChangeId,
    /// The account.
    pub account: AccountId,
    /// The new address.
    pub new_email: Word<Email>,
    /// The digest of the secret sent to the old address.
    pub old_digest: String,
    /// The digest of the secret sent to the new address.
    pub new_digest: String,
    /// When the old address confirmed.
    pub old_confirmed_at: Option<Stamp>,
    /// When the new address confirmed.
    pub new_confirmed_at: Option<Stamp>,
    /// When it was asked for.
    pub created_at: Stamp,
    /// Until when it can be confirmed.
    pub expires_at: Stamp,
    /// When it was done, or another took its place.
    pub ended_at: Option<Stamp>,
}

/// Keeps a change, in place of an earlier one that is not done.
///
/// # Errors
/// When the database cannot be written.
pub fn create(db: &mut Db, change: &EmailChange) -> StoreResult<()> {
    let earlier = email_changes::account.eq(change.account).and(email_changes::ended_at.is_null());
    diesel::update(email_changes::table.filter(earlier))
        .set(email_changes::ended_at.eq(Some(change.created_at)))
        .execute(db)?;
    diesel::insert_into(email_changes::table)
        .values(row!(email_changes {
            id: change.id,
            account: change.account,
            new_email: change.new_email.0.as_str(),
            old_digest: &change.old_digest,
            new_digest: &change.new_digest,
            created_at: change.created_at,
            expires_at: change.expires_at,
        }))
        .execute(db)?;
    Ok(())
}

/// The change under way that a secret confirms.
///
/// # Errors
/// When the database cannot be read.
pub fn by_digest(db: &mut Db, digest: &str, now: Stamp) -> StoreResult<Option<EmailChange>> {
    let either = email_changes::old_digest.eq(digest).or(email_changes::new_digest.eq(digest));
    let live = email_changes::ended_at.is_null().and(email_changes::expires_at.gt(now));
    Ok(email_changes::table.filter(either.and(live)).get_result(db).optional()?)
}

/// Notes which addresses have confirmed, and whether that was the end of it.
///
/// # Errors
/// When the database cannot be written.
pub fn save(db: &mut Db, change: &EmailChange) -> StoreResult<()> {
    diesel::update(email_changes::table.find(change.id))
        .set((
            email_changes::old_confirmed_at.eq(change.old_confirmed_at),
            email_changes::new_confirmed_at.eq(change.new_confirmed_at),
            email_changes::ended_at.eq(change.ended_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Ends what is under way for an account.
///
/// # Errors
/// When the database cannot be written.
pub fn cancel(db: &mut Db, account: AccountId, now: Stamp) -> StoreResult<()> {
    let live = email_changes::account.eq(account).and(email_changes::ended_at.is_null());
    diesel::update(email_changes::table.filter(live)).set(email_changes::ended_at.eq(Some(now))).execute(db)?;
    Ok(())
}
