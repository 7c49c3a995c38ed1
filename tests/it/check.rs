//! The checker's own way to score all pairs agrees with the definition on every pair, and comes to
//! the same certificates; who waits is counted right.

use std::collections::BTreeMap;

use coachnet::domain::{Objective, Policy};
use coachnet::matching::certificate::{Claim, Pairs, Points, certify};
use coachnet::matching::check::PlainPairs;
use coachnet::matching::explain::WaitingReason;
use coachnet::matching::instance::Priority;
use coachnet::matching::lottery::mix;
use coachnet::matching::run::Plan;
use coachnet::matching::{Cohort, Reserve, Rule};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::engine::reference;
use crate::scan::{build, cases};
use crate::support::cohorts::{random_cohort, today};

/// The pairs of a cohort as the definition has them, one after the other.
struct Definition<'a>(&'a Cohort);

impl Pairs for Definition<'_> {
    fn coachees(&self) -> usize {
        self.0.coachees.len()
    }

    fn coaches(&self) -> usize {
        self.0.coaches.len()
    }

    fn capacity(&self, coach: u32) -> u32 {
        u32::from(self.0.coaches.free[coach as usize])
    }

    fn priority(&self, coachee: u32) -> Priority {
        self.0.priority(coachee as usize)
    }

    fn reserve(&self) -> Option<&Reserve> {
        self.0.reserve.as_ref()
    }

    fn for_each_of(&self, coachee: u32, mut each: impl FnMut(u32, u32)) {
        let (i, coaches) = (coachee as usize, &self.0.coaches);
        let tie = |coach: u32| mix(self.0.coachees.lottery[i], coaches.tie_key[coach as usize]) >> 40;
        let scored = (0..coaches.len() as u32).filter_map(|coach| Some((self.0.plain_score(i, coach)?, coach)));
        let mut pairs: Vec<_> = scored.map(|(score, coach)| (score, tie(coach), coach)).collect();
        pairs.sort_unstable_by(|a, b| b.cmp(a));
        pairs.into_iter().for_each(|(score, _, coach)| each(coach, u32::from(score)));
    }
}

fn pairs_of(pairs: &impl Pairs, coachee: u32) -> Vec<(u32, u32)> {
    let mut all = Vec::new();
    pairs.for_each_of(coachee, |coach, weight| all.push((coach, weight)));
    all
}

/// Some of the pairs there are, no coach too often; and now and then one that a rule forbids.
fn draw_plan(cohort: &Cohort, rng: &mut ChaCha20Rng) -> Vec<(u32, u32)> {
    let mut free = cohort.coaches.free.clone();
    let (fill, wrong) = (rng.random_range(0..=4), rng.random_ratio(1, 4));
    let mut plan = Vec::new();
    for coachee in 0..cohort.coachees.len() as u32 {
        let all = pairs_of(&Definition(cohort), coachee);
        let allowed = all.iter().map(|&(coach, _)| coach).find(|&coach| free[coach as usize] > 0);
        let any = (wrong && rng.random_ratio(1, 6)).then(|| rng.random_range(0..free.len().max(1)) as u32);
        let chosen = any.filter(|&coach| free.get(coach as usize).is_some_and(|&free| free > 0)).or(allowed);
        if let Some(coach) = chosen.filter(|_| rng.random_ratio(fill, 4)) {
            free[coach as usize] -= 1;
            plan.push((coachee, coach));
        }
    }
    plan
}

