//! A served service with people in its records, a clock whose hands the test turns, and visitors
//! who sign in and do things.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use coachnet::auth::{Auth, digest, random_token};
use coachnet::cli::serve::guard_of_accounts;
use coachnet::clock::Clock;
use coachnet::config::Config;
use coachnet::domain::{Identity, IdentityKind, Role};
use coachnet::services::Context;
use coachnet::services::accounts as accounts_service;
use coachnet::services::schema::prepare;
use coachnet::store::accounts::{self, Grant, NewAccount};
use coachnet::store::cohorts::Cohort;
use coachnet::store::outbox::{self, Mail};
use coachnet::store::sign_ins::{self, SignIn};
use coachnet::store::types::Stamp;
use coachnet::store::{AccountId, CohortId, PersonId, SignInId, Store, StoreError, cohorts, records};
use serde_json::{Value, json};

use super::TestDb;
use super::browser::Browser;
use super::people::{coach, coachee, day};
use super::site::{Answer, Site};
use coachnet::domain::records::CohortRecords;

/// The password of everybody in these tests.
pub const PASSWORD: &str = "kuda baterai staples benar";
/// The NIP of the coachee `P-1`, born on [`BORN`].
pub const NIP: &str = "198503122010011001";
/// The birth date in it.
pub const BORN: &str = "1985-03-12";
/// The address of the coachee `P-1` in the records.
pub const RECORDED: &str = "p-1@contoh.test";

/// The hands of a clock.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    fn new() -> Self {
        let start = day().and_hms_opt(3, 0, 0).expect("a time").and_utc();
        Self(Arc::new(AtomicI64::new(start.timestamp_micros())))
    }

    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).expect("a time")
    }

    pub fn stamp(&self) -> Stamp {
        Stamp::new(self.now())
    }

    pub fn turn(&self, time: TimeDelta) {
        self.0.fetch_add(time.num_microseconds().expect("a short time"), Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let hands = self.clone();
        Clock::from(move || hands.now())
    }
}

/// The service, and what its tests hold in their hands.
pub struct World {
    pub store: Store,
    pub site: Site,
    pub hands: Hands,
    pub auth: Auth,
}

/// Settings of all tests: cheap passwords, keys that need no file, a proxy that is believed, and mails
/// that stay in the outbox, where tests look for them.
pub fn settings(config: &mut Config) {
    config.accounts.password_memory_kib = 8;
    config.accounts.password_passes = 1;
    config.secrets.keys = vec![super::KEYS.into()];
    config.jobs.enabled = false;
    // A clock that stands still forgives nothing.
    config.limits.account_changes_per_minute = 1_000_000;
    config.limits.address_changes_per_minute = 1_000_000;
    config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
}

impl World {
    /// Serves a database with reference data, the coachees `P-1` and `P-2` of `PROV-91` and the coach `C-1` of `KEM-01`.
    pub fn new(db: &TestDb) -> Self {
        Self::with(db, |_| {})
    }

    /// The same with other settings.
    pub fn with(db: &TestDb, change: impl FnOnce(&mut Config)) -> Self {
        let store = db.store.clone();
        prepare(&store).expect("schema and reference data");
        people(&store);
        let hands = Hands::new();
        let mut config = Config::load_with(None, [], Vec::new()).expect("the defaults");
        settings(&mut config);
        change(&mut config);
        let auth = guard_of_accounts(&store, &config).expect("keys");
        let site = Site::serve_by(hands.clock(), store.clone(), |served| *served = config);
        Self { store, site, hands, auth }
    }

    /// Another process on the same database, with the same clock.
    pub fn another_site(&self, db: &TestDb) -> Site {
        Site::serve_by(self.hands.clock(), db.another_store(), settings)
    }

