//! One request with all that decides who suits, for shortlists: read at every look, so in few statements. None of
//! them has a list of keys or a shape of its own; each is prepared once for a connection.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::around::{self, Of};
use super::requests::Request;
use super::schema::{assessment_levels, assessments, coach_profiles, coachee_profiles, persons};
use super::types::{Day, LevelCell, Word};
use super::{AssessmentId, Db, PersonId, StoreError, StoreResult, levels, sorted, ties};
use crate::domain::records::{AskingRecord, AssessmentRecord, CoacheeRecord, RequirementRecord};
use crate::domain::{
    AgencyCode, AssessmentMethod, CompetencyCode, FieldCode, Languages, Modes, PersonCode, PersonName, RegencyCode,
    Tier,
};

#[derive(Queryable)]
struct Profile {
    code: Word<PersonCode>,
    agency: Word<AgencyCode>,
    unit: Option<String>,
    position: String,
    tier: Word<Tier>,
    field: Option<Word<FieldCode>>,
    regency: Word<RegencyCode>,
    superiors: ties::Superiors,
}

/// Loads what decides who suits a request. Of the coachee it has neither name nor number nor address.
///
/// # Errors
/// When the database cannot be read.
pub fn load(db: &mut Db, request: &Request) -> StoreResult<AskingRecord> {
    let profile = coachee_profiles::table
        .inner_join(persons::table.on(persons::id.eq(coachee_profiles::person)))
        .left_join(coach_profiles::table.on(coach_profiles::person.eq(coachee_profiles::person)))
        .filter(coachee_profiles::person.eq(request.coachee))
        .select((
            persons::code,
            coachee_profiles::agency,
            coachee_profiles::unit,
            coachee_profiles::position,
            coachee_profiles::tier,
            coachee_profiles::field,
            coachee_profiles::regency,
            (coachee_profiles::superior_code, coach_profiles::superior_code.nullable()),
        ));
    let profile: Profile = on_engine!(db, connection => profile.get_result(connection))?;
    let small = |number: i16| u8::try_from(number).map_err(|why| StoreError::damaged("requests", why));
    let code = profile.code.0;
    let of = Of { request: request.id, coachee: request.coachee, agency: &profile.agency.0, code: &code };
    let around = around::load(db, &of)?;
    let mut line_of_command = ties::below(db, &code, around.reporting)?;
    line_of_command.extend(ties::above(db, profile.superiors.clone())?);
    let coachee = CoacheeRecord {
        name: PersonName::default(),
        identity: None,
        email: None,
        agency: profile.agency.0,
        unit: profile.unit,
        superior: profile.superiors.0.map(|code| code.0),
        position: profile.position,
        tier: profile.tier.0,
        field: profile.field.map(|field| field.0),
        regency: profile.regency.0,
        modes: Modes::from_bits(small(request.modes)?),
        languages: Languages::from_bits(small(request.languages)?),
        focus: around.focus,
        choices: around.choices,
        earlier: around.earlier,
        waiting_rounds: small(request.waiting_rounds)?,
        code,
    };
    let requirements = levels::requirements_of(db, &coachee)?.into_iter();
    Ok(AskingRecord {
        assessments: assessed(db, request.coachee, &coachee.code)?,
        requirements: requirements.map(|(scope, levels)| RequirementRecord { scope, levels }).collect(),
        opt_outs: around.opt_outs,
        wishing: around.wishing,
        line_of_command,
        coachee,
    })
}

fn assessed(db: &mut Db, person: PersonId, code: &PersonCode) -> StoreResult<Vec<AssessmentRecord>> {
    type Row = (AssessmentId, Word<AssessmentMethod>, Day, Word<CompetencyCode>, LevelCell);
    let levels = assessments::table
        .inner_join(assessment_levels::table.on(assessment_levels::assessment.eq(assessments::id)))
        .filter(assessments::person.eq(person))
        .select((
            assessments::id,
            assessments::method,
            assessments::assessed_on,
            assessment_levels::competency,
            assessment_levels::level,
        ));
    let rows: Vec<Row> = on_engine!(db, connection => levels.load(connection))?;
    let mut found = BTreeMap::<AssessmentId, (AssessmentMethod, Day, Vec<_>)>::new();
    for (id, method, day, competency, level) in rows {
        found.entry(id).or_insert_with(|| (method.0, day, Vec::new())).2.push((competency.0, level.0));
    }
    let record = |(method, day, levels): (_, Day, Vec<_>)| AssessmentRecord {
        coachee: code.clone(),
        method,
        assessed_on: day.0,
        levels: sorted(&levels).into_iter().collect(),
    };
    Ok(found.into_values().map(record).collect())
}
