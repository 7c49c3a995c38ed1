//! Words of the reference data and of enumerations: by code, by name, by what people call them.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use super::column::normal;
use super::error::Wrong;
use super::parse::{Cell, is_rounded_number};
use crate::domain::{
    AgencyCode, CompetencyCode, FieldCode, Identity, IdentityKind, ProvinceCode, Reference, RegencyCode, Tier,
};

/// Everything against which cells are read, made once per file.
pub struct Lookup<'r> {
    reference: &'r Reference,
    today: NaiveDate,
    tiers: HashMap<String, Tier>,
    fields: HashMap<String, u16>,
    provinces: HashMap<String, u16>,
    regencies: HashMap<String, Place>,
    competencies: HashMap<String, u16>,
    /// By code, and by name in normal form.
    agencies: HashMap<&'r str, usize>,
    agency_names: HashMap<String, usize>,
}

/// What the name of a regency stands for.
enum Place {
    One(u16),
    /// A city and a regency of the same name.
    Several(Vec<u16>),
}

impl<'r> Lookup<'r> {
    /// Prepares the words of the reference data. No date of birth or of an assessment may lie after `today`.
    pub fn new(reference: &'r Reference, today: NaiveDate) -> Self {
        let tiers = reference
            .tiers()
            .iter()
            .flat_map(|t| [t.tier.as_str(), &t.name_id, &t.name_en].map(|word| (normal(word), t.tier)));
        let fields = reference
            .fields()
            .iter()
            .zip(0..)
            .flat_map(|(f, at)| [f.code.as_str(), &f.name_id, &f.name_en].map(|word| (normal(word), at)));
        let provinces = reference
            .provinces()
            .iter()
            .zip(0..)
            .flat_map(|(p, at)| [p.code.as_str(), &p.name_id, &p.name_en].map(|word| (normal(word), at)));
        let competencies = reference.competencies().iter().zip(0..).flat_map(|(c, at)| {
            let short = c.name_en.split('(').next().unwrap_or_default();
            [c.code.as_str(), &c.name_id, &c.name_en, short].map(|word| (normal(word), at))
        });
        let agencies = reference.agencies().iter().enumerate();
        Self {
            reference,
            today,
            tiers: ECHELONS.iter().map(|&(word, tier)| (word.to_owned(), tier)).chain(tiers).collect(),
            fields: fields.collect(),
            provinces: provinces.collect(),
            regencies: places(reference),
            competencies: competencies.collect(),
            agencies: agencies.clone().map(|(at, agency)| (agency.code.as_str(), at)).collect(),
            agency_names: agencies.map(|(at, agency)| (normal(&agency.name), at)).collect(),
        }
    }

