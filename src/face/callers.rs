//! Who asks: typed extractors, so that the signature of a handler says who may call it.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::TimeDelta;
use futures_util::future::LocalBoxFuture;
use parking_lot::Mutex;

use super::Desk;
use crate::auth::{Access, digest};
use crate::domain::AgencyCode;
use crate::error::AppError;
use crate::services::disclosures::Look;
use crate::services::{Caller, Denial, Right};
use crate::store::types::Stamp;
use crate::store::{AccountId, SignInId};

/// How long what is known about a caller is trusted: other processes may have signed them out, closed the
/// account or taken a role away since. In seconds.
const TRUST_SECONDS: i64 = 3;
/// Callers remembered at most.
const MOST: usize = 20_000;

/// Remembers callers for a moment, so that a device that asks often does not cost a query each time, and
/// its token is verified once.
#[derive(Clone, Default)]
pub struct Callers(Arc<Mutex<HashMap<String, Known>>>);

struct Known {
    access: Access,
    caller: Caller,
    as_of: Stamp,
}

impl Callers {
    /// Forgets a device, or all of an account: they are asked about anew.
    pub fn forget(&self, account: AccountId, sign_in: Option<SignInId>) {
        self.0.lock().retain(|_, known| {
            known.caller.account != account || sign_in.is_some_and(|sign_in| known.caller.sign_in != sign_in)
        });
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.lock().clear();
    }

    /// Who a token belongs to.
    pub(super) async fn find(&self, desk: &Desk, token: &str) -> Result<Caller, AppError> {
        let (key, now) = (digest(token), desk.now());
        let known = self.0.lock().get(&key).map(|known| (known.access, known.caller.clone(), known.as_of));
        let access = match known {
            Some((access, ..)) if access.expires_at <= now.time() => return Err(Denial::Unauthorized.into()),
            Some((_, caller, as_of)) if now.time() - as_of.time() < TimeDelta::seconds(TRUST_SECONDS) => {
                return Ok(caller);
            }
            Some((access, ..)) => access,
            None => desk.auth().tokens.verify(token, now.time()).map_err(|_| Denial::Unauthorized)?,
        };
        let found = desk.caller(access).await;
        let mut all = self.0.lock();
        match found {
            Ok(caller) => {
                if all.len() >= MOST {
                    all.clear();
                }
                all.insert(key, Known { access, caller: caller.clone(), as_of: now });
                Ok(caller)
            }
            Err(error) => {
                all.remove(&key);
                Err(error)
            }
        }
    }
}

/// The caller of a request with this right.
async fn caller(request: &HttpRequest, right: Right) -> Result<Caller, AppError> {
    let token = bearer(request).ok_or(Denial::Unauthorized)?;
    let desk = request.app_data::<web::Data<Desk>>().ok_or_else(|| AppError::internal("there is no desk"))?;
    let callers = request.app_data::<web::Data<Callers>>().ok_or_else(|| AppError::internal("there are no callers"))?;
    let caller = callers.find(desk, token).await?;
    caller.check(right)?;
    Ok(caller)
}

pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

macro_rules! extractors {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$meta])*
        pub struct $name(pub Caller);

        impl FromRequest for $name {
            type Error = AppError;
            type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move { caller(&request, Right::$name).await.map($name) })
            }
        }

        impl Deref for $name {
            type Target = Caller;

            fn deref(&self) -> &Caller {
                &self.0
            }
        }
    )+ };
}

extractors! {
    /// Anybody who is signed in.
    SignedIn,
    /// A coachee.
    Coachee,
    /// A coach.
    Coach,
    /// An admin, of one agency or of all.
    Admin,
    /// An admin of all.
    NationalAdmin,
    /// An auditor.
    Auditor,
    /// Who may watch the programme: an admin, of one agency or of all, or an auditor.
    Watcher,
    /// Who oversees the service itself: an admin of all, or an auditor.
    Overseer,
}

/// Whether results may be read without signing in, as those of a demo.
#[derive(Debug, Clone, Copy)]
pub struct OpenResults(pub bool);

/// Somebody who may read the results of runs: an admin of all, an auditor, or anybody where results are open; an
/// agency's admin those of the agency's own cohorts.
pub struct ResultsReader {
    /// None where results are open: nobody is asked who they are.
    caller: Option<Caller>,
    agency: Option<AgencyCode>,
}

impl ResultsReader {
    /// The agency to whose cohorts they are confined; none: all.
    pub fn agency(&self) -> Option<&AgencyCode> {
        self.agency.as_ref()
    }

    /// A look of theirs at a list.
    pub fn look(&self, list: &str) -> Look {
        Look::by(self.caller.as_ref(), list)
    }
}

impl FromRequest for ResultsReader {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let open = are_open(request);
        let request = request.clone();
        Box::pin(async move {
            if open {
                return Ok(Self { caller: None, agency: None });
            }
            let caller = caller(&request, Right::SignedIn).await?;
            let agency = match caller.check(Right::ReadResults) {
                Ok(()) => None,
                Err(denial) => match caller.check(Right::Admin) {
                    Ok(()) => Some(caller.agency().cloned().ok_or(denial)?),
                    Err(Denial::SecondFactorNeeded) => return Err(Denial::SecondFactorNeeded.into()),
                    Err(_) => return Err(denial.into()),
                },
            };
            Ok(Self { caller: Some(caller), agency })
        })
    }
}

fn are_open(request: &HttpRequest) -> bool {
    request.app_data::<web::Data<OpenResults>>().is_some_and(|open| open.0)
}

/// Somebody who may look coaches up: anybody who is signed in, or anybody at all where results are open.
pub struct CoachesReader;

impl FromRequest for CoachesReader {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        admit(request, Right::SignedIn, || Self)
    }
}

fn admit<T: 'static>(
    request: &HttpRequest,
    right: Right,
    admitted: fn() -> T,
) -> LocalBoxFuture<'static, Result<T, AppError>> {
    let open = are_open(request);
    let request = request.clone();
    Box::pin(async move {
        if !open {
            caller(&request, right).await?;
        }
        Ok(admitted())
    })
}
