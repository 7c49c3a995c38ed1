//! Completion certificates.

use diesel::prelude::*;

use super::schema::{coachee_profiles, completion_certificates, identity_numbers, pairings, persons};
use super::types::{Day, Stamp, Word};
use super::{CertificateId, Db, PairingId, PersonId, StoreResult, lost, numbers};
use crate::domain::{AgencyCode, CertificateCode, Identity, IdentityKind, PersonCode};

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
    Ok(completion_certificates::table.find(id).get_result(db)?)
}

/// The certificate with a code; none where there is none.
///
/// # Errors
/// When the database cannot be read.
pub fn by_code(db: &mut Db, code: &str) -> StoreResult<Option<Certificate>> {
    Ok(completion_certificates::table.filter(completion_certificates::code.eq(code)).get_result(db).optional()?)
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
    Ok(completion_certificates::table.filter(completion_certificates::pairing.eq(pairing)).get_result(db).optional()?)
}

/// A certificate for the books of an agency.
#[derive(Debug, Clone)]
pub struct Credited {
    /// The certificate.
    pub certificate: Certificate,
    /// The code of its coachee.
    pub coachee: PersonCode,
    /// The agency of its coachee.
    pub agency: AgencyCode,
    /// The number of a civil servant, if the coachee is known by one.
    pub nip: Option<String>,
}

/// Certificates that stand, of coachees of an agency or of all, the newest first, those older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub fn credited(
    db: &mut Db,
    agency: Option<&AgencyCode>,
    before: Option<CertificateId>,
    limit: i64,
) -> StoreResult<Vec<Credited>> {
    type Who = (PersonId, Word<PersonCode>, Word<AgencyCode>, Option<Word<IdentityKind>>, Option<String>);
    let mut query = completion_certificates::table
        .inner_join(pairings::table.on(pairings::id.eq(completion_certificates::pairing)))
        .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(pairings::coachee)))
        .inner_join(persons::table.on(persons::id.eq(pairings::coachee)))
        .left_join(identity_numbers::table.on(identity_numbers::person.eq(pairings::coachee)))
        .filter(completion_certificates::withdrawn_at.is_null())
        .order(completion_certificates::id.desc())
        .limit(limit)
        .select((
            completion_certificates::all_columns,
            (
                persons::id,
                persons::code,
                coachee_profiles::agency,
                identity_numbers::kind.nullable(),
                identity_numbers::sealed.nullable(),
            ),
        ))
        .into_boxed();
    if let Some(agency) = agency {
        query = query.filter(coachee_profiles::agency.eq(agency.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(completion_certificates::id.lt(before));
    }
    let rows: Vec<(Certificate, Who)> = query.load(db)?;
    let sealed: Vec<numbers::Found> =
        rows.iter().map(|(_, (person, _, _, kind, sealed))| (*person, *kind, sealed.clone())).collect();
    let civil = |identity: &Identity| matches!(identity.kind(), IdentityKind::Nip | IdentityKind::NiPppk);
    let numbers = numbers::open(&sealed)?.into_iter();
    let read = |((certificate, (_, coachee, agency, ..)), identity): ((Certificate, Who), Option<Identity>)| Credited {
        certificate,
        coachee: coachee.0,
        agency: agency.0,
        nip: identity.filter(civil).map(|identity| identity.number().to_owned()),
    };
    Ok(rows.into_iter().zip(numbers).map(read).collect())
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
