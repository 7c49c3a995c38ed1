//! Coaches in an order that lets a scan find the best soon.

use rayon::prelude::*;

use super::ground::Ground;
use super::pool::Pool;
use super::traits::Traits;
use crate::domain::CoachSource;
use crate::matching::columns::Coaches;

/// The coaches of some columns, prepared for scans.
pub(in crate::matching) struct Index {
    /// Coaches who are verified, accepting and have a free place, ascending.
    pub(super) open: Vec<u32>,
    pub(super) traits: Traits,
    pub(super) pool: Pool,
    /// Open alumni as (employer, coach), ascending, for the agencies that will have no others.
    colleagues: Vec<(u32, u32)>,
}

impl Index {
    /// Prepares them.
    pub fn new(ground: &Ground, coaches: &Coaches) -> Self {
        let traits = Traits::new(ground, coaches);
        let open = traits.open();
        let alumni = open.iter().filter(|&&coach| coaches.source[coach as usize] != CoachSource::Corporate);
        let mut colleagues: Vec<(u32, u32)> = alumni.map(|&coach| (coaches.agency[coach as usize], coach)).collect();
        colleagues.par_sort_unstable();
        Self { pool: Pool::new(ground, coaches, &traits, &open), colleagues, open, traits }
    }

    /// The open alumni of an agency, with its number.
    pub(super) fn colleagues(&self, agency: u32) -> &[(u32, u32)] {
        let first = self.colleagues.partition_point(|&(of, _)| of < agency);
        let all = self.colleagues[first..].partition_point(|&(of, _)| of == agency);
        &self.colleagues[first..first + all]
    }
}
