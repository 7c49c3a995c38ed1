//! Scores of one's own: a folder of `coaches.csv`, `coachees.csv` and `edges.csv`, read into an
//! [`Instance`].
//!
//! Positions are given by the order of the ids (shorter first, then by bytes), never by the order
//! of rows, so that two files that say the same give the same instance. Only the order of one
//! coachee's rows in `edges.csv` has a meaning: preference among equal weights.

mod write;

pub use write::{prepare, push_edge, write};

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::matching::instance::{BadEdge, Instance, InstanceBuilder, Priority};
use crate::matching::lottery::ticket;

/// The files of the folder.
pub const COACHES: &str = "coaches.csv";
/// See [`COACHES`].
pub const COACHEES: &str = "coachees.csv";
/// See [`COACHES`].
pub const EDGES: &str = "edges.csv";

/// What keeps a folder from being read.
#[derive(Debug, thiserror::Error)]
pub enum BadScores {
    /// A file cannot be opened or read.
    #[error("{}: {cause}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// The header lacks a column.
    #[error("{file}, row 1: column {column} is missing; expected the columns {expected}")]
    MissingColumn {
        /// The file.
        file: &'static str,
        /// What is missing.
        column: &'static str,
        /// The columns a file of this kind has.
        expected: &'static str,
    },
    /// A cell does not hold what it should.
    #[error("{file}, row {row}, column {column}: {value:?}; expected {expected}")]
    Cell {
        /// The file.
        file: &'static str,
        /// The row, counted as a spreadsheet does: the header is row 1.
        row: u64,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
}

/// A folder, read and checked.
#[derive(Debug)]
pub struct Scores {
    /// The problem, by position.
    pub instance: Instance,
    /// The ids of the coachees.
    pub coachees: Ids,
    /// The ids of the coaches.
    pub coaches: Ids,
    /// SHA-256 over the content, in hex: the same for any order of rows that means the same.
    pub digest: String,
}

/// Ids and their positions.
#[derive(Debug, Default)]
pub struct Ids {
    names: Vec<Box<str>>,
    positions: HashMap<Box<str>, u32>,
}

impl Ids {
    /// Gives positions to ids, none of which may come twice: shorter ids first, then by bytes.
    pub fn of(mut names: Vec<Box<str>>) -> Self {
        names.sort_unstable_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        let positions = names.iter().cloned().zip(0..).collect();
        Self { names, positions }
    }

    /// The id at a position.
    pub fn name(&self, position: u32) -> &str {
        &self.names[position as usize]
    }

    /// The position of an id.
    pub fn position(&self, name: &str) -> Option<u32> {
        self.positions.get(name).copied()
    }

