//! The shortlist of a request: what a fresh scan of the database would give, at every moment.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use coachnet::domain::records::{AgencyRecord, CoachRecord, CohortRecords};
use coachnet::domain::{DeclineReason, Level, Objective, PersonCode, Policy, Reference};
use coachnet::matching::Cohort;
use coachnet::matching::explain::{Component, WaitingReason};
use coachnet::matching::scan::Scanner;
use coachnet::services::cohorts::{self, Changes};
use coachnet::services::pool::Pools;
use coachnet::services::runs::{self, Order};
use coachnet::services::shortlist::{Shortlist, at_hand, shortlist};
use coachnet::services::{Act, Actor, Refusal, ServiceError, coaches, directory, offers, requests};
use coachnet::store::{CohortId, Store, StoreError, agencies, coachees, people as stored_people, records, reference};

use crate::support::cohorts::{random_cohort, today};
use crate::support::people;
use crate::support::programme::{Programme, code, refusal};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_list_is_that_of_a_fresh_scan_whatever_has_changed,
    a_coach_who_pauses_is_not_on_the_next_list,
    places_taken_and_given_back_are_seen,
    new_and_changed_coaches_are_seen,
    what_another_process_does_is_seen,
    a_change_that_is_committed_late_is_seen,
    a_declined_pair_is_not_suggested_again,
    coaches_are_shown_as_they_are_now,
    reference_data_and_policy_are_those_of_now,
    many_at_once_share_a_pool,
    an_import_of_many_coaches_is_taken_in,
    who_finds_nobody_is_told_why,
    only_open_requests_have_a_list,
);

/// The list of a coachee of a programme, as the coachee sees it.
fn list(p: &Programme, pools: &Pools, coachee: usize) -> Shortlist {
    shortlist(&p.store, pools, &p.as_coachee(coachee), p.request(coachee).id, 10).unwrap()
}

/// The coaches on it, best first.
fn codes(list: &Shortlist) -> Vec<&str> {
    list.coaches.iter().map(|suggestion| suggestion.coach.code.as_str()).collect()
}

/// Whether a coach of a programme is on the list of its first coachee.
fn lists(p: &Programme, pools: &Pools, coach: usize) -> bool {
    codes(&list(p, pools, 0)).contains(&code(coach).as_str())
}

/// A random cohort whose coaches have no ratings: their mean would be that of the last rebuild.
fn unrated(seed: u64) -> CohortRecords {
    let mut records = random_cohort(seed, 40, 60);
    records.coaches.iter_mut().for_each(|coach| coach.rating = None);
    records
}

/// Asks for every coachee and compares with a scan of what the database holds.
fn compare(store: &Store, pools: &Pools, cohort: CohortId) -> usize {
    let (held, parts) =
        store.snapshot(|db| Ok::<_, StoreError>((records::load(db, cohort)?, reference::load(db)?))).unwrap();
    let reference = Reference::new(parts).unwrap();
    let built = Cohort::build(&held, &reference, &Policy::default(), today(), 0).unwrap();
    let scanner = Scanner::new(&built);
    let act = Act::new(Actor::System("test"), people::moment());
    let mut listed = 0;
    for (at, coachee) in built.coachees.code.iter().enumerate() {
        let expected: Vec<_> = scanner.query(at).best(10);
        let request = request_of(store, cohort, coachee);
        let found = shortlist(store, pools, &act, request, 10).unwrap();
        let pairs: Vec<(&str, u8)> =
            found.coaches.iter().map(|one| (one.coach.code.as_str(), one.explanation.score)).collect();
        let wanted = |best: &coachnet::matching::scan::Candidate| {
            (built.coaches.code[best.coach() as usize].as_str(), best.score())
        };
        assert_eq!(pairs, expected.iter().map(wanted).collect::<Vec<_>>(), "for {coachee}");
        for (one, best) in found.coaches.iter().zip(&expected) {
            assert_eq!(one.explanation, built.explain(at, best.coach()), "{coachee} and {}", one.coach.code);
            let points: u16 = one.explanation.components.iter().map(|part| u16::from(part.points())).sum();
            assert_eq!(points, u16::from(one.explanation.score));
            let shown = store.snapshot(|db| directory::coach(db, one.coach.code.clone())).unwrap();
            assert_eq!(*one.coach, shown, "as the directory shows them");
        }
        listed += pairs.len();
    }
    listed
}

fn request_of(store: &Store, cohort: CohortId, coachee: &PersonCode) -> coachnet::store::RequestId {
    let found = store.read(|db| {
        let person = stored_people::ids(db, std::slice::from_ref(coachee))?[coachee];
        coachnet::store::requests::live(db, cohort, person)
    });
    found.unwrap().expect("an open request")
}

