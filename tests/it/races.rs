//! Many at once: a place, a coachee and an offer are given away once. `COACHNET_RACES=1000` runs each race so often.

use std::sync::Barrier;
use std::thread;

use coachnet::domain::OfferStatus;
use coachnet::matching::Rule;
use coachnet::services::{Refusal, ServiceError, ServiceResult, offers};
use coachnet::store::Store;
use coachnet::store::offers::Offer;
use coachnet::store::pairings::Pairing;

use crate::support::programme::{Programme, choose, code};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    three_places_make_three_pairings,
    one_place_is_given_once,
    two_places_are_given_twice,
    five_places_are_given_five_times,
    twenty_places_are_given_twenty_times,
    two_coaches_get_one_coachee_once,
    an_offer_ends_in_one_way,
    expiring_twice_at_once_expires_once,
);

const THREADS: usize = 50;

type Job<'a, T> = Box<dyn FnOnce() -> T + Send + 'a>;

/// Runs every job in a thread of its own, all at once; gives what each came to, in order.
fn at_once<T: Send>(jobs: Vec<Job<'_, T>>) -> Vec<T> {
    let start = &Barrier::new(jobs.len());
    thread::scope(|scope| {
        let start_with = |job: Job<'_, T>| {
            start.wait();
            job()
        };
        let running: Vec<_> = jobs.into_iter().map(|job| scope.spawn(move || start_with(job))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// How often a race is run: `COACHNET_RACES`, or so often.
fn rounds(usual: usize) -> usize {
    std::env::var("COACHNET_RACES").map_or(usual, |rounds| rounds.parse().expect("a number of rounds"))
}

/// The stores of two processes on one database, each used by every other thread.
fn stores(db: &TestDb) -> [Store; 2] {
    [db.store.clone(), db.another_store()]
}

/// How many did it; fails when one of the others was not told a reason it can act on.
fn successes<T: std::fmt::Debug>(outcomes: &[ServiceResult<T>]) -> usize {
    let told = |outcome: &&ServiceResult<T>| match outcome {
        Ok(_) => true,
        Err(ServiceError::Refused(Refusal::Answered | Refusal::CoachNotFree | Refusal::RequestNotOpen)) => false,
        Err(ServiceError::RuledOut { rules, .. }) if rules == &[Rule::NoFreePlace] => false,
        Err(other) => panic!("neither done nor a conflict: {other:?}"),
    };
    outcomes.iter().filter(told).count()
}

/// Fifty coachees choose one coach with three places, then fifty threads accept what came of it.
fn three_places_make_three_pairings(db: &TestDb) {
    let p = Programme::new(&db.store, THREADS, 1, 3);
    let stores = stores(db);
    let (p, stores) = (&p, &stores);
    let choose = |at: usize| -> Job<ServiceResult<Offer>> {
        let request = p.request(at).id;
        Box::new(move || choose(&stores[at % 2], &p.as_coachee(at), request, &[code(0)]))
    };
    let chosen = at_once((0..THREADS).map(choose).collect());
    assert_eq!(successes(&chosen), 3);
    let offers: Vec<Offer> = chosen.into_iter().flatten().collect();
    let accept = |at: usize| -> Job<ServiceResult<Pairing>> {
        let id = offers[at % 3].id;
        Box::new(move || stores[at % 2].write(|db| coachnet::services::offers::accept(db, &p.as_coach(0), id)))
    };
    let accepted = at_once((0..THREADS).map(accept).collect());
    assert_eq!(successes(&accepted), 3);
    assert_eq!((p.room(0).held, p.audited("pairing.active")), (3, 3));
    p.must_be_well();
}

/// Fifty more ask a coach than there are places, through three processes, and what is offered is accepted by as many at
/// once; then the next coach.
fn contest(db: &TestDb, places: usize) {
    const MORE: usize = 50;
    let rounds = rounds(2);
    let p = &Programme::new(&db.store, rounds * places + MORE, rounds, places as u16);
    let stores = &[db.store.clone(), db.another_store(), db.another_store()];
    // Who gets no place asks the next coach.
    let mut asking: Vec<usize> = (0..rounds * places + MORE).collect();
    for coach in 0..rounds {
        let some: Vec<usize> = asking.iter().copied().take(places + MORE).collect();
        let choose = |at: usize| -> Job<ServiceResult<Offer>> {
            let request = p.request(at).id;
            Box::new(move || choose(&stores[at % 3], &p.as_coachee(at), request, &[code(coach)]))
        };
        let chosen = at_once(some.iter().map(|&at| choose(at)).collect());
        assert_eq!(successes(&chosen), places, "coach {coach}");
        let done: Vec<usize> = some.iter().zip(&chosen).filter(|(_, one)| one.is_ok()).map(|(&at, _)| at).collect();
        asking.retain(|at| !done.contains(at));
        let offers: Vec<Offer> = chosen.into_iter().flatten().collect();
        let accept = |at: usize| -> Job<ServiceResult<Pairing>> {
            let id = offers[at % places].id;
            Box::new(move || stores[at % 3].write(|db| offers::accept(db, &p.as_coach(coach), id)))
        };
        let accepted = at_once((0..places + MORE).map(accept).collect());
        assert_eq!((successes(&accepted), p.room(coach).held), (places, places as i32), "coach {coach}");
    }
    assert_eq!(p.audited("pairing.active"), (rounds * places) as i64);
    p.must_be_well();
}

fn one_place_is_given_once(db: &TestDb) {
    contest(db, 1);
}

fn two_places_are_given_twice(db: &TestDb) {
    contest(db, 2);
}

fn five_places_are_given_five_times(db: &TestDb) {
    contest(db, 5);
}

fn twenty_places_are_given_twenty_times(db: &TestDb) {
    contest(db, 20);
}

/// Again and again: an admin has asked a second coach, and both say yes.
fn two_coaches_get_one_coachee_once(db: &TestDb) {
    let rounds = rounds(40);
    let p = Programme::new(&db.store, rounds, 2, rounds as u16);
    let stores = stores(db);
    for round in 0..rounds {
        let first = p.choose(round, &[0]).unwrap();
        let second = p.store.write(|db| offers::put(db, &p.as_admin(), p.request(round).id, &code(1))).unwrap();
        let (p, stores) = (&p, &stores);
        let accept = |coach: usize, offer: &Offer| -> Job<ServiceResult<Pairing>> {
            let id = offer.id;
            Box::new(move || stores[coach].write(|db| offers::accept(db, &p.as_coach(coach), id)))
        };
        let outcomes = at_once(vec![accept(0, &first), accept(1, &second)]);
        assert_eq!(successes(&outcomes), 1, "round {round}: {outcomes:?}");
    }
    assert_eq!((p.room(0).held + p.room(1).held) as usize, rounds);
    p.must_be_well();
}

/// The coach accepts and declines, the coachee takes back the offer, and the request, all at once.
fn an_offer_ends_in_one_way(db: &TestDb) {
    const ROUNDS: usize = 30;
    let p = Programme::new(&db.store, ROUNDS, 1, ROUNDS as u16);
    let stores = stores(db);
    for round in 0..ROUNDS {
        let (p, stores) = (&p, &stores);
        let offer = p.choose(round, &[0]).unwrap();
        let request = offer.request;
        let jobs: Vec<Job<ServiceResult<()>>> = vec![
            Box::new(|| p.accept(&offer).map(drop)),
            Box::new(|| {
                stores[1]
                    .write(|db| {
                        offers::decline(db, &p.as_coach(0), offer.id, coachnet::domain::DeclineReason::Other, None)
                    })
                    .map(drop)
            }),
            Box::new(|| stores[1].write(|db| offers::withdraw(db, &p.as_coachee(round), offer.id)).map(drop)),
        ];
        let outcomes = at_once(jobs);
        assert_eq!(successes(&outcomes), 1, "round {round}: {outcomes:?}");
        let offers = p.store.read(|db| coachnet::store::offers::of_request(db, request)).unwrap();
        assert!(!offers[0].status.0.is_live());
    }
    p.must_be_well();
}

fn expiring_twice_at_once_expires_once(db: &TestDb) {
    let p = Programme::new(&db.store, 20, 2, 20);
    for coachee in 0..20 {
        p.choose(coachee, &[0, 1]).unwrap();
    }
    p.pass(chrono::Duration::days(3));
    let stores = stores(db);
    let (p, stores) = (&p, &stores);
    let expire =
        |at: usize| -> Job<usize> { Box::new(move || offers::expire_due(&stores[at % 2], &p.as_admin()).unwrap()) };
    let expired = at_once((0..4).map(expire).collect());
    assert_eq!(expired.iter().sum::<usize>(), 20, "{expired:?}");
    assert_eq!(p.pending(1).iter().filter(|offer| offer.status.0 == OfferStatus::Pending).count(), 20);
    p.must_be_well();
}
