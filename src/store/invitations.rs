//! Invitations.

use diesel::prelude::*;

use super::schema::invitations;
use super::types::{Stamp, Word};
use super::{AccountId, Db, InvitationId, PersonId, StoreResult};
use crate::domain::{AccountName, AgencyCode, Email, InvitationStatus, Role};

/// An invitation as stored.
#[derive(Debug, Clone, Queryable)]
pub struct Invitation {
    /// The id.
    pub id: InvitationId,
    /// Whom it is sent to.
    pub email: Word<Email>,
    /// The name of the account to be.
    pub name: Word<AccountName>,
    /// The language of its mails.
    pub language: String,
    /// The role it gives.
    pub role: Word<Role>,
    /// The agency whose affair it is; of an agency's admin the one to run.
    pub agency: Option<Word<AgencyCode>>,
    /// The person of the imported records, if any.
    pub person: Option<PersonId>,
    /// Where it stands.
    pub status: Word<InvitationStatus>,
    /// The digest of the secret.
    pub digest: String,
    /// Who invites.
    pub invited_by: AccountId,
    /// When it was sent.
    pub created_at: Stamp,
    /// Until when it can be accepted.
    pub expires_at: Stamp,
}

/// Keeps an invitation; an open one to the same address is taken back.
///
/// # Errors
/// [`Conflict`](super::StoreError::Conflict) when there is no such agency.
pub fn create(db: &mut Db, new: &Invitation) -> StoreResult<()> {
    let earlier =
        invitations::email.eq(new.email.0.as_str()).and(invitations::status.eq(InvitationStatus::Open.as_str()));
    diesel::update(invitations::table.filter(earlier))
        .set(invitations::status.eq(InvitationStatus::Withdrawn.as_str()))
        .execute(db)?;
    diesel::insert_into(invitations::table)
        .values(row!(invitations {
            id: new.id,
            email: new.email.0.as_str(),
            name: new.name.0.as_str(),
            language: &new.language,
            role: new.role.0.as_str(),
            agency: new.agency.as_ref().map(|code| code.0.as_str()),
            person: new.person,
            status: new.status.0.as_str(),
            digest: &new.digest,
            invited_by: new.invited_by,
            created_at: new.created_at,
            expires_at: new.expires_at,
        }))
        .execute(db)?;
    Ok(())
}

/// An invitation by its id.
///
/// # Errors
/// [`NotFound`](super::StoreError::NotFound), or when the database cannot be read.
pub fn get(db: &mut Db, id: InvitationId) -> StoreResult<Invitation> {
    Ok(invitations::table.find(id).get_result(db)?)
}

/// The open invitation of a secret.
///
/// # Errors
/// When the database cannot be read.
pub fn open(db: &mut Db, digest: &str, now: Stamp) -> StoreResult<Option<Invitation>> {
    let open = invitations::digest
        .eq(digest)
        .and(invitations::status.eq(InvitationStatus::Open.as_str()))
        .and(invitations::expires_at.gt(now));
    Ok(invitations::table.filter(open).get_result(db).optional()?)
}

/// Invitations, newest first, those older than `before`; with an agency, only its own.
///
/// # Errors
/// When the database cannot be read.
pub fn list(
    db: &mut Db,
    agency: Option<&AgencyCode>,
    before: Option<InvitationId>,
    limit: i64,
) -> StoreResult<Vec<Invitation>> {
    let mut query = invitations::table.order(invitations::id.desc()).limit(limit).into_boxed();
    if let Some(agency) = agency {
        query = query.filter(invitations::agency.eq(agency.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(invitations::id.lt(before));
    }
    Ok(query.load(db)?)
}

/// Sends an open invitation to another address: it is accepted with that one. False when it is not open.
///
/// # Errors
/// [`Conflict`](super::StoreError::Conflict) when there is an open one to that address.
pub fn readdress(db: &mut Db, digest: &str, email: &Email) -> StoreResult<bool> {
    let open = invitations::digest.eq(digest).and(invitations::status.eq(InvitationStatus::Open.as_str()));
    let rows =
        diesel::update(invitations::table.filter(open)).set(invitations::email.eq(email.as_str())).execute(db)?;
    Ok(rows == 1)
}

/// Closes an open invitation; false when it is not open.
///
/// # Errors
/// When the database cannot be written.
pub fn close(db: &mut Db, id: InvitationId, status: InvitationStatus) -> StoreResult<bool> {
    let open = invitations::id.eq(id).and(invitations::status.eq(InvitationStatus::Open.as_str()));
    let rows =
        diesel::update(invitations::table.filter(open)).set(invitations::status.eq(status.as_str())).execute(db)?;
    Ok(rows == 1)
}
