//! Competency levels of coachees and how they were assessed. All numbers here are invented;
//! what they aim at is said beside each.

use chrono::{Days, NaiveDate};

use super::draw::{Draw, Purpose, Streams};
use super::figures::Figures;
use super::places::is_central;
use crate::domain::records::AssessmentRecord;
use crate::domain::{AssessmentMethod, CompetencyCode, Level, Levels, PersonCode, Reference, Tier};

/// Mean of level minus required level before the effects below: most people in the
/// programme lack a level in some competencies, few in all.
const MEAN: f32 = -0.6;
/// Spread between agencies, persons, and the competencies of one person.
const SPREAD: [f32; 3] = [0.25, 0.4, 0.55];
/// People in remote areas and in small regencies had less training.
const REMOTE: f32 = -0.35;
const SMALL: f32 = -0.15;
/// Residents below which a regency counts as small.
const FEW_RESIDENTS: u64 = 120_000;
/// Central agencies train more.
const CENTRAL: f32 = 0.15;
/// How much harder than others the competencies are, by position in their order: managing
/// change, deciding, and developing people come out lowest in practice.
const HARDNESS: [f32; 9] = [0.25, 0.15, 0.05, 0.0, 0.1, -0.15, -0.25, -0.2, 0.1];
/// Days before the day of the population within which assessments lie.
const PERIOD: u32 = 730;

/// How good each agency is at developing its people.
#[derive(Debug)]
pub(super) struct Quality(Vec<f32>);

impl Quality {
    pub(super) fn new(reference: &Reference, figures: &Figures, streams: &Streams) -> Self {
        let small = |code: &str| figures.residents.get(code).is_some_and(|&residents| residents < FEW_RESIDENTS);
        let of = reference.agencies().iter().enumerate().map(|(at, agency)| {
            let own = streams.draw(Purpose::Agency, at as u64).bell() * SPREAD[0];
            let size = if agency.regency.as_ref().is_some_and(|regency| small(regency.as_str())) { SMALL } else { 0.0 };
            own + size + if is_central(agency.kind) { CENTRAL } else { 0.0 }
        });
        Self(of.collect())
    }

    fn of(&self, agency: u16) -> f32 {
        self.0.get(usize::from(agency)).copied().unwrap_or(0.0)
    }
}

/// What somebody can really do, which no assessment finds exactly: a value per competency.
#[derive(Debug, Clone)]
pub(super) struct Ability(Vec<f32>);

impl Ability {
    pub(super) fn of_coachee(
        reference: &Reference,
        quality: &Quality,
        (agency, remote): (u16, bool),
        tier: Tier,
        draw: &mut Draw,
    ) -> Self {
        let required = f32::from(reference.default_required(tier).get());
        let person = quality.of(agency) + draw.bell() * SPREAD[1] + if remote { REMOTE } else { 0.0 };
        let values = (0..reference.competencies().len()).map(|competency| {
            let hard = HARDNESS.get(competency).copied().unwrap_or(0.0);
            required + MEAN + hard + person + draw.bell() * SPREAD[2]
        });
        Self(values.collect())
    }

    /// The level of the competency at a position, without error of measurement.
    pub(super) fn level(&self, competency: usize) -> u8 {
        rounded(self.0.get(competency).copied().unwrap_or(1.0))
    }

    /// What assessments say of it: none for a few, several for most. People judge themselves
    /// mildly; the centre measures best, and is for leaders mostly.
    pub(super) fn assessments(
        &self,
        reference: &Reference,
        coachee: &PersonCode,
        tier: Tier,
        as_of: NaiveDate,
        draw: &mut Draw,
    ) -> Vec<AssessmentRecord> {
        if draw.chance(0.04) {
            return Vec::new();
        }
        let centre = if tier.seniority() >= 4 { 0.6 } else { 0.18 };
        let mut methods = Vec::new();
        for (method, share) in [
            (AssessmentMethod::SelfAssessment, 0.7),
            (AssessmentMethod::Superior, 0.55),
            (AssessmentMethod::AssessmentCentre, centre),
        ] {
            if draw.chance(share) {
                methods.push(method);
            }
        }
        match methods.last().copied() {
            None => methods.push(AssessmentMethod::SelfAssessment),
            Some(again) if draw.chance(0.1) => methods.push(again),
            Some(_) => {}
        }
        let mut assessments: Vec<AssessmentRecord> = Vec::with_capacity(methods.len());
        for method in methods {
            let mut days = draw.below(PERIOD) + 1;
            // Two assessments of a method lie at least a month apart.
            if assessments.last().is_some_and(|last| last.method == method) {
                let last = (as_of - assessments[assessments.len() - 1].assessed_on).num_days() as u32;
                days = if last > PERIOD / 2 { last - 30 - draw.below(300) } else { last + 30 + draw.below(300) };
            }
            let assessed_on = as_of.checked_sub_days(Days::new(u64::from(days))).unwrap_or(as_of);
            let levels = self.measured(reference, method, draw);
            assessments.push(AssessmentRecord { coachee: coachee.clone(), method, assessed_on, levels });
        }
        assessments
    }

    fn measured(&self, reference: &Reference, method: AssessmentMethod, draw: &mut Draw) -> Levels {
        let (mildness, error, left_out) = match method {
            AssessmentMethod::SelfAssessment => (0.25, 0.45, 0.0),
            AssessmentMethod::Superior => (0.1, 0.35, 0.06),
            AssessmentMethod::AssessmentCentre => (0.0, 0.15, 0.0),
        };
        let mut levels: Vec<(CompetencyCode, Level)> = Vec::with_capacity(self.0.len());
        for (competency, value) in reference.competencies().iter().zip(&self.0) {
            let found = rounded(value + mildness + draw.bell() * error);
            let skip = draw.chance(left_out) && !levels.is_empty();
            if let (false, Ok(level)) = (skip, Level::new(found)) {
                levels.push((competency.code.clone(), level));
            }
        }
        levels.into_iter().collect()
    }
}

/// What a coach of a tier is strong in: an own profile around the level of the tier. Only
/// levels from 3, and at least two competencies.
pub(super) fn strengths(reference: &Reference, tier: Option<Tier>, draw: &mut Draw) -> Vec<(CompetencyCode, Level)> {
    let mean = match tier.map(Tier::seniority) {
        Some(6..) => 4.4,
        Some(5) => 3.9,
        Some(_) => 3.4,
        None => 4.0,
    };
    let person = mean + draw.bell() * 0.25;
    let values: Vec<f32> = reference.competencies().iter().map(|_| person + draw.bell() * 0.7).collect();
    let mut ranked: Vec<usize> = (0..values.len()).collect();
    ranked.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    ranked.truncate(draw.between(3, 7) as usize);
    let mut kept: Vec<usize> =
        ranked.iter().enumerate().filter(|&(rank, &at)| rank < 2 || values[at] >= 2.5).map(|(_, &at)| at).collect();
    kept.sort_unstable();
    let level = |at: usize| Level::new(rounded(values[at]).max(3)).ok();
    kept.into_iter().filter_map(|at| Some((reference.competencies()[at].code.clone(), level(at)?))).collect()
}

fn rounded(value: f32) -> u8 {
    (value + 0.5).clamp(1.0, 5.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_stays_within_the_levels() {
        assert_eq!([-2.0, 1.4, 1.5, 4.49, 4.5, 9.0].map(rounded), [1, 1, 2, 4, 5, 5]);
    }
}
