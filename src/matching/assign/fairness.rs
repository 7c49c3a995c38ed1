//! Among all plans that are equally good, the one that serves the queue best.
//!
//! The prices tell which pairs can be part of a best plan (the tight ones), which coachees are
//! matched in every best plan (profit above the threshold), and which places are taken in every
//! one (priced). The sets of coachees that best plans can match form a matroid, so the queue is
//! served greedily: whoever's turn it is and has no place takes one along a path of tight pairs,
//! either a free place or that of somebody further back who may as well leave.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::book::{Book, NONE};
use crate::matching::instance::Entry;

/// Changes who is matched until the first in the queue is matched if any best plan does so,
/// then the second, and so on.
pub(super) fn settle<E: Entry>(book: &mut Book<E>) {
    let queue = book.view.instance().queue();
    let mut turn = vec![0; queue.len()];
    for (at, &coachee) in queue.iter().enumerate() {
        turn[coachee as usize] = at as u32;
    }
    let mut search = Search {
        tight: TightLists::of(book),
        turn,
        closed: vec![false; book.coaches() as usize],
        via: vec![NONE; book.coaches() as usize],
        seen: Vec::new(),
        open: Vec::new(),
    };
    let mut unmatched: BinaryHeap<Reverse<u32>> = (0..book.coachees())
        .filter(|&coachee| book.coach_of(coachee) == NONE)
        .map(|coachee| Reverse(search.turn[coachee as usize]))
        .collect();
    while let Some(Reverse(turn)) = unmatched.pop() {
        if let Some(left) = search.seat(book, queue[turn as usize]) {
            unmatched.push(Reverse(search.turn[left as usize]));
        }
    }
}

/// The pairs that can be part of a best plan: a small part of all. They do not change while
/// places change hands, and are looked at many times.
struct TightLists {
    start: Vec<u32>,
    coaches: Vec<u32>,
}

impl TightLists {
    fn of<E: Entry>(book: &Book<E>) -> Self {
        let (mut start, mut coaches) = (vec![0], Vec::new());
        for coachee in 0..book.coachees() {
            let profit = book.profit[coachee as usize];
            let list = book.view.list(coachee).iter().take_while(|entry| i64::from(entry.weight()) >= profit);
            let tight = list.filter(|entry| book.slack(coachee, entry.other(), entry.weight()) == 0);
            coaches.extend(tight.map(|entry| entry.other()));
            start.push(coaches.len() as u32);
        }
        Self { start, coaches }
    }

    fn of_coachee(&self, coachee: u32) -> &[u32] {
        &self.coaches[self.start[coachee as usize] as usize..self.start[coachee as usize + 1] as usize]
    }
}

struct Search {
    tight: TightLists,
    /// The position of each coachee in the queue.
    turn: Vec<u32>,
    /// Coaches whose places can no longer change hands: a search that found nothing has gone
    /// through everything reachable from them, and later turns have fewer who may be displaced.
    closed: Vec<bool>,
    /// The coachee through whom this search came to a coach.
    via: Vec<u32>,
    /// Coaches this search has come to.
    seen: Vec<u32>,
    /// Coachees whose lists this search has yet to look at.
    open: Vec<u32>,
}

/// What a search looks for.
enum End {
    FreePlace,
    Leaver(u32),
}

impl Search {
    /// Seats a coachee if possible; tells who had to leave for it, if anybody.
    fn seat<E: Entry>(&mut self, book: &mut Book<E>, coachee: u32) -> Option<u32> {
        self.open.clear();
        self.open.push(coachee);
        self.seen.clear();
        while let Some(asking) = self.open.pop() {
            for at in 0..self.tight.of_coachee(asking).len() {
                let coach = self.tight.of_coachee(asking)[at];
                if std::mem::replace(&mut self.closed[coach as usize], true) {
                    continue;
                }
                self.via[coach as usize] = asking;
                self.seen.push(coach);
                if let Some(end) = self.end_at(book, coach, coachee) {
                    let left = self.shift(book, coach, end, coachee);
                    for coach in self.seen.drain(..) {
                        self.closed[coach as usize] = false;
                    }
                    return left;
                }
            }
        }
        None
    }

    /// Whether a coach has a free place, or a holder who may leave and comes after `coachee`
    /// in the queue: then the last of those. Otherwise the search goes on from the holders.
    fn end_at<E: Entry>(&mut self, book: &Book<E>, coach: u32, coachee: u32) -> Option<End> {
        if book.has_free(coach) {
            return Some(End::FreePlace);
        }
        let holders = book.taken(coach).map(|seat| book.holder(seat));
        let last = holders.clone().filter(|&h| book.may_leave(h)).max_by_key(|&h| self.turn[h as usize]);
        match last {
            Some(leaver) if self.turn[leaver as usize] > self.turn[coachee as usize] => Some(End::Leaver(leaver)),
            _ => {
                self.open.extend(holders);
                None
            }
        }
    }

    /// Moves everybody on the way to `coach` one place on; tells who is without one now.
    fn shift<E: Entry>(&self, book: &mut Book<E>, coach: u32, end: End, first: u32) -> Option<u32> {
        let mut asking = self.via[coach as usize];
        let (mut left, leaver) = match end {
            End::FreePlace => (book.move_to_free(asking, coach), None),
            End::Leaver(leaver) => {
                let place = book.leave(leaver);
                (book.hand_over(asking, place), Some(leaver))
            }
        };
        while asking != first {
            asking = self.via[left.coach as usize];
            left = book.hand_over(asking, left);
        }
        leaver
    }
}
