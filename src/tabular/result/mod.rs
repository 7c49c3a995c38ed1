//! The result of a matching as files: `pairs.csv`, `prices.csv`, `report.json`.

mod comparison;
mod folder;
mod report;
mod tables;

pub use comparison::Comparison;
pub(super) use folder::prepare_for;
pub use folder::{CannotWrite, NewFile, prepare, remove_input, remove_story, write_file, write_report};
pub use report::{Amount, Digests, Origin, Report, Timings};
pub(super) use tables::cell;
pub use tables::{write_pairs, write_prices};

/// Coachee and coach of each pair.
pub const PAIRS: &str = "pairs.csv";
/// The price of a place of each coach.
pub const PRICES: &str = "prices.csv";
/// What is claimed and how it came about.
pub const REPORT: &str = "report.json";
/// Why each pair was proposed; only where the scores are our own.
pub const EXPLANATIONS: &str = "explanations.csv";
/// Who waits and why; only where the scores are our own.
pub const WAITING: &str = "waiting.csv";

/// The input of a run of the service as it was kept; only where the run was exported from there.
pub const INPUT: &str = "input.zip";

const FILES: [&str; 6] = [PAIRS, PRICES, EXPLANATIONS, WAITING, REPORT, INPUT];
