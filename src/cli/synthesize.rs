//! `coachnet synthesize`: invents a national cohort and writes it as the files that
//! `match` and `import` read.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::{CliError, CliResult};
use crate::domain::Reference;
use crate::domain::records::{AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, RequirementRecord};
use crate::synthetic::{Population, SyntheticError};
use crate::tabular::reference::shipped;
use crate::tabular::{Record, RecordWriter, TableError};

const AGENCIES: &str = "agencies.csv";
const COACHES: &str = "coaches.csv";
const COACHEES: &str = "coachees.csv";
const ASSESSMENTS: &str = "assessments.csv";
const REQUIREMENTS: &str = "requirements.csv";
/// Says that nobody in the folder exists; a folder with it may be written over.
const NOTE: &str = "SYNTHETIC.txt";
/// What a file ends in until it is complete.
const PART: &str = ".part";

#[derive(clap::Args)]
#[command(after_help = "The same numbers, seed and day give the same bytes, on any machine and any number of cores.\n\
                        Which properties follow published figures and which are invented: docs/synthetic.md")]
pub struct Args {
    /// How many people ask for a coach
    #[arg(long, value_name = "N")]
    coachees: u64,
    /// How many coaches there are
    #[arg(long, value_name = "M")]
    coaches: u64,
    /// Decides everything that is random
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// The folder to write to: new, empty, or with an earlier synthetic cohort
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The day on which the population is as described. Fixed unless given, so that a seed
    /// means the same people every day
    #[arg(long, default_value = "2026-11-01", value_name = "YYYY-MM-DD")]
    as_of: NaiveDate,
}

pub fn run(args: Args) -> CliResult {
    let reference = shipped().map_err(|error| CliError::Internal(error.to_string()))?;
    let population =
        Population::new(&reference, args.seed, args.as_of, args.coachees, args.coaches).map_err(refused)?;
    let written = write(&population, &reference, &args)?;
    say!(
        "{} coachees and {} coaches of {}, seed {}, none of whom exists, in {}:",
        args.coachees,
        args.coaches,
        args.as_of,
        args.seed,
        args.out.display()
    );
    for (name, rows, bytes) in &written {
        say!("  {name:<18} {rows:>9} rows  {:>11}", HumanBytes(*bytes).to_string());
    }
    say!("Next: coachnet match {} --objective most_people --seed {} --out RESULT", args.out.display(), args.seed);
    Ok(())
}

/// Writes everything, and returns name, rows and size of each file.
fn write(
    population: &Population,
    reference: &Reference,
    args: &Args,
) -> Result<Vec<(&'static str, u64, u64)>, CliError> {
    prepare(&args.out)?;
    let bar = ProgressBar::new(args.coachees + args.coaches);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} people, {eta} left") {
        bar.set_style(style);
    }
    let mut agencies = Part::<AgencyRecord>::begin(&args.out, AGENCIES, reference)?;
    let mut coaches = Part::<CoachRecord>::begin(&args.out, COACHES, reference)?;
    let mut coachees = Part::<CoacheeRecord>::begin(&args.out, COACHEES, reference)?;
    let mut assessments = Part::<AssessmentRecord>::begin(&args.out, ASSESSMENTS, reference)?;
    let mut requirements = Part::<RequirementRecord>::begin(&args.out, REQUIREMENTS, reference)?;
    agencies.all(&population.agencies())?;
    requirements.all(&population.general_requirements())?;
    for coach in population.coaches() {
        coaches.one(&coach)?;
        bar.inc(1);
    }
    for coachee in population.coachees() {
        coachees.one(&coachee.record)?;
        assessments.all(&coachee.assessments)?;
        requirements.all(coachee.requirement.as_slice())?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    // First the note: were the program stopped between two files, the folder could be written again.
    note(args)?;
    Ok(vec![agencies.finish()?, coaches.finish()?, coachees.finish()?, assessments.finish()?, requirements.finish()?])
}

/// A file being written under another name, until it is complete.
struct Part<T> {
    name: &'static str,
    path: PathBuf,
    writer: RecordWriter<T, File>,
    rows: u64,
}

impl<T: Record> Part<T> {
    fn begin(folder: &Path, name: &'static str, reference: &Reference) -> Result<Self, CliError> {
        let path = folder.join(name);
        let part = part(&path);
        let file = File::create(&part).map_err(|why| in_the_way(&part, &why))?;
        let writer = RecordWriter::new(file, reference).map_err(|why| unwritten(&part, &why))?;
        Ok(Self { name, path, writer, rows: 0 })
    }

    fn one(&mut self, record: &T) -> CliResult {
        self.rows += 1;
        self.writer.write(record).map_err(|why| unwritten(&self.path, &why))
    }

    fn all(&mut self, records: &[T]) -> CliResult {
        records.iter().try_for_each(|record| self.one(record))
    }

    /// Gives the complete file its name.
    fn finish(self) -> Result<(&'static str, u64, u64), CliError> {
        let file = self.writer.finish().map_err(|why| unwritten(&self.path, &why))?;
        let bytes = file.metadata().map_err(|why| in_the_way(&self.path, &why))?.len();
        fs::rename(part(&self.path), &self.path).map_err(|why| in_the_way(&self.path, &why))?;
        Ok((self.name, self.rows, bytes))
    }
}

fn part(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(PART);
    PathBuf::from(name)
}

/// Makes the folder, or makes sure that nothing of value is in it.
fn prepare(folder: &Path) -> CliResult {
    fs::create_dir_all(folder).map_err(|why| in_the_way(folder, &why))?;
    if folder.join(NOTE).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(|why| in_the_way(folder, &why))? {
        let name = entry.map_err(|why| in_the_way(folder, &why))?.file_name();
        let left_over = name.to_str().is_some_and(|name| name.ends_with(PART));
        if !left_over {
            return Err(CliError::Environment(format!(
                "{} holds {}, and no earlier synthetic cohort (no {NOTE}): name a new or empty folder",
                folder.display(),
                name.display()
            )));
        }
    }
    Ok(())
}

fn note(args: &Args) -> CliResult {
    let path = args.out.join(NOTE);
    let text = format!(
        "Nobody in this folder exists. Made by coachnet {} with\n\
         coachnet synthesize --coachees {} --coaches {} --seed {} --as-of {} --out .\n",
        env!("CARGO_PKG_VERSION"),
        args.coachees,
        args.coaches,
        args.seed,
        args.as_of
    );
    let mut file = File::create(&path).map_err(|why| in_the_way(&path, &why))?;
    file.write_all(text.as_bytes()).map_err(|why| in_the_way(&path, &why))
}

fn in_the_way(path: &Path, why: &std::io::Error) -> CliError {
    CliError::Environment(format!("cannot write {}: {why}", path.display()))
}

fn unwritten(path: &Path, why: &TableError) -> CliError {
    CliError::Environment(format!("cannot write {}: {why}", path.display()))
}

fn refused(why: SyntheticError) -> CliError {
    match why {
        SyntheticError::TooMany { .. } | SyntheticError::Day => CliError::Usage(why.to_string()),
        SyntheticError::Figures(_) | SyntheticError::Reference(_) => CliError::Internal(why.to_string()),
    }
}
