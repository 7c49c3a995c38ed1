//! How what runs in the background is doing, to who oversees the service.

use actix_web::HttpResponse;
use askama::Template;

use super::layout::{Layout, Page};
use crate::domain::JobHealth;
use crate::error::AppError;
use crate::face::PageOverseer;
use crate::services::Act;
use crate::services::jobs::{self, Outbox, Watched};

#[derive(Template)]
#[template(path = "pages/jobs.html")]
struct JobsPage {
    layout: Layout,
    /// Whether nothing asks for a look.
    all_well: bool,
    rows: Vec<Row>,
    /// What the outbox has, and how many of it.
    mails: Vec<(String, String)>,
}

/// A job.
struct Row {
    title: String,
    health: String,
    /// Whether somebody should look.
    wrong: bool,
    /// When it went well last, or that it never did.
    when: String,
    /// What it has done so far.
    done: String,
    advice: Option<String>,
}

/// Shows all jobs, those first that ask for a look.
pub(super) async fn show(page: Page, overseer: PageOverseer) -> Result<HttpResponse, AppError> {
    let caller = overseer.caller.clone();
    let (mut watched, outbox) = page.desk.read(move |db, now| jobs::overview(db, &Act::of(&caller, now, None))).await?;
    watched.sort_by_key(|one| !one.is_wrong());
    let layout = page.layout(Some(&overseer));
    let shown = JobsPage {
        all_well: watched.iter().all(|one| !one.is_wrong()),
        rows: watched.iter().map(|one| row(one, &layout)).collect(),
        mails: mails(&outbox, &layout),
        layout,
    };
    page.answer(&shown.layout, &shown)
}

fn row(watched: &Watched, layout: &Layout) -> Row {
    let Watched { job, health, state } = watched;
    let lang = layout.lang;
    let well_at = state.as_ref().and_then(|state| state.well_at);
    let failure = state.as_ref().and_then(|state| state.failure).map(|failure| failure.0);
    Row {
        title: layout.t(&format!("jobs.title.{job}")),
        health: layout.t(&format!("jobs.health.{health}")),
        wrong: watched.is_wrong(),
        when: match (well_at, health) {
            (Some(at), _) => lang.fill("pages.jobs.well_at", &[("when", &lang.moment(at.time()))]),
            (None, JobHealth::NotYet) => String::new(),
            (None, _) => layout.t("pages.jobs.never_well"),
        },
        done: lang.number(state.as_ref().map_or(0, |state| state.done)),
        advice: jobs::advice(*health, failure).map(|key| layout.t(&key)),
    }
}

fn mails(outbox: &Outbox, layout: &Layout) -> Vec<(String, String)> {
    let Outbox { queued, sending, dead, overdue } = outbox;
    let lang = layout.lang;
    let minutes = i64::try_from(overdue.as_secs() / 60).unwrap_or(i64::MAX);
    vec![
        (layout.t("pages.undelivered.status.queued"), lang.number(*queued)),
        (layout.t("pages.undelivered.status.sending"), lang.number(*sending)),
        (layout.t("pages.undelivered.status.dead"), lang.number(*dead)),
        (layout.t("pages.jobs.overdue"), lang.fill("pages.jobs.minutes", &[("count", &lang.number(minutes))])),
    ]
}
