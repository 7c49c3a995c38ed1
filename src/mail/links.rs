//! Where the link of a letter leads: one table. Every page shows what it is about and changes nothing
//! until a button is pressed, because mail scanners follow links.

use secrecy::{ExposeSecret, SecretString};

use super::letter::{Letter, Topic};
use crate::domain::{CertificateCode, MailKind, Notice};

/// The address that links begin with, without a slash at its end.
#[derive(Debug, Clone)]
pub struct Links(String);

/// What stands for the key in a path.
const TOKEN: &str = "{token}";
const ABOUT: &str = "{about}";
/// Where readers sign devices out and set which mail comes.
const ACCOUNT: &str = "/account";

/// The path that a topic links to. `{token}` is the secret of the letter, `{about}` the id of the
/// offer, request, pairing or question.
const fn path(topic: Topic) -> &'static str {
    match topic {
        Topic::Account(kind) => match kind {
            MailKind::Invitation | MailKind::RoleOffered => "/invitations/{token}",
            MailKind::PasswordReset => "/password-resets/{token}",
            MailKind::EmailChangeFrom | MailKind::EmailChangeTo => "/email-changes/{token}",
            MailKind::SignUp => "/sign-ups/{token}",
            MailKind::CoachApplication => "/coach-applications/{token}",
            // Where devices are signed out.
            MailKind::NewDevice => ACCOUNT,
            // To somebody who finds the account in other hands: the way to get it back.
            MailKind::PasswordChanged | MailKind::EmailChanged => "/password-resets",
            MailKind::AccountExists
            | MailKind::ApplicationVerified
            | MailKind::RoleGiven
            | MailKind::RoleTaken
            | MailKind::AccountDisabled
            | MailKind::AccountEnabled
            | MailKind::AuthenticatorReset => "/sign-in",
            MailKind::ApplicationRejected => "/coach-applications",
        },
        Topic::Notice(notice) => match notice {
            Notice::CoachProposed
            | Notice::OfferAsked
            | Notice::OfferExpired
            | Notice::OfferWithdrawn
            | Notice::OfferReminder
            | Notice::NextCoachAsked
            | Notice::CoachAsked => "/offers/{about}",
            Notice::RequestSent
            | Notice::WaitingListed
            | Notice::WaitingAgain
            | Notice::ProposalWithdrawn
            | Notice::AskedAnew
            | Notice::RequestTakenBack => "/requests/{about}",
            Notice::PairingStarted
            | Notice::CoachChanged
            | Notice::AgreementSigned
            | Notice::PairingCompleted
            | Notice::CoachThanked
            | Notice::CertificateIssued
            | Notice::CertificateWithdrawn
            | Notice::PairingEnded
            | Notice::SessionPlanProposed
            | Notice::PairQuiet
            | Notice::HelpAsked => "/pairings/{about}",
            Notice::QuestionAsked | Notice::QuestionAnswered => "/questions/{about}",
            Notice::SessionProposed
            | Notice::SessionUnanswered
            | Notice::SessionLapsed
            | Notice::SessionClaimed
            | Notice::SessionScheduled
            | Notice::SessionMoved
            | Notice::SessionCancelled
            | Notice::SessionReminder
            | Notice::AttendanceAsked
            | Notice::FeedbackAsked
            | Notice::AttendanceDisputed => "/sessions/{about}",
            Notice::GapProfileReady => "/profile",
            Notice::RunFinished | Notice::RunFailed => "/runs/{about}",
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

    /// The page where anybody checks a certificate.
    pub(super) fn certificate(&self, code: &CertificateCode) -> String {
        format!("{}/certificates/{code}", self.0)
    }

    /// The page where somebody of the records opens an account.
    pub(super) fn opening(&self, secret: &SecretString) -> Option<String> {
        Some(format!("{}{}", self.0, path(Topic::Account(MailKind::SignUp)).replace(TOKEN, safe(secret)?)))
    }

    /// Where the reader sets which mail comes; none for those who have no account yet.
    pub(super) fn settings(&self, topic: Topic) -> Option<String> {
        let has_none =
            matches!(topic, Topic::Account(MailKind::Invitation | MailKind::SignUp | MailKind::CoachApplication));
        // A link that is there already is not said twice.
        (!has_none && path(topic) != ACCOUNT).then(|| format!("{}{ACCOUNT}", self.0))
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
