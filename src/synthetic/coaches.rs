//! Coaches: alumni of the two leadership programmes, and leaders of companies. All shares
//! are invented; the plan speaks of the three sources without numbers.

use chrono::Datelike;

use super::draw::{Draw, Purpose};
use super::identities::{self, Holder};
use super::levels;
use super::places::Place;
use super::positions::Work;
use super::{Population, coachees, personal};
use crate::domain::records::CoachRecord;
use crate::domain::{
    CoachSource, Language, Languages, Mode, Modes, PersonCode, PersonName, ProvinceCode, Tier, Verification,
};

const SOURCES: &[(CoachSource, u32)] =
    &[(CoachSource::Pkn1, 12), (CoachSource::Pkn2, 63), (CoachSource::Corporate, 25)];
/// The programmes bear their present names since then.
const FIRST_YEAR: i32 = 2019;
/// Share of women among them: fewer than in structural positions as a whole.
const WOMEN: f64 = 0.3;
/// Share of coaches who wish for somebody, and how many people they look at.
const WISHING: f64 = 0.04;
const LOOKS: u32 = 20;

/// What links between people need to know of a coach; cheap to find out for all of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Post {
    pub(super) source: CoachSource,
    pub(super) tier: Option<Tier>,
    /// None for leaders of companies.
    pub(super) place: Option<Place>,
}

/// The code of the coach at an index.
pub(super) fn code(index: u64) -> Option<PersonCode> {
    PersonCode::new(&format!("C{:06}", index + 1)).ok()
}

/// Source, tier and place of the coach at an index.
pub(super) fn post(population: &Population, index: u64) -> Option<Post> {
    begin(population, &mut population.streams.draw(Purpose::Coach, index))
}

fn begin(population: &Population, draw: &mut Draw) -> Option<Post> {
    let source = draw.weighted(SOURCES);
    let tier = match source {
        CoachSource::Pkn1 => Some(draw.weighted(&[(Tier::JptMadya, 92), (Tier::JptUtama, 8)])),
        CoachSource::Pkn2 => {
            // Some took the programme before their promotion, and some have risen since.
            Some(draw.weighted(&[(Tier::JptPratama, 84), (Tier::Administrator, 12), (Tier::JptMadya, 4)]))
        }
        CoachSource::Corporate => {
            draw.weighted(&[(None, 55), (Some(Tier::JptPratama), 30), (Some(Tier::JptMadya), 15)])
        }
    };
    let place = match (source, tier) {
        (CoachSource::Corporate, _) | (_, None) => None,
        (_, Some(tier)) => Some(population.places.alumnus(tier, draw)?),
    };
    Some(Post { source, tier, place })
}

/// The coach at an index without links to other people.
pub(super) fn draft(population: &Population, index: u64) -> Option<CoachRecord> {
    let mut draw = population.streams.draw(Purpose::Coach, index);
    let post = begin(population, &mut draw)?;
    let mut coach = match (post.tier, post.place) {
        (Some(tier), Some(place)) => alumnus(population, index, post.source, tier, place, &mut draw)?,
        _ => corporate(population, index, post.tier, &mut draw)?,
    };
    coach.strengths = levels::strengths(population.reference, coach.tier, &mut draw);
    offer(population, &mut coach, &mut draw);
    Some(coach)
}

/// The coach at an index, with superior and wishes.
pub(super) fn coach(population: &Population, index: u64) -> Option<CoachRecord> {
    let mut coach = draft(population, index)?;
    let mut draw = population.streams.draw(Purpose::CoachLinks, index);
    let colleagues = population.alumni_of(coach.agency.as_str());
    if !colleagues.is_empty() && draw.chance(0.3) {
        let colleague = *draw.pick(colleagues);
        let above = coach.tier.is_some_and(|tier| colleague.seniority > tier.seniority());
        coach.superior = if above { code(colleague.index) } else { None };
    }
    if draw.chance(WISHING) {
        let wanted = draw.between(1, 2) as usize;
        for _ in 0..LOOKS {
            let someone = population.any_coachee(&mut draw).and_then(|index| coachees::draft(population, index));
            let Some(someone) = someone else { break };
            let record = someone.coachee.record;
            if coachees::suits(population, &record, &someone.ability, &coach) && !coach.wishes.contains(&record.code) {
                coach.wishes.push(record.code);
            }
            if coach.wishes.len() == wanted {
                break;
            }
        }
    }
    Some(coach)
}

fn alumnus(
    population: &Population,
    index: u64,
    source: CoachSource,
    tier: Tier,
    place: Place,
    draw: &mut Draw,
) -> Option<CoachRecord> {
    let reference = population.reference;
    let woman = draw.chance(WOMEN);
    let work = super::positions::work(reference, place, tier, woman, draw);
    let identity =
        population.numbers.identity(identities::COACHES, index, Holder { tier, woman, contract: false }, draw)?;
    let regency = &reference.regencies()[usize::from(place.regency)];
    let person = personal::Person { tier, woman, work: &work, identity: &identity };
    let name = personal::name(&population.names, regency.province.as_str(), person, draw);
    let (batch, year) = graduation(source, population.as_of.year(), draw);
    let programme = if source == CoachSource::Pkn1 { "PKN-I" } else { "PKN-II" };
    let code = code(index)?;
    let email = Some(personal::email(&name, &code, "asn.example"));
    let mut coach = blank(code, name, source, reference.agencies()[usize::from(place.agency)].code.clone(), regency);
    coach.identity = Some(identity);
    coach.email = email;
    coach.batch = Some(batch);
    coach.year = Some(year);
    coach.certificate_number = Some(format!("{:07}/{programme}/{batch:03}/LAN/{year}", index + 1));
    coach.unit = Some(work.unit);
    coach.tier = Some(tier);
    coach.field = super::field_code(work.field);
    Some(coach)
}

