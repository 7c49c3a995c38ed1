//! Where one more coach would help most.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::demand::competency;
use super::{from_tenths, wanted};
use crate::api::respond::resource;
use crate::error::{AppError, Problem};
use crate::face::{Desk, Params, Reader, Watcher};
use crate::i18n::Names;
use crate::services::monitoring::recruiting::{self, Recruiting, Worth};
use crate::services::{Act, directory};

/// What one more place would be worth, by the newest run with a result.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RecruitingBody {
    /// The run; null when none has a result yet, and then nothing is known.
    run: Option<PricedRunBody>,
    /// By the province in which coaches work, what is worth most first.
    provinces: Vec<WorthBody>,
    /// By the competency in which coaches are strong, what is worth most first. A coach counts for each.
    competencies: Vec<WorthBody>,
}

/// The run that found out what places are worth.
#[derive(Debug, Serialize, ToSchema)]
struct PricedRunBody {
    /// Its id.
    #[schema(example = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")]
    id: Uuid,
    /// The code of its cohort.
    #[schema(example = "2026-1")]
    cohort: String,
    /// What it strives for: `most_people`, `best_total` or `stable`.
    #[schema(example = "best_total")]
    objective: &'static str,
    /// When its result was there.
    computed_at: Option<DateTime<Utc>>,
    /// What its prices mean, in the reader's language.
    meaning: String,
}

/// The prices of the places of a group of coaches, in points of score.
#[derive(Debug, Serialize, ToSchema)]
struct WorthBody {
    /// The code of the province or competency.
    #[schema(example = "91")]
    code: String,
    /// Its name in the reader's language.
    name: String,
    /// Coaches with a price, be it 0.
    coaches: i64,
    /// Those of them whose price is above 0: more would have a place than can.
    wanted: i64,
    /// The mean price, with one decimal.
    #[schema(example = 17.5)]
    mean_price: f64,
    /// The highest price.
    #[schema(example = 61)]
    highest_price: i64,
}

impl RecruitingBody {
    fn of(found: Option<Recruiting>, names: Names) -> Self {
        let Some(Recruiting { run, provinces, competencies }) = found else {
            return Self { run: None, provinces: Vec::new(), competencies: Vec::new() };
        };
        let rows = |rows: Vec<Worth>, name: &dyn Fn(&str) -> String| {
            let row = |row: Worth| WorthBody {
                name: name(&row.code),
                mean_price: from_tenths(row.mean_tenths()),
                code: row.code,
                coaches: row.prices.coaches,
                wanted: row.prices.wanted,
                highest_price: row.prices.highest,
            };
            rows.into_iter().map(row).collect()
        };
        let run = PricedRunBody {
            id: run.id.uuid(),
            cohort: run.cohort_code,
            objective: run.objective.as_str(),
            computed_at: run.result.map(|totals| totals.computed_at),
            meaning: names.lang.tr(&format!("monitoring.price.{}", run.objective)).into_owned(),
        };
        Self {
            run: Some(run),
            provinces: rows(provinces, &|code| names.province(code)),
            competencies: rows(competencies, &|code| competency(names, code)),
        }
    }
}

/// Shows where one more coach would help most.
///
/// The price of a coach's place is what one more such place would have added to the total score of the run, in
/// points of score (a pair has at most 255). It is 0 where a place stayed free. In a run for `most_people` it
/// holds the worth of one pair more as well, and may be above 255; in a `stable` run it is the least score that
/// a full coach holds. To an agency's admin, the prices of the agency's coaches.
#[utoipa::path(
    tag = "monitoring",
    security(("bearer" = ["national_admin", "agency_admin", "auditor"])),
    params(
        ("cohort" = Option<String>, Query, description = "The newest run of the cohort with this code; of all cohorts unless given"),
        ("province" = Option<String>, Query, description = "Only coaches who work in the province with this code"),
    ),
    responses(
        (status = 200, description = "The prices", body = RecruitingBody, headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No such cohort or province", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/monitoring/recruiting")]
pub(in crate::api) async fn show(
    desk: Data<Desk>,
    caller: Watcher,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let wanted = wanted(&mut params);
    params.finish()?;
    let found = desk.read(move |db, now| {
        let recruiting = recruiting::recruiting(db, &Act::of(&caller, now, None), &wanted)?;
        let reference = directory::reference(db)?;
        Ok(RecruitingBody::of(recruiting, Names { lang: reader.lang, reference: &reference }))
    });
    resource(&request, reader.lang, &found.await?)
}
