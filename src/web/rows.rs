//! Rows of the tables on the page of a run, with every number as it is read.

use std::cmp::Reverse;

use super::charts::bar;
use super::run::pairs_of;
use crate::i18n::Names;
use crate::matching::explain::{Component, Explanation};
use crate::services::results::{Pair, ReasonCount, SCORE_CLASSES, Share, Summary};
use crate::store::run_agencies::AgencyShare;

/// Agencies on a page at most: a run of the whole country has hundreds.
pub(super) const MOST_AGENCIES: usize = 20;

/// How many of a group got a coach.
pub(super) struct ShareRow {
    pub name: String,
    pub code: String,
    /// Where the pairs of the group are.
    pub address: String,
    pub coachees: String,
    pub matched: String,
    pub share: String,
    pub bar: String,
    /// Whether no other group of the table fares worse.
    pub lowest: bool,
}

impl ShareRow {
    fn of(name: String, code: &str, share: Share, names: Names) -> Self {
        Self {
            name,
            address: pairs_of(code),
            code: code.to_owned(),
            coachees: names.lang.number(share.coachees),
            matched: names.lang.number(share.matched),
            share: names.lang.share(share.matched, share.coachees),
            bar: bar(share.matched, share.coachees),
            lowest: false,
        }
    }

    /// One row per province, by name.
    pub(super) fn provinces(summary: &Summary, names: Names) -> Vec<Self> {
        let row = |(code, share): &(String, Share)| Self::of(names.province(code), code, *share, names);
        let mut rows: Vec<Self> = summary.provinces.iter().map(row).collect();
        rows.sort_by(|a, b| a.name.cmp(&b.name));
        rows
    }

    /// One row per tier.
    pub(super) fn tiers(summary: &Summary, names: Names) -> Vec<Self> {
        summary.tiers.iter().map(|&(tier, share)| Self::of(names.tier(tier), "", share, names)).collect()
    }

    /// One row for each of the largest agencies, the largest first; those that fare worst are marked.
    pub(super) fn agencies(summary: &Summary, names: Names) -> Vec<Self> {
        let mut largest: Vec<&AgencyShare> = summary.agencies.iter().collect();
        largest.sort_by_key(|one| Reverse(one.coachees));
        largest.truncate(MOST_AGENCIES);
        let fares_worse =
            |one: &AgencyShare, other: &AgencyShare| one.matched * other.coachees < other.matched * one.coachees;
        let row = |one: &&AgencyShare| {
            let share = Share { matched: one.matched, coachees: one.coachees };
            let lowest = largest.iter().any(|other| fares_worse(one, other))
                && !largest.iter().any(|other| fares_worse(other, one));
            Self { lowest, ..Self::of(one.name.clone(), "", share, names) }
        };
        largest.iter().map(row).collect()
    }

    /// Remote areas and the rest of the country, who should fare alike.
    pub(super) fn classes(summary: &Summary, names: Names) -> Vec<Self> {
        [("run.class.remote", summary.remote), ("run.class.other", summary.other)]
            .map(|(key, share)| Self::of(names.lang.tr(key).into_owned(), "", share, names))
            .into()
    }
}

/// Why people wait.
pub(super) struct ReasonRow {
    pub reason: String,
    pub count: String,
    pub remedy: String,
    /// The rule that most often stands alone in the way.
    pub rules: Vec<String>,
}

impl ReasonRow {
    pub(super) fn of(row: &ReasonCount, names: Names) -> Self {
        let lang = names.lang;
        let rule = |(rule, count): &(_, i64)| {
            lang.fill("run.waiting.rule", &[("rule", &names.rule(*rule)), ("count", &lang.number(*count))])
        };
        Self {
            reason: lang.tr(&format!("waiting.{}.reason", row.reason)).into_owned(),
            count: lang.number(row.count),
            remedy: names.remedy(row.reason),
            rules: row.rules.iter().take(3).map(rule).collect(),
        }
    }
}

/// How many pairs have a score in one tenth of the best possible.
pub(super) struct ScoreRow {
    pub range: String,
    pub pairs: String,
    pub bar: String,
}

impl ScoreRow {
    /// The highest tenth first; tenths below the lowest with a pair are left out.
    pub(super) fn all(scores: &[i64; SCORE_CLASSES], names: Names) -> Vec<Self> {
        let most = scores.iter().copied().max().unwrap_or(0);
        let lowest = scores.iter().position(|count| *count > 0).unwrap_or(SCORE_CLASSES);
        let width = 100 / SCORE_CLASSES;
        (lowest..SCORE_CLASSES)
            .rev()
            .map(|tenth| Self {
                range: format!("{}–{}%", tenth * width, (tenth + 1) * width),
                pairs: names.lang.number(scores[tenth]),
                bar: bar(scores[tenth], most),
            })
            .collect()
    }
}

/// A pair with its explanation.
pub(super) struct PairRow {
    pub coachee: String,
    pub tier: String,
    pub province: String,
    pub remote: bool,
    pub coach: String,
    /// Share of the best possible score.
    pub percent: String,
    pub bar: String,
    pub score: String,
    pub parts: Vec<PartRow>,
}

/// One component of an explanation.
pub(super) struct PartRow {
    pub name: String,
    pub points: u8,
    pub max: u8,
    pub sentence: String,
}

impl PairRow {
    /// The row of a pair under a policy whose best possible score is `best`.
    pub(super) fn of(pair: &Pair, best: u16, names: Names) -> Self {
        let score = i64::from(pair.explanation.score);
        Self {
            coachee: pair.coachee.clone(),
            tier: names.tier(pair.tier),
            province: names.province(&pair.province),
            remote: pair.remote,
            coach: pair.coach.clone(),
            percent: names.lang.share(score, best.into()),
            bar: bar(score, best.into()),
            score: names.lang.number(score),
            parts: PartRow::all(&pair.explanation, names),
        }
    }
}

impl PartRow {
    fn all(explanation: &Explanation, names: Names) -> Vec<Self> {
        explanation.components.iter().map(|component| Self::of(component, names)).collect()
    }

    fn of(component: &Component, names: Names) -> Self {
        let (word, max) = match component {
            Component::Coverage { max, .. } => ("coverage", *max),
            Component::Credibility { max, .. } => ("credibility", *max),
            Component::Choices { max, .. } => ("choices", *max),
            Component::Reach { max, .. } => ("reach", *max),
            Component::CrossAgency { max, .. } => ("cross_agency", *max),
            Component::Load { max, .. } => ("load", *max),
        };
        Self {
            name: names.lang.tr(&format!("explain.{word}.name")).into_owned(),
            points: component.points(),
            max,
            sentence: names.sentence(component),
        }
    }
}
