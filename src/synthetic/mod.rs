//! Invents a realistic national population of coachees and coaches.
//!
//! Shares come from published figures where there are any ([`Figures`]) and are invented
//! where there are none; `docs/synthetic.md` says which is which. Nobody in it exists.
//!
//! Every person has a random stream of their own, numbered by what they are and which.
//! So the first people of a small population are those of a large one, all cores can work
//! at once, and the same seed gives the same records on any number of threads.
#![deny(missing_docs)]

mod coachees;
mod coaches;
mod companies;
mod draw;
mod figures;
mod identities;
mod levels;
mod names;
mod personal;
mod places;
mod positions;
mod requirements;
mod standings;
mod titles;

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use rayon::prelude::*;

pub use figures::Figures;

use crate::domain::records::{
    AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, CohortRecords, RequirementRecord,
};
use crate::domain::{FieldCode, Reference};

/// People invented at a time; enough to keep all cores busy, few enough to hold in memory.
const CHUNK: u64 = 4096;

/// Why no population can be invented.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyntheticError {
    /// A file of figures or names that ships with the program is damaged.
    #[error("figures: {0}")]
    Figures(String),
    /// The reference data lacks something that people need.
    #[error("reference data: {0}")]
    Reference(String),
    /// More people than there are numbers that nobody has.
    #[error("expected at most {most} {what}: identity numbers that nobody has do not reach further")]
    TooMany {
        /// `coachees` or `coaches`.
        what: &'static str,
        /// The most.
        most: u64,
    },
    /// A day outside the years in which the programmes exist.
    #[error("expected a day from 2020 to 2099")]
    Day,
}

/// A coachee with everything known about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticCoachee {
    /// The person and the wish for a coach.
    pub record: CoacheeRecord,
    /// Their assessments, none for a few people.
    pub assessments: Vec<AssessmentRecord>,
    /// Required levels of their own, for very few.
    pub requirement: Option<RequirementRecord>,
}

/// A population: nothing but its plan, people are invented when asked for.
#[derive(Debug)]
pub struct Population<'a> {
    reference: &'a Reference,
    as_of: NaiveDate,
    coachees: u64,
    coaches: u64,
    streams: draw::Streams,
    numbers: identities::Numbers,
    standings: standings::Standings,
    places: places::Places,
    names: names::Names,
    quality: levels::Quality,
    companies: companies::Companies,
    remote: Vec<bool>,
    alumni: HashMap<String, Vec<Colleague>>,
}

/// An alumnus as colleagues know them.
#[derive(Debug, Clone, Copy)]
struct Colleague {
    index: u64,
    seniority: u8,
}

impl<'a> Population<'a> {
    /// Plans a population of so many coachees and coaches as it stands on a day.
    ///
    /// # Errors
    /// When there are more people than numbers, when the day is out of range, or when
    /// reference data or figures lack something.
    pub fn new(
        reference: &'a Reference,
        seed: u64,
        as_of: NaiveDate,
        coachees: u64,
        coaches: u64,
    ) -> Result<Self, SyntheticError> {
        for (what, wanted, most) in
            [("coachees", coachees, identities::COACHEES.room()), ("coaches", coaches, identities::COACHES.room())]
        {
            if wanted > most {
                return Err(SyntheticError::TooMany { what, most });
            }
        }
        if !(2020..=2099).contains(&as_of.year()) {
            return Err(SyntheticError::Day);
        }
        let figures = Figures::shipped()?;
        let streams = draw::Streams::new(seed);
        let places = places::Places::new(reference, &figures)?;
        let mut population = Self {
            reference,
            as_of,
            coachees,
            coaches,
            numbers: identities::Numbers::new(seed, as_of),
            standings: standings::Standings::new(&figures),
            names: names::Names::shipped()?,
            quality: levels::Quality::new(reference, &figures, &streams),
            companies: companies::Companies::new(reference, &places, &streams),
            remote: reference.remote_on(as_of),
            alumni: HashMap::new(),
            places,
            streams,
        };
        population.alumni = population.find_alumni();
        Ok(population)
    }

