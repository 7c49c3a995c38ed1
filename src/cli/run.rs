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
use super::{CliError, CliResult, pairs_file};
use crate::domain::{Objective, PersonCode, Reference, Reserve, WhatIf};
use crate::matching::certificate::{Claim, Points, certify};
use crate::matching::check::PlainPairs;
use crate::matching::run::{Cost, PinCost, Plan};
use crate::matching::why_not;
use crate::services::planning::{self, Planning};
use crate::services::results::{self, RunFilter};
use crate::services::runs::{self, Computed, Order, Repeated, Selection};
use crate::services::{Act, Actor};
use crate::store::types::Stamp;
use crate::store::{RunId, Store, reference};
use crate::tabular::result::{self, INPUT, Origin, Report};

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
    /// Check a computed run from what was kept of its input, whatever its cohort is like now
    Verify {
        /// The run
        run: RunId,
        /// Compute it once more as well, and compare byte for byte
        #[arg(long)]
        again: bool,
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
    /// A policy for this run alone, as JSON: objective, weights, rules, priority, reserve; what it leaves out is as by
    /// default [default: the policy of the cohort]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Reserve a share of all places for a group, whatever the policy says: remote, a time zone or a province
    #[arg(long, value_name = "GROUP:PERCENT")]
    reserve: Option<Reserve>,
    /// The day as of which assessments and remote areas count [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,
    /// Pairs that are to be, whatever else is better: CSV with the columns coachee,coach
    #[arg(long, value_name = "FILE")]
    pin: Option<PathBuf>,
    /// Pairs that are not to be: CSV with the columns coachee,coach
    #[arg(long, value_name = "FILE")]
    forbid: Option<PathBuf>,
    /// Hypothetical coaches, as JSON: {"coaches": [{"count": 50, "province": "91", "strengths": {"M.01": 5}, "capacity": 2}]}
    #[arg(long, value_name = "FILE")]
    what_if: Option<PathBuf>,
    /// Start from the pairs and prices of an earlier run of the cohort
    #[arg(long, value_name = "RUN")]
    from: Option<RunId>,
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
        Action::Verify { run, again } => verify(&store, run, again),
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
    let of_cohort = store.snapshot(|db| runs::policy_in_use(db, &args.cohort))?;
    let policy = policy(args.policy.as_deref(), of_cohort, args.objective, args.reserve)?;
    let as_of = args.as_of.unwrap_or_else(|| Local::now().date_naive());
    let order = Order { cohort: args.cohort, policy, seed: args.seed, as_of };
    let named = |file: Option<&Path>| file.map_or_else(|| Ok(Vec::new()), pairs_file::read);
    let planning = Planning {
        pinned: named(args.pin.as_deref())?,
        forbidden: named(args.forbid.as_deref())?,
        what_if: args.what_if.as_deref().map(hypothetical).transpose()?,
        follows: args.from,
    };
    let run = store.write(|db| planning::order(db, &act(), &order, &planning))?;
    say!("{run}");
    eprintln!("compute it: coachnet run compute {run}");
    Ok(())
}

fn hypothetical(file: &Path) -> Result<WhatIf, CliError> {
    let bad = |why: &dyn std::fmt::Display| CliError::BadInput(format!("{}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|why| bad(&why))?;
    serde_json::from_str(&text).map_err(|why| bad(&why))
}

fn compute(store: &Store, run: RunId) -> CliResult {
    Steps::new(None).watch(|watch| runs::compute(store, run, ACTOR, watch))?;
    show(store, run)
}

fn list(store: &Store) -> CliResult {
    let found = store.snapshot(|db| results::runs(db, &RunFilter::default(), None, RUNS_LISTED)).map_err(in_the_way)?;
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
    for PinCost { coachee, coach, cost, .. } in &report.pin_costs {
        let cost = match cost {
            Cost::Exact { pairs, points } => {
                format!("costs {points} points and {pairs} pairs (matched again without it)")
            }
            Cost::AtMost { points, pair_points } => {
                format!("costs at most {points} points, where a pair counts {pair_points} (by the prices)")
            }
            Cost::Unknown => "costs what was not worked out".to_owned(),
        };
        say!("pinned: coachee {coachee} with coach {coach} {cost}");
    }
    Ok(())
}

/// Checks a computed run from what was kept of its input, by other means than those that computed it.
fn verify(store: &Store, run: RunId, again: bool) -> CliResult {
    let Computed { cohort, standing, report, erased } = runs::computed(store, run)?;
    let prices = &standing.prices;
    let lambda = standing.lambda.unwrap_or(Points::ZERO);
    let claim = Claim { pairs: &standing.pairs, prices, lambda, bonus: standing.bonus };
    let found = certify(&PlainPairs::new(&cohort), report.certificate.objective, claim);
    let mut found = found.map(|found| found.with_kept(&cohort.kept, cohort.reserve.as_ref()));
    // Lottery numbers decide which of two equals a coach would rather have, and those of people who were erased are
    // gone. A stable plan rests on them; of any other they only count who would both rather have each other.
    let rests_on_luck = erased > 0 && report.certificate.objective == Objective::Stable;
    if let (Ok(found), true) = (&mut found, erased > 0 && !rests_on_luck) {
        found.blocking_pairs = report.certificate.blocking_pairs;
    }
    if rests_on_luck && !found.as_ref().is_ok_and(|found| *found == report.certificate) {
        return Err(CliError::BadInput(format!(
            "{run} cannot be checked any more: {erased} of its people were erased since, and a stable plan rests on their lottery \
             numbers too"
        )));
    }
    let found = found.map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        CliError::Refuted(format!("the run does not hold\n  {}", faults.join("\n  ")))
    })?;
    if found != report.certificate {
        return Err(CliError::Refuted("the run does not hold: its certificate is another".into()));
    }
    say!("{run} holds: pairs, prices and certificate belong together and to the input");
    if erased > 0 {
        say!(
            "{erased} of its people were erased since, and stand in the input under pseudonyms, without their lottery numbers"
        );
    }
    if again {
        match Steps::new(None).watch(|watch| runs::repeat(store, run, watch))? {
            Repeated::Same => say!("computed again, it comes to the same, byte for byte"),
            Repeated::OtherVersion => {
                say!("computed again, it comes to something else: version {} computed it", report.version);
            }
            Repeated::Erased(erased) => say!(
                "computed again, it comes to something else, as it may: {erased} of its people were erased since, and with them \
                 their lottery numbers"
            ),
            Repeated::Differs => return Err(CliError::Refuted("computed again, it comes to something else".into())),
        }
    }
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
    let Computed { cohort, standing, report, .. } = runs::computed(store, run)?;
    let digests = write_files(out, &cohort, &Plan::new(&cohort, &standing.pairs), &standing.prices)?;
    let origin =
        Origin { seed: report.seed, input_digest: report.input_digest, run: Some(report.facts), reserve_rule: None };
    result::write_report(out, &Report::new(&report.certificate, origin, digests, None))?;
    result::remove_input(out)?;
    let shown = out.display();
    say!("{run} is in {shown}");
    if let Some((archive, _)) = runs::kept_input(store, run)? {
        result::write_file(out, INPUT, |file| Ok(std::io::Write::write_all(file, &archive)?))?;
        say!("check it: coachnet verify {shown}/{INPUT} {shown}");
    }
    Ok(())
}