    /// The reference data behind it.
    pub fn reference(&self) -> &'r Reference {
        self.reference
    }

    pub(super) fn tier(&self, cell: &str) -> Cell<Tier> {
        Tier::from_str(cell).ok().or_else(|| self.tiers.get(&normal(cell)).copied()).ok_or(Wrong::AsDocumented)
    }

    pub(super) fn field(&self, cell: &str) -> Cell<FieldCode> {
        let at = self.reference.field(cell).or_else(|| self.fields.get(&normal(cell)).copied());
        at.map(|at| self.reference.fields()[usize::from(at)].code.clone()).ok_or_else(|| {
            let codes: Vec<&str> = self.reference.fields().iter().map(|f| f.code.as_str()).collect();
            Wrong::Because(format!("a field of work by code or name, or nothing: {}", codes.join(", ")))
        })
    }

    pub(super) fn province(&self, cell: &str) -> Cell<ProvinceCode> {
        let word = normal(cell);
        let word = word.strip_prefix("provinsi").unwrap_or(&word);
        let at = self.provinces.get(word).ok_or(Wrong::AsDocumented)?;
        Ok(self.reference.provinces()[usize::from(*at)].code.clone())
    }

    /// The position of a competency by code, name or the name in snake case.
    pub(super) fn competency_at(&self, word: &str) -> Option<u16> {
        self.reference.competency(word).or_else(|| self.competencies.get(&normal(word)).copied())
    }

    pub(super) fn competency(&self, cell: &str) -> Cell<CompetencyCode> {
        let at = self.competency_at(cell).ok_or(Wrong::AsDocumented)?;
        Ok(self.reference.competencies()[usize::from(at)].code.clone())
    }

    pub(super) fn regency(&self, cell: &str) -> Cell<RegencyCode> {
        let code = |at: u16| self.reference.regencies()[usize::from(at)].code.clone();
        if let Some(at) = self.reference.regency(cell) {
            return Ok(code(at));
        }
        if let Some((whole, rest)) = cell.split_once(['.', ','])
            && whole.len() == 2
            && rest.len() == 1
            && (whole.bytes().chain(rest.bytes())).all(|b| b.is_ascii_digit())
        {
            return Err(Wrong::because(
                "a code such as 91.10; the spreadsheet has dropped a zero: format the column as text",
            ));
        }
        let word = normal(cell);
        let word = ["kabupaten", "kab"]
            .iter()
            .find_map(|kind| word.strip_prefix(kind))
            .map_or(word.clone(), |rest| format!("kabupaten{rest}"));
        match self.regencies.get(&word) {
            Some(Place::One(at)) => Ok(code(*at)),
            Some(Place::Several(all)) => {
                let names = all.iter().map(|&at| {
                    let regency = &self.reference.regencies()[usize::from(at)];
                    format!("{} ({})", regency.code, regency.name)
                });
                Err(Wrong::Because(format!("one of {}", names.collect::<Vec<_>>().join(", "))))
            }
            None => Err(Wrong::AsDocumented),
        }
    }

    /// An agency: the name of one in the reference data, or any code, since a file of agencies may bring more.
    pub(super) fn agency(&self, cell: &str) -> Cell<AgencyCode> {
        let found = self.agencies.get(cell).or_else(|| self.agency_names.get(&normal(cell)));
        match found {
            Some(&at) => Ok(self.reference.agencies()[at].code.clone()),
            None => code(cell),
        }
    }

    pub(super) fn identity(&self, kind: Option<IdentityKind>, cell: &str) -> Cell<Identity> {
        if is_rounded_number(cell) {
            return Err(Wrong::because(ROUNDED));
        }
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        let identity = match kind {
            Some(kind) => Identity::parse(kind, cell, self.today),
            None if digits == 16 => Identity::parse(IdentityKind::Nik, cell, self.today),
            None if digits == 18 => Identity::parse_civil_servant(cell, self.today),
            None => {
                return Err(Wrong::Because(format!(
                    "18 digits (NIP, NI PPPK) or 16 (NIK), found {digits}; an NRP needs nrp in the column identity_kind"
                )));
            }
        };
        identity.map_err(|bad| {
            let text = bad.to_string();
            Wrong::because(text.strip_prefix("expected ").unwrap_or(&text))
        })
    }

    /// A day up to tomorrow, since the country begins its day before UTC does.
    pub(super) fn past(&self, cell: &str) -> Cell<NaiveDate> {
        let date = super::parse::date(cell)?;
        if Some(date) > self.today.succ_opt() {
            return Err(Wrong::Because(format!("a day that is past; today is {}", self.today)));
        }
        Ok(date)
    }

    pub(super) fn year(&self, cell: &str) -> Cell<u16> {
        let year: u16 = super::parse::whole(cell)?;
        if (1990..=self.today.year()).contains(&i32::from(year)) { Ok(year) } else { Err(Wrong::AsDocumented) }
    }
}

pub(super) const ROUNDED: &str =
    "all digits; the spreadsheet has rounded the number: format the column as text and enter the numbers again";

/// A code; one that a spreadsheet has turned into a rounded number is refused.
pub(super) fn code<T: FromStr>(cell: &str) -> Cell<T> {
    if is_rounded_number(cell) {
        return Err(Wrong::because(ROUNDED));
    }
    cell.parse().map_err(|_| Wrong::AsDocumented)
}

