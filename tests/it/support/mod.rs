//! What integration tests share.

pub mod cohorts;
