//! Seating coachees who have no place: shortest paths to a free place (or to somebody who may as
//! well go without), prices raised by what the path costs, then as many as possible along the
//! pairs that have become tight. This is the primal-dual method for flows of least cost, all
//! unseated coachees at once.

use super::book::{Book, NONE, Place};
use super::monotone::MonotoneQueue;
use crate::matching::instance::Entry;

/// Seats everybody whose profit is above 0, or brings their profit down to 0.
pub(super) fn seat_the_willing<E: Entry>(book: &mut Book<E>) {
    let mut search = Search::new(book, Aim::Willing);
    search.waiting = (0..book.coachees()).filter(|&c| book.coach_of(c) == NONE && !book.may_leave(c)).collect();
    while !search.waiting.is_empty() {
        let Some(distance) = search.distance_to_place(book) else { break };
        search.raise_prices(book, distance);
        search.augment(book);
    }
}

/// From a plan that is best in total: one more member of the group for whom places are reserved
/// after the other, each at the least cost in weight, until the places are filled or no more
/// members can be seated. Others may have to leave. Costs rise from place to place; the last is
/// kept as bonus.
pub(super) fn seat_reserved<E: Entry>(book: &mut Book<E>) {
    let mut search = Search::new(book, Aim::Reserved);
    search.waiting = (0..book.coachees()).filter(|&c| book.coach_of(c) == NONE && book.is_member(c)).collect();
    while book.members < book.reserved_places() {
        let Some(distance) = search.distance_to_place(book) else { break };
        search.raise_prices(book, distance);
        book.bonus += distance as i64;
        search.augment(book);
    }
}

/// From a plan that is best in total: one more pair after the other, each at the least cost in
/// weight, until there is no more. Costs rise from pair to pair; the last is kept as threshold.
///
/// A member whom no reserved place is left for is worth no bonus, so that their way begins with
/// its loss; unless another member makes room. As more people are seated anyway, the bonus falls.
pub(super) fn seat_everybody<E: Entry>(book: &mut Book<E>) {
    let mut search = Search::new(book, Aim::Everybody);
    search.waiting = (0..book.coachees()).filter(|&c| book.coach_of(c) == NONE).collect();
    while let Some(distance) = search.distance_to_place(book) {
        search.raise_prices(book, distance);
        book.threshold -= distance as i64;
        book.bonus -= search.group.min(distance) as i64;
        search.augment(book);
    }
}

/// Who is to be seated, which decides who may leave for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// Whoever wants a place. Anybody may leave who may as well go without.
    Willing,
    /// As many members as places are reserved. Only others may leave.
    Reserved,
    /// Everybody. A member may leave if another takes their part.
    Everybody,
}

struct Search {
    aim: Aim,
    /// Who seeks a place.
    waiting: Vec<u32>,
    /// The distance of each coach from those waiting, as far as known in this round.
    distance: Vec<u64>,
    /// The distance of the group for whom places are reserved: what it takes to seat one more of
    /// them, in place of another or beyond their places.
    group: u64,
    /// Coaches with a distance.
    seen: Vec<u32>,
    /// Coaches whose distance is final.
    reached: Vec<u32>,
    queue: MonotoneQueue,
    /// The next seat of each coach that the search for augmenting paths will try in this round.
    next_seat: Vec<u32>,
    round_of: Vec<u32>,
    round: u32,
    /// Members who could take the part of one who leaves, as far as not tried in this round.
    substitutes: Vec<u32>,
    /// Who left in this round.
    left: Vec<u32>,
    path: Vec<Step>,
}

/// The group among the coaches in the queue: it is on the way from a member who leaves to one who enters.
const GROUP: u32 = NONE;

/// A coachee on the path, and the next entry of their list to try.
struct Step {
    coachee: u32,
    entry: usize,
}

impl Search {
    fn new<E: Entry>(book: &Book<E>, aim: Aim) -> Self {
        let coaches = book.coaches() as usize;
        Self {
            aim,
            waiting: Vec::new(),
            distance: vec![u64::MAX; coaches],
            group: 0,
            seen: Vec::new(),
            reached: Vec::new(),
            queue: MonotoneQueue::new(),
            next_seat: vec![0; coaches],
            round_of: vec![0; coaches],
            round: 0,
            substitutes: Vec::new(),
            left: Vec::new(),
            path: Vec::new(),
        }
    }

