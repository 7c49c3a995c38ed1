//! Secrets good for one purpose, once. Kept as digests.

use diesel::prelude::*;

use super::schema::tickets;
use super::types::{Doc, Stamp, Word};
use super::{AccountId, Db, StoreResult, TicketId};
use crate::domain::TicketPurpose;

/// A ticket as stored.
#[derive(Debug, Clone, Queryable)]
pub struct Ticket {
    /// The id.
    pub id: TicketId,
    /// What it is good for.
    pub purpose: Word<TicketPurpose>,
    /// For which account, if there is one yet.
    pub account: Option<AccountId>,
    /// The digest of the secret.
    pub digest: String,
    /// What the purpose needs to know.
    pub data: Doc,
    /// When it was made.
    pub created_at: Stamp,
    /// Until when it is good.
    pub expires_at: Stamp,
    /// When it was used.
    pub used_at: Option<Stamp>,
}

/// Keeps a ticket.
///
/// # Errors
/// When the database cannot be written.
pub fn create(db: &mut Db, ticket: &Ticket) -> StoreResult<()> {
    diesel::insert_into(tickets::table)
        .values(row!(tickets {
            id: ticket.id,
            purpose: ticket.purpose.0.as_str(),
            account: ticket.account,
            digest: &ticket.digest,
            data: &ticket.data,
            created_at: ticket.created_at,
            expires_at: ticket.expires_at,
        }))
        .execute(db)?;
    Ok(())
}

/// A ticket that is still good.
///
/// # Errors
/// When the database cannot be read.
pub fn good(db: &mut Db, purpose: TicketPurpose, digest: &str, now: Stamp) -> StoreResult<Option<Ticket>> {
    let good = tickets::digest
        .eq(digest)
        .and(tickets::purpose.eq(purpose.as_str()))
        .and(tickets::used_at.is_null())
        .and(tickets::expires_at.gt(now));
    Ok(tickets::table.filter(good).get_result(db).optional()?)
}

/// Uses a ticket up; false when it was used before.
///
/// # Errors
/// When the database cannot be written.
pub fn take(db: &mut Db, id: TicketId, now: Stamp) -> StoreResult<bool> {
    let unused = tickets::table.filter(tickets::id.eq(id).and(tickets::used_at.is_null()));
    Ok(diesel::update(unused).set(tickets::used_at.eq(Some(now))).execute(db)? == 1)
}

/// Makes all tickets of an account for a purpose useless.
///
/// # Errors
/// When the database cannot be written.
pub fn void(db: &mut Db, account: AccountId, purpose: TicketPurpose, now: Stamp) -> StoreResult<()> {
    let unused =
        tickets::account.eq(account).and(tickets::purpose.eq(purpose.as_str())).and(tickets::used_at.is_null());
    diesel::update(tickets::table.filter(unused)).set(tickets::used_at.eq(Some(now))).execute(db)?;
    Ok(())
}

/// Takes away tickets that ended before a time.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(db: &mut Db, before: Stamp) -> StoreResult<usize> {
    Ok(diesel::delete(tickets::table.filter(tickets::expires_at.lt(before))).execute(db)?)
}
