//! Plans of the best total, proven over every pair: solve on the lists, hold the prices against
//! all pairs, add what ought to be on a list, and so on until nothing is missing or the bound is
//! near enough.

use super::lists::Lists;
use super::reachable::ways_to_free_places;
use super::stably;
use super::{Cohort, Draft, RunError};
use crate::domain::Objective;
use crate::matching::assign::{self, Among, How, Solution};
use crate::matching::scan::{Candidate, Prices, Query, Scanner};
use crate::matching::watch::{Cancelled, Phase, Watch};

/// Coaches added to a list in one round, the most promising first.
const ADDED_A_ROUND: usize = 16;
/// How many points less a pair may give and still be added at the start.
const NEAR: i64 = 20;
/// Rounds in which places that nobody wants lose their price slowly.
const SLOW_ROUNDS: u32 = 3;
/// Equally good coaches added to a list, so that the lottery has a say over them too.
const TIES_ADDED: usize = 32;

/// The best plan, or one whose total misses the best by no more than a share `max_gap` of the bound.
pub(super) fn draft(
    cohort: &Cohort,
    scanner: &Scanner,
    mut lists: Lists,
    max_gap: f64,
    watch: Watch,
) -> Result<Draft, RunError> {
    let most = cohort.policy.objective == Objective::MostPeople;
    let mut near = start(cohort, scanner, &mut lists, watch)?;
    let (mut round, mut gap) = (0, None);
    let mut asked = near.prices.clone();
    loop {
        round += 1;
        let solving = watch.begin(Phase::Solve(round), gap, 1)?;
        let instance = lists.instance(cohort, |coachee| cohort.priority(coachee))?;
        let how = How { near: Some(&near), among: Among::Any, ticker: Some(&solving) };
        let solution = if most { assign::most_people(&instance, how) } else { assign::best_total(&instance, how) }?;
        drop(instance);
        let settled = ease(&mut asked, &solution.prices, round);
        let priced = Solution { prices: asked.clone(), ..solution.clone() };
        let found = outside(scanner, &lists, &priced, Worth::More, round, gap, watch)?;
        let share = found.gap(cohort, &lists, &priced);
        gap = Some(share);
        let enough = found.concluded || solving.is_concluded() || (max_gap > 0.0 && share <= max_gap);
        let mut grown = !enough && (lists.extend(found.missing) || !settled);
        if !enough && !grown && most {
            grown = lists.extend(ways_to_free_places(cohort, scanner, &solution.coach_of, &lists.rows));
        }
        if !grown {
            if !enough {
                // Pairs that are as good as those on the list change neither plan nor prices, but
                // who is served among equals.
                lists.extend(outside(scanner, &lists, &solution, Worth::Equal, round, gap, watch)?.missing);
            }
            let solution = assign::fairest(&lists.instance(cohort, |coachee| cohort.priority(coachee))?, &solution);
            return Ok(lists.draft(solution, round));
        }
        near = solution;
    }
}

/// Prices to hold against all pairs: those of a solution, but for places that nobody on the lists
/// wants any more. At a price of 0 they would look like a gift to everybody else, and nothing could be
/// learnt about the others; so theirs fall from round to round, slowly at first. Tells whether they
/// are all those of the solution.
fn ease(asked: &mut [i64], solved: &[i64], round: u32) -> bool {
    let eased = |price: i64| if round <= SLOW_ROUNDS { price * 7 / 8 } else { price / 2 };
    let mut settled = true;
    for (asked, &solved) in asked.iter_mut().zip(solved) {
        *asked = if solved > 0 { solved } else { eased(*asked) };
        settled &= *asked == solved;
    }
    settled
}

/// A plan and prices to start from, and on the lists what they show to be missing. Lists alone are a
/// bad start: coaches who are on few of them look free to everybody else.
fn start(cohort: &Cohort, scanner: &Scanner, lists: &mut Lists, watch: Watch) -> Result<Solution, RunError> {
    let mate = stably::by_score(cohort, scanner, lists, watch)?;
    lists.include(&mate);
    let coach_of = mate.iter().map(|pair| pair.map(Candidate::coach)).collect();
    let solution = Solution { coach_of, prices: stably::least_scores(cohort, &mate), lambda: 0 };
    let found = outside(scanner, lists, &solution, Worth::Near, 0, None, watch)?;
    lists.extend(found.missing);
    Ok(solution)
}

