//! What a request can fail with, the same for both faces.

use std::error::Error as StdError;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Lang;

/// Seconds after which a busy service may be asked again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or the caller may not know that there is.
    #[error("not found")]
    NotFound,
    /// The thing is there, but not for this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The request is not well-formed.
    #[error("bad request")]
    BadRequest,
    /// The request body is too large.
    #[error("body too large")]
    TooLarge,
    /// Some parameters are wrong; each is named.
    #[error("invalid parameters")]
    Invalid(Vec<FieldError>),
    /// More requests than the service takes; come back soon.
    #[error("too busy")]
    Busy,
    /// The database does not answer, or its schema is not the one this program needs.
    #[error("not ready")]
    NotReady,
    /// Anything else. The cause is for the log and never leaves the program.
    #[error("internal error")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

/// A parameter that is wrong, and the key of the text that says what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The parameter.
    pub parameter: String,
    /// Key of the text.
    pub expected: &'static str,
}

impl AppError {
    /// Wraps a cause that only the log may tell.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        AppError::Internal(cause.into())
    }

    /// A single wrong parameter.
    pub fn parameter(parameter: &str, expected: &'static str) -> Self {
        AppError::Invalid(vec![FieldError { parameter: parameter.into(), expected }])
    }

    /// The error that a bare status stands for.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => AppError::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => AppError::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
            StatusCode::SERVICE_UNAVAILABLE => AppError::Busy,
            status if status.is_client_error() => AppError::BadRequest,
            status => AppError::internal(format!("a library answered {status}")),
        }
    }

    /// The stable word for this kind of error: the end of its problem type, and of its text keys.
    pub const fn slug(&self) -> &'static str {
        match self {
            AppError::NotFound => "not-found",
            AppError::MethodNotAllowed => "method-not-allowed",
            AppError::BadRequest => "bad-request",
            AppError::TooLarge => "too-large",
            AppError::Invalid(_) => "invalid",
            AppError::Busy => "busy",
            AppError::NotReady => "not-ready",
            AppError::Internal(_) => "internal",
        }
    }

    /// What a program may know about this error (RFC 9457).
    pub fn problem(&self, lang: Lang, request_id: Option<String>) -> Problem {
        let slug = self.slug();
        let errors = match self {
            AppError::Invalid(fields) => fields
                .iter()
                .map(|field| InvalidParameter {
                    parameter: field.parameter.clone(),
                    detail: lang.tr(field.expected).into_owned(),
                })
                .collect(),
            _ => Vec::new(),
        };
        Problem {
            kind: format!("urn:coachnet:problem:{slug}"),
            title: lang.tr(&format!("error.{slug}.title")).into_owned(),
            status: self.status_code().as_u16(),
            detail: lang.tr(&format!("error.{slug}.detail")).into_owned(),
            instance: request_id.map(|id| format!("urn:uuid:{id}")),
            errors,
        }
    }

    /// An empty answer with the status and the headers of this error.
    pub fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        let headers = response.headers_mut();
        match self {
            AppError::Busy | AppError::NotReady => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            }
            AppError::MethodNotAllowed => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            }
            _ => {}
        }
        response
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            AppError::NotFound => StatusCode::NOT_FOUND,
            AppError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            AppError::BadRequest => StatusCode::BAD_REQUEST,
            AppError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            AppError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AppError::Busy | AppError::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Only the status: the body is written where language and face of the reader are known.
    fn error_response(&self) -> HttpResponse {
        self.response()
    }
}

/// An error as programs read it (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:coachnet:problem:invalid",
    "title": "Some parameters are wrong",
    "status": 422,
    "detail": "Correct the parameters named in errors, then ask again.",
    "instance": "urn:uuid:7b0e1a5e-6a35-4a4c-9a3f-4f2f7c1f0a55",
    "errors": [{ "parameter": "limit", "detail": "Expected a whole number from 1 to 200." }]
}))]
pub struct Problem {
    /// The kind of error; stable, to be told apart by programs.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words, in the reader's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do about it, in the reader's language.
    pub detail: String,
    /// The id of the request, which operators find in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The wrong parameters, if that is what is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<InvalidParameter>,
}

/// A wrong parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvalidParameter {
    /// The name of the parameter.
    pub parameter: String,
    /// What would be right, in the reader's language.
    pub detail: String,
}
