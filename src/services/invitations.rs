//! Invitations by an admin: the invited choose a password and have an account.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde_json::json;

use super::context::note;
use super::link::About;
use super::passwords::{confirmed_owner, hashed, limit_links};
use super::{
    Act, Actor, Caller, Context, Denial, Refusal, ServiceError, ServiceResult, account_roles, accounts as opening,
    mails,
};
use crate::auth::{digest, random_token};
use crate::domain::{AccountName, AccountStatus, AgencyCode, Email, InvitationStatus, MailKind, PersonCode, Role};
use crate::store::accounts::{self, Account, Grant, NewAccount};
use crate::store::invitations::{self, Invitation};
use crate::store::types::{Stamp, Word};
use crate::store::{AccountId, Db, InvitationId, PersonId, StoreError};

/// How long an invitation can be accepted, in days.
const DAYS: i64 = 14;
/// Who gives a role that its owner has accepted, in the audit log.
const INVITED: &str = "invitation";

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

/// Invites. An agency's admin invites coachees, coaches and admins of the own agency; the admin of all, anybody. Who has
/// an account at the address gets the role there, once they have accepted with its password.
///
/// # Errors
/// [`Denial::Forbidden`], [`Refusal::RoleHeld`], [`Denial::AccountExists`] when the account is closed or somebody else's,
/// or the person has another, or [`Denial::Invalid`].
pub fn invite(db: &mut Db, caller: &Caller, wish: &Wish, now: Stamp) -> ServiceResult<Invitation> {
    let (agency, person) = checked(db, caller, wish)?;
    let account = accounts::by_email(db, wish.email.as_str())?;
    fits(db, account.as_ref(), wish.role, person)?;
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
    let kind = if account.is_some() { MailKind::RoleOffered } else { MailKind::Invitation };
    mails::send(db, kind, &wish.email, &wish.language, &data, now)?;
    Ok(invitation)
}

/// Whether the account at the address, if there is one, may have the role.
fn fits(db: &mut Db, account: Option<&Account>, role: Role, person: Option<PersonId>) -> ServiceResult<()> {
    let owner = match person {
        Some(person) => accounts::of_person(db, person)?,
        None => None,
    };
    if owner.is_some_and(|owner| Some(owner) != account.map(|account| account.id)) {
        return Err(Denial::AccountExists.into());
    }
    let Some(account) = account else { return Ok(()) };
    let is_others = person.is_some() && account.person.is_some() && account.person != person;
    if is_others || account.status.0 != AccountStatus::Active {
        return Err(Denial::AccountExists.into());
    }
    let held = accounts::roles(db, account.id)?.iter().any(|grant| grant.role == role);
    if held { Err(Refusal::RoleHeld.into()) } else { Ok(()) }
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
    let has_account = accounts::by_email(db, invitation.email.0.as_str())?.is_some();
    Ok(About {
        name: Some(invitation.name.to_string()).filter(|_| !has_account),
        email: invitation.email.to_string(),
        role: Some(invitation.role.0),
        until: invitation.expires_at,
        has_account,
    })
}

/// An invitation, and what shows that its answer is meant: the password chosen for a new account, or that the password
/// of the account at the address was given.
pub struct Acceptance {
    invitation: Invitation,
    by: By,
}

enum By {
    Newcomer { hash: String },
    Owner(AccountId),
}

impl Acceptance {
    /// Whether who accepts had an account before.
    pub const fn is_by_owner(&self) -> bool {
        matches!(self.by, By::Owner(_))
    }
}

/// Looks the secret of an invitation up, and hashes the password chosen with it; where the address has an account, the
/// password must be that account's.
///
/// # Errors
/// [`Denial::LinkOver`], [`Denial::Invalid`] for a password that is not taken, or [`Denial::WrongCredentials`] for one
/// that is not the account's.
pub fn answer(cx: &Context, secret: &str, password: &str, from: IpAddr) -> ServiceResult<Acceptance> {
    cx.store.write(|db| limit_links(db, cx, from))?;
    let (found, account) = cx.store.snapshot(|db| {
        let found = invitations::open(db, &digest(secret), cx.now)?;
        let account = match &found {
            Some(invitation) => accounts::by_email(db, invitation.email.0.as_str())?,
            None => None,
        };
        Ok::<_, StoreError>((found, account))
    })?;
    let invitation = found.ok_or(Denial::LinkOver)?;
    let by = match account {
        Some(account) => By::Owner(confirmed_owner(cx, account.id, password)?.id),
        None => By::Newcomer { hash: hashed(cx, "/password", password, &invitation.email.0, &invitation.name.0)? },
    };
    Ok(Acceptance { invitation, by })
}

/// Accepts an invitation: from now on there is an account with the role.
///
/// # Errors
/// [`Denial::LinkOver`] when somebody was first, [`Refusal::RoleHeld`], or [`Denial::AccountExists`].
pub fn accept(db: &mut Db, cx: &Context, acceptance: &Acceptance) -> ServiceResult<AccountId> {
    let Acceptance { invitation, by } = acceptance;
    if !invitations::close(db, invitation.id, InvitationStatus::Accepted)? {
        return Err(Denial::LinkOver.into());
    }
    let role = invitation.role.0;
    let agency = invitation.agency.as_ref().map(|code| code.0.clone());
    let grant = Grant { role, agency: agency.filter(|_| role == Role::AgencyAdmin) };
    match by {
        By::Newcomer { hash } => {
            let new = NewAccount {
                person: invitation.person,
                email: &invitation.email.0,
                name: &invitation.name.0,
                language: &invitation.language,
                password_hash: hash,
            };
            opening::open(db, &new, &[grant], cx.now)
        }
        By::Owner(id) => {
            let account = accounts::get(db, *id)?;
            // The address may have moved, or the account been closed, since the password was given.
            if account.email.0 != invitation.email.0 || account.status.0 != AccountStatus::Active {
                return Err(Denial::LinkOver.into());
            }
            let act = Act::new(Actor::System(INVITED), cx.now);
            act.record(db, "account", |db, journal| {
                account_roles::add(db, journal, &account, invitation.person, &grant)
            })?;
            Ok(account.id)
        }
    }
}
