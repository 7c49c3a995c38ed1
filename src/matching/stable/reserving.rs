//! Deferred acceptance with places reserved for a group (slot-specific priorities; Hafalir, Yenmez
//! & Yildirim 2013): a coach gives the reserved places to the best members of the group, and all
//! others, with those that the group leaves, to the best of the rest.
//!
//! Coaches are still better off with every proposal and nobody is refused who would be taken
//! later, so that there is one plan that is best for every coachee. But a member who takes a
//! reserved place may displace somebody of a higher class, so that classes overlap.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Beyond, Desks};
use crate::matching::instance::{Entry, View};
use crate::matching::reserve::Reserve;
use crate::matching::watch::{Cancelled, Ticker};

/// How a coach ranks coachees: by class, weight, luck. The larger, the more welcome; no two are
/// equal. The low part is the coachee's turn in the queue, inverted.
type Rank = u128;

fn class_of(rank: Rank) -> u32 {
    (rank >> 64) as u32
}

fn weight_of(rank: Rank) -> u32 {
    (rank >> 32) as u32
}

/// Whom a coach holds, the least welcome on top.
#[derive(Default)]
struct Desk {
    places: usize,
    /// How many places are the group's first.
    slots: usize,
    /// The best members, no more than there are reserved places.
    reserved: BinaryHeap<Reverse<Rank>>,
    /// The best of the rest.
    open: BinaryHeap<Reverse<Rank>>,
}

impl Desk {
    fn is_full(&self) -> bool {
        self.reserved.len() + self.open.len() == self.places
    }

    /// The rank that a member, or somebody else, must exceed; none where anybody will do.
    fn floor(&self, is_member: bool) -> Option<Rank> {
        let keeps_for_members = self.reserved.len() < self.slots;
        if !self.is_full() || (is_member && keeps_for_members) {
            return None;
        }
        let least = |held: &BinaryHeap<Reverse<Rank>>| held.peek().map_or(Rank::MAX, |least| least.0);
        let open = least(&self.open);
        Some(if is_member { open.min(least(&self.reserved)) } else { open })
    }

    /// Takes somebody who exceeds the floor; tells who is displaced.
    fn admit(&mut self, rank: Rank, is_member: bool) -> Option<Rank> {
        let mut rest = Some(rank);
        if is_member {
            self.reserved.push(Reverse(rank));
            let too_many = self.reserved.len() > self.slots;
            rest = if too_many { self.reserved.pop().map(|least| least.0) } else { None };
        }
        self.open.extend(rest.map(Reverse));
        let too_many = self.reserved.len() + self.open.len() > self.places;
        if too_many { self.open.pop().map(|least| least.0) } else { None }
    }
}

/// Where coachees and coaches meet.
pub(super) struct Hall<'a, E> {
    view: View<'a, E>,
    reserve: &'a Reserve,
    queue: Vec<u32>,
    /// The position of each coachee in the queue.
    turn: Vec<u32>,
    /// The next entry of each coachee's list to propose to.
    next: Vec<u32>,
    coach_of: Vec<Option<u32>>,
    desks: Vec<Desk>,
    /// The class that proposes.
    class: u32,
    changed: Vec<u32>,
    is_changed: Vec<bool>,
    /// Coaches who have admitted anybody since this class began, perhaps more than once.
    busy: Vec<u32>,
}

impl<'a, E: Entry> Hall<'a, E> {
    pub fn open(view: View<'a, E>, reserve: &'a Reserve) -> Self {
        let instance = view.instance();
        let queue = instance.queue();
        let mut turn = vec![0; queue.len()];
        for (at, &coachee) in queue.iter().enumerate() {
            turn[coachee as usize] = at as u32;
        }
        let coaches = 0..instance.coaches() as u32;
        let desk = |coach: u32| {
            let places = instance.capacity(coach);
            Desk { places: places as usize, slots: reserve.slots(coach).min(places) as usize, ..Desk::default() }
        };
        Self {
            view,
            reserve,
            queue,
            turn,
            next: vec![0; instance.coachees()],
            coach_of: vec![None; instance.coachees()],
            desks: coaches.clone().map(desk).collect(),
            class: 0,
            is_changed: vec![true; instance.coaches()],
            changed: coaches.collect(),
            busy: Vec::new(),
        }
    }

