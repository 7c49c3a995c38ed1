//! What a request can fail with, the same for both faces.

use std::error::Error as StdError;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Lang;
use crate::matching::Rule;
use crate::services::{Denial, Refusal, ServiceError};

/// Seconds after which a busy service may be asked again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// The methods of what can only be read.
pub const READ_ONLY: &str = "GET, HEAD";

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or the caller may not know that there is.
    #[error("not found")]
    NotFound,
    /// The thing is there, but not for this method; these it takes.
    #[error("method not allowed")]
    MethodNotAllowed(String),
    /// A use case was not done, for a reason that the caller is told.
    #[error("denied: {0}")]
    Denied(Denial),
    /// The state of things stands against it.
    #[error("conflict")]
    Conflict,
    /// The state of things stands against it, for a reason that the caller is told.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Hard rules forbid a coach to a coachee; each is named.
    #[error("ruled out")]
    RuledOut {
        /// The code of the coach.
        coach: String,
        /// The rules, at least one.
        rules: Vec<Rule>,
    },
    /// A change must say which state it is meant for (`If-Match`).
    #[error("precondition required")]
    PreconditionRequired,
    /// The body is no JSON, by its own word.
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// The body did not come in time.
    #[error("too slow")]
    TooSlow,
    /// A form that was not sent from a page of ours, or from one that is too old.
    #[error("form over")]
    FormOver,
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

/// A parameter or a part of the body that is wrong, and the key of the text that says what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The parameter; of a part of the body, its JSON pointer.
    pub place: String,
    /// Whether it is a part of the body.
    pub in_body: bool,
    /// Key of the text.
    pub expected: &'static str,
}

impl FieldError {
    /// A wrong parameter, of query or head.
    pub fn parameter(name: impl Into<String>, expected: &'static str) -> Self {
        Self { place: name.into(), in_body: false, expected }
    }

    /// A wrong part of the body.
    pub fn body(pointer: impl Into<String>, expected: &'static str) -> Self {
        Self { place: pointer.into(), in_body: true, expected }
    }
}

impl AppError {
    /// Wraps a cause that only the log may tell.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        AppError::Internal(cause.into())
    }

    /// A single wrong parameter.
    pub fn parameter(parameter: &str, expected: &'static str) -> Self {
        AppError::Invalid(vec![FieldError::parameter(parameter, expected)])
    }

    /// The error that a bare status stands for.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => AppError::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => AppError::MethodNotAllowed(READ_ONLY.into()),
            StatusCode::REQUEST_TIMEOUT => AppError::TooSlow,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => AppError::UnsupportedMediaType,
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
            AppError::MethodNotAllowed(_) => "method-not-allowed",
            AppError::Denied(denial) => denial.as_str(),
            AppError::Conflict => "conflict",
            AppError::Refused(refusal) => refusal.as_str(),
            AppError::RuledOut { .. } => "ruled-out",
            AppError::PreconditionRequired => "precondition-required",
            AppError::UnsupportedMediaType => "unsupported-media-type",
            AppError::TooSlow => "too-slow",
            AppError::FormOver => "form-over",
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
                .map(|field| {
                    let place = field.place.clone();
                    let (parameter, pointer) =
                        if field.in_body { (None, Some(format!("#{place}"))) } else { (Some(place), None) };
                    InvalidParameter { parameter, pointer, detail: lang.tr(field.expected).into_owned() }
                })
                .collect(),
            _ => Vec::new(),
        };
        let (title, detail) = self.words(lang);
        Problem {
            kind: format!("urn:coachnet:problem:{}", slug.replace('_', "-")),
            title,
            status: self.status_code().as_u16(),
            detail,
            instance: request_id.map(|id| format!("urn:uuid:{id}")),
            errors,
        }
    }

    /// What is wrong, and what to do about it, in the reader's language.
    pub fn words(&self, lang: Lang) -> (String, String) {
        let title = |slug: &str| lang.tr(&format!("error.{slug}.title")).into_owned();
        match self {
            AppError::Refused(refusal) => (title("conflict"), lang.tr(&format!("refusal.{refusal}")).into_owned()),
            AppError::RuledOut { coach, rules } => {
                let rules: Vec<_> = rules.iter().map(|rule| lang.tr(&format!("rule.{}", rule.as_str()))).collect();
                (title("ruled-out"), format!("{coach}: {}.", rules.join("; ")))
            }
            other => {
                let slug = other.slug();
                (title(slug), lang.tr(&format!("error.{slug}.detail")).into_owned())
            }
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
            AppError::MethodNotAllowed(allowed) => {
                let allowed = HeaderValue::try_from(allowed);
                headers.insert(header::ALLOW, allowed.unwrap_or(HeaderValue::from_static(READ_ONLY)));
            }
            AppError::Denied(Denial::TooMany(wait)) => {
                // Whole seconds, and rather one too many than one too few.
                headers.insert(header::RETRY_AFTER, (wait.num_seconds() + 1).into());
            }
            AppError::Denied(_) if self.status_code() == StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"coachnet\""));
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
            AppError::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            AppError::Denied(denial) => status_of(denial),
            AppError::Conflict | AppError::Refused(_) | AppError::RuledOut { .. } => StatusCode::CONFLICT,
            AppError::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            AppError::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            AppError::TooSlow => StatusCode::REQUEST_TIMEOUT,
            AppError::FormOver => StatusCode::FORBIDDEN,
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

/// The status that a denial is told by.
const fn status_of(denial: &Denial) -> StatusCode {
    match denial {
        Denial::Unauthorized | Denial::WrongCredentials | Denial::WrongCode => StatusCode::UNAUTHORIZED,
        Denial::Forbidden | Denial::SecondFactorNeeded => StatusCode::FORBIDDEN,
        Denial::LinkOver => StatusCode::GONE,
        Denial::AccountExists
        | Denial::SecondFactorOn
        | Denial::SecondFactorOff
        | Denial::SecondFactorRequired
        | Denial::Decided => StatusCode::CONFLICT,
        Denial::Stale => StatusCode::PRECONDITION_FAILED,
        Denial::KeyReused | Denial::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Denial::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
    }
}

impl From<Denial> for AppError {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Invalid(faults) => AppError::Invalid(
                faults.into_iter().map(|fault| FieldError::body(fault.pointer, fault.expected)).collect(),
            ),
            denial => AppError::Denied(denial),
        }
    }
}

impl From<ServiceError> for AppError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Denied(denial) => denial.into(),
            ServiceError::Missing(_) => AppError::NotFound,
            ServiceError::Forbidden => Denial::Forbidden.into(),
            ServiceError::Refused(Refusal::Stale) => Denial::Stale.into(),
            ServiceError::Refused(refusal) => AppError::Refused(refusal),
            ServiceError::RuledOut { coach, rules } => AppError::RuledOut { coach: coach.to_string(), rules },
            ServiceError::Conflict(_) => AppError::Conflict,
            ServiceError::Store(error) => error.into(),
            error @ (ServiceError::Invalid(_) | ServiceError::Internal(_)) => AppError::internal(error),
        }
    }
}

/// An error as programs read it (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:coachnet:problem:invalid",
    "title": "Some of what was given is wrong",
    "status": 422,
    "detail": "Correct what is named in errors, then ask again.",
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

/// A wrong parameter, or a wrong part of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvalidParameter {
    /// The name of the parameter, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Where it stands in the body, if it stands there: a JSON pointer as a fragment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What would be right, in the reader's language.
    pub detail: String,
}