    fn may_leave<E: Entry>(&self, book: &Book<E>, coachee: u32) -> bool {
        let allowed = match self.aim {
            Aim::Willing => true,
            Aim::Reserved => !book.is_member(coachee),
            Aim::Everybody => false,
        };
        allowed && book.may_leave(coachee)
    }

    /// Whether members wait behind the group, since one more of them brings no bonus.
    fn is_group_apart<E: Entry>(&self, book: &Book<E>) -> bool {
        self.aim == Aim::Everybody && book.bonus > 0 && book.members == book.reserved_places()
    }

    /// The distance from those waiting to the nearest free place or willing leaver, by
    /// Dijkstra's method; `None` when there is neither.
    fn distance_to_place<E: Entry>(&mut self, book: &Book<E>) -> Option<u64> {
        for coach in self.seen.drain(..) {
            self.distance[coach as usize] = u64::MAX;
        }
        self.reached.clear();
        self.queue.clear();
        let mut nearest = u64::MAX;
        let apart = self.is_group_apart(book);
        self.group = 0;
        if apart {
            self.group = book.bonus as u64;
            self.queue.push(self.group, GROUP);
        }
        for at in 0..self.waiting.len() {
            if !(apart && book.is_member(self.waiting[at])) {
                nearest = self.look_around(book, self.waiting[at], 0, nearest);
            }
        }
        while let Some((distance, coach)) = self.queue.pop() {
            if distance >= nearest {
                break;
            }
            if coach == GROUP {
                if distance == self.group {
                    nearest = self.look_around_members(book, distance, nearest);
                }
                continue;
            }
            if distance > self.distance[coach as usize] {
                continue;
            }
            self.reached.push(coach);
            for seat in book.taken(coach) {
                let holder = book.holder(seat);
                if apart && book.is_member(holder) {
                    self.come_to_group(distance + (book.profit[holder as usize] - book.threshold_of(holder)) as u64);
                }
                nearest = self.look_around(book, holder, distance, nearest);
            }
        }
        (nearest < u64::MAX).then_some(nearest)
    }

    fn come_to_group(&mut self, distance: u64) {
        if distance < self.group {
            self.group = distance;
            self.queue.push(distance, GROUP);
        }
    }

    fn look_around_members<E: Entry>(&mut self, book: &Book<E>, distance: u64, mut nearest: u64) -> u64 {
        for at in 0..self.waiting.len() {
            if book.is_member(self.waiting[at]) {
                nearest = self.look_around(book, self.waiting[at], distance, nearest);
            }
        }
        nearest
    }

    /// Notes the coaches a coachee at `distance` leads to; tells the nearest end known afterwards.
    fn look_around<E: Entry>(&mut self, book: &Book<E>, coachee: u32, distance: u64, mut nearest: u64) -> u64 {
        let profit = book.profit[coachee as usize];
        if self.aim == Aim::Willing || (self.aim == Aim::Reserved && !book.is_member(coachee)) {
            nearest = nearest.min(distance + (profit - book.threshold_of(coachee)).max(0) as u64);
        }
        for entry in book.view.list(coachee) {
            let (coach, weight) = (entry.other(), entry.weight());
            // No price is below 0, so that this and all later entries are at least this far.
            if distance as i64 + profit - i64::from(weight) >= nearest.min(i64::MAX as u64) as i64 {
                break;
            }
            let there = distance + book.slack(coachee, coach, weight) as u64;
            let known = &mut self.distance[coach as usize];
            if there >= nearest || there >= *known {
                continue;
            }
            if *known == u64::MAX {
                self.seen.push(coach);
            }
            *known = there;
            if book.has_free(coach) {
                nearest = there;
            } else {
                self.queue.push(there, coach);
            }
        }
        nearest
    }

    /// Raises the prices of coaches nearer than `distance` so that the shortest paths become tight.
    fn raise_prices<E: Entry>(&mut self, book: &mut Book<E>, distance: u64) {
        for &coach in &self.reached {
            let by = (distance - self.distance[coach as usize]) as i64;
            book.price[coach as usize] += by;
            for seat in book.taken(coach) {
                let holder = book.holder(seat);
                book.profit[holder as usize] -= by;
            }
        }
        let members_fall = distance.saturating_sub(self.group);
        for &coachee in &self.waiting {
            let by = if book.is_member(coachee) { members_fall } else { distance };
            book.profit[coachee as usize] -= by as i64;
        }
    }

