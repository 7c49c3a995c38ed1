//! Handing messages over, by whichever way the settings name, and what came of it.

use std::path::PathBuf;
use std::time::Duration;

use lettre::Message;
use lettre::address::Envelope;
use uuid::Uuid;

use super::folder::Folder;
use super::smtp::Smtp;
use crate::config::SmtpServer;

/// How often who waits for letters to be handed over is asked whether to go on.
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

    /// Hands messages over and says, in their order, what came of each. `go_on` is asked every second;
    /// once it says no, no further message is begun.
    pub fn deliver(&mut self, parcels: &[Parcel], go_on: &mut dyn FnMut() -> bool) -> Vec<Verdict> {
        match self {
            Self::Folder(folder) => folder.deliver(parcels, go_on),
            Self::Smtp(smtp) => smtp.deliver(parcels, go_on),
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
