//! Requests: asking for a coach, choosing, taking it back, the place on the waiting list.

use chrono::TimeDelta;
use serde_json::json;

use super::act::{Text, optional_text};
use super::limits::Daily;
use super::offers::hide_refusal;
use super::questions::Asked;
use super::shown::{self, OfferShown, RequestShown};
use super::steps::{self, Put};
use super::{Act, Denial, Fault, Refusal, ServiceError, ServiceResult, eligible, rankings};
use crate::domain::{CompetencyCode, Languages, Modes, Notice, OfferOrigin, PersonCode, RequestStatus};
use crate::store::offers::{self, Offer};
use crate::store::requests::{self, Filter, Request};
use crate::store::types::{Stamp, Word};
use crate::store::{Db, PersonId, RequestId, cohorts, people, questions};

const MOTIVATION: Text = Text { pointer: "/motivation", most: 2000, expected: "error.field.long_text" };
/// Most coaches that a coachee may choose.
const MAX_CHOICES: usize = 3;

/// How long whoever has asked may choose before they are told that they wait.
const TIME_TO_CHOOSE: TimeDelta = TimeDelta::hours(1);
/// Most competencies that a request may be about.
const MAX_FOCUS: usize = 3;

/// What a coachee asks for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The code of the cohort.
    pub cohort: String,
    /// Who asks.
    pub coachee: PersonId,
    /// The competencies it is about; none: the largest gaps.
    pub focus: Vec<CompetencyCode>,
    /// The ways of meeting that suit.
    pub modes: Modes,
    /// The languages that suit.
    pub languages: Languages,
    /// Why, if said.
    pub motivation: Option<String>,
}

/// Where an open request stands on the waiting list of its cohort, and what has brought it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// The place, from 1.
    pub place: i64,
    /// How many wait.
    pub waiting: i64,
    /// Whether coming from a remote area moves it up.
    pub remote: bool,
    /// The sum of the gaps in the focus, as far as the policy lets it count.
    pub gap: u8,
    /// Rounds waited in vain; each moves it up among equals.
    pub rounds: i16,
    /// Since when it waits: of equals, the earlier stands before.
    pub since: Stamp,
}

/// Asks for a coach, by the coachee or the programme.
///
/// # Errors
/// When it is neither of them, the cohort takes no requests or is not for the coachee, who asks already or has no gap.
pub fn ask(db: &mut Db, act: &Act, wish: &Wish) -> ServiceResult<Request> {
    act.allow(act.by(wish.coachee) || act.by_programme_of(db, wish.coachee)?)?;
    let motivation = optional_text(&MOTIVATION, wish.motivation.as_deref())?;
    let wrong = |wrong: bool, pointer, expected| wrong.then_some(Fault { pointer, expected });
    let too_many = wish.focus.len() > MAX_FOCUS || named_twice(&wish.focus);
    let faults = [
        wrong(wish.modes == Modes::NONE, "/modes", "error.field.modes"),
        wrong(wish.languages == Languages::NONE, "/languages", "error.field.languages"),
        wrong(too_many, "/focus", "error.field.focus"),
    ];
    let faults: Vec<Fault> = faults.into_iter().flatten().collect();
    if !faults.is_empty() {
        return Err(Denial::Invalid(faults).into());
    }
    act.record(db, "request", |db, journal| {
        let Some(cohort) = cohorts::by_code(db, &wish.cohort)? else {
            return Err(ServiceError::Missing(format!("there is no cohort {}", wish.cohort)));
        };
        if !super::cohorts::is_open(&cohort, act.now) {
            return Err(Refusal::CohortClosed.into());
        }
        super::cohorts::admit(db, cohort.id, wish.coachee)?;
        if requests::live(db, cohort.id, wish.coachee)?.is_some() {
            return Err(Refusal::RequestExists.into());
        }
        let request = Request {
            id: RequestId::new(),
            cohort: cohort.id,
            coachee: wish.coachee,
            status: Word(RequestStatus::Open),
            modes: i16::from(wish.modes.bits()),
            languages: i16::from(wish.languages.bits()),
            waiting_rounds: 0,
            created_at: act.now,
            changed_at: act.now,
            motivation: motivation.clone(),
            priority: 0,
            version: 1,
        };
        requests::insert(db, &request, &wish.focus)?;
        let coachee = people::code(db, wish.coachee)?;
        let few = eligible::few(db, cohort.id, &coachee, &[], act.now)?;
        if !few.has_gap() {
            return Err(Refusal::NoGap.into());
        }
        let priority = few.priority();
        requests::prioritise(db, cohort.id, &[wish.coachee], priority)?;
        journal.note("request", request.id.uuid(), RequestStatus::Open.as_str(), &json!({ "cohort": cohort.id }))?;
        // Whoever asks goes on to choose, as a rule; who has not by then should know what comes next.
        let wait = if act.by(wish.coachee) { TIME_TO_CHOOSE } else { TimeDelta::zero() };
        journal.tell_after(wait, Notice::WaitingListed, wish.coachee, request.id.uuid())?;
        Ok(Request { priority, ..request })
    })
}

