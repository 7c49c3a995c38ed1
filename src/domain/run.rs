//! States of requests and runs, and the steps allowed between them.

text_enum! {
    /// The state of a request for a coach.
    RequestStatus {
        /// On the waiting list.
        Open = "open",
        /// Has a coach.
        Matched = "matched",
        /// Taken back by the coachee.
        Withdrawn = "withdrawn",
        /// Ended by the programme.
        Closed = "closed",
    }
}

text_enum! {
    /// The state of a run.
    RunStatus {
        /// Waits to be computed.
        Queued = "queued",
        /// Being computed.
        Computing = "computing",
        /// Has a result that nobody but admins sees.
        Computed = "computed",
        /// Its pairs are proposals.
        Published = "published",
        /// Thrown away.
        Discarded = "discarded",
    }
}

impl RunStatus {
    /// Whether a run may go from this state to the next. `Computing` may fall back
    /// to `Queued` when the process that computed it has died.
    pub const fn may_become(self, next: RunStatus) -> bool {
        use RunStatus::{Computed, Computing, Discarded, Published, Queued};
        matches!(
            (self, next),
            (Queued, Computing)
                | (Computing, Computed | Queued)
                | (Computed, Published)
                | (Queued | Computing | Computed, Discarded)
        )
    }
}

text_enum! {
    /// The state of a pair that a run proposes.
    PairStatus {
        /// As the run found it.
        Proposed = "proposed",
        /// Put to the coach.
        Offered = "offered",
        /// Taken back.
        Withdrawn = "withdrawn",
    }
}
