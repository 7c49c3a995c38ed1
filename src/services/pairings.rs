//! Pairings: agreeing, completing, breaking off, and what comes after.

use super::act::{Journal, Text, optional_text};
use super::offers::{NOTE, put_by_programme};
use super::shown::{self, PairingShown};
use super::{Act, Denial, Refusal, ServiceError, ServiceResult, certificates, people, steps};
use crate::domain::{Agreement, EndReason, Notice, PairingStatus, PersonCode, RequestStatus, Side};
use crate::store::offers::Offer;
use crate::store::pairings::{self, Evaluation, Filter, Pairing};
use crate::store::requests::{self, Request};
use crate::store::sessions::{self, Session};
use crate::store::types::Word;
use crate::store::{Db, PairingId, earlier, places};

const COMMENT: Text = Text { pointer: "/comment", most: 2000, expected: "error.field.long_text" };

/// How a pairing is broken off.
#[derive(Debug, Clone)]
pub struct End {
    /// Why.
    pub reason: EndReason,
    /// Whether nobody is to blame.
    pub no_fault: bool,
    /// In own words, if said.
    pub note: Option<String>,
}

/// What is to become of sessions of which nobody has said whether they were held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreported {
    /// The pairing is not completed while there are any: once it is, nobody can say any more, and they never count.
    Refuse,
    /// They are left as they are, knowingly.
    Leave,
}

/// What completing a pairing would come to now.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// Sessions whose time has come and of which nobody has said whether they were held, by number.
    pub unreported: Vec<Session>,
    /// Sessions that the certificate would name; none: there would be no certificate.
    pub sessions: usize,
    /// Learning hours that it would name.
    pub jp: u32,
}

/// A pairing with what both sides have said about it.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The pairing.
    pub shown: PairingShown,
    /// Whether the reader may know how to reach the two: only they may.
    pub with_contact: bool,
    /// What was said, as far as the reader may know it: the own word, and the other side's once both have spoken.
    pub evaluations: Vec<(Side, Evaluation)>,
}

/// Which pairings are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those in the cohort with this code.
    pub cohort: Option<String>,
    /// Only those in this state.
    pub status: Option<PairingStatus>,
}

