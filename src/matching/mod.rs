//! The engine: eligibility, score, candidate lists, assignment, lottery, certificate,
//! explanation. Pure functions of (cohort, policy, seed): no I/O, no clock, no global state.
#![deny(missing_docs)]

pub mod assign;
pub mod certificate;
pub mod instance;
pub mod lottery;
pub mod stable;
