//! Stable plans of a cohort: deferred acceptance on the lists; whoever comes to the end of the own
//! list looks through all coaches, so that the plan is stable over every pair.

use rayon::prelude::*;

use super::lists::Lists;
use super::{Cohort, Draft, RunError};
use crate::matching::instance::Priority;
use crate::matching::scan::{Candidate, Floors, Scanner};
use crate::matching::stable::{Beyond, Desks, deferred_acceptance};
use crate::matching::watch::{Phase, Watch};

/// The stable plan that is best for every coachee.
pub(super) fn draft(cohort: &Cohort, scanner: &Scanner, lists: &Lists, watch: Watch) -> Result<Draft, RunError> {
    let ticker = watch.begin(Phase::Solve(1), None, cohort.coachees.len() as u64)?;
    let instance = lists.instance(cohort, |coachee| cohort.priority(coachee))?;
    let coach_of = deferred_acceptance(&instance, &mut Everybody::new(scanner, lists), &ticker)?;
    let mate = given(scanner, &coach_of);
    Ok(Draft { prices: least_scores(cohort, &mate), mate, lambda: None, rounds: 1 })
}

/// The plan in which nobody could have a better score without somebody with a better one losing
/// it, whatever their class; with what each place is worth in it at least. It is quickly found and
/// not far from the best total, and no coach is overlooked in it.
pub(super) fn by_score(
    cohort: &Cohort,
    scanner: &Scanner,
    lists: &Lists,
    watch: Watch,
) -> Result<Vec<Option<Candidate>>, RunError> {
    let ticker = watch.begin(Phase::Start, None, cohort.coachees.len() as u64)?;
    let instance =
        lists.instance(cohort, |coachee| Priority { class: 0, lottery: cohort.coachees.lottery[coachee] })?;
    let coach_of = deferred_acceptance(&instance, &mut Everybody::new(scanner, lists), &ticker)?;
    Ok(given(scanner, &coach_of))
}

fn given(scanner: &Scanner, coach_of: &[Option<u32>]) -> Vec<Option<Candidate>> {
    let candidate = |(coachee, coach): (usize, &Option<u32>)| {
        let query = scanner.query(coachee);
        coach.map(|coach| query.candidate(coach, query.score(coach)))
    };
    coach_of.par_iter().enumerate().map(candidate).collect()
}

/// All coaches of a cohort, for those whose lists are exhausted.
struct Everybody<'a> {
    scanner: &'a Scanner<'a>,
    lists: &'a Lists,
    floors: Floors<'a>,
}

impl<'a> Everybody<'a> {
    fn new(scanner: &'a Scanner<'a>, lists: &'a Lists) -> Self {
        Self { scanner, lists, floors: Floors::new(scanner) }
    }
}

impl Beyond for Everybody<'_> {
    fn best(&mut self, asking: &[u32], desks: &mut dyn Desks) -> Vec<Option<(u32, u32)>> {
        for coach in desks.take_changed() {
            match desks.least(coach) {
                Some(least) => self.floors.set(coach, u8::try_from(least).unwrap_or(u8::MAX)),
                None => self.floors.close(coach),
            }
        }
        let (scanner, floors, desks) = (self.scanner, &self.floors, &*desks);
        let best = |&coachee: &u32| {
            if self.lists.whole[coachee as usize] {
                return None;
            }
            let would_take = |coach, score| desks.would_take(coachee, coach, u32::from(score));
            let found = scanner.query(coachee as usize).best_accepting(1, floors, would_take);
            found.first().map(|best| (best.coach(), u32::from(best.score())))
        };
        asking.par_iter().map(best).collect()
    }
}

/// What the places of full coaches are worth at least: the least score among their pairs. Any
/// prices bound the total; these come near.
pub(super) fn least_scores(cohort: &Cohort, mate: &[Option<Candidate>]) -> Vec<i64> {
    let mut least = vec![(0u16, i64::MAX); cohort.coaches.len()];
    for candidate in mate.iter().flatten() {
        let (taken, score) = &mut least[candidate.coach() as usize];
        *taken += 1;
        *score = (*score).min(i64::from(candidate.score()));
    }
    let price = |((taken, score), &free): ((u16, i64), &u16)| if taken > 0 && taken == free { score } else { 0 };
    least.into_iter().zip(&cohort.coaches.free).map(price).collect()
}