    /// Class by class, the highest first: fewer are displaced then, and most coaches are known to
    /// take nobody of the lower ones.
    pub fn run(mut self, beyond: &mut dyn Beyond, ticker: &Ticker) -> Result<Vec<Option<u32>>, Cancelled> {
        let queue = std::mem::take(&mut self.queue);
        let class = |coachee: u32| self.view.instance().priority(coachee).class;
        let classes: Vec<&[u32]> = queue.chunk_by(|&a, &b| class(a) == class(b)).collect();
        for members in classes {
            self.begin_class(members[0]);
            let mut exhausted = Vec::new();
            for &first in members {
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
        }
        Ok(self.coach_of)
    }

    fn begin_class(&mut self, first: u32) {
        self.class = self.view.instance().priority(first).class;
        for coach in std::mem::take(&mut self.busy) {
            self.note_change(coach);
        }
    }

    fn rank(&self, coachee: u32, weight: u32) -> Rank {
        let class = self.view.instance().priority(coachee).class;
        Rank::from(class) << 64 | Rank::from(weight) << 32 | Rank::from(!self.turn[coachee as usize])
    }

    /// Proposes for a coachee, and for whoever is displaced by it, until somebody takes a free
    /// place or comes to the end of their list.
    fn propose(&mut self, coachee: u32, queue: &[u32], exhausted: &mut Vec<u32>) {
        let mut seeking = Some(coachee);
        while let Some(coachee) = seeking {
            let list = self.view.list(coachee);
            let from = self.next[coachee as usize] as usize;
            let taker = list[from..].iter().position(|e| self.would_take(coachee, e.other(), e.weight()));
            self.next[coachee as usize] = taker.map_or(list.len(), |at| from + at + 1) as u32;
            seeking = match taker.map(|at| list[from + at]) {
                Some(entry) => self.admit(coachee, entry.other(), entry.weight(), queue),
                None => {
                    exhausted.push(coachee);
                    None
                }
            };
        }
    }

    /// Gives a place to a coachee whom the coach would take; tells who lost theirs.
    fn admit(&mut self, coachee: u32, coach: u32, weight: u32, queue: &[u32]) -> Option<u32> {
        let (rank, is_member) = (self.rank(coachee, weight), self.reserve.is_member(coachee));
        let displaced = self.desks[coach as usize].admit(rank, is_member);
        self.coach_of[coachee as usize] = Some(coach);
        self.busy.push(coach);
        self.note_change(coach);
        displaced.map(|rank| {
            let coachee = queue[!(rank as u32) as usize];
            self.coach_of[coachee as usize] = None;
            coachee
        })
    }

    fn note_change(&mut self, coach: u32) {
        if !std::mem::replace(&mut self.is_changed[coach as usize], true) {
            self.changed.push(coach);
        }
    }
}

impl<E: Entry> Desks for Hall<'_, E> {
    fn would_take(&self, coachee: u32, coach: u32, weight: u32) -> bool {
        let floor = self.desks[coach as usize].floor(self.reserve.is_member(coachee));
        floor.is_none_or(|floor| self.rank(coachee, weight) > floor)
    }

    fn least(&self, coach: u32) -> Option<u32> {
        let desk = &self.desks[coach as usize];
        if desk.places == 0 {
            return None;
        }
        // Members have the lower floor.
        let Some(floor) = desk.floor(true) else { return Some(0) };
        match class_of(floor).cmp(&self.class) {
            std::cmp::Ordering::Greater => None,
            std::cmp::Ordering::Equal => Some(weight_of(floor)),
            std::cmp::Ordering::Less => Some(0),
        }
    }

    /// Those of higher classes who were displaced are more welcome than the class that proposes.
    fn knows_least_for(&self, coachee: u32) -> bool {
        self.view.instance().priority(coachee).class <= self.class
    }

    fn take_changed(&mut self) -> Vec<u32> {
        let changed = std::mem::take(&mut self.changed);
        for &coach in &changed {
            self.is_changed[coach as usize] = false;
        }
        changed
    }
}
