//! What stands still in the programme: when that counts as stuck, and what to do about it.

text_enum! {
    /// A way of standing still.
    StuckKind {
        /// An open request for which nobody is asked.
        RequestUnasked = "request_unasked",
        /// A run's proposal that its coachee has not answered.
        ProposalUnanswered = "proposal_unanswered",
        /// An offer that its coach has not answered.
        OfferUnanswered = "offer_unanswered",
        /// A pairing whose agreement not both have signed.
        AgreementUnsigned = "agreement_unsigned",
        /// A pairing with an agreement that has neither met nor agreed on a session for long.
        PairQuiet = "pair_quiet",
        /// A pairing with an agreement that goes on and on.
        PairingUnfinished = "pairing_unfinished",
    }
}

text_enum! {
    /// What helps something that is stuck.
    NextStep {
        /// Ask a coach for the coachee, or run a match.
        PutToCoach = "put_to_coach",
        /// Remind the coachee.
        RemindCoachee = "remind_coachee",
        /// Remind the coach.
        RemindCoach = "remind_coach",
        /// Remind both of the agreement.
        RemindBoth = "remind_both",
        /// Help both to agree on a session.
        PlanSession = "plan_session",
        /// Ask both whether the pairing is complete.
        CompleteOrEnd = "complete_or_end",
    }
}

/// For how many days things may stand still before they count as stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub struct Patience {
    /// An open request for which nobody is asked.
    pub unasked_days: u16,
    /// A run's proposal.
    pub proposal_days: u16,
    /// An offer.
    pub offer_days: u16,
    /// A pairing whose agreement not both have signed.
    pub agreement_days: u16,
    /// A pairing that goes on.
    pub pairing_days: u16,
    /// A pairing without a session: the days of `sessions.quiet_days`, after which the two themselves are asked.
    #[serde(skip, default = "quiet_days")]
    pub quiet_days: u16,
}

const fn quiet_days() -> u16 {
    21
}

impl Default for Patience {
    /// Answers are missed before their time is over (three days of a coach, seven of a coachee, unless the policy
    /// says otherwise): afterwards nobody can be reminded any more.
    fn default() -> Self {
        Self {
            unasked_days: 3,
            proposal_days: 3,
            offer_days: 2,
            agreement_days: 7,
            pairing_days: 180,
            quiet_days: quiet_days(),
        }
    }
}

impl Patience {
    /// The days of one way of standing still.
    pub const fn days(self, kind: StuckKind) -> i64 {
        let days = match kind {
            StuckKind::RequestUnasked => self.unasked_days,
            StuckKind::ProposalUnanswered => self.proposal_days,
            StuckKind::OfferUnanswered => self.offer_days,
            StuckKind::AgreementUnsigned => self.agreement_days,
            StuckKind::PairQuiet => self.quiet_days,
            StuckKind::PairingUnfinished => self.pairing_days,
        };
        days as i64
    }
}

impl StuckKind {
    /// What is sensible to do next.
    pub const fn next_step(self) -> NextStep {
        match self {
            StuckKind::RequestUnasked => NextStep::PutToCoach,
            StuckKind::ProposalUnanswered => NextStep::RemindCoachee,
            StuckKind::OfferUnanswered => NextStep::RemindCoach,
            StuckKind::AgreementUnsigned => NextStep::RemindBoth,
            StuckKind::PairQuiet => NextStep::PlanSession,
            StuckKind::PairingUnfinished => NextStep::CompleteOrEnd,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Timers;

    #[test]
    fn who_is_to_answer_can_still_be_reminded() {
        let (timers, patience) = (Timers::default(), Patience::default());
        assert!(patience.days(StuckKind::OfferUnanswered) < timers.coach_days.into());
        assert!(patience.days(StuckKind::ProposalUnanswered) < timers.coachee_days.into());
    }

    #[test]
    fn each_kind_has_a_step_of_its_own() {
        let steps: std::collections::BTreeSet<NextStep> = StuckKind::ALL.iter().map(|kind| kind.next_step()).collect();
        assert_eq!(steps.len(), NextStep::ALL.len());
    }
}
