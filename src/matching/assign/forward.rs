//! Seating coachees who have no place: shortest paths to a free place (or to somebody who may as
//! well go without), prices raised by what the path costs, then as many as possible along the
//! pairs that have become tight. This is the primal-dual method for flows of least cost, all
//! unseated coachees at once.

use super::book::{Book, NONE, Place};
use super::monotone::MonotoneQueue;
use crate::matching::instance::Entry;

/// Seats everybody whose profit is above 0, or brings their profit down to 0.
pub(super) fn seat_the_willing<E: Entry>(book: &mut Book<E>) {
    let mut search = Search::new(book, Leaving::Allowed);
    search.waiting = (0..book.coachees()).filter(|&c| book.coach_of(c) == NONE && !book.may_leave(c)).collect();
    while !search.waiting.is_empty() {
        let Some(distance) = search.distance_to_place(book) else { break };
        search.raise_prices(book, distance);
        search.augment(book);
    }
}

/// From a plan that is best in total: one more pair after the other, each at the least cost in
/// weight, until there is no more. Costs rise from pair to pair; the last is kept as threshold.
pub(super) fn seat_everybody<E: Entry>(book: &mut Book<E>) {
    let mut search = Search::new(book, Leaving::Forbidden);
    search.waiting = (0..book.coachees()).filter(|&c| book.coach_of(c) == NONE).collect();
    while let Some(distance) = search.distance_to_place(book) {
        search.raise_prices(book, distance);
        book.threshold -= distance as i64;
        search.augment(book);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    Allowed,
    Forbidden,
}

struct Search {
    leaving: Leaving,
    /// Who seeks a place.
    waiting: Vec<u32>,
    /// The distance of each coach from those waiting, as far as known in this round.
    distance: Vec<u64>,
    /// Coaches with a distance.
    seen: Vec<u32>,
    /// Coaches whose distance is final.
    reached: Vec<u32>,
    queue: MonotoneQueue,
    /// The next seat of each coach that the search for augmenting paths will try in this round.
    next_seat: Vec<u32>,
    round_of: Vec<u32>,
    round: u32,
    path: Vec<Step>,
}

/// A coachee on the path, and the next entry of their list to try.
struct Step {
    coachee: u32,
    entry: usize,
}

impl Search {
    fn new<E: Entry>(book: &Book<E>, leaving: Leaving) -> Self {
        let coaches = book.coaches() as usize;
        Self {
            leaving,
            waiting: Vec::new(),
            distance: vec![u64::MAX; coaches],
            seen: Vec::new(),
            reached: Vec::new(),
            queue: MonotoneQueue::new(),
            next_seat: vec![0; coaches],
            round_of: vec![0; coaches],
            round: 0,
            path: Vec::new(),
        }
    }

    fn may_leave<E: Entry>(&self, book: &Book<E>, coachee: u32) -> bool {
        self.leaving == Leaving::Allowed && book.may_leave(coachee)
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
        for at in 0..self.waiting.len() {
            nearest = self.look_around(book, self.waiting[at], 0, nearest);
        }
        while let Some((distance, coach)) = self.queue.pop() {
            if distance >= nearest {
                break;
            }
            if distance > self.distance[coach as usize] {
                continue;
            }
            self.reached.push(coach);
            for seat in book.taken(coach) {
                nearest = self.look_around(book, book.holder(seat), distance, nearest);
            }
        }
        (nearest < u64::MAX).then_some(nearest)
    }

    /// Notes the coaches a coachee at `distance` leads to; tells the nearest end known afterwards.
    fn look_around<E: Entry>(&mut self, book: &Book<E>, coachee: u32, distance: u64, mut nearest: u64) -> u64 {
        let profit = book.profit[coachee as usize];
        if self.leaving == Leaving::Allowed {
            nearest = nearest.min(distance + (profit - book.threshold).max(0) as u64);
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
        for &coachee in &self.waiting {
            book.profit[coachee as usize] -= distance as i64;
        }
    }

    /// Seats as many of those waiting as one depth-first sweep over the tight pairs can.
    fn augment<E: Entry>(&mut self, book: &mut Book<E>) {
        self.round += 1;
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|&coachee| !self.may_leave(book, coachee) && !self.seat_one(book, coachee));
        self.waiting = waiting;
    }

    fn seat_one<E: Entry>(&mut self, book: &mut Book<E>, coachee: u32) -> bool {
        self.path.clear();
        self.path.push(Step { coachee, entry: 0 });
        while let Some(step) = self.path.last_mut() {
            let list = book.view.list(step.coachee);
            let profit = book.profit[step.coachee as usize];
            let Some(entry) = list.get(step.entry).filter(|entry| i64::from(entry.weight()) >= profit) else {
                self.path.pop();
                continue;
            };
            let coach = entry.other();
            if book.slack(step.coachee, coach, entry.weight()) != 0 {
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
        }
        false
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
            left = book.hand_over(step.coachee, left);
        }
    }
}
