//! What all pages share: head, foot, who is signed in, language, forms, and what went wrong.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use askama::Template;

use super::assets::{Site, stylesheet_mark};
use super::trouble::Trouble;
use crate::domain::Role;
use crate::error::AppError;
use crate::face::{Cookie, Desk, Holder, KEY, Public, Reader, Rendered, SEAL};
use crate::i18n::Lang;
use crate::services::Right;
use crate::services::sign_ins::Visitor;

/// Seconds that the choice of a language is remembered.
const LANGUAGE_SECONDS: i64 = 365 * 24 * 3600;

/// A request for a page, and what every page needs to answer it.
pub(super) struct Page {
    pub request: HttpRequest,
    pub reader: Reader,
    pub desk: Data<Desk>,
    pub public: Data<Public>,
    site: Data<Site>,
    query: Vec<(String, String)>,
}

impl FromRequest for Page {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or_else(|| AppError::internal("a page without a desk")))
    }
}

impl Page {
    fn of(request: &HttpRequest) -> Option<Self> {
        let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        Some(Self {
            reader: Reader::of(request.query_string(), request),
            desk: request.app_data::<Data<Desk>>()?.clone(),
            public: request.app_data::<Data<Public>>()?.clone(),
            site: request.app_data::<Data<Site>>()?.clone(),
            query: query.map(web::Query::into_inner).unwrap_or_default(),
            request: request.clone(),
        })
    }

    /// The language of the reader.
    pub fn lang(&self) -> Lang {
        self.reader.lang
    }

