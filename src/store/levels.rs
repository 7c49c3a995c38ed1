//! Assessed levels, and required levels that differ from the tier's default.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::fixed::fixed;
use super::persons;
use super::schema::{assessment_levels, assessments, persons as people, requirement_overrides};
use super::types::{Day, LevelCell, Word};
use super::{AssessmentId, CHUNK, Db, OverrideId, PersonId, Saved, StoreError, StoreResult, sorted};
use crate::domain::records::{AssessmentRecord, CoacheeRecord, RequirementRecord, RequirementScope};
use crate::domain::{AgencyCode, AssessmentMethod, CompetencyCode, Level, Levels, PersonCode, Tier};

/// Levels by competency, each once, in the order of the codes.
type Entries = Vec<(CompetencyCode, Level)>;
type AssessmentKey = (PersonCode, AssessmentMethod, NaiveDate);

/// Saves assessments as an import gives them: one person, method and day is one assessment. Says also of whom something
/// was new.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when a person or a competency is not there, or an assessment
/// occurs twice.
pub fn save_assessments(db: &mut Db, records: &[AssessmentRecord]) -> StoreResult<(Saved, BTreeSet<PersonId>)> {
    db.expect_many_rows()?;
    let (mut saved, mut touched) = (Saved::default(), BTreeSet::new());
    for chunk in records.chunks(CHUNK) {
        let codes: Vec<&str> = chunk.iter().map(|r| r.coachee.as_str()).collect();
        let people = persons::ids(db, &codes)?;
        let known = assessments_of(db, &codes)?;
        let mut new = Vec::new();
        let mut levels = Vec::new();
        for record in chunk {
            let person = *people.get(&record.coachee).ok_or_else(|| unknown(&record.coachee))?;
            let id = match known.get(&(record.coachee.clone(), record.method, record.assessed_on)) {
                Some((_, old)) if *old == entries(&record.levels) => {
                    saved.unchanged += 1;
                    continue;
                }
                Some((id, _)) => {
                    let old = assessment_levels::table.filter(assessment_levels::assessment.eq(*id));
                    diesel::delete(old).execute(db)?;
                    saved.changed += 1;
                    *id
                }
                None => {
                    let id = AssessmentId::new();
                    new.push(row!(assessments {
                        id: id,
                        person: person,
                        method: record.method.as_str(),
                        assessed_on: Day(record.assessed_on),
                    }));
                    saved.new += 1;
                    id
                }
            };
            touched.insert(person);
            levels.extend(record.levels.iter().map(|(competency, level)| {
                row!(assessment_levels {
                    assessment: id,
                    competency: competency.as_str(),
                    level: i16::from(level.get()),
                })
            }));
        }
        insert_all!(db, assessments::table, new)?;
        insert_all!(db, assessment_levels::table, levels)?;
    }
    Ok((saved, touched))
}

/// The levels of an assessment as the database gives them back.
pub(super) fn entries(levels: &Levels) -> Entries {
    sorted(&levels.iter().map(|(competency, level)| (competency.clone(), level)).collect::<Entries>())
}

fn unknown(code: &PersonCode) -> StoreError {
    StoreError::Conflict(format!("there is no person {code}"))
}

/// The assessments of the persons with these codes, in order of code, method and day.
pub(super) fn assessments_by_code(db: &mut Db, codes: &[&str]) -> StoreResult<Vec<AssessmentRecord>> {
    let mut records = Vec::new();
    for chunk in codes.chunks(CHUNK) {
        records.extend(assessments_of(db, chunk)?.into_iter().map(|((coachee, method, assessed_on), (_, levels))| {
            AssessmentRecord { coachee, method, assessed_on, levels: levels.into_iter().collect() }
        }));
    }
    Ok(records)
}

fn assessments_of(db: &mut Db, codes: &[&str]) -> StoreResult<BTreeMap<AssessmentKey, (AssessmentId, Entries)>> {
    let mut levels: HashMap<AssessmentId, Entries> = HashMap::new();
    let rows: Vec<(AssessmentId, Word<CompetencyCode>, LevelCell)> = assessment_levels::table
        .inner_join(assessments::table.on(assessments::id.eq(assessment_levels::assessment)))
        .inner_join(people::table.on(people::id.eq(assessments::person)))
        .filter(people::code.eq_any(codes))
        .order((assessment_levels::assessment, assessment_levels::competency))
        .select(assessment_levels::all_columns)
        .load(db)?;
    for (assessment, competency, level) in rows {
        levels.entry(assessment).or_default().push((competency.0, level.0));
    }
    let rows: Vec<(AssessmentId, Word<PersonCode>, Word<AssessmentMethod>, Day)> = assessments::table
        .inner_join(people::table.on(people::id.eq(assessments::person)))
        .filter(people::code.eq_any(codes))
        .select((assessments::id, people::code, assessments::method, assessments::assessed_on))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(id, code, method, day)| ((code.0, method.0, day.0), (id, levels.remove(&id).unwrap_or_default())))
        .collect())
}

