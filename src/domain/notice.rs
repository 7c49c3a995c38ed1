//! What people are told about requests, offers, pairings and sessions.

use super::session::MailClass;

text_enum! {
    /// The kind of a message to a person.
    Notice {
        /// To the coachee: a run proposes a coach; confirm or reject.
        CoachProposed = "coach_proposed",
        /// To the coachee: the request went out; whom it is put to, in which order, and until when.
        RequestSent = "request_sent",
        /// To the coach: somebody asks to be coached.
        OfferAsked = "offer_asked",
        /// To whoever did not answer in time.
        OfferExpired = "offer_expired",
        /// To the coach: the offer was taken back.
        OfferWithdrawn = "offer_withdrawn",
        /// To the coachee: no coach so far; the next of the choices was asked.
        NextCoachAsked = "next_coach_asked",
        /// To the coachee: the programme asked this coach for them.
        CoachAsked = "coach_asked",
        /// To the coachee: on the waiting list, after asking or after a run that found no coach.
        WaitingListed = "waiting_listed",
        /// To the coachee: no coach so far; back on the waiting list, with a better place.
        WaitingAgain = "waiting_again",
        /// To the coachee: the programme took a run's proposal back; still on the waiting list.
        ProposalWithdrawn = "proposal_withdrawn",
        /// To the coachee: the programme asks for another coach on their behalf.
        AskedAnew = "asked_anew",
        /// To the coachee: the programme took their request back.
        RequestTakenBack = "request_taken_back",
        /// To both: the two work together from now on.
        PairingStarted = "pairing_started",
        /// To the coachee: another coach has taken over.
        CoachChanged = "coach_changed",
        /// To the other side: the agreement was signed.
        AgreementSigned = "agreement_signed",
        /// To the other side: the pairing is completed; say how it was.
        PairingCompleted = "pairing_completed",
        /// To the coach who has completed a pairing: thanks, and what came of it.
        CoachThanked = "coach_thanked",
        /// To the coachee: the certificate of a completed pairing was issued.
        CertificateIssued = "certificate_issued",
        /// To the coachee: the certificate of a completed pairing was withdrawn.
        CertificateWithdrawn = "certificate_withdrawn",
        /// To the other side, or to both: the pairing was broken off.
        PairingEnded = "pairing_ended",
        /// To the other side: a question before deciding.
        QuestionAsked = "question_asked",
        /// To who asked: the answer.
        QuestionAnswered = "question_answered",
        /// To the other side: a time to meet is proposed; say yes or name another.
        SessionProposed = "session_proposed",
        /// To the other side: times for a whole plan of sessions are proposed.
        SessionPlanProposed = "session_plan_proposed",
        /// To whoever has not said yes: a proposed time is near.
        SessionUnanswered = "session_unanswered",
        /// To both: a proposed time came without a yes.
        SessionLapsed = "session_lapsed",
        /// To both: the time stands; for the calendar.
        SessionScheduled = "session_scheduled",
        /// To both: another time, or another way to meet; for the calendar.
        SessionMoved = "session_moved",
        /// To both: called off; out of the calendar.
        SessionCancelled = "session_cancelled",
        /// To the other side: the two say different things about a session.
        AttendanceDisputed = "attendance_disputed",
        /// To the other side: somebody says that the two met all the same; it counts once both say so.
        SessionClaimed = "session_claimed",
        /// To both: a session is near.
        SessionReminder = "session_reminder",
        /// To each who has not said: a session should be over; was it held?
        AttendanceAsked = "attendance_asked",
        /// To both: a session was held; how was it?
        FeedbackAsked = "feedback_asked",
        /// To whoever has not answered: the time to answer is nearly over.
        OfferReminder = "offer_reminder",
        /// To both: they have not met for long, and do not plan to.
        PairQuiet = "pair_quiet",
        /// To a coachee: assessments have come in, so the gaps can be seen.
        GapProfileReady = "gap_profile_ready",
        /// To whoever asked for a run: it has a result.
        RunFinished = "run_finished",
        /// To whoever asked for a run: it was given up.
        RunFailed = "run_failed",
        /// To whoever runs the programme: one of a pair asks for help.
        HelpAsked = "help_asked",
        /// To a coach: what waits, and what the week brings.
        CoachDigest = "coach_digest",
        /// To whoever runs the programme: what stands still.
        AdminDigest = "admin_digest",
    }
}

impl Notice {
    /// The class of mail that it belongs to, if one may do without it.
    pub const fn class(self) -> Option<MailClass> {
        match self {
            Notice::SessionReminder | Notice::SessionUnanswered | Notice::OfferReminder => Some(MailClass::Reminders),
            Notice::AttendanceAsked | Notice::FeedbackAsked => Some(MailClass::Surveys),
            Notice::PairQuiet => Some(MailClass::Nudges),
            Notice::CoachDigest | Notice::AdminDigest => Some(MailClass::Digests),
            _ => None,
        }
    }
}
