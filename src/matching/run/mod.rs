//! A run: from a cohort to pairs, a waiting list, prices and a certificate.
//!
//! Only short lists of each coachee's best coaches go to the solver. The prices it returns
//! then show, against **every** pair of the cohort, which missing pairs could still matter;
//! these are added and the solver runs again, until none is left and the result is proven
//! for the whole problem.

mod fans;
mod lists;
mod pins;
mod reachable;
mod stably;
mod total;

use rayon::prelude::*;

use super::all_pairs::ScannedPairs;
use super::certificate::{Certificate, Claim, Fault, Points, certify};
use super::columns::Cohort;
pub use super::columns::Pair;
use super::explain::Waiting;
use super::instance::BadEdge;
use super::scan::{Candidate, Scanner};
use super::waiting::{Reasons, Standing};
use super::watch::{Cancelled, Phase, Watch};
use crate::domain::Objective;
use lists::Lists;
pub use pins::{Cost, PinCost, pin_bound, pin_costs};

/// Who has whom, and who waits and why.
#[derive(Debug)]
pub struct Plan {
    /// The pairs, by coachee.
    pub pairs: Vec<Pair>,
    /// The waiting list, first place first, with the reasons.
    pub waiting: Vec<(u32, Waiting)>,
}

/// What a run comes to.
#[derive(Debug)]
pub struct Outcome {
    /// Who has whom and who waits.
    pub plan: Plan,
    /// Per coach, what one more place would add to the total, in points.
    pub prices: Vec<i64>,
    /// What the last pair may cost in points, where the objective weighs totals.
    pub lambda: Option<i64>,
    /// What the last reserved place may cost in points.
    pub bonus: i64,
    /// The proof, over every pair of the cohort.
    pub certificate: Certificate,
    /// How often the solver ran until nothing was left to add.
    pub rounds: u32,
}

impl Plan {
    /// The plan with these pairs of a cohort, (coachee, coach) by position.
    pub fn new(cohort: &Cohort, pairs: &[(u32, u32)]) -> Self {
        let e = &cohort.coachees;
        let mut has_coach = vec![false; e.len()];
        let mut scored: Vec<Pair> = pairs
            .par_iter()
            .map(|&(coachee, coach)| Pair { coachee, coach, score: cohort.explain(coachee as usize, coach).score })
            .collect();
        scored.sort_unstable_by_key(|pair| pair.coachee);
        for pair in scored.iter().chain(&cohort.kept) {
            has_coach[pair.coachee as usize] = true;
        }
        let mut waiting: Vec<u32> = (0..e.len() as u32).filter(|&i| !has_coach[i as usize]).collect();
        waiting.sort_by_key(|&i| (std::cmp::Reverse(e.class[i as usize]), e.lottery[i as usize], i));
        let reasons = Reasons::new(cohort);
        let why = |i: u32| (i, reasons.of(i as usize));
        Self { pairs: scored, waiting: waiting.into_par_iter().map(why).collect() }
    }

    /// The pair of a coachee, if there is one.
    pub fn pair_of(&self, coachee: usize) -> Option<Pair> {
        let at = self.pairs.binary_search_by_key(&(coachee as u32), |pair| pair.coachee).ok()?;
        Some(self.pairs[at])
    }
}

impl Outcome {
    /// The gap of the certificate in whole points: prices and scores are whole numbers.
    pub fn whole_gap(&self) -> i64 {
        self.certificate.gap.whole()
    }

    /// The outcome as far as it answers for single pairs.
    pub fn standing(&self) -> Standing {
        Standing {
            pairs: self.plan.pairs.iter().map(|pair| (pair.coachee, pair.coach)).collect(),
            prices: self.prices.iter().map(|&price| Points::from(price)).collect(),
            lambda: self.lambda.map(Points::from),
            bonus: Points::from(self.bonus),
        }
    }
}

