//! What a clock makes the programme say: what is due and was not said yet, and the note that it was said.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::mail_preferences::Reader;
use super::schema::{
    account_roles, accounts, coach_profiles, notices_given, offers, pairings, provinces, regencies, requests,
    session_feedback, sessions,
};
use super::types::{Stamp, Word, sql};
use super::{AccountId, AnyId, Db, PersonId, StoreResult};
use crate::domain::{AccountStatus, AgencyCode, Email, OfferStatus, PairingStatus, Role, SessionStatus, Side, Zone};

/// Something that is due to be said to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// To whom.
    pub person: PersonId,
    /// About what.
    pub about: AnyId,
    /// Which of several it is: a sequence number, or a day.
    pub mark: String,
    /// Since when it is known that it would be due.
    pub known_since: Stamp,
    /// When that of which it reminds happens.
    pub at: Stamp,
}

/// Notes that something was said; says whether it was not before.
///
/// # Errors
/// When the database cannot be written.
pub fn give(db: &mut Db, kind: &str, due: &Due, now: Stamp) -> StoreResult<bool> {
    let row = row!(notices_given { kind: kind, person: due.person, about: due.about, mark: &due.mark, given_at: now });
    let insert = diesel::insert_into(notices_given::table).values(row);
    let new = match db {
        Db::Pg(pg) => insert.on_conflict_do_nothing().execute(pg)?,
        Db::Sqlite(sqlite) => insert.on_conflict_do_nothing().execute(sqlite)?,
    };
    Ok(new == 1)
}

/// Whether something was said to a person about a thing after a time.
///
/// # Errors
/// When the database cannot be read.
pub fn given_since(db: &mut Db, kind: &str, due: &Due, since: Stamp) -> StoreResult<bool> {
    let given: i64 = notices_given::table
        .filter(notices_given::kind.eq(kind).and(notices_given::person.eq(due.person)))
        .filter(notices_given::about.eq(due.about).and(notices_given::given_at.gt(since)))
        .count()
        .get_result(db)?;
    Ok(given > 0)
}

/// Takes away notes of what was said before a time.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(db: &mut Db, before: Stamp) -> StoreResult<usize> {
    Ok(diesel::delete(notices_given::table.filter(notices_given::given_at.lt(before))).execute(db)?)
}

/// What was said to a person about a thing, as part of a query.
macro_rules! given {
    ($kind:expr, $person:expr, $about:expr) => {
        notices_given::table
            .filter(notices_given::kind.eq($kind))
            .filter(notices_given::person.eq($person))
            .filter(notices_given::about.eq($about))
    };
}

/// A query about sessions for each side of a pairing, one after the other: with the side, the column of who is on it
/// and, if wanted, that of what this side says of a session.
macro_rules! each_side {
    ($side:ident, $person:ident => $body:expr) => {
        each_side!($side, $person, _says => $body)
    };
    ($side:ident, $person:ident, $says:ident => $body:expr) => {{
        let mut all = Vec::new();
        {
            use pairings::coachee as $person;
            let ($side, $says) = (Side::Coachee, sessions::coachee_says);
            all.extend($body);
        }
        {
            use pairings::coach as $person;
            let ($side, $says) = (Side::Coach, sessions::coach_says);
            all.extend($body);
        }
        all
    }};
}

/// The sequence number of a session as a mark.
fn sequence() -> diesel::expression::SqlLiteral<Text> {
    diesel::dsl::sql::<Text>("CAST(sessions.sequence AS TEXT)")
}

/// Whether half of the time between the last change of a session and its beginning is over.
macro_rules! half_has_passed {
    ($now:expr) => {
        diesel::dsl::sql::<Bool>("sessions.starts_at - ")
            .bind::<sql::Stamp, _>($now)
            .sql(" <= ")
            .bind::<sql::Stamp, _>($now)
            .sql(" - sessions.changed_at")
    };
}

type SessionRow = (PersonId, AnyId, i32, Stamp, Stamp);

fn of_session((person, about, sequence, known_since, at): SessionRow) -> Due {
    Due { person, about, mark: sequence.to_string(), known_since, at }
}

