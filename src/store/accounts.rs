//! Accounts, their roles, and their second factor.

use std::collections::HashMap;

use diesel::prelude::*;

use super::schema::{account_roles, accounts, agencies, persons, recovery_codes};
use super::types::{Stamp, Word};
use super::{AccountId, Db, PersonId, StoreError, StoreResult};
use crate::domain::{AccountName, AccountStatus, AgencyCode, Email, PersonCode, Role};

/// An account as stored.
#[derive(Debug, Clone, Queryable)]
pub struct Account {
    /// The id.
    pub id: AccountId,
    /// The person of the imported records it belongs to, if any.
    pub person: Option<PersonId>,
    /// The address, by which its owner signs in.
    pub email: Word<Email>,
    /// The name.
    pub name: Word<AccountName>,
    /// The language of mails: `id` or `en`.
    pub language: String,
    /// Whether it may be used.
    pub status: Word<AccountStatus>,
    /// The password, hashed.
    pub password_hash: String,
    /// The secret of the authenticator, sealed.
    pub totp_secret: Option<String>,
    /// When a code of the authenticator was right for the first time: from then on codes are asked for.
    pub totp_confirmed_at: Option<Stamp>,
    /// The step of the last code that was used.
    pub totp_last_step: Option<i64>,
    /// Rises with every change.
    pub version: i32,
    /// When it was made.
    pub created_at: Stamp,
    /// When it was last changed.
    pub changed_at: Stamp,
}

/// A role of an account, and the agency it is for, if it is for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The agency.
    pub agency: Option<AgencyCode>,
}

/// An account that is to be.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// The person of the imported records it belongs to, if any.
    pub person: Option<PersonId>,
    /// The address.
    pub email: &'a Email,
    /// The name.
    pub name: &'a AccountName,
    /// The language of mails.
    pub language: &'a str,
    /// The password, hashed.
    pub password_hash: &'a str,
}

/// Makes an account without roles.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when the address or the person has an account.
pub fn create(db: &mut Db, new: &NewAccount, now: Stamp) -> StoreResult<AccountId> {
    let id = AccountId::new();
    diesel::insert_into(accounts::table)
        .values(row!(accounts {
            id: id,
            person: new.person,
            email: new.email.as_str(),
            name: new.name.as_str(),
            language: new.language,
            status: AccountStatus::Active.as_str(),
            password_hash: new.password_hash,
            version: 1,
            created_at: now,
            changed_at: now,
        }))
        .execute(db)?;
    Ok(id)
}

/// An account by its id.
///
/// # Errors
/// [`NotFound`](StoreError::NotFound), or when the database cannot be read.
pub fn get(db: &mut Db, id: AccountId) -> StoreResult<Account> {
    Ok(accounts::table.find(id).get_result(db)?)
}

/// An account by its address.
///
/// # Errors
/// When the database cannot be read.
pub fn by_email(db: &mut Db, email: &str) -> StoreResult<Option<Account>> {
    Ok(accounts::table.filter(accounts::email.eq(email)).get_result(db).optional()?)
}

/// Whether a person has an account.
///
/// # Errors
/// When the database cannot be read.
pub fn of_person(db: &mut Db, person: PersonId) -> StoreResult<Option<AccountId>> {
    Ok(accounts::table.filter(accounts::person.eq(person)).select(accounts::id).get_result(db).optional()?)
}

/// The roles of an account.
///
/// # Errors
/// When the database cannot be read.
pub fn roles(db: &mut Db, id: AccountId) -> StoreResult<Vec<Grant>> {
    let rows: Vec<(Word<Role>, Option<Word<AgencyCode>>)> = account_roles::table
        .filter(account_roles::account.eq(id))
        .order(account_roles::role)
        .select((account_roles::role, account_roles::agency))
        .load(db)?;
    Ok(rows.into_iter().map(|(role, agency)| Grant { role: role.0, agency: agency.map(|code| code.0) }).collect())
}

