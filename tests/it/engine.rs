//! The engine on cohorts: rules, scores, explanations, runs.

use coachnet::domain::{Group, Objective, Policy, Reference, Reserve, Zone};
use coachnet::matching::all_pairs::ScannedPairs;
use coachnet::matching::assign::{How, best_total, most_people};
use coachnet::matching::certificate::{Certificate, Claim, Points, certify};
use coachnet::matching::check::PlainPairs;
use coachnet::matching::instance::{InstanceBuilder, Priority};
use coachnet::matching::run::{Before, Effort, Outcome, run, run_from};
use coachnet::matching::scan::Scanner;
use coachnet::matching::watch::Watch;
use coachnet::matching::{Cohort, WhyNot, why_not};
use proptest::prelude::*;

use crate::support::cohorts::{random_cohort, today};

pub(crate) fn reference() -> Reference {
    coachnet::tabular::reference::shipped().unwrap()
}

/// A random cohort in which an admin has forbidden some pairs, too.
fn cohort(seed: u64, coachees: usize, coaches: usize) -> Cohort {
    let records = random_cohort(seed, coachees, coaches);
    let mut cohort = Cohort::build(&records, &reference(), &Policy::default(), today(), seed).unwrap();
    let coach = |coachee: u32| (seed % 1_000) as u32 + coachee * 7;
    let pairs: Vec<(u32, u32)> =
        (0..coachees as u32).step_by(3).map(|coachee| (coachee, coach(coachee) % coaches.max(1) as u32)).collect();
    if coaches > 0 {
        cohort.forbid(&pairs);
    }
    cohort
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// The fast scan and the plain definition agree on every pair, and a score is the sum of its parts.
    #[test]
    fn scan_agrees_with_the_plain_score(seed: u64) {
        let cohort = cohort(seed, 25, 25);
        let scanner = Scanner::new(&cohort);
        for i in 0..cohort.coachees.len() {
            let query = scanner.query(i);
            for j in 0..cohort.coaches.len() as u32 {
                let open = scanner.open().binary_search(&j).is_ok();
                let fast = if open { query.score(j) } else { 0 };
                prop_assert_eq!(fast, cohort.plain_score(i, j).unwrap_or(0), "coachee {} coach {}", i, j);
                let explanation = cohort.explain(i, j);
                let parts: u16 = explanation.components.iter().map(|c| u16::from(c.points())).sum();
                prop_assert_eq!(parts, u16::from(explanation.score));
            }
        }
    }

    /// A pair that no rule forbids has a score above 0 under any policy that may be used.
    #[test]
    fn an_allowed_pair_has_a_score(seed: u64, coverage in 3u8..12) {
        let none = coachnet::domain::policy::Weights {
            coverage, credibility: 0, choices: 255 - coverage, reach: 0, cross_agency: 0, load: 0,
        };
        let policy = Policy { weights: none, ..Policy::default() };
        prop_assert!(policy.check().is_ok());
        let cohort = Cohort::build(&random_cohort(seed, 20, 20), &reference(), &policy, today(), seed).unwrap();
        for i in 0..cohort.coachees.len() {
            for j in 0..cohort.coaches.len() as u32 {
                prop_assert_ne!(cohort.plain_score(i, j), Some(0));
            }
        }
    }

    /// The order in which rows come in changes nothing.
    #[test]
    fn row_order_changes_nothing(seed: u64) {
        let mut records = random_cohort(seed, 20, 20);
        let build = |records: &_| Cohort::build(records, &reference(), &Policy::default(), today(), 7).unwrap();
        let before = build(&records);
        records.coaches.reverse();
        records.coachees.rotate_left(7);
        records.assessments.reverse();
        let after = build(&records);
        prop_assert_eq!(format!("{:?}", before.coaches.code), format!("{:?}", after.coaches.code));
        prop_assert_eq!(format!("{:?}", before.coachees.focus), format!("{:?}", after.coachees.focus));
        prop_assert_eq!(format!("{:?}", before.coachees.relations), format!("{:?}", after.coachees.relations));
        let lists = |cohort: &Cohort| {
            let scanner = Scanner::new(cohort);
            (0..cohort.coachees.len()).map(|i| scanner.query(i).best(5)).collect::<Vec<_>>()
        };
        prop_assert_eq!(lists(&before), lists(&after));
    }
}

