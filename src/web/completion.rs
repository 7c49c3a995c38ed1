//! Completing a pairing, or the other side's word on one that is: what it comes to, and how it was.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::pairings::{Found, pairing_id};
use super::sending::fault;
use super::sessions::SessionRow;
use super::trouble::{Given, Trouble};
use crate::domain::PairingStatus;
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::services::disclosures::Look;
use crate::services::pairings::{self, Outlook, Unreported};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context};
use crate::store::pairings::Evaluation;
use crate::store::{Db, PairingId};

#[derive(Template)]
#[template(path = "pages/completion.html")]
struct CompletionPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: PairingId,
    version: i32,
    active: bool,
    other: String,
    ratings: Vec<(String, String)>,
    /// What the certificate will say.
    certificate: Option<String>,
    /// Sessions of which nobody has said whether they were held.
    unreported: Vec<SessionRow>,
}

/// Asks how it was: to complete the pairing, or, once it is, for the other side's word.
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
    let look = Look::at(&caller, "pairings").of(id.uuid());
    let found = page.desk.show_one(look, move |db, now| {
        let act = Act::of(&caller, now, None);
        let found = Found::read(db, &act, id)?;
        let is_active = found.pairing().status.0 == PairingStatus::Active;
        let outlook = if is_active { Some(pairings::outlook(db, &act, id)?) } else { None };
        Ok((found, outlook))
    });
    let (found, outlook) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let rating = |number: u8| (number.to_string(), layout.t(&format!("pages.rating.{number}")));
    let unreported = outlook.iter().flat_map(|outlook| &outlook.unreported);
    let unreported = unreported.map(|one| SessionRow::of(one, found.side, found.zones, layout.lang)).collect();
    let shown = CompletionPage {
        id,
        version: found.pairing().version,
        active: outlook.is_some(),
        other: found.other(),
        ratings: (1..=5).rev().map(rating).collect(),
        certificate: outlook.as_ref().map(|outlook| certificate(outlook, &layout)),
        unreported,
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

fn certificate(outlook: &Outlook, layout: &Layout) -> String {
    if outlook.sessions == 0 {
        return layout.t("pages.completion.no_certificate");
    }
    let (sessions, jp) = (outlook.sessions.to_string(), outlook.jp.to_string());
    layout.lang.fill("pages.completion.certificate", &[("sessions", &sessions), ("jp", &jp)])
}

/// Completes the pairing with a word on how it was, or adds the other side's.
pub(super) async fn complete(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let tried = async {
        let rating = form.text("rating").parse().map_err(|_| fault("rating", "error.field.rating"))?;
        let says = Evaluation { rating, comment: form.filled("comment").map(str::to_owned) };
        let complete = form.is("what", "complete");
        let unsaid = if form.is("unreported", "leave") { Unreported::Leave } else { Unreported::Refuse };
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            if complete {
                pairings::complete(db, act, id, &says, unsaid)?;
            } else {
                pairings::evaluate(db, &act.whatever_was_seen(), id, &says)?;
            }
            Ok(format!("/pairings/{id}?done=evaluated"))
        };
        page.act(&visitor, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &visitor, id, Some(trouble), Given(Some(&form))).await).await
}
