//! Messages that could not be sent, for whoever operates the service.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::context::note;
use super::letters::SECRET;
use super::{Denial, ServiceError, ServiceResult};
use crate::auth::digest;
use crate::domain::{Email, MailKind, MailStatus};
use crate::mail::{Links, Topic};
use crate::store::delivery::{self, DeadLetter};
use crate::store::types::{Doc, Stamp};
use crate::store::{Db, OutboxId, Store, accounts, invitations};

/// What an operator sees of the outbox.
#[derive(Debug)]
pub struct Overview {
    /// How many messages stand where.
    pub counts: Vec<(MailStatus, i64)>,
    /// Those that were given up, the newest first.
    pub dead: Vec<DeadLetter>,
}

/// Where messages stand, and up to `limit` of those that were given up.
///
/// # Errors
/// Those of the store.
pub fn overview(db: &mut Db, limit: i64) -> ServiceResult<Overview> {
    Ok(Overview { counts: delivery::counts(db)?, dead: list(db, None, limit)? })
}

/// Up to `limit` messages that were given up, the newest first, those older than `before`.
///
/// # Errors
/// Those of the store.
pub fn list(db: &mut Db, before: Option<OutboxId>, limit: i64) -> ServiceResult<Vec<DeadLetter>> {
    Ok(delivery::dead(db, before, limit)?)
}

/// Queues messages anew that were given up: those named, or all. Says how many.
///
/// # Errors
/// [`ServiceError::Missing`] when one of those named was not given up.
pub fn retry(store: &Store, named: Option<&[OutboxId]>, actor: &str, now: Stamp) -> ServiceResult<usize> {
    store.write(|db| revive(db, named, actor, now))
}

fn revive(db: &mut Db, named: Option<&[OutboxId]>, actor: &str, now: Stamp) -> ServiceResult<usize> {
    let revived = delivery::revive(db, named, now)?;
    if let Some(missing) = named.unwrap_or_default().iter().find(|id| !revived.contains(id)) {
        return Err(unknown(*missing));
    }
    for id in &revived {
        note(db, actor, "mail.retried", ("mail", id.uuid()), &json!({}), now)?;
    }
    Ok(revived.len())
}

/// Queues a message anew that was given up, to another address if one is named.
///
/// # Errors
/// [`ServiceError::Missing`] when it was not given up, or [`Denial::Invalid`] when its address is that of the records
/// or of an account, where it must be corrected.
pub fn retry_one(db: &mut Db, id: OutboxId, to: Option<&Email>, actor: &str, now: Stamp) -> ServiceResult<()> {
    let (letter, data) = delivery::dead_one(db, id)?.ok_or_else(|| unknown(id))?;
    if let Some(to) = to {
        redirect(db, &letter, &data, to)?;
        note(db, actor, "mail.readdressed", ("mail", id.uuid()), &json!({}), now)?;
    }
    revive(db, Some(&[id]), actor, now).map(drop)
}

/// What a message that may hold a secret says of it.
#[derive(Deserialize)]
struct Secret {
    token: Option<SecretString>,
}

/// Puts another address on a message. A link that opens somebody's account goes nowhere else; that of an invitation
/// makes one, and goes with the invitation.
fn redirect(db: &mut Db, letter: &DeadLetter, data: &Doc, to: &Email) -> ServiceResult<()> {
    let elsewhere = || ServiceError::from(Denial::fault("/address", "error.field.mail_address"));
    if letter.address.is_none() {
        return Err(elsewhere());
    }
    if let Ok(kind) = letter.kind.parse::<MailKind>()
        && Links::needs_secret(Topic::Account(kind))
    {
        let token = data.read::<Secret>().ok().and_then(|secret| secret.token);
        let token = token.filter(|_| kind == MailKind::Invitation).ok_or_else(elsewhere)?;
        if accounts::by_email(db, to.as_str())?.is_some() {
            return Err(Denial::AccountExists.into());
        }
        if !invitations::readdress(db, &digest(token.expose_secret()), to)? {
            return Err(Denial::Decided.into());
        }
    }
    Ok(delivery::readdress(db, letter.id, to)?)
}

/// Lets messages be that were given up: they are never sent, and counted no more.
///
/// # Errors
/// [`ServiceError::Missing`] when one of them was not given up.
pub fn dismiss(db: &mut Db, ids: &[OutboxId], actor: &str, now: Stamp) -> ServiceResult<()> {
    for &id in ids {
        let (_, data) = delivery::dead_one(db, id)?.ok_or_else(|| unknown(id))?;
        let data = data.without(SECRET).unwrap_or(data);
        if !delivery::dismiss(db, id, &data)? {
            return Err(unknown(id));
        }
        note(db, actor, "mail.dismissed", ("mail", id.uuid()), &json!({}), now)?;
    }
    Ok(())
}

fn unknown(id: OutboxId) -> ServiceError {
    ServiceError::Missing(format!("no undeliverable mail has the id {id}"))
}

/// To whom a message was to go: the address, masked, or else the code of the person.
pub fn addressee(letter: &DeadLetter) -> Option<String> {
    letter.address.as_deref().map(masked).or_else(|| letter.code.as_ref().map(ToString::to_string))
}

/// An address of which nobody can be told by: the first letter, and the domain.
pub fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().next().unwrap_or('*')),
        None => "***".into(),
    }
}
