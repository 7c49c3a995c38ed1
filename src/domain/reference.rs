//! The reference data a cohort is read against: regions, competencies, tiers, fields.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::records::AgencyRecord;
use super::{
    CompetencyCode, CompetencyKind, FieldCode, HolidayKind, Level, ProvinceCode, Reach, RegencyCode, Tier, Zone,
};

/// A province.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Province {
    /// Kemendagri code.
    pub code: ProvinceCode,
    /// Indonesian name.
    pub name_id: String,
    /// English name.
    pub name_en: String,
    /// Island group, e.g. `Sumatera`.
    pub island_group: String,
    /// Time zone.
    pub zone: Zone,
    /// Column on the tile map of the country.
    pub tile_col: u8,
    /// Row on the tile map of the country.
    pub tile_row: u8,
}

/// A regency or city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regency {
    /// Kemendagri code.
    pub code: RegencyCode,
    /// The province it lies in.
    pub province: ProvinceCode,
    /// Name with its kind, e.g. `Kabupaten Nias`.
    pub name: String,
}

/// A regency that counts as a remote area during a span of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteArea {
    /// The regency.
    pub regency: RegencyCode,
    /// First day.
    pub from: NaiveDate,
    /// Last day; none: until changed.
    pub until: Option<NaiveDate>,
    /// The decree or decision behind it.
    pub source: String,
}

/// A competency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Competency {
    /// The key, e.g. `M.01`.
    pub code: CompetencyCode,
    /// Indonesian name.
    pub name_id: String,
    /// English name.
    pub name_en: String,
    /// Its kind.
    pub kind: CompetencyKind,
}

/// What a level of a competency means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelMeaning {
    /// The competency.
    pub competency: CompetencyCode,
    /// The level.
    pub level: Level,
    /// In Indonesian.
    pub meaning_id: String,
    /// In English.
    pub meaning_en: String,
}

/// A tier of positions and the level it requires unless overridden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionTier {
    /// The tier.
    pub tier: Tier,
    /// Indonesian name.
    pub name_id: String,
    /// English name.
    pub name_en: String,
    /// Required level of every core competency; general knowledge, not verified, editable.
    pub default_required: Level,
}

/// A field of government work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The key, e.g. `kesehatan`.
    pub code: FieldCode,
    /// Indonesian name.
    pub name_id: String,
    /// English name.
    pub name_en: String,
}

/// A day off, or a day that is wrongly called one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub day: NaiveDate,
    /// What it is.
    pub kind: HolidayKind,
    /// Its name in Indonesian.
    pub name_id: String,
    /// Its name in English.
    pub name_en: String,
    /// Whether the day is only expected, as long as no decree names it.
    pub estimated: bool,
    /// Whether it is as the reference data has it.
    pub of_reference: bool,
}

/// All reference data. Built by [`Reference::new`], which checks that the parts fit.
#[derive(Debug, Clone)]
pub struct Reference {
    provinces: Vec<Province>,
    regencies: Vec<Regency>,
    remote_areas: Vec<RemoteArea>,
    competencies: Vec<Competency>,
    level_meanings: Vec<LevelMeaning>,
    tiers: Vec<PositionTier>,
    fields: Vec<Field>,
    agencies: Vec<AgencyRecord>,
    regency_index: HashMap<RegencyCode, u16>,
    province_of: Vec<u16>,
    competency_index: HashMap<CompetencyCode, u16>,
    field_index: HashMap<FieldCode, u16>,
}

/// The parts of the reference data, in any order, as read from files or tables.
#[derive(Debug, Clone, Default)]
pub struct ReferenceParts {
    /// All provinces.
    pub provinces: Vec<Province>,
    /// All regencies and cities.
    pub regencies: Vec<Regency>,
    /// Remote areas with their dates.
    pub remote_areas: Vec<RemoteArea>,
    /// All competencies.
    pub competencies: Vec<Competency>,
    /// What their levels mean.
    pub level_meanings: Vec<LevelMeaning>,
    /// All tiers.
    pub tiers: Vec<PositionTier>,
    /// All fields.
    pub fields: Vec<Field>,
    /// Central and local agencies.
    pub agencies: Vec<AgencyRecord>,
}

