//! Sessions of a pairing whose time has come, put there without the way that leads to them.

use chrono::{DateTime, Utc};
use coachnet::domain::{Attendance, Mode, SessionStatus, Side};
use coachnet::store::pairings::Pairing;
use coachnet::store::sessions::{self, Session};
use coachnet::store::types::{Stamp, Word};
use coachnet::store::{SessionId, Store, StoreError};

/// A session at a time such as `2026-11-02T02:00:00Z`, and what coachee and coach say of it.
pub fn session(
    store: &Store,
    pairing: &Pairing,
    at: &str,
    coachee: Option<Attendance>,
    coach: Option<Attendance>,
) -> Session {
    let starts_at = Stamp::new(at.parse::<DateTime<Utc>>().expect("a time"));
    let put = store.write(|db| {
        let number = i16::try_from(sessions::of_pairing(db, pairing.id)?.len()).expect("few") + 1;
        let planned = planned(pairing, number, starts_at);
        let people = [pairing.coachee, pairing.coach];
        assert!(sessions::insert(db, &planned, people)?, "the time is free");
        // The coachee speaks first.
        let (mut status, mut said) = (planned.status.0, planned.said());
        for (side, word) in [(Side::Coachee, coachee), (Side::Coach, coach)] {
            if let Some(word) = word {
                said = said.with(side, word);
                status = said.status(status);
            }
        }
        if status == SessionStatus::Scheduled {
            return Ok::<_, StoreError>(planned);
        }
        let over = Session {
            status: Word(status),
            coachee_says: coachee.map(Word),
            coach_says: coach.map(Word),
            ..planned.clone()
        };
        Ok(sessions::change(db, &planned, over, people)?.expect("the same time"))
    });
    put.expect("a session")
}

/// One that both have agreed on.
fn planned(pairing: &Pairing, number: i16, starts_at: Stamp) -> Session {
    Session {
        id: SessionId::new(),
        pairing: pairing.id,
        number,
        status: Word(SessionStatus::Scheduled),
        starts_at,
        minutes: 60,
        mode: Word(Mode::Online),
        place: None,
        proposed_by: Word(Side::Coachee),
        sequence: 1,
        coachee_says: None,
        coach_says: None,
        cancelled_by: None,
        cancel_note: None,
        created_at: starts_at,
        changed_at: starts_at,
        version: 1,
        claimed_by: None,
    }
}

/// A proposal of the coachee to which nobody has said a word.
pub fn proposed(store: &Store, pairing: &Pairing, starts_at: Stamp) -> Session {
    let put = store.write(|db| {
        let session = Session { status: Word(SessionStatus::Proposed), ..planned(pairing, 1, starts_at) };
        assert!(sessions::insert(db, &session, [pairing.coachee, pairing.coach])?, "the time is free");
        Ok::<_, StoreError>(session)
    });
    put.expect("a session")
}

/// A session that both say was held.
pub fn held(store: &Store, pairing: &Pairing, at: &str) -> Session {
    session(store, pairing, at, Some(Attendance::Held), Some(Attendance::Held))
}
