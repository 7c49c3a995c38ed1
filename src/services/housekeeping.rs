//! What is over is taken away.

use chrono::TimeDelta;

use super::ServiceResult;
use crate::store::types::Stamp;
use crate::store::{Store, idempotency, limits, outbox, sign_ins, tickets};

/// How long what is over is kept, in days: long enough to look into what went wrong.
const DAYS: i64 = 7;

/// Takes away answers, limits, tickets, devices and void mails that have been over for a week. Returns how many.
///
/// # Errors
/// Those of the store.
pub fn sweep(store: &Store, now: Stamp) -> ServiceResult<usize> {
    let before = Stamp::new(now.time() - TimeDelta::days(DAYS));
    store.write(|db| {
        Ok(idempotency::sweep(db, now)?
            + limits::sweep(db, before)?
            + tickets::sweep(db, before)?
            + sign_ins::sweep(db, before)?
            + outbox::sweep_void(db, before)?)
    })
}
