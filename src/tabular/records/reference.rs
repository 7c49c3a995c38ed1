//! The tables of the reference data: provinces, regencies, remote areas, competencies, levels, tiers, fields.
//!
//! Codes are taken as they stand: whether the tables fit together, `Reference::new` decides.

use std::borrow::Cow;

use crate::domain::Level;
use crate::domain::reference::{Competency, Field, LevelMeaning, PositionTier, Province, Regency, RemoteArea};
use crate::tabular::column::Col;
use crate::tabular::error::Wrong;
use crate::tabular::lookup::{code, word};
use crate::tabular::parse;
use crate::tabular::row::Row;
use crate::tabular::table::{Record, Table};
use crate::tabular::write::Cells;

/// Longest name or meaning, in characters.
const MAX_NAME: usize = 200;

fn level(cell: &str) -> parse::Cell<Level> {
    Level::new(parse::whole(cell)?).map_err(|_| Wrong::AsDocumented)
}

static PROVINCES: Table = Table {
    name: "provinces",
    about_en: "Provinces with time zone, island group and place on the tile map.",
    about_id: "Provinsi dengan zona waktu, gugus pulau dan letaknya pada peta ubin.",
    columns: &[
        (Col::ProvinceCode, true),
        (Col::NameId, true),
        (Col::NameEn, true),
        (Col::IslandGroup, true),
        (Col::Zone, true),
        (Col::TileCol, true),
        (Col::TileRow, true),
    ],
    examples: &[(Col::NameId, "Papua"), (Col::NameEn, "Papua")],
    name_of_key: "province",
    competencies: false,
};

impl Record for Province {
    const TABLE: &'static Table = &PROVINCES;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let province = row.need(Col::ProvinceCode, code);
        let name_id = row.text(Col::NameId, MAX_NAME);
        let name_en = row.text(Col::NameEn, MAX_NAME);
        let island_group = row.text(Col::IslandGroup, MAX_NAME);
        let zone = row.need(Col::Zone, |cell| word(&cell.to_uppercase(), &[]));
        let tile_col = row.need(Col::TileCol, parse::whole);
        let tile_row = row.need(Col::TileRow, parse::whole);
        Some(Self {
            code: province?,
            name_id: name_id?,
            name_en: name_en?,
            island_group: island_group?,
            zone: zone?,
            tile_col: tile_col?,
            tile_row: tile_row?,
        })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::ProvinceCode, self.code.as_str());
        cells.text(Col::NameId, &self.name_id);
        cells.text(Col::NameEn, &self.name_en);
        cells.text(Col::IslandGroup, &self.island_group);
        cells.text(Col::Zone, self.zone.as_str());
        cells.show(Col::TileCol, self.tile_col);
        cells.show(Col::TileRow, self.tile_row);
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.code.as_str())
    }
}

static REGENCIES: Table = Table {
    name: "regencies",
    about_en: "Regencies and cities.",
    about_id: "Kabupaten dan kota.",
    columns: &[(Col::RegencyCode, true), (Col::InProvince, true), (Col::RegencyName, true)],
    examples: &[],
    name_of_key: "regency",
    competencies: false,
};

impl Record for Regency {
    const TABLE: &'static Table = &REGENCIES;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let regency = row.need(Col::RegencyCode, code);
        let province = row.need(Col::InProvince, code);
        let name = row.text(Col::RegencyName, MAX_NAME);
        Some(Self { code: regency?, province: province?, name: name? })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::RegencyCode, self.code.as_str());
        cells.text(Col::InProvince, self.province.as_str());
        cells.text(Col::RegencyName, &self.name);
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.code.as_str())
    }
}

static REMOTE_AREAS: Table = Table {
    name: "remote_areas",
    about_en: "Regencies that count as remote areas, with the days on which they do.",
    about_id: "Kabupaten yang termasuk daerah tertinggal, beserta masa berlakunya.",
    columns: &[(Col::RemoteRegency, true), (Col::From, true), (Col::Until, false), (Col::Decree, true)],
    examples: &[],
    name_of_key: "regency and first day",
    competencies: false,
};

impl Record for RemoteArea {
    const TABLE: &'static Table = &REMOTE_AREAS;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let regency = row.need(Col::RemoteRegency, code);
        let from = row.need(Col::From, parse::date);
        let until = row.maybe(Col::Until, parse::date);
        let source = row.text(Col::Decree, MAX_NAME);
        let (from, until) = (from?, until?);
        if until.is_some_and(|until| until < from) {
            row.fail(Col::Until, Wrong::Because(format!("a day not before {from}")));
        }
        Some(Self { regency: regency?, from, until, source: source? })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::RemoteRegency, self.regency.as_str());
        cells.show(Col::From, self.from);
        cells.maybe(Col::Until, self.until);
        cells.text(Col::Decree, &self.source);
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{} {}", self.regency, self.from))
    }
}

