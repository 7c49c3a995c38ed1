//! `coachnet demo`: an invented cohort, matched and served.

use std::path::Path;

use super::output::{Steps, print_outcome};
use super::serve::{ListenArgs, guard_of_accounts, in_the_way, open_with_keys, serve};
use super::{CliError, CliResult};
use crate::config::Config;
use crate::domain::Reference;
use crate::i18n::Lang;
use crate::services::guests::{self, Guest};
use crate::services::{Context, Refusal, ServiceError, demo, runs, schema};
use crate::store::reference;
use crate::store::types::Stamp;
use crate::telemetry;

/// Where the demo lives unless the settings name a database.
const DEMO_DATABASE: &str = "sqlite:coachnet-demo.sqlite3";

/// Arguments of `coachnet demo`.
#[derive(clap::Args)]
#[command(
    after_help = "The database is coachnet-demo.sqlite3 in the working directory unless a setting names another \
    (COACHNET__DATABASE__URL). A second start finds everything there and serves at once; to start anew, delete the file."
)]
pub struct Args {
    #[command(flatten)]
    listen: ListenArgs,
}

/// Prepares the demo unless an earlier call has, prints what came out, and serves it.
pub fn run(args: Args, config: Option<&Path>) -> CliResult {
    let mut config = Config::load(config, args.listen.settings()).map_err(|why| CliError::Usage(why.to_string()))?;
    let defaults = Config::load_with(None, [], Vec::new()).map_err(|why| CliError::Internal(why.to_string()))?;
    if config.database.url.expose() == defaults.database.url.expose() {
        config.database.url = DEMO_DATABASE.into();
    }
    config.server.open_results = true;
    let _logging = telemetry::init(config.log);
    let store = open_with_keys(&config)?;
    schema::prepare(&store).map_err(in_the_way)?;
    let wanted = demo::Demo { coachees: config.demo.coachees, coaches: config.demo.coaches, seed: config.demo.seed };
    let run = Steps::new(None).watch(|watch| demo::prepare(&store, wanted, watch))?;
    let report = runs::report_of(&store, run)?;
    let parts = store.snapshot(reference::load).map_err(in_the_way)?;
    let reference = Reference::new(parts).map_err(|why| CliError::Internal(why.to_string()))?;
    say!("run {run} of the demo cohort, in {}\n", config.database.url);
    print_outcome(&report.certificate, &report.facts, &reference);
    let auth = guard_of_accounts(&store, &config)?;
    let guests = guests::invite(&Context { store: &store, auth: &auth, now: Stamp::now() }, run)?;
    if !guests.is_empty() {
        say!("\nto sign in (other passwords at every start):");
    }
    for Guest { role, person, email, password } in guests {
        say!("  as {role} {person}: {email} {password}");
    }
    serve(store, &config, |address| {
        say!("\nserving on http://{address}, the run on http://{address}/runs/{run} (stop with Ctrl-C)");
    })
}

impl From<ServiceError> for CliError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Store(error) => in_the_way(error),
            ServiceError::Internal(why) => CliError::Internal(why),
            ServiceError::Denied(why) => CliError::BadInput(why.to_string()),
            ServiceError::Refused(refusal) => CliError::BadInput(in_words(refusal)),
            other => CliError::BadInput(other.to_string()),
        }
    }
}

/// A refusal as people read it. The command line speaks English.
pub(super) fn in_words(refusal: Refusal) -> String {
    Lang::En.tr(&format!("refusal.{refusal}")).into_owned()
}
