//! Messages that could not be sent, for whoever operates the service.

use serde_json::json;

use super::context::note;
use super::{ServiceError, ServiceResult};
use crate::domain::MailStatus;
use crate::store::delivery::{self, DeadLetter};
use crate::store::types::Stamp;
use crate::store::{OutboxId, Store};

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
pub fn overview(store: &Store, limit: i64) -> ServiceResult<Overview> {
    store.snapshot(|db| Ok(Overview { counts: delivery::counts(db)?, dead: delivery::dead(db, limit)? }))
}

/// Queues messages anew that were given up: those named, or all. Says how many.
///
/// # Errors
/// [`ServiceError::Missing`] when one of those named was not given up.
pub fn retry(store: &Store, named: Option<&[OutboxId]>, actor: &str, now: Stamp) -> ServiceResult<usize> {
    store.write(|db| {
        let revived = delivery::revive(db, named, now)?;
        if let Some(missing) = named.unwrap_or_default().iter().find(|id| !revived.contains(id)) {
            return Err(ServiceError::Missing(format!("no undeliverable mail has the id {missing}")));
        }
        for id in &revived {
            note(db, actor, "mail.retried", ("mail", id.uuid()), &json!({}), now)?;
        }
        Ok(revived.len())
    })
}

/// An address of which nobody can be told by: the first letter, and the domain.
pub fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().next().unwrap_or('*')),
        None => "***".into(),
    }
}
