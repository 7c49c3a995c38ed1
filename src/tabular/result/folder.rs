//! The folder that a result goes to.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{EXPLANATIONS, FILES, INPUT, REPORT, Report, WAITING};
use crate::tabular::error::TableError;
use crate::tabular::hash::Hashed;

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
pub(in crate::tabular) fn prepare_for(folder: &Path, files: &[&str]) -> Result<(), CannotWrite> {
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

/// Writes one of the files beside the earlier one, then puts it in its place: whoever looks sees
/// the old file or the new, never half. Returns the SHA-256 in hex.
///
/// # Errors
/// When the system refuses.
pub fn write_file(
    folder: &Path,
    file: &str,
    fill: impl FnOnce(&mut NewFile) -> Result<(), TableError>,
) -> Result<String, CannotWrite> {
    let (path, beside) = (folder.join(file), folder.join(temporary(file)));
    let write = || -> Result<String, TableError> {
        let mut out = BufWriter::with_capacity(1 << 16, Hashed::new(File::create(&beside)?));
        fill(&mut out)?;
        let (written, digest) = out.into_inner().map_err(io::IntoInnerError::into_error)?.finish();
        written.sync_all()?;
        fs::rename(&beside, &path)?;
        Ok(digest)
    };
    write().map_err(|why| {
        let cause = match why {
            TableError::Io(cause) => cause,
            other => io::Error::other(other),
        };
        CannotWrite::Io { path: path.display().to_string(), cause }
    })
}

/// A file on its way to disk, with its digest.
pub type NewFile = BufWriter<Hashed<File>>;

/// Removes the explanations and the waiting list of an earlier result.
///
/// # Errors
/// When the system refuses.
pub fn remove_story(folder: &Path) -> Result<(), CannotWrite> {
    [EXPLANATIONS, WAITING].iter().try_for_each(|file| remove(&folder.join(file)))
}

/// Removes the input that came with an earlier result.
///
/// # Errors
/// When the system refuses.
pub fn remove_input(folder: &Path) -> Result<(), CannotWrite> {
    remove(&folder.join(INPUT))
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
    write_file(folder, REPORT, |out| Ok(out.write_all(report.to_json().as_bytes())?)).map(|_| ())
}

fn temporary(file: &str) -> String {
    format!(".{file}.new")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tabular::result::PAIRS;

    fn write(folder: &Path, file: &str, text: &str) -> String {
        write_file(folder, file, |out| Ok(out.write_all(text.as_bytes())?)).unwrap()
    }

    #[test]
    fn only_empty_folders_and_earlier_results_are_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("new/deep");
        prepare(&out).unwrap();
        write(&out, EXPLANATIONS, "x");
        prepare(&out).unwrap();
        remove_story(&out).unwrap();
        assert!(!out.join(EXPLANATIONS).exists());
        fs::write(out.join("thesis.doc"), "").unwrap();
        assert!(prepare(&out).unwrap_err().to_string().contains("thesis.doc"));
    }

    #[test]
    fn a_file_that_cannot_be_made_leaves_the_earlier_one() {
        let folder = tempfile::tempdir().unwrap();
        let digest = write(folder.path(), PAIRS, "first");
        assert_eq!(digest, crate::tabular::hash::sha256(b"first"));
        let failed = write_file(folder.path(), PAIRS, |out| {
            out.write_all(b"second")?;
            Err(TableError::Write("no more".into()))
        });
        assert!(failed.unwrap_err().to_string().ends_with("pairs.csv: cannot write the table: no more"));
        assert_eq!(fs::read_to_string(folder.path().join(PAIRS)).unwrap(), "first");
        prepare(folder.path()).unwrap();
    }
}
