//! What a pair works on, to the two alone: goals, what is to be done, what is to be read.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;
use chrono::NaiveDate;

use super::action_items::{item_wish, owners};
use super::goals::{GoalFields, goal_wish, is_active};
use super::layout::{Layout, Page};
use super::pairings::pairing_id;
use super::trouble::{Given, Trouble};
use crate::domain::{GoalStatus, Reference, Side};
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::i18n::Names;
use crate::services::pair_work::{self, Work};
use crate::services::shown::PairingShown;
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, ServiceResult, directory, pairings};
use crate::store::pair_work::{ActionItem, Goal, Resource};
use crate::store::{ActionItemId, Db, GoalId, PairingId, ResourceId};

/// What the page shows, in one state of the database.
struct Found {
    shown: PairingShown,
    side: Side,
    work: Work,
    reference: Reference,
    today: NaiveDate,
}

#[derive(Template)]
#[template(path = "pages/work.html")]
struct WorkPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: PairingId,
    active: bool,
    lead: String,
    goals: Vec<GoalRow>,
    fields: GoalFields,
    items: Vec<ItemRow>,
    owners: Vec<(String, String)>,
    owner: String,
    resources: Vec<ResourceRow>,
}

/// A goal.
pub(super) struct GoalRow {
    pub id: GoalId,
    pub goal: String,
    pub competency: Option<String>,
    pub status: String,
    pub open: bool,
    /// What else is written down about it: what it is, and the text.
    pub lines: Vec<(String, String)>,
}

/// Something to do.
struct ItemRow {
    id: ActionItemId,
    version: i32,
    what: String,
    /// Who, and until when.
    about: String,
    done: bool,
    late: bool,
}

/// Something to read.
struct ResourceRow {
    id: ResourceId,
    title: String,
    url: String,
    /// Where it leads, in short.
    host: String,
}

impl GoalRow {
    pub(super) fn of(goal: &Goal, names: Names) -> Self {
        let lang = names.lang;
        let line = |key: &str, text: &Option<String>| {
            text.clone().map(|text| (lang.tr(&format!("pages.work.{key}")).into_owned(), text))
        };
        let lines = [("reality", &goal.reality), ("options", &goal.options), ("will", &goal.will)];
        Self {
            id: goal.id,
            goal: goal.goal.clone(),
            competency: goal.competency.as_ref().map(|code| names.competency(&code.0)),
            status: lang.tr(&format!("pages.work.status.{}", goal.status)).into_owned(),
            open: goal.status.0 == GoalStatus::Open,
            lines: lines.into_iter().filter_map(|(key, text)| line(key, text)).collect(),
        }
    }
}

impl ItemRow {
    fn of(item: &ActionItem, found: &Found, layout: &Layout) -> Self {
        let who = if item.owner.0 == found.side { layout.t("pages.work.you") } else { found.other() };
        let due = item.due_on.map(|day| layout.lang.fill("pages.work.until", &[("day", &layout.lang.date(day.0))]));
        Self {
            id: item.id,
            version: item.version,
            what: item.what.clone(),
            about: due.map_or_else(|| who.clone(), |due| format!("{who}, {due}")),
            done: item.done_at.is_some(),
            late: item.done_at.is_none() && item.due_on.is_some_and(|day| day.0 < found.today),
        }
    }
}