fn a_list_is_that_of_a_fresh_scan_whatever_has_changed(db: &TestDb) {
    let cohort = people::new_cohort(&db.store);
    let save = |store: &Store, file: &CohortRecords| {
        store.write(|db| records::save(db, cohort, file, people::moment())).unwrap();
    };
    save(&db.store, &unrated(1));
    let (pools, other) = (Pools::default(), db.another_store());
    assert!(compare(&db.store, &pools, cohort) > 50);
    // The same codes with other facts, and a few new ones; by this process and by another.
    for (seed, store) in [(2, &db.store), (3, &other), (4, &other)] {
        let all = unrated(seed);
        let some = all.coaches.into_iter().step_by(seed as usize).collect();
        save(store, &CohortRecords { coaches: some, agencies: all.agencies, ..CohortRecords::default() });
        compare(&db.store, &pools, cohort);
    }
    assert!(compare(&other, &Pools::default(), cohort) > 0);
}

fn a_coach_who_pauses_is_not_on_the_next_list(db: &TestDb) {
    let (p, pools) = (Programme::new(&db.store, 1, 3, 1), Pools::default());
    assert_eq!(codes(&list(&p, &pools, 0)).len(), 3);
    p.store.write(|db| coaches::pause(db, &p.as_coach(1), p.coaches[1])).unwrap();
    assert!(!lists(&p, &pools, 1) && lists(&p, &pools, 0));
    p.store.write(|db| coaches::resume(db, &p.as_coach(1), p.coaches[1])).unwrap();
    assert!(lists(&p, &pools, 1));
}

/// Who reads on the thread that serves requests reads little; all else is left to those who may take their time. Only an
/// embedded database is read there; another has more to follow while anything goes on in it.
#[test]
fn a_glance_takes_in_few_changes_alone() {
    const FEW: usize = 16;
    let db = TestDb::sqlite();
    let (p, pools) = (Programme::new(&db.store, 1, FEW + 2, 1), Pools::default());
    let (act, request) = (p.as_coachee(0), p.request(0).id);
    let glance = || p.store.read(|db| at_hand(db, &pools, &act, request, 50)).unwrap().map(|list| list.coaches.len());
    let pause = |coaches: std::ops::Range<usize>| {
        for coach in coaches {
            p.store.write(|db| coaches::pause(db, &p.as_coach(coach), p.coaches[coach])).unwrap();
        }
    };
    assert_eq!(glance(), None, "the coaches are not in memory");
    assert_eq!(list(&p, &pools, 0).coaches.len(), 10);
    assert_eq!(glance(), Some(FEW + 2));
    pause(0..FEW);
    assert_eq!(glance(), Some(2));
    for coach in 0..FEW {
        p.store.write(|db| coaches::resume(db, &p.as_coach(coach), p.coaches[coach])).unwrap();
    }
    pause(FEW..FEW + 1);
    assert_eq!(glance(), None, "one more than a glance takes in");
    assert_eq!(list(&p, &pools, 0).coaches.len(), 10);
    assert_eq!(glance(), Some(FEW + 1));
}

fn places_taken_and_given_back_are_seen(db: &TestDb) {
    let (p, pools) = (Programme::new(&db.store, 2, 2, 1), Pools::default());
    assert!(lists(&p, &pools, 0));
    let offer = p.choose(1, &[0]).unwrap();
    assert!(!lists(&p, &pools, 0), "the one place is held");
    p.store.write(|db| coaches::set_capacity(db, &p.as_coach(0), p.coaches[0], 2)).unwrap();
    assert!(lists(&p, &pools, 0), "there is a second one");
    p.store.write(|db| coaches::set_capacity(db, &p.as_coach(0), p.coaches[0], 1)).unwrap();
    assert!(!lists(&p, &pools, 0));
    p.decline(&offer).unwrap();
    assert!(lists(&p, &pools, 0), "the place is free again");
    p.pair(1, 1);
    assert_eq!(codes(&list(&p, &pools, 0)), [code(0).as_str()]);
}

/// A coach as the programme knows them.
fn stored(store: &Store, coach: &PersonCode) -> CoachRecord {
    store.read(|db| coachnet::store::coaches::get(db, coach)).unwrap()
}

fn save_coach(store: &Store, coach: CoachRecord) {
    store.write(|db| coachnet::store::coaches::save(db, std::slice::from_ref(&coach), people::moment())).unwrap();
}

