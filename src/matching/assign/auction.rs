//! Prices that are nearly right.
use crate::matching::instance::Instance;

pub(super) fn prices(instance: &Instance) -> Vec<i64> {
    vec![0; instance.coaches()]
}
