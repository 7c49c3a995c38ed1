//! Settings: built-in defaults, then a file, then `COACHNET__SECTION__KEY` variables, then flags.
//!
//! `config/default.toml` is at once the defaults, the list of all keys and the text that
//! says what a key accepts, so that the three cannot drift apart.

mod address;
mod mail_url;
mod read;
mod url;

use std::net::{IpAddr, SocketAddr};

use secrecy::SecretString;
use serde::Deserialize;

pub use mail_url::{MailRoute, MailUrl, SmtpServer, SmtpTls};
pub use read::{ConfigError, DEFAULTS, Setting};
pub use url::DatabaseUrl;

use crate::domain::{Patience, Span};

/// All settings.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// The HTTP server.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// Accounts.
    pub accounts: Accounts,
    /// The keys.
    pub secrets: Secrets,
    /// Mail.
    pub mail: Mail,
    /// How often something may be done.
    pub limits: Limits,
    /// Sessions.
    pub sessions: Sessions,
    /// When things count as stuck.
    pub monitoring: Patience,
    /// What runs in the background.
    pub jobs: Jobs,
    /// Counters.
    pub metrics: Metrics,
    /// The log.
    pub log: Log,
    /// Rights of those whom data are about.
    pub privacy: Privacy,
    /// What the programme calls itself.
    pub programme: Programme,
    /// The invented cohort of `coachnet demo`.
    pub demo: Demo,
}

/// Settings of the HTTP server.
#[derive(Debug, Clone, Deserialize)]
pub struct Server {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// The address that links in mails begin with; empty: host and port.
    pub public_url: String,
    /// Threads that answer; 0 takes one per core.
    pub workers: usize,
    /// Seconds for the head of a request, and again for its body.
    pub read_timeout_seconds: u64,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Requests that may wait for the database at a time.
    pub max_waiting: usize,
    /// Seconds that running requests get when the program is told to stop.
    pub shutdown_seconds: u64,
    /// Whether results are read without signing in.
    pub open_results: bool,
    /// Proxies whose word about the client is taken.
    pub trusted_proxies: Vec<IpAddr>,
    /// Other sites whose pages may call the API.
    pub cors_origins: Vec<String>,
}

/// Settings of accounts.
#[derive(Debug, Clone, Deserialize)]
pub struct Accounts {
    /// Who issues access tokens.
    pub issuer: String,
    /// Minutes that an access token lasts.
    pub access_minutes: u32,
    /// KiB that hashing a password takes.
    pub password_memory_kib: u32,
    /// Passes over that memory.
    pub password_passes: u32,
}

/// The keys, or where they are.
#[derive(Debug, Clone, Deserialize)]
pub struct Secrets {
    /// Keys, each `ID:BASE64`; printed, they hide.
    pub keys: Vec<SecretString>,
    /// A file of keys; empty: the usual one.
    pub file: String,
}

/// Settings of the database.
#[derive(Debug, Clone, Deserialize)]
pub struct Database {
    /// Where the data lives.
    pub url: DatabaseUrl,
    /// Connections kept open.
    pub pool_size: u32,
    /// Longest wait for a connection, in seconds.
    pub wait_seconds: u64,
    /// Longest run of one statement, in seconds.
    pub statement_seconds: u64,
}

/// Settings of mail.
#[derive(Debug, Clone, Deserialize)]
pub struct Mail {
    /// Where mail goes.
    pub url: MailUrl,
    /// The address it comes from.
    pub from: String,
    /// The address that answers go to; empty: the one it comes from.
    pub reply_to: String,
    /// Connections to the mail server at a time.
    pub connections: usize,
    /// Seconds that the mail server has for each answer.
    pub timeout_seconds: u64,
    /// How often a mail that was put off is tried.
    pub tries: i16,
    /// How many days mails are kept that were sent.
    pub keep_days: u16,
    /// A file of authorities that vouch for the mail server, beside the usual ones; may be empty.
    pub ca_file: String,
}

/// How often something may be done.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Limits {
    /// Changes that one account may ask for in a minute.
    pub account_changes_per_minute: u32,
    /// Changes that may be asked for from one network address in a minute, by those who are not signed in.
    pub address_changes_per_minute: u32,
    /// Questions that one person may ask in a day.
    pub questions_per_day: u32,
    /// How often one coachee may choose coaches in a day.
    pub choices_per_day: u32,
}

/// Settings of sessions.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Sessions {
    /// When people can be met who have not said when.
    pub office_hours: Span,
    /// The hours of Friday that are kept free.
    #[serde(deserialize_with = "span_or_empty")]
    pub friday_break: Option<Span>,
    /// After how many days without a session a pair counts as gone quiet.
    pub quiet_days: u16,
}

/// A span; an empty text is none.
fn span_or_empty<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Span>, D::Error> {
    let text = String::deserialize(from)?;
    let span = Some(text.trim()).filter(|text| !text.is_empty()).map(str::parse);
    span.transpose().map_err(serde::de::Error::custom)
}

/// Settings of what runs in the background.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Jobs {
    /// Whether `coachnet serve` does it too.
    pub enabled: bool,
}

/// Settings of counters.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Metrics {
    /// Where they are served; none: nowhere.
    #[serde(deserialize_with = "address_or_none")]
    pub listen: Option<SocketAddr>,
}

fn address_or_none<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(value)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
}

/// Settings of the log.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Log {
    /// The least important kind of message that is logged.
    pub level: LogLevel,
    /// The form of a line.
    pub format: LogFormat,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Only what needs an operator.
    Error,
    /// Also what may need one.
    Warn,
    /// Also one line per request.
    Info,
    /// Also details of the program.
    Debug,
    /// Also details of the libraries.
    Trace,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

/// Settings of the rights of those whom data are about.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Privacy {
    /// Days in which a wish to be erased can be taken back.
    pub erasure_days: u16,
}

/// What the programme calls itself.
#[derive(Debug, Clone, Deserialize)]
pub struct Programme {
    /// Its name, at the head of every page.
    pub name: String,
    /// Whom to ask for help; may be empty.
    pub contact: String,
}

/// The invented cohort of `coachnet demo`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Demo {
    /// How many coachees.
    pub coachees: u32,
    /// How many coaches.
    pub coaches: u32,
    /// The seed of everything drawn by lot.
    pub seed: u64,
}
