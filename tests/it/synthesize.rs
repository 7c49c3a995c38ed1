//! The synthetic population: repeatable, whole, and true to the published figures.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use chrono::NaiveDate;
use coachnet::domain::records::{CohortRecords, RequirementScope};
use coachnet::domain::{CoachSource, Identity, IdentityKind, Policy, Reference, Tier, Verification};
use coachnet::matching::Cohort;
use coachnet::store::records::canonical;
use coachnet::synthetic::{Figures, Population, SyntheticError};
use coachnet::tabular::reference::shipped;
use coachnet::tabular::{Lookup, Record, Sheet, read};

const FILES: [&str; 5] = ["agencies.csv", "coaches.csv", "coachees.csv", "assessments.csv", "requirements.csv"];

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()
}

fn records(reference: &Reference, seed: u64, coachees: u64, coaches: u64) -> CohortRecords {
    Population::new(reference, seed, day(), coachees, coaches).unwrap().records()
}

fn near(found: usize, of: usize, share: f64, tolerance: f64, what: &str) {
    let found = found as f64 / of as f64;
    assert!((found - share).abs() < tolerance, "{what}: {found:.4}, published {share:.4}");
}

#[test]
fn the_seed_decides_everything() {
    let reference = shipped().unwrap();
    let first = records(&reference, 7, 600, 150);
    assert_eq!(first, records(&reference, 7, 600, 150));
    let other = records(&reference, 8, 600, 150);
    assert!(first.coachees.iter().zip(&other.coachees).all(|(a, b)| a.identity != b.identity || a.identity.is_none()));
    assert_ne!(first.coaches, other.coaches);
}

#[test]
fn the_first_people_do_not_depend_on_how_many_follow() {
    let reference = shipped().unwrap();
    let small = records(&reference, 7, 300, 200);
    let large = records(&reference, 7, 9000, 200);
    assert_eq!(small.coachees[..], large.coachees[..300]);
    assert_eq!(small.assessments[..], large.assessments[..small.assessments.len()]);
    // A wish may be for anybody, so only that may differ between coaches.
    for (a, b) in small.coaches.iter().zip(&large.coaches) {
        assert_eq!(coachnet::domain::records::CoachRecord { wishes: a.wishes.clone(), ..b.clone() }, *a);
    }
    let more_coaches = records(&reference, 7, 300, 5000);
    for (a, b) in small.coaches.iter().zip(&more_coaches.coaches) {
        assert_eq!((&a.name, &a.identity, &a.strengths), (&b.name, &b.identity, &b.strengths));
    }
}

#[test]
fn numbers_are_valid_and_nobodys_twice() {
    let reference = shipped().unwrap();
    let cohort = records(&reference, 11, 50_000, 5000);
    assert_eq!((cohort.coachees.len(), cohort.coaches.len()), (50_000, 5000));
    let identities = cohort.coachees.iter().map(|c| &c.identity).chain(cohort.coaches.iter().map(|c| &c.identity));
    let mut seen = HashSet::new();
    for identity in identities.flatten() {
        assert_eq!(Identity::parse_civil_servant(identity.number(), day()).as_ref(), Ok(identity));
        assert!(identity.warnings().is_empty());
        assert!(&identity.number()[15..] > "900", "a serial that nobody has");
        assert!(seen.insert(identity.number()), "{identity:?} twice");
    }
    assert!(seen.len() > 51_000);
    let mut mails = HashSet::new();
    let of_coachees = cohort.coachees.iter().map(|c| &c.email);
    for mail in of_coachees.chain(cohort.coaches.iter().map(|c| &c.email)).flatten() {
        assert!(mail.ends_with(".example") && mail.is_ascii() && !mail.contains(".."), "{mail}");
        assert!(mails.insert(mail), "{mail} twice");
    }
}

