//! `If-Match`: which state of a thing a change is meant for.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{Header, IF_MATCH, IfMatch};
use actix_web::{FromRequest, HttpRequest};

use crate::error::AppError;
use crate::services::Denial;

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
}
