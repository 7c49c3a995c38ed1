//! The policy of a cohort: objective, weights, hard rules that can be set, timers.

use super::{Group, Reach, Reserve};

text_enum! {
    /// What a run strives for.
    Objective {
        /// As many pairs as possible, then the best total score among those.
        MostPeople = "most_people",
        /// The best total score.
        BestTotal = "best_total",
        /// No coachee and coach would both rather have each other.
        Stable = "stable",
    }
}

/// Points that each component of the score may give at most. They sum to at most
/// [`MAX_SCORE`], so that a score fits eight bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// How much of the focus gaps the coach's strengths cover.
    pub coverage: u8,
    /// The coach's tier, field and track record.
    pub credibility: u8,
    /// The stated choices of both sides.
    pub choices: u8,
    /// Nearness, as far as the way of meeting needs it.
    pub reach: u8,
    /// The coach works for another agency.
    pub cross_agency: u8,
    /// The coach has places left.
    pub load: u8,
}

/// The best possible score of a pair under any policy.
pub const MAX_SCORE: u16 = 255;

impl Default for Weights {
    /// The defaults and their evidence: Boyce, Jackson & Neal 2010 (credibility);
    /// Allen, Eby & Lentz 2006 and Kendall & Smith-Jentsch 2015 (choices).
    fn default() -> Self {
        Self { coverage: 105, credibility: 50, choices: 45, reach: 40, cross_agency: 10, load: 5 }
    }
}

impl Weights {
    /// The sum of all maxima.
    pub fn total(&self) -> u16 {
        [self.coverage, self.credibility, self.choices, self.reach, self.cross_agency, self.load]
            .iter()
            .map(|&points| u16::from(points))
            .sum()
    }
}

/// Hard rules that a policy may loosen or tighten. The others always hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// How far apart two people may be who can only meet in person.
    pub in_person_within: Reach,
    /// The tier of an alumnus coach is at least the coachee's.
    pub senior_alumni: bool,
    /// A coachee's focus may hold this many competencies at most, 1 to 3.
    pub focus_size: u8,
}

impl Default for Rules {
    fn default() -> Self {
        Self { in_person_within: Reach::Province, senior_alumni: true, focus_size: 3 }
    }
}

/// Days that people have to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timers {
    /// Days for a coach to answer an offer, 1 to 60.
    pub coach_days: u8,
    /// Days for a coachee to answer a proposal, 1 to 60.
    pub coachee_days: u8,
}

impl Default for Timers {
    fn default() -> Self {
        Self { coach_days: 3, coachee_days: 7 }
    }
}

/// Which criteria decide who comes first, each switchable; the lottery comes last, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Priority {
    /// People in remote areas come first.
    pub remote: bool,
    /// Then those with the larger gaps.
    pub gap: bool,
    /// Then those who have waited more rounds.
    pub waiting: bool,
}

impl Default for Priority {
    fn default() -> Self {
        Self { remote: true, gap: true, waiting: true }
    }
}

/// All that a run needs to know besides the people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// What the run strives for.
    pub objective: Objective,
    /// The weights of the score.
    pub weights: Weights,
    /// The hard rules that can be set.
    pub rules: Rules,
    /// Who comes first.
    pub priority: Priority,
    /// Days to answer.
    pub timers: Timers,
    /// Places kept for a group of coachees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Reserve>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            objective: Objective::MostPeople,
            weights: Weights::default(),
            rules: Rules::default(),
            priority: Priority::default(),
            timers: Timers::default(),
            reserve: None,
        }
    }
}

/// What is wrong with a policy: the field and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {expected}")]
pub struct BadPolicy {
    /// The field, as a path with dots.
    pub field: &'static str,
    /// What would be right.
    pub expected: &'static str,
}

impl Policy {
    /// Checks that the policy can be used.
    ///
    /// # Errors
    /// Names the first field whose value cannot be.
    pub fn check(&self) -> Result<(), BadPolicy> {
        let bad = |field, expected| Err(BadPolicy { field, expected });
        if self.weights.total() > MAX_SCORE {
            return bad("weights", "expected weights that sum to at most 255");
        }
        if self.weights.coverage < 3 {
            return bad("weights.coverage", "expected at least 3: one point for each gap a coach may cover");
        }
        if !(1..=3).contains(&self.rules.focus_size) {
            return bad("rules.focus_size", "expected 1, 2 or 3");
        }
        let days = 1..=60;
        if !days.contains(&self.timers.coach_days) {
            return bad("timers.coach_days", "expected 1 to 60 days");
        }
        if !days.contains(&self.timers.coachee_days) {
            return bad("timers.coachee_days", "expected 1 to 60 days");
        }
        match self.reserve {
            Some(reserve) if !(1..=100).contains(&reserve.percent) => bad("reserve.percent", "expected 1 to 100"),
            Some(Reserve { group: Group::Province(code), .. }) if !(1..=99).contains(&code) => {
                bad("reserve.group.province", "expected the two digits of a province, such as 91")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_without_a_reserve_reads_and_writes_as_before_there_were_any() {
        let json = serde_json::to_string(&Policy::default()).unwrap();
        assert!(!json.contains("reserve"), "{json}");
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), Policy::default());
    }

    #[test]
    fn reserves_that_cannot_be_are_named() {
        let field = |group, percent| {
            let policy = Policy { reserve: Some(Reserve { group, percent }), ..Policy::default() };
            policy.check().err().map(|bad| bad.field)
        };
        assert_eq!(field(Group::Remote, 0), Some("reserve.percent"));
        assert_eq!(field(Group::Remote, 101), Some("reserve.percent"));
        assert_eq!(field(Group::Province(0), 5), Some("reserve.group.province"));
        assert_eq!(field(Group::Province(100), 5), Some("reserve.group.province"));
        assert_eq!(field(Group::Province(91), 100), None);
    }
}
