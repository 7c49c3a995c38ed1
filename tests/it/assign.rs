//! `coachnet assign` and `coachnet verify`, run as people run them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn coachnet(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coachnet")).args(args).output().unwrap()
}

/// A folder of scores and, once assigned, its result.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new(coaches: &str, coachees: &str, edges: &str) -> Self {
        let case = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(case.input()).unwrap();
        for (file, text) in [("coaches.csv", coaches), ("coachees.csv", coachees), ("edges.csv", edges)] {
            fs::write(case.input().join(file), text).unwrap();
        }
        case
    }

    fn input(&self) -> PathBuf {
        self.folder.path().join("in")
    }

    fn result(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn assign_with(&self, objective: &str, more: &[&str]) -> Output {
        let (input, result) = (self.input(), self.result());
        let args = ["assign", text(&input), "--objective", objective, "--seed", "7", "--out", text(&result)];
        coachnet(&[&args, more].concat())
    }

    fn assign(&self, objective: &str) -> Value {
        let output = self.assign_with(objective, &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&self.file("report.json")).unwrap()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.result().join(name)).unwrap()
    }

    /// Exit code and complaints of `verify`.
    fn verify(&self) -> (i32, String) {
        let output = coachnet(&["verify", text(&self.input()), text(&self.result())]);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn assert_refuted(&self, name: &str, changed: &str, expected: &str) {
        let original = self.file(name);
        assert_ne!(changed, original);
        fs::write(self.result().join(name), changed).unwrap();
        let (code, complaint) = self.verify();
        assert_eq!(code, 4, "{name} changed to {changed}");
        assert!(complaint.contains(expected), "expected {expected:?} in {complaint}");
        fs::write(self.result().join(name), original).unwrap();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const GRADES: [&str; 11] = ["AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS1", "SCS2", "SCS3", "SCS4"];

/// The sample cohort of mentor-match, scored by its default rules (see `tests/data/mentor-match`):
/// never within an organisation; the mentor one or two grades above; points for grade, profession,
/// a shared characteristic, and for being matched at all.
fn mentor_match(capacity: u32) -> Case {
    let people = |file: &str| -> Vec<std::collections::HashMap<String, String>> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mentor-match").join(file);
        csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
    };
    let grade = |grade: &str| GRADES.iter().position(|&known| known == grade).unwrap() as i32;
    let (mentors, mentees) = (people("mentors.csv"), people("mentees.csv"));
    let (mut coaches, mut coachees) = (String::from("coach,capacity\n"), String::from("coachee\n"));
    let mut edges = String::from("coachee,coach,weight\n");
    for mentor in &mentors {
        coaches += &format!("{},{capacity}\n", mentor["email address"]);
    }
    for mentee in &mentees {
        coachees += &format!("{}\n", mentee["email address"]);
        for mentor in &mentors {
            let steps = grade(&mentor["grade"]) - grade(&mentee["grade"]);
            if mentor["organisation"] == mentee["organisation"] || !(1..=2).contains(&steps) {
                continue;
            }
            let identity = &mentee["identity to match"];
            let same_profession = mentor["profession"] == mentee["profession"];
            let same_identity = !identity.is_empty() && mentor["characteristics"].contains(identity.as_str());
            let score =
                if steps == 2 { 12 } else { 9 } + 10 * i32::from(same_profession) + 6 * i32::from(same_identity) + 6;
            edges += &format!("{},{},{score}\n", mentee["email address"], mentor["email address"]);
        }
    }
    assert_eq!(edges.lines().count() - 1, 392);
    Case::new(&coaches, &coachees, &edges)
}

#[test]
fn the_sample_cohort_gives_the_known_answers() {
    let case = mentor_match(1);
    let best = case.assign("best_total");
    assert_eq!((&best["total_weight"], &best["matched"], &best["gap"]), (&960.into(), &35.into(), &0.into()));
    assert_eq!(case.verify().0, 0);
    let most = case.assign("most_people");
    assert_eq!((&most["matched"], &most["possible"], &most["gap"]), (&35.into(), &35.into(), &0.into()));
    let stable = case.assign("stable");
    assert_eq!(stable["blocking_pairs"], 0);
    assert_eq!(case.verify().0, 0);
}

#[test]
fn three_places_a_mentor_are_enough_for_everybody_in_the_sample_cohort() {
    let case = mentor_match(3);
    assert_eq!(case.assign("most_people")["matched"], 50);
    assert_eq!(case.verify().0, 0);
}

/// Four coachees, three coaches; ids that CSV must quote.
fn small() -> Case {
    Case::new(
        "coach,capacity\n\"Ani, S.E.\",1\nbudi,1\neko,0\n",
        "coachee,class,lottery\np,0,4\nq,0,3\nr,1,2\ns,0,1\n",
        "coachee,coach,weight\np,\"Ani, S.E.\",9\np,budi,8\nq,\"Ani, S.E.\",9\nr,budi,2\ns,eko,5\n",
    )
}

#[test]
fn the_objectives_differ_where_they_should() {
    let case = small();
    let report = case.assign("best_total");
    assert_eq!((&report["total_weight"], &report["matched"]), (&17.into(), &2.into()));
    assert_eq!(case.file("pairs.csv"), "coachee,coach\np,budi\nq,\"Ani, S.E.\"\n");
    // The class counts before the weight when a coach chooses.
    case.assign("stable");
    assert_eq!(case.file("pairs.csv"), "coachee,coach\nq,\"Ani, S.E.\"\nr,budi\n");
}

#[test]
fn the_price_of_the_last_pair_is_told() {
    let case =
        Case::new("coach,capacity\na,1\nb,1\n", "coachee\nx\ny\n", "coachee,coach,weight\nx,a,10\nx,b,1\ny,a,2\n");
    assert_eq!(case.assign("best_total")["matched"], 1);
    let report = case.assign("most_people");
    assert_eq!((&report["matched"], &report["total_weight"], &report["lambda"]), (&2.into(), &3.into(), &7.into()));
    assert_eq!(report["gap"], 0);
    assert_eq!(case.verify().0, 0);
}

/// `z` is of class 1, and one of two places is reserved for that class.
#[test]
fn reserved_places_go_to_the_class_and_their_cost_is_told() {
    let case = Case::new(
        "coach,capacity\na,1\nb,1\n",
        "coachee,class,lottery\nx,0,1\ny,0,2\nz,1,3\n",
        "coachee,coach,weight\nx,a,9\ny,b,8\nz,a,4\nz,b,2\n",
    );
    let reserve = ["--reserve-class", "1", "--reserve-percent", "50"];
    assert_eq!(case.assign("best_total")["total_weight"], 17);
    for objective in ["best_total", "most_people"] {
        let output = case.assign_with(objective, &reserve);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("reserved places 1, for 1 coachees: 1 of them matched"), "{said}");
        assert!(said.contains("the last reserved place cost 5"), "{said}");
        assert_eq!(case.file("pairs.csv"), "coachee,coach\ny,b\nz,a\n");
        let report: Value = serde_json::from_str(&case.file("report.json")).unwrap();
        assert_eq!((&report["total_weight"], &report["gap"], &report["proven"]), (&12.into(), &0.into(), &true.into()));
        let facts = serde_json::json!({ "places": 1, "members": 1, "matched": 1, "withheld": 0, "cost": 5 });
        assert_eq!(report["reserve"], facts);
        assert_eq!(case.verify().0, 0);
        let original = case.file("report.json");
        for (from, to, expected) in [
            ("\"cost\": 5", "\"cost\": 4", "gap is 0, but the files give 1"),
            ("\"cost\": 5", "\"cost\": -5", "or what the reserve cost is"),
            ("\"percent\": 50", "\"percent\": 49", "reserve is {"),
            ("\"percent\": 50", "\"percent\": 101", "reserve_rule.percent: expected 1 to 100"),
            ("\"class\": 1", "\"class\": 0", "reserve is {"),
        ] {
            assert!(original.contains(from), "{original}");
            case.assert_refuted("report.json", &original.replacen(from, to, 1), expected);
        }
        case.assert_refuted("pairs.csv", "coachee,coach\nx,a\ny,b\n", "\"withheld\":1");
    }
    assert_eq!(case.assign_with("best_total", &reserve[..2]).status.code(), Some(2));
}

