//! Assessments by hand, and what a pairing has brought: levels and gaps before and after, and how honest that is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::json;

use super::requests::Wanted;
use super::{Act, Denial, ServiceError, ServiceResult, coachees, directory, eligible};
use crate::domain::records::{AssessmentRecord, CoacheeRecord, CohortRecords};
use crate::domain::{AssessmentMethod, CompetencyCode, Level, PersonCode, Policy, Reference, RequestStatus, Side};
use crate::matching::levels::{Found, LevelBook};
use crate::matching::outcome::compare;
use crate::store::pairings::{self, Pairing};
use crate::store::{Db, PairingId, levels, pair_work, people, records, requests};

/// Pairings looked at for the newest on one side: who coaches as well has others.
const LOOKED_AT: i64 = 50;

/// Levels by competency, as somebody judges them.
pub type Judged = BTreeMap<CompetencyCode, Level>;

/// Keeps how the coachee who acts rates themself today. A second time on one day replaces the first.
///
/// # Errors
/// When it is no coachee of the records, no level is named, or a competency is not known.
pub fn rate_self(db: &mut Db, act: &Act, judged: &Judged) -> ServiceResult<AssessmentRecord> {
    let person = act.person()?;
    let code = people::code(db, person)?;
    let coachee = coachee(db, &code)?;
    keep(db, act, &coachee, AssessmentMethod::SelfAssessment, judged)
}

/// Keeps how the superior who acts rates one of their people today. A second time on one day replaces the first.
///
/// # Errors
/// When it is not the superior, no level is named, or a competency is not known.
pub fn rate_other(db: &mut Db, act: &Act, code: &PersonCode, judged: &Judged) -> ServiceResult<AssessmentRecord> {
    let found = of_superior(db, act, code)?;
    let [coachee] = found.coachees.as_slice() else { return Err(ServiceError::Forbidden) };
    keep(db, act, coachee, AssessmentMethod::Superior, judged)
}

/// The records of a coachee whose superior acts.
pub(super) fn of_superior(db: &mut Db, act: &Act, code: &PersonCode) -> ServiceResult<CohortRecords> {
    let superior = people::code(db, act.person()?)?;
    // Who is nobody's superior does not learn who there is.
    let Some(found) = records::levels_of(db, code)? else { return Err(ServiceError::Forbidden) };
    let [coachee] = found.coachees.as_slice() else { return Err(ServiceError::Forbidden) };
    act.allow(coachee.superior.as_ref() == Some(&superior) && coachee.code != superior)?;
    Ok(found)
}

fn coachee(db: &mut Db, code: &PersonCode) -> ServiceResult<CoacheeRecord> {
    let found = records::levels_of(db, code)?.and_then(|records| records.coachees.into_iter().next());
    found.ok_or_else(|| ServiceError::Missing(format!("there is no coachee {code}")))
}

fn keep(
    db: &mut Db,
    act: &Act,
    coachee: &CoacheeRecord,
    method: AssessmentMethod,
    judged: &Judged,
) -> ServiceResult<AssessmentRecord> {
    let reference = directory::reference(db)?;
    let known = |code: &CompetencyCode| reference.competency(code.as_str()).is_some();
    if judged.is_empty() || !judged.keys().all(known) {
        return Err(Denial::fault("/levels", "credit.field.levels").into());
    }
    let person = super::people::id(db, &coachee.code)?;
    act.record(db, "assessment", |db, journal| {
        let record = AssessmentRecord {
            coachee: coachee.code.clone(),
            method,
            assessed_on: act.today(),
            levels: judged.iter().map(|(code, level)| (code.clone(), *level)).collect(),
        };
        levels::save_assessments(db, std::slice::from_ref(&record))?;
        let facts = json!({ "method": method, "assessed_on": record.assessed_on, "competencies": judged.len() });
        journal.note("assessment", person.uuid(), "given", &facts)?;
        Ok(record)
    })
}

/// What was found of the coachee who acts, the newest first, and the reference data that names it.
///
/// # Errors
/// When it is no coachee of the records.
pub fn history(db: &mut Db, act: &Act) -> ServiceResult<(Vec<AssessmentRecord>, Reference)> {
    let code = people::code(db, act.person()?)?;
    let Some(found) = records::levels_of(db, &code)? else {
        return Err(ServiceError::Missing(format!("there is no coachee {code}")));
    };
    let mut assessments = found.assessments;
    assessments.sort_by_key(|record| std::cmp::Reverse((record.assessed_on, record.method)));
    Ok((assessments, directory::reference(db)?))
}

/// What the coachee who acts rates themself in first: what their newest pairing is about, or else their open request,
/// or else their largest gaps.
///
/// # Errors
/// When it is no coachee of the records.
pub fn own_focus(db: &mut Db, act: &Act) -> ServiceResult<Vec<CompetencyCode>> {
    let person = act.person()?;
    let wanted = pairings::Filter { person: Some(person), ..pairings::Filter::default() };
    let newest = pairings::list(db, &wanted, None, LOOKED_AT)?;
    let mut about = match newest.iter().find(|pairing| pairing.coachee == person) {
        Some(pairing) => [focus(db, pairing)?, goals(db, pairing)?].concat(),
        None => Vec::new(),
    };
    if about.is_empty() {
        let open = Wanted { status: Some(RequestStatus::Open), ..Wanted::default() };
        let open = super::requests::own(db, act, &open, None, 1)?;
        about = open.into_iter().flat_map(|shown| shown.focus).collect();
    }
    if about.is_empty() {
        let profile = coachees::own(db, act)?;
        let code = |at: &u16| profile.reference.competencies()[usize::from(*at)].code.clone();
        about = profile.focus.iter().map(code).collect();
    }
    let mut seen = BTreeSet::new();
    about.retain(|code| seen.insert(code.clone()));
    Ok(about)
}