    /// A use case at the present time.
    pub fn context(&self) -> Context<'_> {
        Context { store: &self.store, auth: &self.auth, now: self.hands.stamp() }
    }

    /// An account with a role, of a person of the records where the role is a coachee's or coach's.
    pub fn account(&self, email: &str, role: Role) -> AccountId {
        let person = match role {
            Role::Coachee => Some("P-1"),
            Role::Coach => Some("C-1"),
            _ => None,
        };
        let agency = (role == Role::AgencyAdmin).then_some("PROV-91");
        self.account_of(email, &[(role, agency)], person.map(|code| self.person(code)))
    }

    /// An account with roles and a person.
    pub fn account_of(&self, email: &str, roles: &[(Role, Option<&str>)], person: Option<PersonId>) -> AccountId {
        let password_hash = &self.auth.passwords.hash(PASSWORD);
        let (address, name) = (email.parse().expect("an address"), "Orang Contoh".parse().expect("a name"));
        let new = NewAccount { person, email: &address, name: &name, language: "id", password_hash };
        let write = self.store.write(|db| {
            let id = accounts::create(db, &new, self.hands.stamp())?;
            for (role, agency) in roles {
                let agency = agency.map(|code| code.parse().expect("a code"));
                accounts::grant(db, id, &Grant { role: *role, agency })?;
            }
            Ok::<_, StoreError>(id)
        });
        write.expect("an account")
    }

    /// The id of a person of the records.
    pub fn person(&self, code: &str) -> PersonId {
        let code = code.parse().expect("a code");
        let found = self.store.read(|db| {
            let coachee = accounts::person_as(db, &code, Role::Coachee)?;
            Ok::<_, StoreError>(coachee.or(accounts::person_as(db, &code, Role::Coach)?))
        });
        found.expect("a query").expect("a person").0
    }

    /// An admin as the command line makes one: the id, and the secret of the authenticator.
    pub fn admin(&self, email: &str) -> (AccountId, Vec<u8>) {
        let (address, name) = (email.parse().expect("an address"), "Admin Contoh".parse().expect("a name"));
        let made = accounts_service::make_admin(&self.context(), &address, &name, PASSWORD, "Coach").expect("an admin");
        (made.id, made.enrolment.secret)
    }

    /// A device of an account that is signed in already, without the work of it.
    pub fn visitor(&self, account: AccountId, second_factor: bool) -> Visitor<'_> {
        let now = self.hands.stamp();
        let sign_in = SignIn {
            id: SignInId::new(),
            account,
            label: "test".into(),
            second_factor,
            created_at: now,
            last_used_at: now,
            expires_at: Stamp::new(now.time() + TimeDelta::days(30)),
            ended_at: None,
        };
        self.store.write(|db| sign_ins::create(db, &sign_in, &digest(&random_token()))).expect("a device");
        let issued = self.auth.tokens.issue(account.uuid(), sign_in.id.uuid(), now.time()).expect("a token");
        Visitor { site: &self.site, token: Some(issued.token), from: "203.0.113.1".into(), headers: Vec::new() }
    }

    /// A browser of an account that is signed in already, without the work of it.
    pub fn browser(&self, account: AccountId, second_factor: bool, from: &str) -> Browser<'_> {
        let now = self.hands.stamp();
        let (id, secret) = (SignInId::new(), random_token());
        let expires_at = Stamp::new(now.time() + TimeDelta::days(30));
        let label = "test".into();
        let sign_in = SignIn {
            id,
            account,
            label,
            second_factor,
            created_at: now,
            last_used_at: now,
            expires_at,
            ended_at: None,
        };
        self.store.write(|db| sign_ins::create_browser(db, &sign_in, &digest(&secret))).expect("a browser");
        let browser = Browser::new(&self.site, from);
        browser.put_cookie("coachnet", &secret);
        browser
    }

    /// Somebody who is not signed in, at an address.
    pub fn stranger(&self, from: &str) -> Visitor<'_> {
        Visitor { site: &self.site, token: None, from: from.into(), headers: Vec::new() }
    }

    /// The mails, newest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.store.read(|db| outbox::newest(db, 100)).expect("mails")
    }

    /// The secret in the newest mail of a kind.
    pub fn secret_of(&self, kind: &str) -> String {
        let mail = self.mails().into_iter().find(|mail| mail.kind == kind).unwrap_or_else(|| panic!("no mail {kind}"));
        mail.data.read::<Value>().expect("JSON")["token"].as_str().expect("a secret").to_owned()
    }
}

fn people(store: &Store) {
    let mut first = coachee("P-1");
    first.identity = Some(Identity::parse(IdentityKind::Nip, NIP, day()).expect("a NIP"));
    first.email = Some(RECORDED.into());
    let people = CohortRecords {
        coachees: vec![first, coachee("P-2")],
        coaches: vec![coach("C-1")],
        ..CohortRecords::default()
    };
    let now = super::people::moment();
    let (code, name) = ("2026-b".into(), "Angkatan".into());
    let cohort = Cohort { id: CohortId::new(), code, name, opens_on: None, closes_on: None, created_at: now };
    store
        .write(|db| {
            cohorts::create(db, &cohort)?;
            records::save(db, cohort.id, &people, now)
        })
        .expect("people");
}

/// Somebody at an address, signed in or not.
#[derive(Clone)]
pub struct Visitor<'a> {
    pub site: &'a Site,
    pub token: Option<String>,
    pub from: String,
    pub headers: Vec<(String, String)>,
}

impl<'a> Visitor<'a> {
    /// The same with a header more.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same at another server.
    pub fn at(&self, site: &'a Site) -> Self {
        Self { site, ..self.clone() }
    }

    /// Signs in with address and the password of these tests; gives the answer.
    pub fn signs_in(&self, email: &str, password: &str) -> Answer {
        self.post("/sign_ins", &json!({ "email": email, "password": password, "device": "Ponsel" }))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, Some(body))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.ask("PATCH", path, Some(body))
    }

    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.ask("PUT", path, Some(body))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, None)
    }

    /// Asks for a path below `/api/v1`.
    /// A file: the status, the kind of file, and the file.
    pub fn download(&self, path: &str) -> (u16, String, Vec<u8>) {
        let token = format!("Bearer {}", self.token.as_deref().unwrap_or_default());
        let headers = [("x-forwarded-for", self.from.as_str()), ("authorization", token.as_str())];
        let (status, headers, bytes) = self.site.fetch("GET", &format!("/api/v1{path}"), &headers, "");
        let kind =
            headers.into_iter().find(|(name, _)| name == "content-type").map_or_else(String::new, |(_, kind)| kind);
        (status, kind, bytes)
    }

    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut headers: Vec<(&str, String)> = vec![("x-forwarded-for", self.from.clone())];
        if let Some(token) = &self.token {
            headers.push(("authorization", format!("Bearer {token}")));
        }
        if body.is_some() {
            headers.push(("content-type", "application/json".into()));
        }
        headers.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.clone())));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = body.map(Value::to_string).unwrap_or_default();
        self.site.send(method, &format!("/api/v1{path}"), &headers, &body)
    }
}
