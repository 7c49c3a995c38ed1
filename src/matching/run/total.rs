//! Plans of the best total, proven over every pair: solve on the lists, hold the prices against
//! all pairs, add what ought to be on a list, and so on until nothing is missing or the bound is
//! near enough.

use super::fans::Fans;
use super::lists::Lists;
use super::reachable::ways_to_free_places;
use super::stably;
use super::{Before, Cohort, Draft, RunError};
use crate::domain::Objective;
use crate::matching::assign::{self, Among, How, Solution};
use crate::matching::reserve::Reserve;
use crate::matching::scan::{Candidate, Prices, Query, Scanner};
use crate::matching::watch::{Cancelled, Phase, Watch};

/// Coaches added to a list in one round, the most promising first.
const ADDED_A_ROUND: usize = 16;
/// How far below a price a coach whom nobody wants looks for people who would take the place.
const NEAR: i64 = 20;
/// The same where all coaches look at once: further below there are so many for most that noting them takes long.
const VERY_NEAR: i64 = 3;
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
    let near = start(cohort, scanner, &mut lists, watch)?;
    improve(cohort, scanner, lists, near, max_gap, watch)
}

/// The same, starting from the pairs and prices of an earlier run.
pub(super) fn draft_from(
    cohort: &Cohort,
    scanner: &Scanner,
    before: &Before,
    max_gap: f64,
    watch: Watch,
) -> Result<Draft, RunError> {
    let mut coach_of = vec![None; cohort.coachees.len()];
    let mut lists = Lists::empty(cohort.coachees.len());
    for &(coachee, coach) in &before.pairs {
        let query = scanner.query(coachee as usize);
        let score = if scanner.is_open(coach) { query.score(coach) } else { 0 };
        if score > 0 {
            lists.rows[coachee as usize].push(query.candidate(coach, score));
            coach_of[coachee as usize] = Some(coach);
        }
    }
    let prices = (0..cohort.coaches.len()).map(|coach| before.prices.get(coach).map_or(0, |&price| price.max(0)));
    let near = Solution { coach_of, prices: prices.collect(), lambda: 0, bonus: 0 };
    all_seek(&(cohort, scanner, watch), &mut lists, &near)?;
    improve(cohort, scanner, lists, near, max_gap, watch)
}

fn improve(
    cohort: &Cohort,
    scanner: &Scanner,
    mut lists: Lists,
    mut near: Solution,
    max_gap: f64,
    watch: Watch,
) -> Result<Draft, RunError> {
    let most = cohort.policy.objective == Objective::MostPeople;
    let (mut round, mut gap) = (0, None);
    let mut nearest: Option<(f64, Solution)> = None;
    let mut asked = Asked { prices: near.prices.clone(), sought: vec![0; near.prices.len()] };
    loop {
        round += 1;
        let solving = watch.begin(Phase::Solve(round), gap, 1)?;
        let instance = lists.instance(cohort)?;
        let how = How { near: Some(&near), among: Among::Any, ticker: Some(&solving) };
        let solution = if most { assign::most_people(&instance, how) } else { assign::best_total(&instance, how) }?;
        drop(instance);
        let seeking = asked.follow(&solution.prices, cohort);
        let settled = seeking.is_empty();
        let mut priced = Solution { prices: asked.prices.clone(), ..solution.clone() };
        let found = outside(&(cohort, scanner, watch), &lists, &priced, Worth::More, seeking, round, gap)?;
        for sought in &found.sought {
            asked.prices[sought.coach as usize] = sought.price;
            priced.prices[sought.coach as usize] = sought.price;
        }
        let share = found.gap(cohort, &lists, &priced);
        gap = Some(share);
        if nearest.as_ref().is_none_or(|(known, _)| share < *known) {
            nearest = Some((share, priced));
        }
        let enough = found.concluded || solving.is_concluded() || (max_gap > 0.0 && share <= max_gap);
        let mut grown = !enough && (lists.extend(found.missing) || !settled);
        if !enough && !grown {
            grown = lists.extend(ways_for_members(cohort, scanner, &solution, &lists));
        }
        if !enough && !grown && most {
            grown = lists.extend(ways_to_free_places(cohort, scanner, &solution.coach_of, &lists.rows, |_| true));
        }
        if !grown {
            if !enough {
                // Pairs that are as good as those on the list change neither plan nor prices, but
                // who is served among equals.
                let nobody = Fans::new(std::iter::repeat_n(None, solution.prices.len()));
                let equal = outside(&(cohort, scanner, watch), &lists, &solution, Worth::Equal, nobody, round, gap)?;
                lists.extend(equal.missing);
            }
            let solution = assign::fairest(&lists.instance(cohort)?, &solution);
            // Whichever prices prove the most: the bound holds for any.
            let proof = nearest.filter(|_| enough).map(|(_, priced)| priced);
            return Ok(lists.draft(solution, proof, round));
        }
        near = solution;
    }
}

