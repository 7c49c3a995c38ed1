//! Offers: confirming, accepting, declining, taking back, letting expire.

use super::act::{Journal, Text, optional_text};
pub use super::eligible::{Gap, Work};
use super::questions::Asked;
use super::shown::{self, OfferShown};
use super::steps::{self, Put};
use super::{Act, Refusal, ServiceError, ServiceResult, eligible};
use crate::domain::{
    AgencyCode, DeclineReason, EndReason, Notice, OfferOrigin, OfferStatus, PairingStatus, PersonCode, PersonName,
    RequestStatus,
};
use crate::matching::explain::Explanation;
use crate::store::offers::{self, Filter, Offer};
use crate::store::pairings::{self, Pairing};
use crate::store::requests::{self, Request};
use crate::store::types::{Stamp, Word};
use crate::store::{Db, OfferId, RequestId, Store, cohort_terms, earlier, people, questions};

/// A note to an answer.
pub(super) const NOTE: Text = Text { pointer: "/note", most: 500, expected: "error.field.note" };
/// How many overdue offers are looked up at a time.
const OVERDUE_AT_A_TIME: i64 = 500;

/// An offer with what its coach should know to decide.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The offer.
    pub shown: OfferShown,
    /// Where the coachee works.
    pub work: Work,
    /// The gaps that it is about.
    pub gaps: Vec<Gap>,
    /// Why this coach; none when the records have changed so much that nothing can be said.
    pub why: Option<Explanation>,
    /// What was asked before deciding.
    pub questions: Vec<Asked>,
}

/// An offer: to its coach once asked, its coachee, or the programme.
///
/// # Errors
/// When it is none of them.
pub fn get(db: &mut Db, act: &Act, id: OfferId) -> ServiceResult<Whole> {
    let (offer, request) = load(db, id).map_err(|error| error.about("offer"))?;
    let by_coach = act.by(offer.coach) && offer.has_reached_coach();
    let by_coachee = act.by(request.coachee);
    act.allow(by_coach || by_coachee || act.by_programme_of(db, request.coachee)?)?;
    let questions = if by_coach || by_coachee { questions::of_request(db, request.id)? } else { Vec::new() };
    let questions = questions.into_iter().filter(|question| question.coach == offer.coach).collect();
    let questions = super::questions::shown(db, questions)?;
    let coachee = people::code(db, request.coachee)?;
    let coach = people::code(db, offer.coach)?;
    let few = eligible::few(db, request.cohort, &coachee, std::slice::from_ref(&coach), act.now)?;
    let mut shown = shown::only(shown::offers(db, vec![offer]))?;
    if by_coach {
        hide_name(&mut shown);
    }
    if by_coachee {
        hide_refusal(&mut shown);
    }
    Ok(Whole { gaps: few.gaps(), why: few.explain(&coach), work: few.work(), questions, shown })
}

/// Why somebody said no is for the programme: a coachee is told that the next one is asked, and no more.
pub(super) fn hide_refusal(shown: &mut OfferShown) {
    (shown.offer.reason, shown.offer.note) = (None, None);
}

/// The offers that the coach who acts was asked about, the newest first, those older than `before`.
///
/// # Errors
/// When it is nobody of the records.
pub fn of_coach(
    db: &mut Db,
    act: &Act,
    status: Option<OfferStatus>,
    before: Option<OfferId>,
    limit: i64,
) -> ServiceResult<Vec<OfferShown>> {
    let filter = Filter { asked_coach: Some(act.person()?), status, ..Filter::default() };
    let mut found = list(db, &filter, before, limit)?;
    found.iter_mut().for_each(hide_name);
    Ok(found)
}

/// What a coach sees of a coachee's name before accepting: the initials.
fn hide_name(shown: &mut OfferShown) {
    if shown.offer.status.0 != OfferStatus::Accepted {
        let full = shown.request.coachee.name.initials();
        shown.request.coachee.name = PersonName { full, ..PersonName::default() };
    }
}

