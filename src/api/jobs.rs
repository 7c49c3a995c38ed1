//! How what runs in the background is doing, for who oversees the service.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::respond::resource;
use crate::error::{AppError, Problem};
use crate::face::{Desk, Overseer, Reader};
use crate::i18n::Lang;
use crate::services::jobs::{self, Outbox, Watched};
use crate::services::{Act, Actor};

/// The jobs in the background, and the outbox.
#[derive(Serialize, ToSchema)]
pub(super) struct JobsBody {
    /// Every job, whether it was ever done or not.
    jobs: Vec<JobBody>,
    /// The mails.
    outbox: OutboxBody,
}

/// A job in the background, whichever process does it.
#[derive(Serialize, ToSchema)]
pub(super) struct JobBody {
    /// Its name, which stays the same.
    #[schema(example = "offers_expire")]
    job: &'static str,
    /// What it does, in the reader's language.
    title: String,
    /// How long after one round the next begins, at the latest, in seconds.
    #[schema(minimum = 1, example = 60)]
    every_seconds: i64,
    /// `not_yet` (never done on this database), `well`, `failing` (the last round failed; it is tried again) or `late`
    /// (nothing was heard of it for too long: no process does it).
    #[schema(example = "well")]
    health: &'static str,
    /// When a round was noted last. Rounds that go well are noted once a minute at most.
    noted_at: Option<DateTime<Utc>>,
    /// When one was noted last that went well.
    well_at: Option<DateTime<Utc>>,
    /// Since when all have failed; null: the last went well.
    failing_since: Option<DateTime<Utc>>,
    /// How many failures in a row were noted.
    #[schema(minimum = 0, example = 0)]
    failures: i32,
    /// Why the last failed: `database`, `busy`, `mail_server` or `internal`; null: it went well.
    failure: Option<&'static str>,
    /// What to do about it, in the reader's language.
    advice: Option<String>,
    /// How many things all rounds together have changed: mails sent, offers expired, and so on.
    #[schema(minimum = 0, example = 12)]
    done: i64,
    /// How long the last round took, in milliseconds.
    #[schema(minimum = 0, example = 3)]
    millis: Option<i64>,
}

/// Mails that are not over.
#[derive(Serialize, ToSchema)]
pub(super) struct OutboxBody {
    /// How many wait to go out, now or later.
    #[schema(minimum = 0, example = 0)]
    queued: i64,
    /// How many are being handed over.
    #[schema(minimum = 0, example = 0)]
    sending: i64,
    /// How many were given up.
    #[schema(minimum = 0, example = 0)]
    dead: i64,
    /// How long the one waits that should have gone out first, in seconds; 0: none is due.
    #[schema(minimum = 0, example = 0)]
    overdue_seconds: u64,
}

impl JobBody {
    fn of(watched: Watched, lang: Lang) -> Self {
        let Watched { job, health, state } = watched;
        let failure = state.as_ref().and_then(|state| state.failure).map(|failure| failure.0);
        Self {
            job: job.as_str(),
            title: lang.tr(&format!("jobs.title.{job}")).into_owned(),
            every_seconds: job.every().num_seconds(),
            health: health.as_str(),
            noted_at: state.as_ref().map(|state| state.noted_at.time()),
            well_at: state.as_ref().and_then(|state| state.well_at).map(|at| at.time()),
            failing_since: state.as_ref().and_then(|state| state.failing_since).map(|at| at.time()),
            failures: state.as_ref().map_or(0, |state| state.failures),
            failure: failure.map(|failure| failure.as_str()),
            advice: jobs::advice(health, failure).map(|key| lang.tr(&key).into_owned()),
            done: state.as_ref().map_or(0, |state| state.done),
            millis: state.map(|state| state.millis),
        }
    }
}

impl From<Outbox> for OutboxBody {
    fn from(outbox: Outbox) -> Self {
        let Outbox { queued, sending, dead, overdue } = outbox;
        Self { queued, sending, dead, overdue_seconds: overdue.as_secs() }
    }
}

/// Shows how the jobs in the background are doing: whether each is done, when it went well last, and why not. They are
/// done by `coachnet serve`, or by `coachnet work` in any number of processes.
#[utoipa::path(
    tag = "operations",
    security(("bearer" = ["national_admin", "auditor"])),
    responses(
        (status = 200, description = "All jobs, and the outbox", body = JobsBody,
            headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/jobs")]
pub(super) async fn show(
    desk: Data<Desk>,
    caller: Overseer,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (watched, outbox) =
        desk.read(move |db, now| jobs::overview(db, &Act::new(Actor::Caller(caller.0), now))).await?;
    let jobs = watched.into_iter().map(|one| JobBody::of(one, reader.lang)).collect();
    resource(&request, reader.lang, &JobsBody { jobs, outbox: outbox.into() })
}
