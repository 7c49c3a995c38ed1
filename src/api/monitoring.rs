//! Watching the programme: figures for admins; to an agency's admin, of the agency's people.

pub(super) mod coaches;
pub(super) mod demand;
pub(super) mod recruiting;
pub(super) mod stuck;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::respond::resource;
use crate::error::{AppError, Problem};
use crate::face::{Desk, Params, Reader, Watcher};
use crate::i18n::per_mille;
use crate::services::Act;
use crate::services::monitoring::gaps::{self, Gaps};
use crate::services::monitoring::{self, Across, Declined, Funnel, Stages, Times, Wanted};

/// What is looked at.
pub(super) fn wanted(params: &mut Params) -> Wanted {
    Wanted { cohort: params.text("cohort"), province: params.text("province") }
}

/// A number given in tenths, as JSON has it.
fn from_tenths(tenths: i64) -> f64 {
    // Far below 2^53: exact but for the tenth itself.
    tenths as f64 / 10.0
}

/// How far coachees have come, and in which states everything is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FunnelBody {
    /// How many coachees have come how far.
    coachees: StagesBody,
    /// Requests: `open`, `matched`, `withdrawn`, `closed`.
    requests: Vec<StateBody>,
    /// Offers: `proposed`, `pending`, `accepted`, `declined`, `expired`, `withdrawn`.
    offers: Vec<StateBody>,
    /// Pairings: `active`, `completed`, `ended`.
    pairings: Vec<StateBody>,
}

/// How many coachees have come how far; each counts once, and at every stage before.
#[derive(Debug, Serialize, ToSchema)]
struct StagesBody {
    /// Asked for a coach.
    asked: i64,
    /// Were offered to a coach, or a coach to them.
    offered: i64,
    /// Got a yes.
    accepted: i64,
    /// Work with a coach now.
    active: i64,
    /// Completed a pairing.
    completed: i64,
}

/// How many there are in a state.
#[derive(Debug, Serialize, ToSchema)]
struct StateBody {
    /// The state.
    #[schema(example = "open")]
    status: &'static str,
    /// How many.
    count: i64,
}

impl From<Funnel> for FunnelBody {
    fn from(found: Funnel) -> Self {
        let Stages { asked, offered, accepted, active, completed } = found.stages;
        let state = |(status, count)| StateBody { status, count };
        Self {
            coachees: StagesBody { asked, offered, accepted, active, completed },
            requests: found.requests.into_iter().map(|(status, count)| state((status.as_str(), count))).collect(),
            offers: found.offers.into_iter().map(|(status, count)| state((status.as_str(), count))).collect(),
            pairings: found.pairings.into_iter().map(|(status, count)| state((status.as_str(), count))).collect(),
        }
    }
}

/// Shows how far coachees have come, and how many requests, offers and pairings are in each state.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only the cohort with this code"),
        ("province" = Option<String>, Query, description = "Only coachees who work in the province with this code"),
    ),
    responses(
        (status = 200, description = "The figures", body = FunnelBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such cohort or province", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/monitoring/funnel")]
pub(super) async fn funnel(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.read(move |db, now| monitoring::funnel(db, &Act::of(&caller, now, None), &wanted)).await?;
    resource(&request, reader.lang, &FunnelBody::from(found))
}

/// Why offers were declined.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeclinesBody {
    /// Every reason, the most frequent first.
    items: Vec<DeclineBody>,
}

/// How often a reason was given.
#[derive(Debug, Serialize, ToSchema)]
struct DeclineBody {
    /// `no_time`, `wrong_field`, `too_close`, `prefers_another` or `other`.
    #[schema(example = "no_time")]
    reason: &'static str,
    /// The same in the reader's language.
    name: String,
    /// By coaches who were asked.
    by_coaches: i64,
    /// By coachees, of what a run proposed.
    by_coachees: i64,
}

/// Shows why offers were declined.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only the cohort with this code"),
        ("province" = Option<String>, Query, description = "Only coachees who work in the province with this code"),
    ),
    responses(
        (status = 200, description = "The reasons", body = DeclinesBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such cohort or province", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/monitoring/declines")]
