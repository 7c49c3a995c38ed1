//! `coachnet work` and `coachnet mail` as processes.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use coachnet::domain::MailKind;
use coachnet::store::Store;
use coachnet::store::types::Stamp;
use serde_json::json;
use tempfile::TempDir;

use crate::support::post::{self, count, queue, queue_many};
use crate::support::smtp::{Does, SmtpServer};

fn coachnet(folder: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
    command.current_dir(folder).env_clear().args(arguments);
    command.env("COACHNET__MAIL__URL", url).env("COACHNET__MAIL__FROM", post::FROM);
    command
}

fn run(folder: &Path, url: &str, arguments: &[&str]) -> Output {
    coachnet(folder, url, arguments).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn prepared() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(run(folder.path(), "file:", &["migrate"]).status.success());
    let url = format!("sqlite:{}", folder.path().join("coachnet.sqlite3").display());
    let store = Store::open(&url, crate::support::settings()).expect("a store");
    (folder, store)
}

#[test]
fn a_test_mail_goes_where_the_settings_say() {
    let (folder, _) = prepared();
    let output = run(folder.path(), "file:", &["mail", "test", "budi@contoh.test", "--language", "en"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("coachnet.sqlite3.mail"), "{}", text(&output.stdout));
    let mails = post::folder(&folder.path().join("coachnet.sqlite3.mail"));
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "budi@contoh.test"));

    let server = SmtpServer::start(|_, _| Does::AnswerRecipient("550 nobody here"));
    let output = run(folder.path(), &server.url(), &["mail", "test", "budi@contoh.test"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(text(&output.stderr).contains("nobody here") && !text(&output.stderr).contains("budi"));
}

#[test]
fn dead_letters_are_shown_without_their_address_and_retried() {
    let (folder, store) = prepared();
    let server = SmtpServer::start(|_, _| Does::AnswerRecipient("550 nobody here"));
    queue(&store, MailKind::PasswordChanged, "budi@contoh.test", &json!({}), Stamp::now());
    post::send_all(&mut post::courier(&store, post::to(&server, 1)), Stamp::now());
    let list = text(&run(folder.path(), "file:", &["mail", "list"]).stdout);
    for part in ["dead            1", "password_changed", "b***@contoh.test", "nobody here"] {
        assert!(list.contains(part), "{part}: {list}");
    }
    assert!(!list.contains("budi"), "{list}");
    let id = list.lines().find(|line| line.contains("password_changed")).expect("a line")[..36].to_owned();
    let output = run(folder.path(), "file:", &["mail", "retry", &id]);
    assert!(text(&output.stdout).contains("1 mail will be tried again"), "{}", text(&output.stderr));
    assert_eq!(count(&store, "queued"), 1);
    assert_eq!(run(folder.path(), "file:", &["mail", "retry", &id]).status.code(), Some(3));
    assert_eq!(run(folder.path(), "file:", &["mail", "retry"]).status.code(), Some(2));
}

#[test]
fn work_delivers_until_it_is_told_to_stop() {
    let (folder, store) = prepared();
    let server = SmtpServer::start(|_, _| Does::Take);
    queue_many(&store, 30, Stamp::now());
    let mut child =
        coachnet(folder.path(), &server.url(), &["work"]).stderr(Stdio::piped()).spawn().expect("the program runs");
    let deadline = Instant::now() + Duration::from_secs(60);
    while count(&store, "sent") < 30 && Instant::now() < deadline {
        std::thread::yield_now();
    }
    let told = Command::new("kill").arg(child.id().to_string()).status().expect("kill");
    assert!(told.success() && child.wait().expect("an end").success());
    assert_eq!((count(&store, "sent"), server.taken().len()), (30, 30));
}

/// Killed again and again with letters in hand, as by the kernel: every letter arrives; twice only
/// what was being handed over when it died, and then with the same Message-ID.
#[test]
fn a_killed_worker_loses_nothing() {
    const LETTERS: usize = 2000;
    const KILLS: usize = 5;
    // Of the built-in settings.
    const CONNECTIONS: usize = 4;
    let (folder, store) = prepared();
    let server = SmtpServer::start(|_, _| Does::Take);
    queue_many(&store, LETTERS, Stamp::now());
    for kill in 1..=KILLS {
        let before = server.taken().len();
        let mut child =
            coachnet(folder.path(), &server.url(), &["work"]).stderr(Stdio::null()).spawn().expect("the program runs");
        let deadline = Instant::now() + Duration::from_secs(60);
        while server.taken().len() < (before + 100 * kill).min(LETTERS) && Instant::now() < deadline {
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("an end");
        // The lease of a dead worker is half a minute; a test does not wait for it.
        let orphans = "UPDATE outbox SET lease_until = 0 WHERE status = 'sending'";
        store
            .write(|db| {
                Ok::<_, coachnet::store::StoreError>(diesel::connection::SimpleConnection::batch_execute(db, orphans)?)
            })
            .expect("leases over");
    }
    let mut last = post::courier(&store, post::to(&server, 4));
    post::send_all(&mut last, Stamp::now());
    assert_eq!(count(&store, "sent"), LETTERS);
    let taken = server.taken();
    let ids: std::collections::BTreeSet<(String, String)> =
        taken.iter().map(|taken| (taken.to.clone(), taken.message_id())).collect();
    assert_eq!(ids.len(), LETTERS, "each arrived, always with the same Message-ID");
    let twice = taken.len() - LETTERS;
    assert!(twice <= KILLS * CONNECTIONS, "{twice} letters arrived twice");
}
