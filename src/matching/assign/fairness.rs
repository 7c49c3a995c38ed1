//! Among all plans that are equally good, the one that serves the queue best.
//!
//! The prices tell which pairs can be part of a best plan (the tight ones), which coachees are
//! matched in every best plan (profit above the threshold), and which places are taken in every
//! one (priced). The queue is served one by one: whoever's turn it is and has no place takes one
//! along a path of tight pairs, either a free place or that of somebody further back who may as
//! well leave.
//!
//! Where places are reserved, as many of the group stay matched as have to. Then one who enters may
//! need a second one to: a member takes the place of one outside the group who leaves, and somebody
//! from outside that of a member. The search crosses over to the other side for it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::book::{Book, NONE, Place};
use crate::matching::instance::Entry;

/// Changes who is matched until the first in the queue is matched if any best plan does so,
/// then the second, and so on.
pub(super) fn settle<E: Entry>(book: &mut Book<E>) {
    let queue = book.view.instance().queue();
    let mut turn = vec![0; queue.len()];
    for (at, &coachee) in queue.iter().enumerate() {
        turn[coachee as usize] = at as u32;
    }
    let mut search = Search::new(book, turn);
    let mut unmatched: BinaryHeap<Reverse<u32>> = (0..book.coachees())
        .filter(|&coachee| book.coach_of(coachee) == NONE)
        .map(|coachee| Reverse(search.turn[coachee as usize]))
        .collect();
    while let Some(Reverse(turn)) = unmatched.pop() {
        let coachee = queue[turn as usize];
        if book.coach_of(coachee) == NONE {
            search.seat(book, coachee);
            unmatched.extend(search.left.drain(..).map(|left| Reverse(search.turn[left as usize])));
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
    /// Coaches whose places can no longer change hands for somebody outside the group (first bit)
    /// or in it (second bit): a search that found nothing has gone through everything reachable
    /// from them, and later turns have fewer who may be displaced.
    closed: Vec<u8>,
    /// The same of the way across to the other side.
    crossing_closed: u8,
    /// The coachee through whom this search came to a coach; [`NONE`] for coaches across.
    via: Vec<u32>,
    /// Coaches this search has come to.
    seen: Vec<u32>,
    /// Coachees whose lists this search has yet to look at.
    open: Vec<u32>,
    /// Where this search can cross over.
    crossing: Option<(u32, End)>,
    /// Who has left for the one whose turn it was.
    left: Vec<u32>,
}

/// How a place is had at a coach.
#[derive(Clone, Copy)]
enum End {
    FreePlace,
    Leaver(u32),
}

/// What the reserve means for the one whose turn it is.
#[derive(Clone, Copy)]
struct Turn {
    coachee: u32,
    is_member: bool,
    /// Whether a free place will do: not when it would be one more for the group, at a loss.
    takes_free: bool,
    /// Whether somebody from the other side may leave for it.
    takes_other: bool,
}

impl Turn {
    fn of<E: Entry>(book: &Book<E>, coachee: u32) -> Self {
        let is_member = book.is_member(coachee);
        let no_loss = book.bonus == 0;
        let places = book.reserved_places();
        let takes_other = no_loss && (is_member || places == 0 || book.members > places);
        Self { coachee, is_member, takes_free: no_loss || !is_member, takes_other }
    }

    fn bit(self) -> u8 {
        1 << u8::from(self.is_member)
    }
}

impl Search {
    fn new<E: Entry>(book: &Book<E>, turn: Vec<u32>) -> Self {
        let coaches = book.coaches() as usize;
        Self {
            tight: TightLists::of(book),
            turn,
            closed: vec![0; coaches],
            crossing_closed: 0,
            via: vec![NONE; coaches],
            seen: Vec::new(),
            open: Vec::new(),
            crossing: None,
            left: Vec::new(),
        }
    }

    /// Seats a coachee if possible, and notes who had to leave for it.
    fn seat<E: Entry>(&mut self, book: &mut Book<E>, coachee: u32) {
        let turn = Turn::of(book, coachee);
        self.open.clear();
        self.open.push(coachee);
        self.seen.clear();
        self.crossing = None;
        let mut found = self.look_around(book, turn);
        let crosses = found.is_none() && self.crossing.is_some() && self.crossing_closed & turn.bit() == 0;
        if crosses {
            self.crossing_closed |= turn.bit();
            found = self.cross(book, turn).or_else(|| self.look_around(book, turn));
        }
        if let Some((coach, end)) = found {
            self.shift(book, coach, end, coachee);
            self.crossing_closed &= if crosses { !turn.bit() } else { u8::MAX };
            for coach in self.seen.drain(..) {
                self.closed[coach as usize] &= !turn.bit();
            }
        }
    }

    /// Goes on from those whose lists are still to be looked at until there is an end.
    fn look_around<E: Entry>(&mut self, book: &Book<E>, turn: Turn) -> Option<(u32, End)> {
        while let Some(asking) = self.open.pop() {
            for at in 0..self.tight.of_coachee(asking).len() {
                let coach = self.tight.of_coachee(asking)[at];
                if let Some(end) = self.visit(book, turn, coach, asking) {
                    return Some((coach, end));
                }
            }
        }
        None
    }

    fn visit<E: Entry>(&mut self, book: &Book<E>, turn: Turn, coach: u32, via: u32) -> Option<End> {
        let closed = &mut self.closed[coach as usize];
        if *closed & turn.bit() != 0 {
            return None;
        }
        *closed |= turn.bit();
        self.via[coach as usize] = via;
        self.seen.push(coach);
        self.end_at(book, turn, coach)
    }

    /// Whether a coach has a free place, or a holder who may leave and comes after in the queue:
    /// then the last of those. Otherwise the search goes on from the holders, and perhaps across.
    fn end_at<E: Entry>(&mut self, book: &Book<E>, turn: Turn, coach: u32) -> Option<End> {
        if book.has_free(coach) {
            if turn.takes_free {
                return Some(End::FreePlace);
            }
            self.crossing.get_or_insert((coach, End::FreePlace));
        }
        let holders = book.taken(coach).map(|seat| book.holder(seat));
        let ahead = self.turn[turn.coachee as usize];
        let leavers = holders.clone().filter(|&h| self.turn[h as usize] > ahead && book.may_leave(h));
        let may_go = |&h: &u32| turn.takes_other || book.is_member(h) == turn.is_member;
        if let Some(last) = leavers.clone().filter(may_go).max_by_key(|&h| self.turn[h as usize]) {
            return Some(End::Leaver(last));
        }
        if !turn.takes_other {
            let last = leavers.max_by_key(|&h| self.turn[h as usize]);
            self.crossing = self.crossing.or(last.map(|last| (coach, End::Leaver(last))));
        }
        self.open.extend(holders);
        None
    }

    /// Goes on from everybody on the other side who is without a place: one of them enters for the
    /// one who leaves there. For a member, also from those whose places may stay empty: that another
    /// member gives up theirs is all it takes.
    fn cross<E: Entry>(&mut self, book: &Book<E>, turn: Turn) -> Option<(u32, End)> {
        let others = (0..book.coachees()).filter(|&c| book.coach_of(c) == NONE && book.is_member(c) != turn.is_member);
        self.open.extend(others);
        if !turn.is_member || book.threshold < 0 {
            return None;
        }
        let may_be_empty = (0..book.coaches()).filter(|&coach| book.price[coach as usize] == 0);
        may_be_empty
            .map(|coach| (coach, self.visit(book, turn, coach, NONE)))
            .find_map(|(coach, end)| Some((coach, end?)))
    }

    /// Moves everybody on the way to `coach` one place on, back to the one whose turn it is.
    fn shift<E: Entry>(&mut self, book: &mut Book<E>, coach: u32, end: End, first: u32) {
        let (mut asking, mut left) = self.enter(book, coach, end);
        while asking != first {
            let coach = left.coach;
            if coach != NONE && self.via[coach as usize] != NONE {
                asking = self.via[coach as usize];
                left = book.hand_over(asking, left);
                continue;
            }
            if coach != NONE {
                book.give_up(left);
            }
            let Some((coach, end)) = self.crossing.take() else { return };
            (asking, left) = self.enter(book, coach, end);
        }
    }

    /// Gives a place at a coach to the coachee through whom the search came there; tells who that
    /// is, and the place they had. Across, nobody takes it.
    fn enter<E: Entry>(&mut self, book: &mut Book<E>, coach: u32, end: End) -> (u32, Place) {
        let asking = self.via[coach as usize];
        match end {
            End::FreePlace => (asking, book.move_to_free(asking, coach)),
            End::Leaver(leaver) => {
                self.left.push(leaver);
                let place = book.leave(leaver);
                if asking == NONE { (asking, place) } else { (asking, book.hand_over(asking, place)) }
            }
        }
    }
}
