//! A pairing, to both sides: state, contact, agreement, completing, ending early, asking anew.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::sessions::SessionRow;
use super::trouble::{Given, Trouble};
use crate::domain::{Agreement, EndReason, PairingStatus, RequestStatus, Side, Zone};
use crate::error::{AppError, FieldError};
use crate::face::{Form, PageSignedIn, gone_to};
use crate::i18n::Lang;
use crate::services::pairings::{self, End, Whole};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, ServiceResult};
use crate::services::{requests, sessions, slots};
use crate::store::pairings::{Evaluation, Pairing};
use crate::store::sessions::Session;
use crate::store::types::Stamp;
use crate::store::{Db, PairingId, RequestId};

/// What the pages of a pairing show.
struct Found {
    whole: Whole,
    /// Which side reads; none: whoever runs the programme.
    side: Option<Side>,
    /// The coachee's open request, if there is one.
    request: Option<RequestId>,
    sessions: Vec<Session>,
    /// Of the coachee and the coach.
    zones: [Zone; 2],
}

#[derive(Template)]
#[template(path = "pages/pairing.html")]
struct PairingPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: PairingId,
    version: i32,
    status: &'static str,
    side: &'static str,
    heading: String,
    lead: String,
    people: Vec<PersonRow>,
    terms: Terms,
    /// The word of each side, as far as the reader may know it.
    words: Vec<(String, String, String)>,
    has_spoken: bool,
    end_reason: Option<String>,
    request: Option<RequestId>,
    sessions: Vec<SessionRow>,
}

/// One of the two.
struct PersonRow {
    role: String,
    name: String,
    email: Option<String>,
}

/// The agreement as it stands.
struct Terms {
    goals: String,
    sessions: String,
    confidential: bool,
    /// Whether there is one.
    proposed: bool,
    /// Who has signed, and when.
    signed: Vec<(String, String)>,
    /// Whether both have.
    stands: bool,
    /// Whether the reader has.
    mine: bool,
}

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
}

#[derive(Template)]
#[template(path = "pages/end.html")]
struct EndPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: PairingId,
    version: i32,
    active: bool,
    other: String,
    reasons: Vec<(String, String)>,
}

fn pairing_id(text: &str) -> Result<PairingId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

async fn read(page: &Page, visitor: &Visitor, id: PairingId) -> Result<Found, AppError> {
    let caller = visitor.caller.clone();
    page.desk.read(move |db, now| Found::read(db, &Act::of(&caller, now, None), id)).await
}

impl Found {
    fn read(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Self> {
        let whole = pairings::get(db, act, id)?;
        let pairing = &whole.shown.pairing;
        let side = [Side::Coachee, Side::Coach].into_iter().find(|side| act.is(pairing.person(*side)));
        let open = requests::Wanted { cohort: Some(whole.shown.cohort.clone()), status: Some(RequestStatus::Open) };
        let request = match side {
            Some(Side::Coachee) => requests::own(db, act, &open, None, 1)?.first().map(|shown| shown.request.id),
            _ => None,
        };
        let zones = slots::zones(db, pairing)?;
        let sessions = sessions::of_pairing(db, act, id)?;
        Ok(Self { whole, side, request, sessions, zones })
    }

    fn pairing(&self) -> &Pairing {
        &self.whole.shown.pairing
    }

    /// The name of the other side.
    fn other(&self) -> String {
        match self.side {
            Some(Side::Coach) => self.whole.shown.coachee.name.to_string(),
            _ => self.whole.shown.coach.name.to_string(),
        }
    }
}

/// Shows a pairing to its two sides or an admin.
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
    let found = read(page, visitor, id).await?;
    let shown = PairingPage::of(&found, page.layout(Some(visitor)).with(trouble), given);
    page.answer(&shown.layout, &shown)
}

