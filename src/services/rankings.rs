//! The ranking of a cohort: days on which coachees rank coaches, and coaches say whom they wish for. A run takes both
//! as input: they are a component of the score. Nobody is asked anything by it.

use chrono::NaiveDate;
use serde_json::json;

use super::{Act, Denial, Refusal, ServiceError, ServiceResult, eligible, steps};
use crate::domain::{CompetencyCode, PersonCode, RequestStatus};
use crate::store::rankings::{self, Ranker};
use crate::store::types::Stamp;
use crate::store::{CohortId, Db, PersonId, RequestId, cohorts, offers, people, requests};

/// Most coaches that a coachee ranks.
const MOST_RANKED: usize = 3;
/// Most coachees that a coach wishes for in a cohort.
const MOST_WISHES: usize = 20;

/// The days of a ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// The first day.
    pub opens_on: NaiveDate,
    /// The last day.
    pub closes_on: NaiveDate,
    /// Whether it is open today.
    pub open: bool,
}

impl Phase {
    /// The days, as they are seen at a time.
    pub(super) fn at((opens_on, closes_on): (NaiveDate, NaiveDate), now: Stamp) -> Self {
        let open = (opens_on..=closes_on).contains(&eligible::today(now));
        Self { opens_on, closes_on, open }
    }
}

/// Sets the days of the ranking of a cohort, or that it has none; by the programme.
///
/// # Errors
/// When it is not the programme, there is no such cohort, or the last day is before the first.
pub fn set_phase(db: &mut Db, act: &Act, cohort: &str, days: Option<(NaiveDate, NaiveDate)>) -> ServiceResult<()> {
    act.allow(act.by_programme())?;
    if days.is_some_and(|(first, last)| last < first) {
        return Err(Denial::fault("/closes_on", "error.field.closes_on").into());
    }
    act.record(db, "cohort", |db, journal| {
        let cohort = known(db, cohort)?;
        cohorts::set_ranking(db, cohort, days)?;
        let (first, last) = days.unzip();
        journal.note("cohort", cohort.uuid(), "ranking_set", &json!({ "opens_on": first, "closes_on": last }))
    })
}

fn known(db: &mut Db, code: &str) -> ServiceResult<CohortId> {
    match cohorts::by_code(db, code)? {
        Some(cohort) => Ok(cohort.id),
        None => Err(ServiceError::Missing(format!("there is no cohort {code}"))),
    }
}

/// The ranking of a cohort as it is now, if it has one.
fn phase(db: &mut Db, cohort: CohortId, now: Stamp) -> ServiceResult<Option<Phase>> {
    Ok(cohorts::ranking(db, cohort)?.map(|days| Phase::at(days, now)))
}

/// Whether a cohort is being ranked now.
pub(super) fn is_open(db: &mut Db, cohort: CohortId, now: Stamp) -> ServiceResult<bool> {
    Ok(phase(db, cohort, now)?.is_some_and(|phase| phase.open))
}

fn must_be_open(db: &mut Db, cohort: CohortId, now: Stamp) -> ServiceResult<()> {
    if is_open(db, cohort, now)? { Ok(()) } else { Err(Refusal::RankingClosed.into()) }
}

/// What a coachee has ranked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// The days of the ranking, if the cohort has one.
    pub phase: Option<Phase>,
    /// The coaches, the best liked first.
    pub coaches: Vec<PersonCode>,
    /// The version of the request.
    pub version: i32,
}

/// What the coachee of a request has ranked, to the coachee or the programme.
///
/// # Errors
/// When it is neither of them.
pub fn ranking(db: &mut Db, act: &Act, request: RequestId) -> ServiceResult<Ranking> {
    let request = requests::get(db, request).map_err(|error| ServiceError::from(error).about("request"))?;
    act.allow(act.by(request.coachee) || act.by_programme_of(db, request.coachee)?)?;
    Ok(Ranking {
        phase: phase(db, request.cohort, act.now)?,
        coaches: requests::choices(db, request.id)?,
        version: request.version,
    })
}

