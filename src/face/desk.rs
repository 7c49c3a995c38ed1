//! Where requests meet use cases: the gate, the guard of accounts and the clock, in one.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::{Gate, Once};
use crate::auth::{Access, Auth};
use crate::clock::Clock;
use crate::error::AppError;
use crate::services::disclosures::Look;
use crate::services::idempotency::{Kept, earlier, once};
use crate::services::limits::Daily;
use crate::services::sign_ins::Visitor;
use crate::services::{Caller, Context, ServiceError, ServiceResult, sign_ins};
use crate::store::Db;
use crate::store::types::Stamp;

/// Where requests meet use cases. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    gate: Gate,
    slow: Gate,
    auth: Arc<Auth>,
    clock: Clock,
    service: Arc<str>,
    daily: Daily,
}

impl Desk {
    /// Puts a desk together, of a service that calls itself so. What hashes passwords stands in a line of its
    /// own, behind the `slow` gate, so that many who sign in do not keep others waiting.
    pub fn new(gate: Gate, slow: Gate, auth: Arc<Auth>, clock: Clock, service: &str, daily: Daily) -> Self {
        Self { gate, slow, auth, clock, service: service.into(), daily }
    }

    /// How often what reaches others may be done in a day.
    pub fn daily(&self) -> Daily {
        self.daily
    }

    /// What the service calls itself.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The time.
    pub fn now(&self) -> Stamp {
        Stamp::new(self.clock.now())
    }

    /// The guard of accounts.
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Runs a use case.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many wait; those of the use case, as a client may see them.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Context) -> ServiceResult<T> + Send + 'static,
    ) -> Result<T, AppError> {
        let (auth, now) = (Arc::clone(&self.auth), self.now());
        self.gate.work(move |store| work(&Context { store, auth: &auth, now })).await
    }

    /// Runs a use case that hashes passwords.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn ask_slowly<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Context) -> ServiceResult<T> + Send + 'static,
    ) -> Result<T, AppError> {
        let (auth, now) = (Arc::clone(&self.auth), self.now());
        self.slow.work(move |store| work(&Context { store, auth: &auth, now })).await
    }

    /// Runs a use case that reads.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db, Stamp) -> ServiceResult<T> + Send + 'static,
    ) -> Result<T, AppError> {
        self.ask(move |cx| cx.store.snapshot(|db| work(db, cx.now))).await
    }

    /// Runs a use case that reads so little that waiting for another thread would take longer.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn glance<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db, Stamp) -> ServiceResult<T> + Send + 'static,
    ) -> Result<T, AppError> {
        let now = self.now();
        self.gate.glance(move |db| work(db, now)).await
    }

    /// Runs a use case that reads a list of what belongs to others, one more than `limit` of it at most, and notes
    /// in the audit log that an admin was shown it. What cannot be noted is not shown.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn show_list<T: Send + 'static>(
        &self,
        look: Look,
        limit: i64,
        work: impl FnOnce(&mut Db, Stamp) -> ServiceResult<Vec<T>> + Send + 'static,
    ) -> Result<Vec<T>, AppError> {
        let most = usize::try_from(limit).unwrap_or_default();
        self.show(look, work, move |found| found.len().min(most)).await
    }

    /// The same for one thing.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn show_one<T: Send + 'static>(
        &self,
        look: Look,
        work: impl FnOnce(&mut Db, Stamp) -> ServiceResult<T> + Send + 'static,
    ) -> Result<T, AppError> {
        self.show(look, work, |_| 1).await
    }

    /// The same for anything in which there are some that are counted.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn show<T: Send + 'static>(
        &self,
        look: Look,
        work: impl FnOnce(&mut Db, Stamp) -> ServiceResult<T> + Send + 'static,
        count: impl FnOnce(&T) -> usize + Send + 'static,
    ) -> Result<T, AppError> {
        self.ask(move |cx| {
            let found = cx.store.snapshot(|db| work(db, cx.now))?;
            look.note(cx, count(&found))?;
            Ok(found)
        })
        .await
    }

    /// Runs a use case that writes, in one transaction. It may run several times.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Db, &Context) -> ServiceResult<T> + Send + 'static,
    ) -> Result<T, AppError> {
        self.ask(move |cx| cx.store.write(|db| work(db, cx))).await
    }

    /// Runs a use case that writes, and has one effect and one answer for one `Idempotency-Key`.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn once(
        &self,
        asked: Once,
        work: impl Fn(&mut Db, &Context) -> ServiceResult<Kept> + Send + 'static,
    ) -> Result<HttpResponse, AppError> {
        let kept = self.ask(move |cx| {
            let asked = asked.asked(cx.auth);
            cx.store.write(|db| once(db, asked.as_ref(), cx.now, |db| work(db, cx)))
        });
        answer(kept.await?)
    }

    /// The same after preparations that are slow and change nothing, such as hashing a password.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn once_after<P>(
        &self,
        asked: Once,
        prepare: impl FnOnce(&Context) -> ServiceResult<P> + Send + 'static,
        work: impl Fn(&mut Db, &Context, &P) -> ServiceResult<Kept> + Send + 'static,
    ) -> Result<HttpResponse, AppError> {
        let kept = self.ask_slowly(move |cx| prepared(cx, asked, prepare, work));
        answer(kept.await?)
    }

    /// The same after a look at what hardly ever changes, which need not hold up those who write.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub async fn once_looked<P>(
        &self,
        asked: Once,
        look: impl FnOnce(&mut Db, Stamp) -> ServiceResult<P> + Send + 'static,
        work: impl Fn(&mut Db, &Context, &P) -> ServiceResult<Kept> + Send + 'static,
    ) -> Result<HttpResponse, AppError> {
        let look = |cx: &Context| cx.store.snapshot(|db| look(db, cx.now));
        let kept = self.ask(move |cx| prepared(cx, asked, look, work));
        answer(kept.await?)
    }

    /// Who a good access token belongs to, as things stand in the database now.
    pub(super) async fn caller(&self, access: Access) -> Result<Caller, AppError> {
        self.glance(move |db, now| sign_ins::caller(db, &access, now)).await
    }

    /// Who a browser with this secret in its cookie belongs to, as things stand in the database now.
    pub(super) async fn visitor(&self, secret: String) -> Result<Visitor, AppError> {
        self.glance(move |db, now| sign_ins::visitor(db, &secret, now)).await
    }
}

