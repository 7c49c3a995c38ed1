//! From messages in the outbox to letters: who the reader is, and what they may be told.
//!
//! A message about the workflow holds ids alone; what it says is looked up when it is sent, for a
//! whole batch at a time. So a letter tells how things stand, not how they stood, and one that
//! events have overtaken is not sent at all.

mod digests;
mod meetings;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

use self::digests::Digests;
use self::meetings::{Asked, OF_AHEAD, OF_SESSIONS};
use super::{ServiceResult, mail_preferences};
use crate::auth::Vault;
use crate::domain::{Email, MailClass, MailKind, Notice, OfferStatus, Patience, PersonName, Side, Zone};
use crate::i18n::Lang;
use crate::mail::{Facts, Letter, Links, Topic};
use crate::store::delivery::Claimed;
use crate::store::letters::{self, Addressee, Background, InBoth, Matter};
use crate::store::mail_preferences::Reader;
use crate::store::session_letters::{self, Zones};
use crate::store::sessions::Session;
use crate::store::types::Stamp;
use crate::store::{Db, PersonId, RequestId};

/// The key of a message's data that holds a secret, which must go once it is sent.
pub const SECRET: &str = "token";

/// The zone of readers of whom none is known.
const USUAL_ZONE: Zone = Zone::Wib;

/// Why mail of a class is not sent to whoever refused it.
const UNWANTED: &str = "the reader does not want such mail";

