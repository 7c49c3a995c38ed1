//! The result of a matching as files: `pairs.csv`, `prices.csv`, `report.json`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::class_reserve::ClassReserve;
use crate::domain::Objective;
use crate::matching::certificate::{Certificate, Points, ReserveFacts};
use crate::matching::report::RunFacts;

/// Coachee and coach of each pair.
pub const PAIRS: &str = "pairs.csv";
/// The price of a place of each coach.
pub const PRICES: &str = "prices.csv";
/// What is claimed and how it came about.
pub const REPORT: &str = "report.json";
/// Why each pair was proposed; only where the scores are our own.
pub const EXPLANATIONS: &str = "explanations.csv";
/// Who waits and why; only where the scores are our own.
pub const WAITING: &str = "waiting.csv";

const FILES: [&str; 5] = [PAIRS, PRICES, EXPLANATIONS, WAITING, REPORT];

/// The content of `report.json`. Amounts of points are text in memory, since JSON numbers are not
/// exact; see [`Amount`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What the plan strives for.
    pub objective: Objective,
    /// How many coachees take part.
    pub coachees: u64,
    /// How many of them have a coach.
    pub matched: u64,
    /// How many can have one at the same time.
    pub possible: u64,
    /// The sum of the weights of the pairs.
    pub total_weight: u64,
    /// What no plan can exceed (none with as many pairs, where `lambda` is above 0).
    pub upper_bound: Amount,
    /// `upper_bound - total_weight`.
    pub gap: Amount,
    /// What the last pair cost in weight.
    pub lambda: Amount,
    /// Pairs of which both sides would rather have each other.
    pub blocking_pairs: u64,
    /// What became of the reserved places, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<ReserveFacts>,
    /// For whom places are reserved, and how many; only where the scores are somebody's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve_rule: Option<ClassReserve>,
    /// Whether the objective is proven to be reached in full; if not, `gap` says what may be missing.
    pub proven: bool,
    /// The seed of the lottery.
    pub seed: u64,
    /// SHA-256 over the content of the input.
    pub input_digest: String,
    /// SHA-256 of `pairs.csv`.
    pub pairs_digest: String,
    /// SHA-256 of `prices.csv`.
    pub prices_digest: String,
    /// SHA-256 of `explanations.csv`, if there is one.
    pub explanations_digest: Option<String>,
    /// SHA-256 of `waiting.csv`, if there is one.
    pub waiting_digest: Option<String>,
    /// How a cohort was read, and the run in numbers; only where the scores are our own.
    pub run: Option<RunFacts>,
    /// The version of the program.
    pub version: String,
    /// Seconds spent reading; like the next three, only when asked for, so that the same run
    /// gives the same bytes.
    pub read_seconds: Option<f64>,
    /// Seconds spent solving.
    pub solve_seconds: Option<f64>,
    /// Seconds spent writing pairs and prices.
    pub write_seconds: Option<f64>,
    /// The most memory in use, in bytes.
    pub peak_memory: Option<u64>,
    /// SHA-256 over this report with this key empty: a changed report is noticed.
    pub report_digest: String,
}

/// An amount of points as JSON shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(serde_json::Number);

impl From<Points> for Amount {
    fn from(points: Points) -> Self {
        let number = serde_json::to_value(points).ok();
        Amount(match number {
            Some(serde_json::Value::Number(number)) => number,
            _ => 0.into(),
        })
    }
}

impl Amount {
    /// The amount, if it is one that a report can hold.
    pub fn points(&self) -> Option<Points> {
        self.0.to_string().parse().ok()
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a run took; see [`Report::read_seconds`] and the keys after it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timings {
    /// Seconds spent reading.
    pub read_seconds: f64,
    /// Seconds spent solving.
    pub solve_seconds: f64,
    /// Seconds spent writing pairs and prices.
    pub write_seconds: f64,
    /// The most memory in use, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
}

/// What a report says besides the certificate.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The seed of the lottery.
    pub seed: u64,
    /// SHA-256 over the content of the input.
    pub input_digest: String,
    /// How a cohort was read, and the run in numbers.
    pub run: Option<RunFacts>,
    /// For whom places are reserved; a run's policy says it itself.
    pub reserve_rule: Option<ClassReserve>,
}

impl Report {
    /// Writes up a result whose other files hold these bytes.
    pub fn new(certificate: &Certificate, origin: Origin, files: &ResultFiles, timings: Option<Timings>) -> Self {
        let mut report = Report {
            objective: certificate.objective,
            coachees: certificate.coachees,
            matched: certificate.matched,
            possible: certificate.possible,
            total_weight: certificate.total,
            upper_bound: certificate.upper_bound.into(),
            gap: certificate.gap.into(),
            lambda: certificate.lambda.into(),
            blocking_pairs: certificate.blocking_pairs,
            reserve: certificate.reserve,
            reserve_rule: origin.reserve_rule,
            proven: certificate.holds(),
            seed: origin.seed,
            input_digest: origin.input_digest,
            pairs_digest: sha256(files.pairs.as_bytes()),
            prices_digest: sha256(files.prices.as_bytes()),
            explanations_digest: files.explanations.as_ref().map(|text| sha256(text.as_bytes())),
            waiting_digest: files.waiting.as_ref().map(|text| sha256(text.as_bytes())),
            run: origin.run,
            version: env!("CARGO_PKG_VERSION").into(),
            read_seconds: timings.map(|t| milliseconds(t.read_seconds)),
            solve_seconds: timings.map(|t| milliseconds(t.solve_seconds)),
            write_seconds: timings.map(|t| milliseconds(t.write_seconds)),
            peak_memory: timings.and_then(|t| t.peak_memory),
            report_digest: String::new(),
        };
        report.report_digest = report.own_digest();
        report
    }

