//! A database that cannot be used: the message says what is in the way.

use std::fs;
use std::time::Duration;

use coachnet::store::{Store, StoreError, StoreSettings};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::support::{LOCKED_USER, Server, TestDb};

fn why_not(url: &str) -> String {
    let settings = StoreSettings { busy_timeout: Duration::from_millis(20), ..StoreSettings::default() };
    match Store::open(url, settings) {
        Err(StoreError::Unavailable(why)) => why,
        Err(other) => panic!("{url}: another kind of error: {other:?}"),
        Ok(_) => panic!("{url} was opened"),
    }
}

#[track_caller]
fn assert_says(url: &str, words: &str) {
    let why = why_not(url);
    assert!(why.contains(words), "{why}");
    assert!(!why.contains('\n'), "{why}");
}

#[test]
fn a_sqlite_file_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    fs::write(folder.path().join("letter.txt"), "Dengan hormat, ".repeat(100)).unwrap();
    assert_says(&inside("missing/x.db"), "missing does not exist");
    assert_says(&inside(""), "it is a folder");
    assert_says(&inside("letter.txt"), "not a database");
    assert_says(&inside("letter.txt/x.db"), "is not a folder");
    assert_eq!(fs::read_to_string(folder.path().join("letter.txt")).unwrap(), "Dengan hormat, ".repeat(100));
}

#[test]
#[cfg(target_os = "linux")]
fn a_sqlite_folder_that_takes_no_files() {
    // Nobody can make files here, not even root.
    assert_says("sqlite:/proc/coachnet.sqlite3", "no permission to create files in the folder /proc");
}

#[test]
fn a_sqlite_file_that_must_not_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let url = format!("sqlite:{}", path.display());
    drop(Store::open(&url, StoreSettings::default()).unwrap());
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    // Root may write it all the same.
    if fs::OpenOptions::new().write(true).open(&path).is_err() {
        assert_says(&url, "no permission to read and write it");
    }
}

#[test]
fn a_sqlite_file_that_is_locked() {
    let db = TestDb::sqlite();
    let mut other = SqliteConnection::establish(db.url.strip_prefix("sqlite:").unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    assert_says(&db.url, "locked by another program");
    other.batch_execute("ROLLBACK").unwrap();
    Store::open(&db.url, StoreSettings::default()).unwrap();
}

#[test]
fn a_server_that_is_not_there() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://ani:s3cret@127.0.0.1:{port}/coach");
    assert_says(&url, "refused the connection");
    assert!(why_not(&url).contains(&format!("postgres://ani@127.0.0.1:{port}/coach")));
    let folder = tempfile::tempdir().unwrap();
    assert_says(&format!("postgres:///x?host={}", folder.path().display()), "no server at this socket");
}

#[test]
fn a_server_that_does_not_let_us_in() {
    let Some(server) = Server::shared("store_errors::a_server_that_does_not_let_us_in") else { return };
    let url = server.url_for(&format!("{LOCKED_USER}:wr0ng"), "postgres");
    assert_says(&url, "wrong user name or password");
    assert!(!why_not(&url).contains("wr0ng"));
    assert_says(&server.url_for(LOCKED_USER, "postgres"), "wants a password");
    Store::open(&server.url_for(&format!("{LOCKED_USER}:right"), "postgres"), StoreSettings::default()).unwrap();
    assert_says(&server.url("nowhere"), "database \"nowhere\" does not exist");
}
