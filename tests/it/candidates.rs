//! `coachnet candidates`: the same problem for another solver.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const COACHES: usize = 60;

fn coachnet(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coachnet")).args(args).output().expect("the program starts")
}

fn succeed(args: &[&str]) {
    let output = coachnet(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// An invented cohort with more coachees than places.
fn cohort(folder: &Path) -> PathBuf {
    let cohort = folder.join("cohort");
    let coaches = COACHES.to_string();
    succeed(&["synthesize", "--coachees", "300", "--coaches", &coaches, "--seed", "3", "--out", text(&cohort)]);
    cohort
}

fn candidates(cohort: &Path, k: usize, out: &Path, threads: &str) {
    let k = k.to_string();
    succeed(&["candidates", text(cohort), "--k", &k, "--seed", "9", "--out", text(out), "--threads", threads]);
}

fn rows(file: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn report(result: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(result.join("report.json")).unwrap()).unwrap()
}

/// With everybody on the lists, a solver that knows only the scores finds what `match` finds on the cohort.
#[test]
fn full_lists_are_the_whole_problem() {
    let folder = tempfile::tempdir().unwrap();
    let (cohort, scores) = (cohort(folder.path()), folder.path().join("scores"));
    candidates(&cohort, COACHES, &scores, "2");
    for objective in ["stable", "best_total", "most_people"] {
        let [ours, theirs] = [("match", &cohort), ("assign", &scores)].map(|(command, input)| {
            let out = folder.path().join(format!("{command}-{objective}"));
            succeed(&[command, text(input), "--objective", objective, "--seed", "9", "--out", text(&out)]);
            out
        });
        for key in ["matched", "possible", "total_weight"] {
            assert_eq!(report(&ours)[key], report(&theirs)[key], "{objective}: {key}");
        }
        let matched = |result: &Path, columns: usize| -> BTreeSet<Vec<String>> {
            rows(&result.join("pairs.csv")).into_iter().map(|row| row[..columns].to_vec()).collect()
        };
        // Of several plans with the best total, either may be chosen; who is matched may not differ.
        let columns = if objective == "stable" { 2 } else { 1 };
        assert_eq!(matched(&ours, columns), matched(&theirs, columns), "{objective}");
    }
}

/// Shorter lists are the beginnings of longer ones, whatever the number of threads.
#[test]
fn lists_are_cut_at_their_end() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    let [short, long] = [("short", 4, "1"), ("long", COACHES, "2")].map(|(name, k, threads)| {
        let out = folder.path().join(name);
        candidates(&cohort, k, &out, threads);
        out
    });
    for file in ["coaches.csv", "coachees.csv"] {
        assert_eq!(rows(&short.join(file)), rows(&long.join(file)));
    }
    let lists = |folder: &Path, k: usize| -> Vec<Vec<Vec<String>>> {
        let rows = rows(&folder.join("edges.csv"));
        rows.chunk_by(|a, b| a[0] == b[0]).map(|list| list.iter().take(k).cloned().collect()).collect()
    };
    assert_eq!(lists(&short, 4), lists(&long, 4));
    let falls = |list: &Vec<Vec<String>>| list.iter().map(|row| row[2].parse::<u8>().unwrap()).rev().is_sorted();
    assert!(lists(&long, COACHES).iter().all(falls));
    assert!(rows(&long.join("coaches.csv")).iter().any(|row| row[1] == "0"), "some coaches are closed");
}

/// Scores may replace earlier scores, and nothing else.
#[test]
fn a_folder_with_other_files_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (cohort, scores) = (cohort(folder.path()), folder.path().join("scores"));
    candidates(&cohort, 1, &scores, "1");
    candidates(&cohort, 2, &scores, "1");
    for name in ["SYNTHETIC.txt", "agencies.csv", "assessments.csv", "requirements.csv"] {
        fs::remove_file(cohort.join(name)).unwrap();
    }
    let output = coachnet(&["candidates", text(&cohort), "--out", text(&cohort)]);
    assert_eq!(output.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&output.stderr).contains("coachees.csv"));
}
