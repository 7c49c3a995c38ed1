//! The first page: to who is signed in, the one next thing to do; to others, the runs there are, or how
//! to get one.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use chrono::NaiveDate;

use super::admin_home::{AdminHome, AdminView};
use super::coach_home::{CoachHome, CoachView};
use super::coachee_home::{CoacheeHome, CoacheeView};
use super::layout::{Layout, Page, html};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use crate::domain::{Patience, Reference, Role};
use crate::error::AppError;
use crate::face::{Anybody, Form, OpenResults, PageCoach, Params};
use crate::i18n::{Lang, Names};
use crate::services::results::{self, Run, RunFilter};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Caller, Context, Right, ServiceResult, coaches, directory, superiors};
use crate::store::Db;
use crate::store::types::Stamp;

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

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Own {
    layout: Layout,
    given: Given<'static>,
    name: String,
    coachee: Option<CoacheeView>,
    coach: Option<CoachView>,
    admin: Option<AdminView>,
    /// That people wait to be rated by their superior, who reads this.
    superior: Option<String>,
    /// Whether the reader may ask for runs.
    may_order: bool,
    /// None: not for this reader.
    runs: Option<Vec<RunRow>>,
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

/// Shows what the reader may see.
pub(super) async fn show(
    page: Page,
    visitor: Anybody,
    results: Data<OpenResults>,
    patience: Data<Patience>,
    mut params: Params,
) -> Result<HttpResponse, AppError> {
    let _ = params.text("done");
    params.finish()?;
    match visitor.0 {
        Some(visitor) => own(&page, visitor, **patience, None).await,
        None => visitors(&page, results.0).await,
    }
}

async fn visitors(page: &Page, open: bool) -> Result<HttpResponse, AppError> {
    let runs = if open {
        page.desk.read(|db, _| Ok(results::runs(db, &RunFilter::default(), None, SHOWN)?)).await?
    } else {
        Vec::new()
    };
    let layout = page.layout(None);
    let runs = runs.iter().map(|run| RunRow::of(run, &layout)).collect();
    let shown = Home { layout, open, runs };
    html(page, &shown.layout, &shown)
}

async fn own(
    page: &Page,
    visitor: Visitor,
    patience: Patience,
    trouble: Option<Trouble>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.ask(move |cx| {
        let admin = match caller.check(Right::Admin) {
            Ok(()) => Some(AdminHome::read(cx, &caller, patience)?),
            Err(_) => None,
        };
        Ok((admin, cx.store.snapshot(|db| people(db, &caller, cx.now))?))
    });
    let (admin, (coachee, coach, waiting, runs, reference)) = found.await?;
    let layout = page.layout(Some(&visitor)).with(trouble);
    let names = Names { lang: layout.lang, reference: &reference };
    let shown = Own {
        coachee: coachee.map(|found| CoacheeView::of(found, names)),
        coach: coach.map(|found| CoachView::of(found, names)),
        admin: admin.map(|found| AdminView::of(&found, layout.lang)),
        superior: superior(waiting, layout.lang),
        may_order: visitor.caller.check(Right::NationalAdmin).is_ok(),
        runs: runs.map(|runs| runs.iter().map(|run| RunRow::of(run, &layout)).collect()),
        name: visitor.name,
        given: Given(None),
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// What a coachee and a coach find, how many wait to be rated by who reads, the runs that whoever it is may read, and
/// names.
type People = (Option<CoacheeHome>, Option<CoachHome>, usize, Option<Vec<Run>>, Reference);

fn people(db: &mut Db, caller: &Caller, now: Stamp) -> ServiceResult<People> {
    let act = Act::of(caller, now, None);
    let is = |role: Role| caller.person.is_some() && caller.grants.iter().any(|grant| grant.role == role);
    let coachee = if is(Role::Coachee) { Some(CoacheeHome::read(db, &act)?) } else { None };
    let coach = if is(Role::Coach) { Some(CoachHome::read(db, &act)?) } else { None };
    let people = if caller.person.is_some() { superiors::own_people(db, &act)? } else { Vec::new() };
    let waiting = people.iter().filter(|one| one.missing.is_some()).count();
    let may = caller.check(Right::ReadResults).is_ok();
    let runs = if may { Some(results::runs(db, &RunFilter::default(), None, SHOWN)?) } else { None };
    Ok((coachee, coach, waiting, runs, directory::reference(db)?))
}

fn superior(waiting: usize, lang: Lang) -> Option<String> {
    let count = i64::try_from(waiting).ok().filter(|count| *count > 0)?;
    Some(lang.fill("pages.home.to_rate", &[("count", &lang.number(count))]))
}

impl Own {
    fn greeting(&self) -> String {
        self.layout.lang.fill("pages.home.lead", &[("name", &self.name)])
    }
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

/// The coach pauses, until a day or without saying how long, or welcomes new coachees again.
pub(super) async fn set_availability(
    page: Page,
    coach: PageCoach,
    patience: Data<Patience>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let tried = async {
        let person = coach.caller.person()?;
        let pause = form.is("accepting", "no");
        let until = form.filled("until").map(|text| text.trim().parse::<NaiveDate>());
        let until = until.transpose().map_err(|_| fault("until", "error.field.pause_until"))?;
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            if pause {
                coaches::pause_until(db, act, person, until)?
            } else {
                coaches::resume(db, act, person)?
            };
            Ok(if pause { "/?done=paused" } else { "/?done=resumed" }.to_owned())
        };
        page.act(&coach, &form, work).await
    };
    page.or_again(tried, async |trouble| own(&page, coach.0.clone(), **patience, Some(trouble)).await).await
}
