//! Runs.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{ProgressBody, RunBody, RunDetailBody, SummaryBody};
use super::respond::{Page, page, resource};
use crate::domain::{AgencyCode, Tier};
use crate::error::{AppError, Problem};
use crate::face::{Desk, Gate, Params, Reader, ResultsReader};
use crate::i18n::Names;
use crate::services::comparison::{self, Compared, Comparison};
use crate::services::directory;
use crate::services::results::{self, RunFilter};
use crate::store::{RunId, run_progress};

/// Lists runs, newest first; to an agency's admin, those of cohorts that are for the agency alone.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "Only those of the cohort with this code"),
        ("status" = Option<String>, Query, description = "Only those in this state: `queued`, `computing`, `computed`, `published` or `discarded`; unless said, all but those that somebody has thrown away"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of runs", body = Page<RunBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/runs")]
pub(super) async fn list(
    gate: Data<Gate>,
    who: ResultsReader,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let limit = params.limit();
    let after = params.parsed("cursor", "error.parameter.cursor");
    let (cohort, status) = (params.text("cohort"), params.parsed("status", "error.parameter.run_status"));
    params.finish()?;
    let runs = gate.ask(move |store| {
        let filter = RunFilter { agency: who.agency(), cohort: cohort.as_deref(), status };
        store.read(|db| results::runs(db, &filter, after, limit + 1))
    });
    let runs = runs.await?;
    Ok(page(runs, limit, |run| run.id.to_string(), |run| RunBody::from(&run)).answer(&request, reader.lang))
}

/// Shows a run: totals, certificate, shares per province, tier, agency and class, reasons why people wait.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(("id" = String, Path, format = Uuid, description = "The run")),
    responses(
        (status = 200, description = "The run", body = RunDetailBody,
            headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such run", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/runs/{id}")]
pub(super) async fn show(
    gate: Data<Gate>,
    who: ResultsReader,
    reader: Reader,
    params: Params,
    id: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let id = run_id(&id)?;
    let body = gate
        .ask(move |store| {
            store.snapshot(|db| {
                let reference = directory::reference(db)?;
                let names = Names { lang: reader.lang, reference: &reference };
                let run = results::run_of_agency(db, who.agency(), id)?;
                let summary = match &run.result {
                    Some(_) => Some(SummaryBody::of(&results::summary(db, &run)?, names)),
                    None => None,
                };
                let progress = run_progress::get(db, id)?.map(ProgressBody::from);
                let remedy = run.failure.as_ref().map(|(why, _)| reader.lang.tr(&format!("planning.failure.{why}")));
                let remedy = remedy.map(std::borrow::Cow::into_owned);
                let obstacle = run.failure.as_ref().and_then(|(_, obstacle)| obstacle.as_ref());
                let obstacle = obstacle.map(|obstacle| reader.lang.obstacle(obstacle));
                Ok(RunDetailBody { run: RunBody::from(&run), obstacle, remedy, progress, summary })
            })
        })
        .await?;
    resource(&request, reader.lang, &body)
}

/// How the pairs of one run differ from those of another.
#[derive(Serialize, ToSchema)]
struct ComparisonBody {
    /// Coachees with the same coach in both.
    same: usize,
    /// Coachees with a coach in both, another one.
    other_coach: usize,
    /// Coachees with a coach in the first run alone.
    only_first: usize,
    /// Coachees with a coach in the second run alone.
    only_second: usize,
    /// Where: per province with any coachee in one of the runs.
    provinces: Vec<ProvinceComparisonBody>,
    /// Per tier with any coachee in one of the runs.
    tiers: Vec<TierComparisonBody>,
    /// Per agency with any coachee in one of the runs.
    agencies: Vec<AgencyComparisonBody>,
}

/// How many coachees of a group have a coach in each of two runs.
#[derive(Serialize, ToSchema)]
struct GroupComparisonBody {
    /// Coachees of the group in the first run.
    coachees: i64,
    /// Those with a coach in the first run.
    first: i64,
    /// Those with a coach in the second run.
    second: i64,
    /// How many more have a coach in the second run; below 0, how many fewer.
    more: i64,
}

impl<K> From<&Compared<K>> for GroupComparisonBody {
    fn from(group: &Compared<K>) -> Self {
        let Compared { coachees, first, second, .. } = *group;
        Self { coachees, first, second, more: second - first }
    }
}

/// How many coachees of a tier have a coach in each of two runs.
#[derive(Serialize, ToSchema)]
struct TierComparisonBody {
    /// The tier.
    #[schema(example = "pengawas")]
    tier: &'static str,
    /// Its name in the reader's language.
    #[schema(example = "Pengawas")]
    name: String,
    /// The numbers.
    #[serde(flatten)]
    numbers: GroupComparisonBody,
}

/// How many coachees of an agency have a coach in each of two runs.
#[derive(Serialize, ToSchema)]
struct AgencyComparisonBody {
    /// Code of the agency.
    #[schema(example = "KEM-09")]
    agency: String,
    /// Its name.
    #[schema(example = "Kementerian Keuangan")]
    name: String,
    /// The numbers.
    #[serde(flatten)]
    numbers: GroupComparisonBody,
}

/// How many coachees of a province have a coach in each of two runs.
#[derive(Serialize, ToSchema)]
struct ProvinceComparisonBody {
    /// Kemendagri code of the province.
    #[schema(example = "91")]
    province: String,
    /// Its name in the reader's language.
    #[schema(example = "Papua")]
    name: String,
    /// The numbers.
    #[serde(flatten)]
    numbers: GroupComparisonBody,
}

impl ComparisonBody {
    fn of(found: Comparison, names: Names) -> Self {
        let Comparison { same, other_coach, only_first, only_second, provinces, tiers, agencies } = found;
        let province = |group: Compared<String>| ProvinceComparisonBody {
            numbers: (&group).into(),
            name: names.province(&group.of),
            province: group.of,
        };
        let tier = |group: Compared<Tier>| TierComparisonBody {
            numbers: (&group).into(),
            name: names.tier(group.of),
            tier: group.of.as_str(),
        };
        let agency = |group: Compared<(AgencyCode, String)>| AgencyComparisonBody {
            numbers: (&group).into(),
            agency: group.of.0.to_string(),
            name: group.of.1,
        };
        Self {
            same,
            other_coach,
            only_first,
            only_second,
            provinces: provinces.into_iter().map(province).collect(),
            tiers: tiers.into_iter().map(tier).collect(),
            agencies: agencies.into_iter().map(agency).collect(),
        }
    }
}

/// Compares the pairs of a computed run with those of another run of the cohort.
#[utoipa::path(
    tag = "runs",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The first run"),
        ("other" = String, Path, format = Uuid, description = "The second run"),
    ),
    responses(
        (status = 200, description = "How they differ", body = ComparisonBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such run", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "One is not computed, or they are of two cohorts", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/runs/{id}/comparison/{other}")]
pub(super) async fn compare(
    desk: Data<Desk>,
    who: ResultsReader,
    reader: Reader,
    params: Params,
    ids: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let (first, second) = (run_id(&ids.0)?, run_id(&ids.1)?);
    let body = desk.read(move |db, _| {
        for run in [first, second] {
            results::run_of_agency(db, who.agency(), run)?;
        }
        let found = comparison::compare(db, first, second)?;
        let reference = directory::reference(db)?;
        Ok(ComparisonBody::of(found, Names { lang: reader.lang, reference: &reference }))
    });
    resource(&request, reader.lang, &body.await?)
}

/// The id of a run in a path. What is no id names no run.
pub(super) fn run_id(text: &str) -> Result<RunId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}
