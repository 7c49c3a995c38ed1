//! `coachnet import`: a table from a file into the database, or a template to start from.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use indicatif::{ProgressBar, ProgressStyle};

use super::serve::{in_the_way, must_be_current, open, open_with_keys};
use super::{CliError, CliResult};
use crate::config::Config;
use crate::domain::Reference;
use crate::services::directory;
use crate::services::import::{Import, Imported, import};
use crate::services::stored::Stored;
use crate::store::Store;
use crate::store::types::Stamp;
use crate::tabular::reference::shipped;
use crate::tabular::{
    CsvTable, Format, Kind, Lookup, Parsed, RowError, Sheet, TableError, read, template_csv, template_xlsx,
};

/// Arguments of `coachnet import`.
#[derive(clap::Args)]
#[command(
    after_help = "Nothing of a file is stored when a row is wrong, unless --partial is said; exit code 3 tells.\n\
                        A second import of the same file changes nothing. All columns: docs/import.md\n\n\
                        Start with a template:  coachnet import coachees --template --out coachees.xlsx\n\
                        Then read it:           coachnet import coachees coachees.xlsx --cohort 2027-1"
)]
pub struct Args {
    /// What the file holds
    #[arg(value_parser = kinds(), hide_possible_values = false)]
    kind: Kind,
    /// The file; `-` reads CSV from standard input
    #[arg(required_unless_present = "template", value_name = "FILE")]
    file: Option<PathBuf>,
    /// The cohort that coachees join; made when it is new
    #[arg(long, value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    cohort: Option<String>,
    /// Store the good rows although others are wrong
    #[arg(long)]
    partial: bool,
    /// Take away rows of a table of the reference data that the file does not name
    #[arg(long)]
    replace: bool,
    /// The sheet of a workbook [default: the one named `data`, else the first]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// The format of the file
    #[arg(long, value_enum, default_value_t = FileFormat::Auto)]
    format: FileFormat,
    /// Write every error to this CSV file, with the reason
    #[arg(long, value_name = "CSV")]
    errors: Option<PathBuf>,
    /// Write headings and an example instead of reading a file
    #[arg(long, conflicts_with_all = ["file", "cohort", "partial", "replace", "sheet", "errors"])]
    template: bool,
    /// Where the template goes; a name in .xlsx makes a workbook [default: CSV on standard output]
    #[arg(long, value_name = "FILE", requires = "template")]
    out: Option<PathBuf>,
}

/// How a file is written down.
#[derive(Clone, Copy, clap::ValueEnum)]
enum FileFormat {
    /// As its first bytes tell
    Auto,
    /// Text
    Csv,
    /// A workbook
    Xlsx,
}

/// The words for kinds of tables.
pub(super) fn kinds() -> impl TypedValueParser<Value = Kind> {
    let names = Kind::ALL.iter().map(|kind| kind.table().name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Kind>())
}

/// Calls a function generic over the record of a kind.
macro_rules! for_kind {
    ($kind:expr, $function:ident($($argument:expr),*)) => {{
        use $crate::domain::records as r;
        use $crate::domain::reference as f;
        use $crate::tabular::Kind;
        match $kind {
            Kind::Agencies => $function::<r::AgencyRecord>($($argument),*),
            Kind::Coachees => $function::<r::CoacheeRecord>($($argument),*),
            Kind::Assessments => $function::<r::AssessmentRecord>($($argument),*),
            Kind::Requirements => $function::<r::RequirementRecord>($($argument),*),
            Kind::Coaches => $function::<r::CoachRecord>($($argument),*),
            Kind::Provinces => $function::<f::Province>($($argument),*),
            Kind::Regencies => $function::<f::Regency>($($argument),*),
            Kind::RemoteAreas => $function::<f::RemoteArea>($($argument),*),
            Kind::Competencies => $function::<f::Competency>($($argument),*),
            Kind::Levels => $function::<f::LevelMeaning>($($argument),*),
            Kind::Tiers => $function::<f::PositionTier>($($argument),*),
            Kind::Fields => $function::<f::Field>($($argument),*),
        }
    }};
}
pub(super) use for_kind;

/// Reads a file into the database, or writes a template.
pub fn run(args: Args, config: Option<&Path>) -> CliResult {
    let Some(file) = args.file.as_deref().filter(|_| !args.template) else {
        return template(args.kind, args.out.as_deref());
    };
    let config = Config::load(config, Vec::new()).map_err(|why| CliError::Usage(why.to_string()))?;
    let store = open_with_keys(&config)?;
    must_be_current(&store, &config)?;
    for_kind!(args.kind, into(&store, file, &args))
}

/// The database that the settings name, with the schema of this version.
pub(super) fn ready(config: Option<&Path>) -> Result<Store, CliError> {
    ready_with(&Config::load(config, Vec::new()).map_err(|why| CliError::Usage(why.to_string()))?)
}

/// The same for settings that were read already.
pub(super) fn ready_with(config: &Config) -> Result<Store, CliError> {
    let store = open(config)?;
    must_be_current(&store, config)?;
    Ok(store)
}

