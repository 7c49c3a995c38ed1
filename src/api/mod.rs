//! REST for programs. Routes, what they take and give, and their contract (OpenAPI).
//!
//! Until there are accounts, everything here is read-only and shows codes instead of
//! persons: no names of coachees, no contact data, no identity numbers.

mod body;
mod coaches;
mod competencies;
mod docs;
mod health;
mod pairs;
mod regions;
mod respond;
mod runs;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

pub use docs::{document, viewer};

/// The routes of version 1, below `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(health::alive).service(health::ready).service(
        scope::scope("/api/v1")
            .service(runs::list)
            .service(runs::show)
            .service(pairs::list)
            .service(pairs::show)
            .service(pairs::waiting)
            .service(coaches::list)
            .service(coaches::show)
            .service(competencies::list)
            .service(regions::list),
    );
}
