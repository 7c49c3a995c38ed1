//! The caller's sessions as a calendar that programs read at a secret address.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::respond::tagged;
use crate::error::{AppError, Problem};
use crate::face::{Desk, Public, Reader, SignedIn};
use crate::services::Act;
use crate::services::calendar_feeds::{self, Frame};

/// Where the calendar is.
#[derive(Serialize, ToSchema)]
pub(super) struct FeedBody {
    /// The secret address, shown this once: whoever knows it can read when the caller meets whom.
    #[schema(example = "https://coach.contoh.go.id/calendar/mZ4nV0cS1l8bQ2xkmZ4nV0cS1l8bQ2xkmZ4nV0cS1l8.ics")]
    url: String,
}

/// Gives the caller's calendar a new secret address; the one before ends.
#[utoipa::path(
    tag = "calendar",
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The address", body = FeedBody),
        (status = 409, description = "The account belongs to nobody in the records", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/me/calendar-feed")]
pub(super) async fn renew(
    desk: Data<Desk>,
    public: Data<Public>,
    caller: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let secret = calendar_feeds::new_secret();
    let url = format!("{}/calendar/{secret}.ics", public.base(&request));
    desk.write(move |db, cx| calendar_feeds::renew(db, &Act::of(&caller, cx.now, None), &secret)).await?;
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(FeedBody { url }))
}

/// Ends the secret address of the caller's calendar.
#[utoipa::path(
    tag = "calendar",
    security(("bearer" = [])),
    responses(
        (status = 204, description = "There is none any more"),
        (status = 409, description = "The account belongs to nobody in the records", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/me/calendar-feed")]
pub(super) async fn revoke(desk: Data<Desk>, caller: SignedIn) -> Result<HttpResponse, AppError> {
    desk.write(move |db, cx| calendar_feeds::revoke(db, &Act::of(&caller, cx.now, None))).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reads a calendar (iCalendar, RFC 5545) at its secret address: when its owner meets whom, and nothing else.
#[utoipa::path(
    tag = "calendar",
    params(("secret" = String, Path, description = "The secret")),
    responses(
        (status = 200, description = "The calendar", body = String, content_type = "text/calendar", headers(("ETag" = String, description = "For If-None-Match"))),
        (status = 304, description = "Not changed since the client read it"),
        (status = 404, description = "There is no such calendar, or its address has ended", body = String, content_type = "text/html"),
    )
)]
#[get("/calendar/{secret}.ics")]
pub(super) async fn show(
    desk: Data<Desk>,
    public: Data<Public>,
    secret: Path<String>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let frame =
        Frame { domain: public.mail_domain.clone(), base: public.base(&request), programme: public.programme.clone() };
    let calendar = desk.read(move |db, _| calendar_feeds::show(db, &secret, &frame)).await?;
    Ok(tagged(&request, reader.lang, "text/calendar; charset=utf-8", calendar.into_bytes()))
}
