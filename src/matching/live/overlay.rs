//! The coaches who have changed since the base was built, as readers see them.

use super::base::Base;
use super::ledger::Ledger;
use super::setting::Setting;
use crate::domain::PersonCode;
use crate::matching::columns::Coaches;
use crate::matching::scan::Traits;

/// Coaches in columns, by code, and whom of the base they replace.
pub(super) struct Overlay {
    pub coaches: Coaches,
    pub traits: Traits,
    pub open: Vec<u32>,
    /// A bit for each coach of the base.
    masked: Vec<u64>,
}

impl Overlay {
    /// What the ledger says beyond a base.
    pub fn new(setting: &Setting, base: &Base, ledger: &Ledger) -> Self {
        let rows = ledger.changed.values().filter_map(|changed| changed.row.as_ref());
        let coaches = Coaches::from_rows(rows, setting.competencies(), base.ratings.mean());
        let traits = Traits::new(&setting.ground, &coaches);
        let mut masked = vec![0; base.coaches.len().div_ceil(64)];
        for at in ledger.changed.values().filter_map(|changed| changed.masked) {
            masked[at as usize / 64] |= 1 << (at % 64);
        }
        Self { open: traits.open(), coaches, traits, masked }
    }

    /// Whether a coach of the base has changed or is gone.
    pub fn masks(&self, at: u32) -> bool {
        self.masked[at as usize / 64] >> (at % 64) & 1 == 1
    }

    /// The position of a coach.
    pub fn place(&self, coach: &PersonCode) -> Option<u32> {
        self.coaches.code.binary_search(coach).ok().map(|at| at as u32)
    }
}
