//! One coach on the way from record to columns, and from columns to others.

use rayon::prelude::*;

use super::build::{field_number, known};
use super::columns::{Coaches, NO_FIELD, UnknownReference};
use super::employers::Employers;
use super::lottery;
use crate::domain::records::CoachRecord;
use crate::domain::{CoachSource, PersonCode, Reference, Verification};

/// What the columns say about one coach, in their terms.
#[derive(Debug, Clone)]
pub(super) struct CoachRow {
    pub code: PersonCode,
    /// By competency.
    pub levels: Box<[u8]>,
    pub source: CoachSource,
    pub verified: bool,
    pub accepting: bool,
    pub capacity: u16,
    pub free: u16,
    pub tier: u8,
    pub seniority: u8,
    pub field: u8,
    pub regency: u16,
    pub served: u64,
    pub modes: u8,
    pub languages: u8,
    pub agency: u32,
    pub unit: u32,
    pub rating: u16,
    pub completed: u16,
    pub tie_key: u64,
    /// Agencies with a declared conflict of interest.
    pub conflicts: Vec<u32>,
}

impl CoachRow {
    /// Reads a record. The employers that it names must have their numbers.
    pub fn new(
        r: &CoachRecord,
        reference: &Reference,
        employers: &Employers,
        seed: u64,
    ) -> Result<Self, UnknownReference> {
        let mut levels = vec![0; reference.competencies().len()];
        for (competency, level) in &r.strengths {
            let found = reference.competency(competency.as_str());
            levels[usize::from(known(found, &r.code, "competency", competency)?)] = level.get();
        }
        let mut served = 0;
        for province in &r.regions_served {
            served |= 1 << known(reference.province(province.as_str()), &r.code, "province", province)?;
        }
        Ok(Self {
            code: r.code.clone(),
            levels: levels.into(),
            source: r.source,
            verified: r.verification == Verification::Verified,
            accepting: r.accepting,
            capacity: r.capacity,
            free: r.capacity.saturating_sub(r.load),
            tier: r.tier.map_or(NO_FIELD, |t| t as u8),
            seniority: r.tier.map_or(0, |t| t.seniority()),
            field: field_number(reference, &r.code, r.field.as_ref())?,
            regency: known(reference.regency(r.regency.as_str()), &r.code, "regency", &r.regency)?,
            served,
            modes: r.modes.bits(),
            languages: r.languages.bits(),
            agency: employers.agency(&r.agency),
            unit: employers.unit(&r.agency, r.unit.as_deref()),
            rating: r.rating.unwrap_or(0),
            completed: r.completed_pairs,
            tie_key: lottery::ticket(seed, r.code.as_str()),
            conflicts: r.conflicts.iter().map(|agency| employers.agency(agency)).collect(),
        })
    }
}

/// Completed pairs that weigh as much as the mean of all: a coach with one happy coachee
/// does not stand before one with twenty.
const SHRINK: u32 = 5;
/// Assumed mean rating, in hundredths, while no coach has been rated.
const UNRATED_MEAN: u16 = 400;

/// The ratings of all coaches together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ratings {
    sum: u64,
    pairs: u64,
}

impl Ratings {
    /// Those of some coaches.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a CoachRow>) -> Self {
        let mut ratings = Self::default();
        rows.into_iter().for_each(|row| ratings.add(row));
        ratings
    }

    /// Counts a coach.
    pub fn add(&mut self, row: &CoachRow) {
        let pairs = rated_pairs(row.rating, row.completed);
        self.sum += u64::from(pairs) * u64::from(row.rating);
        self.pairs += u64::from(pairs);
    }

    /// Counts a coach no longer.
    pub fn remove(&mut self, row: &CoachRow) {
        let pairs = rated_pairs(row.rating, row.completed);
        self.sum -= u64::from(pairs) * u64::from(row.rating);
        self.pairs -= u64::from(pairs);
    }

    /// The mean rating of a pair, in hundredths.
    pub fn mean(&self) -> u16 {
        self.sum.checked_div(self.pairs).map_or(UNRATED_MEAN, |mean| mean as u16)
    }
}

fn rated_pairs(rating: u16, completed: u16) -> u32 {
    if rating == 0 { 0 } else { u32::from(completed) }
}

/// A coach's mean rating, 0 for none, shrunk towards the mean of all. All in hundredths.
fn shrunk_rating(rating: u16, completed: u16, mean: u16) -> u16 {
    let pairs = rated_pairs(rating, completed);
    ((pairs * u32::from(rating) + SHRINK * u32::from(mean)) / (pairs + SHRINK)) as u16
}

impl Coaches {
    /// The columns of some coaches, in their order. `mean` is the mean rating of all.
    pub(super) fn from_rows<'a>(rows: impl IntoIterator<Item = &'a CoachRow>, competencies: usize, mean: u16) -> Self {
        let mut columns = Self { levels: vec![Vec::new(); competencies], ..Self::default() };
        rows.into_iter().for_each(|row| columns.push(row, mean));
        columns
    }

    fn push(&mut self, row: &CoachRow, mean: u16) {
        let at = self.len() as u32;
        self.code.push(row.code.clone());
        self.levels.iter_mut().zip(&row.levels).for_each(|(column, &level)| column.push(level));
        self.source.push(row.source);
        self.verified.push(row.verified);
        self.accepting.push(row.accepting);
        self.capacity.push(row.capacity);
        self.free.push(row.free);
        self.places.push(row.free);
        self.tier.push(row.tier);
        self.seniority.push(row.seniority);
        self.field.push(row.field);
        self.regency.push(row.regency);
        self.served.push(row.served);
        self.modes.push(row.modes);
        self.languages.push(row.languages);
        self.agency.push(row.agency);
        self.unit.push(row.unit);
        self.rating.push(row.rating);
        self.completed.push(row.completed);
        self.shrunk_rating.push(shrunk_rating(row.rating, row.completed, mean));
        self.tie_key.push(row.tie_key);
        for &agency in &row.conflicts {
            self.conflicts.entry(agency).or_default().push(at);
        }
    }

    /// One of them as a row.
    pub(super) fn row(&self, at: usize) -> CoachRow {
        let coach = at as u32;
        let declared = self.conflicts.iter().filter(|(_, coaches)| coaches.binary_search(&coach).is_ok());
        CoachRow { conflicts: declared.map(|(&agency, _)| agency).collect(), ..self.row_without_conflicts(at) }
    }

    /// All of them as rows.
    pub(super) fn rows(&self) -> Vec<CoachRow> {
        let mut rows: Vec<CoachRow> =
            (0..self.len()).into_par_iter().map(|at| self.row_without_conflicts(at)).collect();
        for (&agency, coaches) in &self.conflicts {
            coaches.iter().for_each(|&coach| rows[coach as usize].conflicts.push(agency));
        }
        rows
    }

    fn row_without_conflicts(&self, at: usize) -> CoachRow {
        CoachRow {
            code: self.code[at].clone(),
            levels: self.levels.iter().map(|column| column[at]).collect(),
            source: self.source[at],
            verified: self.verified[at],
            accepting: self.accepting[at],
            capacity: self.capacity[at],
            free: self.free[at],
            tier: self.tier[at],
            seniority: self.seniority[at],
            field: self.field[at],
            regency: self.regency[at],
            served: self.served[at],
            modes: self.modes[at],
            languages: self.languages[at],
            agency: self.agency[at],
            unit: self.unit[at],
            rating: self.rating[at],
            completed: self.completed[at],
            tie_key: self.tie_key[at],
            conflicts: Vec::new(),
        }
    }
}
