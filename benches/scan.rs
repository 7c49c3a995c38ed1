//! Measures the scan: shortlists of ten for single coachees, and lists for whole cohorts.
//!
//! `cargo bench --bench scan` takes a laptop a quarter of a minute; `-- --full` adds a million
//! coaches and a million coachees. Instances are drawn from a seed and kept close to the
//! population in geography and skew, so that pruning meets what it would meet.

#[path = "support/columns.rs"]
mod columns;

use std::time::Instant;

use chrono::NaiveDate;
use coachnet::domain::{Policy, Reference};
use coachnet::matching::Cohort;
use coachnet::matching::scan::{Floors, Prices, Scanner};

fn main() {
    let full = std::env::args().any(|arg| arg == "--full");
    let reference = match coachnet::tabular::reference::shipped() {
        Ok(reference) => reference,
        Err(why) => return eprintln!("{why}"),
    };
    println!("{:<44} {:>10} {:>10} {:>10}", "one coachee, one core", "p50 us", "p99 us", "mean us");
    shortlists(&reference, 100_000, 20_000);
    if full {
        shortlists(&reference, 1_000_000, 5_000);
    }
    println!("\n{:<44} {:>10} {:>10}", "all cores", "seconds", "us each");
    lists(&reference, 100_000, 100_000);
    if full {
        lists(&reference, 1_000_000, 100_000);
    }
}

fn cohort(reference: &Reference, coachees: usize, coaches: usize) -> Cohort {
    Cohort {
        policy: Policy::default(),
        as_of: NaiveDate::default(),
        seed: 1,
        reference: reference.clone(),
        coaches: columns::coaches(reference, 1, coaches),
        coachees: columns::coachees(reference, 2, coachees, coaches),
        kept: Vec::new(),
        reserve: None,
    }
}

fn shortlists(reference: &Reference, coaches: usize, coachees: usize) {
    let cohort = cohort(reference, coachees, coaches);
    let start = Instant::now();
    let scanner = Scanner::new(&cohort);
    println!("{:<44} {:>32.0}", format!("prepare {coaches} coaches"), start.elapsed().as_secs_f64() * 1e6);
    let portable = Scanner::portable(&cohort);
    for k in [10, 32] {
        each(&format!("best {k} of {coaches}"), coachees, |i| scanner.query(i).best(k).len());
    }
    each(&format!("best 10 of {coaches}, portable"), coachees / 10, |i| portable.query(i).best(10).len());
    each(&format!("all allowed of {coaches}"), coachees / 20, |i| scanner.query(i).eligible().count());

    // Prices and floors at which about one pair in a thousand is of interest.
    let prices: Vec<i64> = (0..coaches).map(|j| columns::price(j) << 18).collect();
    let priced = Prices::new(&scanner, 1 << 18, &prices);
    each(&format!("worth more than 170 of {coaches}"), coachees, |i| {
        let mut found = 0;
        scanner.query(i).priced(&priced, 0, 170 << 18, |_, _, _| {
            found += 1;
            170 << 18
        });
        found
    });
    let mut floors = Floors::new(&scanner);
    for &coach in scanner.open() {
        floors.set(coach, 190 + columns::price(coach as usize) as u8);
    }
    each(&format!("best 10 accepting of {coaches}"), coachees, |i| {
        scanner.query(i).best_accepting(10, &floors, |_, _| true).len()
    });
}

/// Times `work` for each coachee alone, the best of three so that other programs do not count.
fn each(name: &str, coachees: usize, work: impl Fn(usize) -> usize) {
    let mut found = 0;
    let mut micros: Vec<f64> = (0..coachees)
        .map(|i| {
            let timed = || {
                let start = Instant::now();
                found += work(i);
                start.elapsed().as_secs_f64() * 1e6
            };
            std::iter::repeat_with(timed).take(3).fold(f64::INFINITY, f64::min)
        })
        .collect();
    micros.sort_by(f64::total_cmp);
    let at = |share: f64| micros[((micros.len() - 1) as f64 * share) as usize];
    let mean = micros.iter().sum::<f64>() / micros.len() as f64;
    let per = found as f64 / (3 * coachees) as f64;
    println!("{name:<44} {:>10.1} {:>10.1} {mean:>10.1}   {per:.1} found", at(0.5), at(0.99));
}

fn lists(reference: &Reference, coachees: usize, coaches: usize) {
    let cohort = cohort(reference, coachees, coaches);
    let scanner = Scanner::new(&cohort);
    let start = Instant::now();
    let lists = scanner.candidates(32);
    let seconds = start.elapsed().as_secs_f64();
    let name = format!("lists of 32, {coachees} x {coaches}");
    println!("{name:<44} {seconds:>10.2} {:>10.1}   {} entries", seconds * 1e6 / coachees as f64, lists.coach.len());
}
