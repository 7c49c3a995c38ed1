//! The caller as a coachee: position, required levels, what was found, and the gaps.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{AppError, Problem};
use crate::face::{Coachee, Desk, Reader};
use crate::i18n::{Lang, Names};
use crate::services::Act;
use crate::services::coachees::{self, Profile};

/// A coachee, to themselves.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProfileBody {
    /// The code.
    #[schema(example = "P0000001")]
    code: String,
    /// The name, with titles.
    name: String,
    /// Code of the employer.
    #[schema(example = "KEM-09")]
    agency: String,
    /// The unit within the agency, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    /// The position.
    position: String,
    /// Its tier.
    #[schema(example = "pengawas")]
    tier: &'static str,
    /// The name of the tier in the reader's language.
    tier_name: String,
    /// Code of the regency of work.
    #[schema(example = "91.71")]
    regency: String,
    /// Per competency that is required or was assessed: what is required, and what was found.
    levels: Vec<LevelsBody>,
    /// Codes of the competencies with the largest gaps: what a request is about unless it says otherwise.
    #[schema(example = json!(["M.01"]))]
    focus: Vec<String>,
}

/// What is required in a competency, and what was found.
#[derive(Debug, Serialize, ToSchema)]
struct LevelsBody {
    /// Code of the competency.
    #[schema(example = "M.01")]
    competency: String,
    /// Its name in the reader's language.
    name: String,
    /// The level that the position requires; null when none is.
    #[schema(minimum = 1, maximum = 5)]
    required: Option<u8>,
    /// The level that counts; null when nobody has assessed it.
    #[schema(minimum = 1, maximum = 5)]
    assessed: Option<u8>,
    /// Levels missing; null when nobody has assessed it.
    #[schema(minimum = 0, maximum = 4)]
    gap: Option<u8>,
    /// How it was assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "superior")]
    method: Option<&'static str>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    assessed_on: Option<NaiveDate>,
}

impl ProfileBody {
    fn of(profile: Profile, lang: Lang) -> Self {
        let Profile { record, reference, levels, focus } = profile;
        let names = Names { lang, reference: &reference };
        let code = |at: usize| &reference.competencies()[at].code;
        let concerned = levels.iter().enumerate().filter(|(_, (required, found))| *required > 0 || found.is_some());
        let row = |(at, (required, found)): (usize, &(u8, Option<_>))| -> LevelsBody {
            let found: Option<crate::matching::levels::Found> = *found;
            let assessed = found.map(|found| found.level.get());
            LevelsBody {
                competency: code(at).to_string(),
                name: names.competency(code(at)),
                required: Some(*required).filter(|level| *level > 0),
                assessed,
                gap: assessed.map(|level| required.saturating_sub(level)),
                method: found.map(|found| found.method.as_str()),
                assessed_on: found.map(|found| found.assessed_on),
            }
        };
        Self {
            levels: concerned.map(row).collect(),
            focus: focus.into_iter().map(|at| code(usize::from(at)).to_string()).collect(),
            code: record.code.to_string(),
            name: record.name.to_string(),
            agency: record.agency.to_string(),
            unit: record.unit,
            position: record.position,
            tier: record.tier.as_str(),
            tier_name: names.tier(record.tier),
            regency: record.regency.to_string(),
        }
    }
}

/// Shows the caller's own position, required and assessed levels, and gaps.
#[utoipa::path(
    tag = "me",
    security(("bearer" = ["coachee"])),
    responses(
        (status = 200, description = "The profile", body = ProfileBody),
        (status = 404, description = "The records know no such coachee", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/me/profile")]
pub(super) async fn show(desk: Data<Desk>, caller: Coachee, reader: Reader) -> Result<HttpResponse, AppError> {
    let found = desk.read(move |db, now| coachees::own(db, &Act::of(&caller, now, None))).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_LANGUAGE, reader.lang.code()))
        .insert_header((header::VARY, "Accept-Language"))
        .json(ProfileBody::of(found, reader.lang)))
}