static COMPETENCIES: Table = Table {
    name: "competencies",
    about_en: "Competencies. Each becomes a column of assessments, requirements and coaches.",
    about_id: "Kompetensi. Masing-masing menjadi kolom pada assessments, requirements dan coaches.",
    columns: &[(Col::CompetencyCode, true), (Col::NameId, true), (Col::NameEn, true), (Col::CompetencyKind, true)],
    examples: &[(Col::NameId, "Integritas"), (Col::NameEn, "Integrity")],
    name_of_key: "competency",
    competencies: false,
};

impl Record for Competency {
    const TABLE: &'static Table = &COMPETENCIES;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let competency = row.need(Col::CompetencyCode, code);
        let name_id = row.text(Col::NameId, MAX_NAME);
        let name_en = row.text(Col::NameEn, MAX_NAME);
        let kind = row.need(Col::CompetencyKind, |cell| word(cell, &[]));
        Some(Self { code: competency?, name_id: name_id?, name_en: name_en?, kind: kind? })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::CompetencyCode, self.code.as_str());
        cells.text(Col::NameId, &self.name_id);
        cells.text(Col::NameEn, &self.name_en);
        cells.text(Col::CompetencyKind, self.kind.as_str());
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.code.as_str())
    }
}

static LEVELS: Table = Table {
    name: "levels",
    about_en: "What each level of a competency means.",
    about_id: "Arti setiap level kompetensi.",
    columns: &[(Col::OfCompetency, true), (Col::Level, true), (Col::MeaningId, true), (Col::MeaningEn, true)],
    examples: &[],
    name_of_key: "competency and level",
    competencies: false,
};

impl Record for LevelMeaning {
    const TABLE: &'static Table = &LEVELS;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let competency = row.need(Col::OfCompetency, code);
        let level = row.need(Col::Level, level);
        let meaning_id = row.text(Col::MeaningId, 2 * MAX_NAME);
        let meaning_en = row.text(Col::MeaningEn, 2 * MAX_NAME);
        Some(Self { competency: competency?, level: level?, meaning_id: meaning_id?, meaning_en: meaning_en? })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::OfCompetency, self.competency.as_str());
        cells.show(Col::Level, self.level.get());
        cells.text(Col::MeaningId, &self.meaning_id);
        cells.text(Col::MeaningEn, &self.meaning_en);
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{} {}", self.competency, self.level.get()))
    }
}

static TIERS: Table = Table {
    name: "tiers",
    about_en: "The tiers of positions and the level each requires unless overridden. All tiers must be there.",
    about_id: "Jenjang jabatan dan level yang diwajibkan bila tidak diatur lain. Semua jenjang harus ada.",
    columns: &[(Col::TierCode, true), (Col::NameId, true), (Col::NameEn, true), (Col::DefaultRequired, true)],
    examples: &[(Col::NameId, "Jabatan Pengawas"), (Col::NameEn, "Supervisor")],
    name_of_key: "tier",
    competencies: false,
};

impl Record for PositionTier {
    const TABLE: &'static Table = &TIERS;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let lookup = row.lookup;
        let tier = row.need(Col::TierCode, |cell| lookup.tier(cell));
        let name_id = row.text(Col::NameId, MAX_NAME);
        let name_en = row.text(Col::NameEn, MAX_NAME);
        let default_required = row.need(Col::DefaultRequired, level);
        Some(Self { tier: tier?, name_id: name_id?, name_en: name_en?, default_required: default_required? })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::TierCode, self.tier.as_str());
        cells.text(Col::NameId, &self.name_id);
        cells.text(Col::NameEn, &self.name_en);
        cells.show(Col::DefaultRequired, self.default_required.get());
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.tier.as_str())
    }
}

static FIELDS: Table = Table {
    name: "fields",
    about_en: "Fields of government work.",
    about_id: "Bidang tugas pemerintahan.",
    columns: &[(Col::FieldCode, true), (Col::NameId, true), (Col::NameEn, true)],
    examples: &[],
    name_of_key: "field",
    competencies: false,
};

impl Record for Field {
    const TABLE: &'static Table = &FIELDS;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let field = row.need(Col::FieldCode, code);
        let name_id = row.text(Col::NameId, MAX_NAME);
        let name_en = row.text(Col::NameEn, MAX_NAME);
        Some(Self { code: field?, name_id: name_id?, name_en: name_en? })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::FieldCode, self.code.as_str());
        cells.text(Col::NameId, &self.name_id);
        cells.text(Col::NameEn, &self.name_en);
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.code.as_str())
    }
}
