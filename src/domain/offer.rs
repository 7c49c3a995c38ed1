//! Offers: one request put to one coach, and the steps allowed between their states.

use chrono::{DateTime, Days, Utc};

use super::policy::Timers;

text_enum! {
    /// The state of an offer.
    OfferStatus {
        /// A run's proposal: waits for the coachee's word before the coach is asked.
        Proposed = "proposed",
        /// Waits for the coach's answer.
        Pending = "pending",
        /// The coach said yes: a pairing came of it.
        Accepted = "accepted",
        /// The coach, or of a proposal the coachee, said no.
        Declined = "declined",
        /// Nobody answered in time.
        Expired = "expired",
        /// Taken back by whoever made it.
        Withdrawn = "withdrawn",
    }
}

impl OfferStatus {
    /// Whether an offer may go from this state to the next.
    pub const fn may_become(self, next: OfferStatus) -> bool {
        use OfferStatus::{Accepted, Declined, Expired, Pending, Proposed, Withdrawn};
        matches!(
            (self, next),
            (Proposed, Pending | Declined | Expired | Withdrawn) | (Pending, Accepted | Declined | Expired | Withdrawn)
        )
    }

    /// Whether somebody's answer is waited for; until then the offer holds one place of the coach.
    pub const fn is_live(self) -> bool {
        matches!(self, OfferStatus::Proposed | OfferStatus::Pending)
    }

    /// Until when an offer that comes into this state at a time may be answered.
    pub fn deadline(self, timers: &Timers, asked: DateTime<Utc>) -> DateTime<Utc> {
        let days = if self == OfferStatus::Proposed { timers.coachee_days } else { timers.coach_days };
        asked.checked_add_days(Days::new(u64::from(days))).unwrap_or(asked)
    }
}

text_enum! {
    /// Who thought of an offer.
    OfferOrigin {
        /// The coachee, by a ranked choice.
        Choice = "choice",
        /// A matching run.
        Run = "run",
        /// An admin.
        Admin = "admin",
    }
}

text_enum! {
    /// Why somebody says no to an offer.
    DeclineReason {
        /// No time at present.
        NoTime = "no_time",
        /// The focus does not fit.
        WrongField = "wrong_field",
        /// The two know each other too well, or stand too close.
        TooClose = "too_close",
        /// The coachee would rather have another coach.
        PrefersAnother = "prefers_another",
        /// Something else.
        Other = "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_an_offer() {
        use OfferStatus::{Accepted, Declined, Expired, Pending, Proposed, Withdrawn};
        let allowed = [
            (Proposed, vec![Pending, Declined, Expired, Withdrawn]),
            (Pending, vec![Accepted, Declined, Expired, Withdrawn]),
            (Accepted, vec![]),
            (Declined, vec![]),
            (Expired, vec![]),
            (Withdrawn, vec![]),
        ];
        assert_eq!(allowed.len(), OfferStatus::ALL.len());
        for (from, to) in &allowed {
            for next in OfferStatus::ALL {
                assert_eq!(from.may_become(*next), to.contains(next), "{from} -> {next}");
            }
            assert_eq!(from.is_live(), !to.is_empty(), "{from}: who waits can go on, nobody else");
        }
    }

    #[test]
    fn the_coachee_has_a_week_and_the_coach_three_days() {
        let asked = DateTime::UNIX_EPOCH;
        let days = |status: OfferStatus| (status.deadline(&Timers::default(), asked) - asked).num_days();
        assert_eq!((days(OfferStatus::Proposed), days(OfferStatus::Pending)), (7, 3));
    }
}
