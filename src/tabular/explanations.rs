//! Explanations and the waiting list as files: codes and numbers, the same in every language.
//!
//! The points of the components of a line of `explanations.csv` add up to its score.

use std::fmt::Write as _;

use super::error::TableError;
use super::write::CsvTable;
use crate::matching::Cohort;
use crate::matching::explain::{Component, Explanation, FocusPoints, Waiting};
use crate::matching::run::Plan;

/// The columns of `explanations.csv`.
pub const EXPLANATION_COLUMNS: [&str; 10] =
    ["coachee", "coach", "score", "coverage", "credibility", "choices", "reach", "cross_agency", "load", "facts"];
/// The columns of `waiting.csv`.
pub const WAITING_COLUMNS: [&str; 8] =
    ["place", "coachee", "class", "reason", "acceptable", "best_score", "forbidden_by", "forbidden_only_by"];

/// `explanations.csv` of a plan, a line a pair, by coachee.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn explanations_csv(cohort: &Cohort, plan: &Plan) -> Result<String, TableError> {
    let mut table = CsvTable::new(Vec::new(), EXPLANATION_COLUMNS)?;
    for pair in &plan.pairs {
        let explanation = cohort.explain(pair.coachee as usize, pair.coach);
        let mut cells = vec![
            cohort.coachees.code[pair.coachee as usize].to_string(),
            cohort.coaches.code[pair.coach as usize].to_string(),
            explanation.score.to_string(),
        ];
        cells.extend(explanation.components.iter().map(|component| component.points().to_string()));
        cells.push(facts(&explanation));
        table.row(cells.iter().map(String::as_str))?;
    }
    table.finish().map(text)
}

/// `waiting.csv` of a plan, a line a coachee, first place first.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn waiting_csv(cohort: &Cohort, plan: &Plan) -> Result<String, TableError> {
    let mut table = CsvTable::new(Vec::new(), WAITING_COLUMNS)?;
    for (place, (coachee, waiting)) in (1u32..).zip(&plan.waiting) {
        let Waiting { reason, acceptable, best_score, rules, sole_rules } = waiting;
        let counts = |rules: &std::collections::BTreeMap<_, u32>| {
            rules.iter().map(|(rule, count)| format!("{rule}:{count}")).collect::<Vec<_>>().join("|")
        };
        let cells = [
            place.to_string(),
            cohort.coachees.code[*coachee as usize].to_string(),
            cohort.coachees.class[*coachee as usize].to_string(),
            reason.to_string(),
            acceptable.to_string(),
            best_score.map(|score| score.to_string()).unwrap_or_default(),
            counts(rules),
            counts(sole_rules),
        ];
        table.row(cells.iter().map(String::as_str))?;
    }
    table.finish().map(text)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
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
