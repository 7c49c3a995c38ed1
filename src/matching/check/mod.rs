//! Scores for whoever checks a run over every pair and trusts nothing that the solver uses.
//!
//! What a rule or a component asks of the coach alone, or of the coach and one property of the
//! coachee, is worked out once into columns; the rest is added up for a row of coaches at a time,
//! column by column, in a way that the compiler turns into vectors. Coaches who have more to do
//! with the coachee (an employer, a unit, a choice, a conflict) are then looked at one by one.
//! Agrees with the [definition](super::score) on every pair.

mod asked;
mod pairs;
mod row;

pub use pairs::PlainPairs;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use self::asked::Asked;
use super::columns::{Cohort, NONE};
use super::score::PointTable;
use crate::domain::{CoachSource, Reach};

/// All coaches of a cohort, ready to be scored for one coachee after the other.
struct Desk<'a> {
    cohort: &'a Cohort,
    points: PointTable,
    /// Per seniority of a coachee and coach: the points that depend on nothing else.
    ground: Vec<Vec<u8>>,
    /// Per seniority of a coachee and coach: [`YES`] when the coach is open to somebody so senior.
    open: Vec<Vec<u8>>,
    /// [`YES`] for corporate leaders.
    corporate: Vec<u8>,
    /// Per province of a coachee and coach: the ways of meeting, and [`SERVES`].
    meets: Vec<OnceLock<Vec<u8>>>,
    /// The coaches of each province, in the order of coaches.
    provinces: Vec<Province>,
    employees: HashMap<u32, Vec<u32>>,
    units: HashMap<u32, Vec<u32>>,
}

/// The coaches of one province.
struct Province {
    /// A regency in it.
    regency: u16,
    coaches: Range<usize>,
}

/// All bits set; nothing set means no.
const YES: u8 = u8::MAX;
/// Added to ways of meeting when the coach serves the coachee's province.
const SERVES: u8 = 4;
/// Ways of meeting, with and without [`SERVES`].
const MEETINGS: usize = 8;
/// Seniorities of tiers, with 0 for an unknown one.
const SENIORITIES: u8 = 8;

fn mask(condition: bool) -> u8 {
    u8::from(condition).wrapping_neg()
}

impl<'a> Desk<'a> {
    /// Prepares the coaches of a cohort.
    fn new(cohort: &'a Cohort) -> Self {
        let c = &cohort.coaches;
        let points = PointTable::new(&cohort.policy.weights);
        let column = |value: &dyn Fn(usize) -> u8| -> Vec<u8> { (0..c.len()).map(value).collect() };
        let corporate = |j: usize| c.source[j] == CoachSource::Corporate;
        let is_open = |j: usize| c.verified[j] && c.accepting[j] && c.places[j] > 0;
        let is_senior = |j: usize, own: u8| corporate(j) || !cohort.policy.rules.senior_alumni || c.seniority[j] >= own;
        let tier = |j: usize, own: u8| match c.seniority[j] {
            0 => points.tier_unknown,
            seniority => points.tier_steps[usize::from(seniority.saturating_sub(own)).min(6)],
        };
        let always = |j: usize| points.record(c.shrunk_rating[j]) + points.load(c.free[j], c.capacity[j]);
        let per_seniority = |value: &dyn Fn(usize, u8) -> u8| -> Vec<Vec<u8>> {
            (0..SENIORITIES).map(|own| column(&|j| value(j, own))).collect()
        };
        Self {
            ground: per_seniority(&|j, own| tier(j, own) + always(j)),
            open: per_seniority(&|j, own| mask(is_open(j) && is_senior(j, own))),
            corporate: column(&|j| mask(corporate(j))),
            meets: cohort.reference.provinces().iter().map(|_| OnceLock::new()).collect(),
            provinces: provinces(cohort),
            employees: groups(&c.agency),
            units: groups(&c.unit),
            points,
            cohort,
        }
    }

    fn coaches(&self) -> usize {
        self.cohort.coaches.len()
    }

    /// Whether a coach could be given anybody at all.
    fn is_open(&self, coach: u32) -> bool {
        // Nobody is less senior than that.
        self.open[0][coach as usize] == YES
    }

    fn meets(&self, province: u16) -> &[u8] {
        let c = &self.cohort.coaches;
        let meets = |j: usize| c.modes[j] | if c.served[j] >> province & 1 == 1 { SERVES } else { 0 };
        self.meets[usize::from(province)].get_or_init(|| (0..c.len()).map(meets).collect())
    }

    /// The coaches by how far they are from a regency: ranges that together hold all of them.
    fn stretches(&self, regency: u16) -> Vec<(Reach, Range<usize>)> {
        let reference = &self.cohort.reference;
        let mut stretches = Vec::with_capacity(self.provinces.len() + 2);
        for Province { regency: other, coaches } in &self.provinces {
            if reference.province_of(*other) != reference.province_of(regency) {
                stretches.push((reference.reach(regency, *other), coaches.clone()));
                continue;
            }
            let regencies = &self.cohort.coaches.regency[coaches.clone()];
            let first = coaches.start + regencies.partition_point(|&other| other < regency);
            let end = coaches.start + regencies.partition_point(|&other| other <= regency);
            stretches.extend([
                (Reach::Province, coaches.start..first),
                (Reach::Regency, first..end),
                (Reach::Province, end..coaches.end),
            ]);
        }
        stretches
    }
}

/// Regencies stand by province, and coaches by regency.
fn provinces(cohort: &Cohort) -> Vec<Province> {
    let (reference, regencies) = (&cohort.reference, &cohort.coaches.regency);
    let mut start = 0;
    let of_province = regencies.chunk_by(|&a, &b| reference.province_of(a) == reference.province_of(b));
    let province = |regencies: &[u16]| {
        let coaches = start..start + regencies.len();
        start = coaches.end;
        Province { regency: regencies[0], coaches }
    };
    of_province.map(province).collect()
}

/// The coaches by a number of theirs, but for those who have none.
fn groups(numbers: &[u32]) -> HashMap<u32, Vec<u32>> {
    let mut groups: HashMap<u32, Vec<u32>> = HashMap::new();
    for (coach, &number) in (0..).zip(numbers).filter(|(_, number)| **number != NONE) {
        groups.entry(number).or_default().push(coach);
    }
    groups
}
