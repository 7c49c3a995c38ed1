//! The fast scan finds exactly what the plain definition of the score says: both kernels, all
//! entrances, around the widths at which they change their ways, with weights at their limits.

use coachnet::domain::policy::{Rules, Weights};
use coachnet::domain::{Policy, Reach};
use coachnet::matching::Cohort;
use coachnet::matching::scan::{Candidate, Floors, Lists, Prices, Scanner};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::engine::reference;
use crate::support::cohorts::{random_cohort, today};

/// Weights that a policy may have, from balanced to as lopsided as can be.
fn weights() -> impl Strategy<Value = Weights> {
    let one = |coverage, credibility, choices, reach, cross_agency, load| Weights {
        coverage,
        credibility,
        choices,
        reach,
        cross_agency,
        load,
    };
    prop_oneof![
        Just(Weights::default()),
        Just(one(255, 0, 0, 0, 0, 0)),
        Just(one(3, 0, 0, 0, 0, 0)),
        Just(one(4, 0, 0, 0, 0, 0)),
        Just(one(3, 252, 0, 0, 0, 0)),
        Just(one(3, 0, 252, 0, 0, 0)),
        Just(one(3, 0, 0, 252, 0, 0)),
        Just(one(3, 0, 0, 0, 252, 0)),
        Just(one(3, 0, 0, 0, 0, 252)),
        Just(one(50, 41, 41, 41, 41, 41)),
    ]
}

fn policies() -> impl Strategy<Value = Policy> {
    let rules = (prop::sample::select(Reach::ALL), any::<bool>(), 1u8..=3);
    (weights(), rules).prop_map(|(weights, (in_person_within, senior_alumni, focus_size))| Policy {
        weights,
        rules: Rules { in_person_within, senior_alumni, focus_size },
        ..Policy::default()
    })
}

/// What a cohort is made from: a seed, how many coaches, a policy.
pub(crate) type Case = (u64, usize, Policy);

/// Cohorts around the width of a lane and the length of a block.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let coaches = prop::sample::select(vec![0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 256, 257, 600]);
    (any::<u64>(), coaches, policies())
}

pub(crate) fn build((seed, coaches, policy): Case) -> Cohort {
    assert_eq!(policy.check(), Ok(()));
    Cohort::build(&random_cohort(seed, 12, coaches), &reference(), &policy, today(), seed).unwrap()
}

/// Every allowed coach of a coachee by the plain definition, best first.
fn plain(cohort: &Cohort, scanner: &Scanner, coachee: usize) -> Vec<Candidate> {
    let query = scanner.query(coachee);
    let mut all: Vec<Candidate> = (0..cohort.coaches.len() as u32)
        .filter_map(|coach| match cohort.plain_score(coachee, coach) {
            None | Some(0) => None,
            Some(score) => Some(query.candidate(coach, score)),
        })
        .collect();
    all.sort_by(|a, b| b.cmp(a));
    all
}

