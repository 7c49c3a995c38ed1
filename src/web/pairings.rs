//! A pairing, to both sides: state, contact, agreement, completing, ending early, asking anew.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::brought::BroughtView;
use super::coming::Coming;
use super::layout::{Layout, Page};
use super::sending::fault;
use super::sessions::SessionRow;
use super::trouble::{Given, Trouble};
use crate::domain::{Agreement, EndReason, PairingStatus, RequestStatus, Side, Zone};
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::i18n::Lang;
use crate::services::disclosures::Look;
use crate::services::outcomes::{self, Brought};
use crate::services::pairings::{self, End, Whole};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, ServiceError, ServiceResult};
use crate::services::{requests, sessions, slots, zones};
use crate::store::pairings::{Evaluation, Pairing};
use crate::store::sessions::Session;
use crate::store::types::Stamp;
use crate::store::{Db, PairingId, RequestId};

/// What the pages of a pairing show.
pub(super) struct Found {
    whole: Whole,
    /// Which side reads; none: whoever runs the programme.
    pub(super) side: Option<Side>,
    /// The coachee's open request, if there is one.
    request: Option<RequestId>,
    sessions: Vec<Session>,
    /// Of the coachee and the coach.
    pub(super) zones: [Zone; 2],
    /// Of whoever reads.
    reader_zone: Zone,
    /// What a completed pairing has brought.
    brought: Option<Brought>,
    now: Stamp,
}

