//! Coaches with all that a match needs to know about them.

use std::collections::HashMap;

use diesel::prelude::*;

use super::persons::{self, Facts, Person};
use super::schema::{
    coach_profiles, coach_regions_served, coach_strengths, coach_wishes, conflicts_of_interest, persons as people,
};
use super::types::{Day, LevelCell, Stamp, Word};
use super::{CHUNK, Db, Page, PersonId, Saved, StoreError, StoreResult, grouped, lost, sorted};
use crate::domain::records::CoachRecord;
use crate::domain::{
    AgencyCode, CoachSource, CompetencyCode, FieldCode, Languages, Level, Modes, PersonCode, ProvinceCode, RegencyCode,
    Role, Tier, Verification,
};

/// The columns of a profile.
macro_rules! profile {
    ($person:expr, $record:expr) => {
        row!(coach_profiles {
            person: $person,
            source: $record.source.as_str(),
            batch: $record.batch.map(i32::from),
            year: $record.year.map(i32::from),
            certificate_number: $record.certificate_number.as_deref(),
            verification: $record.verification.as_str(),
            agency: $record.agency.as_str(),
            unit: $record.unit.as_deref(),
            superior_code: $record.superior.as_ref().map(PersonCode::as_str),
            tier: $record.tier.map(Tier::as_str),
            field: $record.field.as_ref().map(FieldCode::as_str),
            regency: $record.regency.as_str(),
            modes: i16::from($record.modes.bits()),
            languages: i16::from($record.languages.bits()),
            capacity: i32::from($record.capacity),
            load: i32::from($record.load),
            accepting: $record.accepting,
            completed_pairs: i32::from($record.completed_pairs),
            rating: $record.rating.map(i32::from),
            // An import says the mean of all its completed pairings.
            ratings: $record.rating.map_or(0, |_| i32::from($record.completed_pairs)),
            rating_sum: $record.rating.map_or(0, |mean| i32::from(mean) * i32::from($record.completed_pairs)),
        })
    };
}

/// Saves coaches as an import gives them.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when a code occurs twice, the load is above the capacity, or an
/// agency, regency, province, field or competency is not there.
pub fn save(db: &mut Db, records: &[CoachRecord], now: Stamp) -> StoreResult<Saved> {
    db.expect_many_rows()?;
    let mut saved = Saved::default();
    for chunk in records.chunks(CHUNK) {
        let known = by_code(db, &chunk.iter().map(|r| r.code.as_str()).collect::<Vec<_>>())?;
        let facts: Vec<Facts> = chunk.iter().map(facts).collect();
        let people = persons::save(db, &facts, Role::Coach, now)?;
        let mut new = Vec::new();
        let mut written = Vec::new();
        for (record, (person, person_changed)) in chunk.iter().zip(people) {
            match known.get(&record.code) {
                Some(old) if same_profile(old, record) => {
                    if person_changed {
                        saved.changed += 1;
                    } else {
                        saved.unchanged += 1;
                    }
                    continue;
                }
                Some(_) => {
                    diesel::update(coach_profiles::table.find(person)).set(profile!(person, record)).execute(db)?;
                    forget_lists(db, person)?;
                    saved.changed += 1;
                }
                None => {
                    new.push(profile!(person, record));
                    saved.new += 1;
                }
            }
            written.push((person, record));
        }
        insert_all!(db, coach_profiles::table, new)?;
        insert_lists(db, &written)?;
    }
    Ok(saved)
}

fn facts(record: &CoachRecord) -> Facts<'_> {
    let CoachRecord { code, name, identity, email, .. } = record;
    Facts { code, name, identity: identity.as_ref(), email: email.as_deref() }
}

/// Whether two records agree in all but what belongs to the person.
fn same_profile(old: &CoachRecord, new: &CoachRecord) -> bool {
    let new = CoachRecord {
        name: old.name.clone(),
        identity: old.identity.clone(),
        email: old.email.clone(),
        ..canonical(new.clone())
    };
    *old == new
}

/// The record with its lists, whose order says nothing, in the order of their codes.
pub(super) fn canonical(record: CoachRecord) -> CoachRecord {
    CoachRecord {
        regions_served: sorted(&record.regions_served),
        strengths: sorted(&record.strengths),
        conflicts: sorted(&record.conflicts),
        wishes: sorted(&record.wishes),
        ..record
    }
}

