//! Every pair of a cohort as a checker sees it, without lists.

use std::cmp::Reverse;

use super::certificate::{Claim, Frontier, Pairs, Points, Row, Seats, Tally, welcome};
use super::columns::Cohort;
use super::instance::Priority;
use super::reserve::Reserve;
use super::scan::{Floors, Prices, Query, Scanner};

/// All pairs, scored the fast way: for the certificate that a run carries.
pub struct ScannedPairs<'a> {
    cohort: &'a Cohort,
    scanner: &'a Scanner<'a>,
}

impl<'a> ScannedPairs<'a> {
    /// The pairs of the cohort that the scanner was made for.
    pub fn new(cohort: &'a Cohort, scanner: &'a Scanner<'a>) -> Self {
        Self { cohort, scanner }
    }

    fn blocking_of(&self, seats: &Seats, floors: &Floors, coachee: u32, query: Query, is_member: bool) -> u64 {
        let score = seats.weight[coachee as usize] as u8;
        let own = seats.coach_of[coachee as usize].map(|coach| query.candidate(coach, score));
        let mut blocking = 0;
        query.accepting(floors, score, |coach, score| {
            let preferred = own.is_none_or(|own| query.candidate(coach, score) > own);
            let welcome = welcome(self, coachee, u32::from(score));
            blocking += u64::from(preferred && seats.would_take(coach, welcome, is_member));
        });
        blocking
    }
}

/// What one point is worth in the prices of a scan: as many parts as [`Points`] can tell apart.
const PARTS: i64 = Points::PARTS;

impl Pairs for ScannedPairs<'_> {
    fn coachees(&self) -> usize {
        self.cohort.coachees.len()
    }

    fn coaches(&self) -> usize {
        self.cohort.coaches.len()
    }

    fn capacity(&self, coach: u32) -> u32 {
        u32::from(self.cohort.coaches.places[coach as usize])
    }

    fn priority(&self, coachee: u32) -> Priority {
        self.cohort.priority(coachee as usize)
    }

    fn reserve(&self) -> Option<&Reserve> {
        self.cohort.reserve.as_ref()
    }

    fn rows(&self, claim: Claim, coach_of: &[Option<u32>]) -> Vec<Row> {
        let prices: Vec<i64> = claim.prices.iter().map(|price| price.parts()).collect();
        let prices = Prices::new(self.scanner, PARTS, &prices);
        let row = |coachee: usize, query: Query| {
            let (own, extra) = (coach_of[coachee], claim.extra(self, coachee as u32).parts());
            let score = own.map_or(0, |coach| query.score(coach));
            let weight = (score > 0).then_some(score);
            let present = own.zip(weight).map_or(0, |(coach, score)| prices.value(coach, score) + extra);
            let mut profit = present.max(0);
            query.priced(&prices, extra, profit, |_, _, value| {
                profit = value;
                profit
            });
            Row { weight: weight.map(u32::from), profit: Points::from_parts(profit) }
        };
        self.scanner.for_everybody(row)
    }

    fn blocking(&self, seats: &Seats) -> u64 {
        let is_member = |coachee: u32| self.reserve().is_some_and(|reserve| reserve.is_member(coachee));
        let (members, others) = (0..self.cohort.coachees.len() as u32).partition(|&coachee| is_member(coachee));
        let tally = Tally::default();
        self.blocking_among(others, seats, false, &tally);
        self.blocking_among(members, seats, true, &tally);
        tally.counted()
    }

    fn frontier(&self) -> Box<dyn Frontier + '_> {
        Box::new(Unreached { scanner: self.scanner, floors: Floors::new(self.scanner) })
    }

    fn for_each_of(&self, coachee: u32, mut each: impl FnMut(u32, u32)) {
        let mut pairs: Vec<_> = self.scanner.query(coachee as usize).eligible().collect();
        pairs.sort_unstable_by(|a, b| b.cmp(a));
        pairs.into_iter().for_each(|pair| each(pair.coach(), u32::from(pair.score())));
    }
}

impl ScannedPairs<'_> {
    /// The blocking pairs of either the members of the group for whom places are reserved, or of
    /// all others: coaches ask different things of the two.
    fn blocking_among(&self, mut queue: Vec<u32>, seats: &Seats, is_member: bool, tally: &Tally) {
        if queue.is_empty() {
            return;
        }
        let (e, floor) = (&self.cohort.coachees, seats.floors(is_member));
        queue.sort_by_key(|&coachee| Reverse(e.class[coachee as usize]));
        // Coaches by the class of the least welcome they hold: from class to class downwards, a
        // coach takes anybody until that class, then whoever has a better score, then nobody.
        let mut full: Vec<(u32, u32)> = (0u32..)
            .zip(floor)
            .filter_map(|(coach, least)| least.map(|least| (least.0, coach)))
            .filter(|&(_, coach)| self.scanner.is_open(coach))
            .collect();
        full.sort_unstable_by_key(|&(class, coach)| (Reverse(class), coach));
        let (mut floors, mut next, mut closing) = (Floors::new(self.scanner), 0, Vec::new());
        for members in queue.chunk_by(|&a, &b| e.class[a as usize] == e.class[b as usize]) {
            let class = e.class[members[0] as usize];
            for coach in closing.drain(..) {
                floors.close(coach);
            }
            while let Some(&(least, coach)) = full.get(next).filter(|&&(least, _)| least >= class) {
                next += 1;
                match floor[coach as usize].filter(|_| least == class) {
                    Some((_, weight, _)) => {
                        floors.set(coach, u8::try_from(weight).unwrap_or(u8::MAX));
                        closing.push(coach);
                    }
                    None => floors.close(coach),
                }
            }
            self.scanner.for_some(members, |coachee, query| {
                tally.add(|| self.blocking_of(seats, &floors, coachee as u32, query, is_member));
            });
        }
    }
}

/// The frontier of a scan: coaches come to are closed, so that whole groups of them are left out.
struct Unreached<'a> {
    scanner: &'a Scanner<'a>,
    floors: Floors<'a>,
}

impl Frontier for Unreached<'_> {
    fn take(&mut self, coachee: u32) -> Vec<u32> {
        let mut new = Vec::new();
        self.scanner.query(coachee as usize).accepting(&self.floors, 1, |coach, _| new.push(coach));
        for &coach in &new {
            self.floors.close(coach);
        }
        new
    }

    fn give_back(&mut self, coach: u32) {
        self.floors.set(coach, 1);
    }
}
