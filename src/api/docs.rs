//! The contract of the API, and a viewer for it.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes, ServiceConfig};
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, Object, OpenApi as Document, Ref, RefOr, Required, Response, ResponseBuilder, Type,
};
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use super::examples::Schemas;
use crate::error::AppError;
use crate::face::RouteTable;

/// Where the contract lies.
const ADDRESS: &str = "/api/v1/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "National Coach Network",
        description = "Accounts, requests, offers and pairings, and matching runs with what they found. Answers come in Indonesian or English by \
                       `Accept-Language` or `?lang=`. Times are UTC (RFC 3339). Errors are RFC 9457 problems; their \
                       `type` is stable. In results, persons appear by code only; an address is shown to the other \
                       side of a pairing alone.\n\n\
                       Sign in with POST /api/v1/sign_ins and send the access token as `Authorization: Bearer …`. The \
                       scopes of a route are the roles that may call it, each of them enough; none: anybody who is \
                       signed in. Admins and auditors sign in with a one-time code. Where results are open, as in a \
                       demo, they can be read without signing in.\n\n\
                       What changes something takes an `Idempotency-Key` where it is named: repeated with the same body it has \
                       one effect and gets the same answer for 24 hours; with another body it is refused (422). A field \
                       that is not documented is an error. `If-Match` with the ETag that was seen makes a change that \
                       is meant for another state fail (412).",
    ),
    tags(
        (name = "sign_ins", description = "Signing in, staying signed in, signing out"),
        (name = "me", description = "The caller's own account"),
        (name = "one-time codes", description = "The caller's authenticator and recovery codes"),
        (name = "links", description = "What links in mails lead to; sign-up and forgotten passwords"),
        (name = "accounts", description = "Roles of accounts, closing and opening them, lost authenticators"),
        (name = "invitations", description = "Invitations by admins"),
        (name = "sign-up claims", description = "Coachees of whom the records have no address, and who they say to be"),
        (name = "coach applications", description = "Applications to coach and their verification"),
        (name = "operations", description = "How what runs in the background is doing"),
        (name = "cohorts", description = "Named sets of requests"),
        (name = "requests", description = "Asking for a coach, choosing, the waiting list"),
        (name = "offers", description = "Requests put to coaches, and their answers"),
        (name = "pairings", description = "Coachees and coaches who work together"),
        (name = "availability", description = "How many coachees a coach has room for"),
        (name = "coaching sessions", description = "Meetings of a pairing: when, and what was said of them"),
        (name = "calendar", description = "The caller's sessions, for calendar programs"),
        (name = "work of a pair", description = "Goals, action items, things to read; seen by the two alone"),
        (name = "coachees", description = "What superiors find of their people"),
        (name = "certificates", description = "Completion certificates: printed, withdrawn, checked by anybody"),
        (name = "monitoring", description = "How the programme goes: figures, what is stuck, tables to take away"),
        (name = "runs", description = "Matching runs, their pairs with explanations, their waiting lists"),
        (name = "coaches", description = "Verified coaches by what they offer"),
        (name = "reference", description = "Competencies and regions"),
        (name = "health", description = "State of the service"),
    ),
    modifiers(&Bearer)
)]
struct Info;

/// How callers show who they are.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(
            Http::builder()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some("An access token"))
                .build(),
        );
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// The contract, collected from the routes themselves.
pub fn document() -> Document {
    let (_, mut document) =
        actix_web::App::new().into_utoipa_app().openapi(Info::openapi()).configure(super::routes).split_for_parts();
    let schemas = Schemas::of(&document);
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Patch, &mut item.patch),
            (HttpMethod::Delete, &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                complete(&method, path, operation);
                schemas.illustrate(operation);
            }
        }
    }
    document
}

/// What belongs to somebody: routes of these tags look at whose it is, too.
const OWNED: [&str; 7] =
    ["requests", "offers", "pairings", "availability", "coachees", "coaching sessions", "work of a pair"];

/// Changes other than by POST that take an `Idempotency-Key`. Of POSTs all do but those that answer with a secret.
const ONCE: [(&str, HttpMethod); 9] = [
    ("/api/v1/action_items/{id}", HttpMethod::Put),
    ("/api/v1/coaches/{code}/hours", HttpMethod::Put),
    ("/api/v1/coaches/{code}/hours/exceptions/{id}", HttpMethod::Delete),
    ("/api/v1/coaches/{code}/offer", HttpMethod::Put),
    ("/api/v1/credit-rules/{day}", HttpMethod::Delete),
    ("/api/v1/credit-rules/{day}", HttpMethod::Put),
    ("/api/v1/goals/{id}", HttpMethod::Put),
    ("/api/v1/holidays/{day}", HttpMethod::Put),
    ("/api/v1/pairings/{id}/resources/{resource}", HttpMethod::Delete),
];

/// Whether what an operation does has one effect for one `Idempotency-Key`.
fn counts_once(method: &HttpMethod, path: &str, operation: &Operation) -> bool {
    let secret = |tag: &String| ["sign_ins", "one-time codes", "calendar"].contains(&tag.as_str());
    match method {
        HttpMethod::Post => !operation.tags.iter().flatten().any(secret),
        method => ONCE.iter().any(|(known, of)| *known == path && of == method),
    }
}

