//! One-time codes of an authenticator, and the recovery codes for when it is gone.

use serde_json::json;

use super::context::note;
use super::sign_ins::{step_of, try_code};
use super::{Caller, Context, Denial, ServiceError, ServiceResult};
use crate::auth::{Enrolment, recovery_code, recovery_digest};
use crate::store::accounts::{self, Account};
use crate::store::{AccountId, Db, sign_ins};

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;

/// Where the secret of an authenticator is sealed for.
pub(super) fn place(account: AccountId) -> String {
    format!("accounts.totp_secret {account}")
}

/// Makes a secret for the caller's authenticator. Codes are asked for once one was right.
///
/// # Errors
/// [`Denial::WrongCredentials`], or [`Denial::SecondFactorOn`] when codes are asked for already.
pub fn enrol(cx: &Context, caller: &Caller, password: &str, service: &str) -> ServiceResult<Enrolment> {
    let account = super::passwords::confirmed(cx, caller, password)?;
    if account.totp_confirmed_at.is_some() {
        return Err(Denial::SecondFactorOn.into());
    }
    let enrolment = Enrolment::new(service, account.email.0.as_str());
    cx.store.write(|db| keep(db, cx, account.id, &enrolment))?;
    Ok(enrolment)
}

/// Keeps the secret of an authenticator, sealed.
pub(super) fn keep(db: &mut Db, cx: &Context, account: AccountId, enrolment: &Enrolment) -> ServiceResult<()> {
    let sealed = cx.auth.vault.seal(&enrolment.secret, &place(account));
    accounts::set_totp(db, account, Some(&sealed), cx.now)?;
    note(db, account, "second_factor.enrolled", ("account", account.uuid()), &json!({}), cx.now)
}

/// Turns codes on with a first right one, and gives the recovery codes. The device that did it counts
/// as signed in with a code.
///
/// # Errors
/// [`Denial::WrongCode`], [`Denial::SecondFactorOn`] or [`Denial::SecondFactorOff`] when nothing was enrolled.
pub fn confirm(cx: &Context, caller: &Caller, code: &str) -> ServiceResult<Vec<String>> {
    let confirmed = cx.store.write(|db| {
        let account = accounts::get(db, caller.account)?;
        if account.totp_confirmed_at.is_some() {
            return Err(Denial::SecondFactorOn.into());
        }
        if account.totp_secret.is_none() {
            return Err(ServiceError::from(Denial::SecondFactorOff));
        }
        let Some(step) = step_of(cx, &account, code)? else { return Ok(None) };
        accounts::confirm_totp(db, account.id, Some(step), cx.now)?;
        sign_ins::add_second_factor(db, caller.sign_in)?;
        note(db, account.id, "second_factor.on", ("account", account.id.uuid()), &json!({}), cx.now)?;
        new_codes(db, account.id).map(Some)
    })?;
    confirmed.ok_or_else(|| Denial::WrongCode.into())
}

/// Replaces the recovery codes of an account.
pub(super) fn new_codes(db: &mut Db, account: AccountId) -> ServiceResult<Vec<String>> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let digests: Vec<String> = codes.iter().map(|code| recovery_digest(code)).collect();
    accounts::set_recovery_codes(db, account, &digests)?;
    Ok(codes)
}

/// Turns codes off.
///
/// # Errors
/// [`Denial::SecondFactorRequired`] for admins and auditors; [`Denial::WrongCredentials`] or [`Denial::WrongCode`].
pub fn disable(cx: &Context, caller: &Caller, password: &str, code: &str) -> ServiceResult<()> {
    if caller.grants.iter().any(|grant| grant.role.needs_second_factor()) {
        return Err(Denial::SecondFactorRequired.into());
    }
    let account = with_both(cx, caller, password)?;
    let done = cx.store.write(|db| {
        if !try_code(db, cx, &account, code)? {
            return Ok::<_, ServiceError>(false);
        }
        accounts::set_totp(db, account.id, None, cx.now)?;
        accounts::set_recovery_codes(db, account.id, &[])?;
        note(db, account.id, "second_factor.off", ("account", account.id.uuid()), &json!({}), cx.now)?;
        Ok(true)
    })?;
    if done { Ok(()) } else { Err(Denial::WrongCode.into()) }
}

/// New recovery codes in place of the old ones.
///
/// # Errors
/// [`Denial::WrongCredentials`] or [`Denial::WrongCode`].
pub fn renew_codes(cx: &Context, caller: &Caller, password: &str, code: &str) -> ServiceResult<Vec<String>> {
    let account = with_both(cx, caller, password)?;
    let codes = cx.store.write(|db| {
        if !try_code(db, cx, &account, code)? {
            return Ok::<_, ServiceError>(None);
        }
        note(db, account.id, "recovery_codes.renewed", ("account", account.id.uuid()), &json!({}), cx.now)?;
        new_codes(db, account.id).map(Some)
    })?;
    codes.ok_or_else(|| Denial::WrongCode.into())
}

fn with_both(cx: &Context, caller: &Caller, password: &str) -> ServiceResult<Account> {
    let account = super::passwords::confirmed(cx, caller, password)?;
    if account.totp_confirmed_at.is_none() {
        return Err(Denial::SecondFactorOff.into());
    }
    Ok(account)
}
