//! Pairs that somebody names in a file: `coachee,coach`, header first, as `pairs.csv` of a result has them.

use std::path::Path;

use super::CliError;
use crate::matching::Cohort;
use crate::matching::report::NamedPair;
use crate::tabular::snapshot::positions;

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<NamedPair>, CliError> {
    let bad = |why: &dyn std::fmt::Display| CliError::BadInput(format!("{}: {why}", path.display()));
    let mut reader = csv::Reader::from_path(path).map_err(|why| bad(&why))?;
    let header = reader.headers().map_err(|why| bad(&why))?;
    if header.iter().ne(["coachee", "coach"]) {
        return Err(bad(&"line 1: expected the header coachee,coach"));
    }
    let mut pairs = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|why| bad(&why))?;
        let line = record.position().map_or(0, csv::Position::line);
        let code = |at: usize| record.get(at).unwrap_or_default().parse();
        match (code(0), code(1)) {
            (Ok(coachee), Ok(coach)) => pairs.push(NamedPair { coachee, coach }),
            (Err(why), _) | (_, Err(why)) => return Err(bad(&format!("line {line}: {why}"))),
        }
    }
    Ok(pairs)
}

/// The same as positions in a cohort; none without a file.
pub(super) fn read_for(path: Option<&Path>, cohort: &Cohort) -> Result<Vec<(u32, u32)>, CliError> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let pairs = read(path)?;
    positions(cohort, &pairs).map_err(|pair| {
        let why = format!("{} and {} are not both in the cohort", pair.coachee, pair.coach);
        CliError::BadInput(format!("{}: {why}", path.display()))
    })
}
