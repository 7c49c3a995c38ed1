//! What anybody may look up: coaches by what they offer, competencies, regions.

use crate::domain::{CoachSource, Language, Languages, Level, Mode, Modes, Reference, Tier};
use crate::store;
use crate::store::read_coaches::{self, CoachFilter, CoachRow};
use crate::store::{Db, PersonId, StoreError, StoreResult};

/// A verified coach, by what they offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coach {
    /// The person.
    pub person: PersonId,
    /// The code.
    pub code: String,
    /// Where the coach comes from.
    pub source: CoachSource,
    /// Code of the employer.
    pub agency: String,
    /// Name of the employer.
    pub agency_name: String,
    /// The tier, if known.
    pub tier: Option<Tier>,
    /// The field of work, if given.
    pub field: Option<String>,
    /// Code of the regency where the coach works.
    pub regency: String,
    /// Code of the province where the coach works.
    pub province: String,
    /// Codes of the provinces the coach travels to.
    pub regions_served: Vec<String>,
    /// Ways of meeting.
    pub modes: Vec<Mode>,
    /// Languages.
    pub languages: Vec<Language>,
    /// Most coachees at a time.
    pub capacity: i32,
    /// Places free at present.
    pub free: i32,
    /// Whether new coachees are welcome.
    pub accepting: bool,
    /// Pairs completed so far.
    pub completed_pairs: i32,
    /// Level per competency the coach is strong in.
    pub strengths: Vec<(String, Level)>,
}

/// The reference data.
///
/// # Errors
/// Those of the store.
pub fn reference(db: &mut Db) -> StoreResult<Reference> {
    Reference::new(store::reference::load(db)?).map_err(|why| StoreError::Internal(why.to_string()))
}

/// Verified coaches in the order in which they joined, those behind the person `after`.
///
/// # Errors
/// Those of the store.
pub fn coaches(db: &mut Db, filter: &CoachFilter, after: Option<PersonId>, limit: i64) -> StoreResult<Vec<Coach>> {
    let rows = read_coaches::coaches(db, filter, after, limit)?;
    let persons: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
    let strengths = read_coaches::strengths(db, &persons)?;
    let regions = read_coaches::regions_served(db, &persons)?;
    let coach = |row: CoachRow| {
        let person = row.person;
        Coach {
            person,
            code: row.code,
            source: row.source.0,
            agency: row.agency,
            agency_name: row.agency_name,
            tier: row.tier.map(|tier| tier.0),
            field: row.field,
            regency: row.regency,
            province: row.province,
            regions_served: regions.iter().filter(|(of, _)| *of == person).map(|(_, code)| code.clone()).collect(),
            modes: Modes::from_bits(bits(row.modes)).iter().collect(),
            languages: Languages::from_bits(bits(row.languages)).iter().collect(),
            capacity: row.capacity,
            free: row.capacity - row.load,
            accepting: row.accepting,
            completed_pairs: row.completed_pairs,
            strengths: strengths
                .iter()
                .filter(|(of, ..)| *of == person)
                .map(|(_, code, level)| (code.clone(), level.0))
                .collect(),
        }
    };
    Ok(rows.into_iter().map(coach).collect())
}

/// One verified coach.
///
/// # Errors
/// [`StoreError::NotFound`], or those of the store.
pub fn coach(db: &mut Db, code: String) -> StoreResult<Coach> {
    let filter = CoachFilter { codes: Some(vec![code]), ..CoachFilter::default() };
    coaches(db, &filter, None, 1)?.pop().ok_or(StoreError::NotFound)
}

/// The lowest eight bits, which are all that the columns may hold.
pub(super) fn bits(column: i16) -> u8 {
    column.to_le_bytes()[0]
}
