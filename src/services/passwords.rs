//! Choosing a password: a first one, another one, or one in place of a forgotten one.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde_json::json;

use super::context::{doc, note};
use super::limits::{self, Bucket, LINKS, MAILS, MAILS_FROM, PASSWORDS};
use super::link::About;
use super::{Caller, Context, Denial, ServiceError, ServiceResult, mails, sign_ins};
use crate::auth::{BadPassword, Passwords, digest, random_token};
use crate::domain::{AccountName, AccountStatus, Email, MailKind, MailStatus, TicketPurpose};
use crate::store::accounts::{self, Account};
use crate::store::tickets::{self, Ticket};
use crate::store::types::{Doc, Stamp, Word};
use crate::store::{AccountId, Db, TicketId, sign_ins as devices};

/// How long a link to choose a password is good, in minutes.
const RESET_MINUTES: i64 = 30;

/// The caller's account, after the password was given once more.
///
/// # Errors
/// [`Denial::WrongCredentials`], or [`Denial::TooMany`].
pub(super) fn confirmed(cx: &Context, caller: &Caller, password: &str) -> ServiceResult<Account> {
    confirmed_owner(cx, caller.account, password)
}

/// An account, after its password was given by somebody who has shown to be its owner in another way too.
///
/// # Errors
/// As [`confirmed`].
pub(super) fn confirmed_owner(cx: &Context, id: AccountId, password: &str) -> ServiceResult<Account> {
    let owner = format!("signed in {id}");
    let buckets = [Bucket(PASSWORDS, &owner)];
    let account = cx.store.write(|db| {
        limits::take(db, cx, &buckets)?;
        Ok::<_, ServiceError>(accounts::get(db, id)?)
    })?;
    if !cx.auth.passwords.verify(password, Some(&account.password_hash)) {
        return Err(Denial::WrongCredentials.into());
    }
    cx.store.write(|db| limits::give_back(db, cx, &buckets))?;
    Ok(account)
}

/// Judges and hashes a new password.
///
/// # Errors
/// [`Denial::Invalid`] says what is wrong with it.
pub(super) fn hashed(
    cx: &Context,
    pointer: &'static str,
    password: &str,
    email: &Email,
    name: &AccountName,
) -> ServiceResult<String> {
    match Passwords::judge(password, email, name) {
        Ok(()) => Ok(cx.auth.passwords.hash(password)),
        Err(BadPassword::Length) => Err(Denial::fault(pointer, "error.field.password.length").into()),
        Err(BadPassword::Common) => Err(Denial::fault(pointer, "error.field.password.common").into()),
        Err(BadPassword::Personal) => Err(Denial::fault(pointer, "error.field.password.personal").into()),
    }
}

/// A password that may replace the caller's.
pub struct NewPassword(String);

/// Checks the present password and hashes the new one.
///
/// # Errors
/// [`Denial::WrongCredentials`], or [`Denial::Invalid`].
pub fn choose(cx: &Context, caller: &Caller, current: &str, new: &str) -> ServiceResult<NewPassword> {
    let account = confirmed(cx, caller, current)?;
    hashed(cx, "/new_password", new, &account.email.0, &account.name.0).map(NewPassword)
}

/// Changes the caller's password. All other devices are signed out.
///
/// # Errors
/// Those of the store.
pub fn change(db: &mut Db, caller: &Caller, new: &NewPassword, now: Stamp) -> ServiceResult<()> {
    let account = accounts::get(db, caller.account)?;
    accounts::set_password(db, account.id, &new.0, now)?;
    devices::end_others(db, account.id, Some(caller.sign_in), now)?;
    tickets::void(db, account.id, TicketPurpose::PasswordReset, now)?;
    note(db, account.id, "password.changed", ("account", account.id.uuid()), &json!({}), now)?;
    mails::send(db, MailKind::PasswordChanged, &account.email.0, &account.language, &json!({}), now)
}