pub(super) async fn declines(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.read(move |db, now| monitoring::declines(db, &Act::of(&caller, now, None), &wanted)).await?;
    let row = |Declined { reason, by_coaches, by_coachees }| DeclineBody {
        name: reader.lang.tr(&format!("monitoring.decline.{reason}")).into_owned(),
        reason: reason.as_str(),
        by_coaches,
        by_coachees,
    };
    resource(&request, reader.lang, &DeclinesBody { items: found.into_iter().map(row).collect() })
}

/// How long it took from a request to its pairing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TimesBody {
    /// How many pairings are counted. Where another coach took over, nobody waited: that does not count.
    pairings: usize,
    /// Half of them took no longer, in days; null when there are none.
    #[schema(example = 4.5)]
    median_days: Option<f64>,
    /// Nine of ten took no longer, in days.
    #[schema(example = 12.0)]
    p90_days: Option<f64>,
}

impl From<Times> for TimesBody {
    fn from(found: Times) -> Self {
        Self {
            pairings: found.pairings,
            median_days: found.median.map(from_tenths),
            p90_days: found.ninetieth.map(from_tenths),
        }
    }
}

/// Shows how long it took from a request to its pairing.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only the cohort with this code"),
        ("province" = Option<String>, Query, description = "Only coachees who work in the province with this code"),
    ),
    responses(
        (status = 200, description = "The times", body = TimesBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such cohort or province", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/monitoring/times")]
pub(super) async fn times(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.read(move |db, now| monitoring::times(db, &Act::of(&caller, now, None), &wanted)).await?;
    resource(&request, reader.lang, &TimesBody::from(found))
}

/// How many pairings bring two agencies together.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AcrossBody {
    /// All pairings, whatever became of them.
    pairings: i64,
    /// Those whose coach works for another agency than the coachee.
    cross_agency: i64,
    /// The same in percent of all, with one decimal; null when there are none.
    #[schema(example = 62.5)]
    percent: Option<f64>,
}

impl From<Across> for AcrossBody {
    fn from(across: Across) -> Self {
        let percent = per_mille(across.across, across.pairings).map(from_tenths);
        Self { pairings: across.pairings, cross_agency: across.across, percent }
    }
}

/// Shows how many pairings bring two agencies together.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only the cohort with this code"),
        ("province" = Option<String>, Query, description = "Only coachees who work in the province with this code"),
    ),
    responses(
        (status = 200, description = "The share", body = AcrossBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such cohort or province", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/monitoring/cross-agency")]
pub(super) async fn across_agencies(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let wanted = wanted(&mut params);
    params.finish()?;
    let found =
        desk.read(move |db, now| monitoring::across_agencies(db, &Act::of(&caller, now, None), &wanted)).await?;
    resource(&request, reader.lang, &AcrossBody::from(found))
}

/// How much of the gaps that completed pairings were about is closed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GapsBody {
    /// Completed pairings.
    completed: i64,
    /// Those of them of whose gaps one at least was measured anew since they began: only these are counted below.
    measured: i64,
    /// Levels missing when they began, of the gaps that were measured anew.
    gap_before: i64,
    /// Levels missing now, of the same gaps.
    gap_after: i64,
    /// What is closed of it in percent, with one decimal, below 0 where gaps grew; null when nothing was measured.
    #[schema(example = 62.5)]
    closed_percent: Option<f64>,
}

impl From<Gaps> for GapsBody {
    fn from(found: Gaps) -> Self {
        let Gaps { completed, measured, before, after } = found;
        let closed = (before > 0).then(|| from_tenths((before - after) * 1000 / before));
        Self { completed, measured, gap_before: before, gap_after: after, closed_percent: closed }
    }
}

/// Shows how much of the gaps that completed pairings were about is closed, as far as somebody has measured anew.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only the cohort with this code"),
        ("province" = Option<String>, Query, description = "Only coachees who work in the province with this code"),
    ),
    responses(
        (status = 200, description = "The gaps", body = GapsBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such cohort or province", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/monitoring/gaps")]
pub(super) async fn gaps_closed(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.read(move |db, now| gaps::gaps(db, &Act::of(&caller, now, None), &wanted)).await?;
    resource(&request, reader.lang, &GapsBody::from(found))
}
