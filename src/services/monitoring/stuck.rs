//! What stands still longer than it should, the most overdue first.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

use super::{Wanted, scope};
use crate::domain::{Patience, PersonCode, StuckKind};
use crate::services::{Act, ServiceResult, shown};
use crate::store::monitoring::stuck::{Part, Still, still};
use crate::store::types::Stamp;
use crate::store::{AnyId, CohortId, Db, PersonId, StoreError, people};

/// Something that is stuck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// In which way.
    pub kind: StuckKind,
    /// The request, offer or pairing.
    pub id: Uuid,
    /// The code of its cohort.
    pub cohort: String,
    /// Whose it is.
    pub coachee: PersonCode,
    /// The coach, where one is concerned.
    pub coach: Option<PersonCode>,
    /// Since when nothing has happened.
    pub since: Stamp,
    /// For how many whole days by now.
    pub days: i64,
    /// Where it stands in the list.
    pub place: Place,
}

/// A place in the list: when the patience with an item was over, then its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(Stamp, AnyId);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0.time().timestamp_micros(), self.1)
    }
}

/// The text is no place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a place in a list")]
pub struct BadPlace;

impl FromStr for Place {
    type Err = BadPlace;

    fn from_str(text: &str) -> Result<Self, BadPlace> {
        let (micros, id) = text.split_once('.').ok_or(BadPlace)?;
        let micros: i64 = micros.parse().map_err(|_| BadPlace)?;
        let time = DateTime::from_timestamp_micros(micros).ok_or(BadPlace)?;
        // Room for the patience on either side.
        let sane = (0..=4_000_000_000_000_000).contains(&micros);
        if sane { Ok(Self(Stamp::new(time), id.parse().map_err(|_| BadPlace)?)) } else { Err(BadPlace) }
    }
}

/// What is stuck, by the patience of the settings, in one way or in any, the most overdue first, behind the place `after`.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn list(
    db: &mut Db,
    act: &Act,
    patience: Patience,
    wanted: &Wanted,
    kind: Option<StuckKind>,
    after: Option<Place>,
    limit: i64,
) -> ServiceResult<Vec<Stuck>> {
    let scope = scope(db, act, wanted)?;
    let mut found = Vec::new();
    for &kind in StuckKind::ALL.iter().filter(|known| kind.is_none_or(|kind| kind == **known)) {
        let patience = TimeDelta::days(patience.days(kind));
        let since = |over: Stamp| Stamp::new(over.time() - patience);
        let part = Part { until: since(act.now), after: after.map(|Place(over, id)| (since(over), id)), limit };
        let rows = still(db, &scope, kind, part)?.into_iter();
        found.extend(rows.map(|row| (Place(Stamp::new(row.since.time() + patience), row.id), kind, row)));
    }
    found.sort_unstable_by_key(|(place, ..)| *place);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    named(db, act.now, found)
}

fn named(db: &mut Db, now: Stamp, found: Vec<(Place, StuckKind, Still)>) -> ServiceResult<Vec<Stuck>> {
    let persons: Vec<PersonId> = found.iter().flat_map(|(.., row)| [Some(row.coachee), row.coach]).flatten().collect();
    let codes: HashMap<PersonId, PersonCode> =
        people::cards(db, &persons)?.into_iter().map(|(id, card)| (id, card.code)).collect();
    let cohorts: HashMap<CohortId, String> = shown::cohort_codes(db, found.iter().map(|(.., row)| row.cohort))?;
    let code = |person| codes.get(&person).cloned().ok_or(StoreError::NotFound);
    let item = |(place, kind, row): (Place, StuckKind, Still)| {
        Ok(Stuck {
            kind,
            id: row.id.uuid(),
            cohort: cohorts.get(&row.cohort).cloned().ok_or(StoreError::NotFound)?,
            coachee: code(row.coachee)?,
            coach: row.coach.map(code).transpose()?,
            since: row.since,
            days: (now.time() - row.since.time()).num_days(),
            place,
        })
    };
    found.into_iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_being_written_down() {
        let place = Place(Stamp::new(DateTime::from_timestamp_micros(1_790_000_000_000_001).unwrap()), AnyId::new());
        assert_eq!(place.to_string().parse(), Ok(place));
        for text in ["", "7", "x.y", "1790000000000001.", "-1.019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69"] {
            assert_eq!(text.parse::<Place>(), Err(BadPlace), "{text:?}");
        }
        let far = format!("{}.019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69", i64::MAX);
        assert_eq!(far.parse::<Place>(), Err(BadPlace));
    }
}
