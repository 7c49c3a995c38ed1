//! What letters about accounts say.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;

use super::{Draft, USUAL_ZONE};
use crate::domain::MailKind;
use crate::i18n::Lang;
use crate::mail::{Facts, Links, Topic};
use crate::services::ServiceResult;
use crate::store::delivery::Claimed;
use crate::store::types::Stamp;
use crate::store::{AccountId, Db, letters};

/// What a message about an account holds.
#[derive(Deserialize)]
struct AccountData {
    token: Option<SecretString>,
    name: Option<String>,
    reason: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    /// Of a device that signed in: when, and what it calls itself.
    at: Option<DateTime<Utc>>,
    device: Option<String>,
    /// Who sent an invitation. The name is looked up, so that it is nowhere twice.
    invited_by: Option<AccountId>,
}

/// The names of those who sent the invitations of a batch.
pub(super) fn inviters(db: &mut Db, batch: &[Claimed]) -> ServiceResult<HashMap<AccountId, String>> {
    let invitations = batch.iter().filter(|message| message.kind == MailKind::Invitation.as_str());
    let by = |message: &Claimed| message.data.read::<AccountData>().ok()?.invited_by;
    let ids: Vec<AccountId> = invitations.filter_map(by).collect();
    Ok(if ids.is_empty() { HashMap::new() } else { letters::account_names(db, &ids)? })
}

/// What there is to say.
pub(super) fn facts(
    message: &Claimed,
    kind: MailKind,
    inviters: &HashMap<AccountId, String>,
    lang: Lang,
    now: Stamp,
) -> Result<Facts, Draft> {
    let data: AccountData = message.data.read().map_err(|_| Draft::Unsendable("its data cannot be read"))?;
    let needs_secret = Links::needs_secret(Topic::Account(kind));
    if needs_secret && data.token.is_none() {
        return Err(Draft::Unsendable("the secret of its link is gone"));
    }
    if needs_secret && data.expires_at.is_some_and(|until| until <= now.time()) {
        return Err(Draft::Overtaken("its link is no longer good"));
    }
    // Anybody can have these sent to anybody, with any name: no words of theirs in our mail.
    let by_a_stranger = matches!(kind, MailKind::CoachApplication | MailKind::AccountExists);
    let label = |word: &str| lang.tr(&format!("mail.detail.{word}")).into_owned();
    let when = data.at.map(|at| (label("when"), lang.moment_in(at, USUAL_ZONE)));
    let device = data.device.filter(|device| !device.trim().is_empty()).map(|device| (label("device"), device));
    let inviter = data.invited_by.and_then(|by| inviters.get(&by)).map(|name| (label("invited_by"), name.clone()));
    Ok(Facts {
        items: [when, device, inviter].into_iter().flatten().collect(),
        name: data.name.filter(|_| !by_a_stranger),
        reason: data.reason,
        until: data.expires_at.filter(|_| needs_secret),
        token: data.token.filter(|_| needs_secret),
        ..Facts::default()
    })
}
