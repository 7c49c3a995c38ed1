//! Required levels that differ from those of the tier; all invented.

use super::draw::{Draw, Purpose, Streams};
use crate::domain::records::{RequirementRecord, RequirementScope};
use crate::domain::{CompetencyCode, Level, PersonCode, Reference, Tier};

/// Serving the public and working together are asked of everybody who meets the public.
const FRONT_LINE: &[Tier] = &[Tier::Pelaksana, Tier::JfMahir, Tier::JfTerampil, Tier::JfPemula];
/// Positions that exist in most agencies, and the competencies (position in their order)
/// of which an agency may ask one level more than the tier does.
const POSITIONS: &[(&str, Tier, &[usize])] = &[
    ("Kepala Subbagian Umum dan Kepegawaian", Tier::Pengawas, &[5, 7]),
    ("Kepala Subbagian Keuangan", Tier::Pengawas, &[0, 3]),
    ("Kepala Bagian Tata Usaha", Tier::Administrator, &[6, 7]),
    ("Camat", Tier::Administrator, &[4, 8]),
    ("Lurah", Tier::Pengawas, &[4, 8]),
    ("Guru Ahli Muda", Tier::JfAhliMuda, &[2, 5]),
    ("Analis Kebijakan Ahli Muda", Tier::JfAhliMuda, &[6]),
    ("Pengadministrasi Perkantoran", Tier::Pelaksana, &[2]),
];
/// Share of agencies that have set any, and of people with levels of their own.
const AGENCIES: f64 = 0.3;
const PEOPLE: f64 = 0.005;

/// Those of tiers and of positions; the same for any number of people.
pub(super) fn general(reference: &Reference, streams: &Streams) -> Vec<RequirementRecord> {
    let tiers = FRONT_LINE.iter().filter_map(|&tier| {
        let levels = raised(reference, tier, &[1, 4]);
        (!levels.is_empty()).then_some(RequirementRecord { scope: RequirementScope::Tier(tier), levels })
    });
    let agencies = reference.agencies().iter().enumerate().flat_map(|(at, agency)| {
        let mut draw = streams.draw(Purpose::Requirement, at as u64);
        let wanted = if draw.chance(AGENCIES) { draw.between(1, 3) as usize } else { 0 };
        let mut positions: Vec<_> = POSITIONS.iter().collect();
        draw.shuffle_front(&mut positions, wanted);
        positions.truncate(wanted);
        positions.into_iter().map(move |&(position, tier, competencies)| RequirementRecord {
            scope: RequirementScope::Position(agency.code.clone(), position.to_owned()),
            levels: raised(reference, tier, competencies),
        })
    });
    tiers.chain(agencies).filter(|requirement| !requirement.levels.is_empty()).collect()
}

/// Those of one person, if any: somebody who is being prepared for a higher position.
pub(super) fn of_person(
    reference: &Reference,
    person: &PersonCode,
    tier: Tier,
    draw: &mut Draw,
) -> Option<RequirementRecord> {
    if !draw.chance(PEOPLE) {
        return None;
    }
    let mut competencies: Vec<usize> = (0..reference.competencies().len()).collect();
    draw.shuffle_front(&mut competencies, 2);
    competencies.truncate(2);
    competencies.sort_unstable();
    let levels = raised(reference, tier, &competencies);
    (!levels.is_empty()).then(|| RequirementRecord { scope: RequirementScope::Person(person.clone()), levels })
}

/// One level more than the tier requires, where there is one.
fn raised(reference: &Reference, tier: Tier, competencies: &[usize]) -> Vec<(CompetencyCode, Level)> {
    let Ok(level) = Level::new(reference.default_required(tier).get() + 1) else { return Vec::new() };
    let known = competencies.iter().filter_map(|&at| reference.competencies().get(at));
    known.map(|competency| (competency.code.clone(), level)).collect()
}