/// What comes next: in a few words, in a sentence, where it is done, and what the button says.
struct NextStep {
    title: Option<String>,
    text: String,
    action: Option<(String, String)>,
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
    step: NextStep,
    people: Vec<PersonRow>,
    terms: Terms,
    /// The word of each side, as far as the reader may know it.
    words: Vec<(String, String, String)>,
    has_spoken: bool,
    end_reason: Option<String>,
    request: Option<RequestId>,
    sessions: Vec<SessionRow>,
    brought: Option<BroughtView>,
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

pub(super) fn pairing_id(text: &str) -> Result<PairingId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

async fn read(page: &Page, visitor: &Visitor, id: PairingId) -> Result<Found, AppError> {
    let caller = visitor.caller.clone();
    let look = |list: &str| Look::at(&caller, list).of(id.uuid());
    let (of_it, of_outcome) = (look("pairings"), look("outcomes"));
    let found = page.desk.ask(move |cx| {
        let found = cx.store.snapshot(|db| Found::read(db, &Act::of(&caller, cx.now, None), id))?;
        of_it.note(cx, 1)?;
        if found.brought.is_some() {
            of_outcome.note(cx, 1)?;
        }
        Ok(found)
    });
    found.await
}

impl Found {
    pub(super) fn read(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Self> {
        let whole = pairings::get(db, act, id)?;
        let pairing = &whole.shown.pairing;
        let side = [Side::Coachee, Side::Coach].into_iter().find(|side| act.is(pairing.person(*side)));
        let open = requests::Wanted { cohort: Some(whole.shown.cohort.clone()), status: Some(RequestStatus::Open) };
        let request = match side {
            Some(Side::Coachee) => requests::own(db, act, &open, None, 1)?.first().map(|shown| shown.request.id),
            _ => None,
        };
        let of_both = slots::zones(db, pairing)?;
        let sessions = sessions::of_pairing(db, act, id)?;
        let reader_zone = zones::of_reader(db, act, side)?;
        let brought = match pairing.status.0 {
            PairingStatus::Completed => brought(db, act, id)?,
            PairingStatus::Active | PairingStatus::Ended => None,
        };
        Ok(Self { whole, side, request, sessions, zones: of_both, reader_zone, brought, now: act.now })
    }

    pub(super) fn pairing(&self) -> &Pairing {
        &self.whole.shown.pairing
    }

    /// The name of the other side.
    pub(super) fn other(&self) -> String {
        match self.side {
            Some(Side::Coach) => self.whole.shown.coachee.name.to_string(),
            _ => self.whole.shown.coach.name.to_string(),
        }
    }
}

/// What a pairing has brought; nothing, of a coachee whom the records know no more.
fn brought(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Option<Brought>> {
    match outcomes::outcome(db, act, id) {
        Ok(brought) => Ok(Some(brought).filter(|brought| !brought.outcomes.is_empty())),
        Err(ServiceError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
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
            step: NextStep::of(found, lang),
            people: [Side::Coachee, Side::Coach].map(person).into(),
            terms: Terms::of(found, lang),
            words: found.whole.evaluations.iter().map(word).collect(),
            has_spoken: found.whole.evaluations.iter().any(|(by, _)| Some(*by) == found.side),
            end_reason: pairing.end_reason.map(|reason| layout.t(&format!("pages.end_reason.{reason}"))),
            request: found.request,
            sessions: found.sessions.iter().map(|one| SessionRow::of(one, found.side, found.zones, lang)).collect(),
            brought: found.brought.as_ref().map(|brought| BroughtView::of(brought, lang)),
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

impl NextStep {
    fn of(found: &Found, lang: Lang) -> Self {
        let (pairing, other) = (found.pairing(), found.other());
        let (id, status) = (pairing.id, pairing.status.0);
        let state = lang.fill(&format!("pages.pairing.state.{status}"), &[("other", &other)]);
        let step =
            |text: String, address: String, label: String| Self { title: None, text, action: Some((address, label)) };
        let Some(side) = found.side.filter(|_| status == PairingStatus::Active) else {
            return Self { title: None, text: state, action: None };
        };
        let signed = if side == Side::Coach { pairing.coach_signed_at } else { pairing.coachee_signed_at };
        if signed.is_none() {
            return step(state, "#agreement".into(), lang.tr("pages.pairing.sign_first").into_owned());
        }
        match Coming::of(found.sessions.iter(), side, found.zones, found.now) {
            Some(coming) => {
                let text = |part: &str| coming.text(part, &other, lang);
                let action = Some((coming.address(), text("action")));
                Self { title: Some(text("title")), text: text("text"), action }
            }
            None => {
                let text = lang.fill("pages.step.plan.text", &[("coach", &other)]);
                step(text, format!("/pairings/{id}/sessions/new"), lang.tr("pages.step.plan.action").into_owned())
            }
        }
    }
}

impl Terms {
    fn of(found: &Found, lang: Lang) -> Self {
        let (pairing, reader) = (found.pairing(), found.side);
        let signed = |side: Side| match side {
            Side::Coachee => pairing.coachee_signed_at,
            Side::Coach => pairing.coach_signed_at,
        };
        let line = |side: Side| {
            let when = signed(side).map(|at: Stamp| lang.moment_in(at.time(), found.reader_zone));
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

/// Signs the agreement as it stands, or with other terms.
pub(super) async fn sign(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let tried = async {
        let sessions = form.text("sessions").trim().parse().map_err(|_| fault("sessions", "pages.fault.sessions"))?;
        let goals = form.text("goals").trim().to_owned();
        let terms = Agreement { goals, sessions, confidential: form.is("confidential", "yes") };
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            pairings::sign(db, act, id, &terms)?;
            Ok(format!("/pairings/{id}?done=signed"))
        };
        page.act(&visitor, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &visitor, id, Some(trouble), Given(Some(&form))).await).await
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
    let tried = async {
        let reason = form.text("reason").parse().ok().filter(|reason| *reason != EndReason::Reassigned);
        let how = End {
            reason: reason.ok_or_else(|| fault("reason", "pages.fault.reason"))?,
            no_fault: form.is("no_fault", "yes"),
            note: form.filled("note").map(str::to_owned),
        };
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            pairings::end(db, act, id, &how)?;
            Ok(format!("/pairings/{id}?done=ended"))
        };
        page.act(&visitor, &form, work).await
    };
    page.or_again(tried, async |trouble| ending(&page, &visitor, id, Some(trouble), Given(Some(&form))).await).await
}

/// Asks for another coach after a pairing that was broken off.
pub(super) async fn rematch(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let tried = page.act(&visitor, &form, move |db, _, act| {
        let request = pairings::rematch(db, act, id)?;
        Ok(format!("/requests/{}/coaches?done=request_made", request.id))
    });
    page.or_again(tried, async |trouble| again(&page, &visitor, id, Some(trouble), Given(Some(&form))).await).await
}
