//! Another address for an account: both the old one and the new one have to agree.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde_json::json;

use super::context::note;
use super::link::About;
use super::passwords::{confirmed, limit_links, limit_mails};
use super::{Caller, Context, Denial, ServiceResult, mails};
use crate::auth::{digest, random_token};
use crate::domain::{Email, MailKind, MailStatus};
use crate::store::accounts::{self, Account};
use crate::store::email_changes::{self, EmailChange};
use crate::store::types::{Stamp, Word};
use crate::store::{Db, EmailChangeId};

/// How long both addresses may take to agree, in hours.
const HOURS: i64 = 24;

/// Sends a link to each of the two addresses, after the password was [given once more](may_ask). If
/// somebody has the new address, the same is answered, and nothing goes there.
///
/// # Errors
/// [`Denial::TooMany`].
pub fn ask(db: &mut Db, cx: &Context, account: &Account, new: &Email, from: IpAddr) -> ServiceResult<()> {
    limit_mails(db, cx, new, from)?;
    let (old_secret, new_secret) = (random_token(), random_token());
    let expires_at = Stamp::new(cx.now.time() + TimeDelta::hours(HOURS));
    let change = EmailChange {
        id: EmailChangeId::new(),
        account: account.id,
        new_email: Word(new.clone()),
        old_digest: digest(&old_secret),
        new_digest: digest(&new_secret),
        old_confirmed_at: None,
        new_confirmed_at: None,
        created_at: cx.now,
        expires_at,
        ended_at: None,
    };
    email_changes::create(db, &change)?;
    note(db, account.id, "email.change_asked", ("account", account.id.uuid()), &json!({}), cx.now)?;
    let free = accounts::by_email(db, new.as_str())?.is_none();
    let letter = |secret: &str| json!({ "token": secret, "expires_at": expires_at });
    let (language, old) = (&account.language, &account.email.0);
    mails::send(db, MailKind::EmailChangeFrom, old, language, &letter(&old_secret), cx.now)?;
    let status = if free { MailStatus::Queued } else { MailStatus::Void };
    mails::post(db, MailKind::EmailChangeTo, new, language, &letter(&new_secret), status, cx.now)
}

/// The caller's account, after the password was given once more.
///
/// # Errors
/// [`Denial::WrongCredentials`], or [`Denial::TooMany`].
pub fn may_ask(cx: &Context, caller: &Caller, password: &str) -> ServiceResult<Account> {
    confirmed(cx, caller, password)
}

/// What a link is about, as long as it is good.
///
/// # Errors
/// [`Denial::LinkOver`] when it is not.
pub fn look(db: &mut Db, secret: &str, now: Stamp) -> ServiceResult<About> {
    let change = email_changes::by_digest(db, &digest(secret), now)?.ok_or(Denial::LinkOver)?;
    Ok(About {
        name: None,
        email: change.new_email.to_string(),
        role: None,
        has_account: false,
        until: change.expires_at,
    })
}

/// Confirms for the address that the secret was sent to; whether the account has moved by it.
///
/// # Errors
/// [`Denial::LinkOver`], or [`Denial::AccountExists`] when somebody was first with the new address.
pub fn confirm(db: &mut Db, cx: &Context, secret: &str, from: IpAddr) -> ServiceResult<bool> {
    limit_links(db, cx, from)?;
    let digest = digest(secret);
    let mut change = email_changes::by_digest(db, &digest, cx.now)?.ok_or(Denial::LinkOver)?;
    let confirmed =
        if change.old_digest == digest { &mut change.old_confirmed_at } else { &mut change.new_confirmed_at };
    confirmed.get_or_insert(cx.now);
    let moves = change.old_confirmed_at.is_some() && change.new_confirmed_at.is_some();
    if moves {
        move_account(db, &change, cx.now)?;
        change.ended_at = Some(cx.now);
    }
    email_changes::save(db, &change)?;
    Ok(moves)
}

fn move_account(db: &mut Db, change: &EmailChange, now: Stamp) -> ServiceResult<()> {
    let account = accounts::get(db, change.account)?;
    if accounts::by_email(db, change.new_email.0.as_str())?.is_some() {
        return Err(Denial::AccountExists.into());
    }
    accounts::move_to(db, account.id, &change.new_email.0, now)?;
    note(db, account.id, "email.changed", ("account", account.id.uuid()), &json!({}), now)?;
    mails::send(db, MailKind::EmailChanged, &account.email.0, &account.language, &json!({}), now)
}
