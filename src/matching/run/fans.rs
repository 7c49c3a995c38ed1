//! The coachees to whom the places of single coaches are worth most, found while all pairs are looked at.
//!
//! A place that nobody on the lists wants would, at price 0, look like a gift to everybody else. So such a coach
//! **seeks**: of everybody there is, those are noted to whom a place is worth most beyond what they have, and what it
//! is worth to the first of them who would get none is the price at which it will be taken (the reverse step of an
//! auction, over every pair at once).

use std::cmp::Reverse;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::Mutex;

use crate::matching::scan::Candidate;

/// Fans noted of a coach beyond some for each place.
const AT_LEAST: usize = 16;
/// Fans noted for each place.
const A_PLACE: usize = 4;

/// A coachee and a coach who seeks: what the place is worth beyond what the coachee has, then the tie-break.
type Fan = (i64, Candidate, Reverse<u32>);

/// The fans of those coaches who seek.
pub(super) struct Fans {
    of: Vec<Option<Shelf>>,
}

/// The best fans of a coach so far.
struct Shelf {
    /// What a place has to be worth to somebody to be offered to them at all.
    floor: i64,
    places: usize,
    most: usize,
    /// What it has to be worth by now.
    least: AtomicI64,
    fans: Mutex<Vec<Fan>>,
}

/// What a coach who seeks has found.
pub(super) struct Found {
    /// The price at which the places will be taken, as far as it is known.
    pub price: i64,
    /// Whether there are as many fans as are noted at most.
    pub is_content: bool,
    /// Who would: the coachees, with the coach as an entry of their lists.
    pub fans: Vec<(u32, Candidate)>,
}

impl Fans {
    /// Coaches by position; those who seek with the least worth they look for and their places.
    pub fn new(seeking: impl Iterator<Item = Option<(i64, u16)>>) -> Self {
        let shelf = |(floor, places): (i64, u16)| {
            let places = usize::from(places);
            let (most, fans) = (AT_LEAST + A_PLACE * places, Mutex::default());
            Shelf { floor, places, most, least: AtomicI64::new(floor), fans }
        };
        Self { of: seeking.map(|seeking| seeking.map(shelf)).collect() }
    }

    /// Whether nobody seeks.
    pub fn is_empty(&self) -> bool {
        self.of.iter().all(Option::is_none)
    }

    /// The least worth that a coach looks for; none when the coach does not seek.
    pub fn floor(&self, coach: u32) -> Option<i64> {
        self.of[coach as usize].as_ref().map(|shelf| shelf.floor)
    }

    /// Notes a fan, if among the best. Whoever is noted in the end does not depend on the order of the offers.
    pub fn note(&self, coachee: u32, pair: Candidate, worth: i64) {
        let Some(shelf) = &self.of[pair.coach() as usize] else { return };
        if worth < shelf.least.load(Ordering::Relaxed) {
            return;
        }
        let mut fans = shelf.fans.lock();
        fans.push((worth, pair, Reverse(coachee)));
        if fans.len() == 2 * shelf.most {
            shelf.cut(&mut fans);
        }
    }

    /// What each coach who seeks has found, by position.
    pub fn found(self) -> impl Iterator<Item = (u32, Found)> {
        let found = |(coach, shelf): (u32, Option<Shelf>)| Some((coach, shelf?.found()));
        (0..).zip(self.of).filter_map(found)
    }
}

impl Shelf {
    /// Keeps the best.
    fn cut(&self, fans: &mut Vec<Fan>) {
        if fans.len() > self.most {
            let (_, last, _) = fans.select_nth_unstable_by_key(self.most - 1, |fan| Reverse(*fan));
            self.least.store(last.0, Ordering::Relaxed);
            fans.truncate(self.most);
        }
    }

    fn found(self) -> Found {
        let mut fans = std::mem::take(&mut *self.fans.lock());
        self.cut(&mut fans);
        fans.sort_unstable_by_key(|fan| Reverse(*fan));
        Found {
            is_content: fans.len() == self.most,
            price: fans.get(self.places).map_or(self.floor, |without| without.0),
            fans: fans.into_iter().map(|(_, pair, Reverse(coachee))| (coachee, pair)).collect(),
        }
    }
}
