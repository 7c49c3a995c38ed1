//! `coachnet match DIR --objective O --seed S --out DIR2`: matches a cohort of files.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use chrono::NaiveDate;

use super::assign::peak_memory;
use super::cohort_folder::{self, CohortFolder};
use super::names::{Codes, Names};
use super::output::{Steps, print_outcome};
use super::result_folder::ResultFolder;
use super::{CliError, CliResult, pairs_file};
use crate::domain::{Objective, PersonCode, Policy, Reserve};
use crate::matching::certificate::Points;
use crate::matching::run::{Before, Effort, Plan, run_from};
use crate::matching::{Cohort, report};
use crate::tabular::explanations::{write_explanations, write_waiting};
use crate::tabular::result::{
    self, CannotWrite, Digests, EXPLANATIONS, Origin, PAIRS, PRICES, Report, Timings, WAITING,
};

/// Arguments of `coachnet match`.
#[derive(clap::Args)]
#[command(after_help = "DIR holds coaches.csv and coachees.csv, and if there are any assessments.csv, \
    requirements.csv and agencies.csv (or .xlsx), as docs/import.md describes them; `coachnet synthesize` invents \
    such a folder.\n\n\
    Out come pairs.csv, explanations.csv, waiting.csv, prices.csv and report.json with the proof. The same cohort, \
    objective and seed give the same bytes. Check them with `coachnet verify DIR OUT`, ask about single pairs with \
    `coachnet explain DIR OUT`.")]
pub struct Args {
    /// The folder with the cohort
    dir: PathBuf,
    /// What to strive for: most_people, best_total or stable [default: the policy's, else most_people]
    #[arg(long, value_name = "OBJECTIVE")]
    objective: Option<Objective>,
    /// The seed of the lottery that decides between equals
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// The folder for the result: new, empty, or holding an earlier result
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A policy as JSON: objective, weights, rules, priority, reserve; what it leaves out is as by default
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Reserve a share of all places for a group, whatever the policy says: remote, a time zone or a province
    #[arg(long, value_name = "GROUP:PERCENT")]
    reserve: Option<Reserve>,
    /// The day as of which assessments and remote areas count [default: that of the newest assessment]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,
    /// Stop as soon as the total is proven to miss the best by no more, such as 0.01% [default: 0, the best itself]
    #[arg(long, value_name = "PERCENT", default_value = "0", hide_default_value = true)]
    max_gap: MaxGap,
    /// Improve no further after so many seconds; the report says what is proven by then
    #[arg(long, value_name = "SECONDS")]
    max_seconds: Option<u64>,
    /// Pairs that stand, such as those both sides have accepted: CSV with the columns coachee,coach
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Pairs that must not be, such as those somebody has declined: CSV with the columns coachee,coach
    #[arg(long, value_name = "FILE")]
    forbid: Option<PathBuf>,
    /// Start from the pairs and prices of an earlier result of much the same cohort
    #[arg(long, value_name = "RESULT")]
    from: Option<PathBuf>,
    /// How many threads to use [default: all]; the result is the same for any number
    #[arg(long, value_name = "NUMBER")]
    threads: Option<usize>,
    /// Put seconds and memory into report.json, which then differs from run to run
    #[arg(long)]
    timings: bool,
}

/// A share of the total, given in per cent.
#[derive(Debug, Clone, Copy, PartialEq)]
struct MaxGap(f64);

impl FromStr for MaxGap {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let percent: Option<f64> = text.trim().trim_end_matches('%').trim_end().parse().ok();
        match percent {
            Some(percent) if (0.0..=100.0).contains(&percent) => Ok(Self(percent / 100.0)),
            _ => Err("expected per cent from 0 to 100, such as 0.01%"),
        }
    }
}

/// Reads, matches, proves, explains, writes, and says what came out.
pub fn run(args: Args) -> CliResult {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.unwrap_or(0)).build();
    pool.map_err(|error| CliError::Environment(format!("cannot start threads: {error}")))?
        .install(|| match_folder(&args))
}

