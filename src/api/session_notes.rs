//! Notes on sessions: read and written by the pair alone.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::respond::versioned;
use super::sessions::session_id;
use crate::error::AppError;
use crate::face::{Body, Desk, MaySeen, SignedIn};
use crate::services::Act;
use crate::services::session_notes::{self, Open, Which};
use crate::store::SessionId;

/// A note on a session.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NoteBody {
    /// What it says.
    #[schema(max_length = 20000, example = "Latihan membuka rapat berjalan baik.")]
    text: String,
    /// Who wrote it last: `coachee` or `coach`.
    #[schema(example = "coach")]
    changed_by: &'static str,
    /// When.
    changed_at: DateTime<Utc>,
    /// How often it was changed; also its ETag.
    version: i32,
}

impl From<Open> for NoteBody {
    fn from(note: Open) -> Self {
        let (changed_by, changed_at) = (note.changed_by.as_str(), note.changed_at.time());
        Self { text: note.text, changed_by, changed_at, version: note.version }
    }
}

/// What a note is to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteWish {
    /// In own words.
    #[schema(min_length = 1, max_length = 20000, example = "Latihan membuka rapat berjalan baik.")]
    text: String,
}

fn which(path: &Path<(String, String)>) -> Result<(SessionId, Which), AppError> {
    let which = match path.1.as_str() {
        "shared" => Which::Shared,
        "private" => Which::Private,
        _ => return Err(AppError::NotFound),
    };
    Ok((session_id(&path.0)?, which))
}

/// Shows the summary that both share, or the own private note.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The session"),
        ("which" = String, Path, description = "`shared` or `private`"),
    ),
    responses(
        (status = 200, description = "The note", body = NoteBody, headers(("ETag" = String, description = "The version, for If-Match"))),
    )
)]
#[get("/sessions/{id}/notes/{which}")]
pub(super) async fn show(
    desk: Data<Desk>,
    caller: SignedIn,
    path: Path<(String, String)>,
) -> Result<HttpResponse, AppError> {
    let (id, which) = which(&path)?;
    let found = desk.ask(move |cx| {
        let act = Act::of(&caller, cx.now, None);
        cx.store.snapshot(|db| session_notes::get(db, &act, &cx.auth.vault, id, which))
    });
    let body = NoteBody::from(found.await?.ok_or(AppError::NotFound)?);
    Ok(versioned(body.version, &body))
}

/// Writes the summary that both share, or the own private note. Who changes one says with If-Match which they saw.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The session"),
        ("which" = String, Path, description = "`shared` or `private`"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the note as it was seen; none for the first"),
    ),
    request_body = NoteWish,
    responses(
        (status = 200, description = "Kept", body = NoteBody, headers(("ETag" = String, description = "The version, for If-Match"))),
    )
)]
#[put("/sessions/{id}/notes/{which}")]
pub(super) async fn write(
    desk: Data<Desk>,
    caller: SignedIn,
    path: Path<(String, String)>,
    seen: MaySeen,
    body: Body<NoteWish>,
) -> Result<HttpResponse, AppError> {
    let (id, which) = which(&path)?;
    let NoteWish { text } = body.read()?;
    // No answer is kept to be told again: it would hold the note in the clear.
    let written = desk.write(move |db, cx| {
        session_notes::write(db, &Act::of(&caller, cx.now, seen.0), &cx.auth.vault, id, which, &text)
    });
    let body = NoteBody::from(written.await?);
    Ok(versioned(body.version, &body))
}

/// Takes the summary that both share, or the own private note, away.
#[utoipa::path(
    tag = "coaching sessions",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The session"),
        ("which" = String, Path, description = "`shared` or `private`"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the note as it was seen"),
    ),
    responses((status = 204, description = "Gone"))
)]
#[delete("/sessions/{id}/notes/{which}")]
pub(super) async fn remove(
    desk: Data<Desk>,
    caller: SignedIn,
    path: Path<(String, String)>,
    seen: MaySeen,
) -> Result<HttpResponse, AppError> {
    let (id, which) = which(&path)?;
    desk.write(move |db, cx| session_notes::delete(db, &Act::of(&caller, cx.now, seen.0), id, which)).await?;
    Ok(HttpResponse::NoContent().finish())
}
