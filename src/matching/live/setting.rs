//! What a pool is made for, the same as long as it lives.

use parking_lot::RwLock;

use crate::domain::records::CoachRecord;
use crate::domain::{Policy, Reference};
use crate::matching::coach_row::CoachRow;
use crate::matching::columns::UnknownReference;
use crate::matching::employers::Employers;
use crate::matching::scan::Ground;

/// What a pool is made for, the same as long as it lives; only numbers for new employers are added.
pub(super) struct Setting {
    pub reference: Reference,
    pub policy: Policy,
    pub ground: Ground,
    seed: u64,
    /// Numbers keep their meaning and those of a coach are there before the coach is. So
    /// whoever has a snapshot may look up numbers in it at any later time: an employer without
    /// one has no coach there.
    pub employers: RwLock<Employers>,
}

impl Setting {
    pub fn new(reference: Reference, policy: Policy, seed: u64) -> Self {
        let ground = Ground::new(&reference, &policy);
        Self { reference, policy, ground, seed, employers: RwLock::default() }
    }

    /// A coach as columns will say it.
    pub fn row(&self, coach: &CoachRecord) -> Result<CoachRow, UnknownReference> {
        self.employers.write().add_those_of(coach);
        CoachRow::new(coach, &self.reference, &self.employers.read(), self.seed)
    }

    /// How many competencies there are.
    pub fn competencies(&self) -> usize {
        self.reference.competencies().len()
    }
}
