//! A cohort as a folder of files, each checked by itself and against the others.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rayon::prelude::*;

use super::digest::digest;
use super::error::{RowError, TableError, shown};
use super::lookup::Lookup;
use super::read::{Parsed, read};
use super::source::{Progress, Sheet};
use super::table::Record;
use crate::domain::records::{
    AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, CohortRecords, RequirementRecord, RequirementScope,
};
use crate::domain::{AgencyCode, PersonCode, Reference};

/// A cohort read from files without any error.
#[derive(Debug)]
pub struct CohortFiles {
    /// What the files say.
    pub records: CohortRecords,
    /// What a person should know, though nothing is wrong with it.
    pub warnings: Vec<String>,
    /// The fingerprint of the content, see [`digest`].
    pub digest: String,
}

/// What is wrong with one file of a cohort.
#[derive(Debug)]
pub enum FileProblem {
    /// It cannot be read at all.
    Unreadable(TableError),
    /// Some rows are wrong.
    Rows(Vec<RowError>),
    /// It must be there and is not, or is there twice.
    Missing(String),
}

/// What is wrong with the files of a cohort: file name and problem.
#[derive(Debug)]
pub struct CohortErrors(pub Vec<(String, FileProblem)>);

/// How many wrong rows of a file the message shows.
const ROWS_SHOWN: usize = 50;

