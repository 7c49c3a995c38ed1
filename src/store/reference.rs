//! Reference data: regions, competencies, tiers, fields, and the agencies that come with them.

use diesel::prelude::*;

use super::schema::{competencies, competency_levels, fields, position_tiers, provinces, regencies, remote_areas};
use super::types::{Day, LevelCell, Word};
use super::{Db, StoreResult, agencies, coach_changes};
use crate::domain::CompetencyCode;
use crate::domain::reference::{
    Competency, Field, LevelMeaning, PositionTier, Province, ReferenceParts, Regency, RemoteArea,
};

/// Whether there is no reference data yet, as at the first start.
///
/// # Errors
/// When the database cannot be read.
pub fn is_empty(db: &mut Db) -> StoreResult<bool> {
    let count: i64 = provinces::table.count().get_result(db)?;
    Ok(count == 0)
}

/// Replaces the reference data: rows that are there are changed, new ones added, and
/// those that are no longer named taken away. Agencies are only added or changed, and
/// not where an import has changed them already.
///
/// # Errors
/// [`Conflict`](super::StoreError::Conflict) when somebody still refers to a row that would be
/// taken away, or a row refers to one that is not there.
pub fn save(db: &mut Db, parts: &ReferenceParts) -> StoreResult<()> {
    save_regions(db, parts)?;
    save_competencies(db, parts)?;
    for tier in &parts.tiers {
        upsert!(db, position_tiers by tier, {
            tier: tier.tier.as_str(),
            name_id: &tier.name_id,
            name_en: &tier.name_en,
            default_required: i16::from(tier.default_required.get()),
            seniority: i16::from(tier.tier.seniority()),
        })?;
    }
    for field in &parts.fields {
        upsert!(db, fields by code, {
            code: field.code.as_str(),
            name_id: &field.name_id,
            name_en: &field.name_en,
        })?;
    }
    let kept: Vec<&str> = parts.fields.iter().map(|f| f.code.as_str()).collect();
    diesel::delete(fields::table.filter(fields::code.ne_all(kept))).execute(db)?;
    agencies::save_reference(db, &parts.agencies)?;
    coach_changes::note_reference(db)
}

/// Whether there is a competency with this code.
///
/// # Errors
/// When the database cannot be read.
pub fn has_competency(db: &mut Db, code: &CompetencyCode) -> StoreResult<bool> {
    let found: i64 = competencies::table.filter(competencies::code.eq(code.as_str())).count().get_result(db)?;
    Ok(found > 0)
}

fn save_regions(db: &mut Db, parts: &ReferenceParts) -> StoreResult<()> {
    for province in &parts.provinces {
        upsert!(db, provinces by code, {
            code: province.code.as_str(),
            name_id: &province.name_id,
            name_en: &province.name_en,
            island_group: &province.island_group,
            zone: province.zone.as_str(),
            tile_col: i16::from(province.tile_col),
            tile_row: i16::from(province.tile_row),
        })?;
    }
    for regency in &parts.regencies {
        upsert!(db, regencies by code, {
            code: regency.code.as_str(),
            province: regency.province.as_str(),
            name: &regency.name,
        })?;
    }
    save_remote_areas(db, &parts.remote_areas)?;
    let kept: Vec<&str> = parts.regencies.iter().map(|r| r.code.as_str()).collect();
    diesel::delete(regencies::table.filter(regencies::code.ne_all(kept))).execute(db)?;
    let kept: Vec<&str> = parts.provinces.iter().map(|p| p.code.as_str()).collect();
    diesel::delete(provinces::table.filter(provinces::code.ne_all(kept))).execute(db)?;
    Ok(())
}

fn save_remote_areas(db: &mut Db, areas: &[RemoteArea]) -> StoreResult<()> {
    diesel::delete(remote_areas::table).execute(db)?;
    let rows = areas.iter().map(|area| {
        row!(remote_areas {
            regency: area.regency.as_str(),
            first_day: Day(area.from),
            last_day: area.until.map(Day),
            source: &area.source,
        })
    });
    insert_all!(db, remote_areas::table, rows.collect())
}