/// Ranks up to three coaches, the best liked first, instead of those ranked before; none takes the ranking back. By
/// the coachee, while the ranking is open. Nobody is asked: the next run takes it into account.
///
/// # Errors
/// When it is not the coachee, the ranking is not open, the request is not open or an offer of it waits, or a rule
/// forbids one of the coaches.
pub fn rank(db: &mut Db, act: &Act, request: RequestId, coaches: &[PersonCode]) -> ServiceResult<()> {
    let twice = coaches.iter().enumerate().any(|(at, coach)| coaches[..at].contains(coach));
    if coaches.len() > MOST_RANKED || twice {
        return Err(Denial::fault("/coaches", "error.field.choices").into());
    }
    act.record(db, "request", |db, journal| {
        let request = requests::get(db, request)?;
        act.allow(act.by(request.coachee))?;
        act.saw(request.version)?;
        must_be_open(db, request.cohort, act.now)?;
        if request.status.0 != RequestStatus::Open {
            return Err(Refusal::RequestNotOpen.into());
        }
        if !offers::live_of_request(db, request.id)?.is_empty() {
            return Err(Refusal::OfferWaits.into());
        }
        if !coaches.is_empty() {
            let coachee = people::code(db, request.coachee)?;
            let few = eligible::few(db, request.cohort, &coachee, coaches, act.now)?;
            coaches.iter().try_for_each(|coach| few.admit(coach))?;
        }
        requests::set_choices(db, request.id, coaches)?;
        steps::change_request(db, journal, &request, request.clone(), "ranked")?;
        Ok(())
    })
}

/// Whom a coach wishes for in a cohort, and who has ranked the coach.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// The days of the ranking, if the cohort has one.
    pub phase: Option<Phase>,
    /// Codes of the coachees wished for.
    pub coachees: Vec<PersonCode>,
    /// Those who have ranked the coach, without the rank, by code; with the competencies they ask about.
    pub ranked_by: Vec<(Ranker, Vec<CompetencyCode>)>,
}

/// Whom the coach who acts wishes for in a cohort, and who has ranked this coach.
///
/// # Errors
/// When it is nobody of the records, or there is no such cohort.
pub fn wishes(db: &mut Db, act: &Act, cohort: &str) -> ServiceResult<Wishes> {
    let coach = act.person()?;
    let cohort = known(db, cohort)?;
    let code = people::code(db, coach)?;
    let rankers = rankings::ranked_by(db, cohort, &code)?;
    let ids: Vec<RequestId> = rankers.iter().map(|ranker| ranker.request).collect();
    let mut focus = requests::focus_of(db, &ids)?;
    let with_focus = |ranker: Ranker| {
        let focus = focus.remove(&ranker.request).unwrap_or_default();
        (ranker, focus)
    };
    Ok(Wishes {
        phase: phase(db, cohort, act.now)?,
        coachees: rankings::wishes(db, cohort, coach)?,
        ranked_by: rankers.into_iter().map(with_focus).collect(),
    })
}

/// Wishes for coachees of a cohort, instead of those wished for before; by the coach, while the ranking is open.
///
/// # Errors
/// When it is nobody of the records or no coach, the ranking is not open, or somebody does not ask in the cohort.
pub fn wish(db: &mut Db, act: &Act, cohort: &str, coachees: &[PersonCode]) -> ServiceResult<()> {
    let twice = coachees.iter().enumerate().any(|(at, code)| coachees[..at].contains(code));
    if coachees.len() > MOST_WISHES || twice {
        return Err(Denial::fault("/coachees", "planning.field.wishes").into());
    }
    let coach = act.person()?;
    act.record(db, "cohort", |db, journal| {
        let cohort = known(db, cohort)?;
        must_be_open(db, cohort, act.now)?;
        let ids = asking(db, cohort, coachees)?;
        rankings::set_wishes(db, cohort, coach, &ids)?;
        journal.note("cohort", cohort.uuid(), "wished", &json!({ "coach": coach, "coachees": ids }))
    })
}

/// The coachees with an open request in a cohort. Who is not there, and who does not ask, are refused alike.
fn asking(db: &mut Db, cohort: CohortId, codes: &[PersonCode]) -> ServiceResult<Vec<PersonId>> {
    let known = people::ids(db, codes)?;
    let mut ids = Vec::with_capacity(codes.len());
    for code in codes {
        let id = *known.get(code).ok_or(Refusal::NotAsking)?;
        let request = requests::live(db, cohort, id)?.ok_or(Refusal::NotAsking)?;
        if requests::get(db, request)?.status.0 != RequestStatus::Open {
            return Err(Refusal::NotAsking.into());
        }
        ids.push(id);
    }
    Ok(ids)
}
