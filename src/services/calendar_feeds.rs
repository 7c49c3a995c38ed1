//! A person's sessions as a calendar that programs read at a secret address. Whoever knows the address needs no
//! signing in, so it says when and with whom, and neither where nor what about.

use super::{Act, Actor, Refusal, ServiceResult};
use crate::auth::{digest, random_token};
use crate::domain::SessionStatus;
use crate::i18n::Lang;
use crate::mail::{self, Event, Sure};
use crate::store::sessions::Session;
use crate::store::{Db, PersonId, StoreError, calendar_feeds, letters};

/// Most sessions in a calendar, the newest.
const MOST: i64 = 2_000;

/// Gives the calendar of whoever acts a new secret, which ends the one before. Only its digest is kept.
///
/// # Errors
/// [`Refusal::NotInRecords`] when it is nobody of the records.
pub fn renew(db: &mut Db, act: &Act, secret: &str) -> ServiceResult<()> {
    let person = person(act)?;
    act.record(db, "calendar", |db, journal| {
        calendar_feeds::set(db, person, &digest(secret), act.now)?;
        journal.note("calendar_feed", person.uuid(), "renewed", &serde_json::json!({}))
    })
}

/// A secret for the address of a calendar.
pub fn new_secret() -> String {
    random_token()
}

/// Ends the secret of the calendar of whoever acts; nothing to do when there is none.
///
/// # Errors
/// [`Refusal::NotInRecords`] when it is nobody of the records.
pub fn revoke(db: &mut Db, act: &Act) -> ServiceResult<()> {
    let person = person(act)?;
    act.record(db, "calendar", |db, journal| {
        if calendar_feeds::end(db, person)? {
            journal.note("calendar_feed", person.uuid(), "revoked", &serde_json::json!({}))?;
        }
        Ok(())
    })
}

fn person(act: &Act) -> ServiceResult<PersonId> {
    match &act.actor {
        Actor::Caller(caller) => Ok(caller.person.ok_or(Refusal::NotInRecords)?),
        Actor::System(_) => Err(Refusal::NotInRecords.into()),
    }
}

/// What calendars are made of, besides sessions.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The domain of the programme's mail, which the ids of events end with: those of invitations are the same.
    pub domain: String,
    /// What links begin with, without a slash at the end.
    pub base: String,
    /// The name of the programme.
    pub programme: String,
}

/// The calendar with a secret, in its owner's language.
///
/// # Errors
/// [`StoreError::NotFound`] when no calendar has it, or its owner's account is closed.
pub fn show(db: &mut Db, secret: &str, frame: &Frame) -> ServiceResult<String> {
    let person = calendar_feeds::person(db, &digest(secret))?.ok_or(StoreError::NotFound)?;
    let met = calendar_feeds::sessions(db, person, MOST)?;
    let mut people: Vec<PersonId> = met.iter().flat_map(|(_, coachee, coach)| [*coachee, *coach]).collect();
    people.push(person);
    people.sort_unstable();
    people.dedup();
    let people = letters::addressees(db, &people)?;
    let owner = people.get(&person).filter(|owner| !owner.closed).ok_or(StoreError::NotFound)?;
    let lang = Lang::of(&owner.language).unwrap_or_default();
    let event = |(session, coachee, coach): &(Session, PersonId, PersonId)| {
        let other = if *coachee == person { coach } else { coachee };
        let who = people.get(other).map(|other| other.name.full.as_str()).unwrap_or_default();
        event(session, who, lang, frame)
    };
    let events: Vec<Event> = met.iter().map(event).collect();
    Ok(mail::feed(&lang.fill("calendar.feed", &[("programme", &frame.programme)]), &events, &frame.domain))
}

fn event(session: &Session, who: &str, lang: Lang, frame: &Frame) -> Event {
    let url = format!("{}/sessions/{}", frame.base, session.id);
    Event {
        id: session.id.uuid(),
        sequence: session.sequence,
        changed_at: session.changed_at.time(),
        starts_at: session.starts_at.time(),
        minutes: session.minutes.into(),
        sure: if session.status.0 == SessionStatus::Proposed { Sure::Tentative } else { Sure::Confirmed },
        summary: lang.fill("calendar.summary", &[("number", &session.number.to_string()), ("who", who)]),
        description: lang.fill("calendar.description", &[("link", &url)]),
        place: None,
        url,
    }
}
