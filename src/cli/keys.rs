//! `coachnet keys`: the keys of what is sealed at rest.

use std::path::Path;

use clap::Subcommand;

use super::serve::{must_be_current, open_with_keys, vault};
use super::{CliError, CliResult};
use crate::auth::new_key;
use crate::config::Config;
use crate::services::keys::{self, Resealed};

/// Arguments of `coachnet keys`.
#[derive(clap::Args)]
#[command(after_help = "To change keys: put a new one at the end of the list of every process (secrets.keys, or the \
    file of keys) and restart them; move it to the front and restart them; `coachnet keys reseal`; take the old one \
    away. With one process, the first step can be left out. docs/privacy.md says more.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print a new key, as a line of the file of keys
    New,
    /// Seal what another key sealed anew with the first key: identity numbers, secrets of authenticators
    Reseal,
}

/// Runs the command.
pub fn run(args: Args, config: Option<&Path>) -> CliResult {
    match args.action {
        Action::New => {
            say!("{}", new_key());
            Ok(())
        }
        Action::Reseal => reseal(config),
    }
}

fn reseal(config: Option<&Path>) -> CliResult {
    let config = Config::load(config, Vec::new()).map_err(|why| CliError::Usage(why.to_string()))?;
    let store = open_with_keys(&config)?;
    must_be_current(&store, &config)?;
    let Resealed { numbers, authenticators } = keys::reseal(&store, &vault(&store, &config)?)?;
    say!("{numbers} identity numbers and {authenticators} secrets of authenticators sealed anew");
    say!("nothing here needs another key than the first any more");
    Ok(())
}
