//! Agreeing, at one of two addresses, that an account moves to the new one.

use actix_web::HttpResponse;
use actix_web::web::Path;

use super::layout::Page;
use super::sending::fault;
use super::tokens::{self, Kind};
use crate::error::AppError;
use crate::face::{Form, Origin, gone_to};
use crate::services::email_changes;

const KIND: Kind =
    Kind { key: "email_change", address: "/email-changes", password: false, known: false, look: email_changes::look };

/// Shows where the account moves.
pub(super) async fn show(page: Page, token: Path<String>) -> Result<HttpResponse, AppError> {
    tokens::show(&page, KIND, &token).await
}

/// Agrees.
pub(super) async fn confirm(
    page: Page,
    origin: Origin,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    // A scanner that presses a lone button agrees to nothing by it.
    if !form.is("sure", "yes") {
        return tokens::trouble(&page, KIND, &token, fault("sure", "pages.fault.sure")).await;
    }
    let secret = token.clone();
    let done = page.desk.once(form.once(), move |db, cx| {
        let moved = email_changes::confirm(db, cx, &secret, origin.0)?;
        Ok(gone_to(if moved { "/sign-in?done=email_moved" } else { "/sign-in?done=email_agreed" }))
    });
    match done.await {
        Ok(answer) => Ok(answer),
        Err(error) => tokens::trouble(&page, KIND, &token, error).await,
    }
}
