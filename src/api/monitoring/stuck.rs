//! What is stuck, and what to do about it.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::wanted;
use crate::api::respond::{Page, page};
use crate::domain::Patience;
use crate::error::{AppError, Problem};
use crate::face::{Desk, Params, Reader, Watcher};
use crate::i18n::Lang;
use crate::services::Act;
use crate::services::disclosures::Look;
use crate::services::monitoring::stuck::{self, Stuck};

/// Something that is stuck.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct StuckBody {
    /// In which way: `request_unasked`, `proposal_unanswered`, `offer_unanswered`, `agreement_unsigned`,
    /// `pair_quiet` or `pairing_unfinished`.
    #[schema(example = "offer_unanswered")]
    kind: &'static str,
    /// The request, offer or pairing.
    #[schema(example = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")]
    id: Uuid,
    /// The code of its cohort.
    #[schema(example = "2026-1")]
    cohort: String,
    /// The code of the coachee.
    #[schema(example = "P0000001")]
    coachee: String,
    /// The code of the coach, where one is concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "C000007")]
    coach: Option<String>,
    /// Since when nothing has happened.
    since: DateTime<Utc>,
    /// For how many whole days by now.
    days: i64,
    /// What is sensible to do next: `put_to_coach`, `remind_coachee`, `remind_coach`, `remind_both`,
    /// `plan_session` or `complete_or_end`.
    #[schema(example = "remind_coach")]
    next_step: &'static str,
    /// The state of things and the next step, as sentences in the reader's language.
    advice: String,
}

impl StuckBody {
    fn of(item: Stuck, lang: Lang) -> Self {
        let step = item.kind.next_step();
        let state = lang.fill(&format!("monitoring.stuck.{}", item.kind), &[("days", &lang.number(item.days))]);
        Self {
            kind: item.kind.as_str(),
            id: item.id,
            cohort: item.cohort,
            coachee: item.coachee.to_string(),
            coach: item.coach.map(|code| code.to_string()),
            since: item.since.time(),
            days: item.days,
            next_step: step.as_str(),
            advice: format!("{state} {}", lang.tr(&format!("monitoring.step.{step}"))),
        }
    }
}

/// Lists what is stuck, the most overdue first.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only the cohort with this code"),
        ("province" = Option<String>, Query, description = "Only coachees who work in the province with this code"),
        ("kind" = Option<String>, Query, description = "`request_unasked` (3 days), `proposal_unanswered` (3 days), `offer_unanswered` (2 days), `agreement_unsigned` (7 days), `pair_quiet` (21 days) or `pairing_unfinished` (180 days)"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of what is stuck", body = Page<StuckBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 404, description = "No such cohort or province", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/monitoring/stuck")]
pub(in crate::api) async fn list(
    desk: Data<Desk>,
    patience: Data<Patience>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&caller, "stuck").through(params.filters());
    let (limit, after) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let (wanted, kind) = (wanted(&mut params), params.parsed("kind", "monitoring.parameter.kind"));
    params.finish()?;
    let patience = *patience.get_ref();
    let found = desk
        .show_list(look, limit, move |db, now| {
            stuck::list(db, &Act::of(&caller, now, None), patience, &wanted, kind, after, limit + 1)
        })
        .await?;
    let answer = page(found, limit, |item| item.place.to_string(), |item| StuckBody::of(item, reader.lang));
    Ok(answer.answer(&request, reader.lang))
}