fn new_and_changed_coaches_are_seen(db: &TestDb) {
    let (p, pools) = (Programme::new(&db.store, 1, 1, 1), Pools::default());
    assert!(lists(&p, &pools, 0));
    let known = stored(&p.store, &code(0));
    save_coach(&p.store, CoachRecord { code: code(9), ..known.clone() });
    assert!(lists(&p, &pools, 9), "a new coach");
    // Only what stands in the lists of the coach is another.
    save_coach(&p.store, CoachRecord { strengths: Vec::new(), ..known.clone() });
    assert!(!lists(&p, &pools, 0), "no strength any more");
    save_coach(&p.store, CoachRecord { conflicts: vec!["PROV-91".parse().unwrap()], ..known.clone() });
    assert!(!lists(&p, &pools, 0), "a conflict of interest");
    save_coach(&p.store, known);
    assert!(lists(&p, &pools, 0));
}

fn what_another_process_does_is_seen(db: &TestDb) {
    let (p, pools, other) = (Programme::new(&db.store, 1, 2, 1), Pools::default(), db.another_store());
    assert!(lists(&p, &pools, 0));
    other.write(|db| coaches::pause(db, &p.as_coach(0), p.coaches[0])).unwrap();
    assert!(!lists(&p, &pools, 0) && lists(&p, &pools, 1));
    save_coach(&other, CoachRecord { code: code(7), ..stored(&other, &code(1)) });
    assert!(lists(&p, &pools, 7));
}

/// A transaction begins to write before another one, and ends after it; lists are asked for all the while.
fn a_change_that_is_committed_late_is_seen(db: &TestDb) {
    let (p, pools, other) = (Programme::new(&db.store, 1, 3, 1), Pools::default(), db.another_store());
    assert_eq!(codes(&list(&p, &pools, 0)).len(), 3);
    let (written, go_on, first) = (Barrier::new(2), Barrier::new(2), AtomicBool::new(true));
    std::thread::scope(|scope| {
        let late = scope.spawn(|| {
            other.write(|db| {
                coaches::pause(db, &p.as_coach(0), p.coaches[0])?;
                if first.swap(false, SeqCst) {
                    written.wait();
                    go_on.wait();
                }
                Ok::<_, ServiceError>(())
            })
        });
        written.wait();
        assert!(lists(&p, &pools, 0), "not committed yet");
        if db.is_postgres() {
            p.store.write(|db| coaches::pause(db, &p.as_coach(1), p.coaches[1])).unwrap();
            assert!(lists(&p, &pools, 0) && !lists(&p, &pools, 1) && lists(&p, &pools, 2));
        }
        go_on.wait();
        late.join().unwrap().unwrap();
    });
    assert!(!lists(&p, &pools, 0));
}

fn a_declined_pair_is_not_suggested_again(db: &TestDb) {
    let (p, pools) = (Programme::new(&db.store, 2, 2, 2), Pools::default());
    assert!(lists(&p, &pools, 0));
    let offer = p.choose(0, &[0]).unwrap();
    let act = p.as_coach(0);
    p.store.write(|db| offers::decline(db, &act, offer.id, DeclineReason::NoTime, None)).unwrap();
    assert!(!lists(&p, &pools, 0) && lists(&p, &pools, 1));
    assert!(codes(&list(&p, &pools, 1)).contains(&code(0).as_str()), "others may still have that coach");
}

fn coaches_are_shown_as_they_are_now(db: &TestDb) {
    let (p, pools, other) = (Programme::new(&db.store, 2, 2, 2), Pools::default(), db.another_store());
    let shown = |pools: &Pools| {
        let list = list(&p, pools, 0);
        let coach = list.coaches.iter().find(|one| one.coach.code == code(0).as_str()).expect("on the list");
        (coach.coach.free, coach.coach.agency_name.clone())
    };
    assert_eq!((shown(&pools).0, shown(&pools).0), (2, 2));
    p.choose(1, &[0]).unwrap();
    assert_eq!(shown(&pools).0, 1, "a place is held");
    let known = stored(&p.store, &code(0));
    let agencies = other.snapshot(|db| agencies::of_reference(db, true)).unwrap();
    let agency = agencies.into_iter().find(|agency| agency.code == known.agency).unwrap();
    let renamed = AgencyRecord { name: "Nama Baru".into(), ..agency };
    other.write(|db| agencies::save(db, std::slice::from_ref(&renamed))).unwrap();
    assert_eq!(shown(&pools), (1, "Nama Baru".to_owned()));
    assert_eq!(shown(&pools), shown(&Pools::default()));
}

fn coverage(list: &Shortlist) -> (u8, u8) {
    match &list.coaches[0].explanation.components[0] {
        Component::Coverage { max, focus, .. } => (*max, focus[0].required),
        other => panic!("{other:?}"),
    }
}

