//! The solvers on problems of odd shapes, held against plain ones: some that are always the same,
//! and as many new ones as there is time for (`COACHNET_FUZZ_SECONDS`, 5 unless set).

use std::cmp::Reverse;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use coachnet::domain::Objective;
use coachnet::matching::assign::{self, How, Solution};
use coachnet::matching::certificate::{Claim, Points, certify};
use coachnet::matching::instance::{Instance, Priority};
use coachnet::matching::stable::stable;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::support::plain::{self, Plan};
use crate::support::problems::{Order, Problem};

/// What the engine makes of a problem.
#[derive(Debug, PartialEq)]
struct Results {
    best_total: Solution,
    most_people: Solution,
    stable: Plan,
}

impl Results {
    fn of(instance: &Instance) -> Self {
        Self::near(instance, None, None)
    }

    fn near(instance: &Instance, best_total: Option<&Solution>, most_people: Option<&Solution>) -> Self {
        let how = |near| How { near, ..How::default() };
        Self {
            best_total: assign::best_total(instance, how(best_total)).unwrap(),
            most_people: assign::most_people(instance, how(most_people)).unwrap(),
            stable: stable(instance),
        }
    }

    /// The certificate of each holds.
    fn prove(&self, instance: &Instance) {
        prove(instance, Objective::BestTotal, &self.best_total);
        prove(instance, Objective::MostPeople, &self.most_people);
        let prices = vec![0; instance.coaches()];
        prove(instance, Objective::Stable, &Solution { coach_of: self.stable.clone(), prices, lambda: 0, bonus: 0 });
    }
}

fn prove(instance: &Instance, objective: Objective, solution: &Solution) {
    let pairs: Vec<(u32, u32)> =
        (0u32..).zip(&solution.coach_of).filter_map(|(i, coach)| coach.map(|coach| (i, coach))).collect();
    let prices: Vec<Points> = solution.prices.iter().copied().map(Points::from).collect();
    let claim = Claim { pairs: &pairs, prices: &prices, lambda: solution.lambda.into(), bonus: solution.bonus.into() };
    let certificate = certify(instance, objective, claim).unwrap();
    assert!(certificate.holds(), "{certificate:?}");
}

/// What plans are compared by: the total, and who is served.
fn worth(problem: &Problem, plan: &Plan) -> (u64, Vec<bool>) {
    let weight = |(coachee, coach): (u32, &Option<u32>)| coach.map(|coach| problem.weight(coachee, coach).unwrap());
    let total = (0u32..).zip(plan).filter_map(weight).map(u64::from).sum();
    (total, plan.iter().map(Option::is_some).collect())
}

fn served(plan: &Plan) -> usize {
    plan.iter().flatten().count()
}

/// One and two threads.
struct Machines([ThreadPool; 2]);

impl Machines {
    fn new() -> Self {
        Self([1, 2].map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap()))
    }

    fn check(&self, problem: &Problem) {
        let instance = problem.instance(Order::Plain);
        let results = self.0[0].install(|| Results::of(&instance));
        for order in [Order::Reverse, Order::InTurn] {
            let same = self.0[1].install(|| Results::of(&problem.instance(order)));
            assert_eq!(results, same, "{order:?}, on two threads");
        }
        results.prove(&instance);
        against_plain_solvers(problem, &results);
        from_elsewhere(problem, &results);
        in_wide_entries(problem, &results);
    }
}

fn against_plain_solvers(problem: &Problem, results: &Results) {
    let (best, most) = (plain::best_total(problem), plain::most_people(problem));
    assert_eq!(worth(problem, &results.best_total.coach_of), worth(problem, &best), "best total");
    assert_eq!(worth(problem, &results.most_people.coach_of), worth(problem, &most), "most people");
    assert_eq!(served(&results.most_people.coach_of), plain::most_pairs(problem), "most pairs");
    assert_eq!(results.stable, plain::stable(problem), "stable");
    assert_eq!(plain::blocking_pairs(problem, &results.stable), Vec::new());
}

/// Where a solver starts from changes nothing that counts.
fn from_elsewhere(problem: &Problem, results: &Results) {
    let instance = problem.instance(Order::Plain);
    let mut strange = Solution { coach_of: results.stable.clone(), prices: Vec::new(), lambda: 3, bonus: 2 };
    strange.coach_of.reverse();
    strange.prices = (0..instance.coaches() as i64).map(|coach| coach * 1_000_003 % 511 - 1).collect();
    for near in [&strange, &results.most_people, &results.best_total] {
        let warm = Results::near(&instance, Some(near), Some(near));
        warm.prove(&instance);
        for (warm, cold) in [(&warm.best_total, &results.best_total), (&warm.most_people, &results.most_people)] {
            assert_eq!(worth(problem, &warm.coach_of), worth(problem, &cold.coach_of), "near {near:?}");
        }
    }
}

