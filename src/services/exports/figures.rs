//! The columns of figures to take away, and how each row fills them. There are few rows: their keys are their places.

use std::borrow::Cow;

use super::lines::{Cell, Line, show};
use crate::services::monitoring::Declined;
use crate::services::monitoring::demand::{Balance, Demand};
use crate::services::monitoring::recruiting::{Recruiting, Worth};

/// A row with its place in the whole.
pub(super) struct Placed<T> {
    /// The place, from 0.
    pub(super) place: usize,
    row: T,
}

/// The rows behind a place, at most `limit`.
pub(super) fn behind<T>(rows: Vec<T>, after: Option<usize>, limit: i64) -> Vec<Placed<T>> {
    let placed = rows.into_iter().enumerate().map(|(place, row)| Placed { place, row });
    let from = after.map_or(0, |after| after.saturating_add(1));
    placed.skip(from).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
}

/// What a row of figures is about.
#[derive(Clone, Copy)]
pub(super) enum Of {
    Competency,
    Province,
}

impl Of {
    fn word<'a>(self) -> Cell<'a> {
        Cow::Borrowed(match self {
            Of::Competency => "competency",
            Of::Province => "province",
        })
    }
}

/// Demand as rows.
pub(super) fn demand(found: Demand) -> Vec<(Of, Balance)> {
    let competencies = found.competencies.into_iter().map(|row| (Of::Competency, row));
    competencies.chain(found.provinces.into_iter().map(|row| (Of::Province, row))).collect()
}

impl Line for Placed<(Of, Balance)> {
    const COLUMNS: &'static [&'static str] = &["of", "code", "requests", "free"];

    fn cells(&self) -> Vec<Cell<'_>> {
        let (of, balance) = &self.row;
        vec![of.word(), Cow::Borrowed(&balance.code), show(balance.requests), show(balance.free)]
    }
}

/// A price, and the run that found it.
#[derive(Clone)]
pub(super) struct Priced {
    run: String,
    of: Of,
    worth: Worth,
}

/// Recruiting as rows; none without a run.
pub(super) fn recruiting(found: Option<Recruiting>) -> Vec<Priced> {
    let Some(Recruiting { run, provinces, competencies }) = found else { return Vec::new() };
    let competencies = competencies.into_iter().map(|worth| (Of::Competency, worth));
    let all = competencies.chain(provinces.into_iter().map(|worth| (Of::Province, worth)));
    all.map(|(of, worth)| Priced { run: run.id.to_string(), of, worth }).collect()
}

impl Line for Placed<Priced> {
    const COLUMNS: &'static [&'static str] = &["run", "of", "code", "coaches", "wanted", "mean_tenths", "highest"];

    fn cells(&self) -> Vec<Cell<'_>> {
        let Priced { run, of, worth } = &self.row;
        vec![
            Cow::Borrowed(run),
            of.word(),
            Cow::Borrowed(&worth.code),
            show(worth.prices.coaches),
            show(worth.prices.wanted),
            show(worth.mean_tenths()),
            show(worth.prices.highest),
        ]
    }
}

impl Line for Placed<Declined> {
    const COLUMNS: &'static [&'static str] = &["reason", "by_coaches", "by_coachees"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![show(self.row.reason), show(self.row.by_coaches), show(self.row.by_coachees)]
    }
}
