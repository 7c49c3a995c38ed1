//! Who reads the answer: language and, for links, how it was chosen.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AcceptLanguage, COOKIE, Header};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::cookies::language;
use crate::i18n::Lang;

/// The reader of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// The language: that of `?lang=`, else of the cookie that remembers it, else the best of `Accept-Language`,
    /// else Indonesian.
    pub lang: Lang,
    /// Whether the address itself names the language, so that links must go on naming it.
    pub chosen: bool,
}

impl Reader {
    /// The reader of a request, by its query string and headers.
    pub fn of(query: &str, message: &impl HttpMessage) -> Self {
        let named = query.split('&').filter_map(|pair| pair.strip_prefix("lang=")).find_map(Lang::of);
        let cookies = message.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
        let remembered = || language(cookies).as_deref().and_then(Lang::of);
        let lang = named.or_else(remembered).unwrap_or_else(|| {
            let ranked = AcceptLanguage::parse(message).map(|header| header.ranked()).unwrap_or_default();
            ranked
                .iter()
                .filter_map(|wanted| wanted.item())
                .find_map(|tag| Lang::of(tag.primary_language()))
                .unwrap_or_default()
        });
        Self { lang, chosen: named.is_some() }
    }
}

impl FromRequest for Reader {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request.query_string(), request)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn reader(query: &str, accepts: &str) -> Reader {
        let request = TestRequest::default().insert_header(("Accept-Language", accepts)).to_http_request();
        Reader::of(query, &request)
    }

    #[test]
    fn the_address_outranks_the_browser_and_indonesian_is_the_rest() {
        assert_eq!(reader("", "").lang, Lang::Id);
        assert_eq!(reader("", "fr, en;q=0.8, id;q=0.7").lang, Lang::En);
        assert_eq!(reader("", "en;q=0.5, id-ID").lang, Lang::Id);
        assert_eq!(reader("", "*;;q=x").lang, Lang::Id);
        assert_eq!(reader("page=2&lang=en", "id"), Reader { lang: Lang::En, chosen: true });
        let remembering = TestRequest::default().insert_header(("cookie", "coachnet_language=en"));
        let remembering = remembering.insert_header(("accept-language", "id")).to_http_request();
        assert_eq!(Reader::of("", &remembering), Reader { lang: Lang::En, chosen: false });
        assert_eq!(Reader::of("lang=id", &remembering).lang, Lang::Id);
        assert_eq!(reader("lang=fr", "en"), Reader { lang: Lang::En, chosen: false });
    }
}
