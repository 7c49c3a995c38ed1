//! Cohorts: named sets of requests, with the days on which they take them, who may ask, and the policy they follow.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::act::{Text, text};
use super::rankings::Phase;
use super::{Act, Denial, Refusal, ServiceError, ServiceResult, directory, eligible};
use crate::domain::{Admission, AdmissionKind, AgencyCode, Policy, ProvinceCode, Tier};
use crate::store::cohort_terms::{self, Terms};
use crate::store::cohorts::{self, Cohort};
use crate::store::types::Stamp;
use crate::store::{CohortId, Db, PersonId, accounts};

/// A cohort, and whether it takes requests now.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The cohort.
    pub cohort: Cohort,
    /// Who may ask, and the policy.
    pub terms: Terms,
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
    let mut terms = cohort_terms::all(db)?;
    let listed = |cohort: Cohort| Listed {
        terms: terms.remove(&cohort.id).unwrap_or_default(),
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
    let cohort = find(db, code)?;
    shown(db, cohort, now)
}

/// The cohort with a code, to whoever may change it.
///
/// # Errors
/// When there is none, or it is not for whoever acts.
pub fn to_change(db: &mut Db, act: &Act, code: &str) -> ServiceResult<Listed> {
    let cohort = find(db, code)?;
    act.allow(act.by_programme_of_cohort(db, cohort.id)?)?;
    shown(db, cohort, act.now)
}

fn find(db: &mut Db, code: &str) -> ServiceResult<Cohort> {
    cohorts::by_code(db, code)?.ok_or_else(|| ServiceError::Missing(format!("there is no cohort {code}")))
}

fn shown(db: &mut Db, cohort: Cohort, now: Stamp) -> ServiceResult<Listed> {
    let ranking = cohorts::ranking(db, cohort.id)?.map(|days| Phase::at(days, now));
    Ok(Listed { terms: cohort_terms::get(db, cohort.id)?, open: is_open(&cohort, now), ranking, cohort })
}

/// The cohorts that take requests of the coachee who acts, the newest first.
///
/// # Errors
/// When it is nobody of the records.
pub fn open_to(db: &mut Db, act: &Act) -> ServiceResult<Vec<Cohort>> {
    let coachee = act.person()?;
    let employment = cohort_terms::employment(db, coachee)?;
    let admissions = cohort_terms::admissions_of_all(db)?;
    let takes = |cohort: &Cohort| match (admissions.get(&cohort.id), &employment) {
        (None, _) => true,
        (Some(admission), Some((agency, tier, province))) => admission.bars(agency, *tier, province).is_none(),
        (Some(_), None) => false,
    };
    Ok(cohorts::list(db)?.into_iter().filter(|cohort| is_open(cohort, act.now) && takes(cohort)).collect())
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
    /// Who may ask.
    pub admission: Admission,
    /// The policy; unless said, the one by default.
    pub policy: Option<Policy>,
}

/// What is to be otherwise about a cohort; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Another name.
    pub name: Option<String>,
    /// Another first day, or none.
    pub opens_on: Option<Option<NaiveDate>>,
    /// Another last day, or none.
    pub closes_on: Option<Option<NaiveDate>>,
    /// Other agencies.
    pub agencies: Option<BTreeSet<AgencyCode>>,
    /// Other tiers.
    pub tiers: Option<BTreeSet<Tier>>,
    /// Other provinces.
    pub provinces: Option<BTreeSet<ProvinceCode>>,
    /// Another policy.
    pub policy: Option<Policy>,
}

const CODE: Text = Text { pointer: "/code", most: 64, expected: "error.field.cohort_code" };
const NAME: Text = Text { pointer: "/name", most: 150, expected: "error.field.name" };
/// Most agencies that a cohort may name.
const MOST_AGENCIES: usize = 200;
/// The name under which the policies of cohorts are kept, version by version.
const POLICY_NAME: &str = "cohort";

/// Makes a cohort, by the programme; an agency's admin makes one for the agency alone.
///
/// # Errors
/// When it is not the programme, there is one with the code, its days run backwards, or it names what is not there.
pub fn create(db: &mut Db, act: &Act, new: &NewCohort) -> ServiceResult<Listed> {
    let admission = confined(act, new.admission.clone())?;
    let (code, name) = (text(&CODE, &new.code)?, text(&NAME, &new.name)?);
    let (opens_on, closes_on) = forwards(new.opens_on, new.closes_on)?;
    let policy = usable(new.policy.unwrap_or_default())?;
    act.record(db, "cohort", |db, journal| {
        let cohort = Cohort { id: CohortId::new(), code, name, opens_on, closes_on, created_at: act.now };
        if cohorts::by_code(db, &cohort.code)?.is_some() {
            return Err(Refusal::CohortExists.into());
        }
        known(db, &admission)?;
        make(db, &cohort, &admission, &policy, act.now)?;
        journal.note("cohort", cohort.id.uuid(), "created", &serde_json::json!({ "code": cohort.code }))?;
        shown(db, cohort, act.now)
    })
}

