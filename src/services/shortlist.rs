//! The shortlist of a request: the coaches that fit best, and why.

use std::sync::Arc;

use super::directory::Coach;
use super::pool::{self, Pools, Present};
use super::{Act, Refusal, ServiceError, ServiceResult, eligible};
use crate::domain::{Policy, Reference, RequestStatus};
use crate::matching::explain::{Explanation, WaitingReason};
use crate::matching::live;
use crate::store::{Db, RequestId, Store, asking, cohort_terms, requests};

/// The coaches that fit a request best.
#[derive(Debug)]
pub struct Shortlist {
    /// Best first.
    pub coaches: Vec<Suggestion>,
    /// Why there is none, if so.
    pub none: Option<WaitingReason>,
    /// The reference data that the explanations refer to.
    pub reference: Arc<Reference>,
}

/// A coach who fits.
#[derive(Debug)]
pub struct Suggestion {
    /// The coach, by what they offer.
    pub coach: Arc<Coach>,
    /// The score in hundredths of the best that the policy can give, rounded.
    pub percent: u8,
    /// Why; its points add up to the score.
    pub explanation: Explanation,
}

/// The best coaches for an open request, at most `most`, for the coachee or the programme.
///
/// # Errors
/// When it is neither of them, or the request is not open. Busy while the coaches are read into memory.
pub fn shortlist(store: &Store, pools: &Pools, act: &Act, id: RequestId, most: usize) -> ServiceResult<Shortlist> {
    let looked = |db: &mut Db| look(db, pools, act, id, most, usize::MAX);
    let policy = match store.snapshot(looked)? {
        Looked::Found(list) => return Ok(list),
        Looked::NoPool(policy) => policy,
    };
    // Without a connection in hand: whoever waits for a pool must not keep others from the database.
    pools.build(store, &policy)?;
    match store.snapshot(looked)? {
        Looked::Found(list) => Ok(list),
        Looked::NoPool(_) => Err(pool::busy()),
    }
}

/// Changed coaches up to which they are read on the way: a moment's work.
const FEW_CHANGES: usize = 16;

/// The same where the coaches are in memory already, and few have changed since; else none.
///
/// # Errors
/// As [`shortlist`].
pub fn at_hand(db: &mut Db, pools: &Pools, act: &Act, id: RequestId, most: usize) -> ServiceResult<Option<Shortlist>> {
    Ok(match look(db, pools, act, id, most, FEW_CHANGES)? {
        Looked::Found(list) => Some(list),
        Looked::NoPool(_) => None,
    })
}

/// What a look at one state of the database gave.
enum Looked {
    Found(Shortlist),
    /// There is no pool for this policy.
    NoPool(Policy),
}

fn look(
    db: &mut Db,
    pools: &Pools,
    act: &Act,
    id: RequestId,
    most: usize,
    most_changes: usize,
) -> ServiceResult<Looked> {
    let request = requests::get(db, id).map_err(|error| ServiceError::from(error).about("request"))?;
    act.allow(act.by(request.coachee) || act.by_programme_of(db, request.coachee)?)?;
    if request.status.0 != RequestStatus::Open {
        return Err(Refusal::RequestNotOpen.into());
    }
    let policy = cohort_terms::policy(db, request.cohort)?;
    let Some(present) = pools.present(db, &policy, most_changes)? else { return Ok(Looked::NoPool(policy)) };
    let asking = asking::load(db, &request)?;
    let asked = live::Request::new(&asking, &present.reference, &policy, eligible::today(act.now), pool::SEED);
    let asked = asked.map_err(|why| ServiceError::Internal(why.to_string()))?;
    let found = best(db, &present, &asked, most, policy.weights.total())?;
    let none = found.is_empty().then(|| why_none(&asked));
    Ok(Looked::Found(Shortlist { coaches: found, none, reference: present.reference }))
}

/// The best coaches, each with what they offer and why.
fn best(
    db: &mut Db,
    present: &Present,
    asked: &live::Request,
    most: usize,
    best_score: u16,
) -> ServiceResult<Vec<Suggestion>> {
    let listed = present.coaches.shortlist(asked, most);
    let mut shown = present.shown(db, listed.iter().map(|listed| listed.coach.clone()))?;
    let suggestion = |listed: live::Listed| {
        Some(Suggestion {
            // The pool may be a moment ahead of this state of the database.
            coach: shown.remove(&listed.coach)?,
            percent: percent(listed.score, best_score),
            explanation: present.coaches.explain(asked, &listed.coach)?,
        })
    };
    Ok(listed.into_iter().filter_map(suggestion).collect())
}

fn why_none(asked: &live::Request) -> WaitingReason {
    match (asked.focus.as_slice().is_empty(), asked.assessed) {
        (true, false) => WaitingReason::NotAssessed,
        (true, true) => WaitingReason::NoGap,
        (false, _) => WaitingReason::NoEligibleCoach,
    }
}

/// A score in hundredths of the best, rounded.
fn percent(score: u8, best: u16) -> u8 {
    let best = best.max(1);
    u8::try_from((u16::from(score) * 100 + best / 2) / best).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn scores_are_shown_as_a_share_of_the_best() {
        assert_eq!([0, 1, 128, 254, 255].map(|score| percent(score, 255)), [0, 0, 50, 100, 100]);
        assert_eq!((percent(50, 60), percent(0, 0)), (83, 0));
    }
}