/// All pairs that no rule forbids, as one instance without lists.
fn whole_instance(cohort: &Cohort) -> coachnet::matching::instance::Instance {
    let e = &cohort.coachees;
    let priority = (0..e.len()).map(|i| Priority { class: e.class[i], lottery: e.lottery[i] }).collect();
    let capacity = cohort.coaches.places.iter().map(|&places| u32::from(places)).collect();
    let mut builder = InstanceBuilder::new(capacity, priority);
    for i in 0..e.len() {
        for j in 0..cohort.coaches.len() as u32 {
            if let Some(score) = cohort.plain_score(i, j) {
                builder.push(i as u32, j, u32::from(score)).unwrap();
            }
        }
    }
    builder.build().unwrap()
}

fn total(outcome: &Outcome) -> i64 {
    outcome.plan.pairs.iter().map(|pair| i64::from(pair.score)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Short lists that grow by prices come to the optimum over all pairs, and to the same
    /// people, as the solver does when it is given all pairs at once.
    #[test]
    fn lists_reach_the_optimum_over_all_pairs(seed: u64, list_size in 1usize..6, scarce: bool) {
        for objective in [Objective::BestTotal, Objective::MostPeople] {
            let policy = Policy { objective, ..Policy::default() };
            let (coachees, coaches) = if scarce { (60, 25) } else { (30, 50) };
            let cohort =
                Cohort::build(&random_cohort(seed, coachees, coaches), &reference(), &policy, today(), seed).unwrap();
            let outcome = run(&cohort, Effort { list_size, ..Effort::default() }, Watch::NOBODY).unwrap();
            let solve = if objective == Objective::BestTotal { best_total } else { most_people };
            let instance = whole_instance(&cohort);
            let solution = solve(&instance, How::default()).unwrap();
            let expected: i64 = (0u32..)
                .zip(&solution.coach_of)
                .filter_map(|(i, coach)| coach.and_then(|coach| instance.weight(i, coach)))
                .map(i64::from)
                .sum();
            prop_assert_eq!(total(&outcome), expected);
            let matched: Vec<u32> = outcome.plan.pairs.iter().map(|pair| pair.coachee).collect();
            let all = (0u32..).zip(&solution.coach_of).filter(|(_, coach)| coach.is_some()).map(|(i, _)| i);
            prop_assert_eq!(matched, all.collect::<Vec<_>>());
            prop_assert_eq!(outcome.plan.pairs.len() + outcome.plan.waiting.len(), coachees);
        }
    }

    /// After some have accepted and others declined, starting from the earlier outcome gives what a
    /// run from nothing gives, and the proof covers the kept pairs.
    #[test]
    fn a_rematch_is_as_good_as_a_run_from_nothing(seed: u64, scarce: bool, percent in 0u8..60) {
        for objective in [Objective::BestTotal, Objective::MostPeople] {
            let reserve = (percent > 0).then_some(Reserve { group: Group::Zone(Zone::Wib), percent });
            let policy = Policy { objective, reserve, ..Policy::default() };
            let (coachees, coaches) = if scarce { (60, 25) } else { (30, 50) };
            let records = random_cohort(seed, coachees, coaches);
            let mut cohort = Cohort::build(&records, &reference(), &policy, today(), seed).unwrap();
            let first = run(&cohort, Effort::default(), Watch::NOBODY).unwrap();
            let pairs = first.standing().pairs;
            let (accepted, others) = pairs.split_at(pairs.len() / 2);
            let before = Before { pairs: pairs.clone(), prices: first.prices.clone() };
            cohort.keep(accepted).unwrap();
            for &(coachee, coach) in others.iter().step_by(3) {
                let relations = &mut cohort.coachees.relations[coachee as usize];
                let at = relations.partition_point(|&(other, _)| other < coach);
                if relations.get(at).is_none_or(|&(other, _)| other != coach) {
                    relations.insert(at, (coach, Default::default()));
                }
                relations[at].1.earlier = true;
            }
            let cold = run(&cohort, Effort::default(), Watch::NOBODY).unwrap();
            let warm = run_from(&cohort, Some(&before), Effort::default(), Watch::NOBODY).unwrap();
            prop_assert!(warm.certificate.holds(), "{:?}", warm.certificate);
            prop_assert_eq!(warm.certificate.total, cold.certificate.total);
            prop_assert_eq!(warm.certificate.matched, cold.certificate.matched);
            let kept_places = |outcome: &Outcome| outcome.certificate.reserve.map(|r| (r.places, r.matched.min(r.places)));
            prop_assert_eq!(kept_places(&warm), kept_places(&cold));
            prop_assert_eq!(kept_places(&warm).map(|r| r.0), kept_places(&first).map(|r| r.0));
            prop_assert_eq!(warm.certificate.matched, (warm.plan.pairs.len() + accepted.len()) as u64);
            let kept: u64 = cohort.kept.iter().map(|pair| u64::from(pair.score)).sum();
            prop_assert_eq!(warm.certificate.total, total(&warm) as u64 + kept);
            prop_assert_eq!(warm.plan.pairs.len() + warm.plan.waiting.len() + accepted.len(), coachees);
        }
    }

    /// For each pair there is an answer: proposed, forbidden by a rule, or who stands before.
    #[test]
    fn every_pair_has_an_answer(seed: u64) {
        let cohort = cohort(seed, 40, 20);
        let outcome = run(&cohort, Effort { list_size: 4, ..Effort::default() }, Watch::NOBODY).unwrap();
        let standing = outcome.standing();
        for i in 0..cohort.coachees.len() {
            for j in 0..cohort.coaches.len() as u32 {
                match why_not(&cohort, &standing, i, j) {
                    WhyNot::Proposed => prop_assert_eq!(outcome.plan.pair_of(i).map(|pair| pair.coach), Some(j)),
                    WhyNot::Pinned | WhyNot::Accepted | WhyNot::StandsElsewhere { .. } => {
                        prop_assert!(false, "nothing is kept");
                    }
                    WhyNot::Forbidden { rules } => prop_assert!(!rules.is_empty()),
                    WhyNot::Behind { score, ahead, instead, cost } => {
                        prop_assert_eq!(cohort.plain_score(i, j), Some(score));
                        let full = ahead.len() == usize::from(cohort.coaches.places[j as usize]);
                        prop_assert!(full || instead.is_some(), "somebody waits although the coach has a place");
                        prop_assert!(cost.is_some());
                    }
                }
            }
        }
    }
}

/// Whoever is coachee and coach may be said to report to two superiors. Both count.
#[test]
fn both_superiors_of_a_person_in_both_roles_are_in_the_line_of_command() {
    let mut records = random_cohort(1, 1, 3);
    for (coach, code) in records.coaches.iter_mut().zip(["P0", "C1", "C2"]) {
        coach.code = code.parse().unwrap();
        coach.superior = None;
    }
    records.coachees[0].superior = Some("C1".parse().unwrap());
    records.coaches[0].superior = Some("C2".parse().unwrap());
    let cohort = Cohort::build(&records, &reference(), &Policy::default(), today(), 1).unwrap();
    for (at, code) in (0u32..).zip(&cohort.coaches.code) {
        let line = cohort.broken_rules(0, at).iter().any(|rule| rule == coachnet::matching::Rule::LineOfCommand);
        assert_eq!(line, code.as_str() != "P0", "{code}");
    }
}

/// Every rule is broken somewhere in the random cohorts, or the tests above prove little.
#[test]
fn random_cohorts_break_every_rule() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let cohort = cohort(seed, 25, 25);
        for i in 0..cohort.coachees.len() {
            for j in 0..cohort.coaches.len() as u32 {
                seen.extend(cohort.broken_rules(i, j).iter());
            }
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), coachnet::matching::Rule::ALL);
}

