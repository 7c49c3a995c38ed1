//! The same books as the database keeps, in plain lists.

use std::collections::HashSet;

use coachnet::domain::{OfferStatus, RequestStatus};
use coachnet::matching::Rule;
use coachnet::services::{Refusal, ServiceError, ServiceResult};
use coachnet::store::pairings::Pairing;
use coachnet::store::{OfferId, RequestId};

/// What an act comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    Done,
    Refused(Refusal),
    RuledOut(Vec<Rule>),
}

pub(super) fn came<T: std::fmt::Debug>(result: ServiceResult<T>) -> Came {
    match result {
        Ok(_) => Came::Done,
        Err(ServiceError::Refused(refusal)) => Came::Refused(refusal),
        Err(ServiceError::RuledOut { rules, .. }) => Came::RuledOut(rules),
        Err(other) => panic!("{other:?}"),
    }
}

pub(super) struct Coachee {
    pub(super) request: Option<(RequestId, RequestStatus)>,
    pub(super) rounds: i16,
    pub(super) choices: Vec<usize>,
    pub(super) never: HashSet<usize>,
    pub(super) pairing: Option<(usize, Pairing)>,
    pub(super) broken_off: Option<Pairing>,
}

pub(super) struct Coach {
    pub(super) capacity: u16,
    pub(super) accepting: bool,
}

pub(super) struct Offer {
    pub(super) id: OfferId,
    pub(super) request: RequestId,
    pub(super) coachee: usize,
    pub(super) coach: usize,
    pub(super) place: Option<usize>,
    pub(super) status: OfferStatus,
    pub(super) due: i64,
}

pub(super) struct Model {
    pub(super) coachees: Vec<Coachee>,
    pub(super) coaches: Vec<Coach>,
    pub(super) offers: Vec<Offer>,
    pub(super) minute: i64,
}

pub(super) const DAY: i64 = 24 * 60;

impl Model {
    pub(super) fn held(&self, coach: usize) -> u16 {
        let waiting = self.offers.iter().filter(|offer| offer.coach == coach && offer.status.is_live()).count();
        let active = self.coachees.iter().filter(|c| c.pairing.as_ref().is_some_and(|(of, _)| *of == coach)).count();
        (waiting + active) as u16
    }

    pub(super) fn free(&self, coach: usize) -> bool {
        self.coaches[coach].accepting && self.held(coach) < self.coaches[coach].capacity
    }

    /// Positions of the waiting offers of a coachee's request.
    pub(super) fn live(&self, coachee: usize) -> Vec<usize> {
        let waits = |offer: &Offer| offer.coachee == coachee && offer.status.is_live();
        (0..self.offers.len()).filter(|&at| waits(&self.offers[at])).collect()
    }

    pub(super) fn broken_rules(&self, coachee: usize, coach: usize) -> Vec<Rule> {
        let rules = [
            (!self.coaches[coach].accepting, Rule::NotAccepting),
            (self.held(coach) >= self.coaches[coach].capacity, Rule::NoFreePlace),
            (self.coachees[coachee].never.contains(&coach), Rule::EarlierPair),
        ];
        rules.into_iter().filter(|(broken, _)| *broken).map(|(_, rule)| rule).collect()
    }

    pub(super) fn admit(&self, coachee: usize, coaches: &[usize]) -> Result<(), Came> {
        let ruled_out = coaches.iter().map(|&coach| self.broken_rules(coachee, coach)).find(|rules| !rules.is_empty());
        ruled_out.map_or(Ok(()), |rules| Err(Came::RuledOut(rules)))
    }

    pub(super) fn put(&mut self, coachee: usize, coach: usize, place: Option<usize>) -> bool {
        let asked = self.live(coachee).iter().any(|&at| self.offers[at].coach == coach);
        if asked || self.coachees[coachee].never.contains(&coach) || !self.free(coach) {
            return false;
        }
        self.add(coachee, coach, place, OfferStatus::Pending, 3 * DAY);
        true
    }

    /// The id comes from the database, with the first comparison.
    pub(super) fn add(
        &mut self,
        coachee: usize,
        coach: usize,
        place: Option<usize>,
        status: OfferStatus,
        minutes: i64,
    ) {
        let (request, _) = self.coachees[coachee].request.expect("a live request");
        let due = self.minute + minutes;
        self.offers.push(Offer { id: OfferId::new(), request, coachee, coach, place, status, due });
    }

    /// How many of the choices had their turn, counted from the last time that the first was asked.
    fn choices_asked(&self, coachee: usize) -> usize {
        let Coachee { request, choices, .. } = &self.coachees[coachee];
        let of_it = self.offers.iter().filter(|offer| Some(offer.request) == request.map(|(id, _)| id));
        let turns: Vec<(usize, usize)> = of_it.filter_map(|offer| Some((offer.place?, offer.coach))).collect();
        let Some(first) = turns.iter().rposition(|(place, _)| *place == 1) else { return choices.len() };
        let last = turns[first..].iter().max().expect("the first");
        let these = turns[first..].iter().all(|(place, coach)| choices.get(place - 1) == Some(coach));
        if these { last.0 } else { choices.len() }
    }

    pub(super) fn move_on(&mut self, coachee: usize) {
        let open = matches!(self.coachees[coachee].request, Some((_, RequestStatus::Open)));
        if !open || !self.live(coachee).is_empty() {
            return;
        }
        let choices = self.coachees[coachee].choices.clone();
        let rest = self.choices_asked(coachee);
        if !(rest..choices.len()).any(|at| self.put(coachee, choices[at], Some(at + 1))) {
            self.coachees[coachee].rounds += 1;
        }
    }

    pub(super) fn withdraw_all(&mut self, coachee: usize, but: Option<usize>) {
        for at in self.live(coachee).into_iter().filter(|at| Some(*at) != but) {
            self.offers[at].status = OfferStatus::Withdrawn;
        }
    }

    pub(super) fn close(&mut self, coachee: usize) -> Option<(usize, Pairing)> {
        self.coachees[coachee].request = None;
        self.withdraw_all(coachee, None);
        self.coachees[coachee].pairing.take()
    }

    /// The coachee's pairing is over, if there is one.
    pub(super) fn close_pairing(&mut self, coachee: usize) -> Option<(usize, Pairing)> {
        self.coachees[coachee].pairing.as_ref()?;
        self.close(coachee)
    }

    pub(super) fn waits(&self, at: usize, status: OfferStatus) -> Result<(), Came> {
        let offer = &self.offers[at];
        if offer.status != status {
            return Err(Came::Refused(Refusal::Answered));
        }
        if self.minute >= offer.due { Err(Came::Refused(Refusal::TooLate)) } else { Ok(()) }
    }
}
