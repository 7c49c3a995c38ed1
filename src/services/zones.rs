//! By whose clock times are told: that of the regency in the record by which somebody takes part.

use super::{Act, ServiceResult};
use crate::domain::{Side, Zone};
use crate::store::Db;
use crate::store::session_letters::{self, Zones};

/// The zone of whoever is in no record.
pub(super) const USUAL: Zone = Zone::Wib;

/// The zone of somebody's clock, on one side; of a coachee who coaches as well, that of this side.
pub(super) const fn on_side((coachee, coach): Zones, side: Side) -> Option<Zone> {
    match (side, coachee, coach) {
        (Side::Coachee, Some(zone), _) | (Side::Coachee, None, Some(zone)) => Some(zone),
        (Side::Coach, _, Some(zone)) | (Side::Coach, Some(zone), None) => Some(zone),
        (_, None, None) => None,
    }
}

/// The zone of the clock of whoever acts, on one side or on whichever there is; Jakarta's, if they are in no record.
///
/// # Errors
/// When the database cannot be read.
pub fn of_reader(db: &mut Db, act: &Act, side: Option<Side>) -> ServiceResult<Zone> {
    let Ok(person) = act.person() else { return Ok(USUAL) };
    let zones = session_letters::zones(db, &[person])?.remove(&person).unwrap_or_default();
    Ok(on_side(zones, side.unwrap_or(Side::Coachee)).unwrap_or(USUAL))
}
