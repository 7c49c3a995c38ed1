//! Query parameters, each checked and each error named.

use std::future::{Ready, ready};
use std::ops::RangeInclusive;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::error::{AppError, FieldError};

/// Entries a list gives when nothing is said.
pub const DEFAULT_LIMIT: i64 = 50;
/// Most entries a list gives at a time.
pub const MAX_LIMIT: i64 = 200;

/// Longest text accepted as the value of a filter, in bytes: a code is never longer.
const MAX_TEXT: usize = 256;

/// The parameters of a query string. Take out what is known, then [`Params::finish`].
pub struct Params {
    pairs: Vec<(String, String)>,
    wrong: Vec<FieldError>,
}

impl FromRequest for Params {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        ready(pairs.map(|pairs| Self::new(pairs.into_inner())).map_err(|_| AppError::BadRequest))
    }
}

impl Params {
    fn new(mut pairs: Vec<(String, String)>) -> Self {
        // The language is a parameter of every address.
        pairs.retain(|(name, value)| name != "lang" && !value.is_empty());
        let mut params = Self { pairs: Vec::new(), wrong: Vec::new() };
        for (name, value) in pairs {
            // PostgreSQL cannot even be asked for a text with a NUL in it.
            if name.contains('\0') || value.contains('\0') {
                params.refuse(&name.replace('\0', ""), "error.parameter.text");
            } else {
                params.pairs.push((name, value));
            }
        }
        params
    }

    /// The names of the filters that are set: all but those that only say which page is wanted.
    pub fn filters(&self) -> Vec<String> {
        let names = self.pairs.iter().map(|(name, _)| name.clone());
        names.filter(|name| !["limit", "cursor"].contains(&name.as_str())).collect()
    }

    /// A text, such as a code.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = self.take(name)?;
        if text.len() > MAX_TEXT {
            self.refuse(name, "error.parameter.text");
            return None;
        }
        Some(text)
    }

    /// Anything that can be read from a text; `expected` is the key of the text that says what.
    pub fn parsed<T: FromStr>(&mut self, name: &str, expected: &'static str) -> Option<T> {
        let parsed = self.take(name)?.parse().ok();
        if parsed.is_none() {
            self.refuse(name, expected);
        }
        parsed
    }

    /// How many entries are wanted.
    pub fn limit(&mut self) -> i64 {
        self.number("limit", 1..=MAX_LIMIT, "error.parameter.limit").unwrap_or(DEFAULT_LIMIT)
    }

    /// A whole number within bounds; `expected` is the key of the text that says which.
    pub fn number(&mut self, name: &str, bounds: RangeInclusive<i64>, expected: &'static str) -> Option<i64> {
        let number = self.parsed(name, expected)?;
        if !bounds.contains(&number) {
            self.refuse(name, expected);
            return None;
        }
        Some(number)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Names every parameter that is wrong, unknown or given twice.
    pub fn finish(mut self) -> Result<(), AppError> {
        for (name, _) in std::mem::take(&mut self.pairs) {
            self.refuse(&name, "error.parameter.unknown");
        }
        if self.wrong.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.wrong)) }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(key, _)| key == name)?;
        Some(self.pairs.remove(at).1)
    }

    fn refuse(&mut self, parameter: &str, expected: &'static str) {
        self.wrong.push(FieldError::parameter(parameter.chars().take(64).collect::<String>(), expected));
    }
}

/// A text as a value in a query string.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(query: &str) -> Vec<String> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query).unwrap().into_inner();
        let mut params = Params::new(pairs);
        params.limit();
        params.parsed::<i32>("cursor", "error.parameter.cursor");
        params.text("coach");
        match params.finish() {
            Err(AppError::Invalid(fields)) => fields.into_iter().map(|field| field.place).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        assert!(wrong("").is_empty());
        assert!(wrong("limit=200&cursor=7&coach=K-1&lang=en&limit=").is_empty());
        assert_eq!(wrong("limit=0&cursor=x&cursr=7"), ["limit", "cursor", "cursr"]);
        assert_eq!(wrong("limit=201"), ["limit"]);
        assert_eq!(wrong("coach=a%00b"), ["coach"]);
        assert_eq!(wrong("limit=5&limit=6"), ["limit"]);
        assert_eq!(wrong(&format!("coach={}", "k".repeat(257))), ["coach"]);
    }
}
