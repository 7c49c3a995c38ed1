//! `coaches.csv`: who coaches.

use std::borrow::Cow;

use crate::domain::records::CoachRecord;
use crate::domain::{CoachSource, Verification};
use crate::tabular::column::Col;
use crate::tabular::error::Wrong;
use crate::tabular::lookup::{code, word};
use crate::tabular::parse;
use crate::tabular::row::Row;
use crate::tabular::table::{Record, Table};
use crate::tabular::write::Cells;

static TABLE: Table = Table {
    name: "coaches",
    about_en: "Coaches, one a row, with their level in every competency they are strong in.",
    about_id: "Coach, satu per baris, dengan level pada setiap kompetensi yang dikuasainya.",
    columns: &[
        (Col::Coach, true),
        (Col::Name, true),
        (Col::FrontTitle, false),
        (Col::BackTitle, false),
        (Col::IdentityKind, false),
        (Col::IdentityNumber, false),
        (Col::Email, false),
        (Col::Source, true),
        (Col::Batch, false),
        (Col::Year, false),
        (Col::CertificateNumber, false),
        (Col::Verification, false),
        (Col::Agency, true),
        (Col::Unit, false),
        (Col::Superior, false),
        (Col::Tier, false),
        (Col::Field, false),
        (Col::Regency, true),
        (Col::RegionsServed, false),
        (Col::Modes, false),
        (Col::Languages, false),
        (Col::Capacity, true),
        (Col::Load, false),
        (Col::Accepting, false),
        (Col::Conflicts, false),
        (Col::Wishes, false),
        (Col::CompletedPairs, false),
        (Col::Rating, false),
    ],
    examples: &[(Col::IdentityNumber, "197501022000122902")],
    name_of_key: "coach",
    competencies: true,
};

const SOURCES: &[(&str, CoachSource)] = &[
    ("pkni", CoachSource::Pkn1),
    ("pkn1", CoachSource::Pkn1),
    ("pkntingkati", CoachSource::Pkn1),
    ("pkntk1", CoachSource::Pkn1),
    ("diklatpimi", CoachSource::Pkn1),
    ("pknii", CoachSource::Pkn2),
    ("pkn2", CoachSource::Pkn2),
    ("pkntingkatii", CoachSource::Pkn2),
    ("pkntk2", CoachSource::Pkn2),
    ("diklatpimii", CoachSource::Pkn2),
    ("korporat", CoachSource::Corporate),
    ("korporasi", CoachSource::Corporate),
    ("swasta", CoachSource::Corporate),
    ("perusahaan", CoachSource::Corporate),
    ("bumn", CoachSource::Corporate),
];

const VERIFICATIONS: &[(&str, Verification)] = &[
    ("menunggu", Verification::Pending),
    ("belum", Verification::Pending),
    ("belumdiverifikasi", Verification::Pending),
    ("terverifikasi", Verification::Verified),
    ("sudah", Verification::Verified),
    ("disetujui", Verification::Verified),
    ("ditolak", Verification::Rejected),
];

/// The most coachees a coach may take at a time.
const MOST_CAPACITY: u16 = 1000;