/// Scheduled sessions that begin between two times, to each side that was not told of that time under a kind.
///
/// # Errors
/// When the database cannot be read.
pub fn sessions_near(db: &mut Db, kind: &str, after: Stamp, until: Stamp, limit: i64) -> StoreResult<Vec<Due>> {
    let found = each_side!(_side, person => {
        let rows: Vec<SessionRow> = sessions::table
            .inner_join(pairings::table.on(pairings::id.eq(sessions::pairing)))
            .filter(sessions::status.eq(SessionStatus::Scheduled.as_str()))
            .filter(sessions::starts_at.gt(after).and(sessions::starts_at.le(until)))
            .filter(diesel::dsl::not(diesel::dsl::exists(
                given!(kind, person, sessions::id).filter(notices_given::mark.eq(sequence())),
            )))
            .order((sessions::starts_at, sessions::id))
            .limit(limit)
            .select((person, sessions::id, sessions::sequence, sessions::changed_at, sessions::starts_at))
            .load(db)?;
        rows.into_iter().map(of_session)
    });
    Ok(found)
}

/// Proposed sessions that begin between two times, to the side that has not said yes, if it was not told of that time
/// under a kind. Of one that was proposed late only when half of the time that there is has passed: who has just read
/// of it is not reminded.
///
/// # Errors
/// When the database cannot be read.
pub fn proposals_near(db: &mut Db, kind: &str, now: Stamp, until: Stamp, limit: i64) -> StoreResult<Vec<Due>> {
    let found = each_side!(side, person => {
        let rows: Vec<SessionRow> = sessions::table
            .inner_join(pairings::table.on(pairings::id.eq(sessions::pairing)))
            .filter(sessions::status.eq(SessionStatus::Proposed.as_str()))
            .filter(sessions::proposed_by.ne(side.as_str()))
            .filter(sessions::starts_at.gt(now).and(sessions::starts_at.le(until)))
            .filter(half_has_passed!(now))
            .filter(diesel::dsl::not(diesel::dsl::exists(
                given!(kind, person, sessions::id).filter(notices_given::mark.eq(sequence())),
            )))
            .order((sessions::starts_at, sessions::id))
            .limit(limit)
            .select((person, sessions::id, sessions::sequence, sessions::changed_at, sessions::starts_at))
            .load(db)?;
        rows.into_iter().map(of_session)
    });
    Ok(found)
}

/// What is over, by when it began: sessions last at most four hours, and only the longer ones need a closer look.
macro_rules! over {
    ($now:expr) => {{
        let before = |minutes: i64| Stamp::new($now.time() - TimeDelta::minutes(minutes));
        let short = sessions::minutes.le(60).and(sessions::starts_at.le(before(60)));
        let middle = sessions::minutes.le(120).and(sessions::starts_at.le(before(120)));
        sessions::starts_at.le(before(240)).or(short).or(middle)
    }};
}

/// Sessions of active pairings that are over and began after a time, to each side that was not asked about that time
/// under a kind, in some more conditions.
macro_rules! sessions_over {
    ($db:expr, $kind:expr, $person:ident, $after:expr, $now:expr, $limit:expr, $condition:expr) => {{
        let rows: Vec<SessionRow> = sessions::table
            .inner_join(pairings::table.on(pairings::id.eq(sessions::pairing)))
            .filter(pairings::status.eq(PairingStatus::Active.as_str()))
            .filter($condition)
            .filter(sessions::starts_at.gt($after).and(sessions::starts_at.le($now)))
            .filter(over!($now))
            .filter(diesel::dsl::not(diesel::dsl::exists(
                given!($kind, $person, sessions::id).filter(notices_given::mark.eq(sequence())),
            )))
            .order((sessions::starts_at, sessions::id))
            .limit($limit)
            .select(($person, sessions::id, sessions::sequence, sessions::changed_at, sessions::starts_at))
            .load($db)?;
        rows.into_iter().map(of_session)
    }};
}

/// Sessions of active pairings that were held, are over, and began after a time, to each side that has not given its
/// feedback and was not asked for it under a kind.
///
/// # Errors
/// When the database cannot be read.
pub fn without_feedback(db: &mut Db, kind: &str, after: Stamp, now: Stamp, limit: i64) -> StoreResult<Vec<Due>> {
    let found = each_side!(side, person => {
        let spoken = session_feedback::table
            .filter(session_feedback::session.eq(sessions::id))
            .filter(session_feedback::given_by.eq(side.as_str()));
        let held = sessions::status.eq(SessionStatus::Held.as_str());
        let wanted = held.and(diesel::dsl::not(diesel::dsl::exists(spoken)));
        sessions_over!(db, kind, person, after, now, limit, wanted)
    });
    Ok(found)
}

