//! Runs, to the admin of all: asking for one, putting its pairs out, throwing it away, and two side by side.

use std::cmp::Reverse;

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::rows::MOST_AGENCIES;
use super::run::largest_alone;
use super::sending::fault;
use super::trouble::{Given, Trouble};
use crate::domain::{Objective, RunStatus};
use crate::error::AppError;
use crate::face::{Form, PageNationalAdmin};
use crate::i18n::Names;
use crate::services::comparison::{self, Compared, Comparison};
use crate::services::planning::{self, Planning};
use crate::services::results::{self, Run, RunFilter};
use crate::services::runs::{self, Order, Selection};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, ServiceResult, cohorts, directory};
use crate::store::{Db, RunId};

/// Runs to compare with, at most.
const SHOWN: i64 = 200;

#[derive(Template)]
#[template(path = "pages/run_order.html")]
struct OrderPage<'a> {
    layout: Layout,
    given: Given<'a>,
    cohorts: Vec<(String, String)>,
    objectives: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "pages/run_publication.html")]
struct PublicationPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: RunId,
    cohort: String,
    code: String,
    /// What publishing does; none: it cannot be published.
    lead: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/run_discard.html")]
struct DiscardPage {
    layout: Layout,
    id: RunId,
    cohort: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "pages/run_comparison.html")]
struct ComparisonPage {
    layout: Layout,
    id: RunId,
    cohort: String,
    /// Other computed runs of the cohort, and whether it is the one.
    others: Vec<(String, String, bool)>,
    /// Name and number.
    numbers: Vec<(String, String)>,
    groups: Vec<Groups>,
}

/// The groups of a kind in two runs.
struct Groups {
    id: &'static str,
    title: String,
    word: String,
    lead: Option<String>,
    rows: Vec<GroupRow>,
}

/// A group in two runs.
struct GroupRow {
    name: String,
    coachees: String,
    first: String,
    second: String,
    more: String,
}

fn run_id(text: &str) -> Result<RunId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

async fn read(page: &Page, id: RunId) -> Result<Run, AppError> {
    page.desk.read(move |db, _| Ok(results::run(db, id)?)).await
}

/// Asks which cohort is to be matched, and for what.
pub(super) async fn show_new(page: Page, admin: PageNationalAdmin) -> Result<HttpResponse, AppError> {
    new(&page, &admin, None, Given(None)).await
}