/// All offers, or those of coachees of the agency of whoever acts, the newest first, those older than `before`.
///
/// # Errors
/// When it is not the programme.
pub fn all(
    db: &mut Db,
    act: &Act,
    wanted: &Wanted,
    before: Option<OfferId>,
    limit: i64,
) -> ServiceResult<Vec<OfferShown>> {
    let own = act.watched_agency()?;
    let Wanted { cohort, coach, agency, province, status } = wanted.clone();
    // Of others than the own people there is nothing to see.
    if own.is_some() && agency.is_some() && own != agency {
        return Ok(Vec::new());
    }
    let mut filter = Filter { agency: own.or(agency), province, status, ..Filter::default() };
    if let Some(code) = cohort {
        let Some(cohort) = shown::cohort_by_code(db, &code)? else { return Ok(Vec::new()) };
        filter.cohort = Some(cohort);
    }
    if let Some(code) = coach {
        let Some(coach) = people::ids(db, std::slice::from_ref(&code))?.remove(&code) else { return Ok(Vec::new()) };
        filter.coach = Some(coach);
    }
    list(db, &filter, before, limit)
}

/// Which offers are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those in the cohort with this code.
    pub cohort: Option<String>,
    /// Only those to the coach with this code.
    pub coach: Option<PersonCode>,
    /// Only those of coachees of this agency.
    pub agency: Option<AgencyCode>,
    /// Only those of coachees who work in the province with this code.
    pub province: Option<String>,
    /// Only those in this state.
    pub status: Option<OfferStatus>,
}

fn list(db: &mut Db, filter: &Filter, before: Option<OfferId>, limit: i64) -> ServiceResult<Vec<OfferShown>> {
    let rows = offers::list(db, filter, before, limit)?;
    shown::offers(db, rows)
}

/// Puts an open request to a coach, by whoever runs the programme.
///
/// # Errors
/// When the request is not open, a rule forbids the coach, or the coach has no place.
pub fn put(db: &mut Db, act: &Act, request: RequestId, coach: &PersonCode) -> ServiceResult<Offer> {
    act.record(db, "request", |db, journal| {
        let request = requests::get(db, request)?;
        act.allow(act.by_programme_of(db, request.coachee)?)?;
        act.saw(request.version)?;
        if request.status.0 != RequestStatus::Open {
            return Err(Refusal::RequestNotOpen.into());
        }
        let offer = put_by_programme(db, journal, &request, coach)?;
        if !act.by(request.coachee) {
            journal.tell(Notice::CoachAsked, request.coachee, offer.id.uuid())?;
        }
        Ok(offer)
    })
}

/// Puts a request to a coach whom the programme thought of, after asking the rules.
pub(super) fn put_by_programme(
    db: &mut Db,
    journal: &mut Journal,
    request: &Request,
    coach: &PersonCode,
) -> ServiceResult<Offer> {
    let coachee = people::code(db, request.coachee)?;
    let coaches = std::slice::from_ref(coach);
    eligible::few(db, request.cohort, &coachee, coaches, journal.now())?.admit(coach)?;
    let wanted = Put { coach: super::people::id(db, coach)?, origin: OfferOrigin::Admin, place: None };
    steps::put(db, journal, request, &wanted)?.ok_or(ServiceError::Refused(Refusal::CoachNotFree))
}

/// Confirms a run's proposal, by the coachee. The coach is asked now.
///
/// # Errors
/// When it is not the coachee who confirms, the proposal does not wait any more, or a rule forbids the pair by now.
pub fn confirm(db: &mut Db, act: &Act, id: OfferId) -> ServiceResult<Offer> {
    act.record(db, "offer", |db, journal| {
        let (offer, request) = load(db, id)?;
        act.allow(act.by(request.coachee))?;
        act.saw(offer.version)?;
        steps::waiting(&offer, OfferStatus::Proposed, act.now)?;
        if earlier::remembered(db, request.coachee, offer.coach)? {
            return Err(Refusal::EarlierPair.into());
        }
        ask_rules_again(db, &offer, &request, act.now)?;
        let deadline = OfferStatus::Pending.deadline(&steps::timers(db, request.cohort)?, act.now.time());
        let asked = Offer {
            status: Word(OfferStatus::Pending),
            asked_at: act.now,
            deadline: Stamp::new(deadline),
            ..offer.clone()
        };
        let asked = steps::change_offer(db, journal, &offer, asked)?;
        steps::ask_coach(db, journal, &asked)?;
        journal.tell(Notice::RequestSent, request.coachee, id.uuid())?;
        Ok(asked)
    })
}

