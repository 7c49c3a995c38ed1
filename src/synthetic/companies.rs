//! Companies whose leaders coach. They do not exist: "Contoh" in every name means "example".

use super::draw::{Draw, Purpose, Streams, Weighted};
use super::places::{Places, is_central};
use crate::domain::records::AgencyRecord;
use crate::domain::{AgencyCode, AgencyKind, CoachKind, OptOuts, Reference};

/// How many companies there are, for any number of coaches.
pub(super) const COMPANIES: u16 = 120;

const FIRST: &[&str] = &[
    "Cakrawala",
    "Samudra",
    "Bahtera",
    "Lentera",
    "Rimba",
    "Mentari",
    "Nusa",
    "Gemilang",
    "Pelita",
    "Buana",
    "Tirta",
    "Sagara",
];
const SECOND: &[(&str, &str)] = &[
    ("Niaga", "perdagangan"),
    ("Pangan", "pertanian"),
    ("Medika", "kesehatan"),
    ("Logistik", "perhubungan"),
    ("Konstruksi", "infrastruktur"),
    ("Digital", "komunikasi"),
    ("Finansial", "keuangan"),
    ("Edukasi", "pendidikan"),
    ("Energi", "lingkungan"),
    ("Talenta", "sdm"),
];

/// Agencies that are careful about outsiders: audit, investigation, intelligence. Their
/// opting out is invented.
const CAREFUL: &[(&str, &[CoachKind])] = &[
    ("LN-04", &[CoachKind::Corporate]),
    ("LN-10", &[CoachKind::Corporate]),
    ("LN-15", &[CoachKind::Corporate]),
    ("LPNK-17", &[CoachKind::Corporate, CoachKind::External]),
    ("LPNK-08", &[CoachKind::Corporate]),
    ("PROV-34", &[CoachKind::Internal]),
    ("PROV-51", &[CoachKind::Corporate]),
];

/// A company.
#[derive(Debug, Clone)]
pub(super) struct Company {
    pub(super) record: AgencyRecord,
    pub(super) field: &'static str,
    /// Agencies it supplies.
    pub(super) supplies: Vec<AgencyCode>,
}

/// All companies, and how many leaders of each coach.
#[derive(Debug)]
pub(super) struct Companies {
    all: Vec<Company>,
    size: Weighted,
}

impl Companies {
    pub(super) fn new(reference: &Reference, places: &Places, streams: &Streams) -> Self {
        let all: Vec<Company> = (0..COMPANIES).filter_map(|at| company(reference, places, streams, at)).collect();
        // A few large ones send most of the coaches.
        let size = Weighted::new((0..all.len() as u64).map(|rank| 1000 / (rank + 4)));
        Self { all, size }
    }

    pub(super) fn records(&self) -> impl Iterator<Item = AgencyRecord> {
        self.all.iter().map(|company| company.record.clone())
    }

    pub(super) fn draw(&self, draw: &mut Draw) -> Option<&Company> {
        self.all.get(self.size.draw(draw)?)
    }
}

fn company(reference: &Reference, places: &Places, streams: &Streams, at: u16) -> Option<Company> {
    let mut draw = streams.draw(Purpose::Company, u64::from(at));
    // Every pair of words once.
    let first = FIRST[usize::from(at) % FIRST.len()];
    let (second, field) = SECOND[usize::from(at) / FIRST.len() % SECOND.len()];
    let seat = &reference.regencies()[usize::from(places.business(&mut draw)?)];
    let supplies = draw.weighted(&[(0, 40), (1, 30), (2, 18), (3, 12)]);
    let central: Vec<&AgencyRecord> = reference.agencies().iter().filter(|agency| is_central(agency.kind)).collect();
    let near: Vec<&AgencyRecord> = reference
        .agencies()
        .iter()
        .filter(|agency| !is_central(agency.kind) && agency.province.as_ref() == Some(&seat.province))
        .collect();
    let mut customers: Vec<AgencyCode> = Vec::new();
    for _ in 0..supplies {
        let pool = if draw.chance(0.6) || near.is_empty() { &central } else { &near };
        let customer = pool.get(draw.below(pool.len() as u32) as usize).map(|agency| agency.code.clone());
        customers.extend(customer.filter(|code| !customers.contains(code)));
    }
    let record = AgencyRecord {
        code: AgencyCode::new(&format!("PT-{:03}", at + 1)).ok()?,
        name: format!("PT {first} {second} Contoh"),
        kind: AgencyKind::Company,
        province: Some(seat.province.clone()),
        regency: Some(seat.code.clone()),
        opt_outs: OptOuts::NONE,
    };
    Some(Company { record, field, supplies: customers })
}

/// The agencies of the reference data that do not want some kinds of coaches, restated with that.
pub(super) fn opting_out(reference: &Reference) -> impl Iterator<Item = AgencyRecord> {
    reference.agencies().iter().filter_map(|agency| {
        let (_, kinds) = CAREFUL.iter().find(|(code, _)| *code == agency.code.as_str())?;
        let opt_outs = kinds.iter().fold(OptOuts::NONE, |set, &kind| set.with(kind));
        Some(AgencyRecord { opt_outs, ..agency.clone() })
    })
}
