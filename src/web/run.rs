//! The result of a run, to a person: what came out, what is proven, who was left out and why.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;
use chrono::SecondsFormat;

use super::charts::{Tile, extent};
use super::layout::{Layout, Page, html};
use super::rows::{MOST_AGENCIES, PairRow, ReasonRow, ScoreRow, ShareRow};
use crate::domain::{Objective, Reference, RunStatus};
use crate::error::AppError;
use crate::face::{PageResultsReader, Params, encoded};
use crate::i18n::{Lang, Names};
use crate::matching::certificate::MOST_BLOCKING;
use crate::services::disclosures::Look;
use crate::services::results::{Pair, Run, Summary, Totals};
use crate::services::{Right, directory, results};
use crate::store::read_runs::PairFilter;
use crate::store::{Db, RunId, StoreResult};

/// Pairs shown at a time.
const SHOWN: usize = 50;

/// Everything the page shows, read in one state of the database.
struct Found {
    run: Run,
    summary: Option<Summary>,
    pairs: Vec<Pair>,
    more: bool,
    reference: Reference,
}

#[derive(Template)]
#[template(path = "run.html")]
struct RunPage<'a> {
    layout: Layout,
    run: &'a Run,
    filter: &'a PairFilter,
    result: Option<ResultView>,
    objective: String,
    objective_meaning: String,
    status: String,
    seed: String,
    /// This page without its filter.
    unfiltered: String,
    /// What an admin of all may do: the address, and what the link says; the first is the main one.
    actions: Vec<(String, String)>,
}

/// What is shown of a computed run.
struct ResultView {
    headline: String,
    computed_at: String,
    computed_at_exact: String,
    facts: Vec<Fact>,
    proofs: Vec<String>,
    digest: Option<String>,
    program: Option<String>,
    classes: Vec<ShareRow>,
    provinces: Vec<ShareRow>,
    tiers: Vec<ShareRow>,
    agencies: Vec<ShareRow>,
    /// That not all agencies are shown, where they are not.
    agencies_lead: Option<String>,
    tiles: Vec<Tile>,
    map: (u32, u32),
    waiting_title: String,
    reasons: Vec<ReasonRow>,
    scores: Vec<ScoreRow>,
    pairs: Vec<PairRow>,
    next: Option<String>,
}

/// A number that stands large on the page.
struct Fact {
    value: String,
    name: String,
    note: String,
}

pub(super) async fn show(
    page: Page,
    visitor: PageResultsReader,
    mut params: Params,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let id: RunId = id.parse().map_err(|_| AppError::NotFound)?;
    let _ = params.text("done");
    let caller = visitor.0.as_ref().map(|visitor| &visitor.caller);
    let look = Look::by(caller, "run_pairs").of(id.uuid()).through(params.filters());
    let after = params.parsed("cursor", "error.parameter.cursor");
    let filter = PairFilter { province: params.text("province"), coach: params.text("coach"), ..PairFilter::default() };
    params.finish()?;
    let wanted = filter.clone();
    let found = page.desk.ask(move |cx| {
        let found = cx.store.snapshot(|db| Found::read(db, id, &wanted, after))?;
        // A run that has no pairs yet is looked at again and again.
        if !found.pairs.is_empty() {
            look.note(cx, found.pairs.len())?;
        }
        Ok(found)
    });
    let found = found.await?;
    let layout = page.layout(visitor.0.as_ref());
    let may_decide = visitor.0.is_some_and(|visitor| visitor.caller.check(Right::NationalAdmin).is_ok());
    let actions = if may_decide { actions(&found.run, &layout) } else { Vec::new() };
    let shown = RunPage { actions, ..RunPage::of(&found, &filter, layout) };
    html(&page, &shown.layout, &shown)
}

impl Found {
    fn read(db: &mut Db, id: RunId, filter: &PairFilter, after: Option<i32>) -> StoreResult<Self> {
        let reference = directory::reference(db)?;
        let run = results::run(db, id)?;
        let (mut summary, mut pairs) = (None, Vec::new());
        if run.result.is_some() {
            summary = Some(results::summary(db, &run)?);
            pairs = results::pairs(db, &run, &reference, filter, after, SHOWN as i64 + 1)?;
        }
        let more = pairs.len() > SHOWN;
        pairs.truncate(SHOWN);
        Ok(Self { run, summary, pairs, more, reference })
    }
}

