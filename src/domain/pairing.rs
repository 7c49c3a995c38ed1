//! Pairings: what became of an accepted offer, what both sides agree on, and how it ends.

text_enum! {
    /// The state of a pairing.
    PairingStatus {
        /// The two work together.
        Active = "active",
        /// Brought to its end as agreed.
        Completed = "completed",
        /// Broken off before.
        Ended = "ended",
    }
}

impl PairingStatus {
    /// Whether a pairing may go from this state to the next. A change of the agreement leaves it active.
    pub const fn may_become(self, next: PairingStatus) -> bool {
        use PairingStatus::{Active, Completed, Ended};
        matches!((self, next), (Active, Active | Completed | Ended))
    }
}

text_enum! {
    /// One of the two in a pairing.
    Side {
        /// Who is coached.
        Coachee = "coachee",
        /// Who coaches.
        Coach = "coach",
    }
}

impl Side {
    /// The side across.
    #[must_use]
    pub const fn other(self) -> Side {
        match self {
            Side::Coachee => Side::Coach,
            Side::Coach => Side::Coachee,
        }
    }
}

text_enum! {
    /// Why a pairing is broken off.
    EndReason {
        /// One of the two has no time any more.
        NoTime = "no_time",
        /// One of the two works elsewhere now.
        Moved = "moved",
        /// They do not get on, or the focus does not fit.
        NoFit = "no_fit",
        /// One of the two does not answer.
        Unreachable = "unreachable",
        /// Another coach took over.
        Reassigned = "reassigned",
        /// Something else.
        Other = "other",
    }
}

/// What both sides sign.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// What the coachee wants to reach, 1 to [`MAX_GOALS`] characters.
    pub goals: String,
    /// How many sessions are planned, 1 to [`MAX_SESSIONS`].
    pub sessions: u8,
    /// Whether what is said stays between the two.
    pub confidential: bool,
}

/// Most characters of the goals of an agreement.
pub const MAX_GOALS: usize = 2000;
/// Most sessions of an agreement.
pub const MAX_SESSIONS: u8 = 50;

impl Agreement {
    /// What is wrong with it, if something is.
    pub fn fault(&self) -> Option<&'static str> {
        if self.goals.trim().is_empty() || self.goals.chars().count() > MAX_GOALS {
            return Some("/goals");
        }
        if !(1..=MAX_SESSIONS).contains(&self.sessions) {
            return Some("/sessions");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_a_pairing() {
        use PairingStatus::{Active, Completed, Ended};
        let allowed = [(Active, vec![Active, Completed, Ended]), (Completed, vec![]), (Ended, vec![])];
        assert_eq!(allowed.len(), PairingStatus::ALL.len());
        for (from, to) in &allowed {
            for next in PairingStatus::ALL {
                assert_eq!(from.may_become(*next), to.contains(next), "{from} -> {next}");
            }
        }
    }

    #[test]
    fn an_agreement_has_goals_and_sessions() {
        let good = Agreement { goals: "Memimpin rapat".into(), sessions: 6, confidential: true };
        assert_eq!(good.fault(), None);
        for goals in ["", "  ", &"x".repeat(MAX_GOALS + 1)] {
            assert!(Agreement { goals: goals.into(), ..good.clone() }.fault().is_some());
        }
        for sessions in [0, MAX_SESSIONS + 1] {
            assert!(Agreement { sessions, ..good.clone() }.fault().is_some());
        }
    }
}
