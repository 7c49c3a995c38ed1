//! Accounts of others: what roles they have, whether they may be used, and an authenticator that was lost. By the
//! admin of all, or the command line.

use serde_json::{Value, json};

use super::act::Journal;
use super::{Act, Actor, Denial, Refusal, ServiceError, ServiceResult, coaches, mails};
use crate::domain::{AccountStatus, AgencyCode, Email, MailKind, PersonCode, Role, TicketPurpose};
use crate::store::accounts::{self, Account, Grant};
use crate::store::{AccountId, Db, PersonId, sign_ins, tickets};

/// An account as an admin of all sees it.
#[derive(Debug, Clone)]
pub struct Managed {
    /// The account.
    pub account: Account,
    /// Its roles.
    pub grants: Vec<Grant>,
    /// The code of the person it belongs to, if any.
    pub person: Option<PersonCode>,
}

/// Which accounts are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only the one with this address.
    pub email: Option<Email>,
}

/// Accounts, the oldest first, those younger than `after`.
///
/// # Errors
/// When it is not the admin of all.
pub fn list(
    db: &mut Db,
    act: &Act,
    wanted: &Wanted,
    after: Option<AccountId>,
    limit: i64,
) -> ServiceResult<Vec<Managed>> {
    act.allow(act.by_programme())?;
    let found = accounts::list(db, wanted.role, wanted.email.as_ref(), after, limit)?;
    let ids: Vec<AccountId> = found.iter().map(|(account, _)| account.id).collect();
    let mut roles = accounts::roles_of(db, &ids)?;
    let managed = |(account, person): (Account, Option<PersonCode>)| {
        let grants = roles.remove(&account.id).unwrap_or_default();
        Managed { account, grants, person }
    };
    Ok(found.into_iter().map(managed).collect())
}

/// A role that an account is to have.
#[derive(Debug, Clone)]
pub struct RoleWish {
    /// The role.
    pub role: Role,
    /// The agency, of an agency's admin.
    pub agency: Option<AgencyCode>,
    /// The person of the records, of a coachee or coach whose account belongs to nobody yet.
    pub person: Option<PersonCode>,
}

/// Gives an account a role more. The owner is told by mail.
///
/// # Errors
/// When it is not the admin of all, there is no such account, it has the role, or role, agency and person do not fit
/// together.
pub fn give(db: &mut Db, act: &Act, id: AccountId, wish: &RoleWish) -> ServiceResult<Managed> {
    change(db, act, id, |db, journal, account| {
        if (wish.role == Role::AgencyAdmin) != wish.agency.is_some() {
            return Err(Denial::fault("/agency", "error.field.invitation.agency").into());
        }
        if let Some(agency) = &wish.agency
            && !accounts::has_agency(db, agency)?
        {
            return Err(Denial::fault("/agency", "error.field.agency").into());
        }
        let person = person_for(db, account, wish)?;
        add(db, journal, account, person, &Grant { role: wish.role, agency: wish.agency.clone() })?;
        tell(db, journal, account, MailKind::RoleGiven)
    })
}

/// The person that an account is to belong to for a role; none for roles that are nobody of the records.
fn person_for(db: &mut Db, account: &Account, wish: &RoleWish) -> ServiceResult<Option<PersonId>> {
    if !matches!(wish.role, Role::Coachee | Role::Coach) {
        let stray = wish.person.is_some();
        return if stray { Err(Denial::fault("/person", "error.field.invitation.person").into()) } else { Ok(None) };
    }
    let code = match (&wish.person, account.person) {
        (Some(code), _) => code.clone(),
        (None, Some(person)) => accounts::person_code(db, person)?,
        (None, None) => return Err(Denial::fault("/person", "error.field.invitation.person").into()),
    };
    let unknown = || ServiceError::from(Denial::fault("/person", "error.field.person"));
    let (person, _) = accounts::person_as(db, &code, wish.role)?.ok_or_else(unknown)?;
    Ok(Some(person))
}

/// Adds a role to an account, and the person that it is to belong to.
///
/// # Errors
/// [`Refusal::RoleHeld`], or [`Denial::AccountExists`] when the person has another account, or the account is
/// somebody else's.
pub(super) fn add(
    db: &mut Db,
    journal: &mut Journal,
    account: &Account,
    person: Option<PersonId>,
    grant: &Grant,
) -> ServiceResult<()> {
    if accounts::roles(db, account.id)?.iter().any(|held| held.role == grant.role) {
        return Err(Refusal::RoleHeld.into());
    }
    if let Some(person) = person {
        let others = accounts::of_person(db, person)?.is_some_and(|owner| owner != account.id);
        if others || account.person.is_some_and(|own| own != person) {
            return Err(Denial::AccountExists.into());
        }
        if account.person.is_none() {
            accounts::set_person(db, account.id, person, journal.now())?;
        }
    }
    accounts::grant(db, account.id, grant)?;
    let facts = json!({ "role": grant.role, "agency": grant.agency, "person": person });
    journal.note("account", account.id.uuid(), "role_given", &facts)
}

