//! The single steps that use cases are made of. Each changes one thing and notes it, so that
//! a version and the number of its audit entries never part.

use serde_json::json;

use super::act::Journal;
use super::letters::SECRET;
use super::{Refusal, ServiceResult, eligible, sessions, sign_ups};
use crate::domain::policy::Timers;
use crate::domain::{DeclineReason, Notice, OfferOrigin, OfferStatus, RequestStatus};
use crate::store::offers::Offer;
use crate::store::pairings::Pairing;
use crate::store::requests::{MAX_ROUNDS, Request};
use crate::store::types::{Stamp, Word};
use crate::store::{
    CohortId, Db, OfferId, PersonId, RequestId, RunId, cohort_terms, earlier, offers, pairings, people, places,
    requests,
};

/// The timers of the policy that a cohort follows.
pub(super) fn timers(db: &mut Db, cohort: CohortId) -> ServiceResult<Timers> {
    Ok(cohort_terms::policy(db, cohort)?.timers)
}

/// What an offer is made of.
pub(super) struct Put {
    pub(super) coach: PersonId,
    pub(super) origin: OfferOrigin,
    pub(super) place: Option<i16>,
}

/// Puts a request to a coach, who is asked at once; takes the place for it. None when the coach
/// has no place for it, or the pair is one of those that must not be again.
pub(super) fn put(db: &mut Db, journal: &mut Journal, request: &Request, put: &Put) -> ServiceResult<Option<Offer>> {
    let taken = offers::live_of_request(db, request.id)?.iter().any(|offer| offer.coach == put.coach);
    if taken || earlier::remembered(db, request.coachee, put.coach)? || !places::hold(db, put.coach)? {
        return Ok(None);
    }
    let deadline = OfferStatus::Pending.deadline(&timers(db, request.cohort)?, journal.now().time());
    let offer = new_offer(request.id, put, OfferStatus::Pending, None, journal.now(), Stamp::new(deadline));
    offers::insert(db, std::slice::from_ref(&offer))?;
    note_new_offer(journal, &offer)?;
    ask_coach(db, journal, &offer)?;
    Ok(Some(offer))
}

/// Asks a coach. One who has no account yet could not answer: the letter has a link to open one.
pub(super) fn ask_coach(db: &mut Db, journal: &mut Journal, offer: &Offer) -> ServiceResult<()> {
    let mut facts = json!({});
    if let Some(secret) = sign_ups::for_coach(db, offer.coach, journal.now())? {
        facts[SECRET] = json!(secret);
    }
    journal.tell_with(Notice::OfferAsked, offer.coach, offer.id.uuid(), &facts)
}

/// An offer as it begins.
pub(super) fn new_offer(
    request: RequestId,
    put: &Put,
    status: OfferStatus,
    run: Option<RunId>,
    now: Stamp,
    deadline: Stamp,
) -> Offer {
    Offer {
        id: OfferId::new(),
        request,
        coach: put.coach,
        origin: Word(put.origin),
        place: put.place,
        run,
        status: Word(status),
        asked_at: now,
        deadline,
        answered_at: None,
        reason: None,
        note: None,
        version: 1,
    }
}

pub(super) fn note_new_offer(journal: &mut Journal, offer: &Offer) -> ServiceResult<()> {
    let facts = json!({ "request": offer.request, "coach": offer.coach, "origin": offer.origin.0 });
    journal.note("offer", offer.id.uuid(), offer.status.0.as_str(), &facts)
}

/// Changes an offer and notes it.
pub(super) fn change_offer(db: &mut Db, journal: &mut Journal, old: &Offer, new: Offer) -> ServiceResult<Offer> {
    let new = offers::change(db, old, new)?;
    let facts = json!({ "from": old.status.0, "reason": new.reason.map(|reason| reason.0) });
    journal.note("offer", new.id.uuid(), new.status.0.as_str(), &facts)?;
    Ok(new)
}

/// Ends an offer that waits without a yes, and gives its place back.
pub(super) fn end_offer(
    db: &mut Db,
    journal: &mut Journal,
    offer: &Offer,
    status: OfferStatus,
    said: Option<(DeclineReason, Option<String>)>,
) -> ServiceResult<Offer> {
    let (reason, note) = said.unzip();
    let answered_at = Some(journal.now());
    let new =
        Offer { status: Word(status), answered_at, reason: reason.map(Word), note: note.flatten(), ..offer.clone() };
    let new = change_offer(db, journal, offer, new)?;
    places::release(db, offer.coach)?;
    Ok(new)
}

/// Takes back every offer of a request that waits for an answer, but for one, and tells the coaches
/// who know of theirs.
pub(super) fn withdraw_offers(
    db: &mut Db,
    journal: &mut Journal,
    request: &Request,
    but: Option<OfferId>,
) -> ServiceResult<()> {
    for offer in offers::live_of_request(db, request.id)? {
        if Some(offer.id) != but {
            withdraw_offer(db, journal, &offer)?;
        }
    }
    Ok(())
}

/// Takes an offer back, and tells the coach who knows of it.
pub(super) fn withdraw_offer(db: &mut Db, journal: &mut Journal, offer: &Offer) -> ServiceResult<Offer> {
    let ended = end_offer(db, journal, offer, OfferStatus::Withdrawn, None)?;
    if offer.status.0 == OfferStatus::Pending {
        journal.tell(Notice::OfferWithdrawn, offer.coach, offer.id.uuid())?;
    }
    Ok(ended)
}

