//! What a scan takes from reference and policy, the same for all coaches and coachees.

use super::kernel::{self, Kernel};
use super::tables::PolicyTables;
use crate::domain::{Policy, Reach, Reference};
use crate::matching::score::PointTable;

/// What a scan takes from reference and policy.
pub(in crate::matching) struct Ground {
    pub(super) kernel: Kernel,
    pub(super) points: PointTable,
    pub(super) tables: PolicyTables,
    pub(super) in_person_within: Reach,
    /// How many fields of work there are.
    pub(super) fields: usize,
    /// How far each province is from each.
    pub(super) province_reach: Vec<Vec<Reach>>,
    /// Position of the province of each regency.
    province: Vec<u16>,
    /// Position of the first regency of each province.
    first_regency: Vec<u16>,
}

/// The number within a province that stands for more than one regency.
pub(super) const SHARED_REGENCY: u8 = u8::MAX;

impl Ground {
    /// For the fastest kernel that this processor can run.
    pub fn new(reference: &Reference, policy: &Policy) -> Self {
        let points = PointTable::new(&policy.weights);
        let province: Vec<u16> =
            (0..reference.regencies().len() as u16).map(|regency| reference.province_of(regency)).collect();
        // Regencies stand in the order of their provinces.
        let first = |at: usize| province.partition_point(|&of| usize::from(of) < at) as u16;
        let first_regency = (0..reference.provinces().len()).map(first).collect();
        Self {
            kernel: kernel::fastest(),
            tables: PolicyTables::new(&points, &policy.rules),
            in_person_within: policy.rules.in_person_within,
            fields: reference.fields().len(),
            province_reach: province_reach(reference),
            province,
            first_regency,
            points,
        }
    }

    /// How many provinces there are.
    pub(super) fn provinces(&self) -> usize {
        self.province_reach.len()
    }

    /// Position of the province of a regency.
    pub(super) fn province(&self, regency: u16) -> u16 {
        self.province[usize::from(regency)]
    }

    /// Number of a regency within its province; all beyond the last number share it.
    pub(super) fn local_regency(&self, regency: u16) -> u8 {
        let first = self.first_regency[usize::from(self.province(regency))];
        u8::try_from(regency - first).unwrap_or(SHARED_REGENCY)
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
