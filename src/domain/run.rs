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

impl RequestStatus {
    /// Whether a request may go from this state to the next. An open one may change and stay open.
    pub const fn may_become(self, next: RequestStatus) -> bool {
        use RequestStatus::{Closed, Matched, Open, Withdrawn};
        matches!((self, next), (Open, Open | Matched | Withdrawn | Closed) | (Matched, Closed))
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
    /// What whoever computes a run is doing.
    RunStep {
        /// Reading the cohort.
        Load = "load",
        /// Finding each coachee's best coaches.
        Lists = "lists",
        /// Finding a plan to start from.
        Start = "start",
        /// Solving on the lists.
        Solve = "solve",
        /// Holding the prices against every pair.
        Price = "price",
        /// Checking the result.
        Certify = "certify",
        /// Finding the reasons of those who wait.
        Explain = "explain",
        /// Keeping what was found.
        Save = "save",
    }
}

text_enum! {
    /// Why a run was given up.
    RunFailure {
        /// The cohort cannot be read: a record names something that the reference data do not have.
        Input = "input",
        /// A pair that was to be kept cannot be.
        Condition = "condition",
        /// The cohort is larger than what can be kept of it.
        TooLarge = "too_large",
        /// Whoever computed it was gone, again and again.
        Ended = "ended",
        /// A mistake in the program.
        Internal = "internal",
    }
}

text_enum! {
    /// What an admin wants of a pair in a run.
    ConditionKind {
        /// The two are to be a pair.
        Pinned = "pinned",
        /// The two are not to be a pair.
        Forbidden = "forbidden",
    }
}

text_enum! {
    /// The state of a pair that a run proposes.
    PairStatus {
        /// As the run found it.
        Proposed = "proposed",
        /// Put out as an offer.
        Offered = "offered",
        /// Taken back.
        Withdrawn = "withdrawn",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_a_request() {
        use RequestStatus::{Closed, Matched, Open, Withdrawn};
        let allowed = [
            (Open, vec![Open, Matched, Withdrawn, Closed]),
            (Matched, vec![Closed]),
            (Withdrawn, vec![]),
            (Closed, vec![]),
        ];
        assert_eq!(allowed.len(), RequestStatus::ALL.len());
        for (from, to) in &allowed {
            for next in RequestStatus::ALL {
                assert_eq!(from.may_become(*next), to.contains(next), "{from} -> {next}");
            }
        }
    }
}
