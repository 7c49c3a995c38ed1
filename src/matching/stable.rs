//! Stable plans: no coachee and coach would both rather have each other (Gale & Shapley 1962).
//!
//! Coachees propose down their lists; a coach keeps those of highest class, then weight, then
//! luck. The outcome is the stable plan that is best for every coachee and does not depend on who
//! proposes first. So one class comes after the other: no coach gives up somebody of a higher
//! class, and whoever proposes before is seldom displaced later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::instance::{Entry, Instance, View, in_view};
use super::watch::{Cancelled, Phase, Ticker, Watch};

/// How a coach ranks coachees of one class: by weight, then luck. The larger, the more welcome;
/// no two are equal. The low half is the coachee's turn in the queue, inverted.
type Rank = u64;

fn rank(turn: u32, weight: u32) -> Rank {
    Rank::from(weight) << 32 | Rank::from(!turn)
}

/// The floor of those who take nobody: no rank exceeds it.
const CLOSED: Rank = Rank::MAX;

/// The weight of a floor; of those beyond a byte, the largest byte.
fn gate(floor: Rank) -> u8 {
    u8::try_from(floor >> 32).unwrap_or(u8::MAX)
}

/// Coaches who are on nobody's list because lists are short.
pub trait Beyond {
    /// For each coachee whose list is exhausted, the coach they prefer among all who would take
    /// them now, with the weight of the pair. Coaches only become choosier, so that nobody who
    /// has none now will have one later.
    fn best(&mut self, asking: &[u32], desks: &mut dyn Desks) -> Vec<Option<(u32, u32)>>;
}

/// What coaches would take at a moment.
pub trait Desks: Sync {
    /// Whether a coach would take a coachee at this weight.
    fn would_take(&self, coachee: u32, coach: u32, weight: u32) -> bool;
    /// The least weight at which a coach may take anybody at all; none when closed.
    fn least(&self, coach: u32) -> Option<u32>;
    /// The coaches whose answers may have changed since this was last asked.
    fn take_changed(&mut self) -> Vec<u32>;
}

/// There is nobody beyond the lists.
struct Nobody;

impl Beyond for Nobody {
    fn best(&mut self, asking: &[u32], _: &mut dyn Desks) -> Vec<Option<(u32, u32)>> {
        vec![None; asking.len()]
    }
}

/// The stable plan of the listed pairs that is best for every coachee.
pub fn stable(instance: &Instance) -> Vec<Option<u32>> {
    let silent = Watch::NOBODY.begin(Phase::Solve(1), None, 1);
    silent.and_then(|ticker| deferred_acceptance(instance, &mut Nobody, &ticker)).unwrap_or_default()
}

/// Deferred acceptance that goes on beyond the lists, so that the plan is the same as with full lists.
///
/// # Errors
/// When cancelled.
pub fn deferred_acceptance(
    instance: &Instance,
    beyond: &mut dyn Beyond,
    ticker: &Ticker,
) -> Result<Vec<Option<u32>>, Cancelled> {
    in_view!(instance, view => Floor::open(view).run(beyond, ticker))
}

/// Where coachees and coaches meet.
struct Floor<'a, E> {
    view: View<'a, E>,
    queue: Vec<u32>,
    /// The position of each coachee in the queue.
    turn: Vec<u32>,
    /// The next entry of each coachee's list to propose to.
    next: Vec<u32>,
    coach_of: Vec<Option<u32>>,
    /// The rank that must be exceeded to be taken: 0 while there is a free place.
    floor: Vec<Rank>,
    /// The weight of that rank, as far as a byte can say it. Read before anything else of a coach
    /// is touched, since most proposals fail here and bytes stay in the cache.
    gate: Vec<u8>,
    /// Whom each coach holds of the present class, the least welcome on top.
    held: Vec<BinaryHeap<Reverse<Rank>>>,
    /// The places that higher classes have left to the present one.
    places: Vec<u32>,
    /// Coaches who hold anybody of the present class, once each.
    busy: Vec<u32>,
    changed: Vec<u32>,
    is_changed: Vec<bool>,
}

impl<'a, E: Entry> Floor<'a, E> {
    fn open(view: View<'a, E>) -> Self {
        let instance = view.instance();
        let queue = instance.queue();
        let mut turn = vec![0; queue.len()];
        for (at, &coachee) in queue.iter().enumerate() {
            turn[coachee as usize] = at as u32;
        }
        let places: Vec<u32> = (0..instance.coaches() as u32).map(|coach| instance.capacity(coach)).collect();
        let floor: Vec<Rank> = places.iter().map(|&places| if places == 0 { CLOSED } else { 0 }).collect();
        Self {
            view,
            queue,
            turn,
            next: vec![0; instance.coachees()],
            coach_of: vec![None; instance.coachees()],
            gate: floor.iter().map(|&floor| gate(floor)).collect(),
            floor,
            held: vec![BinaryHeap::new(); places.len()],
            busy: Vec::new(),
            changed: (0..places.len() as u32).collect(),
            is_changed: vec![true; places.len()],
            places,
        }
    }