fn reference_data_and_policy_are_those_of_now(db: &TestDb) {
    let (p, pools) = (Programme::new(&db.store, 1, 2, 1), Pools::default());
    let (max, required) = coverage(&list(&p, &pools, 0));
    let mut parts = p.store.snapshot(reference::load).unwrap();
    let tier = parts.tiers.iter_mut().find(|tier| tier.default_required.get() == required).unwrap();
    tier.default_required = Level::new(required - 1).unwrap();
    parts.tiers.iter_mut().for_each(|tier| tier.default_required = Level::new(required - 1).unwrap());
    p.store.write(|db| reference::save(db, &parts)).unwrap();
    assert_eq!(coverage(&list(&p, &pools, 0)), (max, required - 1));

    let weights = coachnet::domain::policy::Weights { coverage: max - 40, ..Policy::default().weights };
    let policy = Policy { weights, objective: Objective::BestTotal, ..Policy::default() };
    let order = Order { cohort: "2026-b".into(), policy, seed: 1, as_of: people::day() };
    p.store.write(|db| runs::create(db, &p.as_admin(), &order)).unwrap();
    assert_eq!(coverage(&list(&p, &pools, 0)).0, max, "what a run supposes is the run's alone");
    let changes = Changes { policy: Some(policy), ..Changes::default() };
    p.store.write(|db| cohorts::change(db, &p.as_national_admin(), "2026-b", &changes)).unwrap();
    let changed = list(&p, &pools, 0);
    assert_eq!(coverage(&changed).0, max - 40);
    let best = &changed.coaches[0];
    let total = u32::from(weights.total());
    assert_eq!(u32::from(best.percent), (u32::from(best.explanation.score) * 100 + total / 2) / total);
}

fn many_at_once_share_a_pool(db: &TestDb) {
    let (p, pools) = (Programme::new(&db.store, 1, 5, 1), Pools::default());
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    codes(&list(&p, &pools, 0)).len()
                })
            })
            .collect();
        asking.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), 5));
    });
}

/// So many that the pool is built anew.
fn an_import_of_many_coaches_is_taken_in(db: &TestDb) {
    let (p, pools) = (Programme::new(&db.store, 1, 1, 1), Pools::default());
    assert!(lists(&p, &pools, 0));
    let known = CoachRecord { strengths: Vec::new(), ..stored(&p.store, &code(0)) };
    let mut many: Vec<CoachRecord> = (100..2_500).map(|at| CoachRecord { code: code(at), ..known.clone() }).collect();
    many.push(CoachRecord { code: code(99), ..stored(&p.store, &code(0)) });
    p.store.write(|db| coachnet::store::coaches::save(db, &many, people::moment())).unwrap();
    assert_eq!(codes(&list(&p, &pools, 0)).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(["c0", "c99"]));
}

fn who_finds_nobody_is_told_why(db: &TestDb) {
    let (p, pools) = (Programme::new(&db.store, 1, 1, 1), Pools::default());
    assert_eq!(list(&p, &pools, 0).none, None);
    p.store.write(|db| coaches::pause(db, &p.as_coach(0), p.coaches[0])).unwrap();
    let none = list(&p, &pools, 0);
    assert_eq!((none.coaches.len(), none.none), (0, Some(WaitingReason::NoEligibleCoach)));
    // One who was never assessed, and one who has no gap in what was asked for.
    let nobody = people::coachee("n1");
    p.store.write(|db| coachees::save(db, p.cohort, std::slice::from_ref(&nobody), p.now())).unwrap();
    let ask = |request| shortlist(&p.store, &pools, &p.as_admin(), request, 10).unwrap().none;
    let request = request_of(&p.store, p.cohort, &people::code("n1"));
    assert_eq!(ask(request), Some(WaitingReason::NotAssessed));
    let able = coachnet::domain::records::AssessmentRecord {
        levels: ["M.01", "M.03"].map(|c| (c.parse().unwrap(), Level::MAX)).into_iter().collect(),
        ..people::assessment("n1", coachnet::domain::AssessmentMethod::Superior)
    };
    p.store.write(|db| coachnet::store::levels::save_assessments(db, std::slice::from_ref(&able))).unwrap();
    assert_eq!(ask(request), Some(WaitingReason::NoGap));
}

fn only_open_requests_have_a_list(db: &TestDb) {
    let (p, pools) = (Programme::new(&db.store, 2, 2, 1), Pools::default());
    let request = p.request(0);
    let ask = |act: &Act| shortlist(&p.store, &pools, act, request.id, 10);
    assert!(ask(&p.as_coachee(0)).is_ok() && ask(&p.as_national_admin()).is_ok());
    for stranger in [p.as_coachee(1), p.as_coach(0)] {
        assert!(matches!(ask(&stranger), Err(ServiceError::Forbidden)));
    }
    p.store.write(|db| requests::withdraw(db, &p.as_coachee(0), request.id)).unwrap();
    assert_eq!(refusal(ask(&p.as_coachee(0))), Refusal::RequestNotOpen);
}
