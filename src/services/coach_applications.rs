//! People who want to coach apply; an admin holds what they say against the records of alumni.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::context::{doc, note, read};
use super::link::About;
use super::passwords::{hashed, issue, limit_links, limit_mails};
use super::{Caller, Context, Denial, Fault, Refusal, ServiceError, ServiceResult, accounts as opening, mails};
use crate::auth::{digest, random_token};
use crate::domain::{
    AccountName, AgencyCode, CoachSource, Email, MailKind, PersonCode, RegencyCode, Role, TicketPurpose, Verification,
};
use crate::store::accounts::{self, Account, Grant, NewAccount};
use crate::store::applications::{self, Application, Filter};
use crate::store::types::{Stamp, Word};
use crate::store::{AccountId, ApplicationId, Db, PersonId, StoreError, TicketId, tickets};

/// How long the link can be used, in hours.
const HOURS: i64 = 24;

/// What an applicant says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claim {
    /// Where the coach comes from.
    pub source: CoachSource,
    /// Batch of the leadership programme.
    pub batch: Option<u16>,
    /// Year of graduation.
    pub year: Option<u16>,
    /// Number of the certificate.
    pub certificate_number: Option<String>,
    /// The employer.
    pub agency: AgencyCode,
    /// Where the coach works.
    pub regency: RegencyCode,
    /// Why.
    pub motivation: String,
}

/// Somebody who applies.
#[derive(Debug, Clone)]
pub struct Applicant {
    /// The name.
    pub name: AccountName,
    /// The address.
    pub email: Email,
    /// The language of mails.
    pub language: String,
    /// What they say about themselves.
    pub claim: Claim,
}

#[derive(Serialize, Deserialize)]
struct Applying {
    name: String,
    email: String,
    language: String,
    claim: Claim,
}

/// Sends a link to confirm the address. Who has an account already is told so, by mail alone.
///
/// # Errors
/// [`Denial::Invalid`] when agency or regency are not there, or [`Denial::TooMany`].
pub fn ask(db: &mut Db, cx: &Context, applicant: &Applicant, from: IpAddr) -> ServiceResult<()> {
    let Applicant { name, email, language, claim } = applicant;
    limit_mails(db, cx, email, from)?;
    check_places(db, claim)?;
    let (secret, expires_at) = (random_token(), Stamp::new(cx.now.time() + TimeDelta::hours(HOURS)));
    let applying =
        Applying { name: name.to_string(), email: email.to_string(), language: language.clone(), claim: claim.clone() };
    let exists = accounts::by_email(db, email.as_str())?.is_some();
    let kind = if exists { MailKind::AccountExists } else { MailKind::CoachApplication };
    issue(db, TicketPurpose::CoachApplication, None, &secret, doc(&applying)?, cx.now, expires_at)?;
    let data = json!({ "token": secret, "name": name.as_str(), "expires_at": expires_at });
    mails::send(db, kind, email, language, &data, cx.now)
}

fn check_places(db: &mut Db, claim: &Claim) -> ServiceResult<()> {
    let (agency, regency) = applications::places_exist(db, &claim.agency, &claim.regency)?;
    let faults = [
        (agency, Fault { pointer: "/agency", expected: "error.field.agency" }),
        (regency, Fault { pointer: "/regency", expected: "error.field.regency" }),
    ];
    let faults: Vec<Fault> = faults.into_iter().filter(|(exists, _)| !exists).map(|(_, fault)| fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Denial::Invalid(faults).into()) }
}

/// What a link is about, as long as it is good.
///
/// # Errors
/// [`Denial::LinkOver`] when it is not.
pub fn look(db: &mut Db, secret: &str, now: Stamp) -> ServiceResult<About> {
    let ticket = tickets::good(db, TicketPurpose::CoachApplication, &digest(secret), now)?.ok_or(Denial::LinkOver)?;
    let Applying { name, email, .. } = read(&ticket.data)?;
    Ok(About { name: Some(name), email, role: None, has_account: false, until: ticket.expires_at })
}

/// An application whose address is confirmed, with the password that was chosen for it.
pub struct Confirmation {
    ticket: TicketId,
    email: Email,
    name: AccountName,
    language: String,
    claim: Claim,
    hash: String,
}

/// Looks the secret of a link up, and hashes the password chosen with it.
///
/// # Errors
/// [`Denial::LinkOver`], or [`Denial::Invalid`] for a password that is not taken.
pub fn answer(cx: &Context, secret: &str, password: &str, from: IpAddr) -> ServiceResult<Confirmation> {
    cx.store.write(|db| limit_links(db, cx, from))?;
    let found = cx.store.read(|db| tickets::good(db, TicketPurpose::CoachApplication, &digest(secret), cx.now))?;
    let ticket = found.ok_or(Denial::LinkOver)?;
    let Applying { name, email, language, claim } = read(&ticket.data)?;
    let damaged = |why: &dyn std::fmt::Display| ServiceError::Internal(format!("ticket {}: {why}", ticket.id));
    let email: Email = email.parse().map_err(|why| damaged(&why))?;
    let name: AccountName = name.parse().map_err(|why| damaged(&why))?;
    let hash = hashed(cx, "/password", password, &email, &name)?;
    Ok(Confirmation { ticket: ticket.id, email, name, language, claim, hash })
}

