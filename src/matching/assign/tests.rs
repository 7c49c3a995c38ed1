//! The solver against all plans of small instances.

use super::*;
use crate::matching::instance::testing::{Draw, small_instances};
use proptest::prelude::*;

/// Every plan of an instance, as (coach of each coachee).
fn plans(instance: &Instance) -> Vec<Vec<Option<u32>>> {
    let mut plans = vec![vec![]];
    for coachee in 0..instance.coachees() as u32 {
        let mut longer = Vec::new();
        for plan in plans {
            let choices = instance.list(coachee).map(|edge| Some(edge.coach)).chain([None]);
            for choice in choices {
                let taken = plan.iter().filter(|&&c| c == choice).count();
                if choice.is_none_or(|coach| taken < instance.capacity(coach) as usize) {
                    longer.push(plan.iter().copied().chain([choice]).collect());
                }
            }
        }
        plans = longer;
    }
    plans
}

fn total(instance: &Instance, plan: &[Option<u32>]) -> u64 {
    pairs(plan).map(|(coachee, coach)| u64::from(instance.weight(coachee, coach).unwrap())).sum()
}

fn pairs(plan: &[Option<u32>]) -> impl Iterator<Item = (u32, u32)> {
    plan.iter().enumerate().filter_map(|(coachee, coach)| coach.map(|coach| (coachee as u32, coach)))
}

/// Who is matched, in the order of the queue.
fn served(instance: &Instance, plan: &[Option<u32>]) -> Vec<bool> {
    instance.queue().into_iter().map(|coachee| plan[coachee as usize].is_some()).collect()
}

/// What the dual prices say no plan with this many pairs can exceed.
fn bound(instance: &Instance, solution: &Solution) -> i64 {
    let places: i64 =
        (0..instance.coaches()).map(|j| solution.prices[j] * i64::from(instance.capacity(j as u32))).sum();
    let profit = |coachee| {
        let gains = instance.list(coachee);
        let gains = gains.map(|e| i64::from(e.weight) + solution.lambda - solution.prices[e.coach as usize]);
        gains.max().unwrap_or(0).max(0)
    };
    let profits: i64 = (0..instance.coachees() as u32).map(profit).sum();
    places + profits - solution.lambda * pairs(&solution.coach_of).count() as i64
}

fn assert_feasible(instance: &Instance, plan: &[Option<u32>]) {
    let mut taken = vec![0; instance.coaches()];
    for (coachee, coach) in pairs(plan) {
        assert!(instance.weight(coachee, coach).is_some());
        taken[coach as usize] += 1;
        assert!(taken[coach as usize] <= instance.capacity(coach));
    }
}

fn check(instance: &Instance, solution: &Solution, expected: (usize, u64, Vec<bool>)) {
    assert_feasible(instance, &solution.coach_of);
    let plan = &solution.coach_of;
    assert_eq!((pairs(plan).count(), total(instance, plan), served(instance, plan)), expected, "{instance:?}");
    assert_eq!(bound(instance, solution), expected.1 as i64, "the bound is not met: {solution:?} {instance:?}");
}

fn best_total_of(instance: &Instance, plans: &[Vec<Option<u32>>]) -> (usize, u64, Vec<bool>) {
    let best = plans.iter().map(|plan| (total(instance, plan), served(instance, plan))).max().unwrap();
    (best.1.iter().filter(|&&matched| matched).count(), best.0, best.1)
}

fn most_people_of(instance: &Instance, plans: &[Vec<Option<u32>>]) -> (usize, u64, Vec<bool>) {
    plans.iter().map(|plan| (pairs(plan).count(), total(instance, plan), served(instance, plan))).max().unwrap()
}

fn from(near: &Solution) -> How<'_> {
    How { near: Some(near), ..How::default() }
}

/// Something to start from that may fit the instance or not at all.
fn near() -> impl Strategy<Value = Solution> {
    let coaches = prop::collection::vec(prop::option::of(0u32..6), 0..8);
    (prop::collection::vec(-2i64..9, 0..6), coaches).prop_map(|(prices, coach_of)| Solution {
        coach_of,
        prices,
        lambda: 0,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn small_instances_are_solved_like_brute_force(
        instance in small_instances(),
        near in near(),
    ) {
        let plans = plans(&instance);
        let expected = best_total_of(&instance, &plans);
        check(&instance, &best_total(&instance, How::default()).unwrap(), expected.clone());
        check(&instance, &best_total(&instance, from(&near)).unwrap(), expected);
        let expected = most_people_of(&instance, &plans);
        check(&instance, &most_people(&instance, How::default()).unwrap(), expected.clone());
        check(&instance, &most_people(&instance, from(&near)).unwrap(), expected);
    }
}

/// A middling instance: too large for brute force, small enough for thousands.
fn middling(seed: u64, weights: u32) -> Instance {
    let mut draw = Draw(seed);
    let (coachees, coaches, longest) = (30 + draw.below(120), 3 + draw.below(40), 1 + draw.below(12));
    draw.instance(coachees, coaches, longest, weights)
}

#[test]
fn a_start_from_elsewhere_changes_neither_total_nor_who_is_matched() {
    for seed in 0..400 {
        let weights = [3, 40, 255, 1_000_000, u32::MAX][seed as usize % 5];
        let instance = middling(seed, weights);
        let prices = (0..instance.coaches() as u64).map(|j| (j * 37 % u64::from(weights)) as i64).collect();
        let first = |coachee| instance.list(coachee).next().map(|edge| edge.coach);
        let coach_of = (0..instance.coachees() as u32).map(first).collect();
        let near = Solution { coach_of, prices, lambda: 0 };
        for solve in [best_total, most_people] {
            let cold = solve(&instance, How::default()).unwrap();
            let outcome = (pairs(&cold.coach_of).count(), total(&instance, &cold.coach_of));
            let expected = (outcome.0, outcome.1, served(&instance, &cold.coach_of));
            for start in [&near, &cold] {
                let any = solve(&instance, How { among: Among::Any, ..from(start) }).unwrap();
                for warm in [solve(&instance, from(start)).unwrap(), fairest(&instance, &any)] {
                    check(&instance, &warm, expected.clone());
                }
            }
        }
    }
}

#[test]
fn one_solution_is_the_same_for_ever() {
    let instance = middling(7, 40);
    let solution = best_total(&instance, How::default()).unwrap();
    assert_eq!(solution, best_total(&instance, How::default()).unwrap());
    let coaches: Vec<i64> = solution.coach_of[..20].iter().map(|coach| coach.map_or(-1, i64::from)).collect();
    let expected = [-1, -1, 2, 12, 9, -1, 8, -1, 6, -1, -1, 4, -1, 16, 1, -1, -1, 5, -1, 6];
    assert_eq!((&coaches[..], total(&instance, &solution.coach_of)), (&expected[..], 746));
}
