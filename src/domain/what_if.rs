//! Coaches who are not there: what a run would be like with them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::records::CoachRecord;
use super::reference::Reference;
use super::{
    AgencyCode, CoachSource, CompetencyCode, Language, Languages, Level, Mode, Modes, PersonCode, PersonName,
    ProvinceCode, Tier, Verification,
};

/// Hypothetical coaches of a run, group by group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// The groups.
    pub coaches: Vec<WhatIfCoaches>,
}

/// Some coaches of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatIfCoaches {
    /// How many, 1 to [`WhatIf::MOST`] in all groups together.
    pub count: u32,
    /// Where: they are spread over its regencies.
    pub province: ProvinceCode,
    /// What they are strong in.
    pub strengths: BTreeMap<CompetencyCode, Level>,
    /// Places of each, 1 to 20.
    pub capacity: u16,
    /// Where they come from.
    #[serde(default = "source")]
    pub source: CoachSource,
    /// Their tier.
    #[serde(default = "tier")]
    pub tier: Tier,
    /// The ways of meeting they offer, at least one.
    #[serde(default = "modes")]
    pub modes: Vec<Mode>,
    /// The languages they offer, at least one.
    #[serde(default = "languages")]
    pub languages: Vec<Language>,
}

/// Where they come from, unless said.
pub const fn source() -> CoachSource {
    CoachSource::Pkn2
}

/// Their tier, unless said.
pub const fn tier() -> Tier {
    Tier::JptMadya
}

/// The ways of meeting they offer, unless said: all.
pub fn modes() -> Vec<Mode> {
    Mode::ALL.to_vec()
}

/// The languages they offer, unless said.
pub fn languages() -> Vec<Language> {
    vec![Language::Indonesian]
}

/// Something about hypothetical coaches cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("hypothetical coaches: {0}")]
pub struct BadWhatIf(pub &'static str);

impl WhatIf {
    /// Most hypothetical coaches of one run.
    pub const MOST: u32 = 10_000;
    /// Most places of one of them.
    pub const MOST_PLACES: u16 = 20;
    /// How the code of each begins.
    pub const PREFIX: &'static str = "what-if:";
    /// The employer of all of them; no agency has this code.
    const AGENCY: &'static str = "what-if:agency";

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.coaches.iter().fold(0, |sum, group| sum.saturating_add(group.count))
    }

    /// Whether a code is that of a hypothetical coach.
    pub fn is_code(code: &PersonCode) -> bool {
        code.as_str().starts_with(Self::PREFIX)
    }

    /// The coaches, as records of a cohort have them.
    ///
    /// # Errors
    /// When there are too many or none, or the reference data do not have what a group names.
    pub fn records(&self, reference: &Reference) -> Result<Vec<CoachRecord>, BadWhatIf> {
        if self.coaches.iter().any(|group| group.count == 0) || !(1..=Self::MOST).contains(&self.count()) {
            return Err(BadWhatIf("there must be 1 to 10,000 of them"));
        }
        let mut records = Vec::with_capacity(self.count() as usize);
        for (number, group) in (1..).zip(&self.coaches) {
            group.add_to(&mut records, number, reference)?;
        }
        Ok(records)
    }
}

impl WhatIfCoaches {
    fn add_to(&self, records: &mut Vec<CoachRecord>, number: usize, reference: &Reference) -> Result<(), BadWhatIf> {
        let bad_code = |_| BadWhatIf("no code can be made for them");
        let regencies: Vec<_> = reference.regencies().iter().filter(|place| place.province == self.province).collect();
        if regencies.is_empty() {
            return Err(BadWhatIf("there is no such province"));
        }
        if self.strengths.is_empty() || self.strengths.keys().any(|code| reference.competency(code.as_str()).is_none())
        {
            return Err(BadWhatIf("there is no such competency"));
        }
        if !(1..=WhatIf::MOST_PLACES).contains(&self.capacity) || self.modes.is_empty() || self.languages.is_empty() {
            return Err(BadWhatIf("each needs places, a way of meeting and a language"));
        }
        let agency: AgencyCode = WhatIf::AGENCY.parse().map_err(bad_code)?;
        for (at, place) in (1..=self.count).zip(regencies.iter().cycle()) {
            let code = format!("{}{number}-{at:05}", WhatIf::PREFIX).parse().map_err(bad_code)?;
            records.push(self.one(code, agency.clone(), place));
        }
        Ok(())
    }

    fn one(&self, code: PersonCode, agency: AgencyCode, place: &super::reference::Regency) -> CoachRecord {
        CoachRecord {
            code,
            name: PersonName::default(),
            identity: None,
            email: None,
            source: self.source,
            batch: None,
            year: None,
            certificate_number: None,
            verification: Verification::Verified,
            agency,
            unit: None,
            superior: None,
            tier: Some(self.tier),
            field: None,
            regency: place.code.clone(),
            regions_served: Vec::new(),
            modes: self.modes.iter().copied().fold(Modes::NONE, Modes::with),
            languages: self.languages.iter().copied().fold(Languages::NONE, Languages::with),
            capacity: self.capacity,
            load: 0,
            accepting: true,
            strengths: self.strengths.iter().map(|(code, &level)| (code.clone(), level)).collect(),
            conflicts: Vec::new(),
            wishes: Vec::new(),
            completed_pairs: 0,
            rating: None,
        }
    }
}