/// Prices from nothing to beyond every score, with and without decimals.
fn draw_price(rng: &mut ChaCha20Rng, parts: u64) -> Points {
    let amount = match rng.random_range(0..5) {
        0 => 0,
        1 => 400 * parts,
        _ => rng.random_range(0..=260 * parts),
    };
    format!("{}.{:06}", amount / parts, amount % parts * (1_000_000 / parts)).parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn every_pair_has_the_score_of_the_definition(case in cases()) {
        let cohort = build(case);
        let plain = PlainPairs::new(&cohort);
        for coachee in 0..cohort.coachees.len() as u32 {
            prop_assert_eq!(pairs_of(&plain, coachee), pairs_of(&Definition(&cohort), coachee), "coachee {}", coachee);
        }
    }

    #[test]
    fn claims_are_judged_alike(case in cases(), seed: u64, parts in prop::sample::select(vec![1u64, 8, 1_000_000])) {
        let cohort = build(case);
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let plan = draw_plan(&cohort, &mut rng);
        let prices: Vec<Points> = (0..cohort.coaches.len()).map(|_| draw_price(&mut rng, parts)).collect();
        let lambdas = [Points::ZERO, draw_price(&mut rng, parts), Points::from(1u64 << 40), "0.3".parse().unwrap()];
        for lambda in lambdas {
            let claim = Claim { pairs: &plan, prices: &prices, lambda, bonus: Points::ZERO };
            let found = certify(&PlainPairs::new(&cohort), Objective::BestTotal, claim);
            prop_assert_eq!(found, certify(&Definition(&cohort), Objective::BestTotal, claim));
        }
    }

    #[test]
    fn who_waits_is_told_what_the_rules_say(case in cases(), matched in 0u32..4) {
        let cohort = build(case);
        let plan = Plan::new(&cohort, &first_pairs(&cohort, matched));
        prop_assert_eq!(plan.pairs.len() + plan.waiting.len(), cohort.coachees.len());
        for (coachee, waiting) in &plan.waiting {
            let i = *coachee as usize;
            let focus = !cohort.coachees.focus[i].as_slice().is_empty();
            let allowed = if focus { pairs_of(&Definition(&cohort), *coachee) } else { Vec::new() };
            prop_assert_eq!(waiting.acceptable as usize, allowed.len());
            prop_assert_eq!(waiting.best_score.map(u32::from), allowed.first().map(|&(_, weight)| weight));
            let (mut rules, mut sole_rules) = (BTreeMap::new(), BTreeMap::new());
            if focus && allowed.is_empty() {
                for broken in (0..cohort.coaches.len() as u32).map(|coach| cohort.broken_rules(i, coach)) {
                    broken.iter().for_each(|rule| *rules.entry(rule).or_default() += 1);
                    broken.sole().into_iter().for_each(|rule| *sole_rules.entry(rule).or_default() += 1);
                }
                prop_assert_eq!(waiting.reason, WaitingReason::NoEligibleCoach);
            }
            prop_assert_eq!(waiting.rules.iter().collect::<BTreeMap<Rule, u32>>(), rules);
            prop_assert_eq!(waiting.sole_rules.iter().collect::<BTreeMap<Rule, u32>>(), sole_rules);
        }
    }
}

/// The favourite of every coachee but each fourth or so; a plan is not looked at further here.
fn first_pairs(cohort: &Cohort, offset: u32) -> Vec<(u32, u32)> {
    let favourite = |coachee: u32| Some((coachee, pairs_of(&Definition(cohort), coachee).first()?.0));
    (0..cohort.coachees.len() as u32).filter(|coachee| coachee % 4 == offset).filter_map(favourite).collect()
}

/// Cohorts in which rules about everybody bar nearly all: each rule is met as the only one.
#[test]
fn every_rule_is_counted_by_itself_somewhere() {
    let mut seen: BTreeMap<Rule, u32> = BTreeMap::new();
    for seed in 0..400 {
        let cohort =
            Cohort::build(&random_cohort(seed, 30, 2), &reference(), &Policy::default(), today(), seed).unwrap();
        for (_, waiting) in Plan::new(&cohort, &[]).waiting {
            waiting.sole_rules.iter().for_each(|(rule, count)| *seen.entry(rule).or_default() += count);
        }
    }
    // Nobody forbids pairs in these cohorts.
    let by_cohort = |rule: &&Rule| **rule != Rule::ForbiddenByAdmin;
    let missing: Vec<&Rule> = Rule::ALL.iter().filter(by_cohort).filter(|rule| !seen.contains_key(rule)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
