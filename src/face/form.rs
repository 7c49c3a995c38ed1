//! Forms of the pages: what was filled in, whether the form is one of ours, and that it counts once.
//!
//! A form carries the id of this one filling in, which is its idempotency key, and a seal over that id
//! and over the secret in a cookie of the browser that the page was made for. Another site can make a
//! browser send a form; it cannot know the seal.

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use super::body::{BodyTime, collect};
use super::{Cookie, Desk, Once, Public};
use crate::auth::{Auth, digest, random_token};
use crate::error::AppError;

/// The field of the id of a form.
pub const KEY: &str = "form";
/// The field of its seal.
pub const SEAL: &str = "seal";

/// The secret in a cookie that the forms of a browser are bound to.
#[derive(Debug, Clone)]
pub struct Holder {
    secret: String,
    /// Whether the browser has yet to be given it.
    pub fresh: bool,
}

impl Holder {
    /// The holder of the forms on a page that answers a request: the secret of a browser that is signed
    /// in, else the one that visitors are given.
    pub fn of(request: &HttpRequest, address: &Public) -> Self {
        let known = Self::known(request, address);
        known.unwrap_or_else(|| Self { secret: random_token(), fresh: true })
    }

    fn known(request: &HttpRequest, address: &Public) -> Option<Self> {
        let read = |cookie| address.read(request, cookie);
        let secret = read(Cookie::Session).or_else(|| read(Cookie::Forms))?;
        Some(Self { secret, fresh: false })
    }

    /// The secret.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// A new form: its id, and its seal.
    pub fn form(&self, auth: &Auth) -> (String, String) {
        let key = uuid::Uuid::now_v7().simple().to_string();
        let seal = self.seal(auth, &key);
        (key, seal)
    }

    fn seal(&self, auth: &Auth, key: &str) -> String {
        auth.vault.keyed_digest(format!("form {key} {}", self.secret).as_bytes())
    }
}

/// A form that was sent from a page of ours.
pub struct Form {
    fields: Vec<(String, String)>,
    key: String,
    owner: String,
    /// Method, path and body: what makes it this request and no other.
    request: Vec<u8>,
}

impl FromRequest for Form {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let time = request.app_data::<web::Data<BodyTime>>().map_or(BodyTime::default(), |time| ***time);
            let bytes = collect(payload, time).await?;
            Self::read(&request, &bytes)
        })
    }
}

impl Form {
    fn read(request: &HttpRequest, bytes: &[u8]) -> Result<Self, AppError> {
        let missing = || AppError::internal("a form without a desk");
        let address = request.app_data::<web::Data<Public>>().ok_or_else(missing)?;
        let desk = request.app_data::<web::Data<Desk>>().ok_or_else(missing)?;
        if !is_ours(request, address) {
            return Err(AppError::FormOver);
        }
        let fields = fields(bytes);
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let holder = Holder::known(request, address).ok_or(AppError::FormOver)?;
        let key = field(KEY).filter(|key| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let key = key.ok_or(AppError::FormOver)?.to_owned();
        let expected = holder.seal(desk.auth(), &key);
        // Digests of both are compared, so that how long it takes says nothing about the seal.
        if digest(field(SEAL).unwrap_or_default()) != digest(&expected) {
            return Err(AppError::FormOver);
        }
        if fields.iter().any(|(_, value)| value.contains('\0')) {
            return Err(AppError::BadRequest);
        }
        let request = [format!("{} {}\n", request.method(), request.path()).as_bytes(), bytes].concat();
        Ok(Self { owner: format!("visitor {}", digest(holder.secret())), fields, key, request })
    }

    /// What was filled in; empty when nothing was.
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// What was filled in, if it is more than white space.
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.trim().is_empty())
    }

    /// All that was chosen.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a value was chosen.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|chosen| chosen == value)
    }

    /// The version of the thing that was seen on the page, if it says so.
    pub fn seen(&self) -> Option<i32> {
        self.text("seen").parse().ok()
    }

    /// The form as an act that counts once, of this browser's; of an account's with [`Once::by`].
    pub fn once(&self) -> Once {
        Once::of_form(&self.key, &self.owner, &self.request)
    }
}

fn is_ours(request: &HttpRequest, address: &Public) -> bool {
    let header = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let kind = header(CONTENT_TYPE).and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        && address.sends(
            header(ORIGIN),
            header(HeaderName::from_static("sec-fetch-site")),
            header(HOST).unwrap_or_default(),
        )
}

/// The fields of a form, with line breaks as we keep them.
fn fields(bytes: &[u8]) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(bytes);
    pairs.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let fields = fields(b"a=1&b=x+y%0D%0Az&b=%C3%A9&c");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(fields, [pair("a", "1"), pair("b", "x y\nz"), pair("b", "é"), pair("c", "")]);
    }
}
