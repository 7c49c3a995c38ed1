//! Bringing a database up to what this version needs.

use crate::store::{Store, StoreError, StoreResult, calendars, numbers, reference};
use crate::tabular::reference::{shipped_holidays, shipped_parts};

/// Identity numbers of earlier versions that are sealed in one transaction.
const BATCH: i64 = 1000;

/// Applies the migrations that are missing, seals identity numbers that an earlier version kept as they are and, to
/// a database without reference data, adds the data that ships with the program; days off that nobody has changed
/// follow each edition. Returns how many migrations were applied. What was done before it ended is not done again.
///
/// # Errors
/// Those of the store.
pub fn prepare(store: &Store) -> StoreResult<usize> {
    let applied = store.migrate()?;
    while store.write(|db| numbers::seal_plain(db, BATCH))? > 0 {}
    let parts = shipped_parts().map_err(|why| StoreError::Internal(why.to_string()))?;
    let days = shipped_holidays().map_err(|why| StoreError::Internal(why.to_string()))?;
    store.write(|db| {
        if reference::is_empty(db)? {
            reference::save(db, &parts)?;
        }
        calendars::save_reference(db, &days)
    })?;
    Ok(applied)
}

/// Whether the database is as this version needs it: the newest schema, and no identity number unsealed.
///
/// # Errors
/// Those of the store.
pub fn is_current(store: &Store) -> StoreResult<bool> {
    Ok(store.schema_is_current()? && !store.read(numbers::plain_left)?)
}

/// Fails when identity numbers here are sealed with keys that the settings do not have: better at the start than
/// when somebody signs up and is not found.
///
/// # Errors
/// [`StoreError::Unavailable`] says which key is missing.
pub fn keys_fit(store: &Store) -> StoreResult<()> {
    store.read(numbers::keys_fit)
}
