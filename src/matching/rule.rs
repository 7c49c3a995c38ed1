//! The hard rules: a pair that breaks one is never proposed, and the rule can be named.

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
