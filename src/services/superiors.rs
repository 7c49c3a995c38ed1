//! What a superior rates: the coachees whose superior they are, and whose rating is missing.

use chrono::{Days, NaiveDate, TimeDelta};

use super::outcomes::{self, Judged};
use super::{Act, ServiceError, ServiceResult, directory, eligible};
use crate::domain::records::{AssessmentRecord, CoacheeRecord};
use crate::domain::{AssessmentMethod, PersonCode, Reference};
use crate::matching::levels::LevelBook;
use crate::store::superiors::{self, Report};
use crate::store::types::Stamp;
use crate::store::{Db, PersonId, people};

/// Most people of one superior.
const MOST: i64 = 200;
/// How old, in days, a rating may be that somebody begins their coaching with.
const GOOD_FOR: u64 = 365;
/// How long after coaching a rating is asked for, in days.
const ASKED_FOR: i64 = 90;

text_enum! {
    /// Why a rating is missing.
    Missing {
        /// The coachee asks for a coach, and no recent rating says where they stand.
        Before = "before",
        /// The coaching is over, and nobody has said yet what it has brought.
        After = "after",
    }
}

/// A coachee, and where the rating by their superior stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Who.
    pub report: Report,
    /// The newest rating by a superior.
    pub rated_on: Option<NaiveDate>,
    /// Whether a rating is missing, and why.
    pub missing: Option<Missing>,
}

/// The coachees whose superior acts: those whose rating is missing first, then by name.
///
/// # Errors
/// When it is nobody of the records.
pub fn own_people(db: &mut Db, act: &Act) -> ServiceResult<Vec<Standing>> {
    let superior = people::code(db, act.person()?)?;
    let reports = superiors::reports(db, &superior, MOST)?;
    let ids: Vec<PersonId> = reports.iter().map(|report| report.person).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rated = superiors::rated_on(db, &ids)?;
    let asking = superiors::asking(db, &ids)?;
    let completed = superiors::completed(db, &ids, Stamp::new(act.now.time() - TimeDelta::days(ASKED_FOR)))?;
    let mut standings: Vec<Standing> = reports
        .into_iter()
        .map(|report| {
            let of = |person: PersonId| person == report.person;
            let rated_on = rated.iter().filter(|(person, _)| of(*person)).map(|(_, day)| *day).max();
            let over = completed.iter().filter(|(person, _)| of(*person)).map(|(_, at)| eligible::today(*at)).max();
            let asks = asking.iter().any(|person| of(*person));
            Standing { missing: missing(act.today(), rated_on, asks, over), rated_on, report }
        })
        .collect();
    standings.sort_by(|a, b| {
        let key = |one: &Standing| (one.missing.is_none(), one.report.name.full.clone());
        key(a).cmp(&key(b))
    });
    Ok(standings)
}

/// Whether a rating is missing of somebody who asks for a coach or does not, whose coaching was over on a day if it was.
fn missing(today: NaiveDate, rated_on: Option<NaiveDate>, asks: bool, over: Option<NaiveDate>) -> Option<Missing> {
    if over.is_some_and(|over| rated_on.is_none_or(|day| day < over)) {
        return Some(Missing::After);
    }
    let recent = rated_on.is_some_and(|day| today.checked_sub_days(Days::new(GOOD_FOR)).is_none_or(|old| day > old));
    (asks && !recent).then_some(Missing::Before)
}

/// A coachee, as their superior rates them.
#[derive(Debug, Clone)]
pub struct Rated {
    /// Who.
    pub coachee: CoacheeRecord,
    /// The reference data.
    pub reference: Reference,
    /// Per competency of the reference data the level required, 0 for none.
    pub required: Vec<u8>,
    /// What the superior has said today, which another rating takes the place of.
    pub today: Judged,
}

/// One of the coachees whose superior acts.
///
/// # Errors
/// When it is not the superior.
pub fn one(db: &mut Db, act: &Act, code: &PersonCode) -> ServiceResult<Rated> {
    let records = outcomes::of_superior(db, act, code)?;
    let [coachee] = records.coachees.as_slice() else { return Err(ServiceError::Forbidden) };
    let reference = directory::reference(db)?;
    let book = LevelBook::new(&records.assessments, &records.requirements, &[coachee], &reference, act.today());
    let levels = book.all(0, coachee).map_err(|why| ServiceError::Internal(why.to_string()))?;
    drop(book);
    Ok(Rated {
        required: levels.iter().map(|(required, _)| *required).collect(),
        today: said_today(&records.assessments, AssessmentMethod::Superior, act.today()),
        coachee: coachee.clone(),
        reference,
    })
}

/// What was said in one way on a day.
pub fn said_today(all: &[AssessmentRecord], method: AssessmentMethod, today: NaiveDate) -> Judged {
    let of_today = all.iter().filter(|one| one.method == method && one.assessed_on == today);
    of_today.flat_map(|one| one.levels.iter()).map(|(code, level)| (code.clone(), level)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_is_missing_before_and_after() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-11-29");
        let says = |rated: Option<&str>, asks, over: Option<&str>| missing(today, rated.map(day), asks, over.map(day));
        assert_eq!(says(None, false, None), None, "nothing goes on");
        assert_eq!(says(None, true, None), Some(Missing::Before));
        assert_eq!(says(Some("2025-11-29"), true, None), Some(Missing::Before), "a year old");
        assert_eq!(says(Some("2025-11-30"), true, None), None);
        assert_eq!(says(Some("2026-11-01"), false, Some("2026-11-02")), Some(Missing::After), "rated before the end");
        assert_eq!(says(Some("2026-11-02"), false, Some("2026-11-02")), None);
        assert_eq!(says(None, true, Some("2026-11-02")), Some(Missing::After), "what is over comes first");
    }
}
