//! Applications to coach, and the imported coaches they may be.

use std::collections::HashMap;

use diesel::prelude::*;

use super::schema::{accounts, agencies, coach_applications, coach_profiles, persons, regencies};
use super::types::{Stamp, Word};
use super::{AccountId, ApplicationId, Db, PersonId, StoreError, StoreResult, numbers};
use crate::domain::{
    AgencyCode, CoachSource, Identity, IdentityKind, Language, Languages, Modes, PersonCode, RegencyCode, Verification,
};

/// An application as stored.
#[derive(Debug, Clone, Queryable)]
pub struct Application {
    /// The id.
    pub id: ApplicationId,
    /// Who applies.
    pub account: AccountId,
    /// Where the coach comes from.
    pub source: Word<CoachSource>,
    /// Batch of the leadership programme, if an alumnus.
    pub batch: Option<i32>,
    /// Year of graduation, if an alumnus.
    pub year: Option<i32>,
    /// Number of the certificate, if an alumnus.
    pub certificate_number: Option<String>,
    /// The employer.
    pub agency: Word<AgencyCode>,
    /// Where the coach works.
    pub regency: Word<RegencyCode>,
    /// Why.
    pub motivation: String,
    /// Where it stands.
    pub status: Word<Verification>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The coach it became.
    pub coach: Option<PersonId>,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<Stamp>,
    /// When it came.
    pub created_at: Stamp,
}

/// Keeps a new application.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when one is pending, or agency or regency are not there.
pub fn create(db: &mut Db, new: &Application) -> StoreResult<()> {
    diesel::insert_into(coach_applications::table)
        .values(row!(coach_applications {
            id: new.id,
            account: new.account,
            source: new.source.0.as_str(),
            batch: new.batch,
            year: new.year,
            certificate_number: new.certificate_number.as_deref(),
            agency: new.agency.0.as_str(),
            regency: new.regency.0.as_str(),
            motivation: &new.motivation,
            status: new.status.0.as_str(),
            created_at: new.created_at,
        }))
        .execute(db)?;
    Ok(())
}

/// Whether there are such an agency and such a regency.
///
/// # Errors
/// When the database cannot be read.
pub fn places_exist(db: &mut Db, agency: &AgencyCode, regency: &RegencyCode) -> StoreResult<(bool, bool)> {
    let agencies: i64 = agencies::table.filter(agencies::code.eq(agency.as_str())).count().get_result(db)?;
    let regencies: i64 = regencies::table.filter(regencies::code.eq(regency.as_str())).count().get_result(db)?;
    Ok((agencies == 1, regencies == 1))
}

/// An application by its id.
///
/// # Errors
/// [`NotFound`](StoreError::NotFound), or when the database cannot be read.
pub fn get(db: &mut Db, id: ApplicationId) -> StoreResult<Application> {
    Ok(coach_applications::table.find(id).get_result(db)?)
}

/// Whether an application of an account waits.
///
/// # Errors
/// When the database cannot be read.
pub fn is_pending(db: &mut Db, account: AccountId) -> StoreResult<bool> {
    let pending =
        coach_applications::account.eq(account).and(coach_applications::status.eq(Verification::Pending.as_str()));
    let found: i64 = coach_applications::table.filter(pending).count().get_result(db)?;
    Ok(found > 0)
}

/// Which applications are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this agency.
    pub agency: Option<AgencyCode>,
    /// Only those that stand here.
    pub status: Option<Verification>,
}

