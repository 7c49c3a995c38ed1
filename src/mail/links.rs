//! Where the link of a letter leads: one table. Every page shows what it is about and changes nothing
//! until a button is pressed, because mail scanners follow links.

use secrecy::{ExposeSecret, SecretString};

use super::letter::{Letter, Topic};
use crate::domain::{MailKind, Notice};

/// The address that links begin with, without a slash at its end.
#[derive(Debug, Clone)]
pub struct Links(String);

/// What stands for the key in a path.
const TOKEN: &str = "{token}";
const ABOUT: &str = "{about}";

/// The path that a topic links to. `{token}` is the secret of the letter, `{about}` the id of the
/// offer, request, pairing or question.
const fn path(topic: Topic) -> &'static str {
    match topic {
        Topic::Account(kind) => match kind {
            MailKind::Invitation => "/invitations/{token}",
            MailKind::PasswordReset => "/password-resets/{token}",
            MailKind::EmailChangeFrom | MailKind::EmailChangeTo => "/email-changes/{token}",
            MailKind::SignUp => "/sign-ups/{token}",
            MailKind::CoachApplication => "/coach-applications/{token}",
            // To somebody who finds the account in other hands: the way to get it back.
            MailKind::NewDevice | MailKind::PasswordChanged | MailKind::EmailChanged => "/password-resets",
            MailKind::AccountExists | MailKind::ApplicationVerified => "/sign-in",
            MailKind::ApplicationRejected => "/coach-applications",
        },
        Topic::Notice(notice) => match notice {
            Notice::CoachProposed
            | Notice::OfferAsked
            | Notice::OfferExpired
            | Notice::OfferWithdrawn
            | Notice::OfferReminder
            | Notice::NextCoachAsked => "/offers/{about}",
            Notice::RequestSent | Notice::WaitingAgain => "/requests/{about}",
            Notice::PairingStarted
            | Notice::AgreementSigned
            | Notice::PairingCompleted
            | Notice::CertificateIssued
            | Notice::CertificateWithdrawn
            | Notice::PairingEnded
            | Notice::SessionPlanProposed
            | Notice::PairQuiet
            | Notice::HelpAsked => "/pairings/{about}",
            Notice::QuestionAsked | Notice::QuestionAnswered => "/questions/{about}",
            Notice::SessionProposed
            | Notice::SessionScheduled
            | Notice::SessionMoved
            | Notice::SessionCancelled
            | Notice::SessionReminder
            | Notice::AttendanceAsked
            | Notice::FeedbackAsked
            | Notice::AttendanceDisputed => "/sessions/{about}",
            Notice::CoachDigest | Notice::AdminDigest => "/",
        },
        Topic::Test => "/",
    }
}

impl Links {
    /// Links below an address such as `https://coach.contoh.go.id`.
    pub fn new(base: &str) -> Self {
        Self(base.trim_end_matches('/').to_owned())
    }

    /// Whether the link of a topic holds the letter's secret.
    pub fn needs_secret(topic: Topic) -> bool {
        path(topic).contains(TOKEN)
    }

    /// The link of a letter; none when the letter lacks the secret or the id that it is made of.
    pub(super) fn of(&self, letter: &Letter) -> Option<String> {
        let mut path = path(letter.topic).to_owned();
        if path.contains(TOKEN) {
            path = path.replace(TOKEN, safe(letter.facts.token.as_ref()?)?);
        }
        if path.contains(ABOUT) {
            path = path.replace(ABOUT, &letter.facts.about?.to_string());
        }
        Some(format!("{}{path}", self.0))
    }

    /// Where the reader of a letter may say that they want no more like it.
    pub(super) fn way_out(&self, letter: &Letter) -> Option<String> {
        letter.topic.class()?;
        Some(format!("{}/u/{}", self.0, safe(letter.facts.leave.as_ref()?)?))
    }
}

/// Our secrets are letters, digits, `-` and `_`; anything else would be somebody else's path.
fn safe(secret: &SecretString) -> Option<&str> {
    let secret = secret.expose_secret();
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (!secret.is_empty() && secret.bytes().all(good)).then_some(secret)
}
