//! `coachnet assign DIR --objective O --seed S --out DIR2`: assigns by scores of one's own.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{CliError, CliResult};
use crate::domain::Objective;
use crate::matching::assign::{self, How, Solution};
use crate::matching::certificate::{Certificate, Claim, Fault, Points, ReserveFacts, certify};
use crate::matching::instance::Instance;
use crate::matching::stable::stable;
use crate::matching::watch::Cancelled;
use crate::tabular::class_reserve::ClassReserve;
use crate::tabular::result::{self, CannotWrite, Digests, Origin, PAIRS, PRICES, Report, Timings};
use crate::tabular::scores::{self, BadScores, Scores};

/// Arguments of `coachnet assign`.
#[derive(clap::Args)]
#[command(after_help = "DIR holds three CSV files with a header line; ids are any strings:\n  \
    coaches.csv    coach,capacity\n  \
    coachees.csv   coachee[,class][,lottery]   higher class first, then lower lottery number\n  \
    edges.csv      coachee,coach,weight        whole weights above 0; a pair not listed is forbidden;\n                 \
    the order of a coachee's rows is the preference among equal weights\n\n\
    Out come pairs.csv, prices.csv (the proof) and report.json; `coachnet verify DIR OUT` checks them.")]
pub struct Args {
    /// The folder with the scores
    dir: PathBuf,
    /// What to strive for: best_total, most_people or stable
    #[arg(long, value_name = "OBJECTIVE")]
    objective: Objective,
    /// The seed of the lottery, which is drawn for coachees whose file has no lottery column
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// The folder for the result: new, empty, or holding an earlier result
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Reserve places for coachees of this class or a higher one
    #[arg(long, value_name = "CLASS", requires = "reserve_percent")]
    reserve_class: Option<u32>,
    /// How many per cent of all places to reserve; those that the class cannot use are given to others
    #[arg(long, value_name = "PERCENT", requires = "reserve_class", value_parser = clap::value_parser!(u8).range(1..=100))]
    reserve_percent: Option<u8>,
    /// How many threads to use (default: all); the result is the same for any number
    #[arg(long, value_name = "NUMBER")]
    threads: Option<usize>,
    /// Put seconds and memory into report.json, which then differs from run to run
    #[arg(long)]
    timings: bool,
}

/// Reads, solves, proves, writes, and says what came out.
pub fn run(args: Args) -> CliResult {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.unwrap_or(0)).build();
    pool.map_err(|error| CliError::Environment(format!("cannot start threads: {error}")))?.install(|| assign(&args))
}

fn assign(args: &Args) -> CliResult {
    result::prepare(&args.out)?;
    let started = Instant::now();
    let reserve = args.reserve_class.zip(args.reserve_percent);
    let reserve_rule = reserve.map(|(class, percent)| ClassReserve { class, percent });
    let scores = reserving(scores::read(&args.dir, args.seed)?, reserve_rule);
    let read_seconds = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let solution = solve(&scores.instance, args.objective).map_err(|why| CliError::Internal(why.to_string()))?;
    let solve_seconds = started.elapsed().as_secs_f64();

    let (pairs, prices) = (pairs_of(&solution), prices_of(&solution));
    let (lambda, bonus) = (solution.lambda.into(), solution.bonus.into());
    let claim = Claim { pairs: &pairs, prices: &prices, lambda, bonus };
    let certificate = certify(&scores.instance, args.objective, claim).map_err(broken)?;

    let started = Instant::now();
    let digests = write_files(&args.out, &scores, &pairs, &prices)?;
    let write_seconds = started.elapsed().as_secs_f64();
    let timings = Timings { read_seconds, solve_seconds, write_seconds, peak_memory: peak_memory() };

    let origin = Origin { seed: args.seed, input_digest: scores.digest.clone(), run: None, reserve_rule };
    let report = Report::new(&certificate, origin, digests, args.timings.then_some(timings));
    result::write_report(&args.out, &report)?;
    say_on!("{}", summary(&certificate));
    say!("read {read_seconds:.3} s, solved {solve_seconds:.3} s, wrote {write_seconds:.3} s to {}", args.out.display());
    Ok(())
}

/// Scores with places reserved as a rule says, if there is one.
pub(super) fn reserving(scores: Scores, rule: Option<ClassReserve>) -> Scores {
    match rule {
        Some(rule) => rule.apply(scores),
        None => scores,
    }
}

