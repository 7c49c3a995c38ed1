//! `agencies.csv`: agencies and companies.

use std::borrow::Cow;

use crate::domain::records::AgencyRecord;
use crate::domain::{AgencyKind, CoachKind, OptOuts};
use crate::tabular::column::Col;
use crate::tabular::lookup::{code, word};
use crate::tabular::row::Row;
use crate::tabular::table::{Record, Table};
use crate::tabular::write::Cells;

static TABLE: Table = Table {
    name: "agencies",
    about_en: "Agencies and companies, one a row. Those of the reference data need not be repeated.",
    about_id: "Instansi dan perusahaan, satu per baris. Yang sudah ada di data acuan tidak perlu diulang.",
    columns: &[
        (Col::AgencyCode, true),
        (Col::AgencyName, true),
        (Col::AgencyKind, true),
        (Col::Seat, false),
        (Col::SeatRegency, false),
        (Col::OptOuts, false),
    ],
    examples: &[],
    name_of_key: "agency",
    competencies: false,
};

const KINDS: &[(&str, AgencyKind)] = &[
    ("ministry", AgencyKind::Ministry),
    ("lembagapemerintahnonkementerian", AgencyKind::Agency),
    ("lpnonkementerian", AgencyKind::Agency),
    ("lembaganegara", AgencyKind::StateInstitution),
    ("provinsi", AgencyKind::Province),
    ("pemerintahprovinsi", AgencyKind::Province),
    ("kabupaten", AgencyKind::Regency),
    ("pemerintahkabupaten", AgencyKind::Regency),
    ("kota", AgencyKind::City),
    ("pemerintahkota", AgencyKind::City),
    ("swasta", AgencyKind::Company),
    ("bumn", AgencyKind::Company),
    ("company", AgencyKind::Company),
    ("lainnya", AgencyKind::Other),
    ("other", AgencyKind::Other),
];

const COACH_KINDS: &[(&str, CoachKind)] = &[
    ("korporat", CoachKind::Corporate),
    ("swasta", CoachKind::Corporate),
    ("perusahaan", CoachKind::Corporate),
    ("eksternal", CoachKind::External),
];

impl Record for AgencyRecord {
    const TABLE: &'static Table = &TABLE;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let lookup = row.lookup;
        let agency = row.need(Col::AgencyCode, code);
        let name = row.text(Col::AgencyName, 200);
        let kind = row.need(Col::AgencyKind, |cell| word(cell, KINDS));
        let province = row.maybe(Col::Seat, |cell| lookup.province(cell));
        let regency = row.maybe(Col::SeatRegency, |cell| lookup.regency(cell));
        let opt_outs = row.list(Col::OptOuts, &super::BETWEEN_WORDS, |cell| word(cell, COACH_KINDS));
        Some(Self {
            code: agency?,
            name: name?,
            kind: kind?,
            province: province?,
            regency: regency?,
            opt_outs: opt_outs?.into_iter().fold(OptOuts::NONE, OptOuts::with),
        })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::AgencyCode, self.code.as_str());
        cells.text(Col::AgencyName, &self.name);
        cells.text(Col::AgencyKind, self.kind.as_str());
        cells.maybe(Col::Seat, self.province.as_ref());
        cells.maybe(Col::SeatRegency, self.regency.as_ref());
        cells.list(Col::OptOuts, self.opt_outs.iter());
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.code.as_str())
    }
}
