//! `coachnet export`: a table of the database as a file that `import` reads.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;

use super::import::{for_kind, is_workbook, kinds, name_the_cohort, ready, unwritten};
use super::serve::in_the_way;
use super::{CliError, CliResult};
use crate::services::directory;
use crate::services::disclosures::taken_away;
use crate::services::import::export;
use crate::services::stored::Stored;
use crate::store::Store;
use crate::store::types::Stamp;
use crate::tabular::{Kind, TableError, write, write_xlsx};

/// Arguments of `coachnet export`.
#[derive(clap::Args)]
#[command(
    after_help = "Importing what was exported changes nothing. Of a cohort, those are exported who wait for a coach.\n\
                        The files hold personal data: names, identity numbers, addresses. The audit log\n\
                        says that they were written."
)]
pub struct Args {
    /// What to write
    #[arg(value_parser = kinds())]
    kind: Kind,
    /// The cohort whose coachees, assessments or requirements are wanted
    #[arg(long, value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    cohort: Option<String>,
    /// The file to write; a name in .xlsx makes a workbook [default: CSV on standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes a table of the database.
pub fn run(args: Args, config: Option<&Path>) -> CliResult {
    let store = ready(config)?;
    for_kind!(args.kind, out_of(&store, &args))
}

fn out_of<T: Stored>(store: &Store, args: &Args) -> CliResult {
    if T::EXPORT_NEEDS_COHORT && args.cohort.is_none() {
        return Err(name_the_cohort(T::TABLE.name));
    }
    let reference = store.snapshot(directory::reference).map_err(in_the_way)?;
    let records = export::<T>(store, args.cohort.as_deref())?;
    if args.kind.is_about_people() {
        let filters: Vec<String> = args.cohort.iter().map(|_| "cohort".into()).collect();
        taken_away(store, T::TABLE.name, &filters, records.len(), Stamp::now())?;
    }
    let Some(path) = args.out.as_deref() else {
        return match write::<T, _>(&records, &reference, io::stdout().lock()) {
            // Whoever reads has read enough.
            Err(TableError::Io(why)) if why.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(|why| CliError::Environment(why.to_string())),
        };
    };
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let written = File::create(&part).map_err(TableError::from).and_then(|file| {
        if is_workbook(path) {
            write_xlsx::<T, _>(&records, &reference, file)
        } else {
            write::<T, _>(&records, &reference, file)
        }
    });
    written.and_then(|()| Ok(fs::rename(&part, path)?)).map_err(|why| unwritten(path, &why))?;
    eprintln!("{} rows in {}", records.len(), path.display());
    Ok(())
}
