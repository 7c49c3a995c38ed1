//! What letters about the workflow have to say: read for many messages at a time, since they are
//! sent by the hundred.

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::certificates::Certificate;
use super::schema::{
    accounts, coachee_profiles, cohorts, competencies, completion_certificates, offers, pairings, persons, provinces,
    questions, regencies, request_choices, request_focus, requests, run_waiting, runs,
};
use super::types::{Doc, Stamp, Word};
use super::{AccountId, AnyId, CohortId, Db, PersonId, RequestId, RunId, StoreResult};
use crate::domain::{AccountStatus, OfferStatus, PairingStatus, PersonCode, PersonName, RunFailure, RunStatus};

/// How a person is written to.
#[derive(Debug, Clone)]
pub struct Addressee {
    /// The name with titles.
    pub name: PersonName,
    /// The address: that of the account, or else that of the records.
    pub address: Option<String>,
    /// The language.
    pub language: String,
    /// Whether there is an account.
    pub has_account: bool,
    /// Whether there is an account that an admin has closed.
    pub closed: bool,
}

/// Persons by id, and how they are written to.
///
/// # Errors
/// When the database cannot be read.
pub fn addressees(db: &mut Db, ids: &[PersonId]) -> StoreResult<HashMap<PersonId, Addressee>> {
    type Row =
        (PersonId, (String, String, String), Option<String>, String, Option<(String, String, Word<AccountStatus>)>);
    let rows: Vec<Row> = persons::table
        .left_join(accounts::table.on(accounts::person.eq(persons::id.nullable())))
        .filter(persons::id.eq_any(ids))
        .select((
            persons::id,
            (persons::full_name, persons::front_title, persons::back_title),
            persons::email,
            persons::language,
            (accounts::email, accounts::language, accounts::status).nullable(),
        ))
        .load(db)?;
    let addressee = |(id, name, recorded, language, account): Row| {
        let name = named(name);
        let addressee = match account {
            Some((address, language, status)) => Addressee {
                name,
                address: Some(address),
                language,
                has_account: true,
                closed: status.0 == AccountStatus::Disabled,
            },
            None => Addressee { name, address: recorded, language, has_account: false, closed: false },
        };
        (id, addressee)
    };
    Ok(rows.into_iter().map(addressee).collect())
}

/// The names of accounts.
///
/// # Errors
/// When the database cannot be read.
pub fn account_names(db: &mut Db, ids: &[AccountId]) -> StoreResult<HashMap<AccountId, String>> {
    let named = accounts::table.filter(accounts::id.eq_any(ids)).select((accounts::id, accounts::name));
    Ok(named.load::<(AccountId, String)>(db)?.into_iter().collect())
}

/// What a letter about an offer, a pairing or a question may tell: who the two are.
#[derive(Debug, Clone)]
pub struct Matter {
    /// The request it came of.
    pub request: RequestId,
    /// Who is coached, or asks to be.
    pub coachee: PersonId,
    /// Who coaches, or is asked to.
    pub coach: PersonId,
    /// Of an offer: its state, until when it waits, and its place among the choices.
    pub offer: Option<(OfferStatus, Stamp, Option<i16>)>,
    /// Of a pairing: its state.
    pub pairing: Option<PairingStatus>,
}

/// Offers by id.
///
/// # Errors
/// When the database cannot be read.
pub fn offers(db: &mut Db, ids: &[Uuid]) -> StoreResult<HashMap<Uuid, Matter>> {
    type Row = (AnyId, RequestId, PersonId, PersonId, Word<OfferStatus>, Stamp, Option<i16>);
    let rows: Vec<Row> = offers::table
        .inner_join(requests::table.on(requests::id.eq(offers::request)))
        .filter(offers::id.eq_any(any(ids)))
        .select((
            offers::id,
            offers::request,
            requests::coachee,
            offers::coach,
            offers::status,
            offers::deadline,
            offers::place,
        ))
        .load(db)?;
    let matter = |(id, request, coachee, coach, status, deadline, place): Row| {
        (id.uuid(), Matter { request, coachee, coach, offer: Some((status.0, deadline, place)), pairing: None })
    };
    Ok(rows.into_iter().map(matter).collect())
}

