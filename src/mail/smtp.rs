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
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt, Rset};
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
    connections: Vec<Option<Connection>>,
    runtime: Runtime,
}

/// A connection that is open.
struct Connection {
    smtp: AsyncSmtpConnection,
    /// Whether the server takes commands ahead of its answers (RFC 2920).
    pipelines: bool,
    /// Whether something was said about a message on it.
    used: bool,
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
        let connections = self.connections.len().min(parcels.len());
        let (round, books) = Round::new(parcels, connections);
        std::thread::scope(|scope| {
            let over = round.over();
            scope.spawn(|| books.keep(clerk, over));
            let line = &self.line;
            let lanes = self.connections.iter_mut().take(connections);
            let lanes = lanes.map(|open| Lane { line, round: &round, open, noted: None, awaited: None }.serve());
            self.runtime.block_on(join_all(lanes));
            round.end();
        });
    }

    pub(super) fn rest(&mut self) {
        let patience = self.line.patience.min(Duration::from_secs(2));
        for mut connection in self.connections.iter_mut().filter_map(Option::take) {
            // Whether it hears the farewell or not, the connection is gone.
            let _ = self.runtime.block_on(async { timeout(patience, connection.smtp.quit()).await });
        }
    }
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Smtp({})", self.place())
    }
}

/// One connection at work.
struct Lane<'a> {
    line: &'a Line,
    round: &'a Round<'a>,
    /// The connection, as long as it is of use.
    open: &'a mut Option<Connection>,
    /// Whether the message before is noted.
    noted: Option<Noted>,
    /// The message that the server waits for: it was announced together with the one before.
    awaited: Option<usize>,
}

impl Lane<'_> {
    /// Takes messages until none is left. A connection that cannot be opened leaves them to the others.
    async fn serve(mut self) {
        loop {
            let at = match self.awaited.take() {
                Some(at) if self.round.is_over() => {
                    *self.open = None;
                    return self.round.put_back(at);
                }
                Some(at) => at,
                None => {
                    let Some(at) = self.round.next() else { return };
                    if self.open.is_none() && !self.connect(at).await {
                        return;
                    }
                    if !self.announce(at).await {
                        continue;
                    }
                    at
                }
            };
            self.hand_over(at).await;
        }
    }

    /// Opens the connection; if that cannot be, leaves the message.
    async fn connect(&mut self, at: usize) -> bool {
        match self.line.open().await {
            Ok(connection) => *self.open = Some(connection),
            Err(why) => {
                self.round.put_back(at);
                self.round.is_away(why);
            }
        }
        self.open.is_some()
    }

    /// Tells from whom and to whom a message is. Whether the server waits for it then.
    async fn announce(&mut self, at: usize) -> bool {
        let Some(connection) = self.open else { return false };
        let refused = self.line.say(connection, &commands(&self.round.parcels[at])).await;
        self.is_awaited(at, refused).await
    }

    /// Hands over a message that the server waits for. It goes out once the one before on this connection is noted:
    /// should this process die, no more than one message a connection is in doubt. The next one is announced behind
    /// it, where the server takes that.
    async fn hand_over(&mut self, at: usize) {
        if let Some(noted) = self.noted.take()
            && !noted.wait().await
        {
            *self.open = None;
            return self.judge(at, Verdict::Untouched);
        }
        let Some(connection) = self.open else { return self.round.put_back(at) };
        let (parcels, smtp) = (self.round.parcels, &mut connection.smtp);
        let together = if connection.pipelines { parcels[at].on_the_wire() } else { None };
        let next = together.as_ref().and_then(|_| self.round.next());
        let answer = match together.zip(next) {
            Some((message, next)) => self.line.ask(smtp.command(message + &commands(&parcels[next]).concat())).await,
            None => self.line.ask(smtp.message(&parcels[at].bytes)).await,
        };
        let was_sent = answer.is_ok();
        let usable = answer.as_ref().err().is_none_or(|failure| !failure.ends_connection());
        self.judge(at, answer.err().map_or(Verdict::Sent, |failure| failure.verdict(true)));
        match (next, &mut self.open) {
            (None, _) if was_sent => {}
            (None, _) => self.keep_if(usable).await,
            (Some(next), Some(connection)) if usable => {
                let refused = self.line.answers(connection, commands(&parcels[next]).len()).await;
                if self.is_awaited(next, refused).await {
                    self.awaited = Some(next);
                }
            }
            (Some(next), open) => {
                **open = None;
                self.round.put_back(next);
            }
        }
    }

    /// Whether the server waits for a message that was announced. A refusal of the recipient is about the message; one
    /// of the sender is about the programme, and worth another try once it is set right.
    async fn is_awaited(&mut self, at: usize, refused: Option<Refused>) -> bool {
        let Some(Refused { command, failure, goes_on }) = refused else { return true };
        let ends = failure.ends_connection();
        let used = self.open.as_ref().is_some_and(|connection| connection.used);
        // The server has hung up on an idle connection: nothing was tried yet.
        if command == 0 && ends && used {
            self.round.put_back(at);
        } else {
            self.judge(at, failure.verdict(command > 0));
        }
        // One that waits for the message all the same would take for it whatever comes next.
        self.keep_if(!ends && !goes_on).await;
        false
    }

    /// Makes the connection ready for the next message, or drops it.
    async fn keep_if(&mut self, usable: bool) {
        let is_ready = match self.open {
            Some(connection) if usable => self.line.ask(connection.smtp.command(Rset)).await.is_ok(),
            _ => false,
        };
        if !is_ready {
            *self.open = None;
        }
    }

    fn judge(&mut self, at: usize, verdict: Verdict) {
        if let Some(connection) = self.open {
            connection.used = true;
        }
        self.noted = Some(self.round.judge(at, verdict));
    }
}

