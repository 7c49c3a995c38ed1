//! A folder with the files of a cohort, read for matching, checking or explaining.

use std::path::Path;

use chrono::{Local, NaiveDate};
use indicatif::{ProgressBar, ProgressStyle};

use super::CliError;
use crate::domain::Policy;
use crate::matching::Cohort;
use crate::tabular::reference;
use crate::tabular::snapshot::{EXTENSION, InputSnapshot};
use crate::tabular::{CohortErrors, CohortFiles, read_cohort};

/// How many warnings are shown.
const WARNINGS_SHOWN: usize = 10;

/// A cohort in columns, and the fingerprint of its files.
pub(super) struct CohortFolder {
    pub cohort: Cohort,
    pub digest: String,
}

/// Whether a folder holds a cohort.
pub(super) fn is_cohort(folder: &Path) -> bool {
    ["csv", "xlsx"].iter().any(|format| folder.join(format!("coachees.{format}")).is_file())
}

/// Reads a folder and turns it into columns. Without `as_of`, the day of the newest assessment
/// counts, so that the same files give the same result on any day.
pub(super) fn read(
    folder: &Path,
    policy: &Policy,
    as_of: Option<NaiveDate>,
    seed: u64,
) -> Result<CohortFolder, CliError> {
    policy.check().map_err(|bad| CliError::Usage(format!("policy: {bad}")))?;
    let today = Local::now().date_naive();
    let reference = reference::shipped().map_err(|bad| CliError::Internal(bad.to_string()))?;
    let bar = ProgressBar::new(0).with_style(style());
    let files = read_cohort(folder, &reference, today, &mut |file, progress| {
        bar.set_message(file.to_owned());
        bar.set_length(progress.size);
        bar.set_position(progress.done);
    });
    bar.finish_and_clear();
    let CohortFiles { records, warnings, digest } = files?;
    for warning in warnings.iter().take(WARNINGS_SHOWN) {
        eprintln!("note: {warning}");
    }
    if warnings.len() > WARNINGS_SHOWN {
        eprintln!("note: and {} more such notes", warnings.len() - WARNINGS_SHOWN);
    }
    let newest = records.assessments.iter().map(|assessment| assessment.assessed_on).max();
    let as_of = as_of.or(newest).unwrap_or(today);
    let cohort = Cohort::build(&records, &reference, policy, as_of, seed)
        .map_err(|unknown| CliError::BadInput(unknown.to_string()))?;
    Ok(CohortFolder { cohort, digest })
}

/// Whether a path is the kept input of a run.
pub(super) fn is_kept_input(path: &Path) -> bool {
    path.is_file() && path.extension().is_some_and(|end| end == EXTENSION)
}

/// Reads the kept input of a run.
pub(super) fn read_kept(path: &Path) -> Result<CohortFolder, CliError> {
    let bad = |why: &dyn std::fmt::Display| CliError::BadInput(format!("{}: {why}", path.display()));
    let archive = std::fs::read(path).map_err(|why| bad(&why))?;
    let input = InputSnapshot::read(&archive).map_err(|why| bad(&why))?;
    let digest = input.digest.clone();
    Ok(CohortFolder { cohort: input.kept().map_err(|why| bad(&why))?, digest })
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg:18} {bar:40} {percent}%").unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl From<CohortErrors> for CliError {
    fn from(errors: CohortErrors) -> Self {
        CliError::BadInput(errors.to_string())
    }
}
