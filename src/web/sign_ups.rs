//! Coachees of the records open their own account: saying who they are, and what the link opens.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;
use chrono::NaiveDate;
use secrecy::{ExposeSecret, SecretString};

use super::layout::{Layout, Page};
use super::tokens::{self, Kind};
use super::trouble::{Given, Trouble};
use crate::domain::{Email, Identity};
use crate::error::{AppError, FieldError};
use crate::face::{Form, Origin, evenly, gone_to};
use crate::services::sign_ups::{self, SignUp};
use crate::services::{Act, Actor, Context};
use crate::store::types::Stamp;

const KIND: Kind = Kind { key: "sign_up", address: "/sign-ups", password: true, known: false, look: sign_ups::look };

#[derive(Template)]
#[template(path = "pages/sign_ups.html")]
struct Ask<'a> {
    layout: Layout,
    given: Given<'a>,
}

/// Asks who it is.
pub(super) async fn show(page: Page) -> Result<HttpResponse, AppError> {
    again(&page, None, Given(None))
}

fn again(page: &Page, trouble: Option<Trouble>, given: Given) -> Result<HttpResponse, AppError> {
    let shown = Ask { layout: page.layout(None).with(trouble), given };
    page.answer(&shown.layout, &shown)
}

/// Sends a link, if the records know such a coachee without an account. The answer is always the same.
pub(super) async fn ask(page: Page, origin: Origin, form: Form) -> Result<HttpResponse, AppError> {
    match try_ask(&page, origin, &form).await {
        Ok(answer) => Ok(answer),
        Err(error) => again(&page, Some(page.trouble(error)?), Given(Some(&form))),
    }
}

async fn try_ask(page: &Page, origin: Origin, form: &Form) -> Result<HttpResponse, AppError> {
    let sign_up = checked(form, page.lang().code(), page.desk.now())?;
    let done = page.desk.once(form.once(), move |db, cx| {
        sign_ups::ask(db, cx, &sign_up, origin.0)?;
        Ok(gone_to("/sign-ups?done=sign_up_sent"))
    });
    evenly(done).await
}

fn checked(form: &Form, language: &str, now: Stamp) -> Result<SignUp, AppError> {
    let today = Act::new(Actor::System("sign-up"), now).today();
    // Numbers are often written in groups.
    let number: String = form.text("identity_number").chars().filter(|c| !c.is_whitespace()).collect();
    let identity = Identity::parse_civil_servant(&number, today).ok();
    let (birth_date, email) = (birth_date(form), form.text("email").parse::<Email>().ok());
    let faults = [
        (identity.is_none(), "/identity_number", "error.field.identity_number"),
        (birth_date.is_none(), "/birth_date", "error.field.day"),
        (email.is_none(), "/email", "error.field.email"),
    ];
    let wrong = faults.into_iter().filter(|(wrong, ..)| *wrong).map(|(_, at, key)| FieldError::body(at, key));
    match (identity, birth_date, email) {
        (Some(identity), Some(birth_date), Some(email)) => {
            Ok(SignUp { identity, birth_date, email, language: language.to_owned() })
        }
        _ => Err(AppError::Invalid(wrong.collect())),
    }
}

fn birth_date(form: &Form) -> Option<NaiveDate> {
    let number = |name| form.text(name).trim().parse::<u16>().ok();
    let (day, month, year) = (number("birth_day")?, number("birth_month")?, number("birth_year")?);
    NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())
}

/// Shows whose account is opened.
pub(super) async fn show_confirmation(page: Page, token: Path<String>) -> Result<HttpResponse, AppError> {
    tokens::show(&page, KIND, &token).await
}

/// Opens the account, with the password that was chosen.
pub(super) async fn confirm(
    page: Page,
    origin: Origin,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (secret, password) = (token.clone(), SecretString::from(form.text("password")));
    let choose = move |cx: &Context| sign_ups::answer(cx, &secret, password.expose_secret(), origin.0);
    let done = page.desk.once_after(form.once(), choose, |db, cx, confirmation| {
        sign_ups::confirm(db, cx, confirmation)?;
        Ok(gone_to("/sign-in?done=account_open"))
    });
    match done.await {
        Ok(answer) => Ok(answer),
        Err(error) => tokens::trouble(&page, KIND, &token, error).await,
    }
}
