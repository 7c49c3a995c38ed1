//! Completion certificates: issued with the completion of a pairing, printed, checked by anybody, withdrawn.

use std::net::IpAddr;

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::act::{Journal, Text, text};
use super::credit::{self, Judged};
use super::limits::{self, Bucket, CERTIFICATES};
use super::{Act, Context, Refusal, ServiceError, ServiceResult, eligible};
use crate::auth::random;
use crate::domain::{CertificateCode, Notice, certificate_number, one_line};
use crate::paper;
use crate::store::certificates::{self as stored, Certificate, Credited, StoredCode};
use crate::store::pairings::{self, Pairing};
use crate::store::types::{Day, Word};
use crate::store::{CertificateId, Db, StoreError, calendars, people};

const REASON: Text = Text { pointer: "/reason", most: 500, expected: "credit.field.withdrawn_reason" };
/// Longest name on a certificate, in characters.
const LONGEST_NAME: usize = 250;
/// How often another number and code are drawn when they are taken, which hardly ever happens once.
const DRAWS: usize = 5;

/// Gives a pairing that is completed its certificate, in the transaction that completes it. None when no session of
/// it was held, as far as the two agree.
pub(super) fn issue(
    db: &mut Db,
    act: &Act,
    journal: &mut Journal,
    over: &Pairing,
) -> ServiceResult<Option<Certificate>> {
    let earned = earned(db, act, over)?;
    let (Some(first), Some(last)) = (earned.held.first(), earned.held.last()) else { return Ok(None) };
    let cards = people::cards(db, &[over.coachee])?;
    let name = one_line(&cards.get(&over.coachee).ok_or(StoreError::NotFound)?.name.to_string());
    let mut certificate = Certificate {
        id: CertificateId::new(),
        pairing: over.id,
        number: String::new(),
        code: Word(StoredCode(CertificateCode::of_random(random()))),
        // A name of nothing that can be seen is one all the same.
        name: if name.is_empty() { "–".into() } else { name.chars().take(LONGEST_NAME).collect() },
        sessions: cell(earned.held.len()),
        jp: cell(earned.jp),
        first_on: Day(first.credit.day),
        last_on: Day(last.credit.day),
        issued_at: act.now,
        withdrawn_at: None,
        withdrawn_reason: None,
    };
    for _ in 0..DRAWS {
        certificate.number = certificate_number(act.today().year(), u32::from_be_bytes(random()));
        certificate.code = Word(StoredCode(CertificateCode::of_random(random())));
        if stored::insert(db, &certificate)? {
            let facts = json!({ "pairing": over.id, "sessions": certificate.sessions, "jp": certificate.jp });
            journal.note("certificate", certificate.id.uuid(), "issued", &facts)?;
            journal.tell(Notice::CertificateIssued, over.coachee, over.id.uuid())?;
            return Ok(Some(certificate));
        }
    }
    Err(ServiceError::Conflict("the pairing has a certificate, or no number is free".into()))
}

/// What a certificate of a pairing is made of.
pub(super) struct Earned {
    /// Its sessions that were held, as far as the two agree, in order of time.
    pub(super) held: Vec<Judged>,
    /// The learning hours that they count for.
    pub(super) jp: u32,
}

/// What the certificate of a pairing would be made of now.
pub(super) fn earned(db: &mut Db, act: &Act, pairing: &Pairing) -> ServiceResult<Earned> {
    let zone = calendars::zone_of_coachee(db, pairing.coachee)?;
    let mut held = credit::judged(db, act, pairing.coachee, zone)?;
    held.retain(|judged| judged.session.pairing == pairing.id && credit::meeting(&judged.session).held());
    let jp = held.iter().map(|judged| u32::from(judged.credit.jp())).sum();
    Ok(Earned { held, jp })
}

fn cell(number: impl TryInto<i16>) -> i16 {
    number.try_into().unwrap_or(i16::MAX)
}

/// The certificates of whoever acts, the newest first; none of who is nobody in the records.
///
/// # Errors
/// When the database cannot be read.
pub fn own(db: &mut Db, act: &Act) -> ServiceResult<Vec<Certificate>> {
    let Ok(person) = act.person() else { return Ok(Vec::new()) };
    Ok(stored::of_coachee(db, person)?)
}

/// A certificate for the books of an agency, and who has provided the coaching.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The certificate.
    pub credited: Credited,
    /// What the programme calls itself.
    pub provider: String,
}

