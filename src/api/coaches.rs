//! Coaches, by what they offer.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::respond::{Page, page, resource};
use crate::domain::{Level, Tier};
use crate::error::{AppError, Problem};
use crate::face::{CoachesReader, Gate, Params, Reader};
use crate::services::directory::{self, Coach};
use crate::store::read_coaches::CoachFilter;

/// A verified coach, by what they offer. No name, address or number.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoachBody<'a> {
    /// The code.
    #[schema(example = "K-00042")]
    pub code: &'a str,
    /// `pkn_1`, `pkn_2` or `corporate`.
    #[schema(example = "pkn_2")]
    pub source: &'static str,
    /// Code of the employer.
    #[schema(example = "KEM-09")]
    pub agency: &'a str,
    /// Name of the employer.
    pub agency_name: &'a str,
    /// The tier; null when none is known.
    #[schema(example = "jpt_pratama")]
    pub tier: Option<&'static str>,
    /// The field of work; null when none is given.
    #[schema(example = "kesehatan")]
    pub field: Option<&'a str>,
    /// Code of the regency where the coach works.
    #[schema(example = "31.71")]
    pub regency: &'a str,
    /// Code of the province where the coach works.
    #[schema(example = "31")]
    pub province: &'a str,
    /// Codes of provinces the coach travels to.
    pub regions_served: &'a [String],
    /// `online`, `in_person`.
    pub modes: Vec<&'static str>,
    /// ISO 639 codes.
    pub languages: Vec<&'static str>,
    /// Most coachees at a time.
    pub capacity: i32,
    /// Places free at present.
    pub free_places: i32,
    /// Whether new coachees are welcome.
    pub accepting: bool,
    /// Pairs completed so far.
    pub completed_pairs: i32,
    /// What the coach is strong in.
    pub strengths: Vec<StrengthBody<'a>>,
}

/// A level of a coach in a competency.
#[derive(Debug, Serialize, ToSchema)]
pub struct StrengthBody<'a> {
    /// Code of the competency.
    #[schema(example = "M.03")]
    pub competency: &'a str,
    /// The level.
    #[schema(minimum = 1, maximum = 5)]
    pub level: u8,
}

impl<'a> From<&'a Coach> for CoachBody<'a> {
    fn from(coach: &'a Coach) -> Self {
        let strength = |(competency, level): &'a (String, Level)| StrengthBody { competency, level: level.get() };
        Self {
            code: &coach.code,
            source: coach.source.as_str(),
            agency: &coach.agency,
            agency_name: &coach.agency_name,
            tier: coach.tier.map(Tier::as_str),
            field: coach.field.as_deref(),
            regency: &coach.regency,
            province: &coach.province,
            regions_served: &coach.regions_served,
            modes: coach.modes.iter().map(|mode| mode.as_str()).collect(),
            languages: coach.languages.iter().map(|language| language.as_str()).collect(),
            capacity: coach.capacity,
            free_places: coach.free,
            accepting: coach.accepting,
            completed_pairs: coach.completed_pairs,
            strengths: coach.strengths.iter().map(strength).collect(),
        }
    }
}

/// Lists verified coaches in the order in which they joined.
#[utoipa::path(
    tag = "coaches",
    security(("bearer" = [])),
    params(
        ("province" = Option<String>, Query, description = "Only coaches who work in the province with this code"),
        ("competency" = Option<String>, Query, description = "Only coaches strong in the competency with this code"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "Most entries wanted; 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of coaches", body = Page<CoachBody>,
            headers(("Link" = String, description = "Address of the next page"))),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/coaches")]
pub(super) async fn list(
    gate: Data<Gate>,
    _: CoachesReader,
    reader: Reader,
    mut params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (limit, after) = (params.limit(), params.parsed("cursor", "error.parameter.cursor"));
    let filter = CoachFilter { province: params.text("province"), competency: params.text("competency"), codes: None };
    params.finish()?;
    let coaches = gate.ask(move |store| store.snapshot(|db| directory::coaches(db, &filter, after, limit + 1))).await?;
    let shown = coaches.iter().collect();
    Ok(page(shown, limit, |coach: &&Coach| coach.person.to_string(), CoachBody::from).answer(&request, reader.lang))
}

/// Shows a verified coach.
#[utoipa::path(
    tag = "coaches",
    security(("bearer" = [])),
    params(("code" = String, Path, description = "Code of the coach")),
    responses(
        (status = 200, description = "The coach", body = CoachBody,
            headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 404, description = "No verified coach has this code", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/coaches/{code}")]
pub(super) async fn show(
    gate: Data<Gate>,
    _: CoachesReader,
    reader: Reader,
    params: Params,
    code: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let code = code.into_inner();
    let coach = gate.ask(move |store| store.snapshot(|db| directory::coach(db, code))).await?;
    resource(&request, reader.lang, &CoachBody::from(&coach))
}