    /// All ids, by position.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

/// Whether a folder holds scores of one's own.
pub fn is_scores(folder: &Path) -> bool {
    folder.join(EDGES).is_file()
}

/// Reads a folder. `seed` gives lottery tickets where the file has none.
///
/// # Errors
/// Names file, row, column and value of the first thing that is wrong.
pub fn read(folder: &Path, seed: u64) -> Result<Scores, BadScores> {
    let (coaches, capacity) = read_coaches(folder)?;
    let (coachees, priority, drawn) = read_coachees(folder, seed)?;
    let builder = InstanceBuilder::new(capacity, priority);
    let instance = read_edges(folder, builder, &coachees, &coaches)?;
    let digest = digest(&instance, &coachees, &coaches, drawn);
    Ok(Scores { instance, coachees, coaches, digest })
}

fn read_coaches(folder: &Path) -> Result<(Ids, Vec<u32>), BadScores> {
    let mut table = Table::open(folder, COACHES, "coach,capacity")?;
    let (id, capacity) = (table.column("coach")?, table.column("capacity")?);
    let mut rows = HashMap::new();
    while table.advance()? {
        let places = table.number(capacity, "a number of places, 0 or more")?;
        if rows.insert(table.id(id)?, places).is_some() {
            return Err(table.wrong(id, "an id that no earlier row has"));
        }
    }
    let ids = Ids::of(rows.keys().cloned().collect());
    let capacity = ids.names().map(|name| rows[name]).collect();
    Ok((ids, capacity))
}

/// The third is whether lottery tickets were drawn, since the file has none.
fn read_coachees(folder: &Path, seed: u64) -> Result<(Ids, Vec<Priority>, bool), BadScores> {
    let mut table = Table::open(folder, COACHEES, "coachee and, if wanted, class, lottery")?;
    let id = table.column("coachee")?;
    let (class, lottery) = (table.column("class").ok(), table.column("lottery").ok());
    let mut rows = HashMap::new();
    while table.advance()? {
        let name = table.id(id)?;
        let class = match class {
            Some(column) => table.number(column, "a class, 0 or more")?,
            None => 0,
        };
        let lottery = match lottery {
            Some(column) => table.number(column, "a lottery number, 0 or more")?,
            None => ticket(seed, &name),
        };
        if rows.insert(name, Priority { class, lottery }).is_some() {
            return Err(table.wrong(id, "an id that no earlier row has"));
        }
    }
    let ids = Ids::of(rows.keys().cloned().collect());
    let priority = ids.names().map(|name| rows[name]).collect();
    Ok((ids, priority, lottery.is_none()))
}

const WEIGHT: &str = "a whole number from 1 to 4294967295";

fn read_edges(
    folder: &Path,
    mut builder: InstanceBuilder,
    coachees: &Ids,
    coaches: &Ids,
) -> Result<Instance, BadScores> {
    let mut table = Table::open(folder, EDGES, "coachee,coach,weight")?;
    let columns = (table.column("coachee")?, table.column("coach")?, table.column("weight")?);
    // Rows of one coachee mostly stand together: then their id is looked up once.
    let mut last = None;
    while table.advance()? {
        let coachee = match last {
            Some(coachee) if coachees.name(coachee).as_bytes() == table.cell(columns.0) => coachee,
            _ => table.known(columns.0, coachees, "the id of a coachee in coachees.csv")?,
        };
        last = Some(coachee);
        let coach = table.known(columns.1, coaches, "the id of a coach in coaches.csv")?;
        let weight = table.number(columns.2, WEIGHT)?;
        builder.push(coachee, coach, weight).map_err(|_| table.wrong(columns.2, WEIGHT))?;
    }
    builder.build().map_err(|bad| match bad {
        BadEdge::Twice { coachee, coach } => second_row(folder, coachees.name(coachee), coaches.name(coach)),
        other => BadScores::Unreadable { file: folder.join(EDGES), cause: other.to_string() },
    })
}

/// Where a pair stands for the second time. Reads the file again, since nobody keeps the row of
/// each of millions of pairs for a mistake that is seldom made.
fn second_row(folder: &Path, coachee: &str, coach: &str) -> BadScores {
    let find = || -> Result<BadScores, BadScores> {
        let mut table = Table::open(folder, EDGES, "coachee,coach,weight")?;
        let columns = (table.column("coachee")?, table.column("coach")?);
        let mut seen = 0;
        while seen < 2 && table.advance()? {
            let found = table.cell(columns.0) == coachee.as_bytes() && table.cell(columns.1) == coach.as_bytes();
            seen += u32::from(found);
        }
        Ok(table.wrong(columns.1, "a coach whom this coachee does not list in an earlier row"))
    };
    find().unwrap_or_else(|error| error)
}

fn digest(instance: &Instance, coachees: &Ids, coaches: &Ids, drawn: bool) -> String {
    let mut hash = Sha256::new();
    let text = |hash: &mut Sha256, text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    hash.update(b"coachnet scores 1\0");
    hash.update((coaches.names.len() as u64).to_le_bytes());
    for (coach, name) in (0..).zip(coaches.names()) {
        text(&mut hash, name);
        hash.update(instance.capacity(coach).to_le_bytes());
    }
    hash.update((coachees.names.len() as u64).to_le_bytes());
    hash.update([u8::from(drawn)]);
    let mut entries = Vec::new();
    for (coachee, name) in (0..).zip(coachees.names()) {
        text(&mut hash, name);
        let priority = instance.priority(coachee);
        hash.update(priority.class.to_le_bytes());
        // Drawn tickets follow from seed and id; the input does not hold them.
        hash.update(if drawn { 0 } else { priority.lottery }.to_le_bytes());
        let list = instance.list(coachee);
        entries.clear();
        entries.extend_from_slice(&(list.len() as u64).to_le_bytes());
        for edge in list {
            entries.extend_from_slice(&edge.coach.to_le_bytes());
            entries.extend_from_slice(&edge.weight.to_le_bytes());
        }
        hash.update(&entries);
    }
    super::hash::hex(&hash.finalize())
}

/// A column of an open file.
#[derive(Clone, Copy)]
struct Column {
    at: usize,
    name: &'static str,
}

/// A file being read row by row into one buffer.
struct Table {
    file: &'static str,
    path: PathBuf,
    expected: &'static str,
    reader: csv::Reader<File>,
    header: csv::StringRecord,
    record: csv::ByteRecord,
}

impl Table {
    fn open(folder: &Path, file: &'static str, expected: &'static str) -> Result<Self, BadScores> {
        let path = folder.join(file);
        let unreadable = |cause: String| BadScores::Unreadable { file: path.clone(), cause };
        let opened = File::open(&path).map_err(|error| unreadable(error.to_string()))?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).buffer_capacity(1 << 18).from_reader(opened);
        let header = reader.headers().map_err(|error| unreadable(error.to_string()))?.clone();
        Ok(Self { file, path, expected, reader, header, record: csv::ByteRecord::new() })
    }

    fn column(&self, name: &'static str) -> Result<Column, BadScores> {
        let at = self.header.iter().position(|title| title.trim_start_matches('\u{feff}').trim() == name);
        at.map(|at| Column { at, name }).ok_or(BadScores::MissingColumn {
            file: self.file,
            column: name,
            expected: self.expected,
        })
    }

    fn advance(&mut self) -> Result<bool, BadScores> {
        self.reader
            .read_byte_record(&mut self.record)
            .map_err(|error| BadScores::Unreadable { file: self.path.clone(), cause: error.to_string() })
    }

