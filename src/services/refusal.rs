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
        /// No competency in the focus has a measured gap.
        NoGap = "no_gap",
        /// An offer of this request waits for an answer.
        OfferWaits = "offer_waits",
        /// The coach has no free place, or takes no new coachees.
        CoachNotFree = "coach_not_free",
        /// The two were a pair before, or one has said no.
        EarlierPair = "earlier_pair",
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
        /// More places are taken than that.
        PlacesTaken = "places_taken",
        /// Not one of the pairs can be put out any more.
        NothingToPublish = "nothing_to_publish",
        /// The account runs the programme, or watches over it.
        RunsProgramme = "runs_programme",
        /// It was asked for before.
        ErasureAsked = "erasure_asked",
    }
}
