//! What comes next among the sessions of a pairing, as one of the two sees it.

use chrono::TimeDelta;

use super::sessions::meeting;
use crate::domain::{SessionStatus, Side, Zone};
use crate::i18n::Lang;
use crate::services::{Act, ServiceResult, sessions, slots};
use crate::store::sessions::Session;
use crate::store::types::Stamp;
use crate::store::{Db, PairingId};

/// How far back somebody is asked what became of a session, and how far ahead the next one is looked for.
const DAYS_BACK: i64 = 60;
const DAYS_AHEAD: i64 = 180;
/// How long after a session somebody is asked of which the other side has said what became of it.
const DAYS_ASKED: i64 = 14;
/// Sessions looked at, at most.
const MOST: i64 = 500;

/// Why a session comes next, in the order in which it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// It has begun, and the reader has yet to say what became of it.
    Begun,
    /// Its time came without a yes, and the other side says that the two met all the same.
    Claimed,
    /// The reader is to say yes to its time.
    Asked,
    /// The other side has said what became of it, the reader has not.
    Told,
    /// It is agreed.
    Agreed,
    /// The other side is to say yes.
    Waits,
}

impl Why {
    fn of(session: &Session, side: Side, now: Stamp) -> Option<Self> {
        let begun = session.starts_at <= now;
        match session.status.0 {
            SessionStatus::Scheduled if begun => session.waits_for_word(side, now).then_some(Self::Begun),
            SessionStatus::Held | SessionStatus::Missed => {
                // It is settled by one word; for ever nobody is asked for the other.
                let is_recent = session.starts_at.time() > now.time() - TimeDelta::days(DAYS_ASKED);
                (session.waits_for_word(side, now) && is_recent).then_some(Self::Told)
            }
            SessionStatus::Cancelled => {
                let claimed = session.has_lapsed() && session.claimed_by.is_some_and(|by| by.0 != side);
                claimed.then_some(Self::Claimed)
            }
            SessionStatus::Scheduled => Some(Self::Agreed),
            SessionStatus::Proposed if begun => None,
            SessionStatus::Proposed if session.proposed_by.0 == side => Some(Self::Waits),
            SessionStatus::Proposed => Some(Self::Asked),
        }
    }

    /// The key of its texts.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Begun => "pages.coming.begun",
            Self::Claimed => "pages.coming.claimed",
            Self::Asked => "pages.coming.asked",
            Self::Told => "pages.coming.told",
            Self::Agreed => "pages.coming.agreed",
            Self::Waits => "pages.coming.waits",
        }
    }
}

/// The session of a pairing that comes next.
pub(super) struct Coming {
    pub why: Why,
    session: Session,
    side: Side,
    zones: [Zone; 2],
}

impl Coming {
    /// Of a pairing's sessions, what asks something of the reader first, then what is nearest.
    pub(super) fn of<'a>(
        all: impl Iterator<Item = &'a Session>,
        side: Side,
        zones: [Zone; 2],
        now: Stamp,
    ) -> Option<Self> {
        let concerned = all.filter_map(|session| Some((Why::of(session, side, now)?, session)));
        let (why, session) = concerned.min_by_key(|(why, session)| (*why, session.starts_at))?;
        Some(Self { why, session: session.clone(), side, zones })
    }

    /// The next of every pairing of whoever acts.
    pub(super) fn all(db: &mut Db, act: &Act) -> ServiceResult<Vec<(PairingId, Self)>> {
        let away = |days| Stamp::new(act.now.time() + TimeDelta::days(days));
        let met = sessions::own(db, act, away(-DAYS_BACK), away(DAYS_AHEAD), MOST)?;
        let mut found: Vec<(PairingId, Self)> = Vec::new();
        for one in &met {
            let id = one.pairing.id;
            let side = [Side::Coachee, Side::Coach].into_iter().find(|side| act.is(one.pairing.person(*side)));
            let (Some(side), false) = (side, found.iter().any(|(known, _)| *known == id)) else { continue };
            let zones = slots::zones(db, &one.pairing)?;
            let sessions = met.iter().filter(|other| other.pairing.id == id).map(|other| &other.session);
            found.extend(Self::of(sessions, side, zones, act.now).map(|coming| (id, coming)));
        }
        Ok(found)
    }

    /// A text of it, with its name, its time and the other side in it.
    pub(super) fn text(&self, part: &str, who: &str, lang: Lang) -> String {
        let number = self.session.number.to_string();
        let title = lang.fill("pages.session.title", &[("number", &number)]);
        let when = self.when(lang);
        let values = [("session", title.as_str()), ("when", when.as_str()), ("who", who)];
        lang.fill(&format!("{}.{part}", self.why.key()), &values)
    }

    fn when(&self, lang: Lang) -> String {
        meeting(&self.session, Some(self.side), self.zones, lang)
    }

    /// Its page.
    pub(super) fn address(&self) -> String {
        format!("/sessions/{}", self.session.id)
    }
}

/// The next session in a list of pairings.
pub(super) struct ComingRow {
    pub address: String,
    pub title: String,
    pub when: String,
    pub state: String,
    /// Whether the reader is to do something.
    pub asks: bool,
}

impl ComingRow {
    pub(super) fn of(coming: &Coming, lang: Lang) -> Self {
        Self {
            address: coming.address(),
            title: lang.fill("pages.session.title", &[("number", &coming.session.number.to_string())]),
            when: coming.when(lang),
            state: coming.text("state", "", lang),
            asks: coming.why <= Why::Told,
        }
    }
}
