//! Nothing that is secret or personal gets into the log, at its finest level: canaries in real traffic over the API and
//! the pages, with mail that goes out meanwhile; and every line is JSON.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use coachnet::domain::{MailClass, Role};
use coachnet::services::mail_preferences;
use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::post::Read;
use crate::support::programme::Programme;
use crate::support::site::Site;
use crate::support::smtp::{Does, SmtpServer};
use crate::support::world::{BORN, NIP, PASSWORD, RECORDED, Visitor, World};
use crate::support::{KEYS, TestDb, on_both_engines};

on_both_engines!(nothing_secret_gets_into_the_log);

/// A served process whose log is read as it comes.
struct Served {
    child: Child,
    site: Site,
    log: JoinHandle<Vec<String>>,
}

impl Served {
    fn start(db: &TestDb, mail: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
        command.current_dir(folder.path()).env_clear().args(["serve", "--port", "0"]).stderr(Stdio::piped());
        for (name, value) in [
            ("DATABASE__URL", db.url.as_str()),
            ("SECRETS__KEYS", &format!("[\"{KEYS}\"]")),
            ("SERVER__TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
            ("ACCOUNTS__PASSWORD_MEMORY_KIB", "8"),
            ("ACCOUNTS__PASSWORD_PASSES", "1"),
            ("MAIL__URL", mail),
            ("MAIL__FROM", "coach@jejaring.test"),
            ("LOG__LEVEL", "trace"),
            ("LOG__FORMAT", "json"),
        ] {
            command.env(format!("COACHNET__{name}"), value);
        }
        let mut child = command.spawn().expect("the program runs");
        let log = BufReader::new(child.stderr.take().expect("a pipe"));
        let (listening, address) = mpsc::channel();
        let log = std::thread::spawn(move || {
            let mut lines = Vec::new();
            for line in log.lines() {
                let line = line.expect("a text");
                if let Some((_, rest)) = line.split_once("serving on http://") {
                    let address = rest.split(['"', ' ', '/']).next().expect("an address");
                    // The test may have ended.
                    let _ = listening.send(address.parse().expect("an address"));
                }
                lines.push(line);
            }
            lines
        });
        let address = address.recv_timeout(Duration::from_secs(60)).expect("a listening server");
        Self { child, site: Site::at(address), log }
    }

    fn stop(mut self) -> Vec<String> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        assert!(self.child.wait().expect("an end").success());
        self.log.join().expect("a log")
    }
}

/// The secret in the link of a mail to somebody, once it has come.
fn secret(server: &SmtpServer, to: &str, path: &str) -> String {
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        for mail in server.taken().iter().rev().filter(|mail| mail.to == to) {
            let text = Read::of(&mail.bytes).text;
            if let Some((_, rest)) = text.split_once(path) {
                return rest.split_whitespace().next().expect("a secret").to_owned();
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no mail to {to} with {path}");
}

/// What must be in no line, by what it is.
#[derive(Default)]
struct Canaries(BTreeMap<String, String>);

impl Canaries {
    fn plant(&mut self, what: &str, text: impl Into<String>) -> String {
        let text = text.into();
        assert!(text.len() >= 6, "{what}: {text} is too short to be looked for");
        self.0.insert(what.to_owned(), text.clone());
        text
    }

    fn of(&mut self, what: &str, body: &Value) -> String {
        self.plant(what, body.as_str().unwrap_or_else(|| panic!("no {what}: {body}")))
    }
}

fn good(answer: crate::support::site::Answer) -> crate::support::site::Answer {
    assert!(answer.status < 400, "{}: {}", answer.status, answer.body);
    answer
}

fn signed_in<'a>(canaries: &mut Canaries, stranger: &Visitor<'a>, email: &str, password: &str) -> Visitor<'a> {
    let body = good(stranger.signs_in(email, password)).json();
    let token = canaries.of(&format!("access token of {email}"), &body["access_token"]);
    canaries.of(&format!("refresh token of {email}"), &body["refresh_token"]);
    Visitor { token: Some(token), ..stranger.clone() }
}

