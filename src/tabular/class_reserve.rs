//! A reserve over scores of one's own: their coachees have classes, but no regions.

use serde::{Deserialize, Serialize};

use super::scores::Scores;
use crate::matching::Reserve;

/// A share of all places that goes to coachees of high class first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassReserve {
    /// The least class of those for whom the places are.
    pub class: u32,
    /// The share of the places in per cent, 1 to 100.
    pub percent: u8,
}

impl ClassReserve {
    /// The scores with the places reserved. Coaches' shares are rounded in the order of their ids.
    pub fn apply(self, scores: Scores) -> Scores {
        let instance = &scores.instance;
        let members = (0..instance.coachees() as u32).map(|c| instance.priority(c).class >= self.class).collect();
        let coaches = 0..instance.coaches() as u32;
        let places: Vec<u32> = coaches.clone().map(|coach| instance.capacity(coach)).collect();
        let reserve = Reserve::new(members, &places, self.percent, coaches);
        Scores { instance: scores.instance.reserving(Some(reserve)), ..scores }
    }
}
