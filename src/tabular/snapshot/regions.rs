//! The reference data of an archive: what rules and scores, and whoever reads them, ask about.

use serde::{Deserialize, Serialize};

use super::{SnapshotError, damaged};
use crate::domain::reference::{Competency, Field, PositionTier, Province, ReferenceParts, Regency, RemoteArea};
use crate::domain::{Level, Reference};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    provinces: Vec<ProvinceLine>,
    /// Code, province, name.
    regencies: Vec<(String, String, String)>,
    /// Regency, first day, last day, source.
    remote_areas: Vec<(String, chrono::NaiveDate, Option<chrono::NaiveDate>, String)>,
    /// Code, Indonesian name, English name, kind.
    competencies: Vec<(String, String, String, String)>,
    /// Tier, Indonesian name, English name, level required.
    tiers: Vec<(String, String, String, Level)>,
    /// Code, Indonesian name, English name.
    fields: Vec<(String, String, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvinceLine {
    code: String,
    name_id: String,
    name_en: String,
    island_group: String,
    zone: String,
    tile: (u8, u8),
}

/// The reference data, without agencies and what levels mean.
pub(super) fn write(reference: &Reference) -> Result<Vec<u8>, SnapshotError> {
    let province = |p: &Province| ProvinceLine {
        code: p.code.to_string(),
        name_id: p.name_id.clone(),
        name_en: p.name_en.clone(),
        island_group: p.island_group.clone(),
        zone: p.zone.to_string(),
        tile: (p.tile_col, p.tile_row),
    };
    let parts = Parts {
        provinces: reference.provinces().iter().map(province).collect(),
        regencies: list(reference.regencies(), |r| (r.code.to_string(), r.province.to_string(), r.name.clone())),
        remote_areas: list(reference.remote_areas(), |a| (a.regency.to_string(), a.from, a.until, a.source.clone())),
        competencies: list(reference.competencies(), |c| {
            (c.code.to_string(), c.name_id.clone(), c.name_en.clone(), c.kind.to_string())
        }),
        tiers: list(reference.tiers(), |t| {
            (t.tier.to_string(), t.name_id.clone(), t.name_en.clone(), t.default_required)
        }),
        fields: list(reference.fields(), |f| (f.code.to_string(), f.name_id.clone(), f.name_en.clone())),
    };
    serde_json::to_vec(&parts).map_err(damaged)
}

fn list<T, L>(items: &[T], line: impl Fn(&T) -> L) -> Vec<L> {
    items.iter().map(line).collect()
}

pub(super) fn read(document: &[u8]) -> Result<Reference, SnapshotError> {
    let parts: Parts = serde_json::from_slice(document).map_err(damaged)?;
    let mut read = ReferenceParts::default();
    for line in parts.provinces {
        read.provinces.push(Province {
            code: line.code.parse().map_err(damaged)?,
            name_id: line.name_id,
            name_en: line.name_en,
            island_group: line.island_group,
            zone: line.zone.parse().map_err(damaged)?,
            tile_col: line.tile.0,
            tile_row: line.tile.1,
        });
    }
    for (code, province, name) in parts.regencies {
        let (code, province) = (code.parse().map_err(damaged)?, province.parse().map_err(damaged)?);
        read.regencies.push(Regency { code, province, name });
    }
    for (regency, from, until, source) in parts.remote_areas {
        read.remote_areas.push(RemoteArea { regency: regency.parse().map_err(damaged)?, from, until, source });
    }
    for (code, name_id, name_en, kind) in parts.competencies {
        let (code, kind) = (code.parse().map_err(damaged)?, kind.parse().map_err(damaged)?);
        read.competencies.push(Competency { code, name_id, name_en, kind });
    }
    for (tier, name_id, name_en, default_required) in parts.tiers {
        read.tiers.push(PositionTier { tier: tier.parse().map_err(damaged)?, name_id, name_en, default_required });
    }
    for (code, name_id, name_en) in parts.fields {
        read.fields.push(Field { code: code.parse().map_err(damaged)?, name_id, name_en });
    }
    Reference::new(read).map_err(damaged)
}
