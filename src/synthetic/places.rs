//! Where people work: province, regency and agency.

use std::collections::HashMap;

use super::SyntheticError;
use super::draw::{Draw, Weighted};
use super::figures::Figures;
use crate::domain::{AgencyKind, Reference, Tier};

/// Share of civil servants in the capital who work for central agencies; invented. The
/// share elsewhere follows from the national one.
const CENTRAL_IN_CAPITAL: f64 = 0.75;
/// Share of local staff outside the capital who work for the provincial government; invented.
const PROVINCIAL: f64 = 0.2;
/// Share of provincial staff who work in the seat of the province; invented.
const IN_SEAT: f64 = 0.6;
/// The province of the capital.
const CAPITAL: &str = "31";

/// Staff of central agencies in the capital and outside, in thousands, roughly and from
/// general knowledge; an agency that is not here has 2 and 0.
const CENTRAL_STAFF: &[(&str, u32, u32)] = &[
    ("KEM-09", 3, 1),
    ("KEM-11", 8, 20),
    ("KEM-12", 6, 190),
    ("KEM-13", 4, 8),
    ("KEM-15", 4, 50),
    ("KEM-16", 18, 55),
    ("KEM-18", 5, 100),
    ("KEM-20", 6, 38),
    ("KEM-21", 3, 4),
    ("KEM-22", 3, 3),
    ("KEM-27", 6, 14),
    ("KEM-31", 5, 20),
    ("KEM-33", 5, 12),
    ("KEM-34", 3, 12),
    ("KEM-35", 3, 7),
    ("KEM-36", 3, 22),
    ("KEM-40", 2, 12),
    ("LPNK-02", 2, 2),
    ("LPNK-03", 2, 14),
    ("LPNK-06", 2, 4),
    ("LPNK-07", 4, 6),
    ("LPNK-09", 2, 4),
    ("LPNK-13", 2, 3),
    ("LPNK-14", 2, 4),
    ("LPNK-16", 1, 3),
    ("LPNK-23", 1, 4),
    ("LN-04", 3, 5),
    ("LN-05", 3, 28),
    ("LN-08", 4, 22),
    ("LN-09", 6, 26),
    ("LN-11", 2, 8),
    ("LN-12", 2, 5),
];

/// A place of work. The numbers are positions in the reference data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) agency: u16,
    pub(super) regency: u16,
    /// Of a central agency.
    pub(super) central: bool,
}

/// Everything needed to draw places.
#[derive(Debug)]
pub(super) struct Places {
    provinces: Weighted,
    regencies: Vec<Provincial>,
    local_agency: Vec<Option<u16>>,
    capital: usize,
    central_in_capital: Weighted,
    central_outside: Weighted,
    central_outside_share: f64,
}

/// A province: its regencies and its own government.
#[derive(Debug)]
struct Provincial {
    first_regency: u16,
    by_residents: Weighted,
    seat: Option<u16>,
    agency: Option<u16>,
}

impl Places {
    pub(super) fn new(reference: &Reference, figures: &Figures) -> Result<Self, SyntheticError> {
        let pns: Vec<u64> = reference
            .provinces()
            .iter()
            .map(|province| figures.by_province.get(province.code.as_str()).copied().unwrap_or(0))
            .collect();
        let capital = reference.province(CAPITAL).map_or(0, usize::from);
        let in_capital = pns.get(capital).copied().unwrap_or(0) as f64 / pns.iter().sum::<u64>().max(1) as f64;
        let mut provincial = HashMap::new();
        let mut local = HashMap::new();
        for (at, agency) in reference.agencies().iter().enumerate() {
            match (agency.kind, &agency.province, &agency.regency) {
                (AgencyKind::Province, Some(province), _) => drop(provincial.insert(province.clone(), at as u16)),
                (AgencyKind::Regency | AgencyKind::City, _, Some(regency)) => {
                    local.insert(regency.clone(), at as u16);
                }
                _ => {}
            }
        }
        let regencies: Vec<Provincial> = (0..reference.provinces().len())
            .map(|at| Provincial::new(reference, figures, at as u16, &provincial))
            .collect();
        for (province, own) in reference.provinces().iter().zip(&regencies) {
            if own.by_residents.is_empty() || own.agency.is_none() {
                return Err(SyntheticError::Reference(format!(
                    "province {} lacks regencies or a government",
                    province.code
                )));
            }
        }
        let central = |staff: fn(Option<&(&str, u32, u32)>) -> u32| {
            Weighted::new(reference.agencies().iter().map(|agency| {
                let known = CENTRAL_STAFF.iter().find(|(code, ..)| *code == agency.code.as_str());
                if is_central(agency.kind) { u64::from(staff(known)) } else { 0 }
            }))
        };
        let places = Self {
            provinces: Weighted::new(pns),
            regencies,
            local_agency: reference.regencies().iter().map(|regency| local.get(&regency.code).copied()).collect(),
            capital,
            central_in_capital: central(|known| known.map_or(2, |known| known.1)),
            central_outside: central(|known| known.map_or(0, |known| known.2)),
            central_outside_share: (figures.central - in_capital * CENTRAL_IN_CAPITAL) / (1.0 - in_capital),
        };
        if places.provinces.is_empty() || places.central_in_capital.is_empty() || places.central_outside.is_empty() {
            return Err(SyntheticError::Reference("provinces or central agencies are missing".into()));
        }
        Ok(places)
    }

