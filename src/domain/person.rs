//! Names as Indonesia writes them: one full name (mononyms are common),
//! academic and other titles kept apart in front and behind.

/// A person's name and titles.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct PersonName {
    /// The full name without titles, 1 to 150 characters.
    pub full: String,
    /// Titles in front, e.g. `Dr. Ir.`; empty when none.
    pub front_title: String,
    /// Titles behind, e.g. `S.E., M.Si.`; empty when none.
    pub back_title: String,
}

impl PersonName {
    /// The first letters of the name, of up to four words: `M.R.`; of a name without letters, nobody's.
    pub fn initials(&self) -> String {
        let firsts = self.full.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
        let initials: String = firsts.take(4).flat_map(|first| first.to_uppercase().chain(['.'])).collect();
        if initials.is_empty() { "N.N.".into() } else { initials }
    }
}

impl std::fmt::Display for PersonName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.front_title.is_empty() {
            write!(f, "{} ", self.front_title)?;
        }
        f.write_str(&self.full)?;
        if !self.back_title.is_empty() {
            write!(f, ", {}", self.back_title)?;
        }
        Ok(())
    }
}

text_enum! {
    /// What a person is in the network; a person may be several things.
    Role {
        /// Asks for a coach.
        Coachee = "coachee",
        /// Coaches.
        Coach = "coach",
        /// Runs the programme for one agency.
        AgencyAdmin = "agency_admin",
        /// Runs the programme for all.
        NationalAdmin = "national_admin",
        /// May see how runs were made, and change nothing.
        Auditor = "auditor",
    }
}

impl Role {
    /// Whether the role shows what belongs to others, so that a password alone is not enough for it.
    pub const fn needs_second_factor(self) -> bool {
        matches!(self, Role::AgencyAdmin | Role::NationalAdmin | Role::Auditor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_tell_no_name() {
        let initials = |full: &str| PersonName { full: full.into(), ..PersonName::default() }.initials();
        assert_eq!(initials("Maria Rumbiak"), "M.R.");
        assert_eq!(initials("suharto"), "S.");
        assert_eq!(initials("\"><script> b c d e f"), "S.B.C.D.");
        assert_eq!(initials("–"), "N.N.");
    }
}
