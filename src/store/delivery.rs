//! Taking messages from the outbox to send them, and saying what became of them. A row that was taken
//! is under a lease: when its worker dies, the lease runs out and another takes it.
//!
//! Leases go by the clock of the database, which all workers share, whatever their own clocks say.
//! What is done to a row names its claim, so that a worker that lost its lease changes nothing.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::schema::{outbox, persons};
use super::types::{Doc, Stamp, Word, sql};
use super::{CHUNK, ClaimId, Db, OutboxId, PersonId, StoreResult};
use crate::domain::{Email, MailStatus, PersonCode};

/// Most characters of an answer that are kept.
const MAX_ANSWER: usize = 500;

/// What is still under a claim.
macro_rules! held {
    ($claim:expr) => {
        outbox::status.eq(MailStatus::Sending.as_str()).and(outbox::claim.eq($claim))
    };
}

/// A message that this worker has taken.
#[derive(Debug, Clone, Queryable)]
pub struct Claimed {
    /// The id.
    pub id: OutboxId,
    /// What it is about: the name of its template.
    pub kind: String,
    /// The person it goes to, if it names one instead of an address.
    pub person: Option<PersonId>,
    /// The address it goes to, if it names one.
    pub address: Option<String>,
    /// Its language, if it is not that of the person.
    pub language: Option<String>,
    /// What the template needs. May hold secrets: never logged.
    pub data: Doc,
    /// How often it was put off.
    pub tries: i16,
    /// When it was written.
    pub created_at: Stamp,
}

/// Takes up to `limit` messages that are due, the longest due first, for the time of the lease.
/// Runs in [`Store::queue_relaxed`](super::Store::queue_relaxed): should a loss of power undo it, the letters are due as
/// before, and what was noted under it is undone as well.
///
/// # Errors
/// When the database cannot be written.
pub fn claim(db: &mut Db, claim: ClaimId, now: Stamp, limit: i64, lease: TimeDelta) -> StoreResult<Vec<Claimed>> {
    let clock = clock(db)?;
    free_orphans(db, clock)?;
    let due = outbox::table
        .filter(outbox::status.eq(MailStatus::Queued.as_str()).and(outbox::not_before.le(now)))
        .order((outbox::not_before, outbox::id))
        .limit(limit)
        .select((
            outbox::id,
            outbox::kind,
            outbox::person,
            outbox::address,
            outbox::language,
            outbox::data,
            outbox::tries,
            outbox::created_at,
        ));
    let due: Vec<Claimed> = match db {
        Db::Pg(pg) => due.for_update().skip_locked().load(pg)?,
        Db::Sqlite(sqlite) => due.load(sqlite)?,
    };
    let ids: Vec<OutboxId> = due.iter().map(|message| message.id).collect();
    for ids in ids.chunks(CHUNK) {
        let sending = diesel::update(outbox::table.filter(outbox::id.eq_any(ids))).set(row!(outbox {
            status: MailStatus::Sending.as_str(),
            claim: claim,
            lease_until: Stamp::new(clock.time() + lease),
        }));
        on_engine!(db, connection => sending.execute(connection))?;
    }
    Ok(due)
}

/// Prolongs the lease of a claim; says how many messages it still holds.
///
/// # Errors
/// When the database cannot be written.
pub fn prolong(db: &mut Db, claim: ClaimId, lease: TimeDelta) -> StoreResult<usize> {
    let until = Stamp::new(clock(db)?.time() + lease);
    Ok(diesel::update(outbox::table.filter(held!(claim))).set(outbox::lease_until.eq(until)).execute(db)?)
}

/// Puts back what a claim still holds; says how many messages.
///
/// # Errors
/// When the database cannot be written.
pub fn release(db: &mut Db, claim: ClaimId) -> StoreResult<usize> {
    Ok(diesel::update(outbox::table.filter(held!(claim))).set(FREED).execute(db)?)
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was handed over. Its data without secrets, if it had any.
    Sent(Option<Doc>),
    /// It will be tried again, not before a time; it counts as a try.
    Later(Stamp, String),
    /// Nobody could be asked to take it; it waits as before. Why, if there is more to say than before.
    Waits(Option<String>),
    /// It will never be sent, and why.
    Dead(String),
    /// There is no need for it any more, and why.
    Void(String),
}

/// Where a message stands once its claim is over.
#[derive(AsChangeset)]
#[diesel(table_name = outbox, treat_none_as_null = true)]
struct Standing {
    status: &'static str,
    claim: Option<ClaimId>,
    lease_until: Option<Stamp>,
    settled_at: Option<Stamp>,
    last_answer: Option<String>,
}

