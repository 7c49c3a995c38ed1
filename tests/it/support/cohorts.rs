//! Small random cohorts in which every rule is broken now and then.

use chrono::NaiveDate;
use coachnet::domain::records::*;
use coachnet::domain::*;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng as StdRng;

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

/// A cohort of `coachees` and `coaches` in few places, so that rules and ties meet often.
pub fn random_cohort(seed: u64, coachees: usize, coaches: usize) -> CohortRecords {
    let mut rng = StdRng::seed_from_u64(seed);
    CohortRecords {
        agencies: ["PROV-11", "PROV-12", "KEM-01", "PT-1"].map(|code| agency(&mut rng, code)).into(),
        coachees: (0..coachees).map(|at| coachee(&mut rng, at, coaches)).collect(),
        assessments: (0..coachees).filter_map(|at| assessment(&mut rng, at)).collect(),
        requirements: vec![
            RequirementRecord {
                scope: RequirementScope::Position("PROV-11".parse().unwrap(), "Kepala Seksi".into()),
                levels: vec![("M.03".parse().unwrap(), Level::new(4).unwrap())],
            },
            RequirementRecord {
                scope: RequirementScope::Person("P1".parse().unwrap()),
                levels: vec![("M.05".parse().unwrap(), Level::new(5).unwrap())],
            },
        ],
        coaches: (0..coaches).map(|at| coach(&mut rng, at, coachees)).collect(),
    }
}

const REGENCIES: [&str; 6] = ["11.01", "11.02", "12.04", "32.01", "62.01", "91.03"];
const COMPETENCIES: [&str; 9] = ["M.01", "M.02", "M.03", "M.04", "M.05", "M.06", "M.07", "M.08", "SK.01"];

fn pick<T: std::str::FromStr<Err: std::fmt::Debug>>(rng: &mut StdRng, words: &[&str]) -> T {
    words.choose(rng).unwrap().parse().unwrap()
}

fn person(kind: char, at: usize) -> PersonCode {
    format!("{kind}{at}").parse().unwrap()
}

fn name(at: usize) -> PersonName {
    PersonName { full: format!("Orang {at}"), ..PersonName::default() }
}

fn agency(rng: &mut StdRng, code: &str) -> AgencyRecord {
    let mut opt_outs = OptOuts::NONE;
    for &kind in CoachKind::ALL {
        if rng.random_ratio(1, 8) {
            opt_outs = opt_outs.with(kind);
        }
    }
    let kind = if code.starts_with("PT") { AgencyKind::Company } else { AgencyKind::Province };
    AgencyRecord {
        code: code.parse().unwrap(),
        name: format!("Instansi {code}"),
        kind,
        province: None,
        regency: None,
        opt_outs,
    }
}

fn modes(rng: &mut StdRng) -> Modes {
    [Modes::NONE.with(Mode::Online), Modes::NONE.with(Mode::InPerson), Modes::BOTH, Modes::BOTH][rng.random_range(0..4)]
}

fn languages(rng: &mut StdRng) -> Languages {
    let some = Languages::NONE.with(Language::Indonesian);
    match rng.random_range(0..8) {
        0 => Languages::NONE.with(Language::English),
        1 => some.with(Language::Javanese),
        _ => some,
    }
}

