//! The guard that every request passes: HEAD, limits, panics, the form of errors, security headers.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;
use futures_util::FutureExt;
use tracing_actix_web::RequestId;

use super::{Reader, encoded, own_path};
use crate::error::{AppError, READ_ONLY};
use crate::i18n::Lang;
use crate::services::Denial;

/// The largest request body, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct MaxBody(pub usize);

/// Which methods each address takes, by its pattern; those it does not know can only be read.
#[derive(Debug, Clone, Default)]
pub struct RouteTable(HashMap<String, String>);

impl RouteTable {
    /// From patterns, each with a method it takes.
    pub fn new<'a>(routes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut table = HashMap::<String, Vec<&str>>::new();
        for (pattern, method) in routes {
            let methods = table.entry(pattern.to_owned()).or_default();
            methods.push(method);
            if method == "GET" {
                methods.push("HEAD");
            }
        }
        Self(table.into_iter().map(|(pattern, methods)| (pattern, methods.join(", "))).collect())
    }

    /// The same with pages, each with the method it takes before its address.
    #[must_use]
    pub fn and(mut self, pages: &[(&str, &str)]) -> Self {
        let pages = Self::new(pages.iter().map(|(method, pattern)| (*pattern, *method)));
        self.0.extend(pages.0);
        self
    }

    fn allowed(&self, pattern: &str) -> Option<&str> {
        self.0.get(pattern).map(String::as_str)
    }
}

/// Marks an answer as written already: a page that says itself what was wrong with its form.
#[derive(Debug, Clone, Copy)]
pub struct Rendered;

/// What browsers may do with our answers. No inline code or style, nothing from elsewhere.
const SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"),
];

/// The same for the viewer of the contract, which draws with images inside its stylesheet and
/// brings one style element, known by its hash.
const VIEWER: &str = "/api/docs";
const VIEWER_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Stands around all routes.
///
/// # Errors
/// Only when a handler panics: then a bare 500 is all that is safe to say.
pub async fn guard<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let asked = Asked::of(&request);
    let too_large = body_length(request.headers()) > request.app_data::<web::Data<MaxBody>>().map(|max| max.0);
    if too_large {
        let response = asked.answer(&AppError::TooLarge);
        return Ok(secured(request.into_response(response).map_into_right_body()));
    }
    // PostgreSQL cannot even be asked for a text with a NUL in it, and nothing is called so.
    if request.path().contains("%00") || request.match_info().iter().any(|(_, part)| part.contains('\0')) {
        let response = asked.answer(&AppError::NotFound);
        return Ok(secured(request.into_response(response).map_into_right_body()));
    }
    // Routes know only GET; the protocol layer leaves the body of an answer to HEAD out.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let Ok(answered) = AssertUnwindSafe(next.call(request)).catch_unwind().await else {
        return Err(AppError::internal("the handler panicked").into());
    };
    let response = answered?;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if !failed || response.response().extensions().contains::<Rendered>() {
        return Ok(secured(response.map_into_left_body()));
    }
    let (request, response) = response.into_parts();
    let rendered = match response.error().and_then(|error| error.as_error::<AppError>()) {
        Some(error) => asked.answer(error),
        // Errors of libraries would show their own words.
        None => asked.answer(&AppError::of_status(response.status())),
    };
    Ok(secured(ServiceResponse::new(request, rendered).map_into_right_body()))
}

/// Answers what no route takes: 405 where another method would be taken, else 404.
///
/// # Errors
/// Always: that is its answer.
pub async fn no_such_route(request: HttpRequest) -> Result<HttpResponse, AppError> {
    let Some(pattern) = request.match_pattern() else { return Err(AppError::NotFound) };
    let table = request.app_data::<web::Data<RouteTable>>();
    let allowed = table.and_then(|table| table.allowed(&pattern)).unwrap_or(READ_ONLY);
    let other_method = allowed.split(", ").all(|method| method != request.method().as_str());
    Err(if other_method { AppError::MethodNotAllowed(allowed.to_owned()) } else { AppError::NotFound })
}