/// Certificates that stand, of coachees of the agency of whoever acts or of all, the newest first, those older than
/// `before`, as agencies enter them into their books.
///
/// # Errors
/// When it is not the programme.
pub fn entries(
    db: &mut Db,
    act: &Act,
    provider: &str,
    before: Option<CertificateId>,
    limit: i64,
) -> ServiceResult<Vec<Entry>> {
    let found = stored::credited(db, act.agency()?.as_ref(), before, limit)?;
    Ok(found.into_iter().map(|credited| Entry { credited, provider: provider.to_owned() }).collect())
}

/// A certificate that stands, to be printed, to its coachee and the programme.
///
/// # Errors
/// When it is neither of them, or the certificate was withdrawn.
pub fn to_print(db: &mut Db, act: &Act, id: CertificateId) -> ServiceResult<Certificate> {
    let (certificate, pairing) = find(db, id).map_err(|error| error.about("certificate"))?;
    act.allow(act.by(pairing.coachee) || act.by_programme_of(db, pairing.coachee)?)?;
    if certificate.withdrawn_at.is_some() {
        return Err(Refusal::CertificateWithdrawn.into());
    }
    Ok(certificate)
}

/// Prints a certificate of a programme that calls itself so and is found at an address.
///
/// # Errors
/// When a font of the program cannot be used.
pub fn print(certificate: &Certificate, programme: &str, address: &str) -> ServiceResult<Vec<u8>> {
    let number = |cell: i16| u16::try_from(cell).unwrap_or(0);
    let check = format!("{address}/certificates");
    let code = certificate.code.0.0.to_string();
    let facts = paper::Certificate {
        programme: programme.to_owned(),
        number: certificate.number.clone(),
        name: certificate.name.clone(),
        sessions: number(certificate.sessions),
        jp: number(certificate.jp),
        days: (certificate.first_on.0, certificate.last_on.0),
        issued_on: issued_on(certificate),
        check: (check.clone(), format!("{check}/{code}")),
        code,
    };
    paper::certificate(&facts).map_err(|why| ServiceError::Internal(why.to_string()))
}

/// Withdraws a certificate, by the programme. The public page says so from then on.
///
/// # Errors
/// When it is not the programme, or the certificate was withdrawn before.
pub fn withdraw(db: &mut Db, act: &Act, id: CertificateId, reason: &str) -> ServiceResult<Certificate> {
    let reason = text(&REASON, reason)?;
    act.record(db, "certificate", |db, journal| {
        let (old, pairing) = find(db, id)?;
        act.allow(act.by_programme_of(db, pairing.coachee)?)?;
        if old.withdrawn_at.is_some() {
            return Err(Refusal::CertificateWithdrawn.into());
        }
        let new = stored::withdraw(db, &old, &reason, act.now)?;
        journal.note("certificate", id.uuid(), "withdrawn", &json!({}))?;
        journal.tell(Notice::CertificateWithdrawn, pairing.coachee, pairing.id.uuid())?;
        Ok(new)
    })
}

fn find(db: &mut Db, id: CertificateId) -> ServiceResult<(Certificate, Pairing)> {
    let certificate = stored::get(db, id)?;
    let pairing = pairings::get(db, certificate.pairing)?;
    Ok((certificate, pairing))
}

text_enum! {
    /// What anybody may know of a code.
    Standing {
        /// A certificate that stands has it.
        Valid = "valid",
        /// A certificate has it that was withdrawn.
        Withdrawn = "withdrawn",
        /// No certificate of ours has it. That does not make one false: it may be mistyped, or of another service.
        NotFound = "not_found",
    }
}

/// What anybody may know of what was found.
pub fn standing(found: Option<&Certificate>) -> Standing {
    match found {
        Some(certificate) if certificate.withdrawn_at.is_none() => Standing::Valid,
        Some(_) => Standing::Withdrawn,
        None => Standing::NotFound,
    }
}

/// The day of issue, where the programme is run.
pub fn issued_on(certificate: &Certificate) -> NaiveDate {
    eligible::today(certificate.issued_at)
}

/// The certificate with a code as somebody typed it, to anybody. A code that cannot be one is looked up like one
/// that is nobody's, so that both cost the same.
///
/// # Errors
/// [`Denial::TooMany`](super::Denial::TooMany) when the network address has asked too often.
pub fn check(db: &mut Db, cx: &Context, typed: &str, from: IpAddr) -> ServiceResult<Option<Certificate>> {
    limits::take(db, cx, &[Bucket(CERTIFICATES, &from.to_string())])?;
    let code = typed.parse::<CertificateCode>();
    Ok(stored::by_code(db, code.as_ref().map_or("", CertificateCode::as_str))?)
}
