//! What a pair works on: goals, action items, things to read.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, post, put};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{Checked, day};
use super::pairings::pairing_id;
use crate::domain::{GoalStatus, Side};
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, MaySeen, Once, SignedIn, done, told};
use crate::services::Act;
use crate::services::pair_work::{self, GoalWish, ItemWish, Work};
use crate::store::pair_work::{ActionItem, Goal, Resource};
use crate::store::{ActionItemId, GoalId, ResourceId, SessionId};

/// What a pair works on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkBody {
    /// What is to be reached, the oldest first.
    goals: Vec<GoalBody>,
    /// What is to be done, the oldest first.
    action_items: Vec<ActionItemBody>,
    /// What is to be read, the oldest first.
    resources: Vec<ResourceBody>,
}

impl From<Work> for WorkBody {
    fn from(work: Work) -> Self {
        Self {
            goals: work.goals.into_iter().map(GoalBody::from).collect(),
            action_items: work.action_items.into_iter().map(ActionItemBody::from).collect(),
            resources: work.resources.into_iter().map(ResourceBody::from).collect(),
        }
    }
}

/// A goal in the words of the GROW model.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GoalBody {
    /// Its id.
    id: Uuid,
    /// The code of the competency it is about, if one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "M.03")]
    competency: Option<String>,
    /// What is to be reached.
    #[schema(example = "Memimpin rapat lintas unit tanpa bantuan.")]
    goal: String,
    /// How things are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    reality: Option<String>,
    /// What could be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<String>,
    /// What will be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    will: Option<String>,
    /// `open`, `reached` or `dropped`.
    #[schema(example = "open")]
    status: &'static str,
    /// Who wrote it down: `coachee` or `coach`.
    created_by: &'static str,
    /// When it was last changed.
    changed_at: DateTime<Utc>,
    /// How often it was changed; for If-Match.
    version: i32,
}

impl From<Goal> for GoalBody {
    fn from(goal: Goal) -> Self {
        Self {
            id: goal.id.uuid(),
            competency: goal.competency.map(|code| code.0.to_string()),
            goal: goal.goal,
            reality: goal.reality,
            options: goal.options,
            will: goal.will,
            status: goal.status.0.as_str(),
            created_by: goal.created_by.0.as_str(),
            changed_at: goal.changed_at.time(),
            version: goal.version,
        }
    }
}

/// Something that one of the two is to do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActionItemBody {
    /// Its id.
    id: Uuid,
    /// The session in which it was agreed, if one.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Uuid>,
    /// Who is to do it: `coachee` or `coach`.
    #[schema(example = "coachee")]
    owner: &'static str,
    /// What.
    #[schema(example = "Menyusun agenda rapat bulan depan.")]
    what: String,
    /// Until which day.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<NaiveDate>,
    /// When it was done, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    done_at: Option<DateTime<Utc>>,
    /// Who wrote it down: `coachee` or `coach`.
    created_by: &'static str,
    /// How often it was changed; for If-Match.
    version: i32,
}

impl From<ActionItem> for ActionItemBody {
    fn from(item: ActionItem) -> Self {
        Self {
            id: item.id.uuid(),
            session: item.session.map(SessionId::uuid),
            owner: item.owner.0.as_str(),
            what: item.what,
            due_on: item.due_on.map(|day| day.0),
            done_at: item.done_at.map(|at| at.time()),
            created_by: item.created_by.0.as_str(),
            version: item.version,
        }
    }
}

/// Something to read or to watch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ResourceBody {
    /// Its id.
    id: Uuid,
    /// What it is.
    #[schema(example = "Memimpin rapat yang singkat")]
    title: String,
    /// Where it is.
    #[schema(example = "https://perpustakaan.contoh.go.id/rapat")]
    url: String,
    /// Who added it: `coachee` or `coach`.
    added_by: &'static str,
    /// When.
    added_at: DateTime<Utc>,
}