/// Whether an address is one for programs, not a page for people.
pub(super) fn for_program(path: &str) -> bool {
    path.starts_with("/api") || path.starts_with("/calendar/") || path == "/healthz" || path == "/readyz"
}

/// What an error answer needs to know about its request.
struct Asked {
    for_program: bool,
    reader: Reader,
    request_id: Option<String>,
    /// Whether it was sent to change something.
    is_form: bool,
    /// The page to come back to: the one that was asked for, or the one that the form was on.
    page: Option<String>,
}

impl Asked {
    fn of(request: &ServiceRequest) -> Self {
        let path = request.path();
        Self {
            for_program: for_program(path),
            reader: Reader::of(request.query_string(), request),
            request_id: request.extensions().get::<RequestId>().map(ToString::to_string),
            is_form: !matches!(*request.method(), Method::GET | Method::HEAD),
            page: page_of(request),
        }
    }

    fn answer(&self, error: &AppError) -> HttpResponse {
        if let AppError::Internal(cause) = error {
            tracing::error!(cause = %chain(cause.as_ref()), "internal error");
        }
        let signed_out = matches!(error, AppError::Denied(Denial::Unauthorized)) && !self.for_program;
        if signed_out && !self.is_form {
            return self.sign_in();
        }
        let mut response = error.response();
        let headers = response.headers_mut();
        if signed_out {
            headers.remove(header::WWW_AUTHENTICATE);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.reader.lang.code()));
        let (kind, body) = if self.for_program { self.problem(error) } else { self.page(error) };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        response.set_body(BoxBody::new(body))
    }

    fn problem(&self, error: &AppError) -> (&'static str, String) {
        let problem = error.problem(self.reader.lang, self.request_id.clone());
        ("application/problem+json", serde_json::to_string(&problem).unwrap_or_default())
    }

    /// Sends somebody who is not signed in to where they can, and back afterwards.
    fn sign_in(&self) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((header::LOCATION, self.sign_in_address()))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish()
    }

    fn sign_in_address(&self) -> String {
        match &self.page {
            Some(page) => format!("/sign-in?next={}", encoded(page)),
            None => "/sign-in".into(),
        }
    }

    fn page(&self, error: &AppError) -> (&'static str, String) {
        let lang = self.reader.lang;
        let (title, detail) = error.words(lang);
        // Words for programs speak of headers and fields; people at a page have words of their own.
        let own = |part: &str| lang.find(&format!("pages.error.{}.{part}", error.slug()));
        let signed_out = matches!(error, AppError::Denied(Denial::Unauthorized));
        let page = ErrorPage {
            lang,
            title: own("title").unwrap_or(title),
            detail: own("detail").unwrap_or(detail),
            kept: self.is_form || error.status_code().is_server_error(),
            sign_in: signed_out.then(|| self.sign_in_address()),
            back: self.page.as_deref().filter(|_| self.is_form && !signed_out),
            request_id: self.request_id.as_deref().unwrap_or_default(),
        };
        ("text/html; charset=utf-8", page.render().unwrap_or_default())
    }
}

/// The page that a request asks for, or that its form was on: only if it is one of ours.
fn page_of(request: &ServiceRequest) -> Option<String> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return own_path(request.uri().path_and_query()?.as_str()).map(str::to_owned);
    }
    let header = |name: HeaderName| request.headers().get(name)?.to_str().ok();
    let (_, rest) = header(header::REFERER)?.split_once("://")?;
    let path = rest.strip_prefix(header(header::HOST)?)?;
    own_path(path).map(str::to_owned)
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    lang: Lang,
    title: String,
    detail: String,
    /// Whether to say that nothing was lost.
    kept: bool,
    sign_in: Option<String>,
    back: Option<&'a str>,
    request_id: &'a str,
}

/// A cause with its own causes, for the log.
fn chain(cause: &dyn std::error::Error) -> String {
    let mut text = cause.to_string();
    let mut next = cause.source();
    while let Some(inner) = next {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        next = inner.source();
    }
    text
}

fn body_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

