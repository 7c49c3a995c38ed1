//! A cohort from columns that were kept, as when an earlier run is asked about.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::build::reserve_of;
use super::columns::{Coachees, Coaches, Cohort};
use super::lottery;
use crate::domain::{Policy, Reference};

impl Cohort {
    /// Puts columns together again. What follows from the others is worked out: places that can be given
    /// away, lottery numbers, tie keys, the reserve, and which pairs are forbidden.
    pub fn restore(
        policy: Policy,
        as_of: NaiveDate,
        seed: u64,
        reference: Reference,
        mut coaches: Coaches,
        mut coachees: Coachees,
    ) -> Self {
        coaches.places = coaches.free.clone();
        coaches.tie_key = coaches.code.iter().map(|code| lottery::ticket(seed, code.as_str())).collect();
        coachees.lottery = coachees.code.iter().map(|code| lottery::ticket(seed, code.as_str())).collect();
        let mut forbidden = Vec::new();
        for (coachee, relations) in (0u32..).zip(&coachees.relations) {
            forbidden.extend(relations.iter().filter(|(_, known)| known.forbidden).map(|&(coach, _)| (coachee, coach)));
        }
        Self {
            reserve: reserve_of(&policy, &reference, &coaches, &coachees),
            policy,
            as_of,
            seed,
            reference,
            coaches,
            coachees,
            kept: Vec::new(),
            kept_focus: HashMap::new(),
            accepted: HashSet::new(),
            forbidden,
        }
    }
}
