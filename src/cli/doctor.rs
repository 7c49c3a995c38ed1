//! `coachnet doctor`: whether what the database holds fits together.

use std::path::Path;

use super::import::ready;
use super::{CliError, CliResult};
use crate::services::doctor::{self, Invariant};
use crate::store::types::Stamp;

/// Arguments of `coachnet doctor`.
#[derive(clap::Args)]
pub struct Args {}

/// Checks every invariant, prints what breaks one.
pub fn run(_args: Args, config: Option<&Path>) -> CliResult {
    let findings = doctor::check(&ready(config)?, Stamp::now())?;
    for invariant in Invariant::ALL {
        let broken: Vec<_> = findings.iter().filter(|finding| finding.invariant == *invariant).collect();
        say!("{invariant}: {}", if broken.is_empty() { "holds" } else { "BROKEN" });
        for finding in broken {
            say!("  {}: {}", finding.id, finding.what);
        }
    }
    match findings.len() {
        0 => Ok(()),
        number => Err(CliError::Refuted(format!("{number} rows break an invariant; see above"))),
    }
}
