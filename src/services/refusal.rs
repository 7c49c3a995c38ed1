//! Why the state of things stands against an act, in words that programs can tell apart.

text_enum! {
    /// Why the state of things stands against an act.
    Refusal {
        /// It was changed since the caller saw it.
        Stale = "stale",
        /// The offer was answered, or taken back, before.
        Answered = "answered",
        /// The time to answer is over.
        TooLate = "too_late",
        /// The request is not open.
        RequestNotOpen = "request_not_open",
        /// The coachee has a request in this cohort already.
        RequestExists = "request_exists",
        /// There is a cohort with this code.
        CohortExists = "cohort_exists",
        /// The cohort takes no requests at present.
        CohortClosed = "cohort_closed",
        /// The cohort is for other agencies than the coachee's.
        OtherAgencies = "other_agencies",
        /// The cohort is for other tiers than the coachee's.
        OtherTiers = "other_tiers",
        /// The cohort is for other provinces than the coachee's.
        OtherProvinces = "other_provinces",
        /// Somebody of an agency that would be left out asks in the cohort.
        OthersAsk = "others_ask",
        /// No competency in the focus has a measured gap.
        NoGap = "no_gap",
        /// An offer of this request waits for an answer.
        OfferWaits = "offer_waits",
        /// The coach has no free place, or takes no new coachees.
        CoachNotFree = "coach_not_free",
        /// The coach has the pairing already.
        SameCoach = "same_coach",
        /// The two were a pair before, or one has said no.
        EarlierPair = "earlier_pair",
        /// A rule forbids the pair by now.
        RuleBroken = "rule_broken",
        /// The one question was put before.
        QuestionAsked = "question_asked",
        /// The question was answered before.
        QuestionAnswered = "question_answered",
        /// The pairing is over.
        PairingOver = "pairing_over",
        /// The pairing is not over.
        PairingActive = "pairing_active",
        /// Both have signed the agreement.
        AgreementSigned = "agreement_signed",
        /// This side has given its word on the pairing before.
        Evaluated = "evaluated",
        /// One of the two is in another session then.
        SlotTaken = "slot_taken",
        /// One of the two cannot be met then, or it is a day off.
        OutsideHours = "outside_hours",
        /// The time has been confirmed before.
        SessionAnswered = "session_answered",
        /// The session was held, missed or called off.
        SessionOver = "session_over",
        /// The time of the session has come.
        SessionBegun = "session_begun",
        /// The time of the session has not come.
        SessionAhead = "session_ahead",
        /// The time was never confirmed, or the session was called off.
        SessionNotScheduled = "session_not_scheduled",
        /// The pairing has as many sessions as it may.
        SessionsFull = "sessions_full",
        /// There are not enough times at which both can be met.
        NoSlots = "no_slots",
        /// The session was not held.
        SessionNotHeld = "session_not_held",
        /// Nobody has said what became of some sessions of the pairing.
        SessionsUnreported = "sessions_unreported",
        /// This side has given its feedback on the session before.
        FeedbackGiven = "feedback_given",
        /// The pairing has as many goals, action items or things to read as it may.
        PairWorkFull = "pair_work_full",
        /// The pairing has all sessions that were agreed on.
        PlanComplete = "plan_complete",
        /// The account belongs to nobody in the records.
        NotInRecords = "not_in_records",
        /// The certificate was withdrawn.
        CertificateWithdrawn = "certificate_withdrawn",
        /// More places are taken than that.
        PlacesTaken = "places_taken",
        /// Not one of the pairs can be put out any more.
        NothingToPublish = "nothing_to_publish",
        /// The run has hypothetical coaches.
        WhatIfRun = "what_if_run",
        /// Somebody has no open request in this cohort.
        NotAsking = "not_asking",
        /// Pairs that are to be want more places of a coach than are free.
        PinsOverbook = "pins_overbook",
        /// The run has no result, or is of another cohort.
        NothingToFollow = "nothing_to_follow",
        /// The cohort has no ranking, or it is not open at present.
        RankingClosed = "ranking_closed",
        /// The ranking of the cohort is open: coaches are asked once it is over.
        RankingOpen = "ranking_open",
        /// The account runs the programme, or watches over it.
        RunsProgramme = "runs_programme",
        /// The account has the role.
        RoleHeld = "role_held",
        /// Nobody else is admin of all.
        LastAdmin = "last_admin",
        /// An application of this account waits for an admin.
        ApplicationPending = "application_pending",
        /// It was asked for before.
        ErasureAsked = "erasure_asked",
    }
}