impl<'a> PairingPage<'a> {
    fn of(found: &Found, layout: Layout, given: Given<'a>) -> Self {
        let (lang, shown, pairing) = (layout.lang, &found.whole.shown, found.pairing());
        let status = pairing.status.0.as_str();
        let side = found.side.map_or("programme", Side::as_str);
        let other = found.other();
        let values = [("other", other.as_str())];
        let person = |side: Side| {
            let card = if side == Side::Coach { &shown.coach } else { &shown.coachee };
            PersonRow {
                role: layout.t(&format!("pages.role.{side}")),
                name: card.name.to_string(),
                email: card.email.clone().filter(|_| found.whole.with_contact),
            }
        };
        let word = |(by, says): &(Side, Evaluation)| {
            let role = layout.t(&format!("pages.role.{by}"));
            (role, layout.t(&format!("pages.rating.{}", says.rating)), says.comment.clone().unwrap_or_default())
        };
        Self {
            id: pairing.id,
            version: pairing.version,
            status,
            side,
            heading: lang.fill("pages.pairing.title", &values),
            lead: lang.fill(&format!("pages.pairing.state.{status}"), &values),
            people: [Side::Coachee, Side::Coach].map(person).into(),
            terms: Terms::of(pairing, found.side, lang),
            words: found.whole.evaluations.iter().map(word).collect(),
            has_spoken: found.whole.evaluations.iter().any(|(by, _)| Some(*by) == found.side),
            end_reason: pairing.end_reason.map(|reason| layout.t(&format!("pages.end_reason.{reason}"))),
            request: found.request,
            sessions: found.sessions.iter().map(|one| SessionRow::of(one, found.side, found.zones, lang)).collect(),
            given,
            layout,
        }
    }

    fn is_active(&self) -> bool {
        self.status == PairingStatus::Active.as_str()
    }

    fn takes_part(&self) -> bool {
        self.side != "programme"
    }
}

impl Terms {
    fn of(pairing: &Pairing, reader: Option<Side>, lang: Lang) -> Self {
        let signed = |side: Side| match side {
            Side::Coachee => pairing.coachee_signed_at,
            Side::Coach => pairing.coach_signed_at,
        };
        let line = |side: Side| {
            let when = signed(side).map(|at: Stamp| lang.moment(at.time()));
            let role = lang.tr(&format!("pages.role.{side}")).into_owned();
            (role, when.unwrap_or_else(|| lang.tr("pages.pairing.not_signed").into_owned()))
        };
        let agreed = pairing.agreement();
        Self {
            goals: agreed.as_ref().map(|terms| terms.goals.clone()).unwrap_or_default(),
            sessions: agreed.as_ref().map_or_else(|| "6".into(), |terms| terms.sessions.to_string()),
            confidential: agreed.as_ref().is_none_or(|terms| terms.confidential),
            proposed: agreed.is_some(),
            signed: [Side::Coachee, Side::Coach].map(line).into(),
            stands: pairing.coachee_signed_at.is_some() && pairing.coach_signed_at.is_some(),
            mine: reader.is_some_and(|side| signed(side).is_some()),
        }
    }
}

fn fault(field: &str, key: &'static str) -> AppError {
    AppError::Invalid(vec![FieldError::body(field, key)])
}

/// Signs the agreement as it stands, or with other terms.
pub(super) async fn sign(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    match try_sign(&page, &visitor, id, &form).await {
        Ok(answer) => Ok(answer),
        Err(error) => again(&page, &visitor, id, Some(page.trouble(error)?), Given(Some(&form))).await,
    }
}

async fn try_sign(page: &Page, visitor: &Visitor, id: PairingId, form: &Form) -> Result<HttpResponse, AppError> {
    let sessions = form.text("sessions").trim().parse().map_err(|_| fault("/sessions", "pages.fault.sessions"))?;
    let goals = form.text("goals").trim().to_owned();
    let terms = Agreement { goals, sessions, confidential: form.is("confidential", "yes") };
    let (caller, seen) = (visitor.caller.clone(), form.seen());
    let done = page.desk.once(form.once().by(&visitor.caller), move |db, cx| {
        pairings::sign(db, &Act::of(&caller, cx.now, seen), id, &terms)?;
        Ok(gone_to(format!("/pairings/{id}?done=signed")))
    });
    done.await
}

/// Asks how it was: to complete the pairing, or, once it is, for the other side's word.
pub(super) async fn show_completion(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    completion(&page, &visitor, pairing_id(&id)?, None, Given(None)).await
}

