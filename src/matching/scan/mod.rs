//! The fast way to score one coachee against many coaches: what depends on the coachee is
//! worked out once into small tables, what depends on the coach is read from columns, 32
//! coaches at a time, and whole groups of coaches are left out when their bound shows that
//! none of them can matter. Agrees with [`score`](super::score) on every pair; property tests
//! hold the two together.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod kernel;
mod lists;
mod pool;
mod query;
mod sweep;
mod tables;
mod tolls;
mod top;

pub use lists::Lists;
pub use query::Query;
pub use tolls::{Floors, Prices};

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use self::kernel::Kernel;
use self::pool::{Pool, Traits, first_regencies};
use self::tables::{CORPORATE, PolicyTables};
use super::columns::{Cohort, NONE};
use super::score::PointTable;
use crate::domain::{CoachKind, CoachSource, OptOuts, Reach, Reference};

/// All coaches of a cohort, ready to be scanned again and again.
pub struct Scanner<'a> {
    cohort: &'a Cohort,
    points: PointTable,
    tables: PolicyTables,
    kernel: Kernel,
    /// Coaches who are verified, accepting and have a free place, ascending.
    open: Vec<u32>,
    pool: Pool,
    /// Per coach: whether open.
    is_open: Vec<bool>,
    /// Per coach: seniority, plus [`CORPORATE`].
    standing: Vec<u8>,
    /// Per coach: points for track record and load, the same for every coachee.
    merit: Vec<u8>,
    /// Per coach: position of the province.
    province: Vec<u16>,
    /// How far each province is from each.
    province_reach: Vec<Vec<Reach>>,
    /// Position of the first regency of each province.
    first_regency: Vec<u16>,
    /// Open alumni by employer, for the agencies that will have no others.
    colleagues: HashMap<u32, Vec<u32>>,
    /// Coachees in an order in which neighbours resemble each other, once it was asked for.
    likeness: OnceLock<Vec<u32>>,
}

/// A coach on somebody's list: the score, then the tie-break, then the coach, packed so that
/// comparing the numbers compares the preference; the greater is the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate(u64);

impl Candidate {
    fn new(score: u8, tie: u64, coach: u32) -> Self {
        Self(u64::from(score) << 56 | (tie >> 40) << 32 | u64::from(coach))
    }

    /// The coach.
    pub fn coach(self) -> u32 {
        self.0 as u32
    }

    /// The score, 1 to 255.
    pub fn score(self) -> u8 {
        (self.0 >> 56) as u8
    }
}

impl<'a> Scanner<'a> {
    /// Prepares the coaches of a cohort, for the fastest kernel that this processor can run.
    pub fn new(cohort: &'a Cohort) -> Self {
        Self::with_kernel(cohort, kernel::fastest())
    }

    /// The same with the kernel for every processor, to compare results and speeds.
    pub fn portable(cohort: &'a Cohort) -> Self {
        Self::with_kernel(cohort, kernel::portable)
    }

    fn with_kernel(cohort: &'a Cohort, kernel: Kernel) -> Self {
        let c = &cohort.coaches;
        let points = PointTable::new(&cohort.policy.weights);
        let all = 0..c.len();
        let corporate = |j: usize| if c.source[j] == CoachSource::Corporate { CORPORATE } else { 0 };
        let is_open: Vec<bool> = all.clone().map(|j| c.verified[j] && c.accepting[j] && c.free[j] > 0).collect();
        let open: Vec<u32> = (0..c.len() as u32).filter(|&j| is_open[j as usize]).collect();
        let standing: Vec<u8> = all.clone().map(|j| c.seniority[j] + corporate(j)).collect();
        let merit = |j: usize| points.record(c.shrunk_rating[j]) + points.load(c.free[j], c.capacity[j]);
        let merit: Vec<u8> = all.clone().map(merit).collect();
        let province: Vec<u16> = all.map(|j| cohort.reference.province_of(c.regency[j])).collect();
        let province_reach = province_reach(&cohort.reference);
        let tables = PolicyTables::new(&points, &cohort.policy.rules);
        let traits =
            Traits { standing: &standing, merit: &merit, province: &province, province_reach: &province_reach };
        Self {
            pool: Pool::new(cohort, &open, &traits, &tables.standing),
            colleagues: colleagues(cohort, &open),
            first_regency: first_regencies(&cohort.reference),
            cohort,
            points,
            tables,
            kernel,
            open,
            is_open,
            standing,
            merit,
            province,
            province_reach,
            likeness: OnceLock::new(),
        }
    }

    /// Coaches who could be given somebody at all, ascending.
    pub fn open(&self) -> &[u32] {
        &self.open
    }

    /// Whether a coach could be given somebody at all.
    pub fn is_open(&self, coach: u32) -> bool {
        self.is_open[coach as usize]
    }

    /// Prepares one coachee.
    pub fn query(&self, coachee: usize) -> Query<'_> {
        Query::new(self, coachee)
    }
}

/// How far each province is from each, by position.
fn province_reach(reference: &Reference) -> Vec<Vec<Reach>> {
    let provinces = reference.provinces();
    let reach = |from: usize, to: usize| {
        let (here, there) = (&provinces[from], &provinces[to]);
        match from == to {
            true => Reach::Province,
            false if here.island_group == there.island_group => Reach::IslandGroup,
            false if here.zone == there.zone => Reach::Zone,
            false => Reach::Country,
        }
    };
    let all = 0..provinces.len();
    all.clone().map(|from| all.clone().map(|to| reach(from, to)).collect()).collect()
}

/// Open alumni by employer, of the agencies that have opted out of those of others.
fn colleagues(cohort: &Cohort, open: &[u32]) -> HashMap<u32, Vec<u32>> {
    let (c, e) = (&cohort.coaches, &cohort.coachees);
    let external = OptOuts::NONE.with(CoachKind::External).bits();
    let alone: HashSet<u32> =
        e.agency.iter().zip(&e.opt_outs).filter(|(_, opt_outs)| **opt_outs & external != 0).map(|(&a, _)| a).collect();
    let mut colleagues: HashMap<u32, Vec<u32>> = HashMap::new();
    for &coach in open {
        let agency = c.agency[coach as usize];
        if agency != NONE && c.source[coach as usize] != CoachSource::Corporate && alone.contains(&agency) {
            colleagues.entry(agency).or_default().push(coach);
        }
    }
    colleagues
}
