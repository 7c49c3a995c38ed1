//! The files of a result as they are on disk, read as they are needed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::CliError;
use crate::tabular::TableError;
use crate::tabular::hash::{Hashed, sha256_of};
use crate::tabular::result::{Comparison, PAIRS, PRICES, REPORT, Report};

/// A folder that holds a result.
pub(super) struct ResultFolder {
    folder: PathBuf,
    report_text: String,
    pub report: Report,
}

impl ResultFolder {
    /// Reads the report, and sees that pairs and prices are there.
    pub fn open(folder: &Path) -> Result<Self, CliError> {
        let folder = folder.to_owned();
        for file in [PAIRS, PRICES] {
            File::open(folder.join(file)).map_err(|why| unreadable(&folder, file, &why))?;
        }
        let report_text = fs::read(folder.join(REPORT)).map_err(|why| unreadable(&folder, REPORT, &why))?;
        let report_text = String::from_utf8(report_text).map_err(|_| not_utf8(REPORT))?;
        let report =
            serde_json::from_str(&report_text).map_err(|error| CliError::Refuted(format!("{REPORT}: {error}")))?;
        Ok(Self { folder, report_text, report })
    }

    /// Whether the report is as it was written.
    pub fn report_is_whole(&self) -> bool {
        self.report.own_digest() == self.report.report_digest && self.report.to_json() == self.report_text
    }

    /// Whether there is a file.
    pub fn has(&self, file: &str) -> bool {
        self.folder.join(file).exists()
    }

    /// The SHA-256 of a file, if there is one.
    pub fn digest(&self, file: &str) -> Result<Option<String>, CliError> {
        if !self.has(file) {
            return Ok(None);
        }
        sha256_of(&self.folder.join(file)).map(Some).map_err(|why| unreadable(&self.folder, file, &why))
    }

    /// Goes through the lines of a file of two columns but for the header, with the number of
    /// each. Lines of another kind are findings. Returns the SHA-256 of the file.
    pub fn each_line(
        &self,
        file: &str,
        header: [&str; 2],
        findings: &mut Vec<String>,
        mut each: impl FnMut(u64, [&str; 2], &mut Vec<String>),
    ) -> Result<String, CliError> {
        let opened = File::open(self.folder.join(file)).map_err(|why| unreadable(&self.folder, file, &why))?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(Hashed::new(opened));
        let no_header = format!("{file}, line 1: expected the header {},{}", header[0], header[1]);
        let (mut record, mut begun) = (csv::StringRecord::new(), false);
        while reader.read_record(&mut record).map_err(|why| self.broken(file, why))? {
            let line = record.position().map_or(0, csv::Position::line);
            let cells: Vec<&str> = record.iter().collect();
            let &[first, second] = cells.as_slice() else {
                findings.push(format!("{file}, line {line}: expected {},{}", header[0], header[1]));
                continue;
            };
            if !std::mem::replace(&mut begun, true) {
                if line == 1 && cells == header {
                    continue;
                }
                findings.push(no_header.clone());
            }
            each(line, [first, second], findings);
        }
        if !begun {
            findings.push(no_header);
        }
        Ok(reader.into_inner().finish().1)
    }

    /// Holds a file against what it should be: the first difference, if there is one, and the
    /// SHA-256 of the file.
    pub fn compare(
        &self,
        file: &str,
        expected: impl FnOnce(&mut Comparison) -> Result<(), TableError>,
    ) -> Result<(Option<String>, String), CliError> {
        let hold = || -> Result<_, TableError> {
            let mut comparison = Comparison::open(&self.folder, file)?;
            expected(&mut comparison)?;
            Ok(comparison.finish()?)
        };
        hold().map_err(|why| unreadable(&self.folder, file, &why))
    }

    fn broken(&self, file: &str, why: csv::Error) -> CliError {
        match why.kind() {
            csv::ErrorKind::Utf8 { .. } => not_utf8(file),
            _ => unreadable(&self.folder, file, &why),
        }
    }
}

fn unreadable(folder: &Path, file: &str, why: &dyn std::fmt::Display) -> CliError {
    CliError::Refuted(format!("{}: {why}", folder.join(file).display()))
}

fn not_utf8(file: &str) -> CliError {
    CliError::Refuted(format!("{file}: expected UTF-8"))
}