impl Standing {
    fn new(status: MailStatus, settled_at: Option<Stamp>, answer: &str) -> Self {
        let answer: String = answer.chars().take(MAX_ANSWER).collect();
        let last_answer = Some(answer).filter(|answer| !answer.is_empty());
        Self { status: status.as_str(), claim: None, lease_until: None, settled_at, last_answer }
    }
}

/// Puts a message back as it was.
#[derive(AsChangeset)]
#[diesel(table_name = outbox, treat_none_as_null = true)]
struct Freed {
    status: &'static str,
    claim: Option<ClaimId>,
    lease_until: Option<Stamp>,
}

const FREED: Freed = Freed { status: MailStatus::Queued.as_str(), claim: None, lease_until: None };

/// Says what became of messages; those that are not of this claim any more are left alone. Says of
/// how many it was kept. Runs in [`Store::queue`](super::Store::queue), relaxed or not.
///
/// # Errors
/// When the database cannot be written.
pub fn settle(db: &mut Db, claim: ClaimId, fates: &[(OutboxId, Fate)], now: Stamp) -> StoreResult<usize> {
    let (plain, others): (Vec<_>, Vec<_>) = fates.iter().partition(|(_, fate)| *fate == Fate::Sent(None));
    let plain: Vec<OutboxId> = plain.into_iter().map(|(id, _)| *id).collect();
    let mut kept = sent(db, claim, &plain, now)?;
    for (id, fate) in others {
        let ours = diesel::update(outbox::table.filter(held!(claim).and(outbox::id.eq(*id))));
        kept += match fate {
            Fate::Sent(None) => ours.set(Standing::new(MailStatus::Sent, Some(now), "")).execute(db)?,
            Fate::Sent(Some(data)) => {
                ours.set((Standing::new(MailStatus::Sent, Some(now), ""), outbox::data.eq(data))).execute(db)?
            }
            Fate::Later(time, why) => {
                let put_off = (outbox::tries.eq(outbox::tries + 1), outbox::not_before.eq(*time));
                ours.set((Standing::new(MailStatus::Queued, None, why), put_off)).execute(db)?
            }
            Fate::Waits(Some(why)) => ours.set(Standing::new(MailStatus::Queued, None, why)).execute(db)?,
            Fate::Waits(None) => ours.set(FREED).execute(db)?,
            Fate::Dead(why) => ours.set(Standing::new(MailStatus::Dead, Some(now), why)).execute(db)?,
            Fate::Void(why) => ours.set(Standing::new(MailStatus::Void, None, why)).execute(db)?,
        };
    }
    Ok(kept)
}

/// Says of messages that they were sent, as they are: most of what there is to say.
fn sent(db: &mut Db, claim: ClaimId, ids: &[OutboxId], now: Stamp) -> StoreResult<usize> {
    ids.chunks(CHUNK).try_fold(0, |kept, ids| {
        let ours = diesel::update(outbox::table.filter(held!(claim).and(outbox::id.eq_any(ids))));
        let said = ours.set(Standing::new(MailStatus::Sent, Some(now), ""));
        Ok(kept + on_engine!(db, connection => said.execute(connection))?)
    })
}

/// A message that was given up, for an operator.
#[derive(Debug, Clone, Queryable)]
pub struct DeadLetter {
    /// The id.
    pub id: OutboxId,
    /// What it is about.
    pub kind: String,
    /// The person it was for, if it names one instead of an address.
    pub person: Option<PersonId>,
    /// The code of that person.
    pub code: Option<Word<PersonCode>>,
    /// The address it was for, if it names one.
    pub address: Option<String>,
    /// How often it was put off.
    pub tries: i16,
    /// Why it was given up.
    pub last_answer: Option<String>,
    /// When.
    pub settled_at: Option<Stamp>,
}

/// Messages that were given up, as they are shown; filters come on top.
macro_rules! dead_letters {
    () => {
        outbox::table
            .left_join(persons::table.on(persons::id.nullable().eq(outbox::person)))
            .filter(outbox::status.eq(MailStatus::Dead.as_str()))
            .select((
                outbox::id,
                outbox::kind,
                outbox::person,
                persons::code.nullable(),
                outbox::address,
                outbox::tries,
                outbox::last_answer,
                outbox::settled_at,
            ))
    };
}

