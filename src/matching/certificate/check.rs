//! The checks themselves.

use rayon::prelude::*;

use super::reach::most_pairs;
use super::{Certificate, Claim, Pairs, Points};
use crate::domain::Objective;

/// Why a plan is none, or its prices are none. Positions, which the caller turns into names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A coachee has two coaches.
    #[error("coachee {coachee} has more than one coach")]
    CoacheeTwice {
        /// The coachee.
        coachee: u32,
    },
    /// A pair is not allowed.
    #[error("the pair of coachee {coachee} and coach {coach} is not allowed")]
    NotAllowed {
        /// The coachee.
        coachee: u32,
        /// The coach.
        coach: u32,
    },
    /// A coach has more coachees than places.
    #[error("coach {coach} has {held} coachees in {capacity} places")]
    TooMany {
        /// The coach.
        coach: u32,
        /// How many coachees the plan gives them.
        held: u64,
        /// How many they can take.
        capacity: u32,
    },
    /// A price is below 0, which proves nothing.
    #[error("the price of coach {coach} is below 0")]
    NegativePrice {
        /// The coach.
        coach: u32,
    },
    /// Prices and coaches differ in number, or lambda is below 0.
    #[error("the prices do not fit the coaches")]
    NoProof,
}

/// Checks a claim and works out its certificate.
///
/// # Errors
/// All faults, when the claim is no plan at all. A claim that is a plan, but not a good one, is no
/// error: the certificate says how good it is.
pub fn certify<P: Pairs>(problem: &P, objective: Objective, claim: Claim) -> Result<Certificate, Vec<Fault>> {
    let mut faults = Vec::new();
    let coach_of = seats(problem, claim, &mut faults);
    check_prices(problem, claim, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let rows: Vec<Row> =
        (0..problem.coachees() as u32).into_par_iter().map(|c| Row::of(problem, claim, &coach_of, c)).collect();
    for (coachee, coach) in paired(&coach_of) {
        if rows[coachee as usize].weight.is_none() {
            faults.push(Fault::NotAllowed { coachee, coach });
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let matched = claim.pairs.len() as u64;
    let total = rows.iter().filter_map(|row| row.weight).map(u64::from).sum();
    let places: Points =
        (0..problem.coaches()).map(|coach| claim.prices[coach] * u64::from(problem.capacity(coach as u32))).sum();
    let upper_bound = places + rows.iter().map(|row| row.profit).sum() - claim.lambda * matched;
    Ok(Certificate {
        objective,
        coachees: problem.coachees() as u64,
        matched,
        possible: most_pairs(problem, &coach_of),
        total,
        upper_bound,
        gap: upper_bound - Points::from(total),
        lambda: claim.lambda,
        blocking_pairs: blocking_pairs(problem, &coach_of, &rows),
    })
}

fn seats<P: Pairs>(problem: &P, claim: Claim, faults: &mut Vec<Fault>) -> Vec<Option<u32>> {
    let mut coach_of = vec![None; problem.coachees()];
    let mut held = vec![0u64; problem.coaches()];
    for &(coachee, coach) in claim.pairs {
        if coach_of[coachee as usize].replace(coach).is_some() {
            faults.push(Fault::CoacheeTwice { coachee });
        }
        held[coach as usize] += 1;
    }
    for (coach, &held) in held.iter().enumerate() {
        let capacity = problem.capacity(coach as u32);
        if held > u64::from(capacity) {
            faults.push(Fault::TooMany { coach: coach as u32, held, capacity });
        }
    }
    coach_of
}

fn check_prices<P: Pairs>(problem: &P, claim: Claim, faults: &mut Vec<Fault>) {
    if claim.prices.len() != problem.coaches() || claim.lambda < Points::ZERO {
        faults.push(Fault::NoProof);
    }
    for (coach, &price) in claim.prices.iter().enumerate() {
        if price < Points::ZERO {
            faults.push(Fault::NegativePrice { coach: coach as u32 });
        }
    }
}

fn paired(coach_of: &[Option<u32>]) -> impl Iterator<Item = (u32, u32)> {
    coach_of.iter().enumerate().filter_map(|(coachee, coach)| coach.map(|coach| (coachee as u32, coach)))
}

/// What one coachee's pairs tell.
struct Row {
    /// The weight of the own pair; `None` when unmatched or when the pair is not allowed.
    weight: Option<u32>,
    /// The most that any pair gives above its price.
    profit: Points,
}

impl Row {
    fn of<P: Pairs>(problem: &P, claim: Claim, coach_of: &[Option<u32>], coachee: u32) -> Self {
        let mut row = Row { weight: None, profit: Points::ZERO };
        problem.for_each_of(coachee, |coach, weight| {
            row.profit = row.profit.max(Points::from(weight) + claim.lambda - claim.prices[coach as usize]);
            if coach_of[coachee as usize] == Some(coach) {
                row.weight = Some(weight);
            }
        });
        row
    }
}

/// What a coach looks at: class, then weight, then lottery (the lower the better).
type Welcome = (u32, u32, std::cmp::Reverse<u64>);

fn welcome<P: Pairs>(problem: &P, coachee: u32, weight: u32) -> Welcome {
    let priority = problem.priority(coachee);
    (priority.class, weight, std::cmp::Reverse(priority.lottery))
}

fn blocking_pairs<P: Pairs>(problem: &P, coach_of: &[Option<u32>], rows: &[Row]) -> u64 {
    let mut held = vec![0u32; problem.coaches()];
    let mut least: Vec<Option<Welcome>> = vec![None; problem.coaches()];
    for (coachee, coach) in paired(coach_of) {
        let own = welcome(problem, coachee, rows[coachee as usize].weight.unwrap_or(0));
        let least = &mut least[coach as usize];
        *least = Some(least.map_or(own, |other| other.min(own)));
        held[coach as usize] += 1;
    }
    let would_take = |coach: u32, candidate: Welcome| {
        held[coach as usize] < problem.capacity(coach) || least[coach as usize].is_some_and(|least| candidate > least)
    };
    let blocking_of = |coachee: u32| {
        let own = coach_of[coachee as usize];
        let present = rows[coachee as usize].weight.unwrap_or(0);
        let mut passed_own = false;
        let mut blocking = 0u64;
        problem.for_each_of(coachee, |coach, weight| {
            passed_own |= own == Some(coach);
            let preferred = weight > present || (weight == present && !passed_own);
            blocking += u64::from(preferred && would_take(coach, welcome(problem, coachee, weight)));
        });
        blocking
    };
    (0..problem.coachees() as u32).into_par_iter().map(blocking_of).sum()
}
