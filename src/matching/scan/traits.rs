//! What scores take from several columns of a coach at once.

use super::ground::Ground;
use super::tables::CORPORATE;
use crate::domain::CoachSource;
use crate::matching::columns::Coaches;

/// Per coach, what scores take from several columns at once.
pub(in crate::matching) struct Traits {
    /// Whether verified, accepting and with a free place.
    pub is_open: Vec<bool>,
    /// Seniority, plus [`CORPORATE`].
    pub(super) standing: Vec<u8>,
    /// Points for track record and load, the same for every coachee.
    pub(super) merit: Vec<u8>,
    /// Position of the province.
    pub(super) province: Vec<u16>,
}

impl Traits {
    /// Works them out.
    pub fn new(ground: &Ground, coaches: &Coaches) -> Self {
        let (c, points) = (coaches, &ground.points);
        let all = 0..c.len();
        let corporate = |j: usize| if c.source[j] == CoachSource::Corporate { CORPORATE } else { 0 };
        let merit = |j: usize| points.record(c.shrunk_rating[j]) + points.load(c.free[j], c.capacity[j]);
        Self {
            is_open: all.clone().map(|j| c.verified[j] && c.accepting[j] && c.places[j] > 0).collect(),
            standing: all.clone().map(|j| c.seniority[j] + corporate(j)).collect(),
            merit: all.clone().map(merit).collect(),
            province: all.map(|j| ground.province(c.regency[j])).collect(),
        }
    }

    /// The open coaches, ascending.
    pub fn open(&self) -> Vec<u32> {
        (0u32..).zip(&self.is_open).filter(|(_, is_open)| **is_open).map(|(coach, _)| coach).collect()
    }
}
