//! What a coach offers: strengths, ways of meeting, languages, provinces.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::availability::coach_code;
use super::fields::{Checked, list};
use super::respond::versioned;
use crate::domain::{Language, Languages, Level, Mode, Modes};
use crate::error::AppError;
use crate::face::{Body, Desk, MaySeen, Once, SignedIn, told};
use crate::services::coach_offer::{self, Offer};
use crate::services::{Act, people};

/// What a coach offers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CoachOfferBody {
    /// Levels of the competencies the coach is strong in.
    strengths: Vec<OfferedStrengthBody>,
    /// Ways of meeting: `online`, `in_person`.
    #[schema(example = json!(["online"]))]
    modes: Vec<&'static str>,
    /// Languages, as ISO 639 codes.
    #[schema(example = json!(["id"]))]
    languages: Vec<&'static str>,
    /// Codes of the provinces the coach travels to.
    #[schema(example = json!(["91"]))]
    regions_served: Vec<String>,
    /// Codes of the agencies whose people the coach must not coach.
    conflicts: Vec<String>,
    /// How often the coach changed anything; also its ETag.
    version: i32,
}

/// A level of a competency.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferedStrengthBody {
    /// The code of the competency.
    #[schema(example = "M.03")]
    competency: String,
    /// The level.
    #[schema(minimum = 1, maximum = 5, example = 4)]
    level: u8,
}

impl From<(Offer, i32)> for CoachOfferBody {
    fn from((offer, version): (Offer, i32)) -> Self {
        let strength = |(competency, level): &(_, Level)| {
            let competency: &crate::domain::CompetencyCode = competency;
            OfferedStrengthBody { competency: competency.to_string(), level: level.get() }
        };
        Self {
            strengths: offer.strengths.iter().map(strength).collect(),
            modes: offer.modes.iter().map(Mode::as_str).collect(),
            languages: offer.languages.iter().map(Language::as_str).collect(),
            regions_served: offer.regions_served.iter().map(ToString::to_string).collect(),
            conflicts: offer.conflicts.iter().map(ToString::to_string).collect(),
            version,
        }
    }
}

/// Shows what a coach offers, to the coach or an admin.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = [])),
    params(("code" = String, Path, description = "The code of the coach")),
    responses(
        (status = 200, description = "The offer", body = CoachOfferBody, headers(("ETag" = String, description = "The version, for If-Match"))),
    )
)]
#[get("/coaches/{code}/offer")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn, code: Path<String>) -> Result<HttpResponse, AppError> {
    let code = coach_code(&code)?;
    let found = desk.read(move |db, now| {
        let coach = people::id(db, &code)?;
        coach_offer::get(db, &Act::of(&caller, now, None), coach, &code)
    });
    let body = CoachOfferBody::from(found.await?);
    Ok(versioned(body.version, &body))
}

/// What a coach is to offer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CoachOfferWish {
    /// Levels of the competencies the coach is strong in, each once.
    strengths: Vec<OfferedStrengthBody>,
    /// Ways of meeting, at least one: `online`, `in_person`.
    #[schema(min_items = 1, example = json!(["online"]))]
    modes: Vec<String>,
    /// Languages, at least one, as ISO 639 codes.
    #[schema(min_items = 1, example = json!(["id"]))]
    languages: Vec<String>,
    /// Codes of the provinces the coach travels to.
    #[schema(example = json!(["91"]))]
    regions_served: Vec<String>,
    /// Codes of the agencies whose people the coach must not coach.
    #[schema(max_items = 200)]
    conflicts: Vec<String>,
}

impl CoachOfferWish {
    fn read(&self) -> Result<Offer, AppError> {
        let mut checked = Checked::default();
        let mut strengths = Vec::new();
        for (at, one) in self.strengths.iter().enumerate() {
            let pointer = format!("/strengths/{at}");
            let competency = checked.parsed(&pointer, &one.competency, "error.field.strengths");
            let level = Level::new(one.level).ok();
            if level.is_none() {
                checked.refuse(&pointer, "error.field.strengths");
            }
            strengths.extend(competency.zip(level));
        }
        let modes = list::<Mode>(&mut checked, "/modes", &self.modes, "error.field.modes");
        let languages = list::<Language>(&mut checked, "/languages", &self.languages, "error.field.languages");
        let regions_served = list(&mut checked, "/regions_served", &self.regions_served, "error.field.provinces");
        let conflicts = list(&mut checked, "/conflicts", &self.conflicts, "error.field.agencies");
        checked.finish()?;
        let modes = modes.into_iter().fold(Modes::NONE, Modes::with);
        let languages = languages.into_iter().fold(Languages::NONE, Languages::with);
        Ok(Offer { strengths, modes, languages, regions_served, conflicts })
    }
}

/// Changes what a coach offers, by the coach or an admin. Pairings and offers that are there stay; the next shortlist
/// has it.
#[utoipa::path(
    tag = "availability",
    security(("bearer" = [])),
    params(
        ("code" = String, Path, description = "The code of the coach"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the offer as it was seen"),
    ),
    request_body = CoachOfferWish,
    responses((status = 200, description = "Changed", body = CoachOfferBody))
)]
#[put("/coaches/{code}/offer")]
pub(super) async fn change(
    desk: Data<Desk>,
    caller: SignedIn,
    code: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<CoachOfferWish>,
) -> Result<HttpResponse, AppError> {
    let code = coach_code(&code)?;
    let offer = body.read()?.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let coach = people::id(db, &code)?;
        let changed = coach_offer::change(db, &Act::of(&caller, cx.now, seen.0), coach, &code, &offer)?;
        told(StatusCode::OK, None, &CoachOfferBody::from(changed))
    })
    .await
}
