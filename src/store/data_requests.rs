//! What people ask about their own data, and what they have agreed to.

use diesel::prelude::*;

use super::schema::{consents, data_requests};
use super::types::{Stamp, Word};
use super::{AccountId, ConsentId, DataRequestId, Db, StoreResult};
use crate::domain::{DataRequestStatus, DataWish, Purpose};

/// A request about the own data, as stored.
#[derive(Debug, Clone, Queryable)]
pub struct DataRequest {
    /// The id.
    pub id: DataRequestId,
    /// Who asks.
    pub account: AccountId,
    /// For what.
    pub kind: Word<DataWish>,
    /// Where it stands.
    pub status: Word<DataRequestStatus>,
    /// What is to be corrected, and how.
    pub wish: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What the admin answered.
    pub answer: Option<String>,
    /// When an erasure is carried out.
    pub due_at: Option<Stamp>,
    /// Which admin decided.
    pub decided_by: Option<AccountId>,
    /// When it was decided, or taken back.
    pub decided_at: Option<Stamp>,
    /// When it came.
    pub created_at: Stamp,
}

/// Keeps a new request.
///
/// # Errors
/// [`Conflict`](super::StoreError::Conflict) when an erasure is asked for already.
pub fn create(db: &mut Db, new: &DataRequest) -> StoreResult<()> {
    diesel::insert_into(data_requests::table)
        .values(row!(data_requests {
            id: new.id,
            account: new.account,
            kind: new.kind.0.as_str(),
            status: new.status.0.as_str(),
            wish: new.wish.as_deref(),
            reason: new.reason.as_deref(),
            due_at: new.due_at,
            created_at: new.created_at,
        }))
        .execute(db)?;
    Ok(())
}

/// A request by its id.
///
/// # Errors
/// [`NotFound`](super::StoreError::NotFound), or when the database cannot be read.
pub fn get(db: &mut Db, id: DataRequestId) -> StoreResult<DataRequest> {
    Ok(data_requests::table.find(id).get_result(db)?)
}

/// Requests, the oldest first, behind `after`, at most `limit`: those of an account, or all; those in a state, or all.
///
/// # Errors
/// When the database cannot be read.
pub fn list(
    db: &mut Db,
    account: Option<AccountId>,
    status: Option<DataRequestStatus>,
    after: Option<DataRequestId>,
    limit: i64,
) -> StoreResult<Vec<DataRequest>> {
    let mut query = data_requests::table.order(data_requests::id).limit(limit).into_boxed();
    if let Some(account) = account {
        query = query.filter(data_requests::account.eq(account));
    }
    if let Some(status) = status {
        query = query.filter(data_requests::status.eq(status.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(data_requests::id.gt(after));
    }
    Ok(query.load(db)?)
}

/// Open erasures whose time has come, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, now: Stamp, limit: i64) -> StoreResult<Vec<DataRequestId>> {
    let open = data_requests::status.eq(DataRequestStatus::Open.as_str());
    let erasure = data_requests::kind.eq(DataWish::Erasure.as_str());
    Ok(data_requests::table
        .filter(open.and(erasure).and(data_requests::due_at.le(now)))
        .order(data_requests::id)
        .limit(limit)
        .select(data_requests::id)
        .load(db)?)
}

/// Notes what became of an open request; false when that was decided before.
///
/// # Errors
/// When the database cannot be written.
pub fn decide(
    db: &mut Db,
    id: DataRequestId,
    status: DataRequestStatus,
    answer: Option<&str>,
    by: Option<AccountId>,
    now: Stamp,
) -> StoreResult<bool> {
    let open = data_requests::id.eq(id).and(data_requests::status.eq(DataRequestStatus::Open.as_str()));
    let rows = diesel::update(data_requests::table.filter(open))
        .set((
            data_requests::status.eq(status.as_str()),
            data_requests::answer.eq(answer),
            data_requests::decided_by.eq(by),
            data_requests::decided_at.eq(now),
        ))
        .execute(db)?;
    Ok(rows == 1)
}

/// An entry of the ledger of consents.
#[derive(Debug, Clone, Queryable)]
pub struct Consent {
    /// The id.
    pub id: ConsentId,
    /// Whose.
    pub account: AccountId,
    /// To what.
    pub purpose: Word<Purpose>,
    /// Which version of its words.
    pub version: i32,
    /// Given, or taken back.
    pub given: bool,
    /// When.
    pub at: Stamp,
}

/// Adds an entry to the ledger.
///
/// # Errors
/// When the database cannot be written.
pub fn consent(db: &mut Db, account: AccountId, purpose: Purpose, given: bool, now: Stamp) -> StoreResult<()> {
    diesel::insert_into(consents::table)
        .values(row!(consents {
            id: ConsentId::new(),
            account: account,
            purpose: purpose.as_str(),
            version: purpose.version(),
            given: given,
            at: now,
        }))
        .execute(db)?;
    Ok(())
}

/// The ledger of an account, the newest entry first.
///
/// # Errors
/// When the database cannot be read.
pub fn consents_of(db: &mut Db, account: AccountId) -> StoreResult<Vec<Consent>> {
    Ok(consents::table.filter(consents::account.eq(account)).order(consents::id.desc()).load(db)?)
}
