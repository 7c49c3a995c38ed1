//! Completion certificates.

use diesel::prelude::*;

use super::schema::{completion_certificates, pairings};
use super::types::{Day, Stamp, Word};
use super::{CertificateId, Db, PairingId, PersonId, StoreResult, lost};
use crate::domain::CertificateCode;

/// A certificate as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// The completed pairing.
    pub pairing: PairingId,
    /// The number that people call it by.
    pub number: String,
    /// What the public page finds it by.
    pub code: Word<StoredCode>,
    /// The name with titles, as it stood when it was issued.
    pub name: String,
    /// Sessions that were held.
    pub sessions: i16,
    /// Learning hours that they counted for when it was issued.
    pub jp: i16,
    /// The day of the first session, by the coachee's calendar.
    pub first_on: Day,
    /// The day of the last one.
    pub last_on: Day,
    /// When it was issued.
    pub issued_at: Stamp,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<Stamp>,
    /// Why.
    pub withdrawn_reason: Option<String>,
}

/// A code in its column: without groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode(pub CertificateCode);

impl std::fmt::Display for StoredCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl std::str::FromStr for StoredCode {
    type Err = crate::domain::certificate_code::NoCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Keeps a new certificate. Says whether number and code were free and the pairing had none; nothing is kept if not.
///
/// # Errors
/// When the database cannot be written.
pub fn insert(db: &mut Db, new: &Certificate) -> StoreResult<bool> {
    let insert = diesel::insert_into(completion_certificates::table).values(row!(completion_certificates {
        id: new.id,
        pairing: new.pairing,
        number: &new.number,
        code: &new.code,
        name: &new.name,
        sessions: new.sessions,
        jp: new.jp,
        first_on: new.first_on,
        last_on: new.last_on,
        issued_at: new.issued_at,
    }));
    let kept = match db {
        Db::Pg(pg) => insert.on_conflict_do_nothing().execute(pg)?,
        Db::Sqlite(sqlite) => insert.on_conflict_do_nothing().execute(sqlite)?,
    };
    Ok(kept == 1)
}

/// The certificate with an id.
///
/// # Errors
/// [`NotFound`](super::StoreError::NotFound)
pub fn get(db: &mut Db, id: CertificateId) -> StoreResult<Certificate> {
    Ok(completion_certificates::table.find(id).first(db)?)
}

/// The certificate with a code; none where there is none.
///
/// # Errors
/// When the database cannot be read.
pub fn by_code(db: &mut Db, code: &str) -> StoreResult<Option<Certificate>> {
    Ok(completion_certificates::table.filter(completion_certificates::code.eq(code)).first(db).optional()?)
}

/// The certificates of a coachee, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of_coachee(db: &mut Db, coachee: PersonId) -> StoreResult<Vec<Certificate>> {
    let own = pairings::table.filter(pairings::coachee.eq(coachee)).select(pairings::id);
    let found = completion_certificates::table.filter(completion_certificates::pairing.eq_any(own));
    Ok(found.order(completion_certificates::id.desc()).load(db)?)
}

/// The certificate of a pairing, if it has one.
///
/// # Errors
/// When the database cannot be read.
pub fn of_pairing(db: &mut Db, pairing: PairingId) -> StoreResult<Option<Certificate>> {
    Ok(completion_certificates::table.filter(completion_certificates::pairing.eq(pairing)).first(db).optional()?)
}

/// Withdraws a certificate that stands.
///
/// # Errors
/// [`Conflict`](super::StoreError::Conflict) when it does not stand any more.
pub fn withdraw(db: &mut Db, old: &Certificate, reason: &str, now: Stamp) -> StoreResult<Certificate> {
    let standing = completion_certificates::table.find(old.id).filter(completion_certificates::withdrawn_at.is_null());
    let new = Certificate { withdrawn_at: Some(now), withdrawn_reason: Some(reason.to_owned()), ..old.clone() };
    let changed = diesel::update(standing)
        .set(row!(completion_certificates { withdrawn_at: new.withdrawn_at, withdrawn_reason: &new.withdrawn_reason }))
        .execute(db)?;
    if changed == 1 { Ok(new) } else { Err(lost("certificate")) }
}