async fn new(
    page: &Page,
    visitor: &Visitor,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let found = page.desk.read(cohorts::list).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let objective = |one: &Objective| {
        let text = |part: &str| layout.t(&format!("objective.{one}.{part}"));
        (one.to_string(), format!("{}: {}", text("name"), text("meaning")))
    };
    let shown = OrderPage {
        cohorts: found.into_iter().map(|one| (one.cohort.code, one.cohort.name)).collect(),
        objectives: Objective::ALL.iter().map(objective).collect(),
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Asks for a run by the policy of the cohort; it is computed in the background.
pub(super) async fn order(page: Page, admin: PageNationalAdmin, form: Form) -> Result<HttpResponse, AppError> {
    let tried = async {
        let cohort = form.filled("cohort").ok_or_else(|| fault("cohort", "pages.fault.cohort"))?.to_owned();
        let objective: Objective =
            form.text("objective").parse().map_err(|_| fault("objective", "pages.fault.objective"))?;
        let seed = getrandom::u64().map_err(AppError::internal)?;
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            let id = ordered(db, act, &cohort, objective, seed)?;
            Ok(format!("/runs/{id}?done=run_ordered"))
        };
        page.act(&admin, &form, work).await
    };
    page.or_again(tried, async |trouble| new(&page, &admin, Some(trouble), Given(Some(&form))).await).await
}

fn ordered(db: &mut Db, act: &Act, cohort: &str, objective: Objective, seed: u64) -> ServiceResult<RunId> {
    let mut policy = runs::policy_in_use(db, cohort)?;
    policy.objective = objective;
    let order = Order { cohort: cohort.to_owned(), policy, seed, as_of: act.today() };
    planning::order(db, act, &order, &Planning::default())
}

/// Asks whether the pairs of a run are to be put out.
pub(super) async fn show_publication(
    page: Page,
    admin: PageNationalAdmin,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    publication(&page, &admin, run_id(&id)?, None, Given(None)).await
}

async fn publication(
    page: &Page,
    visitor: &Visitor,
    id: RunId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let run = read(page, id).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let pairs = run.result.as_ref().filter(|_| run.status == RunStatus::Computed && !run.what_if);
    let pairs = pairs.map(|totals| layout.lang.number(totals.matched));
    let shown = PublicationPage {
        id,
        lead: pairs.map(|pairs| layout.lang.fill("pages.run.publication.lead", &[("pairs", &pairs)])),
        cohort: run.cohort_name,
        code: run.cohort_code,
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Puts the pairs of a run out. The code of the cohort is typed for it, so that nobody does it by mistake.
pub(super) async fn publish(
    page: Page,
    admin: PageNationalAdmin,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = run_id(&id)?;
    let tried = async {
        if form.text("code").trim() != read(&page, id).await?.cohort_code {
            return Err(fault("code", "pages.fault.cohort_code"));
        }
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            runs::publish(db, act, id, Selection::All)?;
            Ok(format!("/runs/{id}?done=run_published"))
        };
        page.act(&admin, &form, work).await
    };
    let again = async |trouble| publication(&page, &admin, id, Some(trouble), Given(Some(&form))).await;
    page.or_again(tried, again).await
}

/// Asks whether a run is to be thrown away.
pub(super) async fn show_discard(
    page: Page,
    admin: PageNationalAdmin,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    discarding(&page, &admin, run_id(&id)?, None).await
}

async fn discarding(
    page: &Page,
    visitor: &Visitor,
    id: RunId,
    trouble: Option<Trouble>,
) -> Result<HttpResponse, AppError> {
    let run = read(page, id).await?;
    let shown = DiscardPage {
        layout: page.layout(Some(visitor)).with(trouble),
        id,
        open: run.status.may_become(RunStatus::Discarded),
        cohort: run.cohort_name,
    };
    page.answer(&shown.layout, &shown)
}

/// Throws a run away.
pub(super) async fn discard(
    page: Page,
    admin: PageNationalAdmin,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = run_id(&id)?;
    let tried = page.act(&admin, &form, move |db, _, act| {
        runs::discard(db, act, id)?;
        Ok("/?done=run_discarded".to_owned())
    });
    page.or_again(tried, async |trouble| discarding(&page, &admin, id, Some(trouble)).await).await
}

/// Shows how the pairs of a run differ from those of another of its cohort.
pub(super) async fn compare(page: Page, admin: PageNationalAdmin, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = run_id(&id)?;
    let with: Option<RunId> = page.query("with").parse().ok();
    let found = page.desk.read(move |db, _| {
        let run = results::run(db, id)?;
        let of_cohort = RunFilter { cohort: Some(&run.cohort_code), ..RunFilter::default() };
        let all = results::runs(db, &of_cohort, None, SHOWN)?;
        let compared = with.map(|other| comparison::compare(db, id, other)).transpose()?;
        Ok((run, all, compared, directory::reference(db)?))
    });
    let (run, all, compared, reference) = found.await?;
    let layout = page.layout(Some(&admin));
    let names = Names { lang: layout.lang, reference: &reference };
    let fits = |other: &&Run| other.id != id && other.result.is_some();
    let other = |other: &Run| {
        let objective = layout.t(&format!("objective.{}.name", other.objective));
        (other.id.to_string(), format!("{}, {objective}", layout.lang.moment(other.created_at)), with == Some(other.id))
    };
    let shown = ComparisonPage {
        id,
        others: all.iter().filter(fits).map(other).collect(),
        numbers: compared.as_ref().map(|found| numbers(found, names)).unwrap_or_default(),
        groups: compared.map(|found| groups(&found, &layout, names)).unwrap_or_default(),
        cohort: run.cohort_name,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

fn numbers(found: &Comparison, names: Names) -> Vec<(String, String)> {
    let all = [
        ("same", found.same),
        ("other_coach", found.other_coach),
        ("only_first", found.only_first),
        ("only_second", found.only_second),
    ];
    let one = |(key, number): (&str, usize)| {
        let number = names.lang.number(i64::try_from(number).unwrap_or(i64::MAX));
        (names.lang.tr(&format!("pages.run.comparison.{key}")).into_owned(), number)
    };
    all.map(one).into()
}

fn groups(found: &Comparison, layout: &Layout, names: Names) -> Vec<Groups> {
    let mut largest: Vec<_> = found.agencies.iter().collect();
    largest.sort_by_key(|one| Reverse(one.coachees));
    largest.truncate(MOST_AGENCIES);
    let of = |id: &'static str, word: &str, rows: Vec<GroupRow>| Groups {
        id,
        title: layout.t(&format!("pages.run.comparison.{id}")),
        word: layout.t(word),
        lead: None,
        rows,
    };
    let provinces = found.provinces.iter().map(|one| GroupRow::of(names.province(&one.of), one, names));
    let tiers = found.tiers.iter().map(|one| GroupRow::of(names.tier(one.of), one, names));
    let agencies = largest.into_iter().map(|one| GroupRow::of(one.of.1.clone(), one, names));
    vec![
        of("provinces", "run.province.word", provinces.collect()),
        of("tiers", "run.pairs.tier", tiers.collect()),
        Groups {
            lead: largest_alone(found.agencies.len(), names.lang),
            ..of("agencies", "run.agency.word", agencies.collect())
        },
    ]
}

impl GroupRow {
    fn of<K>(name: String, group: &Compared<K>, names: Names) -> Self {
        let (lang, more) = (names.lang, group.second - group.first);
        let sign = if more > 0 { "+" } else { "" };
        Self {
            name,
            coachees: lang.number(group.coachees),
            first: lang.number(group.first),
            second: lang.number(group.second),
            more: format!("{sign}{}", lang.number(more)),
        }
    }
}
