//! A proposal that nobody said yes to in time is given up, but people meet all the same: once both say so the session
//! was held and counts; one word alone changes nothing.

use chrono::TimeDelta;
use coachnet::domain::{Attendance, CancelledBy, SessionStatus, Side};
use coachnet::jobs::Timetable;
use coachnet::services::{Refusal, attendance, certificates, credit, sessions};
use coachnet::store::sessions::Session;

use crate::support::meetings::{Meetings, at, told, wish};
use crate::support::post::PACE;
use crate::support::programme::refusal;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    both_say_that_they_met,
    it_need_not_have_been_given_up_yet,
    nothing_else_can_be_said_of_it,
    what_was_called_off_stays_off,
    nobody_was_in_two_meetings,
);

/// A proposal of the coachee whose time has passed; given up, if the clock's work was done.
fn lapsed(meetings: &Meetings, given_up: bool) -> Session {
    let session = meetings.propose(Side::Coachee, &wish(at(11, 30, 0)));
    meetings.delivered();
    meetings.pass_until(at(11, 30, 2));
    if given_up {
        Timetable::new(meetings.programme.store.clone(), PACE).run_due(meetings.programme.now());
        meetings.delivered();
        let session = get(meetings, &session);
        assert_eq!(session.cancelled_by.map(|by| by.0), Some(CancelledBy::Programme));
        assert!(session.has_lapsed());
        return session;
    }
    session
}

fn get(meetings: &Meetings, session: &Session) -> Session {
    meetings.programme.store.read(|db| coachnet::store::sessions::get(db, session.id)).unwrap()
}

/// Sessions that count for the coachee, and the hours.
fn counted(meetings: &Meetings) -> (usize, u32) {
    let act = meetings.act(Side::Coachee);
    let year = meetings.programme.store.read(|db| credit::own(db, &act, Some(2026))).unwrap();
    (year.sessions.iter().filter(|judged| judged.credit.jp() > 0).count(), year.jp)
}

fn both_say_that_they_met(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = lapsed(&meetings, true);
    let claimed = meetings.attend(Side::Coachee, &session, Attendance::Held);
    assert_eq!((claimed.status.0, claimed.claimed_by.map(|by| by.0)), (SessionStatus::Cancelled, Some(Side::Coachee)));
    assert_eq!(claimed.said(), Default::default());
    let again = meetings.attend(Side::Coachee, &session, Attendance::Held);
    assert_eq!(again.version, claimed.version, "once more says nothing new");
    assert_eq!(counted(&meetings), (0, 0), "one word is not enough");
    let mails = meetings.delivered();
    assert_eq!(told(&mails), [("c0@contoh.test", "Senin 30 Nov, sesi 1: bertemu dengan Coachee e0?")]);
    assert!(!mails[0].headers.iter().any(|(name, _)| name == "List-Unsubscribe"), "nobody can do without it");

    let held = meetings.attend(Side::Coach, &session, Attendance::Held);
    assert_eq!((held.status.0, held.cancelled_by), (SessionStatus::Held, None));
    assert_eq!((held.coachee_says, held.coach_says), (held.coach_says, held.coachee_says));
    assert_eq!(counted(&meetings), (1, 2));
    assert_eq!(["session.claimed", "session.attended"].map(|action| meetings.programme.audited(action)), [1, 1]);
    meetings.programme.must_be_well();

    // From here on it is a session like any other.
    let differ = meetings.attend(Side::Coachee, &session, Attendance::NotHeld);
    assert!(differ.said().disputed());
    assert_eq!(counted(&meetings), (0, 0));
    meetings.attend(Side::Coachee, &session, Attendance::Held);
    meetings.programme.complete(&meetings.pairing).unwrap();
    let act = meetings.act(Side::Coachee);
    let own = db.store.read(|db| certificates::own(db, &act)).unwrap();
    assert_eq!((own[0].sessions, own[0].jp), (1, 2));
    meetings.programme.must_be_well();
}

fn it_need_not_have_been_given_up_yet(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = lapsed(&meetings, false);
    let claimed = meetings.attend(Side::Coach, &session, Attendance::Held);
    assert!(claimed.has_lapsed());
    let held = meetings.attend(Side::Coachee, &session, Attendance::Held);
    assert_eq!(held.status.0, SessionStatus::Held);
    Timetable::new(db.store.clone(), PACE).run_due(meetings.programme.now());
    assert_eq!(get(&meetings, &session).status.0, SessionStatus::Held);
    meetings.programme.must_be_well();
}

fn nothing_else_can_be_said_of_it(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = lapsed(&meetings, true);
    for word in [Attendance::CoachMissed, Attendance::CoacheeMissed, Attendance::NotHeld] {
        let act = meetings.act(Side::Coachee);
        let said = db.store.write(|db| attendance::attend(db, &act, session.id, word));
        assert_eq!(refusal(said), Refusal::SessionNotScheduled, "nobody had promised to come");
    }
    let act = meetings.programme.as_admin();
    assert!(db.store.write(|db| attendance::attend(db, &act, session.id, Attendance::Held)).is_err(), "the two alone");
    assert_eq!(get(&meetings, &session).version, session.version);
}

fn what_was_called_off_stays_off(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let by_coach = meetings.propose(Side::Coachee, &wish(at(11, 30, 0)));
    meetings.cancel(Side::Coach, &by_coach);
    let by_programme = meetings.propose(Side::Coachee, &wish(at(12, 1, 0)));
    let act = meetings.programme.as_admin();
    db.store.write(|db| sessions::cancel(db, &act, by_programme.id, None)).unwrap();
    meetings.pass_until(at(12, 2, 0));
    for session in [&by_coach, &by_programme] {
        let act = meetings.act(Side::Coach);
        let said = db.store.write(|db| attendance::attend(db, &act, session.id, Attendance::Held));
        assert_eq!(refusal(said), Refusal::SessionNotScheduled);
    }
}

fn nobody_was_in_two_meetings(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = lapsed(&meetings, true);
    // Its time was free again, and was taken by another before it was over.
    meetings.pass_until(at(11, 30, 0) + TimeDelta::minutes(5));
    let other = meetings.agree(&wish(at(11, 30, 0) + TimeDelta::minutes(30)));
    meetings.pass_until(at(11, 30, 3));
    meetings.attend(Side::Coachee, &session, Attendance::Held);
    let act = meetings.act(Side::Coach);
    let said = db.store.write(|db| attendance::attend(db, &act, session.id, Attendance::Held));
    assert_eq!(refusal(said), Refusal::SlotTaken);
    assert_eq!(meetings.attend(Side::Coach, &other, Attendance::Held).status.0, SessionStatus::Held);
    meetings.programme.must_be_well();
}
