//! `synthesize`, `match`, `verify` and `explain` as a person would call them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn coachnet(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coachnet")).args(args).output().expect("the program starts")
}

fn succeed(args: &[&str]) -> String {
    let output = coachnet(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// An invented cohort with more coachees than places.
fn cohort(folder: &Path) -> PathBuf {
    let cohort = folder.join("cohort");
    succeed(&["synthesize", "--coachees", "240", "--coaches", "40", "--seed", "7", "--out", text(&cohort)]);
    cohort
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

fn refuted(cohort: &Path, result: &Path) -> String {
    let output = coachnet(&["verify", text(cohort), text(result)]);
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_same_cohort_gives_the_same_bytes_and_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    for objective in ["most_people", "best_total", "stable"] {
        let results = ["1", "2"].map(|threads| {
            let out = folder.path().join(format!("{objective}-{threads}"));
            let (dir, out_dir) = (text(&cohort), text(&out));
            succeed(&["match", dir, "--objective", objective, "--seed", "7", "--out", out_dir, "--threads", threads]);
            out
        });
        assert_eq!(files(&results[0]), files(&results[1]));
        assert_eq!(files(&results[0]).len(), 5);
        let said = succeed(&["verify", text(&cohort), text(&results[0])]);
        assert!(said.contains("the result holds"), "{said}");
    }
}

#[test]
fn a_reserve_is_kept_proven_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    for objective in ["most_people", "best_total", "stable"] {
        let out = folder.path().join(objective);
        let (dir, out_dir) = (text(&cohort), text(&out));
        let call = ["match", dir, "--objective", objective, "--reserve", "WIT:40%", "--out", out_dir];
        let said = succeed(&call);
        assert!(said.contains("reserved places"), "{said}");
        succeed(&[&call[..], &["--threads", "1"]].concat());
        let report: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
        let reserve = &report["reserve"];
        assert_eq!(report["run"]["policy"]["reserve"]["group"]["zone"], "WIT");
        assert!(reserve["matched"].as_u64() > Some(0) && report["proven"] == true, "{report}");
        let said = succeed(&["verify", dir, out_dir]);
        assert!(said.contains("the result holds\n"), "{said}");
        let pairs = fs::read_to_string(out.join("pairs.csv")).unwrap();
        let (coachee, _) = pairs.lines().nth(1).unwrap().split_once(',').unwrap();
        succeed(&["explain", dir, out_dir, "--coachee", coachee, "--coach", "C000001"]);
    }
}

#[test]
fn rows_in_another_order_give_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    let run = |name: &str| {
        let out = folder.path().join(name);
        succeed(&["match", text(&cohort), "--objective", "most_people", "--seed", "1", "--out", text(&out)]);
        files(&out)
    };
    let before = run("before");
    for name in ["coaches.csv", "coachees.csv", "assessments.csv"] {
        let content = fs::read_to_string(cohort.join(name)).unwrap();
        let mut lines: Vec<&str> = content.lines().collect();
        lines[1..].reverse();
        fs::write(cohort.join(name), lines.join("\r\n")).unwrap();
    }
    assert_eq!(before, run("after"));
}

/// Any line of any file: taken out, or with its last digit changed.
#[test]
fn a_changed_line_is_noticed_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    let out = folder.path().join("result");
    succeed(&["match", text(&cohort), "--objective", "most_people", "--seed", "7", "--out", text(&out)]);
    for (name, bytes) in files(&out) {
        let path = out.join(&name);
        let content = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = content.lines().collect();
        for at in [0, 1, lines.len() / 2, lines.len() - 1] {
            let mut without = lines.clone();
            without.remove(at);
            fs::write(&path, without.join("\n") + "\n").unwrap();
            assert!(refuted(&cohort, &out).contains(&name), "{name} without line {}", at + 1);
            let Some(digit) = lines[at].rfind(|c: char| c.is_ascii_digit()) else { continue };
            let other = if lines[at].as_bytes()[digit] == b'7' { "8" } else { "7" };
            let changed = format!("{}{other}{}", &lines[at][..digit], &lines[at][digit + 1..]);
            let mut edited = lines.clone();
            edited[at] = &changed;
            fs::write(&path, edited.join("\n") + "\n").unwrap();
            refuted(&cohort, &out);
        }
        fs::write(&path, &content).unwrap();
    }
    succeed(&["verify", text(&cohort), text(&out)]);
}