/// Asks the rules about a proposal that holds a place: what was declared since the run was computed counts.
fn ask_rules_again(db: &mut Db, offer: &Offer, request: &Request, now: Stamp) -> ServiceResult<()> {
    let (coachee, coach) = (people::code(db, request.coachee)?, people::code(db, offer.coach)?);
    let policy = match offer.run {
        Some(run) => super::runs::policy_of_run(db, run)?,
        None => cohort_terms::policy(db, request.cohort)?,
    };
    let coaches = std::slice::from_ref(&coach);
    eligible::few_under(db, request.cohort, &policy, &coachee, coaches, now)?.admit_held(&coach)
}

/// Accepts an offer, by its coach: a pairing starts. Other offers of the request are taken back; an
/// offer to take over from another coach ends that coach's pairing.
///
/// # Errors
/// When it is not the coach who accepts, or the offer does not wait any more.
pub fn accept(db: &mut Db, act: &Act, id: OfferId) -> ServiceResult<Pairing> {
    act.record(db, "offer", |db, journal| {
        let (offer, request) = load(db, id)?;
        act.allow(act.by(offer.coach))?;
        act.saw(offer.version)?;
        steps::waiting(&offer, OfferStatus::Pending, act.now)?;
        let (request, told) = match request.status.0 {
            RequestStatus::Open => {
                (steps::move_request(db, journal, &request, RequestStatus::Matched)?, Notice::PairingStarted)
            }
            RequestStatus::Matched => (take_over(db, journal, &request, id)?, Notice::CoachChanged),
            RequestStatus::Withdrawn | RequestStatus::Closed => return Err(Refusal::RequestNotOpen.into()),
        };
        let answered_at = Some(act.now);
        let yes = Offer { request: request.id, status: Word(OfferStatus::Accepted), answered_at, ..offer.clone() };
        steps::change_offer(db, journal, &offer, yes)?;
        steps::withdraw_offers(db, journal, &request, None)?;
        let pairing = Pairing::new(id, request.cohort, request.coachee, offer.coach, act.now);
        let pairing = pairings::insert(db, pairing)?;
        let facts = serde_json::json!({ "offer": id, "rematch_of": pairing.rematch_of });
        journal.note("pairing", pairing.id.uuid(), pairing.status.0.as_str(), &facts)?;
        journal.tell(told, pairing.coachee, pairing.id.uuid())?;
        journal.tell(Notice::PairingStarted, pairing.coach, pairing.id.uuid())?;
        Ok(pairing)
    })
}

/// Ends the pairing that a request has led to, for the coach of an offer who takes over, and opens
/// the request of the new pairing.
fn take_over(db: &mut Db, journal: &mut Journal, request: &Request, by: OfferId) -> ServiceResult<Request> {
    let Some(old) = pairings::of_request(db, request.id)? else {
        return Err(ServiceError::Internal(format!("request {} is matched without a pairing", request.id)));
    };
    let ended = Pairing {
        status: Word(PairingStatus::Ended),
        end_reason: Some(Word(EndReason::Reassigned)),
        no_fault: Some(true),
        ended_at: Some(journal.now()),
        ..old.clone()
    };
    let ended = steps::change_pairing(db, journal, &old, ended, PairingStatus::Ended.as_str())?;
    earlier::remember(db, ended.coachee, ended.coach)?;
    journal.tell(Notice::PairingEnded, ended.coach, ended.id.uuid())?;
    let closed = steps::close(db, journal, &ended, Some(by))?;
    steps::ask_again(db, journal, &closed, RequestStatus::Matched)
}

