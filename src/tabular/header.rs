//! From the headings of a file to the columns of a table, resolved once per file.

use std::sync::Arc;

use super::column::{Col, Column, normal};
use super::error::{TableError, shown};
use super::lookup::Lookup;
use super::table::Table;
use crate::domain::CompetencyCode;

/// Where each column stands in the rows of a file.
pub struct Header {
    headings: Vec<String>,
    places: [Option<u16>; Col::COUNT],
    /// The competencies that have a column, in the order of the reference data.
    competencies: Arc<[CompetencyCode]>,
    competency_places: Vec<u16>,
}

impl Header {
    /// Resolves the headings. Also returns what a person should know about those not used.
    pub(super) fn resolve(
        table: &Table,
        lookup: &Lookup<'_>,
        headings: &csv::StringRecord,
    ) -> Result<(Self, Vec<String>), TableError> {
        let headings: Vec<String> = headings.iter().map(|heading| heading.trim().to_owned()).collect();
        let mut places = [None; Col::COUNT];
        // Position in the reference data and place.
        let mut competencies: Vec<(u16, u16)> = Vec::new();
        let mut ranks = [usize::MAX; Col::COUNT];
        let mut warnings = Vec::new();
        for (heading, place) in headings.iter().zip(0..) {
            let word = normal(heading);
            if word.is_empty() {
                continue;
            }
            if headings[..usize::from(place)].iter().any(|earlier| normal(earlier) == word) {
                return Err(TableError::RepeatedColumn(heading.clone()));
            }
            if let Some((col, rank)) = find(table, &word) {
                let other = places[col as usize];
                let better = rank < ranks[col as usize];
                if better {
                    places[col as usize] = Some(place);
                    ranks[col as usize] = rank;
                }
                if let Some(other) = other {
                    let (used, left) = if better { (place, other) } else { (other, place) };
                    let (used, left) = (&headings[usize::from(used)], &headings[usize::from(left)]);
                    warnings.push(format!("column {left:?} is not read, since {used:?} already gives {}", col.name()));
                }
            } else if let Some(at) = lookup.competency_at(heading).filter(|_| table.competencies) {
                if competencies.iter().any(|&(other, _)| other == at) {
                    return Err(TableError::RepeatedColumn(heading.clone()));
                }
                competencies.push((at, place));
            } else {
                let nearest = nearest(table, lookup, &word);
                warnings.push(format!(
                    "column {:?} is not known and not read; the nearest known one is {nearest:?}",
                    shown(heading, false)
                ));
            }
        }
        competencies.sort_unstable();
        let code = |&(at, _): &(u16, u16)| lookup.reference().competencies()[usize::from(at)].code.clone();
        let header = Self {
            headings,
            places,
            competencies: competencies.iter().map(code).collect(),
            competency_places: competencies.iter().map(|&(_, place)| place).collect(),
        };
        header.require(table)?;
        Ok((header, warnings))
    }

    fn require(&self, table: &Table) -> Result<(), TableError> {
        let absent = |&&(col, required): &&(Col, bool)| required && self.places[col as usize].is_none();
        let missing: Vec<&str> = table.columns.iter().filter(absent).map(|(col, _)| col.name()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let headings: Vec<String> = self.headings.iter().map(|heading| shown(heading, false)).collect();
        let found: String = headings.join(", ").chars().take(300).collect();
        Err(TableError::MissingColumns { missing: missing.join(", "), found })
    }

    /// Where a column stands.
    pub(super) fn place(&self, col: Col) -> Option<usize> {
        self.places[col as usize].map(usize::from)
    }

    /// The competencies that have a column, in the order of the reference data.
    pub(super) fn competencies(&self) -> &Arc<[CompetencyCode]> {
        &self.competencies
    }

    /// Where their columns stand.
    pub(super) fn competency_places(&self) -> impl Iterator<Item = usize> {
        self.competency_places.iter().map(|&place| usize::from(place))
    }

    /// How many columns the file has.
    pub(super) fn width(&self) -> usize {
        self.headings.len()
    }

    /// The heading at a place, as it stands in the file.
    pub(super) fn heading(&self, place: usize) -> &str {
        self.headings.get(place).map_or("", String::as_str)
    }
}

/// The column that a heading names, and how well: 0 by its canonical name, else by which alias.
fn find(table: &Table, word: &str) -> Option<(Col, usize)> {
    let rank = |column: &Column| {
        let mut names = std::iter::once(&column.name).chain(column.aliases);
        names.position(|name| normal(name) == word)
    };
    table.columns.iter().find_map(|&(col, _)| rank(col.spec()).map(|rank| (col, rank)))
}

fn nearest<'a>(table: &Table, lookup: &Lookup<'a>, word: &str) -> &'a str {
    let competencies = lookup.reference().competencies().iter().filter(|_| table.competencies);
    let competencies = competencies.flat_map(|c| [c.code.as_str(), &c.name_id]);
    let columns = table.columns.iter().flat_map(|(col, _)| {
        let spec = col.spec();
        std::iter::once(&spec.name).chain(spec.aliases).copied()
    });
    let likeness = |name: &str| (strsim::normalized_damerau_levenshtein(&normal(name), word) * 1000.0) as u32;
    columns.chain(competencies).min_by_key(|name| std::cmp::Reverse(likeness(name))).unwrap_or_default()
}