    /// Seats as many of those waiting as one depth-first sweep over the tight pairs can.
    fn augment<E: Entry>(&mut self, book: &mut Book<E>) {
        self.round += 1;
        let mut waiting = std::mem::take(&mut self.waiting);
        self.substitutes.clear();
        if self.is_group_apart(book) {
            self.substitutes = waiting.iter().copied().filter(|&coachee| book.is_member(coachee)).collect();
        }
        waiting.retain(|&coachee| self.still_waits(book, coachee));
        waiting.extend(self.left.drain(..).filter(|&coachee| book.coach_of(coachee) == NONE));
        self.waiting = waiting;
    }

    /// Seats a coachee if they want a place, may have one and can be; tells whether they go on waiting.
    fn still_waits<E: Entry>(&mut self, book: &mut Book<E>, coachee: u32) -> bool {
        if book.coach_of(coachee) != NONE || self.may_leave(book, coachee) {
            return false;
        }
        let may_enter = match self.aim {
            Aim::Willing => true,
            Aim::Reserved => book.members < book.reserved_places(),
            Aim::Everybody => !(self.is_group_apart(book) && book.is_member(coachee)),
        };
        !(may_enter && self.seat_one(book, coachee))
    }

    fn seat_one<E: Entry>(&mut self, book: &mut Book<E>, coachee: u32) -> bool {
        self.path.clear();
        self.path.push(Step { coachee, entry: 0 });
        while let Some(step) = self.path.last_mut() {
            let asking = step.coachee;
            let list = book.view.list(asking);
            let profit = book.profit[asking as usize];
            let Some(entry) = list.get(step.entry).filter(|entry| i64::from(entry.weight()) >= profit) else {
                self.path.pop();
                if !self.path.is_empty() && book.coach_of(asking) == NONE {
                    self.try_substitute(book);
                }
                continue;
            };
            let coach = entry.other();
            if book.slack(asking, coach, entry.weight()) != 0 {
                step.entry += 1;
                continue;
            }
            if book.has_free(coach) {
                self.shift(book, Some(coach));
                return true;
            }
            let Some(holder) = self.next_holder(book, coach) else {
                if let Some(step) = self.path.last_mut() {
                    step.entry += 1;
                }
                continue;
            };
            self.path.push(Step { coachee: holder, entry: 0 });
            if self.may_leave(book, holder) {
                self.shift(book, None);
                return true;
            }
            if book.is_member(holder) && book.may_leave(holder) {
                self.try_substitute(book);
            }
        }
        false
    }

    /// Goes on from the next member who could take the part of the one at the end of the path.
    fn try_substitute<E: Entry>(&mut self, book: &Book<E>) {
        while let Some(coachee) = self.substitutes.pop() {
            if book.coach_of(coachee) == NONE {
                self.path.push(Step { coachee, entry: 0 });
                return;
            }
        }
    }

    /// The next holder of a place of this coach not yet tried in this round. Nobody is tried
    /// twice in a round, which bounds the round by the number of tight pairs.
    fn next_holder<E: Entry>(&mut self, book: &Book<E>, coach: u32) -> Option<u32> {
        let taken = book.taken(coach);
        let at = coach as usize;
        if self.round_of[at] != self.round {
            self.round_of[at] = self.round;
            self.next_seat[at] = taken.start;
        }
        let seat = self.next_seat[at];
        (seat < taken.end).then(|| {
            self.next_seat[at] += 1;
            book.holder(seat)
        })
    }

    /// Moves everybody on the path one place on: the last to a free place, or out.
    fn shift<E: Entry>(&mut self, book: &mut Book<E>, free: Option<u32>) {
        let Some(last) = self.path.pop() else { return };
        let mut left: Place = match free {
            Some(coach) => book.move_to_free(last.coachee, coach),
            None => book.leave(last.coachee),
        };
        while let Some(step) = self.path.pop() {
            left = if left.coach == NONE {
                // A substitute has entered for this member, who leaves their place to the one before.
                self.left.push(step.coachee);
                book.leave(step.coachee)
            } else {
                book.hand_over(step.coachee, left)
            };
        }
    }
}