#[test]
fn reserved_places_that_nobody_can_use_are_given_to_others() {
    let case = Case::new(
        "coach,capacity\na,2\n",
        "coachee,class,lottery\nx,0,1\ny,0,2\nz,0,3\nw,3,4\n",
        "coachee,coach,weight\nx,a,9\ny,a,8\nz,a,7\nw,a,1\n",
    );
    for (objective, expected) in [("stable", "w,a\nx,a\n"), ("best_total", "x,a\ny,a\n")] {
        assert!(case.assign_with(objective, &["--reserve-class", "4", "--reserve-percent", "50"]).status.success());
        assert_eq!(case.file("pairs.csv"), format!("coachee,coach\n{expected}"));
        assert_eq!(case.verify().0, 0);
    }
}

#[test]
fn the_same_bytes_come_out_twice_with_any_number_of_threads() {
    let case = mentor_match(2);
    let files = |threads: &str| {
        assert!(case.assign_with("most_people", &["--threads", threads]).status.success());
        ["pairs.csv", "prices.csv", "report.json"].map(|name| case.file(name))
    };
    let first = files("1");
    assert_eq!(first, files("1"));
    assert_eq!(first, files("4"));
}

#[test]
fn timings_are_told_when_asked_for() {
    let case = small();
    assert_eq!(case.assign("best_total")["solve_seconds"], Value::Null);
    assert!(case.assign_with("best_total", &["--timings"]).status.success());
    let report: Value = serde_json::from_str(&case.file("report.json")).unwrap();
    assert!(report["read_seconds"].is_number() && report["solve_seconds"].is_number());
    assert_eq!(case.verify().0, 0);
}

