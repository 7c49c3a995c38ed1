//! Forms that anybody may send from anywhere: what they do is permitted by the secret in their address, not by who
//! sends them, so they are bound to no browser and no page.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use super::body::{BodyTime, collect};
use crate::error::AppError;

/// The fields of such a form; none where the body is no form.
pub struct Unbound(Vec<(String, String)>);

impl FromRequest for Unbound {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let time = request.app_data::<web::Data<BodyTime>>().map_or(BodyTime::default(), |time| ***time);
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let (kind, payload) = (kind.to_owned(), payload.take());
        Box::pin(async move { Ok(Self(read(&kind, &collect(payload, time).await?))) })
    }
}

impl Unbound {
    /// Whether a field has a value.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(known, given)| known == name && given == value)
    }
}

/// The fields of a body of a kind. Mail programs write it in either way (RFC 8058, section 3.2).
fn read(kind: &str, bytes: &[u8]) -> Vec<(String, String)> {
    let (name, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    match name.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => url::form_urlencoded::parse(bytes).into_owned().collect(),
        "multipart/form-data" => parts(parameters, &String::from_utf8_lossy(bytes)),
        _ => Vec::new(),
    }
}

/// The fields of a body in parts (RFC 7578), as far as they are short texts.
fn parts(parameters: &str, body: &str) -> Vec<(String, String)> {
    let Some((_, boundary)) = parameters.split_once("boundary=") else { return Vec::new() };
    let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"');
    if boundary.is_empty() {
        return Vec::new();
    }
    let field = |part: &str| {
        let (head, value) = part.split_once("\r\n\r\n")?;
        let (_, name) = head.split_once(" name=")?;
        let name = name.split([';', '\r']).next().unwrap_or_default().trim().trim_matches('"');
        Some((name.to_owned(), value.strip_suffix("\r\n").unwrap_or(value).to_owned()))
    };
    body.split(&format!("--{boundary}")).filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_in_either_way() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read("application/x-www-form-urlencoded; charset=utf-8", b"a=1&b=x+y"),
            [pair("a", "1"), pair("b", "x y")]
        );
        let body = "--x1\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x1--\r\n";
        let expected = [pair("List-Unsubscribe", "One-Click")];
        assert_eq!(read("multipart/form-data; boundary=x1", body.as_bytes()), expected);
        assert_eq!(read("Multipart/Form-Data; boundary=\"x1\"", body.as_bytes()), expected);
        for (kind, body) in [
            ("", "a=1"),
            ("text/plain", "a=1"),
            ("multipart/form-data", body),
            ("multipart/form-data; boundary=", body),
        ] {
            assert_eq!(read(kind, body.as_bytes()), [], "{kind}");
        }
    }
}
