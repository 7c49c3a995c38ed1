//! The command line. Each command has a file of its own; this one says which there are,
//! and turns failures into exit codes.

/// Prints a line for whoever called, and ends quietly when they no longer listen.
macro_rules! say {
    () => { $crate::cli::output::write(format_args!("\n")) };
    ($($arg:tt)*) => { $crate::cli::output::write(format_args!("{}\n", format_args!($($arg)*))) };
}

/// The same without ending the line.
macro_rules! say_on {
    ($($arg:tt)*) => { $crate::cli::output::write(format_args!($($arg)*)) };
}

mod admin;
mod assign;
mod audit;
mod candidates;
mod cohort_folder;
mod completions;
mod demo;
mod doctor;
mod explain;
mod export;
mod import;
mod keys;
mod mail;
mod match_cohort;
mod metrics;
mod migrate;
mod names;
mod openapi;
mod output;
mod pairs_file;
mod result_folder;
mod run;
pub mod serve;
mod synthesize;
mod verify;
mod work;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Turns measured competency gaps into good, explained, accepted coaching pairs.
#[derive(Parser)]
#[command(
    name = "coachnet",
    version,
    about,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done · 1 unexpected failure · 2 wrong usage or configuration · 3 the input has errors \
                  · 4 verification failed · 5 something around the program is in the way (port, file, database)\n\n\
                  Start here: `coachnet demo` makes a synthetic cohort, matches it and serves the result."
)]
struct Cli {
    /// A configuration file beside the built-in defaults (see config/default.toml).
    #[arg(long, global = true, env = "COACHNET_CONFIG", value_name = "FILE")]
    config: Option<std::path::PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a synthetic cohort in an embedded database, match it and serve the result
    Demo(demo::Args),
    /// Serve the API and the pages
    Serve(serve::Args),
    /// Match a cohort of CSV files: pairs, prices, explanations and a report come out
    Match(match_cohort::Args),
    /// Assign coachees to coaches by scores of your own
    Assign(assign::Args),
    /// Write the best coaches of everybody in a cohort as scores for `assign`, or for any other solver
    Candidates(candidates::Args),
    /// Check a result against its input, with code that shares nothing with the solver
    Verify(verify::Args),
    /// Say why two people of a matched cohort were paired, or why not
    Explain(explain::Args),
    /// Invent a realistic national cohort
    Synthesize(synthesize::Args),
    /// Create, compute, show and publish runs on the database
    Run(run::Args),
    /// Read agencies, coaches, coachees, assessments or requirements from CSV or XLSX
    Import(import::Args),
    /// Write what the database holds to CSV
    Export(export::Args),
    /// Bring the database to the newest schema
    Migrate(migrate::Args),
    /// Make the first admin; close accounts; list who has power
    Admin(admin::Args),
    /// Deliver mail and do what is due, without serving anything
    Work(work::Args),
    /// List and retry mail that could not be delivered; send a test mail
    Mail(mail::Args),
    /// Print the contract of the API (OpenAPI 3.1)
    Openapi(openapi::Args),
    /// Check that what the database holds fits together
    Doctor(doctor::Args),
    /// Check that the log of what happened is whole
    Audit(audit::Args),
    /// Make keys; seal identity numbers and other secrets anew
    Keys(keys::Args),
    /// Print completions for a shell
    Completions(completions::Args),
}

/// Why a command failed; each kind has an exit code that scripts can rely on.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Arguments or configuration are wrong.
    #[error("{0}")]
    Usage(String),
    /// The input has errors, already reported or told here.
    #[error("{0}")]
    BadInput(String),
    /// A result does not hold.
    #[error("{0}")]
    Refuted(String),
    /// Port, file, disk or database are in the way.
    #[error("{0}")]
    Environment(String),
    /// Anything that should not happen.
    #[error("{0}")]
    Internal(String),
}

impl CliError {
    fn code(&self) -> u8 {
        match self {
            CliError::Internal(_) => 1,
            CliError::Usage(_) => 2,
            CliError::BadInput(_) => 3,
            CliError::Refuted(_) => 4,
            CliError::Environment(_) => 5,
        }
    }
}

/// What every command returns.
pub type CliResult = Result<(), CliError>;

/// Reads the arguments, runs the command, prints a failure on standard error.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coachnet: {error}");
            ExitCode::from(error.code())
        }
    }
}

fn dispatch(cli: Cli) -> CliResult {
    let config = cli.config.as_deref();
    match cli.command {
        Command::Demo(args) => demo::run(args, config),
        Command::Serve(args) => serve::run(args, config),
        Command::Match(args) => match_cohort::run(args),
        Command::Assign(args) => assign::run(args),
        Command::Candidates(args) => candidates::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Synthesize(args) => synthesize::run(args),
        Command::Run(args) => run::run(args, config),
        Command::Import(args) => import::run(args, config),
        Command::Export(args) => export::run(args, config),
        Command::Migrate(args) => migrate::run(args, config),
        Command::Admin(args) => admin::run(args, config),
        Command::Work(args) => work::run(args, config),
        Command::Mail(args) => mail::run(args, config),
        Command::Openapi(args) => openapi::run(args),
        Command::Doctor(args) => doctor::run(args, config),
        Command::Audit(args) => audit::run(args, config),
        Command::Keys(args) => keys::run(args, config),
        Command::Completions(args) => completions::run::<Cli>(args),
    }
}