fn coachee(rng: &mut StdRng, at: usize, coaches: usize) -> CoacheeRecord {
    let mut some_coaches = |often: u32| -> Vec<PersonCode> {
        if coaches == 0 || !rng.random_ratio(1, often) {
            return Vec::new();
        }
        let mut all: Vec<usize> = (0..rng.random_range(1..=3)).map(|_| rng.random_range(0..coaches)).collect();
        all.sort();
        all.dedup();
        all.into_iter().map(|c| person('C', c)).collect()
    };
    let (choices, earlier) = (some_coaches(3), some_coaches(6));
    CoacheeRecord {
        code: person('P', at),
        name: name(at),
        identity: None,
        email: None,
        agency: pick(rng, &["PROV-11", "PROV-12", "KEM-01"]),
        unit: rng.random_ratio(1, 2).then(|| format!("Unit {}", rng.random_range(0..3))),
        superior: rng.random_ratio(1, 4).then(|| person('C', rng.random_range(0..coaches.max(1)))),
        position: if rng.random_ratio(1, 3) { "Kepala Seksi".into() } else { "Analis".into() },
        tier: *[Tier::Pengawas, Tier::Pelaksana, Tier::Administrator, Tier::JptPratama].choose(rng).unwrap(),
        field: rng.random_ratio(2, 3).then(|| pick(rng, &["kesehatan", "keuangan"])),
        regency: pick(rng, &REGENCIES),
        modes: modes(rng),
        languages: languages(rng),
        focus: if rng.random_ratio(1, 4) { vec![pick(rng, &COMPETENCIES)] } else { Vec::new() },
        choices,
        earlier,
        waiting_rounds: if rng.random_ratio(1, 3) { rng.random_range(0..4) } else { 0 },
    }
}

fn assessment(rng: &mut StdRng, at: usize) -> Option<AssessmentRecord> {
    let levels: Vec<_> = COMPETENCIES
        .iter()
        .filter(|_| rng.random_ratio(2, 3))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|c| (c.parse().unwrap(), Level::new(rng.random_range(1..=4)).unwrap()))
        .collect();
    (!levels.is_empty() && rng.random_ratio(9, 10)).then(|| AssessmentRecord {
        coachee: person('P', at),
        method: AssessmentMethod::Superior,
        assessed_on: today() - chrono::Days::new(rng.random_range(0..400)),
        levels: levels.into_iter().collect(),
    })
}

fn coach(rng: &mut StdRng, at: usize, coachees: usize) -> CoachRecord {
    let corporate = rng.random_ratio(1, 4);
    let capacity = rng.random_range(0..4);
    CoachRecord {
        code: if rng.random_ratio(1, 12) { person('P', at) } else { person('C', at) },
        name: name(at),
        identity: None,
        email: None,
        source: if corporate { CoachSource::Corporate } else { CoachSource::Pkn2 },
        batch: None,
        year: None,
        certificate_number: None,
        verification: if rng.random_ratio(1, 12) { Verification::Pending } else { Verification::Verified },
        agency: if corporate { "PT-1".parse().unwrap() } else { pick(rng, &["PROV-11", "PROV-12", "KEM-01"]) },
        unit: rng.random_ratio(1, 2).then(|| format!("Unit {}", rng.random_range(0..3))),
        superior: rng.random_ratio(1, 6).then(|| person('P', rng.random_range(0..coachees.max(1)))),
        tier: if corporate && rng.random_ratio(1, 2) {
            None
        } else {
            [Tier::Administrator, Tier::JptPratama, Tier::JptMadya].choose(rng).copied()
        },
        field: rng.random_ratio(2, 3).then(|| pick(rng, &["kesehatan", "keuangan"])),
        regency: pick(rng, &REGENCIES),
        regions_served: if rng.random_ratio(1, 4) { vec![pick(rng, &["11", "91"])] } else { Vec::new() },
        modes: modes(rng),
        languages: languages(rng),
        capacity,
        load: rng.random_range(0..=capacity),
        accepting: rng.random_ratio(11, 12),
        strengths: COMPETENCIES
            .iter()
            .filter(|_| rng.random_ratio(1, 2))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|c| (c.parse().unwrap(), Level::new(rng.random_range(1..=5)).unwrap()))
            .collect(),
        conflicts: if corporate && rng.random_ratio(1, 3) {
            vec![pick(rng, &["PROV-11", "KEM-01"])]
        } else {
            Vec::new()
        },
        wishes: if rng.random_ratio(1, 4) {
            vec![person('P', rng.random_range(0..coachees.max(1)))]
        } else {
            Vec::new()
        },
        completed_pairs: rng.random_range(0..20),
        rating: rng.random_ratio(2, 3).then(|| rng.random_range(100..=500)),
    }
}