/// What is said about a message before it goes out.
fn commands(parcel: &Parcel) -> Vec<String> {
    let mut commands = vec![Mail::new(parcel.envelope.from().cloned(), Vec::new()).to_string()];
    commands.extend(parcel.envelope.to().iter().map(|to| Rcpt::new(to.clone(), Vec::new()).to_string()));
    commands.push(Data.to_string());
    commands
}

impl Line {
    async fn open(&self) -> Result<Connection, String> {
        match timeout(self.patience, self.connect()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(why)) => Err(why),
            Err(_) => Err(format!("no connection within {} s", self.patience.as_secs())),
        }
    }

    async fn connect(&self) -> Result<Connection, String> {
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
        let mut smtp = opened.map_err(|why| why.to_string())?;
        if let Encryption::StartTls(parameters) = &self.encryption {
            let started = smtp.starttls((**parameters).clone(), &self.hello).await;
            started.map_err(|why| format!("STARTTLS: {why}"))?;
        }
        if let Some((user, password)) = &server.login {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let known = smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            known.map_err(|why| format!("sign-in: {why}"))?;
        }
        // lettre keeps of the first greeting only what it uses itself.
        let offers = smtp.command(Ehlo::new(self.hello.clone())).await.map_err(|why| why.to_string())?;
        let pipelines = offers.message().any(|offer| offer.eq_ignore_ascii_case("PIPELINING"));
        Ok(Connection { smtp, pipelines, used: false })
    }

    /// Says commands one after the other, or all at once where the server takes that. Gives the first that was not
    /// answered with a yes.
    async fn say(&self, connection: &mut Connection, commands: &[String]) -> Option<Refused> {
        if connection.pipelines {
            let first = self.ask(connection.smtp.command(commands.concat())).await;
            return self.further(connection, first, commands.len()).await;
        }
        for (at, command) in commands.iter().enumerate() {
            if let Err(failure) = self.ask(connection.smtp.command(command)).await {
                return Some(Refused { command: at, failure, goes_on: false });
            }
        }
        None
    }

    /// The answers to so many commands that were said.
    async fn answers(&self, connection: &mut Connection, commands: usize) -> Option<Refused> {
        let first = self.ask(connection.smtp.read_response()).await;
        self.further(connection, first, commands).await
    }

    /// The answers to so many commands, of which the first is there. Each has one, whatever became of those before.
    async fn further(&self, connection: &mut Connection, first: Answer, commands: usize) -> Option<Refused> {
        let (mut first, mut refused) = (Some(first), None::<Refused>);
        for at in 0..commands {
            let answer = match first.take() {
                Some(answer) => answer,
                None => self.ask(connection.smtp.read_response()).await,
            };
            match (answer, &mut refused) {
                (Ok(()), None) => {}
                (Ok(()), Some(refused)) => refused.goes_on = at + 1 == commands,
                (Err(failure), _) => {
                    let over = failure.ends_connection();
                    refused.get_or_insert(Refused { command: at, failure, goes_on: false });
                    if over {
                        break;
                    }
                }
            }
        }
        refused
    }

    async fn ask<T>(&self, answer: impl Future<Output = Result<T, lettre::transport::smtp::Error>>) -> Answer {
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

/// How a command was answered.
type Answer = Result<(), Failure>;

/// The first of several commands that was refused.
struct Refused {
    command: usize,
    failure: Failure,
    /// Whether the last one was answered with a yes all the same.
    goes_on: bool,
}

/// What came instead of a yes.
enum Failure {
    /// An answer, after which the conversation goes on, unless the server is closing.
    Answer { permanent: bool, closing: bool, text: String },
    /// No answer: the connection is of no more use.
    Broken(String),
}

impl Failure {
    /// Whether the connection is of no more use.
    fn ends_connection(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Answer { closing: true, .. })
    }

    /// What it says of a message, of which a lasting refusal may be final or not.
    fn verdict(self, may_be_final: bool) -> Verdict {
        match self {
            Self::Answer { permanent: true, text, .. } if may_be_final => Verdict::Refused(text),
            Self::Answer { text, .. } | Self::Broken(text) => Verdict::Later(text),
        }
    }
}