/// Says no: the coach to an offer, the coachee to a run's proposal. The two are never brought
/// together again. After a coach's no the next choice is asked, or the coachee waits with a better place.
///
/// # Errors
/// When it is not the one who was asked, or the offer does not wait any more.
pub fn decline(db: &mut Db, act: &Act, id: OfferId, reason: DeclineReason, note: Option<&str>) -> ServiceResult<Offer> {
    let note = optional_text(&NOTE, note)?;
    act.record(db, "offer", |db, journal| {
        let (offer, request) = load(db, id)?;
        let proposed = offer.status.0 == OfferStatus::Proposed;
        // Who has been asked is known of a waiting offer only; of any other both may learn that it is answered.
        let asked = if offer.status.0.is_live() {
            act.by(if proposed { request.coachee } else { offer.coach })
        } else {
            act.by(offer.coach) || act.by(request.coachee)
        };
        act.allow(asked)?;
        act.saw(offer.version)?;
        steps::waiting(&offer, if proposed { OfferStatus::Proposed } else { OfferStatus::Pending }, act.now)?;
        let declined = steps::end_offer(db, journal, &offer, OfferStatus::Declined, Some((reason, note.clone())))?;
        earlier::remember(db, request.coachee, offer.coach)?;
        if !proposed {
            steps::move_on(db, journal, &request)?;
        }
        Ok(declined)
    })
}

/// Takes an offer back that waits for an answer: the coachee, or the programme. When it is the
/// programme, the next choice is asked.
///
/// # Errors
/// When it is neither of them, or the offer does not wait any more.
pub fn withdraw(db: &mut Db, act: &Act, id: OfferId) -> ServiceResult<Offer> {
    act.record(db, "offer", |db, journal| {
        let (offer, request) = load(db, id)?;
        let by_coachee = act.by(request.coachee);
        act.allow(by_coachee || act.by_programme_of(db, request.coachee)?)?;
        act.saw(offer.version)?;
        if !offer.status.0.is_live() {
            return Err(Refusal::Answered.into());
        }
        let withdrawn = steps::withdraw_offer(db, journal, &offer)?;
        if !by_coachee {
            match offer.status.0 {
                OfferStatus::Pending => steps::move_on(db, journal, &request)?,
                // The coach never knew of it; the coachee did.
                _ => journal.tell(Notice::ProposalWithdrawn, request.coachee, id.uuid())?,
            }
        }
        Ok(withdrawn)
    })
}

/// Lets every offer expire whose time is over, each in a transaction of its own; says how many did.
/// Several processes may do so at once, and again.
///
/// # Errors
/// Those of the store; what has expired by then stays so.
pub fn expire_due(store: &Store, act: &Act) -> ServiceResult<usize> {
    act.allow(act.by_programme())?;
    let mut expired = 0;
    loop {
        let due = store.read(|db| offers::overdue(db, act.now, OVERDUE_AT_A_TIME))?;
        if due.is_empty() {
            return Ok(expired);
        }
        for id in due {
            match store.write(|db| expire(db, act, id)) {
                Ok(()) => expired += 1,
                // Answered, or let expire by another process, since it was looked up.
                Err(ServiceError::Refused(Refusal::Answered)) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn expire(db: &mut Db, act: &Act, id: OfferId) -> ServiceResult<()> {
    act.record(db, "offer", |db, journal| {
        let (offer, request) = load(db, id)?;
        if !offer.status.0.is_live() || act.now < offer.deadline {
            return Err(Refusal::Answered.into());
        }
        steps::end_offer(db, journal, &offer, OfferStatus::Expired, None)?;
        if offer.status.0 == OfferStatus::Proposed {
            return journal.tell(Notice::OfferExpired, request.coachee, id.uuid());
        }
        journal.tell(Notice::OfferExpired, offer.coach, id.uuid())?;
        steps::move_on(db, journal, &request)
    })
}

fn load(db: &mut Db, id: OfferId) -> ServiceResult<(Offer, Request)> {
    let offer = offers::get(db, id)?;
    let request = requests::get(db, offer.request)?;
    Ok((offer, request))
}
