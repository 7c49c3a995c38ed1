//! Counts requests, where somebody asks for the counters.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::metrics::Metrics;
use crate::telemetry::{method_of, route_of};

/// The counters of requests; none: nobody asks for them.
#[derive(Clone)]
pub struct Counters(pub Option<Metrics>);

/// Counts a request by its route, which is never its path: that has keys of people in it.
///
/// # Errors
/// Those of what answers.
pub async fn counted<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let Some(metrics) = request.app_data::<web::Data<Counters>>().and_then(|counters| counters.0.clone()) else {
        return next.call(request).await;
    };
    let (began, method, route) = (Instant::now(), method_of(request.method()), route_of(&request));
    let outcome = next.call(request).await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    metrics.answered(method, &route, status.as_u16(), began.elapsed());
    outcome
}
