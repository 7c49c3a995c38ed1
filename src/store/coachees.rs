//! Coachees with their profile, their request in a cohort, and earlier pairs.

use std::collections::HashMap;

use diesel::prelude::*;

use super::persons::{self, Facts, Person};
use super::schema::{coachee_profiles, earlier_pairs, persons as people, request_choices, request_focus, requests};
use super::types::{Stamp, Word};
use super::{CHUNK, CohortId, Db, PersonId, RequestId, Saved, StoreError, StoreResult, grouped, offers, sorted};
use crate::domain::records::CoacheeRecord;
use crate::domain::{
    AccountStatus, AgencyCode, CompetencyCode, FieldCode, Languages, Modes, PersonCode, RegencyCode, RequestStatus,
    Role, Tier,
};

/// A coachee as stored: the record, and where it lies. Without a request in the cohort
/// asked about, that part of the record is empty.
struct Stored {
    record: CoacheeRecord,
    request: Option<(RequestId, RequestStatus)>,
    /// Whether somebody acted on the request here: then it is not an import's any more.
    acted_on: bool,
    /// Those of the earlier pairs that an import brought. The others happened here, and stay.
    imported: Vec<PersonCode>,
}

/// What a portion of records adds, to be written at once.
#[derive(Default)]
struct Additions<'a> {
    profiles: Vec<(PersonId, &'a CoacheeRecord)>,
    requests: Vec<(RequestId, PersonId, &'a CoacheeRecord)>,
    wishes: Vec<(RequestId, &'a CoacheeRecord)>,
    histories: Vec<(PersonId, PersonCode)>,
}

/// The columns of a profile.
macro_rules! profile {
    ($person:expr, $record:expr) => {
        row!(coachee_profiles {
            person: $person,
            agency: $record.agency.as_str(),
            unit: $record.unit.as_deref(),
            superior_code: $record.superior.as_ref().map(PersonCode::as_str),
            position: $record.position.as_str(),
            tier: $record.tier.as_str(),
            field: $record.field.as_ref().map(FieldCode::as_str),
            regency: $record.regency.as_str(),
        })
    };
}

/// Saves coachees as an import gives them, and puts them into a cohort. Who has asked in this
/// cohort before, and is matched, withdrawn or closed by now, does not ask again by being imported.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when a code occurs twice, or an agency, regency, field or
/// competency is not there.
pub fn save(db: &mut Db, cohort: CohortId, records: &[CoacheeRecord], now: Stamp) -> StoreResult<Saved> {
    db.expect_many_rows()?;
    let mut saved = Saved::default();
    for chunk in records.chunks(CHUNK) {
        let known = by_code(db, Some(cohort), &codes(chunk))?;
        let facts: Vec<Facts> = chunk.iter().map(facts).collect();
        let people = persons::save(db, &facts, Role::Coachee, now)?;
        let mut additions = Additions::default();
        for (record, (person, person_changed)) in chunk.iter().zip(people) {
            let old = known.get(&record.code);
            let profile_changed = save_profile(db, person, old, record, &mut additions)?;
            let request_changed = save_request(db, person, old, record, &mut additions, now)?;
            match old {
                None => saved.new += 1,
                Some(_) if person_changed || profile_changed || request_changed => saved.changed += 1,
                Some(_) => saved.unchanged += 1,
            }
        }
        additions.insert(db, cohort, now)?;
    }
    Ok(saved)
}

fn codes(records: &[CoacheeRecord]) -> Vec<&str> {
    records.iter().map(|record| record.code.as_str()).collect()
}

fn facts(record: &CoacheeRecord) -> Facts<'_> {
    let CoacheeRecord { code, name, identity, email, .. } = record;
    Facts { code, name, identity: identity.as_ref(), email: email.as_deref() }
}

fn save_profile<'a>(
    db: &mut Db,
    person: PersonId,
    old: Option<&Stored>,
    record: &'a CoacheeRecord,
    additions: &mut Additions<'a>,
) -> StoreResult<bool> {
    match old {
        Some(old) if same_profile(old, record) => return Ok(false),
        Some(_) => {
            diesel::update(coachee_profiles::table.find(person)).set(profile!(person, record)).execute(db)?;
            let imported = earlier_pairs::coachee.eq(person).and(earlier_pairs::imported.eq(true));
            diesel::delete(earlier_pairs::table.filter(imported)).execute(db)?;
        }
        None => additions.profiles.push((person, record)),
    }
    let happened_here =
        |coach: &PersonCode| old.is_some_and(|old| old.record.earlier.contains(coach) && !old.imported.contains(coach));
    let earlier = sorted(&record.earlier).into_iter().filter(|coach| !happened_here(coach));
    additions.histories.extend(earlier.map(|coach| (person, coach)));
    Ok(true)
}

