//! A random walk: thousands of acts in any order, by two processes' stores in turn, beside a
//! model that keeps the same books in plain lists. After every act both must agree.

mod model;

use std::collections::HashSet;

use chrono::Duration;
use coachnet::domain::{DeclineReason, Languages, Modes, OfferStatus, Policy, RequestStatus};
use coachnet::matching::watch::Watch;
use coachnet::services::requests::Wish;
use coachnet::services::runs::{self, Order, Selection};
use coachnet::services::{Act, Refusal, coaches, offers, pairings, requests};
use coachnet::store::{self, Store};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use model::{Came, Coach, Coachee, DAY, Model, Offer, came};

use crate::support::people;
use crate::support::programme::{Programme, choose, code};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(the_database_does_what_the_model_does);

/// So many that after all steps some have still not said no to each other.
const COACHEES: usize = 14;
const COACHES: usize = 14;
const PLACES: u16 = 1;
/// `COACHNET_STEPS` takes more, `COACHNET_SEED` another way.
const STEPS: u32 = 1_000;

/// The walk: the programme and its model side by side.
struct Walk<'a> {
    p: Programme,
    stores: [Store; 2],
    model: Model,
    rng: &'a mut ChaCha20Rng,
    step: u32,
    /// The coachees whom the present step concerns.
    touched: Vec<usize>,
}