/// Up to three coaches for a request, the first choice first, whom no rule forbade when it was asked.
#[derive(Debug, Clone)]
pub struct Choice {
    request: RequestId,
    coaches: Vec<PersonCode>,
}

/// Asks the rules about the coaches that a coachee would choose. They look at much that hardly ever
/// changes; what may change meanwhile is looked at again by [`choose`].
///
/// # Errors
/// When it is not the coachee, or a rule forbids one of the coaches.
pub fn weigh(db: &mut Db, act: &Act, id: RequestId, coaches: &[PersonCode]) -> ServiceResult<Choice> {
    if coaches.is_empty() || coaches.len() > MAX_CHOICES || named_twice(coaches) {
        return Err(Denial::fault("/coaches", "error.field.choices").into());
    }
    let request = requests::get(db, id).map_err(|error| ServiceError::from(error).about("request"))?;
    act.allow(act.by(request.coachee))?;
    let coachee = people::code(db, request.coachee)?;
    let few = eligible::few(db, request.cohort, &coachee, coaches, act.now)?;
    coaches.iter().try_for_each(|coach| few.admit(coach))?;
    Ok(Choice { request: id, coaches: coaches.to_vec() })
}

/// Chooses up to three coaches, the first choice first, by the coachee. The first is asked at once;
/// if that one says no, or nothing, the next is.
///
/// # Errors
/// When it is not the coachee, the request is not open or an offer waits, its cohort is being ranked, the first has no
/// place any more, or the coachee has chosen too often today.
pub fn choose(db: &mut Db, act: &Act, choice: &Choice, daily: Daily) -> ServiceResult<Offer> {
    act.record(db, "request", |db, journal| {
        let request = requests::get(db, choice.request)?;
        act.allow(act.by(request.coachee))?;
        act.saw(request.version)?;
        if request.status.0 != RequestStatus::Open {
            return Err(Refusal::RequestNotOpen.into());
        }
        if !offers::live_of_request(db, request.id)?.is_empty() {
            return Err(Refusal::OfferWaits.into());
        }
        // The ranking is the same list: choosing would write over it, and ask before the run that is to listen to all.
        if rankings::is_open(db, request.cohort, act.now)? {
            return Err(Refusal::RankingOpen.into());
        }
        daily.choice(db, request.coachee, act.now)?;
        requests::set_choices(db, request.id, &choice.coaches)?;
        let request = steps::change_request(db, journal, &request, request.clone(), "chosen")?;
        let first =
            Put { coach: super::people::id(db, &choice.coaches[0])?, origin: OfferOrigin::Choice, place: Some(1) };
        let offer = steps::put(db, journal, &request, &first)?.ok_or(ServiceError::Refused(Refusal::CoachNotFree))?;
        journal.tell(Notice::RequestSent, request.coachee, offer.id.uuid())?;
        Ok(offer)
    })
}

fn named_twice<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().any(|(at, item)| list[..at].contains(item))
}

/// A request with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The request.
    pub shown: RequestShown,
    /// The coaches chosen, the first choice first.
    pub choices: Vec<PersonCode>,
    /// Where it stands on the waiting list, while it is open.
    pub standing: Option<Standing>,
    /// What was offered, the oldest first.
    pub offers: Vec<OfferShown>,
    /// What was asked before deciding.
    pub questions: Vec<Asked>,
}

/// Which requests are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those in the cohort with this code.
    pub cohort: Option<String>,
    /// Only those in this state.
    pub status: Option<RequestStatus>,
}

