//! Sessions, and the quarters of an hour that they take of two people's time.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{bookings, pairings, sessions};
use super::types::{Stamp, Word};
use super::{Db, PairingId, PersonId, SessionId, StoreError, StoreResult, lost};
use crate::domain::{Attendance, CancelledBy, Mode, Quarter, Said, SessionStatus, Side};

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The pairing that meets.
    pub pairing: PairingId,
    /// Which of the pairing's it is, from 1.
    pub number: i16,
    /// Its state.
    pub status: Word<SessionStatus>,
    /// When it begins, on a quarter of an hour.
    pub starts_at: Stamp,
    /// How long it lasts, in minutes.
    pub minutes: i16,
    /// How the two meet.
    pub mode: Word<Mode>,
    /// The address or the link.
    pub place: Option<String>,
    /// Who named the present time.
    pub proposed_by: Word<Side>,
    /// How often its time or state was changed, as calendars count it.
    pub sequence: i32,
    /// What the coachee says of it.
    pub coachee_says: Option<Word<Attendance>>,
    /// What the coach says of it.
    pub coach_says: Option<Word<Attendance>>,
    /// Who called it off, if somebody did.
    pub cancelled_by: Option<Word<CancelledBy>>,
    /// Why, in own words.
    pub cancel_note: Option<String>,
    /// When it was first proposed.
    pub created_at: Stamp,
    /// When it was last changed.
    pub changed_at: Stamp,
    /// How often it was changed; its making counts as the first.
    pub version: i32,
    /// Who says that the two met although nobody had said yes in time. It counts once the other says so too.
    pub claimed_by: Option<Word<Side>>,
}

impl Session {
    /// Whether it was given up because its time came without a yes. The two may have met all the same.
    pub fn has_lapsed(&self) -> bool {
        let given_up = self.cancelled_by == Some(Word(CancelledBy::Programme));
        given_up && self.status.0 == SessionStatus::Cancelled && self.changed_at >= self.starts_at
    }

    /// What both sides say of it.
    pub fn said(&self) -> Said {
        Said { coachee: self.coachee_says.map(|word| word.0), coach: self.coach_says.map(|word| word.0) }
    }

    /// Whether it was agreed on, has begun, and a side has yet to say what became of it, whatever the other says.
    pub fn waits_for_word(&self, side: Side, now: Stamp) -> bool {
        let word = match side {
            Side::Coachee => self.coachee_says,
            Side::Coach => self.coach_says,
        };
        let was_agreed =
            matches!(self.status.0, SessionStatus::Scheduled | SessionStatus::Held | SessionStatus::Missed);
        was_agreed && self.starts_at <= now && word.is_none()
    }

    /// When it ends.
    pub fn ends_at(&self) -> DateTime<Utc> {
        self.starts_at.time() + chrono::TimeDelta::minutes(i64::from(self.minutes))
    }

    /// The quarters it takes; none when it is not on a quarter, which is never stored.
    fn quarters(&self) -> impl Iterator<Item = Quarter> {
        let minutes = u16::try_from(self.minutes).unwrap_or(0);
        Quarter::at(self.starts_at.time()).into_iter().flat_map(move |start| start.taken(minutes))
    }
}

/// The session with an id.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn get(db: &mut Db, id: SessionId) -> StoreResult<Session> {
    Ok(sessions::table.find(id).get_result(db)?)
}

/// The sessions of a pairing, by number.
///
/// # Errors
/// When the database cannot be read.
pub fn of_pairing(db: &mut Db, pairing: PairingId) -> StoreResult<Vec<Session>> {
    Ok(sessions::table.filter(sessions::pairing.eq(pairing)).order(sessions::number).load(db)?)
}

/// The sessions of a person on either side that begin from one time on and before another, in order of time.
///
/// # Errors
/// When the database cannot be read.
pub fn of_person(db: &mut Db, person: PersonId, from: Stamp, until: Stamp, limit: i64) -> StoreResult<Vec<Session>> {
    let own = pairings::table.filter(pairings::coachee.eq(person).or(pairings::coach.eq(person))).select(pairings::id);
    let during = sessions::starts_at.ge(from).and(sessions::starts_at.lt(until));
    let found = sessions::table.filter(sessions::pairing.eq_any(own)).filter(during);
    Ok(found.order((sessions::starts_at, sessions::id)).limit(limit).load(db)?)
}

