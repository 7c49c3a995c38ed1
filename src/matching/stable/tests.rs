//! Stable plans against all plans of small instances.

use super::*;
use crate::matching::instance::testing::{reserving, small_instances, small_reserving};
use crate::matching::instance::{InstanceBuilder, Priority};
use proptest::prelude::*;

/// Where a coach stands in a coachee's list; past its end for nobody.
fn place_in_list(instance: &Instance, coachee: u32, coach: Option<u32>) -> usize {
    let mut list = instance.list(coachee);
    list.position(|edge| Some(edge.coach) == coach).unwrap_or(instance.list(coachee).len())
}

fn welcome(instance: &Instance, queue: &[u32], coachee: u32, coach: u32) -> impl Ord {
    let turn = queue.iter().position(|&c| c == coachee);
    (instance.priority(coachee).class, instance.weight(coachee, coach), Reverse(turn))
}

/// Whom a coach keeps of those who would like to come, by the rule as it is written: reserved
/// places to the best of the group, all others to the best of the rest.
fn kept_by(instance: &Instance, queue: &[u32], coach: u32, mut asking: Vec<u32>) -> Vec<u32> {
    asking.sort_by_key(|&coachee| Reverse(welcome(instance, queue, coachee, coach)));
    let slots = instance.reserve().map_or(0, |reserve| reserve.slots(coach)) as usize;
    let is_member = |coachee: u32| instance.reserve().is_some_and(|reserve| reserve.is_member(coachee));
    let mut kept: Vec<u32> = asking.iter().copied().filter(|&coachee| is_member(coachee)).take(slots).collect();
    let rest: Vec<u32> = asking.into_iter().filter(|coachee| !kept.contains(coachee)).collect();
    kept.extend(rest.into_iter().take(instance.capacity(coach) as usize - kept.len()));
    kept
}

/// Nobody would be kept by a coach they would rather have, were they to ask.
fn is_stable_with_reserve(instance: &Instance, plan: &[Option<u32>]) -> bool {
    let queue = instance.queue();
    let holders = |coach| (0..plan.len() as u32).filter(move |&c| plan[c as usize] == Some(coach));
    let feasible =
        (0..instance.coaches() as u32).all(|coach| holders(coach).count() <= instance.capacity(coach) as usize);
    feasible
        && (0..plan.len() as u32).all(|coachee| {
            let now = place_in_list(instance, coachee, plan[coachee as usize]);
            instance.list(coachee).take(now).all(|edge| {
                let asking = holders(edge.coach).chain([coachee]).collect();
                !kept_by(instance, &queue, edge.coach, asking).contains(&coachee)
            })
        })
}

fn is_stable(instance: &Instance, plan: &[Option<u32>]) -> bool {
    let queue = instance.queue();
    let holders = |coach| (0..plan.len() as u32).filter(move |&c| plan[c as usize] == Some(coach));
    let feasible =
        (0..instance.coaches() as u32).all(|coach| holders(coach).count() <= instance.capacity(coach) as usize);
    feasible
        && (0..plan.len() as u32).all(|coachee| {
            let now = place_in_list(instance, coachee, plan[coachee as usize]);
            instance.list(coachee).take(now).all(|edge| {
                let own = welcome(instance, &queue, coachee, edge.coach);
                holders(edge.coach).count() == instance.capacity(edge.coach) as usize
                    && holders(edge.coach).all(|other| welcome(instance, &queue, other, edge.coach) > own)
            })
        })
}

fn plans(instance: &Instance) -> Vec<Vec<Option<u32>>> {
    (0..instance.coachees() as u32).fold(vec![vec![]], |plans, coachee| {
        let choices = || instance.list(coachee).map(|edge| Some(edge.coach)).chain([None]);
        plans
            .into_iter()
            .flat_map(|plan: Vec<Option<u32>>| choices().map(move |c| plan.iter().copied().chain([c]).collect()))
            .collect()
    })
}

/// What stands on full lists after the first few.
struct Rest<'a> {
    instance: &'a Instance,
    keep: usize,
}

impl Beyond for Rest<'_> {
    fn best(&mut self, asking: &[u32], desks: &mut dyn Desks) -> Vec<Option<(u32, u32)>> {
        let best = |&coachee: &u32| {
            let mut rest = self.instance.list(coachee).skip(self.keep).map(|edge| (edge.coach, edge.weight));
            // Whoever is said to be out of reach must indeed not be within it.
            let in_reach = |coach, weight| {
                !desks.knows_least_for(coachee) || desks.least(coach).is_some_and(|least| weight >= least)
            };
            rest.find(|&(coach, weight)| in_reach(coach, weight) && desks.would_take(coachee, coach, weight))
        };
        asking.iter().map(best).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn the_plan_is_stable_and_no_other_is_better_for_anybody(instance in small_instances()) {
        let plan = stable(&instance);
        prop_assert!(is_stable(&instance, &plan), "{:?}", plan);
        for other in plans(&instance).into_iter().filter(|plan| is_stable(&instance, plan)) {
            for coachee in 0..plan.len() as u32 {
                let (own, theirs) = (plan[coachee as usize], other[coachee as usize]);
                prop_assert!(place_in_list(&instance, coachee, own) <= place_in_list(&instance, coachee, theirs));
            }
        }
    }

    #[test]
    fn with_a_reserve_too_no_other_stable_plan_is_better_for_anybody(instance in small_reserving()) {
        let plan = stable(&instance);
        prop_assert!(is_stable_with_reserve(&instance, &plan), "{:?}", plan);
        for other in plans(&instance).into_iter().filter(|plan| is_stable_with_reserve(&instance, plan)) {
            for coachee in 0..plan.len() as u32 {
                let (own, theirs) = (plan[coachee as usize], other[coachee as usize]);
                prop_assert!(place_in_list(&instance, coachee, own) <= place_in_list(&instance, coachee, theirs));
            }
        }
    }

    #[test]
    fn a_reserve_for_nobody_or_everybody_changes_nothing(instance in small_instances(), percent in 1u8..=100) {
        let plain = stable(&instance);
        prop_assert_eq!(&plain, &stable(&reserving(instance.clone(), 0, percent)));
        prop_assert_eq!(&plain, &stable(&reserving(instance, u32::MAX, percent)));
    }

    #[test]
    fn lists_cut_short_give_the_same_plan_when_more_is_asked(
        instance in prop_oneof![small_instances().boxed(), small_reserving().boxed()],
        keep in 0usize..3,
    ) {
        let capacity = (0..instance.coaches() as u32).map(|coach| instance.capacity(coach)).collect();
        let priority: Vec<Priority> =
            (0..instance.coachees() as u32).map(|coachee| instance.priority(coachee)).collect();
        let mut short = InstanceBuilder::new(capacity, priority);
        for coachee in 0..instance.coachees() as u32 {
            for edge in instance.list(coachee).take(keep) {
                short.push(coachee, edge.coach, edge.weight).unwrap();
            }
        }
        let ticker = Watch::NOBODY.begin(Phase::Solve(1), None, 1).unwrap();
        let mut rest = Rest { instance: &instance, keep };
        let short = short.build().unwrap().reserving(instance.reserve().cloned());
        let plan = deferred_acceptance(&short, &mut rest, &ticker);
        prop_assert_eq!(plan, Ok(stable(&instance)));
    }
}