/// A policy that reserves places for a group which the random cohorts have some of.
fn reserving(objective: Objective, group: Group, percent: u8) -> Policy {
    Policy { objective, reserve: Some(Reserve { group, percent }), ..Policy::default() }
}

fn groups() -> impl Strategy<Value = Group> {
    prop_oneof![
        Just(Group::Remote),
        Just(Group::Zone(Zone::Wib)),
        Just(Group::Zone(Zone::Wit)),
        Just(Group::Province(11)),
        Just(Group::Province(62)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The same with places reserved, whose group may not be on the lists at all at first; the proof
    /// holds by the plain definition too.
    #[test]
    fn lists_reach_the_optimum_with_a_reserve(seed: u64, list_size in 1usize..6, group in groups(), percent in 1u8..=100) {
        for objective in [Objective::BestTotal, Objective::MostPeople] {
            let policy = reserving(objective, group, percent);
            let cohort = Cohort::build(&random_cohort(seed, 60, 25), &reference(), &policy, today(), seed).unwrap();
            let outcome = run(&cohort, Effort { list_size, ..Effort::default() }, Watch::NOBODY).unwrap();
            let solve = if objective == Objective::BestTotal { best_total } else { most_people };
            let instance = whole_instance(&cohort).reserving(cohort.reserve.clone());
            let solution = solve(&instance, How::default()).unwrap();
            let pairs = (0u32..).zip(&solution.coach_of).filter_map(|(i, coach)| Some((i, (*coach)?)));
            let expected: i64 = pairs.clone().filter_map(|(i, coach)| instance.weight(i, coach)).map(i64::from).sum();
            prop_assert_eq!(total(&outcome), expected);
            let matched: Vec<u32> = outcome.plan.pairs.iter().map(|pair| pair.coachee).collect();
            prop_assert_eq!(matched, pairs.map(|pair| pair.0).collect::<Vec<_>>());
            prop_assert!(outcome.certificate.holds(), "{:?}", outcome.certificate);
            prop_assert_eq!(plain_certificate(&cohort, &outcome), outcome.certificate);
        }
    }

    /// Stable with places reserved: no blocking pair among all, and as the solver does it with all pairs at once.
    #[test]
    fn stable_runs_keep_a_reserve(seed: u64, list_size in 1usize..6, group in groups(), percent in 1u8..=100) {
        let policy = reserving(Objective::Stable, group, percent);
        let cohort = Cohort::build(&random_cohort(seed, 60, 25), &reference(), &policy, today(), seed).unwrap();
        let outcome = run(&cohort, Effort { list_size, ..Effort::default() }, Watch::NOBODY).unwrap();
        prop_assert_eq!(outcome.certificate.blocking_pairs, 0);
        prop_assert_eq!(plain_certificate(&cohort, &outcome), outcome.certificate);
        let everybody = run(&cohort, Effort { list_size: 100, ..Effort::default() }, Watch::NOBODY).unwrap();
        prop_assert_eq!(outcome.plan.pairs, everybody.plan.pairs);
    }
}

/// The proof of a run worked out over every pair by the plain definition of the score.
fn plain_certificate(cohort: &Cohort, outcome: &Outcome) -> Certificate {
    let standing = outcome.standing();
    let lambda = standing.lambda.unwrap_or(Points::ZERO);
    let claim = Claim { pairs: &standing.pairs, prices: &standing.prices, lambda, bonus: standing.bonus };
    certify(&PlainPairs::new(cohort), cohort.policy.objective, claim).unwrap()
}

/// Blocking pairs are found the fast way too, where there are some: those of a stable run without the reserve.
#[test]
fn blocking_pairs_of_a_reserve_are_counted_alike() {
    let mut found = 0;
    for seed in 0..20 {
        let build =
            |policy: &Policy| Cohort::build(&random_cohort(seed, 60, 25), &reference(), policy, today(), seed).unwrap();
        let plain = Policy { objective: Objective::Stable, ..Policy::default() };
        let outcome = run(&build(&plain), Effort::default(), Watch::NOBODY).unwrap();
        let cohort = build(&reserving(Objective::Stable, Group::Zone(Zone::Wib), 60));
        let standing = outcome.standing();
        let claim =
            Claim { pairs: &standing.pairs, prices: &standing.prices, lambda: Points::ZERO, bonus: Points::ZERO };
        let scanner = Scanner::new(&cohort);
        let fast = certify(&ScannedPairs::new(&cohort, &scanner), Objective::Stable, claim).unwrap();
        assert_eq!(Ok(fast.clone()), certify(&PlainPairs::new(&cohort), Objective::Stable, claim));
        found += fast.blocking_pairs;
    }
    assert!(found > 0);
}
