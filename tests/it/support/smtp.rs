//! A mail server that does what a script says: takes, puts off, refuses, hangs up; in the clear or
//! encrypted, with or without a password.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the server does with a mail to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Takes it.
    Take,
    /// Answers so when the recipient is named.
    AnswerRecipient(&'static str),
    /// Answers so when the mail is there.
    AnswerMail(&'static str),
    /// Hangs up when the recipient is named.
    HangUp,
    /// Hangs up in the middle of the mail.
    HangUpInside,
    /// Takes it and hangs up without saying so.
    TakeAndHangUp,
}

/// A refusal of the recipient after which the server waits for the mail all the same.
pub const WAITS: &str = "550 nobody here, go on";

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub to: String,
    pub bytes: Vec<u8>,
}

impl Taken {
    /// Its Message-ID.
    pub fn message_id(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        let line = text.lines().find(|line| line.starts_with("Message-ID:")).expect("a Message-ID");
        line["Message-ID:".len()..].trim().to_owned()
    }
}

type Script = dyn Fn(&str, usize) -> Does + Send + Sync;

/// How a server guards itself.
#[derive(Clone, Default)]
pub struct Guard {
    /// Encryption from the first byte.
    pub implicit: Option<Arc<ServerConfig>>,
    /// Encryption after STARTTLS.
    pub start_tls: Option<Arc<ServerConfig>>,
    /// Takes no command before the one before is answered.
    pub one_by_one: bool,
    /// What `AUTH PLAIN` must say, in base64.
    pub login: Option<&'static str>,
}

struct Shared {
    script: Box<Script>,
    guard: Guard,
    taken: Mutex<Vec<Taken>>,
    named: Mutex<HashMap<String, usize>>,
    connections: Mutex<usize>,
    strays: Mutex<Vec<String>>,
}

/// The server. It ends with the test process.
pub struct SmtpServer {
    pub port: u16,
    shared: Arc<Shared>,
}

impl SmtpServer {
    /// Starts a server whose script is asked for each recipient, with how often it was named before.
    pub fn start(script: impl Fn(&str, usize) -> Does + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a port"), Guard::default(), script)
    }

    /// Starts a server that guards itself and takes everything.
    pub fn guarded(guard: Guard) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a port"), guard, |_, _| Does::Take)
    }

    /// The same on a port that is there already.
    pub fn on(
        listener: TcpListener,
        guard: Guard,
        script: impl Fn(&str, usize) -> Does + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            guard,
            taken: Mutex::default(),
            named: Mutex::default(),
            connections: Mutex::default(),
            strays: Mutex::default(),
        });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&served);
                *shared.connections.lock() += 1;
                // A connection that breaks is what some scripts want.
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { port, shared }
    }

    /// Where to send to.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// What was taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().clone()
    }

    /// What was said while a mail was waited for that nobody was to get.
    pub fn strays(&self) -> Vec<String> {
        self.shared.strays.lock().clone()
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        *self.shared.connections.lock()
    }
}