/// Weights of up to 255 are kept in another way than larger ones; multiplied, they say the same.
fn in_wide_entries(problem: &Problem, results: &Results) {
    const FACTOR: u32 = 16_000_000;
    let Some(wide) = problem.times(FACTOR) else { return };
    let instance = wide.instance(Order::Plain);
    let others = Results::of(&instance);
    others.prove(&instance);
    assert_eq!(results.stable, others.stable);
    for (narrow, wide) in [(&results.best_total, &others.best_total), (&results.most_people, &others.most_people)] {
        assert_eq!(worth(problem, &narrow.coach_of), worth(problem, &wide.coach_of));
    }
}

/// Names the seed of a problem that fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the problem of seed {} fails", self.0);
        }
    }
}

fn check(machines: &Machines, seed: u64) {
    let seed = Seed(seed);
    machines.check(&Problem::draw(seed.0));
}

#[test]
fn odd_shapes_are_solved_as_textbooks_solve_them() {
    let machines = Machines::new();
    (0..150).for_each(|seed| check(&machines, seed));
}

#[test]
fn so_are_shapes_that_nobody_has_seen() {
    let seconds = std::env::var("COACHNET_FUZZ_SECONDS").map_or(5, |text| text.parse().expect("seconds"));
    let (machines, started) = (Machines::new(), Instant::now());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let mut tried = 0;
    while started.elapsed() < Duration::from_secs(seconds) {
        check(&machines, now.wrapping_add(tried));
        tried += 1;
    }
    println!("{tried} new problems in {seconds} s");
}

const MANY: u32 = 100_000;

fn lottery(i: u32) -> u64 {
    u64::from(i.wrapping_mul(2_654_435_761))
}

/// One coachee has the first of the heaviest coaches with a place, whatever the objective.
#[test]
fn one_coachee_among_a_hundred_thousand_coaches() {
    for heaviest in [1, 255, 256, u32::MAX] {
        let weight = |coach: u32| heaviest - coach % 3 % heaviest;
        let mut list: Vec<(u32, u32)> = (0..MANY).rev().map(|coach| (coach, weight(coach))).collect();
        list.sort_by_key(|pair| Reverse(pair.1));
        let problem = Problem {
            capacity: (0..MANY).map(|coach| u32::from(coach % 7 == 2)).collect(),
            priority: vec![Priority { class: 0, lottery: 0 }],
            lists: vec![list.clone()],
        };
        let instance = problem.instance(Order::Plain);
        let results = Results::of(&instance);
        results.prove(&instance);
        let (expected, most) = *list.iter().find(|pair| pair.0 % 7 == 2).unwrap();
        assert_eq!(results.stable, [Some(expected)]);
        for solution in [results.best_total, results.most_people] {
            assert_eq!(worth(&problem, &solution.coach_of), (most.into(), vec![true]));
        }
    }
}

/// One coach takes as many as there are places: in totals the heaviest, then the first in the
/// queue; in stable plans the higher class before that.
#[test]
fn many_coachees_for_one_coach() {
    let many_places = [(MANY, 3, 0), (MANY, 256, 1), (MANY, 40, u32::MAX), (MANY, 255, MANY / 2)];
    let others = [(2000, 1, 100), (2000, 255, 1999), (2000, u32::MAX, 500)];
    for (many, heaviest, places) in many_places.into_iter().chain(others) {
        let weight = |coachee: u32| heaviest - coachee % 3 % heaviest;
        let priority = |coachee: u32| Priority { class: coachee % 2, lottery: lottery(coachee) };
        let problem = Problem {
            capacity: vec![places],
            priority: (0..many).map(priority).collect(),
            lists: (0..many).map(|coachee| vec![(0, weight(coachee))]).collect(),
        };
        let instance = problem.instance(Order::Plain);
        let results = Results::of(&instance);
        results.prove(&instance);
        let first = |mut coachees: Vec<u32>| -> Plan {
            coachees.truncate(places as usize);
            let mut plan = vec![None; many as usize];
            coachees.into_iter().for_each(|coachee| plan[coachee as usize] = Some(0));
            plan
        };
        let mut coachees: Vec<u32> = (0..many).collect();
        coachees.sort_by_key(|&c| (Reverse(weight(c)), priority(c).order()));
        let heaviest_first = first(coachees.clone());
        coachees.sort_by_key(|&c| (Reverse(priority(c).class), Reverse(weight(c)), priority(c).lottery));
        assert_eq!(results.stable, first(coachees));
        assert_eq!(results.best_total.coach_of, heaviest_first);
        assert_eq!(results.most_people.coach_of, heaviest_first);
    }
}