impl std::fmt::Display for CohortErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files: Vec<&str> = self.0.iter().map(|(file, _)| file.as_str()).collect();
        write!(f, "the cohort has errors in {}", files.join(", "))?;
        for (file, problem) in &self.0 {
            match problem {
                FileProblem::Unreadable(error) => write!(f, "\n{file}: {error}")?,
                FileProblem::Missing(what) => write!(f, "\n{file}: {what}")?,
                FileProblem::Rows(errors) => {
                    for error in errors.iter().take(ROWS_SHOWN) {
                        write!(f, "\n{file}: {error}")?;
                    }
                    if errors.len() > ROWS_SHOWN {
                        write!(f, "\n{file}: and {} more", errors.len() - ROWS_SHOWN)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl std::error::Error for CohortErrors {}

/// Reads `coaches` and `coachees`, and if they are there `assessments`, `requirements` and
/// `agencies`, each `.csv` or `.xlsx`, from a folder. Every agency named must be in the reference data or
/// in the file of agencies; codes of persons may point nowhere, which is told as a warning.
///
/// # Errors
/// All errors of all files at once.
pub fn read_cohort(
    dir: &Path,
    reference: &Reference,
    today: NaiveDate,
    progress: &mut dyn FnMut(&str, Progress),
) -> Result<CohortFiles, CohortErrors> {
    let lookup = Lookup::new(reference, today);
    let mut folder = Folder { dir, lookup: &lookup, progress, problems: Vec::new(), warnings: Vec::new() };
    let agencies = folder.file::<AgencyRecord>(false);
    let coachees = folder.file::<CoacheeRecord>(true);
    let assessments = folder.file::<AssessmentRecord>(false);
    let requirements = folder.file::<RequirementRecord>(false);
    let coaches = folder.file::<CoachRecord>(true);

    let mut known: HashSet<&AgencyCode> = reference.agencies().iter().map(|agency| &agency.code).collect();
    known.extend(agencies.records().map(|agency| &agency.code));
    folder.agencies_exist(&coachees, &known, |c| [("agency", &c.agency)]);
    folder.agencies_exist(&requirements, &known, |r| match &r.scope {
        RequirementScope::Position(agency, _) => Some(("agency", agency)),
        _ => None,
    });
    folder.agencies_exist(&coaches, &known, |c| {
        c.conflicts.iter().map(|agency| ("conflicts", agency)).chain([("agency", &c.agency)])
    });
    folder.persons_exist(&coachees, &assessments, &requirements, &coaches);

    if !folder.problems.is_empty() {
        return Err(CohortErrors(folder.problems));
    }
    let warnings = folder.warnings;
    let records = CohortRecords {
        agencies: agencies.into_records(),
        coachees: coachees.into_records(),
        assessments: assessments.into_records(),
        requirements: requirements.into_records(),
        coaches: coaches.into_records(),
    };
    match digest(&records, reference) {
        Ok(digest) => Ok(CohortFiles { records, warnings, digest }),
        Err(error) => Err(CohortErrors(vec![(dir.display().to_string(), FileProblem::Unreadable(error))])),
    }
}

/// The rows of a file and its name.
struct Table<T> {
    file: String,
    parsed: Parsed<T>,
}

impl<T> Table<T> {
    fn records(&self) -> impl Iterator<Item = &T> {
        self.parsed.rows.iter().map(|(_, record)| record)
    }

    fn into_records(self) -> Vec<T> {
        self.parsed.into_records()
    }
}

struct Folder<'a> {
    dir: &'a Path,
    lookup: &'a Lookup<'a>,
    progress: &'a mut dyn FnMut(&str, Progress),
    problems: Vec<(String, FileProblem)>,
    warnings: Vec<String>,
}

impl Folder<'_> {
    /// Reads a file; what is wrong with it is kept, and its good rows serve the checks of others.
    fn file<T: Record>(&mut self, required: bool) -> Table<T> {
        let name = T::TABLE.name;
        let mut table = Table {
            file: format!("{name}.csv"),
            parsed: Parsed { rows: Vec::new(), errors: Vec::new(), warnings: Vec::new() },
        };
        let found: Vec<PathBuf> = ["csv", "xlsx"]
            .map(|end| self.dir.join(name).with_extension(end))
            .into_iter()
            .filter(|p| p.exists())
            .collect();
        let path = match found.as_slice() {
            [] if required => {
                self.problem(
                    &table.file,
                    FileProblem::Missing(format!("not in {}; nor is {name}.xlsx", self.dir.display())),
                );
                return table;
            }
            [] => return table,
            [path] => path,
            _ => {
                self.problem(&table.file, FileProblem::Missing(format!("there is also {name}.xlsx; keep one of them")));
                return table;
            }
        };
        table.file = path.file_name().map_or(String::new(), |file| file.to_string_lossy().into_owned());
        let progress = &mut self.progress;
        let parsed =
            Sheet::open(path, None, None).and_then(|sheet| read::<T>(sheet, self.lookup, &mut |at| progress(name, at)));
        match parsed {
            Ok(mut parsed) => {
                self.warnings.extend(parsed.warnings.drain(..).map(|warning| format!("{}: {warning}", table.file)));
                if !parsed.errors.is_empty() {
                    self.problem(&table.file, FileProblem::Rows(std::mem::take(&mut parsed.errors)));
                }
                table.parsed = parsed;
            }
            Err(error) => self.problem(&table.file, FileProblem::Unreadable(error)),
        }
        table
    }

    fn problem(&mut self, file: &str, problem: FileProblem) {
        match (self.problems.iter_mut().find(|(name, _)| name == file), problem) {
            (Some((_, FileProblem::Rows(errors))), FileProblem::Rows(more)) => {
                errors.extend(more);
                errors.sort_by_key(|error| error.row);
            }
            (_, problem) => self.problems.push((file.to_owned(), problem)),
        }
    }

    fn agencies_exist<'t, T: Sync, I: IntoIterator<Item = (&'static str, &'t AgencyCode)>>(
        &mut self,
        table: &'t Table<T>,
        known: &HashSet<&AgencyCode>,
        named: impl Fn(&'t T) -> I + Sync,
    ) {
        let error = |row: u64, column: &str, agency: &AgencyCode| RowError {
            row,
            column: column.to_owned(),
            value: shown(agency.as_str(), false),
            expected: "an agency of the reference data or of the file of agencies".to_owned(),
        };
        let wrong = |(row, record): &'t (u64, T)| {
            let unknown = named(record).into_iter().filter(|(_, agency)| !known.contains(agency));
            unknown.map(|(column, agency)| error(*row, column, agency)).collect::<Vec<_>>()
        };
        let errors: Vec<RowError> = table.parsed.rows.par_iter().flat_map_iter(wrong).collect();
        if !errors.is_empty() {
            self.problem(&table.file, FileProblem::Rows(errors));
        }
    }

    fn persons_exist(
        &mut self,
        coachees: &Table<CoacheeRecord>,
        assessments: &Table<AssessmentRecord>,
        requirements: &Table<RequirementRecord>,
        coaches: &Table<CoachRecord>,
    ) {
        let (asking, coaching): (HashSet<&PersonCode>, HashSet<&PersonCode>) = rayon::join(
            || coachees.records().map(|coachee| &coachee.code).collect(),
            || coaches.records().map(|coach| &coach.code).collect(),
        );
        let anybody = |code: &PersonCode| asking.contains(code) || coaching.contains(code);
        let is_coach = |code: &PersonCode| coaching.contains(code);
        let is_coachee = |code: &PersonCode| asking.contains(code);
        self.lost(coachees, "superior", anybody, |c| c.superior.as_slice());
        self.lost(coaches, "superior", anybody, |c| c.superior.as_slice());
        self.lost(coachees, "choices", is_coach, |c| &c.choices);
        self.lost(coachees, "earlier", is_coach, |c| &c.earlier);
        self.lost(coaches, "wishes", is_coachee, |c| &c.wishes);
        self.lost(assessments, "coachee", is_coachee, |a| std::slice::from_ref(&a.coachee));
        self.lost(requirements, "subject", is_coachee, |r| match &r.scope {
            RequirementScope::Person(person) => std::slice::from_ref(person),
            _ => &[],
        });
    }

    /// One warning per column, however many codes point nowhere: superiors mostly do.
    fn lost<T: Sync>(
        &mut self,
        table: &Table<T>,
        column: &str,
        exists: impl Fn(&PersonCode) -> bool + Sync,
        codes: impl Fn(&T) -> &[PersonCode] + Sync,
    ) {
        let rows = table.parsed.rows.par_iter();
        let named = rows.flat_map_iter(|(row, record)| codes(record).iter().map(move |code| (*row, code)));
        let lost = named.filter(|(_, code)| !exists(code)).map(|first| (first, 0u64));
        if let Some(((row, code), others)) = lost.reduce_with(|(first, a), (_, b)| (first, a + b + 1)) {
            let code = shown(code.as_str(), false);
            let more = if others == 0 { String::new() } else { format!(", and {others} more") };
            self.warnings.push(format!("{}: {column}: {code} (row {row}){more} not found in these files", table.file));
        }
    }
}
