//! Coachees: who they are, what they can do, what they ask for.

use super::draw::{Draw, Purpose};
use super::identities::{self, Holder};
use super::levels::Ability;
use super::{Population, SyntheticCoachee, personal, requirements};
use crate::domain::records::{CoachRecord, CoacheeRecord};
use crate::domain::{CompetencyCode, Language, Languages, Mode, Modes, PersonCode, Tier, Verification};

/// Shares of those who state a focus, rank coaches, or come from an earlier pair. Invented.
const FOCUS: f64 = 0.15;
const CHOOSING: f64 = 0.1;
const EARLIER: f64 = 0.02;
/// How many coaches somebody looks at before choosing.
const LOOKS: u32 = 12;

/// A coachee before being connected to anybody else.
pub(super) struct Draft {
    pub(super) coachee: SyntheticCoachee,
    pub(super) ability: Ability,
}

/// The code of the coachee at an index.
pub(super) fn code(index: u64) -> Option<PersonCode> {
    PersonCode::new(&format!("P{:07}", index + 1)).ok()
}

/// The coachee at an index without links to coaches.
pub(super) fn draft(population: &Population, index: u64) -> Option<Draft> {
    let reference = population.reference;
    let mut draw = population.streams.draw(Purpose::Coachee, index);
    let standing = population.standings.draw(&mut draw)?;
    let place = population.places.civil_servant(standing.tier, &mut draw)?;
    let work = super::positions::work(reference, place, standing.tier, standing.woman, &mut draw);
    let holder = Holder { tier: standing.tier, woman: standing.woman, contract: standing.contract };
    let identity = population.numbers.identity(identities::COACHEES, index, holder, &mut draw)?;
    let regency = &reference.regencies()[usize::from(place.regency)];
    let code = code(index)?;
    let person = personal::Person { tier: standing.tier, woman: standing.woman, work: &work, identity: &identity };
    let name = personal::name(&population.names, regency.province.as_str(), person, &mut draw);
    let remote = population.remote[usize::from(place.regency)];
    let ability = Ability::of_coachee(reference, &population.quality, (place.agency, remote), standing.tier, &mut draw);
    let assessments = ability.assessments(reference, &code, standing.tier, population.as_of, &mut draw);
    let requirement = requirements::of_person(reference, &code, standing.tier, &mut draw);
    let email = draw.chance(0.97).then(|| personal::email(&name, &code, "asn.example"));
    let record = CoacheeRecord {
        name,
        identity: draw.chance(0.98).then_some(identity),
        email,
        agency: reference.agencies()[usize::from(place.agency)].code.clone(),
        unit: draw.chance(0.95).then_some(work.unit),
        superior: None,
        position: work.position,
        tier: standing.tier,
        field: draw.chance(0.96).then(|| super::field_code(work.field)).flatten(),
        regency: regency.code.clone(),
        modes: modes(remote, &mut draw),
        languages: languages(regency.province.as_str(), &mut draw),
        focus: focus(population, &ability, standing.tier, &mut draw),
        choices: Vec::new(),
        earlier: Vec::new(),
        waiting_rounds: draw.weighted(&[(0, 800), (1, 120), (2, 50), (3, 20), (4, 7), (5, 3)]),
        code,
    };
    Some(Draft { coachee: SyntheticCoachee { record, assessments, requirement }, ability })
}

/// The coachee at an index, with superior, choices and earlier coaches.
pub(super) fn coachee(population: &Population, index: u64) -> Option<SyntheticCoachee> {
    let Draft { mut coachee, ability } = draft(population, index)?;
    let mut draw = population.streams.draw(Purpose::CoacheeLinks, index);
    let record = &mut coachee.record;
    record.superior = superior(population, record, &mut draw);
    if draw.chance(CHOOSING) {
        let wanted = draw.between(1, 3) as usize;
        record.choices = choices(population, record, &ability, wanted, &mut draw);
    }
    if draw.chance(EARLIER) {
        let coach = population.any_coach(&mut draw).and_then(super::coaches::code);
        record.earlier = coach.into_iter().filter(|coach| !record.choices.contains(coach)).collect();
    }
    Some(coachee)
}