fn corporate(population: &Population, index: u64, tier: Option<Tier>, draw: &mut Draw) -> Option<CoachRecord> {
    let reference = population.reference;
    let company = population.companies.draw(draw)?;
    let woman = draw.chance(WOMEN);
    // Most sit at the seat of the company.
    let seat = company.record.regency.as_ref().and_then(|code| reference.regency(code.as_str()));
    let regency = match seat {
        Some(seat) if draw.chance(0.75) => seat,
        _ => population.places.business(draw)?,
    };
    let regency = &reference.regencies()[usize::from(regency)];
    let work = Work { unit: String::new(), field: company.field, position: "Direktur".into() };
    let custom = super::names::Custom::of_province(regency.province.as_str(), draw);
    let bearer = super::titles::Bearer {
        tier: Tier::Administrator,
        field: work.field,
        position: &work.position,
        woman,
        born: population.as_of.year() - draw.between(38, 60),
        pilgrims: custom.has_pilgrims(),
        javanese: false,
    };
    let full = population.names.name(custom, woman, draw);
    let (front_title, back_title) = super::titles::titles(bearer, draw);
    let name = PersonName { full, front_title, back_title };
    let code = code(index)?;
    let domain = format!("{}.example", company.record.code.as_str().to_ascii_lowercase());
    let email = Some(personal::email(&name, &code, &domain));
    let mut coach = blank(code, name, CoachSource::Corporate, company.record.code.clone(), regency);
    coach.email = email;
    coach.tier = tier;
    coach.field = super::field_code(work.field);
    coach.conflicts.clone_from(&company.supplies);
    Some(coach)
}

fn blank(
    code: PersonCode,
    name: PersonName,
    source: CoachSource,
    agency: crate::domain::AgencyCode,
    regency: &crate::domain::reference::Regency,
) -> CoachRecord {
    CoachRecord {
        code,
        name,
        identity: None,
        email: None,
        source,
        batch: None,
        year: None,
        certificate_number: None,
        verification: Verification::Verified,
        agency,
        unit: None,
        superior: None,
        tier: None,
        field: None,
        regency: regency.code.clone(),
        regions_served: Vec::new(),
        modes: Modes::NONE,
        languages: Languages::NONE,
        capacity: 0,
        load: 0,
        accepting: true,
        strengths: Vec::new(),
        conflicts: Vec::new(),
        wishes: Vec::new(),
        completed_pairs: 0,
        rating: None,
    }
}

/// Batch and year: level I counts its batches through, four a year; level II begins anew
/// every year. Nobody graduated this year.
fn graduation(source: CoachSource, today: i32, draw: &mut Draw) -> (u16, u16) {
    let year = draw.between(FIRST_YEAR, (today - 1).max(FIRST_YEAR));
    let batch = match source {
        CoachSource::Pkn1 => 42 + 4 * (year - FIRST_YEAR) + draw.between(0, 3),
        _ => draw.between(1, 30),
    };
    (batch as u16, year as u16)
}

/// What the coach offers, and the record so far.
fn offer(population: &Population, coach: &mut CoachRecord, draw: &mut Draw) {
    coach.verification =
        draw.weighted(&[(Verification::Verified, 93), (Verification::Pending, 5), (Verification::Rejected, 2)]);
    coach.accepting = draw.chance(0.95);
    let (online, in_person) = (Modes::NONE.with(Mode::Online), Modes::NONE.with(Mode::InPerson));
    coach.modes = draw.weighted(&[(Modes::BOTH, 60), (online, 33), (in_person, 7)]);
    let province = population.reference.regency(coach.regency.as_str()).map(|at| population.reference.province_of(at));
    let province = province.map(|at| &population.reference.provinces()[usize::from(at)]);
    coach.languages = Languages::NONE.with(Language::Indonesian);
    if let Some(regional) = province.and_then(|province| coachees::regional(province.code.as_str()))
        && draw.chance(0.5)
    {
        coach.languages = coach.languages.with(regional);
    }
    if draw.chance(0.3) {
        coach.languages = coach.languages.with(Language::English);
    }
    if let Some(province) = province.filter(|_| coach.modes.contains(Mode::InPerson))
        && draw.chance(0.3)
    {
        coach.regions_served = served(population, province, draw);
    }
    coach.capacity = draw.weighted(&[(1, 4), (2, 13), (3, 37), (4, 18), (5, 12), (6, 8), (7, 3), (8, 5)]);
    let busy = draw.weighted(&[(0, 60), (1, 24), (2, 11), (3, 5)]);
    coach.load = busy.min(coach.capacity);
    if draw.chance(0.4) {
        coach.completed_pairs = draw.between(1, 6) as u16 * draw.between(1, 3) as u16;
        // Few rate at all, and those who do rate kindly.
        let rating = 410 + (draw.bell() * 40.0) as i32;
        coach.rating = draw.chance(0.9).then_some(rating.clamp(250, 500) as u16);
    }
}

/// One to three provinces of the island group to which a coach travels besides the own.
fn served(population: &Population, home: &crate::domain::reference::Province, draw: &mut Draw) -> Vec<ProvinceCode> {
    let near = population.reference.provinces().iter();
    let mut near: Vec<_> = near.filter(|p| p.island_group == home.island_group && p.code != home.code).collect();
    let wanted = draw.between(1, 3) as usize;
    draw.shuffle_front(&mut near, wanted);
    near.truncate(wanted);
    let mut codes: Vec<ProvinceCode> = near.into_iter().map(|province| province.code.clone()).collect();
    codes.sort();
    codes
}
