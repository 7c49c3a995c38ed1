//! The engine: eligibility, score, candidate lists, assignment, lottery, certificate,
//! explanation. Pure functions of (cohort, policy, seed): no I/O, no clock, no global state.
#![deny(missing_docs)]

pub mod columns;
pub mod explain;
mod levels;
pub mod lottery;
mod rule;
pub mod scan;
pub mod score;

pub use columns::Cohort;
pub use rule::{Rule, RuleSet};
