//! People of the imported records open their own account: coachees who ask for it, coaches who are asked to coach.

use std::net::IpAddr;

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::context::{doc, read};
use super::link::About;
use super::passwords::{hashed, issue, limit_links, limit_mails};
use super::{Context, Denial, ServiceError, ServiceResult, accounts as opening, mails, sign_up_claims};
use crate::auth::{digest, random_token};
use crate::domain::{AccountName, Email, Identity, MailKind, MailStatus, Role, TicketPurpose};
use crate::store::accounts::{self, Grant, NewAccount};
use crate::store::applications::{self as records, Recorded};
use crate::store::types::Stamp;
use crate::store::{AccountId, Db, PersonId, TicketId, letters, tickets};

/// How long the link to an address of the records can be used, in hours.
const HOURS: i64 = 24;

/// Somebody says who they are.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// The identity number.
    pub identity: Identity,
    /// The birth date.
    pub birth_date: NaiveDate,
    /// Where to write to once an admin has confirmed it, if the records do not say.
    pub email: Email,
    /// In which language.
    pub language: String,
}

/// What a ticket to open an account says.
#[derive(Serialize, Deserialize)]
struct Opening {
    person: Option<PersonId>,
    email: String,
    name: String,
    language: String,
    /// The role that the account gets; none: a coachee's.
    #[serde(default)]
    role: Option<Role>,
}

/// How long a coach can open an account with the link in a request to coach, in days.
const COACH_DAYS: i64 = 14;

/// The secret of a link by which a coach of the records opens an account; none for one who has an account, or whom the
/// records have no address of. It is for the letter that asks the coach, and goes to that address alone.
pub(super) fn for_coach(db: &mut Db, coach: PersonId, now: Stamp) -> ServiceResult<Option<String>> {
    let Some(known) = letters::addressees(db, &[coach])?.remove(&coach).filter(|known| !known.has_account) else {
        return Ok(None);
    };
    let Some(email) = known.address.as_deref().and_then(|address| address.parse::<Email>().ok()) else {
        return Ok(None);
    };
    let name = known.name.to_string().parse::<AccountName>().or_else(|_| known.name.full.parse());
    let Ok(name) = name else { return Ok(None) };
    if accounts::by_email(db, email.as_str())?.is_some() {
        return Ok(None);
    }
    let (secret, expires_at) = (random_token(), Stamp::new(now.time() + TimeDelta::days(COACH_DAYS)));
    let (person, email, name) = (Some(coach), email.to_string(), name.to_string());
    let opening = Opening { person, email, name, language: known.language, role: Some(Role::Coach) };
    issue(db, TicketPurpose::SignUp, None, &secret, doc(&opening)?, now, expires_at)?;
    Ok(Some(secret))
}

/// Sends a link to open an account, if the records know such a coachee without one. Numbers of civil
/// servants are no secret and tell the birth date, so the link goes to the address of the records alone; where they
/// have none, an admin who knows the coachee [decides](sign_up_claims::confirm) whether it goes to the address given.
/// If there is no such coachee the same work is done, and the same answered.
///
/// # Errors
/// [`Denial::TooMany`].
pub fn ask(db: &mut Db, cx: &Context, sign_up: &SignUp, from: IpAddr) -> ServiceResult<()> {
    limit_mails(db, cx, &sign_up.email, from)?;
    let found = recorded(db, sign_up)?;
    let address = found.as_ref().and_then(address);
    if let (Some(found), None) = (&found, &address) {
        sign_up_claims::keep(db, found.person, sign_up, cx.now)?;
    }
    let known = found.as_ref().filter(|_| address.is_some());
    let person = known.map(|known| (known.person, known.full_name.as_str()));
    send_link(db, cx, person, address.as_ref().unwrap_or(&sign_up.email), &sign_up.language, HOURS)
}

