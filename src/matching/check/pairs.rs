//! Every pair of a cohort, for the certificate of somebody who checks a run.

use rayon::prelude::*;

use super::{Asked, Desk};
use crate::matching::certificate::{Claim, Frontier, Pairs, Points, Row, Seats, Tally, Welcome};
use crate::matching::columns::Cohort;
use crate::matching::instance::Priority;
use crate::matching::lottery::mix;
use crate::matching::reserve::Reserve;

/// All pairs of a cohort, scored without anything that the solver uses.
pub struct PlainPairs<'a> {
    cohort: &'a Cohort,
    desk: Desk<'a>,
}

impl<'a> PlainPairs<'a> {
    /// The pairs of a cohort.
    pub fn new(cohort: &'a Cohort) -> Self {
        Self { cohort, desk: Desk::new(cohort) }
    }

    fn everybody(&self) -> impl IndexedParallelIterator<Item = Asked<'_>> {
        (0..self.cohort.coachees.len()).into_par_iter().map(|coachee| Asked::new(&self.desk, coachee))
    }

    /// What a coachee prefers among coaches of equal score; the greater comes first.
    fn preference(&self, coachee: usize, coach: u32) -> (u64, u32) {
        let (e, c) = (&self.cohort.coachees, &self.cohort.coaches);
        (mix(e.lottery[coachee], c.tie_key[coach as usize]) >> 40, coach)
    }

    /// How many coaches a coachee would rather have who would take them, by their [`floors`].
    fn blocking_of(&self, asked: &Asked, seats: &Seats, floors: &[Rank]) -> u64 {
        let coachee = asked.coachee();
        let own = seats.coach_of[coachee].map(|coach| self.preference(coachee, coach));
        let present = seats.weight[coachee];
        let Priority { class, lottery } = self.cohort.priority(coachee);
        let mut blocking = 0;
        asked.rows(|first, scores| {
            if u32::from(scores.iter().copied().max().unwrap_or(0)) < present.max(1) {
                return;
            }
            for (coach, &score) in (first as u32..).zip(scores) {
                let score = u32::from(score);
                if score < present.max(1) || rank((class, score, std::cmp::Reverse(lottery))) <= floors[coach as usize]
                {
                    continue;
                }
                let preferred = score > present || own.is_none_or(|own| self.preference(coachee, coach) > own);
                blocking += u64::from(preferred);
            }
        });
        blocking
    }
}

impl Pairs for PlainPairs<'_> {
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

    fn for_each_of(&self, coachee: u32, mut each: impl FnMut(u32, u32)) {
        let mut pairs = Vec::new();
        Asked::new(&self.desk, coachee as usize).rows(|first, scores| {
            let allowed = (first as u32..).zip(scores).filter(|(_, score)| **score > 0);
            pairs.extend(allowed.map(|(coach, &score)| (score, self.preference(coachee as usize, coach))));
        });
        pairs.sort_unstable_by(|a, b| b.cmp(a));
        pairs.into_iter().for_each(|(score, (_, coach))| each(coach, u32::from(score)));
    }

    fn rows(&self, claim: Claim, coach_of: &[Option<u32>]) -> Vec<Row> {
        let of_bonus = |bonus: Points| Worth::new(claim, claim.lambda + bonus);
        let (others, members) = (of_bonus(Points::ZERO), of_bonus(claim.bonus));
        let row = |asked: Asked| {
            let is_member = self.reserve().is_some_and(|reserve| reserve.is_member(asked.coachee() as u32));
            let worth = if is_member { &members } else { &others };
            let weight = coach_of[asked.coachee()].map(|coach| u32::from(asked.score(coach)));
            Row { weight: weight.filter(|&weight| weight > 0), profit: worth.profit(&asked) }
        };
        self.everybody().map(row).collect()
    }

    fn blocking(&self, seats: &Seats) -> u64 {
        let of =
            |is_member| -> Vec<Rank> { seats.floors(is_member).iter().map(|least| least.map_or(0, rank)).collect() };
        let floors = [of(false), of(true)];
        let blocking = |asked: Asked| {
            let is_member = self.reserve().is_some_and(|reserve| reserve.is_member(asked.coachee() as u32));
            self.blocking_of(&asked, seats, &floors[usize::from(is_member)])
        };
        let tally = Tally::default();
        self.everybody().for_each(|asked| tally.add(|| blocking(asked)));
        tally.counted()
    }

    fn frontier(&self) -> Box<dyn Frontier + '_> {
        let left = (0..self.cohort.coaches.len() as u32).filter(|&coach| self.desk.is_open(coach)).collect();
        Box::new(Unreached { desk: &self.desk, left })
    }
}

