//! What a coach offers: strengths, ways of meeting, languages, provinces travelled to, and whom not.

use std::collections::HashSet;

use serde_json::json;

use super::{Act, Denial, ServiceError, ServiceResult, directory};
use crate::domain::records::CoachRecord;
use crate::domain::{AgencyCode, CompetencyCode, Languages, Level, Modes, PersonCode, ProvinceCode};
use crate::store::{Db, PersonId, coaches, places};

/// Most agencies that a coach keeps away from.
const MOST_CONFLICTS: usize = 200;

/// What a coach offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Levels of the competencies the coach is strong in, as the coach says; what was verified is the programme
    /// that the coach has completed.
    pub strengths: Vec<(CompetencyCode, Level)>,
    /// Ways of meeting, at least one.
    pub modes: Modes,
    /// Languages, at least one.
    pub languages: Languages,
    /// Provinces the coach travels to.
    pub regions_served: Vec<ProvinceCode>,
    /// Agencies whose people the coach must not coach.
    pub conflicts: Vec<AgencyCode>,
}

impl Offer {
    fn of(record: &CoachRecord) -> Self {
        Self {
            strengths: record.strengths.clone(),
            modes: record.modes,
            languages: record.languages,
            regions_served: record.regions_served.clone(),
            conflicts: record.conflicts.clone(),
        }
    }
}

/// What a coach offers and the version of it, to the coach and the programme.
///
/// # Errors
/// When it is neither of them.
pub fn get(db: &mut Db, act: &Act, coach: PersonId, code: &PersonCode) -> ServiceResult<(Offer, i32)> {
    let room = places::get(db, coach).map_err(|error| ServiceError::from(error).about("coach"))?;
    act.allow(act.by(coach) || act.by_programme_of(db, coach)?)?;
    Ok((Offer::of(&coaches::get(db, code)?), room.version))
}

/// Changes what a coach offers, by the coach or the programme. Pairings and offers that are there stay; the next
/// shortlist has it.
///
/// # Errors
/// When it is neither of them, something in it is not known or stands twice, or it was changed since it was seen.
pub fn change(
    db: &mut Db,
    act: &Act,
    coach: PersonId,
    code: &PersonCode,
    offer: &Offer,
) -> ServiceResult<(Offer, i32)> {
    act.allow(act.by(coach) || act.by_programme_of(db, coach)?)?;
    act.record(db, "coach", |db, journal| {
        let room = places::get(db, coach)?;
        act.saw(room.version)?;
        check(db, offer)?;
        let before = coaches::get(db, code)?;
        let record = CoachRecord {
            strengths: offer.strengths.clone(),
            modes: offer.modes,
            languages: offer.languages,
            regions_served: offer.regions_served.clone(),
            conflicts: offer.conflicts.clone(),
            ..before
        };
        coaches::change_offer(db, coach, room.version, &record)?;
        journal.note("coach", coach.uuid(), "offer_changed", &json!({ "strengths": offer.strengths.len() }))?;
        get(db, act, coach, code)
    })
}

fn check(db: &mut Db, offer: &Offer) -> ServiceResult<()> {
    let wrong = |pointer, expected| Err(Denial::fault(pointer, expected).into());
    if offer.modes == Modes::NONE {
        return wrong("/modes", "error.field.modes");
    }
    if offer.languages == Languages::NONE {
        return wrong("/languages", "error.field.languages");
    }
    let reference = directory::reference(db)?;
    let competencies: HashSet<&CompetencyCode> = offer.strengths.iter().map(|(code, _)| code).collect();
    let known = competencies.iter().all(|code| reference.competencies().iter().any(|one| one.code == **code));
    if !known || competencies.len() < offer.strengths.len() {
        return wrong("/strengths", "error.field.strengths");
    }
    let provinces: HashSet<&ProvinceCode> = offer.regions_served.iter().collect();
    let known = provinces.iter().all(|code| reference.provinces().iter().any(|one| one.code == **code));
    if !known || provinces.len() < offer.regions_served.len() {
        return wrong("/regions_served", "error.field.provinces");
    }
    if offer.conflicts.len() > MOST_CONFLICTS {
        return wrong("/conflicts", "error.field.agencies");
    }
    Ok(())
}
