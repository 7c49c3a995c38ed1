//! The gap profile of a coachee: per competency what is required and what was found.

use actix_web::HttpResponse;
use askama::Template;

use super::coach_home::active;
use super::layout::{Layout, Page};
use super::views::{GapRow, agency, place};
use crate::domain::{RequestStatus, Side};
use crate::error::AppError;
use crate::face::PageCoachee;
use crate::i18n::Names;
use crate::services::Act;
use crate::services::coachees::{self, Profile};
use crate::services::requests::{self, Wanted};
use crate::store::RequestId;

#[derive(Template)]
#[template(path = "pages/profile.html")]
struct ProfilePage {
    layout: Layout,
    facts: Vec<(String, String)>,
    gaps: Vec<GapRow>,
    others: Vec<GapRow>,
    /// When and how the newest was found.
    source: Option<String>,
    /// The open request, if there is one.
    request: Option<RequestId>,
    /// Whether there is a coach.
    paired: bool,
}

/// The competencies that are required or were assessed.
pub(super) fn rows(profile: &Profile, names: Names) -> Vec<GapRow> {
    let all = profile.levels.iter().zip(profile.reference.competencies());
    let concerned = all.filter(|((required, found), _)| *required > 0 || found.is_some());
    concerned
        .map(|((required, found), known)| {
            GapRow::of(&known.code, *required, found.map(|found| found.level.get()), names)
        })
        .collect()
}

/// Shows the profile.
pub(super) async fn show(page: Page, visitor: PageCoachee) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| {
        let act = Act::of(&caller, now, None);
        let open = Wanted { status: Some(RequestStatus::Open), ..Wanted::default() };
        let request = requests::own(db, &act, &open, None, 1)?.first().map(|shown| shown.request.id);
        Ok((coachees::own(db, &act)?, request, !active(db, &act, Side::Coachee)?.is_empty()))
    });
    let (profile, request, paired) = found.await?;
    let layout = page.layout(Some(&visitor));
    let names = Names { lang: layout.lang, reference: &profile.reference };
    let record = &profile.record;
    let fact = |key: &str, value: String| (layout.t(&format!("pages.offer.{key}")), value);
    let facts = vec![
        fact("who", record.name.to_string()),
        fact("position", format!("{} ({})", record.position, names.tier(record.tier))),
        fact("agency", agency(record.agency.as_str(), names)),
        fact("place", place(&record.regency, names)),
    ];
    let newest = profile.levels.iter().filter_map(|(_, found)| *found).max_by_key(|found| found.assessed_on);
    let source = newest.map(|found| {
        let day = layout.lang.date(found.assessed_on);
        let method = layout.t(&format!("pages.method.{}", found.method));
        layout.lang.fill("pages.profile.source", &[("day", &day), ("method", &method)])
    });
    let mut all = rows(&profile, names);
    all.sort_by_key(|row| std::cmp::Reverse(row.gap));
    let (gaps, others) = all.into_iter().partition(|row| row.gap > 0);
    let shown = ProfilePage { facts, gaps, others, source, request, paired, layout };
    page.answer(&shown.layout, &shown)
}
