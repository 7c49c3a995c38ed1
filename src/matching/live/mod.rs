//! The coaches of the service: in memory, ready for shortlists, while they change.
//!
//! Most coaches stand in a **base**: columns and an index, never changed once built. Who has
//! changed since, or is new, stands in a small **overlay**, of which every coach is scored
//! plainly; their rows in the base are masked. Base and overlay together are a [`Snapshot`]:
//! a reader takes one and needs nothing else, a change makes a new one with the same base, and
//! a rebuild makes a new base of everybody while readers and changes go on.
//!
//! A shortlist is exactly what a scanner that is freshly built of the same coaches gives, with
//! one thing to know: the mean rating of all, towards which the rating of each is shrunk, is
//! that of the last rebuild, or one changed rating would change the scores of everybody.

mod base;
mod ledger;
mod overlay;
mod request;
mod setting;
mod snapshot;

pub use request::Request;
pub use snapshot::{Listed, Snapshot};

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use self::base::Base;
use self::ledger::Ledger;
use self::setting::Setting;
use super::coach_row::CoachRow;
use super::columns::UnknownReference;
use crate::domain::records::CoachRecord;
use crate::domain::{PersonCode, Policy, Reference};

/// Coaches in the overlay at which a rebuild is due: so many cost a shortlist less than the
/// base does.
pub const OVERLAY_BOUND: usize = 1024;
/// Hundredths by which the mean rating may be out of date before a rebuild is due. A point of
/// the score is worth many more.
const RATING_DRIFT: u16 = 5;

/// All coaches, for shortlists of single requests, while coaches change. Shared between threads.
pub struct CoachPool {
    setting: Arc<Setting>,
    /// Replaced as a whole, so that whoever reads waits for nobody's work.
    current: RwLock<Arc<Snapshot>>,
    /// Held by whoever changes something.
    ledger: Mutex<Ledger>,
    /// Held by whoever rebuilds: bases that some reader may still use. Kept so that no reader
    /// is the last to let go of one, and has to take it down.
    retired: Mutex<Vec<Arc<Base>>>,
}

/// A change of one coach.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// The coach is new, or is from now on as the record says.
    Put(&'a CoachRecord),
    /// The coach has another number of places, or of coachees in them.
    Places {
        /// Who.
        coach: &'a PersonCode,
        /// All places.
        capacity: u16,
        /// Places taken.
        load: u16,
    },
    /// The coach makes a pause, or ends it.
    Accepting {
        /// Who.
        coach: &'a PersonCode,
        /// Whether new coachees are welcome.
        accepting: bool,
    },
    /// The coach has left.
    Remove(&'a PersonCode),
}

/// Why coaches cannot be taken or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// A record names something that the reference data does not have.
    #[error(transparent)]
    UnknownReference(#[from] UnknownReference),
    /// A coach is changed who is not there.
    #[error("coach {0} is not in the pool: put the whole record first")]
    NoSuchCoach(PersonCode),
    /// Two records have the same code.
    #[error("coach {0} occurs twice: a coach has one record")]
    Twice(PersonCode),
}

impl CoachPool {
    /// A pool of these coaches, for shortlists under a policy. The seed breaks ties.
    ///
    /// # Errors
    /// When a record names a region, field or competency that the reference does not have, or two
    /// have the same code.
    pub fn new(
        reference: Reference,
        policy: Policy,
        seed: u64,
        coaches: impl IntoIterator<Item: Borrow<CoachRecord>>,
    ) -> Result<Self, PoolError> {
        let setting = Arc::new(Setting::new(reference, policy, seed));
        let rows = coaches.into_iter().map(|coach| setting.row(coach.borrow())).collect::<Result<Vec<_>, _>>()?;
        let base = Arc::new(Base::new(&setting, rows));
        if let Some(code) = base.repeated() {
            return Err(PoolError::Twice(code.clone()));
        }
        let ledger = Ledger::new(base.ratings);
        let snapshot = Snapshot::new(Arc::clone(&setting), base, &ledger);
        Ok(Self {
            setting,
            current: RwLock::new(Arc::new(snapshot)),
            ledger: Mutex::new(ledger),
            retired: Mutex::default(),
        })
    }

    /// The pool as it is now, and as this snapshot will stay.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read())
    }

    /// The `k` best coaches for a request, best first.
    pub fn shortlist(&self, request: &Request, k: usize) -> Vec<Listed> {
        self.snapshot().shortlist(request, k)
    }

    /// Makes changes, in their order. Every snapshot taken afterwards has all of them; none ever
    /// has some.
    ///
    /// # Errors
    /// Says which coach cannot be changed, and why; then nothing is.
    pub fn apply(&self, changes: &[Change]) -> Result<(), PoolError> {
        let mut ledger = self.ledger.lock();
        let base = Arc::clone(&self.snapshot().base);
        let mut staged: BTreeMap<&PersonCode, Option<CoachRow>> = BTreeMap::new();
        for change in changes {
            let coach = change.coach();
            let before = staged.remove(coach).unwrap_or_else(|| ledger.row(coach, &base));
            staged.insert(coach, change.made_to(before, &self.setting)?);
        }
        ledger.enter(staged, &base);
        self.publish(base, &ledger);
        Ok(())
    }

    /// Whether so much has changed that a rebuild would make shortlists faster, or ratings fairer.
    pub fn is_rebuild_due(&self) -> bool {
        let ledger = self.ledger.lock();
        let drift = ledger.ratings.mean().abs_diff(self.snapshot().mean_rating());
        ledger.len() > OVERLAY_BOUND || drift >= RATING_DRIFT
    }

    /// Builds a new base of all coaches. Shortlists and changes go on meanwhile. Does nothing
    /// while another thread is at it.
    pub fn rebuild(&self) {
        let Some(mut retired) = self.retired.try_lock() else { return };
        let before = self.snapshot();
        let base = Arc::new(Base::new(&self.setting, before.rows()));
        let mut ledger = self.ledger.lock();
        ledger.forget_until(before.batch, &base);
        self.publish(base, &ledger);
        drop(ledger);
        retired.push(Arc::clone(&before.base));
        drop(before);
        retired.retain(|base| Arc::strong_count(base) > 1);
    }

    /// Shows readers what the ledger says; whoever calls this holds the ledger.
    fn publish(&self, base: Arc<Base>, ledger: &Ledger) {
        let next = Arc::new(Snapshot::new(Arc::clone(&self.setting), base, ledger));
        // The former one is let go of only after the lock.
        let _former = std::mem::replace(&mut *self.current.write(), next);
    }
}

impl Change<'_> {
    fn coach(&self) -> &PersonCode {
        match self {
            Change::Put(record) => &record.code,
            Change::Places { coach, .. } | Change::Accepting { coach, .. } | Change::Remove(coach) => coach,
        }
    }

    /// What becomes of a coach.
    fn made_to(&self, before: Option<CoachRow>, setting: &Setting) -> Result<Option<CoachRow>, PoolError> {
        if let Change::Put(record) = self {
            return Ok(Some(setting.row(record)?));
        }
        let before = before.ok_or_else(|| PoolError::NoSuchCoach(self.coach().clone()))?;
        Ok(match *self {
            Change::Places { capacity, load, .. } => {
                Some(CoachRow { capacity, free: capacity.saturating_sub(load), ..before })
            }
            Change::Accepting { accepting, .. } => Some(CoachRow { accepting, ..before }),
            Change::Put(_) | Change::Remove(_) => None,
        })
    }
}
