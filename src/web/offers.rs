//! One request put to one coach: what the coach should know to decide, and the answer; to the coachee, a
//! run's proposal, and the answer to it.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::questions::QuestionView;
use super::sending::fault;
use super::trouble::{Given, Trouble};
use super::views::{GapRow, agency, languages, modes, place, reasons};
use crate::domain::{DeclineReason, OfferStatus, Reference, Side, Zone};
use crate::error::AppError;
use crate::face::{Form, PageCoach, PageCoachee, PageSignedIn};
use crate::i18n::Names;
use crate::services::disclosures::Look;
use crate::services::offers::{self, Whole};
use crate::services::pairings::{self, Wanted};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, ServiceResult, directory, zones};
use crate::store::types::Stamp;
use crate::store::{Db, OfferId, PairingId};

/// Pairings looked through for the one that an offer has led to.
const PAIRINGS: i64 = 100;

/// What the page shows, in one state of the database.
struct Found {
    whole: Whole,
    reference: Reference,
    /// As whom the reader looks; none: whoever runs the programme.
    side: Option<Side>,
    pairing: Option<PairingId>,
    zone: Zone,
    now: Stamp,
}

#[derive(Template)]
#[template(path = "pages/offer.html")]
struct OfferPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: OfferId,
    version: i32,
    /// `coach`, `coachee` or `programme`.
    side: &'static str,
    /// In which state it is shown.
    state: &'static str,
    heading: String,
    lead: String,
    deadline: String,
    facts: Vec<(String, String)>,
    motivation: Option<String>,
    gaps: Vec<GapRow>,
    reasons: Vec<(String, String)>,
    reason_options: Vec<(String, String)>,
    questions: Vec<QuestionView>,
    /// Whether this side may still put its question.
    may_ask: bool,
    pairing: Option<PairingId>,
    request: String,
}

pub(super) fn offer_id(text: &str) -> Result<OfferId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Shows an offer: to its coach, its coachee, or an admin.
pub(super) async fn show(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    again(&page, &visitor, offer_id(&id)?, None, Given(None)).await
}

/// The page of an offer, with what was wrong with a form on it.
pub(super) async fn again(
    page: &Page,
    visitor: &Visitor,
    id: OfferId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let look = Look::at(&visitor.caller, "offers").of(id.uuid());
    let found = page.desk.show_one(look, move |db, now| Found::read(db, &Act::of(&caller, now, None), id)).await?;
    let shown = OfferPage::of(found, page.layout(Some(visitor)).with(trouble), given);
    page.answer(&shown.layout, &shown)
}

impl Found {
    fn read(db: &mut Db, act: &Act, id: OfferId) -> ServiceResult<Self> {
        let whole = offers::get(db, act, id)?;
        let offer = &whole.shown.offer;
        let sides = [(Side::Coach, offer.coach), (Side::Coachee, whole.shown.request.request.coachee)];
        let side = sides.into_iter().find(|(_, person)| act.is(*person)).map(|(side, _)| side);
        let own = match (offer.status.0, side) {
            (OfferStatus::Accepted, Some(_)) => pairings::own(db, act, &Wanted::default(), None, PAIRINGS)?,
            _ => Vec::new(),
        };
        let pairing = own.iter().find(|shown| shown.pairing.offer == id).map(|shown| shown.pairing.id);
        let zone = zones::of_reader(db, act, side)?;
        Ok(Self { reference: directory::reference(db)?, side, pairing, zone, now: act.now, whole })
    }

    /// The state, as a word: an offer whose time is over counts as expired before anybody has noted it.
    fn state(&self) -> &'static str {
        let offer = &self.whole.shown.offer;
        let over = offer.status.0.is_live() && self.now >= offer.deadline;
        if over { OfferStatus::Expired.as_str() } else { offer.status.0.as_str() }
    }
}

