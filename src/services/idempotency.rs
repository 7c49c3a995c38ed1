//! One effect for one `Idempotency-Key`: the answer is kept in the transaction of the effect, and
//! given again to whoever repeats the request.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::context::{doc, read};
use super::{Denial, ServiceResult};
use crate::store::idempotency::{self, Asked};
use crate::store::types::Stamp;
use crate::store::{Db, Store};

/// How long an answer is given again, in hours.
const KEPT_HOURS: i64 = 24;

/// An answer that can be given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The HTTP status.
    pub status: u16,
    /// Where the thing that was made is, if one was made.
    pub location: Option<String>,
    /// The body as JSON, if there is one.
    pub body: Option<String>,
}

/// The answer that was given to this request before.
///
/// # Errors
/// [`Denial::KeyReused`] when the key came with another request.
pub fn earlier(store: &Store, asked: &Asked, now: Stamp) -> ServiceResult<Option<Kept>> {
    store.read(|db| known(db, asked, now))
}

/// Does the work, unless this request was answered before. To be called inside a transaction that
/// writes: of several at once one does the work, the others get its answer.
///
/// # Errors
/// Those of the work, whose failures are not kept, and [`Denial::KeyReused`].
pub fn once(
    db: &mut Db,
    asked: Option<&Asked>,
    now: Stamp,
    work: impl FnOnce(&mut Db) -> ServiceResult<Kept>,
) -> ServiceResult<Kept> {
    let Some(asked) = asked else { return work(db) };
    if let Some(kept) = known(db, asked, now)? {
        return Ok(kept);
    }
    let kept = work(db)?;
    let expires_at = Stamp::new(now.time() + TimeDelta::hours(KEPT_HOURS));
    idempotency::keep(db, asked, &doc(&kept)?, now, expires_at)?;
    Ok(kept)
}

fn known(db: &mut Db, asked: &Asked, now: Stamp) -> ServiceResult<Option<Kept>> {
    match idempotency::find(db, asked, now)? {
        Some((digest, _)) if digest != asked.request_digest => Err(Denial::KeyReused.into()),
        Some((_, answer)) => read(&answer).map(Some),
        None => Ok(None),
    }
}