fn forget_lists(db: &mut Db, coach: PersonId) -> StoreResult<()> {
    diesel::delete(coach_strengths::table.filter(coach_strengths::coach.eq(coach))).execute(db)?;
    diesel::delete(coach_regions_served::table.filter(coach_regions_served::coach.eq(coach))).execute(db)?;
    diesel::delete(conflicts_of_interest::table.filter(conflicts_of_interest::coach.eq(coach))).execute(db)?;
    diesel::delete(coach_wishes::table.filter(coach_wishes::coach.eq(coach))).execute(db)?;
    Ok(())
}

fn insert_lists(db: &mut Db, coaches: &[(PersonId, &CoachRecord)]) -> StoreResult<()> {
    let strengths = coaches.iter().flat_map(|(coach, record)| {
        record.strengths.iter().map(move |(competency, level)| {
            row!(coach_strengths { coach: coach, competency: competency.as_str(), level: i16::from(level.get()) })
        })
    });
    insert_all!(db, coach_strengths::table, strengths.collect())?;
    let regions = coaches.iter().flat_map(|(coach, record)| {
        sorted(&record.regions_served)
            .into_iter()
            .map(move |province| row!(coach_regions_served { coach: coach, province: province.to_string() }))
    });
    insert_all!(db, coach_regions_served::table, regions.collect())?;
    let conflicts = coaches.iter().flat_map(|(coach, record)| {
        sorted(&record.conflicts)
            .into_iter()
            .map(move |agency| row!(conflicts_of_interest { coach: coach, agency_code: agency.to_string() }))
    });
    insert_all!(db, conflicts_of_interest::table, conflicts.collect())?;
    let wishes = coaches.iter().flat_map(|(coach, record)| {
        sorted(&record.wishes)
            .into_iter()
            .map(move |coachee| row!(coach_wishes { coach: coach, coachee_code: coachee.to_string() }))
    });
    insert_all!(db, coach_wishes::table, wishes.collect())
}

/// Changes what a coach offers, and counts the version of the profile up.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when it has another version by now, or a competency or province is not there.
pub fn change_offer(db: &mut Db, coach: PersonId, version: i32, record: &CoachRecord) -> StoreResult<()> {
    let same = coach_profiles::table.find(coach).filter(coach_profiles::version.eq(version));
    let changed = diesel::update(same)
        .set(row!(coach_profiles {
            modes: i16::from(record.modes.bits()),
            languages: i16::from(record.languages.bits()),
            version: version + 1,
        }))
        .execute(db)?;
    if changed != 1 {
        return Err(lost("coach"));
    }
    forget_lists(db, coach)?;
    insert_lists(db, &[(coach, record)])
}

/// All coaches, by code.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db) -> StoreResult<Vec<CoachRecord>> {
    let codes: Vec<String> = coach_profiles::table
        .inner_join(people::table.on(people::id.eq(coach_profiles::person)))
        .order(people::code)
        .select(people::code)
        .load(db)?;
    let mut records = Vec::with_capacity(codes.len());
    for chunk in codes.chunks(CHUNK) {
        records.extend(in_order(db, chunk)?);
    }
    Ok(records)
}

/// A page of coaches, by code, after the one with a given code.
///
/// # Errors
/// When the database cannot be read.
pub fn page(db: &mut Db, after: Option<&PersonCode>, limit: usize) -> StoreResult<Page<CoachRecord, PersonCode>> {
    let codes: Vec<String> = coach_profiles::table
        .inner_join(people::table.on(people::id.eq(coach_profiles::person)))
        .filter(people::code.gt(after.map_or("", PersonCode::as_str)))
        .order(people::code)
        .limit(Page::<(), ()>::one_more_than(limit))
        .select(people::code)
        .load(db)?;
    Ok(Page::cut(in_order(db, &codes)?, limit, |coach| coach.code.clone()))
}

/// The coach with a code.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, code: &PersonCode) -> StoreResult<CoachRecord> {
    by_code(db, &[code.as_str()])?.remove(code).ok_or(StoreError::NotFound)
}

/// The coaches among the persons with these codes.
pub(super) fn some(db: &mut Db, codes: &[&str]) -> StoreResult<Vec<CoachRecord>> {
    Ok(by_code(db, codes)?.into_values().collect())
}

fn in_order(db: &mut Db, codes: &[String]) -> StoreResult<Vec<CoachRecord>> {
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let mut found: Vec<CoachRecord> = by_code(db, &codes)?.into_values().collect();
    found.sort_unstable_by(|a, b| a.code.cmp(&b.code));
    Ok(found)
}

