//! A new password in place of a forgotten one: asking for a link, and what the link opens.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::layout::{Layout, Page};
use super::tokens::{self, Kind};
use super::trouble::{Given, Trouble};
use crate::domain::Email;
use crate::error::{AppError, FieldError};
use crate::face::{Anybody, Callers, Form, Origin, evenly, gone_to};
use crate::services::{Context, passwords};

const KIND: Kind =
    Kind { key: "password_reset", address: "/password-resets", password: true, known: false, look: passwords::look };

#[derive(Template)]
#[template(path = "pages/password_resets.html")]
struct Ask<'a> {
    layout: Layout,
    given: Given<'a>,
}

/// Asks for the address of the account.
pub(super) async fn show(page: Page, visitor: Anybody) -> Result<HttpResponse, AppError> {
    let shown = Ask { layout: page.layout(visitor.0.as_ref()), given: Given(None) };
    page.answer(&shown.layout, &shown)
}

fn again(page: &Page, visitor: &Anybody, trouble: Trouble, form: &Form) -> Result<HttpResponse, AppError> {
    let shown = Ask { layout: page.layout(visitor.0.as_ref()).with(Some(trouble)), given: Given(Some(form)) };
    page.answer(&shown.layout, &shown)
}

/// Sends a link, if there is such an account. The answer is always the same.
pub(super) async fn ask(page: Page, visitor: Anybody, origin: Origin, form: Form) -> Result<HttpResponse, AppError> {
    let Ok(email) = form.text("email").parse::<Email>() else {
        let fault = AppError::Invalid(vec![FieldError::body("/email", "error.field.email")]);
        return again(&page, &visitor, page.trouble(fault)?, &form);
    };
    let lang = page.lang();
    let done = page.desk.once(form.once(), move |db, cx| {
        passwords::ask_reset(db, cx, &email, lang.code(), origin.0)?;
        Ok(gone_to("/password-resets?done=link_sent"))
    });
    match evenly(done).await {
        Ok(answer) => Ok(answer),
        Err(error) => again(&page, &visitor, page.trouble(error)?, &form),
    }
}

/// Shows whose password is chosen anew.
pub(super) async fn show_reset(page: Page, token: Path<String>) -> Result<HttpResponse, AppError> {
    tokens::show(&page, KIND, &token).await
}

/// Sets the new password. All devices are signed out.
pub(super) async fn reset(
    page: Page,
    callers: Data<Callers>,
    origin: Origin,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (secret, password) = (token.clone(), SecretString::from(form.text("password")));
    let choose = move |cx: &Context| passwords::choose_anew(cx, &secret, password.expose_secret(), origin.0);
    let done = page.desk.once_after(form.once(), choose, move |db, cx, reset| {
        passwords::reset(db, cx, reset, origin.0)?;
        Ok(gone_to("/sign-in?done=password_changed"))
    });
    match done.await {
        Ok(answer) => {
            callers.clear();
            Ok(answer)
        }
        Err(error) => tokens::trouble(&page, KIND, &token, error).await,
    }
}
