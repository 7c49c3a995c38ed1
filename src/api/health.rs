//! Whether the process lives, and whether it can serve.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{AppError, Problem};
use crate::face::Gate;

/// The state of the service.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`; anything else comes as a problem.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Whether the process lives. Asks nothing else, so a database that is away does not matter.
#[utoipa::path(tag = "health", responses((status = 200, description = "It lives", body = Health)))]
#[get("/healthz")]
pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(OK)
}

/// Whether requests can be served: the database answers and has the schema this program needs.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "Ready", body = Health),
    (status = 503, description = "Not ready", body = Problem, content_type = "application/problem+json"),
))]
#[get("/readyz")]
pub(super) async fn ready(gate: Data<Gate>) -> Result<HttpResponse, AppError> {
    if gate.ask(|store| store.schema_is_current()).await? {
        Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(OK))
    } else {
        tracing::error!("the schema of the database is not current; run `coachnet migrate`");
        Err(AppError::NotReady)
    }
}