/// Accounts, the oldest first, those younger than `after`, each with the code of its person; with a role or an address,
/// only those.
///
/// # Errors
/// When the database cannot be read.
pub fn list(
    db: &mut Db,
    role: Option<Role>,
    email: Option<&Email>,
    after: Option<AccountId>,
    limit: i64,
) -> StoreResult<Vec<(Account, Option<PersonCode>)>> {
    let mut query = accounts::table
        .left_join(persons::table.on(accounts::person.eq(persons::id.nullable())))
        .order(accounts::id)
        .limit(limit)
        .select((accounts::all_columns, persons::code.nullable()))
        .into_boxed();
    if let Some(role) = role {
        let having = account_roles::table.filter(account_roles::role.eq(role.as_str())).select(account_roles::account);
        query = query.filter(accounts::id.eq_any(having));
    }
    if let Some(email) = email {
        query = query.filter(accounts::email.eq(email.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(accounts::id.gt(after));
    }
    let rows: Vec<(Account, Option<Word<PersonCode>>)> = query.load(db)?;
    Ok(rows.into_iter().map(|(account, code)| (account, code.map(|code| code.0))).collect())
}

/// The roles of some accounts.
///
/// # Errors
/// When the database cannot be read.
pub fn roles_of(db: &mut Db, ids: &[AccountId]) -> StoreResult<HashMap<AccountId, Vec<Grant>>> {
    let rows: Vec<(AccountId, Word<Role>, Option<Word<AgencyCode>>)> = account_roles::table
        .filter(account_roles::account.eq_any(ids))
        .order((account_roles::account, account_roles::role))
        .select((account_roles::account, account_roles::role, account_roles::agency))
        .load(db)?;
    let mut found = HashMap::<AccountId, Vec<Grant>>::new();
    for (account, role, agency) in rows {
        let grant = Grant { role: role.0, agency: agency.map(|code| code.0) };
        found.entry(account).or_default().push(grant);
    }
    Ok(found)
}

/// Whether another account than this has a role and may be used.
///
/// # Errors
/// When the database cannot be read.
pub fn others_with(db: &mut Db, role: Role, but: AccountId) -> StoreResult<bool> {
    let found: Vec<AccountId> = accounts::table
        .inner_join(account_roles::table.on(account_roles::account.eq(accounts::id)))
        .filter(account_roles::role.eq(role.as_str()))
        .filter(accounts::status.eq(AccountStatus::Active.as_str()).and(accounts::id.ne(but)))
        .limit(1)
        .select(accounts::id)
        .load(db)?;
    Ok(!found.is_empty())
}

/// Gives an account a role.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when it has the role, or there is no such agency.
pub fn grant(db: &mut Db, id: AccountId, grant: &Grant) -> StoreResult<()> {
    let agency = grant.agency.as_ref().map(AgencyCode::as_str);
    diesel::insert_into(account_roles::table)
        .values(row!(account_roles { account: id, role: grant.role.as_str(), agency: agency }))
        .execute(db)?;
    Ok(())
}

/// Takes a role from an account; whether it had it.
///
/// # Errors
/// When the database cannot be written.
pub fn withdraw_role(db: &mut Db, id: AccountId, role: Role) -> StoreResult<bool> {
    let row = account_roles::table.find((id, role.as_str()));
    Ok(diesel::delete(row).execute(db)? == 1)
}

/// Whether there is such an agency.
///
/// # Errors
/// When the database cannot be read.
pub fn has_agency(db: &mut Db, code: &AgencyCode) -> StoreResult<bool> {
    let found: i64 = agencies::table.filter(agencies::code.eq(code.as_str())).count().get_result(db)?;
    Ok(found == 1)
}

/// The code of a person.
///
/// # Errors
/// [`NotFound`](StoreError::NotFound), or when the database cannot be read.
pub fn person_code(db: &mut Db, person: PersonId) -> StoreResult<PersonCode> {
    Ok(persons::table.find(person).select(persons::code).first::<Word<PersonCode>>(db)?.0)
}

/// Accounts with one of the roles, by address: id, address, name, status.
///
/// # Errors
/// When the database cannot be read.
pub fn with_roles(db: &mut Db, roles: &[Role]) -> StoreResult<Vec<Account>> {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let having = account_roles::table.filter(account_roles::role.eq_any(words)).select(account_roles::account);
    let ids: Vec<AccountId> = having.load(db)?;
    Ok(accounts::table.filter(accounts::id.eq_any(ids)).order(accounts::email).load(db)?)
}

/// Changes an account by some of its columns, and its version with them.
macro_rules! change {
    ($db:expr, $id:expr, $now:expr, { $($column:ident: $value:expr),+ $(,)? }) => {
        changed_one(
            diesel::update(accounts::table.find($id))
                .set((
                    $(accounts::$column.eq($value),)+
                    accounts::version.eq(accounts::version + 1),
                    accounts::changed_at.eq($now),
                ))
                .execute($db)?,
        )
    };
}

fn changed_one(rows: usize) -> StoreResult<()> {
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Changes name and language.
///
/// # Errors
/// [`NotFound`](StoreError::NotFound), or when the database cannot be written.
pub fn describe(db: &mut Db, id: AccountId, name: &AccountName, language: &str, now: Stamp) -> StoreResult<()> {
    change!(db, id, now, { name: name.as_str(), language: language })
}

/// Changes the address.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when another account has it.
pub fn move_to(db: &mut Db, id: AccountId, email: &Email, now: Stamp) -> StoreResult<()> {
    change!(db, id, now, { email: email.as_str() })
}

/// Changes the password.
///
/// # Errors
/// [`NotFound`](StoreError::NotFound), or when the database cannot be written.
pub fn set_password(db: &mut Db, id: AccountId, hash: &str, now: Stamp) -> StoreResult<()> {
    change!(db, id, now, { password_hash: hash })
}

/// Opens or closes an account.
///
/// # Errors
/// [`NotFound`](StoreError::NotFound), or when the database cannot be written.
pub fn set_status(db: &mut Db, id: AccountId, status: AccountStatus, now: Stamp) -> StoreResult<()> {
    change!(db, id, now, { status: status.as_str() })
}

/// Says which person an account belongs to.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when the person has another account.
pub fn set_person(db: &mut Db, id: AccountId, person: PersonId, now: Stamp) -> StoreResult<()> {
    change!(db, id, now, { person: person })
}

/// Sets or takes away the secret of the authenticator, not confirmed yet.
///
/// # Errors
/// [`NotFound`](StoreError::NotFound), or when the database cannot be written.
pub fn set_totp(db: &mut Db, id: AccountId, sealed: Option<&str>, now: Stamp) -> StoreResult<()> {
    change!(db, id, now, {
        totp_secret: sealed,
        totp_confirmed_at: None::<Stamp>,
        totp_last_step: None::<i64>,
    })
}

/// The secrets of authenticators, sealed, of accounts behind `after`, by id, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub fn totp_secrets(db: &mut Db, after: Option<AccountId>, limit: i64) -> StoreResult<Vec<(AccountId, String)>> {
    let rows: Vec<(AccountId, Option<String>)> = accounts::table
        .filter(accounts::id.gt(after.unwrap_or(AccountId::NIL)).and(accounts::totp_secret.is_not_null()))
        .order(accounts::id)
        .limit(limit)
        .select((accounts::id, accounts::totp_secret))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(account, sealed)| Some((account, sealed?))).collect())
}

