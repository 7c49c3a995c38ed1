//! Handing messages over, by whichever way the settings name, and what came of it.

use std::path::PathBuf;
use std::time::Duration;

use lettre::Message;
use lettre::address::Envelope;
use uuid::Uuid;

use super::folder::Folder;
use super::smtp::Smtp;
use crate::config::SmtpServer;

/// How often a clerk is asked whether to go on.
pub(super) const BEAT: Duration = Duration::from_secs(1);

/// A message on its way.
#[derive(Debug)]
pub struct Parcel {
    /// The id of the letter.
    pub id: Uuid,
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
}

impl Parcel {
    /// Wraps the message of a letter.
    pub fn new(id: Uuid, message: &Message) -> Self {
        Self { id, envelope: message.envelope().clone(), bytes: message.formatted() }
    }

    /// The message as it goes out, with its end (RFC 5321, section 4.5.2): no line of it is a lone dot. None, if it is
    /// no text.
    pub(super) fn on_the_wire(&self) -> Option<String> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let mut wire = String::with_capacity(text.len() + 64);
        if text.starts_with('.') {
            wire.push('.');
        }
        wire.push_str(&text.replace("\r\n.", "\r\n.."));
        wire.push_str(if text.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" });
        Some(wire)
    }
}

/// What came of handing a message over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Sent,
    /// It was put off, or the connection broke: to be tried again.
    Later(String),
    /// It was refused for good.
    Refused(String),
    /// Nobody could be reached to take it; no fault of its own.
    Unreached(String),
    /// It was not tried, because the work was to end.
    Untouched,
}

/// Who keeps the books while messages are handed over. Is called by one thread at a time.
pub trait Clerk: Send {
    /// Notes what came of messages, each named by its place among those given. Each is noted once.
    /// False when it could not be noted: then no further message is handed over.
    fn note(&mut self, verdicts: Vec<(usize, Verdict)>) -> bool;

    /// Is asked every second or so. False: no further message is to be begun.
    fn go_on(&mut self) -> bool;
}

/// A clerk who only remembers.
impl Clerk for Vec<(usize, Verdict)> {
    fn note(&mut self, verdicts: Vec<(usize, Verdict)>) -> bool {
        self.extend(verdicts);
        true
    }

    fn go_on(&mut self) -> bool {
        true
    }
}

/// A way that cannot be gone as it is set.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

/// The way messages leave.
#[derive(Debug)]
pub enum Transport {
    /// Into a folder.
    Folder(Folder),
    /// To a mail server.
    Smtp(Box<Smtp>),
}

impl Transport {
    /// Into a folder, which is made when the first message is written.
    pub fn folder(path: PathBuf) -> Self {
        Self::Folder(Folder::new(path))
    }

    /// To a mail server; nothing is connected yet.
    ///
    /// # Errors
    /// [`Unusable`] when the authorities cannot be read, or the server's name is none.
    pub fn smtp(
        server: SmtpServer,
        hello: &str,
        connections: usize,
        timeout: Duration,
        authorities: Option<&std::path::Path>,
    ) -> Result<Self, Unusable> {
        Ok(Self::Smtp(Box::new(Smtp::new(server, hello, connections, timeout, authorities)?)))
    }

    /// Hands messages over; the clerk is told what came of each.
    pub fn deliver(&mut self, parcels: &[Parcel], clerk: &mut dyn Clerk) {
        match self {
            Self::Folder(folder) => folder.deliver(parcels, clerk),
            Self::Smtp(smtp) => smtp.deliver(parcels, clerk),
        }
    }

    /// Ends connections, since there is nothing to send for now.
    pub fn rest(&mut self) {
        match self {
            Self::Folder(_) => {}
            Self::Smtp(smtp) => smtp.rest(),
        }
    }
}

impl std::fmt::Display for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "the folder {}", folder.path().display()),
            Self::Smtp(smtp) => write!(f, "the mail server {}", smtp.place()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_on_the_wire_has_one_end() {
        let wire = |bytes: &[u8]| {
            let envelope = Envelope::new(None, vec!["a@contoh.test".parse().unwrap()]).unwrap();
            Parcel { id: Uuid::nil(), envelope, bytes: bytes.to_vec() }.on_the_wire()
        };
        assert_eq!(wire(b"a\r\n").as_deref(), Some("a\r\n.\r\n"));
        assert_eq!(wire(b"a").as_deref(), Some("a\r\n.\r\n"));
        assert_eq!(wire(b".\r\n.\r\n..b\r\nc.d").as_deref(), Some("..\r\n..\r\n...b\r\nc.d\r\n.\r\n"));
        assert_eq!(wire(b"\xff\r\n"), None);
    }
}
