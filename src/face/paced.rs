//! How often changes may be asked for: everything that is no reading is counted here, over the API and the pages.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, web};

use super::callers::{Callers, bearer};
use super::visitor::visitor;
use super::{Desk, Origin, for_program};
use crate::error::AppError;
use crate::services::Denial;
use crate::services::pace::{Asker, Pace};

/// Stands inside the guard, around all routes: counts a change for the account that asks for it, or for the network
/// address of whoever is not signed in. So a route cannot be forgotten, and what is refused counts, too.
///
/// # Errors
/// Those of the routes; its own refusals are answers.
pub async fn paced<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    if matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE)
        && let Err(error) = count(&mut request).await
    {
        return Ok(request.error_response(error).map_into_right_body());
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

async fn count(request: &mut ServiceRequest) -> Result<(), AppError> {
    let missing = || AppError::internal("nobody counts");
    let desk = request.app_data::<web::Data<Desk>>().ok_or_else(missing)?.clone();
    let pace = request.app_data::<web::Data<Pace>>().ok_or_else(missing)?.clone();
    let asker = asker(request, &desk).await?;
    let Some(tries) = pace.count(&asker, desk.now())? else { return Ok(()) };
    desk.ask(move |cx| pace.tell(cx, &asker, tries)).await
}

/// Who asks: programs are known by tokens, browsers by cookies.
async fn asker(request: &ServiceRequest, desk: &Desk) -> Result<Asker, AppError> {
    let found = if for_program(request.path()) {
        let callers = request.app_data::<web::Data<Callers>>().ok_or_else(|| AppError::internal("no callers"))?;
        match bearer(request.request()) {
            Some(token) => callers.find(desk, token).await,
            None => Err(Denial::Unauthorized.into()),
        }
    } else {
        visitor(request.request()).await.map(|visitor| visitor.caller)
    };
    match found {
        Ok(caller) => Ok(Asker::Account(caller.account)),
        Err(AppError::Denied(Denial::Unauthorized)) => {
            let Origin(address) = Origin::from_request(request.request(), &mut Payload::None).await?;
            Ok(Asker::at(address))
        }
        Err(error) => Err(error),
    }
}