/// A request, to its coachee or the programme.
///
/// # Errors
/// When it is neither of them.
pub fn get(db: &mut Db, act: &Act, id: RequestId) -> ServiceResult<Whole> {
    let request = requests::get(db, id).map_err(|error| ServiceError::from(error).about("request"))?;
    let by_coachee = act.by(request.coachee);
    act.allow(by_coachee || act.by_programme_of(db, request.coachee)?)?;
    let standing = if request.status.0 == RequestStatus::Open { Some(standing(db, &request)?) } else { None };
    let offers = offers::of_request(db, id)?;
    // What both ask each other before deciding is theirs.
    let questions = if by_coachee { questions::of_request(db, id)? } else { Vec::new() };
    let mut offers = shown::offers(db, offers)?;
    if by_coachee {
        offers.iter_mut().for_each(hide_refusal);
    }
    Ok(Whole {
        choices: requests::choices(db, id)?,
        standing,
        offers,
        questions: super::questions::shown(db, questions)?,
        shown: shown::only(shown::requests(db, vec![request]))?,
    })
}

/// The requests of the coachee who acts, the newest first, those older than `before`.
///
/// # Errors
/// When it is nobody of the records.
pub fn own(
    db: &mut Db,
    act: &Act,
    wanted: &Wanted,
    before: Option<RequestId>,
    limit: i64,
) -> ServiceResult<Vec<RequestShown>> {
    list(db, wanted, Filter { coachee: Some(act.person()?), ..Filter::default() }, before, limit)
}

/// All requests, or those of the agency of whoever acts, the newest first, those older than `before`.
///
/// # Errors
/// When it is not the programme.
pub fn all(
    db: &mut Db,
    act: &Act,
    wanted: &Wanted,
    before: Option<RequestId>,
    limit: i64,
) -> ServiceResult<Vec<RequestShown>> {
    list(db, wanted, Filter { agency: act.watched_agency()?, ..Filter::default() }, before, limit)
}

fn list(
    db: &mut Db,
    wanted: &Wanted,
    filter: Filter,
    before: Option<RequestId>,
    limit: i64,
) -> ServiceResult<Vec<RequestShown>> {
    let cohort = match &wanted.cohort {
        None => None,
        Some(code) => match shown::cohort_by_code(db, code)? {
            None => return Ok(Vec::new()),
            found => found,
        },
    };
    let filter = Filter { cohort, status: wanted.status, ..filter };
    let rows = requests::list(db, &filter, before, limit)?;
    shown::requests(db, rows)
}

/// Takes a request back, by the coachee or the programme. Offers that wait are taken back with it.
///
/// # Errors
/// When it is neither of them, or the request is not open.
pub fn withdraw(db: &mut Db, act: &Act, id: RequestId) -> ServiceResult<Request> {
    act.record(db, "request", |db, journal| {
        let request = requests::get(db, id)?;
        act.allow(act.by(request.coachee) || act.by_programme_of(db, request.coachee)?)?;
        act.saw(request.version)?;
        if request.status.0 != RequestStatus::Open {
            return Err(Refusal::RequestNotOpen.into());
        }
        steps::withdraw_offers(db, journal, &request, None)?;
        if !act.by(request.coachee) {
            journal.tell(Notice::RequestTakenBack, request.coachee, id.uuid())?;
        }
        steps::move_request(db, journal, &request, RequestStatus::Withdrawn)
    })
}

/// The place of an open request on the waiting list, for the coachee or the programme.
///
/// # Errors
/// When it is neither of them, or the request is not open.
pub fn place_on_waiting_list(db: &mut Db, act: &Act, id: RequestId) -> ServiceResult<Standing> {
    let request = requests::get(db, id).map_err(|error| ServiceError::from(error).about("request"))?;
    act.allow(act.by(request.coachee) || act.by_programme_of(db, request.coachee)?)?;
    if request.status.0 != RequestStatus::Open {
        return Err(Refusal::RequestNotOpen.into());
    }
    standing(db, &request)
}

/// The place of an open request on the waiting list.
pub(super) fn standing(db: &mut Db, request: &Request) -> ServiceResult<Standing> {
    let (before, waiting) = requests::standing(db, request)?;
    Ok(Standing {
        place: before + 1,
        waiting,
        remote: request.priority >> 8 != 0,
        gap: u8::try_from(request.priority & 0xff).unwrap_or(u8::MAX),
        rounds: request.waiting_rounds,
        since: request.created_at,
    })
}