impl Walk<'_> {
    fn store(&self) -> &Store {
        &self.stores[self.step as usize % 2]
    }

    fn by(&self, person: store::PersonId) -> Act {
        self.p.as_person(person)
    }

    fn any(&mut self, number: usize) -> usize {
        self.rng.random_range(0..number)
    }

    fn any_coachee(&mut self) -> usize {
        let coachee = self.any(COACHEES);
        self.touched = vec![coachee];
        coachee
    }

    fn choose(&mut self) {
        let coachee = self.any_coachee();
        let Some((request, status)) = self.model.coachees[coachee].request else { return };
        let mut wanted: Vec<usize> = (0..COACHES).collect();
        wanted.shuffle(self.rng);
        wanted.truncate(1 + self.any(3));
        let expected = self.model.admit(coachee, &wanted).err().unwrap_or_else(|| {
            if status != RequestStatus::Open {
                return Came::Refused(Refusal::RequestNotOpen);
            }
            if !self.model.live(coachee).is_empty() {
                return Came::Refused(Refusal::OfferWaits);
            }
            self.model.coachees[coachee].choices = wanted.clone();
            assert!(self.model.put(coachee, wanted[0], Some(1)));
            Came::Done
        });
        let codes: Vec<_> = wanted.iter().map(|&coach| code(coach)).collect();
        let act = self.by(self.p.coachees[coachee]);
        assert_eq!(came(choose(self.store(), &act, request, &codes)), expected, "{coachee} chooses {wanted:?}");
    }

    /// An admin puts an open request, or one with a pairing, to a coach.
    fn put(&mut self) {
        let (coachee, coach) = (self.any_coachee(), self.any(COACHES));
        let Some((request, status)) = self.model.coachees[coachee].request else { return };
        let has_it = self.model.coachees[coachee].pairing.as_ref().is_some_and(|(present, _)| *present == coach);
        let refused = if has_it { Err(Came::Refused(Refusal::SameCoach)) } else { self.model.admit(coachee, &[coach]) };
        let expected = refused.err().unwrap_or_else(|| {
            if self.model.put(coachee, coach, None) { Came::Done } else { Came::Refused(Refusal::CoachNotFree) }
        });
        let act = self.p.as_admin();
        let put = match (status, &self.model.coachees[coachee].pairing) {
            (RequestStatus::Matched, Some((_, pairing))) => {
                self.store().write(|db| pairings::reassign(db, &act, pairing.id, &code(coach)))
            }
            _ => self.store().write(|db| offers::put(db, &act, request, &code(coach))),
        };
        assert_eq!(came(put), expected, "{coachee} is put to {coach}");
    }

    /// One of the newest offers: many still wait.
    fn some_offer(&mut self) -> Option<usize> {
        let number = self.model.offers.len();
        let at = (number > 0).then(|| number - 1 - self.any(number.min(16)))?;
        self.touched = vec![self.model.offers[at].coachee];
        Some(at)
    }

    fn accept(&mut self) {
        let Some(at) = self.some_offer() else { return };
        let expected = self.model.waits(at, OfferStatus::Pending).err().unwrap_or(Came::Done);
        let Offer { id, coachee, coach, .. } = self.model.offers[at];
        let accepted = self.store().write(|db| offers::accept(db, &self.by(self.p.coaches[coach]), id));
        if let Ok(pairing) = &accepted {
            let taken_over = self.model.coachees[coachee].pairing.take();
            self.model.withdraw_all(coachee, Some(at));
            self.model.offers[at].status = OfferStatus::Accepted;
            if let Some((old, _)) = taken_over {
                self.model.coachees[coachee].never.insert(old);
                self.model.coachees[coachee].rounds += 1;
            }
            let request = self.p.request(coachee).id;
            self.model.offers[at].request = request;
            self.model.coachees[coachee].request = Some((request, RequestStatus::Matched));
            self.model.coachees[coachee].pairing = Some((coach, pairing.clone()));
        }
        assert_eq!(came(accepted), expected, "{coach} accepts {coachee}");
    }

    fn decline(&mut self) {
        let Some(at) = self.some_offer() else { return };
        let Offer { id, coachee, coach, status, .. } = self.model.offers[at];
        let proposed = status == OfferStatus::Proposed;
        let expected =
            if status.is_live() { self.model.waits(at, status).err() } else { Some(Came::Refused(Refusal::Answered)) };
        let expected = expected.unwrap_or(Came::Done);
        if expected == Came::Done {
            self.model.offers[at].status = OfferStatus::Declined;
            self.model.coachees[coachee].never.insert(coach);
            if !proposed {
                self.model.move_on(coachee);
            }
        }
        let act = self.by(if proposed { self.p.coachees[coachee] } else { self.p.coaches[coach] });
        let declined = self.store().write(|db| offers::decline(db, &act, id, DeclineReason::WrongField, None));
        assert_eq!(came(declined), expected, "{coachee} and {coach} decline");
    }

    fn confirm(&mut self) {
        let Some(at) = self.some_offer() else { return };
        let Offer { id, coachee, coach, .. } = self.model.offers[at];
        let expected = self.model.waits(at, OfferStatus::Proposed).err().unwrap_or(Came::Done);
        if expected == Came::Done {
            self.model.offers[at].status = OfferStatus::Pending;
            self.model.offers[at].due = self.model.minute + 3 * DAY;
        }
        let confirmed = self.store().write(|db| offers::confirm(db, &self.by(self.p.coachees[coachee]), id));
        assert_eq!(came(confirmed), expected, "{coachee} confirms {coach}");
    }

    fn withdraw_offer(&mut self) {
        let Some(at) = self.some_offer() else { return };
        let Offer { id, coachee, status, .. } = self.model.offers[at];
        let by_admin = self.rng.random_ratio(1, 2);
        let expected = if status.is_live() { Came::Done } else { Came::Refused(Refusal::Answered) };
        if status.is_live() {
            self.model.offers[at].status = OfferStatus::Withdrawn;
            if by_admin && status == OfferStatus::Pending {
                self.model.move_on(coachee);
            }
        }
        let act = if by_admin { self.p.as_admin() } else { self.by(self.p.coachees[coachee]) };
        assert_eq!(
            came(self.store().write(|db| offers::withdraw(db, &act, id))),
            expected,
            "an offer of {coachee} is taken back"
        );
    }

    fn withdraw_request(&mut self) {
        let coachee = self.any_coachee();
        let Some((request, status)) = self.model.coachees[coachee].request else { return };
        let expected = if status == RequestStatus::Open { Came::Done } else { Came::Refused(Refusal::RequestNotOpen) };
        if expected == Came::Done {
            self.model.close(coachee);
        }
        let act = self.by(self.p.coachees[coachee]);
        assert_eq!(
            came(self.store().write(|db| requests::withdraw(db, &act, request))),
            expected,
            "{coachee} withdraws"
        );
    }

    fn ask(&mut self) {
        let coachee = self.any_coachee();
        let wish = Wish {
            cohort: "2026-b".into(),
            coachee: self.p.coachees[coachee],
            focus: Vec::new(),
            modes: Modes::BOTH,
            languages: Languages::NONE.with(coachnet::domain::Language::Indonesian),
            motivation: None,
        };
        let asked = self.store().write(|db| requests::ask(db, &self.by(wish.coachee), &wish));
        let state = &mut self.model.coachees[coachee];
        let expected = if state.request.is_none() { Came::Done } else { Came::Refused(Refusal::RequestExists) };
        if let Ok(request) = &asked {
            state.request = Some((request.id, RequestStatus::Open));
            (state.rounds, state.choices) = (0, Vec::new());
        }
        assert_eq!(came(asked), expected, "{coachee} asks");
    }

    fn finish(&mut self) {
        let coachee = self.any_coachee();
        let Some((coach, pairing)) = self.model.close_pairing(coachee) else { return };
        if self.rng.random_ratio(1, 2) {
            self.p.complete(&pairing).unwrap();
        } else {
            self.model.coachees[coachee].broken_off = Some(self.p.end(&pairing).unwrap());
            self.model.coachees[coachee].never.insert(coach);
        }
        assert_eq!(came(self.p.end(&pairing)), Came::Refused(Refusal::PairingOver));
    }

    fn rematch(&mut self) {
        let coachee = self.any_coachee();
        let Some(broken_off) = self.model.coachees[coachee].broken_off.clone() else { return };
        let again = self.store().write(|db| pairings::rematch(db, &self.p.as_admin(), broken_off.id));
        let state = &mut self.model.coachees[coachee];
        let expected = if state.request.is_none() { Came::Done } else { Came::Refused(Refusal::RequestExists) };
        if let Ok(request) = &again {
            state.request = Some((request.id, RequestStatus::Open));
            (state.rounds, state.choices) = (request.waiting_rounds, Vec::new());
        }
        assert_eq!(came(again), expected, "{coachee} asks again");
    }

    fn change_coach(&mut self) {
        let coach = self.any(COACHES);
        let act = self.by(self.p.coaches[coach]);
        let person = self.p.coaches[coach];
        if self.rng.random_ratio(1, 2) {
            let accepting = self.rng.random_ratio(3, 4);
            let change = if accepting { coaches::resume } else { coaches::pause };
            self.store().write(|db| change(db, &act, person)).unwrap();
            self.model.coaches[coach].accepting = accepting;
            return;
        }
        let capacity = self.rng.random_range(0..=PLACES + 1);
        let fits = capacity >= self.model.held(coach);
        let expected = if fits { Came::Done } else { Came::Refused(Refusal::PlacesTaken) };
        if fits {
            self.model.coaches[coach].capacity = capacity;
        }
        let set = self.store().write(|db| coaches::set_capacity(db, &act, person, capacity));
        assert_eq!(came(set), expected, "{coach} sets the capacity to {capacity}");
    }

    fn pass(&mut self) {
        self.touched = (0..COACHEES).collect();
        let hours = self.rng.random_range(1..40);
        self.p.pass(Duration::hours(hours));
        self.model.minute += hours * 60;
        if self.rng.random_ratio(1, 2) {
            return;
        }
        let due = |offer: &Offer| offer.status.is_live() && self.model.minute >= offer.due;
        let mut overdue: Vec<usize> = (0..self.model.offers.len()).filter(|&at| due(&self.model.offers[at])).collect();
        overdue.sort_by_key(|&at| (self.model.offers[at].due, self.model.offers[at].id));
        for &at in &overdue {
            let Offer { coachee, status, .. } = self.model.offers[at];
            self.model.offers[at].status = OfferStatus::Expired;
            if status == OfferStatus::Pending {
                self.model.move_on(coachee);
            }
        }
        assert_eq!(offers::expire_due(self.store(), &self.p.as_admin()).unwrap(), overdue.len());
    }

    /// A run over whoever is open, published as a whole: nothing has changed in between.
    fn publish(&mut self) {
        self.touched = (0..COACHEES).collect();
        let order = Order {
            cohort: "2026-b".into(),
            policy: Policy::default(),
            seed: self.rng.next_u64(),
            as_of: people::day(),
        };
        let run = self.store().write(|db| runs::create(db, &self.p.as_admin(), &order)).unwrap();
        runs::compute(self.store(), run, "test", Watch::NOBODY).unwrap();
        let pairs = self.p.store.read(|db| store::pairs::page(db, run, None, 100)).unwrap().items;
        let expected = if pairs.is_empty() { Came::Refused(Refusal::NothingToPublish) } else { Came::Done };
        for pair in &pairs {
            let coachee = self.p.coachees.iter().position(|id| *id == pair.coachee.id).unwrap();
            let coach = self.p.coaches.iter().position(|id| *id == pair.coach.id).unwrap();
            assert_eq!(self.model.broken_rules(coachee, coach), [], "a run proposes what is forbidden");
            assert!(self.model.live(coachee).is_empty());
            self.model.add(coachee, coach, None, OfferStatus::Proposed, 7 * DAY);
        }
        let published = self.store().write(|db| runs::publish(db, &self.p.as_admin(), run, Selection::All));
        if let Ok(published) = &published {
            assert_eq!((published.proposed, published.left_out.len()), (pairs.len(), 0));
        }
        assert_eq!(came(published), expected);
    }

    /// Compares requests and their offers with the database, and the places too where all are
    /// concerned; learns the ids of new offers.
    fn compare(&mut self) {
        for &coachee in &self.touched {
            let state = &self.model.coachees[coachee];
            let person = self.p.coachees[coachee];
            let live = self.p.store.read(|db| store::requests::live(db, self.p.cohort, person)).unwrap();
            assert_eq!(live, state.request.map(|(id, _)| id), "the request of {coachee}");
            let Some((id, status)) = state.request else { continue };
            let stored = self.p.request_with(id);
            assert_eq!((stored.status.0, stored.waiting_rounds), (status, state.rounds), "the request of {coachee}");
            let of_it: Vec<&mut Offer> = self.model.offers.iter_mut().filter(|offer| offer.request == id).collect();
            let stored = self.p.offers_of(&stored);
            assert_eq!(stored.len(), of_it.len(), "the offers of {coachee}");
            // In the order in which they were made: an offer that took over has moved to its new request.
            for (offer, stored) in of_it.into_iter().zip(&stored) {
                offer.id = stored.id;
                let place = stored.place.map(|place| place as usize);
                assert_eq!((offer.status, offer.place), (stored.status.0, place), "an offer of {coachee}");
                assert_eq!(self.p.coaches[offer.coach], stored.coach, "an offer of {coachee}");
            }
        }
        if self.touched.len() < COACHEES {
            return;
        }
        for (coach, state) in self.model.coaches.iter().enumerate() {
            let room = self.p.room(coach);
            let expected = (i32::from(state.capacity), i32::from(self.model.held(coach)), state.accepting);
            assert_eq!((room.capacity, room.held, room.accepting), expected, "the places of {coach}");
        }
    }

    fn step(&mut self) {
        self.touched.clear();
        match self.rng.random_range(0..100) {
            0..22 => self.choose(),
            22..30 => self.put(),
            30..46 => self.accept(),
            46..56 => self.decline(),
            56..64 => self.confirm(),
            64..70 => self.withdraw_offer(),
            70..73 => self.withdraw_request(),
            73..80 => self.ask(),
            80..86 => self.finish(),
            86..89 => self.rematch(),
            89..93 => self.change_coach(),
            93..98 => self.pass(),
            _ => self.publish(),
        }
        self.step += 1;
        if self.step.is_multiple_of(25) {
            self.touched = (0..COACHEES).collect();
        }
        self.compare();
    }
}

