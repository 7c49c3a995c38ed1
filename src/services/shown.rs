//! Requests, offers and pairings as readers are shown them: with names in place of ids. Whoever
//! calls this has seen to it that the reader may.

use std::collections::HashMap;
use std::hash::Hash;

use super::ServiceResult;
use crate::domain::CompetencyCode;
use crate::store::cohorts;
use crate::store::offers::Offer;
use crate::store::pairings::Pairing;
use crate::store::people::{self, Card};
use crate::store::requests::{self, Request};
use crate::store::{CohortId, Db, PersonId, RequestId, StoreError, StoreResult};

/// A request, with names.
#[derive(Debug, Clone)]
pub struct RequestShown {
    /// The request.
    pub request: Request,
    /// The code of its cohort.
    pub cohort: String,
    /// Who asks.
    pub coachee: Card,
    /// The competencies it is about; none: the largest gaps.
    pub focus: Vec<CompetencyCode>,
}

/// An offer, with names.
#[derive(Debug, Clone)]
pub struct OfferShown {
    /// The offer.
    pub offer: Offer,
    /// What is offered.
    pub request: RequestShown,
    /// To whom.
    pub coach: Card,
}

/// A pairing, with names.
#[derive(Debug, Clone)]
pub struct PairingShown {
    /// The pairing.
    pub pairing: Pairing,
    /// The code of its cohort.
    pub cohort: String,
    /// Who is coached.
    pub coachee: Card,
    /// Who coaches.
    pub coach: Card,
}

pub(super) fn requests(db: &mut Db, rows: Vec<Request>) -> ServiceResult<Vec<RequestShown>> {
    let cards = people::cards(db, &rows.iter().map(|row| row.coachee).collect::<Vec<_>>())?;
    let cohorts = cohort_codes(db, rows.iter().map(|row| row.cohort))?;
    let mut focus = requests::focus_of(db, &rows.iter().map(|row| row.id).collect::<Vec<_>>())?;
    let shown = |request: Request| {
        Ok(RequestShown {
            cohort: found(&cohorts, request.cohort)?,
            coachee: found(&cards, request.coachee)?,
            focus: focus.remove(&request.id).unwrap_or_default(),
            request,
        })
    };
    rows.into_iter().map(shown).collect()
}

pub(super) fn offers(db: &mut Db, rows: Vec<Offer>) -> ServiceResult<Vec<OfferShown>> {
    let cards = people::cards(db, &rows.iter().map(|row| row.coach).collect::<Vec<_>>())?;
    let ids: Vec<RequestId> = rows.iter().map(|row| row.request).collect();
    let asked: Vec<Request> = requests::some(db, &ids)?.into_values().collect();
    let asked = requests(db, asked)?;
    let asked: HashMap<RequestId, RequestShown> = asked.into_iter().map(|shown| (shown.request.id, shown)).collect();
    let shown = |offer: Offer| {
        Ok(OfferShown { request: found(&asked, offer.request)?, coach: found(&cards, offer.coach)?, offer })
    };
    rows.into_iter().map(shown).collect()
}

pub(super) fn pairings(db: &mut Db, rows: Vec<Pairing>) -> ServiceResult<Vec<PairingShown>> {
    let sides: Vec<PersonId> = rows.iter().flat_map(|row| [row.coachee, row.coach]).collect();
    let cards = people::cards(db, &sides)?;
    let cohorts = cohort_codes(db, rows.iter().map(|row| row.cohort))?;
    let shown = |pairing: Pairing| {
        Ok(PairingShown {
            cohort: found(&cohorts, pairing.cohort)?,
            coachee: found(&cards, pairing.coachee)?,
            coach: found(&cards, pairing.coach)?,
            pairing,
        })
    };
    rows.into_iter().map(shown).collect()
}

/// The only one of a list of one.
pub(super) fn only<T>(list: ServiceResult<Vec<T>>) -> ServiceResult<T> {
    list?.pop().ok_or(StoreError::NotFound.into())
}

/// The cohort with a code.
pub(super) fn cohort_by_code(db: &mut Db, code: &str) -> ServiceResult<Option<CohortId>> {
    Ok(cohorts::by_code(db, code)?.map(|cohort| cohort.id))
}

pub(super) fn cohort_codes(db: &mut Db, ids: impl Iterator<Item = CohortId>) -> StoreResult<HashMap<CohortId, String>> {
    let mut codes = HashMap::new();
    for id in ids {
        if let std::collections::hash_map::Entry::Vacant(place) = codes.entry(id) {
            place.insert(cohorts::get(db, id)?.code);
        }
    }
    Ok(codes)
}

fn found<K: Hash + Eq, T: Clone>(map: &HashMap<K, T>, key: K) -> ServiceResult<T> {
    Ok(map.get(&key).cloned().ok_or(StoreError::NotFound)?)
}
