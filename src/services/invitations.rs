//! Invitations by an admin: the invited choose a password and have an account.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde_json::json;

use super::context::note;
use super::link::About;
use super::passwords::{hashed, limit_links};
use super::{Caller, Context, Denial, ServiceError, ServiceResult, accounts as opening, mails};
use crate::auth::{digest, random_token};
use crate::domain::{AccountName, AgencyCode, Email, InvitationStatus, MailKind, PersonCode, Role};
use crate::store::accounts::{self, Grant, NewAccount};
use crate::store::invitations::{self, Invitation};
use crate::store::types::{Stamp, Word};
use crate::store::{AccountId, Db, InvitationId, PersonId, StoreError};

/// How long an invitation can be accepted, in days.
const DAYS: i64 = 14;

/// Whom an admin wants to invite.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The address.
    pub email: Email,
    /// The name.
    pub name: AccountName,
    /// The language.
    pub language: String,
    /// The role.
    pub role: Role,
    /// The agency, for an agency's admin.
    pub agency: Option<AgencyCode>,
    /// The code of the person of the records, for a coachee or coach.
    pub person: Option<PersonCode>,
}

/// Invites. An agency's admin invites coachees, coaches and admins of the own agency; the admin of all, anybody.
///
/// # Errors
/// [`Denial::Forbidden`], [`Denial::AccountExists`], or [`Denial::Invalid`].
pub fn invite(db: &mut Db, caller: &Caller, wish: &Wish, now: Stamp) -> ServiceResult<Invitation> {
    let (agency, person) = checked(db, caller, wish)?;
    if accounts::by_email(db, wish.email.as_str())?.is_some() {
        return Err(Denial::AccountExists.into());
    }
    let secret = random_token();
    let invitation = Invitation {
        id: InvitationId::new(),
        email: Word(wish.email.clone()),
        name: Word(wish.name.clone()),
        language: wish.language.clone(),
        role: Word(wish.role),
        agency: agency.map(Word),
        person,
        status: Word(InvitationStatus::Open),
        digest: digest(&secret),
        invited_by: caller.account,
        created_at: now,
        expires_at: Stamp::new(now.time() + TimeDelta::days(DAYS)),
    };
    invitations::create(db, &invitation)?;
    let facts = json!({ "role": wish.role });
    note(db, caller.account, "invitation.sent", ("invitation", invitation.id.uuid()), &facts, now)?;
    let data = json!({
        "token": secret,
        "name": wish.name.as_str(),
        "expires_at": invitation.expires_at,
        "invited_by": caller.account,
    });
    mails::send(db, MailKind::Invitation, &wish.email, &wish.language, &data, now)?;
    Ok(invitation)
}

/// The agency whose affair it is, and the person, if all fits together and the caller may.
fn checked(db: &mut Db, caller: &Caller, wish: &Wish) -> ServiceResult<(Option<AgencyCode>, Option<PersonId>)> {
    let is_person = matches!(wish.role, Role::Coachee | Role::Coach);
    if is_person != wish.person.is_some() {
        return Err(Denial::fault("/person", "error.field.invitation.person").into());
    }
    if (wish.role == Role::AgencyAdmin) != wish.agency.is_some() {
        return Err(Denial::fault("/agency", "error.field.invitation.agency").into());
    }
    let Some(code) = &wish.person else {
        caller.check_admin_of(wish.agency.as_ref())?;
        if let Some(agency) = &wish.agency
            && !accounts::has_agency(db, agency)?
        {
            return Err(Denial::fault("/agency", "error.field.agency").into());
        }
        return Ok((wish.agency.clone(), None));
    };
    // Who may not know a person is told the same as if there were none.
    let unknown = || ServiceError::from(Denial::fault("/person", "error.field.person"));
    let (person, agency) = accounts::person_as(db, code, wish.role)?.ok_or_else(unknown)?;
    caller.check_admin_of(Some(&agency)).map_err(|denial| match denial {
        Denial::Forbidden if caller.agency().is_some() => unknown(),
        other => other.into(),
    })?;
    if accounts::of_person(db, person)?.is_some() {
        return Err(Denial::AccountExists.into());
    }
    Ok((Some(agency), Some(person)))
}

/// Invitations that are the caller's affair, newest first.
///
/// # Errors
/// Those of the store.
pub fn list(db: &mut Db, caller: &Caller, before: Option<InvitationId>, limit: i64) -> ServiceResult<Vec<Invitation>> {
    Ok(invitations::list(db, caller.agency(), before, limit)?)
}

/// Takes an open invitation back.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not the caller's affair, [`Denial::Decided`] when it is not open.
pub fn withdraw(db: &mut Db, caller: &Caller, id: InvitationId, now: Stamp) -> ServiceResult<()> {
    let invitation = invitations::get(db, id)?;
    let agency = invitation.agency.as_ref().map(|code| &code.0);
    caller.check_admin_of(agency).map_err(|_| StoreError::NotFound)?;
    if !invitations::close(db, id, InvitationStatus::Withdrawn)? {
        return Err(Denial::Decided.into());
    }
    note(db, caller.account, "invitation.withdrawn", ("invitation", id.uuid()), &json!({}), now)
}

/// What a link is about, as long as it is good.
///
/// # Errors
/// [`Denial::LinkOver`] when it is not.
pub fn look(db: &mut Db, secret: &str, now: Stamp) -> ServiceResult<About> {
    let found = invitations::open(db, &digest(secret), now)?;
    let invitation = found.ok_or(Denial::LinkOver)?;
    Ok(About {
        name: Some(invitation.name.to_string()),
        email: invitation.email.to_string(),
        role: Some(invitation.role.0),
        until: invitation.expires_at,
    })
}

/// An invitation with the password that was chosen for it.
pub struct Acceptance {
    invitation: Invitation,
    hash: String,
}

/// Looks the secret of an invitation up, and hashes the password chosen with it.
///
/// # Errors
/// [`Denial::LinkOver`], or [`Denial::Invalid`] for a password that is not taken.
pub fn answer(cx: &Context, secret: &str, password: &str, from: IpAddr) -> ServiceResult<Acceptance> {
    cx.store.write(|db| limit_links(db, cx, from))?;
    let found = cx.store.read(|db| invitations::open(db, &digest(secret), cx.now))?;
    let invitation = found.ok_or(Denial::LinkOver)?;
    let hash = hashed(cx, "/password", password, &invitation.email.0, &invitation.name.0)?;
    Ok(Acceptance { invitation, hash })
}

/// Accepts an invitation: from now on there is an account.
///
/// # Errors
/// [`Denial::LinkOver`] when somebody was first, or [`Denial::AccountExists`].
pub fn accept(db: &mut Db, cx: &Context, acceptance: &Acceptance) -> ServiceResult<AccountId> {
    let Acceptance { invitation, hash } = acceptance;
    if !invitations::close(db, invitation.id, InvitationStatus::Accepted)? {
        return Err(Denial::LinkOver.into());
    }
    let role = invitation.role.0;
    let agency = invitation.agency.as_ref().map(|code| code.0.clone());
    let grant = Grant { role, agency: agency.filter(|_| role == Role::AgencyAdmin) };
    let new = NewAccount {
        person: invitation.person,
        email: &invitation.email.0,
        name: &invitation.name.0,
        language: &invitation.language,
        password_hash: hash,
    };
    opening::open(db, &new, &[grant], cx.now)
}