#[test]
fn a_changed_explanation_is_named_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    let out = folder.path().join("result");
    succeed(&["match", text(&cohort), "--objective", "most_people", "--seed", "7", "--out", text(&out)]);
    for name in ["explanations.csv", "waiting.csv"] {
        let path = out.join(name);
        let content = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<&str> = content.lines().collect();
        lines.swap(2, 3);
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        assert!(refuted(&cohort, &out).contains(&format!("{name}, line 3:")));
        fs::write(&path, &content).unwrap();
    }
}

#[test]
fn a_changed_cohort_no_longer_fits_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    let out = folder.path().join("result");
    succeed(&["match", text(&cohort), "--objective", "stable", "--out", text(&out)]);
    let path = cohort.join("coaches.csv");
    let content = fs::read_to_string(&path).unwrap();
    fs::write(&path, content.replacen("true", "false", 1)).unwrap();
    assert!(refuted(&cohort, &out).contains("the input: the digest"));
}

#[test]
fn every_pair_can_be_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    let out = folder.path().join("result");
    succeed(&["match", text(&cohort), "--objective", "most_people", "--seed", "7", "--out", text(&out)]);
    let pairs = fs::read_to_string(out.join("pairs.csv")).unwrap();
    let (coachee, coach) = pairs.lines().nth(1).unwrap().split_once(',').unwrap();
    let explain = |coachee: &str, coach: &str| {
        coachnet(&["explain", text(&cohort), text(&out), "--coachee", coachee, "--coach", coach])
    };
    let said = |output: Output| String::from_utf8(output.stdout).unwrap();
    assert!(said(explain(coachee, coach)).starts_with("proposed\n"));
    let answers: Vec<String> = (1..=40).map(|at| said(explain(coachee, &format!("C{at:06}")))).collect();
    assert_eq!(answers.iter().filter(|answer| answer.starts_with("proposed")).count(), 1);
    let others = answers.iter().filter(|answer| !answer.starts_with("proposed"));
    for answer in others {
        assert!(answer.starts_with("forbidden by: ") || answer.contains("the coach was given"), "{answer}");
    }
    assert_eq!(explain("nobody", coach).status.code(), Some(3));
}

#[test]
fn wrong_input_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    let path = cohort.join("coachees.csv");
    let content = fs::read_to_string(&path).unwrap();
    fs::write(&path, content.replacen("PROV-", "PROVINSI-", 1)).unwrap();
    let out = folder.path().join("result");
    let output = coachnet(&["match", text(&cohort), "--out", text(&out)]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("coachees.csv") && said.contains("PROVINSI-"), "{said}");
    assert_eq!(files(&out).len(), 0);
}

/// Whoever reads only the first line of an answer is not shown a panic.
#[cfg(unix)]
#[test]
fn a_reader_who_leaves_early_is_no_failure() {
    let script = format!("{} completions bash | head -n 1", env!("CARGO_BIN_EXE_coachnet"));
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// From an empty database to proposals, by the commands of the README.
#[test]
fn the_tour_of_the_database_works_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    let database = format!("sqlite:{}", folder.path().join("tour.sqlite3").display());
    let call = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
        let output = command.args(args).env("COACHNET__DATABASE__URL", &database).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), said)
    };
    let (code, _, said) = call(&["run", "list"]);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("coachnet migrate"), "{said}");
    let ok = |args: &[&str]| {
        let (code, out, said) = call(args);
        assert_eq!(code, Some(0), "{args:?}: {said}");
        out
    };
    ok(&["migrate"]);
    assert!(ok(&["run", "list"]).contains("no runs yet"));
    for kind in ["agencies", "coaches", "coachees", "assessments", "requirements"] {
        let file = cohort.join(format!("{kind}.csv"));
        let cohort: &[&str] = if kind == "coachees" { &["--cohort", "2026-A"] } else { &[] };
        ok(&[&["import", kind, text(&file)], cohort].concat());
    }
    let run = ok(&["run", "create", "--cohort", "2026-A", "--seed", "7", "--as-of", "2026-11-01"]);
    let run = run.trim();
    assert!(ok(&["run", "compute", run]).contains("proven"));
    assert!(ok(&["run", "list"]).contains("computed"));
    let out = folder.path().join("out");
    ok(&["run", "export", run, "--out", text(&out)]);
    ok(&["verify", text(&cohort), text(&out)]);
    ok(&["run", "publish", run]);
    assert!(ok(&["run", "list"]).contains("published"));
    assert!(ok(&["doctor"]).starts_with("places: holds\none_pairing: holds\n"));
}
