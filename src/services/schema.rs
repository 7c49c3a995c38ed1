//! Bringing a database up to what this version needs.

use crate::store::{Store, StoreError, StoreResult, calendars, reference};
use crate::tabular::reference::{shipped_holidays, shipped_parts};

/// Applies the migrations that are missing and, to a database without reference data, the
/// data that ships with the program; days off that nobody has changed follow each edition. Returns how many migrations were applied.
///
/// # Errors
/// Those of the store.
pub fn prepare(store: &Store) -> StoreResult<usize> {
    let applied = store.migrate()?;
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