/// Proposals whose time has come without a yes, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn unanswered(db: &mut Db, now: Stamp, limit: i64) -> StoreResult<Vec<Session>> {
    let due = sessions::status.eq(SessionStatus::Proposed.as_str()).and(sessions::starts_at.le(now));
    Ok(sessions::table.filter(due).order((sessions::starts_at, sessions::id)).limit(limit).load(db)?)
}

/// Keeps a new session and takes its time of both people. Says whether that was free; if not, the
/// transaction must not be kept.
///
/// # Errors
/// [`StoreError::Conflict`] when the number is taken.
pub fn insert(db: &mut Db, session: &Session, people: [PersonId; 2]) -> StoreResult<bool> {
    diesel::insert_into(sessions::table)
        .values(row!(sessions {
            id: session.id,
            pairing: session.pairing,
            number: session.number,
            status: session.status,
            starts_at: session.starts_at,
            minutes: session.minutes,
            mode: session.mode,
            place: &session.place,
            proposed_by: session.proposed_by,
            sequence: session.sequence,
            created_at: session.created_at,
            changed_at: session.changed_at,
            version: session.version,
        }))
        .execute(db)?;
    book(db, session, people)
}

/// Changes a session from what it was to what it is to be, counts its version up, and takes or gives back
/// the time of both people. None when that is not free; then the transaction must not be kept.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not any more what it was, or may not become that.
pub fn change(db: &mut Db, old: &Session, new: Session, people: [PersonId; 2]) -> StoreResult<Option<Session>> {
    if !old.status.0.may_become(new.status.0) {
        return Err(StoreError::Conflict(format!("the session is {} and cannot become {}", old.status, new.status)));
    }
    let new = Session { version: old.version + 1, ..new };
    let same = sessions::status.eq(old.status).and(sessions::version.eq(old.version));
    let changed = diesel::update(sessions::table.find(old.id).filter(same))
        .set(row!(sessions {
            status: new.status,
            starts_at: new.starts_at,
            minutes: new.minutes,
            mode: new.mode,
            place: &new.place,
            proposed_by: new.proposed_by,
            sequence: new.sequence,
            coachee_says: new.coachee_says,
            coach_says: new.coach_says,
            cancelled_by: new.cancelled_by,
            cancel_note: &new.cancel_note,
            changed_at: new.changed_at,
            version: new.version,
            claimed_by: new.claimed_by,
        }))
        .execute(db)?;
    if changed != 1 {
        return Err(lost("session"));
    }
    let same_time = old.starts_at == new.starts_at && old.minutes == new.minutes;
    let was_called_off = new.status.0 == SessionStatus::Cancelled;
    let has_none = old.status.0 == SessionStatus::Cancelled;
    if !same_time || was_called_off || has_none {
        diesel::delete(bookings::table.filter(bookings::session.eq(old.id))).execute(db)?;
        if !was_called_off && !book(db, &new, people)? {
            return Ok(None);
        }
    }
    Ok(Some(new))
}

/// Takes the time of a session of both people. A quarter is taken once, which the key of the table sees to.
fn book(db: &mut Db, session: &Session, people: [PersonId; 2]) -> StoreResult<bool> {
    for quarter in session.quarters() {
        for person in people {
            let row = row!(bookings { person: person, quarter: quarter.0, session: session.id });
            let insert = diesel::insert_into(bookings::table).values(row);
            let taken = match db {
                Db::Pg(pg) => insert.on_conflict_do_nothing().execute(pg)?,
                Db::Sqlite(sqlite) => insert.on_conflict_do_nothing().execute(sqlite)?,
            };
            if taken == 0 {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The quarters from one to another in which one of some people is in a session, but for one session.
///
/// # Errors
/// When the database cannot be read.
pub fn taken(
    db: &mut Db,
    people: [PersonId; 2],
    from: Quarter,
    until: Quarter,
    but: Option<SessionId>,
) -> StoreResult<HashSet<Quarter>> {
    let during = bookings::quarter.ge(from.0).and(bookings::quarter.lt(until.0));
    let mut query = bookings::table.filter(bookings::person.eq_any(people)).filter(during).into_boxed();
    if let Some(but) = but {
        query = query.filter(bookings::session.ne(but));
    }
    let rows: Vec<i64> = query.select(bookings::quarter).load(db)?;
    Ok(rows.into_iter().map(Quarter).collect())
}
