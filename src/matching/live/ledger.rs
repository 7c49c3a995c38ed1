//! Who has changed since the base was built.

use std::collections::BTreeMap;

use super::base::Base;
use crate::domain::PersonCode;
use crate::matching::coach_row::{CoachRow, Ratings};

/// Who has changed since the base was built.
pub(super) struct Ledger {
    /// By code.
    pub changed: BTreeMap<PersonCode, Changed>,
    /// Those of all coaches, as they are now.
    pub ratings: Ratings,
    /// How often something was entered.
    pub batch: u64,
}

/// A coach who has changed.
pub(super) struct Changed {
    /// As the coach is now; none who is gone. One who is in no base either is kept all the
    /// same: a base that is being built may have the coach.
    pub row: Option<CoachRow>,
    /// The position in the base, of a coach who is there.
    pub masked: Option<u32>,
    /// When it was entered.
    batch: u64,
}

impl Ledger {
    /// Nobody has changed.
    pub fn new(ratings: Ratings) -> Self {
        Self { changed: BTreeMap::new(), ratings, batch: 0 }
    }

    /// How many have changed.
    pub fn len(&self) -> usize {
        self.changed.len()
    }

    /// A coach as of now.
    pub fn row(&self, coach: &PersonCode, base: &Base) -> Option<CoachRow> {
        match self.changed.get(coach) {
            Some(changed) => changed.row.clone(),
            None => base.place(coach).map(|at| base.coaches.row(at as usize)),
        }
    }

    /// Enters what has become of some coaches.
    pub fn enter<'a>(&mut self, coaches: impl IntoIterator<Item = (&'a PersonCode, Option<CoachRow>)>, base: &Base) {
        self.batch += 1;
        for (coach, row) in coaches {
            self.row(coach, base).iter().for_each(|row| self.ratings.remove(row));
            row.iter().for_each(|row| self.ratings.add(row));
            let changed = Changed { row, masked: base.place(coach), batch: self.batch };
            self.changed.insert(coach.clone(), changed);
        }
    }

    /// Takes out what a new base has: all that was entered up to a batch.
    pub fn forget_until(&mut self, batch: u64, base: &Base) {
        self.changed.retain(|_, changed| changed.batch > batch);
        for (coach, changed) in &mut self.changed {
            changed.masked = base.place(coach);
        }
    }
}
