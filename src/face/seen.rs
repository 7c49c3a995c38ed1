//! `If-Match`: which state of a thing a change is meant for.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{Header, IF_MATCH, IfMatch};
use actix_web::{FromRequest, HttpRequest};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::AppError;
use crate::services::{Denial, ServiceError, ServiceResult};

/// The version of a thing that the caller has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen(pub i32);

impl FromRequest for Seen {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    /// Exactly one strong tag: `*` would say nothing about what was seen, and a tag that is not ours
    /// belongs to no state there is.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match IfMatch::parse(request) {
            Ok(IfMatch::Items(tags)) if tags.len() == 1 && !tags[0].weak => {
                tags[0].tag().parse().map(Self).map_err(|_| Denial::Stale.into())
            }
            Ok(IfMatch::Items(tags)) if !tags.is_empty() => Err(Denial::Stale.into()),
            _ => Err(AppError::PreconditionRequired),
        })
    }
}

/// The version of a thing that the caller has seen, if they say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaySeen(pub Option<i32>);

impl FromRequest for MaySeen {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !request.headers().contains_key(IF_MATCH) {
            return ready(Ok(Self(None)));
        }
        let seen = Seen::from_request(request, payload).into_inner();
        // A header that names no version names none that is there.
        ready(seen.map(|seen| Self(Some(seen.0))).map_err(|_| Denial::Stale.into()))
    }
}

/// The state of a thing that has no version, as the caller has seen it, if they say so: by the tag of what was shown.
#[derive(Debug, Clone)]
pub struct MaySeenAs(Option<String>);

impl FromRequest for MaySeenAs {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match IfMatch::parse(request) {
            _ if !request.headers().contains_key(IF_MATCH) => Ok(Self(None)),
            Ok(IfMatch::Items(tags)) if tags.len() == 1 && !tags[0].weak => Ok(Self(Some(tags[0].tag().to_owned()))),
            _ => Err(Denial::Stale.into()),
        })
    }
}

impl MaySeenAs {
    /// Asks whether a thing is still as it was seen.
    ///
    /// # Errors
    /// [`Denial::Stale`] when it would be shown otherwise by now, or those of looking.
    pub fn is_still<T: Serialize>(&self, look: impl FnOnce() -> ServiceResult<T>) -> ServiceResult<()> {
        let Some(seen) = &self.0 else { return Ok(()) };
        if *seen == tag_of(&look()?)? { Ok(()) } else { Err(Denial::Stale.into()) }
    }
}

/// The tag of what is shown of a thing.
///
/// # Errors
/// When it has no JSON form.
pub fn tag_of(shown: &impl Serialize) -> ServiceResult<String> {
    let json = serde_json::to_vec(shown).map_err(|why| ServiceError::Internal(why.to_string()))?;
    Ok(tag_of_bytes(&json))
}

/// The tag of bytes.
pub fn tag_of_bytes(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_a_version_that_was_seen_counts() {
        let seen = |value: &str| {
            let request = TestRequest::default().insert_header(("If-Match", value)).to_http_request();
            Seen::extract(&request).into_inner().map(|seen| seen.0).map_err(|error| error.slug())
        };
        assert_eq!(seen("\"7\""), Ok(7));
        for stale in ["\"x\"", "W/\"7\"", "\"7\", \"8\""] {
            assert_eq!(seen(stale), Err("stale"), "{stale}");
        }
        assert_eq!(seen("*"), Err("precondition-required"));
        let none = TestRequest::default().to_http_request();
        assert!(matches!(Seen::extract(&none).into_inner(), Err(AppError::PreconditionRequired)));
        assert!(matches!(MaySeen::extract(&none).into_inner(), Ok(MaySeen(None))));
        let any = TestRequest::default().insert_header(("If-Match", "*")).to_http_request();
        assert_eq!(MaySeen::extract(&any).into_inner().unwrap_err().slug(), "stale");
    }

    #[test]
    fn what_was_shown_is_still_so_or_not() {
        let tag = tag_of(&[1, 2]).unwrap();
        let still = |value: &str, now: [u8; 2]| {
            let request = TestRequest::default().insert_header(("If-Match", value)).to_http_request();
            let seen = MaySeenAs::extract(&request).into_inner().map_err(|error| error.slug())?;
            seen.is_still(|| Ok(now)).map_err(|_| "denied")
        };
        assert_eq!(still(&format!("\"{tag}\""), [1, 2]), Ok(()));
        assert_eq!(still(&format!("\"{tag}\""), [2, 1]), Err("denied"));
        for other in ["*".to_owned(), format!("W/\"{tag}\""), format!("\"{tag}\", \"x\"")] {
            assert_eq!(still(&other, [1, 2]), Err("stale"), "{other}");
        }
        let none = TestRequest::default().to_http_request();
        let unseen = MaySeenAs::extract(&none).into_inner().unwrap();
        unseen.is_still(|| -> ServiceResult<u8> { unreachable!("nobody asks") }).unwrap();
    }
}