/// Pairings by id.
///
/// # Errors
/// When the database cannot be read.
pub fn pairings(db: &mut Db, ids: &[Uuid]) -> StoreResult<HashMap<Uuid, Matter>> {
    type Row = (AnyId, RequestId, PersonId, PersonId, Word<PairingStatus>);
    let rows: Vec<Row> = pairings::table
        .inner_join(offers::table.on(offers::id.eq(pairings::offer)))
        .filter(pairings::id.eq_any(any(ids)))
        .select((pairings::id, offers::request, pairings::coachee, pairings::coach, pairings::status))
        .load(db)?;
    let matter = |(id, request, coachee, coach, status): Row| {
        (id.uuid(), Matter { request, coachee, coach, offer: None, pairing: Some(status.0) })
    };
    Ok(rows.into_iter().map(matter).collect())
}

/// Questions by id.
///
/// # Errors
/// When the database cannot be read.
pub fn questions(db: &mut Db, ids: &[Uuid]) -> StoreResult<HashMap<Uuid, Matter>> {
    let rows: Vec<(AnyId, RequestId, PersonId, PersonId)> = questions::table
        .inner_join(requests::table.on(requests::id.eq(questions::request)))
        .filter(questions::id.eq_any(any(ids)))
        .select((questions::id, questions::request, requests::coachee, questions::coach))
        .load(db)?;
    Ok(rows.into_iter().map(plain).collect())
}

/// A name in Indonesian and in English.
pub type InBoth = (String, String);

/// What a coach is told about a coachee before deciding.
#[derive(Debug, Clone)]
pub struct Background {
    /// The position.
    pub position: String,
    /// The name of the province.
    pub province: InBoth,
}

/// Coachees by id.
///
/// # Errors
/// When the database cannot be read.
pub fn backgrounds(db: &mut Db, coachees: &[PersonId]) -> StoreResult<HashMap<PersonId, Background>> {
    let rows: Vec<(PersonId, String, InBoth)> = coachee_profiles::table
        .inner_join(regencies::table.on(regencies::code.eq(coachee_profiles::regency)))
        .inner_join(provinces::table.on(provinces::code.eq(regencies::province)))
        .filter(coachee_profiles::person.eq_any(coachees))
        .select((coachee_profiles::person, coachee_profiles::position, (provinces::name_id, provinces::name_en)))
        .load(db)?;
    Ok(rows.into_iter().map(|(person, position, province)| (person, Background { position, province })).collect())
}

/// The competencies that requests are about, in their order.
///
/// # Errors
/// When the database cannot be read.
pub fn focuses(db: &mut Db, requests: &[RequestId]) -> StoreResult<HashMap<RequestId, Vec<InBoth>>> {
    let rows: Vec<(RequestId, InBoth)> = request_focus::table
        .inner_join(competencies::table.on(competencies::code.eq(request_focus::competency)))
        .filter(request_focus::request.eq_any(requests))
        .order((request_focus::request, request_focus::place))
        .select((request_focus::request, (competencies::name_id, competencies::name_en)))
        .load(db)?;
    let mut focuses = HashMap::<RequestId, Vec<InBoth>>::new();
    for (request, name) in rows {
        focuses.entry(request).or_default().push(name);
    }
    Ok(focuses)
}

/// The names of the coaches that requests name, the first choice first.
///
/// # Errors
/// When the database cannot be read.
pub fn choices(db: &mut Db, requests: &[RequestId]) -> StoreResult<HashMap<RequestId, Vec<PersonName>>> {
    let rows: Vec<(RequestId, (String, String, String))> = request_choices::table
        .inner_join(persons::table.on(persons::code.eq(request_choices::coach_code)))
        .filter(request_choices::request.eq_any(requests))
        .order((request_choices::request, request_choices::place))
        .select((request_choices::request, (persons::full_name, persons::front_title, persons::back_title)))
        .load(db)?;
    let mut choices = HashMap::<RequestId, Vec<PersonName>>::new();
    for (request, name) in rows {
        choices.entry(request).or_default().push(named(name));
    }
    Ok(choices)
}