impl From<Resource> for ResourceBody {
    fn from(resource: Resource) -> Self {
        let (added_by, added_at) = (resource.added_by.0.as_str(), resource.added_at.time());
        Self { id: resource.id.uuid(), title: resource.title, url: resource.url, added_by, added_at }
    }
}

/// Shows what a pair works on, to the two alone.
#[utoipa::path(
    tag = "work of a pair",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    responses((status = 200, description = "All of it", body = WorkBody))
)]
#[get("/pairings/{id}/work")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let found = desk.read(move |db, now| pair_work::get(db, &Act::of(&caller, now, None), id)).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(WorkBody::from(found)))
}

/// A goal in the words of the GROW model.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GoalBodyWish {
    /// The code of the competency it is about.
    #[schema(example = "M.03")]
    competency: Option<String>,
    /// What is to be reached.
    #[schema(min_length = 1, max_length = 500, example = "Memimpin rapat lintas unit tanpa bantuan.")]
    goal: String,
    /// How things are now.
    #[schema(max_length = 1000)]
    reality: Option<String>,
    /// What could be done.
    #[schema(max_length = 1000)]
    options: Option<String>,
    /// What will be done.
    #[schema(max_length = 1000)]
    will: Option<String>,
    /// `open`, `reached` or `dropped`; open unless said.
    #[schema(example = "open")]
    status: Option<String>,
}

impl GoalBodyWish {
    fn read(self) -> Result<GoalWish, AppError> {
        let mut checked = Checked::default();
        let competency = self.competency.as_deref();
        let competency = competency.and_then(|code| checked.parsed("/competency", code, "error.field.competency"));
        let status = self.status.as_deref();
        let status = status.and_then(|status| checked.parsed("/status", status, "error.field.goal_status"));
        checked.finish()?;
        let status = status.unwrap_or(GoalStatus::Open);
        let Self { goal, reality, options, will, .. } = self;
        Ok(GoalWish { competency, goal, reality, options, will, status })
    }
}

/// Writes a goal down, by either of the two.
#[utoipa::path(
    tag = "work of a pair",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    request_body = GoalBodyWish,
    responses(
        (status = 201, description = "Kept", body = GoalBody),
        (status = 409, description = "The pairing is over, or has 200 goals", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/goals")]
pub(super) async fn add_goal(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    once: Once,
    body: Body<GoalBodyWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let wish = body.read()?.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let goal = pair_work::add_goal(db, &Act::of(&caller, cx.now, None), id, &wish)?;
        told(StatusCode::CREATED, None, &GoalBody::from(goal))
    })
    .await
}

/// Changes a goal, by either of the two.
#[utoipa::path(
    tag = "work of a pair",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The goal"),
        ("If-Match" = Option<String>, Header, description = "The version of the goal as it was seen"),
    ),
    request_body = GoalBodyWish,
    responses(
        (status = 200, description = "Changed", body = GoalBody),
        (status = 409, description = "The pairing is over", body = Problem, content_type = "application/problem+json"),
    )
)]
#[put("/goals/{id}")]
pub(super) async fn change_goal(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<GoalBodyWish>,
) -> Result<HttpResponse, AppError> {
    let id: GoalId = id.parse().map_err(|_| AppError::NotFound)?;
    let wish = body.read()?.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let goal = pair_work::change_goal(db, &Act::of(&caller, cx.now, seen.0), id, &wish)?;
        told(StatusCode::OK, None, &GoalBody::from(goal))
    })
    .await
}

/// Something that one of the two is to do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActionItemWish {
    /// The session in which it was agreed; only when it is written down.
    session: Option<Uuid>,
    /// Who is to do it: `coachee` or `coach`.
    #[schema(example = "coachee")]
    owner: String,
    /// What.
    #[schema(min_length = 1, max_length = 500, example = "Menyusun agenda rapat bulan depan.")]
    what: String,
    /// Until which day.
    #[schema(format = Date, example = "2026-12-14")]
    due_on: Option<String>,
    /// Whether it is done.
    done: Option<bool>,
}

