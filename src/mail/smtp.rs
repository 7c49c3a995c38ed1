//! Handing messages to a mail server over several connections at a time.
//!
//! lettre speaks the protocol and encodes what is sent; connections are opened here, because it leaves
//! the operating system free to hold small packets back, so that one connection gets no more than 23
//! messages a second through.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::round::{Noted, Round};
use super::tls::{Encrypted, Encryption};
use super::transport::{Clerk, Parcel, Unusable, Verdict};
use crate::config::SmtpServer;

/// A mail server, and the connections to it.
pub struct Smtp {
    line: Line,
    connections: Vec<Option<AsyncSmtpConnection>>,
    runtime: Runtime,
}

/// How a connection is opened and used.
struct Line {
    server: SmtpServer,
    encryption: Encryption,
    hello: ClientId,
    patience: Duration,
}

impl Smtp {
    /// A server, to be spoken to over so many connections, with so long for each of its answers.
    ///
    /// # Errors
    /// [`Unusable`] when the authorities cannot be read, or the server's name is none.
    pub fn new(
        server: SmtpServer,
        hello: &str,
        connections: usize,
        patience: Duration,
        authorities: Option<&Path>,
    ) -> Result<Self, Unusable> {
        let encryption = Encryption::of(&server, authorities)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Self {
            line: Line { server, encryption, hello: ClientId::Domain(hello.to_owned()), patience },
            connections: (0..connections.max(1)).map(|_| None).collect(),
            runtime: runtime.map_err(|why| Unusable(format!("no connections can be made: {why}")))?,
        })
    }

    /// Host and port.
    pub fn place(&self) -> String {
        format!("{}:{}", self.line.server.host, self.line.server.port)
    }

    pub(super) fn deliver(&mut self, parcels: &[Parcel], clerk: &mut dyn Clerk) {
        let (round, books) = Round::new(parcels);
        std::thread::scope(|scope| {
            let over = round.over();
            scope.spawn(|| books.keep(clerk, over));
            let lanes = self.connections.iter_mut().take(parcels.len());
            self.runtime.block_on(join_all(lanes.map(|connection| self.line.serve(connection, &round))));
            round.end();
        });
    }

    pub(super) fn rest(&mut self) {
        let patience = self.line.patience.min(Duration::from_secs(2));
        for mut connection in self.connections.iter_mut().filter_map(Option::take) {
            // Whether it hears the farewell or not, the connection is gone.
            let _ = self.runtime.block_on(async { timeout(patience, connection.quit()).await });
        }
    }
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Smtp({})", self.place())
    }
}

/// What came of one message on one connection.
enum Outcome {
    /// The connection can be used again.
    Open(Verdict),
    /// The connection is over.
    Closed(Verdict),
    /// The connection was over before it began, and what was said about it.
    Stale(String),
}

