//! From messages in the outbox to letters: who the reader is, and what they may be told.
//!
//! A message about the workflow holds ids alone; what it says is looked up when it is sent, for a
//! whole batch at a time. So a letter tells how things stand, not how they stood, and one that
//! events have overtaken is not sent at all.

mod accounts;
mod choosing;
mod digests;
mod meetings;
mod pairs;
mod runs;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

use self::choosing::{Choosing, OF_OFFERS, OF_REQUESTS};
use self::digests::Digests;
use self::meetings::{Asked, OF_AHEAD, OF_SESSIONS};
use self::pairs::{OF_PAIRINGS, Pairs};
use self::runs::{OF_RUNS, Runs};
use super::slots::Rules;
use super::zones::{self, USUAL as USUAL_ZONE};
use super::{ServiceResult, mail_preferences};
use crate::auth::Vault;
use crate::domain::{Email, MailClass, MailKind, Notice, Patience, Side, Zone};
use crate::i18n::Lang;
use crate::mail::{Facts, Letter, Topic};
use crate::store::delivery::Claimed;
use crate::store::letters::{self, Addressee, Matter};
use crate::store::mail_preferences::Reader;
use crate::store::session_letters::{self, Zones};
use crate::store::sessions::Session;
use crate::store::types::Stamp;
use crate::store::{AccountId, Db, PersonId};

/// The key of a message's data that holds a secret, which must go once it is sent.
pub const SECRET: &str = "token";

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

/// What letters go by, besides what is in the database.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// What is stuck, as digests tell it.
    pub patience: Patience,
    /// When people can be met who do not say.
    pub hours: Rules,
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
    /// The run that found no coach.
    run: Option<Uuid>,
    /// The secret of the link by which a coach without an account opens one.
    token: Option<SecretString>,
    /// The account that has asked for a run.
    account: Option<AccountId>,
    /// Who asks for help.
    by: Option<PersonId>,
    /// What they say.
    says: Option<String>,
    /// The name of the reader, who need not be in the records.
    name: Option<String>,
}

/// Drafts the letters of a batch, in its order.
///
/// # Errors
/// When the database cannot be read.
pub fn draft(
    db: &mut Db,
    vault: &Vault,
    setting: &Setting,
    batch: &[Claimed],
    now: Stamp,
) -> ServiceResult<Vec<Draft>> {
    let sources = Sources::load(db, setting, batch, now)?;
    Ok(batch.iter().map(|message| sources.draft(message, vault, now).unwrap_or_else(|without| without)).collect())
}

fn broken() -> Draft {
    Draft::Unsendable("what it is about is not there")
}

/// What the letters of a batch are made of.
struct Sources {
    addressees: HashMap<PersonId, Addressee>,
    matters: HashMap<Uuid, Matter>,
    choosing: Choosing,
    pairs: Pairs,
    runs: Runs,
    sessions: HashMap<Uuid, (Session, Matter)>,
    /// The sessions that lie ahead of pairings.
    ahead: HashMap<Uuid, Vec<Session>>,
    /// Who has given feedback on which session.
    feedback: HashSet<(Uuid, Side)>,
    zones: HashMap<PersonId, Zones>,
    refusals: HashSet<(PersonId, MailClass)>,
    digests: Digests,
    /// The names of those who sent invitations.
    inviters: HashMap<AccountId, String>,
}

impl Sources {
    fn load(db: &mut Db, setting: &Setting, batch: &[Claimed], now: Stamp) -> ServiceResult<Self> {
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
        let digests = Digests::load(db, setting.patience, batch, now)?;
        let readers: Vec<PersonId> = batch.iter().filter_map(|message| message.person).collect();
        let others = matters.values().flat_map(|matter| [matter.coachee, matter.coach]);
        let people: Vec<PersonId> = readers.iter().copied().chain(others).chain(digests.people()).collect();
        Ok(Self {
            addressees: letters::addressees(db, &people)?,
            inviters: accounts::inviters(db, batch)?,
            choosing: Choosing::load(db, batch, &about, &matters, now)?,
            pairs: Pairs::load(db, &setting.hours, &about, now)?,
            runs: Runs::load(db, batch, &about(&OF_RUNS))?,
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
        zones::on_side(*self.zones.get(&person)?, side)
    }

    fn draft(&self, message: &Claimed, vault: &Vault, now: Stamp) -> Result<Draft, Draft> {
        let (to, lang, name) = self.reader(message)?;
        let (topic, facts) = if let Ok(kind) = message.kind.parse::<MailKind>() {
            (Topic::Account(kind), accounts::facts(message, kind, &self.inviters, lang, now)?)
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
            return Err(Draft::Overtaken("the account is closed"));
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
        let about = data.about;
        let facts = Facts { about: Some(about), ..Facts::default() };
        match notice {
            Notice::AdminDigest => return self.digests.admin(about.into(), lang),
            Notice::CoachDigest => {
                let coach = message.person.ok_or_else(broken)?;
                let facts = Facts { about: None, zone: self.zone(coach, Side::Coach), ..facts };
                return self.digests.coach(self, coach, lang, facts);
            }
            Notice::GapProfileReady => return Ok(facts),
            _ if OF_RUNS.contains(&notice) => return self.runs.of_run(notice, &data, lang, facts),
            _ if OF_REQUESTS.contains(&notice) => {
                let asks = message.person.ok_or_else(broken)?;
                return self.choosing.of_request(notice, asks, &data, lang, facts);
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
        let other_zone = self.zone(other, side.other());
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
        let has_account = self.addressees.get(&reader).is_some_and(|reader| reader.has_account);
        let facts = Facts { opening: data.token.clone().filter(|_| !has_account), ..facts };
        let asked = Asked { message, notice, data: &data, matter, side, lang, now };
        match notice {
            _ if OF_SESSIONS.contains(&notice) => meetings::session(self, &asked, facts),
            _ if OF_AHEAD.contains(&notice) => meetings::ahead(self, &asked, facts),
            _ if OF_OFFERS.contains(&notice) => self.choosing.of_offer(notice, matter, lang, facts),
            _ if OF_PAIRINGS.contains(&notice) => {
                self.pairs.of_pairing(&asked, other.address.as_deref(), other_zone, facts)
            }
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
}

const OF_QUESTIONS: [Notice; 2] = [Notice::QuestionAsked, Notice::QuestionAnswered];