/// Sends a link to choose a password, if there is such an account. Does the same work if there is none.
///
/// # Errors
/// [`Denial::TooMany`].
pub fn ask_reset(db: &mut Db, cx: &Context, email: &Email, language: &str, from: IpAddr) -> ServiceResult<()> {
    limit_mails(db, cx, email, from)?;
    let account = accounts::by_email(db, email.as_str())?;
    let account = account.filter(|account| account.status.0 == AccountStatus::Active);
    let secret = random_token();
    let id = account.as_ref().map(|account| account.id);
    let expires_at = Stamp::new(cx.now.time() + TimeDelta::minutes(RESET_MINUTES));
    issue(db, TicketPurpose::PasswordReset, id, &secret, doc(&json!({}))?, cx.now, expires_at)?;
    let language = account.as_ref().map_or(language, |account| account.language.as_str());
    let status = if id.is_some() { MailStatus::Queued } else { MailStatus::Void };
    let data = json!({ "token": secret, "expires_at": expires_at });
    mails::post(db, MailKind::PasswordReset, email, language, &data, status, cx.now)
}

/// Whoever has mails sent is kept from sending many, to one address or from one.
pub(super) fn limit_mails(db: &mut Db, cx: &Context, email: &Email, from: IpAddr) -> ServiceResult<()> {
    let (to, from) = (format!("to {email}"), format!("from {from}"));
    limits::take(db, cx, &[Bucket(MAILS, &to), Bucket(MAILS_FROM, &from)])
}

/// Whoever tries links is kept from trying many.
pub(super) fn limit_links(db: &mut Db, cx: &Context, from: IpAddr) -> ServiceResult<()> {
    let from = format!("links from {from}");
    limits::take(db, cx, &[Bucket(LINKS, &from)])
}

/// Keeps a ticket for a secret. A ticket for nobody opens nothing.
pub(super) fn issue(
    db: &mut Db,
    purpose: TicketPurpose,
    account: Option<AccountId>,
    secret: &str,
    data: Doc,
    now: Stamp,
    expires_at: Stamp,
) -> ServiceResult<()> {
    let (id, purpose, digest) = (TicketId::new(), Word(purpose), digest(secret));
    Ok(tickets::create(db, &Ticket { id, purpose, account, digest, data, created_at: now, expires_at, used_at: None })?)
}

/// What a link is about, as long as it is good.
///
/// # Errors
/// [`Denial::LinkOver`] when it is not.
pub fn look(db: &mut Db, secret: &str, now: Stamp) -> ServiceResult<About> {
    let ticket = tickets::good(db, TicketPurpose::PasswordReset, &digest(secret), now)?.ok_or(Denial::LinkOver)?;
    let account = accounts::get(db, ticket.account.ok_or(Denial::LinkOver)?)?;
    let name = Some(account.name.to_string());
    Ok(About { name, email: account.email.to_string(), role: None, has_account: false, until: ticket.expires_at })
}

/// A password chosen with the secret of a link, ready to be set.
pub struct Reset {
    ticket: Ticket,
    account: Account,
    hash: String,
}

/// Looks the secret of a link up, and hashes the password chosen with it.
///
/// # Errors
/// [`Denial::LinkOver`], or [`Denial::Invalid`] for a password that is not taken; the link is good then as before.
pub fn choose_anew(cx: &Context, secret: &str, password: &str, from: IpAddr) -> ServiceResult<Reset> {
    cx.store.write(|db| limit_links(db, cx, from))?;
    let (ticket, account) = cx.store.snapshot(|db| {
        let ticket = tickets::good(db, TicketPurpose::PasswordReset, &digest(secret), cx.now)?;
        let ticket = ticket.ok_or(Denial::LinkOver)?;
        let id = ticket.account.ok_or(Denial::LinkOver)?;
        Ok::<_, ServiceError>((ticket, accounts::get(db, id)?))
    })?;
    let hash = hashed(cx, "/password", password, &account.email.0, &account.name.0)?;
    Ok(Reset { ticket, account, hash })
}

/// Sets a password in place of a forgotten one. All devices are signed out.
///
/// # Errors
/// [`Denial::LinkOver`] when somebody was first.
pub fn reset(db: &mut Db, cx: &Context, reset: &Reset, from: IpAddr) -> ServiceResult<()> {
    let Reset { ticket, account, hash } = reset;
    if !tickets::take(db, ticket.id, cx.now)? {
        return Err(Denial::LinkOver.into());
    }
    accounts::set_password(db, account.id, hash, cx.now)?;
    devices::end_others(db, account.id, None, cx.now)?;
    tickets::void(db, account.id, TicketPurpose::PasswordReset, cx.now)?;
    sign_ins::know_place(db, cx, account.id, from)?;
    note(db, account.id, "password.reset", ("account", account.id.uuid()), &json!({}), cx.now)?;
    mails::send(db, MailKind::PasswordChanged, &account.email.0, &account.language, &json!({}), cx.now)
}