/// Takes a role from an account. Who is no coach any more is asked for nothing more, either.
///
/// # Errors
/// When it is not the admin of all, there is no such account or it has no such role, or nobody else is admin of all.
pub fn take(db: &mut Db, act: &Act, id: AccountId, role: Role) -> ServiceResult<Managed> {
    change(db, act, id, |db, journal, account| {
        if role == Role::NationalAdmin {
            must_not_be_last(db, account)?;
        }
        if !accounts::withdraw_role(db, id, role)? {
            return Err(ServiceError::Missing(format!("the account has no role {role}")));
        }
        journal.note("account", id.uuid(), "role_taken", &json!({ "role": role }))?;
        if let (Role::Coach, Some(person)) = (role, account.person) {
            coaches::pause(db, &act.whatever_was_seen(), person)?;
        }
        tell(db, journal, account, MailKind::RoleTaken)
    })
}

/// The programme is never left without anybody who can run it.
fn must_not_be_last(db: &mut Db, account: &Account) -> ServiceResult<()> {
    let is_one = account.status.0 == AccountStatus::Active
        && accounts::roles(db, account.id)?.iter().any(|grant| grant.role == Role::NationalAdmin);
    if is_one && !accounts::others_with(db, Role::NationalAdmin, account.id)? {
        return Err(Refusal::LastAdmin.into());
    }
    Ok(())
}

/// Closes an account: its owner is signed out everywhere and cannot sign in any more.
///
/// # Errors
/// When it is not the admin of all, there is no such account, it is closed, or nobody else is admin of all.
pub fn disable(db: &mut Db, act: &Act, id: AccountId) -> ServiceResult<Managed> {
    change(db, act, id, |db, journal, account| {
        must_not_be_last(db, account)?;
        set_status(db, journal, account, AccountStatus::Disabled)?;
        sign_out(db, journal, account)?;
        tell(db, journal, account, MailKind::AccountDisabled)
    })
}

/// Opens a closed account again.
///
/// # Errors
/// When it is not the admin of all, there is no such account, or it is open.
pub fn enable(db: &mut Db, act: &Act, id: AccountId) -> ServiceResult<Managed> {
    change(db, act, id, |db, journal, account| {
        set_status(db, journal, account, AccountStatus::Active)?;
        tell(db, journal, account, MailKind::AccountEnabled)
    })
}

fn set_status(db: &mut Db, journal: &mut Journal, account: &Account, status: AccountStatus) -> ServiceResult<()> {
    if account.status.0 == status {
        return Err(Denial::Decided.into());
    }
    accounts::set_status(db, account.id, status, journal.now())?;
    let done = if status == AccountStatus::Active { "enabled" } else { "disabled" };
    journal.note("account", account.id.uuid(), done, &json!({}))
}

/// Forgets an authenticator that was lost, and its recovery codes: the owner, signed out everywhere, enrols another
/// after signing in with the password. Nobody does so for themselves: whoever sits at a device left open could.
///
/// # Errors
/// When it is not the admin of all or it is the own account, there is no such account, or it has no authenticator.
pub fn reset_authenticator(db: &mut Db, act: &Act, id: AccountId) -> ServiceResult<Managed> {
    let own = matches!(&act.actor, Actor::Caller(caller) if caller.account == id);
    act.allow(!own)?;
    change(db, act, id, |db, journal, account| {
        if account.totp_secret.is_none() {
            return Err(Denial::SecondFactorOff.into());
        }
        accounts::set_totp(db, id, None, journal.now())?;
        accounts::set_recovery_codes(db, id, &[])?;
        journal.note("account", id.uuid(), "authenticator_reset", &json!({}))?;
        sign_out(db, journal, account)?;
        tell(db, journal, account, MailKind::AuthenticatorReset)
    })
}

/// Ends all devices, and what was begun with a password or a link.
fn sign_out(db: &mut Db, journal: &Journal, account: &Account) -> ServiceResult<()> {
    sign_ins::end_others(db, account.id, None, journal.now())?;
    for purpose in [TicketPurpose::Code, TicketPurpose::PasswordReset] {
        tickets::void(db, account.id, purpose, journal.now())?;
    }
    Ok(())
}

/// Lets the owner of an account know what was done to it.
fn tell(db: &mut Db, journal: &Journal, account: &Account, kind: MailKind) -> ServiceResult<()> {
    let data: Value = json!({ "name": account.name.0.as_str() });
    mails::send(db, kind, &account.email.0, &account.language, &data, journal.now())
}

/// A change of an account by the admin of all.
fn change(
    db: &mut Db,
    act: &Act,
    id: AccountId,
    body: impl FnOnce(&mut Db, &mut Journal, &Account) -> ServiceResult<()>,
) -> ServiceResult<Managed> {
    act.allow(act.by_programme())?;
    act.record(db, "account", |db, journal| {
        let account = accounts::get(db, id)?;
        body(db, journal, &account)?;
        let account = accounts::get(db, id)?;
        let person = account.person.map(|person| accounts::person_code(db, person)).transpose()?;
        Ok(Managed { grants: accounts::roles(db, id)?, person, account })
    })
}