/// Opens an account for an applicant; the application stands in the queue from now on.
///
/// # Errors
/// [`Denial::LinkOver`] when somebody was first, or [`Denial::AccountExists`].
pub fn confirm(db: &mut Db, cx: &Context, confirmation: &Confirmation) -> ServiceResult<ApplicationId> {
    let Confirmation { ticket, email, name, language, claim, hash } = confirmation;
    if !tickets::take(db, *ticket, cx.now)? {
        return Err(Denial::LinkOver.into());
    }
    let new = NewAccount { person: None, email, name, language, password_hash: hash };
    let account = opening::open(db, &new, &[], cx.now)?;
    create(db, account, claim, cx.now)
}

/// Applies as who is signed in: a coachee who wants to coach as well, or somebody who was refused before. The address
/// is known already.
///
/// # Errors
/// [`Denial::Invalid`] when agency or regency are not there, [`Refusal::RoleHeld`] for who is a coach, or
/// [`Refusal::ApplicationPending`].
pub fn apply(db: &mut Db, caller: &Caller, claim: &Claim, now: Stamp) -> ServiceResult<ApplicationId> {
    check_places(db, claim)?;
    if accounts::roles(db, caller.account)?.iter().any(|grant| grant.role == Role::Coach) {
        return Err(Refusal::RoleHeld.into());
    }
    if applications::is_pending(db, caller.account)? {
        return Err(Refusal::ApplicationPending.into());
    }
    create(db, caller.account, claim, now)
}

fn create(db: &mut Db, account: AccountId, claim: &Claim, now: Stamp) -> ServiceResult<ApplicationId> {
    let application = Application {
        id: ApplicationId::new(),
        account,
        source: Word(claim.source),
        batch: claim.batch.map(i32::from),
        year: claim.year.map(i32::from),
        certificate_number: claim.certificate_number.clone(),
        agency: Word(claim.agency.clone()),
        regency: Word(claim.regency.clone()),
        motivation: claim.motivation.clone(),
        status: Word(Verification::Pending),
        reason: None,
        coach: None,
        decided_by: None,
        decided_at: None,
        created_at: now,
    };
    applications::create(db, &application)?;
    note(db, account, "coach_application.made", ("coach_application", application.id.uuid()), &json!({}), now)?;
    Ok(application.id)
}

/// An application as an admin sees it.
#[derive(Debug, Clone)]
pub struct Queued {
    /// What was said.
    pub application: Application,
    /// The name of the applicant.
    pub name: String,
    /// The address of the applicant.
    pub email: String,
    /// Codes of imported coaches with the same number of the certificate, who have no account yet.
    pub candidates: Vec<String>,
}

/// Applications that are the caller's affair, the oldest first.
///
/// # Errors
/// Those of the store.
pub fn list(
    db: &mut Db,
    caller: &Caller,
    status: Option<Verification>,
    after: Option<ApplicationId>,
    limit: i64,
) -> ServiceResult<Vec<Queued>> {
    let filter = Filter { agency: caller.agency().cloned(), status };
    let rows = applications::list(db, &filter, after, limit)?;
    queued(db, caller, rows)
}

/// Applications, with those whom the applicants may be as far as the caller may say so.
fn queued(db: &mut Db, caller: &Caller, rows: Vec<(Application, String, String)>) -> ServiceResult<Vec<Queued>> {
    let number = |one: &Application| one.certificate_number.clone().filter(|_| one.status.0 == Verification::Pending);
    let numbers: Vec<String> = rows.iter().filter_map(|(application, ..)| number(application)).collect();
    let known = applications::candidates(db, &numbers, caller.agency())?;
    let with_candidates = |(application, name, email): (Application, String, String)| {
        let candidates = number(&application).and_then(|number| known.get(&number).cloned()).unwrap_or_default();
        Queued { application, name, email, candidates }
    };
    Ok(rows.into_iter().map(with_candidates).collect())
}

/// The same of one application.
fn queued_one(db: &mut Db, caller: &Caller, application: Application) -> ServiceResult<Queued> {
    let account = accounts::get(db, application.account)?;
    let row = (application, account.name.0.to_string(), account.email.0.to_string());
    let found = queued(db, caller, vec![row])?.pop();
    found.ok_or_else(|| ServiceError::Internal("an application that is not shown".into()))
}

