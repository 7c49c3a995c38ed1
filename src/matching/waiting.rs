//! Why somebody waits, and why a given pair was not proposed.

use super::columns::Cohort;
use super::explain::{Ahead, Waiting, WaitingReason, WhyNot};
use super::run::Outcome;
use super::scan::Scanner;

/// Why a coachee has no coach after a run.
pub fn why_waiting(cohort: &Cohort, scanner: &Scanner, coachee: usize) -> Waiting {
    let e = &cohort.coachees;
    let mut waiting = Waiting {
        reason: WaitingReason::NotAssessed,
        acceptable: 0,
        best_score: None,
        rules: Default::default(),
        sole_rules: Default::default(),
    };
    if e.focus[coachee].as_slice().is_empty() {
        if e.assessed[coachee] {
            waiting.reason = WaitingReason::NoGap;
        }
        return waiting;
    }
    for candidate in scanner.query(coachee).eligible() {
        waiting.acceptable += 1;
        waiting.best_score = waiting.best_score.max(Some(candidate.score()));
    }
    if waiting.acceptable > 0 {
        waiting.reason = WaitingReason::PlacesTaken;
        return waiting;
    }
    waiting.reason = WaitingReason::NoEligibleCoach;
    for coach in 0..cohort.coaches.len() as u32 {
        let broken = cohort.broken_rules(coachee, coach);
        for rule in broken.iter() {
            *waiting.rules.entry(rule).or_default() += 1;
        }
        if let Some(rule) = broken.sole() {
            *waiting.sole_rules.entry(rule).or_default() += 1;
        }
    }
    waiting
}

/// Why a pair was not proposed: the rules it breaks, or who stands before.
pub fn why_not(cohort: &Cohort, outcome: &Outcome, coachee: usize, coach: u32) -> WhyNot {
    let given = outcome.pair_of(coachee);
    if given.is_some_and(|pair| pair.coach == coach) {
        return WhyNot::Proposed;
    }
    let broken = cohort.broken_rules(coachee, coach);
    if !broken.is_empty() {
        return WhyNot::Forbidden { rules: broken.iter().collect() };
    }
    let score = cohort.explain(coachee, coach).score;
    let e = &cohort.coachees;
    let mut ahead: Vec<Ahead> = outcome
        .pairs
        .iter()
        .filter(|pair| pair.coach == coach)
        .map(|pair| {
            let other = pair.coachee as usize;
            Ahead {
                coachee: e.code[other].clone(),
                class: e.class[other],
                score: pair.score,
                lottery: e.lottery[other],
            }
        })
        .collect();
    ahead.sort_by_key(|a| (std::cmp::Reverse((a.class, a.score)), a.lottery));
    let instead = given.map(|pair| (cohort.coaches.code[pair.coach as usize].clone(), pair.score));
    // What the coachee has now, plus what the place is worth to others, less what the pair would bring.
    let cost = outcome.lambda.map(|lambda| {
        let price = |coach: u32| outcome.prices[coach as usize];
        let profit = given.map_or(0, |pair| i64::from(pair.score) + lambda - price(pair.coach));
        (profit + price(coach) - i64::from(score) - lambda).max(0)
    });
    WhyNot::Behind { score, ahead, instead, cost }
}
