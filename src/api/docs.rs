//! The contract of the API, and a viewer for it.

use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

/// Where the contract lies.
const ADDRESS: &str = "/api/v1/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "National Coach Network",
        description = "Read-only access to matching runs and what they found. Answers come in Indonesian or English by \
                       `Accept-Language` or `?lang=`. Times are UTC (RFC 3339). Errors are RFC 9457 problems; their \
                       `type` is stable. Persons appear by code only.",
    ),
    tags(
        (name = "runs", description = "Matching runs, their pairs with explanations, their waiting lists"),
        (name = "coaches", description = "Verified coaches by what they offer"),
        (name = "reference", description = "Competencies and regions"),
        (name = "health", description = "State of the service"),
    )
)]
struct Info;

/// The contract, collected from the routes themselves.
pub fn document() -> Document {
    let (_, document) =
        actix_web::App::new().into_utoipa_app().openapi(Info::openapi()).configure(super::routes).split_for_parts();
    document
}

/// The viewer of the contract, and the contract itself. Nothing is fetched from elsewhere.
pub fn viewer(document: Document) -> SwaggerUi {
    let config = Config::new([Url::new("National Coach Network", ADDRESS)]).validator_url("none");
    SwaggerUi::new("/api/docs/{_:.*}").config(config).url(ADDRESS, document)
}