/// How welcome somebody is to a coach, as one number; above 0. A coach with a free place takes
/// whoever is above 0.
type Rank = u128;

fn rank((class, weight, std::cmp::Reverse(lottery)): Welcome) -> Rank {
    u128::from(class) << 96 | u128::from(weight) << 64 | u128::from(!lottery)
}

/// What pairs are worth at the prices of a claim.
struct Worth<'a> {
    claim: Claim<'a>,
    /// What is added to every score.
    extra: Points,
    /// Per coach what a pair is worth beyond its score, in whole points, rounded up: with these
    /// the few are found that have to be looked at exactly. None when lambda is too large.
    gains: Option<Vec<i32>>,
}

/// Beyond that, whole points would not fit.
const MOST_LAMBDA: i64 = 1 << 29;
/// No score makes up for that.
const HOPELESS: i64 = -256;

impl<'a> Worth<'a> {
    fn new(claim: Claim<'a>, extra: Points) -> Self {
        let gain = |&price: &Points| {
            let parts = (extra - price).parts();
            let rounded_up = parts.div_euclid(Points::PARTS) + i64::from(parts.rem_euclid(Points::PARTS) > 0);
            rounded_up.clamp(HOPELESS, MOST_LAMBDA) as i32
        };
        let fits = extra.whole() < MOST_LAMBDA;
        Self { claim, extra, gains: fits.then(|| claim.prices.iter().map(gain).collect()) }
    }

    fn exact(&self, coach: usize, score: u8) -> Points {
        Points::from(u32::from(score)) + self.extra - self.claim.prices[coach]
    }

    /// The most that any pair of a coachee, or none at all, gives above its price.
    fn profit(&self, asked: &Asked) -> Points {
        let mut profit = Points::ZERO;
        let Some(gains) = &self.gains else {
            asked.rows(|first, scores| {
                for (coach, &score) in (first..).zip(scores).filter(|(_, score)| **score > 0) {
                    profit = profit.max(self.exact(coach, score));
                }
            });
            return profit;
        };
        let mut best = 1;
        asked.rows(|first, scores| {
            let gains = &gains[first..first + scores.len()];
            let value = |score: u8, gain: i32| if score == 0 { 0 } else { i32::from(score) + gain };
            let most = scores.iter().zip(gains).map(|(&score, &gain)| value(score, gain)).max().unwrap_or(0);
            if most < best {
                return;
            }
            best = most;
            for (at, (&score, &gain)) in scores.iter().zip(gains).enumerate() {
                if value(score, gain) == most {
                    profit = profit.max(self.exact(first + at, score));
                }
            }
        });
        profit
    }
}

/// Coaches that a search has not come to yet.
struct Unreached<'a> {
    desk: &'a Desk<'a>,
    left: Vec<u32>,
}

/// So many coaches are scored together in the time of one alone.
const TOGETHER: usize = 64;

impl Frontier for Unreached<'_> {
    fn take(&mut self, coachee: u32) -> Vec<u32> {
        if self.left.is_empty() {
            return Vec::new();
        }
        let asked = Asked::new(self.desk, coachee as usize);
        let all = (self.left.len() * TOGETHER > self.desk.coaches()).then(|| asked.all());
        let score = |coach: u32| all.as_ref().map_or_else(|| asked.score(coach), |all| all[coach as usize]);
        let (new, left) = self.left.iter().copied().partition(|&coach| score(coach) > 0);
        self.left = left;
        new
    }

    fn give_back(&mut self, coach: u32) {
        self.left.push(coach);
    }
}
