//! What stands still longer than it should, to admins.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use super::admin_home::StuckRow;
use super::layout::{Layout, Page};
use crate::domain::{Patience, StuckKind};
use crate::error::AppError;
use crate::face::{PageAdmin, encoded};
use crate::services::Act;
use crate::services::disclosures::Look;
use crate::services::monitoring::Wanted;
use crate::services::monitoring::stuck::{self, Place};

/// Things shown at a time.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "pages/stuck.html")]
struct StuckPage {
    layout: Layout,
    /// Kinds to choose from, and whether it is the one.
    kinds: Vec<(String, String, bool)>,
    rows: Vec<StuckRow>,
    /// The address of the rest.
    next: Option<String>,
}

/// Lists what is stuck, the most overdue first.
pub(super) async fn show(page: Page, patience: Data<Patience>, admin: PageAdmin) -> Result<HttpResponse, AppError> {
    // What is no kind and no place is left out: all is shown, from the first.
    let kind: Option<StuckKind> = page.query("kind").parse().ok();
    let after: Option<Place> = page.query("after").parse().ok();
    let filters = kind.map(|_| "kind".to_owned()).into_iter().collect();
    let look = Look::at(&admin.caller, "stuck").through(filters);
    let (caller, patience) = (admin.caller.clone(), **patience);
    let limit = SHOWN as i64;
    let found = page.desk.show_list(look, limit, move |db, now| {
        stuck::list(db, &Act::of(&caller, now, None), patience, &Wanted::default(), kind, after, limit + 1)
    });
    let found = found.await?;
    let layout = page.layout(Some(&admin));
    let lang = layout.lang;
    let chosen = kind.map(|kind| format!("kind={kind}&")).unwrap_or_default();
    let last = found.get(SHOWN - 1).filter(|_| found.len() > SHOWN);
    let shown = StuckPage {
        kinds: StuckKind::ALL
            .iter()
            .map(|one| (one.to_string(), layout.t(&format!("pages.stuck.kind.{one}")), kind == Some(*one)))
            .collect(),
        rows: found.iter().take(SHOWN).map(|item| StuckRow::of(item, lang)).collect(),
        next: last.map(|item| format!("/stuck?{chosen}after={}", encoded(&item.place.to_string()))),
        layout,
    };
    page.answer(&shown.layout, &shown)
}
