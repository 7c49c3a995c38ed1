//! Sessions: meetings of a pairing are proposed, confirmed, moved and called off. What becomes of them when their time
//! has come is in [`attendance`](super::attendance).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::act::{Journal, Text, optional_text};
use super::slots::{self, Rules};
use super::{Act, Denial, Refusal, ServiceError, ServiceResult};
use crate::domain::slots::SessionMinutes;
use crate::domain::{CancelledBy, Mode, Notice, PairingStatus, Quarter, SessionStatus, Side};
use crate::store::pairings::{self, Pairing};
use crate::store::sessions::{self, Session};
use crate::store::types::{Stamp, Word};
use crate::store::{Db, PairingId, PersonId, SessionId};

const PLACE: Text = Text { pointer: "/place", most: 500, expected: "error.field.place" };
const CANCEL_NOTE: Text = Text { pointer: "/note", most: 500, expected: "error.field.note" };
/// Most sessions of a pairing, called off ones among them.
const MOST: usize = 200;
/// How far ahead a session may lie, in days.
pub const DAYS_AHEAD: i64 = 366;

/// When and how two want to meet.
#[derive(Debug, Clone)]
pub struct Wish {
    /// When it begins, on a quarter of an hour.
    pub starts_at: DateTime<Utc>,
    /// How long it lasts, in minutes, on quarters of an hour.
    pub minutes: u16,
    /// How.
    pub mode: Mode,
    /// The address or the link.
    pub place: Option<String>,
    /// Whether the two mean it although it is outside their hours, or on a day off.
    pub anyway: bool,
}

/// What is to be another with a session. What is left out stays as it is.
#[derive(Debug, Clone)]
pub struct Change {
    /// When it begins, on a quarter of an hour.
    pub starts_at: DateTime<Utc>,
    /// How long it lasts, in minutes, on quarters of an hour.
    pub minutes: Option<u16>,
    /// How the two meet.
    pub mode: Option<Mode>,
    /// The address or the link; nothing but spaces takes it away.
    pub place: Option<String>,
    /// Whether the two mean it although it is outside their hours, or on a day off.
    pub anyway: bool,
}

impl Change {
    /// What a session is to be like.
    fn of(&self, old: &Session) -> Wish {
        Wish {
            starts_at: self.starts_at,
            minutes: self.minutes.unwrap_or(u16::try_from(old.minutes).unwrap_or(0)),
            mode: self.mode.unwrap_or(old.mode.0),
            place: self.place.clone().or_else(|| old.place.clone()),
            anyway: self.anyway,
        }
    }
}

/// A session and the pairing that meets.
#[derive(Debug, Clone)]
pub struct Met {
    /// The session.
    pub session: Session,
    /// The pairing.
    pub pairing: Pairing,
}

impl Met {
    /// The side that a person is on, if on one.
    pub fn side(&self, person: PersonId) -> Option<Side> {
        [Side::Coachee, Side::Coach].into_iter().find(|&side| self.pairing.person(side) == person)
    }
}

/// A session, to its two sides and the programme.
///
/// # Errors
/// When it is none of them.
pub fn get(db: &mut Db, act: &Act, id: SessionId) -> ServiceResult<Met> {
    let Met { session, pairing } = find(db, id).map_err(|error| error.about("session"))?;
    let side = side(act, &pairing);
    act.allow(side.is_some() || act.by_programme_of(db, pairing.coachee)?)?;
    Ok(Met { session: as_read(session, side), pairing })
}

/// A session as one side reads it, or the programme: why it was called off is between the two.
fn as_read(session: Session, side: Option<Side>) -> Session {
    let cancel_note = session.cancel_note.filter(|_| side.is_some());
    Session { cancel_note, ..session }
}