/// A pairing, to either side or the programme.
///
/// # Errors
/// When it is none of them.
pub fn get(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Whole> {
    let pairing = pairings::get(db, id).map_err(|error| ServiceError::from(error).about("pairing"))?;
    let side = [Side::Coachee, Side::Coach].into_iter().find(|&side| act.by(pairing.person(side)));
    act.allow(side.is_some() || act.by_programme_of(db, pairing.coachee)?)?;
    let mut evaluations = pairings::evaluations(db, id)?;
    if evaluations.len() < 2 {
        evaluations.retain(|(spoken, _)| side.is_none_or(|side| side == *spoken));
    }
    let shown = shown::only(shown::pairings(db, vec![pairing]))?;
    Ok(Whole { shown, with_contact: side.is_some(), evaluations })
}

/// The pairings of whoever acts, on either side, the newest first, those older than `before`; none of
/// who is nobody in the records.
///
/// # Errors
/// When the database cannot be read.
pub fn own(
    db: &mut Db,
    act: &Act,
    wanted: &Wanted,
    before: Option<PairingId>,
    limit: i64,
) -> ServiceResult<Vec<PairingShown>> {
    let Ok(person) = act.person() else { return Ok(Vec::new()) };
    list(db, wanted, Filter { person: Some(person), ..Filter::default() }, before, limit)
}

/// All pairings, or those of coachees of the agency of whoever acts, the newest first, those older than `before`.
///
/// # Errors
/// When it is not the programme.
pub fn all(
    db: &mut Db,
    act: &Act,
    wanted: &Wanted,
    before: Option<PairingId>,
    limit: i64,
) -> ServiceResult<Vec<PairingShown>> {
    list(db, wanted, Filter { agency: act.watched_agency()?, ..Filter::default() }, before, limit)
}

fn list(
    db: &mut Db,
    wanted: &Wanted,
    filter: Filter,
    before: Option<PairingId>,
    limit: i64,
) -> ServiceResult<Vec<PairingShown>> {
    let cohort = match &wanted.cohort {
        None => None,
        Some(code) => match shown::cohort_by_code(db, code)? {
            None => return Ok(Vec::new()),
            found => found,
        },
    };
    let rows = pairings::list(db, &Filter { cohort, status: wanted.status, ..filter }, before, limit)?;
    shown::pairings(db, rows)
}

/// Signs an agreement, by one side. Other terms than those that the other side has signed replace
/// them, and want its signature anew; once both have signed the same, they stand.
///
/// # Errors
/// When it is neither side, the pairing is over, the agreement stands, or the terms cannot be.
pub fn sign(db: &mut Db, act: &Act, id: PairingId, terms: &Agreement) -> ServiceResult<Pairing> {
    if let Some(pointer) = terms.fault() {
        return Err(Denial::fault(pointer, "error.field.agreement").into());
    }
    act.record(db, "pairing", |db, journal| {
        let (old, side) = active_of(db, act, id)?;
        if old.coachee_signed_at.is_some() && old.coach_signed_at.is_some() {
            return Err(Refusal::AgreementSigned.into());
        }
        let mut new = old.clone();
        if old.agreement().as_ref() != Some(terms) {
            new.goals = Some(terms.goals.clone());
            new.sessions = Some(i16::from(terms.sessions));
            new.confidential = Some(terms.confidential);
            (new.coachee_signed_at, new.coach_signed_at) = (None, None);
        }
        match side {
            Side::Coachee => new.coachee_signed_at = Some(act.now),
            Side::Coach => new.coach_signed_at = Some(act.now),
        }
        let new = steps::change_pairing(db, journal, &old, new, "signed")?;
        tell_other(journal, Notice::AgreementSigned, &new, side)?;
        Ok(new)
    })
}

/// What completing a pairing would come to now, to its two sides and the programme.
///
/// # Errors
/// When it is none of them.
pub fn outlook(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Outlook> {
    let pairing = get(db, act, id)?.shown.pairing;
    let earned = certificates::earned(db, act, &pairing)?;
    Ok(Outlook { unreported: unreported(db, act, &pairing)?, sessions: earned.held.len(), jp: earned.jp })
}

/// The sessions of a pairing whose time has come and of which neither side has said what became of them.
fn unreported(db: &mut Db, act: &Act, pairing: &Pairing) -> ServiceResult<Vec<Session>> {
    let mut all = sessions::of_pairing(db, pairing.id)?;
    all.retain(|one| [Side::Coachee, Side::Coach].iter().all(|side| one.waits_for_word(*side, act.now)));
    Ok(all)
}

/// Completes a pairing, by one side, with its word on how it was.
///
/// # Errors
/// When it is neither side, the pairing is over, the rating is not 1 to 5, or nobody has said what became of some
/// sessions and they are not to be left so.
pub fn complete(
    db: &mut Db,
    act: &Act,
    id: PairingId,
    says: &Evaluation,
    unsaid: Unreported,
) -> ServiceResult<Pairing> {
    let says = checked(says)?;
    act.record(db, "pairing", |db, journal| {
        let (old, side) = active_of(db, act, id)?;
        if unsaid == Unreported::Refuse && !unreported(db, act, &old)?.is_empty() {
            return Err(Refusal::SessionsUnreported.into());
        }
        let over = Pairing { status: Word(PairingStatus::Completed), ended_at: Some(act.now), ..old.clone() };
        let over = steps::change_pairing(db, journal, &old, over, PairingStatus::Completed.as_str())?;
        steps::close(db, journal, &over, None)?;
        places::count_completed(db, over.coach)?;
        keep_word(db, act, &over, side, &says)?;
        let certificate = certificates::issue(db, act, journal, &over)?;
        let about = serde_json::json!({ "certificate": certificate.is_some() });
        journal.tell_with(Notice::PairingCompleted, over.person(side.other()), id.uuid(), &about)?;
        if side == Side::Coach {
            journal.tell(Notice::CoachThanked, over.coach, id.uuid())?;
        }
        Ok(over)
    })
}

/// Adds the other side's word on a completed pairing.
///
/// # Errors
/// When it is neither side, the pairing is not completed, or this side has given its word.
pub fn evaluate(db: &mut Db, act: &Act, id: PairingId, says: &Evaluation) -> ServiceResult<Pairing> {
    let says = checked(says)?;
    act.record(db, "pairing", |db, journal| {
        let pairing = pairings::get(db, id)?;
        let side = side_of(act, &pairing)?;
        if pairing.status.0 != PairingStatus::Completed {
            return Err(Refusal::PairingActive.into());
        }
        if pairings::evaluations(db, id)?.iter().any(|(spoken, _)| *spoken == side) {
            return Err(Refusal::Evaluated.into());
        }
        keep_word(db, act, &pairing, side, &says)?;
        journal.note("evaluation", id.uuid(), "given", &serde_json::json!({ "side": side }))?;
        Ok(pairing)
    })
}

/// Breaks a pairing off: either side, or the programme. The two are never brought together again.
///
/// # Errors
/// When it is none of them, or the pairing is over.
pub fn end(db: &mut Db, act: &Act, id: PairingId, how: &End) -> ServiceResult<Pairing> {
    let note = optional_text(&NOTE, how.note.as_deref())?;
    act.record(db, "pairing", |db, journal| {
        let old = pairings::get(db, id)?;
        let by = [Side::Coachee, Side::Coach].into_iter().find(|&side| act.by(old.person(side)));
        act.allow(by.is_some() || act.by_programme_of(db, old.coachee)?)?;
        active(act, &old)?;
        let over = Pairing {
            status: Word(PairingStatus::Ended),
            end_reason: Some(Word(how.reason)),
            end_note: note.clone(),
            no_fault: Some(how.no_fault),
            ended_at: Some(act.now),
            ..old.clone()
        };
        let over = steps::change_pairing(db, journal, &old, over, PairingStatus::Ended.as_str())?;
        steps::close(db, journal, &over, None)?;
        earlier::remember(db, over.coachee, over.coach)?;
        for side in [Side::Coachee, Side::Coach].into_iter().filter(|side| Some(*side) != by) {
            journal.tell(Notice::PairingEnded, over.person(side), id.uuid())?;
        }
        Ok(over)
    })
}

/// Asks anew after a pairing that was broken off: a request like the one before, with a better place
/// on the waiting list. By the coachee or the programme.
///
/// # Errors
/// When it is neither of them, the pairing was not broken off, or the coachee asks already.
pub fn rematch(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<Request> {
    act.record(db, "pairing", |db, journal| {
        let pairing = pairings::get(db, id)?;
        act.allow(act.by(pairing.coachee) || act.by_programme_of(db, pairing.coachee)?)?;
        act.saw(pairing.version)?;
        match pairing.status.0 {
            PairingStatus::Active => return Err(Refusal::PairingActive.into()),
            PairingStatus::Completed => return Err(Refusal::PairingOver.into()),
            PairingStatus::Ended => {}
        }
        if requests::live(db, pairing.cohort, pairing.coachee)?.is_some() {
            return Err(Refusal::RequestExists.into());
        }
        let before = pairings::request(db, &pairing)?;
        let before = requests::get(db, before)?;
        let again = steps::ask_again(db, journal, &before, RequestStatus::Open)?;
        if !act.by(pairing.coachee) {
            journal.tell(Notice::AskedAnew, pairing.coachee, again.id.uuid())?;
        }
        Ok(again)
    })
}

/// Asks another coach to take over a pairing, by the programme. The present coach goes on until the
/// other accepts.
///
/// # Errors
/// When the pairing is over, it is the present coach, a rule forbids the coach, or the coach has no place.
pub fn reassign(db: &mut Db, act: &Act, id: PairingId, coach: &PersonCode) -> ServiceResult<Offer> {
    act.record(db, "pairing", |db, journal| {
        let pairing = pairings::get(db, id)?;
        act.allow(act.by_programme_of(db, pairing.coachee)?)?;
        active(act, &pairing)?;
        if people::id(db, coach).is_ok_and(|coach| coach == pairing.coach) {
            return Err(Refusal::SameCoach.into());
        }
        let request = pairings::request(db, &pairing)?;
        let request = requests::get(db, request)?;
        put_by_programme(db, journal, &request, coach)
    })
}

/// An active pairing, and which side of it acts.
fn active_of(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<(Pairing, Side)> {
    let pairing = pairings::get(db, id)?;
    let side = side_of(act, &pairing)?;
    active(act, &pairing)?;
    Ok((pairing, side))
}

fn side_of(act: &Act, pairing: &Pairing) -> ServiceResult<Side> {
    let side = [Side::Coachee, Side::Coach].into_iter().find(|&side| act.by(pairing.person(side)));
    side.ok_or(ServiceError::Forbidden)
}

fn active(act: &Act, pairing: &Pairing) -> ServiceResult<()> {
    act.saw(pairing.version)?;
    if pairing.status.0 == PairingStatus::Active { Ok(()) } else { Err(Refusal::PairingOver.into()) }
}

fn tell_other(journal: &mut Journal, notice: Notice, pairing: &Pairing, side: Side) -> ServiceResult<()> {
    let other = if side == Side::Coach { Side::Coachee } else { Side::Coach };
    journal.tell(notice, pairing.person(other), pairing.id.uuid())
}

fn checked(says: &Evaluation) -> ServiceResult<Evaluation> {
    if !(1..=5).contains(&says.rating) {
        return Err(Denial::fault("/rating", "error.field.rating").into());
    }
    let comment = optional_text(&COMMENT, says.comment.as_deref())?;
    Ok(Evaluation { rating: says.rating, comment })
}

/// Keeps what a side says. The coachee's rating counts for the coach.
fn keep_word(db: &mut Db, act: &Act, pairing: &Pairing, side: Side, says: &Evaluation) -> ServiceResult<()> {
    pairings::evaluate(db, pairing.id, side, says, act.now)?;
    if side == Side::Coachee {
        places::rate(db, pairing.coach, says.rating)?;
    }
    Ok(())
}