/// A coach in the agency who stands higher is often the superior of somebody there.
fn superior(population: &Population, record: &CoacheeRecord, draw: &mut Draw) -> Option<PersonCode> {
    let colleagues = population.alumni_of(record.agency.as_str());
    if colleagues.is_empty() || !draw.chance(0.3) {
        return None;
    }
    let colleague = *draw.pick(colleagues);
    (colleague.seniority > record.tier.seniority()).then(|| super::coaches::code(colleague.index)).flatten()
}

/// Coaches whom somebody would choose after looking at a few.
fn choices(
    population: &Population,
    record: &CoacheeRecord,
    ability: &Ability,
    wanted: usize,
    draw: &mut Draw,
) -> Vec<PersonCode> {
    let mut chosen = Vec::new();
    for _ in 0..LOOKS {
        if chosen.len() == wanted {
            break;
        }
        let coach = population.any_coach(draw).and_then(|index| super::coaches::draft(population, index));
        let suitable = coach.filter(|coach| suits(population, record, ability, coach));
        chosen.extend(suitable.map(|coach| coach.code).filter(|code| !chosen.contains(code)));
    }
    chosen
}

/// Whether two people would think of each other: senior enough, stronger in something that
/// is lacking, and a way and a language to talk. Not the hard rules of the engine, which
/// may still forbid the pair.
pub(super) fn suits(population: &Population, record: &CoacheeRecord, ability: &Ability, coach: &CoachRecord) -> bool {
    let required = population.reference.default_required(record.tier).get();
    coach.verification == Verification::Verified
        && coach.accepting
        && coach.tier.is_none_or(|tier| tier.seniority() >= record.tier.seniority())
        && !(coach.agency == record.agency && coach.unit == record.unit)
        && coach.modes.shared(record.modes).contains(Mode::Online)
        && coach.languages.bits() & record.languages.bits() != 0
        && coach.strengths.iter().any(|(competency, level)| {
            let own = population.reference.competency(competency.as_str()).map(|at| ability.level(usize::from(at)));
            own.is_some_and(|own| own < required && level.get() >= required)
        })
}

/// Remote people meet online more often, where there is a line; where there is none, they
/// can only meet in person. Invented.
fn modes(remote: bool, draw: &mut Draw) -> Modes {
    let (online, in_person) = (Modes::NONE.with(Mode::Online), Modes::NONE.with(Mode::InPerson));
    let shares = if remote { [50, 26, 24] } else { [25, 66, 9] };
    draw.weighted(&[(online, shares[0]), (Modes::BOTH, shares[1]), (in_person, shares[2])])
}

/// Nearly everybody speaks Indonesian; some only a regional language, with coaching at least.
fn languages(province: &str, draw: &mut Draw) -> Languages {
    let regional = regional(province);
    let mut languages = Languages::NONE;
    match regional {
        Some(regional) if draw.chance(0.025) => return languages.with(regional),
        Some(regional) if draw.chance(0.3) => languages = languages.with(regional),
        _ => {}
    }
    languages = languages.with(Language::Indonesian);
    if draw.chance(0.06) { languages.with(Language::English) } else { languages }
}

/// The regional language of a province, if it is one in which coaching is offered.
pub(super) fn regional(province: &str) -> Option<Language> {
    match province {
        "33" | "34" | "35" => Some(Language::Javanese),
        "32" | "36" => Some(Language::Sundanese),
        "51" => Some(Language::Balinese),
        "13" => Some(Language::Minangkabau),
        "73" => Some(Language::Buginese),
        "91" | "92" | "93" | "94" | "95" | "96" => Some(Language::PapuanMalay),
        _ => None,
    }
}

/// Usually none, which means the largest gaps; else some competencies that are lacking.
fn focus(population: &Population, ability: &Ability, tier: Tier, draw: &mut Draw) -> Vec<CompetencyCode> {
    if !draw.chance(FOCUS) {
        return Vec::new();
    }
    let required = population.reference.default_required(tier).get();
    let competencies = population.reference.competencies();
    let mut lacking: Vec<usize> = (0..competencies.len()).filter(|&at| ability.level(at) < required).collect();
    let wanted = draw.between(1, 3) as usize;
    draw.shuffle_front(&mut lacking, wanted);
    lacking.truncate(wanted);
    lacking.into_iter().map(|at| competencies[at].code.clone()).collect()
}