/// What does not fit in reference data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("reference data: {0}")]
pub struct BadReference(pub String);

impl Reference {
    /// Puts the parts in their canonical order and checks references between them.
    ///
    /// # Errors
    /// Says which row repeats a key or refers to something that is not there.
    pub fn new(mut parts: ReferenceParts) -> Result<Self, BadReference> {
        order_provinces(&mut parts.provinces);
        let province_index = index(&parts.provinces, |p| p.code.clone(), "province")?;
        let rank = |code: &ProvinceCode| province_index.get(code).copied().unwrap_or(u16::MAX);
        parts.regencies.sort_by(|a, b| (rank(&a.province), &a.code).cmp(&(rank(&b.province), &b.code)));
        parts.competencies.sort_by(|a, b| a.code.cmp(&b.code));
        parts.level_meanings.sort_by(|a, b| (&a.competency, a.level).cmp(&(&b.competency, b.level)));
        parts.fields.sort_by(|a, b| a.code.cmp(&b.code));
        parts.tiers.sort_by_key(|t| t.tier);
        parts.agencies.sort_by(|a, b| a.code.cmp(&b.code));
        let regency_index = index(&parts.regencies, |r| r.code.clone(), "regency")?;
        let province_of = parts
            .regencies
            .iter()
            .map(|r| {
                province_index
                    .get(&r.province)
                    .copied()
                    .ok_or_else(|| missing("regency", &r.code, "province", &r.province))
            })
            .collect::<Result<Vec<u16>, _>>()?;
        for area in &parts.remote_areas {
            if !regency_index.contains_key(&area.regency) {
                return Err(missing("remote area", &area.regency, "regency", &area.regency));
            }
        }
        let competency_index = index(&parts.competencies, |c| c.code.clone(), "competency")?;
        for meaning in &parts.level_meanings {
            if !competency_index.contains_key(&meaning.competency) {
                return Err(missing("level", &meaning.level.get(), "competency", &meaning.competency));
            }
        }
        for &tier in Tier::ALL {
            if !parts.tiers.iter().any(|t| t.tier == tier) {
                return Err(BadReference(format!("tier {tier} is missing")));
            }
        }
        // A coach's provinces are the bits of one number, and a field is one byte.
        for (what, count, most) in [("provinces", parts.provinces.len(), 64), ("fields", parts.fields.len(), 255)] {
            if count > most {
                return Err(BadReference(format!("{count} {what}; at most {most} are possible")));
            }
        }
        let field_index = index(&parts.fields, |f| f.code.clone(), "field")?;
        index(&parts.agencies, |a| a.code.clone(), "agency")?;
        Ok(Self {
            provinces: parts.provinces,
            regencies: parts.regencies,
            remote_areas: parts.remote_areas,
            competencies: parts.competencies,
            level_meanings: parts.level_meanings,
            tiers: parts.tiers,
            fields: parts.fields,
            agencies: parts.agencies,
            regency_index,
            province_of,
            competency_index,
            field_index,
        })
    }

    /// Provinces, ordered so that the provinces of one zone, and those of one island group, stand together.
    pub fn provinces(&self) -> &[Province] {
        &self.provinces
    }

    /// Regencies in the order of their provinces, then by code. Positions here are the `u16` of other methods.
    pub fn regencies(&self) -> &[Regency] {
        &self.regencies
    }

    /// Remote areas with their dates.
    pub fn remote_areas(&self) -> &[RemoteArea] {
        &self.remote_areas
    }

    /// Competencies by code. Positions here are the `u16` of [`Self::competency`].
    pub fn competencies(&self) -> &[Competency] {
        &self.competencies
    }

