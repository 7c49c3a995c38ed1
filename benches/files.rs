//! `cargo bench --bench files -- COHORT OUT`: what `coachnet match` does besides matching, with
//! seconds and memory of each phase. The pairs are those of a quick round in order of the codes,
//! which says nothing about the solver.

use std::path::{Path, PathBuf};
use std::time::Instant;

use coachnet::domain::Policy;
use coachnet::matching::run::Plan;
use coachnet::matching::scan::Scanner;
use coachnet::matching::{Cohort, report};
use coachnet::tabular::explanations::{write_explanations, write_waiting};
use coachnet::tabular::result::{self, EXPLANATIONS, PAIRS, WAITING};
use coachnet::tabular::{read_cohort, reference};
use rayon::prelude::*;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let folders: Vec<PathBuf> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").map(PathBuf::from).collect();
    let [input, output] = folders.as_slice() else {
        println!("bench files: name a cohort and a folder for the result");
        return Ok(());
    };
    measure(input, output)
}

fn measure(input: &Path, output: &Path) -> Result<(), Failure> {
    result::prepare(output)?;
    let reference = reference::shipped()?;
    let today = chrono::Local::now().date_naive();
    let files = timed("read", || read_cohort(input, &reference, today, &mut |_, _| ()))?;
    let records = files.records;
    let as_of = records.assessments.iter().map(|assessment| assessment.assessed_on).max().unwrap_or(today);
    let cohort = timed("build", || Cohort::build(&records, &reference, &Policy::default(), as_of, 7))?;
    timed("drop", || drop(records));
    let pairs = timed("pair", || pair(&cohort));
    println!("{} pairs of {} coachees and {} coaches", pairs.len(), cohort.coachees.len(), cohort.coaches.len());
    let plan = timed("reasons", || Plan::new(&cohort, &pairs));
    timed("write", || -> Result<(), Failure> {
        let (coachees, coaches) = (&cohort.coachees.code, &cohort.coaches.code);
        let codes = pairs.iter().map(|&(i, j)| (coachees[i as usize].as_str(), coaches[j as usize].as_str()));
        result::write_file(output, PAIRS, |file| result::write_pairs(file, codes))?;
        result::write_file(output, EXPLANATIONS, |file| write_explanations(file, &cohort, &plan))?;
        result::write_file(output, WAITING, |file| write_waiting(file, &cohort, &plan))?;
        Ok(())
    })?;
    timed("count", || report::facts(&cohort, &plan));
    Ok(())
}

/// Everybody gets the best coach who still has a place, of the best few.
fn pair(cohort: &Cohort) -> Vec<(u32, u32)> {
    let scanner = Scanner::new(cohort);
    let best = |coachee: usize| scanner.query(coachee).best(8).into_iter().map(|candidate| candidate.coach()).collect();
    let lists: Vec<Vec<u32>> = (0..cohort.coachees.len()).into_par_iter().map(best).collect();
    let mut free = cohort.coaches.free.clone();
    let mut pairs = Vec::new();
    for (coachee, list) in (0u32..).zip(lists) {
        if let Some(coach) = list.into_iter().find(|&coach| free[coach as usize] > 0) {
            free[coach as usize] -= 1;
            pairs.push((coachee, coach));
        }
    }
    pairs
}

fn timed<T>(phase: &str, work: impl FnOnce() -> T) -> T {
    // On Linux this forgets the most memory used so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (started, cpu_before) = (Instant::now(), cpu_seconds());
    let done = work();
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds() - cpu_before);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let megabytes = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
    };
    let (peak, then) = (megabytes("VmHWM:"), megabytes("VmRSS:"));
    println!("{phase:<8} {seconds:>7.2} s, of processors {cpu:>7.2} s; peak {peak:>5} MB, then {then:>5} MB");
    done
}

/// What this process has used of all processors, where the system tells (Linux).
fn cpu_seconds() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program may hold spaces; after it come 11 other fields.
    let fields = status.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11);
    let ticks: f64 = fields.take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}
