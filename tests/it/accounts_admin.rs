//! `coachnet admin` as a process, and what it makes: an admin who signs in over HTTP.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use coachnet::auth::code_at;
use serde_json::json;

use crate::support::TestDb;
use crate::support::site::Site;
use crate::support::world::{PASSWORD, World, settings};

fn coachnet(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
    command.current_dir(folder).env_clear().args(arguments);
    command.env("COACHNET__ACCOUNTS__PASSWORD_MEMORY_KIB", "8");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("an end")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

const CREATE: [&str; 7] =
    ["admin", "create", "--email", "Admin@contoh.test", "--name", "Ibu Admin", "--password-stdin"];

#[test]
fn the_first_admin_is_made_on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(coachnet(folder.path(), &["migrate"], "").status.success());
    let weak = coachnet(folder.path(), &CREATE, "password1234\n");
    assert_eq!(weak.status.code(), Some(3), "{}", said(&weak));
    assert!(said(&weak).contains("among the first passwords"), "{}", said(&weak));

    let made = coachnet(folder.path(), &CREATE, &format!("{PASSWORD}\n"));
    assert!(made.status.success(), "{}", said(&made));
    let output = said(&made);
    assert!(output.contains("otpauth://totp/Jejaring%20Coach%20Nasional:admin@contoh.test?secret="), "{output}");
    assert!(!output.contains(PASSWORD));
    assert_eq!(output.lines().filter(|line| line.trim().len() == 19 && line.matches('-').count() == 3).count(), 10);
    let keys = folder.path().join("coachnet.sqlite3.keys");
    let mode = std::os::unix::fs::PermissionsExt::mode(&keys.metadata().expect("keys").permissions());
    assert_eq!(mode & 0o777, 0o600);

    let again = coachnet(folder.path(), &CREATE, &format!("{PASSWORD}\n"));
    assert_eq!(again.status.code(), Some(3));
    assert!(said(&again).contains("there is an account"), "{}", said(&again));
    let list = coachnet(folder.path(), &["admin", "list"], "");
    assert_eq!(said(&list), "admin@contoh.test  active  national_admin  Ibu Admin\n");
    let admin = |arguments: &[&str]| coachnet(folder.path(), &[&["admin"][..], arguments].concat(), "");
    for last in [&["disable", "admin@contoh.test"][..], &["revoke", "admin@contoh.test", "national_admin"][..]] {
        let refused = admin(last);
        assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
        assert!(said(&refused).contains("No other national admin"), "{}", said(&refused));
    }
    let mut second = CREATE;
    second[3] = "second@contoh.test";
    assert!(coachnet(folder.path(), &second, &format!("{PASSWORD}\n")).status.success());
    assert!(admin(&["grant", "second@contoh.test", "auditor"]).status.success());
    assert!(said(&admin(&["list"])).contains("auditor, national_admin"), "{}", said(&admin(&["list"])));
    assert!(said(&admin(&["grant", "second@contoh.test", "auditor"])).contains("has this role"));
    assert_eq!(admin(&["grant", "second@contoh.test", "agency_admin"]).status.code(), Some(3), "of which agency?");
    assert!(admin(&["revoke", "second@contoh.test", "auditor"]).status.success());
    assert!(admin(&["disable", "admin@contoh.test"]).status.success());
    assert!(said(&admin(&["list"])).contains("disabled"));
    assert!(admin(&["enable", "admin@contoh.test"]).status.success());
    assert!(!said(&admin(&["list"])).contains("disabled"));
    assert!(admin(&["reset-authenticator", "second@contoh.test"]).status.success());
    assert_eq!(admin(&["reset-authenticator", "second@contoh.test"]).status.code(), Some(3), "there is none");
    assert_eq!(coachnet(folder.path(), &["admin", "disable", "nobody@contoh.test"], "").status.code(), Some(3));
    let nobody = coachnet(folder.path(), &CREATE[..6], "");
    assert_eq!(nobody.status.code(), Some(2), "no terminal: {}", said(&nobody));
}

#[test]
fn an_admin_made_so_signs_in_and_reads_results() {
    let db = TestDb::sqlite();
    let world = World::new(&db);
    let (_, secret) = world.admin("admin@contoh.test");
    let visitor = world.stranger("203.0.113.1");
    let ticket = visitor.signs_in("admin@contoh.test", PASSWORD).json()["ticket"].clone();
    let code = code_at(&secret, world.hands.now()).expect("a code");
    let tokens = visitor.post("/sign_ins/code", &json!({ "ticket": ticket, "code": code })).json();
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let admin = crate::support::world::Visitor { token: Some(token), ..visitor.clone() };
    assert_eq!((visitor.get("/runs").status, admin.get("/runs").status), (401, 200));
}

#[test]
fn closed_results_are_not_on_the_pages() {
    let db = TestDb::sqlite();
    let run = crate::support::site::fill(&db.store);
    let site = Site::serve_with(db.store.clone(), |config| {
        settings(config);
        config.server.open_results = false;
    });
    let home = site.get("/");
    assert_eq!(home.status, 200);
    assert!(!home.body.contains(&run.to_string()) && home.body.contains("Hasil hanya untuk admin"), "{}", home.body);
    let page = site.get(&format!("/runs/{run}"));
    assert_eq!((page.status, page.header("location")), (303, format!("/sign-in?next=%2Fruns%2F{run}").as_str()));
}

#[test]
fn the_contract_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = coachnet(folder.path(), &["openapi"], "");
    let contract: serde_json::Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    assert_eq!(contract, serde_json::to_value(coachnet::api::document()).expect("JSON"));
}
