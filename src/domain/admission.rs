//! Who may ask in a cohort.

use std::collections::BTreeSet;

use super::{AgencyCode, ProvinceCode, Tier};

text_enum! {
    /// A kind of group that a cohort may be for.
    AdmissionKind {
        /// The coachee's employer.
        Agency = "agency",
        /// The tier of the coachee's position.
        Tier = "tier",
        /// The province where the coachee works.
        Province = "province",
    }
}

/// Who may ask in a cohort: of each kind those that are named, all where none is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Admission {
    /// The agencies.
    pub agencies: BTreeSet<AgencyCode>,
    /// The tiers.
    pub tiers: BTreeSet<Tier>,
    /// The provinces.
    pub provinces: BTreeSet<ProvinceCode>,
}

impl Admission {
    /// Everybody of an agency, and nobody else.
    pub fn of_agency(agency: &AgencyCode) -> Self {
        Self { agencies: BTreeSet::from([agency.clone()]), ..Self::default() }
    }

    /// Whether nobody but the coachees of an agency may ask.
    pub fn is_of_agency(&self, agency: &AgencyCode) -> bool {
        self.agencies.len() == 1 && self.agencies.contains(agency)
    }

    /// What keeps a coachee out; none: the coachee may ask.
    pub fn bars(&self, agency: &AgencyCode, tier: Tier, province: &ProvinceCode) -> Option<AdmissionKind> {
        let bars = |named: bool, empty: bool, kind| (!empty && !named).then_some(kind);
        let Self { agencies, tiers, provinces } = self;
        bars(agencies.contains(agency), agencies.is_empty(), AdmissionKind::Agency)
            .or_else(|| bars(tiers.contains(&tier), tiers.is_empty(), AdmissionKind::Tier))
            .or_else(|| bars(provinces.contains(province), provinces.is_empty(), AdmissionKind::Province))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
        text.parse().unwrap()
    }

    #[test]
    fn each_kind_that_names_somebody_keeps_others_out() {
        let (kemenkeu, papua): (AgencyCode, ProvinceCode) = (code("KEM-09"), code("91"));
        let bars = |admission: &Admission| admission.bars(&kemenkeu, Tier::Pengawas, &papua);
        assert_eq!(bars(&Admission::default()), None);
        let all = Admission {
            agencies: [kemenkeu.clone(), code("KEM-01")].into(),
            tiers: [Tier::Pengawas].into(),
            provinces: [papua.clone()].into(),
        };
        assert_eq!(bars(&all), None);
        let other_agency = Admission { agencies: [code("KEM-01")].into(), ..all.clone() };
        assert_eq!(bars(&other_agency), Some(AdmissionKind::Agency));
        let other_tier = Admission { tiers: [Tier::Pelaksana].into(), ..all.clone() };
        assert_eq!(bars(&other_tier), Some(AdmissionKind::Tier));
        let other_province = Admission { provinces: [code("11")].into(), ..all };
        assert_eq!(bars(&other_province), Some(AdmissionKind::Province));
    }

    #[test]
    fn a_cohort_of_one_agency_names_it_alone() {
        let (own, other): (AgencyCode, AgencyCode) = (code("KEM-09"), code("KEM-01"));
        let both = Admission { agencies: [own.clone(), other.clone()].into(), ..Admission::default() };
        assert!(Admission::of_agency(&own).is_of_agency(&own));
        assert!(!Admission::of_agency(&other).is_of_agency(&own));
        assert!(!both.is_of_agency(&own));
        assert!(!Admission::default().is_of_agency(&own));
    }
}
