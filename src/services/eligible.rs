//! Whether a coach may be the coach of a coachee: the rules of the engine, asked about single pairs.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::{ServiceError, ServiceResult};
use crate::domain::records::CohortRecords;
use crate::domain::{AgencyCode, CompetencyCode, PersonCode, Policy, Reference, RegencyCode, Tier};
use crate::matching::columns::Focus;
use crate::matching::explain::Explanation;
use crate::matching::{Cohort, Rule};
use crate::store::types::Stamp;
use crate::store::{CohortId, Db, cohort_terms, records, reference};

/// A coachee and some coaches as the engine sees them.
pub(super) struct Few {
    cohort: Cohort,
    coachee: usize,
    work: Work,
}

/// A gap that a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The competency.
    pub competency: CompetencyCode,
    /// Level required, 1 to 5.
    pub required: u8,
    /// Level assessed, below the required one.
    pub assessed: u8,
}

/// Where a coachee works, as a coach may know before accepting: no name, no way to reach them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// The employer.
    pub agency: AgencyCode,
    /// The position.
    pub position: String,
    /// Its tier.
    pub tier: Tier,
    /// Where.
    pub regency: RegencyCode,
}

/// Loads a coachee with the latest request in a cohort, and some coaches.
pub(super) fn few(
    db: &mut Db,
    cohort: CohortId,
    coachee: &PersonCode,
    coaches: &[PersonCode],
    now: Stamp,
) -> ServiceResult<Few> {
    Ground::load(db)?.few(db, cohort, coachee, coaches, now)
}

/// The same under the policy of a run, which the cohort may follow no more.
pub(super) fn few_under(
    db: &mut Db,
    cohort: CohortId,
    policy: &Policy,
    coachee: &PersonCode,
    coaches: &[PersonCode],
    now: Stamp,
) -> ServiceResult<Few> {
    let records = records::few(db, cohort, coachee, coaches)?;
    let reference = Reference::new(reference::load(db)?).map_err(|why| damaged(&why))?;
    Few::of(&records, &reference, policy, coachee, now)
}

/// What the rules stand on, read once for whoever asks about many pairs.
pub(super) struct Ground {
    pub(super) reference: Reference,
    policies: HashMap<CohortId, Policy>,
}

impl Ground {
    /// Reads it.
    pub(super) fn load(db: &mut Db) -> ServiceResult<Self> {
        let reference = Reference::new(reference::load(db)?).map_err(|why| damaged(&why))?;
        Ok(Self { reference, policies: HashMap::new() })
    }

    /// As [`few`].
    pub(super) fn few(
        &mut self,
        db: &mut Db,
        cohort: CohortId,
        coachee: &PersonCode,
        coaches: &[PersonCode],
        now: Stamp,
    ) -> ServiceResult<Few> {
        let policy = match self.policies.entry(cohort) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(missing) => missing.insert(cohort_terms::policy(db, cohort)?),
        };
        let records = records::few(db, cohort, coachee, coaches)?;
        Few::of(&records, &self.reference, policy, coachee, now)
    }
}

fn damaged(why: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Internal(why.to_string())
}

/// Rules about whether a coach has time: of no matter for an offer that holds a place already.
const ABOUT_PLACES: [Rule; 2] = [Rule::NotAccepting, Rule::NoFreePlace];
/// Rules that are not asked of pairs as [`records::of_pairs`] loads them: those about levels and places, and those that
/// belong to a run or are remembered.
const NOT_OF_PAIRS: [Rule; 5] =
    [Rule::NotAccepting, Rule::NoFreePlace, Rule::Strength, Rule::EarlierPair, Rule::ForbiddenByAdmin];

/// Those of many pairs (coachee, coach) of a cohort that a rule forbids by now, by their place: a conflict of interest
/// or an opt-out that was declared since they were computed, another superior, another unit. Without the rules about
/// levels, which take long to load, and places, which are counted elsewhere.
pub(super) fn forbidden(
    db: &mut Db,
    cohort: CohortId,
    policy: &Policy,
    pairs: &[(PersonCode, PersonCode)],
    now: Stamp,
) -> ServiceResult<HashSet<usize>> {
    let records = records::of_pairs(db, cohort, pairs)?;
    let reference = Reference::new(reference::load(db)?).map_err(|why| damaged(&why))?;
    let built = Cohort::build(&records, &reference, policy, today(now), 0).map_err(|why| damaged(&why))?;
    let coachees: HashMap<&PersonCode, usize> = built.coachees.code.iter().zip(0..).collect();
    let coaches: HashMap<&PersonCode, u32> = built.coaches.code.iter().zip(0..).collect();
    let is_forbidden = |(coachee, coach): &(PersonCode, PersonCode)| {
        // Who has left the records is nobody's coach or coachee any more.
        let (Some(&coachee), Some(&coach)) = (coachees.get(coachee), coaches.get(coach)) else { return true };
        built.broken_rules(coachee, coach).iter().any(|rule| !NOT_OF_PAIRS.contains(&rule))
    };
    Ok((0..).zip(pairs).filter(|(_, pair)| is_forbidden(pair)).map(|(at, _)| at).collect())
}