fn solve(instance: &Instance, objective: Objective) -> Result<Solution, Cancelled> {
    match objective {
        Objective::BestTotal => assign::best_total(instance, How::default()),
        Objective::MostPeople => assign::most_people(instance, How::default()),
        // Stability needs no prices. At price 0 the bound is what everybody's favourite would add up to.
        Objective::Stable => {
            Ok(Solution { coach_of: stable(instance), prices: vec![0; instance.coaches()], lambda: 0, bonus: 0 })
        }
    }
}

fn pairs_of(solution: &Solution) -> Vec<(u32, u32)> {
    let pairs = (0..).zip(&solution.coach_of);
    pairs.filter_map(|(coachee, coach)| coach.map(|coach| (coachee, coach))).collect()
}

fn prices_of(solution: &Solution) -> Vec<Points> {
    solution.prices.iter().copied().map(Points::from).collect()
}

fn write_files(out: &Path, scores: &Scores, pairs: &[(u32, u32)], prices: &[Points]) -> Result<Digests, CannotWrite> {
    let names = pairs.iter().map(|&(coachee, coach)| (scores.coachees.name(coachee), scores.coaches.name(coach)));
    let prices = scores.coaches.names().zip(prices.iter().copied());
    let digests = Digests {
        pairs: result::write_file(out, PAIRS, |file| result::write_pairs(file, names))?,
        prices: result::write_file(out, PRICES, |file| result::write_prices(file, prices))?,
        explanations: None,
        waiting: None,
    };
    result::remove_story(out)?;
    Ok(digests)
}

/// What a certificate says to a person, a line a fact.
pub(super) fn summary(certificate: &Certificate) -> String {
    let Certificate { objective, coachees, matched, possible, total, .. } = certificate;
    let Certificate { upper_bound, gap, lambda, blocking_pairs, reserve, .. } = certificate;
    let people =
        format!("{objective}: {matched} of {coachees} coachees matched ({possible} possible), total {total}\n");
    let proof = match objective {
        Objective::Stable => format!("blocking pairs: {blocking_pairs}\n"),
        _ if *gap == Points::ZERO => format!("proven: no plan {}exceeds {upper_bound}\n", among(certificate)),
        _ => format!("upper bound {upper_bound}, gap {gap}\n"),
    };
    let price = match lambda {
        zero if *zero == Points::ZERO => String::new(),
        lambda => format!("the last pair cost {lambda} of total weight\n"),
    };
    people + &proof + &price + &reserve.map(on_reserve).unwrap_or_default()
}

fn among(certificate: &Certificate) -> &'static str {
    let reserve_costs = certificate.reserve.is_some_and(|reserve| reserve.cost > Points::ZERO);
    match (certificate.lambda > Points::ZERO, reserve_costs) {
        (false, false) => "",
        (true, false) => "with as many pairs ",
        (false, true) => "with as many reserved places given to the group ",
        (true, true) => "with as many pairs and reserved places given to the group ",
    }
}

fn on_reserve(reserve: ReserveFacts) -> String {
    let ReserveFacts { places, members, matched, withheld, cost } = reserve;
    let mut text = format!("reserved places {places}, for {members} coachees: {matched} of them matched");
    if withheld > 0 {
        text += &format!(", {withheld} more could be");
    }
    if cost > Points::ZERO {
        text += &format!("; the last reserved place cost {cost} of total weight");
    }
    text + "\n"
}

/// The most memory this process has used, in bytes, where the system tells (Linux).
pub(super) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn broken(faults: Vec<Fault>) -> CliError {
    let faults: Vec<String> = faults.iter().take(5).map(Fault::to_string).collect();
    CliError::Internal(format!("the solver's plan does not hold: {}", faults.join("; ")))
}

impl From<BadScores> for CliError {
    fn from(error: BadScores) -> Self {
        match error {
            BadScores::Unreadable { .. } => CliError::Environment(error.to_string()),
            BadScores::MissingColumn { .. } | BadScores::Cell { .. } => CliError::BadInput(error.to_string()),
        }
    }
}

impl From<CannotWrite> for CliError {
    fn from(error: CannotWrite) -> Self {
        CliError::Environment(error.to_string())
    }
}