#[test]
fn shares_follow_the_published_figures() {
    let (reference, figures) = (shipped().unwrap(), Figures::shipped().unwrap());
    let cohort = records(&reference, 5, 60_000, 0);
    let all = cohort.coachees.len();
    let mut by_province: HashMap<&str, usize> = HashMap::new();
    for coachee in &cohort.coachees {
        *by_province.entry(&coachee.regency.as_str()[..2]).or_default() += 1;
    }
    let servants: u64 = figures.by_province.values().sum();
    for (province, &people) in &figures.by_province {
        near(by_province[province.as_str()], all, people as f64 / servants as f64, 0.005, province);
    }
    let central = cohort.coachees.iter().filter(|c| !["PR", "KA", "KO"].contains(&&c.agency.as_str()[..2])).count();
    near(central, all, figures.central, 0.01, "central");
    let women = cohort.coachees.iter().filter_map(|c| c.identity.as_ref()).filter(|i| &i.number()[14..15] == "2");
    let known = cohort.coachees.iter().filter(|c| c.identity.is_some()).count();
    near(women.count(), known, figures.women, 0.01, "women");

    // The programme takes leaders more often than others; among leaders, and among the others, the figures hold.
    let executive = |tier| matches!(tier, Tier::JptUtama | Tier::JptMadya | Tier::JptPratama);
    let leaders = |tier| executive(tier) || matches!(tier, Tier::Administrator | Tier::Pengawas);
    let count = |wanted: &dyn Fn(Tier) -> bool| cohort.coachees.iter().filter(|c| wanted(c.tier)).count();
    let structural: u64 = figures.structural.iter().sum();
    near(count(&executive), count(&leaders), figures.structural[0] as f64 / structural as f64, 0.01, "executives");
    let administrators = count(&|tier| tier == Tier::Administrator);
    near(administrators, count(&leaders), figures.structural[1] as f64 / structural as f64, 0.015, "administrators");
    let others = cohort.coachees.iter().filter(|c| !leaders(c.tier)).filter_map(|c| c.identity.as_ref());
    let (contract, others) = others.fold((0, 0), |(contract, all), identity| {
        (contract + usize::from(identity.kind() == IdentityKind::NiPppk), all + 1)
    });
    let people: u64 = figures.kinds.iter().sum();
    let share = figures.contract * people as f64 / (people - figures.kinds[0]) as f64;
    near(contract, others, share, 0.01, "on contract");
    assert!(
        cohort
            .coachees
            .iter()
            .filter(|c| leaders(c.tier))
            .filter_map(|c| c.identity.as_ref())
            .all(|i| i.kind() == IdentityKind::Nip)
    );
}

#[test]
fn every_code_resolves() {
    let reference = shipped().unwrap();
    let cohort = records(&reference, 3, 8000, 2000);
    let agencies: HashSet<&str> =
        reference.agencies().iter().chain(&cohort.agencies).map(|agency| agency.code.as_str()).collect();
    let coaches: HashSet<_> = cohort.coaches.iter().map(|coach| &coach.code).collect();
    let coachees: HashSet<_> = cohort.coachees.iter().map(|coachee| &coachee.code).collect();
    for c in &cohort.coachees {
        assert!(agencies.contains(c.agency.as_str()) && reference.regency(c.regency.as_str()).is_some());
        assert!(c.field.as_ref().is_none_or(|field| reference.field(field.as_str()).is_some()));
        assert!(c.focus.iter().all(|focus| reference.competency(focus.as_str()).is_some()));
        let linked = c.superior.iter().chain(&c.choices).chain(&c.earlier);
        assert!(linked.clone().all(|coach| coaches.contains(coach)));
        assert!(c.choices.len() <= 3 && c.choices.iter().collect::<HashSet<_>>().len() == c.choices.len());
        assert!(c.choices.iter().all(|coach| !c.earlier.contains(coach)));
        assert!(!c.name.full.trim().is_empty() && !c.position.is_empty());
    }
    for c in &cohort.coaches {
        assert!(agencies.contains(c.agency.as_str()) && reference.regency(c.regency.as_str()).is_some());
        assert!(c.field.as_ref().is_none_or(|field| reference.field(field.as_str()).is_some()));
        assert!(c.regions_served.iter().all(|province| reference.province(province.as_str()).is_some()));
        assert!(c.conflicts.iter().all(|agency| agencies.contains(agency.as_str())));
        assert!(c.wishes.iter().all(|coachee| coachees.contains(coachee)));
        assert!(c.superior.as_ref().is_none_or(|superior| coaches.contains(superior) && *superior != c.code));
        assert!(c.strengths.len() >= 2 && c.strengths.iter().all(|(s, _)| reference.competency(s.as_str()).is_some()));
        assert!(c.load <= c.capacity && (1..=8).contains(&c.capacity));
        let alumnus = c.source != CoachSource::Corporate;
        assert_eq!((alumnus, alumnus), (c.batch.is_some(), c.certificate_number.is_some()));
    }
    let certificates: HashSet<_> = cohort.coaches.iter().filter_map(|c| c.certificate_number.as_ref()).collect();
    assert_eq!(certificates.len(), cohort.coaches.iter().filter(|c| c.source != CoachSource::Corporate).count());
    for a in &cohort.assessments {
        assert!(coachees.contains(&a.coachee) && !a.levels.is_empty());
        let age = (day() - a.assessed_on).num_days();
        assert!((1..=2 * 365 + 30).contains(&age), "{age} days");
    }
    let mut scopes = HashSet::new();
    for requirement in &cohort.requirements {
        assert!(scopes.insert(&requirement.scope), "{:?} twice", requirement.scope);
        match &requirement.scope {
            RequirementScope::Position(agency, _) => assert!(agencies.contains(agency.as_str())),
            RequirementScope::Person(person) => assert!(coachees.contains(person)),
            RequirementScope::Tier(_) => {}
        }
    }
}

