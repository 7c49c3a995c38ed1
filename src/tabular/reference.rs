//! The reference data that ships inside the program (`data/reference`), read into a [`Reference`].

use std::str::FromStr;

use chrono::NaiveDate;

use crate::domain::records::AgencyRecord;
use crate::domain::reference::{
    BadReference, Competency, Field, Holiday, LevelMeaning, PositionTier, Province, ReferenceParts, Regency, RemoteArea,
};
use crate::domain::{AgencyKind, Level, OptOuts, Reference};

const PROVINCES: &str = include_str!("../../data/reference/provinces.csv");
const REGENCIES: &str = include_str!("../../data/reference/regencies.csv");
const REMOTE: &str = include_str!("../../data/reference/daerah_tertinggal_2020_2024.csv");
const COMPETENCIES: &str = include_str!("../../data/reference/competencies.csv");
const LEVELS: &str = include_str!("../../data/reference/competency_levels.csv");
const TIERS: &str = include_str!("../../data/reference/position_tiers.csv");
const FIELDS: &str = include_str!("../../data/reference/fields.csv");
const CENTRAL: &str = include_str!("../../data/reference/agencies_central.csv");
const HOLIDAYS: &str = include_str!("../../data/reference/holidays.csv");
const LOCAL: &str = include_str!("../../data/reference/agencies_local.csv");

/// The reference data as shipped.
///
/// # Errors
/// When a shipped file is damaged; says which row.
pub fn shipped() -> Result<Reference, BadReference> {
    Reference::new(shipped_parts()?)
}

/// The parts of the shipped reference data, for a store to keep.
///
/// # Errors
/// When a shipped file is damaged; says which row.
pub fn shipped_parts() -> Result<ReferenceParts, BadReference> {
    Ok(ReferenceParts {
        provinces: rows(PROVINCES, "provinces", |row| {
            Ok(Province {
                code: row.parse("code")?,
                name_id: row.text("name_id")?,
                name_en: row.text("name_en")?,
                island_group: row.text("island_group")?,
                zone: row.parse("tz_abbr")?,
                tile_col: row.parse("tile_col")?,
                tile_row: row.parse("tile_row")?,
            })
        })?,
        regencies: rows(REGENCIES, "regencies", |row| {
            Ok(Regency { code: row.parse("code")?, province: row.parse("province_code")?, name: row.text("name")? })
        })?,
        remote_areas: rows(REMOTE, "daerah_tertinggal", |row| {
            // Perpres 63/2020 ran to the end of 2024. No newer list is known, so the areas stay
            // remote until somebody edits them, rather than that nobody is remote.
            Ok(RemoteArea {
                regency: row.parse("regency_code")?,
                from: NaiveDate::from_ymd_opt(2020, 1, 1).ok_or_else(|| row.bad("regency_code"))?,
                until: None,
                source: "Perpres 63/2020 (2020-2024), continued until replaced".into(),
            })
        })?,
        competencies: rows(COMPETENCIES, "competencies", |row| {
            Ok(Competency {
                code: row.parse("code")?,
                name_id: row.text("name_id")?,
                name_en: row.text("name_en")?,
                kind: row.parse("kind")?,
            })
        })?,
        level_meanings: rows(LEVELS, "competency_levels", |row| {
            Ok(LevelMeaning {
                competency: row.parse("competency_code")?,
                level: row.level("level")?,
                meaning_id: row.text("meaning_id")?,
                meaning_en: row.text("meaning_en")?,
            })
        })?,
        tiers: rows(TIERS, "position_tiers", |row| {
            Ok(PositionTier {
                tier: row.parse("code")?,
                name_id: row.text("name_id")?,
                name_en: row.text("name_en")?,
                default_required: row.level("default_required_level")?,
            })
        })?,
        fields: rows(FIELDS, "fields", |row| {
            Ok(Field { code: row.parse("code")?, name_id: row.text("name_id")?, name_en: row.text("name_en")? })
        })?,
        agencies: agencies()?,
    })
}

/// The days off as shipped.
///
/// # Errors
/// When the shipped file is damaged; says which row.
pub fn shipped_holidays() -> Result<Vec<Holiday>, BadReference> {
    rows(HOLIDAYS, "holidays", |row| {
        Ok(Holiday {
            day: row.parse("day")?,
            kind: row.parse("kind")?,
            name_id: row.text("name_id")?,
            name_en: row.text("name_en")?,
            estimated: row.text("estimated")? == "1",
            of_reference: true,
        })
    })
}

