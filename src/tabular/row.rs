//! One row being read: hands out cells, and keeps what is wrong with them.

use super::batch::Line;
use super::column::{Col, LEVEL_EN};
use super::error::{RowError, Wrong, shown};
use super::header::Header;
use super::lookup::Lookup;
use super::parse::{self, Cell};
use crate::domain::{CompetencyCode, Level, Levels, PersonName};

/// A row and the errors found in it so far. The getters return `None` after noting an error,
/// so that a reader first reads all cells, and every wrong one is reported.
pub struct Row<'a> {
    pub(super) line: u64,
    pub(super) cells: Line<'a>,
    pub(super) header: &'a Header,
    pub(super) lookup: &'a Lookup<'a>,
    pub(super) errors: &'a mut Vec<RowError>,
}

impl<'a> Row<'a> {
    /// The cell without spaces around it and without the apostrophe that protects a formula; empty when there is none.
    pub(super) fn cell(&self, col: Col) -> &'a str {
        self.header.place(col).map_or("", |place| self.at(place))
    }

    fn at(&self, place: usize) -> &'a str {
        self.cells.get(place).map_or("", |cell| unprotected(cell.trim()))
    }

    /// Notes that a cell is wrong.
    pub(super) fn fail(&mut self, col: Col, wrong: Wrong) {
        let place = self.header.place(col);
        let value = self.cell(col);
        let expected = match wrong {
            Wrong::AsDocumented => col.spec().expected_en.to_owned(),
            Wrong::Because(text) => text,
        };
        self.note(place.map_or(col.name(), |place| self.header.heading(place)), value, col.is_secret(), expected);
    }

    fn note(&mut self, column: &str, value: &str, secret: bool, expected: String) {
        let value = shown(value, secret);
        self.errors.push(RowError { row: self.line, column: column.to_owned(), value, expected });
    }

    fn parsed<T>(&mut self, col: Col, cell: &str, parse: impl FnOnce(&str) -> Cell<T>) -> Option<T> {
        let result = if is_formula_error(cell) { Err(formula_error(cell)) } else { parse(cell) };
        result.map_err(|wrong| self.fail(col, wrong)).ok()
    }

    /// A cell that must not be empty.
    pub(super) fn need<T>(&mut self, col: Col, parse: impl FnOnce(&str) -> Cell<T>) -> Option<T> {
        let cell = self.cell(col);
        if cell.is_empty() {
            self.fail(col, Wrong::AsDocumented);
            return None;
        }
        self.parsed(col, cell, parse)
    }

    /// A cell that may be empty.
    pub(super) fn maybe<T>(&mut self, col: Col, parse: impl FnOnce(&str) -> Cell<T>) -> Option<Option<T>> {
        let cell = self.cell(col);
        if cell.is_empty() { Some(None) } else { self.parsed(col, cell, parse).map(Some) }
    }

    /// A cell that means something else when empty.
    pub(super) fn or<T>(&mut self, col: Col, default: T, parse: impl FnOnce(&str) -> Cell<T>) -> Option<T> {
        self.maybe(col, parse).map(|value| value.unwrap_or(default))
    }

    /// A text that must not be empty.
    pub(super) fn text(&mut self, col: Col, max: usize) -> Option<String> {
        self.need(col, |cell| parse::text(cell, max))
    }

    /// The values of a cell whose order says nothing: sorted, each once.
    pub(super) fn set<T: Ord>(
        &mut self,
        col: Col,
        separators: &[char],
        parse: impl Fn(&str) -> Cell<T>,
    ) -> Option<Vec<T>> {
        let mut values = self.list(col, separators, parse)?;
        values.sort_unstable();
        values.dedup();
        Some(values)
    }

    /// The values of a cell in their order, joined by `|` and any of `separators`.
    pub(super) fn list<T>(&mut self, col: Col, separators: &[char], parse: impl Fn(&str) -> Cell<T>) -> Option<Vec<T>> {
        let cell = self.cell(col);
        if cell.is_empty() {
            return Some(Vec::new());
        }
        self.parsed(col, cell, |cell| {
            let parts = cell.split(|c| c == '|' || separators.contains(&c)).map(str::trim);
            parts.filter(|part| !part.is_empty()).map(parse).collect()
        })
    }

    /// The name and titles of a person.
    pub(super) fn person_name(&mut self) -> Option<PersonName> {
        let full = self.text(Col::Name, 150);
        let front_title = self.or(Col::FrontTitle, String::new(), |cell| parse::text(cell, 60));
        let back_title = self.or(Col::BackTitle, String::new(), |cell| parse::text(cell, 60));
        Some(PersonName { full: full?, front_title: front_title?, back_title: back_title? })
    }

    /// Gives `each` the levels in the competency columns, by the place of the competency in the
    /// header's list. Says whether all were right.
    fn each_level(&mut self, mut each: impl FnMut(usize, Level)) -> bool {
        let header = self.header;
        let mut good = true;
        for (at, place) in header.competency_places().enumerate() {
            let cell = self.at(place);
            if cell.is_empty() {
                continue;
            }
            match parse::whole(cell).ok().and_then(|number| Level::new(number).ok()) {
                Some(level) => each(at, level),
                None => {
                    self.note(header.heading(place), cell, false, LEVEL_EN.to_owned());
                    good = false;
                }
            }
        }
        good
    }

    /// The levels in the competency columns, in the order of the reference data.
    pub(super) fn levels(&mut self) -> Option<Vec<(CompetencyCode, Level)>> {
        let competencies = self.header.competencies();
        let mut levels = Vec::with_capacity(competencies.len());
        self.each_level(|at, level| levels.push((competencies[at].clone(), level))).then_some(levels)
    }

    /// The same, where a row without any level says nothing.
    pub(super) fn some_levels(&mut self) -> Option<Vec<(CompetencyCode, Level)>> {
        let levels = self.levels()?;
        (!levels.is_empty() || self.says_nothing()).then_some(levels)
    }

    /// The levels that an assessment found; at least one.
    pub(super) fn assessed_levels(&mut self) -> Option<Levels> {
        let competencies = self.header.competencies();
        let mut found = vec![None; competencies.len()].into_boxed_slice();
        if !self.each_level(|at, level| found[at] = Some(level)) {
            return None;
        }
        let levels = Levels::new(competencies.clone(), found);
        (!levels.is_empty() || self.says_nothing()).then_some(levels)
    }

    /// Notes that no competency column has a level. Never true.
    fn says_nothing(&mut self) -> bool {
        let first = self.header.competency_places().next().map_or("", |place| self.header.heading(place));
        let column = if first.is_empty() { "M.01" } else { first };
        self.note(column, "", false, "a level from 1 to 5 in at least one competency column".to_owned());
        false
    }

    /// Notes cells beyond the header, which speak of a quote or a delimiter gone astray.
    pub(super) fn check_width(&mut self) {
        let width = self.header.width();
        if self.cells.len() > width
            && let Some(extra) = self.cells.iter().skip(width).find(|cell| !cell.trim().is_empty())
        {
            let expected =
                format!("{width} cells as in the header; look for a missing quote or a delimiter within a cell");
            self.note("(beyond the header)", extra, false, expected);
        }
    }
}

/// The characters with which a spreadsheet takes a cell for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a cell needs an apostrophe in front lest a spreadsheet calculates it: it begins
/// like a formula, or like one that already carries apostrophes.
pub(super) fn needs_protection(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// Takes away the apostrophe that [`needs_protection`] asked for.
fn unprotected(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if needs_protection(rest) => rest,
        _ => cell,
    }
}

fn is_formula_error(cell: &str) -> bool {
    cell.starts_with('#')
        && matches!(
            cell,
            "#N/A"
                | "#REF!"
                | "#VALUE!"
                | "#NAME?"
                | "#DIV/0!"
                | "#NULL!"
                | "#NUM!"
                | "#GETTING_DATA"
                | "#SPILL!"
                | "#CALC!"
        )
}

fn formula_error(cell: &str) -> Wrong {
    Wrong::Because(format!("a value; {cell} is the error of a formula in the spreadsheet"))
}
