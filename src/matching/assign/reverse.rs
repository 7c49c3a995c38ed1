//! Filling places that are priced but free, as prices to start from may leave them: the mirror
//! image of seating coachees. Shortest paths lead back from such a place to a coachee without one,
//! to a place that may as well be empty, or to the price falling to 0.

use super::book::{Book, NONE};
use super::columns::Columns;
use super::monotone::MonotoneQueue;
use crate::matching::instance::Entry;

/// Fills every place that has a price, or brings the price down to 0. Expects that no coachee
/// waits for a place. `columns` is asked for the transposed lists only if there is anything to fill.
pub(super) fn fill_priced_places<E: Entry>(book: &mut Book<E>, columns: impl FnOnce() -> Columns<E>) {
    let empty: Vec<u32> = (0..book.coaches()).filter(|&coach| is_priced_and_free(book, coach)).collect();
    if empty.is_empty() {
        return;
    }
    let mut search = Search::new(book, empty, columns());
    while !search.empty.is_empty() {
        let distance = search.distance_to_filler(book);
        search.lower_prices(book, distance);
        search.augment(book);
    }
}

fn is_priced_and_free<E: Entry>(book: &Book<E>, coach: u32) -> bool {
    book.price[coach as usize] > 0 && book.has_free(coach)
}

struct Search<E> {
    /// Coaches with priced places that nobody holds.
    empty: Vec<u32>,
    columns: Columns<E>,
    distance: Vec<u64>,
    seen: Vec<u32>,
    reached: Vec<u32>,
    queue: MonotoneQueue,
    /// The next entry of each coach's column to try in this round.
    next_fan: Vec<usize>,
    round_of: Vec<u32>,
    asked_in: Vec<u32>,
    round: u32,
    path: Vec<Link>,
}

/// A coach with a place to fill, and who is being asked to fill it.
struct Link {
    coach: u32,
    asked: u32,
}

impl<E: Entry> Search<E> {
    fn new(book: &Book<E>, empty: Vec<u32>, columns: Columns<E>) -> Self {
        let coaches = book.coaches() as usize;
        Self {
            empty,
            columns,
            distance: vec![u64::MAX; coaches],
            seen: Vec::new(),
            reached: Vec::new(),
            queue: MonotoneQueue::new(),
            next_fan: vec![0; coaches],
            round_of: vec![0; coaches],
            asked_in: vec![0; book.coachees() as usize],
            round: 0,
            path: Vec::new(),
        }
    }

    /// How far the prices of the empty places must fall until something becomes possible.
    /// There always is an end: the price 0.
    fn distance_to_filler(&mut self, book: &Book<E>) -> u64 {
        for coach in self.seen.drain(..) {
            self.distance[coach as usize] = u64::MAX;
        }
        self.reached.clear();
        self.queue.clear();
        for &coach in &self.empty {
            self.distance[coach as usize] = 0;
            self.seen.push(coach);
            self.queue.push(0, coach);
        }
        let mut nearest = u64::MAX;
        while let Some((distance, coach)) = self.queue.pop() {
            if distance >= nearest {
                break;
            }
            if distance > self.distance[coach as usize] {
                continue;
            }
            self.reached.push(coach);
            nearest = self.look_around(book, coach, distance, nearest);
        }
        nearest
    }

    fn look_around(&mut self, book: &Book<E>, coach: u32, distance: u64, nearest: u64) -> u64 {
        let mut nearest = nearest.min(distance + book.price[coach as usize] as u64);
        for fan in self.columns.of_coach(coach) {
            // No profit is below 0, so that this and all later fans are at least this far.
            if distance as i64 + book.price[coach as usize] - i64::from(fan.weight()) >= nearest as i64 {
                break;
            }
            let there = distance + book.slack(fan.other(), coach, fan.weight()) as u64;
            if there >= nearest {
                continue;
            }
            let present = book.coach_of(fan.other());
            if present == coach {
                continue;
            }
            if present == NONE || book.price[present as usize] == 0 {
                nearest = there;
                continue;
            }
            let known = &mut self.distance[present as usize];
            if there < *known {
                if *known == u64::MAX {
                    self.seen.push(present);
                }
                *known = there;
                self.queue.push(there, present);
            }
        }
        nearest
    }

    fn lower_prices(&mut self, book: &mut Book<E>, distance: u64) {
        for &coach in &self.reached {
            let by = (distance - self.distance[coach as usize]) as i64;
            book.price[coach as usize] -= by;
            for seat in book.taken(coach) {
                let holder = book.holder(seat);
                book.profit[holder as usize] += by;
            }
        }
    }

    /// Fills as many of the empty places as can be along tight pairs. A search that fails has
    /// seen all there is, so that later ones need not look there again until one succeeds.
    fn augment(&mut self, book: &mut Book<E>) {
        self.round += 1;
        let mut empty = std::mem::take(&mut self.empty);
        empty.retain(|&coach| {
            while is_priced_and_free(book, coach) && self.fill_one(book, coach) {
                self.round += 1;
            }
            is_priced_and_free(book, coach)
        });
        self.empty = empty;
    }

    fn fill_one(&mut self, book: &mut Book<E>, coach: u32) -> bool {
        self.path.clear();
        self.path.push(Link { coach, asked: NONE });
        while let Some(link) = self.path.last_mut() {
            let coach = link.coach;
            let Some(fan) = next_fan(&self.columns, &mut self.next_fan, &mut self.round_of, self.round, coach) else {
                self.path.pop();
                continue;
            };
            let present = book.coach_of(fan.other());
            if present == coach || book.slack(fan.other(), coach, fan.weight()) != 0 {
                continue;
            }
            // Nobody is asked twice in a round, which keeps paths simple and the round short.
            if std::mem::replace(&mut self.asked_in[fan.other() as usize], self.round) == self.round {
                continue;
            }
            if let Some(link) = self.path.last_mut() {
                link.asked = fan.other();
            }
            if present == NONE || book.price[present as usize] == 0 {
                self.shift(book);
                return true;
            }
            self.path.push(Link { coach: present, asked: NONE });
        }
        false
    }

    /// Everybody asked moves to the coach who asked, the last on the path first.
    fn shift(&mut self, book: &mut Book<E>) {
        // The place the last one leaves stays empty, at price 0; each other is filled again.
        for link in self.path.drain(..) {
            let left = book.move_to_free(link.asked, link.coach);
            if left.coach != NONE {
                book.give_up(left);
            }
        }
    }
}

/// The next entry of a coach's column not yet tried in this round.
fn next_fan<E: Entry>(
    columns: &Columns<E>,
    next: &mut [usize],
    round_of: &mut [u32],
    round: u32,
    coach: u32,
) -> Option<E> {
    let at = coach as usize;
    if round_of[at] != round {
        round_of[at] = round;
        next[at] = 0;
    }
    let fan = columns.of_coach(coach).get(next[at]).copied();
    next[at] += usize::from(fan.is_some());
    fan
}
