//! The bulk of the coaches, as they were when it was built.

use std::collections::HashMap;

use rayon::prelude::*;

use super::setting::Setting;
use crate::domain::PersonCode;
use crate::matching::coach_row::{CoachRow, Ratings};
use crate::matching::columns::Coaches;
use crate::matching::scan::Index;

/// Coaches in columns, by region and then by code, with their index.
pub(super) struct Base {
    pub coaches: Coaches,
    pub index: Index,
    pub ratings: Ratings,
    places: HashMap<PersonCode, u32>,
}

impl Base {
    /// Builds it of coaches in any order.
    pub fn new(setting: &Setting, mut rows: Vec<CoachRow>) -> Self {
        rows.par_sort_by(|a, b| (a.regency, &a.code).cmp(&(b.regency, &b.code)));
        let ratings = Ratings::of(&rows);
        let coaches = Coaches::from_rows(&rows, setting.competencies(), ratings.mean());
        drop(rows);
        let places = || coaches.code.iter().cloned().zip(0u32..).collect();
        let (index, places) = rayon::join(|| Index::new(&setting.ground, &coaches), places);
        Self { coaches, index, ratings, places }
    }

    /// The position of a coach.
    pub fn place(&self, coach: &PersonCode) -> Option<u32> {
        self.places.get(coach).copied()
    }

    /// A code that occurs more than once.
    pub fn repeated(&self) -> Option<&PersonCode> {
        let mut all = self.coaches.code.iter().zip(0u32..);
        all.find(|&(code, at)| self.place(code) != Some(at)).map(|(code, _)| code)
    }
}