/// The sessions of a pairing, by number, to its two sides and the programme.
///
/// # Errors
/// When it is none of them.
pub fn of_pairing(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Vec<Session>> {
    let pairing = pairings::get(db, id).map_err(|error| ServiceError::from(error).about("pairing"))?;
    let side = side(act, &pairing);
    act.allow(side.is_some() || act.by_programme_of(db, pairing.coachee)?)?;
    Ok(sessions::of_pairing(db, id)?.into_iter().map(|session| as_read(session, side)).collect())
}

/// The sessions of whoever acts, on either side, that begin within a time, in order; none of who is nobody
/// in the records.
///
/// # Errors
/// When the database cannot be read.
pub fn own(db: &mut Db, act: &Act, from: Stamp, until: Stamp, limit: i64) -> ServiceResult<Vec<Met>> {
    let Ok(person) = act.person() else { return Ok(Vec::new()) };
    let found = sessions::of_person(db, person, from, until, limit)?;
    found.into_iter().map(|session| met(db, session)).collect()
}

/// Proposes a session, by one side; its time is taken of both people.
///
/// # Errors
/// When it is neither side, the pairing is over, or one of the two cannot be met then.
pub fn propose(db: &mut Db, act: &Act, rules: &Rules, pairing: PairingId, wish: &Wish) -> ServiceResult<Session> {
    let place = checked(act, wish)?;
    act.record(db, "pairing", |db, journal| {
        let pairing = pairings::get(db, pairing)?;
        let side = active_side(act, &pairing)?;
        let session = propose_one(db, act, journal, rules, &pairing, side, &Wish { place, ..wish.clone() })?;
        tell_other(journal, Notice::SessionProposed, &pairing, side, &session)?;
        Ok(session)
    })
}

/// Proposes a session without a word to anybody.
pub(super) fn propose_one(
    db: &mut Db,
    act: &Act,
    journal: &mut Journal,
    rules: &Rules,
    pairing: &Pairing,
    side: Side,
    wish: &Wish,
) -> ServiceResult<Session> {
    let before = sessions::of_pairing(db, pairing.id)?;
    if before.len() >= MOST {
        return Err(Refusal::SessionsFull.into());
    }
    slots::check(db, rules, pairing, wish, None)?;
    let session = Session {
        id: SessionId::new(),
        pairing: pairing.id,
        number: before.last().map_or(1, |last| last.number + 1),
        status: Word(SessionStatus::Proposed),
        starts_at: Stamp::new(wish.starts_at),
        minutes: minutes(wish),
        mode: Word(wish.mode),
        place: wish.place.clone(),
        proposed_by: Word(side),
        sequence: 0,
        coachee_says: None,
        coach_says: None,
        cancelled_by: None,
        cancel_note: None,
        created_at: act.now,
        changed_at: act.now,
        version: 1,
        claimed_by: None,
    };
    if !sessions::insert(db, &session, people(pairing))? {
        return Err(Refusal::SlotTaken.into());
    }
    journal.note("session", session.id.uuid(), "proposed", &json!({ "pairing": pairing.id, "side": side }))?;
    Ok(session)
}

/// Says yes to the time that the other side has named. Both get it for their calendars.
///
/// # Errors
/// When it is not the other side, the session was answered before, or its time has come.
pub fn confirm(db: &mut Db, act: &Act, id: SessionId) -> ServiceResult<Session> {
    act.record(db, "session", |db, journal| {
        let Met { session: old, pairing } = ahead(db, act, id)?;
        let by = active_side(act, &pairing)?;
        if old.status.0 != SessionStatus::Proposed {
            return Err(Refusal::SessionAnswered.into());
        }
        act.allow(old.proposed_by.0 != by)?;
        let new = Session { status: Word(SessionStatus::Scheduled), sequence: old.sequence + 1, ..old.clone() };
        let new = change(db, journal, &old, new, &pairing, "scheduled")?;
        for side in [Side::Coachee, Side::Coach] {
            journal.tell(Notice::SessionScheduled, pairing.person(side), id.uuid())?;
        }
        Ok(new)
    })
}

/// Moves a session to another time, or changes how the two meet. One that waits for a yes waits for that of
/// the side that did not move it. Where nothing would be another than it is, nobody is told.
///
/// # Errors
/// When it is neither side, its time has come, or one of the two cannot be met then.
pub fn reschedule(db: &mut Db, act: &Act, rules: &Rules, id: SessionId, to: &Change) -> ServiceResult<Session> {
    act.record(db, "session", |db, journal| {
        let Met { session: old, pairing } = ahead(db, act, id)?;
        let by = active_side(act, &pairing)?;
        let wish = to.of(&old);
        let place = checked(act, &wish)?;
        slots::check(db, rules, &pairing, &wish, Some(&old))?;
        let new = Session {
            starts_at: Stamp::new(wish.starts_at),
            minutes: minutes(&wish),
            mode: Word(wish.mode),
            place,
            ..old.clone()
        };
        if new == old {
            return Ok(old);
        }
        let new = Session { proposed_by: Word(by), sequence: old.sequence + 1, ..new };
        let new = change(db, journal, &old, new, &pairing, "rescheduled")?;
        if new.status.0 == SessionStatus::Proposed {
            tell_other(journal, Notice::SessionProposed, &pairing, by, &new)?;
        } else {
            let was = json!({ "was": old.starts_at.time() });
            for side in [Side::Coachee, Side::Coach] {
                journal.tell_with(Notice::SessionMoved, pairing.person(side), id.uuid(), &was)?;
            }
        }
        Ok(new)
    })
}

/// Calls a session off, by either side or the programme.
///
/// # Errors
/// When it is none of them, or its time has come.
pub fn cancel(db: &mut Db, act: &Act, id: SessionId, note: Option<&str>) -> ServiceResult<Session> {
    let note = optional_text(&CANCEL_NOTE, note)?;
    act.record(db, "session", |db, journal| {
        let Met { session: old, pairing } = ahead(db, act, id)?;
        let by = side(act, &pairing);
        act.allow(by.is_some() || act.by_programme_of(db, pairing.coachee)?)?;
        let by = by.map_or(CancelledBy::Programme, CancelledBy::from);
        call_off(db, journal, &old, &pairing, by, note.clone())
    })
}

/// Calls off all that lies ahead of a pairing that is over. A meeting whose time has come stays what it is: it may
/// well have been held.
pub(super) fn call_off_rest(db: &mut Db, journal: &mut Journal, pairing: &Pairing) -> ServiceResult<()> {
    for old in sessions::of_pairing(db, pairing.id)? {
        let is_open = old.status.0 == SessionStatus::Proposed || old.starts_at > journal.now();
        if old.status.0.is_ahead() && is_open {
            call_off(db, journal, &old, pairing, CancelledBy::Programme, None)?;
        }
    }
    Ok(())
}

pub(super) fn call_off(
    db: &mut Db,
    journal: &mut Journal,
    old: &Session,
    pairing: &Pairing,
    by: CancelledBy,
    note: Option<String>,
) -> ServiceResult<Session> {
    let new = Session {
        status: Word(SessionStatus::Cancelled),
        cancelled_by: Some(Word(by)),
        cancel_note: note,
        sequence: old.sequence + 1,
        ..old.clone()
    };
    let new = change(db, journal, old, new, pairing, "cancelled")?;
    // A proposal that nobody answered in time is in no calendar.
    if old.starts_at > journal.now() {
        let was_known = json!({ "scheduled": old.status.0 == SessionStatus::Scheduled });
        for side in [Side::Coachee, Side::Coach] {
            journal.tell_with(Notice::SessionCancelled, pairing.person(side), old.id.uuid(), &was_known)?;
        }
    }
    Ok(new)
}

pub(super) fn find(db: &mut Db, id: SessionId) -> ServiceResult<Met> {
    let session = sessions::get(db, id)?;
    met(db, session)
}

fn met(db: &mut Db, session: Session) -> ServiceResult<Met> {
    let pairing = pairings::get(db, session.pairing)?;
    Ok(Met { session, pairing })
}

/// A session that lies ahead, as whoever acts has seen it.
fn ahead(db: &mut Db, act: &Act, id: SessionId) -> ServiceResult<Met> {
    let met = find(db, id)?;
    // Who it concerns is asked first: others do not even learn its state.
    act.allow(side(act, &met.pairing).is_some() || act.by_programme_of(db, met.pairing.coachee)?)?;
    act.saw(met.session.version)?;
    if !met.session.status.0.is_ahead() {
        return Err(Refusal::SessionOver.into());
    }
    if act.now >= met.session.starts_at {
        return Err(Refusal::SessionBegun.into());
    }
    Ok(met)
}

/// The side of a pairing on which whoever acts is, if on one.
pub(super) fn side(act: &Act, pairing: &Pairing) -> Option<Side> {
    [Side::Coachee, Side::Coach].into_iter().find(|&side| act.by(pairing.person(side)))
}

/// The same of a pairing that is not over.
pub(super) fn active_side(act: &Act, pairing: &Pairing) -> ServiceResult<Side> {
    let side = side(act, pairing).ok_or(ServiceError::Forbidden)?;
    if pairing.status.0 == PairingStatus::Active { Ok(side) } else { Err(Refusal::PairingOver.into()) }
}

pub(super) fn change(
    db: &mut Db,
    journal: &mut Journal,
    old: &Session,
    new: Session,
    pairing: &Pairing,
    done: &str,
) -> ServiceResult<Session> {
    let new = sessions::change(db, old, Session { changed_at: journal.now(), ..new }, people(pairing))?;
    let new = new.ok_or(Refusal::SlotTaken)?;
    journal.note("session", new.id.uuid(), done, &json!({ "from": old.status.0, "status": new.status.0 }))?;
    Ok(new)
}

pub(super) fn tell_other(
    journal: &mut Journal,
    notice: Notice,
    pairing: &Pairing,
    side: Side,
    session: &Session,
) -> ServiceResult<()> {
    journal.tell(notice, pairing.person(side.other()), session.id.uuid())
}

pub(super) const fn people(pairing: &Pairing) -> [PersonId; 2] {
    [pairing.coachee, pairing.coach]
}

fn minutes(wish: &Wish) -> i16 {
    i16::try_from(wish.minutes).unwrap_or(i16::MAX)
}

/// The place of a wish that can be.
pub(super) fn checked(act: &Act, wish: &Wish) -> ServiceResult<Option<String>> {
    let ahead = act.now.time()..=act.now.time() + TimeDelta::days(DAYS_AHEAD);
    if Quarter::at(wish.starts_at).is_none() || !ahead.contains(&wish.starts_at) {
        return Err(Denial::fault("/starts_at", "error.field.session_start").into());
    }
    if SessionMinutes::new(wish.minutes).is_none() {
        return Err(Denial::fault("/minutes", "error.field.session_minutes").into());
    }
    optional_text(&PLACE, wish.place.as_deref())
}
