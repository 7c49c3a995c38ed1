//! Competencies and what their levels mean.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::respond::resource;
use crate::domain::Reference;
use crate::error::{AppError, Problem};
use crate::face::{Gate, Params, Reader};
use crate::services::directory;

/// All competencies.
#[derive(Serialize, ToSchema)]
pub(super) struct CompetenciesBody {
    /// By code.
    items: Vec<CompetencyBody>,
}

/// A competency.
#[derive(Serialize, ToSchema)]
struct CompetencyBody {
    /// The code.
    #[schema(example = "M.01")]
    code: String,
    /// Indonesian name.
    #[schema(example = "Integritas")]
    name_id: String,
    /// English name.
    #[schema(example = "Integrity")]
    name_en: String,
    /// `manajerial`, `sosial_kultural` or `teknis`.
    #[schema(example = "manajerial")]
    kind: &'static str,
    /// What each level means, the lowest first.
    levels: Vec<LevelBody>,
}

/// A level of a competency.
#[derive(Serialize, ToSchema)]
struct LevelBody {
    /// The level.
    #[schema(minimum = 1, maximum = 5)]
    level: u8,
    /// Its meaning in Indonesian.
    meaning_id: String,
    /// Its meaning in English.
    meaning_en: String,
}

impl CompetenciesBody {
    fn of(reference: &Reference) -> Self {
        let levels = |code: &str| {
            let meanings = reference.level_meanings().iter().filter(|meaning| meaning.competency.as_str() == code);
            meanings
                .map(|meaning| LevelBody {
                    level: meaning.level.get(),
                    meaning_id: meaning.meaning_id.clone(),
                    meaning_en: meaning.meaning_en.clone(),
                })
                .collect()
        };
        let items = reference
            .competencies()
            .iter()
            .map(|competency| CompetencyBody {
                code: competency.code.to_string(),
                name_id: competency.name_id.clone(),
                name_en: competency.name_en.clone(),
                kind: competency.kind.as_str(),
                levels: levels(competency.code.as_str()),
            })
            .collect();
        Self { items }
    }
}

/// Lists all competencies with what their levels mean.
#[utoipa::path(tag = "reference", responses(
    (status = 200, description = "All competencies", body = CompetenciesBody,
        headers(("ETag" = String, description = "Tag of this state"))),
    (status = 304, description = "Still as the tag in If-None-Match says"),
    (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
))]
#[get("/competencies")]
pub(super) async fn list(
    gate: Data<Gate>,
    reader: Reader,
    params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let reference = gate.ask(|store| store.snapshot(directory::reference)).await?;
    resource(&request, reader.lang, &CompetenciesBody::of(&reference))
}
