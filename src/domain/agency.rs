//! Agencies, companies, and which coaches an agency does not want for its people.

text_enum! {
    /// What kind of employer an agency is. The first words are those of the civil service itself.
    AgencyKind {
        /// A ministry.
        Ministry = "kementerian",
        /// A non-ministerial government agency.
        Agency = "lpnk",
        /// Another state institution and its secretariat.
        StateInstitution = "lembaga_negara_lainnya",
        /// A provincial government.
        Province = "pemprov",
        /// The government of a regency.
        Regency = "pemkab",
        /// The government of a city.
        City = "pemkot",
        /// A company whose leaders coach.
        Company = "perusahaan",
        /// Any other body.
        Other = "lain",
    }
}

text_enum! {
    /// How a coach stands to the coachee's agency.
    CoachKind {
        /// A leader of a company.
        Corporate = "corporate",
        /// A civil servant of the same agency.
        Internal = "internal",
        /// A civil servant of another agency.
        External = "external",
    }
}

/// The kinds of coaches an agency has opted out of for its people, as a bit set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct OptOuts(u8);

impl OptOuts {
    /// No kind of coach is ruled out.
    pub const NONE: OptOuts = OptOuts(0);

    /// Adds one kind.
    #[must_use]
    pub fn with(self, kind: CoachKind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// Whether the agency has opted out of this kind.
    pub fn contains(self, kind: CoachKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// The kinds in it, in fixed order.
    pub fn iter(self) -> impl Iterator<Item = CoachKind> {
        CoachKind::ALL.iter().copied().filter(move |&kind| self.contains(kind))
    }

    /// The set as bits (bit 0 corporate, 1 internal, 2 external), for columns.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The set whose [`bits`](Self::bits) these are; other bits are ignored.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 7)
    }
}
