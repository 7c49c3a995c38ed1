//! The way out of mail that one may do without. The link in a mail shows a form and changes nothing, since scanners
//! follow links; nor does a press of its button alone, since scanners press what stands alone: there is a box to tick.
//! At once acts only the single request that mail programs send for their own button (RFC 8058). Neither needs a cookie
//! or signing in: the link itself says of whom and of what it is, and the worst that somebody can do with it is to stop
//! a kind of mail that its reader can have back at any time.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::MailClass;
use crate::error::AppError;
use crate::face::{Desk, Reader, Rendered, Unbound};
use crate::i18n::Lang;
use crate::services::mail_preferences::{self, Reader as MailReader};

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct Page<'a> {
    lang: Lang,
    service: &'a str,
    sentence: String,
    /// Whether there is still something to press.
    asks: bool,
    /// Whether the button was pressed without the box.
    unsure: bool,
}

/// What a page tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tells {
    /// What the form will do.
    Asks,
    /// The same to somebody who left the box empty.
    AsksAgain,
    /// That it is done.
    Done,
}

/// Shows what the form will do.
pub(super) async fn ask(desk: Data<Desk>, token: Path<String>, reader: Reader) -> Result<HttpResponse, AppError> {
    let (_, class) = known(&desk, &token)?;
    page(&desk, reader.lang, class, Tells::Asks)
}

/// Stops a kind of mail, for the reader's mail program or for a reader who is sure. Once more changes nothing more.
pub(super) async fn stop(
    desk: Data<Desk>,
    token: Path<String>,
    reader: Reader,
    form: Unbound,
) -> Result<HttpResponse, AppError> {
    let (who, class) = known(&desk, &token)?;
    if !form.is("List-Unsubscribe", "One-Click") && !form.is("sure", "yes") {
        return page(&desk, reader.lang, class, Tells::AsksAgain);
    }
    desk.write(move |db, cx| mail_preferences::refuse_by_link(db, who, class, cx.now)).await?;
    page(&desk, reader.lang, class, Tells::Done)
}

fn known(desk: &Desk, token: &str) -> Result<(MailReader, MailClass), AppError> {
    mail_preferences::read(&desk.auth().vault, token).ok_or(AppError::NotFound)
}

fn page(desk: &Desk, lang: Lang, class: MailClass, tells: Tells) -> Result<HttpResponse, AppError> {
    let class = lang.tr(&format!("calendar.class.{class}"));
    let asks = tells != Tells::Done;
    let unsure = tells == Tells::AsksAgain;
    let key = if asks { "calendar.unsubscribe.ask" } else { "calendar.unsubscribe.done" };
    let page = Page { lang, service: desk.service(), sentence: lang.fill(key, &[("class", &class)]), asks, unsure };
    let body = page.render().map_err(AppError::internal)?;
    let status = if unsure { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut answer = HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_LANGUAGE, lang.code()))
        .insert_header((header::VARY, "Accept-Language"))
        .body(body);
    // It says itself what is wrong.
    answer.extensions_mut().insert(Rendered);
    Ok(answer)
}
