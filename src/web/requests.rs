//! A request as its coachee follows it: state, choices, place on the waiting list; and taking it back.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::questions::QuestionView;
use super::trouble::Trouble;
use super::views::{languages, modes};
use crate::domain::{OfferStatus, PairingStatus, Reference, RequestStatus, Side, Zone};
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::i18n::{Lang, Names};
use crate::services::disclosures::Look;
use crate::services::pairings::{self, Wanted};
use crate::services::requests::{self, Standing, Whole};
use crate::services::shown::OfferShown;
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Actor, directory, zones};
use crate::store::types::Stamp;
use crate::store::{OfferId, PairingId, RequestId};

#[derive(Template)]
#[template(path = "pages/request.html")]
struct RequestPage {
    layout: Layout,
    id: RequestId,
    status: &'static str,
    own: bool,
    facts: Vec<(String, String)>,
    motivation: Option<String>,
    offers: Vec<OfferRow>,
    /// Whether a coach is asked, or the coachee about a proposal.
    waits: bool,
    /// Choices that are asked if those before say no.
    later: Vec<String>,
    standing: Option<(String, Vec<String>)>,
    questions: Vec<QuestionView>,
    pairing: Option<PairingId>,
}

/// An offer, to the coachee: who was asked, and what became of it. Why a coach has said no is not told.
struct OfferRow {
    id: OfferId,
    coach: String,
    state: String,
    proposed: bool,
}

#[derive(Template)]
#[template(path = "pages/withdrawal.html")]
struct WithdrawalPage {
    layout: Layout,
    id: RequestId,
    version: i32,
    open: bool,
}

pub(super) fn request_id(text: &str) -> Result<RequestId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

struct Found {
    whole: Whole,
    reference: Reference,
    pairing: Option<PairingId>,
    own: bool,
    zone: Zone,
    now: Stamp,
}

/// Shows a request to its coachee or an admin.
pub(super) async fn show(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    let (id, caller) = (request_id(&id)?, visitor.caller.clone());
    let look = Look::at(&caller, "requests").of(id.uuid());
    let found = page.desk.show_one(look, move |db, now| {
        let act = Act::of(&caller, now, None);
        let whole = requests::get(db, &act, id)?;
        let wanted = Wanted { status: Some(PairingStatus::Active), ..Wanted::default() };
        let offers: Vec<OfferId> = whole.offers.iter().map(|shown| shown.offer.id).collect();
        let own = pairings::own(db, &act, &wanted, None, 50)?;
        let pairing = own.iter().find(|shown| offers.contains(&shown.pairing.offer)).map(|shown| shown.pairing.id);
        let own = caller.person == Some(whole.shown.request.coachee);
        let zone = zones::of_reader(db, &act, Some(Side::Coachee))?;
        Ok(Found { reference: directory::reference(db)?, pairing, own, zone, now, whole })
    });
    let shown = RequestPage::of(found.await?, page.layout(Some(&visitor)));
    page.answer(&shown.layout, &shown)
}

impl RequestPage {
    fn of(found: Found, layout: Layout) -> Self {
        let lang = layout.lang;
        let Found { whole, reference, pairing, own, zone, now } = found;
        let names = Names { lang, reference: &reference };
        let request = &whole.shown.request;
        let focus: Vec<String> = whole.shown.focus.iter().map(|code| names.competency(code)).collect();
        let focus = if focus.is_empty() { layout.t("pages.largest_gaps") } else { focus.join(", ") };
        let fact = |key: &str, value: String| (layout.t(key), value);
        let facts = vec![
            fact("pages.request.status", layout.t(&format!("pages.request.state.{}", request.status))),
            fact("pages.request.focus", focus),
            fact("pages.offer.modes", modes(request.modes, names)),
            fact("pages.offer.languages", languages(request.languages, names)),
            fact("pages.request.since", lang.moment_in(request.created_at.time(), zone)),
        ];
        let is_live = |shown: &OfferShown| shown.offer.status.0.is_live() && shown.offer.deadline > now;
        let waits = whole.offers.iter().any(is_live);
        let asked = |code: &crate::domain::PersonCode| whole.offers.iter().any(|shown| shown.coach.code == *code);
        let later = whole.choices.iter().filter(|code| waits && !asked(code)).map(ToString::to_string).collect();
        Self {
            id: request.id,
            status: request.status.0.as_str(),
            own,
            facts,
            motivation: request.motivation.clone(),
            offers: whole.offers.iter().rev().map(|shown| OfferRow::of(shown, is_live(shown), lang, zone)).collect(),
            waits,
            later,
            standing: whole.standing.filter(|_| !waits).map(|standing| in_words(&standing, lang, zone)),
            questions: whole
                .questions
                .iter()
                .map(|asked| QuestionView::of(asked, own.then_some(Side::Coachee), lang))
                .collect(),
            pairing,
            layout,
        }
    }

    fn later_words(&self) -> String {
        self.layout.lang.fill("pages.request.later", &[("count", &self.later.len().to_string())])
    }

    fn is_open(&self) -> bool {
        self.status == RequestStatus::Open.as_str()
    }
}

impl OfferRow {
    fn of(shown: &OfferShown, is_live: bool, lang: Lang, zone: Zone) -> Self {
        let offer = &shown.offer;
        let status = if offer.status.0.is_live() && !is_live { OfferStatus::Expired } else { offer.status.0 };
        let deadline = lang.moment_in(offer.deadline.time(), zone);
        Self {
            id: offer.id,
            coach: shown.coach.name.to_string(),
            state: lang.fill(&format!("pages.request.offer.{status}"), &[("deadline", &deadline)]),
            proposed: status == OfferStatus::Proposed,
        }
    }
}

/// The place on the waiting list, and what moves it.
fn in_words(standing: &Standing, lang: Lang, zone: Zone) -> (String, Vec<String>) {
    let (place, waiting) = (lang.number(standing.place), lang.number(standing.waiting));
    let place = lang.fill("pages.request.place", &[("place", &place), ("waiting", &waiting)]);
    let gap = lang.fill("pages.request.moves.gap", &[("gap", &standing.gap.to_string())]);
    let rounds = lang.fill("pages.request.moves.rounds", &[("rounds", &standing.rounds.to_string())]);
    let remote = lang.tr(if standing.remote { "pages.request.moves.remote" } else { "pages.request.moves.not_remote" });
    let since = lang.fill("pages.request.moves.since", &[("day", &lang.day_in(standing.since.time(), zone))]);
    (place, vec![remote.into_owned(), gap, rounds, since])
}

/// Asks whether the request is to be taken back.
pub(super) async fn show_withdrawal(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    ask(&page, &visitor, request_id(&id)?, None).await
}

async fn ask(
    page: &Page,
    visitor: &Visitor,
    id: RequestId,
    trouble: Option<Trouble>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let whole = page.desk.read(move |db, now| requests::get(db, &Act::new(Actor::Caller(caller), now), id)).await?;
    let request = whole.shown.request;
    let open = request.status.0 == RequestStatus::Open;
    let shown = WithdrawalPage { layout: page.layout(Some(visitor)).with(trouble), id, version: request.version, open };
    page.answer(&shown.layout, &shown)
}

/// Takes the request back.
pub(super) async fn withdraw(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let tried = page.act(&visitor, &form, move |db, _, act| {
        requests::withdraw(db, act, id)?;
        Ok(format!("/requests/{id}?done=withdrawn"))
    });
    page.or_again(tried, async |trouble| ask(&page, &visitor, id, Some(trouble)).await).await
}