/// A word to whoever left out the cohort of a table that has one.
pub(super) fn name_the_cohort(table: &str) -> CliError {
    CliError::Usage(format!("{table} belong to a cohort: name it with --cohort CODE"))
}

fn into<T: Stored>(store: &Store, file: &Path, args: &Args) -> CliResult {
    if T::IMPORT_NEEDS_COHORT && args.cohort.is_none() {
        return Err(name_the_cohort(T::TABLE.name));
    }
    let reference = store.snapshot(directory::reference).map_err(in_the_way)?;
    let mut parsed: Parsed<T> = parse(file, args, &reference)?;
    for warning in parsed.warnings.drain(..) {
        eprintln!("{}: {warning}", file.display());
    }
    let read = parsed.rows.len() + parsed.bad_rows();
    // Opened before anything is stored, so that a wrong path costs nothing.
    let kept = match &args.errors {
        Some(path) => Some((path, File::create(path).map_err(|why| unwritten(path, &why.into()))?)),
        None => None,
    };
    let how = Import {
        cohort: args.cohort.as_deref(),
        partial: args.partial,
        replace: args.replace,
        actor: "cli",
        now: Stamp::now(),
    };
    let imported = import(store, parsed, how)?;
    if let Some((path, file)) = kept {
        keep(file, &imported.errors).map_err(|why| unwritten(path, &why))?;
    }
    report::<T>(file, read, &imported, args.errors.as_deref())
}

fn parse<T: Stored>(file: &Path, args: &Args, reference: &Reference) -> Result<Parsed<T>, CliError> {
    let format = match args.format {
        FileFormat::Auto => None,
        FileFormat::Csv => Some(Format::Csv),
        FileFormat::Xlsx => Some(Format::Xlsx),
    };
    let today = chrono::Local::now().date_naive();
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent}%, {eta} left") {
        bar.set_style(style);
    }
    let sheet = if file == Path::new("-") {
        Sheet::csv(io::stdin(), 0)
    } else {
        Sheet::open(file, format, args.sheet.as_deref())
    };
    let parsed = sheet.and_then(|sheet| {
        read(sheet, &Lookup::new(reference, today), &mut |at| {
            bar.set_length(at.size.max(at.done));
            bar.set_position(at.done);
        })
    });
    bar.finish_and_clear();
    parsed.map_err(|why| match why {
        TableError::Io(why) => CliError::Environment(format!("cannot read {}: {why}", file.display())),
        why => CliError::BadInput(format!("{}: {why}", file.display())),
    })
}

/// How many errors the screen shows.
const SHOWN: usize = 50;

fn report<T: Stored>(file: &Path, read: usize, imported: &Imported, kept: Option<&Path>) -> CliResult {
    let bad = imported.bad_rows();
    for error in imported.errors.iter().take(SHOWN) {
        eprintln!("{}: {error}", file.display());
    }
    if imported.errors.len() > SHOWN {
        let all = kept.map_or("--errors FILE writes all".to_owned(), |path| format!("all are in {}", path.display()));
        eprintln!("{}: and {} more errors; {all}", file.display(), imported.errors.len() - SHOWN);
    }
    let Some(outcome) = imported.outcome else {
        return Err(CliError::BadInput(format!(
            "{bad} of {read} rows are wrong, nothing is stored (--partial stores the good ones)"
        )));
    };
    let saved = outcome.saved;
    let removed = if outcome.removed > 0 { format!(", {} removed", outcome.removed) } else { String::new() };
    let table = T::TABLE.name;
    say!("{table}: {} new, {} changed, {} unchanged{removed}", saved.new, saved.changed, saved.unchanged);
    if bad > 0 {
        return Err(CliError::BadInput(format!("{bad} of {read} rows are wrong and were left out")));
    }
    Ok(())
}

/// Writes errors as a table.
fn keep(file: File, errors: &[RowError]) -> Result<(), TableError> {
    let mut table = CsvTable::new(file, ["row", "column", "value", "reason"])?;
    for error in errors {
        let reason = format!("expected {}", error.expected);
        table.row([error.row.to_string().as_str(), &error.column, &error.value, &reason])?;
    }
    table.finish()?.flush()?;
    Ok(())
}

fn template(kind: Kind, out: Option<&Path>) -> CliResult {
    let reference = shipped().map_err(|why| CliError::Internal(why.to_string()))?;
    let Some(path) = out else {
        return template_csv(kind, &reference, io::stdout()).map_err(|why| CliError::Environment(why.to_string()));
    };
    let written = File::create(path).map_err(TableError::from).and_then(|file| {
        if is_workbook(path) { template_xlsx(kind, &reference, file) } else { template_csv(kind, &reference, file) }
    });
    written.map_err(|why| unwritten(path, &why))
}

/// Whether a file is to be a workbook, by its name.
pub(super) fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("xlsx"))
}

pub(super) fn unwritten(path: &Path, why: &TableError) -> CliError {
    CliError::Environment(format!("cannot write {}: {why}", path.display()))
}