/// What a message turns out to be.
#[derive(Debug)]
pub enum Draft {
    /// A letter.
    Letter(Box<Letter>),
    /// Nothing any more: events have overtaken it. The words are for operators.
    Overtaken(&'static str),
    /// Nothing that could be sent, and why not.
    Unsendable(&'static str),
}

/// What a message about an account holds.
#[derive(Deserialize)]
struct AccountData {
    token: Option<SecretString>,
    name: Option<String>,
    reason: Option<String>,
    expires_at: Option<DateTime<Utc>>,
}

/// What a message about the workflow holds.
#[derive(Deserialize)]
struct NoticeData {
    about: Uuid,
    /// When a session was to begin before it was moved.
    was: Option<DateTime<Utc>>,
    /// Whether a session that was called off had been agreed on.
    #[serde(default)]
    scheduled: bool,
    /// Which time of a session it is about.
    sequence: Option<i32>,
    /// Of a completed pairing: whether it got a certificate.
    certificate: Option<bool>,
    /// Who asks for help.
    by: Option<PersonId>,
    /// What they say.
    says: Option<String>,
    /// The name of the reader, who need not be in the records.
    name: Option<String>,
}

/// Drafts the letters of a batch, in its order. What is stuck is told by the patience of the settings.
///
/// # Errors
/// When the database cannot be read.
pub fn draft(
    db: &mut Db,
    vault: &Vault,
    patience: Patience,
    batch: &[Claimed],
    now: Stamp,
) -> ServiceResult<Vec<Draft>> {
    let sources = Sources::load(db, patience, batch, now)?;
    Ok(batch.iter().map(|message| sources.draft(message, vault, now).unwrap_or_else(|without| without)).collect())
}

fn broken() -> Draft {
    Draft::Unsendable("what it is about is not there")
}

/// What the letters of a batch are made of.
struct Sources {
    addressees: HashMap<PersonId, Addressee>,
    matters: HashMap<Uuid, Matter>,
    backgrounds: HashMap<PersonId, Background>,
    focuses: HashMap<RequestId, Vec<InBoth>>,
    /// The names of the coaches that requests which went out were put to, the first choice first.
    choices: HashMap<RequestId, Vec<PersonName>>,
    sessions: HashMap<Uuid, (Session, Matter)>,
    /// The sessions that lie ahead of pairings.
    ahead: HashMap<Uuid, Vec<Session>>,
    /// Who has given feedback on which session.
    feedback: HashSet<(Uuid, Side)>,
    zones: HashMap<PersonId, Zones>,
    refusals: HashSet<(PersonId, MailClass)>,
    digests: Digests,
}

impl Sources {
    fn load(db: &mut Db, patience: Patience, batch: &[Claimed], now: Stamp) -> ServiceResult<Self> {
        let about = |wanted: &[Notice]| -> Vec<Uuid> {
            let notices = batch
                .iter()
                .filter(|message| message.kind.parse::<Notice>().is_ok_and(|notice| wanted.contains(&notice)));
            notices.filter_map(|message| Some(message.data.read::<NoticeData>().ok()?.about)).collect()
        };
        let mut matters = letters::offers(db, &about(&OF_OFFERS))?;
        matters.extend(letters::pairings(db, &about(&OF_PAIRINGS))?);
        matters.extend(letters::questions(db, &about(&OF_QUESTIONS))?);
        let sessions = session_letters::sessions(db, &about(&OF_SESSIONS))?;
        matters.extend(sessions.iter().map(|(id, (_, matter))| (*id, matter.clone())));
        let digests = Digests::load(db, patience, batch, now)?;
        let readers: Vec<PersonId> = batch.iter().filter_map(|message| message.person).collect();
        let others = matters.values().flat_map(|matter| [matter.coachee, matter.coach]);
        let people: Vec<PersonId> = readers.iter().copied().chain(others).chain(digests.people()).collect();
        let coachees: Vec<PersonId> = matters.values().map(|matter| matter.coachee).collect();
        let requests: Vec<RequestId> = matters.values().map(|matter| matter.request).collect();
        let sent = about(&[Notice::RequestSent]);
        let sent: Vec<RequestId> = sent.iter().filter_map(|id| Some(matters.get(id)?.request)).collect();
        Ok(Self {
            addressees: letters::addressees(db, &people)?,
            backgrounds: letters::backgrounds(db, &coachees)?,
            focuses: letters::focuses(db, &requests)?,
            choices: letters::choices(db, &sent)?,
            ahead: session_letters::ahead(db, &about(&OF_AHEAD), now)?,
            feedback: session_letters::feedback_given(db, &about(&[Notice::FeedbackAsked]))?,
            zones: session_letters::zones(db, &people)?,
            refusals: session_letters::refusals(db, &readers)?,
            matters,
            sessions,
            digests,
        })
    }

    /// The zone of somebody's clock, on one side; of a coachee who coaches as well, that of this side.
    fn zone(&self, person: PersonId, side: Side) -> Option<Zone> {
        let (coachee, coach) = self.zones.get(&person)?;
        match side {
            Side::Coachee => coachee.or(*coach),
            Side::Coach => coach.or(*coachee),
        }
    }

    fn draft(&self, message: &Claimed, vault: &Vault, now: Stamp) -> Result<Draft, Draft> {
        let (to, lang, name) = self.reader(message)?;
        let (topic, facts) = if let Ok(kind) = message.kind.parse::<MailKind>() {
            (Topic::Account(kind), account(message, kind, now)?)
        } else if let Ok(notice) = message.kind.parse::<Notice>() {
            let unwanted = |person| notice.class().is_some_and(|class| self.refusals.contains(&(person, class)));
            if message.person.is_some_and(unwanted) {
                return Err(Draft::Overtaken(UNWANTED));
            }
            let facts = self.notice(message, notice, lang, now)?;
            let token = |reader| Some(mail_preferences::token(vault, reader, notice.class()?)?.into());
            let leave = self.reader_of(message, notice).and_then(token);
            (Topic::Notice(notice), Facts { name: name.or(facts.name), leave, ..facts })
        } else {
            return Err(Draft::Unsendable("no letter is known for its kind"));
        };
        let written_at = message.created_at.time();
        Ok(Draft::Letter(Box::new(Letter { id: message.id.uuid(), to, lang, written_at, topic, facts })))
    }

    /// The address, the language and the name of the reader.
    fn reader(&self, message: &Claimed) -> Result<(Email, Lang, Option<String>), Draft> {
        let person = message.person.and_then(|person| self.addressees.get(&person));
        if message.address.is_none() && person.is_some_and(|person| person.closed) {
            return Err(Draft::Unsendable("the account is closed"));
        }
        let address = message.address.as_deref().or(person.and_then(|person| person.address.as_deref()));
        let address = address.ok_or(Draft::Unsendable("no address is known"))?;
        let email = address.parse().map_err(|_| Draft::Unsendable("the address is none"))?;
        let language = message.language.as_deref().or(person.map(|person| person.language.as_str()));
        let lang = language.and_then(Lang::of).unwrap_or_default();
        Ok((email, lang, person.map(|person| person.name.to_string())))
    }

    /// Whose wishes about mail count.
    fn reader_of(&self, message: &Claimed, notice: Notice) -> Option<Reader> {
        match notice {
            Notice::AdminDigest => self.digests.reader(message.data.read::<NoticeData>().ok()?.about.into()),
            _ => message.person.map(Reader::Person),
        }
    }

    fn notice(&self, message: &Claimed, notice: Notice, lang: Lang, now: Stamp) -> Result<Facts, Draft> {
        let data = message.data.read::<NoticeData>().map_err(|_| broken())?;
        let (about, certificate) = (data.about, data.certificate);
        let facts = Facts { about: Some(about), ..Facts::default() };
        match notice {
            Notice::WaitingAgain => return Ok(Facts { side: Some(Side::Coachee), ..facts }),
            Notice::AdminDigest => return self.digests.admin(about.into(), lang),
            Notice::CoachDigest => {
                let coach = message.person.ok_or_else(broken)?;
                let facts = Facts { about: None, zone: self.zone(coach, Side::Coach), ..facts };
                return self.digests.coach(self, coach, lang, facts);
            }
            _ => {}
        }
        let matter = self.matters.get(&about).ok_or_else(broken)?;
        if notice == Notice::HelpAsked {
            return self.help_asked(matter, data, lang, facts);
        }
        let side = if message.person == Some(matter.coach) { Side::Coach } else { Side::Coachee };
        let (reader, other) = match side {
            Side::Coach => (matter.coach, matter.coachee),
            Side::Coachee => (matter.coachee, matter.coach),
        };
        let other = self.addressees.get(&other).ok_or_else(broken)?;
        // Who the coachee is, a coach learns by accepting.
        let known = side == Side::Coachee || matter.pairing.is_some();
        let facts = Facts {
            side: Some(side),
            who: Some(if known { other.name.to_string() } else { other.name.initials() }),
            who_short: Some(if known { other.name.full.clone() } else { other.name.initials() }),
            zone: self.zone(reader, side),
            ..facts
        };
        let asked = Asked { message, notice, data: &data, side, lang, now };
        if OF_SESSIONS.contains(&notice) {
            return meetings::session(self, &asked, facts);
        }
        match notice {
            Notice::OfferAsked => self.offer_asked(matter, lang, facts),
            Notice::OfferReminder if side == Side::Coach => self.offer_asked(matter, lang, facts),
            Notice::SessionPlanProposed | Notice::PairQuiet => meetings::ahead(self, &asked, facts),
            Notice::CoachProposed | Notice::OfferReminder => {
                Ok(Facts { until: Some(still(matter, OfferStatus::Proposed)?.0), ..facts })
            }
            Notice::RequestSent => self.request_sent(matter, lang, facts),
            Notice::NextCoachAsked => {
                let (_, choice) = still(matter, OfferStatus::Pending)?;
                Ok(Facts { choice, ..facts })
            }
            Notice::PairingStarted => Ok(Facts { contact: other.address.clone(), ..facts }),
            Notice::PairingCompleted => Ok(Facts { certificate, ..facts }),
            _ => Ok(facts),
        }
    }

    /// Who of a pair asks for help, how to reach them, and what they say.
    fn help_asked(&self, matter: &Matter, data: NoticeData, lang: Lang, facts: Facts) -> Result<Facts, Draft> {
        let (by, says) = (data.by.ok_or_else(broken)?, data.says.ok_or_else(broken)?);
        let other = if by == matter.coach { matter.coachee } else { matter.coach };
        let known = |person: &PersonId| self.addressees.get(person).ok_or_else(broken);
        let (asker, other) = (known(&by)?, known(&other)?);
        let with = lang.tr("mail.detail.paired_with").into_owned();
        let said = lang.tr("mail.detail.says").into_owned();
        Ok(Facts {
            name: data.name,
            who: Some(asker.name.to_string()),
            who_short: Some(asker.name.full.clone()),
            contact: asker.address.clone(),
            items: vec![(with, other.name.to_string()), (said, says)],
            ..facts
        })
    }

    /// Whom a request went out to, in their order, and until when the first may answer.
    fn request_sent(&self, matter: &Matter, lang: Lang, facts: Facts) -> Result<Facts, Draft> {
        let (until, place) = still(matter, OfferStatus::Pending)?;
        // A run's proposal is about one coach, whatever was chosen before it.
        let chosen = place.and_then(|_| self.choices.get(&matter.request)).map(Vec::as_slice).unwrap_or_default();
        let mut items = Vec::new();
        if chosen.len() > 1 {
            for (at, name) in chosen.iter().enumerate() {
                let label = lang.fill("mail.detail.choice", &[("number", &(at + 1).to_string())]);
                items.push((label, name.to_string()));
            }
        }
        let zone = facts.zone.unwrap_or(USUAL_ZONE);
        items.push((lang.tr("mail.detail.coach_answers_by").into_owned(), lang.moment_in(until, zone)));
        let coaches = i64::try_from(chosen.len().max(1)).unwrap_or(i64::MAX);
        Ok(Facts { about: Some(matter.request.uuid()), items, figures: vec![("coaches", coaches)], ..facts })
    }

    /// What a coach needs to decide, and no more.
    fn offer_asked(&self, matter: &Matter, lang: Lang, facts: Facts) -> Result<Facts, Draft> {
        let (until, _) = still(matter, OfferStatus::Pending)?;
        let background = self.backgrounds.get(&matter.coachee);
        let named = |name: &InBoth| lang.pick(&name.0, &name.1).to_owned();
        let focus = self.focuses.get(&matter.request).map(|names| names.iter().map(named).collect());
        Ok(Facts {
            position: background.map(|background| background.position.clone()),
            place: background.map(|background| named(&background.province)),
            focus: focus.unwrap_or_default(),
            until: Some(until),
            ..facts
        })
    }
}

const OF_OFFERS: [Notice; 7] = [
    Notice::CoachProposed,
    Notice::RequestSent,
    Notice::OfferAsked,
    Notice::OfferExpired,
    Notice::OfferWithdrawn,
    Notice::NextCoachAsked,
    Notice::OfferReminder,
];
const OF_PAIRINGS: [Notice; 9] = [
    Notice::PairingStarted,
    Notice::AgreementSigned,
    Notice::PairingCompleted,
    Notice::CertificateIssued,
    Notice::CertificateWithdrawn,
    Notice::PairingEnded,
    Notice::SessionPlanProposed,
    Notice::PairQuiet,
    Notice::HelpAsked,
];
const OF_QUESTIONS: [Notice; 2] = [Notice::QuestionAsked, Notice::QuestionAnswered];

/// The deadline of an offer that waits as the letter says, and its place among the choices.
fn still(matter: &Matter, status: OfferStatus) -> Result<(DateTime<Utc>, Option<i16>), Draft> {
    match matter.offer {
        Some((now, deadline, place)) if now == status => Ok((deadline.time(), place)),
        _ => Err(Draft::Overtaken("the offer was answered or taken back before the letter went out")),
    }
}

fn account(message: &Claimed, kind: MailKind, now: Stamp) -> Result<Facts, Draft> {
    let data: AccountData = message.data.read().map_err(|_| Draft::Unsendable("its data cannot be read"))?;
    let needs_secret = Links::needs_secret(Topic::Account(kind));
    if needs_secret && data.token.is_none() {
        return Err(Draft::Unsendable("the secret of its link is gone"));
    }
    if needs_secret && data.expires_at.is_some_and(|until| until <= now.time()) {
        return Err(Draft::Unsendable("its link is no longer good"));
    }
    // Anybody can have these sent to anybody, with any name: no words of theirs in our mail.
    let by_a_stranger = matches!(kind, MailKind::CoachApplication | MailKind::AccountExists);
    Ok(Facts {
        name: data.name.filter(|_| !by_a_stranger),
        reason: data.reason,
        until: data.expires_at.filter(|_| needs_secret),
        token: data.token.filter(|_| needs_secret),
        ..Facts::default()
    })
}