/// The certificates of pairings that stand.
///
/// # Errors
/// When the database cannot be read.
pub fn certificates(db: &mut Db, pairings: &[Uuid]) -> StoreResult<HashMap<Uuid, Certificate>> {
    let rows: Vec<Certificate> = completion_certificates::table
        .filter(completion_certificates::pairing.eq_any(any(pairings)))
        .filter(completion_certificates::withdrawn_at.is_null())
        .load(db)?;
    Ok(rows.into_iter().map(|certificate| (certificate.pairing.uuid(), certificate)).collect())
}

/// Who asks whom in which cohort, by offer: what decides why a coach suits.
///
/// # Errors
/// When the database cannot be read.
pub fn asked(db: &mut Db, ids: &[Uuid]) -> StoreResult<HashMap<Uuid, (CohortId, PersonCode, PersonCode)>> {
    type Row = (AnyId, CohortId, Word<PersonCode>, Word<PersonCode>);
    let (coachees, coaches) = diesel::alias!(persons as coachees, persons as coaches);
    let rows: Vec<Row> = offers::table
        .inner_join(requests::table.on(requests::id.eq(offers::request)))
        .inner_join(coachees.on(coachees.field(persons::id).eq(requests::coachee)))
        .inner_join(coaches.on(coaches.field(persons::id).eq(offers::coach)))
        .filter(offers::id.eq_any(any(ids)))
        .select((offers::id, requests::cohort, coachees.field(persons::code), coaches.field(persons::code)))
        .load(db)?;
    Ok(rows.into_iter().map(|(id, cohort, coachee, coach)| (id.uuid(), (cohort, coachee.0, coach.0))).collect())
}

/// Why runs found no coach for some people.
///
/// # Errors
/// When the database cannot be read.
pub fn reasons(db: &mut Db, runs: &[RunId], people: &[PersonId]) -> StoreResult<HashMap<(RunId, PersonId), Doc>> {
    let rows: Vec<(RunId, PersonId, Doc)> = run_waiting::table
        .filter(run_waiting::run.eq_any(runs).and(run_waiting::coachee.eq_any(people)))
        .select((run_waiting::run, run_waiting::coachee, run_waiting::reason))
        .load(db)?;
    Ok(rows.into_iter().map(|(run, person, reason)| ((run, person), reason)).collect())
}

/// A run, as far as letters tell of it.
#[derive(Debug, Clone)]
pub struct RunTold {
    /// The name of its cohort.
    pub cohort: String,
    /// Its state.
    pub status: RunStatus,
    /// Why it was given up, if it was.
    pub failure: Option<RunFailure>,
    /// How many coachees got a coach, once computed.
    pub matched: Option<i32>,
    /// Of how many.
    pub coachees: Option<i32>,
}

/// Runs by id.
///
/// # Errors
/// When the database cannot be read.
pub fn runs(db: &mut Db, ids: &[Uuid]) -> StoreResult<HashMap<Uuid, RunTold>> {
    type Row = (AnyId, String, Word<RunStatus>, Option<Word<RunFailure>>, Option<i32>, Option<i32>);
    let rows: Vec<Row> = runs::table
        .inner_join(cohorts::table.on(cohorts::id.eq(runs::cohort)))
        .filter(runs::id.eq_any(any(ids)))
        .select((runs::id, cohorts::name, runs::status, runs::failure, runs::matched, runs::coachees))
        .load(db)?;
    let told = |(id, cohort, status, failure, matched, coachees): Row| {
        let failure = failure.map(|failure| failure.0);
        (id.uuid(), RunTold { cohort, status: status.0, failure, matched, coachees })
    };
    Ok(rows.into_iter().map(told).collect())
}

fn plain((id, request, coachee, coach): (AnyId, RequestId, PersonId, PersonId)) -> (Uuid, Matter) {
    (id.uuid(), Matter { request, coachee, coach, offer: None, pairing: None })
}

fn named((full, front_title, back_title): (String, String, String)) -> PersonName {
    PersonName { full, front_title, back_title }
}

fn any(ids: &[Uuid]) -> impl Iterator<Item = AnyId> {
    ids.iter().copied().map(AnyId::from)
}