/// Saves overrides of required levels as an import gives them. A record says all overrides of its scope.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when an agency or a competency is not there, or a scope
/// names a competency twice.
pub fn save_requirements(db: &mut Db, records: &[RequirementRecord]) -> StoreResult<Saved> {
    db.expect_many_rows()?;
    let mut saved = Saved::default();
    let known = requirements(db)?;
    let mut rows = Vec::new();
    for record in records {
        match known.get(&record.scope) {
            Some(old) if *old == sorted(&record.levels) => {
                saved.unchanged += 1;
                continue;
            }
            Some(_) => {
                forget(db, &record.scope)?;
                saved.changed += 1;
            }
            None => saved.new += 1,
        }
        let (scope, tier, agency, position, person) = match &record.scope {
            RequirementScope::Tier(tier) => ("tier", Some(tier.as_str()), None, None, None),
            RequirementScope::Position(agency, position) => {
                ("position", None, Some(agency.as_str()), Some(position.as_str()), None)
            }
            RequirementScope::Person(person) => ("person", None, None, None, Some(person.as_str())),
        };
        rows.extend(record.levels.iter().map(|(competency, level)| {
            row!(requirement_overrides {
                id: OverrideId::new(),
                scope: scope,
                tier: tier,
                agency: agency,
                position: position,
                person_code: person,
                competency: competency.as_str(),
                level: i16::from(level.get()),
            })
        }));
    }
    insert_all!(db, requirement_overrides::table, rows)?;
    Ok(saved)
}

fn forget(db: &mut Db, scope: &RequirementScope) -> StoreResult<()> {
    use requirement_overrides::{agency, person_code, position, table, tier};
    match scope {
        RequirementScope::Tier(of) => diesel::delete(table.filter(tier.eq(of.as_str()))).execute(db)?,
        RequirementScope::Position(of, named) => {
            diesel::delete(table.filter(agency.eq(of.as_str()).and(position.eq(named)))).execute(db)?
        }
        RequirementScope::Person(of) => diesel::delete(table.filter(person_code.eq(of.as_str()))).execute(db)?,
    };
    Ok(())
}

/// What an override says, and the columns that say it.
type Override = (
    Option<Word<Tier>>,
    Option<Word<AgencyCode>>,
    Option<String>,
    Option<Word<PersonCode>>,
    Word<CompetencyCode>,
    LevelCell,
);

macro_rules! overrides {
    ($db:expr, $query:expr) => {
        {
            let overrides = $query
                .order(requirement_overrides::competency)
                .select((
                    requirement_overrides::tier,
                    requirement_overrides::agency,
                    requirement_overrides::position,
                    requirement_overrides::person_code,
                    requirement_overrides::competency,
                    requirement_overrides::level,
                ));
            by_scope(on_engine!($db, connection => overrides.load(connection))?)
        }
    };
}

/// All overrides of required levels, by scope.
pub(super) fn requirements(db: &mut Db) -> StoreResult<BTreeMap<RequirementScope, Entries>> {
    overrides!(db, requirement_overrides::table)
}

/// The overrides of required levels that concern one coachee, by scope.
pub(super) fn requirements_of(
    db: &mut Db,
    coachee: &CoacheeRecord,
) -> StoreResult<BTreeMap<RequirementScope, Entries>> {
    use diesel::sql_types::Bool;
    use requirement_overrides::{agency, person_code, position, table, tier};
    // Scopes are written out, since the indexes are of one scope each.
    let of_tier = fixed::<Bool>("scope = 'tier'").and(tier.eq(coachee.tier.as_str()));
    let of_position = fixed::<Bool>("scope = 'position'").and(agency.eq(coachee.agency.as_str()));
    let of_position = of_position.and(position.eq(coachee.position.as_str()));
    let of_person = fixed::<Bool>("scope = 'person'").and(person_code.eq(coachee.code.as_str()));
    overrides!(db, table.filter(of_tier.or(of_position).or(of_person)))
}

fn by_scope(rows: Vec<Override>) -> StoreResult<BTreeMap<RequirementScope, Entries>> {
    let mut found: BTreeMap<RequirementScope, Entries> = BTreeMap::new();
    for (tier, agency, position, person, competency, level) in rows {
        let scope = match (tier, agency.zip(position), person) {
            (Some(tier), None, None) => RequirementScope::Tier(tier.0),
            (None, Some((agency, position)), None) => RequirementScope::Position(agency.0, position),
            (None, None, Some(person)) => RequirementScope::Person(person.0),
            _ => return Err(StoreError::damaged("requirement_overrides", "no clear scope")),
        };
        found.entry(scope).or_default().push((competency.0, level.0));
    }
    Ok(found)
}
