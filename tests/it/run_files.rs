//! Runs taken away as files, and matched again from files, as a person would call it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use coachnet::domain::Objective;
use coachnet::matching::report::NamedPair;
use coachnet::services::planning::Planning;
use coachnet::services::runs::{self, Selection};
use coachnet::store::Store;

use crate::support::invented::{act, cohort, compute};
use crate::support::{KEYS, safe, settings};

fn coachnet(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coachnet"));
    command.current_dir(folder).env("COACHNET__DATABASE__URL", "sqlite:runs.sqlite3");
    command.env("COACHNET__SECRETS__KEYS", format!("[\"{KEYS}\"]"));
    command.args(args).output().expect("the program starts")
}

fn succeed(folder: &Path, args: &[&str]) -> String {
    let output = coachnet(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn fail(folder: &Path, args: &[&str], code: i32) -> String {
    let output = coachnet(folder, args);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// A run with a pin, exported and checked after its people have changed.
#[test]
fn an_exported_run_is_checked_with_its_own_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let store = Store::open(&path.join("runs.sqlite3").display().to_string(), settings()).unwrap().with_safe(safe());
    cohort(&store, 90, 25);
    let base = runs::computed(&store, compute(&store, Objective::BestTotal, &Planning::default())).unwrap();
    let &(coachee, given) = base.standing.pairs.first().unwrap();
    let coach = (0..25).find(|&c| c != given && base.cohort.plain_score(coachee as usize, c).is_some()).unwrap();
    let pin = NamedPair::of(&base.cohort, (coachee, coach));
    let planning = Planning { pinned: vec![pin.clone()], ..Planning::default() };
    let run = compute(&store, Objective::BestTotal, &planning);
    store.write(|db| runs::publish(db, &act(), run, Selection::All)).unwrap();
    drop(store);
    let id = run.to_string();

    let said = succeed(path, &["run", "show", &id]);
    assert!(said.contains(&format!("pinned: coachee {} with coach {} costs ", pin.coachee, pin.coach)), "{said}");
    let said = succeed(path, &["run", "verify", &id, "--again"]);
    assert!(said.contains("byte for byte"), "{said}");
    succeed(path, &["run", "export", &id, "--out", "out"]);
    let said = succeed(path, &["verify", "out/input.zip", "out"]);
    assert!(said.contains("the result holds"), "{said}");
    let names = ["--coachee", pin.coachee.as_str(), "--coach", pin.coach.as_str()];
    let said = succeed(path, &[&["explain", "out/input.zip", "out"], &names[..]].concat());
    assert!(said.starts_with("pinned by an admin"), "{said}");
    assert_eq!(said, succeed(path, &[&["run", "explain", &id], &names[..]].concat()));
    let explanations = fs::read_to_string(path.join("out/explanations.csv")).unwrap();
    assert!(
        explanations.lines().any(|line| line.starts_with(pin.coachee.as_str()) && line.contains("pinned by an admin"))
    );

    let pairs = fs::read_to_string(path.join("out/pairs.csv")).unwrap();
    let without: String =
        pairs.lines().filter(|line| !line.starts_with(pin.coachee.as_str())).map(|l| format!("{l}\n")).collect();
    fs::write(path.join("out/pairs.csv"), without).unwrap();
    let told = fail(path, &["verify", "out/input.zip", "out"], 4);
    assert!(told.contains("is missing; it was kept"), "{told}");
    fs::write(path.join("out/input.zip"), b"PK").unwrap();
    assert!(fail(path, &["verify", "out/input.zip", "out"], 3).contains("damaged"));
}

/// Some pairs of a result are accepted, others declined: matched again, the former stand and the latter do not come.
#[test]
fn a_cohort_of_files_is_matched_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeed(path, &["synthesize", "--coachees", "200", "--coaches", "40", "--seed", "7", "--out", "cohort"]);
    for objective in ["best_total", "most_people", "stable"] {
        let first = format!("first-{objective}");
        succeed(path, &["match", "cohort", "--objective", objective, "--seed", "7", "--out", &first]);
        let pairs = fs::read_to_string(path.join(&first).join("pairs.csv")).unwrap();
        let lines: Vec<&str> = pairs.lines().skip(1).collect();
        let file =
            |name: &str, lines: &[&str]| fs::write(path.join(name), format!("coachee,coach\n{}\n", lines.join("\n")));
        let (accepted, declined) = lines.split_at(lines.len() / 2);
        file("accepted.csv", accepted).unwrap();
        file("declined.csv", declined).unwrap();
        let call = [
            "match",
            "cohort",
            "--objective",
            objective,
            "--seed",
            "7",
            "--keep",
            "accepted.csv",
            "--forbid",
            "declined.csv",
        ];
        let (warm, cold) = (format!("warm-{objective}"), format!("cold-{objective}"));
        succeed(path, &[&call[..], &["--from", &first, "--out", &warm]].concat());
        succeed(path, &[&call[..], &["--out", &cold]].concat());
        let again = fs::read_to_string(path.join(&warm).join("pairs.csv")).unwrap();
        let again: BTreeSet<&str> = again.lines().collect();
        assert!(accepted.iter().all(|line| again.contains(line)) && !declined.iter().any(|line| again.contains(line)));
        let said = succeed(path, &["verify", "cohort", &warm]);
        assert!(said.contains("the result holds\n"), "{objective}: {said}");
        let total = |out: &str| {
            let text = fs::read_to_string(path.join(out).join("report.json")).unwrap();
            let report: serde_json::Value = serde_json::from_str(&text).unwrap();
            (report["matched"].clone(), report["total_weight"].clone())
        };
        assert_eq!(total(&warm), total(&cold), "{objective}: a start is no other goal");
    }
    let nobody = "coachee,coach\nnobody,nobody\n";
    fs::write(path.join("accepted.csv"), nobody).unwrap();
    let told = fail(path, &["match", "cohort", "--keep", "accepted.csv", "--out", "x"], 3);
    assert!(told.contains("nobody and nobody are not both in the cohort"), "{told}");
    fs::write(path.join("accepted.csv"), "a,b\n").unwrap();
    assert!(fail(path, &["match", "cohort", "--keep", "accepted.csv", "--out", "x"], 3).contains("coachee,coach"));
}