fn scanners(cohort: &Cohort) -> [Scanner<'_>; 2] {
    [Scanner::new(cohort), Scanner::portable(cohort)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// The best are the first of all, with the same tie-breaks, on either kernel.
    #[test]
    fn best_are_the_first_of_all(case in cases(), k in 0usize..40) {
        let cohort = build(case);
        for scanner in scanners(&cohort) {
            for i in 0..cohort.coachees.len() {
                let all = plain(&cohort, &scanner, i);
                let mut eligible: Vec<Candidate> = scanner.query(i).eligible().collect();
                eligible.sort_by(|a, b| b.cmp(a));
                prop_assert_eq!(&eligible, &all, "coachee {}", i);
                prop_assert_eq!(&scanner.query(i).best(k), &all[..k.min(all.len())], "coachee {}", i);
            }
        }
    }

    /// Pricing visits exactly the pairs that are worth more than the bar, also while the bar rises.
    #[test]
    fn priced_are_those_above_the_bar(case in cases(), seed: u64, scale in prop::sample::select(vec![1i64, 3, 1 << 18])) {
        let cohort = build(case);
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let prices: Vec<i64> = (0..cohort.coaches.len()).map(|_| match rng.random_range(0..4) {
            0 => 0,
            1 => 300 * scale,
            _ => rng.random_range(0..=200 * scale),
        }).collect();
        for scanner in scanners(&cohort) {
            let priced = Prices::new(&scanner, scale, &prices);
            for i in 0..cohort.coachees.len() {
                let (lambda, above) = (rng.random_range(-9 * scale..=9 * scale), rng.random_range(-20 * scale..=260 * scale));
                let value = |c: &Candidate| i64::from(c.score()) * scale + lambda - prices[c.coach() as usize];
                let mut expected: Vec<(u32, i64)> = plain(&cohort, &scanner, i).iter()
                    .map(|c| (c.coach(), value(c)))
                    .filter(|&(_, value)| value > above)
                    .collect();
                expected.sort();
                let mut found = Vec::new();
                scanner.query(i).priced(&priced, lambda, above, |coach, _, value| {
                    found.push((coach, value));
                    above
                });
                found.sort();
                prop_assert_eq!(&found, &expected, "coachee {}", i);
                let mut best = above;
                scanner.query(i).priced(&priced, lambda, above, |_, _, value| {
                    best = value;
                    best
                });
                prop_assert_eq!(best, expected.iter().map(|&(_, value)| value).max().unwrap_or(above));
            }
        }
    }

    /// Only coaches whose floor the score reaches are visited, whichever way floors are set.
    #[test]
    fn accepting_are_those_with_a_low_floor(case in cases(), seed: u64, k in 1usize..20) {
        let cohort = build(case);
        for scanner in scanners(&cohort) {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let mut floors = Floors::new(&scanner);
            let mut floor = vec![1u16; cohort.coaches.len()];
            for i in 0..cohort.coachees.len() {
                for _ in 0..cohort.coaches.len() / 3 {
                    let coach = rng.random_range(0..floor.len());
                    floor[coach] = rng.random_range(0..=256);
                    match u8::try_from(floor[coach]) {
                        Ok(floor) => floors.set(coach as u32, floor),
                        Err(_) => floors.close(coach as u32),
                    }
                }
                let mut expected = plain(&cohort, &scanner, i);
                expected.retain(|c| u16::from(c.score()) >= floor[c.coach() as usize]);
                let mut found = Vec::new();
                let query = scanner.query(i);
                query.accepting(&floors, 1, |coach, score| found.push(query.candidate(coach, score)));
                found.sort_by(|a, b| b.cmp(a));
                prop_assert_eq!(&found, &expected, "coachee {}", i);
                expected.retain(|c| c.coach() % 3 != 1);
                expected.truncate(k);
                prop_assert_eq!(query.best_accepting(k, &floors, |coach, _| coach % 3 != 1), expected);
            }
        }
    }

    /// The lists of a cohort are the shortlists of its coachees, on any number of cores.
    #[test]
    fn lists_are_the_shortlists(case in cases(), k in 0usize..40) {
        let cohort = build(case);
        let scanner = Scanner::new(&cohort);
        let lists = on_cores(1, || scanner.candidates(k));
        for i in 0..cohort.coachees.len() {
            let shortlist: Vec<(u32, u8)> = scanner.shortlist(i, k).iter().map(|c| (c.coach(), c.score())).collect();
            prop_assert_eq!(lists.of(i).collect::<Vec<_>>(), shortlist);
        }
        prop_assert_eq!(&on_cores(3, || Scanner::new(&cohort).candidates(k)), &lists);
    }
}

fn on_cores(cores: usize, work: impl FnOnce() -> Lists + Send) -> Lists {
    rayon::ThreadPoolBuilder::new().num_threads(cores).build().unwrap().install(work)
}