/// Why there is no outcome: it was cancelled, or there is a mistake in the engine itself, found
/// before anybody could rely on it.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The lists are none that the solver accepts.
    #[error("the lists of the run are wrong: {0}")]
    Lists(#[from] BadEdge),
    /// The plan does not stand the check.
    #[error("the plan of the run is wrong: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Plan(Vec<Fault>),
    /// Whoever watched has ended it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// How much is done for a result.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Coaches on a coachee's list to begin with, at least 1. More makes the solver slower, fewer
    /// needs more rounds; the outcome is proven either way.
    pub list_size: usize,
    /// The share of the bound by which a total may miss the best; 0 asks for the best itself.
    pub max_gap: f64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { list_size: 32, max_gap: 0.0 }
    }
}

/// Matches a cohort by its policy's objective. The same cohort, policy, seed and effort give the
/// same outcome on every machine and any number of threads, unless `watch` orders an early end.
///
/// # Errors
/// When cancelled; else none but for a mistake in the engine: lists, plan and prices are checked by
/// other code.
pub fn run(cohort: &Cohort, effort: Effort, watch: Watch) -> Result<Outcome, RunError> {
    run_from(cohort, None, effort, watch)
}

/// What an earlier run of a cohort came to.
#[derive(Debug, Clone, Default)]
pub struct Before {
    /// Its pairs, (coachee, coach) by position; those that are no longer possible are passed over.
    pub pairs: Vec<(u32, u32)>,
    /// The price of a place of each coach.
    pub prices: Vec<i64>,
}

/// As [`run`], but starting from an earlier outcome of much the same cohort: after some have declined and
/// others have accepted ([`Cohort::keep`]), only what that changes is worked out anew. The result
/// is as good, and proven over as much: the certificate speaks of the kept pairs too.
///
/// # Errors
/// As [`run`].
pub fn run_from(cohort: &Cohort, before: Option<&Before>, effort: Effort, watch: Watch) -> Result<Outcome, RunError> {
    let scanner = Scanner::new(cohort);
    if let (Some(before), Objective::BestTotal | Objective::MostPeople) = (before, cohort.policy.objective) {
        let draft = total::draft_from(cohort, &scanner, before, effort.max_gap.max(0.0), watch)?;
        return finish(cohort, &scanner, draft, watch);
    }
    let lists = Lists::new(&scanner, cohort.coachees.len(), effort.list_size.max(1), watch)?;
    let draft = match cohort.policy.objective {
        Objective::Stable => stably::draft(cohort, &scanner, &lists, watch)?,
        Objective::BestTotal | Objective::MostPeople => {
            total::draft(cohort, &scanner, lists, effort.max_gap.max(0.0), watch)?
        }
    };
    finish(cohort, &scanner, draft, watch)
}

/// A plan and its prices before they are checked and explained.
struct Draft {
    mate: Vec<Option<Candidate>>,
    prices: Vec<i64>,
    lambda: Option<i64>,
    bonus: i64,
    rounds: u32,
}

/// Turns a draft into an outcome: the proof, the waiting list with its reasons.
fn finish(cohort: &Cohort, scanner: &Scanner, draft: Draft, watch: Watch) -> Result<Outcome, RunError> {
    watch.begin(Phase::Certify, None, 1)?;
    let pairs: Vec<(u32, u32)> = (0u32..)
        .zip(&draft.mate)
        .filter_map(|(coachee, given)| given.map(|candidate| (coachee, candidate.coach())))
        .collect();
    let prices: Vec<Points> = draft.prices.iter().map(|&price| Points::from(price)).collect();
    let lambda = Points::from(draft.lambda.unwrap_or(0));
    let claim = Claim { pairs: &pairs, prices: &prices, lambda, bonus: Points::from(draft.bonus) };
    let objective = cohort.policy.objective;
    let certificate = certify(&ScannedPairs::new(cohort, scanner), objective, claim).map_err(RunError::Plan)?;
    let certificate = certificate.with_kept(&cohort.kept, cohort.reserve.as_ref());
    watch.begin(Phase::Explain, None, 1)?;
    Ok(Outcome {
        certificate,
        plan: Plan::new(cohort, &pairs),
        prices: draft.prices,
        lambda: draft.lambda,
        bonus: draft.bonus,
        rounds: draft.rounds,
    })
}
