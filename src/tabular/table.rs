//! Which tables there are, and which columns each has.

use super::column::Col;

/// The columns of a table, in the order in which they are written.
#[derive(Debug)]
pub struct Table {
    /// The word for it on the command line and in file names.
    pub name: &'static str,
    /// What it holds, in English.
    pub about_en: &'static str,
    /// What it holds, in Indonesian.
    pub about_id: &'static str,
    /// The columns; `true`: a file without it is refused.
    pub columns: &'static [(Col, bool)],
    /// Examples that fit this table better than those of the columns.
    pub examples: &'static [(Col, &'static str)],
    /// What may occur only once, in words.
    pub name_of_key: &'static str,
    /// Whether a column per competency follows.
    pub competencies: bool,
}

/// A row of a table: how it is read, written and told apart from others.
pub trait Record: Sized + Send + Sync {
    /// Its table.
    const TABLE: &'static Table;

    /// Reads a row. `None` when a cell is wrong, which the row has then noted.
    fn read(row: &mut super::row::Row<'_>) -> Option<Self>;

    /// Appends the cells, in the order of the table's columns.
    fn write(&self, cells: &mut super::write::Cells<'_>);

    /// What may occur only once in a file.
    fn key(&self) -> std::borrow::Cow<'_, str>;

    /// How the keys of two records compare.
    fn compare_keys(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }

    /// The number that stands for a person, which may occur only once in a file as well.
    fn identity_number(&self) -> Option<&str> {
        None
    }
}

impl Table {
    /// The example for a column of this table.
    pub fn example(&self, col: Col) -> &'static str {
        let own = self.examples.iter().find(|(other, _)| *other == col);
        own.map_or(col.spec().example, |(_, example)| example)
    }
}
