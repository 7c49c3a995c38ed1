//! A run: from a cohort to pairs, a waiting list, prices and a certificate.
//!
//! Only short lists of each coachee's best coaches go to the solver. The prices it returns
//! then show, against **every** pair of the cohort, which missing pairs could still matter;
//! these are added and the solver runs again, until none is left and the result is proven
//! for the whole problem.

use rayon::prelude::*;

use super::all_pairs::ScannedPairs;
use super::assign::{self, Solution};
use super::certificate::{Certificate, Claim, Fault, Points, certify};
use super::columns::Cohort;
use super::explain::Waiting;
use super::instance::{BadEdge, Instance, InstanceBuilder, Priority};
use super::reachable;
use super::scan::{Candidate, Prices, Scanner};
use super::stable;
use super::waiting::{Reasons, Standing};
use crate::domain::Objective;

/// Coaches on a coachee's list to begin with, unless told otherwise. More makes the solver slower,
/// fewer needs more rounds; the outcome is proven either way.
pub const LIST_SIZE: usize = 32;
/// Coaches added to a list in one round, the most promising first.
const ADDED_A_ROUND: usize = 8;
/// Equally good coaches added to a list, so that the lottery has a say over them too.
const TIES_ADDED: usize = 64;

/// A proposed pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Position of the coachee.
    pub coachee: u32,
    /// Position of the coach.
    pub coach: u32,
    /// The score, 1 to 255.
    pub score: u8,
}

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
        for pair in &scored {
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
        }
    }
}

/// A mistake in the engine itself, found before anybody could rely on it.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The lists are none that the solver accepts.
    #[error("the lists of the run are wrong: {0}")]
    Lists(#[from] BadEdge),
    /// The plan does not stand the check.
    #[error("the plan of the run is wrong: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Plan(Vec<Fault>),
}

/// What a run is doing, for whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Finding each coachee's best coaches.
    Lists,
    /// Solving on the lists; the number of the round.
    Solve(u32),
    /// Holding the prices against every pair; the number of the round.
    Price(u32),
    /// Checking the result and finding the reasons of those who wait.
    Certify,
}

/// Told of each phase as it begins.
pub type Watch<'a> = &'a (dyn Fn(Phase) + Sync);

/// Matches a cohort by its policy's objective. The same cohort, policy and seed give the same
/// outcome on every machine and any number of threads. Lists begin with `list_size` coaches, at
/// least 1 (see [`LIST_SIZE`]).
///
/// # Errors
/// None but for a mistake in the engine: lists, plan and prices are checked by other code.
pub fn run(cohort: &Cohort, list_size: usize, watch: Watch) -> Result<Outcome, RunError> {
    let scanner = Scanner::new(cohort);
    watch(Phase::Lists);
    let everybody = 0..cohort.coachees.len();
    let list_size = list_size.max(1);
    let rows = everybody.into_par_iter().map(|i| scanner.query(i).best(list_size)).collect();
    let lists = Lists::new(rows, list_size);
    let draft = match cohort.policy.objective {
        Objective::Stable => match_stably(cohort, &scanner, &lists, watch)?,
        Objective::BestTotal | Objective::MostPeople => match_by_total(cohort, &scanner, lists, watch)?,
    };
    watch(Phase::Certify);
    finish(cohort, &scanner, draft)
}

/// A plan and its prices before they are checked and explained.
struct Draft {
    mate: Vec<Option<Candidate>>,
    prices: Vec<i64>,
    lambda: Option<i64>,
    rounds: u32,
}

/// The lists of a cohort as they grow.
struct Lists {
    rows: Vec<Vec<Candidate>>,
    /// Whether a row holds every coach that no rule forbids.
    whole: Vec<bool>,
}

impl Lists {
    fn new(rows: Vec<Vec<Candidate>>, list_size: usize) -> Self {
        let whole = rows.iter().map(|row| row.len() < list_size).collect();
        Self { rows, whole }
    }

    /// Adds what is missing; says whether there was anything.
    fn extend(&mut self, missing: Vec<Vec<Candidate>>) -> bool {
        let mut grown = false;
        for (row, mut more) in self.rows.iter_mut().zip(missing) {
            grown |= !more.is_empty();
            row.append(&mut more);
            row.sort_unstable_by(|a, b| b.cmp(a));
        }
        grown
    }

    /// What the solver is given. Lists hold each coach once and scores above 0, so that nothing
    /// in them can be refused.
    fn instance(&self, cohort: &Cohort) -> Result<Instance, BadEdge> {
        let e = &cohort.coachees;
        let priority = (0..e.len()).map(|i| Priority { class: e.class[i], lottery: e.lottery[i] }).collect();
        let capacity = cohort.coaches.free.iter().map(|&free| u32::from(free)).collect();
        let mut builder = InstanceBuilder::new(capacity, priority);
        for (coachee, row) in (0u32..).zip(&self.rows) {
            for candidate in row {
                builder.push(coachee, candidate.coach(), u32::from(candidate.score()))?;
            }
        }
        builder.build()
    }
}

