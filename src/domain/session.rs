//! Sessions: meetings of a pairing, the steps between their states, and what is said of them afterwards.

use super::pairing::Side;

text_enum! {
    /// The state of a session.
    SessionStatus {
        /// One side has named a time; the other has not said yes.
        Proposed = "proposed",
        /// Both know the time.
        Scheduled = "scheduled",
        /// The two have met.
        Held = "held",
        /// One of the two, or both, did not come.
        Missed = "missed",
        /// Called off before it began.
        Cancelled = "cancelled",
    }
}

/// For how many days after it was made a proposal counts as a sign of life of a pair: afterwards nobody looks.
pub const PROPOSAL_LIVES_DAYS: i64 = 14;

impl SessionStatus {
    /// Whether a session may go from this state to the next. A change of time leaves the state as it is; who
    /// takes back what they said of a meeting may make a held one a missed one, and the reverse. A proposal that
    /// nobody said yes to in time is off, but was held all the same if both say so: first one of them, then the other.
    pub const fn may_become(self, next: SessionStatus) -> bool {
        use SessionStatus::{Cancelled, Held, Missed, Proposed, Scheduled};
        matches!(
            (self, next),
            (Proposed, Proposed | Scheduled | Cancelled)
                | (Scheduled, Scheduled | Held | Missed | Cancelled)
                | (Held | Missed, Held | Missed)
                | (Cancelled, Cancelled | Held)
        )
    }

    /// Whether the meeting lies ahead: its time is taken for both, and it may be moved or called off.
    pub const fn is_ahead(self) -> bool {
        matches!(self, SessionStatus::Proposed | SessionStatus::Scheduled)
    }
}

text_enum! {
    /// What one side says of a meeting after its time.
    Attendance {
        /// Both came.
        Held = "held",
        /// The coachee did not come.
        CoacheeMissed = "coachee_missed",
        /// The coach did not come.
        CoachMissed = "coach_missed",
        /// Neither came.
        NotHeld = "not_held",
    }
}

impl Attendance {
    /// The state that a session has if this is so.
    pub const fn status(self) -> SessionStatus {
        match self {
            Attendance::Held => SessionStatus::Held,
            _ => SessionStatus::Missed,
        }
    }
}

/// What both sides say of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    /// The coachee's word.
    pub coachee: Option<Attendance>,
    /// The coach's word.
    pub coach: Option<Attendance>,
}

impl Said {
    /// The same with the word of one side, which takes the place of an earlier one.
    #[must_use]
    pub const fn with(self, side: Side, word: Attendance) -> Self {
        match side {
            Side::Coachee => Self { coachee: Some(word), ..self },
            Side::Coach => Self { coach: Some(word), ..self },
        }
    }

    /// Whether the two say different things.
    pub fn disputed(self) -> bool {
        matches!((self.coachee, self.coach), (Some(one), Some(other)) if one != other)
    }

    /// The state that follows: what both say, or the only one who spoke; while they differ, what it was.
    pub fn status(self, before: SessionStatus) -> SessionStatus {
        match (self.coachee, self.coach) {
            (Some(one), Some(other)) if one.status() == other.status() => one.status(),
            (Some(word), None) | (None, Some(word)) => word.status(),
            _ => before,
        }
    }
}

text_enum! {
    /// Who called a session off.
    CancelledBy {
        /// The coachee.
        Coachee = "coachee",
        /// The coach.
        Coach = "coach",
        /// The programme, or the end of the pairing.
        Programme = "programme",
    }
}

impl From<Side> for CancelledBy {
    fn from(side: Side) -> Self {
        match side {
            Side::Coachee => CancelledBy::Coachee,
            Side::Coach => CancelledBy::Coach,
        }
    }
}

text_enum! {
    /// How far a goal is.
    GoalStatus {
        /// Worked on.
        Open = "open",
        /// Reached.
        Reached = "reached",
        /// Given up.
        Dropped = "dropped",
    }
}

text_enum! {
    /// A kind of day off, or none.
    HolidayKind {
        /// A national holiday.
        National = "national",
        /// A day of collective leave.
        CollectiveLeave = "collective_leave",
        /// A working day that the reference data calls off by mistake.
        Workday = "workday",
    }
}

text_enum! {
    /// Mail that somebody may do without.
    MailClass {
        /// Before a session, or before the time to answer is over.
        Reminders = "reminders",
        /// When a pair has gone quiet.
        Nudges = "nudges",
        /// How was it?
        Surveys = "surveys",
        /// What happened in a day or a week.
        Digests = "digests",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_a_session() {
        use SessionStatus::{Cancelled, Held, Missed, Proposed, Scheduled};
        let allowed = [
            (Proposed, vec![Proposed, Scheduled, Cancelled]),
            (Scheduled, vec![Scheduled, Held, Missed, Cancelled]),
            (Held, vec![Held, Missed]),
            (Missed, vec![Held, Missed]),
            (Cancelled, vec![Cancelled, Held]),
        ];
        assert_eq!(allowed.len(), SessionStatus::ALL.len());
        for (from, to) in &allowed {
            for next in SessionStatus::ALL {
                assert_eq!(from.may_become(*next), to.contains(next), "{from} -> {next}");
            }
            let can_be_called_off = to.contains(&Cancelled) && *from != Cancelled;
            assert_eq!(from.is_ahead(), can_be_called_off, "{from}: what lies ahead can be called off");
        }
    }

    #[test]
    fn two_words_on_a_meeting() {
        use Attendance::{CoachMissed, CoacheeMissed, Held};
        let nobody = Said::default();
        let one = nobody.with(Side::Coach, Held);
        assert_eq!((one.status(SessionStatus::Scheduled), one.disputed()), (SessionStatus::Held, false));
        let differ = one.with(Side::Coachee, CoachMissed);
        assert_eq!((differ.status(SessionStatus::Held), differ.disputed()), (SessionStatus::Held, true));
        let agreed = differ.with(Side::Coach, CoachMissed);
        assert_eq!((agreed.status(SessionStatus::Held), agreed.disputed()), (SessionStatus::Missed, false));
        let both_missed = agreed.with(Side::Coach, CoacheeMissed);
        assert_eq!((both_missed.status(SessionStatus::Missed), both_missed.disputed()), (SessionStatus::Missed, true));
    }
}
