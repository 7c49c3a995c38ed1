//! Columns of a cohort drawn from a seed, without the detour of records.

use coachnet::domain::policy::Weights;
use coachnet::domain::{CoachKind, CoachSource, Language, Languages, Mode, Modes, OptOuts, PersonCode, Reference};
use coachnet::matching::columns::{Coachees, Coaches, Focus, FocusList, NO_FIELD, NONE, Relation};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Island groups with their share of civil servants and of coaches.
const SHARES: [(&str, f64, f64); 7] = [
    ("Sumatera", 21.0, 11.0),
    ("Jawa", 51.5, 72.0),
    ("Kalimantan", 7.0, 4.0),
    ("Bali dan Nusa Tenggara", 5.5, 5.0),
    ("Sulawesi", 10.0, 6.0),
    ("Maluku", 2.0, 0.8),
    ("Papua", 3.0, 1.2),
];

/// Draws positions in proportion to weights.
struct Draw(Vec<f64>);

impl Draw {
    fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let ends = weights.into_iter().map(|weight| {
            sum += weight;
            sum
        });
        Self(ends.collect())
    }

    fn next(&self, rng: &mut ChaCha8Rng) -> usize {
        let at = rng.random_range(0.0..self.0.last().copied().unwrap_or(1.0));
        self.0.partition_point(|&end| end <= at)
    }
}

/// Regencies by weight: the larger ones of a province have more people than the others.
fn places(reference: &Reference, share: impl Fn(&(&str, f64, f64)) -> f64) -> Draw {
    let mut rank = 0;
    let mut last = u16::MAX;
    let weights: Vec<f64> = (0..reference.regencies().len() as u16)
        .map(|regency| {
            let province = reference.province_of(regency);
            rank = if province == last { rank + 1 } else { 1 };
            last = province;
            let group = &reference.provinces()[usize::from(province)].island_group;
            SHARES.iter().find(|(name, ..)| name == group).map_or(1.0, &share) / f64::from(rank).powf(0.7)
        })
        .collect();
    Draw::new(weights)
}

fn fields(reference: &Reference) -> Draw {
    Draw::new((1..=reference.fields().len()).map(|rank| 1.0 / (rank as f64).sqrt()))
}

fn person(kind: char, at: usize) -> PersonCode {
    match format!("{kind}{at:07}").parse() {
        Ok(code) => code,
        Err(_) => unreachable!("letters and digits make a code"),
    }
}

/// The local agency, sometimes that of the province or a central one.
fn agency(rng: &mut ChaCha8Rng, reference: &Reference, regency: u16) -> u32 {
    match rng.random_range(0..10) {
        0 | 1 => rng.random_range(0..90),
        2 => 100 + u32::from(reference.province_of(regency)),
        _ => 200 + u32::from(regency),
    }
}

fn modes(rng: &mut ChaCha8Rng) -> u8 {
    let online = Modes::NONE.with(Mode::Online);
    [online, online, Modes::NONE.with(Mode::InPerson), Modes::BOTH, Modes::BOTH, Modes::BOTH, Modes::BOTH]
        [rng.random_range(0..7)]
    .bits()
}

fn languages(rng: &mut ChaCha8Rng) -> u8 {
    let indonesian = Languages::NONE.with(Language::Indonesian);
    let other = Language::ALL[rng.random_range(0..Language::ALL.len())];
    match rng.random_range(0..20) {
        0 => Languages::NONE.with(other).bits(),
        1..5 => indonesian.with(other).bits(),
        _ => indonesian.bits(),
    }
}

/// A price for the place of a coach, in points.
pub fn price(coach: usize) -> i64 {
    (coach.wrapping_mul(0x9E37_79B9) >> 16 & 31) as i64
}

