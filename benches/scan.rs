//! Measures the scan: shortlists of ten for single coachees, and lists for whole cohorts.
//!
//! `cargo bench --bench scan` takes a laptop a quarter of a minute; `-- --full` adds a million
//! coaches and a million coachees. So does the pool of the service: shortlists while coaches change.
//! Instances are drawn from a seed and kept close to the
//! population in geography and skew, so that pruning meets what it would meet.

#[path = "support/columns.rs"]
mod columns;
#[path = "support/people.rs"]
mod people;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use chrono::NaiveDate;
use coachnet::domain::{Policy, Reference};
use coachnet::matching::Cohort;
use coachnet::matching::live::{Change, CoachPool, OVERLAY_BOUND, Request};
use coachnet::matching::scan::{Floors, Prices, Scanner};

fn main() {
    let full = std::env::args().any(|arg| arg == "--full");
    let reference = match coachnet::tabular::reference::shipped() {
        Ok(reference) => reference,
        Err(why) => return eprintln!("{why}"),
    };
    println!("{:<44} {:>10} {:>10} {:>10}", "one coachee, one core", "p50 us", "p99 us", "mean us");
    shortlists(&reference, 100_000, 20_000);
    pool(&reference, 100_000, 20_000);
    if full {
        shortlists(&reference, 1_000_000, 5_000);
        pool(&reference, 1_000_000, 5_000);
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
        kept_focus: Default::default(),
        accepted: Default::default(),
        forbidden: Vec::new(),
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

/// The pool of the service: shortlists with nobody changed, with as many as may be, and while
/// the pool is rebuilt again and again; and what a change and a rebuild cost.
fn pool(reference: &Reference, coaches: usize, coachees: usize) {
    let cohort = cohort(reference, coachees, coaches);
    let coach = |j: usize| people::coach(reference, &cohort.coaches, j);
    let requests: Vec<Request> = (0..coachees).map(|i| people::request(&cohort, i)).collect();
    let pool = match CoachPool::new(reference.clone(), cohort.policy, cohort.seed, (0..coaches).map(coach)) {
        Ok(pool) => pool,
        Err(why) => return eprintln!("{why}"),
    };
    each(&format!("pool: best 10 of {coaches}"), coachees, |i| pool.shortlist(&requests[i], 10).len());
    once("pool: rebuild", || pool.rebuild());
    let step = coaches / OVERLAY_BOUND;
    let change = |n: usize| {
        let load = (n % 3) as u16;
        let change = Change::Places { coach: &cohort.coaches.code[n % OVERLAY_BOUND * step], capacity: 3, load };
        pool.apply(&[change]).map_or(0, |()| 1)
    };
    each("pool: change, overlay from empty to its bound", OVERLAY_BOUND, change);
    each("pool: change, overlay at its bound", 2_000, change);
    each(&format!("pool: best 10 of {coaches}, overlay at its bound"), coachees, |i| {
        pool.shortlist(&requests[i], 10).len()
    });
    each("pool: best 10 with reasons", coachees / 10, |i| {
        let snapshot = pool.snapshot();
        let listed = snapshot.shortlist(&requests[i], 10);
        listed.iter().filter_map(|listed| snapshot.explain(&requests[i], &listed.coach)).count()
    });
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                pool.rebuild();
            }
        });
        // Here what others do counts, so that each is timed once.
        best_of(1, &format!("pool: best 10 of {coaches} during rebuilds"), coachees, |i| {
            pool.shortlist(&requests[i], 10).len()
        });
        over.store(true, Ordering::Relaxed);
    });
}

fn once(name: &str, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    println!("{name:<44} {:>32.0}", start.elapsed().as_secs_f64() * 1e6);
}

/// Times `work` for each coachee alone, the best of three so that other programs do not count.
fn each(name: &str, coachees: usize, work: impl Fn(usize) -> usize) {
    best_of(3, name, coachees, work);
}

fn best_of(tries: usize, name: &str, coachees: usize, work: impl Fn(usize) -> usize) {
    let mut found = 0;
    let mut micros: Vec<f64> = (0..coachees)
        .map(|i| {
            let timed = || {
                let start = Instant::now();
                found += work(i);
                start.elapsed().as_secs_f64() * 1e6
            };
            std::iter::repeat_with(timed).take(tries).fold(f64::INFINITY, f64::min)
        })
        .collect();
    micros.sort_by(f64::total_cmp);
    let at = |share: f64| micros[((micros.len() - 1) as f64 * share) as usize];
    let mean = micros.iter().sum::<f64>() / micros.len() as f64;
    let per = found as f64 / (tries * coachees) as f64;
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