impl Record for CoachRecord {
    const TABLE: &'static Table = &TABLE;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let lookup = row.lookup;
        let coach = row.need(Col::Coach, code);
        let name = row.person_name();
        let identity = row.identity();
        let email = row.maybe(Col::Email, parse::email);
        let source = row.need(Col::Source, |cell| word(cell, SOURCES));
        let batch = row.maybe(Col::Batch, parse::batch);
        let year = row.maybe(Col::Year, |cell| lookup.year(cell));
        let certificate_number = row.maybe(Col::CertificateNumber, |cell| parse::text(cell, 100));
        let verification = row.or(Col::Verification, Verification::Pending, |cell| word(cell, VERIFICATIONS));
        let agency = row.need(Col::Agency, |cell| lookup.agency(cell));
        let unit = row.maybe(Col::Unit, |cell| parse::text(cell, 200));
        let superior = row.maybe(Col::Superior, code);
        let tier = row.maybe(Col::Tier, |cell| lookup.tier(cell));
        let field = row.maybe(Col::Field, |cell| lookup.field(cell));
        let regency = row.need(Col::Regency, |cell| lookup.regency(cell));
        let regions_served = row.set(Col::RegionsServed, &[',', ';'], |cell| lookup.province(cell));
        let modes = row.modes();
        let languages = row.languages();
        let capacity = row.need(Col::Capacity, parse::whole).filter(|&capacity| {
            let good = capacity <= MOST_CAPACITY;
            if !good {
                row.fail(Col::Capacity, Wrong::AsDocumented);
            }
            good
        });
        let load = row.or(Col::Load, 0, parse::whole);
        let accepting = row.or(Col::Accepting, true, parse::yes_no);
        let strengths = row.levels();
        let conflicts = row.set(Col::Conflicts, &[], |cell| lookup.agency(cell));
        let wishes = row.set(Col::Wishes, &[], code);
        let completed_pairs = row.or(Col::CompletedPairs, 0, parse::whole);
        let rating = row.maybe(Col::Rating, parse::rating);
        if let (Some(load), Some(capacity)) = (load, capacity)
            && load > capacity
        {
            row.fail(Col::Load, Wrong::Because(format!("a whole number up to the capacity, {capacity}")));
        }
        if tier == Some(None) && matches!(source, Some(CoachSource::Pkn1 | CoachSource::Pkn2)) {
            row.fail(Col::Tier, Wrong::because("a tier by code or name, since an alumnus has one"));
        }
        Some(Self {
            code: coach?,
            name: name?,
            identity: identity?,
            email: email?,
            source: source?,
            batch: batch?,
            year: year?,
            certificate_number: certificate_number?,
            verification: verification?,
            agency: agency?,
            unit: unit?,
            superior: superior?,
            tier: tier?,
            field: field?,
            regency: regency?,
            regions_served: regions_served?,
            modes: modes?,
            languages: languages?,
            capacity: capacity?,
            load: load?,
            accepting: accepting?,
            strengths: strengths?,
            conflicts: conflicts?,
            wishes: wishes?,
            completed_pairs: completed_pairs?,
            rating: rating?,
        })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::Coach, self.code.as_str());
        cells.text(Col::Name, &self.name.full);
        cells.text(Col::FrontTitle, &self.name.front_title);
        cells.text(Col::BackTitle, &self.name.back_title);
        cells.maybe(Col::IdentityKind, self.identity.as_ref().map(|identity| identity.kind()));
        cells.maybe_text(Col::IdentityNumber, self.identity.as_ref().map(|identity| identity.number()));
        cells.maybe_text(Col::Email, self.email.as_deref());
        cells.text(Col::Source, self.source.as_str());
        cells.maybe(Col::Batch, self.batch);
        cells.maybe(Col::Year, self.year);
        cells.maybe_text(Col::CertificateNumber, self.certificate_number.as_deref());
        cells.text(Col::Verification, self.verification.as_str());
        cells.text(Col::Agency, self.agency.as_str());
        cells.maybe_text(Col::Unit, self.unit.as_deref());
        cells.maybe(Col::Superior, self.superior.as_ref());
        cells.maybe(Col::Tier, self.tier);
        cells.maybe(Col::Field, self.field.as_ref());
        cells.text(Col::Regency, self.regency.as_str());
        cells.list(Col::RegionsServed, &self.regions_served);
        cells.list(Col::Modes, self.modes.iter());
        cells.list(Col::Languages, self.languages.iter());
        cells.show(Col::Capacity, self.capacity);
        cells.show(Col::Load, self.load);
        cells.show(Col::Accepting, self.accepting);
        cells.list(Col::Conflicts, &self.conflicts);
        cells.list(Col::Wishes, &self.wishes);
        cells.show(Col::CompletedPairs, self.completed_pairs);
        cells.maybe(Col::Rating, self.rating.map(|rating| format!("{}.{:02}", rating / 100, rating % 100)));
        cells.levels(self.strengths.iter().map(|(competency, level)| (competency, *level)));
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.code.as_str())
    }

    fn identity_number(&self) -> Option<&str> {
        self.identity.as_ref().map(|identity| identity.number())
    }
}
