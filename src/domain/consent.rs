//! What people may agree to, and what they may ask about their own data.

text_enum! {
    /// A purpose for which data are used with the consent of whom they are about. What the programme needs to find
    /// and accompany a coach rests on its task and is no matter of consent.
    Purpose {
        /// To be asked by the programme how coaching went, beyond what a pairing needs.
        Surveys = "surveys",
        /// To be counted, without a name, in statistics that are published.
        Statistics = "statistics",
        /// To be told of offers of the programme by mail that no request is about.
        News = "news",
    }
}

impl Purpose {
    /// The version of the words that people agree to: rises when they say something else.
    pub const fn version(self) -> i32 {
        1
    }
}

text_enum! {
    /// What a person asks about their data.
    DataWish {
        /// To be erased.
        Erasure = "erasure",
        /// That something that comes from official records be corrected.
        Correction = "correction",
    }
}

text_enum! {
    /// Where such a request stands.
    DataRequestStatus {
        /// It waits.
        Open = "open",
        /// It was done.
        Done = "done",
        /// It was refused, with a reason.
        Refused = "refused",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}
