//! Whether what the database holds fits together.

use super::{ServiceResult, audit_log};
use crate::store::Store;
use crate::store::doctor::findings;
pub use crate::store::doctor::{Finding, Invariant};
use crate::store::types::Stamp;

/// How long an answer may be overdue before something is stuck: offers are let expire every few seconds.
const GRACE_SECONDS: i64 = 30;

/// Every row that breaks an invariant; none, when all is well. Of the chain of the audit log, the first place where
/// it is broken.
///
/// # Errors
/// When the database cannot be read.
pub fn check(store: &Store, now: Stamp) -> ServiceResult<Vec<Finding>> {
    let overdue = Stamp::new(now.time() - chrono::Duration::seconds(GRACE_SECONDS));
    store.snapshot(|db| {
        let mut findings = findings(db, overdue)?;
        findings.extend(audit_log::check(db, None)?.broken.map(|broken| Finding {
            invariant: Invariant::Audited,
            what: "the chain of the audit log is broken here; `coachnet audit verify` says how",
            id: broken.entry.unwrap_or_default(),
        }));
        Ok(findings)
    })
}