impl<'a> OfferPage<'a> {
    fn of(found: Found, layout: Layout, given: Given<'a>) -> Self {
        let state = found.state();
        let lang = layout.lang;
        let Found { whole, reference, side, pairing, zone, .. } = found;
        let names = Names { lang, reference: &reference };
        let (offer, asked) = (&whole.shown.offer, &whole.shown.request);
        let side_word = side.map_or("programme", Side::as_str);
        let deadline = lang.moment_in(offer.deadline.time(), zone);
        let (coachee, coach) = (asked.coachee.name.to_string(), whole.shown.coach.name.to_string());
        let said = |part: &str| {
            let key = format!("pages.offer.{side_word}.{state}.{part}");
            lang.fill(&key, &[("coachee", &coachee), ("coach", &coach), ("deadline", &deadline)])
        };
        let fact = |key: &str, value: String| (layout.t(&format!("pages.offer.{key}")), value);
        let facts = vec![
            fact("who", coachee.clone()),
            fact("position", format!("{} ({})", whole.work.position, names.tier(whole.work.tier))),
            fact("agency", agency(whole.work.agency.as_str(), names)),
            fact("place", place(&whole.work.regency, names)),
            fact("modes", modes(asked.request.modes, names)),
            fact("languages", languages(asked.request.languages, names)),
        ];
        let own_question = |question: &QuestionView| Some(question.by) == side;
        let questions: Vec<QuestionView> =
            whole.questions.iter().map(|asked| QuestionView::of(asked, side, lang)).collect();
        Self {
            id: offer.id,
            version: offer.version,
            side: side_word,
            state,
            heading: said("title"),
            lead: said("lead"),
            deadline: deadline.clone(),
            facts: if side == Some(Side::Coachee) { Vec::new() } else { facts },
            motivation: asked.request.motivation.clone(),
            gaps: GapRow::all(&whole.gaps, names),
            reasons: whole.why.as_ref().map(|why| reasons(why, names)).unwrap_or_default(),
            reason_options: decline_reasons(&layout),
            may_ask: side.is_some()
                && matches!(state, "pending" | "proposed")
                && (side == Some(Side::Coachee) || state == "pending")
                && !questions.iter().any(own_question),
            questions,
            pairing,
            request: asked.request.id.to_string(),
            given,
            layout,
        }
    }
}

fn decline_reasons(layout: &Layout) -> Vec<(String, String)> {
    let option = |reason: &DeclineReason| (reason.to_string(), layout.t(&format!("monitoring.decline.{reason}")));
    DeclineReason::ALL.iter().map(option).collect()
}

/// A yes, or a no with its reason and perhaps a note.
enum Choice {
    Yes,
    No(DeclineReason, Option<String>),
}

impl Choice {
    /// Nothing chosen is no answer: a scanner that presses buttons says nothing by it.
    fn of(form: &Form) -> Result<Self, AppError> {
        match form.text("answer") {
            "yes" => Ok(Self::Yes),
            "no" => match form.text("reason").parse() {
                Ok(reason) => Ok(Self::No(reason, form.filled("note").map(str::to_owned))),
                Err(_) => Err(fault("reason", "pages.fault.reason")),
            },
            _ => Err(fault("answer", "pages.fault.answer")),
        }
    }
}

/// The coach says yes or no.
pub(super) async fn answer(
    page: Page,
    coach: PageCoach,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = offer_id(&id)?;
    let tried = async {
        let choice = Choice::of(&form)?;
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            Ok(match &choice {
                Choice::Yes => format!("/pairings/{}?done=accepted", offers::accept(db, act, id)?.id),
                Choice::No(reason, note) => {
                    offers::decline(db, act, id, *reason, note.as_deref())?;
                    format!("/offers/{id}?done=declined")
                }
            })
        };
        page.act(&coach, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &coach, id, Some(trouble), Given(Some(&form))).await).await
}

/// The coachee says yes or no to a run's proposal.
pub(super) async fn confirm(
    page: Page,
    coachee: PageCoachee,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = offer_id(&id)?;
    let tried = async {
        let choice = Choice::of(&form)?;
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            match &choice {
                Choice::Yes => offers::confirm(db, act, id)?,
                Choice::No(reason, note) => offers::decline(db, act, id, *reason, note.as_deref())?,
            };
            Ok(format!("/offers/{id}?done=answered"))
        };
        page.act(&coachee, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &coachee, id, Some(trouble), Given(Some(&form))).await).await
}