    /// A parameter of the address; empty when it is not there.
    pub fn query(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(known, value)| known == name && !value.contains('\0'));
        found.map_or("", |(_, value)| value)
    }

    /// All values of a parameter of the address, without those that cannot be kept or asked for.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = move |(known, value): &&(String, String)| known == name && !value.contains('\0');
        self.query.iter().filter(named).map(|(_, value)| value.as_str())
    }

    /// The frame around the answer.
    pub fn layout(&self, visitor: Option<&Visitor>) -> Layout {
        let mut layout = Layout::of(&self.request, self.reader, &self.site);
        layout.visitor = visitor.map(|visitor| Who::of(visitor, self.request.path(), layout.lang));
        layout.done = Some(self.query("done"))
            .filter(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
            .and_then(|word| layout.lang.find(&format!("pages.done.{word}")));
        layout.forms = Some((self.desk.clone(), Holder::of(&self.request, &self.public)));
        layout
    }

    /// A page of a form that could not be taken as it was; other errors have pages of their own.
    pub fn trouble(&self, error: AppError) -> Result<Trouble, AppError> {
        Trouble::of(error, self.lang())
    }

    /// A page as an answer. It may be personal and hold the secret of a form, so nobody keeps it.
    pub fn answer(&self, layout: &Layout, page: &impl Template) -> Result<HttpResponse, AppError> {
        let status = layout.trouble.as_ref().map_or(actix_web::http::StatusCode::OK, |trouble| trouble.status);
        let mut answer = HttpResponseBuilder::new(status);
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = layout.trouble.as_ref().and_then(|trouble| trouble.retry_after) {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some((_, holder)) = layout.forms.as_ref().filter(|(_, holder)| holder.fresh) {
            answer.append_header((header::SET_COOKIE, self.public.set(Cookie::Forms, holder.secret(), None)?));
        }
        if let Some(cookie) = self.language_cookie()? {
            answer.append_header((header::SET_COOKIE, cookie));
        }
        let mut answer = write(answer, layout.lang, page)?;
        answer.extensions_mut().insert(Rendered);
        Ok(answer)
    }

    /// A cookie that remembers the language, if the address names another one than is remembered.
    fn language_cookie(&self) -> Result<Option<HeaderValue>, AppError> {
        let known = self.public.read(&self.request, Cookie::Language);
        if !self.reader.chosen || known.as_deref() == Some(self.lang().code()) {
            return Ok(None);
        }
        self.remember(self.lang().code()).map(Some)
    }

    /// A cookie that remembers a language.
    pub fn remember(&self, language: &str) -> Result<HeaderValue, AppError> {
        self.public.set(Cookie::Language, language, Some(LANGUAGE_SECONDS))
    }

    /// Whether a language is remembered, or chosen by the address.
    pub fn has_language(&self) -> bool {
        self.reader.chosen || self.public.read(&self.request, Cookie::Language).is_some()
    }

    /// What a browser calls itself, in words that its owner knows again in a list.
    pub fn device(&self) -> String {
        let agent = self.request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        device(agent.unwrap_or_default())
    }
}

/// Browsers and systems by what stands in their name; of several, the first that stands there.
fn device(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 5] =
        [("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let known =
        |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Browser".to_owned(),
    }
}

/// The frame around a page.
pub(super) struct Layout {
    pub lang: Lang,
    pub site: Site,
    pub version: &'static str,
    pub stylesheet: String,
    /// The other language and the address of this page in it.
    pub other: (Lang, String),
    /// Who is signed in.
    pub visitor: Option<Who>,
    /// What was wrong with a form.
    pub trouble: Option<Trouble>,
    /// What was just done.
    pub done: Option<String>,
    forms: Option<(Data<Desk>, Holder)>,
    chosen: bool,
}

/// Who is signed in, as the head of a page says it.
pub(super) struct Who {
    pub name: String,
    pub items: Vec<Item>,
}

/// Where the head of a page leads.
pub(super) struct Item {
    pub address: &'static str,
    pub name: String,
    pub here: bool,
}

impl Who {
    fn of(visitor: &Visitor, path: &str, lang: Lang) -> Self {
        let is = |role: Role| visitor.caller.grants.iter().any(|grant| grant.role == role);
        let may = |right: Right| visitor.caller.check(right).is_ok();
        let all = [
            ("/", "pages.nav.home", true),
            ("/profile", "pages.nav.profile", is(Role::Coachee)),
            ("/learning", "pages.nav.learning", is(Role::Coachee)),
            ("/hours", "pages.nav.hours", is(Role::Coach)),
            ("/coach-profile", "pages.nav.coach_profile", is(Role::Coach)),
            ("/stuck", "pages.nav.stuck", may(Right::Admin)),
            ("/applications", "pages.nav.applications", may(Right::Admin)),
            ("/sign-up-claims", "pages.nav.claims", may(Right::Admin)),
            ("/cohorts", "pages.nav.cohorts", may(Right::Admin)),
            ("/holidays", "pages.nav.holidays", may(Right::NationalAdmin)),
            ("/mail", "pages.nav.mail", may(Right::NationalAdmin)),
            ("/jobs", "pages.nav.jobs", may(Right::Overseer)),
            ("/account", "pages.nav.account", true),
        ];
        let item = |(address, key, _): (&'static str, &str, bool)| Item {
            address,
            name: lang.tr(key).into_owned(),
            here: path == address,
        };
        Self { name: visitor.name.clone(), items: all.into_iter().filter(|(.., shown)| *shown).map(item).collect() }
    }
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
            visitor: None,
            trouble: None,
            done: None,
            forms: None,
            chosen: reader.chosen,
        }
    }

    /// The same where something was wrong.
    #[must_use]
    pub(super) fn with(mut self, trouble: Option<Trouble>) -> Self {
        self.trouble = trouble;
        self
    }

    /// The text of a key.
    pub(super) fn t(&self, key: &str) -> String {
        self.lang.tr(key).into_owned()
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

    /// The hidden fields of a form that changes something: its id and its seal. Safe HTML.
    pub(super) fn form(&self) -> String {
        let Some((desk, holder)) = &self.forms else { return String::new() };
        let (key, seal) = holder.form(desk.auth());
        format!(r#"<input type="hidden" name="{KEY}" value="{key}"><input type="hidden" name="{SEAL}" value="{seal}">"#)
    }

    /// What is wrong with a field.
    pub(super) fn fault(&self, field: &str) -> Option<&str> {
        self.trouble.as_ref()?.fault(field)
    }

    /// The attributes of a field that is wrong. Safe HTML.
    pub(super) fn marks(&self, field: &str, hint: bool) -> String {
        let wrong = self.fault(field).is_some();
        let described: Vec<String> = [(hint, "hint"), (wrong, "fault")]
            .into_iter()
            .filter(|(there, _)| *there)
            .map(|(_, kind)| format!("{field}-{kind}"))
            .collect();
        let invalid = if wrong { r#" aria-invalid="true""# } else { "" };
        match described.is_empty() {
            true => String::new(),
            false => format!(r#"{invalid} aria-describedby="{}""#, described.join(" ")),
        }
    }
}

/// A page that anybody may see, as an answer. What it shows may change, so it is asked for anew every time.
/// To who is signed in it is a page like any other, with their name and a form on it.
pub(super) fn html(page: &Page, layout: &Layout, shown: &impl Template) -> Result<HttpResponse, AppError> {
    if layout.visitor.is_some() {
        return page.answer(layout, shown);
    }
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if let Some(cookie) = page.language_cookie()? {
        answer.append_header((header::SET_COOKIE, cookie));
    }
    write(answer, page.lang(), shown)
}

fn write(mut answer: HttpResponseBuilder, lang: Lang, page: &impl Template) -> Result<HttpResponse, AppError> {
    let body = page.render().map_err(AppError::internal)?;
    Ok(answer
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_LANGUAGE, lang.code()))
        .insert_header((header::VARY, "Accept-Language, Cookie"))
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

    #[test]
    fn a_device_is_called_by_what_its_owner_knows() {
        let chrome = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML) Chrome/126.0 Mobile Safari/537.36";
        assert_eq!(device(chrome), "Chrome, Android");
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML) Chrome/126.0 Safari/537.36 Edg/126.0";
        assert_eq!(device(edge), "Edge, Windows");
        assert_eq!((device("curl/8"), device("")), ("Browser".into(), "Browser".into()));
    }
}
