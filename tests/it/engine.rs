//! The engine on cohorts: rules, scores, explanations, runs.

use coachnet::domain::{Policy, Reference};
use coachnet::matching::Cohort;
use coachnet::matching::scan::Scanner;
use proptest::prelude::*;

use crate::support::cohorts::{random_cohort, today};

pub(crate) fn reference() -> Reference {
    coachnet::tabular::reference::shipped().unwrap()
}

fn cohort(seed: u64, coachees: usize, coaches: usize) -> Cohort {
    Cohort::build(&random_cohort(seed, coachees, coaches), &reference(), &Policy::default(), today(), seed).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// The fast scan and the plain definition agree on every pair, and a score is the sum of its parts.
    #[test]
    fn scan_agrees_with_the_plain_score(seed: u64) {
        let cohort = cohort(seed, 25, 25);
        let scanner = Scanner::new(&cohort);
        for i in 0..cohort.coachees.len() {
            let query = scanner.query(i);
            for j in 0..cohort.coaches.len() as u32 {
                let open = scanner.open().binary_search(&j).is_ok();
                let fast = if open { query.score(j) } else { 0 };
                prop_assert_eq!(fast, cohort.plain_score(i, j).unwrap_or(0), "coachee {} coach {}", i, j);
                let explanation = cohort.explain(i, j);
                let parts: u16 = explanation.components.iter().map(|c| u16::from(c.points())).sum();
                prop_assert_eq!(parts, u16::from(explanation.score));
            }
        }
    }

    /// The order in which rows come in changes nothing.
    #[test]
    fn row_order_changes_nothing(seed: u64) {
        let mut records = random_cohort(seed, 20, 20);
        let build = |records: &_| Cohort::build(records, &reference(), &Policy::default(), today(), 7).unwrap();
        let before = build(&records);
        records.coaches.reverse();
        records.coachees.rotate_left(7);
        records.assessments.reverse();
        let after = build(&records);
        prop_assert_eq!(format!("{:?}", before.coaches.code), format!("{:?}", after.coaches.code));
        prop_assert_eq!(format!("{:?}", before.coachees.focus), format!("{:?}", after.coachees.focus));
        prop_assert_eq!(format!("{:?}", before.coachees.relations), format!("{:?}", after.coachees.relations));
        let lists = |cohort: &Cohort| {
            let scanner = Scanner::new(cohort);
            (0..cohort.coachees.len()).map(|i| scanner.query(i).best(5)).collect::<Vec<_>>()
        };
        prop_assert_eq!(lists(&before), lists(&after));
    }
}

/// Every rule is broken somewhere in the random cohorts, or the tests above prove little.
#[test]
fn random_cohorts_break_every_rule() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let cohort = cohort(seed, 25, 25);
        for i in 0..cohort.coachees.len() {
            for j in 0..cohort.coaches.len() as u32 {
                seen.extend(cohort.broken_rules(i, j).iter());
            }
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), coachnet::matching::Rule::ALL);
}