impl Few {
    fn of(
        records: &CohortRecords,
        reference: &Reference,
        policy: &Policy,
        coachee: &PersonCode,
        now: Stamp,
    ) -> ServiceResult<Self> {
        let built = Cohort::build(records, reference, policy, today(now), 0).map_err(|why| damaged(&why))?;
        let at = built.coachees.code.iter().position(|code| code == coachee);
        let coachee = at.ok_or_else(|| ServiceError::Missing(format!("there is no coachee {coachee}")))?;
        let record = records.coachees.iter().find(|record| record.code == built.coachees.code[coachee]);
        let record = record.ok_or_else(|| ServiceError::Internal("a coachee without a record".into()))?;
        let work = Work {
            agency: record.agency.clone(),
            position: record.position.clone(),
            tier: record.tier,
            regency: record.regency.clone(),
        };
        Ok(Few { cohort: built, coachee, work })
    }

    /// Refuses a coach whom a rule forbids, and names the rules.
    pub(super) fn admit(&self, coach: &PersonCode) -> ServiceResult<()> {
        self.admit_but(coach, &[])
    }

    /// The same for a coach whose place is held for the coachee already.
    pub(super) fn admit_held(&self, coach: &PersonCode) -> ServiceResult<()> {
        self.admit_but(coach, &ABOUT_PLACES)
    }

    fn admit_but(&self, coach: &PersonCode, but: &[Rule]) -> ServiceResult<()> {
        let Some(at) = (0_u32..).zip(&self.cohort.coaches.code).find(|(_, code)| *code == coach) else {
            return Err(ServiceError::Missing(format!("there is no coach {coach}")));
        };
        let broken = self.cohort.broken_rules(self.coachee, at.0).iter();
        let rules: Vec<Rule> = broken.filter(|rule| !but.contains(rule)).collect();
        if rules.is_empty() { Ok(()) } else { Err(ServiceError::RuledOut { coach: coach.clone(), rules }) }
    }

    /// The gaps that the request is about.
    pub(super) fn gaps(&self) -> Vec<Gap> {
        let focus = self.cohort.coachees.focus[self.coachee].as_slice();
        let code = |at: u16| self.cohort.reference.competencies()[usize::from(at)].code.clone();
        let gap = |f: &Focus| Gap { competency: code(f.competency), required: f.required, assessed: f.assessed };
        focus.iter().map(gap).collect()
    }

    /// Why a coach would have the score that it would have; none if there is no such coach.
    pub(super) fn explain(&self, coach: &PersonCode) -> Option<Explanation> {
        let (at, _) = (0_u32..).zip(&self.cohort.coaches.code).find(|(_, code)| *code == coach)?;
        Some(self.cohort.explain(self.coachee, at))
    }

    /// Where the coachee works.
    pub(super) fn work(&self) -> Work {
        self.work.clone()
    }

    /// Whether the coachee has a measured gap to work on.
    pub(super) fn has_gap(&self) -> bool {
        !self.cohort.coachees.focus[self.coachee].as_slice().is_empty()
    }

    /// The coachee's priority on the waiting list.
    pub(super) fn priority(&self) -> i32 {
        priority(&self.cohort, self.coachee)
    }
}

/// A coachee's class in the engine without the waiting rounds, which change by themselves: bit 8 for a
/// remote area, below it the sum of the gaps.
pub(super) fn priority(cohort: &Cohort, coachee: usize) -> i32 {
    i32::try_from(cohort.coachees.class[coachee] >> 8).unwrap_or(i32::MAX)
}

/// The day it is in Jakarta, where the programme is run.
pub(super) fn today(now: Stamp) -> NaiveDate {
    const HOURS_AHEAD: i64 = 7;
    (now.time() + chrono::Duration::hours(HOURS_AHEAD)).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_at_midnight_in_jakarta() {
        let evening = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap().and_hms_opt(17, 0, 0).unwrap().and_utc();
        let day = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
        assert_eq!(today(Stamp::new(evening)), day);
        assert_eq!(today(Stamp::new(evening - chrono::Duration::seconds(1))), day - chrono::Days::new(1));
    }
}
