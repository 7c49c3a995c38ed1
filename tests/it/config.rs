//! The settings as the program meets them: variables and flags of a real process.

use std::process::{Command, Output};

fn coachnet(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coachnet"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .expect("the program runs")
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_wrong_variable_stops_the_program_and_is_named() {
    let output = coachnet(&["serve"], &[("COACHNET__SERVER__PORT", "http")]);
    assert_eq!(output.status.code(), Some(2));
    let error = error(&output);
    for part in ["server.port", "\"http\"", "COACHNET__SERVER__PORT", "0 to 65535"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_flag_is_stronger_than_a_variable() {
    let output = coachnet(&["serve", "--port", "many"], &[("COACHNET__SERVER__PORT", "8080")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error(&output).contains("the flag --port"), "{}", error(&output));
}

#[test]
fn an_unknown_variable_is_named_with_the_nearest_setting() {
    let output = coachnet(&["migrate"], &[("COACHNET__DATABASE__POOLSIZE", "3")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error(&output).contains("did you mean database.pool_size?"), "{}", error(&output));
}

#[test]
fn a_password_is_never_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("my.toml");
    for text in ["[database]\nurl = \"mysql://ncn:hunter2@db/ncn\"", "[database]\nurl = postgres://ncn:hunter2@db/ncn"]
    {
        std::fs::write(&file, text).expect("a file");
        let output = coachnet(&["migrate", "--config", file.to_str().expect("a path")], &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(!error(&output).contains("hunter2"), "{}", error(&output));
        assert!(error(&output).contains("my.toml"), "{}", error(&output));
    }
}
