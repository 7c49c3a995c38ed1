//! Whether a completion certificate is genuine: for anybody who holds one, without an account.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;

use super::assets::Site;
use super::layout::{Layout, html};
use crate::error::AppError;
use crate::face::{Desk, Origin, Params, Reader};
use crate::services::certificates::{self, Standing};
use crate::store::certificates::Certificate;

#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    layout: Layout,
    /// What was typed.
    typed: String,
    /// What was found, once somebody asked.
    answer: Option<Answer>,
}

/// What anybody may know.
struct Answer {
    title: String,
    meaning: String,
    facts: Vec<Fact>,
}

struct Fact {
    name: String,
    value: String,
}

/// The form, and the answer where a code came with it.
#[get("/certificates")]
pub(super) async fn form(
    desk: Data<Desk>,
    site: Data<Site>,
    reader: Reader,
    origin: Origin,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let code = params.text("code");
    params.finish()?;
    answer(&desk, &site, reader, origin, code, &request).await
}

/// The answer about a code, as the QR code of a certificate leads to it.
#[get("/certificates/{code}")]
pub(super) async fn show(
    desk: Data<Desk>,
    site: Data<Site>,
    reader: Reader,
    origin: Origin,
    params: Params,
    code: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    answer(&desk, &site, reader, origin, Some(code.into_inner()), &request).await
}

async fn answer(
    desk: &Desk,
    site: &Site,
    reader: Reader,
    origin: Origin,
    typed: Option<String>,
    request: &HttpRequest,
) -> Result<HttpResponse, AppError> {
    let typed = typed.filter(|typed| !typed.trim().is_empty());
    let layout = Layout::of(request, reader, site);
    let answer = match typed.clone() {
        None => None,
        Some(typed) => {
            let found = desk.write(move |db, cx| certificates::check(db, cx, &typed, origin.0)).await?;
            Some(Answer::of(found.as_ref(), &layout))
        }
    };
    let typed = typed.unwrap_or_default().chars().take(64).collect();
    let mut response = html(reader.lang, &CertificatePage { layout, typed, answer })?;
    // What a certificate says of somebody is for who holds it, not for search engines.
    let robots = HeaderName::from_static("x-robots-tag");
    response.headers_mut().insert(robots, HeaderValue::from_static("noindex, nofollow"));
    Ok(response)
}

impl Answer {
    fn of(found: Option<&Certificate>, layout: &Layout) -> Self {
        let lang = layout.lang;
        let (title, meaning) = match certificates::standing(found) {
            Standing::Valid => (lang.tr("credit.check.valid.title"), lang.tr("credit.check.valid.meaning")),
            Standing::Withdrawn => (lang.tr("credit.check.withdrawn.title"), lang.tr("credit.check.withdrawn.meaning")),
            Standing::NotFound => (lang.tr("credit.check.not_found.title"), lang.tr("credit.check.not_found.meaning")),
        };
        let facts = found.map(|certificate| {
            let number = |cell: i16| lang.number(i64::from(cell));
            [
                (lang.tr("credit.check.name"), certificate.name.clone()),
                (lang.tr("credit.check.number"), certificate.number.clone()),
                (lang.tr("credit.check.issued"), lang.date(certificates::issued_on(certificate))),
                (lang.tr("credit.check.sessions"), number(certificate.sessions)),
                (lang.tr("credit.check.jp"), number(certificate.jp)),
            ]
            .map(|(name, value)| Fact { name: name.into_owned(), value })
        });
        Self {
            title: title.into_owned(),
            meaning: meaning.into_owned(),
            facts: facts.into_iter().flatten().collect(),
        }
    }
}
