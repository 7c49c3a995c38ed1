//! Asking those who run the programme for help with a pairing, to either of the two.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::pairings::pairing_id;
use super::trouble::{Given, Trouble};
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, help};
use crate::store::{Db, PairingId};

#[derive(Template)]
#[template(path = "pages/help.html")]
struct HelpPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: PairingId,
}

/// Asks what help is needed with.
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
    page.desk.read(move |db, now| help::pairing(db, &Act::of(&caller, now, None), id)).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let shown = HelpPage { id, given, layout };
    page.answer(&shown.layout, &shown)
}

/// Sends it.
pub(super) async fn ask(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let text = form.text("text").to_owned();
    let tried = page.act(&visitor, &form, move |db: &mut Db, cx: &Context, act: &Act| {
        help::ask(db, cx, act, id, &text)?;
        Ok(format!("/pairings/{id}?done=help_asked"))
    });
    page.or_again(tried, async |trouble| again(&page, &visitor, id, Some(trouble), Given(Some(&form))).await).await
}
