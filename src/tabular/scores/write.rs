//! Writing a folder of scores. Edges are too many to keep, so they are written as they are found.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use super::{COACHEES, COACHES, EDGES, is_scores};
use crate::matching::instance::Priority;
use crate::tabular::result::{CannotWrite, cell, prepare_for, write_file};

/// Makes sure that scores can go to a folder: new, empty, or holding earlier scores.
///
/// # Errors
/// When the folder holds something else or cannot be made.
pub fn prepare(folder: &Path) -> Result<(), CannotWrite> {
    // Files of a cohort have the same names as ours; only with edges beside them they are scores.
    let ours = [EDGES, COACHES, COACHEES];
    prepare_for(folder, if is_scores(folder) { &ours } else { &ours[..1] })
}

/// Writes the places of each coach, each coachee's place in the queue, and the rows of
/// [`push_edge`] that `edges` hands out. Edges first: with them the folder is known as ours.
///
/// # Errors
/// When the system refuses.
pub fn write<'a>(
    folder: &Path,
    coaches: impl Iterator<Item = (&'a str, u32)>,
    coachees: impl Iterator<Item = (&'a str, Priority)>,
    edges: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CannotWrite> {
    write_file(folder, EDGES, |out| {
        out.write_all(b"coachee,coach,weight\n")?;
        Ok(edges(out)?)
    })?;
    write_file(folder, COACHES, |out| {
        out.write_all(b"coach,capacity\n")?;
        Ok(each(out, coaches, |places, row| {
            let _ = write!(row, ",{places}");
        })?)
    })?;
    write_file(folder, COACHEES, |out| {
        out.write_all(b"coachee,class,lottery\n")?;
        Ok(each(out, coachees, |Priority { class, lottery }, row| {
            let _ = write!(row, ",{class},{lottery}");
        })?)
    })?;
    Ok(())
}

/// A row a person: the id, then what `push` adds.
fn each<'a, T>(
    out: &mut dyn Write,
    people: impl Iterator<Item = (&'a str, T)>,
    push: impl Fn(T, &mut String),
) -> io::Result<()> {
    let mut row = String::new();
    for (id, facts) in people {
        row.clear();
        row.push_str(&cell(id));
        push(facts, &mut row);
        row.push('\n');
        out.write_all(row.as_bytes())?;
    }
    Ok(())
}

/// Adds a row of `edges.csv`.
pub fn push_edge(rows: &mut String, coachee: &str, coach: &str, weight: u32) {
    let _ = writeln!(rows, "{},{},{weight}", cell(coachee), cell(coach));
}