/// Which pairs outside the lists are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// Those that would give the coachee more than all pairs on the list.
    More,
    /// Those that would give little less, too.
    Near,
    /// Those that would give as much as the best on the list.
    Equal,
}

/// What a look at all pairs has found.
struct Found {
    /// Per coachee, pairs that are not on the list and ought to be.
    missing: Vec<Vec<Candidate>>,
    /// The sum over coachees of the most that any pair gives them at the prices.
    profits: i64,
    /// Whether to improve no further.
    concluded: bool,
}

impl Found {
    /// By what share of the bound the total of a plan may miss the best.
    fn gap(&self, cohort: &Cohort, lists: &Lists, solution: &Solution) -> f64 {
        let places: i64 = solution.prices.iter().zip(&cohort.coaches.free).map(|(&p, &free)| p * i64::from(free)).sum();
        let pairs = lists.plan(solution).flatten();
        let (total, matched) = pairs.fold((0, 0), |(sum, n), pair| (sum + i64::from(pair.score()), n + 1));
        let bound = places + self.profits - solution.lambda * matched;
        (bound - total) as f64 / bound.max(1) as f64
    }
}

/// The pairs that are not on a list although, at the prices of a solution, they ought to be.
fn outside(
    scanner: &Scanner,
    lists: &Lists,
    solution: &Solution,
    worth: Worth,
    round: u32,
    gap: Option<f64>,
    watch: Watch,
) -> Result<Found, Cancelled> {
    let ticker = watch.begin(Phase::Price(round), gap, lists.rows.len() as u64)?;
    let prices = Prices::new(scanner, 1, &solution.prices);
    let gain = |c: &Candidate| i64::from(c.score()) + solution.lambda - solution.prices[c.coach() as usize];
    let most = if worth == Worth::Equal { TIES_ADDED } else { ADDED_A_ROUND };
    let of_coachee = |query: Query| -> Result<(Vec<Candidate>, i64), Cancelled> {
        ticker.tick()?;
        let i = query.coachee();
        let row = &lists.rows[i];
        let best = row.iter().map(gain).max().unwrap_or(0).max(0);
        let (mut missing, mut profit): (Vec<Candidate>, i64) = (Vec::new(), best);
        if lists.whole[i] {
            return Ok((missing, profit));
        }
        let mut above = match worth {
            Worth::More => best,
            Worth::Near => best - NEAR,
            Worth::Equal => best - 1,
        };
        query.priced(&prices, solution.lambda, above, |coach, score, value| {
            profit = profit.max(value);
            let candidate = query.candidate(coach, score);
            if row.binary_search_by(|r| candidate.cmp(r)).is_err() {
                missing.push(candidate);
            }
            if worth == Worth::Equal && missing.len() == most {
                return i64::MAX / 2; // Of equals the first few found will do.
            }
            if missing.len() == 2 * most {
                above = above.max(keep_best(&mut missing, most, gain));
            }
            above
        });
        if missing.len() > most {
            keep_best(&mut missing, most, gain);
        }
        Ok((missing, profit))
    };
    let found: Vec<(Vec<Candidate>, i64)> = scanner.for_everybody(of_coachee).into_iter().collect::<Result<_, _>>()?;
    let profits = found.iter().map(|(_, profit)| profit).sum();
    let missing = found.into_iter().map(|(missing, _)| missing).collect();
    Ok(Found { missing, profits, concluded: ticker.is_concluded() })
}

/// Keeps the pairs of highest gain; tells the least of them.
fn keep_best(pairs: &mut Vec<Candidate>, most: usize, gain: impl Fn(&Candidate) -> i64) -> i64 {
    let (_, last, _) = pairs.select_nth_unstable_by_key(most - 1, |pair| std::cmp::Reverse((gain(pair), *pair)));
    let least = gain(last);
    pairs.truncate(most);
    least
}

impl Lists {
    /// The pair of each coachee in a solution on the lists.
    fn plan<'a>(&'a self, solution: &'a Solution) -> impl Iterator<Item = Option<Candidate>> + 'a {
        self.rows.iter().zip(&solution.coach_of).map(|(row, coach)| {
            coach.and_then(|coach| row.iter().find(|candidate| candidate.coach() == coach).copied())
        })
    }

    fn draft(&self, solution: Solution, rounds: u32) -> Draft {
        let mate = self.plan(&solution).collect();
        Draft { mate, prices: solution.prices, lambda: Some(solution.lambda), rounds }
    }
}