/// Applications, the oldest first, those younger than `after`, each with name and address of its account.
///
/// # Errors
/// When the database cannot be read.
pub fn list(
    db: &mut Db,
    filter: &Filter,
    after: Option<ApplicationId>,
    limit: i64,
) -> StoreResult<Vec<(Application, String, String)>> {
    let mut query = coach_applications::table
        .inner_join(accounts::table.on(accounts::id.eq(coach_applications::account)))
        .select((coach_applications::all_columns, accounts::name, accounts::email))
        .order(coach_applications::id)
        .limit(limit)
        .into_boxed();
    if let Some(agency) = &filter.agency {
        query = query.filter(coach_applications::agency.eq(agency.as_str()));
    }
    if let Some(status) = filter.status {
        query = query.filter(coach_applications::status.eq(status.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(coach_applications::id.gt(after));
    }
    Ok(query.load(db)?)
}

/// Notes the decision on a pending application; false when it was decided before.
///
/// # Errors
/// When the database cannot be written.
pub fn decide(db: &mut Db, decided: &Application) -> StoreResult<bool> {
    let pending =
        coach_applications::id.eq(decided.id).and(coach_applications::status.eq(Verification::Pending.as_str()));
    let rows = diesel::update(coach_applications::table.filter(pending))
        .set((
            coach_applications::status.eq(decided.status.0.as_str()),
            coach_applications::reason.eq(decided.reason.as_deref()),
            coach_applications::coach.eq(decided.coach),
            coach_applications::decided_by.eq(decided.decided_by),
            coach_applications::decided_at.eq(decided.decided_at),
        ))
        .execute(db)?;
    Ok(rows == 1)
}

/// Candidates read for a page of applications: numbers are hardly ever given to several coaches.
const MOST_READ: i64 = 5_000;
/// Coaches shown of those with one number of a certificate.
const MOST_CANDIDATES: usize = 20;

/// Codes of imported coaches, of an agency or of all, who have no account, by the number of their certificate: who
/// applicants with these numbers may be.
///
/// # Errors
/// When the database cannot be read.
pub fn candidates(
    db: &mut Db,
    certificate_numbers: &[String],
    agency: Option<&AgencyCode>,
) -> StoreResult<HashMap<String, Vec<String>>> {
    let mut found = HashMap::<String, Vec<String>>::new();
    if certificate_numbers.is_empty() {
        return Ok(found);
    }
    let mut query = coach_profiles::table
        .inner_join(persons::table.on(persons::id.eq(coach_profiles::person)))
        .left_join(accounts::table.on(accounts::person.eq(persons::id.nullable())))
        .filter(coach_profiles::certificate_number.eq_any(certificate_numbers))
        .filter(accounts::id.nullable().is_null())
        .order(persons::code)
        .limit(MOST_READ)
        .select((coach_profiles::certificate_number.assume_not_null(), persons::code))
        .into_boxed();
    if let Some(agency) = agency {
        query = query.filter(coach_profiles::agency.eq(agency.as_str()));
    }
    let rows: Vec<(String, String)> = query.load(db)?;
    for (number, code) in rows {
        let codes = found.entry(number).or_default();
        if codes.len() < MOST_CANDIDATES {
            codes.push(code);
        }
    }
    Ok(found)
}

/// Marks an imported coach as verified.
///
/// # Errors
/// When the database cannot be written.
pub fn verify_coach(db: &mut Db, person: PersonId) -> StoreResult<()> {
    diesel::update(coach_profiles::table.find(person))
        .set(coach_profiles::verification.eq(Verification::Verified.as_str()))
        .execute(db)?;
    Ok(())
}

/// Makes an applicant a verified coach, not accepting and without places until they have said what they offer.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when somebody has the code.
pub fn make_coach(
    db: &mut Db,
    code: &PersonCode,
    name: &str,
    application: &Application,
    person: Option<PersonId>,
    now: Stamp,
) -> StoreResult<PersonId> {
    let id = match person {
        Some(person) => person,
        None => {
            let id = PersonId::new();
            diesel::insert_into(persons::table)
                .values(row!(persons {
                    id: id,
                    code: code.as_str(),
                    full_name: name,
                    front_title: "",
                    back_title: "",
                    language: "id",
                    created_at: now,
                    changed_at: now,
                }))
                .execute(db)?;
            id
        }
    };
    diesel::insert_into(coach_profiles::table)
        .values(row!(coach_profiles {
            person: id,
            source: application.source.0.as_str(),
            batch: application.batch,
            year: application.year,
            certificate_number: application.certificate_number.as_deref(),
            verification: Verification::Verified.as_str(),
            agency: application.agency.0.as_str(),
            regency: application.regency.0.as_str(),
            modes: i16::from(Modes::BOTH.bits()),
            languages: i16::from(Languages::NONE.with(Language::Indonesian).bits()),
            capacity: 0,
            load: 0,
            accepting: false,
            completed_pairs: 0,
        }))
        .execute(db)?;
    Ok(id)
}

/// A coachee of the records by identity number, as far as signing up needs to know.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The person.
    pub person: PersonId,
    /// The full name.
    pub full_name: String,
    /// The address of the records, if any.
    pub email: Option<String>,
    identity: Identity,
}

impl Recorded {
    /// The birth date that the identity number tells, if it is of a kind that does.
    pub fn birth_date(&self) -> Option<chrono::NaiveDate> {
        self.identity.birth_date()
    }
}

/// The coachees with an identity number of these digits; of different kinds there may be several.
///
/// # Errors
/// When there are no keys, or the database cannot be read.
pub fn coachees_with_number(db: &mut Db, number: &str) -> StoreResult<Vec<Recorded>> {
    use super::schema::{coachee_profiles, identity_numbers};
    let rows: Vec<(PersonId, String, Option<String>, Word<IdentityKind>)> = persons::table
        .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq(persons::id)))
        .inner_join(identity_numbers::table.on(identity_numbers::person.eq(persons::id)))
        .filter(identity_numbers::blind_index.eq_any(numbers::indexes(number)?))
        .select((persons::id, persons::full_name, persons::email, identity_numbers::kind))
        .load(db)?;
    rows.into_iter()
        .map(|(person, full_name, email, kind)| {
            let identity = Identity::parse(kind.0, number, chrono::NaiveDate::MAX);
            let identity = identity.map_err(|_| StoreError::damaged("identity_numbers", person))?;
            Ok(Recorded { person, full_name, email, identity })
        })
        .collect()
}