#[test]
fn a_population_of_the_size_of_the_demo_makes_an_interesting_run() {
    let reference = shipped().unwrap();
    let cohort = records(&reference, 2026, 2000, 500);
    let usable = cohort.coaches.iter().filter(|c| c.verification == Verification::Verified && c.accepting);
    let places: usize = usable.map(|c| usize::from(c.capacity - c.load)).sum();
    assert!((1100..2000).contains(&places), "{places} places for 2000");
    let columns = Cohort::build(&cohort, &reference, &Policy::default(), day(), 1).unwrap();
    let eligible = |i| (0..columns.coaches.len() as u32).filter(|&j| columns.broken_rules(i, j).is_empty()).count();
    let counts: Vec<usize> = (0..columns.coachees.len()).map(eligible).collect();
    let none = counts.iter().filter(|&&count| count == 0).count();
    assert!((40..500).contains(&none), "{none} coachees without any eligible coach");
    assert!(counts.iter().filter(|&&count| count >= 20).count() > 1300, "most have a real choice");
    let chosen: Vec<_> = cohort.coachees.iter().filter(|c| !c.choices.is_empty()).collect();
    near(chosen.len(), 2000, 0.1, 0.04, "choosing");
}

#[test]
fn impossible_populations_are_refused() {
    let reference = shipped().unwrap();
    let refused = |day, coachees, coaches| Population::new(&reference, 1, day, coachees, coaches).unwrap_err();
    assert!(matches!(refused(day(), 100_000_000, 1), SyntheticError::TooMany { what: "coachees", .. }));
    assert!(matches!(refused(day(), 1, 100_000_000), SyntheticError::TooMany { what: "coaches", .. }));
    assert_eq!(refused(NaiveDate::from_ymd_opt(1999, 1, 1).unwrap(), 1, 1), SyntheticError::Day);
    let nobody = records(&reference, 1, 0, 0);
    assert!(nobody.coachees.is_empty() && nobody.coaches.is_empty());
    assert!(records(&reference, 1, 50, 0).coachees.iter().all(|c| c.choices.is_empty() && c.superior.is_none()));
}

fn synthesize(out: &Path, threads: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coachnet"))
        .args(["synthesize", "--coachees", "9000", "--coaches", "700", "--seed", "7", "--out"])
        .arg(out)
        .env("RAYON_NUM_THREADS", threads)
        .output()
        .unwrap()
}

#[test]
fn files_are_the_same_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    for (out, threads) in [(&one, "1"), (&two, "2")] {
        let done = synthesize(out, threads);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(String::from_utf8_lossy(&done.stdout).contains("Next: coachnet match"));
    }
    for name in FILES {
        let (first, second) = (fs::read(one.join(name)).unwrap(), fs::read(two.join(name)).unwrap());
        assert!(first == second, "{name} differs");
        assert!(first.iter().filter(|&&byte| byte == b'\n').count() > 100, "{name} is nearly empty");
    }
    let left: Vec<_> = fs::read_dir(&one).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), FILES.len() + 1, "{left:?}");
}

#[test]
fn files_say_what_the_population_is() {
    fn read_back<T: Record>(folder: &Path, name: &str, reference: &Reference) -> Vec<T> {
        let sheet = Sheet::open(&folder.join(name), None, None).unwrap();
        let parsed = read::<T>(sheet, &Lookup::new(reference, day()), &mut |_| {}).unwrap();
        assert!(parsed.errors.is_empty(), "{name}: {:?}", parsed.errors);
        parsed.into_records()
    }
    let reference = shipped().unwrap();
    let folder = tempfile::tempdir().unwrap();
    assert!(synthesize(folder.path(), "2").status.success());
    let found = CohortRecords {
        agencies: read_back(folder.path(), "agencies.csv", &reference),
        coachees: read_back(folder.path(), "coachees.csv", &reference),
        assessments: read_back(folder.path(), "assessments.csv", &reference),
        requirements: read_back(folder.path(), "requirements.csv", &reference),
        coaches: read_back(folder.path(), "coaches.csv", &reference),
    };
    let invented = records(&reference, 7, 9000, 700);
    assert!(canonical(found) == canonical(invented), "read back otherwise than invented");
}

#[test]
fn only_a_synthetic_cohort_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("coachees.csv"), "real people").unwrap();
    let refused = synthesize(folder.path(), "2");
    assert_eq!(refused.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("coachees.csv"));
    assert_eq!(fs::read_to_string(folder.path().join("coachees.csv")).unwrap(), "real people");

    fs::remove_file(folder.path().join("coachees.csv")).unwrap();
    assert!(synthesize(folder.path(), "2").status.success());
    assert!(synthesize(folder.path(), "2").status.success(), "over an earlier one");
}