impl ResourceRow {
    fn of(resource: &Resource) -> Self {
        let host = url::Url::parse(&resource.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        Self {
            id: resource.id,
            title: resource.title.clone(),
            url: resource.url.clone(),
            host: host.unwrap_or_default(),
        }
    }
}

impl Found {
    fn read(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Self> {
        // First, since this alone keeps others out: those who run the programme may see the pairing.
        let work = pair_work::get(db, act, id)?;
        let shown = pairings::get(db, act, id)?.shown;
        let side = if act.is(shown.pairing.coach) { Side::Coach } else { Side::Coachee };
        Ok(Self { shown, side, work, reference: directory::reference(db)?, today: act.today() })
    }

    /// The name of the other side.
    fn other(&self) -> String {
        let card = if self.side == Side::Coach { &self.shown.coachee } else { &self.shown.coach };
        card.name.to_string()
    }
}

/// Shows what a pair works on.
pub(super) async fn show(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    again(&page, &visitor, pairing_id(&id)?, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    id: PairingId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| Found::read(db, &Act::of(&caller, now, None), id)).await?;
    let shown = WorkPage::of(&found, page.layout(Some(visitor)).with(trouble), given);
    page.answer(&shown.layout, &shown)
}

impl<'a> WorkPage<'a> {
    fn of(found: &Found, layout: Layout, given: Given<'a>) -> Self {
        let names = Names { lang: layout.lang, reference: &found.reference };
        let other = found.other();
        let mut goals: Vec<GoalRow> = found.work.goals.iter().map(|goal| GoalRow::of(goal, names)).collect();
        goals.sort_by_key(|goal| !goal.open);
        let mut items: Vec<&ActionItem> = found.work.action_items.iter().collect();
        // What is to be done next comes first; what has no day comes after what has one.
        items.sort_by_key(|item| (item.done_at.is_some(), item.due_on.is_none(), item.due_on.map(|day| day.0)));
        let owner = Some(given.text("owner")).filter(|owner| !owner.is_empty()).map(str::to_owned);
        Self {
            id: found.shown.pairing.id,
            active: is_active(&found.shown),
            lead: layout.lang.fill("pages.work.lead", &[("other", &other)]),
            goals,
            fields: GoalFields::of(None, &given, names),
            items: items.into_iter().map(|item| ItemRow::of(item, found, &layout)).collect(),
            owners: owners(found.side, &other, &layout),
            owner: owner.unwrap_or_else(|| found.side.to_string()),
            resources: found.work.resources.iter().map(ResourceRow::of).collect(),
            given,
            layout,
        }
    }

    /// Whether one of these fields was filled in wrongly, so that its form must be in view.
    fn wrong(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.layout.fault(field).is_some())
    }
}

/// Does something to the work of a pair for the sender of a form, and shows the page with what is wrong if it cannot be.
async fn act_on(
    page: &Page,
    visitor: &Visitor,
    id: PairingId,
    form: &Form,
    done: &'static str,
    work: Result<impl Fn(&mut Db, &Act) -> ServiceResult<()> + Send + 'static, AppError>,
) -> Result<HttpResponse, AppError> {
    let tried = async {
        let work = work?;
        let leads_on = move |db: &mut Db, _: &Context, act: &Act| {
            work(db, act)?;
            Ok(format!("/pairings/{id}/work?done={done}"))
        };
        page.act(visitor, form, leads_on).await
    };
    page.or_again(tried, async |trouble| again(page, visitor, id, Some(trouble), Given(Some(form))).await).await
}

/// Writes a goal down.
pub(super) async fn add_goal(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let wish = goal_wish(&form, GoalStatus::Open);
    let work = wish.map(|wish| move |db: &mut Db, act: &Act| pair_work::add_goal(db, act, id, &wish).map(drop));
    act_on(&page, &visitor, id, &form, "goal_added", work).await
}

/// Writes down what is to be done.
pub(super) async fn add_item(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let wish = item_wish(&form, false);
    let work = wish.map(|wish| move |db: &mut Db, act: &Act| pair_work::add_action_item(db, act, id, &wish).map(drop));
    act_on(&page, &visitor, id, &form, "item_added", work).await
}

/// Says that something is done, or not yet after all.
pub(super) async fn tick(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let item: ActionItemId = form.text("item").parse().map_err(|_| AppError::NotFound)?;
    let is_done = form.is("done", "yes");
    let work = move |db: &mut Db, act: &Act| pair_work::tick_action_item(db, act, item, is_done).map(drop);
    act_on(&page, &visitor, id, &form, if is_done { "item_done" } else { "item_open" }, Ok(work)).await
}

/// Adds something to read.
pub(super) async fn add_resource(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let (title, url) = (form.text("title").to_owned(), form.text("url").to_owned());
    let work = move |db: &mut Db, act: &Act| pair_work::add_resource(db, act, id, &title, &url).map(drop);
    act_on(&page, &visitor, id, &form, "resource_added", Ok(work)).await
}

/// Takes something to read away.
pub(super) async fn remove_resource(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let resource: ResourceId = form.text("resource").parse().map_err(|_| AppError::NotFound)?;
    let work = move |db: &mut Db, act: &Act| pair_work::remove_resource(db, act, id, resource);
    act_on(&page, &visitor, id, &form, "resource_removed", Ok(work)).await
}