/// Sessions of active pairings that were agreed on, are over, and began after a time, to each side that has not said
/// what became of them, whatever the other says, and was not asked about that time under a kind.
///
/// # Errors
/// When the database cannot be read.
pub fn without_word(db: &mut Db, kind: &str, after: Stamp, now: Stamp, limit: i64) -> StoreResult<Vec<Due>> {
    let agreed = [SessionStatus::Scheduled, SessionStatus::Held, SessionStatus::Missed].map(SessionStatus::as_str);
    let found = each_side!(_side, person, says => {
        let silent = sessions::status.eq_any(agreed).and(says.is_null());
        sessions_over!(db, kind, person, after, now, limit, silent)
    });
    Ok(found)
}

type OfferRow = (PersonId, AnyId, Stamp, Stamp);

/// Offers that wait for an answer, were put before a time, and whose own time ends between two others, to whoever is
/// to answer and was not reminded under a kind.
///
/// # Errors
/// When the database cannot be read.
pub fn offers_near(
    db: &mut Db,
    kind: &str,
    put_before: Stamp,
    after: Stamp,
    until: Stamp,
    limit: i64,
) -> StoreResult<Vec<Due>> {
    // Worded as the index on what waits has it.
    macro_rules! waiting {
        ($status:expr, $person:expr) => {
            offers::table
                .inner_join(requests::table.on(requests::id.eq(offers::request)))
                .filter(offers::status.eq($status.as_str()))
                .filter(offers::deadline.gt(after).and(offers::deadline.le(until)))
                .filter(offers::asked_at.le(put_before))
                .filter(diesel::dsl::not(diesel::dsl::exists(given!(kind, $person, offers::id))))
                .order((offers::deadline, offers::id))
                .limit(limit)
                .select(($person, offers::id, offers::asked_at, offers::deadline))
        };
    }
    let mut rows: Vec<OfferRow> = waiting!(OfferStatus::Pending, offers::coach).load(db)?;
    let proposed: Vec<OfferRow> = waiting!(OfferStatus::Proposed, requests::coachee).load(db)?;
    rows.extend(proposed);
    let due = |(person, about, known_since, at)| Due { person, about, mark: String::new(), known_since, at };
    Ok(rows.into_iter().map(due).collect())
}

/// Active pairings that began before a time, with no session since then that was held or agreed on, and no proposal
/// made after another time, to each side that was not told since then under a kind.
///
/// # Errors
/// When the database cannot be read.
pub fn quiet(
    db: &mut Db,
    kind: &str,
    since: Stamp,
    proposed_since: Stamp,
    mark: &str,
    limit: i64,
) -> StoreResult<Vec<Due>> {
    let alive = [SessionStatus::Scheduled, SessionStatus::Held].map(SessionStatus::as_str);
    let found = each_side!(_side, person => {
        let agreed = sessions::status.eq_any(alive);
        let proposed = sessions::status.eq(SessionStatus::Proposed.as_str());
        let met = sessions::table
            .filter(sessions::pairing.eq(pairings::id))
            .filter(agreed.or(proposed.and(sessions::changed_at.gt(proposed_since))))
            .filter(sessions::starts_at.gt(since));
        let told = given!(kind, person, pairings::id).filter(notices_given::given_at.gt(since));
        let rows: Vec<(PersonId, AnyId, Stamp)> = pairings::table
            .filter(pairings::status.eq(PairingStatus::Active.as_str()).and(pairings::started_at.le(since)))
            .filter(diesel::dsl::not(diesel::dsl::exists(met)))
            .filter(diesel::dsl::not(diesel::dsl::exists(told)))
            // As the index has them: by id alone, PostgreSQL would go through all pairings there ever were.
            .order((pairings::started_at, pairings::id))
            .limit(limit)
            .select((person, pairings::id, pairings::started_at))
            .load(db)?;
        rows.into_iter().map(|(reader, about, at)| Due {
            person: reader,
            about,
            mark: mark.to_owned(),
            known_since: at,
            at,
        })
    });
    Ok(found)
}

