//! Calling a session off.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::sessions::{meeting, read, session_id};
use super::trouble::{Given, Trouble};
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::services::sessions;
use crate::services::sign_ins::Visitor;
use crate::store::SessionId;

#[derive(Template)]
#[template(path = "pages/session_cancellation.html")]
struct CancellationPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: SessionId,
    version: i32,
    open: bool,
    heading: String,
    when: String,
}

/// Asks whether the session is to be called off.
pub(super) async fn show(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    again(&page, &visitor, session_id(&id)?, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    id: SessionId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let found = read(page, visitor, id).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let session = &found.met.session;
    let shown = CancellationPage {
        id,
        version: session.version,
        open: found.is_open(),
        heading: layout.lang.fill("pages.session.title", &[("number", &session.number.to_string())]),
        when: meeting(session, found.side, found.zones, layout.lang),
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Calls the session off.
pub(super) async fn cancel(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = session_id(&id)?;
    let note = form.filled("note").map(str::to_owned);
    let tried = page.act(&visitor, &form, move |db, _, act| {
        sessions::cancel(db, act, id, note.as_deref())?;
        Ok(format!("/sessions/{id}?done=session_cancelled"))
    });
    page.or_again(tried, async |trouble| again(&page, &visitor, id, Some(trouble), Given(Some(&form))).await).await
}
