//! `coachnet openapi`: the contract of the API.

use super::{CliError, CliResult};
use crate::api;

/// Arguments of `coachnet openapi`.
#[derive(clap::Args)]
pub struct Args {}

/// Prints the contract as JSON.
pub fn run(_args: Args) -> CliResult {
    let document = api::document().to_pretty_json().map_err(|why| CliError::Internal(why.to_string()))?;
    say!("{document}");
    Ok(())
}
