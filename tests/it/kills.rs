//! A server that is killed in the middle of a request: asked again under the same key, it has one effect.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use coachnet::domain::Role;
use coachnet::services::doctor;
use coachnet::store::types::Stamp;
use serde_json::json;

use crate::support::world::{Visitor, World};
use crate::support::{KEYS, TestDb, on_both_engines};

on_both_engines!(the_same_key_has_one_effect_across_a_kill);

/// A server of its own on the database of a test.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(db: &TestDb, folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
        command.current_dir(folder).env_clear().args(["serve", "--port", "0"]).stderr(Stdio::piped());
        command.env("COACHNET__DATABASE__URL", db.url()).env("COACHNET__JOBS__ENABLED", "false");
        command.env("COACHNET__SECRETS__KEYS", format!("[\"{KEYS}\"]"));
        command.env("COACHNET__ACCOUNTS__PASSWORD_MEMORY_KIB", "8");
        let mut child = command.spawn().expect("the program runs");
        let mut log = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(log.read_line(&mut line).expect("a line"), 0, "the server ended");
            if let Some((_, rest)) = line.split_once("http://") {
                break rest.split_whitespace().next().expect("an address").to_owned();
            }
        };
        // What it says afterwards is read, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, address }
    }

    /// Sends an invitation, and kills the server when enough has passed.
    fn invite_and_kill(mut self, token: &str, key: &str, enough: impl FnOnce()) {
        let body = json!({ "email": format!("{key}@contoh.test"), "name": "Ani", "language": "id", "role": "auditor" });
        let body = body.to_string();
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let head = format!(
            "POST /api/v1/invitations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).expect("sent");
        enough();
        self.child.kill().expect("killed");
        self.child.wait().expect("an end");
    }
}

fn invited(admin: &Visitor) -> usize {
    admin.get("/invitations?limit=200").json()["items"].as_array().expect("items").len()
}

fn the_same_key_has_one_effect_across_a_kill(db: &TestDb) {
    const KILLS: usize = 12;
    const PATIENCE: Duration = Duration::from_secs(60);
    let world = World::with(db, |config| config.accounts.issuer = "coachnet".into());
    let folder = tempfile::tempdir().expect("a folder");
    let account = world.account_of("admin@contoh.test", &[(Role::NationalAdmin, None)], None);
    // The process goes by the clock of this machine.
    let moment = chrono::Utc::now() - world.hands.now();
    world.hands.turn(moment);
    let admin = world.visitor(account, true);
    let token = admin.token.clone().expect("a token");
    let mut done_before = 0;
    for kill in 0..KILLS {
        let key = format!("kill-{kill}");
        // Every second one dies as soon as its effect is there, answered or not; the others earlier or later.
        let enough = || {
            let since = Instant::now();
            let mut looks = 0;
            while if kill % 2 == 0 { looks < kill * 3 } else { invited(&admin) <= kill && since.elapsed() < PATIENCE } {
                looks += 1;
                invited(&admin);
            }
        };
        Process::start(db, folder.path()).invite_and_kill(&token, &key, enough);
        done_before += usize::from(invited(&admin) > kill);
        // As whoever asks would: the answer never came, so the same is asked again.
        let again = admin.clone().with("idempotency-key", &key);
        let wish = json!({ "email": format!("{key}@contoh.test"), "name": "Ani", "language": "id", "role": "auditor" });
        let answer = again.post("/invitations", &wish);
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(again.post("/invitations", &wish).body, answer.body);
        assert_eq!((invited(&admin), world.mails().len()), (kill + 1, kill + 1), "one effect of each");
    }
    assert!(done_before >= KILLS / 2, "{done_before} kills came after an effect");
    let findings = doctor::check(&world.store, Stamp::now()).unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
}