fn match_by_total(cohort: &Cohort, scanner: &Scanner, lists: Lists, watch: Watch) -> Result<Draft, BadEdge> {
    let mut lists = lists;
    let most = cohort.policy.objective == Objective::MostPeople;
    let mut prices: Option<Vec<i64>> = None;
    let mut ties_added = false;
    let mut round = 0;
    loop {
        round += 1;
        watch(Phase::Solve(round));
        let instance = lists.instance(cohort)?;
        let solve = if most { assign::most_people } else { assign::best_total };
        let solution = solve(&instance, prices.as_deref());
        watch(Phase::Price(round));
        let mut grown = lists.extend(worthwhile(scanner, &lists, &solution, Worth::More));
        if !grown && most {
            grown = lists.extend(reachable::ways_to_free_places(cohort, scanner, &solution.coach_of, &lists.rows));
        }
        if !grown && !ties_added {
            ties_added = true;
            grown = lists.extend(worthwhile(scanner, &lists, &solution, Worth::Equal));
        }
        if !grown {
            return Ok(lists.draft(solution, round));
        }
        prices = Some(solution.prices);
    }
}

/// Deferred acceptance on the lists; whoever comes to the end of the own list looks through all
/// coaches, so that the plan is stable over every pair of the cohort.
fn match_stably(cohort: &Cohort, scanner: &Scanner, lists: &Lists, watch: Watch) -> Result<Draft, BadEdge> {
    watch(Phase::Solve(1));
    let instance = lists.instance(cohort)?;
    let coach_of = stable::deferred_acceptance(&instance, |coachee, would_take| {
        if lists.whole[coachee as usize] {
            return None;
        }
        let welcome = |c: &Candidate| would_take(c.coach(), u32::from(c.score()));
        let best = scanner.query(coachee as usize).eligible().filter(welcome).max()?;
        Some((best.coach(), u32::from(best.score())))
    });
    let given = |(coachee, coach): (usize, &Option<u32>)| {
        let query = scanner.query(coachee);
        coach.map(|coach| query.candidate(coach, query.score(coach)))
    };
    let mate: Vec<Option<Candidate>> = coach_of.iter().enumerate().map(given).collect();
    Ok(Draft { prices: least_scores(cohort, &mate), mate, lambda: None, rounds: 1 })
}

/// What the places of full coaches are worth at least: the least score among their pairs. Any
/// prices bound the total; these come near.
fn least_scores(cohort: &Cohort, mate: &[Option<Candidate>]) -> Vec<i64> {
    let mut least = vec![(0u16, i64::MAX); cohort.coaches.len()];
    for candidate in mate.iter().flatten() {
        let (taken, score) = &mut least[candidate.coach() as usize];
        *taken += 1;
        *score = (*score).min(i64::from(candidate.score()));
    }
    let price = |((taken, score), &free): ((u16, i64), &u16)| if taken > 0 && taken == free { score } else { 0 };
    least.into_iter().zip(&cohort.coaches.free).map(price).collect()
}

/// Which pairs outside the lists are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// Those that would give the coachee more than all pairs on the list.
    More,
    /// Those that would give as much as the best on the list.
    Equal,
}

/// The pairs that are not on a list although, at the prices of a solution, they ought to be.
fn worthwhile(scanner: &Scanner, lists: &Lists, solution: &Solution, worth: Worth) -> Vec<Vec<Candidate>> {
    let prices = Prices::new(scanner, 1, &solution.prices);
    let gain = |c: &Candidate| i64::from(c.score()) + solution.lambda - solution.prices[c.coach() as usize];
    (0..lists.rows.len())
        .into_par_iter()
        .map(|i| {
            if lists.whole[i] {
                return Vec::new();
            }
            let (row, query) = (&lists.rows[i], scanner.query(i));
            let best = row.iter().map(gain).max().unwrap_or(0).max(0);
            let above = if worth == Worth::More { best } else { best - 1 };
            let mut missing: Vec<Candidate> = Vec::new();
            query.priced(&prices, solution.lambda, above, |coach, score, value| {
                let candidate = query.candidate(coach, score);
                if (worth == Worth::More || value == best) && row.binary_search_by(|r| candidate.cmp(r)).is_err() {
                    missing.push(candidate);
                }
                above
            });
            missing.sort_unstable_by_key(|c| std::cmp::Reverse((gain(c), *c)));
            missing.truncate(if worth == Worth::More { ADDED_A_ROUND } else { TIES_ADDED });
            missing
        })
        .collect()
}

impl Lists {
    fn draft(&self, solution: Solution, rounds: u32) -> Draft {
        let given = |(row, coach): (&Vec<Candidate>, &Option<u32>)| {
            coach.and_then(|coach| row.iter().find(|candidate| candidate.coach() == coach).copied())
        };
        Draft {
            mate: self.rows.iter().zip(&solution.coach_of).map(given).collect(),
            prices: solution.prices,
            lambda: Some(solution.lambda),
            rounds,
        }
    }
}

/// Turns a draft into an outcome: the proof, the waiting list with its reasons.
fn finish(cohort: &Cohort, scanner: &Scanner, draft: Draft) -> Result<Outcome, RunError> {
    let pairs: Vec<(u32, u32)> = (0u32..)
        .zip(&draft.mate)
        .filter_map(|(coachee, given)| given.map(|candidate| (coachee, candidate.coach())))
        .collect();
    let prices: Vec<Points> = draft.prices.iter().map(|&price| Points::from(price)).collect();
    let lambda = Points::from(draft.lambda.unwrap_or(0));
    let claim = Claim { pairs: &pairs, prices: &prices, lambda };
    let objective = cohort.policy.objective;
    Ok(Outcome {
        certificate: certify(&ScannedPairs::new(cohort, scanner), objective, claim).map_err(RunError::Plan)?,
        plan: Plan::new(cohort, &pairs),
        prices: draft.prices,
        lambda: draft.lambda,
        rounds: draft.rounds,
    })
}
