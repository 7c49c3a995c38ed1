//! What is done in the background, how often, and what its state is called.

use chrono::TimeDelta;

text_enum! {
    /// Something that is done in the background, again and again.
    Job {
        /// Mails go out.
        Letters = "letters",
        /// Runs are computed.
        Runs = "runs",
        /// Offers that nobody answered in time expire, and the next choice is asked.
        OffersExpire = "offers_expire",
        /// Proposed sessions that nobody confirmed in time are given up.
        ProposalsGivenUp = "proposals_given_up",
        /// Coaches whose pause is over welcome new coachees again.
        PausesEnd = "pauses_end",
        /// People are reminded of sessions.
        SessionReminders = "session_reminders",
        /// Whoever is to answer an offer is reminded.
        OfferReminders = "offer_reminders",
        /// Pairs are asked how a session was.
        FeedbackQuestions = "feedback_questions",
        /// Pairs that have gone quiet are asked whether they need help.
        QuietPairs = "quiet_pairs",
        /// Coaches get their week.
        CoachDigests = "coach_digests",
        /// Admins get the day of the programme.
        AdminDigests = "admin_digests",
        /// What is over is taken away.
        Housekeeping = "housekeeping",
        /// People are erased who wished it.
        Erasures = "erasures",
        /// Entries of the audit log are sealed.
        AuditSeals = "audit_seals",
    }
}

impl Job {
    /// How long after one round the next begins, at the latest.
    pub const fn every(self) -> TimeDelta {
        match self {
            Job::Letters | Job::Runs | Job::AuditSeals => TimeDelta::seconds(1),
            Job::OffersExpire | Job::ProposalsGivenUp | Job::SessionReminders => TimeDelta::minutes(1),
            Job::OfferReminders | Job::FeedbackQuestions | Job::PausesEnd => TimeDelta::minutes(5),
            Job::CoachDigests | Job::AdminDigests => TimeDelta::minutes(10),
            Job::QuietPairs | Job::Housekeeping | Job::Erasures => TimeDelta::hours(1),
        }
    }

    /// How long a job may not have been heard of before somebody should look: nothing works on it any more, or what it
    /// does takes very long. Runs may take hours and are watched by their own progress.
    pub fn late_after(self) -> Option<TimeDelta> {
        (self != Job::Runs).then(|| (self.every() * 3).max(TimeDelta::minutes(10)))
    }
}

text_enum! {
    /// Why a round of a job failed, as far as whoever watches can do something about it. The log has the cause.
    JobFailure {
        /// The database could not be reached or written.
        Database = "database",
        /// The database had too much to do.
        Busy = "busy",
        /// The mail server could not be reached.
        MailServer = "mail_server",
        /// A mistake in the program, or something that it did not expect.
        Internal = "internal",
    }
}

text_enum! {
    /// How a job is doing.
    JobHealth {
        /// It was never done on this database.
        NotYet = "not_yet",
        /// Its last round went well.
        Well = "well",
        /// Its last round failed; it is tried again.
        Failing = "failing",
        /// Nothing was heard of it for too long.
        Late = "late",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_late_only_after_several_rounds_were_missed() {
        for &job in Job::ALL {
            assert!(job.late_after().is_none_or(|late| late >= job.every() * 3), "{job}");
        }
        assert_eq!(Job::Letters.late_after(), Some(TimeDelta::minutes(10)));
        assert_eq!(Job::Erasures.late_after(), Some(TimeDelta::hours(3)));
        assert_eq!(Job::Runs.late_after(), None);
    }
}
