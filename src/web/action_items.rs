//! Something to do on a page of its own, to change it; to the two whose it is.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::goals::is_active;
use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use crate::domain::Side;
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::services::pair_work::{self, ItemWish};
use crate::services::shown::PairingShown;
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, pairings};
use crate::store::pair_work::ActionItem;
use crate::store::{ActionItemId, Db, PairingId};

/// Who may be the one to do something, as the reader calls the two.
pub(super) fn owners(reader: Side, other: &str, layout: &Layout) -> Vec<(String, String)> {
    let both = [Side::Coachee, Side::Coach].into_iter();
    both.map(|side| {
        let name = if side == reader { layout.t("pages.work.me") } else { other.to_owned() };
        (side.to_string(), name)
    })
    .collect()
}

/// What a form says is to be done.
pub(super) fn item_wish(form: &Form, done: bool) -> Result<ItemWish, AppError> {
    let owner = form.text("owner").parse().map_err(|_| fault("owner", "pages.fault.owner"))?;
    let due_on = form.filled("due_on").map(|day| day.parse().map_err(|_| fault("due_on", "pages.fault.date")));
    Ok(ItemWish { session: None, owner, what: form.text("what").to_owned(), due_on: due_on.transpose()?, done })
}

#[derive(Template)]
#[template(path = "pages/action_item.html")]
struct ItemPage {
    layout: Layout,
    id: ActionItemId,
    pairing: PairingId,
    version: i32,
    active: bool,
    what: String,
    due_on: String,
    done: bool,
    owners: Vec<(String, String)>,
    owner: String,
}

/// Shows something to do as it can be changed.
pub(super) async fn show(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    item(&page, &visitor, item_id(&id)?, None, Given(None)).await
}

fn item_id(text: &str) -> Result<ActionItemId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

async fn item(
    page: &Page,
    visitor: &Visitor,
    id: ActionItemId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| {
        let act = Act::of(&caller, now, None);
        let item = pair_work::action_item(db, &act, id)?;
        let shown = pairings::get(db, &act, item.pairing)?.shown;
        let side = if act.is(shown.pairing.coach) { Side::Coach } else { Side::Coachee };
        Ok((item, shown, side))
    });
    let (item, shown, side): (ActionItem, PairingShown, Side) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let other = if side == Side::Coach { &shown.coachee } else { &shown.coach };
    let due_on = item.due_on.map(|day| day.0.to_string()).unwrap_or_default();
    let shown = ItemPage {
        id,
        pairing: item.pairing,
        version: item.version,
        active: is_active(&shown),
        what: given.or("what", &item.what).to_owned(),
        due_on: given.or("due_on", &due_on).to_owned(),
        done: given.is_or("done", "yes", item.done_at.is_some()),
        owners: owners(side, &other.name.to_string(), &layout),
        owner: given.or("owner", item.owner.0.as_str()).to_owned(),
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Changes something to do.
pub(super) async fn change(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = item_id(&id)?;
    let tried = async {
        let wish = item_wish(&form, form.is("done", "yes"))?;
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            let changed = pair_work::change_action_item(db, act, id, &wish)?;
            Ok(format!("/pairings/{}/work?done=item_changed", changed.pairing))
        };
        page.act(&visitor, &form, work).await
    };
    page.or_again(tried, async |trouble| item(&page, &visitor, id, Some(trouble), Given(Some(&form))).await).await
}