/// Messages that were given up, those last that were written first, at most `limit` of those older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub fn dead(db: &mut Db, before: Option<OutboxId>, limit: i64) -> StoreResult<Vec<DeadLetter>> {
    let mut query = dead_letters!().order(outbox::id.desc()).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(outbox::id.lt(before));
    }
    Ok(query.load(db)?)
}

/// A message that was given up, and what its template needs; none when it was not.
///
/// # Errors
/// When the database cannot be read.
pub fn dead_one(db: &mut Db, id: OutboxId) -> StoreResult<Option<(DeadLetter, Doc)>> {
    let Some(letter) = dead_letters!().filter(outbox::id.eq(id)).get_result(db).optional()? else { return Ok(None) };
    let data = outbox::table.find(id).select(outbox::data).get_result(db)?;
    Ok(Some((letter, data)))
}

/// Puts another address on a message that was given up and has its own.
///
/// # Errors
/// When the database cannot be written.
pub fn readdress(db: &mut Db, id: OutboxId, address: &Email) -> StoreResult<()> {
    let dead = outbox::table.find(id).filter(outbox::status.eq(MailStatus::Dead.as_str()));
    let own = dead.filter(outbox::address.is_not_null());
    diesel::update(own).set(outbox::address.eq(address.as_str())).execute(db)?;
    Ok(())
}

/// Lets a message be that was given up: it is never sent, and counted no more. Its data stay without their secret.
/// False when it was not given up.
///
/// # Errors
/// When the database cannot be written.
pub fn dismiss(db: &mut Db, id: OutboxId, data: &Doc) -> StoreResult<bool> {
    let dead = outbox::table.find(id).filter(outbox::status.eq(MailStatus::Dead.as_str()));
    let void = row!(outbox { status: MailStatus::Void.as_str(), settled_at: None::<Stamp>, data: data });
    Ok(diesel::update(dead).set(void).execute(db)? == 1)
}

/// How many messages were given up.
///
/// # Errors
/// When the database cannot be read.
pub fn dead_count(db: &mut Db) -> StoreResult<i64> {
    Ok(outbox::table.filter(outbox::status.eq(MailStatus::Dead.as_str())).count().get_result(db)?)
}

/// Queues messages anew that were given up, all of them or those named; says which.
///
/// # Errors
/// When the database cannot be written.
pub fn revive(db: &mut Db, named: Option<&[OutboxId]>, now: Stamp) -> StoreResult<Vec<OutboxId>> {
    let is_dead = outbox::status.eq(MailStatus::Dead.as_str());
    let all: Vec<OutboxId> = outbox::table.filter(is_dead).order(outbox::id).select(outbox::id).load(db)?;
    let wanted: Vec<OutboxId> = all.into_iter().filter(|id| named.is_none_or(|named| named.contains(id))).collect();
    for ids in wanted.chunks(CHUNK) {
        diesel::update(outbox::table.filter(is_dead.and(outbox::id.eq_any(ids))))
            .set(row!(outbox {
                status: MailStatus::Queued.as_str(),
                settled_at: None::<Stamp>,
                tries: 0_i16,
                not_before: now,
            }))
            .execute(db)?;
    }
    Ok(wanted)
}

/// How many messages stand where.
///
/// # Errors
/// When the database cannot be read.
pub fn counts(db: &mut Db) -> StoreResult<Vec<(MailStatus, i64)>> {
    let rows: Vec<(Word<MailStatus>, i64)> = outbox::table
        .group_by(outbox::status)
        .select((outbox::status, diesel::dsl::count_star()))
        .order(outbox::status)
        .load(db)?;
    Ok(rows.into_iter().map(|(status, number)| (status.0, number)).collect())
}

/// Messages whose worker is gone are anybody's again. That is no try: the mail server said nothing.
fn free_orphans(db: &mut Db, clock: Stamp) -> StoreResult<usize> {
    let orphaned = outbox::status.eq(MailStatus::Sending.as_str()).and(outbox::lease_until.lt(clock));
    Ok(diesel::update(outbox::table.filter(orphaned)).set(FREED).execute(db)?)
}

/// What time it is by the clock that all workers on a database share: that of the server, or of the
/// machine that the file lies on.
fn clock(db: &mut Db) -> StoreResult<Stamp> {
    match db {
        Db::Pg(pg) => Ok(diesel::select(diesel::dsl::sql::<sql::Stamp>("clock_timestamp()")).get_result(pg)?),
        Db::Sqlite(_) => Ok(Stamp::now()),
    }
}