async fn completion(
    page: &Page,
    visitor: &Visitor,
    id: PairingId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let found = read(page, visitor, id).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let rating = |number: u8| (number.to_string(), layout.t(&format!("pages.rating.{number}")));
    let shown = CompletionPage {
        id,
        version: found.pairing().version,
        active: found.pairing().status.0 == PairingStatus::Active,
        other: found.other(),
        ratings: (1..=5).rev().map(rating).collect(),
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Completes the pairing with a word on how it was, or adds the other side's.
pub(super) async fn complete(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    match try_complete(&page, &visitor, id, &form).await {
        Ok(answer) => Ok(answer),
        Err(error) => completion(&page, &visitor, id, Some(page.trouble(error)?), Given(Some(&form))).await,
    }
}

async fn try_complete(page: &Page, visitor: &Visitor, id: PairingId, form: &Form) -> Result<HttpResponse, AppError> {
    let rating = form.text("rating").parse().map_err(|_| fault("/rating", "error.field.rating"))?;
    let says = Evaluation { rating, comment: form.filled("comment").map(str::to_owned) };
    let (caller, seen, complete) = (visitor.caller.clone(), form.seen(), form.is("what", "complete"));
    let done = page.desk.once(form.once().by(&visitor.caller), move |db, cx| {
        if complete {
            pairings::complete(db, &Act::of(&caller, cx.now, seen), id, &says)?;
        } else {
            pairings::evaluate(db, &Act::of(&caller, cx.now, None), id, &says)?;
        }
        Ok(gone_to(format!("/pairings/{id}?done=evaluated")))
    });
    done.await
}

/// Asks why the pairing is to end early.
pub(super) async fn show_end(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    ending(&page, &visitor, pairing_id(&id)?, None, Given(None)).await
}

async fn ending(
    page: &Page,
    visitor: &Visitor,
    id: PairingId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let found = read(page, visitor, id).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    // Only another coach's yes is that.
    let reasons = EndReason::ALL.iter().filter(|reason| **reason != EndReason::Reassigned);
    let reasons = reasons.map(|reason| (reason.to_string(), layout.t(&format!("pages.end_reason.{reason}"))));
    let shown = EndPage {
        id,
        version: found.pairing().version,
        active: found.pairing().status.0 == PairingStatus::Active,
        other: found.other(),
        reasons: reasons.collect(),
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// Ends the pairing early.
pub(super) async fn end(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    match try_end(&page, &visitor, id, &form).await {
        Ok(answer) => Ok(answer),
        Err(error) => ending(&page, &visitor, id, Some(page.trouble(error)?), Given(Some(&form))).await,
    }
}

async fn try_end(page: &Page, visitor: &Visitor, id: PairingId, form: &Form) -> Result<HttpResponse, AppError> {
    let reason = form.text("reason").parse().ok().filter(|reason| *reason != EndReason::Reassigned);
    let how = End {
        reason: reason.ok_or_else(|| fault("/reason", "pages.fault.reason"))?,
        no_fault: form.is("no_fault", "yes"),
        note: form.filled("note").map(str::to_owned),
    };
    let (caller, seen) = (visitor.caller.clone(), form.seen());
    let done = page.desk.once(form.once().by(&visitor.caller), move |db, cx| {
        pairings::end(db, &Act::of(&caller, cx.now, seen), id, &how)?;
        Ok(gone_to(format!("/pairings/{id}?done=ended")))
    });
    done.await
}

/// Asks for another coach after a pairing that was broken off.
pub(super) async fn rematch(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (id, caller, seen) = (pairing_id(&id)?, visitor.caller.clone(), form.seen());
    let done = page.desk.once(form.once().by(&visitor.caller), move |db, cx| {
        let request = pairings::rematch(db, &Act::of(&caller, cx.now, seen), id)?;
        Ok(gone_to(format!("/requests/{}/coaches?done=request_made", request.id)))
    });
    match done.await {
        Ok(answer) => Ok(answer),
        Err(error) => again(&page, &visitor, id, Some(page.trouble(error)?), Given(Some(&form))).await,
    }
}