    fn run(mut self, beyond: &mut dyn Beyond, ticker: &Ticker) -> Result<Vec<Option<u32>>, Cancelled> {
        let queue = std::mem::take(&mut self.queue);
        let class = |coachee: u32| self.view.instance().priority(coachee).class;
        let classes: Vec<&[u32]> = queue.chunk_by(|&a, &b| class(a) == class(b)).collect();
        for class in classes {
            let mut exhausted = Vec::new();
            // In the order of the lists in memory: who proposes first makes no difference.
            let mut members = class.to_vec();
            members.par_sort_unstable();
            for first in members {
                ticker.tick()?;
                self.propose(first, &queue, &mut exhausted);
            }
            while !exhausted.is_empty() {
                let asking = std::mem::take(&mut exhausted);
                let best = beyond.best(&asking, &mut self);
                for (coachee, (coach, weight)) in asking.into_iter().zip(best).filter_map(|(c, best)| Some((c, best?)))
                {
                    // Somebody before may have taken the place; then there may be a second best.
                    if !self.would_take(coachee, coach, weight) {
                        exhausted.push(coachee);
                    } else if let Some(displaced) = self.admit(coachee, coach, weight, &queue) {
                        self.propose(displaced, &queue, &mut exhausted);
                    }
                }
            }
            self.close_class();
        }
        Ok(self.coach_of)
    }

    /// Proposes for a coachee, and for whoever is displaced by it, until somebody takes a free
    /// place or comes to the end of their list.
    fn propose(&mut self, coachee: u32, queue: &[u32], exhausted: &mut Vec<u32>) {
        let mut seeking = Some(coachee);
        while let Some(coachee) = seeking {
            seeking = match self.next_who_would_take(coachee) {
                Some((coach, weight)) => self.admit(coachee, coach, weight, queue),
                None => {
                    exhausted.push(coachee);
                    None
                }
            };
        }
    }

    fn next_who_would_take(&mut self, coachee: u32) -> Option<(u32, u32)> {
        let (turn, next) = (self.turn[coachee as usize], &mut self.next[coachee as usize]);
        for entry in &self.view.list(coachee)[*next as usize..] {
            *next += 1;
            let (coach, weight) = (entry.other() as usize, entry.weight());
            if weight >= u32::from(self.gate[coach]) && rank(turn, weight) > self.floor[coach] {
                return Some((entry.other(), entry.weight()));
            }
        }
        None
    }

    /// Gives a coachee a place; tells who lost theirs.
    fn admit(&mut self, coachee: u32, coach: u32, weight: u32, queue: &[u32]) -> Option<u32> {
        let at = coach as usize;
        let (held, places) = (&mut self.held[at], self.places[at] as usize);
        if held.is_empty() {
            self.busy.push(coach);
        }
        held.push(Reverse(rank(self.turn[coachee as usize], weight)));
        self.coach_of[coachee as usize] = Some(coach);
        let displaced = if held.len() > places { held.pop() } else { None };
        if held.len() == places {
            let floor = held.peek().map_or(CLOSED, |least| least.0);
            self.raise(coach, floor);
        }
        displaced.map(|Reverse(rank)| {
            let coachee = queue[!(rank as u32) as usize];
            self.coach_of[coachee as usize] = None;
            coachee
        })
    }

    /// Those who are held keep their places against all lower classes.
    fn close_class(&mut self) {
        for coach in std::mem::take(&mut self.busy) {
            let at = coach as usize;
            self.places[at] -= self.held[at].len() as u32;
            self.held[at].clear();
            if self.places[at] == 0 {
                self.held[at] = BinaryHeap::new();
                self.raise(coach, CLOSED);
            }
        }
    }

    fn raise(&mut self, coach: u32, floor: Rank) {
        self.floor[coach as usize] = floor;
        self.gate[coach as usize] = gate(floor);
        if !std::mem::replace(&mut self.is_changed[coach as usize], true) {
            self.changed.push(coach);
        }
    }
}

impl<E: Entry> Desks for Floor<'_, E> {
    fn would_take(&self, coachee: u32, coach: u32, weight: u32) -> bool {
        rank(self.turn[coachee as usize], weight) > self.floor[coach as usize]
    }

    fn least(&self, coach: u32) -> Option<u32> {
        let floor = self.floor[coach as usize];
        (floor != CLOSED).then_some((floor >> 32) as u32)
    }

    fn take_changed(&mut self) -> Vec<u32> {
        let changed = std::mem::take(&mut self.changed);
        for &coach in &changed {
            self.is_changed[coach as usize] = false;
        }
        changed
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
        let mut list = instance.list(coachee);
        list.position(|edge| Some(edge.coach) == coach).unwrap_or(instance.list(coachee).len())
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
                rest.find(|&(coach, weight)| desks.would_take(coachee, coach, weight))
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
        fn lists_cut_short_give_the_same_plan_when_more_is_asked(instance in small_instances(), keep in 0usize..3) {
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
            let plan = deferred_acceptance(&short.build().unwrap(), &mut rest, &ticker);
            prop_assert_eq!(plan, Ok(stable(&instance)));
        }
    }
}