pub fn coaches(reference: &Reference, seed: u64, count: usize) -> Coaches {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (places, fields) = (places(reference, |&(_, _, coaches)| coaches), fields(reference));
    let mut regencies: Vec<u16> = (0..count).map(|_| places.next(&mut rng) as u16).collect();
    regencies.sort_unstable();
    let mut c = Coaches { levels: vec![Vec::new(); reference.competencies().len()], ..Coaches::default() };
    for (at, regency) in regencies.into_iter().enumerate() {
        let corporate = rng.random_bool(0.2);
        let seniority = [3, 4, 4, 5, 5, 5, 6, 7][rng.random_range(0..8)];
        for levels in &mut c.levels {
            let around =
                2.2 + f64::from(seniority - 2) * 0.4 + rng.random_range(-1.0..1.0) + rng.random_range(-1.0..1.0);
            levels.push((around.round()).clamp(0.0, 5.0) as u8);
        }
        let capacity = rng.random_range(1..=6);
        c.code.push(person('C', at));
        c.source.push(if corporate { CoachSource::Corporate } else { CoachSource::Pkn2 });
        c.verified.push(rng.random_bool(0.97));
        c.accepting.push(rng.random_bool(0.95));
        c.capacity.push(capacity);
        c.free.push(rng.random_range(0..=capacity));
        c.tier.push(NO_FIELD);
        c.seniority.push(if corporate && rng.random_bool(0.5) { 0 } else { seniority });
        c.field.push(if rng.random_bool(0.05) { NO_FIELD } else { fields.next(&mut rng) as u8 });
        c.regency.push(regency);
        c.served.push(served(&mut rng, reference, regency));
        c.modes.push(modes(&mut rng));
        c.languages.push(languages(&mut rng));
        let agency = if corporate { 1_000 + rng.random_range(0..300) } else { agency(&mut rng, reference, regency) };
        c.agency.push(agency);
        c.unit.push(agency * 100 + rng.random_range(0..30));
        c.rating.push(0);
        c.completed.push(0);
        c.shrunk_rating.push(rng.random_range(320..=480));
        c.tie_key.push(rng.random_range(0..1 << 40));
        if corporate && rng.random_bool(0.05) {
            c.conflicts.entry(self::agency(&mut rng, reference, regency)).or_default().push(at as u32);
        }
    }
    c.places = c.free.clone();
    c
}

/// Most serve their own province, some a few others, a few the whole country.
fn served(rng: &mut ChaCha8Rng, reference: &Reference, regency: u16) -> u64 {
    let provinces = reference.provinces().len();
    match rng.random_range(0..100) {
        0 => (1 << provinces) - 1,
        1..16 => (0..rng.random_range(1..4)).fold(0, |bits, _| bits | 1 << rng.random_range(0..provinces)),
        16..50 => 1 << reference.province_of(regency),
        _ => 0,
    }
}

pub fn coachees(reference: &Reference, seed: u64, count: usize, coaches: usize) -> Coachees {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (places, fields) = (places(reference, |&(_, coachees, _)| coachees), fields(reference));
    let mut e = Coachees::default();
    for at in 0..count {
        let regency = places.next(&mut rng) as u16;
        let seniority: u8 = [1, 1, 1, 1, 2, 2, 3, 3, 4, 5][rng.random_range(0..10)];
        let agency = agency(&mut rng, reference, regency);
        let opted_out = agency.is_multiple_of(29);
        e.code.push(person('P', at));
        e.focus.push(focus(&mut rng, reference, seniority));
        e.assessed.push(true);
        e.tier.push(0);
        e.seniority.push(seniority);
        e.field.push(if rng.random_bool(0.1) { NO_FIELD } else { fields.next(&mut rng) as u8 });
        e.regency.push(regency);
        e.remote.push(false);
        e.modes.push(modes(&mut rng));
        e.languages.push(languages(&mut rng));
        let kind = CoachKind::ALL[agency as usize % CoachKind::ALL.len()];
        e.opt_outs.push(if opted_out { OptOuts::NONE.with(kind).bits() } else { 0 });
        e.agency.push(agency);
        e.unit.push(if rng.random_bool(0.9) { agency * 100 + rng.random_range(0..30) } else { NONE });
        e.class.push(0);
        e.lottery.push(rng.random_range(0..1 << 40));
        e.relations.push(relations(&mut rng, coaches));
    }
    e
}

fn focus(rng: &mut ChaCha8Rng, reference: &Reference, seniority: u8) -> FocusList {
    let required = (1 + seniority).min(5);
    let mut gaps: Vec<Focus> = (0..rng.random_range(1..=4))
        .map(|_| {
            let required = (required + rng.random_range(0..2)).min(5);
            let assessed = required - rng.random_range(1..=(required - 1).min(3));
            Focus { competency: rng.random_range(0..reference.competencies().len()) as u16, required, assessed, max: 0 }
        })
        .collect();
    gaps.sort_by_key(|gap| (gap.competency, gap.required, gap.assessed));
    gaps.dedup_by_key(|gap| gap.competency);
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.required - gap.assessed));
    FocusList::new(&gaps, Weights::default().coverage)
}

fn relations(rng: &mut ChaCha8Rng, coaches: usize) -> Vec<(u32, Relation)> {
    let chosen = if rng.random_bool(0.3) { rng.random_range(1..=3) } else { 0 };
    let mut relations: Vec<(u32, Relation)> = (1..=chosen)
        .map(|rank| (rng.random_range(0..coaches) as u32, Relation { rank, ..Relation::default() }))
        .collect();
    relations.sort_by_key(|&(coach, _)| coach);
    relations.dedup_by_key(|&mut (coach, _)| coach);
    relations
}
