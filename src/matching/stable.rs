//! Stable plans: no coachee and coach would both rather have each other (Gale & Shapley 1962).
//!
//! Coachees propose down their lists; a coach keeps those of highest class, then weight, then
//! luck. The outcome is the stable plan that is best for every coachee and does not depend on who
//! proposes first, so the queue's order is used: whoever comes first is seldom displaced later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::instance::Instance;

/// How a coach ranks a coachee: the larger, the more welcome. No two coachees rank equal.
type Rank = u128;

/// The stable plan of the listed pairs that is best for every coachee.
pub fn stable(instance: &Instance) -> Vec<Option<u32>> {
    deferred_acceptance(instance, |_, _| None)
}

/// Deferred acceptance that goes on beyond the lists. When a coachee's list is exhausted, `more`
/// is asked for the coach they prefer among all who are not on it, given which of them would take
/// them now (by coach and weight of the pair); the answer is taken at once. Coaches only become
/// choosier, so asking again after a later displacement gives the same result as a full list.
pub fn deferred_acceptance<M>(instance: &Instance, mut more: M) -> Vec<Option<u32>>
where
    M: FnMut(u32, &dyn Fn(u32, u32) -> bool) -> Option<(u32, u32)>,
{
    let mut desks = Desks::new(instance);
    let mut next = vec![0u32; instance.coachees()];
    for first in instance.queue() {
        let mut seeking = Some(first);
        while let Some(coachee) = seeking {
            seeking = match desks.propose(coachee, &mut next[coachee as usize], &mut more) {
                Some((coach, weight)) => desks.admit(coachee, coach, weight),
                None => None,
            };
        }
    }
    desks.coach_of
}

/// Whom the coaches hold on to.
struct Desks<'a> {
    instance: &'a Instance,
    /// The position of each coachee in the queue.
    turn: Vec<u32>,
    /// The rank a coachee must exceed to be taken: 0 while there is a free place. Read before
    /// anything else of a coach is touched, since most proposals fail here.
    floor: Vec<Rank>,
    /// Whom each coach holds, the least welcome on top.
    held: Vec<BinaryHeap<Reverse<(Rank, u32)>>>,
    coach_of: Vec<Option<u32>>,
}

impl<'a> Desks<'a> {
    fn new(instance: &'a Instance) -> Self {
        let mut turn = vec![0; instance.coachees()];
        for (at, coachee) in instance.queue().into_iter().enumerate() {
            turn[coachee as usize] = at as u32;
        }
        let floor = |coach| if instance.capacity(coach) == 0 { Rank::MAX } else { 0 };
        Self {
            instance,
            turn,
            floor: (0..instance.coaches() as u32).map(floor).collect(),
            held: vec![BinaryHeap::new(); instance.coaches()],
            coach_of: vec![None; instance.coachees()],
        }
    }

    /// Class, then weight, then luck; the turn stands for luck, since the class came before.
    fn rank(&self, coachee: u32, weight: u32) -> Rank {
        let class = Rank::from(self.instance.priority(coachee).class);
        class << 64 | Rank::from(weight) << 32 | Rank::from(!self.turn[coachee as usize])
    }

    fn would_take(&self, coachee: u32, coach: u32, weight: u32) -> bool {
        self.rank(coachee, weight) > self.floor[coach as usize]
    }

    /// The coachee's best coach, from the `next` entry of the list on, who would take them.
    fn propose<M>(&self, coachee: u32, next: &mut u32, more: &mut M) -> Option<(u32, u32)>
    where
        M: FnMut(u32, &dyn Fn(u32, u32) -> bool) -> Option<(u32, u32)>,
    {
        for edge in &self.instance.list(coachee)[*next as usize..] {
            *next += 1;
            if self.would_take(coachee, edge.coach, edge.weight) {
                return Some((edge.coach, edge.weight));
            }
        }
        more(coachee, &|coach, weight| self.would_take(coachee, coach, weight))
    }

    /// Gives a coachee a place; tells who lost theirs.
    fn admit(&mut self, coachee: u32, coach: u32, weight: u32) -> Option<u32> {
        let rank = self.rank(coachee, weight);
        let held = &mut self.held[coach as usize];
        held.push(Reverse((rank, coachee)));
        self.coach_of[coachee as usize] = Some(coach);
        let full = self.instance.capacity(coach) as usize;
        let displaced = if held.len() > full { held.pop() } else { None };
        if held.len() == full {
            self.floor[coach as usize] = held.peek().map_or(Rank::MAX, |least| least.0.0);
        }
        displaced.map(|Reverse((_, coachee))| {
            self.coach_of[coachee as usize] = None;
            coachee
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::instance::testing::small_instances;
    use crate::matching::instance::{InstanceBuilder, Priority};
    use proptest::prelude::*;

    /// Where a coach stands in a coachee's list; past its end for nobody.
    fn place_in_list(instance: &Instance, coachee: u32, coach: Option<u32>) -> usize {
        let list = instance.list(coachee);
        list.iter().position(|edge| Some(edge.coach) == coach).unwrap_or(list.len())
    }

    fn welcome(instance: &Instance, queue: &[u32], coachee: u32, coach: u32) -> impl Ord {
        let turn = queue.iter().position(|&c| c == coachee);
        (instance.priority(coachee).class, instance.weight(coachee, coach), Reverse(turn))
    }

    fn is_stable(instance: &Instance, plan: &[Option<u32>]) -> bool {
        let queue = instance.queue();
        let holders = |coach| (0..plan.len() as u32).filter(move |&c| plan[c as usize] == Some(coach));
        let feasible =
            (0..instance.coaches() as u32).all(|coach| holders(coach).count() <= instance.capacity(coach) as usize);
        feasible
            && (0..plan.len() as u32).all(|coachee| {
                let now = place_in_list(instance, coachee, plan[coachee as usize]);
                instance.list(coachee)[..now].iter().all(|edge| {
                    let own = welcome(instance, &queue, coachee, edge.coach);
                    holders(edge.coach).count() == instance.capacity(edge.coach) as usize
                        && holders(edge.coach).all(|other| welcome(instance, &queue, other, edge.coach) > own)
                })
            })
    }

    fn plans(instance: &Instance) -> Vec<Vec<Option<u32>>> {
        (0..instance.coachees() as u32).fold(vec![vec![]], |plans, coachee| {
            let choices = || instance.list(coachee).iter().map(|edge| Some(edge.coach)).chain([None]);
            plans
                .into_iter()
                .flat_map(|plan: Vec<Option<u32>>| choices().map(move |c| plan.iter().copied().chain([c]).collect()))
                .collect()
        })
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
        fn lists_cut_short_give_the_same_plan_when_more_is_asked(instance in small_instances(), keep in 0usize..3) {
            let capacity = (0..instance.coaches() as u32).map(|coach| instance.capacity(coach)).collect();
            let priority: Vec<Priority> =
                (0..instance.coachees() as u32).map(|coachee| instance.priority(coachee)).collect();
            let mut short = InstanceBuilder::new(capacity, priority);
            for coachee in 0..instance.coachees() as u32 {
                for edge in instance.list(coachee).iter().take(keep) {
                    short.push(coachee, edge.coach, edge.weight).unwrap();
                }
            }
            let plan = deferred_acceptance(&short.build().unwrap(), |coachee, would_take| {
                let rest = instance.list(coachee).iter().skip(keep);
                rest.map(|edge| (edge.coach, edge.weight)).find(|&(coach, weight)| would_take(coach, weight))
            });
            prop_assert_eq!(plan, stable(&instance));
        }
    }
}
