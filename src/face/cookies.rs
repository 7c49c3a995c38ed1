//! Cookies of the pages: what they are called, how they are read and set.

use actix_web::HttpRequest;
use actix_web::http::header::{COOKIE, HeaderValue};

use super::Public;
use crate::error::AppError;

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// The secret of a browser that is signed in.
    Session,
    /// What the forms of a visitor who is not signed in are bound to.
    Forms,
    /// Between the password and the one-time code: the ticket that the password gave.
    Code,
    /// The language that the reader chose.
    Language,
}

/// The name of the cookie of the language, which is no secret and needs no protection.
const LANGUAGE: &str = "coachnet_language";

impl Public {
    /// Whether browsers come over TLS.
    fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }

    fn name(&self, cookie: Cookie) -> String {
        let name = match cookie {
            Cookie::Session => "coachnet",
            Cookie::Forms => "coachnet_forms",
            Cookie::Code => "coachnet_code",
            Cookie::Language => return LANGUAGE.into(),
        };
        // Browsers take a name with this prefix only over TLS and from this very host, not from a neighbour's.
        if self.is_secure() { format!("__Host-{name}") } else { name.into() }
    }

    /// The value of a cookie of a request; none when it is not there, or no value of ours.
    pub fn read(&self, request: &HttpRequest, cookie: Cookie) -> Option<String> {
        let headers = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
        find(headers, &self.name(cookie))
    }

    /// A cookie, for so many seconds; none: until the browser is closed.
    ///
    /// # Errors
    /// When the value cannot stand in a cookie, which none of ours is.
    pub fn set(&self, cookie: Cookie, value: &str, seconds: Option<i64>) -> Result<HeaderValue, AppError> {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let line = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.name(cookie));
        HeaderValue::try_from(line).map_err(AppError::internal)
    }

    /// A cookie that is to be forgotten.
    ///
    /// # Errors
    /// Never.
    pub fn forget(&self, cookie: Cookie) -> Result<HeaderValue, AppError> {
        self.set(cookie, "", Some(0))
    }

    /// Whether a form comes from a page of ours, as far as the browser says where it comes from. `host` is
    /// what the browser took us for.
    pub(super) fn sends(&self, origin: Option<&str>, site: Option<&str>, host: &str) -> bool {
        let from_us = |origin: &str| {
            let origin = origin.to_ascii_lowercase();
            let of_host = origin.split_once("://").is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host));
            of_host || (!self.origin.is_empty() && origin == self.origin)
        };
        // `none`: the person themselves, as by sending a form again.
        origin.is_none_or(from_us) && site.is_none_or(|site| matches!(site, "same-origin" | "none"))
    }
}

/// The language that a cookie among these headers names.
pub(super) fn language<'a>(headers: impl Iterator<Item = &'a str>) -> Option<String> {
    find(headers, LANGUAGE)
}

fn find<'a>(headers: impl Iterator<Item = &'a str>, name: &str) -> Option<String> {
    let mut pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name)?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    ((1..=64).contains(&value.len()) && value.bytes().all(good)).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn over_tls_a_cookie_is_kept_from_neighbours() {
        let safe = Public::new("https://Coach.contoh.go.id/", "", "");
        let set = safe.set(Cookie::Session, "abc", Some(60)).unwrap();
        assert_eq!(set, "__Host-coachnet=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
        let plain = Public::default().set(Cookie::Session, "abc", None).unwrap();
        assert_eq!(plain, "coachnet=abc; Path=/; HttpOnly; SameSite=Lax");
        let request = TestRequest::default().insert_header(("cookie", "coachnet=planted; x=1")).to_http_request();
        assert_eq!(safe.read(&request, Cookie::Session), None);
        assert_eq!(Public::default().read(&request, Cookie::Session).as_deref(), Some("planted"));
    }

    #[test]
    fn only_values_of_ours_are_read() {
        let read = |cookie: &str| find([cookie].into_iter(), "coachnet");
        assert_eq!(read("a=b; coachnet=A-z_0").as_deref(), Some("A-z_0"));
        for bad in ["", "coachnet=", "coachnet", "coachnet=a b", "coachnet=\"a\"", "coachnet2=x", "xcoachnet=x"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&format!("coachnet={}", "a".repeat(65))), None);
    }

    #[test]
    fn forms_of_other_sites_are_known() {
        let ours = Public::new("https://coach.contoh.go.id", "", "");
        let sends = |origin, site| ours.sends(origin, site, "10.0.0.7:8080");
        assert!(sends(None, None));
        assert!(sends(Some("https://coach.contoh.go.id"), Some("same-origin")));
        assert!(sends(Some("http://10.0.0.7:8080"), None), "as reached behind a proxy");
        assert!(sends(None, Some("none")));
        for (origin, site) in [
            (Some("https://evil.test"), None),
            (Some("null"), None),
            (Some("https://coach.contoh.go.id.evil.test"), None),
            (Some("http://coach.contoh.go.id"), None),
            (None, Some("cross-site")),
            (None, Some("same-site")),
            (Some("https://coach.contoh.go.id"), Some("cross-site")),
        ] {
            assert!(!sends(origin, site), "{origin:?} {site:?}");
        }
        assert!(!Public::default().sends(Some(""), None, "127.0.0.1:80"));
    }
}