fn nothing_secret_gets_into_the_log(db: &TestDb) {
    let world = World::new(db);
    world.hands.turn(Utc::now() - world.hands.now());
    let programme = Programme::beside(&world.store, 2, 1, 2);
    world.account_of("canary-coachee@contoh.test", &[(Role::Coachee, None)], Some(programme.coachees[0]));
    world.account_of("canary-coach@contoh.test", &[(Role::Coach, None)], Some(programme.coaches[0]));
    let admin = world.account_of("canary-admin@contoh.test", &[(Role::NationalAdmin, None)], None);
    let smtp = SmtpServer::start(|_, _| Does::Take);
    let served = Served::start(db, &smtp.url());
    let mut canaries = Canaries::default();
    let at = |from: &str| Visitor { site: &served.site, token: None, from: from.into(), headers: Vec::new() };
    canaries.plant("password", PASSWORD);
    canaries.plant("part of an address", "canary-");
    canaries.plant("address of the records", RECORDED);
    canaries.plant("identity number", NIP);
    canaries.plant("name of the records", "Coachee e0");

    // Signing in, wrong and right; a new name; another password; another address.
    let stranger = at("203.0.113.1");
    let wrong = canaries.plant("wrong password", "kata sandi KANARI salah");
    assert_eq!(stranger.signs_in("canary-coachee@contoh.test", &wrong).status, 401);
    assert_eq!(stranger.signs_in("canary-nobody@contoh.test", &wrong).status, 401);
    let coachee = signed_in(&mut canaries, &stranger, "canary-coachee@contoh.test", PASSWORD);
    let coach = signed_in(&mut canaries, &at("203.0.113.2"), "canary-coach@contoh.test", PASSWORD);
    let name = canaries.plant("name", "Nama KANARI Panjang");
    let seen = coachee.get("/me").header("etag").to_owned();
    good(coachee.clone().with("if-match", &seen).patch("/me", &json!({ "name": name })));
    let new_address = canaries.plant("new address", "kanari-baru@contoh.test");
    good(coachee.post("/me/email-changes", &json!({ "email": new_address, "password": PASSWORD })));
    let link = secret(&smtp, &new_address, "/email-changes/");
    canaries.plant("secret of a change of address", link.clone());
    let browser = Browser::new(&served.site, "203.0.113.3");
    good(browser.get(&format!("/email-changes/{link}")));

    // A forgotten password, over the API and the page of the link.
    good(stranger.post("/password-resets", &json!({ "email": "canary-coach@contoh.test" })));
    let link = secret(&smtp, "canary-coach@contoh.test", "/password-resets/");
    canaries.plant("secret of a reset", link.clone());
    let page = format!("/password-resets/{link}");
    let chosen = canaries.plant("chosen password", "sepeda KANARI biru di atas bukit");
    let done = browser.fills(&page, &page, &[("password", &chosen)]);
    assert_eq!(done.status, 303, "{}", done.body);
    let entered = browser.signs_in("canary-coach@contoh.test", &chosen);
    assert_eq!(entered.status, 303, "{}", entered.body);
    canaries.plant("cookie", browser.cookie("coachnet").expect("a cookie"));
    good(browser.get("/"));
    let coach = signed_in(&mut canaries, &coach.at(&served.site), "canary-coach@contoh.test", &chosen);

    // Signing up with an identity number.
    let wish =
        json!({ "identity_number": NIP, "birth_date": BORN, "email": "kanari-saya@contoh.test", "language": "id" });
    assert_eq!(stranger.post("/sign-ups", &wish).status, 202);
    canaries.plant("address of a sign-up", "kanari-saya@contoh.test");
    let link = secret(&smtp, RECORDED, "/sign-ups/");
    canaries.plant("secret of a sign-up", link.clone());
    good(stranger.post("/sign-ups/confirm", &json!({ "token": link, "password": chosen })));

    // From a request to notes on a session.
    let motivation = canaries.plant("motivation", "Motivasi KANARI pribadi");
    good(coachee.post(&format!("/requests/{}/withdraw", programme.request(0).id), &json!({})));
    let wish = json!({ "cohort": "2026-c", "focus": ["M.01"], "motivation": motivation });
    let request = good(coachee.post("/requests", &wish)).json()["id"].as_str().unwrap().to_owned();
    let offer = good(coachee.post(&format!("/requests/{request}/choices"), &json!({ "coaches": ["c0"] }))).json();
    let question = canaries.plant("question", "Pertanyaan KANARI rahasia");
    good(coach.post(&format!("/requests/{request}/questions"), &json!({ "coach": "c0", "question": question })));
    let accept = format!("/offers/{}/accept", offer["id"].as_str().unwrap());
    let pairing = good(coach.post(&accept, &json!({}))).json()["id"].as_str().unwrap().to_owned();
    let place = canaries.plant("place", "https://rapat.contoh.test/KANARI-tempat");
    let starts_at = (Utc::now() + TimeDelta::days(2)).format("%Y-%m-%dT02:00:00Z").to_string();
    let meeting = json!({ "starts_at": starts_at, "place": place, "anyway": true });
    let session = good(coachee.post(&format!("/pairings/{pairing}/sessions"), &meeting)).json();
    let session = session["id"].as_str().unwrap();
    good(coach.post(&format!("/sessions/{session}/confirm"), &json!({})));
    for which in ["private", "shared"] {
        let text = canaries.plant(&format!("{which} note"), format!("Catatan KANARI {which}"));
        let path = format!("/sessions/{session}/notes/{which}");
        good(coachee.ask("PUT", &path, Some(&json!({ "text": text }))));
        good(coachee.get(&path));
    }
    good(coachee.get("/me/data"));

    // Addresses that are secrets themselves.
    let feed = good(coachee.post("/me/calendar-feed", &json!({}))).json();
    let feed = feed["url"].as_str().unwrap_or_else(|| panic!("{feed}")).rsplit('/').next().unwrap().to_owned();
    canaries.plant("secret of a calendar", feed.trim_end_matches(".ics"));
    assert_eq!(served.site.get(&format!("/calendar/{feed}")).status, 200);
    let leave = mail_preferences::token(&world.auth.vault, programme.coachees[0], MailClass::Nudges).unwrap();
    canaries.plant("way out of mail", leave.clone());
    assert_eq!(served.site.get(&format!("/u/{leave}")).status, 200);

    // What nobody should send: secrets in queries, in headers, in paths that lead nowhere, in broken bodies.
    let stray = canaries.plant("stray", "KANARInyasar");
    let admin = world.visitor(admin, true).at(&served.site);
    canaries.plant("token of an admin", admin.token.clone().unwrap());
    for path in
        [format!("/offers?coach={stray}"), format!("/requests?cohort={stray}&cursor={stray}"), format!("/{stray}")]
    {
        assert!(admin.get(&path).status < 500, "{path}");
    }
    for path in [format!("/{stray}/x?y={stray}"), format!("/sign-in?next={stray}"), format!("/sessions/{stray}")] {
        assert!(browser.get(&path).status < 500, "{path}");
    }
    let headers = [("authorization", format!("Bearer {stray}")), ("cookie", format!("coachnet={stray}; {stray}=1"))];
    for (name, value) in &headers {
        assert!(served.site.send("GET", "/api/v1/me", &[(name, value)], "").status < 500);
    }
    for body in [format!("{{\"{stray}\": \"{stray}\""), format!("{{\"email\": \"{stray}\", \"{stray}\": 1}}")] {
        let sent = served.site.send("POST", "/api/v1/sign_ins", &[("content-type", "application/json")], &body);
        assert!((400..500).contains(&sent.status), "{}", sent.body);
    }
    assert!(served.site.ask(&stray, "/", &[]).status < 500);
    assert!(!smtp.taken().is_empty());

    let log = served.stop();
    assert!(log.len() > 100, "{}", log.len());
    assert!(log.iter().any(|line| line.contains("\"level\":\"TRACE\"")), "the finest level");
    for line in &log {
        let read: Result<Value, _> = serde_json::from_str(line);
        assert!(read.is_ok_and(|line| line.is_object()), "no JSON: {line}");
    }
    for (what, canary) in &canaries.0 {
        let telling: Vec<&String> =
            log.iter().filter(|line| line.to_lowercase().contains(&canary.to_lowercase())).collect();
        assert!(telling.is_empty(), "{what} is in {} lines: {:#?}", telling.len(), &telling[..telling.len().min(3)]);
    }
}
