//! Rooms depend downwards only (`docs/architecture.md`): reads the sources and fails on an
//! arrow that points up, or sideways where neighbours must not know each other.

use std::path::{Path, PathBuf};

/// The rooms from top to bottom. A room may use those of the rows below, and itself.
const FLOORS: [&[&str]; 8] = [
    &["cli"],
    &["api", "web", "jobs"],
    &["face"],
    &["error"],
    &["services"],
    &["auth", "i18n", "mail", "paper", "tabular", "store", "synthetic"],
    &["matching", "metrics"],
    &["domain", "config", "telemetry", "clock"],
];

/// Neighbours on one floor that may use each other.
const NEIGHBOURS: [(&str, &str); 6] = [
    ("synthetic", "tabular"),
    ("telemetry", "config"),
    ("store", "tabular"),
    ("mail", "i18n"),
    ("paper", "i18n"),
    ("config", "domain"),
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn allowed(from: &str, to: &str) -> bool {
    let (Some(from_floor), Some(to_floor)) = (floor(from), floor(to)) else { return false };
    from == to || from_floor < to_floor || NEIGHBOURS.contains(&(from, to))
}

/// The rooms that a source names: `crate::room`, alone or in braces.
fn rooms_used(source: &str) -> Vec<String> {
    let code: String = source
        .split("#[cfg(test)]")
        .next()
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => top_names(list),
            None => vec![word(rest)],
        })
        .filter(|room| floor(room).is_some())
        .collect()
}

/// The first names in `a::{b, c}, d}`: those outside inner braces.
fn top_names(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut name) = (0, Vec::new(), String::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut name)),
            c if depth == 0 => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    names.iter().map(|name| name.split("::").next().unwrap_or_default().trim().to_owned()).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .collect()
}

#[test]
fn no_arrow_points_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    let mut wrong = Vec::new();
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).expect("below src");
        let first = inside.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
        let room = first.trim_end_matches(".rs");
        // Tests may make what they need with whatever is there.
        let is_test = inside.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")));
        if matches!(room, "lib" | "main") || is_test {
            continue;
        }
        assert!(floor(room).is_some(), "the room {room} has no floor");
        for used in rooms_used(&std::fs::read_to_string(&path).expect("a source")) {
            seen += 1;
            if !allowed(room, &used) {
                wrong.push(format!("{} uses {used}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 50, "only {seen} arrows were found: the test no longer reads the sources right");
}

#[test]
fn an_arrow_that_points_up_is_found() {
    let source =
        "use crate::{domain::{Tier, Mode}, api::body};\nfn f() { crate::web::x() }\n// crate::cli is fine here";
    assert_eq!(rooms_used(source), ["domain", "api", "web"]);
    assert!(allowed("services", "store") && allowed("cli", "api") && allowed("store", "store"));
    assert!(!allowed("store", "services") && !allowed("domain", "matching") && !allowed("api", "web"));
}
