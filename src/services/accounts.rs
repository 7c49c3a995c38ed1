//! Accounts: one's own, and those that the command line makes and closes.

use serde_json::json;

use super::context::note;
use super::second_factor::{keep, new_codes};
use super::{Act, Actor, Caller, Context, Denial, ServiceError, ServiceResult, account_roles, passwords};
use crate::auth::Enrolment;
use crate::domain::{AccountName, Email, PersonCode, Role};
use crate::store::accounts::{self, Account, Grant, NewAccount};
use crate::store::types::Stamp;
use crate::store::{AccountId, Db, Store};

/// An account as its owner sees it.
#[derive(Debug, Clone)]
pub struct Own {
    /// The account.
    pub account: Account,
    /// Its roles.
    pub grants: Vec<Grant>,
    /// The code of the person it belongs to, if any.
    pub person: Option<PersonCode>,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

/// The caller's account.
///
/// # Errors
/// Those of the store.
pub fn own(db: &mut Db, caller: &Caller) -> ServiceResult<Own> {
    let account = accounts::get(db, caller.account)?;
    let person = account.person.map(|person| accounts::person_code(db, person)).transpose()?;
    let recovery_codes = accounts::recovery_codes_left(db, account.id)?;
    Ok(Own { grants: accounts::roles(db, account.id)?, person, recovery_codes, account })
}

/// What of an account its owner may change.
#[derive(Debug, Clone)]
pub struct Description {
    /// Another name.
    pub name: Option<AccountName>,
    /// Another language.
    pub language: Option<String>,
}

/// Changes the caller's name and language, if the account is still as it was seen.
///
/// # Errors
/// [`Denial::Stale`].
pub fn describe(db: &mut Db, caller: &Caller, new: &Description, seen: i32, now: Stamp) -> ServiceResult<Own> {
    let account = accounts::get(db, caller.account)?;
    if account.version != seen {
        return Err(Denial::Stale.into());
    }
    let name = new.name.as_ref().unwrap_or(&account.name.0);
    let language = new.language.as_deref().unwrap_or(&account.language);
    accounts::describe(db, account.id, name, language, now)?;
    let changed = json!({ "columns": ["name", "language"] });
    note(db, account.id, "account.described", ("account", account.id.uuid()), &changed, now)?;
    own(db, caller)
}

/// Opens an account with roles.
///
/// # Errors
/// [`Denial::AccountExists`] when the address or the person has one.
pub(super) fn open(db: &mut Db, new: &NewAccount, grants: &[Grant], now: Stamp) -> ServiceResult<AccountId> {
    let taken = accounts::by_email(db, new.email.as_str())?.is_some();
    let has_one = match new.person {
        Some(person) => accounts::of_person(db, person)?.is_some(),
        None => false,
    };
    if taken || has_one {
        return Err(Denial::AccountExists.into());
    }
    let id = accounts::create(db, new, now)?;
    for grant in grants {
        accounts::grant(db, id, grant)?;
    }
    let roles: Vec<Role> = grants.iter().map(|grant| grant.role).collect();
    note(db, id, "account.opened", ("account", id.uuid()), &json!({ "roles": roles }), now)?;
    Ok(id)
}

/// An admin that the command line made.
pub struct NewAdmin {
    /// The account.
    pub id: AccountId,
    /// What the authenticator is to learn.
    pub enrolment: Enrolment,
    /// The recovery codes.
    pub recovery_codes: Vec<String>,
}

/// Makes a national admin, with one-time codes on.
///
/// # Errors
/// [`Denial::AccountExists`], or [`Denial::Invalid`] for a password that is not taken.
pub fn make_admin(
    cx: &Context,
    email: &Email,
    name: &AccountName,
    password: &str,
    service: &str,
) -> ServiceResult<NewAdmin> {
    let hash = passwords::hashed(cx, "/password", password, email, name)?;
    let enrolment = Enrolment::new(service, email.as_str());
    let new = NewAccount { person: None, email, name, language: "id", password_hash: &hash };
    let grants = [Grant { role: Role::NationalAdmin, agency: None }];
    let (id, recovery_codes) = cx.store.write(|db| {
        let id = open(db, &new, &grants, cx.now)?;
        keep(db, cx, id, &enrolment)?;
        accounts::confirm_totp(db, id, None, cx.now)?;
        Ok::<_, ServiceError>((id, new_codes(db, id)?))
    })?;
    Ok(NewAdmin { id, enrolment, recovery_codes })
}

/// The account with an address, for the command line.
///
/// # Errors
/// When there is none.
pub fn with_address(db: &mut Db, email: &Email) -> ServiceResult<Account> {
    let found = accounts::by_email(db, email.as_str())?;
    found.ok_or_else(|| ServiceError::Missing(format!("there is no account with the address {email}")))
}

/// [Closes](account_roles::disable) the account with an address.
///
/// # Errors
/// When there is none, or as there.
pub fn disable(store: &Store, email: &Email, actor: &'static str, now: Stamp) -> ServiceResult<()> {
    store.write(|db| {
        let account = with_address(db, email)?;
        account_roles::disable(db, &Act::new(Actor::System(actor), now), account.id).map(|_| ())
    })
}

/// The accounts of admins and auditors, by address, with their roles.
///
/// # Errors
/// Those of the store.
pub fn admins(db: &mut Db) -> ServiceResult<Vec<(Account, Vec<Grant>)>> {
    let powerful: Vec<Role> = Role::ALL.iter().copied().filter(|role| role.needs_second_factor()).collect();
    let found = accounts::with_roles(db, &powerful)?;
    found
        .into_iter()
        .map(|account| {
            let grants = accounts::roles(db, account.id)?;
            Ok((account, grants))
        })
        .collect()
}