impl<'a> RunPage<'a> {
    fn of(found: &'a Found, filter: &'a PairFilter, layout: Layout) -> Self {
        let (run, lang) = (&found.run, layout.lang);
        let result = match (&run.result, &found.summary) {
            (Some(totals), Some(summary)) => Some(ResultView::of(found, totals, summary, filter, &layout)),
            _ => None,
        };
        Self {
            objective: lang.tr(&format!("objective.{}.name", run.objective)).into_owned(),
            objective_meaning: lang.tr(&format!("objective.{}.meaning", run.objective)).into_owned(),
            status: lang.tr(&format!("status.{}", run.status)).into_owned(),
            seed: run.seed.to_string(),
            unfiltered: layout.link(&format!("/runs/{}#pairs", run.id)),
            actions: Vec::new(),
            run,
            filter,
            result,
            layout,
        }
    }

    fn filtered(&self) -> bool {
        *self.filter != PairFilter::default()
    }

    fn is_filtered_by(&self, province: &str) -> bool {
        self.filter.province.as_deref() == Some(province)
    }
}

/// What becomes of a run is decided on pages of its own.
fn actions(run: &Run, layout: &Layout) -> Vec<(String, String)> {
    let all = [
        ("publication", run.status == RunStatus::Computed && !run.what_if),
        ("comparison", run.result.is_some()),
        ("discard", run.status.may_become(RunStatus::Discarded)),
    ];
    let open = all.into_iter().filter(|(_, open)| *open);
    open.map(|(part, _)| (format!("/runs/{}/{part}", run.id), layout.t(&format!("pages.run.{part}.link")))).collect()
}

impl ResultView {
    fn of(found: &Found, totals: &Totals, summary: &Summary, filter: &PairFilter, layout: &Layout) -> Self {
        let lang = layout.lang;
        let names = Names { lang, reference: &found.reference };
        let best = found.run.policy.weights.total();
        let tiles = tiles(summary, &found.reference, lang);
        let next = found.pairs.last().filter(|_| found.more).map(|last| {
            layout.link(&format!("/runs/{}?{}cursor={}#pairs", found.run.id, filter_query(filter), last.place))
        });
        Self {
            headline: headline(totals, lang),
            computed_at: lang.moment(totals.computed_at),
            computed_at_exact: totals.computed_at.to_rfc3339_opts(SecondsFormat::Secs, true),
            facts: facts(totals, summary, lang),
            proofs: proofs(totals, found.run.objective, lang),
            digest: totals.input_digest.clone(),
            program: totals.program_version.clone(),
            classes: ShareRow::classes(summary, names),
            provinces: ShareRow::provinces(summary, names),
            tiers: ShareRow::tiers(summary, names),
            agencies: ShareRow::agencies(summary, names),
            agencies_lead: largest_alone(summary.agencies.len(), lang),
            map: extent(&tiles),
            tiles,
            waiting_title: lang.fill("run.waiting.title", &[("count", &lang.number(totals.coachees - totals.matched))]),
            reasons: summary.reasons.iter().map(|row| ReasonRow::of(row, names)).collect(),
            scores: ScoreRow::all(&summary.scores, names),
            pairs: found.pairs.iter().map(|pair| PairRow::of(pair, best, names)).collect(),
            next,
        }
    }
}