/// A value of an enumeration by its own word or by what people call it (normal form).
pub(super) fn word<T: FromStr + Copy>(cell: &str, others: &[(&str, T)]) -> Cell<T> {
    if let Ok(value) = cell.parse() {
        return Ok(value);
    }
    let word = normal(cell);
    let found = others.iter().find(|(other, _)| *other == word);
    found.map(|&(_, value)| value).or_else(|| snake(cell).parse().ok()).ok_or(Wrong::AsDocumented)
}

/// `In Person` -> `in_person`.
fn snake(cell: &str) -> String {
    cell.trim().to_lowercase().replace([' ', '-'], "_")
}

const ECHELONS: &[(&str, Tier)] = &[
    ("eselonia", Tier::JptMadya),
    ("eselonib", Tier::JptMadya),
    ("eseloni", Tier::JptMadya),
    ("eseloniia", Tier::JptPratama),
    ("eseloniib", Tier::JptPratama),
    ("eselonii", Tier::JptPratama),
    ("eseloniiia", Tier::Administrator),
    ("eseloniiib", Tier::Administrator),
    ("eseloniii", Tier::Administrator),
    ("eseloniva", Tier::Pengawas),
    ("eselonivb", Tier::Pengawas),
    ("eseloniv", Tier::Pengawas),
];

fn places(reference: &Reference) -> HashMap<String, Place> {
    let mut places: HashMap<String, Place> = HashMap::new();
    for (regency, at) in reference.regencies().iter().zip(0..) {
        let name = normal(&regency.name);
        let bare = ["kabupaten", "kota"].iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(&name);
        for word in [normal(regency.code.as_str()), bare.to_owned(), name.clone()] {
            places
                .entry(word)
                .and_modify(|place| match place {
                    Place::One(other) if *other == at => {}
                    Place::One(other) => *place = Place::Several(vec![*other, at]),
                    Place::Several(all) => all.push(at),
                })
                .or_insert(Place::One(at));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tabular::reference::shipped;

    #[test]
    fn regencies_by_code_and_name() {
        let reference = shipped().unwrap();
        let lookup = Lookup::new(&reference, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
        for cell in ["91.03", "91,03", "9103", "Kabupaten Jayapura", "KAB. JAYAPURA", "kab jayapura"] {
            assert_eq!(lookup.regency(cell).unwrap().as_str(), "91.03", "{cell}");
        }
        assert_eq!(lookup.regency("Kota Jayapura").unwrap().as_str(), "91.71");
        let Err(Wrong::Because(why)) = lookup.regency("Jayapura") else { panic!("ambiguous") };
        assert_eq!(why, "one of 91.03 (Kabupaten Jayapura), 91.71 (Kota Jayapura)");
        assert!(matches!(lookup.regency("11.1"), Err(Wrong::Because(why)) if why.contains("dropped a zero")));
        assert_eq!(lookup.regency("Atlantis"), Err(Wrong::AsDocumented));
    }

    #[test]
    fn words_of_the_reference_data() {
        let reference = shipped().unwrap();
        let lookup = Lookup::new(&reference, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
        assert_eq!(lookup.tier("Eselon II"), Ok(Tier::JptPratama));
        assert_eq!(lookup.tier("jpt pratama"), Ok(Tier::JptPratama));
        assert_eq!(lookup.province("Provinsi Papua").unwrap().as_str(), "91");
        assert_eq!(lookup.competency("mengelola_perubahan").unwrap().as_str(), "M.07");
        assert_eq!(lookup.competency("Managing Change").unwrap().as_str(), "M.07");
        assert_eq!(lookup.field("Health").unwrap().as_str(), "kesehatan");
        assert_eq!(lookup.agency("pemerintah provinsi aceh").unwrap().as_str(), "PROV-11");
        assert_eq!(lookup.agency("PT-001").unwrap().as_str(), "PT-001");
    }
}
