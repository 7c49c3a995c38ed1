//! The hard rules: a pair that breaks one is never proposed, and the rule can be named.

use std::collections::BTreeMap;

text_enum! {
    /// A hard rule, named by what breaks it.
    Rule {
        /// No admin has verified the coach.
        NotVerified = "not_verified",
        /// The coach takes no new coachees at present.
        NotAccepting = "not_accepting",
        /// All places of the coach are taken before the run.
        NoFreePlace = "no_free_place",
        /// Coach and coachee are the same person.
        SamePerson = "same_person",
        /// Both work in the same unit.
        SameUnit = "same_unit",
        /// One is in the other's line of command.
        LineOfCommand = "line_of_command",
        /// An alumnus coach stands below the coachee's tier.
        Tier = "tier",
        /// On no focus competency does the coach reach the required level.
        Strength = "strength",
        /// No shared way of meeting.
        Mode = "mode",
        /// They could only meet in person, and are too far apart.
        OutOfReach = "out_of_reach",
        /// No shared language.
        Language = "language",
        /// A declared conflict of interest with the coachee's agency.
        Conflict = "conflict",
        /// An earlier pair of the two was declined or has ended.
        EarlierPair = "earlier_pair",
        /// The coachee's agency has opted out of this kind of coach.
        AgencyOptOut = "agency_opt_out",
        /// An admin has forbidden the pair in this run.
        ForbiddenByAdmin = "forbidden_by_admin",
    }
}

/// The rules that a pair breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleSet(u16);

impl RuleSet {
    /// Adds a rule when it is broken.
    pub fn add_if(&mut self, broken: bool, rule: Rule) {
        self.0 |= u16::from(broken) << rule as u16;
    }

    /// Whether no rule is broken: the pair may be proposed.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The broken rules in their fixed order.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().copied().filter(move |&rule| self.0 & (1 << rule as u16) != 0)
    }

    /// The only broken rule, if there is exactly one.
    pub fn sole(self) -> Option<Rule> {
        (self.0.count_ones() == 1).then(|| self.iter().next()).flatten()
    }
}

/// How many coaches each rule keeps away. Takes no space where none does: most people wait
/// because places are taken, and a cohort can have a million of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleCounts(Option<Box<[u32; Rule::ALL.len()]>>);

impl RuleCounts {
    /// The rules that keep anybody away, in their fixed order, with the number of coaches.
    pub fn iter(&self) -> impl Iterator<Item = (Rule, u32)> {
        let counts = self.0.as_deref().map_or(&[][..], |counts| &counts[..]);
        Rule::ALL.iter().copied().zip(counts.iter().copied()).filter(|&(_, count)| count > 0)
    }
}

impl FromIterator<(Rule, u32)> for RuleCounts {
    fn from_iter<I: IntoIterator<Item = (Rule, u32)>>(counts: I) -> Self {
        let mut found = Self::default();
        for (rule, count) in counts.into_iter().filter(|&(_, count)| count > 0) {
            found.0.get_or_insert_default()[rule as usize] += count;
        }
        found
    }
}

impl serde::Serialize for RuleCounts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> serde::Deserialize<'de> for RuleCounts {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(BTreeMap::<Rule, u32>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_a_map_in_json() {
        let counts: RuleCounts = [(Rule::Tier, 3), (Rule::NotVerified, 2), (Rule::Mode, 0)].into_iter().collect();
        let json = serde_json::to_string(&counts).unwrap();
        assert_eq!(json, r#"{"not_verified":2,"tier":3}"#);
        assert_eq!(serde_json::from_str::<RuleCounts>(&json).unwrap(), counts);
        assert_eq!(serde_json::to_string(&RuleCounts::default()).unwrap(), "{}");
    }
}