fn match_folder(args: &Args) -> CliResult {
    result::prepare(&args.out)?;
    result::remove_input(&args.out)?;
    let policy = policy(args.policy.as_deref(), Policy::default(), args.objective, args.reserve)?;
    let started = Instant::now();
    let CohortFolder { mut cohort, digest } = cohort_folder::read(&args.dir, &policy, args.as_of, args.seed)?;
    cohort.forbid(&pairs_file::read_for(args.forbid.as_deref(), &cohort)?);
    let kept = pairs_file::read_for(args.keep.as_deref(), &cohort)?;
    cohort.keep_accepted(&kept).map_err(|why| CliError::BadInput(why.to_string()))?;
    let before = args.from.as_deref().map(|folder| before(folder, &cohort)).transpose()?;
    let read_seconds = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let effort = Effort { max_gap: args.max_gap.0, ..Effort::default() };
    let steps = Steps::new(args.max_seconds.map(Duration::from_secs));
    let outcome = steps.watch(|watch| run_from(&cohort, before.as_ref(), effort, watch));
    let outcome = outcome.map_err(|error| CliError::Internal(error.to_string()))?;
    let solve_seconds = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let digests = write_files(&args.out, &cohort, &outcome.plan, &outcome.prices)?;
    let write_seconds = started.elapsed().as_secs_f64();
    let timings = Timings { read_seconds, solve_seconds, write_seconds, peak_memory: peak_memory() };
    let facts = report::facts(&cohort, &outcome.plan);
    let origin = Origin { seed: args.seed, input_digest: digest, run: Some(facts.clone()), reserve_rule: None };
    let report = Report::new(&outcome.certificate, origin, digests, args.timings.then_some(timings));
    result::write_report(&args.out, &report)?;
    print_outcome(&outcome.certificate, &facts, &cohort.reference);
    let out = args.out.display();
    say!("\nread {read_seconds:.1} s, matched {solve_seconds:.1} s, wrote {write_seconds:.1} s to {out}");
    say!("check it: coachnet verify {} {out}", args.dir.display());
    Ok(())
}

/// What an earlier result came to, as far as it is about this cohort.
fn before(folder: &Path, cohort: &Cohort) -> Result<Before, CliError> {
    let result = ResultFolder::open(folder)?;
    let (coachees, coaches) = (Codes::new(&cohort.coachees.code), Codes::new(&cohort.coaches.code));
    let mut before = Before { pairs: Vec::new(), prices: vec![0; cohort.coaches.len()] };
    // Who is not in this cohort, or not any more, is passed over.
    let mut findings = Vec::new();
    result.each_line(PAIRS, ["coachee", "coach"], &mut findings, |_, [coachee, coach], _| {
        before.pairs.extend(coachees.position(coachee).zip(coaches.position(coach)));
    })?;
    result.each_line(PRICES, ["coach", "price"], &mut findings, |_, [coach, price], _| {
        if let (Some(coach), Ok(price)) = (coaches.position(coach), price.parse::<Points>()) {
            before.prices[coach as usize] = price.whole();
        }
    })?;
    before.pairs.retain(|(coachee, _)| !cohort.kept_focus.contains_key(coachee));
    if findings.is_empty() { Ok(before) } else { Err(CliError::BadInput(findings.join("\n  "))) }
}

/// The policy of a file, or else the one that holds `otherwise`, with another objective or reserve if one is given.
pub(super) fn policy(
    file: Option<&Path>,
    otherwise: Policy,
    objective: Option<Objective>,
    reserve: Option<Reserve>,
) -> Result<Policy, CliError> {
    let mut policy = match file {
        None => otherwise,
        Some(file) => {
            let bad = |why: &dyn std::fmt::Display| CliError::Usage(format!("{}: {why}", file.display()));
            let text = std::fs::read_to_string(file).map_err(|error| bad(&error))?;
            serde_json::from_str(&text).map_err(|error| bad(&error))?
        }
    };
    policy.objective = objective.unwrap_or(policy.objective);
    policy.reserve = reserve.or(policy.reserve);
    Ok(policy)
}

/// Writes the files of a plan and the prices of all places, but for the report.
pub(super) fn write_files<P: Copy + Into<Points>>(
    out: &Path,
    cohort: &Cohort,
    plan: &Plan,
    prices: &[P],
) -> Result<Digests, CannotWrite> {
    let (coachees, coaches) = (&cohort.coachees.code, &cohort.coaches.code);
    let all = cohort.with_kept(&plan.pairs);
    let codes =
        all.iter().map(|pair| (coachees[pair.coachee as usize].as_str(), coaches[pair.coach as usize].as_str()));
    let mut prices: Vec<_> =
        coaches.iter().map(PersonCode::as_str).zip(prices.iter().map(|&price| price.into())).collect();
    prices.sort_unstable();
    Ok(Digests {
        pairs: result::write_file(out, PAIRS, |file| result::write_pairs(file, codes))?,
        prices: result::write_file(out, PRICES, |file| result::write_prices(file, prices.into_iter()))?,
        explanations: Some(result::write_file(out, EXPLANATIONS, |file| write_explanations(file, cohort, plan))?),
        waiting: Some(result::write_file(out, WAITING, |file| write_waiting(file, cohort, plan))?),
    })
}
