//! Explanations and the waiting list as files: codes and numbers, the same in every language.
//!
//! The points of the components of a line of `explanations.csv` add up to its score.

use std::fmt::Write as _;
use std::io::Write;

use super::error::TableError;
use super::pieces::in_pieces;
use super::write::CsvTable;
use crate::matching::explain::{Component, Explanation, FocusPoints, Waiting};
use crate::matching::run::{Pair, Plan};
use crate::matching::{Cohort, RuleCounts};

/// The columns of `explanations.csv`.
pub const EXPLANATION_COLUMNS: [&str; 10] =
    ["coachee", "coach", "score", "coverage", "credibility", "choices", "reach", "cross_agency", "load", "facts"];
/// The columns of `waiting.csv`.
pub const WAITING_COLUMNS: [&str; 8] =
    ["place", "coachee", "class", "reason", "acceptable", "best_score", "forbidden_by", "forbidden_only_by"];

/// Writes `explanations.csv` of a plan, a line a pair, by coachee; pairs that are kept too.
///
/// # Errors
/// When the output fails.
pub fn write_explanations(out: &mut (impl Write + Send), cohort: &Cohort, plan: &Plan) -> Result<(), TableError> {
    let all = cohort.with_kept(&plan.pairs);
    let cells = |_, &Pair { coachee, coach, .. }: &Pair| {
        let explanation = cohort.explain(coachee as usize, coach);
        let mut cells = vec![
            cohort.coachees.code[coachee as usize].to_string(),
            cohort.coaches.code[coach as usize].to_string(),
            explanation.score.to_string(),
        ];
        cells.extend(explanation.components.iter().map(|component| component.points().to_string()));
        let stands = match cohort.kept_focus.contains_key(&coachee) {
            true if cohort.is_pinned(coachee) => "; pinned by an admin",
            true => "; accepted before",
            false => "",
        };
        cells.push(facts(&explanation) + stands);
        cells
    };
    write_table(out, &EXPLANATION_COLUMNS, &all, cells)
}

/// Writes `waiting.csv` of a plan, a line a coachee, first place first.
///
/// # Errors
/// When the output fails.
pub fn write_waiting(out: &mut (impl Write + Send), cohort: &Cohort, plan: &Plan) -> Result<(), TableError> {
    let counts = |counts: &RuleCounts| {
        let counts: Vec<String> = counts.iter().map(|(rule, count)| format!("{rule}:{count}")).collect();
        counts.join("|")
    };
    let cells = |at: usize, (coachee, waiting): &(u32, Waiting)| {
        let Waiting { reason, acceptable, best_score, rules, sole_rules } = waiting;
        vec![
            (at + 1).to_string(),
            cohort.coachees.code[*coachee as usize].to_string(),
            cohort.coachees.class[*coachee as usize].to_string(),
            reason.to_string(),
            acceptable.to_string(),
            best_score.map(|score| score.to_string()).unwrap_or_default(),
            counts(rules),
            counts(sole_rules),
        ]
    };
    write_table(out, &WAITING_COLUMNS, &plan.waiting, cells)
}

/// Writes a table whose rows are made on all cores; `cells` gets the position and the row.
fn write_table<T: Sync>(
    out: &mut (impl Write + Send),
    columns: &[&str],
    rows: &[T],
    cells: impl Fn(usize, &T) -> Vec<String> + Sync,
) -> Result<(), TableError> {
    out.write_all(&CsvTable::new(Vec::new(), columns.iter().copied())?.finish()?)?;
    let write = |text: &mut Vec<u8>, first: usize, rows: &[T]| {
        let mut table = CsvTable::more(text);
        for (at, row) in (first..).zip(rows) {
            table.row(cells(at, row).iter().map(String::as_str))?;
        }
        table.finish().map(|_| ())
    };
    in_pieces(rows, write, |piece| Ok(out.write_all(piece)?))
}

/// The facts behind the points, e.g. `M.03 2>4 coach 5; pengawas>jpt_pratama; …`.
fn facts(explanation: &Explanation) -> String {
    let mut text = String::new();
    for component in &explanation.components {
        if !text.is_empty() {
            text.push_str("; ");
        }
        // Writing to a String cannot fail.
        let _ = write_fact(&mut text, component);
    }
    text
}

fn write_fact(text: &mut String, component: &Component) -> std::fmt::Result {
    match component {
        Component::Coverage { focus, .. } => {
            for (at, FocusPoints { competency, required, assessed, coach_level, .. }) in focus.iter().enumerate() {
                let comma = if at == 0 { "" } else { ", " };
                write!(text, "{comma}{competency} {assessed}>{required} coach {coach_level}")?;
            }
            Ok(())
        }
        Component::Credibility { coachee_tier, coach_tier, same_field, completed_pairs, .. } => {
            let coach = coach_tier.map_or("corporate", |tier| tier.as_str());
            let field = if *same_field { "same field" } else { "other field" };
            write!(text, "{coachee_tier}>{coach}, {field}, {completed_pairs} pairs completed")
        }
        Component::Choices { coachee_rank, coach_wish, .. } => {
            match coachee_rank {
                Some(rank) => write!(text, "choice {rank}")?,
                None => write!(text, "not chosen")?,
            }
            text.push_str(if *coach_wish { ", wished for" } else { "" });
            Ok(())
        }
        Component::Reach { reach, served, modes, .. } => {
            let modes: Vec<&str> = modes.iter().map(|mode| mode.as_str()).collect();
            write!(text, "same {reach}{}, {}", if *served { " (served)" } else { "" }, modes.join("+"))
        }
        Component::CrossAgency { different, .. } => {
            text.push_str(if *different { "other agency" } else { "same agency" });
            Ok(())
        }
        Component::Load { free, capacity, .. } => write!(text, "{free} of {capacity} places free"),
    }
}
