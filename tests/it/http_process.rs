//! `coachnet serve` as a process: what stands in its way, its log, how it stops.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

fn coachnet(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
    command.current_dir(folder).env_clear();
    command
}

fn prepared() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let output = coachnet(folder.path()).arg("migrate").output().expect("the program runs");
    assert!(output.status.success(), "{}", error(&output));
    folder
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// One clear line with these words, exit code 5, no trace.
fn assert_in_the_way(output: &Output, words: &[&str]) {
    let error = error(output);
    assert_eq!(output.status.code(), Some(5), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    for word in words {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_port_in_use_is_said_in_one_line() {
    let folder = prepared();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let output = coachnet(folder.path()).args(["serve", "--port", &port]).output().expect("the program runs");
    assert_in_the_way(&output, &[&port, "another program", "--port"]);
}

#[test]
fn a_database_that_cannot_be_used_is_said_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = coachnet(folder.path()).arg("serve").output().expect("the program runs");
    assert_in_the_way(&output, &["coachnet migrate"]);

    let output = coachnet(folder.path())
        .arg("serve")
        .env("COACHNET__DATABASE__URL", "sqlite:no/such/folder/file.sqlite3")
        .output()
        .expect("the program runs");
    assert_in_the_way(&output, &["no/such/folder"]);

    std::fs::write(folder.path().join("text.sqlite3"), "this is no database, just text".repeat(40)).expect("a file");
    let output = coachnet(folder.path())
        .arg("serve")
        .env("COACHNET__DATABASE__URL", "sqlite:text.sqlite3")
        .output()
        .expect("the program runs");
    assert_in_the_way(&output, &["database"]);
}

#[test]
fn migrating_twice_changes_nothing() {
    let folder = prepared();
    let output = coachnet(folder.path()).arg("migrate").output().expect("the program runs");
    assert!(String::from_utf8_lossy(&output.stdout).contains("the schema is current"));
}

struct Running {
    child: Child,
    address: String,
    log: BufReader<std::process::ChildStderr>,
}

impl Running {
    fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = coachnet(folder);
        command.args(["serve", "--port", "0"]).envs(variables.iter().copied()).stderr(Stdio::piped());
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
        Self { child, address, log }
    }

    fn get(&self, path: &str) -> u16 {
        let patience = Some(std::time::Duration::from_secs(20));
        let builder = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(patience);
        let agent: ureq::Agent = builder.build().into();
        agent.get(format!("http://{}{path}", self.address)).call().expect("an answer").status().as_u16()
    }

    /// Tells it to stop; gives its exit code and the rest of its log.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().expect("kill runs").success());
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).expect("a log");
        (self.child.wait().expect("an end").code(), rest)
    }
}

/// A pipe holds some 64 kB; then whoever writes into it waits.
#[test]
fn a_log_that_nobody_reads_stops_nobody() {
    let folder = prepared();
    let server = Running::start(folder.path(), &[("COACHNET__LOG__LEVEL", "debug")]);
    for _ in 0..1500 {
        assert_eq!(server.get("/healthz"), 200);
    }
    let (code, log) = server.stop("-TERM");
    assert_eq!(code, Some(0));
    assert!(log.len() > 100_000, "{} bytes: the pipe was never full", log.len());
}

#[test]
fn it_stops_when_told_to() {
    for signal in ["-TERM", "-INT"] {
        let folder = prepared();
        let server = Running::start(folder.path(), &[]);
        assert_eq!(server.get("/readyz"), 200);
        assert_eq!(server.stop(signal).0, Some(0), "{signal}");
    }
}

#[test]
fn the_log_is_lines_of_json_without_queries_or_keys() {
    let folder = prepared();
    let server = Running::start(folder.path(), &[("COACHNET__LOG__FORMAT", "json")]);
    assert_eq!(server.get("/api/v1/coaches/SecretCode?lang=SecretQuery"), 401);
    let (_, log) = server.stop("-TERM");
    assert!(!log.contains("Secret"), "{log}");
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"))).collect();
    let answered = lines.iter().find(|line| line["fields"]["message"] == "answered").expect("a line per request");
    assert_eq!(answered["span"]["route"], "/api/v1/coaches/{code}");
    assert_eq!(answered["span"]["status"], 401);
    assert_eq!(answered["span"]["request_id"].as_str().map(str::len), Some(36));
}

#[test]
fn listening_to_other_machines_is_said_loudly() {
    let folder = prepared();
    let mut command = coachnet(folder.path());
    command.args(["serve", "--port", "0", "--host", "0.0.0.0"]).stderr(Stdio::piped());
    command.env("COACHNET__SERVER__OPEN_RESULTS", "true");
    let mut child = command.spawn().expect("the program runs");
    let mut first = String::new();
    BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut first).expect("a line");
    child.kill().expect("an end");
    child.wait().expect("an end");
    assert!(first.contains("WARN") && first.contains("without signing in"), "{first}");
}