/// Adds what all routes of a kind have in common.
fn complete(method: &HttpMethod, path: &str, operation: &mut Operation) {
    let for_roles = |security: &str| security.contains('"');
    let owned = operation.tags.iter().flatten().any(|tag| OWNED.contains(&tag.as_str()));
    let security = operation.security.as_ref().map(|security| serde_json::to_string(security).unwrap_or_default());
    if let Some(security) = security {
        add(operation, "401", "Not signed in, or no longer");
        if for_roles(&security.replace("\"bearer\"", "")) {
            add(operation, "403", "Not for this caller, or only after signing in with a one-time code");
        } else if owned {
            add(operation, "403", "It is somebody else's");
        }
    }
    if operation.request_body.is_some() {
        add(operation, "400", "The body is no JSON");
        add(operation, "408", "The body did not come in time");
        add(operation, "413", "The body is too large");
        add(operation, "415", "The body does not say that it is JSON");
        add(operation, "422", "Something in the body or a parameter is wrong; each is named");
    }
    if takes(operation, &ParameterIn::Query) {
        add(operation, "422", "A parameter is wrong; each is named");
    }
    if operation.security.is_some() && takes(operation, &ParameterIn::Path) {
        add(operation, "404", "There is no such thing");
    }
    if takes(operation, &ParameterIn::Header) {
        add(operation, "412", "It was changed since it was seen, or If-Match names no version");
    }
    if *method != HttpMethod::Get {
        add(operation, "429", "Too often; Retry-After says when to come back");
    }
    if counts_once(method, path, operation) {
        add(operation, "422", "The Idempotency-Key is none, or came with another request");
        operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
    }
    let lives = operation.tags.iter().flatten().any(|tag| tag == "health");
    if !lives {
        add(operation, "503", "Too busy; Retry-After says when to come back");
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            name_headers(status, response);
        }
    }
}

/// Names the headers that every answer with a status has.
fn name_headers(status: &str, response: &mut Response) {
    let of_status = match status {
        "304" => Some(("ETag", Type::String, "Tag of this state")),
        "401" => Some(("WWW-Authenticate", Type::String, "How to show who one is: `Bearer`")),
        "429" | "503" => Some(("Retry-After", Type::Integer, "When to come back, in seconds")),
        _ => None,
    };
    let of_all = ("X-Request-Id", Type::String, "The id of the request, which operators find in the log");
    for (name, kind, words) in of_status.into_iter().chain([of_all]) {
        let header = HeaderBuilder::new().schema(Some(Object::with_type(kind))).description(Some(words)).build();
        response.headers.entry(name.to_owned()).or_insert(RefOr::T(header));
    }
}

/// Whether a parameter of this kind is among those that the route itself names.
fn takes(operation: &Operation, kind: &ParameterIn) -> bool {
    let is_such =
        |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == *kind);
    operation.parameters.iter().flatten().any(is_such)
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Up to 255 visible ASCII characters, such as a UUID: the same request has one effect"))
        .schema(Some(Object::with_type(Type::String)))
        .build()
}

fn add(operation: &mut Operation, status: &str, description: &str) {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new().description(description).content("application/problem+json", problem);
    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(response.build()));
}

/// The contract as it is served, and the routes it names. It is the same wherever the program runs, and large: it is
/// written once for all servers and all their threads.
struct Contract {
    json: Bytes,
    routes: RouteTable,
}

static CONTRACT: LazyLock<Result<Contract, String>> = LazyLock::new(|| {
    let document = document();
    let json = serde_json::to_vec(&document).map_err(|why| why.to_string())?;
    Ok(Contract { json: json.into(), routes: route_table(&document) })
});

/// Which methods the routes of the contract take.
///
/// # Errors
/// When the contract cannot be written, which is a mistake in the program.
pub fn routes_of_contract() -> Result<RouteTable, AppError> {
    CONTRACT.as_ref().map(|contract| contract.routes.clone()).map_err(|why| AppError::internal(why.clone()))
}

fn route_table(document: &Document) -> RouteTable {
    RouteTable::new(document.paths.paths.iter().flat_map(|(path, item)| {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        let taken = methods.into_iter().filter(|(_, operation)| operation.is_some());
        taken.map(|(method, _)| (path.as_str(), method)).collect::<Vec<_>>()
    }))
}

/// The viewer of the contract. Nothing is fetched from elsewhere.
pub fn viewer() -> SwaggerUi {
    let config = Config::new([Url::new("National Coach Network", ADDRESS)]).validator_url("none");
    SwaggerUi::new("/api/docs/{_:.*}").config(config)
}

/// The contract itself.
pub fn contract(config: &mut ServiceConfig) {
    config.route(ADDRESS, web::get().to(show));
}

async fn show() -> Result<HttpResponse, AppError> {
    let contract = CONTRACT.as_ref().map_err(|why| AppError::internal(why.clone()))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(contract.json.clone()))
}
