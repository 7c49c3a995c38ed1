//! All coaches at one moment.

use std::cmp::Reverse;
use std::sync::Arc;

use super::base::Base;
use super::ledger::Ledger;
use super::overlay::Overlay;
use super::request::Request;
use super::setting::Setting;
use crate::domain::PersonCode;
use crate::matching::coach_row::CoachRow;
use crate::matching::columns::{Coachee, Coaches, Relation};
use crate::matching::explain::Explanation;
use crate::matching::rule::RuleSet;
use crate::matching::scan::{Query, Rank, Scorer};
use crate::matching::score::Prospect;

/// All coaches at one moment. Stays as it is whatever happens to the pool.
pub struct Snapshot {
    setting: Arc<Setting>,
    pub(super) base: Arc<Base>,
    overlay: Overlay,
    /// Up to which batch of changes.
    pub(super) batch: u64,
}

/// A coach on a shortlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The coach.
    pub coach: PersonCode,
    /// The score, 1 to 255.
    pub score: u8,
}

/// A coach who may be listed; the greater is the better. As in a scan of all together, who
/// stands later by region and code wins where even the tie-break ties.
type Found<'a> = (Rank, u16, &'a PersonCode);

impl Snapshot {
    pub(super) fn new(setting: Arc<Setting>, base: Arc<Base>, ledger: &Ledger) -> Self {
        Self { overlay: Overlay::new(&setting, &base, ledger), setting, base, batch: ledger.batch }
    }

    /// The mean rating towards which those of all coaches are shrunk, in hundredths: as it was at the
    /// last rebuild.
    pub fn mean_rating(&self) -> u16 {
        self.base.ratings.mean()
    }

    /// The `k` best coaches for a request, best first.
    pub fn shortlist(&self, request: &Request, k: usize) -> Vec<Listed> {
        let mut found = self.best_of_base(request, k);
        let least = if found.len() < k { 1 } else { found.last().map_or(1, |(rank, ..)| rank.score()) };
        let (c, relations) = (&self.overlay.coaches, request.relations(|coach| self.overlay.place(coach)));
        let coachee = self.coachee(request, &relations);
        let scorer = Scorer::new(&self.setting.ground, c, &self.overlay.traits, coachee);
        for &coach in &self.overlay.open {
            let score = scorer.score(coach);
            if score >= least {
                found.push(found_in(c, coach, scorer.candidate(coach, score).rank()));
            }
        }
        found.sort_unstable_by_key(|&found| Reverse(found));
        found.truncate(k);
        found.into_iter().map(|(rank, _, coach)| Listed { coach: coach.clone(), score: rank.score() }).collect()
    }

    /// The best of those who have not changed.
    fn best_of_base(&self, request: &Request, k: usize) -> Vec<Found<'_>> {
        let (c, relations) = (&self.base.coaches, request.relations(|coach| self.base.place(coach)));
        let query = Query::new(&self.setting.ground, c, &self.base.index, self.coachee(request, &relations));
        let best = query.best_among(k, |coach| !self.overlay.masks(coach));
        best.into_iter().map(|candidate| found_in(c, candidate.coach(), candidate.rank())).collect()
    }

    /// Why a coach has the score that a request gives; none if there is no such coach.
    pub fn explain(&self, request: &Request, coach: &PersonCode) -> Option<Explanation> {
        self.ask(request, coach, |prospect| prospect.explain())
    }

    /// The rules that keep a coach from a request; none if there is no such coach.
    pub fn broken_rules(&self, request: &Request, coach: &PersonCode) -> Option<RuleSet> {
        self.ask(request, coach, |prospect| prospect.broken_rules())
    }

    fn ask<T>(&self, request: &Request, coach: &PersonCode, ask: impl Fn(&Prospect) -> T) -> Option<T> {
        let in_base = || self.base.place(coach).filter(|&at| !self.overlay.masks(at));
        let (coaches, at) = match self.overlay.place(coach) {
            Some(at) => (&self.overlay.coaches, at),
            None => (&self.base.coaches, in_base()?),
        };
        let relations = request.relations(|other| (other == coach).then_some(at));
        Some(ask(&Prospect {
            reference: &self.setting.reference,
            policy: &self.setting.policy,
            coachee: self.coachee(request, &relations),
            coaches,
            coach: at,
        }))
    }

    fn coachee<'a>(&self, request: &Request, relations: &'a [(u32, Relation)]) -> Coachee<'a> {
        request.coachee(&self.setting.employers.read(), relations)
    }

    /// All coaches.
    pub(super) fn rows(&self) -> Vec<CoachRow> {
        let mut rows = self.base.coaches.rows();
        let mut at = 0u32..;
        rows.retain(|_| at.next().is_some_and(|at| !self.overlay.masks(at)));
        rows.extend(self.overlay.coaches.rows());
        rows
    }
}

fn found_in(coaches: &Coaches, coach: u32, rank: Rank) -> Found<'_> {
    let j = coach as usize;
    (rank, coaches.regency[j], &coaches.code[j])
}