fn save_request<'a>(
    db: &mut Db,
    person: PersonId,
    old: Option<&Stored>,
    record: &'a CoacheeRecord,
    additions: &mut Additions<'a>,
    now: Stamp,
) -> StoreResult<bool> {
    let Some((old, (request, status))) = old.and_then(|old| Some((old, old.request?))) else {
        let request = RequestId::new();
        additions.requests.push((request, person, record));
        additions.wishes.push((request, record));
        return Ok(true);
    };
    if status != RequestStatus::Open || old.acted_on || same_request(&old.record, record) {
        return Ok(false);
    }
    diesel::update(requests::table.find(request))
        .set(row!(requests {
            modes: i16::from(record.modes.bits()),
            languages: i16::from(record.languages.bits()),
            waiting_rounds: i16::from(record.waiting_rounds),
            changed_at: now,
        }))
        .execute(db)?;
    diesel::delete(request_focus::table.filter(request_focus::request.eq(request))).execute(db)?;
    diesel::delete(request_choices::table.filter(request_choices::request.eq(request))).execute(db)?;
    additions.wishes.push((request, record));
    Ok(true)
}

/// Whether a record says what is stored of that which outlasts a request. Of the earlier pairs it has
/// to name those that an import brought, and may name those that happened here.
fn same_profile(stored: &Stored, new: &CoacheeRecord) -> bool {
    let old = &stored.record;
    (&old.agency, &old.unit, &old.superior) == (&new.agency, &new.unit, &new.superior)
        && (&old.position, old.tier, &old.field, &old.regency) == (&new.position, new.tier, &new.field, &new.regency)
        && stored.imported.iter().all(|coach| new.earlier.contains(coach))
        && new.earlier.iter().all(|coach| old.earlier.contains(coach))
}

/// Whether two records agree in the request.
fn same_request(old: &CoacheeRecord, new: &CoacheeRecord) -> bool {
    (old.modes, old.languages, old.waiting_rounds) == (new.modes, new.languages, new.waiting_rounds)
        && (&old.focus, &old.choices) == (&new.focus, &new.choices)
}

impl Additions<'_> {
    fn insert(self, db: &mut Db, cohort: CohortId, now: Stamp) -> StoreResult<()> {
        let profiles = self.profiles.iter().map(|(person, record)| profile!(person, record));
        insert_all!(db, coachee_profiles::table, profiles.collect())?;
        let requests = self.requests.iter().map(|(request, person, record)| {
            row!(requests {
                id: request,
                cohort: cohort,
                coachee: person,
                status: RequestStatus::Open.as_str(),
                modes: i16::from(record.modes.bits()),
                languages: i16::from(record.languages.bits()),
                waiting_rounds: i16::from(record.waiting_rounds),
                created_at: now,
                changed_at: now,
            })
        });
        insert_all!(db, requests::table, requests.collect())?;
        let focus = self.wishes.iter().flat_map(|(request, record)| {
            (1_i16..).zip(&record.focus).map(move |(place, competency)| {
                row!(request_focus { request: request, place: place, competency: competency.as_str() })
            })
        });
        insert_all!(db, request_focus::table, focus.collect())?;
        let choices = self.wishes.iter().flat_map(|(request, record)| {
            (1_i16..).zip(&record.choices).map(move |(place, coach)| {
                row!(request_choices { request: request, place: place, coach_code: coach.as_str() })
            })
        });
        insert_all!(db, request_choices::table, choices.collect())?;
        let earlier = self
            .histories
            .iter()
            .map(|(person, coach)| row!(earlier_pairs { coachee: person, coach_code: coach.as_str(), imported: true }));
        insert_all!(db, earlier_pairs::table, earlier.collect())
    }
}

