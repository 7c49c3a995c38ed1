//! `Idempotency-Key`: a request that says by its key that it is the same as an earlier one.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::auth::Auth;
use crate::error::AppError;
use crate::services::Caller;
use crate::store::idempotency::Asked;

const HEADER: &str = "idempotency-key";
/// Longest key, in characters.
const LONGEST: usize = 255;
/// The owner of keys of requests by nobody in particular.
const ANYBODY: &str = "anybody";

/// The key of a request, if it has one, and what the request is.
pub struct Once {
    key: Option<String>,
    owner: String,
    request: Vec<u8>,
}

impl FromRequest for Once {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = request.headers().get(HEADER).map(|value| value.to_str().unwrap_or_default().to_owned());
        let good = |key: &String| (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.as_ref().is_some_and(|key| !good(key)) {
            return ready(Err(AppError::parameter("Idempotency-Key", "error.parameter.idempotency_key")));
        }
        let request = format!("{} {}\n", request.method(), request.path()).into_bytes();
        ready(Ok(Self { key, owner: ANYBODY.into(), request }))
    }
}

impl Once {
    /// The sending of a form, which carries its own key.
    pub(super) fn of_form(key: &str, owner: &str, request: &[u8]) -> Self {
        Self { key: Some(key.to_owned()), owner: owner.to_owned(), request: request.to_vec() }
    }

    /// A request by somebody: others with the same key are others.
    #[must_use]
    pub fn by(self, caller: &Caller) -> Self {
        Self { owner: caller.account.to_string(), ..self }
    }

    /// A request with this body.
    #[must_use]
    pub fn with(mut self, body: &[u8]) -> Self {
        self.request.extend_from_slice(body);
        self
    }

    /// As it is kept. Bodies may hold passwords, so their digest has a key.
    pub(super) fn asked(self, auth: &Auth) -> Option<Asked> {
        let request_digest = auth.vault.keyed_digest(&self.request);
        Some(Asked { key: self.key?, owner: self.owner, request_digest })
    }
}
