//! A goal on a page of its own, to change it and to say how far it is; to the two whose it is.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use crate::domain::{GoalStatus, PairingStatus, Reference};
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::i18n::Names;
use crate::services::pair_work::{self, GoalWish};
use crate::services::shown::PairingShown;
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, directory, pairings};
use crate::store::pair_work::Goal;
use crate::store::{Db, GoalId, PairingId};

/// The fields of a goal, filled in.
pub(super) struct GoalFields {
    pub goal: String,
    /// Code, name, and whether it is chosen.
    pub competencies: Vec<(String, String, bool)>,
    pub areas: Vec<Area>,
}

/// A field of some lines that may be left empty.
pub(super) struct Area {
    pub name: &'static str,
    pub label: String,
    pub hint: String,
    pub text: String,
}

impl GoalFields {
    /// As they were sent; before that, as the goal is.
    pub(super) fn of(goal: Option<&Goal>, given: &Given, names: Names) -> Self {
        let kept = |text: Option<&String>| text.cloned().unwrap_or_default();
        let area = |name: &'static str, text: Option<&String>| Area {
            name,
            label: names.lang.tr(&format!("pages.work.{name}")).into_owned(),
            hint: names.lang.tr(&format!("pages.work.{name}_hint")).into_owned(),
            text: given.or(name, &kept(text)).to_owned(),
        };
        let about = goal.and_then(|goal| goal.competency.as_ref()).map(|code| code.0.to_string()).unwrap_or_default();
        let all = names.reference.competencies().iter();
        Self {
            goal: given.or("goal", &kept(goal.map(|goal| &goal.goal))).to_owned(),
            competencies: all
                .map(|one| {
                    let code = one.code.to_string();
                    let chosen = given.is_or("competency", &code, code == about);
                    (code, names.competency(&one.code), chosen)
                })
                .collect(),
            areas: vec![
                area("reality", goal.and_then(|goal| goal.reality.as_ref())),
                area("options", goal.and_then(|goal| goal.options.as_ref())),
                area("will", goal.and_then(|goal| goal.will.as_ref())),
            ],
        }
    }
}

/// What a form says of a goal.
pub(super) fn goal_wish(form: &Form, status: GoalStatus) -> Result<GoalWish, AppError> {
    let text = |field: &str| form.filled(field).map(str::to_owned);
    let competency = form.filled("competency").map(str::parse).transpose();
    Ok(GoalWish {
        competency: competency.map_err(|_| fault("competency", "pages.fault.competency"))?,
        goal: form.text("goal").to_owned(),
        reality: text("reality"),
        options: text("options"),
        will: text("will"),
        status,
    })
}

#[derive(Template)]
#[template(path = "pages/goal.html")]
struct GoalPage {
    layout: Layout,
    id: GoalId,
    pairing: PairingId,
    version: i32,
    active: bool,
    fields: GoalFields,
    /// The word, its name, and whether it is chosen.
    statuses: Vec<(String, String, bool)>,
}

/// Shows a goal as it can be changed.
pub(super) async fn show(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    goal(&page, &visitor, goal_id(&id)?, None, Given(None)).await
}

fn goal_id(text: &str) -> Result<GoalId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

async fn goal(
    page: &Page,
    visitor: &Visitor,
    id: GoalId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| {
        let act = Act::of(&caller, now, None);
        let goal = pair_work::goal(db, &act, id)?;
        let shown = pairings::get(db, &act, goal.pairing)?.shown;
        Ok((goal, shown, directory::reference(db)?))
    });
    let (goal, shown, reference): (Goal, PairingShown, Reference) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let status = |one: &GoalStatus| {
        let chosen = given.is_or("status", one.as_str(), goal.status.0 == *one);
        (one.to_string(), layout.t(&format!("pages.work.status.{one}")), chosen)
    };
    let shown = GoalPage {
        id,
        pairing: goal.pairing,
        version: goal.version,
        active: is_active(&shown),
        fields: GoalFields::of(Some(&goal), &given, Names { lang: layout.lang, reference: &reference }),
        statuses: GoalStatus::ALL.iter().map(status).collect(),
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Whether the work of a pairing may still be changed.
pub(super) fn is_active(shown: &PairingShown) -> bool {
    shown.pairing.status.0 == PairingStatus::Active
}

/// Changes a goal, and says how far it is.
pub(super) async fn change(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = goal_id(&id)?;
    let tried = async {
        let status = form.text("status").parse().map_err(|_| fault("status", "pages.fault.goal_status"))?;
        let wish = goal_wish(&form, status)?;
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            let changed = pair_work::change_goal(db, act, id, &wish)?;
            Ok(format!("/pairings/{}/work?done=goal_changed", changed.pairing))
        };
        page.act(&visitor, &form, work).await
    };
    page.or_again(tried, async |trouble| goal(&page, &visitor, id, Some(trouble), Given(Some(&form))).await).await
}