/// After a coach has said no, or nothing: the next of the choices is asked, or else the request is
/// back on the waiting list, with a better place. Whoever it was that said no: an offer of the programme that ran
/// beside the choices and ends after them must not end them.
pub(super) fn move_on(db: &mut Db, journal: &mut Journal, request: &Request) -> ServiceResult<()> {
    if request.status.0 != RequestStatus::Open || !offers::live_of_request(db, request.id)?.is_empty() {
        return Ok(());
    }
    let choices = requests::choices(db, request.id)?;
    let ids = people::ids(db, &choices)?;
    let coaches: Vec<Option<PersonId>> = choices.iter().map(|choice| ids.get(choice).copied()).collect();
    let asked = choices_asked(&offers::of_request(db, request.id)?, &coaches);
    let rest = choices.get(asked..).unwrap_or_default();
    // What was declared since they were chosen counts: a conflict of interest, an opt-out, another superior.
    let few = match rest {
        [] => None,
        rest => {
            let coachee = people::code(db, request.coachee)?;
            Some(eligible::few(db, request.cohort, &coachee, rest, journal.now())?)
        }
    };
    for ((place, coach), choice) in (1_i16..).zip(coaches).skip(asked).zip(rest) {
        let admitted = few.as_ref().is_some_and(|few| few.admit(choice).is_ok());
        let Some(coach) = coach.filter(|_| admitted) else { continue };
        let next = Put { coach, origin: OfferOrigin::Choice, place: Some(place) };
        if let Some(offer) = put(db, journal, request, &next)? {
            return journal.tell(Notice::NextCoachAsked, request.coachee, offer.id.uuid());
        }
    }
    let waiting_rounds = (request.waiting_rounds + 1).min(MAX_ROUNDS);
    let waiting = Request { waiting_rounds, ..request.clone() };
    change_request(db, journal, request, waiting, "waiting")?;
    journal.tell(Notice::WaitingAgain, request.coachee, request.id.uuid())
}

/// How many of a request's choices have had their turn, those passed over included: behind them the next is asked. All,
/// where none of the offers came of these choices: coaches who are ranked for a run are asked nothing by it.
fn choices_asked(offers: &[Offer], choices: &[Option<PersonId>]) -> usize {
    let Some(first) = offers.iter().rposition(|offer| offer.place == Some(1)) else { return choices.len() };
    let turns = offers[first..].iter().filter_map(|offer| Some((usize::try_from(offer.place?).ok()?, offer.coach)));
    let turns: Vec<(usize, PersonId)> = turns.collect();
    let of_these = |(place, coach): &(usize, PersonId)| choices.get(place.wrapping_sub(1)) == Some(&Some(*coach));
    if !turns.iter().all(of_these) {
        return choices.len();
    }
    turns.into_iter().map(|(place, _)| place).max().unwrap_or(choices.len())
}

/// Changes a request and notes it.
pub(super) fn change_request(
    db: &mut Db,
    journal: &mut Journal,
    old: &Request,
    new: Request,
    done: &str,
) -> ServiceResult<Request> {
    let new = requests::change(db, old, Request { changed_at: journal.now(), ..new })?;
    let facts = json!({ "from": old.status.0, "waiting_rounds": new.waiting_rounds });
    journal.note("request", new.id.uuid(), done, &facts)?;
    Ok(new)
}

/// Moves a request to a state and notes it.
pub(super) fn move_request(
    db: &mut Db,
    journal: &mut Journal,
    old: &Request,
    status: RequestStatus,
) -> ServiceResult<Request> {
    let new = Request { status: Word(status), ..old.clone() };
    change_request(db, journal, old, new, status.as_str())
}

/// Opens a request like one that is over, so that its coachee is asked nothing twice.
pub(super) fn ask_again(
    db: &mut Db,
    journal: &mut Journal,
    like: &Request,
    status: RequestStatus,
) -> ServiceResult<Request> {
    let again = Request {
        id: RequestId::new(),
        status: Word(status),
        waiting_rounds: (like.waiting_rounds + 1).min(MAX_ROUNDS),
        created_at: journal.now(),
        changed_at: journal.now(),
        version: 1,
        ..like.clone()
    };
    let focus = requests::focus(db, like.id)?;
    requests::insert(db, &again, &focus)?;
    journal.note("request", again.id.uuid(), status.as_str(), &json!({ "like": like.id }))?;
    Ok(again)
}

/// Changes a pairing and notes it.
pub(super) fn change_pairing(
    db: &mut Db,
    journal: &mut Journal,
    old: &Pairing,
    new: Pairing,
    done: &str,
) -> ServiceResult<Pairing> {
    let new = pairings::change(db, old, new)?;
    let facts = json!({ "end_reason": new.end_reason.map(|reason| reason.0), "no_fault": new.no_fault });
    journal.note("pairing", new.id.uuid(), done, &facts)?;
    Ok(new)
}

/// Closes the books on a pairing that is over: the place is free, sessions ahead are called off, the request
/// is closed, and offers that were to replace the coach are taken back, but for one.
pub(super) fn close(
    db: &mut Db,
    journal: &mut Journal,
    over: &Pairing,
    but: Option<OfferId>,
) -> ServiceResult<Request> {
    places::release(db, over.coach)?;
    sessions::call_off_rest(db, journal, over)?;
    let request = pairings::request(db, over)?;
    let request = requests::get(db, request)?;
    withdraw_offers(db, journal, &request, but)?;
    move_request(db, journal, &request, RequestStatus::Closed)
}

/// An offer that still waits for the answer that is meant, and may be answered.
pub(super) fn waiting(offer: &Offer, status: OfferStatus, now: Stamp) -> ServiceResult<()> {
    if offer.status.0 != status {
        return Err(Refusal::Answered.into());
    }
    if now >= offer.deadline { Err(Refusal::TooLate.into()) } else { Ok(()) }
}
