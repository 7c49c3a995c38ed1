//! Which other sites may call the API from a browser (CORS, in the words of the Fetch standard).

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

use super::guard::secured;

/// The sites that may call the API from a browser: scheme, host and port of each. Usually there are none.
#[derive(Debug, Clone, Default)]
pub struct CorsOrigins(pub Vec<String>);

/// What a preflight is told. Tokens travel in a header that the site itself sets, so browsers never need to bring
/// cookies: credentials are not allowed, and no origin is a pattern.
const PREFLIGHT: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];

/// The headers of answers that a site may read beside the usual ones.
const EXPOSED: &str =
    "Content-Disposition, Content-Language, ETag, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id";

/// Stands outside the guard, so that errors can be read as well: answers the question that a browser asks before a
/// call, and marks the answers to calls, of the API alone.
///
/// # Errors
/// Those of the routes.
pub async fn cors<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let allowed = request.app_data::<web::Data<CorsOrigins>>().filter(|allowed| !allowed.0.is_empty());
    let Some(allowed) = allowed.filter(|_| request.path().starts_with("/api/")).cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    let origin = request.headers().get(header::ORIGIN).cloned();
    let asked_before = *request.method() == Method::OPTIONS
        && origin.is_some()
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let known = origin.filter(|origin| allowed.0.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()));
    let mut response = if asked_before {
        let mut answer = HttpResponse::NoContent().finish();
        if known.is_some() {
            for (name, value) in PREFLIGHT {
                answer.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        }
        secured(request.into_response(answer)).map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };
    mark(response.headers_mut(), known);
    Ok(response)
}

fn mark(headers: &mut HeaderMap, known: Option<HeaderValue>) {
    // Whatever is kept of an answer is kept for one site.
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = known {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}
