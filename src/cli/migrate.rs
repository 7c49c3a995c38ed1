//! `coachnet migrate`: the schema of the database, brought up to what this version needs.

use std::path::Path;

use super::serve::{in_the_way, open_with_keys};
use super::{CliError, CliResult};
use crate::config::Config;
use crate::services::schema;

/// Arguments of `coachnet migrate`.
#[derive(clap::Args)]
pub struct Args {}

/// Applies what is missing; does nothing when the schema is current.
pub fn run(_args: Args, config: Option<&Path>) -> CliResult {
    let config = Config::load(config, Vec::new()).map_err(|why| CliError::Usage(why.to_string()))?;
    let applied = schema::prepare(&open_with_keys(&config)?).map_err(in_the_way)?;
    match applied {
        0 => say!("{}: the schema is current", config.database.url),
        1 => say!("{}: 1 migration applied", config.database.url),
        many => say!("{}: {many} migrations applied", config.database.url),
    }
    Ok(())
}
