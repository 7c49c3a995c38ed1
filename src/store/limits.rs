//! What is limited, and when it will be free again.

use diesel::prelude::*;

use super::schema::rate_limits;
use super::types::Stamp;
use super::{Db, StoreResult};

/// When a bucket is free again, if it is in use at all.
///
/// # Errors
/// When the database cannot be read.
pub fn free_at(db: &mut Db, bucket: &str) -> StoreResult<Option<Stamp>> {
    Ok(rate_limits::table.find(bucket).select(rate_limits::free_at).get_result(db).optional()?)
}

/// Sets when a bucket is free again.
///
/// # Errors
/// When the database cannot be written.
pub fn set_free_at(db: &mut Db, bucket: &str, at: Stamp) -> StoreResult<()> {
    upsert!(db, rate_limits by bucket, { bucket: bucket, free_at: at })
}

/// Takes away buckets that have been free for long.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(db: &mut Db, before: Stamp) -> StoreResult<usize> {
    Ok(diesel::delete(rate_limits::table.filter(rate_limits::free_at.lt(before))).execute(db)?)
}
