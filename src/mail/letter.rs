//! A letter before it has words: to whom, in which language, about what.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::ical::Method;
use crate::domain::{CertificateCode, Email, MailClass, MailKind, Mode, Notice, Side, Zone};
use crate::i18n::Lang;

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// An account.
    Account(MailKind),
    /// Requests, offers, pairings and sessions.
    Notice(Notice),
    /// Nothing: an operator tries whether mail arrives.
    Test,
}

impl Topic {
    /// The class of mail that it belongs to, if one may do without it.
    pub const fn class(self) -> Option<MailClass> {
        match self {
            Topic::Notice(notice) => notice.class(),
            Topic::Account(_) | Topic::Test => None,
        }
    }
}

/// A letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The id, which is also that of the message.
    pub id: Uuid,
    /// To whom.
    pub to: Email,
    /// In which language.
    pub lang: Lang,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// What it is about.
    pub topic: Topic,
    /// What there is to say.
    pub facts: Facts,
}

/// What there is to say. Each topic says those of them that it has.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The name of the reader. Left out where a stranger may have given it.
    pub name: Option<String>,
    /// Which side the reader is on.
    pub side: Option<Side>,
    /// The other person, in the text; initials where the reader must not know more yet.
    pub who: Option<String>,
    /// The other person in the subject, without titles.
    pub who_short: Option<String>,
    /// The address of the other person.
    pub contact: Option<String>,
    /// The position of the other person.
    pub position: Option<String>,
    /// Where the other person works.
    pub place: Option<String>,
    /// What the coaching is to be about.
    pub focus: Vec<String>,
    /// Until when an answer is waited for, or the link is good.
    pub until: Option<DateTime<Utc>>,
    /// Which of the reader's choices it is about.
    pub choice: Option<i16>,
    /// Why, in somebody's own words.
    pub reason: Option<String>,
    /// Of a completed pairing: whether it got a certificate.
    pub certificate: Option<bool>,
    /// The certificate that was issued, by which anybody may check it.
    pub code: Option<CertificateCode>,
    /// The secret of the link.
    pub token: Option<SecretString>,
    /// The secret of a link by which the reader opens an account, besides what the letter is about.
    pub opening: Option<SecretString>,
    /// The id of the offer, request, pairing, question or session.
    pub about: Option<Uuid>,
    /// The pairing whose letters are shown together.
    pub thread: Option<Uuid>,
    /// The zone of the reader's clock; none: that of Jakarta.
    pub zone: Option<Zone>,
    /// The zone of the other person's clock.
    pub other_zone: Option<Zone>,
    /// The session.
    pub meeting: Option<Meeting>,
    /// When the session was to begin before it was moved.
    pub was: Option<DateTime<Utc>>,
    /// Further facts, each with its label, in words already.
    pub items: Vec<(String, String)>,
    /// Numbers that the sentences name, by the name of their place there.
    pub figures: Vec<(&'static str, i64)>,
    /// What the reader's calendar is to do with the session.
    pub calendar: Option<Method>,
    /// What the reader's way out of this class of mail is known by.
    pub leave: Option<SecretString>,
}

/// A session, as far as letters tell of it.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// Its id.
    pub id: Uuid,
    /// Which of the pairing's it is.
    pub number: i16,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// How many minutes it lasts.
    pub minutes: i16,
    /// How the two meet.
    pub mode: Mode,
    /// The address or the link.
    pub place: Option<String>,
    /// How often it was changed, as calendars count.
    pub sequence: i32,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// Who moved it or called it off, in words.
    pub by: Option<String>,
}
