//! Whether what the database holds fits together.

use super::ServiceResult;
use crate::store::Store;
use crate::store::doctor::findings;
pub use crate::store::doctor::{Finding, Invariant};
use crate::store::types::Stamp;

/// How long an answer may be overdue before something is stuck: offers are let expire every few seconds.
const GRACE_SECONDS: i64 = 30;

/// Every row that breaks an invariant; none, when all is well.
///
/// # Errors
/// When the database cannot be read.
pub fn check(store: &Store, now: Stamp) -> ServiceResult<Vec<Finding>> {
    let overdue = Stamp::new(now.time() - chrono::Duration::seconds(GRACE_SECONDS));
    Ok(store.snapshot(|db| findings(db, overdue))?)
}
