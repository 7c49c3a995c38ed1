//! Couriers for tests, letters to send, and mails as an independent parser reads them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use coachnet::auth::{AccessSettings, Auth, Effort, Keys};
use coachnet::config::{Config, MailRoute, MailUrl};
use coachnet::domain::{Email, MailKind, MailStatus, Patience};
use coachnet::i18n::Lang;
use coachnet::jobs::{Backoff, Courier, CourierRules, Pace, Stop, Tally};
use coachnet::mail::{Facts, Letter, Links, Office, Parcel, Topic, Transport};
use coachnet::services::letters::Setting;
use coachnet::services::slots::Rules;
use coachnet::store::outbox::{self, Mail};
use coachnet::store::types::{Doc, Stamp, Word};
use coachnet::store::{OutboxId, Store, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use mail_parser::MessageParser;
use serde_json::Value;

use super::smtp::SmtpServer;

/// The programme's own address in these tests.
pub const FROM: &str = "coach@jejaring.test";
/// What links begin with.
pub const BASE: &str = "https://jejaring.test";

/// The office of these tests.
pub fn office() -> Office {
    Office::new(FROM, Some("bantuan@jejaring.test"), "Jejaring Coach", "bantuan@jejaring.test", Links::new(BASE))
        .expect("addresses")
}

/// A letter on its way to `budi@contoh.test`.
pub fn parcel() -> Parcel {
    let letter = Letter {
        id: uuid::Uuid::now_v7(),
        to: "budi@contoh.test".parse().expect("an address"),
        lang: Lang::Id,
        written_at: chrono::Utc::now(),
        topic: Topic::Test,
        facts: Facts::default(),
    };
    Parcel::new(letter.id, &office().write(&letter).expect("a message"))
}

/// The way to a scripted server, over so many connections.
pub fn to(server: &SmtpServer, connections: usize) -> Transport {
    to_url(&server.url(), connections)
}

/// The way to whatever a URL names.
pub fn to_url(url: &str, connections: usize) -> Transport {
    match MailUrl::from(url).route() {
        Some(MailRoute::Smtp(smtp)) => {
            Transport::smtp(smtp, "jejaring.test", connections, Duration::from_secs(20), None).expect("a way")
        }
        other => panic!("{other:?}"),
    }
}

/// A courier with rules of these tests: small batches, three tries; however slow the machine, it counts as quick.
pub fn courier(store: &Store, transport: Transport) -> Courier {
    let rules = CourierRules { batch: 50, tries: 3, quick: Duration::MAX, setting: setting() };
    Courier::new(store.clone(), Arc::new(auth()), office(), transport, rules, Backoff::new(1), Stop::new())
}

/// What letters go by in these tests: the settings as they are built in.
pub fn setting() -> Setting {
    let sessions = Config::load_with(None, [], Vec::new()).expect("the defaults").sessions;
    let hours = Rules { office_hours: sessions.office_hours, friday_break: sessions.friday_break };
    Setting { patience: Patience::default(), hours }
}

/// The guard of accounts, with the keys that served worlds have too.
pub fn auth() -> Auth {
    let keys = Keys::parse(["test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]).expect("keys");
    let access = AccessSettings { issuer: "test".into(), audience: "test".into(), lifetime: TimeDelta::minutes(5) };
    Auth::new(&keys, Effort { memory_kib: 8, passes: 1 }, access)
}

/// What a day of the programme is like in these tests: the settings as they are built in.
pub const PACE: Pace = Pace { quiet_days: 21, keep_mail_days: 90 };

/// Sends until nothing is due; adds up what became of the letters.
pub fn send_all(courier: &mut Courier, now: Stamp) -> Tally {
    let mut all = Tally::default();
    loop {
        let tally = courier.run_once(now).expect("a batch");
        if tally.taken == 0 {
            return all;
        }
        all.taken += tally.taken;
        all.sent += tally.sent;
        all.later += tally.later;
        all.dead += tally.dead;
        all.void += tally.void;
        all.waiting += tally.waiting;
    }
}

/// Queues a mail about an account.
pub fn queue(store: &Store, kind: MailKind, to: &str, data: &Value, now: Stamp) -> OutboxId {
    let address: Email = to.parse().expect("an address");
    let mail = Mail {
        id: OutboxId::new(),
        kind: kind.to_string(),
        person: None,
        address: Some(Word(address)),
        language: Some("id".into()),
        data: Doc::of(data).expect("JSON"),
        status: Word(MailStatus::Queued),
        not_before: now,
        created_at: now,
    };
    store.write(|db| outbox::add(db, &mail)).expect("a mail");
    mail.id
}

/// Queues many mails to `n0@…`, `n1@…`, ….
pub fn queue_many(store: &Store, number: usize, now: Stamp) -> Vec<String> {
    let addresses: Vec<String> = (0..number).map(|n| format!("n{n}@contoh.test")).collect();
    for address in &addresses {
        queue(store, MailKind::PasswordChanged, address, &serde_json::json!({}), now);
    }
    addresses
}

/// A row of the outbox, as tests look at it.
#[derive(Debug, QueryableByName)]
pub struct Row {
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = BigInt)]
    pub tries: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub last_answer: Option<String>,
    #[diesel(sql_type = Text)]
    pub data: String,
}

/// All rows of the outbox, the oldest first.
pub fn rows(store: &Store) -> Vec<Row> {
    let sql = "SELECT kind, address, status, CAST(tries AS BIGINT) AS tries, last_answer, CAST(data AS TEXT) AS data \
               FROM outbox ORDER BY id";
    store.read(|db| Ok::<_, StoreError>(diesel::sql_query(sql).load(db)?)).expect("rows")
}

/// How many rows have a status.
pub fn count(store: &Store, status: &str) -> usize {
    rows(store).iter().filter(|row| row.status == status).count()
}

/// A mail as somebody else's parser reads it.
#[derive(Debug)]
pub struct Read {
    pub headers: Vec<(String, String)>,
    pub subject: String,
    pub to: String,
    pub text: String,
    pub html: String,
}

impl Read {
    pub fn of(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).expect("a message");
        let raw = message.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        Self {
            headers: raw,
            subject: message.subject().expect("a subject").to_owned(),
            to: message.to().and_then(|to| to.first()?.address()).expect("a recipient").to_owned(),
            text: message.body_text(0).expect("a text").into_owned(),
            html: message.body_html(0).expect("HTML").into_owned(),
        }
    }

    /// The value of a header; it must be there once.
    pub fn header(&self, name: &str) -> &str {
        let found: Vec<_> = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).collect();
        assert_eq!(found.len(), 1, "{name}: {:?}", self.headers);
        &found[0].1
    }
}

/// The mails in a folder, in order of time.
pub fn folder(path: &Path) -> Vec<Read> {
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.iter().map(|file| Read::of(&std::fs::read(file).expect("a file"))).collect()
}
