//! The audit log, to whoever oversees the service.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::respond::{Page, page};
use crate::error::{AppError, Problem};
use crate::face::{Desk, Overseer, Params, Reader};
use crate::services::Act;
use crate::services::audit_log::{self, Place};
use crate::services::disclosures::Look;
use crate::store::audit::{Filter, Logged};
use crate::store::types::Stamp;

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditEntryBody {
    /// Its id.
    id: Uuid,
    /// When it happened.
    at: DateTime<Utc>,
    /// Who did it: the id of an account, or the name of a part of the program.
    #[schema(example = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")]
    actor: String,
    /// What was done.
    #[schema(example = "offer.accepted")]
    action: String,
    /// To what kind of thing.
    #[schema(example = "offer")]
    subject_kind: String,
    /// To which one, if to one.
    subject_id: Option<Uuid>,
    /// What changed: names of columns, ids, and values that tell nothing about a person.
    #[schema(value_type = Object)]
    changes: serde_json::Value,
}

impl From<Logged> for AuditEntryBody {
    fn from(entry: Logged) -> Self {
        Self {
            id: entry.id.uuid(),
            at: entry.at.time(),
            actor: entry.actor,
            action: entry.action,
            subject_kind: entry.subject_kind,
            subject_id: entry.subject.filter(|id| !id.is_nil()),
            changes: entry.changes.read().unwrap_or_default(),
        }
    }
}

/// A time that both engines can be asked for: before and after these there is nothing.
fn within_reason(time: DateTime<Utc>) -> Stamp {
    let last = DateTime::from_timestamp(4_000_000_000, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    Stamp::new(time.clamp(DateTime::UNIX_EPOCH, last))
}

/// Lists entries of the audit log, the newest first. Looks at what belongs to others are in it, those of auditors and
/// those at this list as well.
#[utoipa::path(
    tag = "operations",
    security(("bearer" = ["national_admin", "auditor"])),
    params(
        ("kind" = Option<String>, Query, description = "Only entries about this kind of thing, such as `offer`"),
        ("id" = Option<String>, Query, format = Uuid, description = "Only entries about this one; with `kind`"),
        ("action" = Option<String>, Query, description = "Only entries of this action, such as `offer.accepted`"),
        ("from" = Option<String>, Query, format = DateTime, description = "Only entries of this time or later"),
        ("until" = Option<String>, Query, format = DateTime, description = "Only entries before this time"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of entries", body = Page<AuditEntryBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/audit")]
pub(super) async fn list(
    desk: Data<Desk>,
    caller: Overseer,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "audit").through(params.filters());
    let (limit, behind) = (params.limit(), params.parsed::<Place>("cursor", "error.parameter.cursor"));
    let time = |params: &mut Params, name| params.parsed(name, "error.parameter.time").map(within_reason);
    let filter = Filter {
        subject_kind: params.text("kind"),
        subject: params.parsed("id", "error.parameter.id"),
        action: params.text("action"),
        from: time(&mut params, "from"),
        until: time(&mut params, "until"),
    };
    params.finish()?;
    // An id alone is found in no index: what is asked for in this way would be slow on a long log.
    if filter.subject.is_some() && filter.subject_kind.is_none() {
        return Err(AppError::parameter("id", "error.parameter.id_without_kind"));
    }
    let found = desk.show_list(look, limit, move |db, now| {
        audit_log::list(db, &Act::of(&caller, now, None), &filter, behind, limit + 1)
    });
    let answer = page(found.await?, limit, |entry| Place::of(entry).to_string(), AuditEntryBody::from);
    Ok(answer.answer(&request, reader.lang))
}