/// The four numbers that matter most.
fn facts(totals: &Totals, summary: &Summary, lang: Lang) -> Vec<Fact> {
    let fact = |key: &str, value: String, note: String| Fact {
        value,
        name: lang.tr(&format!("run.fact.{key}.name")).into_owned(),
        note,
    };
    let of = |key: &str, number: i64| lang.fill(key, &[("number", &lang.number(number))]);
    let bound = totals.upper_bound.unwrap_or(totals.total_score);
    vec![
        fact(
            "matched",
            lang.share(totals.matched, totals.coachees),
            lang.fill(
                "run.fact.matched.note",
                &[("matched", &lang.number(totals.matched)), ("coachees", &lang.number(totals.coachees))],
            ),
        ),
        match totals.upper_bound {
            Some(_) => {
                fact("score", lang.share(totals.total_score, bound), of("run.fact.score.note", totals.total_score))
            }
            None => fact("total", lang.number(totals.total_score), lang.tr("run.fact.total.note").into_owned()),
        },
        fact("waiting", lang.number(totals.coachees - totals.matched), lang.tr("run.fact.waiting.note").into_owned()),
        fact("idle", lang.number(summary.idle_coaches), of("run.fact.idle.note", totals.coaches)),
    ]
}

fn tiles(summary: &Summary, reference: &Reference, lang: Lang) -> Vec<Tile> {
    let share =
        |code: &str| summary.provinces.iter().find(|(of, _)| of == code).map(|(_, share)| *share).unwrap_or_default();
    let provinces = reference.provinces().iter();
    provinces
        .map(|province| {
            let share = share(province.code.as_str());
            Tile::of(province, share.matched, share.coachees, lang)
        })
        .collect()
}

fn filter_query(filter: &PairFilter) -> String {
    [("province", &filter.province), ("coach", &filter.coach)]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}&", encoded(value.as_ref()?))))
        .collect()
}

/// Where the pairs of a province are, from the page of a run.
pub(super) fn pairs_of(province: &str) -> String {
    format!("?province={}#pairs", encoded(province))
}

/// That only the largest of so many agencies are shown, where it is so.
pub(super) fn largest_alone(agencies: usize, lang: Lang) -> Option<String> {
    let count = |number: usize| lang.number(i64::try_from(number).unwrap_or(i64::MAX));
    (agencies > MOST_AGENCIES)
        .then(|| lang.fill("run.agency.lead", &[("shown", &count(MOST_AGENCIES)), ("all", &count(agencies))]))
}

/// The result in one sentence.
fn headline(totals: &Totals, lang: Lang) -> String {
    let matched = lang.number(totals.matched);
    let coachees = lang.number(totals.coachees);
    match totals.possible {
        Some(possible) if possible == totals.matched => {
            lang.fill("run.headline.most", &[("matched", &matched), ("coachees", &coachees)])
        }
        Some(possible) => lang.fill(
            "run.headline.fewer",
            &[("matched", &matched), ("coachees", &coachees), ("possible", &lang.number(possible))],
        ),
        None => lang.fill("run.headline.plain", &[("matched", &matched), ("coachees", &coachees)]),
    }
}

/// What is proven, a sentence each.
fn proofs(totals: &Totals, objective: Objective, lang: Lang) -> Vec<String> {
    let mut proofs = vec![lang.tr("run.proof.feasible").into_owned()];
    if let Some(possible) = totals.possible {
        let (matched, possible_text) = (lang.number(totals.matched), lang.number(possible));
        let key = if totals.matched == possible { "run.proof.most" } else { "run.proof.fewer" };
        proofs.push(lang.fill(key, &[("matched", &matched), ("possible", &possible_text)]));
    }
    if let Some(bound) = totals.upper_bound {
        let (total, bound_text) = (lang.number(totals.total_score), lang.number(bound));
        let gap = lang.number(bound - totals.total_score);
        let key = match (objective, bound == totals.total_score) {
            (Objective::MostPeople, true) => "run.proof.best_among_most",
            (_, true) => "run.proof.best",
            (_, false) => "run.proof.near_best",
        };
        proofs.push(lang.fill(key, &[("total", &total), ("bound", &bound_text), ("gap", &gap)]));
    }
    match totals.blocking_pairs {
        Some(0) => proofs.push(lang.tr("run.proof.stable").into_owned()),
        Some(blocking) => {
            let key = if blocking < MOST_BLOCKING as i64 { "run.proof.blocking" } else { "run.proof.blocking_many" };
            proofs.push(lang.fill(key, &[("count", &lang.number(blocking))]));
        }
        None => {}
    }
    proofs
}
