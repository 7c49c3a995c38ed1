//! `coachnet run`: runs on the database, from the order to the proposals.

use std::path::{Path, PathBuf};

use chrono::{Local, NaiveDate};
use clap::Subcommand;

use super::demo::in_words;
use super::explain::{print_answer, print_score};
use super::import::ready;
use super::match_cohort::{policy, write_files};
use super::output::{Steps, print_outcome};
use super::serve::in_the_way;
use super::{CliError, CliResult};
use crate::domain::{Objective, PersonCode, Reference, Reserve};
use crate::matching::run::Plan;
use crate::matching::why_not;
use crate::services::results;
use crate::services::runs::{self, Computed, Order, Selection};
use crate::services::{Act, Actor};
use crate::store::types::Stamp;
use crate::store::{RunId, Store, reference};
use crate::tabular::result::{self, Origin, Report};

/// Arguments of `coachnet run`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Order a run of a cohort; prints its id
    Create(CreateArgs),
    /// Compute an ordered run
    Compute {
        /// The run
        run: RunId,
    },
    /// List the newest runs
    List,
    /// Print what a run came to
    Show {
        /// The run
        run: RunId,
    },
    /// Say why two people were paired in a run, or why not
    Explain {
        /// The run
        run: RunId,
        /// Code of the coachee
        #[arg(long, value_name = "CODE")]
        coachee: String,
        /// Code of the coach
        #[arg(long, value_name = "CODE")]
        coach: String,
    },
    /// Write a run as the files that `coachnet match` writes
    Export {
        /// The run
        run: RunId,
        /// The folder for the result: new, empty, or holding an earlier result
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Queue a run again whose computing was killed
    Requeue {
        /// The run
        run: RunId,
    },
    /// Propose the pairs of a computed run to their coachees
    Publish(PublishArgs),
    /// Throw a run away that was not published
    Discard {
        /// The run
        run: RunId,
    },
}

#[derive(clap::Args)]
struct CreateArgs {
    /// Code of the cohort
    #[arg(long, value_name = "CODE", default_value = "default")]
    cohort: String,
    /// What to strive for: most_people, best_total or stable [default: the policy's, else most_people]
    #[arg(long, value_name = "OBJECTIVE")]
    objective: Option<Objective>,
    /// The seed of the lottery that decides between equals
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// A policy as JSON: objective, weights, rules, priority, reserve; what it leaves out is as by default
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Reserve a share of all places for a group, whatever the policy says: remote, a time zone or a province
    #[arg(long, value_name = "GROUP:PERCENT")]
    reserve: Option<Reserve>,
    /// The day as of which assessments and remote areas count [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,
}

#[derive(clap::Args)]
struct PublishArgs {
    /// The run
    run: RunId,
    /// Only the pair of this coachee; may be given several times [default: all pairs]
    #[arg(long, value_name = "CODE")]
    coachee: Vec<PersonCode>,
}

const ACTOR: &str = "cli";
/// How many runs are listed.
const RUNS_LISTED: i64 = 50;

/// Does what was asked with one run.
pub fn run(args: Args, config: Option<&Path>) -> CliResult {
    let store = ready(config)?;
    match args.action {
        Action::Create(args) => create(&store, args),
        Action::Compute { run } => compute(&store, run),
        Action::List => list(&store),
        Action::Show { run } => show(&store, run),
        Action::Explain { run, coachee, coach } => explain(&store, run, &coachee, &coach),
        Action::Export { run, out } => export(&store, run, &out),
        Action::Requeue { run } => {
            store.write(|db| runs::requeue(db, &act(), run))?;
            say!("{run} is queued again: coachnet run compute {run}");
            Ok(())
        }
        Action::Publish(args) => publish(&store, &args),
        Action::Discard { run } => {
            store.write(|db| runs::discard(db, &act(), run))?;
            say!("{run} is discarded");
            Ok(())
        }
    }
}

fn act() -> Act {
    Act::new(Actor::System(ACTOR), Stamp::now())
}

fn publish(store: &Store, args: &PublishArgs) -> CliResult {
    let selection = if args.coachee.is_empty() { Selection::All } else { Selection::Only(&args.coachee) };
    let published = store.write(|db| runs::publish(db, &act(), args.run, selection))?;
    say!("{} is published: {} coachees are proposed a coach", args.run, published.proposed);
    for left_out in &published.left_out {
        say!("left out: coachee {} with coach {}: {}", left_out.coachee, left_out.coach, in_words(left_out.why));
    }
    Ok(())
}

fn create(store: &Store, args: CreateArgs) -> CliResult {
    let policy = policy(args.policy.as_deref(), args.objective, args.reserve)?;
    let as_of = args.as_of.unwrap_or_else(|| Local::now().date_naive());
    let order = Order { cohort: args.cohort, policy, seed: args.seed, as_of };
    let run = store.write(|db| runs::create(db, &act(), &order))?;
    say!("{run}");
    eprintln!("compute it: coachnet run compute {run}");
    Ok(())
}

fn compute(store: &Store, run: RunId) -> CliResult {
    Steps::new(None).watch(|watch| runs::compute(store, run, ACTOR, watch))?;
    show(store, run)
}

fn list(store: &Store) -> CliResult {
    let found = store.snapshot(|db| results::runs(db, None, RUNS_LISTED)).map_err(in_the_way)?;
    if found.is_empty() {
        say!("there are no runs yet; order one with coachnet run create --cohort CODE");
    }
    for run in found {
        let results::Run { id, status, objective, cohort_code, created_at, .. } = run;
        say!("{id}  {status:<10} {objective:<12} {cohort_code:<20} {}", created_at.format("%Y-%m-%d %H:%M UTC"));
    }
    Ok(())
}

fn show(store: &Store, run: RunId) -> CliResult {
    let report = runs::report_of(store, run)?;
    let parts = store.snapshot(reference::load).map_err(in_the_way)?;
    let reference = Reference::new(parts).map_err(|why| CliError::Internal(why.to_string()))?;
    print_outcome(&report.certificate, &report.facts, &reference);
    Ok(())
}

fn explain(store: &Store, run: RunId, coachee: &str, coach: &str) -> CliResult {
    let Computed { cohort, standing, .. } = runs::computed(store, run)?;
    let unknown = |what: &str, code: &str| CliError::BadInput(format!("{what} {code:?} is not in the cohort"));
    let coachee_at = cohort.coachees.code.iter().position(|code| code.as_str() == coachee);
    let coach_at = cohort.coaches.code.iter().position(|code| code.as_str() == coach);
    let coachee = coachee_at.ok_or_else(|| unknown("coachee", coachee))?;
    let coach = coach_at.ok_or_else(|| unknown("coach", coach))? as u32;
    print_answer(&cohort, &why_not(&cohort, &standing, coachee, coach));
    print_score(&cohort.explain(coachee, coach));
    Ok(())
}

fn export(store: &Store, run: RunId, out: &Path) -> CliResult {
    result::prepare(out)?;
    let Computed { cohort, standing, report } = runs::computed(store, run)?;
    let digests = write_files(out, &cohort, &Plan::new(&cohort, &standing.pairs), &standing.prices)?;
    let origin =
        Origin { seed: report.seed, input_digest: report.input_digest, run: Some(report.facts), reserve_rule: None };
    result::write_report(out, &Report::new(&report.certificate, origin, digests, None))?;
    say!("{run} is in {}", out.display());
    Ok(())
}
