//! A run in numbers: who has a coach, by place and class, and why others wait.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::columns::Cohort;
use super::explain::WaitingReason;
use super::rule::Rule;
use super::run::Plan;
use crate::domain::Tier;

/// How many of a group of coachees have a coach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Share {
    /// Those who have.
    pub matched: u32,
    /// All of them.
    pub coachees: u32,
}

impl Share {
    fn count(&mut self, matched: bool) {
        self.coachees += 1;
        self.matched += u32::from(matched);
    }

    /// In per cent; of nobody, 0.
    pub fn percent(self) -> f64 {
        f64::from(self.matched) * 100.0 / f64::from(self.coachees.max(1))
    }
}

/// A run in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Everybody.
    pub all: Share,
    /// Coachees in remote areas.
    pub remote: Share,
    /// All other coachees.
    pub other: Share,
    /// Per province code, those with any coachee.
    pub provinces: BTreeMap<String, Share>,
    /// Per tier.
    pub tiers: BTreeMap<Tier, Share>,
    /// Coaches in the cohort.
    pub coaches: u32,
    /// Free places before the run, of coaches who could be given somebody.
    pub places: u64,
    /// Coaches with a free place who were given nobody.
    pub idle_coaches: u32,
    /// Pairs of people from different agencies.
    pub cross_agency: u32,
    /// Mean score of the pairs, in thousandths of the best possible under the policy.
    pub mean_score_permille: u64,
    /// Why people wait.
    pub reasons: BTreeMap<WaitingReason, u32>,
    /// Of those whom rules keep from every coach: for how many each rule alone keeps the most coaches away.
    pub main_rules: BTreeMap<Rule, u32>,
}

/// Counts what a run came to.
pub fn summarize(cohort: &Cohort, plan: &Plan) -> Summary {
    let (e, c) = (&cohort.coachees, &cohort.coaches);
    let mut summary = Summary {
        all: Share::default(),
        remote: Share::default(),
        other: Share::default(),
        provinces: BTreeMap::new(),
        tiers: BTreeMap::new(),
        coaches: c.len() as u32,
        places: 0,
        idle_coaches: 0,
        cross_agency: 0,
        mean_score_permille: 0,
        reasons: BTreeMap::new(),
        main_rules: BTreeMap::new(),
    };
    let mut has_coach = vec![false; e.len()];
    let mut given = vec![false; c.len()];
    let pairs = || plan.pairs.iter().chain(&cohort.kept);
    for pair in pairs() {
        let (i, j) = (pair.coachee as usize, pair.coach as usize);
        has_coach[i] = true;
        given[j] = true;
        summary.cross_agency += u32::from(e.agency[i] != c.agency[j]);
    }
    let provinces = cohort.reference.provinces();
    let mut by_province = vec![Share::default(); provinces.len()];
    let mut by_tier = vec![Share::default(); Tier::ALL.len()];
    for (i, &matched) in has_coach.iter().enumerate() {
        summary.all.count(matched);
        if e.remote[i] { &mut summary.remote } else { &mut summary.other }.count(matched);
        by_province[usize::from(cohort.reference.province_of(e.regency[i]))].count(matched);
        by_tier[usize::from(e.tier[i])].count(matched);
    }
    let anybody = |share: &Share| share.coachees > 0;
    let provinces = provinces.iter().map(|province| province.code.to_string()).zip(by_province);
    summary.provinces = provinces.filter(|(_, share)| anybody(share)).collect();
    summary.tiers = Tier::ALL.iter().copied().zip(by_tier).filter(|(_, share)| anybody(share)).collect();
    for (j, &given) in given.iter().enumerate() {
        let places = c.open_places(j);
        summary.places += u64::from(places);
        summary.idle_coaches += u32::from(places > 0 && !given);
    }
    let total: u64 = pairs().map(|pair| u64::from(pair.score)).sum();
    let best = u64::from(cohort.policy.weights.total()) * pairs().count() as u64;
    summary.mean_score_permille = (total * 1000).checked_div(best).unwrap_or(0);
    for (_, waiting) in &plan.waiting {
        *summary.reasons.entry(waiting.reason).or_default() += 1;
        let most = waiting.sole_rules.iter().max_by_key(|&(rule, count)| (count, Reverse(rule)));
        if let (WaitingReason::NoEligibleCoach, Some((rule, _))) = (waiting.reason, most) {
            *summary.main_rules.entry(rule).or_default() += 1;
        }
    }
    summary
}