/// An application that is the caller's affair.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub fn get(db: &mut Db, caller: &Caller, id: ApplicationId) -> ServiceResult<Queued> {
    let application = applications::get(db, id)?;
    caller.check_admin_of(Some(&application.agency.0)).map_err(|_| StoreError::NotFound)?;
    queued_one(db, caller, application)
}

/// Verifies an application: the applicant is a coach, the imported one of this code or a new one. An agency's admin
/// knows the coaches of the own agency alone; that an applicant is one of another, the admin of all says.
///
/// # Errors
/// [`Denial::Decided`], [`Denial::Invalid`] when there is no such coach, or [`Denial::AccountExists`]
/// when that coach has another account, or the account is somebody else's.
pub fn verify(
    db: &mut Db,
    caller: &Caller,
    id: ApplicationId,
    coach: Option<&PersonCode>,
    now: Stamp,
) -> ServiceResult<Queued> {
    let mut application = pending(db, caller, id)?;
    let account = accounts::get(db, application.account)?;
    let known = match account.person {
        Some(person) if coach.is_none() => known_coach(db, person)?,
        _ => coach.cloned(),
    };
    let person = match &known {
        Some(code) => imported(db, caller, code, &account)?,
        None => {
            let code = new_code(id)?;
            let name = account.name.0.as_str();
            applications::make_coach(db, &code, name, &application, account.person, now)?
        }
    };
    if account.person.is_none() {
        accounts::set_person(db, account.id, person, now)?;
    }
    if !accounts::roles(db, account.id)?.iter().any(|grant| grant.role == Role::Coach) {
        accounts::grant(db, account.id, &Grant { role: Role::Coach, agency: None })?;
    }
    application.status = Word(Verification::Verified);
    application.coach = Some(person);
    decide(db, caller, application, MailKind::ApplicationVerified, now)
}

/// The code of the person that an account belongs to, if the records know a coach in it.
fn known_coach(db: &mut Db, person: PersonId) -> ServiceResult<Option<PersonCode>> {
    let code = accounts::person_code(db, person)?;
    Ok(accounts::person_as(db, &code, Role::Coach)?.map(|_| code))
}

/// The imported coach whom an applicant is.
fn imported(db: &mut Db, caller: &Caller, code: &PersonCode, account: &Account) -> ServiceResult<PersonId> {
    // Who may not know a coach is told the same as if there were none.
    let unknown = || ServiceError::from(Denial::fault("/coach", "error.field.coach"));
    let (person, agency) = accounts::person_as(db, code, Role::Coach)?.ok_or_else(unknown)?;
    caller.check_admin_of(Some(&agency)).map_err(|_| unknown())?;
    let others = accounts::of_person(db, person)?.is_some_and(|owner| owner != account.id);
    if others || account.person.is_some_and(|own| own != person) {
        return Err(Denial::AccountExists.into());
    }
    applications::verify_coach(db, person)?;
    Ok(person)
}

/// The code of a coach who came by an application.
fn new_code(id: ApplicationId) -> ServiceResult<PersonCode> {
    let code = format!("A-{}", id.uuid().simple());
    code.parse().map_err(|_| ServiceError::Internal("a code of an application".into()))
}

/// Refuses an application, and says why.
///
/// # Errors
/// [`Denial::Decided`].
pub fn reject(db: &mut Db, caller: &Caller, id: ApplicationId, reason: &str, now: Stamp) -> ServiceResult<Queued> {
    let mut application = pending(db, caller, id)?;
    application.status = Word(Verification::Rejected);
    application.reason = Some(reason.to_owned());
    decide(db, caller, application, MailKind::ApplicationRejected, now)
}

fn pending(db: &mut Db, caller: &Caller, id: ApplicationId) -> ServiceResult<Application> {
    let application = get(db, caller, id)?.application;
    if application.status.0 == Verification::Pending { Ok(application) } else { Err(Denial::Decided.into()) }
}

fn decide(
    db: &mut Db,
    caller: &Caller,
    mut application: Application,
    mail: MailKind,
    now: Stamp,
) -> ServiceResult<Queued> {
    application.decided_by = Some(caller.account);
    application.decided_at = Some(now);
    if !applications::decide(db, &application)? {
        return Err(Denial::Decided.into());
    }
    let action = format!("coach_application.{}", application.status);
    let facts = json!({ "account": application.account, "coach": application.coach });
    note(db, caller.account, &action, ("coach_application", application.id.uuid()), &facts, now)?;
    let account = accounts::get(db, application.account)?;
    let data = json!({ "name": account.name.0.as_str(), "reason": application.reason });
    mails::send(db, mail, &account.email.0, &account.language, &data, now)?;
    queued_one(db, caller, application)
}