fn encrypted(stream: TcpStream, config: &Arc<ServerConfig>) -> BufReader<StreamOwned<ServerConnection, TcpStream>> {
    BufReader::new(StreamOwned::new(ServerConnection::new(Arc::clone(config)).expect("a server"), stream))
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let greeting = Some("220 contoh.test ready");
        if let Some(config) = &self.guard.implicit {
            return self.talk(&mut encrypted(stream, config), greeting).map(drop);
        }
        let mut plain = BufReader::new(stream);
        match &self.guard.start_tls {
            Some(config) if self.talk(&mut plain, greeting)? => {
                self.talk(&mut encrypted(plain.into_inner(), config), None).map(drop)
            }
            _ => self.talk(&mut plain, greeting).map(drop),
        }
    }

    /// Talks until the end, or until the client wants encryption, which is the answer then.
    fn talk<S: Read + Write>(&self, peer: &mut BufReader<S>, greeting: Option<&str>) -> std::io::Result<bool> {
        fn say<S: Read + Write>(peer: &mut BufReader<S>, text: &str) -> std::io::Result<()> {
            peer.get_mut().write_all(format!("{text}\r\n").as_bytes())?;
            peer.get_mut().flush()
        }
        if let Some(greeting) = greeting {
            say(peer, greeting)?;
        }
        let (mut to, mut does, mut line) = (None::<String>, Does::Take, String::new());
        let mut known = self.guard.login.is_none();
        loop {
            line.clear();
            if peer.read_line(&mut line)? == 0 {
                return Ok(false);
            }
            let wants_tls = self.guard.start_tls.is_some() && greeting.is_some();
            match line.split_whitespace().next().unwrap_or_default() {
                "EHLO" if wants_tls => say(peer, "250-contoh.test\r\n250 STARTTLS")?,
                "EHLO" if self.guard.one_by_one => say(peer, "250-contoh.test\r\n250-AUTH PLAIN\r\n250 8BITMIME")?,
                "EHLO" => say(peer, "250-contoh.test\r\n250-AUTH PLAIN\r\n250-PIPELINING\r\n250 8BITMIME")?,
                "STARTTLS" if wants_tls => {
                    say(peer, "220 go on")?;
                    return Ok(true);
                }
                "AUTH" => {
                    known = self.guard.login.is_some_and(|login| line.trim() == format!("AUTH PLAIN {login}"));
                    say(peer, if known { "235 welcome" } else { "535 who are you?" })?;
                }
                "MAIL" if wants_tls || !known => say(peer, "530 not like this")?,
                "MAIL" | "RSET" => {
                    to = None;
                    say(peer, "250 yes")?;
                }
                "RCPT" => {
                    let named = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    does = (self.script)(&named, self.name(&named));
                    to = Some(named).filter(|_| !matches!(does, Does::AnswerRecipient(_)));
                    match does {
                        Does::HangUp => return Ok(false),
                        Does::AnswerRecipient(answer) => {
                            say(peer, answer)?;
                            if answer.starts_with("421") {
                                return Ok(false);
                            }
                        }
                        _ => say(peer, "250 yes")?,
                    }
                }
                "DATA" if does == Does::AnswerRecipient(WAITS) => {
                    say(peer, "354 go on")?;
                    line.clear();
                    while peer.read_line(&mut line)? > 0 {
                        self.strays.lock().push(std::mem::take(&mut line));
                    }
                    return Ok(false);
                }
                "DATA" if to.is_none() => say(peer, "503 for whom?")?,
                "DATA" => {
                    say(peer, "354 go on")?;
                    let Some(bytes) = mail(peer, does)? else { return Ok(false) };
                    if let Does::AnswerMail(answer) = does {
                        say(peer, answer)?;
                        continue;
                    }
                    self.taken.lock().push(Taken { to: to.clone().unwrap_or_default(), bytes });
                    if does == Does::TakeAndHangUp {
                        return Ok(false);
                    }
                    say(peer, "250 taken")?;
                }
                "QUIT" => {
                    say(peer, "221 bye")?;
                    return Ok(false);
                }
                _ => say(peer, "502 what?")?,
            }
        }
    }

    /// How often somebody was named before.
    fn name(&self, to: &str) -> usize {
        let mut named = self.named.lock();
        let count = named.entry(to.to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}

/// A mail up to its end; none when the connection ended first, by either side.
fn mail(peer: &mut impl BufRead, does: Does) -> std::io::Result<Option<Vec<u8>>> {
    let (mut bytes, mut line) = (Vec::new(), String::new());
    loop {
        line.clear();
        if peer.read_line(&mut line)? == 0 || does == Does::HangUpInside {
            return Ok(None);
        }
        if line == ".\r\n" {
            return Ok(Some(bytes));
        }
        bytes.extend_from_slice(line.strip_prefix('.').unwrap_or(&line).as_bytes());
    }
}
