//! Logs: one line per request with its id, and whatever needs an operator.
//!
//! What is personal or secret never gets here: lines carry the route pattern, not the path
//! with its keys, and no query string.

use std::io::IsTerminal;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::{Error, HttpMessage};
use tracing::{Span, field};
use tracing_actix_web::{RequestId, RootSpanBuilder};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat, LogLevel};

/// Lines that wait to be written, at most.
const MOST_LINES: usize = 16_384;

/// A log that is being written. What is not yet written is, when it goes.
#[must_use]
pub struct Logging {
    _writer: WorkerGuard,
}

/// Starts logging to standard error, until what it gives goes. A second call changes nothing.
///
/// Lines are written by a thread of their own. Where nobody reads them, as at the end of a full pipe, it waits and
/// everybody else goes on; lines that are too many to be kept are dropped.
pub fn init(log: Log) -> Logging {
    let filter = EnvFilter::new(directives(log.level));
    let colour = std::io::stderr().is_terminal();
    let (lines, writer) = NonBlockingBuilder::default().buffered_lines_limit(MOST_LINES).finish(std::io::stderr());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).with_writer(lines);
    let started = match log.format {
        LogFormat::Text => builder.with_target(false).try_init().is_ok(),
        LogFormat::Json => builder.json().with_current_span(true).with_span_list(false).try_init().is_ok(),
    };
    if started {
        log_panics();
    }
    Logging { _writer: writer }
}

/// Says that the program is at work, whatever the level of the log is: in words, or as a line of a log of JSON, which
/// stays one.
pub fn announce(format: LogFormat, words: &str) {
    match format {
        LogFormat::Text => eprintln!("coachnet: {words}"),
        LogFormat::Json => {
            let timestamp = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
            let fields = serde_json::json!({ "message": words });
            let line =
                serde_json::json!({ "timestamp": timestamp, "level": "INFO", "fields": fields, "target": "coachnet" });
            eprintln!("{line}");
        }
    }
}

/// The libraries are only heard at `trace`, or when they complain. What reads requests calls it an error when somebody
/// sends nonsense: anybody could fill the log so, and nobody has to do anything about it.
fn directives(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Error => "error,actix_http::h1::dispatcher=off",
        LogLevel::Warn => "warn,actix_http::h1::dispatcher=off",
        LogLevel::Info => "warn,coachnet=info,actix_http::h1::dispatcher=off",
        LogLevel::Debug => "info,coachnet=debug",
        LogLevel::Trace => "trace",
    }
}

/// A panic becomes a log line like any other, so that a log of JSON lines stays one.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let literal = payload.downcast_ref::<&str>().copied();
        let message = literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words");
        tracing::error!(place, message, "panic");
    }));
}

/// A method by its name; anybody can call one what they like, and such are one.
pub fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The route of a request as a pattern, without the keys in its path.
pub fn route_of(request: &ServiceRequest) -> String {
    request.match_pattern().unwrap_or_else(|| "none".into())
}

/// Opens a span per request and says in one line how it was answered.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        let (method, route) = (method_of(request.method()), route_of(request));
        tracing::info_span!(
            target: "coachnet::request", "request",
            request_id = id, method, route, status = field::Empty
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        span.in_scope(|| tracing::info!(target: "coachnet::request", "answered"));
    }
}
