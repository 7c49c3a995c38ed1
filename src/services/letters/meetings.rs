//! What letters about sessions say, and which of them events have overtaken.

use chrono::TimeDelta;

use super::{Draft, NoticeData, Sources, broken};
use crate::domain::{CancelledBy, Notice, PROPOSAL_LIVES_DAYS, PairingStatus, SessionStatus, Side};
use crate::i18n::Lang;
use crate::mail::{Facts, Meeting, Method};
use crate::store::delivery::Claimed;
use crate::store::letters::Matter;
use crate::store::sessions::Session;
use crate::store::types::{Stamp, Word};

/// Letters about one session.
pub(super) const OF_SESSIONS: [Notice; 11] = [
    Notice::SessionProposed,
    Notice::SessionUnanswered,
    Notice::SessionLapsed,
    Notice::SessionClaimed,
    Notice::SessionScheduled,
    Notice::SessionMoved,
    Notice::SessionCancelled,
    Notice::AttendanceDisputed,
    Notice::SessionReminder,
    Notice::AttendanceAsked,
    Notice::FeedbackAsked,
];
/// Letters about what lies ahead of a pairing.
pub(super) const OF_AHEAD: [Notice; 2] = [Notice::SessionPlanProposed, Notice::PairQuiet];
/// Most sessions of a plan that a letter names; its page has them all.
const MOST_NAMED: usize = 12;

/// A message about sessions, and who is to read it.
pub(super) struct Asked<'a> {
    pub(super) message: &'a Claimed,
    pub(super) notice: Notice,
    pub(super) data: &'a NoticeData,
    pub(super) matter: &'a Matter,
    pub(super) side: Side,
    pub(super) lang: Lang,
    pub(super) now: Stamp,
}

/// A letter about one session, whose reader is on a side of it.
pub(super) fn session(sources: &Sources, asked: &Asked, facts: Facts) -> Result<Facts, Draft> {
    let &Asked { notice, data, side, lang, .. } = asked;
    let (session, matter) = sources.sessions.get(&data.about).ok_or_else(broken)?;
    // Of a pairing that is over nothing can be said any more.
    let asks = matches!(notice, Notice::SessionLapsed | Notice::SessionClaimed | Notice::AttendanceAsked);
    let is_over = asks && matter.pairing != Some(PairingStatus::Active);
    if is_over || !holds(sources, session, asked) {
        return Err(Draft::Overtaken("the session is not any more what the letter says"));
    }
    let by = match notice {
        Notice::SessionMoved => Some(CancelledBy::from(session.proposed_by.0)),
        Notice::SessionCancelled => session.cancelled_by.map(|by| by.0),
        _ => None,
    };
    let by = by.map(|by| match by {
        CancelledBy::Programme => lang.tr("mail.by.programme").into_owned(),
        by if by == CancelledBy::from(side) => lang.tr("mail.by.you").into_owned(),
        _ => facts.who.clone().unwrap_or_default(),
    });
    let calendar = match notice {
        Notice::SessionScheduled | Notice::SessionMoved => Some(Method::Request),
        Notice::SessionCancelled if data.scheduled => Some(Method::Cancel),
        _ => None,
    };
    Ok(Facts {
        thread: Some(session.pairing.uuid()),
        meeting: Some(meeting(session, by)),
        was: data.was.filter(|was| *was != session.starts_at.time()),
        calendar,
        about: Some(session.id.uuid()),
        other_zone: sources.zone(if side == Side::Coach { matter.coachee } else { matter.coach }, side.other()),
        ..facts
    })
}

/// Whether things still stand as the letter says. Who changes a session sends a letter of their own, so one that
/// was written before the last change has nothing to add.
fn holds(sources: &Sources, session: &Session, asked: &Asked) -> bool {
    let &Asked { message, notice, data, side, now, .. } = asked;
    let is = |status| session.status.0 == status;
    let newest = session.changed_at <= message.created_at;
    let lies_ahead = session.starts_at > now;
    match notice {
        Notice::SessionProposed => is(SessionStatus::Proposed) && newest && lies_ahead && session.proposed_by.0 != side,
        Notice::SessionUnanswered => {
            let same_time = data.sequence == Some(session.sequence);
            is(SessionStatus::Proposed) && same_time && lies_ahead && session.proposed_by.0 != side
        }
        // Who has said that the two met all the same has a letter of their own sent.
        Notice::SessionLapsed => session.has_lapsed() && session.claimed_by.is_none(),
        Notice::SessionScheduled | Notice::SessionMoved => is(SessionStatus::Scheduled) && newest && lies_ahead,
        Notice::SessionCancelled => is(SessionStatus::Cancelled) && lies_ahead,
        Notice::AttendanceDisputed => session.said().disputed(),
        Notice::SessionReminder => {
            is(SessionStatus::Scheduled) && data.sequence == Some(session.sequence) && lies_ahead
        }
        Notice::SessionClaimed => session.has_lapsed() && session.claimed_by == Some(Word(side.other())),
        Notice::AttendanceAsked => session.waits_for_word(side, now),
        Notice::FeedbackAsked => is(SessionStatus::Held) && !sources.feedback.contains(&(session.id.uuid(), side)),
        _ => true,
    }
}

fn meeting(session: &Session, by: Option<String>) -> Meeting {
    Meeting {
        id: session.id.uuid(),
        number: session.number,
        starts_at: session.starts_at.time(),
        minutes: session.minutes,
        mode: session.mode.0,
        place: session.place.clone(),
        sequence: session.sequence,
        changed_at: session.changed_at.time(),
        by,
    }
}

/// A letter about the sessions that lie ahead of a pairing, or that there are none.
pub(super) fn ahead(sources: &Sources, asked: &Asked, facts: Facts) -> Result<Facts, Draft> {
    let &Asked { notice, data, side, lang, now, .. } = asked;
    let matter = sources.matters.get(&data.about).ok_or_else(broken)?;
    if matter.pairing != Some(PairingStatus::Active) {
        return Err(Draft::Overtaken("the pairing is over"));
    }
    let ahead = sources.ahead.get(&data.about).map(Vec::as_slice).unwrap_or_default();
    if notice == Notice::PairQuiet {
        let lives_since = now.time() - TimeDelta::days(PROPOSAL_LIVES_DAYS);
        let is_alive = |one: &Session| one.status.0 == SessionStatus::Scheduled || one.changed_at.time() > lives_since;
        let planned = ahead.iter().any(is_alive);
        return if planned { Err(Draft::Overtaken("the two have planned a session")) } else { Ok(facts) };
    }
    let other_zone = sources.zone(if side == Side::Coach { matter.coachee } else { matter.coach }, side.other());
    let own_zone = facts.zone.unwrap_or(super::USUAL_ZONE);
    let waiting = ahead
        .iter()
        .filter(|session| session.status.0 == SessionStatus::Proposed && session.proposed_by.0 != side)
        .take(MOST_NAMED);
    let line = |session: &Session| {
        let label = lang.fill("mail.detail.session", &[("number", &session.number.to_string())]);
        (label, lang.meeting(session.starts_at.time(), own_zone, other_zone))
    };
    let items: Vec<(String, String)> = waiting.map(line).collect();
    if items.is_empty() {
        return Err(Draft::Overtaken("the times were answered before the letter went out"));
    }
    Ok(Facts { items, ..facts })
}
