//! What is over is taken away.

use chrono::TimeDelta;

use super::ServiceResult;
use crate::store::types::Stamp;
use crate::store::{Store, idempotency, limits, notices, outbox, sign_ins, sign_up_claims, tickets};

/// How long what is over is kept, in days: long enough to look into what went wrong.
const DAYS: i64 = 7;

/// How long it is remembered what a clock made us say, in days: longer than anything could be said again.
const SAID_DAYS: i64 = 400;
/// How long it is kept who wanted to open an account, in days.
const CLAIM_DAYS: i64 = 90;
/// Mails taken away in one transaction.
const MAILS_AT_A_TIME: i64 = 1_000;

/// Takes away answers, limits, tickets, devices and void mails that have been over for a week, and mails that were
/// sent so many days ago. Returns how many.
///
/// # Errors
/// Those of the store.
pub fn sweep(store: &Store, now: Stamp, keep_mail_days: u16) -> ServiceResult<usize> {
    let ago = |days: i64| Stamp::new(now.time() - TimeDelta::days(days));
    let before = ago(DAYS);
    let mut gone = 0;
    loop {
        let some = store.write(|db| outbox::sweep_sent(db, ago(keep_mail_days.into()), MAILS_AT_A_TIME))?;
        gone += some;
        if some == 0 {
            break;
        }
    }
    store.write(|db| {
        Ok(gone
            + notices::sweep(db, ago(SAID_DAYS))?
            + idempotency::sweep(db, now)?
            + limits::sweep(db, before)?
            + tickets::sweep(db, before)?
            + sign_ins::sweep(db, before)?
            + sign_up_claims::sweep(db, ago(CLAIM_DAYS))?
            + outbox::sweep_void(db, before)?)
    })
}
