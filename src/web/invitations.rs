//! Accepting an invitation with the link of its mail.

use actix_web::HttpResponse;
use actix_web::web::Path;
use secrecy::{ExposeSecret, SecretString};

use super::layout::Page;
use super::tokens::{self, Kind};
use crate::error::AppError;
use crate::face::{Form, Origin, gone_to};
use crate::services::{Context, invitations};

const KIND: Kind =
    Kind { key: "invitation", address: "/invitations", password: true, known: false, look: invitations::look };

/// Shows who is invited as what.
pub(super) async fn show(page: Page, token: Path<String>) -> Result<HttpResponse, AppError> {
    tokens::show(&page, KIND, &token).await
}

/// Opens the account, with the password that was chosen.
pub(super) async fn accept(
    page: Page,
    origin: Origin,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (secret, password) = (token.clone(), SecretString::from(form.text("password")));
    let choose = move |cx: &Context| invitations::answer(cx, &secret, password.expose_secret(), origin.0);
    let done = page.desk.once_after(form.once(), choose, |db, cx, acceptance| {
        invitations::accept(db, cx, acceptance)?;
        let done = if acceptance.is_by_owner() { "role_accepted" } else { "account_open" };
        Ok(gone_to(format!("/sign-in?done={done}")))
    });
    match done.await {
        Ok(answer) => Ok(answer),
        Err(error) => tokens::trouble(&page, KIND, &token, error).await,
    }
}