/// Coaches of a zone who have coachees or offers that wait, and have not got what has this mark under a kind.
///
/// # Errors
/// When the database cannot be read.
pub fn coaches_at_work(
    db: &mut Db,
    kind: &str,
    zone: Zone,
    mark: &str,
    now: Stamp,
    limit: i64,
) -> StoreResult<Vec<Due>> {
    let pairs = pairings::table
        .filter(pairings::coach.eq(coach_profiles::person))
        .filter(pairings::status.eq(PairingStatus::Active.as_str()));
    let asked = offers::table
        .filter(offers::coach.eq(coach_profiles::person))
        .filter(offers::status.eq(OfferStatus::Pending.as_str()));
    let told = given!(kind, coach_profiles::person, coach_profiles::person).filter(notices_given::mark.eq(mark));
    let rows: Vec<PersonId> = coach_profiles::table
        .inner_join(regencies::table.on(regencies::code.eq(coach_profiles::regency)))
        .inner_join(provinces::table.on(provinces::code.eq(regencies::province)))
        .filter(provinces::zone.eq(zone.as_str()))
        .filter(diesel::dsl::exists(pairs).or(diesel::dsl::exists(asked)))
        .filter(diesel::dsl::not(diesel::dsl::exists(told)))
        .order(coach_profiles::person)
        .limit(limit)
        .select(coach_profiles::person)
        .load(db)?;
    let due = |person: PersonId| Due {
        person,
        about: person.uuid().into(),
        mark: mark.to_owned(),
        known_since: now,
        at: now,
    };
    Ok(rows.into_iter().map(due).collect())
}

/// An account that runs the programme.
#[derive(Debug, Clone)]
pub struct AdminAccount {
    /// The account.
    pub account: AccountId,
    /// The person of the records that it belongs to, if any.
    pub person: Option<PersonId>,
    /// The address.
    pub email: Email,
    /// The name.
    pub name: String,
    /// The language.
    pub language: String,
    /// Whether it may be used.
    pub status: AccountStatus,
    /// For all, or for an agency.
    pub role: Role,
    /// The agency.
    pub agency: Option<AgencyCode>,
}

impl AdminAccount {
    /// Whose wishes about mail count.
    pub fn reader(&self) -> Reader {
        Reader::of(self.account, self.person)
    }

    /// The agency that it is confined to; none: all.
    pub fn scope(&self) -> Option<AgencyCode> {
        if self.role == Role::NationalAdmin { None } else { self.agency.clone() }
    }
}

/// The accounts that run the programme, all or those named. One that does so for all and for an agency counts as the
/// former.
///
/// # Errors
/// When the database cannot be read.
pub fn admins(db: &mut Db, named: Option<&[AccountId]>) -> StoreResult<Vec<AdminAccount>> {
    type Row = (
        AccountId,
        Option<PersonId>,
        Word<Email>,
        String,
        String,
        Word<AccountStatus>,
        Word<Role>,
        Option<Word<AgencyCode>>,
    );
    let roles = [Role::NationalAdmin.as_str(), Role::AgencyAdmin.as_str()];
    let mut query = accounts::table
        .inner_join(account_roles::table.on(account_roles::account.eq(accounts::id)))
        .filter(account_roles::role.eq_any(roles))
        .order(accounts::id)
        .select((
            accounts::id,
            accounts::person,
            accounts::email,
            accounts::name,
            accounts::language,
            accounts::status,
            account_roles::role,
            account_roles::agency,
        ))
        .into_boxed();
    if let Some(named) = named {
        query = query.filter(accounts::id.eq_any(named));
    }
    let rows: Vec<Row> = query.load(db)?;
    let mut admins: Vec<AdminAccount> = rows
        .into_iter()
        .map(|(account, person, email, name, language, status, role, agency)| AdminAccount {
            account,
            person,
            email: email.0,
            name,
            language,
            status: status.0,
            role: role.0,
            agency: agency.map(|code| code.0),
        })
        .collect();
    admins.sort_by_key(|admin| (admin.account, admin.role != Role::NationalAdmin));
    admins.dedup_by_key(|admin| admin.account);
    Ok(admins)
}