#[test]
fn what_is_wrong_with_a_changed_result_is_named() {
    let case = small();
    case.assign("best_total");
    for (file, from, to, expected) in [
        ("pairs.csv", "p,budi", "p,eko", "coach \"eko\" has 1 coachees in 0 places"),
        ("pairs.csv", "p,budi", "q,budi", "coachee \"q\" has more than one coach"),
        ("pairs.csv", "p,budi", "s,budi", "coachee \"s\" with coach \"budi\" is no pair"),
        ("pairs.csv", "p,budi", "z,budi", "line 2: coachee \"z\" is not in the input"),
        ("pairs.csv", "p,budi", "p,dewi", "line 2: coach \"dewi\" is not in the input"),
        ("pairs.csv", "p,budi", "r,budi", "total_weight is 17, but the files give 11"),
        ("pairs.csv", "p,budi\n", "", "matched is 2, but the files give 1"),
        ("pairs.csv", "p,budi", "p", "line 2: expected coachee,coach"),
        ("pairs.csv", "coachee,coach", "coach,coachee", "line 1: expected the header"),
        ("prices.csv", "eko,9", "eko,4", "gap is 0, but the files give 1"),
        ("prices.csv", "eko,9", "eko,9.5", "prices.csv: the digest"),
        ("prices.csv", "eko,9", "eko,-5", "the price of coach \"eko\" is below 0"),
        ("prices.csv", "eko,9", "eko,five", "line 2: \"five\"; expected a decimal number"),
        ("prices.csv", "eko,9\n", "", "coach \"eko\" has no price"),
        ("report.json", "\"total_weight\": 17", "\"total_weight\": 18", "total_weight is 18, but the files give 17"),
        ("report.json", "\"seed\": 7", "\"seed\": 8", "report.json was changed"),
        ("report.json", "\"lambda\": 0", "\"lambda\": -1", "lambda is below 0"),
        ("report.json", "  \"seed\": 7,\n", "", "missing field `seed`"),
    ] {
        let original = case.file(file);
        assert!(original.contains(from), "{original}");
        case.assert_refuted(file, &original.replacen(from, to, 1), expected);
    }
    assert_eq!(case.verify().0, 0);
}

#[test]
fn no_line_can_be_dropped_doubled_or_changed_unnoticed() {
    for objective in ["best_total", "most_people", "stable"] {
        let case = small();
        case.assign(objective);
        for file in ["pairs.csv", "prices.csv", "report.json"] {
            let original = case.file(file);
            let lines: Vec<&str> = original.split_inclusive('\n').collect();
            for at in 0..lines.len() {
                let (before, after) = (lines[..at].concat(), lines[at + 1..].concat());
                case.assert_refuted(file, &format!("{before}{after}"), "");
                case.assert_refuted(file, &format!("{before}{0}{0}{after}", lines[at]), "");
                case.assert_refuted(file, &format!("{before} {}{after}", lines[at]), "");
            }
        }
    }
}

#[test]
fn the_result_of_another_input_is_noticed() {
    let case = small();
    case.assign("best_total");
    let coachees = case.input().join("coachees.csv");
    let changed = fs::read_to_string(&coachees).unwrap().replace("p,0,4", "p,0,5");
    fs::write(&coachees, changed).unwrap();
    let (code, complaint) = case.verify();
    assert_eq!(code, 4);
    assert!(complaint.contains("the input: the digest in report.json is another"), "{complaint}");
}

#[test]
fn bad_input_and_occupied_folders_are_refused() {
    let case = Case::new("coach,capacity\na,one\n", "coachee\nx\n", "coachee,coach,weight\n");
    let output = case.assign_with("best_total", &[]);
    assert_eq!(output.status.code(), Some(3));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("coaches.csv, row 2, column capacity: \"one\"; expected"), "{complaint}");

    let case = small();
    fs::create_dir(case.result()).unwrap();
    fs::write(case.result().join("thesis.txt"), "").unwrap();
    let output = case.assign_with("best_total", &[]);
    assert_eq!(output.status.code(), Some(5));
    assert!(String::from_utf8(output.stderr).unwrap().contains("thesis.txt"));
    assert_eq!(fs::read_dir(case.result()).unwrap().count(), 1);
}
