//! Explanations: why a pair has its score, why a pair was not proposed, why somebody waits.
//!
//! These types are what files, database and API carry; sentences are made from them in the
//! reader's language by the faces.

use serde::{Deserialize, Serialize};

use super::certificate::Points;
use super::{Rule, RuleCounts};
use crate::domain::{CompetencyCode, Mode, PersonCode, Reach, Tier};

/// Why a pair has its score. The points of the components add up to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The score, 1 to 255.
    pub score: u8,
    /// One entry per component, always all of them, in fixed order.
    pub components: Vec<Component>,
}

/// One component of a score: its points, the most it could have given, and the facts behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "component", rename_all = "snake_case")]
pub enum Component {
    /// How much of the focus gaps the coach's strengths cover.
    Coverage {
        /// Points given.
        points: u8,
        /// The most this component can give.
        max: u8,
        /// Each focus competency.
        focus: Vec<FocusPoints>,
    },
    /// Experience that makes a coach credible to this coachee.
    Credibility {
        /// Points given.
        points: u8,
        /// The most this component can give.
        max: u8,
        /// Of these, for the distance of tiers.
        tier_points: u8,
        /// Of these, for the same field of work.
        field_points: u8,
        /// Of these, for the track record (mean rating, shrunk towards the overall mean).
        record_points: u8,
        /// The coachee's tier.
        coachee_tier: Tier,
        /// The coach's tier, if known.
        coach_tier: Option<Tier>,
        /// Whether both work in the same field.
        same_field: bool,
        /// Pairs the coach has completed.
        completed_pairs: u16,
        /// Mean rating in hundredths, 100 to 500, if any.
        rating: Option<u16>,
    },
    /// What both sides said they want.
    Choices {
        /// Points given.
        points: u8,
        /// The most this component can give.
        max: u8,
        /// The coach's place among the coachee's choices, 1 the best.
        coachee_rank: Option<u8>,
        /// Whether the coach wishes for this coachee.
        coach_wish: bool,
    },
    /// Nearness, as far as the way of meeting needs it.
    Reach {
        /// Points given.
        points: u8,
        /// The most this component can give.
        max: u8,
        /// The smallest area both share.
        reach: Reach,
        /// Whether the coach serves the coachee's province.
        served: bool,
        /// The ways of meeting both accept.
        modes: Vec<Mode>,
    },
    /// A fresh view from another agency.
    CrossAgency {
        /// Points given.
        points: u8,
        /// The most this component can give.
        max: u8,
        /// Whether the agencies differ.
        different: bool,
    },
    /// Free places, so that load spreads.
    Load {
        /// Points given.
        points: u8,
        /// The most this component can give.
        max: u8,
        /// Free places before the run.
        free: u16,
        /// All places.
        capacity: u16,
    },
}

impl Component {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Component::Coverage { .. } => "coverage",
            Component::Credibility { .. } => "credibility",
            Component::Choices { .. } => "choices",
            Component::Reach { .. } => "reach",
            Component::CrossAgency { .. } => "cross_agency",
            Component::Load { .. } => "load",
        }
    }

    /// The points this component gives.
    pub fn points(&self) -> u8 {
        self.share().0
    }

    /// The most points it can give.
    pub fn max(&self) -> u8 {
        self.share().1
    }

    fn share(&self) -> (u8, u8) {
        match self {
            Component::Coverage { points, max, .. }
            | Component::Credibility { points, max, .. }
            | Component::Choices { points, max, .. }
            | Component::Reach { points, max, .. }
            | Component::CrossAgency { points, max, .. }
            | Component::Load { points, max, .. } => (*points, *max),
        }
    }
}

/// What one focus competency contributes to the coverage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FocusPoints {
    /// The competency.
    pub competency: CompetencyCode,
    /// Level the position requires.
    pub required: u8,
    /// Level the coachee was assessed at.
    pub assessed: u8,
    /// Level of the coach, 0 when none is stated.
    pub coach_level: u8,
    /// Points given.
    pub points: u8,
    /// The most it can give.
    pub max: u8,
}

/// Why a coachee has no coach after a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The reason in a word.
    pub reason: WaitingReason,
    /// Coaches that no rule forbids.
    pub acceptable: u32,
    /// The best score any of them would have given.
    pub best_score: Option<u8>,
    /// How many coaches each rule forbids. A coach may break several.
    pub rules: RuleCounts,
    /// How many coaches each rule alone forbids: what loosening it would open.
    pub sole_rules: RuleCounts,
}

text_enum! {
    /// Why a coachee has no coach after a run.
    WaitingReason {
        /// Nothing was assessed: there is no measured gap to start from.
        NotAssessed = "not_assessed",
        /// The assessed levels reach the required ones.
        NoGap = "no_gap",
        /// Each coach breaks a hard rule.
        NoEligibleCoach = "no_eligible_coach",
        /// All acceptable coaches' places went to others.
        PlacesTaken = "places_taken",
    }
}

/// Why a given pair was not proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum WhyNot {
    /// It was proposed.
    Proposed,
    /// An admin has pinned it.
    Pinned,
    /// Both sides have said yes to it before.
    Accepted,
    /// Another pair of the coachee stands: an admin has pinned it, or both sides have said yes before.
    StandsElsewhere {
        /// Whether an admin has pinned it.
        pinned: bool,
        /// The coach of that pair.
        coach: PersonCode,
    },
    /// It breaks hard rules.
    Forbidden {
        /// The rules, in fixed order.
        rules: Vec<Rule>,
    },
    /// It is allowed, but others stand before.
    Behind {
        /// The score the pair would have.
        score: u8,
        /// Those to whom the coach's places were given, with their scores, best first.
        ahead: Vec<Ahead>,
        /// The coach whom the coachee was given instead, and that score.
        instead: Option<(PersonCode, u8)>,
        /// Points the total would lose at least, were the pair forced; 0 means that a plan
        /// just as good may hold it. Not known for stable runs, which do not weigh totals.
        cost: Option<Points>,
    },
}

/// Somebody to whom a place of a coach was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ahead {
    /// The coachee.
    pub coachee: PersonCode,
    /// Priority class; higher stands before.
    pub class: u32,
    /// The score of that pair.
    pub score: u8,
    /// Lottery number; lower is luckier.
    pub lottery: u64,
}
