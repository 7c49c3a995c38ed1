//! The first page: the runs there are, or how to get one.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;

use super::assets::Site;
use super::layout::{Layout, html};
use crate::error::AppError;
use crate::face::{Gate, Params, Reader, ResultsReader};
use crate::services::results::{self, Run};

/// Runs shown; older ones are found through the API.
const SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    layout: Layout,
    /// Whether this reader may see results.
    open: bool,
    runs: Vec<RunRow>,
}

/// A run in the list.
struct RunRow {
    address: String,
    cohort: String,
    created_at: String,
    objective: String,
    status: String,
    matched: String,
}

#[get("/")]
pub(super) async fn home(
    gate: Data<Gate>,
    may_read: Option<ResultsReader>,
    site: Data<Site>,
    reader: Reader,
    params: Params,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    params.finish()?;
    let open = may_read.is_some();
    let runs = if open { gate.ask(|store| store.read(|db| results::runs(db, None, SHOWN))).await? } else { Vec::new() };
    let layout = Layout::of(&request, reader, &site);
    let runs = runs.iter().map(|run| RunRow::of(run, &layout)).collect();
    html(reader.lang, &Home { layout, open, runs })
}

impl RunRow {
    fn of(run: &Run, layout: &Layout) -> Self {
        let lang = layout.lang;
        Self {
            address: layout.link(&format!("/runs/{}", run.id)),
            cohort: run.cohort_name.clone(),
            created_at: lang.moment(run.created_at),
            objective: lang.tr(&format!("objective.{}.name", run.objective)).into_owned(),
            status: lang.tr(&format!("status.{}", run.status)).into_owned(),
            matched: match &run.result {
                Some(totals) => lang.fill(
                    "run.fact.matched.note",
                    &[("matched", &lang.number(totals.matched)), ("coachees", &lang.number(totals.coachees))],
                ),
                None => "–".into(),
            },
        }
    }
}
