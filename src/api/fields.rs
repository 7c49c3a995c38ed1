//! Values of bodies, each checked and each fault named.

use std::str::FromStr;

use chrono::NaiveDate;

use crate::domain::{Email, Policy};
use crate::error::{AppError, FieldError};
use crate::i18n::Lang;

/// Gathers what is wrong with a body.
#[derive(Default)]
pub(super) struct Checked(Vec<FieldError>);

impl Checked {
    /// Anything that can be read from a text; `expected` is the key of the text that says what.
    pub fn parsed<T: FromStr>(&mut self, pointer: &str, text: &str, expected: &'static str) -> Option<T> {
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.refuse(pointer, expected);
        }
        parsed
    }

    /// A text of 1 to `most` characters without white space at its ends.
    pub fn text(&mut self, pointer: &str, text: &str, most: usize, expected: &'static str) -> Option<String> {
        let text = text.trim();
        let good = (1..=most).contains(&text.chars().count());
        if !good {
            self.refuse(pointer, expected);
        }
        good.then(|| text.to_owned())
    }

    pub fn refuse(&mut self, pointer: &str, expected: &'static str) {
        self.0.push(FieldError::body(pointer, expected));
    }

    /// # Errors
    /// Names everything that is wrong.
    pub fn finish(self) -> Result<(), AppError> {
        if self.0.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.0)) }
    }
}

/// An address for mail.
pub(super) fn email(checked: &mut Checked, pointer: &str, text: &str) -> Option<Email> {
    checked.parsed(pointer, text, "error.field.email")
}

/// A language of ours, by its code.
pub(super) fn language(checked: &mut Checked, text: &str) -> Option<String> {
    let known = Lang::ALL.into_iter().map(Lang::code).find(|code| *code == text);
    if known.is_none() {
        checked.refuse("/language", "error.field.language");
    }
    known.map(str::to_owned)
}

/// Several values, each at its own place in a list.
pub(super) fn list<T: FromStr>(
    checked: &mut Checked,
    pointer: &str,
    texts: &[String],
    expected: &'static str,
) -> Vec<T> {
    texts
        .iter()
        .enumerate()
        .filter_map(|(at, text)| checked.parsed(&format!("{pointer}/{at}"), text, expected))
        .collect()
}

/// A policy as `coachnet` files have it; what it leaves out is as by default.
pub(super) fn policy(checked: &mut Checked, value: serde_json::Value) -> Option<Policy> {
    let read = serde_json::from_value(value).ok().filter(|policy: &Policy| policy.check().is_ok());
    if read.is_none() {
        checked.refuse("/policy", "error.field.policy");
    }
    read
}

/// A day, `YYYY-MM-DD`.
pub(super) fn day(checked: &mut Checked, pointer: &str, text: &str) -> Option<NaiveDate> {
    checked.parsed(pointer, text, "error.field.day")
}
