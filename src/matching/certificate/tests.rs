//! Certificates against brute force, and of plans that were tampered with.

use super::*;
use crate::matching::assign::{How, Solution, best_total, most_people};
use crate::matching::instance::testing::{Draw, small_instances};
use crate::matching::stable::stable;
use proptest::prelude::*;

fn pairs_of(coach_of: &[Option<u32>]) -> Vec<(u32, u32)> {
    coach_of.iter().enumerate().filter_map(|(coachee, coach)| coach.map(|coach| (coachee as u32, coach))).collect()
}

fn points(prices: &[i64]) -> Vec<Points> {
    prices.iter().copied().map(Points::from).collect()
}

fn certificate_of(instance: &Instance, objective: Objective, solution: &Solution) -> Certificate {
    let (pairs, prices) = (pairs_of(&solution.coach_of), points(&solution.prices));
    let claim = Claim { pairs: &pairs, prices: &prices, lambda: Points::from(solution.lambda) };
    certify(instance, objective, claim).unwrap()
}

fn stable_solution(instance: &Instance) -> Solution {
    Solution { coach_of: stable(instance), prices: vec![0; instance.coaches()], lambda: 0 }
}

/// The number of pairs possible, by trying everything.
fn possible(instance: &Instance, coachee: u32, free: &mut Vec<u32>) -> u64 {
    if coachee as usize == instance.coachees() {
        return 0;
    }
    let mut best = possible(instance, coachee + 1, free);
    for edge in instance.list(coachee) {
        if free[edge.coach as usize] > 0 {
            free[edge.coach as usize] -= 1;
            best = best.max(1 + possible(instance, coachee + 1, free));
            free[edge.coach as usize] += 1;
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn the_certificate_of_every_objective_holds(instance in small_instances()) {
        let mut free = (0..instance.coaches() as u32).map(|coach| instance.capacity(coach)).collect();
        let possible = possible(&instance, 0, &mut free);
        for (objective, solution) in [
            (Objective::BestTotal, best_total(&instance, How::default()).unwrap()),
            (Objective::MostPeople, most_people(&instance, How::default()).unwrap()),
            (Objective::Stable, stable_solution(&instance)),
        ] {
            let certificate = certificate_of(&instance, objective, &solution);
            prop_assert!(certificate.holds(), "{:?}", certificate);
            prop_assert_eq!(certificate.possible, possible);
            prop_assert_eq!(certificate.matched, pairs_of(&solution.coach_of).len() as u64);
        }
    }

    #[test]
    fn any_prices_bound_the_best_total(instance in small_instances(), prices in prop::collection::vec(0i64..9, 4)) {
        let best = best_total(&instance, How::default()).unwrap();
        let total = certificate_of(&instance, Objective::BestTotal, &best).total;
        let other = Solution { prices: prices[..instance.coaches()].to_vec(), ..best };
        prop_assert!(certificate_of(&instance, Objective::BestTotal, &other).upper_bound >= Points::from(total));
    }
}

fn instance() -> Instance {
    Draw(3).instance(12, 5, 4, 9)
}

#[test]
fn plans_that_are_none_are_told_by_their_faults() {
    let instance = instance();
    let solution = best_total(&instance, How::default()).unwrap();
    let (pairs, prices) = (pairs_of(&solution.coach_of), points(&solution.prices));
    let faults_of = |pairs: &[(u32, u32)], prices: &[Points]| {
        certify(&instance, Objective::BestTotal, Claim { pairs, prices, lambda: Points::ZERO }).unwrap_err()
    };
    let twice = [&pairs[..], &pairs[..1]].concat();
    assert!(faults_of(&twice, &prices).contains(&Fault::CoacheeTwice { coachee: pairs[0].0 }));

    let unlisted = (0..instance.coachees() as u32)
        .flat_map(|coachee| (0..instance.coaches() as u32).map(move |coach| (coachee, coach)))
        .find(|&(coachee, coach)| instance.capacity(coach) > 0 && instance.weight(coachee, coach).is_none())
        .unwrap();
    let fault = Fault::NotAllowed { coachee: unlisted.0, coach: unlisted.1 };
    assert_eq!(faults_of(&[unlisted], &prices), [fault]);

    let crowd: Vec<_> = (0..instance.coachees() as u32).map(|coachee| (coachee, 0)).collect();
    let fault = Fault::TooMany { coach: 0, held: 12, capacity: instance.capacity(0) };
    assert!(faults_of(&crowd, &prices).contains(&fault));

    let mut below = prices.clone();
    below[1] = "-0.5".parse().unwrap();
    assert_eq!(faults_of(&pairs, &below), [Fault::NegativePrice { coach: 1 }]);
    assert_eq!(faults_of(&pairs, &prices[1..]), [Fault::NoProof]);
}

#[test]
fn a_plan_with_a_pair_less_is_seen_to_be_worse() {
    let instance = instance();
    let mut solution = most_people(&instance, How::default()).unwrap();
    let coachee = pairs_of(&solution.coach_of)[0].0;
    solution.coach_of[coachee as usize] = None;
    let certificate = certificate_of(&instance, Objective::MostPeople, &solution);
    assert!(!certificate.holds());
    assert_eq!(certificate.matched + 1, certificate.possible);
    assert!(certificate.blocking_pairs > 0 && certificate.gap > Points::ZERO);
}