pub(super) fn secured<B>(mut response: ServiceResponse<B>) -> ServiceResponse<B> {
    let request_id = response.request().extensions().get::<RequestId>().map(ToString::to_string);
    let for_viewer = response.request().path().starts_with(VIEWER);
    let headers = response.headers_mut();
    if for_viewer {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(VIEWER_POLICY));
    }
    for (name, value) in SECURITY_HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Some(Ok(id)) = request_id.map(HeaderValue::try_from) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, web};

    use super::*;

    async fn fails() -> Result<HttpResponse, AppError> {
        Err(AppError::internal("the secret cause"))
    }

    async fn form_again() -> HttpResponse {
        let mut page = HttpResponse::UnprocessableEntity().body("the form again");
        page.extensions_mut().insert(Rendered);
        page
    }

    async fn panics() -> HttpResponse {
        panic!("the secret panic")
    }

    async fn number(number: web::Path<u8>) -> String {
        number.to_string()
    }

    /// Status, content type and body of an answer.
    async fn answer(path: &str, header: (&str, &str)) -> (u16, String, String) {
        let app = App::new()
            .wrap(from_fn(guard))
            .app_data(web::Data::new(MaxBody(10)))
            .route("/api/fails", web::get().to(fails))
            .route("/fails", web::get().to(fails))
            .route("/form", web::get().to(form_again))
            .route("/api/panics", web::get().to(panics))
            .route("/api/numbers/{number}", web::get().to(number))
            .default_service(web::to(no_such_route));
        let app = init_service(app).await;
        let request = TestRequest::with_uri(path).insert_header(header).to_request();
        let outcome = actix_web::dev::Service::call(&app, request).await;
        match outcome {
            Ok(response) => {
                let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
                (response.status().as_u16(), kind.unwrap_or_default(), text(read_body(response).await))
            }
            // As the protocol layer does with an error that nobody caught.
            Err(error) => {
                let response = error.error_response();
                let status = response.status().as_u16();
                (status, String::new(), text(actix_web::body::to_bytes(response.into_body()).await.unwrap()))
            }
        }
    }

    fn text(body: impl AsRef<[u8]>) -> String {
        String::from_utf8(body.as_ref().to_vec()).unwrap()
    }

    #[actix_web::test]
    async fn an_internal_cause_never_leaves_the_program() {
        let (status, kind, body) = answer("/api/fails", ("accept-language", "en")).await;
        assert_eq!((status, kind.as_str()), (500, "application/problem+json"));
        assert!(body.contains("urn:coachnet:problem:internal") && !body.contains("secret"), "{body}");
        let (status, kind, body) = answer("/fails", ("accept-language", "en")).await;
        assert_eq!((status, kind.as_str()), (500, "text/html; charset=utf-8"));
        assert!(body.contains("Something went wrong") && !body.contains("secret"), "{body}");
    }

    #[actix_web::test]
    async fn a_panic_is_a_bare_500() {
        assert_eq!(answer("/api/panics", ("accept", "*/*")).await, (500, String::new(), String::new()));
    }

    #[actix_web::test]
    async fn errors_of_libraries_do_not_show_their_own_words() {
        let (status, kind, body) = answer("/api/numbers/many", ("accept", "*/*")).await;
        assert_eq!((status, kind.as_str()), (404, "application/problem+json"));
        assert!(!body.contains("invalid digit") && !body.contains("many"), "{body}");
    }

    #[actix_web::test]
    async fn a_page_that_says_itself_what_is_wrong_is_let_through() {
        let (status, _, body) = answer("/form", ("accept", "*/*")).await;
        assert_eq!((status, body.as_str()), (422, "the form again"));
    }

    #[actix_web::test]
    async fn a_body_above_the_limit_is_not_read() {
        assert_eq!(answer("/api/numbers/7", ("content-length", "11")).await.0, 413);
        assert_eq!(answer("/api/numbers/7", ("content-length", "10")).await.0, 200);
    }

    #[actix_web::test]
    async fn every_answer_carries_the_security_headers() {
        let app = App::new().wrap(from_fn(guard)).route("/", web::get().to(|| async { "hello" }));
        let app = init_service(app).await;
        for path in ["/", "/nowhere"] {
            let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
            for (name, _) in SECURITY_HEADERS {
                assert!(response.headers().contains_key(&name), "{path}: {name}");
            }
        }
    }
}