/// Prices to hold against all pairs: those of a solution, but for places that nobody on the lists
/// wants any more. Their coaches seek.
struct Asked {
    prices: Vec<i64>,
    /// For how many rounds each has sought.
    sought: Vec<usize>,
}

/// How far below the price they had coaches look for people, round by round; who has found none by then has places
/// to give away.
const SOUGHT_BELOW: [i64; 2] = [NEAR, i64::MAX];

impl Asked {
    /// Takes over the prices of a solution; gives who seeks, at first near the price that they had.
    fn follow(&mut self, solved: &[i64], cohort: &Cohort) -> Fans {
        let each = self.prices.iter_mut().zip(&mut self.sought).zip(solved).zip(&cohort.coaches.places);
        Fans::new(each.map(|(((price, sought), &solved), &places)| {
            let before = std::mem::replace(price, solved);
            if solved > 0 || before == 0 {
                *sought = 0;
                return None;
            }
            let below = SOUGHT_BELOW.get(*sought)?;
            *sought += 1;
            Some((before.saturating_sub(*below).max(0), places))
        }))
    }
}

/// All coaches look for people who would take their places for little less than the price, and those who have found
/// few, further below. Puts them on the lists.
fn all_seek(all: &All, lists: &mut Lists, solution: &Solution) -> Result<(), Cancelled> {
    let places = &all.0.coaches.places;
    let mut content: Vec<bool> = places.iter().map(|&places| places == 0).collect();
    for below in [VERY_NEAR, NEAR] {
        let each = solution.prices.iter().zip(places).zip(&content);
        let seeking =
            Fans::new(each.map(|((price, &places), content)| (!content).then_some(((price - below).max(0), places))));
        let found = outside(all, lists, solution, Worth::More, seeking, 0, None)?;
        for sought in &found.sought {
            content[sought.coach as usize] = sought.is_content;
        }
        lists.extend(found.missing);
    }
    Ok(())
}

/// A plan and prices to start from, and on the lists what they show to be missing. Lists alone are a
/// bad start: coaches who are on few of them look free to everybody else.
fn start(cohort: &Cohort, scanner: &Scanner, lists: &mut Lists, watch: Watch) -> Result<Solution, RunError> {
    let mate = stably::by_score(cohort, scanner, lists, watch)?;
    lists.include(&mate);
    let coach_of = mate.iter().map(|pair| pair.map(Candidate::coach)).collect();
    let solution = Solution { coach_of, prices: stably::least_scores(cohort, &mate), lambda: 0, bonus: 0 };
    all_seek(&(cohort, scanner, watch), lists, &solution)?;
    Ok(solution)
}

/// The pairs that make up ways from members of the group for whom places are reserved to places
/// that nobody of it holds, as additions to the lists; none when the reserve is kept.
fn ways_for_members(cohort: &Cohort, scanner: &Scanner, solution: &Solution, lists: &Lists) -> Vec<Vec<Candidate>> {
    let Some(reserve) = cohort.reserve.as_ref().filter(|reserve| members_matched(reserve, solution) < reserve.places())
    else {
        return Vec::new();
    };
    let of_members = (0u32..).zip(&solution.coach_of).map(|(i, coach)| coach.filter(|_| reserve.is_member(i)));
    let of_members: Vec<Option<u32>> = of_members.collect();
    ways_to_free_places(cohort, scanner, &of_members, &lists.rows, |coachee| reserve.is_member(coachee))
}

fn members_matched(reserve: &Reserve, solution: &Solution) -> u64 {
    let matched = (0u32..).zip(&solution.coach_of).filter(|(_, coach)| coach.is_some());
    matched.filter(|&(coachee, _)| reserve.is_member(coachee)).count() as u64
}

/// Which pairs outside the lists are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// Those that would give the coachee more than all pairs on the list.
    More,
    /// Those that would give as much as the best on the list.
    Equal,
}

/// What a coach who sought has come to.
struct Sought {
    coach: u32,
    /// The price at which the places will be taken.
    price: i64,
    /// Whether there are so many fans that looking further would change nothing.
    is_content: bool,
}

/// What a look at all pairs has found.
struct Found {
    /// Per coachee, pairs that are not on the list and ought to be.
    missing: Vec<Vec<Candidate>>,
    /// The sum over coachees of the most that any pair gives them at the prices.
    profits: i64,
    /// The coaches who sought.
    sought: Vec<Sought>,
    /// Whether to improve no further.
    concluded: bool,
}

