//! Where Prometheus asks for the counters: a listener of its own, which the public need not reach.

use std::net::SocketAddr;

use actix_web::dev::Server;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};

use super::CliError;
use super::serve::cannot_listen;
use crate::clock::Clock;
use crate::domain::MailStatus;
use crate::face::Gate;
use crate::metrics::{CONTENT_TYPE as OPEN_METRICS, Metrics};
use crate::services::jobs;
use crate::store::Store;
use crate::store::types::Stamp;

/// Questions that wait for the database at a time; Prometheus asks one at a time.
const MOST_WAITING: usize = 4;

#[derive(Clone)]
struct Asked {
    metrics: Metrics,
    gate: Gate,
    clock: Clock,
}

/// Serves the counters at `/metrics`; ends with the program.
///
/// # Errors
/// [`CliError::Environment`] when the address cannot be listened on.
pub(super) fn listen(
    address: SocketAddr,
    metrics: Metrics,
    store: Store,
    clock: Clock,
) -> Result<(Server, SocketAddr), CliError> {
    let asked = Data::new(Asked { metrics, gate: Gate::new(store, MOST_WAITING), clock });
    let app = move || App::new().app_data(asked.clone()).route("/metrics", web::get().to(show));
    let server = HttpServer::new(app).workers(1).disable_signals();
    let server = server.bind(address).map_err(|why| cannot_listen(address, &why))?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    Ok((server.run(), bound))
}

async fn show(asked: Data<Asked>) -> HttpResponse {
    let now = Stamp::new(asked.clock.now());
    // Where the database does not answer, what this process has counted is told all the same.
    if let Ok(outbox) = asked.gate.work(move |store| store.snapshot(|db| jobs::outbox(db, now))).await {
        let metrics = &asked.metrics;
        metrics.outbox(MailStatus::Queued, outbox.queued);
        metrics.outbox(MailStatus::Sending, outbox.sending);
        metrics.outbox(MailStatus::Dead, outbox.dead);
        metrics.overdue(outbox.overdue);
    }
    match asked.metrics.text() {
        Ok(text) => HttpResponse::Ok().insert_header((CONTENT_TYPE, OPEN_METRICS)).body(text),
        Err(why) => {
            tracing::error!(%why, "the counters could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
