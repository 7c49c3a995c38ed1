//! A mail server that does what a script says: takes, puts off, refuses, hangs up.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use parking_lot::Mutex;

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

struct Shared {
    script: Box<Script>,
    taken: Mutex<Vec<Taken>>,
    named: Mutex<std::collections::HashMap<String, usize>>,
    connections: Mutex<usize>,
}

/// The server. It ends with the test process.
pub struct SmtpServer {
    pub port: u16,
    shared: Arc<Shared>,
}

impl SmtpServer {
    /// Starts a server whose script is asked for each recipient, with how often it was named before.
    pub fn start(script: impl Fn(&str, usize) -> Does + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a port"), script)
    }

    /// The same on a port that is there already.
    pub fn on(listener: TcpListener, script: impl Fn(&str, usize) -> Does + Send + Sync + 'static) -> Self {
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            taken: Mutex::default(),
            named: Mutex::default(),
            connections: Mutex::default(),
        });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&served);
                *shared.connections.lock() += 1;
                // A connection that breaks is what some scripts want.
                std::thread::spawn(move || shared.talk(stream));
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

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        *self.shared.connections.lock()
    }
}

impl Shared {
    fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut say = stream.try_clone()?;
        let mut say = move |text: &str| say.write_all(format!("{text}\r\n").as_bytes());
        let mut heard = BufReader::new(stream);
        say("220 contoh.test ready")?;
        let (mut to, mut does, mut line) = (String::new(), Does::Take, String::new());
        loop {
            line.clear();
            if heard.read_line(&mut line)? == 0 {
                return Ok(());
            }
            match line.split_whitespace().next().unwrap_or_default() {
                "EHLO" => say("250-contoh.test\r\n250 8BITMIME")?,
                "MAIL" | "RSET" => say("250 yes")?,
                "RCPT" => {
                    to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    let before = {
                        let mut named = self.named.lock();
                        let count = named.entry(to.clone()).or_default();
                        *count += 1;
                        *count - 1
                    };
                    does = (self.script)(&to, before);
                    match does {
                        Does::HangUp => return Ok(()),
                        Does::AnswerRecipient(answer) => {
                            say(answer)?;
                            if answer.starts_with("421") {
                                return Ok(());
                            }
                        }
                        _ => say("250 yes")?,
                    }
                }
                "DATA" => {
                    say("354 go on")?;
                    let mut bytes = Vec::new();
                    loop {
                        line.clear();
                        if heard.read_line(&mut line)? == 0 || does == Does::HangUpInside {
                            return Ok(());
                        }
                        if line == ".\r\n" {
                            break;
                        }
                        bytes.extend_from_slice(line.strip_prefix('.').unwrap_or(&line).as_bytes());
                    }
                    match does {
                        Does::AnswerMail(answer) => say(answer)?,
                        _ => {
                            self.taken.lock().push(Taken { to: to.clone(), bytes });
                            if does == Does::TakeAndHangUp {
                                return Ok(());
                            }
                            say("250 taken")?;
                        }
                    }
                }
                "QUIT" => return say("221 bye"),
                _ => say("502 what?")?,
            }
        }
    }
}
