//! What whoever asked for a run is told once it is over.

use serde_json::json;

use super::{ServiceResult, mails};
use crate::domain::{AccountStatus, Notice};
use crate::store::types::Stamp;
use crate::store::{Db, OutboxId, RunId, notices, outbox, runs};

/// Lets the account that asked for a run know what became of it, if one did and still runs the programme.
pub(super) fn tell(db: &mut Db, run: RunId, kind: Notice, now: Stamp) -> ServiceResult<()> {
    let Some(account) = runs::ordered_by(db, run)? else { return Ok(()) };
    for admin in notices::admins(db, Some(&[account]))? {
        if admin.status == AccountStatus::Active {
            let data = json!({ "about": run, "account": account });
            outbox::add(db, &mails::to_admin(OutboxId::new(), kind, &admin, &data, now)?)?;
        }
    }
    Ok(())
}