    /// The place of a civil servant of a tier.
    pub(super) fn civil_servant(&self, tier: Tier, draw: &mut Draw) -> Option<Place> {
        // The highest executives sit in the capital, apart from the secretaries of provinces.
        if matches!(tier, Tier::JptUtama | Tier::JptMadya) {
            return self.executive(tier, 0.85, draw);
        }
        let province = self.provinces.draw(draw)?;
        let share = if province == self.capital { CENTRAL_IN_CAPITAL } else { self.central_outside_share };
        if draw.chance(share) { self.central(province, draw) } else { self.local(province, draw) }
    }

    /// The place of an alumnus of the programme for the highest executives, or of the one
    /// for those below; more of them in the capital than of all civil servants. Invented.
    pub(super) fn alumnus(&self, tier: Tier, draw: &mut Draw) -> Option<Place> {
        match tier {
            Tier::JptUtama | Tier::JptMadya => self.executive(tier, 0.88, draw),
            _ if draw.chance(0.35) => {
                if draw.chance(0.85) {
                    self.central(self.capital, draw)
                } else {
                    self.local(self.capital, draw)
                }
            }
            _ => self.civil_servant(tier, draw),
        }
    }

    /// A regency where people of business are: half in the capital, the rest where people live.
    pub(super) fn business(&self, draw: &mut Draw) -> Option<u16> {
        let province = if draw.chance(0.6) { self.capital } else { self.provinces.draw(draw)? };
        self.regencies[province].by_residents(draw)
    }

    fn executive(&self, tier: Tier, capital: f64, draw: &mut Draw) -> Option<Place> {
        if tier == Tier::JptUtama || draw.chance(capital) {
            return self.central(self.capital, draw);
        }
        let province = &self.regencies[self.provinces.draw(draw)?];
        let regency = province.seat.or_else(|| province.by_residents(draw))?;
        Some(Place { agency: province.agency?, regency, central: false })
    }

    fn central(&self, province: usize, draw: &mut Draw) -> Option<Place> {
        let agencies = if province == self.capital { &self.central_in_capital } else { &self.central_outside };
        let agency = agencies.draw(draw)? as u16;
        let regency = self.regencies[province].by_residents(draw)?;
        Some(Place { agency, regency, central: true })
    }

    fn local(&self, province: usize, draw: &mut Draw) -> Option<Place> {
        let province = &self.regencies[province];
        let regency = province.by_residents(draw)?;
        let own = self.local_agency[usize::from(regency)];
        match own {
            Some(agency) if !draw.chance(PROVINCIAL) => Some(Place { agency, regency, central: false }),
            _ => {
                let regency = province.seat.filter(|_| draw.chance(IN_SEAT)).unwrap_or(regency);
                Some(Place { agency: province.agency?, regency, central: false })
            }
        }
    }
}

impl Provincial {
    fn new(
        reference: &Reference,
        figures: &Figures,
        at: u16,
        agencies: &HashMap<crate::domain::ProvinceCode, u16>,
    ) -> Self {
        let province = &reference.provinces()[usize::from(at)];
        let all = reference.regencies();
        let first = all.partition_point(|regency| {
            reference.regency(regency.code.as_str()).is_some_and(|position| reference.province_of(position) < at)
        });
        let own = || all[first..].iter().take_while(|regency| regency.province == province.code);
        let residents = |code: &str| figures.residents.get(code).copied().unwrap_or(1);
        let capital = figures.capitals.get(province.code.as_str());
        let seat = capital.and_then(|capital| {
            let is_seat = |name: &str| name == format!("Kota {capital}") || name == format!("Kabupaten {capital}");
            own().position(|regency| is_seat(&regency.name))
        });
        Self {
            first_regency: first as u16,
            by_residents: Weighted::new(own().map(|regency| residents(regency.code.as_str()))),
            seat: seat.map(|seat| (first + seat) as u16),
            agency: agencies.get(&province.code).copied(),
        }
    }

    fn by_residents(&self, draw: &mut Draw) -> Option<u16> {
        Some(self.first_regency + self.by_residents.draw(draw)? as u16)
    }
}

/// Whether agencies of a kind belong to the central government.
pub(super) const fn is_central(kind: AgencyKind) -> bool {
    matches!(kind, AgencyKind::Ministry | AgencyKind::Agency | AgencyKind::StateInstitution)
}