fn the_database_does_what_the_model_does(db: &TestDb) {
    let steps = std::env::var("COACHNET_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(STEPS);
    let seed = std::env::var("COACHNET_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let p = Programme::new(&db.store, COACHEES, COACHES, PLACES);
    let coachee = |at| Coachee {
        request: Some((p.request(at).id, RequestStatus::Open)),
        rounds: 0,
        choices: Vec::new(),
        never: HashSet::new(),
        pairing: None,
        broken_off: None,
    };
    let model = Model {
        coachees: (0..COACHEES).map(coachee).collect(),
        coaches: (0..COACHES).map(|_| Coach { capacity: PLACES, accepting: true }).collect(),
        offers: Vec::new(),
        minute: 0,
    };
    let stores = [db.store.clone(), db.another_store()];
    let mut walk = Walk { p, stores, model, rng: &mut rng, step: 0, touched: Vec::new() };
    for _ in 0..steps {
        walk.step();
    }
    offers::expire_due(&db.store, &walk.p.as_admin()).unwrap();
    walk.p.must_be_well();
    let done = ["offer.accepted", "offer.expired", "offer.proposed", "pairing.ended", "request.waiting"];
    for action in done {
        assert!(walk.p.audited(action) > 0, "the walk has not come to {action}");
    }
}