fn prepared<P>(
    cx: &Context,
    asked: Once,
    prepare: impl FnOnce(&Context) -> ServiceResult<P>,
    work: impl Fn(&mut Db, &Context, &P) -> ServiceResult<Kept>,
) -> ServiceResult<Kept> {
    let asked = asked.asked(cx.auth);
    // Preparing may fail by now: the password that was right then is another one since.
    if let Some(asked) = &asked
        && let Some(kept) = earlier(cx.store, asked, cx.now)?
    {
        return Ok(kept);
    }
    let prepared = prepare(cx)?;
    cx.store.write(|db| once(db, asked.as_ref(), cx.now, |db| work(db, cx, &prepared)))
}

/// An answer without a body.
pub fn done() -> Kept {
    Kept { status: StatusCode::NO_CONTENT.as_u16(), location: None, body: None }
}

/// The answer to a form: where to go next, by GET.
pub fn gone_to(address: impl Into<String>) -> Kept {
    Kept { status: StatusCode::SEE_OTHER.as_u16(), location: Some(address.into()), body: None }
}

/// An answer with a body.
///
/// # Errors
/// When the body has no JSON form.
pub fn told(status: StatusCode, location: Option<String>, body: &impl Serialize) -> ServiceResult<Kept> {
    let body = serde_json::to_string(body).map_err(|why| ServiceError::Internal(why.to_string()))?;
    Ok(Kept { status: status.as_u16(), location, body: Some(body) })
}

fn answer(kept: Kept) -> Result<HttpResponse, AppError> {
    let mut response = HttpResponseBuilder::new(StatusCode::from_u16(kept.status).map_err(AppError::internal)?);
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    if let Some(location) = kept.location {
        response.insert_header((header::LOCATION, location));
    }
    Ok(match kept.body {
        Some(body) => response.content_type("application/json").body(body),
        None => response.finish(),
    })
}