text_enum! {
    /// What must be said with a comparison, so that nobody takes it for more than it is.
    Remark {
        /// Nobody had measured the level when the pairing began.
        NotMeasuredBefore = "not_measured_before",
        /// Nobody has measured the level since.
        NotMeasuredAfter = "not_measured_after",
        /// The two were measured in different ways.
        MethodsDiffer = "methods_differ",
        /// The coachee rated themself, before, after or both.
        SelfRated = "self_rated",
    }
}

/// A competency before and after a pairing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The competency.
    pub competency: CompetencyCode,
    /// The level that the position requires today, 0 for none: nobody closes a gap by changing the position.
    pub required: u8,
    /// What was found when the pairing began.
    pub before: Option<Found>,
    /// What was found since.
    pub after: Option<Found>,
}

impl Outcome {
    /// Levels missing when the pairing began, if measured.
    pub fn gap_before(&self) -> Option<u8> {
        self.before.map(|found| self.required.saturating_sub(found.level.get()))
    }

    /// Levels missing since, if measured.
    pub fn gap_after(&self) -> Option<u8> {
        self.after.map(|found| self.required.saturating_sub(found.level.get()))
    }

    /// Missing levels that are missing no more, if both were measured; below 0 where more are missing now.
    pub fn closed(&self) -> Option<i16> {
        Some(i16::from(self.gap_before()?) - i16::from(self.gap_after()?))
    }

    /// What must be said with it.
    pub fn remarks(&self) -> Vec<Remark> {
        let by_self =
            |found: Option<Found>| found.is_some_and(|found| found.method == AssessmentMethod::SelfAssessment);
        let differ = self.before.zip(self.after).is_some_and(|(before, after)| before.method != after.method);
        let all = [
            (Remark::NotMeasuredBefore, self.before.is_none()),
            (Remark::NotMeasuredAfter, self.after.is_none()),
            (Remark::MethodsDiffer, differ),
            (Remark::SelfRated, by_self(self.before) || by_self(self.after)),
        ];
        all.into_iter().filter(|(_, said)| *said).map(|(remark, _)| remark).collect()
    }
}

/// What a pairing has brought.
#[derive(Debug, Clone)]
pub struct Brought {
    /// The day on which it began, by which before and after are told apart.
    pub began_on: NaiveDate,
    /// The competencies it was about: those in the focus of its request, or else the largest gaps when it began;
    /// then those of its goals.
    pub outcomes: Vec<Outcome>,
    /// The reference data.
    pub reference: Reference,
}

/// What a pairing has brought so far, to its two sides and the programme.
///
/// # Errors
/// When it is none of them.
pub fn outcome(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Brought> {
    let pairing = pairings::get(db, id).map_err(|error| ServiceError::from(error).about("pairing"))?;
    let is_side = [Side::Coachee, Side::Coach].into_iter().any(|side| act.by(pairing.person(side)));
    act.allow(is_side || act.by_programme_of(db, pairing.coachee)?)?;
    let code = people::code(db, pairing.coachee)?;
    let Some(known) = records::levels_of(db, &code)? else {
        return Err(ServiceError::Missing(format!("there is no coachee {code}")));
    };
    let (focus, goals) = (focus(db, &pairing)?, goals(db, &pairing)?);
    let reference = directory::reference(db)?;
    let began_on = eligible::today(pairing.started_at);
    let outcomes = compared(&known, &reference, focus, goals, began_on, act.today());
    Ok(Brought { began_on, outcomes: outcomes?, reference })
}

fn focus(db: &mut Db, pairing: &Pairing) -> ServiceResult<Vec<CompetencyCode>> {
    let request = pairings::request(db, pairing)?;
    Ok(requests::focus(db, request)?)
}

fn goals(db: &mut Db, pairing: &Pairing) -> ServiceResult<Vec<CompetencyCode>> {
    let goals = pair_work::goals_of(db, pairing.id)?;
    Ok(goals.into_iter().filter_map(|goal| Some(goal.competency?.0)).collect())
}

fn compared(
    known: &CohortRecords,
    reference: &Reference,
    focus: Vec<CompetencyCode>,
    goals: Vec<CompetencyCode>,
    began_on: NaiveDate,
    today: NaiveDate,
) -> ServiceResult<Vec<Outcome>> {
    let damaged = |why: &dyn std::fmt::Display| ServiceError::Internal(why.to_string());
    let Some(coachee) = known.coachees.first() else { return Ok(Vec::new()) };
    let book = |day| LevelBook::new(&known.assessments, &known.requirements, &[coachee], reference, day);
    let mut about = focus;
    if about.is_empty() {
        let story = CoacheeRecord { focus: Vec::new(), ..coachee.clone() };
        let (largest, _) = book(began_on).focus(0, &story, &Policy::default()).map_err(|why| damaged(&why))?;
        let code = |at: u16| reference.competencies()[usize::from(at)].code.clone();
        about.extend(largest.as_slice().iter().map(|gap| code(gap.competency)));
    }
    for goal in goals {
        if !about.contains(&goal) {
            about.push(goal);
        }
    }
    let now = book(today);
    let levels = now.all(0, coachee).map_err(|why| damaged(&why))?;
    let history = now.history(0, coachee).map_err(|why| damaged(&why))?;
    let outcome = |competency: CompetencyCode| {
        let at = usize::from(reference.competency(competency.as_str())?);
        let compared = compare(&history[at], began_on);
        Some(Outcome { competency, required: levels[at].0, before: compared.before, after: compared.after })
    };
    Ok(about.into_iter().filter_map(outcome).collect())
}