/// Sends a link to open the account of somebody; without, does the same work, and nothing comes of it.
pub(super) fn send_link(
    db: &mut Db,
    cx: &Context,
    person: Option<(PersonId, &str)>,
    to: &Email,
    language: &str,
    hours: i64,
) -> ServiceResult<()> {
    let (secret, expires_at) = (random_token(), Stamp::new(cx.now.time() + TimeDelta::hours(hours)));
    let status = if person.is_some() { MailStatus::Queued } else { MailStatus::Void };
    let (person, name) = person.unzip();
    let (name, email) = (name.unwrap_or_default().to_owned(), to.to_string());
    let data = json!({ "token": secret, "name": name, "expires_at": expires_at });
    let opening = Opening { person, email, name, language: language.to_owned(), role: None };
    issue(db, TicketPurpose::SignUp, None, &secret, doc(&opening)?, cx.now, expires_at)?;
    mails::post(db, MailKind::SignUp, to, language, &data, status, cx.now)
}

fn address(person: &Recorded) -> Option<Email> {
    person.email.as_deref().and_then(|email| email.parse().ok())
}

/// The coachee of the records who is meant, if there is one without an account.
fn recorded(db: &mut Db, sign_up: &SignUp) -> ServiceResult<Option<Recorded>> {
    let mut found = None;
    for person in records::coachees_with_number(db, sign_up.identity.number())? {
        if person.birth_date() == Some(sign_up.birth_date) {
            found = Some(person);
        }
    }
    let id = found.as_ref().map_or(uuid::Uuid::nil().into(), |person| person.person);
    let has_account = accounts::of_person(db, id)?.is_some();
    Ok(found.filter(|_| !has_account))
}

/// What a link is about, as long as it is good.
///
/// # Errors
/// [`Denial::LinkOver`] when it is not.
pub fn look(db: &mut Db, secret: &str, now: Stamp) -> ServiceResult<About> {
    let ticket = tickets::good(db, TicketPurpose::SignUp, &digest(secret), now)?.ok_or(Denial::LinkOver)?;
    let Opening { person, email, name, role, .. } = read(&ticket.data)?;
    // One that was made for nobody opens nothing.
    person.ok_or(Denial::LinkOver)?;
    Ok(About { name: Some(name), email, role, has_account: false, until: ticket.expires_at })
}

/// An account that is to be, with the password that was chosen for it.
pub struct Confirmation {
    ticket: TicketId,
    person: PersonId,
    email: Email,
    name: AccountName,
    language: String,
    role: Role,
    hash: String,
}

/// Looks the secret of a link up, and hashes the password chosen with it.
///
/// # Errors
/// [`Denial::LinkOver`], or [`Denial::Invalid`] for a password that is not taken.
pub fn answer(cx: &Context, secret: &str, password: &str, from: IpAddr) -> ServiceResult<Confirmation> {
    cx.store.write(|db| limit_links(db, cx, from))?;
    let found = cx.store.read(|db| tickets::good(db, TicketPurpose::SignUp, &digest(secret), cx.now))?;
    let ticket = found.ok_or(Denial::LinkOver)?;
    let opening: Opening = read(&ticket.data)?;
    let person = opening.person.ok_or(Denial::LinkOver)?;
    let damaged = |why: &dyn std::fmt::Display| ServiceError::Internal(format!("ticket {}: {why}", ticket.id));
    let email: Email = opening.email.parse().map_err(|why| damaged(&why))?;
    let name: AccountName = opening.name.parse().map_err(|why| damaged(&why))?;
    let hash = hashed(cx, "/password", password, &email, &name)?;
    let role = opening.role.unwrap_or(Role::Coachee);
    Ok(Confirmation { ticket: ticket.id, person, email, name, language: opening.language, role, hash })
}

/// Opens the account.
///
/// # Errors
/// [`Denial::LinkOver`] when somebody was first, or [`Denial::AccountExists`].
pub fn confirm(db: &mut Db, cx: &Context, confirmation: &Confirmation) -> ServiceResult<AccountId> {
    if !tickets::take(db, confirmation.ticket, cx.now)? {
        return Err(Denial::LinkOver.into());
    }
    let new = NewAccount {
        person: Some(confirmation.person),
        email: &confirmation.email,
        name: &confirmation.name,
        language: &confirmation.language,
        password_hash: &confirmation.hash,
    };
    opening::open(db, &new, &[Grant { role: confirmation.role, agency: None }], cx.now)
}