/// Keeps the same secret of the authenticator under another key. That is no change of the account.
///
/// # Errors
/// When the database cannot be written.
pub fn reseal_totp(db: &mut Db, id: AccountId, sealed: &str) -> StoreResult<()> {
    diesel::update(accounts::table.find(id)).set(accounts::totp_secret.eq(sealed)).execute(db)?;
    Ok(())
}

/// From now on codes of the authenticator are asked for.
///
/// # Errors
/// [`NotFound`](StoreError::NotFound), or when the database cannot be written.
pub fn confirm_totp(db: &mut Db, id: AccountId, step: Option<i64>, now: Stamp) -> StoreResult<()> {
    change!(db, id, now, { totp_confirmed_at: Some(now), totp_last_step: step })
}

/// Uses up the codes to a step; false when the step, or a later one, was used before.
///
/// # Errors
/// When the database cannot be written.
pub fn use_step(db: &mut Db, id: AccountId, step: i64) -> StoreResult<bool> {
    let fresh = accounts::totp_last_step.is_null().or(accounts::totp_last_step.lt(step));
    let rows = diesel::update(accounts::table.filter(accounts::id.eq(id).and(fresh)))
        .set(accounts::totp_last_step.eq(step))
        .execute(db)?;
    Ok(rows == 1)
}

/// Replaces the recovery codes.
///
/// # Errors
/// When the database cannot be written.
pub fn set_recovery_codes(db: &mut Db, id: AccountId, digests: &[String]) -> StoreResult<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account.eq(id))).execute(db)?;
    let rows = digests.iter().map(|digest| row!(recovery_codes { account: id, code_digest: digest }));
    insert_all!(db, recovery_codes::table, rows.collect())
}

/// How many recovery codes are left.
///
/// # Errors
/// When the database cannot be read.
pub fn recovery_codes_left(db: &mut Db, id: AccountId) -> StoreResult<i64> {
    let unused = recovery_codes::account.eq(id).and(recovery_codes::used_at.is_null());
    Ok(recovery_codes::table.filter(unused).count().get_result(db)?)
}

/// Uses a recovery code up; false when there is no such code, or it was used before.
///
/// # Errors
/// When the database cannot be written.
pub fn use_recovery_code(db: &mut Db, id: AccountId, digest: &str, now: Stamp) -> StoreResult<bool> {
    let unused = recovery_codes::account
        .eq(id)
        .and(recovery_codes::code_digest.eq(digest))
        .and(recovery_codes::used_at.is_null());
    let rows = diesel::update(recovery_codes::table.filter(unused)).set(recovery_codes::used_at.eq(now)).execute(db)?;
    Ok(rows == 1)
}

/// A person of the records who is a coachee, or a coach, and the agency they work for.
///
/// # Errors
/// When the database cannot be read.
pub fn person_as(db: &mut Db, code: &PersonCode, role: Role) -> StoreResult<Option<(PersonId, AgencyCode)>> {
    use super::schema::{coach_profiles, coachee_profiles};
    let named = persons::code.eq(code.as_str());
    let found: Option<(PersonId, Word<AgencyCode>)> = match role {
        Role::Coachee => coachee_profiles::table
            .inner_join(persons::table.on(persons::id.eq(coachee_profiles::person)))
            .filter(named)
            .select((coachee_profiles::person, coachee_profiles::agency))
            .get_result(db)
            .optional()?,
        Role::Coach => coach_profiles::table
            .inner_join(persons::table.on(persons::id.eq(coach_profiles::person)))
            .filter(named)
            .select((coach_profiles::person, coach_profiles::agency))
            .get_result(db)
            .optional()?,
        _ => None,
    };
    Ok(found.map(|(person, agency)| (person, agency.0)))
}