/// Changes a cohort, by the programme; an agency's admin, one that is for the agency alone, and which stays so. Who asks in
/// it already goes on asking, and runs ordered before keep their policy.
///
/// # Errors
/// When it is not the programme, it was changed since it was seen, its days would run backwards, it names what is not
/// there, or somebody of an agency that would be left out asks in it.
pub fn change(db: &mut Db, act: &Act, code: &str, changes: &Changes) -> ServiceResult<Listed> {
    act.record(db, "cohort", |db, journal| {
        let Listed { cohort, terms, .. } = to_change(db, act, code)?;
        act.saw(terms.version)?;
        let name = changes.name.as_deref().map_or_else(|| Ok(cohort.name.clone()), |name| text(&NAME, name))?;
        let opens_on = changes.opens_on.unwrap_or(cohort.opens_on);
        let (opens_on, closes_on) = forwards(opens_on, changes.closes_on.unwrap_or(cohort.closes_on))?;
        let admission = confined(act, changes.admission(&terms.admission))?;
        let policy = usable(changes.policy.unwrap_or(terms.policy))?;
        let changed: Vec<&str> = [
            ("name", name != cohort.name),
            ("opens_on", opens_on != cohort.opens_on),
            ("closes_on", closes_on != cohort.closes_on),
            ("admission", admission != terms.admission),
            ("policy", policy != terms.policy),
        ]
        .into_iter()
        .filter_map(|(part, changed)| changed.then_some(part))
        .collect();
        if changed.is_empty() {
            return shown(db, cohort, act.now);
        }
        cohort_terms::change(db, cohort.id, terms.version, &name, opens_on, closes_on)?;
        if admission != terms.admission {
            known(db, &admission)?;
            // Whom it names decides whose admin runs it.
            let narrower = admission.agencies != terms.admission.agencies && !admission.agencies.is_empty();
            if narrower && cohort_terms::others_ask(db, cohort.id, &admission.agencies)? {
                return Err(Refusal::OthersAsk.into());
            }
            cohort_terms::set_admission(db, cohort.id, &admission)?;
        }
        if policy != terms.policy {
            follow(db, cohort.id, &policy, act.now)?;
        }
        journal.note("cohort", cohort.id.uuid(), "changed", &serde_json::json!({ "changed": changed }))?;
        shown(db, Cohort { name, opens_on, closes_on, ..cohort }, act.now)
    })
}

impl Changes {
    fn admission(&self, old: &Admission) -> Admission {
        Admission {
            agencies: self.agencies.as_ref().unwrap_or(&old.agencies).clone(),
            tiers: self.tiers.as_ref().unwrap_or(&old.tiers).clone(),
            provinces: self.provinces.as_ref().unwrap_or(&old.provinces).clone(),
        }
    }
}

/// Puts a cohort and its terms into the database.
pub(super) fn make(
    db: &mut Db,
    cohort: &Cohort,
    admission: &Admission,
    policy: &Policy,
    now: Stamp,
) -> ServiceResult<()> {
    cohorts::create(db, cohort)?;
    cohort_terms::set_admission(db, cohort.id, admission)?;
    follow(db, cohort.id, policy, now)
}

/// Lets a cohort follow a policy: a new version of its own, unless the newest says just this.
fn follow(db: &mut Db, cohort: CohortId, policy: &Policy, now: Stamp) -> ServiceResult<()> {
    let kept = cohorts::keep_policy(db, Some(cohort), POLICY_NAME, policy, now)?;
    Ok(cohort_terms::set_policy(db, cohort, kept.id)?)
}

/// Who may ask, as far as whoever acts decides about that: an agency's admin about nobody else's coachees.
fn confined(act: &Act, admission: Admission) -> ServiceResult<Admission> {
    match act.agency()? {
        None => Ok(admission),
        Some(own) if admission.agencies.is_empty() || admission.is_of_agency(&own) => {
            Ok(Admission { agencies: BTreeSet::from([own]), ..admission })
        }
        Some(_) => Err(Denial::fault("/agencies", "error.field.own_agency").into()),
    }
}

fn forwards(
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
) -> ServiceResult<(Option<NaiveDate>, Option<NaiveDate>)> {
    if first.zip(last).is_some_and(|(first, last)| last < first) {
        return Err(Denial::fault("/closes_on", "error.field.closes_on").into());
    }
    Ok((first, last))
}

fn usable(policy: Policy) -> ServiceResult<Policy> {
    policy.check().map_err(|_| Denial::fault("/policy", "error.field.policy"))?;
    Ok(policy)
}

/// Refuses what is not there.
fn known(db: &mut Db, admission: &Admission) -> ServiceResult<()> {
    let Admission { agencies, provinces, .. } = admission;
    if agencies.len() > MOST_AGENCIES {
        return Err(Denial::fault("/agencies", "error.field.agencies").into());
    }
    for agency in agencies {
        if !accounts::has_agency(db, agency)? {
            return Err(Denial::fault("/agencies", "error.field.agency").into());
        }
    }
    if !provinces.is_empty() {
        let reference = directory::reference(db)?;
        let known = |code: &ProvinceCode| reference.provinces().iter().any(|one| one.code == *code);
        if !provinces.iter().all(known) {
            return Err(Denial::fault("/provinces", "error.field.provinces").into());
        }
    }
    Ok(())
}

/// Refuses a coachee whom a cohort is not for.
pub(super) fn admit(db: &mut Db, cohort: CohortId, coachee: PersonId) -> ServiceResult<()> {
    let admission = cohort_terms::admission(db, cohort)?;
    if admission == Admission::default() {
        return Ok(());
    }
    let employment = cohort_terms::employment(db, coachee)?;
    let (agency, tier, province) =
        employment.ok_or_else(|| ServiceError::Missing("there is no such coachee".into()))?;
    match admission.bars(&agency, tier, &province) {
        None => Ok(()),
        Some(AdmissionKind::Agency) => Err(Refusal::OtherAgencies.into()),
        Some(AdmissionKind::Tier) => Err(Refusal::OtherTiers.into()),
        Some(AdmissionKind::Province) => Err(Refusal::OtherProvinces.into()),
    }
}

/// Whether a cohort takes requests now.
pub(super) fn is_open(cohort: &Cohort, now: Stamp) -> bool {
    let today = eligible::today(now);
    cohort.opens_on.is_none_or(|day| day <= today) && cohort.closes_on.is_none_or(|day| today <= day)
}
