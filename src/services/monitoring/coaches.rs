//! How much coaches have to do.

use super::{Wanted, scope};
use crate::services::{Act, ServiceResult};
use crate::store::monitoring::coaches::{self, Places};
use crate::store::{Db, PersonId};

/// A coach and what the coach has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The coach, and the places that the coach gives.
    pub places: Places,
    /// Offers that wait for an answer, in the cohort that is looked at or in all.
    pub waiting_offers: i64,
    /// Pairings that are active there.
    pub active_pairings: i64,
}

impl Load {
    /// Places free at present.
    pub const fn free(&self) -> i32 {
        self.places.capacity - self.places.load - self.places.held
    }
}

/// How much coaches have to do, in the order in which they joined, those behind the person `after`. A cohort narrows
/// what is counted, not who is listed: places are the coach's in all cohorts.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn load(db: &mut Db, act: &Act, wanted: &Wanted, after: Option<PersonId>, limit: i64) -> ServiceResult<Vec<Load>> {
    let scope = scope(db, act, wanted)?;
    let found = coaches::places(db, &scope, after, limit)?;
    let ids: Vec<PersonId> = found.iter().map(|places| places.person).collect();
    let waiting = coaches::waiting_offers(db, &ids, scope.cohort)?;
    let active = coaches::active_pairings(db, &ids, scope.cohort)?;
    let load = |places: Places| Load {
        waiting_offers: waiting.get(&places.person).copied().unwrap_or(0),
        active_pairings: active.get(&places.person).copied().unwrap_or(0),
        places,
    };
    Ok(found.into_iter().map(load).collect())
}
