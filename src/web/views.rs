//! What several pages show of a request: who and where, gaps, reasons.

use super::charts::bar;
use super::sending::fault;
use crate::domain::{AgencyCode, CompetencyCode, Language, Languages, Mode, Modes, Reference, RegencyCode};
use crate::error::AppError;
use crate::i18n::Names;
use crate::matching::explain::{Component, Explanation};
use crate::services::offers::Gap;

/// A competency: what is required, what was found.
pub(super) struct GapRow {
    pub code: String,
    pub name: String,
    /// `2 dari 4`
    pub levels: String,
    /// The class of the bar that is filled.
    pub bar: String,
    pub gap: u8,
}

impl GapRow {
    pub(super) fn of(code: &CompetencyCode, required: u8, assessed: Option<u8>, names: Names) -> Self {
        let lang = names.lang;
        let required_text = required.to_string();
        let levels = match (assessed, required) {
            (Some(found), 0) => lang.fill("pages.gap.only_found", &[("found", &found.to_string())]),
            (Some(found), _) => {
                lang.fill("pages.gap.of", &[("found", &found.to_string()), ("required", &required_text)])
            }
            (None, _) => lang.fill("pages.gap.unassessed", &[("required", &required_text)]),
        };
        let found = assessed.unwrap_or(0);
        Self {
            code: code.to_string(),
            name: names.competency(code),
            levels,
            bar: bar(found.min(required).into(), required.max(1).into()),
            gap: assessed.map_or(0, |found| required.saturating_sub(found)),
        }
    }

    pub(super) fn all(gaps: &[Gap], names: Names) -> Vec<Self> {
        gaps.iter().map(|gap| Self::of(&gap.competency, gap.required, Some(gap.assessed), names)).collect()
    }
}

/// Why somebody fits, in words: the name of a component, and its sentence.
pub(super) fn reasons(explanation: &Explanation, names: Names) -> Vec<(String, String)> {
    let part = |component: &Component| {
        let name = names.lang.tr(&format!("explain.{}.name", component.name()));
        (name.into_owned(), names.sentence(component))
    };
    explanation.components.iter().map(part).collect()
}

/// The name of an agency; its code when nobody knows it any more.
pub(super) fn agency(code: &str, names: Names) -> String {
    let known = names.reference.agencies().iter().find(|agency| agency.code.as_str() == code);
    known.map_or_else(|| code.to_owned(), |agency| agency.name.clone())
}

/// A regency with its province.
pub(super) fn place(code: &RegencyCode, names: Names) -> String {
    let Some(at) = names.reference.regency(code.as_str()) else { return code.to_string() };
    let regency = &names.reference.regencies()[usize::from(at)];
    format!("{}, {}", regency.name, names.province(regency.province.as_str()))
}

/// Ways of meeting, as a column keeps them, in words.
pub(super) fn modes(column: i16, names: Names) -> String {
    names.modes(Modes::from_bits(column.to_le_bytes()[0]).iter())
}

/// Languages, as a column keeps them, in words.
pub(super) fn languages(column: i16, names: Names) -> String {
    let all: Vec<String> =
        Languages::from_bits(column.to_le_bytes()[0]).iter().map(|language| language_name(language, names)).collect();
    all.join(", ")
}

/// The name of a language.
pub(super) fn language_name(language: Language, names: Names) -> String {
    names.lang.tr(&format!("pages.language.{language}")).into_owned()
}

/// The one agency whose name or code this is, or is a part of; `field` is where it was filled in.
pub(super) fn agency_called(field: &str, name: &str, reference: &Reference) -> Result<AgencyCode, AppError> {
    let small = name.to_lowercase();
    let agencies = reference.agencies().iter();
    let is = agencies.clone().find(|one| one.name.to_lowercase() == small || one.code.as_str() == name);
    let mut like = agencies.filter(|one| one.name.to_lowercase().contains(&small));
    match (is, like.next(), like.next()) {
        (Some(one), ..) | (None, Some(one), None) => Ok(one.code.clone()),
        (None, None, _) => Err(fault(field, "pages.application.none")),
        (None, Some(_), Some(_)) => Err(fault(field, "pages.application.many")),
    }
}

/// Ways of meeting to choose from.
pub(super) fn mode_options(names: Names) -> Vec<(String, String)> {
    Mode::ALL.iter().map(|mode| (mode.to_string(), names.modes([*mode]))).collect()
}

/// Languages to choose from.
pub(super) fn language_options(names: Names) -> Vec<(String, String)> {
    Language::ALL.iter().map(|language| (language.to_string(), language_name(*language, names))).collect()
}
