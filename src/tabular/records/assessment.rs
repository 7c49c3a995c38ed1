//! `assessments.csv`: levels of coachees, one row per coachee, method and day.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::domain::AssessmentMethod;
use crate::domain::records::AssessmentRecord;
use crate::tabular::column::Col;
use crate::tabular::lookup::{code, word};
use crate::tabular::row::Row;
use crate::tabular::table::{Record, Table};
use crate::tabular::write::Cells;

static TABLE: Table = Table {
    name: "assessments",
    about_en: "Assessed levels, one row per coachee, method and day. Where several methods speak about a competency, \
               assessment_centre outranks superior, which outranks self.",
    about_id: "Hasil penilaian kompetensi, satu baris per peserta, metode dan tanggal. Bila beberapa metode menilai \
               kompetensi yang sama, assessment_centre mengalahkan superior, dan superior mengalahkan self.",
    columns: &[(Col::Coachee, true), (Col::Method, true), (Col::AssessedOn, true)],
    examples: &[],
    name_of_key: "coachee, method and day",
    competencies: true,
};

const METHODS: &[(&str, AssessmentMethod)] = &[
    ("mandiri", AssessmentMethod::SelfAssessment),
    ("penilaianmandiri", AssessmentMethod::SelfAssessment),
    ("dirisendiri", AssessmentMethod::SelfAssessment),
    ("selfassessment", AssessmentMethod::SelfAssessment),
    ("atasan", AssessmentMethod::Superior),
    ("atasanlangsung", AssessmentMethod::Superior),
    ("penilaianatasan", AssessmentMethod::Superior),
    ("pusatpenilaian", AssessmentMethod::AssessmentCentre),
    ("pusatpenilaiankompetensi", AssessmentMethod::AssessmentCentre),
    ("asesmen", AssessmentMethod::AssessmentCentre),
    ("assessmentcenter", AssessmentMethod::AssessmentCentre),
    ("assessmentcentre", AssessmentMethod::AssessmentCentre),
];

impl Record for AssessmentRecord {
    const TABLE: &'static Table = &TABLE;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let lookup = row.lookup;
        let coachee = row.need(Col::Coachee, code);
        let method = row.need(Col::Method, |cell| word(cell, METHODS));
        let assessed_on = row.need(Col::AssessedOn, |cell| lookup.past(cell));
        let levels = row.assessed_levels();
        Some(Self { coachee: coachee?, method: method?, assessed_on: assessed_on?, levels: levels? })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::Coachee, self.coachee.as_str());
        cells.text(Col::Method, self.method.as_str());
        cells.show(Col::AssessedOn, self.assessed_on);
        cells.levels(self.levels.iter());
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{} {} {}", self.coachee, self.method, self.assessed_on))
    }

    fn compare_keys(&self, other: &Self) -> Ordering {
        let (a, b) = (self.coachee.as_str().as_bytes(), other.coachee.as_str().as_bytes());
        // Mostly the codes decide, and no key need be written out.
        let common = a.len().min(b.len());
        a[..common].cmp(&b[..common]).then_with(|| self.key().cmp(&other.key()))
    }
}