impl ActionItemWish {
    fn read(self) -> Result<ItemWish, AppError> {
        let mut checked = Checked::default();
        let owner = checked.parsed("/owner", &self.owner, "error.field.side");
        let due_on = self.due_on.as_deref().and_then(|text| day(&mut checked, "/due_on", text));
        checked.finish()?;
        let session = self.session.map(SessionId::from);
        let owner = owner.unwrap_or(Side::Coachee);
        Ok(ItemWish { session, owner, what: self.what, due_on, done: self.done.unwrap_or(false) })
    }
}

/// Writes an action item down, by either of the two.
#[utoipa::path(
    tag = "work of a pair",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    request_body = ActionItemWish,
    responses(
        (status = 201, description = "Kept", body = ActionItemBody),
        (status = 409, description = "The pairing is over, or has 200 items", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/action_items")]
pub(super) async fn add_action_item(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    once: Once,
    body: Body<ActionItemWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let wish = body.read()?.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let item = pair_work::add_action_item(db, &Act::of(&caller, cx.now, None), id, &wish)?;
        told(StatusCode::CREATED, None, &ActionItemBody::from(item))
    })
    .await
}

/// Changes an action item, by either of the two.
#[utoipa::path(
    tag = "work of a pair",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The action item"),
        ("If-Match" = Option<String>, Header, description = "The version of the item as it was seen"),
    ),
    request_body = ActionItemWish,
    responses(
        (status = 200, description = "Changed", body = ActionItemBody),
        (status = 409, description = "The pairing is over", body = Problem, content_type = "application/problem+json"),
    )
)]
#[put("/action_items/{id}")]
pub(super) async fn change_action_item(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    seen: MaySeen,
    once: Once,
    body: Body<ActionItemWish>,
) -> Result<HttpResponse, AppError> {
    let id: ActionItemId = id.parse().map_err(|_| AppError::NotFound)?;
    let wish = body.read()?.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let item = pair_work::change_action_item(db, &Act::of(&caller, cx.now, seen.0), id, &wish)?;
        told(StatusCode::OK, None, &ActionItemBody::from(item))
    })
    .await
}

/// Something to read or to watch.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceWish {
    /// What it is.
    #[schema(min_length = 1, max_length = 200, example = "Memimpin rapat yang singkat")]
    title: String,
    /// Where it is; an address of the web.
    #[schema(max_length = 1000, example = "https://perpustakaan.contoh.go.id/rapat")]
    url: String,
}

/// Adds something to read or to watch, by either of the two.
#[utoipa::path(
    tag = "work of a pair",
    security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The pairing")),
    request_body = ResourceWish,
    responses(
        (status = 201, description = "Kept", body = ResourceBody),
        (status = 409, description = "The pairing is over, or has 200 of them", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/pairings/{id}/resources")]
pub(super) async fn add_resource(
    desk: Data<Desk>,
    caller: SignedIn,
    id: Path<String>,
    once: Once,
    body: Body<ResourceWish>,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let ResourceWish { title, url } = body.read()?;
    desk.once(once.by(&caller).with(body.bytes()), move |db, cx| {
        let resource = pair_work::add_resource(db, &Act::of(&caller, cx.now, None), id, &title, &url)?;
        told(StatusCode::CREATED, None, &ResourceBody::from(resource))
    })
    .await
}

/// Takes something to read away, by either of the two.
#[utoipa::path(
    tag = "work of a pair",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The pairing"),
        ("resource" = String, Path, format = Uuid, description = "What is to go"),
    ),
    responses(
        (status = 204, description = "Gone"),
        (status = 409, description = "The pairing is over", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/pairings/{id}/resources/{resource}")]
pub(super) async fn remove_resource(
    desk: Data<Desk>,
    caller: SignedIn,
    path: Path<(String, String)>,
    once: Once,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&path.0)?;
    let resource: ResourceId = path.1.parse().map_err(|_| AppError::NotFound)?;
    desk.once(once.by(&caller), move |db, cx| {
        pair_work::remove_resource(db, &Act::of(&caller, cx.now, None), id, resource)?;
        Ok(done())
    })
    .await
}