#[derive(Queryable)]
struct Row {
    person: PersonId,
    source: Word<CoachSource>,
    batch: Option<i32>,
    year: Option<i32>,
    certificate_number: Option<String>,
    verification: Word<Verification>,
    agency: Word<AgencyCode>,
    unit: Option<String>,
    superior: Option<Word<PersonCode>>,
    tier: Option<Word<Tier>>,
    field: Option<Word<FieldCode>>,
    regency: Word<RegencyCode>,
    modes: i16,
    languages: i16,
    capacity: i32,
    load: i32,
    accepting: bool,
    completed_pairs: i32,
    rating: Option<i32>,
    _ratings: i32,
    _rating_sum: i32,
    _paused_until: Option<Day>,
    _held: i32,
    _version: i32,
}

/// The lists of some coaches.
struct Lists {
    strengths: HashMap<PersonId, Vec<(CompetencyCode, Level)>>,
    regions_served: HashMap<PersonId, Vec<ProvinceCode>>,
    conflicts: HashMap<PersonId, Vec<AgencyCode>>,
    wishes: HashMap<PersonId, Vec<PersonCode>>,
}

fn by_code(db: &mut Db, codes: &[&str]) -> StoreResult<HashMap<PersonCode, CoachRecord>> {
    let mut people: HashMap<PersonId, Person> =
        persons::by_code(db, codes)?.into_values().map(|person| (person.id, person)).collect();
    let ids: Vec<PersonId> = people.keys().copied().collect();
    let rows: Vec<Row> = coach_profiles::table.filter(coach_profiles::person.eq_any(&ids)).load(db)?;
    let mut lists = lists(db, &ids)?;
    rows.into_iter()
        .map(|row| {
            let person = people.remove(&row.person).ok_or_else(|| StoreError::damaged("coach_profiles", row.person))?;
            Ok((person.code.clone(), record(person, row, &mut lists)?))
        })
        .collect()
}

fn record(person: Person, row: Row, lists: &mut Lists) -> StoreResult<CoachRecord> {
    fn fit<N, T: TryFrom<N, Error: std::fmt::Display>>(number: N) -> StoreResult<T> {
        T::try_from(number).map_err(|why| StoreError::damaged("coach_profiles", why))
    }
    Ok(CoachRecord {
        code: person.code,
        name: person.name,
        identity: person.identity,
        email: person.email,
        source: row.source.0,
        batch: row.batch.map(fit).transpose()?,
        year: row.year.map(fit).transpose()?,
        certificate_number: row.certificate_number,
        verification: row.verification.0,
        agency: row.agency.0,
        unit: row.unit,
        superior: row.superior.map(|s| s.0),
        tier: row.tier.map(|t| t.0),
        field: row.field.map(|f| f.0),
        regency: row.regency.0,
        regions_served: lists.regions_served.remove(&row.person).unwrap_or_default(),
        modes: Modes::from_bits(fit(row.modes)?),
        languages: Languages::from_bits(fit(row.languages)?),
        capacity: fit(row.capacity)?,
        load: fit(row.load)?,
        accepting: row.accepting,
        strengths: lists.strengths.remove(&row.person).unwrap_or_default(),
        conflicts: lists.conflicts.remove(&row.person).unwrap_or_default(),
        wishes: lists.wishes.remove(&row.person).unwrap_or_default(),
        completed_pairs: fit(row.completed_pairs)?,
        rating: row.rating.map(fit).transpose()?,
    })
}

fn lists(db: &mut Db, ids: &[PersonId]) -> StoreResult<Lists> {
    let mut strengths: HashMap<PersonId, Vec<(CompetencyCode, Level)>> = HashMap::new();
    let rows: Vec<(PersonId, Word<CompetencyCode>, LevelCell)> = coach_strengths::table
        .filter(coach_strengths::coach.eq_any(ids))
        .order((coach_strengths::coach, coach_strengths::competency))
        .load(db)?;
    for (coach, competency, level) in rows {
        strengths.entry(coach).or_default().push((competency.0, level.0));
    }
    Ok(Lists {
        strengths,
        regions_served: grouped(
            coach_regions_served::table
                .filter(coach_regions_served::coach.eq_any(ids))
                .order((coach_regions_served::coach, coach_regions_served::province))
                .load(db)?,
        ),
        conflicts: grouped(
            conflicts_of_interest::table
                .filter(conflicts_of_interest::coach.eq_any(ids))
                .order((conflicts_of_interest::coach, conflicts_of_interest::agency_code))
                .load(db)?,
        ),
        wishes: grouped(
            coach_wishes::table
                .filter(coach_wishes::coach.eq_any(ids))
                .order((coach_wishes::coach, coach_wishes::coachee_code))
                .load(db)?,
        ),
    })
}