impl Line {
    /// One connection takes messages until none is left. One that cannot be opened leaves them to the others.
    async fn serve(&self, kept: &mut Option<AsyncSmtpConnection>, round: &Round<'_>) {
        let mut noted = None;
        while let Some(at) = round.next() {
            let (mut connection, used) = match kept.take() {
                Some(connection) => (connection, true),
                None => match self.open().await {
                    Ok(connection) => (connection, false),
                    Err(why) => {
                        round.put_back(at);
                        return round.is_away(why);
                    }
                },
            };
            let verdict = match self.exchange(&mut connection, &round.parcels[at], &mut noted).await {
                Outcome::Open(verdict) => {
                    *kept = Some(connection);
                    verdict
                }
                Outcome::Closed(verdict) => verdict,
                // The server has hung up on an idle connection: nothing was tried yet.
                Outcome::Stale(_) if used => {
                    round.put_back(at);
                    continue;
                }
                Outcome::Stale(why) => Verdict::Later(why),
            };
            noted = Some(round.judge(at, verdict));
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, String> {
        match timeout(self.patience, self.connect()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(why)) => Err(why),
            Err(_) => Err(format!("no connection within {} s", self.patience.as_secs())),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let server = &self.server;
        let plain = TcpStream::connect((server.host.as_str(), server.port)).await.map_err(|why| why.to_string())?;
        plain.set_nodelay(true).map_err(|why| why.to_string())?;
        let stream: Box<dyn AsyncTokioStream> = match &self.encryption {
            Encryption::Implicit(connector, name) => {
                let encrypted = connector.connect(name.clone(), plain).await;
                Box::new(Encrypted(encrypted.map_err(|why| format!("TLS: {why}"))?))
            }
            Encryption::StartTls(_) | Encryption::None => Box::new(plain),
        };
        let opened = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await;
        let mut connection = opened.map_err(|why| why.to_string())?;
        if let Encryption::StartTls(parameters) = &self.encryption {
            let started = connection.starttls((**parameters).clone(), &self.hello).await;
            started.map_err(|why| format!("STARTTLS: {why}"))?;
        }
        if let Some((user, password)) = &server.login {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let known = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            known.map_err(|why| format!("sign-in: {why}"))?;
        }
        Ok(connection)
    }

    /// The conversation about one message. A refusal of the recipient or of the content is about the
    /// message; one of the sender is about the programme, and worth another try once it is set right.
    ///
    /// The message itself goes out once the one before on this connection is noted: should this
    /// process die, no more than one message a connection is in doubt.
    async fn exchange(
        &self,
        connection: &mut AsyncSmtpConnection,
        parcel: &Parcel,
        noted: &mut Option<Noted>,
    ) -> Outcome {
        let sender = parcel.envelope.from().cloned();
        match self.ask(connection.command(Mail::new(sender, Vec::new()))).await {
            Ok(()) => {}
            Err(Failure::Answer { closing: true, text, .. } | Failure::Broken(text)) => return Outcome::Stale(text),
            Err(Failure::Answer { text, .. }) => return self.again(connection, Verdict::Later(text)).await,
        }
        for recipient in parcel.envelope.to() {
            if let Err(failure) = self.ask(connection.command(Rcpt::new(recipient.clone(), Vec::new()))).await {
                return self.failed(connection, failure).await;
            }
        }
        if let Err(failure) = self.ask(connection.command(Data)).await {
            return self.failed(connection, failure).await;
        }
        if let Some(noted) = noted.take()
            && !noted.wait().await
        {
            return Outcome::Closed(Verdict::Untouched);
        }
        match self.ask(connection.message(&parcel.bytes)).await {
            Ok(()) => Outcome::Open(Verdict::Sent),
            Err(failure) => self.failed(connection, failure).await,
        }
    }

    async fn failed(&self, connection: &mut AsyncSmtpConnection, failure: Failure) -> Outcome {
        match failure {
            Failure::Broken(text) | Failure::Answer { closing: true, text, .. } => {
                Outcome::Closed(Verdict::Later(text))
            }
            Failure::Answer { permanent: true, text, .. } => self.again(connection, Verdict::Refused(text)).await,
            Failure::Answer { text, .. } => self.again(connection, Verdict::Later(text)).await,
        }
    }

    /// Makes a connection ready for the next message.
    async fn again(&self, connection: &mut AsyncSmtpConnection, verdict: Verdict) -> Outcome {
        match self.ask(connection.command(Rset)).await {
            Ok(()) => Outcome::Open(verdict),
            Err(_) => Outcome::Closed(verdict),
        }
    }

    async fn ask<T>(
        &self,
        answer: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<(), Failure> {
        match timeout(self.patience, answer).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(why)) => Err(match why.status() {
                Some(code) => {
                    let closing = u16::from(code) == CLOSING;
                    Failure::Answer { permanent: why.is_permanent(), closing, text: why.to_string() }
                }
                None => Failure::Broken(why.to_string()),
            }),
            Err(_) => Err(Failure::Broken(format!("no answer within {} s", self.patience.as_secs()))),
        }
    }
}

/// The code by which a server says that it closes the connection.
const CLOSING: u16 = 421;

/// What came instead of a yes.
enum Failure {
    /// An answer, after which the conversation goes on, unless the server is closing.
    Answer { permanent: bool, closing: bool, text: String },
    /// No answer: the connection is of no more use.
    Broken(String),
}