impl Found {
    /// By what share of the bound the total of a plan may miss the best.
    fn gap(&self, cohort: &Cohort, lists: &Lists, solution: &Solution) -> f64 {
        let places: i64 = solution.prices.iter().zip(&cohort.coaches.places).map(|(&p, &n)| p * i64::from(n)).sum();
        let pairs = lists.plan(solution).flatten();
        let (total, matched) = pairs.fold((0, 0), |(sum, n), pair| (sum + i64::from(pair.score()), n + 1));
        let kept = cohort.reserve.as_ref().map_or(0, |r| members_matched(r, solution).min(r.places()));
        let bound = places + self.profits - solution.lambda * matched - solution.bonus * kept as i64;
        (bound - total) as f64 / bound.max(1) as f64
    }
}

/// All pairs of a cohort, and who watches those who look at them.
type All<'a> = (&'a Cohort, &'a Scanner<'a>, Watch<'a>);

/// The pairs that are not on a list although, at the prices of a solution, they ought to be; and the fans of those
/// coaches who seek.
fn outside(
    &(cohort, scanner, watch): &All,
    lists: &Lists,
    solution: &Solution,
    worth: Worth,
    seeking: Fans,
    round: u32,
    gap: Option<f64>,
) -> Result<Found, Cancelled> {
    let ticker = watch.begin(Phase::Price(round), gap, lists.rows.len() as u64)?;
    let floors: Vec<i64> =
        (0u32..).zip(&solution.prices).map(|(coach, &price)| seeking.floor(coach).unwrap_or(price)).collect();
    let prices = Prices::new(scanner, 1, &floors);
    let gain = |c: &Candidate| i64::from(c.score()) - solution.prices[c.coach() as usize];
    let is_member = |coachee: usize| cohort.reserve.as_ref().is_some_and(|reserve| reserve.is_member(coachee as u32));
    let most = if worth == Worth::Equal { TIES_ADDED } else { ADDED_A_ROUND };
    let extra_of = |i: usize| solution.lambda + if is_member(i) { solution.bonus } else { 0 };
    let of_coachee = |i: usize, query: Query| -> Result<(Vec<Candidate>, i64), Cancelled> {
        ticker.tick()?;
        let row = &lists.rows[i];
        let extra = extra_of(i);
        let best = row.iter().map(|pair| gain(pair) + extra).max().unwrap_or(0).max(0);
        let (mut missing, mut profit): (Vec<Candidate>, i64) = (Vec::new(), best);
        if lists.whole[i] {
            return Ok((missing, profit));
        }
        let mut above = if worth == Worth::More { best } else { best - 1 };
        let mut least = above;
        query.priced(&prices, extra, above, |coach, score, value| {
            let candidate = query.candidate(coach, score);
            if let Some(floor) = seeking.floor(coach) {
                seeking.note(i as u32, candidate, value + floor - best);
                return above;
            }
            profit = profit.max(value);
            if value <= least {
                return above;
            }
            if row.binary_search_by(|r| candidate.cmp(r)).is_err() {
                missing.push(candidate);
            }
            if worth == Worth::Equal && missing.len() == most {
                above = i64::MAX / 2; // Of equals the first few found will do.
            }
            if missing.len() == 2 * most {
                least = least.max(keep_best(&mut missing, most, gain) + extra);
            }
            above
        });
        if missing.len() > most {
            keep_best(&mut missing, most, gain);
        }
        Ok((missing, profit))
    };
    let found: Vec<(Vec<Candidate>, i64)> = scanner.for_everybody(of_coachee).into_iter().collect::<Result<_, _>>()?;
    let (mut missing, mut profits): (Vec<Vec<Candidate>>, Vec<i64>) = found.into_iter().unzip();
    let mut sought = Vec::new();
    for (coach, found) in seeking.found() {
        for (coachee, pair) in found.fans {
            let i = coachee as usize;
            profits[i] = profits[i].max(i64::from(pair.score()) + extra_of(i) - found.price);
            if lists.rows[i].binary_search_by(|known| pair.cmp(known)).is_err() {
                missing[i].push(pair);
            }
        }
        sought.push(Sought { coach, price: found.price, is_content: found.is_content });
    }
    Ok(Found { missing, profits: profits.iter().sum(), sought, concluded: ticker.is_concluded() })
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

    fn draft(&self, solution: Solution, proof: Option<Solution>, rounds: u32) -> Draft {
        let mate = self.plan(&solution).collect();
        let Solution { prices, lambda, bonus, .. } = proof.unwrap_or(solution);
        Draft { mate, prices, lambda: Some(lambda), bonus, rounds }
    }
}
