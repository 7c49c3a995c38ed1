use super::*;
use crate::matching::run::{Effort, run};
use crate::matching::watch::Watch;
use crate::synthetic::Population;
use crate::tabular::{digest, reference};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()
}

fn cohort() -> (Cohort, String) {
    let reference = reference::shipped().unwrap();
    let records = Population::new(&reference, 5, day(), 300, 60).unwrap().records();
    let cohort = Cohort::build(&records, &reference, &Policy::default(), day(), u64::MAX - 3).unwrap();
    (cohort, digest(&records, &reference).unwrap())
}

#[test]
fn what_is_read_is_what_was_written() {
    let (mut cohort, digest) = cohort();
    let allowed = |coachee: usize| (0..60).find(|&coach| cohort.plain_score(coachee, coach).is_some());
    let (coachee, coach) = (0..300).find_map(|coachee| Some((coachee as u32, allowed(coachee)?))).unwrap();
    cohort.forbid(&[(coachee + 1, coach)]);
    let before = Before { pairs: vec![(3, 4), (9, 1)], prices: (0..60).collect() };
    let pinned = vec![(coachee, coach)];
    let input = InputSnapshot { cohort: cohort.clone(), pinned, accepted: vec![], before: Some(before), digest };
    let archive = input.write().unwrap();
    let read = InputSnapshot::read(&archive).unwrap();
    assert_eq!((&read.digest, &read.pinned), (&input.digest, &input.pinned));
    assert_eq!(read.before.as_ref().unwrap().prices, input.before.as_ref().unwrap().prices);
    assert_eq!(archive, read.write().unwrap(), "byte for byte");
    let outcome = |cohort: &Cohort| run(cohort, Effort::default(), Watch::NOBODY).unwrap();
    cohort.keep(&[(coachee, coach)]).unwrap();
    let (first, second) = (outcome(&cohort), outcome(&read.kept().unwrap()));
    assert_eq!(first.certificate, second.certificate);
    assert_eq!(first.plan.pairs, second.plan.pairs);
    assert_eq!(first.prices, second.prices);
}

#[test]
fn nobody_is_named() {
    let reference = reference::shipped().unwrap();
    let records = Population::new(&reference, 5, day(), 300, 60).unwrap().records();
    let (cohort, digest) = cohort();
    let archive = InputSnapshot { cohort, pinned: vec![], accepted: vec![], before: None, digest }.write().unwrap();
    let mut filled = zip::ZipArchive::new(Cursor::new(&archive[..])).unwrap();
    let mut all = String::new();
    for at in 0..filled.len() {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut filled.by_index(at).unwrap(), &mut bytes).unwrap();
        all.push_str(&String::from_utf8_lossy(&bytes));
    }
    for coachee in &records.coachees {
        assert!(!all.contains(&coachee.name.full), "{}", coachee.name.full);
        assert!(coachee.identity.as_ref().is_none_or(|identity| !all.contains(identity.number())));
    }
}

/// A national cohort must not choke the database: a person takes a few bytes.
#[test]
fn a_person_takes_a_few_bytes() {
    let reference = reference::shipped().unwrap();
    let size = |coachees: u64, coaches: u64| {
        let records = Population::new(&reference, 5, day(), coachees, coaches).unwrap().records();
        let cohort = Cohort::build(&records, &reference, &Policy::default(), day(), 1).unwrap();
        let input = InputSnapshot { cohort, pinned: vec![], accepted: vec![], before: None, digest: String::new() };
        input.write().unwrap().len() as u64
    };
    let few = size(1_000, 100);
    let per_coachee = (size(9_000, 100) - few) / 8_000;
    let per_coach = (size(1_000, 2_100) - few) / 2_000;
    println!("{few} bytes for 1,000 and 100; {per_coachee} more for each coachee, {per_coach} for each coach");
    assert!(per_coachee <= 40 && per_coach <= 60, "{per_coachee} {per_coach}");
}

#[test]
fn a_changed_archive_is_refused() {
    let (cohort, digest) = cohort();
    let archive = InputSnapshot { cohort, pinned: vec![], accepted: vec![], before: None, digest }.write().unwrap();
    assert!(matches!(InputSnapshot::read(b"PK"), Err(SnapshotError::Damaged(_))));
    assert!(matches!(InputSnapshot::read(&archive[..archive.len() / 2]), Err(SnapshotError::Damaged(_))));
    let mut refused = 0;
    for at in (0..archive.len()).step_by(211) {
        let mut changed = archive.clone();
        changed[at] ^= 0x55;
        // Some bytes say nothing, such as times; whatever else is changed is seen, and nothing panics.
        refused += usize::from(InputSnapshot::read(&changed).is_err());
    }
    assert!(refused * 10 > archive.len() / 211 * 8, "{refused}");
}
