//! Who holds which place at which price: the state that all parts of the solver work on.

use super::Solution;
use crate::matching::instance::{Entry, View};

/// "Nobody" or "nowhere" in dense arrays.
pub(super) const NONE: u32 = u32::MAX;

/// A place: its coach and its seat in [`Book::holders`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub coach: u32,
    pub seat: u32,
}

const NO_PLACE: Place = Place { coach: NONE, seat: NONE };

/// Invariants between the steps of the solver:
/// - every price is at least 0;
/// - a matched coachee's profit is that of the own pair, and no listed pair gives more;
/// - no listed pair gives an unmatched coachee more than the profit noted for them.
pub(super) struct Book<'a, E> {
    pub view: View<'a, E>,
    /// The price of each coach's places.
    pub price: Vec<i64>,
    /// What each coachee gains at these prices.
    pub profit: Vec<i64>,
    /// The profit at which a coachee may as well stay unmatched: 0, or below 0 once
    /// places are given away at a loss so that more people are matched.
    pub threshold: i64,
    /// The place of each coachee, [`NONE`] for the unmatched.
    place: Vec<Place>,
    /// Seats of coach `j` are `first_seat[j]..first_seat[j + 1]`, the first `taken[j]` of them taken.
    first_seat: Vec<u32>,
    taken: Vec<u32>,
    holders: Vec<u32>,
}

impl<'a, E: Entry> Book<'a, E> {
    /// Opens the book at given prices and threshold. Whoever finds a place of highest profit gets one: first
    /// those to whom `hint` gives such a place (it may be empty), then the others.
    pub fn open(view: View<'a, E>, mut price: Vec<i64>, hint: &[u32], threshold: i64) -> Self {
        let instance = view.instance();
        let (first_seat, sought) = seats(view);
        price.resize(instance.coaches(), 0);
        for coach in 0..instance.coaches() {
            if sought[coach] < instance.capacity(coach as u32) {
                // Some place stays free whatever happens, so that any price would be wrong.
                price[coach] = 0;
            }
        }
        let mut book = Book {
            view,
            profit: vec![0; instance.coachees()],
            threshold,
            place: vec![NO_PLACE; instance.coachees()],
            taken: vec![0; instance.coaches()],
            holders: vec![NONE; first_seat[instance.coaches()] as usize],
            first_seat,
            price,
        };
        for coachee in 0..instance.coachees() as u32 {
            book.note_profit(coachee, hint.get(coachee as usize).copied().unwrap_or(NONE));
        }
        for coachee in 0..instance.coachees() as u32 {
            if book.coach_of(coachee) == NONE && book.profit[coachee as usize] > threshold {
                book.seat_at_free(coachee);
            }
        }
        book
    }

    fn note_profit(&mut self, coachee: u32, hint: u32) {
        let (mut best, mut hinted) = (self.threshold, self.threshold - 1);
        for entry in self.view.list(coachee) {
            if i64::from(entry.weight()) < best {
                break;
            }
            let profit = i64::from(entry.weight()) - self.price[entry.other() as usize];
            best = best.max(profit);
            if entry.other() == hint {
                hinted = profit;
            }
        }
        self.profit[coachee as usize] = best;
        if hinted == best && self.has_free(hint) {
            self.seat(coachee, hint);
        }
    }

    fn seat_at_free(&mut self, coachee: u32) {
        let list = self.view.list(coachee).iter();
        let best = list.take_while(|entry| i64::from(entry.weight()) >= self.profit[coachee as usize]);
        let mut tight = best.filter(|entry| self.slack(coachee, entry.other(), entry.weight()) == 0);
        if let Some(entry) = tight.find(|entry| self.has_free(entry.other())) {
            self.seat(coachee, entry.other());
        }
    }

    pub fn coachees(&self) -> u32 {
        self.view.instance().coachees() as u32
    }

    pub fn coaches(&self) -> u32 {
        self.view.instance().coaches() as u32
    }

    /// The coach of a coachee, [`NONE`] for the unmatched.
    pub fn coach_of(&self, coachee: u32) -> u32 {
        self.place[coachee as usize].coach
    }

    pub fn has_free(&self, coach: u32) -> bool {
        let coach = coach as usize;
        self.taken[coach] < self.first_seat[coach + 1] - self.first_seat[coach]
    }

    /// The seats that are taken at a coach.
    pub fn taken(&self, coach: u32) -> std::ops::Range<u32> {
        let first = self.first_seat[coach as usize];
        first..first + self.taken[coach as usize]
    }

    /// Who holds a seat that is taken.
    pub fn holder(&self, seat: u32) -> u32 {
        self.holders[seat as usize]
    }

    /// How far a pair is from giving the coachee their profit; 0 for pairs that could be in the plan.
    pub fn slack(&self, coachee: u32, coach: u32, weight: u32) -> i64 {
        self.profit[coachee as usize] + self.price[coach as usize] - i64::from(weight)
    }

    /// Whether the coachee may as well stay unmatched.
    pub fn may_leave(&self, coachee: u32) -> bool {
        self.profit[coachee as usize] <= self.threshold
    }

    /// Seats an unmatched coachee at a free place of a coach.
    pub fn seat(&mut self, coachee: u32, coach: u32) {
        let seat = self.taken(coach).end;
        self.taken[coach as usize] += 1;
        self.hand_over(coachee, Place { coach, seat });
    }

    /// Gives a place that somebody has left, or is about to be given another for, to a coachee;
    /// tells which place the coachee had.
    pub fn hand_over(&mut self, coachee: u32, place: Place) -> Place {
        self.holders[place.seat as usize] = coachee;
        std::mem::replace(&mut self.place[coachee as usize], place)
    }

    /// Takes a coachee off their place, which the caller must hand over or give up.
    pub fn leave(&mut self, coachee: u32) -> Place {
        std::mem::replace(&mut self.place[coachee as usize], NO_PLACE)
    }

    /// Frees a place nobody holds any more.
    pub fn give_up(&mut self, place: Place) {
        let last = self.taken(place.coach).end - 1;
        let moved = self.holders[last as usize];
        if last != place.seat {
            self.holders[place.seat as usize] = moved;
            self.place[moved as usize].seat = place.seat;
        }
        self.taken[place.coach as usize] -= 1;
    }

    /// Moves a coachee to a free place of a coach; tells which place the coachee had.
    pub fn move_to_free(&mut self, coachee: u32, coach: u32) -> Place {
        let left = self.leave(coachee);
        self.seat(coachee, coach);
        left
    }

    pub fn into_solution(self) -> Solution {
        let coach_of = self.place.iter().map(|place| (place.coach != NONE).then_some(place.coach)).collect();
        Solution { coach_of, prices: self.price, lambda: -self.threshold }
    }
}

/// The first seat of each coach, and how many list each coach. A coach gets no more seats than
/// one above the number of those who list them: more could never be taken.
pub(super) fn seats<E: Entry>(view: View<E>) -> (Vec<u32>, Vec<u32>) {
    let instance = view.instance();
    let mut sought = vec![0u32; instance.coaches()];
    for entry in view.lists().flat_map(|(_, list)| list) {
        sought[entry.other() as usize] += 1;
    }
    let mut first = Vec::with_capacity(instance.coaches() + 1);
    first.push(0);
    let mut total = 0;
    for (coach, &sought) in sought.iter().enumerate() {
        total += instance.capacity(coach as u32).min(sought + 1);
        first.push(total);
    }
    (first, sought)
}
