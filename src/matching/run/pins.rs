//! What pinned pairs cost: how much better the plan would be without each of them.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Before, Effort, Outcome, RunError, run_from};
use crate::domain::{Objective, PersonCode};
use crate::matching::columns::{Cohort, Pair};
use crate::matching::watch::Watch;

/// What a pinned pair costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinCost {
    /// The coachee.
    pub coachee: PersonCode,
    /// The coach.
    pub coach: PersonCode,
    /// The score of the pair.
    pub score: u8,
    /// What it costs, and how that is known.
    pub cost: Cost,
}

/// What a decision costs, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "known", rename_all = "snake_case")]
pub enum Cost {
    /// The cohort was matched again without the pin, and both plans are the best there are: the
    /// difference of the two. For stable plans, which strive for no total, it is a difference and no loss.
    Exact {
        /// Pairs that there would be more without it.
        pairs: i64,
        /// Points that the total would have more without it.
        points: i64,
    },
    /// By the prices of the plan, no plan without the pin is better by more points, where a pair more
    /// counts `pair_points`.
    AtMost {
        /// Points.
        points: i64,
        /// What a pair counts besides its score: 0 where only the total counts.
        pair_points: i64,
    },
    /// Not worked out: stable plans have no total to lose, and the cohort is too large to be matched again
    /// for each pin.
    Unknown,
}

/// Most pins for each of which a cohort is matched again.
const MOST_SOLVED: usize = 20;
/// Most coachees that are matched again for all pins together.
const MOST_COACHEES: usize = 400_000;

/// What each of the pairs pinned in a cohort costs. `free` is the same cohort without them, `outcome` that of
/// the cohort with them.
///
/// # Errors
/// When cancelled, or by a mistake in the engine.
pub fn pin_costs(
    free: &Cohort,
    kept: &Cohort,
    outcome: &Outcome,
    effort: Effort,
    watch: Watch,
) -> Result<Vec<PinCost>, RunError> {
    let mut pins = kept.with_kept(&[]);
    pins.retain(|pair| kept.is_pinned(pair.coachee));
    let solve = pins.len() <= MOST_SOLVED && pins.len() * free.coachees.len() <= MOST_COACHEES;
    let stable = free.policy.objective == Objective::Stable;
    let mut costs = Vec::with_capacity(pins.len());
    for &pin in &pins {
        let cost = match (solve, stable) {
            (true, _) => solved(free, &pins, pin, outcome, effort, watch)?,
            (false, true) => Cost::Unknown,
            (false, false) => pin_bound(free, pin, outcome),
        };
        costs.push(PinCost {
            coachee: free.coachees.code[pin.coachee as usize].clone(),
            coach: free.coaches.code[pin.coach as usize].clone(),
            score: pin.score,
            cost,
        });
    }
    Ok(costs)
}

/// Matches again without one of the pins, starting from the plan with it.
fn solved(
    free: &Cohort,
    pins: &[Pair],
    pin: Pair,
    outcome: &Outcome,
    effort: Effort,
    watch: Watch,
) -> Result<Cost, RunError> {
    let mut without = free.clone();
    let others: Vec<(u32, u32)> =
        pins.iter().filter(|other| **other != pin).map(|other| (other.coachee, other.coach)).collect();
    if without.keep(&others).is_err() {
        // They were kept together with this one.
        return Ok(Cost::Unknown);
    }
    let pairs = outcome.plan.pairs.iter().chain([&pin]).map(|pair| (pair.coachee, pair.coach)).collect();
    let before = Before { pairs, prices: outcome.prices.clone() };
    let better = run_from(&without, Some(&before), effort, watch)?;
    let (with, without) = (&outcome.certificate, &better.certificate);
    let gain = |of: u64, than: u64| of as i64 - than as i64;
    let proven = free.policy.objective == Objective::Stable || (with.holds() && without.holds());
    Ok(if proven {
        Cost::Exact { pairs: gain(without.matched, with.matched), points: gain(without.total, with.total) }
    } else {
        pin_bound(free, pin, outcome)
    })
}

/// What a pinned pair costs at most: by weak duality, the place is worth its price, the coachee the most that any coach gives beyond the
/// price of a place; together they hold at least what the pair gives.
pub fn pin_bound(free: &Cohort, pin: Pair, outcome: &Outcome) -> Cost {
    let certificate = &outcome.certificate;
    let member = free.reserve.as_ref().is_some_and(|reserve| reserve.is_member(pin.coachee));
    let extra = outcome.lambda.unwrap_or(0) + if member { outcome.bonus } else { 0 };
    let price = |coach: u32| outcome.prices.get(coach as usize).copied().unwrap_or(0);
    let profit = (0..free.coaches.len() as u32)
        .into_par_iter()
        .filter_map(|coach| {
            let score = free.plain_score(pin.coachee as usize, coach)?;
            Some(i64::from(score) + extra - price(coach))
        })
        .max()
        .unwrap_or(0)
        .max(0);
    let given = i64::from(pin.score) + extra;
    let points = (profit + price(pin.coach) - given).max(0) + certificate.gap.whole();
    Cost::AtMost { points, pair_points: extra }
}
