//! What one person asks for, who is part of no cohort.

use chrono::NaiveDate;

use crate::domain::records::{AskingRecord, CoacheeRecord};
use crate::domain::{AgencyCode, Languages, Modes, OptOuts, PersonCode, Policy, Reference, Tier};
use crate::matching::build::{field_number, known};
use crate::matching::columns::{Coachee, Cohort, FocusList, NO_FIELD, Relation, UnknownReference};
use crate::matching::employers::Employers;
use crate::matching::levels::LevelBook;
use crate::matching::lottery;
use crate::matching::relations::Notes;

/// What one person asks for. Positions are those of the pool's reference.
#[derive(Debug, Clone)]
pub struct Request {
    /// The focus, at most three gaps.
    pub focus: FocusList,
    /// Whether any level was assessed: without, there is no focus either.
    pub assessed: bool,
    /// The tier.
    pub tier: Tier,
    /// Field of work as a position in the reference, if known.
    pub field: Option<u8>,
    /// Region as a position in the reference.
    pub regency: u16,
    /// Ways of meeting.
    pub modes: Modes,
    /// Languages.
    pub languages: Languages,
    /// Employer.
    pub agency: AgencyCode,
    /// Kinds of coaches the agency has opted out of.
    pub opt_outs: OptOuts,
    /// Unit within the employer, if known.
    pub unit: Option<String>,
    /// Number by which ties are broken.
    pub lottery: u64,
    /// What is said about single coaches, each at most once; who is not in the pool does not matter.
    pub relations: Vec<(PersonCode, Relation)>,
}

impl Request {
    /// The request of somebody who asks outside of a run. `as_of` decides which assessments count.
    ///
    /// # Errors
    /// When a record names a region, field or competency that the reference does not have.
    pub fn new(
        asking: &AskingRecord,
        reference: &Reference,
        policy: &Policy,
        as_of: NaiveDate,
        seed: u64,
    ) -> Result<Self, UnknownReference> {
        let own = &asking.coachee;
        let levels = LevelBook::new(&asking.assessments, &asking.requirements, &[own], reference, as_of);
        let (focus, assessed) = levels.focus(0, own, policy)?;
        let regency = known(reference.regency(own.regency.as_str()), &own.code, "regency", &own.regency)?;
        let field = field_number(reference, &own.code, own.field.as_ref())?;
        Ok(Self {
            focus,
            assessed,
            tier: own.tier,
            field: Some(field).filter(|&field| field != NO_FIELD),
            regency,
            modes: own.modes,
            languages: own.languages,
            agency: own.agency.clone(),
            opt_outs: asking.opt_outs,
            unit: own.unit.clone(),
            lottery: lottery::ticket(seed, own.code.as_str()),
            relations: relations(asking),
        })
    }

    /// The request of a coachee of a cohort, which needs to hold no more than this coachee and the
    /// coaches about whom something is said. None if it does not hold the coachee.
    pub fn of(coachee: &CoacheeRecord, cohort: &Cohort) -> Option<Self> {
        let at = cohort.coachees.code.binary_search(&coachee.code).ok()?;
        let known = cohort.coachees.get(at);
        let code = |coach: u32| cohort.coaches.code[coach as usize].clone();
        Some(Self {
            focus: known.focus,
            assessed: cohort.coachees.assessed[at],
            tier: coachee.tier,
            field: Some(known.field).filter(|&field| field != NO_FIELD),
            regency: known.regency,
            modes: coachee.modes,
            languages: coachee.languages,
            agency: coachee.agency.clone(),
            opt_outs: OptOuts::from_bits(known.opt_outs),
            unit: coachee.unit.clone(),
            lottery: known.lottery,
            relations: known.relations.iter().map(|&(coach, relation)| (code(coach), relation)).collect(),
        })
    }

    /// The relations to coaches who have a place, by place.
    pub(super) fn relations(&self, place: impl Fn(&PersonCode) -> Option<u32>) -> Vec<(u32, Relation)> {
        let mut placed: Vec<(u32, Relation)> =
            self.relations.iter().filter_map(|(coach, relation)| Some((place(coach)?, *relation))).collect();
        placed.sort_unstable_by_key(|&(coach, _)| coach);
        placed
    }

    /// The request in the terms of columns.
    pub(super) fn coachee<'a>(&self, employers: &Employers, relations: &'a [(u32, Relation)]) -> Coachee<'a> {
        Coachee {
            focus: self.focus,
            tier: self.tier as u8,
            seniority: self.tier.seniority(),
            field: self.field.unwrap_or(NO_FIELD),
            regency: self.regency,
            modes: self.modes.bits(),
            languages: self.languages.bits(),
            agency: employers.agency(&self.agency),
            opt_outs: self.opt_outs.bits(),
            unit: employers.unit(&self.agency, self.unit.as_deref()),
            lottery: self.lottery,
            relations,
        }
    }
}

/// What is known about somebody who asks and single coaches.
fn relations(asking: &AskingRecord) -> Vec<(PersonCode, Relation)> {
    let own = &asking.coachee;
    let mut notes = Notes::default();
    notes.same_person(own.code.clone());
    asking.line_of_command.iter().for_each(|coach| notes.line_of_command(coach.clone()));
    own.earlier.iter().for_each(|coach| notes.earlier(coach.clone()));
    (1u8..=3).zip(&own.choices).for_each(|(rank, coach)| notes.chosen(coach.clone(), rank));
    asking.wishing.iter().for_each(|coach| notes.wishing(coach.clone()));
    notes.by_coach()
}