/// The coachees with an open request in a cohort for which no offer waits for an answer, by code.
pub(super) fn open_in(db: &mut Db, cohort: CohortId) -> StoreResult<Vec<CoacheeRecord>> {
    let codes: Vec<String> = requests::table
        .inner_join(people::table.on(people::id.eq(requests::coachee)))
        .filter(requests::cohort.eq(cohort).and(requests::status.eq(RequestStatus::Open.as_str())))
        .filter(requests::id.ne_all(offers::asking!()))
        .order(people::code)
        .select(people::code)
        .load(db)?;
    let mut records = Vec::with_capacity(codes.len());
    for chunk in codes.chunks(CHUNK) {
        let codes: Vec<&str> = chunk.iter().map(String::as_str).collect();
        let mut found: Vec<Stored> = by_code(db, Some(cohort), &codes)?.into_values().collect();
        found.sort_unstable_by(|a, b| a.record.code.cmp(&b.record.code));
        records.extend(found.into_iter().map(|stored| stored.record));
    }
    Ok(records)
}

/// The coachee with a code, whatever they ask for.
pub(super) fn profile(db: &mut Db, code: &str) -> StoreResult<Option<CoacheeRecord>> {
    Ok(by_code(db, None, &[code])?.into_values().next().map(|stored| stored.record))
}

/// The coachees among the persons with these codes, by code, whatever they ask for.
pub(super) fn profiles(db: &mut Db, codes: &[&str]) -> StoreResult<Vec<CoacheeRecord>> {
    let mut profiles: Vec<CoacheeRecord> =
        by_code(db, None, codes)?.into_values().map(|stored| stored.record).collect();
    profiles.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(profiles)
}

/// The coachees among the persons with these codes, with their latest request in a cohort.
pub(super) fn some(db: &mut Db, cohort: CohortId, codes: &[&str]) -> StoreResult<Vec<CoacheeRecord>> {
    Ok(by_code(db, Some(cohort), codes)?.into_values().map(|stored| stored.record).collect())
}

type ProfileRow = (
    PersonId,
    Word<AgencyCode>,
    Option<String>,
    Option<Word<PersonCode>>,
    String,
    Word<Tier>,
    Option<Word<FieldCode>>,
    Word<RegencyCode>,
);

/// The coachees with these codes, and their latest request in a cohort, if one is meant.
fn by_code(db: &mut Db, cohort: Option<CohortId>, codes: &[&str]) -> StoreResult<HashMap<PersonCode, Stored>> {
    let mut people: HashMap<PersonId, Person> =
        persons::by_code(db, codes)?.into_values().map(|person| (person.id, person)).collect();
    let ids: Vec<PersonId> = people.keys().copied().collect();
    let profiles: Vec<ProfileRow> = coachee_profiles::table.filter(coachee_profiles::person.eq_any(&ids)).load(db)?;
    let mut requests = cohort.map_or_else(|| Ok(HashMap::new()), |cohort| latest_requests(db, cohort, &ids))?;
    let mut earlier = earlier(db, &ids)?;
    profiles
        .into_iter()
        .map(|(id, agency, unit, superior, position, tier, field, regency)| {
            let person = people.remove(&id).ok_or_else(|| StoreError::damaged("coachee_profiles", id))?;
            let request = requests.remove(&id).unwrap_or_default();
            let earlier = earlier.remove(&id).unwrap_or_default();
            let record = CoacheeRecord {
                code: person.code.clone(),
                name: person.name,
                identity: person.identity,
                email: person.email,
                agency: agency.0,
                unit,
                superior: superior.map(|s| s.0),
                position,
                tier: tier.0,
                field: field.map(|f| f.0),
                regency: regency.0,
                modes: request.modes,
                languages: request.languages,
                focus: request.focus,
                choices: request.choices,
                earlier: earlier.iter().map(|(coach, _)| coach.clone()).collect(),
                waiting_rounds: request.waiting_rounds,
            };
            let imported = earlier.into_iter().filter_map(|(coach, imported)| imported.then_some(coach)).collect();
            let stored = Stored { record, request: request.id, acted_on: request.version > 0, imported };
            Ok((person.code, stored))
        })
        .collect()
}

/// What a request says.
#[derive(Default)]
struct Request {
    id: Option<(RequestId, RequestStatus)>,
    modes: Modes,
    languages: Languages,
    waiting_rounds: u8,
    focus: Vec<CompetencyCode>,
    choices: Vec<PersonCode>,
    version: i32,
}

