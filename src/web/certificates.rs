//! Whether a completion certificate is genuine: for anybody who holds one, without an account.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use crate::error::AppError;
use crate::face::{Origin, Params};
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
pub(super) async fn form(page: Page, origin: Origin, mut params: Params) -> Result<HttpResponse, AppError> {
    let code = params.text("code");
    params.finish()?;
    answer(&page, origin, code).await
}

/// The answer about a code, as the QR code of a certificate leads to it.
pub(super) async fn show(
    page: Page,
    origin: Origin,
    params: Params,
    code: Path<String>,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    answer(&page, origin, Some(code.into_inner())).await
}

async fn answer(page: &Page, origin: Origin, typed: Option<String>) -> Result<HttpResponse, AppError> {
    let typed = typed.filter(|typed| !typed.trim().is_empty());
    let layout = page.layout(None);
    let answer = match typed.clone() {
        None => None,
        Some(typed) => {
            let found = page.desk.write(move |db, cx| certificates::check(db, cx, &typed, origin.0)).await?;
            Some(Answer::of(found.as_ref(), &layout))
        }
    };
    let typed = typed.unwrap_or_default().chars().take(64).collect();
    let shown = CertificatePage { layout, typed, answer };
    let mut response = page.answer(&shown.layout, &shown)?;
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
        Self { title: title.into_owned(), meaning: meaning.into_owned(), facts: facts.into_iter().flatten().collect() }
    }
}