    /// Meanings of levels by competency and level.
    pub fn level_meanings(&self) -> &[LevelMeaning] {
        &self.level_meanings
    }

    /// Tiers.
    pub fn tiers(&self) -> &[PositionTier] {
        &self.tiers
    }

    /// Fields by code.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Agencies by code.
    pub fn agencies(&self) -> &[AgencyRecord] {
        &self.agencies
    }

    /// The position of a regency.
    pub fn regency(&self, code: &str) -> Option<u16> {
        self.regency_index.get(code).copied()
    }

    /// The position of the province of the regency at a position.
    pub fn province_of(&self, regency: u16) -> u16 {
        self.province_of[usize::from(regency)]
    }

    /// The position of a province.
    pub fn province(&self, code: &str) -> Option<u16> {
        self.provinces.iter().position(|p| p.code.as_str() == code).map(|at| at as u16)
    }

    /// The position of a competency.
    pub fn competency(&self, code: &str) -> Option<u16> {
        self.competency_index.get(code).copied()
    }

    /// The position of a field.
    pub fn field(&self, code: &str) -> Option<u16> {
        self.field_index.get(code).copied()
    }

    /// The level a tier requires of every core competency unless overridden.
    pub fn default_required(&self, tier: Tier) -> Level {
        self.tiers[tier as usize].default_required
    }

    /// Whether each regency, by position, is a remote area on a day.
    pub fn remote_on(&self, day: NaiveDate) -> Vec<bool> {
        let mut remote = vec![false; self.regencies.len()];
        for area in &self.remote_areas {
            let counts = area.from <= day && area.until.is_none_or(|last| day <= last);
            if let Some(at) = self.regency(area.regency.as_str()).filter(|_| counts) {
                remote[usize::from(at)] = true;
            }
        }
        remote
    }

    /// How far apart two regencies are, by position.
    pub fn reach(&self, a: u16, b: u16) -> Reach {
        if a == b {
            return Reach::Regency;
        }
        let (p, q) = (self.province_of(a), self.province_of(b));
        if p == q {
            return Reach::Province;
        }
        let (p, q) = (&self.provinces[usize::from(p)], &self.provinces[usize::from(q)]);
        if p.island_group == q.island_group {
            Reach::IslandGroup
        } else if p.zone == q.zone {
            Reach::Zone
        } else {
            Reach::Country
        }
    }
}

/// Western zone first; an island group that lies in two zones (Kalimantan) goes between
/// its neighbours, so that zones and island groups are both unbroken ranges.
fn order_provinces(provinces: &mut [Province]) {
    let mut span: HashMap<String, (Zone, Zone)> = HashMap::new();
    for p in provinces.iter() {
        let zones = span.entry(p.island_group.clone()).or_insert((p.zone, p.zone));
        *zones = (zones.0.min(p.zone), zones.1.max(p.zone));
    }
    provinces.sort_by(|a, b| {
        let key = |p: &Province| (span[&p.island_group], p.island_group.clone(), p.zone, p.code.clone());
        key(a).cmp(&key(b))
    });
}

fn index<T, K: std::hash::Hash + Eq + std::fmt::Display>(
    rows: &[T],
    key: impl Fn(&T) -> K,
    what: &str,
) -> Result<HashMap<K, u16>, BadReference> {
    let mut map = HashMap::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let at = u16::try_from(at).map_err(|_| BadReference(format!("more than {} rows of {what}", u16::MAX)))?;
        let key = key(row);
        if map.contains_key(&key) {
            return Err(BadReference(format!("{what} {key} occurs twice")));
        }
        map.insert(key, at);
    }
    Ok(map)
}

fn missing(what: &str, key: &dyn std::fmt::Display, other: &str, target: &dyn std::fmt::Display) -> BadReference {
    BadReference(format!("{what} {key} refers to {other} {target}, which is not there"))
}
