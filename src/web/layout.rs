//! What all pages share: head, foot, language, addresses that keep the language.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::assets::{Site, stylesheet_mark};
use crate::error::AppError;
use crate::face::Reader;
use crate::i18n::Lang;

/// The frame around a page.
pub(super) struct Layout {
    pub lang: Lang,
    pub site: Site,
    pub version: &'static str,
    pub stylesheet: String,
    /// The other language and the address of this page in it.
    pub other: (Lang, String),
    chosen: bool,
}

impl Layout {
    pub(super) fn of(request: &HttpRequest, reader: Reader, site: &Site) -> Self {
        let other = match reader.lang {
            Lang::Id => Lang::En,
            Lang::En => Lang::Id,
        };
        let kept = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
        let lang = format!("lang={}", other.code());
        let query: Vec<&str> = kept.chain([lang.as_str()]).collect();
        Self {
            lang: reader.lang,
            site: site.clone(),
            version: env!("CARGO_PKG_VERSION"),
            stylesheet: format!("/assets/site.css?{}", stylesheet_mark()),
            other: (other, format!("{}?{}", request.path(), query.join("&"))),
            chosen: reader.chosen,
        }
    }

    /// An address of ours that goes on naming the language if this one does.
    pub(super) fn link(&self, address: &str) -> String {
        if !self.chosen {
            return address.to_owned();
        }
        let (address, anchor) = address.split_once('#').map_or((address, String::new()), |(a, b)| (a, format!("#{b}")));
        let joint = if address.contains('?') { '&' } else { '?' };
        format!("{address}{joint}lang={}{anchor}", self.lang.code())
    }

    /// The language a form must carry along, if any.
    pub(super) fn form_lang(&self) -> Option<&'static str> {
        self.chosen.then(|| self.lang.code())
    }
}

/// A page as an answer. What it shows may change, so it is asked for anew every time.
pub(super) fn html(lang: Lang, page: &impl Template) -> Result<HttpResponse, AppError> {
    let body = page.render().map_err(AppError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::CONTENT_LANGUAGE, lang.code()))
        .insert_header((header::VARY, "Accept-Language"))
        .body(body))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn layout(uri: &str) -> Layout {
        let request = TestRequest::with_uri(uri).to_http_request();
        let reader = Reader::of(request.query_string(), &request);
        Layout::of(&request, reader, &Site { name: "N".into(), contact: String::new() })
    }

    #[test]
    fn links_go_on_naming_a_language_that_was_named() {
        assert_eq!(layout("/").link("/runs/1?province=91#pairs"), "/runs/1?province=91#pairs");
        assert_eq!(layout("/?lang=en").link("/runs/1?province=91#pairs"), "/runs/1?province=91&lang=en#pairs");
        assert_eq!(layout("/?lang=en").link("/"), "/?lang=en");
    }

    #[test]
    fn the_other_language_is_the_same_page() {
        let layout = layout("/runs/1?province=91&lang=en");
        assert_eq!(layout.other, (Lang::Id, "/runs/1?province=91&lang=id".into()));
    }
}
