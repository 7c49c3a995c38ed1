//! A letter before it has words: to whom, in which language, about what.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::domain::{Email, MailKind, Notice, Side};
use crate::i18n::Lang;

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// An account.
    Account(MailKind),
    /// Requests, offers and pairings.
    Notice(Notice),
    /// Nothing: an operator tries whether mail arrives.
    Test,
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
    /// The secret of the link.
    pub token: Option<SecretString>,
    /// The id of the offer, request, pairing or question.
    pub about: Option<Uuid>,
}
