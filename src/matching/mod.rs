//! The engine: eligibility, score, candidate lists, assignment, lottery, certificate,
//! explanation. Pure functions of (cohort, policy, seed): no I/O, no clock, no global state.
#![deny(missing_docs)]

pub mod all_pairs;
pub mod assign;
mod barriers;
mod build;
pub mod certificate;
pub mod check;
mod coach_row;
pub mod columns;
mod employers;
pub mod explain;
pub mod instance;
mod keep;
pub mod levels;
pub mod live;
pub mod lottery;
pub mod outcome;
mod relations;
pub mod report;
pub mod reserve;
mod restore;
mod rule;
pub mod run;
pub mod scan;
pub mod score;
pub mod stable;
pub mod summary;
mod waiting;
pub mod watch;

pub use columns::Cohort;
pub use explain::WhyNot;
pub use keep::{CannotKeep, KeepFault};
pub use reserve::Reserve;
pub use rule::{Rule, RuleCounts, RuleSet};
pub use waiting::{Standing, why_not};
