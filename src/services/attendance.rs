//! What becomes of sessions when their time has come: proposals without a yes are given up, and of the others each side
//! says whether they were held.

use super::act::Journal;
use super::sessions::{Met, active_side, call_off, change, find, tell_other};
use super::{Act, Refusal, ServiceResult};
use crate::domain::{Attendance, CancelledBy, Notice, SessionStatus, Side, Zone};
use crate::store::notices::{self, Due};
use crate::store::pairings::{self, Pairing};
use crate::store::sessions::{self as rows, Session};
use crate::store::types::Word;
use crate::store::{Db, SessionId};

/// Gives up proposals whose time has come without a yes, at most so many; says how many.
///
/// # Errors
/// When the database cannot be written.
pub fn give_up_due(db: &mut Db, act: &Act, limit: i64) -> ServiceResult<usize> {
    let due = rows::unanswered(db, act.now, limit)?;
    for old in &due {
        let pairing = pairings::get(db, old.pairing)?;
        act.record(db, "session", |db, journal| {
            call_off(db, journal, old, &pairing, CancelledBy::Programme, None)?;
            tell_of_lapse(db, journal, old, &pairing)
        })?;
    }
    Ok(due.len())
}

/// Tells both that a proposal of theirs came to nothing, once a day however many did: after a standstill of the
/// service it may be a whole plan.
fn tell_of_lapse(db: &mut Db, journal: &mut Journal, old: &Session, pairing: &Pairing) -> ServiceResult<()> {
    let now = journal.now();
    for side in [Side::Coachee, Side::Coach] {
        let due = Due {
            person: pairing.person(side),
            about: pairing.id.uuid().into(),
            mark: Zone::Wib.day(now.time()).to_string(),
            known_since: old.changed_at,
            at: old.starts_at,
        };
        if notices::give(db, Notice::SessionLapsed.as_str(), &due, now)? {
            journal.tell(Notice::SessionLapsed, due.person, old.id.uuid())?;
        }
    }
    Ok(())
}

/// Says, by one side, whether a session was held. The word may be taken back for another as long as the
/// pairing is active. Of a proposal that nobody said yes to in time both can say that they met all the same; nothing
/// else can be said of it, since nobody had promised to come.
///
/// # Errors
/// When it is neither side, the pairing is over, the time has not come, or the session was never scheduled.
pub fn attend(db: &mut Db, act: &Act, id: SessionId, word: Attendance) -> ServiceResult<Session> {
    act.record(db, "session", |db, journal| {
        let Met { session: old, pairing } = find(db, id)?;
        let by = active_side(act, &pairing)?;
        act.saw(old.version)?;
        let has_begun = act.now >= old.starts_at;
        if old.has_lapsed() || (old.status.0 == SessionStatus::Proposed && has_begun) {
            return met_all_the_same(db, journal, old, &pairing, by, word);
        }
        if !matches!(old.status.0, SessionStatus::Scheduled | SessionStatus::Held | SessionStatus::Missed) {
            return Err(Refusal::SessionNotScheduled.into());
        }
        if !has_begun {
            return Err(Refusal::SessionAhead.into());
        }
        let said = old.said().with(by, word);
        let new = Session {
            status: Word(said.status(old.status.0)),
            coachee_says: said.coachee.map(Word),
            coach_says: said.coach.map(Word),
            ..old.clone()
        };
        let new = change(db, journal, &old, new, &pairing, "attended")?;
        if said.disputed() {
            tell_other(journal, Notice::AttendanceDisputed, &pairing, by, &new)?;
        }
        Ok(new)
    })
}

/// Takes down that a side says that the two met, of a proposal whose time came without a yes; when both say so, it
/// was held, and takes that time of both.
fn met_all_the_same(
    db: &mut Db,
    journal: &mut Journal,
    old: Session,
    pairing: &Pairing,
    by: Side,
    word: Attendance,
) -> ServiceResult<Session> {
    if word != Attendance::Held {
        return Err(Refusal::SessionNotScheduled.into());
    }
    // Nobody has looked through what is due since its time came.
    let old = if old.has_lapsed() { old } else { call_off(db, journal, &old, pairing, CancelledBy::Programme, None)? };
    match old.claimed_by {
        Some(Word(side)) if side == by => Ok(old),
        Some(_) => {
            let held = Some(Word(Attendance::Held));
            let new = Session {
                status: Word(SessionStatus::Held),
                coachee_says: held,
                coach_says: held,
                cancelled_by: None,
                cancel_note: None,
                ..old.clone()
            };
            change(db, journal, &old, new, pairing, "attended")
        }
        None => {
            let new = Session { claimed_by: Some(Word(by)), ..old.clone() };
            let new = change(db, journal, &old, new, pairing, "claimed")?;
            tell_other(journal, Notice::SessionClaimed, pairing, by, &new)?;
            Ok(new)
        }
    }
}