    /// How many coachees there are.
    pub fn coachee_count(&self) -> u64 {
        self.coachees
    }

    /// How many coaches there are.
    pub fn coach_count(&self) -> u64 {
        self.coaches
    }

    /// The coachee at an index from 0, none beyond the last.
    pub fn coachee(&self, index: u64) -> Option<SyntheticCoachee> {
        if index < self.coachees { coachees::coachee(self, index) } else { None }
    }

    /// The coach at an index from 0, none beyond the last.
    pub fn coach(&self, index: u64) -> Option<CoachRecord> {
        if index < self.coaches { coaches::coach(self, index) } else { None }
    }

    /// All coachees in order. They are invented on all cores, a chunk at a time.
    pub fn coachees(&self) -> impl Iterator<Item = SyntheticCoachee> + '_ {
        in_chunks(self.coachees, |index| self.coachee(index))
    }

    /// All coaches in order. They are invented on all cores, a chunk at a time.
    pub fn coaches(&self) -> impl Iterator<Item = CoachRecord> + '_ {
        in_chunks(self.coaches, |index| self.coach(index))
    }

    /// The companies, and the agencies that have opted out of some kinds of coaches.
    pub fn agencies(&self) -> Vec<AgencyRecord> {
        companies::opting_out(self.reference).chain(self.companies.records()).collect()
    }

    /// The required levels of tiers and positions; those of persons come with the coachees.
    pub fn general_requirements(&self) -> Vec<RequirementRecord> {
        requirements::general(self.reference, &self.streams)
    }

    /// The whole population in memory.
    pub fn records(&self) -> CohortRecords {
        let mut records = CohortRecords {
            agencies: self.agencies(),
            requirements: self.general_requirements(),
            coaches: self.coaches().collect(),
            ..CohortRecords::default()
        };
        for coachee in self.coachees() {
            records.coachees.push(coachee.record);
            records.assessments.extend(coachee.assessments);
            records.requirements.extend(coachee.requirement);
        }
        records
    }

    /// Which alumni work for which agency: the only thing that is kept of all coaches.
    fn find_alumni(&self) -> HashMap<String, Vec<Colleague>> {
        let posts: Vec<Option<coaches::Post>> =
            (0..self.coaches).into_par_iter().map(|index| coaches::post(self, index)).collect();
        let mut alumni: HashMap<String, Vec<Colleague>> = HashMap::new();
        for (index, post) in posts.into_iter().enumerate() {
            let Some((place, tier)) = post.and_then(|post| Some((post.place?, post.tier?))) else { continue };
            let agency = self.reference.agencies()[usize::from(place.agency)].code.as_str();
            let colleague = Colleague { index: index as u64, seniority: tier.seniority() };
            alumni.entry(agency.to_owned()).or_default().push(colleague);
        }
        alumni
    }

    fn alumni_of(&self, agency: &str) -> &[Colleague] {
        self.alumni.get(agency).map_or(&[], Vec::as_slice)
    }

    fn any_coach(&self, draw: &mut draw::Draw) -> Option<u64> {
        (self.coaches > 0).then(|| draw.index(self.coaches))
    }

    fn any_coachee(&self, draw: &mut draw::Draw) -> Option<u64> {
        (self.coachees > 0).then(|| draw.index(self.coachees))
    }
}

fn in_chunks<T: Send>(count: u64, invent: impl Fn(u64) -> Option<T> + Sync) -> impl Iterator<Item = T> {
    (0..count.div_ceil(CHUNK)).flat_map(move |chunk| {
        let indices = chunk * CHUNK..((chunk + 1) * CHUNK).min(count);
        indices.into_par_iter().filter_map(&invent).collect::<Vec<T>>()
    })
}

fn field_code(field: &str) -> Option<FieldCode> {
    FieldCode::new(field).ok()
}
