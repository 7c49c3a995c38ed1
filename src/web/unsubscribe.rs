//! The way out of mail that one may do without. The link in a mail shows a form and changes nothing, since scanners
//! follow links; a press of its button does, and so does the single request that mail programs send for their own
//! button (RFC 8058). Neither needs a cookie or signing in: the link itself says of whom and of what it is, and the
//! worst that somebody can do with it is to stop a kind of mail that its reader can have back at any time.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::MailClass;
use crate::error::AppError;
use crate::face::{Desk, Reader};
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
}

/// Shows what the press of the button will do.
pub(super) async fn ask(desk: Data<Desk>, token: Path<String>, reader: Reader) -> Result<HttpResponse, AppError> {
    let (_, class) = known(&desk, &token)?;
    page(&desk, reader.lang, class, true)
}

/// Stops a kind of mail. Once more changes nothing more.
pub(super) async fn stop(desk: Data<Desk>, token: Path<String>, reader: Reader) -> Result<HttpResponse, AppError> {
    let (who, class) = known(&desk, &token)?;
    desk.write(move |db, cx| mail_preferences::refuse_by_link(db, who, class, cx.now)).await?;
    page(&desk, reader.lang, class, false)
}

fn known(desk: &Desk, token: &str) -> Result<(MailReader, MailClass), AppError> {
    mail_preferences::read(&desk.auth().vault, token).ok_or(AppError::NotFound)
}

fn page(desk: &Desk, lang: Lang, class: MailClass, asks: bool) -> Result<HttpResponse, AppError> {
    let class = lang.tr(&format!("calendar.class.{class}"));
    let key = if asks { "calendar.unsubscribe.ask" } else { "calendar.unsubscribe.done" };
    let page = Page { lang, service: desk.service(), sentence: lang.fill(key, &[("class", &class)]), asks };
    let body = page.render().map_err(AppError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_LANGUAGE, lang.code()))
        .insert_header((header::VARY, "Accept-Language"))
        .body(body))
}
