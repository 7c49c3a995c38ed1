//! The form in which levels of competencies are judged, one after the other, each level with what it means.

use super::trouble::Given;
use crate::domain::reference::Competency;
use crate::domain::{Level, Reference};
use crate::error::{AppError, FieldError};
use crate::face::Form;
use crate::i18n::{Lang, Names};
use crate::services::outcomes::Judged;

/// A competency to be judged.
pub(super) struct Question {
    pub field: String,
    pub name: String,
    pub levels: Vec<Choice>,
}

/// A level.
pub(super) struct Choice {
    pub level: u8,
    /// What it means; empty when nobody has written it down.
    pub meaning: String,
    pub chosen: bool,
}

/// The field of a competency.
fn field(competency: &Competency) -> String {
    format!("level-{}", competency.code)
}

impl Question {
    /// As it was answered on the form; before that, as it was today.
    pub(super) fn of(competency: &Competency, today: &Judged, given: &Given, names: Names) -> Self {
        let field = field(competency);
        let before = today.get(&competency.code).map(|level| level.get());
        let choice = |level: u8| Choice {
            level,
            meaning: meaning(competency, level, names),
            chosen: given.is_or(&field, &level.to_string(), before == Some(level)),
        };
        let levels = (1..=Level::MAX.get()).map(choice).collect();
        Self { name: names.competency(&competency.code), levels, field }
    }
}

fn meaning(competency: &Competency, level: u8, names: Names) -> String {
    let is_it =
        |one: &&crate::domain::reference::LevelMeaning| one.competency == competency.code && one.level.get() == level;
    let found = names.reference.level_meanings().iter().find(is_it);
    let text = |lang: Lang| found.map(|one| lang.pick(&one.meaning_id, &one.meaning_en).to_owned());
    text(names.lang).unwrap_or_default()
}

/// The levels that a form names; those that it leaves out are not judged.
pub(super) fn judged(form: &Form, reference: &Reference) -> Result<Judged, AppError> {
    let (mut judged, mut faults) = (Judged::new(), Vec::new());
    for competency in reference.competencies() {
        let field = field(competency);
        let Some(text) = form.filled(&field) else { continue };
        match text.parse().ok().and_then(|number| Level::new(number).ok()) {
            Some(level) => _ = judged.insert(competency.code.clone(), level),
            None => faults.push(FieldError::body(format!("/{field}"), "pages.fault.level")),
        }
    }
    if judged.is_empty() && faults.is_empty() {
        faults.push(FieldError::body("/levels", "pages.fault.levels"));
    }
    if faults.is_empty() { Ok(judged) } else { Err(AppError::Invalid(faults)) }
}
