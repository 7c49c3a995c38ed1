use std::path::Path;

use super::CliResult;

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: Args, _config: Option<&Path>) -> CliResult {
    Ok(())
}
