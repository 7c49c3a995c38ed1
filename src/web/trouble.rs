//! What was wrong with a form, as its page says it: a sentence, or a sentence for each field.

use std::borrow::Borrow;

use actix_web::ResponseError;
use actix_web::http::StatusCode;

use crate::error::{AppError, FieldError};
use crate::face::Form;
use crate::i18n::Lang;
use crate::services::{Denial, Refusal};

/// What was wrong with a form.
pub(super) struct Trouble {
    pub status: StatusCode,
    /// What stands against the whole.
    pub notice: Option<String>,
    /// Fields, and what would be right.
    pub faults: Vec<(String, String)>,
    /// Seconds after which it may be tried again.
    pub retry_after: Option<i64>,
}

impl Trouble {
    /// The trouble that an error is.
    ///
    /// # Errors
    /// Gives those back that have pages of their own.
    pub fn of(error: AppError, lang: Lang) -> Result<Self, AppError> {
        let status = match &error {
            // Of a form, it is what was filled in that is wrong.
            AppError::Denied(Denial::WrongCredentials | Denial::WrongCode) => StatusCode::UNPROCESSABLE_ENTITY,
            // The version comes with the form, not with a header that would make it a precondition.
            AppError::Denied(Denial::Stale) => StatusCode::CONFLICT,
            error => error.status_code(),
        };
        let notice = match &error {
            AppError::Invalid(fields) if fields.iter().all(|field| field.in_body) => {
                let faults = fields.iter().map(|field| (name(field), sentence(field, lang))).collect();
                return Ok(Self { status, notice: None, faults, retry_after: None });
            }
            AppError::Denied(Denial::TooMany(wait)) => {
                let seconds = wait.num_seconds() + 1;
                let minutes = lang.number((seconds + 59) / 60);
                let notice = Some(lang.fill("pages.too_many", &[("minutes", &minutes)]));
                return Ok(Self { status, notice, faults: Vec::new(), retry_after: Some(seconds) });
            }
            AppError::Refused(_) | AppError::RuledOut { .. } => words(&error, lang).1,
            AppError::Conflict | AppError::Denied(Denial::Stale) => {
                lang.tr(&format!("refusal.{}", Refusal::Stale)).into_owned()
            }
            AppError::Denied(Denial::WrongCredentials | Denial::WrongCode | Denial::AccountExists) => {
                words(&error, lang).1
            }
            _ => return Err(error),
        };
        Ok(Self { status, notice: Some(notice), faults: Vec::new(), retry_after: None })
    }

    /// A field that is wrong, by the key of the sentence that says what would be right.
    pub fn field(field: &str, key: &str, lang: Lang) -> Self {
        Self::fields(vec![(field.to_owned(), lang.tr(key).into_owned())])
    }

    /// Fields that are wrong.
    pub fn fields(faults: Vec<(String, String)>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, notice: None, faults, retry_after: None }
    }

    /// What is wrong with a field.
    pub fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(known, _)| known == field).map(|(_, text)| text.as_str())
    }
}

/// An error in words for people at a page, where they differ from those for programs.
fn words(error: &AppError, lang: Lang) -> (String, String) {
    let (title, detail) = error.words(lang);
    let own = |part: &str| lang.find(&format!("pages.error.{}.{part}", error.slug()));
    (own("title").unwrap_or(title), own("detail").unwrap_or(detail))
}

/// The field that a JSON pointer stands for: `/focus/1` is one of the boxes of `focus`.
fn name(field: &FieldError) -> String {
    field.place.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned()
}

/// What would be right, in words for people who do not read codes.
fn sentence(field: &FieldError, lang: Lang) -> String {
    let own = field.expected.strip_prefix("error.field.").and_then(|key| lang.find(&format!("pages.fault.{key}")));
    own.unwrap_or_else(|| lang.tr(field.expected).into_owned())
}

/// What was filled in before, to be filled in again.
#[derive(Clone, Copy)]
pub(super) struct Given<'a>(pub Option<&'a Form>);

impl Given<'_> {
    /// What was written into a field.
    pub fn text(&self, name: &str) -> &str {
        self.0.map_or("", |form| form.text(name))
    }

    /// What was written into a field; before anything was sent, what stands there at first.
    pub fn or<'b>(&'b self, name: &str, first: &'b str) -> &'b str {
        self.0.map_or(first, |form| form.text(name))
    }

    /// Whether a value was chosen.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.0.is_some_and(|form| form.is(name, value))
    }

    /// Whether a value was chosen; before anything was sent, whether it is chosen at first.
    pub fn is_or(&self, name: &str, value: &str, first: impl Borrow<bool>) -> bool {
        self.0.map_or(*first.borrow(), |form| form.is(name, value))
    }
}
