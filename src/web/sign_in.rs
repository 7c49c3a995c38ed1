//! Signing in and out at the pages.

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::layout::{Layout, Page};
use super::trouble::{Given, Trouble};
use crate::error::AppError;
use crate::face::{Anybody, Cookie, Form, Origin, encoded, own_path};
use crate::services::Denial;
use crate::services::sign_ins::{self, Admitted, Attempt, Browser, Stay};

/// Seconds that the ticket between password and code is kept, as long as it is good.
const CODE_SECONDS: i64 = 5 * 60;

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignIn<'a> {
    layout: Layout,
    given: Given<'a>,
    next: &'a str,
}

#[derive(Template)]
#[template(path = "pages/code.html")]
struct Code<'a> {
    layout: Layout,
    given: Given<'a>,
    next: &'a str,
    stay: &'a str,
}

/// Where to go after signing in: a page of ours, or home.
fn next(wanted: &str) -> &str {
    own_path(wanted).unwrap_or("/")
}

fn stay(wanted: &str) -> Stay {
    if wanted == "month" { Stay::Month } else { Stay::Day }
}

/// Asks for address and password.
pub(super) async fn show(page: Page, visitor: Anybody) -> Result<HttpResponse, AppError> {
    if visitor.0.is_some() {
        return Ok(see_other(next(page.query("next"))));
    }
    ask(&page, page.query("next"), None, Given(None))
}

fn ask(page: &Page, wanted: &str, trouble: Option<Trouble>, given: Given) -> Result<HttpResponse, AppError> {
    let shown = SignIn { layout: page.layout(None).with(trouble), given, next: next(wanted) };
    page.answer(&shown.layout, &shown)
}

/// Signs in, or asks for a one-time code.
pub(super) async fn enter(page: Page, origin: Origin, form: Form) -> Result<HttpResponse, AppError> {
    match try_password(&page, origin, &form).await {
        Ok(answer) => Ok(answer),
        Err(error) => ask(&page, form.text("next"), Some(page.trouble(error)?), Given(Some(&form))),
    }
}

async fn try_password(page: &Page, origin: Origin, form: &Form) -> Result<HttpResponse, AppError> {
    let (email, password) = (form.text("email").to_owned(), SecretString::from(form.text("password")));
    let (stay, label) = (stay(form.text("stay")), page.device());
    let admitted = page.desk.ask_slowly(move |cx| {
        let attempt = Attempt { email: &email, password: password.expose_secret(), label: &label, from: origin.0 };
        sign_ins::sign_in_browser(cx, &attempt, stay)
    });
    match admitted.await? {
        Admitted::In(browser) => signed_in(page, &browser, stay, form.text("next")),
        Admitted::CodeWanted { ticket, .. } => {
            let kept = if stay == Stay::Month { "month" } else { "day" };
            let address = format!("/sign-in/code?stay={kept}&next={}", encoded(next(form.text("next"))));
            let mut answer = see_other(&address);
            set(&mut answer, page.public.set(Cookie::Code, &ticket, Some(CODE_SECONDS))?);
            Ok(answer)
        }
    }
}

/// Asks for a one-time code.
pub(super) async fn show_code(page: Page) -> Result<HttpResponse, AppError> {
    ask_code(&page, page.query("next"), page.query("stay"), None)
}

fn ask_code(page: &Page, wanted: &str, stay: &str, trouble: Option<Trouble>) -> Result<HttpResponse, AppError> {
    let shown = Code { layout: page.layout(None).with(trouble), given: Given(None), next: next(wanted), stay };
    page.answer(&shown.layout, &shown)
}

/// Signs in with a one-time code.
pub(super) async fn enter_code(
    page: Page,
    visitor: Anybody,
    origin: Origin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let wanted = form.text("next");
    match try_code(&page, origin, &form).await {
        Ok(answer) => Ok(answer),
        // The same form came before, and signed this browser in.
        Err(AppError::Denied(Denial::LinkOver)) if visitor.0.is_some() => Ok(see_other(next(wanted))),
        // The password is too long ago.
        Err(AppError::Denied(Denial::LinkOver)) => {
            Ok(see_other(&format!("/sign-in?done=code_over&next={}", encoded(next(wanted)))))
        }
        Err(error) => ask_code(&page, wanted, form.text("stay"), Some(code_trouble(&page, error)?)),
    }
}

/// A wrong code is told at its field.
fn code_trouble(page: &Page, error: AppError) -> Result<Trouble, AppError> {
    let mut trouble = page.trouble(error)?;
    if let (Some(notice), true) = (trouble.notice.take(), trouble.retry_after.is_none()) {
        trouble.faults.push(("code".into(), notice));
    }
    Ok(trouble)
}

async fn try_code(page: &Page, origin: Origin, form: &Form) -> Result<HttpResponse, AppError> {
    let ticket = page.public.read(&page.request, Cookie::Code).ok_or(Denial::LinkOver)?;
    // People write codes as their authenticator shows them, with a space in the middle.
    let code: String = form.text("code").chars().filter(|c| !c.is_whitespace()).collect();
    let stay = stay(form.text("stay"));
    let browser = page.desk.ask(move |cx| sign_ins::browser_with_code(cx, &ticket, &code, origin.0, stay));
    let mut answer = signed_in(page, &browser.await?, stay, form.text("next"))?;
    set(&mut answer, page.public.forget(Cookie::Code)?);
    Ok(answer)
}

fn signed_in(page: &Page, browser: &Browser, stay: Stay, wanted: &str) -> Result<HttpResponse, AppError> {
    let seconds = (browser.expires_at.time() - page.desk.now().time()).num_seconds();
    let mut answer = see_other(next(wanted));
    let kept = (stay == Stay::Month).then_some(seconds);
    set(&mut answer, page.public.set(Cookie::Session, &browser.secret, kept)?);
    set(&mut answer, page.public.forget(Cookie::Forms)?);
    if !page.has_language() {
        set(&mut answer, page.remember(&browser.language)?);
    }
    Ok(answer)
}

/// Signs this browser out.
pub(super) async fn leave(
    page: Page,
    visitor: Anybody,
    form: Result<Form, AppError>,
) -> Result<HttpResponse, AppError> {
    if let Some(visitor) = visitor.0 {
        form?;
        let caller = visitor.caller;
        page.desk.write(move |db, cx| sign_ins::sign_out(db, &caller, caller.sign_in, cx.now)).await?;
    }
    let mut answer = see_other("/sign-in?done=signed_out");
    set(&mut answer, page.public.forget(Cookie::Session)?);
    Ok(answer)
}

/// An answer that leads elsewhere, by GET.
pub(super) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, address))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

pub(super) fn set(answer: &mut HttpResponse, cookie: header::HeaderValue) {
    answer.headers_mut().append(header::SET_COOKIE, cookie);
}
