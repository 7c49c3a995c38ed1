//! Who looks at a page: typed extractors, so that the signature of a page says who may see it. A page
//! knows a browser by its cookie, never by a token; the API knows tokens, never cookies.

use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use super::{Cookie, Desk, OpenResults, Public};
use crate::error::AppError;
use crate::services::sign_ins::Visitor;
use crate::services::{Denial, Right};

/// Looks the browser up that a request comes from, once for a request. As things stand in the database: a page costs
/// several queries anyway, so nothing is remembered that could be out of date.
pub(super) async fn visitor(request: &HttpRequest) -> Result<Visitor, AppError> {
    let known = request.extensions().get::<Visitor>().cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let address = request.app_data::<web::Data<Public>>();
    let secret = address.and_then(|address| address.read(request, Cookie::Session));
    let secret = secret.ok_or(Denial::Unauthorized)?;
    let desk = request.app_data::<web::Data<Desk>>().ok_or_else(|| AppError::internal("there is no desk"))?;
    let found = desk.visitor(secret).await?;
    request.extensions_mut().insert(found.clone());
    Ok(found)
}

/// Whoever it is, signed in or not.
pub struct Anybody(pub Option<Visitor>);

impl FromRequest for Anybody {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match visitor(&request).await {
                Ok(visitor) => Ok(Self(Some(visitor))),
                Err(AppError::Denied(Denial::Unauthorized)) => Ok(Self(None)),
                Err(error) => Err(error),
            }
        })
    }
}

macro_rules! page_extractors {
    ($($(#[$meta:meta])* $name:ident: $right:ident),+ $(,)?) => { $(
        $(#[$meta])*
        pub struct $name(pub Visitor);

        impl FromRequest for $name {
            type Error = AppError;
            type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move {
                    let visitor = visitor(&request).await?;
                    visitor.caller.check(Right::$right)?;
                    Ok(Self(visitor))
                })
            }
        }

        impl Deref for $name {
            type Target = Visitor;

            fn deref(&self) -> &Visitor {
                &self.0
            }
        }
    )+ };
}

page_extractors! {
    /// Anybody who is signed in.
    PageSignedIn: SignedIn,
    /// A coachee.
    PageCoachee: Coachee,
    /// A coach.
    PageCoach: Coach,
    /// An admin, of one agency or of all.
    PageAdmin: Admin,
    /// An admin of all.
    PageNationalAdmin: NationalAdmin,
    /// Who oversees the service itself: an admin of all, or an auditor.
    PageOverseer: Overseer,
}

/// Somebody who may look at the results of runs: an admin of all, an auditor, or anybody where results
/// are open.
pub struct PageResultsReader(pub Option<Visitor>);

impl FromRequest for PageResultsReader {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let open = request.app_data::<web::Data<OpenResults>>().is_some_and(|open| open.0);
        let anybody = Anybody::from_request(request, payload);
        Box::pin(async move {
            let Anybody(visitor) = anybody.await?;
            if !open {
                visitor.as_ref().ok_or(Denial::Unauthorized)?.caller.check(Right::ReadResults)?;
            }
            Ok(Self(visitor))
        })
    }
}

/// Longest address that somebody is sent to after signing in.
const LONGEST: usize = 512;

/// An address of ours that a request asks to be sent to, or none: whatever a browser could take for
/// another site is refused. Only characters that our addresses are made of pass, so that none is
/// dropped or turned by a browser.
pub fn own_path(text: &str) -> Option<&str> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~?=&%+,:".contains(&byte);
    let own = text.starts_with('/') && !text.contains("//") && !text.contains("/.") && text.bytes().all(good);
    let elsewhere = ["/sign-in", "/sign-out"].iter().any(|page| text.starts_with(page));
    (own && !elsewhere && text.len() <= LONGEST).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_addresses_are_gone_to() {
        for own in ["/", "/offers/019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69", "/runs/1?province=91&lang=en", "/a?b=%2F%2Fx"]
        {
            assert_eq!(own_path(own), Some(own));
        }
        let long = format!("/{}", "a".repeat(LONGEST));
        for foreign in [
            "",
            "offers",
            "//evil.test",
            "///evil.test",
            "/\\evil.test",
            "\\/evil.test",
            "/\t/evil.test",
            "/\n/evil.test",
            "\t//evil.test",
            " //evil.test",
            "/ /evil.test",
            "https://evil.test",
            "http:evil.test",
            "https:/evil.test",
            "javascript:alert(1)",
            "data:text/html,x",
            "/x@evil.test",
            "/./\\evil.test",
            "/.//evil.test",
            "/..//evil.test",
            "/%0d%0aSet-Cookie:x\r\n",
            "/\u{2044}evil.test",
            "/\u{ff0f}evil.test",
            "/x#//evil.test",
            "/sign-in?next=/",
            "/sign-out",
            &long,
        ] {
            assert_eq!(own_path(foreign), None, "{foreign:?}");
        }
    }
}