    fn cell(&self, column: Column) -> &[u8] {
        self.record.get(column.at).unwrap_or_default()
    }

    fn text(&self, column: Column) -> Option<&str> {
        std::str::from_utf8(self.cell(column)).ok()
    }

    fn id(&self, column: Column) -> Result<Box<str>, BadScores> {
        match self.text(column) {
            Some(id) if !id.is_empty() => Ok(id.into()),
            _ => Err(self.wrong(column, "an id in UTF-8, at least one character")),
        }
    }

    fn known(&self, column: Column, ids: &Ids, expected: &'static str) -> Result<u32, BadScores> {
        self.text(column).and_then(|id| ids.position(id)).ok_or_else(|| self.wrong(column, expected))
    }

    fn number<T: std::str::FromStr>(&self, column: Column, expected: &'static str) -> Result<T, BadScores> {
        let digits = self.text(column).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| self.wrong(column, expected))
    }

    fn wrong(&self, column: Column, expected: &'static str) -> BadScores {
        BadScores::Cell {
            file: self.file,
            row: self.record.position().map_or(0, csv::Position::line),
            column: column.name,
            value: String::from_utf8_lossy(self.cell(column)).into_owned(),
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(coaches: &str, coachees: &str, edges: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in [(COACHES, coaches), (COACHEES, coachees), (EDGES, edges)] {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        folder
    }

    fn read_texts(coaches: &str, coachees: &str, edges: &str) -> Result<Scores, String> {
        read(folder(coaches, coachees, edges).path(), 1).map_err(|error| error.to_string())
    }

    const COACHES_OK: &str = "coach,capacity\nbudi,2\nani,1\n";
    const COACHEES_OK: &str = "coachee,class,lottery\nx,0,5\ny,1,9\n";
    const EDGES_OK: &str = "coachee,coach,weight\nx,ani,7\nx,budi,7\ny,ani,3\n";

    #[test]
    fn the_order_of_rows_means_nothing_but_within_a_coachee() {
        let scores = read_texts(COACHES_OK, COACHEES_OK, EDGES_OK).unwrap();
        let shuffled = read_texts(
            "capacity,coach\r\n1,ani\r\n2,budi\r\n",
            "lottery,coachee,class\n9,y,1\n5,x,0\n",
            "\u{feff}coachee,coach,weight\nx,ani,7\ny,ani,3\nx,budi,7\n",
        )
        .unwrap();
        assert_eq!(scores.instance, shuffled.instance);
        assert_eq!(scores.digest, shuffled.digest);
        let other = read_texts(COACHES_OK, COACHEES_OK, "coachee,coach,weight\nx,budi,7\nx,ani,7\ny,ani,3\n").unwrap();
        assert_ne!(scores.digest, other.digest);
        assert_eq!(scores.coaches.names().collect::<Vec<_>>(), ["ani", "budi"]);
    }

    #[test]
    fn missing_lottery_numbers_are_drawn_from_the_seed() {
        let scores = read_texts(COACHES_OK, "coachee\nx\ny\n", EDGES_OK).unwrap();
        let priority = Priority { class: 0, lottery: ticket(1, "x") };
        assert_eq!(scores.instance.priority(0), priority);
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let cases = [
            ("coach,capacity\na,-1\n", COACHEES_OK, EDGES_OK, "coaches.csv, row 2, column capacity: \"-1\""),
            ("coach,places\na,1\n", COACHEES_OK, EDGES_OK, "coaches.csv, row 1: column capacity is missing"),
            ("coach,capacity\na,1\na,1\n", COACHEES_OK, EDGES_OK, "coaches.csv, row 3, column coach: \"a\""),
            ("coach,capacity\n,1\n", COACHEES_OK, EDGES_OK, "coaches.csv, row 2, column coach: \"\""),
            (COACHES_OK, "coachee,class\nx,high\n", EDGES_OK, "coachees.csv, row 2, column class: \"high\""),
            (COACHES_OK, "coachee\nx\n\ny\nx\n", EDGES_OK, "coachees.csv, row 5, column coachee: \"x\""),
            (COACHES_OK, COACHEES_OK, "coachee,coach,weight\nz,ani,1\n", "edges.csv, row 2, column coachee: \"z\""),
            (COACHES_OK, COACHEES_OK, "coachee,coach,weight\nx,eko,1\n", "edges.csv, row 2, column coach: \"eko\""),
            (COACHES_OK, COACHEES_OK, "coachee,coach,weight\nx,ani,0\n", "edges.csv, row 2, column weight: \"0\""),
            (COACHES_OK, COACHEES_OK, "coachee,coach,weight\nx,ani\n", "edges.csv, row 2, column weight: \"\""),
            (
                COACHES_OK,
                COACHEES_OK,
                "coachee,coach,weight\nx,ani,1\ny,ani,1\nx,ani,2\n",
                "edges.csv, row 4, column coach: \"ani\"; expected a coach whom this coachee does not list",
            ),
        ];
        for (coaches, coachees, edges, expected) in cases {
            let error = read_texts(coaches, coachees, edges).unwrap_err();
            assert!(error.starts_with(expected), "{error}\nexpected {expected}");
        }
    }
}
