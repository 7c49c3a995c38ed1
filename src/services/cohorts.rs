//! Cohorts: named sets of requests, with the days on which they take them.

use chrono::NaiveDate;

use super::act::{Text, text};
use super::rankings::Phase;
use super::{Act, Denial, Refusal, ServiceError, ServiceResult, eligible};
use crate::store::cohorts::{self, Cohort};
use crate::store::types::Stamp;
use crate::store::{CohortId, Db};

/// A cohort, and whether it takes requests now.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The cohort.
    pub cohort: Cohort,
    /// Whether requests are taken today.
    pub open: bool,
    /// The days on which coachees rank coaches, and coaches say whom they wish for, if there are any.
    pub ranking: Option<Phase>,
}

/// All cohorts, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db, now: Stamp) -> ServiceResult<Vec<Listed>> {
    let all = cohorts::list(db)?;
    listed(db, all, now)
}

/// Cohorts, the newest first, those older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub fn page(db: &mut Db, before: Option<CohortId>, limit: i64, now: Stamp) -> ServiceResult<Vec<Listed>> {
    let some = cohorts::page(db, before, limit)?;
    listed(db, some, now)
}

fn listed(db: &mut Db, found: Vec<Cohort>, now: Stamp) -> ServiceResult<Vec<Listed>> {
    let rankings = cohorts::rankings(db)?;
    let listed = |cohort: Cohort| Listed {
        open: is_open(&cohort, now),
        ranking: rankings.get(&cohort.id).map(|&days| Phase::at(days, now)),
        cohort,
    };
    Ok(found.into_iter().map(listed).collect())
}

/// The cohort with a code.
///
/// # Errors
/// When there is none.
pub fn get(db: &mut Db, code: &str, now: Stamp) -> ServiceResult<Listed> {
    let Some(cohort) = cohorts::by_code(db, code)? else {
        return Err(ServiceError::Missing(format!("there is no cohort {code}")));
    };
    let ranking = cohorts::ranking(db, cohort.id)?.map(|days| Phase::at(days, now));
    Ok(Listed { open: is_open(&cohort, now), ranking, cohort })
}

/// What a new cohort is to be.
#[derive(Debug, Clone)]
pub struct NewCohort {
    /// The code: 1 to 64 characters.
    pub code: String,
    /// The name.
    pub name: String,
    /// First day on which requests are taken, if set.
    pub opens_on: Option<NaiveDate>,
    /// Last day on which requests are taken, if set.
    pub closes_on: Option<NaiveDate>,
}

const CODE: Text = Text { pointer: "/code", most: 64, expected: "error.field.cohort_code" };
const NAME: Text = Text { pointer: "/name", most: 150, expected: "error.field.name" };

/// Makes a cohort, by the programme.
///
/// # Errors
/// When it is not the programme, there is one with the code, or its days run backwards.
pub fn create(db: &mut Db, act: &Act, new: &NewCohort) -> ServiceResult<Listed> {
    act.allow(act.by_programme())?;
    let (code, name) = (text(&CODE, &new.code)?, text(&NAME, &new.name)?);
    if new.opens_on.zip(new.closes_on).is_some_and(|(first, last)| last < first) {
        return Err(Denial::fault("/closes_on", "error.field.closes_on").into());
    }
    act.record(db, "cohort", |db, journal| {
        let (opens_on, closes_on) = (new.opens_on, new.closes_on);
        let cohort = Cohort { id: CohortId::new(), code, name, opens_on, closes_on, created_at: act.now };
        if cohorts::by_code(db, &cohort.code)?.is_some() {
            return Err(Refusal::CohortExists.into());
        }
        cohorts::create(db, &cohort)?;
        journal.note("cohort", cohort.id.uuid(), "created", &serde_json::json!({ "code": cohort.code }))?;
        Ok(Listed { open: is_open(&cohort, act.now), ranking: None, cohort })
    })
}

/// Whether a cohort takes requests now.
pub(super) fn is_open(cohort: &Cohort, now: Stamp) -> bool {
    let today = eligible::today(now);
    cohort.opens_on.is_none_or(|day| day <= today) && cohort.closes_on.is_none_or(|day| today <= day)
}
