//! Mails about accounts, put into the outbox in the transaction of their cause.

use serde_json::Value;

use super::ServiceResult;
use super::context::doc;
use crate::domain::{Email, MailKind, MailStatus, Notice};
use crate::store::notices::AdminAccount;
use crate::store::outbox::{self, Mail};
use crate::store::types::{Stamp, Word};
use crate::store::{Db, OutboxId};

/// A mail to be sent.
pub(super) fn send(
    db: &mut Db,
    kind: MailKind,
    to: &Email,
    language: &str,
    data: &Value,
    now: Stamp,
) -> ServiceResult<()> {
    post(db, kind, to, language, data, MailStatus::Queued, now)
}

/// A mail that may be a mere pretence, so that who asks cannot tell whether there is anybody to write to.
pub(super) fn post(
    db: &mut Db,
    kind: MailKind,
    to: &Email,
    language: &str,
    data: &Value,
    status: MailStatus,
    now: Stamp,
) -> ServiceResult<()> {
    let mail = Mail {
        id: OutboxId::new(),
        kind: kind.to_string(),
        person: None,
        address: Some(Word(to.clone())),
        language: Some(language.to_owned()),
        data: doc(data)?,
        status: Word(status),
        not_before: now,
        created_at: now,
    };
    Ok(outbox::add(db, &mail)?)
}

/// A mail to an account that runs the programme, which need not belong to anybody of the records.
pub(super) fn to_admin(
    id: OutboxId,
    kind: Notice,
    admin: &AdminAccount,
    data: &Value,
    now: Stamp,
) -> ServiceResult<Mail> {
    Ok(Mail {
        id,
        kind: kind.to_string(),
        person: None,
        address: Some(Word(admin.email.clone())),
        language: Some(admin.language.clone()),
        data: doc(data)?,
        status: Word(MailStatus::Queued),
        not_before: now,
        created_at: now,
    })
}
