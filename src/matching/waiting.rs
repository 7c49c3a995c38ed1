//! Why somebody waits, and why a given pair was not proposed.

use super::barriers::{Barriers, Kept};
use super::certificate::Points;
use super::columns::Cohort;
use super::explain::{Ahead, Waiting, WaitingReason, WhyNot};
use super::rule::RuleCounts;
use super::scan::Scanner;

/// Why coachees have no coach after a run.
pub(super) struct Reasons<'a> {
    cohort: &'a Cohort,
    scanner: Scanner<'a>,
    barriers: Barriers<'a>,
}

impl<'a> Reasons<'a> {
    pub fn new(cohort: &'a Cohort) -> Self {
        Self { cohort, scanner: Scanner::new(cohort), barriers: Barriers::new(cohort) }
    }

    /// Why one of them has none.
    pub fn of(&self, coachee: usize) -> Waiting {
        let e = &self.cohort.coachees;
        let mut waiting = Waiting {
            reason: WaitingReason::PlacesTaken,
            acceptable: 0,
            best_score: None,
            rules: RuleCounts::default(),
            sole_rules: RuleCounts::default(),
        };
        if e.focus[coachee].as_slice().is_empty() {
            waiting.reason = if e.assessed[coachee] { WaitingReason::NoGap } else { WaitingReason::NotAssessed };
            return waiting;
        }
        waiting.acceptable = self.barriers.allowed(coachee);
        if waiting.acceptable > 0 {
            waiting.best_score = self.scanner.query(coachee).best(1).first().map(|candidate| candidate.score());
            return waiting;
        }
        let Kept { rules, sole_rules } = self.barriers.kept(coachee);
        Waiting { reason: WaitingReason::NoEligibleCoach, rules, sole_rules, ..waiting }
    }
}

/// A plan as far as it answers for single pairs: as a run made it, or as files state it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// (coachee, coach) by position.
    pub pairs: Vec<(u32, u32)>,
    /// The price of a place of each coach.
    pub prices: Vec<Points>,
    /// What the last pair cost; none where the objective does not weigh totals.
    pub lambda: Option<Points>,
    /// What the last reserved place cost.
    pub bonus: Points,
}

/// Why a pair was not proposed: the rules it breaks, or who stands before. Pairs that are kept are
/// those of the cohort, not of `standing`.
pub fn why_not(cohort: &Cohort, standing: &Standing, coachee: usize, coach: u32) -> WhyNot {
    if let Some(kept) = cohort.kept.iter().find(|pair| pair.coachee as usize == coachee) {
        let pinned = cohort.is_pinned(kept.coachee);
        if kept.coach == coach {
            return if pinned { WhyNot::Pinned } else { WhyNot::Accepted };
        }
        let broken = cohort.prospect_as_asked(coachee, coach).broken_rules();
        if !broken.is_empty() {
            return WhyNot::Forbidden { rules: broken.iter().collect() };
        }
        return WhyNot::StandsElsewhere { pinned, coach: cohort.coaches.code[kept.coach as usize].clone() };
    }
    let given = standing.pairs.iter().find(|pair| pair.0 as usize == coachee).map(|pair| pair.1);
    if given == Some(coach) {
        return WhyNot::Proposed;
    }
    let broken = cohort.broken_rules(coachee, coach);
    if !broken.is_empty() {
        return WhyNot::Forbidden { rules: broken.iter().collect() };
    }
    let score = |coachee: usize, coach: u32| cohort.explain(coachee, coach).score;
    let own = score(coachee, coach);
    let instead = given.map(|given| (cohort.coaches.code[given as usize].clone(), score(coachee, given)));
    // What the coachee has now, plus what the place is worth to others, less what the pair would bring.
    let cost = standing.lambda.map(|lambda| {
        let price = |coach: u32| standing.prices[coach as usize];
        let reserve = cohort.reserve.as_ref().filter(|reserve| reserve.is_member(coachee as u32));
        let extra = lambda + reserve.map_or(Points::ZERO, |_| standing.bonus);
        let gain = |score: u8| Points::from(u32::from(score)) + extra;
        let profit = given.map_or(Points::ZERO, |given| gain(score(coachee, given)) - price(given));
        (profit + price(coach) - gain(own)).max(Points::ZERO)
    });
    WhyNot::Behind { score: own, ahead: ahead(cohort, standing, coach), instead, cost }
}

fn ahead(cohort: &Cohort, standing: &Standing, coach: u32) -> Vec<Ahead> {
    let e = &cohort.coachees;
    let kept = cohort.kept.iter().map(|pair| (pair.coachee, pair.coach));
    let of_coach = standing.pairs.iter().copied().chain(kept).filter(|pair| pair.1 == coach);
    let mut ahead: Vec<Ahead> = of_coach
        .map(|(other, _)| Ahead {
            coachee: e.code[other as usize].clone(),
            class: e.class[other as usize],
            score: cohort.explain(other as usize, coach).score,
            lottery: e.lottery[other as usize],
        })
        .collect();
    ahead.sort_by_key(|a| (std::cmp::Reverse((a.class, a.score)), a.lottery));
    ahead
}