type RequestRow = (CohortId, RequestId, PersonId, Word<RequestStatus>, i16, i16, i16, i32);

fn latest_requests(db: &mut Db, cohort: CohortId, people: &[PersonId]) -> StoreResult<HashMap<PersonId, Request>> {
    // The cohort is sorted out here: asked for it too, PostgreSQL may prefer the index
    // of cohorts, and read the whole cohort for every portion of people.
    let rows: Vec<RequestRow> = requests::table
        .filter(requests::coachee.eq_any(people))
        .order(requests::id)
        .select((
            requests::cohort,
            requests::id,
            requests::coachee,
            requests::status,
            requests::modes,
            requests::languages,
            requests::waiting_rounds,
            requests::version,
        ))
        .load(db)?;
    let rows: Vec<_> = rows.into_iter().filter(|row| row.0 == cohort).collect();
    let ids: Vec<RequestId> = rows.iter().map(|row| row.1).collect();
    let mut focus = focus(db, &ids)?;
    let mut choices = choices(db, &ids)?;
    let small = |number: i16| u8::try_from(number).map_err(|why| StoreError::damaged("requests", why));
    rows.into_iter()
        .map(|(_, id, person, status, modes, languages, waiting_rounds, version)| {
            let request = Request {
                id: Some((id, status.0)),
                modes: Modes::from_bits(small(modes)?),
                languages: Languages::from_bits(small(languages)?),
                waiting_rounds: small(waiting_rounds)?,
                focus: focus.remove(&id).unwrap_or_default(),
                choices: choices.remove(&id).unwrap_or_default(),
                version,
            };
            Ok((person, request))
        })
        .collect()
}

/// The focus of some requests, in order.
pub(super) fn focus(db: &mut Db, ids: &[RequestId]) -> StoreResult<HashMap<RequestId, Vec<CompetencyCode>>> {
    let rows: Vec<(RequestId, Word<CompetencyCode>)> = request_focus::table
        .filter(request_focus::request.eq_any(ids))
        .order((request_focus::request, request_focus::place))
        .select((request_focus::request, request_focus::competency))
        .load(db)?;
    Ok(grouped(rows))
}

/// The choices of some requests, the first choice first.
pub(super) fn choices(db: &mut Db, ids: &[RequestId]) -> StoreResult<HashMap<RequestId, Vec<PersonCode>>> {
    let rows: Vec<(RequestId, Word<PersonCode>)> = request_choices::table
        .filter(request_choices::request.eq_any(ids))
        .order((request_choices::request, request_choices::place))
        .select((request_choices::request, request_choices::coach_code))
        .load(db)?;
    Ok(grouped(rows))
}

/// The earlier pairs of some coachees, by the coach's code: each with whether an import brought it.
fn earlier(db: &mut Db, ids: &[PersonId]) -> StoreResult<HashMap<PersonId, Vec<(PersonCode, bool)>>> {
    let rows: Vec<(PersonId, Word<PersonCode>, bool)> = earlier_pairs::table
        .filter(earlier_pairs::coachee.eq_any(ids))
        .order((earlier_pairs::coachee, earlier_pairs::coach_code))
        .load(db)?;
    let mut earlier = HashMap::<_, Vec<_>>::new();
    for (coachee, coach, imported) in rows {
        earlier.entry(coachee).or_default().push((coach.0, imported));
    }
    Ok(earlier)
}

/// Those of some people who are coachees and can be written to: at an account that is open, or else at the address of the
/// records.
///
/// # Errors
/// When the database cannot be read.
pub fn reachable(db: &mut Db, people: &[PersonId]) -> StoreResult<Vec<PersonId>> {
    use super::schema::accounts;
    let mut reachable = Vec::new();
    for chunk in people.chunks(CHUNK) {
        let open = accounts::status.eq(AccountStatus::Active.as_str());
        let found: Vec<PersonId> = coachee_profiles::table
            .inner_join(people::table.on(people::id.eq(coachee_profiles::person)))
            .left_join(accounts::table.on(accounts::person.eq(people::id.nullable())))
            .filter(coachee_profiles::person.eq_any(chunk))
            .filter(open.or(accounts::id.is_null().and(people::email.is_not_null())))
            .order(coachee_profiles::person)
            .select(coachee_profiles::person)
            .load(db)?;
        reachable.extend(found);
    }
    Ok(reachable)
}
