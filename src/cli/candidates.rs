//! `coachnet candidates DIR --k 32 --out DIR2`: the best coaches of everybody in a cohort, as
//! scores that `coachnet assign` and any other solver read.

use std::io::{self, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use rayon::prelude::*;

use super::cohort_folder::{self, CohortFolder};
use super::match_cohort::policy;
use super::output::Steps;
use super::{CliError, CliResult};
use crate::domain::Policy;
use crate::matching::Cohort;
use crate::matching::scan::{Candidate, Scanner};
use crate::matching::watch::{Phase, Ticker};
use crate::tabular::scores;

/// Arguments of `coachnet candidates`.
#[derive(clap::Args)]
#[command(after_help = "DIR is a folder as for `coachnet match`. Out come coaches.csv, coachees.csv and edges.csv as \
    `coachnet assign` reads them: the free places of coaches who may be given somebody (0 for the others), class and \
    lottery number of each coachee, and each coachee's best coaches with their scores, best first.")]
pub struct Args {
    /// The folder with the cohort
    dir: PathBuf,
    /// How many coaches to list for each coachee
    #[arg(long, value_name = "NUMBER", default_value_t = 32)]
    k: usize,
    /// The folder for the scores: new, empty, or holding earlier scores
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The seed of the lottery and of ties between coaches
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// A policy as JSON; what it leaves out is as by default
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The day as of which assessments and remote areas count [default: that of the newest assessment]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,
    /// How many threads to use [default: all]; the files are the same for any number
    #[arg(long, value_name = "NUMBER")]
    threads: Option<usize>,
}

/// Reads the cohort, writes the scores, and says how many and how fast.
pub fn run(args: Args) -> CliResult {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.unwrap_or(0)).build();
    pool.map_err(|error| CliError::Environment(format!("cannot start threads: {error}")))?.install(|| list(&args))
}

fn list(args: &Args) -> CliResult {
    scores::prepare(&args.out)?;
    let policy = policy(args.policy.as_deref(), Policy::default(), None, None)?;
    let started = Instant::now();
    let CohortFolder { cohort, .. } = cohort_folder::read(&args.dir, &policy, args.as_of, args.seed)?;
    let read_seconds = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let written = Steps::new(None).watch(|watch| -> Result<Written, CliError> {
        let ticker = watch.begin(Phase::Lists, None, cohort.coachees.len() as u64);
        let ticker = ticker.map_err(|why| CliError::Internal(why.to_string()))?;
        write(&cohort, args, &ticker)
    })?;
    let write_seconds = started.elapsed().saturating_sub(written.listing).as_secs_f64();
    let (coachees, coaches, out) = (cohort.coachees.len(), cohort.coaches.len(), args.out.display());
    let list_seconds = written.listing.as_secs_f64();
    say!("{} edges of {coachees} coachees and {coaches} coaches, at most {} a coachee", written.edges, args.k);
    say!("read {read_seconds:.3} s, listed {list_seconds:.3} s, wrote {write_seconds:.3} s to {out}");
    Ok(())
}

/// What was written, and how long it took to find it.
#[derive(Default)]
struct Written {
    edges: usize,
    listing: Duration,
}

/// Coachees whose lists are in memory at a time.
const BLOCK: usize = 1 << 15;

fn write(cohort: &Cohort, args: &Args, ticker: &Ticker) -> Result<Written, CliError> {
    let (c, e) = (&cohort.coaches, &cohort.coachees);
    let started = Instant::now();
    let scanner = Scanner::new(cohort);
    let mut written = Written { edges: 0, listing: started.elapsed() };
    let places = |j: u32| if scanner.is_open(j) { u32::from(c.free[j as usize]) } else { 0 };
    let coaches = (0u32..).zip(&c.code).map(|(j, code)| (code.as_str(), places(j)));
    let coachees = e.code.iter().enumerate().map(|(i, code)| (code.as_str(), cohort.priority(i)));
    scores::write(&args.out, coaches, coachees, |out| {
        for first in (0..e.len()).step_by(BLOCK) {
            let block = first..e.len().min(first + BLOCK);
            ticker.report(first as u64).map_err(io::Error::other)?;
            let started = Instant::now();
            let lists: Vec<_> = block.clone().into_par_iter().map(|i| scanner.shortlist(i, args.k)).collect();
            written.listing += started.elapsed();
            written.edges += lists.iter().map(Vec::len).sum::<usize>();
            write_block(cohort, block, &lists, out)?;
        }
        Ok(())
    })?;
    Ok(written)
}

fn write_block(cohort: &Cohort, block: Range<usize>, lists: &[Vec<Candidate>], out: &mut dyn Write) -> io::Result<()> {
    let rows = |(i, list): (usize, &Vec<Candidate>)| {
        let mut rows = String::new();
        for candidate in list {
            let (coachee, coach) = (&cohort.coachees.code[i], &cohort.coaches.code[candidate.coach() as usize]);
            scores::push_edge(&mut rows, coachee.as_str(), coach.as_str(), candidate.score().into());
        }
        rows
    };
    let texts: Vec<String> = block.into_par_iter().zip(lists).map(rows).collect();
    texts.iter().try_for_each(|text| out.write_all(text.as_bytes()))
}
