//! What single coaches ask beyond being allowed: a price that is taken off the score, or a
//! floor that the score has to reach. Both are held as bytes beside the columns, rounded so
//! that nobody is missed, and checked exactly for the few who are left.

use rayon::prelude::*;

use super::Scanner;
use super::kernel::{Bar, Lane, WIDTH};
use super::pool::Pool;
use crate::matching::columns::NONE;

/// A byte a row that is taken off the score.
pub(super) struct Tolls {
    /// By row.
    pub lanes: Vec<Lane>,
    /// The least in each block.
    pub least: Vec<u8>,
}

impl Tolls {
    fn new(pool: &Pool, toll: impl Fn(u32) -> u8 + Sync) -> Self {
        let lane = |lane: usize| {
            let rows = &pool.rows[lane * WIDTH..][..WIDTH];
            Lane(std::array::from_fn(|at| if rows[at].coach == NONE { u8::MAX } else { toll(rows[at].coach) }))
        };
        let lanes: Vec<Lane> = (0..pool.lanes()).into_par_iter().with_min_len(256).map(lane).collect();
        let least = (0..pool.len()).map(|block| least(pool, &lanes, block)).collect();
        Self { lanes, least }
    }
}

fn least(pool: &Pool, lanes: &[Lane], block: usize) -> u8 {
    lanes[pool.span(block)].iter().flat_map(|lane| lane.0).min().unwrap_or(u8::MAX)
}

/// Prices of the coaches' places, to find pairs that are worth more than they cost.
pub struct Prices<'p> {
    scale: i64,
    of: &'p [i64],
    tolls: Tolls,
}

impl<'p> Prices<'p> {
    /// Takes the price of each coach, by position, none negative; `scale` is what one point is worth.
    pub fn new(scanner: &Scanner, scale: i64, prices: &'p [i64]) -> Self {
        let whole_points = |coach: u32| (prices[coach as usize] / scale).clamp(0, i64::from(u8::MAX)) as u8;
        Self { scale, of: prices, tolls: Tolls::new(&scanner.pool, whole_points) }
    }

    pub(super) fn tolls(&self) -> &Tolls {
        &self.tolls
    }

    /// What a pair is worth beyond the price.
    pub fn value(&self, coach: u32, score: u8) -> i64 {
        i64::from(score) * self.scale - self.of[coach as usize]
    }

    /// The bar that every pair takes whose value with `lambda` is more than `above`; none if no pair can.
    pub(super) fn bar(&self, lambda: i64, above: i64) -> Option<Bar> {
        let margin = (above - lambda).div_euclid(self.scale) + 1;
        let slack = u8::try_from(-margin.min(0)).unwrap_or(u8::MAX);
        let margin = u8::try_from(margin.max(0)).ok()?;
        Some(Bar { least: margin.max(1), margin, slack })
    }
}

/// The least score at which each coach would accept the coachee, as far as a byte can say it.
pub struct Floors<'s> {
    pool: &'s Pool,
    /// One less than the floor, by row.
    tolls: Tolls,
    /// The same by coach.
    below: Vec<u8>,
    /// Per coach the first of its entries in `rows`.
    first: Vec<u32>,
    rows: Vec<u32>,
}

impl<'s> Floors<'s> {
    /// Nobody asks for more than the rules do.
    pub fn new(scanner: &'s Scanner) -> Self {
        let (pool, coaches) = (&scanner.pool, scanner.is_open.len());
        let mut first = vec![0u32; coaches + 1];
        let people = || pool.rows.iter().enumerate().filter(|(_, row)| row.coach != NONE);
        people().for_each(|(_, row)| first[row.coach as usize + 1] += 1);
        for coach in 0..coaches {
            first[coach + 1] += first[coach];
        }
        let mut rows = vec![0; first[coaches] as usize];
        let mut next = first.clone();
        for (at, row) in people() {
            let next = &mut next[row.coach as usize];
            rows[*next as usize] = at as u32;
            *next += 1;
        }
        Self { pool, tolls: Tolls::new(pool, |_| 0), below: vec![0; coaches], first, rows }
    }

    /// Sets the least score of a coach; 0 and 1 take everybody whom the rules allow.
    pub fn set(&mut self, coach: u32, floor: u8) {
        self.set_below(coach, floor.saturating_sub(1));
    }

    /// Lets a coach accept nobody.
    pub fn close(&mut self, coach: u32) {
        self.set_below(coach, u8::MAX);
    }

    fn set_below(&mut self, coach: u32, toll: u8) {
        self.below[coach as usize] = toll;
        for at in self.first[coach as usize]..self.first[coach as usize + 1] {
            let row = self.rows[at as usize] as usize;
            let block = self.pool.block_of(row);
            let slot = &mut self.tolls.lanes[row / WIDTH].0[row % WIDTH];
            let was = std::mem::replace(slot, toll);
            if toll < self.tolls.least[block] {
                self.tolls.least[block] = toll;
            } else if was == self.tolls.least[block] {
                self.tolls.least[block] = least(self.pool, &self.tolls.lanes, block);
            }
        }
    }

    pub(super) fn tolls(&self) -> &Tolls {
        &self.tolls
    }

    pub(super) fn accepts(&self, coach: u32, score: u8) -> bool {
        score > self.below[coach as usize]
    }
}