    /// What [`report_digest`](Self::report_digest) should be.
    pub fn own_digest(&self) -> String {
        let empty = Report { report_digest: String::new(), ..self.clone() };
        sha256(empty.to_json().as_bytes())
    }

    /// The bytes of the file.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}

/// Seconds to the millisecond: few enough digits to read back just as written.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// The other files of a result, as text.
#[derive(Debug, Clone, Default)]
pub struct ResultFiles {
    /// Content of `pairs.csv`.
    pub pairs: String,
    /// Content of `prices.csv`.
    pub prices: String,
    /// Content of `explanations.csv`, if there is one.
    pub explanations: Option<String>,
    /// Content of `waiting.csv`, if there is one.
    pub waiting: Option<String>,
}

/// `pairs.csv`: a line a pair, in the order given.
pub fn pairs_csv<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::from("coachee,coach\n");
    for (coachee, coach) in pairs {
        push_cell(&mut text, coachee);
        text.push(',');
        push_cell(&mut text, coach);
        text.push('\n');
    }
    text
}

/// `prices.csv`: a line a coach, in the order given.
pub fn prices_csv<'a>(prices: impl Iterator<Item = (&'a str, Points)>) -> String {
    let mut text = String::from("coach,price\n");
    for (coach, price) in prices {
        push_cell(&mut text, coach);
        let _ = writeln!(text, ",{price}");
    }
    text
}

/// Quotes a cell where CSV needs it (RFC 4180).
pub(super) fn push_cell(text: &mut String, cell: &str) {
    if cell.contains([',', '"', '\n', '\r']) {
        let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
    } else {
        text.push_str(cell);
    }
}

/// Why a result cannot be written to a folder.
#[derive(Debug, thiserror::Error)]
pub enum CannotWrite {
    /// The folder holds something else.
    #[error("{folder} holds {found}, which is no earlier result; choose an empty or new folder")]
    Occupied {
        /// The folder.
        folder: String,
        /// The first file that is not of a result.
        found: String,
    },
    /// The system refuses.
    #[error("{path}: {cause}")]
    Io {
        /// What was being written.
        path: String,
        /// What the system says.
        cause: io::Error,
    },
}

/// Makes sure that results can go to a folder: new, empty, or holding an earlier result.
///
/// # Errors
/// When the folder holds something else or cannot be made.
pub fn prepare(folder: &Path) -> Result<(), CannotWrite> {
    prepare_for(folder, &FILES)
}

/// Makes sure that these files can go to a folder: new, empty, or holding earlier ones of them.
pub(super) fn prepare_for(folder: &Path, files: &[&str]) -> Result<(), CannotWrite> {
    let io = |cause| CannotWrite::Io { path: folder.display().to_string(), cause };
    fs::create_dir_all(folder).map_err(io)?;
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(io)? {
        names.insert(entry.map_err(io)?.file_name().to_string_lossy().into_owned());
    }
    let of_result = |name: &String| files.iter().any(|file| name == file || *name == temporary(file));
    match names.into_iter().find(|name| !of_result(name)) {
        Some(found) => Err(CannotWrite::Occupied { folder: folder.display().to_string(), found }),
        None => Ok(()),
    }
}

/// Writes all files but the report; explanations and the waiting list of an earlier result are removed.
///
/// # Errors
/// When the system refuses.
pub fn write_files(folder: &Path, files: &ResultFiles) -> Result<(), CannotWrite> {
    replace(folder, PAIRS, files.pairs.as_bytes())?;
    replace(folder, PRICES, files.prices.as_bytes())?;
    for (name, text) in [(EXPLANATIONS, &files.explanations), (WAITING, &files.waiting)] {
        match text {
            Some(text) => replace(folder, name, text.as_bytes())?,
            None => remove(&folder.join(name))?,
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), CannotWrite> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(CannotWrite::Io { path: path.display().to_string(), cause })
        }
        _ => Ok(()),
    }
}

/// Writes the report, after all the others: it speaks about them.
///
/// # Errors
/// When the system refuses.
pub fn write_report(folder: &Path, report: &Report) -> Result<(), CannotWrite> {
    replace(folder, REPORT, report.to_json().as_bytes())
}

fn temporary(file: &str) -> String {
    format!(".{file}.new")
}

fn replace(folder: &Path, file: &str, bytes: &[u8]) -> Result<(), CannotWrite> {
    replace_with(folder, file, |out| out.write_all(bytes))
}

/// Writes beside the file, then renames: whoever looks sees the old file or the new, never half.
pub(super) fn replace_with(
    folder: &Path,
    file: &str,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), CannotWrite> {
    let (path, beside) = (folder.join(file), folder.join(temporary(file)));
    let write = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(&beside)?);
        fill(&mut out)?;
        out.into_inner()?.sync_all()?;
        fs::rename(&beside, &path)
    };
    write().map_err(|cause| CannotWrite::Io { path: path.display().to_string(), cause })
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_quoted_where_needed() {
        let text = pairs_csv([("a,b", "say \"hi\""), ("x", "y")].into_iter());
        assert_eq!(text, "coachee,coach\n\"a,b\",\"say \"\"hi\"\"\"\nx,y\n");
    }

    #[test]
    fn only_empty_folders_and_earlier_results_are_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("new/deep");
        prepare(&out).unwrap();
        write_files(&out, &ResultFiles { explanations: Some("x".into()), ..ResultFiles::default() }).unwrap();
        prepare(&out).unwrap();
        write_files(&out, &ResultFiles::default()).unwrap();
        assert!(!out.join(EXPLANATIONS).exists());
        fs::write(out.join("thesis.doc"), "").unwrap();
        assert!(prepare(&out).unwrap_err().to_string().contains("thesis.doc"));
    }
}
