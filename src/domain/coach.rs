//! What a coach brings: source, verification, ways of meeting, languages.

text_enum! {
    /// Where a coach comes from.
    CoachSource {
        /// Alumnus of the national leadership programme, level I.
        Pkn1 = "pkn_1",
        /// Alumnus of the national leadership programme, level II.
        Pkn2 = "pkn_2",
        /// Leader of a company.
        Corporate = "corporate",
    }
}

text_enum! {
    /// Whether an admin has checked a coach's claim against the records.
    Verification {
        /// Waiting for an admin.
        Pending = "pending",
        /// Checked and right.
        Verified = "verified",
        /// Checked and refused.
        Rejected = "rejected",
    }
}

text_enum! {
    /// A way of meeting.
    Mode {
        /// By video or telephone.
        Online = "online",
        /// In the same room.
        InPerson = "in_person",
    }
}

/// A set of ways of meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modes(u8);

impl Modes {
    /// No way at all.
    pub const NONE: Modes = Modes(0);
    /// Both ways.
    pub const BOTH: Modes = Modes(3);

    /// Adds one way.
    #[must_use]
    pub fn with(self, mode: Mode) -> Self {
        Self(self.0 | 1 << mode as u8)
    }

    /// Whether the way is in the set.
    pub const fn contains(self, mode: Mode) -> bool {
        self.0 & (1 << mode as u8) != 0
    }

    /// The ways that both sets have.
    #[must_use]
    pub const fn shared(self, other: Modes) -> Modes {
        Modes(self.0 & other.0)
    }

    /// The ways in it, in fixed order.
    pub fn iter(self) -> impl Iterator<Item = Mode> {
        Mode::ALL.iter().copied().filter(move |&mode| self.contains(mode))
    }

    /// The set as bits (bit 0 online, bit 1 in person), for columns.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set whose [`bits`](Self::bits) these are; other bits are ignored.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 3)
    }
}

text_enum! {
    /// A language in which people can be coached, by its ISO 639 code.
    Language {
        /// Indonesian.
        Indonesian = "id",
        /// English.
        English = "en",
        /// Javanese.
        Javanese = "jv",
        /// Sundanese.
        Sundanese = "su",
        /// Balinese.
        Balinese = "ban",
        /// Minangkabau.
        Minangkabau = "min",
        /// Buginese.
        Buginese = "bug",
        /// Papuan Malay.
        PapuanMalay = "pmy",
    }
}

/// A set of languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Languages(u8);

impl Languages {
    /// No language at all.
    pub const NONE: Languages = Languages(0);

    /// Adds one language.
    #[must_use]
    pub fn with(self, language: Language) -> Self {
        Self(self.0 | 1 << language as u8)
    }

    /// Whether the language is in the set.
    pub const fn contains(self, language: Language) -> bool {
        self.0 & (1 << language as u8) != 0
    }

    /// The languages in it, in fixed order.
    pub fn iter(self) -> impl Iterator<Item = Language> {
        Language::ALL.iter().copied().filter(move |&language| self.contains(language))
    }

    /// The set as bits, bit `n` for the `n`-th of [`Language::ALL`], for columns.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set whose [`bits`](Self::bits) these are.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }
}
