//! Stable plans of a cohort: deferred acceptance on the lists; whoever comes to the end of the own
//! list looks through all coaches, so that the plan is stable over every pair.

use rayon::prelude::*;

use super::lists::Lists;
use super::{Cohort, Draft, RunError};
use crate::matching::scan::{Candidate, Floors, Scanner};
use crate::matching::stable::{Beyond, Desks, deferred_acceptance};
use crate::matching::watch::{Phase, Watch};

/// The stable plan that is best for every coachee.
pub(super) fn draft(cohort: &Cohort, scanner: &Scanner, lists: &Lists, watch: Watch) -> Result<Draft, RunError> {
    let ticker = watch.begin(Phase::Solve(1), None, cohort.coachees.len() as u64)?;
    let instance = lists.instance(cohort)?;
    let coach_of = deferred_acceptance(&instance, &mut Everybody::new(scanner, lists), &ticker)?;
    let mate = given(scanner, &coach_of);
    Ok(Draft { prices: least_scores(cohort, &mate), mate, lambda: None, bonus: 0, rounds: 1 })
}

/// The plan in which nobody could have a better score without somebody with as good a one losing
/// it, whatever their class; with what each place is worth in it at least. It is quickly found and
/// not far from the best total, and no coach is overlooked in it.
pub(super) fn by_score(
    cohort: &Cohort,
    scanner: &Scanner,
    lists: &Lists,
    watch: Watch,
) -> Result<Vec<Option<Candidate>>, RunError> {
    let ticker = watch.begin(Phase::Start, None, cohort.coachees.len() as u64)?;
    let instance = lists.instance_by_score(cohort)?;
    let everybody = &mut Everybody { only_better: true, ..Everybody::new(scanner, lists) };
    let coach_of = deferred_acceptance(&instance, everybody, &ticker)?;
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
    /// For those about whom the coaches' floors say nothing.
    no_floors: Floors<'a>,
    /// Whether somebody beyond the lists has to be better than whom a coach holds, not only luckier.
    only_better: bool,
}

impl<'a> Everybody<'a> {
    fn new(scanner: &'a Scanner<'a>, lists: &'a Lists) -> Self {
        Self { scanner, lists, floors: Floors::new(scanner), no_floors: Floors::new(scanner), only_better: false }
    }
}

impl Beyond for Everybody<'_> {
    fn best(&mut self, asking: &[u32], desks: &mut dyn Desks) -> Vec<Option<(u32, u32)>> {
        for coach in desks.take_changed() {
            match desks.least(coach) {
                Some(least) => {
                    let better = u32::from(self.only_better && least > 0);
                    self.floors.set(coach, u8::try_from(least + better).unwrap_or(u8::MAX));
                }
                None => self.floors.close(coach),
            }
        }
        let (scanner, desks) = (self.scanner, &*desks);
        scanner.for_some(asking, |coachee, query| {
            if self.lists.whole[coachee] {
                return None;
            }
            let coachee = coachee as u32;
            let would_take = |coach, score| desks.would_take(coachee, coach, u32::from(score));
            let floors = if desks.knows_least_for(coachee) { &self.floors } else { &self.no_floors };
            let found = query.best_accepting(1, floors, would_take);
            found.first().map(|best| (best.coach(), u32::from(best.score())))
        })
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
    let price = |((taken, score), &places): ((u16, i64), &u16)| if taken > 0 && taken == places { score } else { 0 };
    least.into_iter().zip(&cohort.coaches.places).map(price).collect()
}
