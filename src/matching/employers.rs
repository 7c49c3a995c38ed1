//! Agencies and units as numbers, so that comparing them is comparing integers.

use std::collections::HashMap;

use super::columns::NONE;
use crate::domain::AgencyCode;
use crate::domain::records::CoachRecord;

/// Numbers for agencies and units. A number, once given, stays; so whoever has read some may
/// go on comparing them while others are added.
#[derive(Debug, Default)]
pub(super) struct Employers {
    agencies: HashMap<AgencyCode, Agency>,
    units: u32,
}

#[derive(Debug)]
struct Agency {
    number: u32,
    units: HashMap<String, u32>,
}

impl Employers {
    /// Gives numbers to an agency and a unit of it, unless they have some.
    pub fn add(&mut self, agency: &AgencyCode, unit: Option<&str>) {
        if !self.agencies.contains_key(agency.as_str()) {
            let number = self.agencies.len() as u32;
            self.agencies.insert(agency.clone(), Agency { number, units: HashMap::new() });
        }
        let (Some(agency), Some(unit)) = (self.agencies.get_mut(agency.as_str()), unit) else { return };
        if !agency.units.contains_key(unit) {
            agency.units.insert(unit.to_owned(), self.units);
            self.units += 1;
        }
    }

    /// Gives numbers to all that a coach's record names.
    pub fn add_those_of(&mut self, coach: &CoachRecord) {
        self.add(&coach.agency, coach.unit.as_deref());
        coach.conflicts.iter().for_each(|agency| self.add(agency, None));
    }

    /// The number of an agency, or [`NONE`].
    pub fn agency(&self, code: &AgencyCode) -> u32 {
        self.agencies.get(code.as_str()).map_or(NONE, |agency| agency.number)
    }

    /// The number of a unit of an agency, or [`NONE`].
    pub fn unit(&self, agency: &AgencyCode, unit: Option<&str>) -> u32 {
        let numbers = self.agencies.get(agency.as_str()).map(|agency| &agency.units);
        numbers.zip(unit).and_then(|(numbers, unit)| numbers.get(unit).copied()).unwrap_or(NONE)
    }
}