fn save_competencies(db: &mut Db, parts: &ReferenceParts) -> StoreResult<()> {
    for competency in &parts.competencies {
        upsert!(db, competencies by code, {
            code: competency.code.as_str(),
            name_id: &competency.name_id,
            name_en: &competency.name_en,
            kind: competency.kind.as_str(),
        })?;
    }
    diesel::delete(competency_levels::table).execute(db)?;
    let meanings = parts.level_meanings.iter().map(|meaning| {
        row!(competency_levels {
            competency: meaning.competency.as_str(),
            level: i16::from(meaning.level.get()),
            meaning_id: &meaning.meaning_id,
            meaning_en: &meaning.meaning_en,
        })
    });
    insert_all!(db, competency_levels::table, meanings.collect())?;
    let kept: Vec<&str> = parts.competencies.iter().map(|c| c.code.as_str()).collect();
    diesel::delete(competencies::table.filter(competencies::code.ne_all(kept))).execute(db)?;
    Ok(())
}

/// Loads the reference data.
///
/// # Errors
/// When the database cannot be read, or holds what this program cannot have written.
pub fn load(db: &mut Db) -> StoreResult<ReferenceParts> {
    Ok(ReferenceParts {
        provinces: provinces(db)?,
        regencies: regencies::table
            .order(regencies::code)
            .load::<(Word<_>, Word<_>, String)>(db)?
            .into_iter()
            .map(|(code, province, name)| Regency { code: code.0, province: province.0, name })
            .collect(),
        remote_areas: remote_areas::table
            .order((remote_areas::regency, remote_areas::first_day))
            .load::<(Word<_>, Day, Option<Day>, String)>(db)?
            .into_iter()
            .map(|(regency, from, until, source)| RemoteArea {
                regency: regency.0,
                from: from.0,
                until: until.map(|day| day.0),
                source,
            })
            .collect(),
        competencies: competencies::table
            .order(competencies::code)
            .load::<(Word<_>, String, String, Word<_>)>(db)?
            .into_iter()
            .map(|(code, name_id, name_en, kind)| Competency { code: code.0, name_id, name_en, kind: kind.0 })
            .collect(),
        level_meanings: competency_levels::table
            .order((competency_levels::competency, competency_levels::level))
            .load::<(Word<_>, LevelCell, String, String)>(db)?
            .into_iter()
            .map(|(competency, level, meaning_id, meaning_en)| LevelMeaning {
                competency: competency.0,
                level: level.0,
                meaning_id,
                meaning_en,
            })
            .collect(),
        tiers: position_tiers::table
            .select((
                position_tiers::tier,
                position_tiers::name_id,
                position_tiers::name_en,
                position_tiers::default_required,
            ))
            .order(position_tiers::tier)
            .load::<(Word<_>, String, String, LevelCell)>(db)?
            .into_iter()
            .map(|(tier, name_id, name_en, level)| PositionTier {
                tier: tier.0,
                name_id,
                name_en,
                default_required: level.0,
            })
            .collect(),
        fields: fields::table
            .order(fields::code)
            .load::<(Word<_>, String, String)>(db)?
            .into_iter()
            .map(|(code, name_id, name_en)| Field { code: code.0, name_id, name_en })
            .collect(),
        agencies: agencies::of_reference(db, true)?,
    })
}

fn provinces(db: &mut Db) -> StoreResult<Vec<Province>> {
    let rows: Vec<(Word<_>, String, String, String, Word<_>, i16, i16)> =
        provinces::table.order(provinces::code).load(db)?;
    let tile = |n: i16| u8::try_from(n).map_err(|why| super::StoreError::damaged("provinces", why));
    rows.into_iter()
        .map(|(code, name_id, name_en, island_group, zone, col, row)| {
            Ok(Province {
                code: code.0,
                name_id,
                name_en,
                island_group,
                zone: zone.0,
                tile_col: tile(col)?,
                tile_row: tile(row)?,
            })
        })
        .collect()
}