fn agencies() -> Result<Vec<AgencyRecord>, BadReference> {
    // Central agencies sit in the capital.
    let mut agencies = rows(CENTRAL, "agencies_central", |row| {
        Ok(AgencyRecord {
            code: row.parse("id")?,
            name: row.text("name")?,
            kind: row.parse::<AgencyKind>("kind")?,
            province: Some("31".parse().map_err(|_| row.bad("id"))?),
            regency: None,
            opt_outs: OptOuts::NONE,
        })
    })?;
    agencies.extend(rows(LOCAL, "agencies_local", |row| {
        Ok(AgencyRecord {
            code: row.parse("id")?,
            name: row.text("name")?,
            kind: row.parse("kind")?,
            province: Some(row.parse("province_code")?),
            regency: row.optional("regency_code")?,
            opt_outs: OptOuts::NONE,
        })
    })?);
    Ok(agencies)
}

struct Row<'a> {
    file: &'a str,
    line: usize,
    headers: &'a csv::StringRecord,
    cells: &'a csv::StringRecord,
}

impl Row<'_> {
    fn bad(&self, column: &str) -> BadReference {
        BadReference(format!("{} line {}: column {column} is missing or wrong", self.file, self.line))
    }

    fn cell(&self, column: &str) -> Result<&str, BadReference> {
        let at = self.headers.iter().position(|h| h == column);
        at.and_then(|at| self.cells.get(at)).ok_or_else(|| self.bad(column))
    }

    fn text(&self, column: &str) -> Result<String, BadReference> {
        let text = self.cell(column)?;
        if text.is_empty() { Err(self.bad(column)) } else { Ok(text.to_owned()) }
    }

    fn parse<T: FromStr>(&self, column: &str) -> Result<T, BadReference> {
        self.cell(column)?.parse().map_err(|_| self.bad(column))
    }

    fn optional<T: FromStr>(&self, column: &str) -> Result<Option<T>, BadReference> {
        if self.cell(column)?.is_empty() { Ok(None) } else { self.parse(column).map(Some) }
    }

    fn level(&self, column: &str) -> Result<Level, BadReference> {
        Level::new(self.parse(column)?).map_err(|_| self.bad(column))
    }
}

fn rows<T>(text: &str, file: &str, read: impl Fn(&Row) -> Result<T, BadReference>) -> Result<Vec<T>, BadReference> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let unreadable = |why: csv::Error| BadReference(format!("{file}: {why}"));
    let headers = reader.headers().map_err(unreadable)?.clone();
    let mut rows = Vec::new();
    for (at, cells) in reader.records().enumerate() {
        let cells = cells.map_err(unreadable)?;
        rows.push(read(&Row { file, line: at + 2, headers: &headers, cells: &cells })?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reach;

    #[test]
    fn shipped_data_is_whole() {
        let reference = shipped().unwrap();
        assert_eq!(reference.provinces().len(), 38);
        assert_eq!(reference.regencies().len(), 514);
        assert_eq!(reference.competencies().len(), 9);
        assert_eq!(reference.agencies().len(), 546 + 93);
        assert_eq!(reference.remote_areas().len(), 62);
    }

    #[test]
    fn zones_and_island_groups_are_unbroken_ranges() {
        let reference = shipped().unwrap();
        let runs = |key: &dyn Fn(usize) -> String| {
            let keys: Vec<String> = (0..38).map(key).collect();
            1 + keys.windows(2).filter(|pair| pair[0] != pair[1]).count()
        };
        assert_eq!(runs(&|p| reference.provinces()[p].zone.to_string()), 3);
        assert_eq!(runs(&|p| reference.provinces()[p].island_group.clone()), 7);
    }

    #[test]
    fn reach_names_the_smallest_common_area() {
        let reference = shipped().unwrap();
        let at = |code: &str| reference.regency(code).unwrap();
        assert_eq!(reference.reach(at("11.01"), at("11.01")), Reach::Regency);
        assert_eq!(reference.reach(at("11.01"), at("11.02")), Reach::Province);
        assert_eq!(reference.reach(at("11.01"), at("12.04")), Reach::IslandGroup);
        assert_eq!(reference.reach(at("11.01"), at("32.01")), Reach::Zone);
        assert_eq!(reference.reach(at("11.01"), at("91.03")), Reach::Country);
    }
}
