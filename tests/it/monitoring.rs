//! The figures of a programme walked by hand, who may see whose, and what is said when there is nothing to say.

use chrono::Duration;
use coachnet::domain::records::AssessmentRecord;
use coachnet::domain::{
    Agreement, AssessmentMethod, Attendance, DeclineReason, Level, NextStep, OfferStatus, PairingStatus, Patience,
    Policy, RequestStatus, Role, Side, StuckKind,
};
use coachnet::matching::watch::Watch;
use coachnet::services::monitoring::coaches::load;
use coachnet::services::monitoring::demand::{Balance, demand};
use coachnet::services::monitoring::gaps::{Gaps, gaps};
use coachnet::services::monitoring::recruiting::recruiting;
use coachnet::services::monitoring::stuck::{self, Place, Stuck};
use coachnet::services::monitoring::{
    Across, Declined, Stages, Times, Wanted, across_agencies, declines, funnel, times,
};
use coachnet::services::runs::{self, Order, Selection};
use coachnet::services::{Act, Actor, Caller, ServiceError, ServiceResult, offers, pairings};
use coachnet::store::accounts::Grant;
use coachnet::store::levels::save_assessments;
use coachnet::store::offers::Offer;
use coachnet::store::{AccountId, Db, SignInId};

use crate::support::meetings::{Meetings, at, wish};
use crate::support::people::{assessment, day};
use crate::support::programme::Programme;
use crate::support::site::fill;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    figures_of_a_programme,
    an_agency_sees_its_own,
    what_is_stuck_comes_most_overdue_first,
    pairings_stand_still_too,
    a_pair_goes_quiet,
    places_are_wanted_where_prices_are_high,
    what_a_run_brings,
    gaps_are_closed_as_far_as_measured,
    nothing_is_said_of_nothing,
);

/// e0 completed with c0, e1 works with c0, e2 waits for c1, c1 said no to e3, c2 nothing to e4, e5 only asked.
/// It is a week later.
fn walked(db: &TestDb) -> Programme {
    let programme = Programme::new(&db.store, 6, 3, 2);
    programme.pass(Duration::days(1));
    let pairing = programme.pair(0, 0);
    programme.complete(&pairing).unwrap();
    programme.pass(Duration::days(2));
    programme.pair(1, 0);
    programme.choose(4, &[2]).unwrap();
    programme.pass(Duration::days(4));
    assert_eq!(programme.expire(), 1);
    programme.choose(2, &[1]).unwrap();
    let no = programme.choose(3, &[1]).unwrap();
    programme.decline(&no).unwrap();
    programme.must_be_well();
    programme
}

fn agency_admin(programme: &Programme, agency: &str) -> Act {
    let grants = vec![Grant { role: Role::AgencyAdmin, agency: Some(agency.parse().unwrap()) }];
    let (account, sign_in) = (AccountId::new(), SignInId::new());
    programme.act(Actor::Caller(Caller { account, sign_in, person: None, grants, second_factor: true }))
}

fn read<T>(programme: &Programme, what: impl FnOnce(&mut Db) -> ServiceResult<T>) -> T {
    programme.store.snapshot(what).unwrap()
}

fn all() -> Wanted {
    Wanted::default()
}

fn of_cohort(code: &str) -> Wanted {
    Wanted { cohort: Some(code.into()), ..Wanted::default() }
}

fn of_province(code: &str) -> Wanted {
    Wanted { province: Some(code.into()), ..Wanted::default() }
}

/// Those of the counts that are not 0.
fn some<T: Copy>(counted: &[(T, i64)]) -> Vec<(T, i64)> {
    counted.iter().copied().filter(|(_, count)| *count > 0).collect()
}

fn figures_of_a_programme(db: &TestDb) {
    let programme = walked(db);
    let act = programme.as_national_admin();
    for wanted in [all(), of_cohort("2026-b"), of_province("91")] {
        let found = read(&programme, |db| funnel(db, &act, &wanted));
        assert_eq!(found.stages, Stages { asked: 6, offered: 5, accepted: 2, active: 1, completed: 1 }, "{wanted:?}");
        assert_eq!(
            some(&found.requests),
            [(RequestStatus::Open, 4), (RequestStatus::Matched, 1), (RequestStatus::Closed, 1)]
        );
        let offers = [
            (OfferStatus::Pending, 1),
            (OfferStatus::Accepted, 2),
            (OfferStatus::Declined, 1),
            (OfferStatus::Expired, 1),
        ];
        assert_eq!(some(&found.offers), offers);
        assert_eq!(some(&found.pairings), [(PairingStatus::Active, 1), (PairingStatus::Completed, 1)]);

        let reasons = read(&programme, |db| declines(db, &act, &wanted));
        assert_eq!(reasons[0], Declined { reason: DeclineReason::NoTime, by_coaches: 1, by_coachees: 0 });
        assert!(reasons.len() == DeclineReason::ALL.len() && reasons[1..].iter().all(|row| row.by_coaches == 0));

        // e0 had a coach after one day, e1 after three.
        let found = read(&programme, |db| times(db, &act, &wanted));
        assert_eq!(found, Times { pairings: 2, median: Some(10), ninetieth: Some(30) });
        let found = read(&programme, |db| across_agencies(db, &act, &wanted));
        assert_eq!(found, Across { pairings: 2, across: 2 });
    }

    let row = |code: &str, requests, free| Balance { code: code.into(), requests, free };
    let found = read(&programme, |db| demand(db, &act, &all()));
    assert_eq!((found.free, found.unknown), (4, 0), "six places, of which e1 has one and e2 holds one");
    assert_eq!(found.competencies, [row("M.01", 4, 4), row("M.03", 4, 4)]);
    assert_eq!(found.provinces, [row("91", 4, 0), row("31", 0, 4)]);
    // Without a focus it is the largest gaps that count: of e5 they are the same two, of e4 nothing is known.
    programme.tamper(
        "DELETE FROM request_focus WHERE request IN (SELECT r.id FROM requests r JOIN persons p ON p.id = r.coachee \
         WHERE p.code IN ('e4', 'e5'));
         DELETE FROM assessment_levels WHERE assessment IN (SELECT a.id FROM assessments a JOIN persons p ON \
         p.id = a.person WHERE p.code = 'e4')",
    );
    let found = read(&programme, |db| demand(db, &act, &all()));
    assert_eq!((found.unknown, found.competencies), (1, vec![row("M.01", 3, 4), row("M.03", 3, 4)]));
    assert_eq!(found.provinces, [row("91", 4, 0), row("31", 0, 4)]);
    let found = read(&programme, |db| demand(db, &act, &of_province("31")));
    assert_eq!(
        (found.competencies, found.provinces),
        (vec![row("M.01", 0, 4), row("M.03", 0, 4)], vec![row("31", 0, 4)])
    );

    let found = read(&programme, |db| load(db, &act, &all(), None, 9));
    let rows: Vec<_> = found
        .iter()
        .map(|row| {
            let places = &row.places;
            (places.code.as_str(), row.waiting_offers, row.active_pairings, places.completed_pairs, row.free())
        })
        .collect();
    assert_eq!(rows, [("c0", 0, 1, 1, 1), ("c1", 1, 0, 0, 1), ("c2", 0, 0, 0, 2)]);
    assert_eq!(found[0].places.rating, Some(500));
    let rest = read(&programme, |db| load(db, &act, &of_province("31"), Some(found[0].places.person), 1));
    assert_eq!(rest, found[1..2]);
    assert_eq!(read(&programme, |db| load(db, &act, &of_province("91"), None, 9)), []);
    // Another programme of the same coaches: the figures of each cohort are its own.
    let other = Programme::beside(&db.store, 7, 3, 2);
    let counted = |code: &str| read(&other, |db| funnel(db, &act, &of_cohort(code))).stages.asked;
    assert_eq!((counted("2026-b"), counted("2026-c")), (6, 7));
    let found = read(&programme, |db| load(db, &act, &of_cohort("2026-c"), None, 9));
    assert_eq!((found[0].active_pairings, found[1].waiting_offers, found[0].places.held), (0, 0, 1));
}

fn an_agency_sees_its_own(db: &TestDb) {
    let programme = walked(db);
    let of_coachees = agency_admin(&programme, "PROV-91");
    let of_coaches = agency_admin(&programme, "KEM-01");
    let asked = |act: &Act| read(&programme, |db| funnel(db, act, &all())).stages.asked;
    assert_eq!((asked(&of_coachees), asked(&of_coaches)), (6, 0));
    let paired = |act: &Act| read(&programme, |db| times(db, act, &all())).pairings;
    assert_eq!((paired(&of_coachees), paired(&of_coaches)), (2, 0));
    let across = |act: &Act| read(&programme, |db| across_agencies(db, act, &all())).across;
    assert_eq!((across(&of_coachees), across(&of_coaches)), (2, 0));
    let no = |act: &Act| read(&programme, |db| declines(db, act, &all())).iter().map(|row| row.by_coaches).sum::<i64>();
    assert_eq!((no(&of_coachees), no(&of_coaches)), (1, 0));
    let coaches = |act: &Act| read(&programme, |db| load(db, act, &all(), None, 9)).len();
    assert_eq!((coaches(&of_coachees), coaches(&of_coaches)), (0, 3));
    let stuck =
        |act: &Act| read(&programme, |db| stuck::list(db, act, Patience::default(), &all(), None, None, 9)).len();
    assert_eq!((stuck(&of_coachees), stuck(&of_coaches)), (1, 0));
    let balance = |act: &Act| {
        let found = read(&programme, |db| demand(db, act, &all()));
        (found.provinces.iter().map(|row| row.requests).sum::<i64>(), found.free)
    };
    assert_eq!((balance(&of_coachees), balance(&of_coaches)), ((4, 0), (0, 4)));
    // A coach is no admin, whatever is asked.
    let act = programme.as_coach(0);
    let refused = programme.store.snapshot(|db| funnel(db, &act, &all()));
    assert!(refused.is_err(), "{refused:?}");
}

fn what_is_stuck_comes_most_overdue_first(db: &TestDb) {
    let programme = walked(db);
    let act = programme.as_national_admin();
    let list = |kind, after, limit| -> Vec<Stuck> {
        let now = programme.act(act.actor.clone());
        read(&programme, |db| stuck::list(db, &now, Patience::default(), &of_cohort("2026-b"), kind, after, limit))
    };
    let told = |items: &[Stuck]| -> Vec<(StuckKind, String, i64)> {
        items.iter().map(|item| (item.kind, item.coachee.to_string(), item.days)).collect()
    };
    assert_eq!(told(&list(None, None, 9)), [(StuckKind::RequestUnasked, "e5".into(), 7)]);
    programme.pass(Duration::days(3));
    let all = list(None, None, 9);
    let first = [(StuckKind::RequestUnasked, "e5".into(), 10), (StuckKind::OfferUnanswered, "e2".into(), 3)];
    assert_eq!(told(&all)[..2], first, "due since the third day, and since the ninth");
    let mut rest = told(&all)[2..].to_vec();
    rest.sort();
    let due_today = [
        (StuckKind::RequestUnasked, "e3".into(), 3),
        (StuckKind::RequestUnasked, "e4".into(), 3),
        (StuckKind::AgreementUnsigned, "e1".into(), 7),
    ];
    assert_eq!(rest, due_today);
    assert_eq!(all[1].coach.as_ref().map(ToString::to_string).as_deref(), Some("c1"));
    assert_eq!((all[0].coach.as_ref(), all[0].kind.next_step()), (None, NextStep::PutToCoach));
    assert_eq!(all[0].id, programme.request(5).id.uuid());

    // Item by item it is the same list, also when several became due in one moment.
    let mut walked = Vec::new();
    while let Some(next) = list(None, walked.last().map(|item: &Stuck| item.place), 1).pop() {
        assert_eq!(next.place.to_string().parse(), Ok(next.place));
        walked.push(next);
    }
    assert_eq!(walked, all);
    assert_eq!(told(&list(Some(StuckKind::OfferUnanswered), None, 9)), [first[1].clone()]);
    assert_eq!(list(Some(StuckKind::ProposalUnanswered), None, 9), []);

    // What is put to a coach is not stuck any more.
    programme.choose(5, &[2]).unwrap();
    assert!(!told(&list(None, None, 9)).iter().any(|(_, coachee, _)| coachee == "e5"));
}

fn pairings_stand_still_too(db: &TestDb) {
    let programme = Programme::new(&db.store, 1, 1, 1);
    let pairing = programme.pair(0, 0);
    let list = || {
        let act = programme.as_national_admin();
        read(&programme, |db| stuck::list(db, &act, Patience::default(), &all(), None, None, 9))
    };
    programme.pass(Duration::days(8));
    let found = list();
    assert_eq!((found.len(), found[0].kind, found[0].id), (1, StuckKind::AgreementUnsigned, pairing.id.uuid()));
    let patient = Patience { agreement_days: 9, ..Patience::default() };
    let act = programme.as_national_admin();
    assert_eq!(read(&programme, |db| stuck::list(db, &act, patient, &all(), None, None, 9)), [], "as the settings say");
    let terms = Agreement { goals: "Memimpin rapat".into(), sessions: 6, confidential: true };
    let sign = |act: &Act| programme.store.write(|db| pairings::sign(db, act, pairing.id, &terms)).unwrap();
    sign(&programme.as_coachee(0));
    assert_eq!(list().len(), 1, "one of two has signed");
    sign(&programme.as_coach(0));
    assert_eq!(list(), []);
    programme.pass(Duration::days(172));
    let found = list();
    let kinds: Vec<(StuckKind, i64)> = found.iter().map(|item| (item.kind, item.days)).collect();
    assert_eq!(kinds, [(StuckKind::PairQuiet, 180), (StuckKind::PairingUnfinished, 180)], "the more overdue first");
    programme.complete(&pairing).unwrap();
    assert_eq!(list(), []);
}

/// Only what was held, or agreed on, is a sign of life; the last of it counts.
fn a_pair_goes_quiet(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let programme = &meetings.programme;
    let terms = Agreement { goals: "Memimpin rapat".into(), sessions: 6, confidential: true };
    for side in [Side::Coachee, Side::Coach] {
        let act = meetings.act(side);
        programme.store.write(|db| pairings::sign(db, &act, meetings.pairing.id, &terms)).unwrap();
    }
    let quiet = |after: Option<Place>| {
        let act = programme.as_national_admin();
        let kind = Some(StuckKind::PairQuiet);
        read(programme, |db| stuck::list(db, &act, Patience::default(), &all(), kind, after, 9))
    };
    let first = meetings.agree(&wish(at(11, 30, 0)));
    meetings.propose(Side::Coach, &wish(at(12, 28, 0)));
    meetings.pass_until(at(11, 30, 2));
    meetings.attend(Side::Coach, &first, Attendance::Held);
    meetings.pass_until(at(12, 20, 23));
    assert_eq!(quiet(None), []);
    meetings.pass_until(at(12, 21, 1));
    let found = quiet(None);
    assert_eq!((found.len(), found[0].days, found[0].since.time()), (1, 21, at(11, 30, 0)), "a proposal is none");
    assert_eq!(quiet(Some(found[0].place)), [], "and the list goes on behind it");
    let act = programme.as_national_admin();
    let patient = Patience { quiet_days: 30, ..Patience::default() };
    assert_eq!(read(programme, |db| stuck::list(db, &act, patient, &all(), None, None, 9)), [], "as the settings say");
    meetings.agree(&wish(at(12, 29, 0)));
    assert_eq!(quiet(None), [], "they will meet");
}

fn places_are_wanted_where_prices_are_high(db: &TestDb) {
    let run = fill(&db.store);
    let programme = Programme::beside(&db.store, 1, 1, 1);
    let act = programme.as_national_admin();
    let found = read(&programme, |db| recruiting(db, &act, &of_cohort("2026-1"))).expect("a run with a result");
    assert_eq!(found.run.id, run);
    for (rows, code) in [(&found.provinces, "31"), (&found.competencies, "M.03")] {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                (row.code.as_str(), row.prices.coaches, row.prices.wanted, row.mean_tenths(), row.prices.highest)
            })
            .collect();
        assert_eq!(rows, [(code, 1, 1, 50, 5)]);
    }
    assert_eq!(read(&programme, |db| recruiting(db, &act, &all())).map(|found| found.run.id), Some(run));
    assert!(read(&programme, |db| recruiting(db, &act, &of_cohort("2026-c"))).is_none());
    let found = read(&programme, |db| recruiting(db, &act, &of_province("91"))).expect("the same run");
    assert_eq!((found.provinces, found.competencies), (vec![], vec![]));
    let other = agency_admin(&programme, "KEM-01");
    assert_eq!(read(&programme, |db| recruiting(db, &other, &all())).expect("the same run").provinces, []);
    let own = agency_admin(&programme, "KEM-02");
    assert_eq!(read(&programme, |db| recruiting(db, &own, &all())).expect("the same run").provinces.len(), 1);
}

/// Three ask for two places: two are proposed, one of whom says no, and of the other the coach does.
fn what_a_run_brings(db: &TestDb) {
    let programme = Programme::new(&db.store, 3, 2, 1);
    let order = Order { cohort: "2026-b".into(), policy: Policy::default(), seed: 1, as_of: day() };
    let admin = programme.as_admin();
    let run = programme.store.write(|db| runs::create(db, &admin, &order)).unwrap();
    runs::compute(&programme.store, run, "test", Watch::NOBODY).unwrap();
    let act = programme.as_national_admin();
    let found = read(&programme, |db| recruiting(db, &act, &of_cohort("2026-b"))).expect("a run with a result");
    let [place] = found.provinces.as_slice() else { panic!("one province: {:?}", found.provinces) };
    assert_eq!((found.run.id, place.code.as_str(), place.prices.coaches, place.prices.wanted), (run, "31", 2, 2));
    assert!(place.prices.highest > 0 && place.mean_tenths() > 0, "a third place would bring a third pair: {place:?}");
    assert_eq!(found.competencies.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), ["M.01", "M.03"]);

    programme.store.write(|db| runs::publish(db, &admin, run, Selection::All)).unwrap();
    let proposals: Vec<Offer> = (0..3).flat_map(|at| programme.offers_of(&programme.request(at))).collect();
    assert_eq!(proposals.len(), 2);
    programme.pass(Duration::days(3));
    let list = |act: &Act| read(&programme, |db| stuck::list(db, act, Patience::default(), &all(), None, None, 9));
    let kinds: Vec<StuckKind> = list(&programme.as_national_admin()).iter().map(|item| item.kind).collect();
    let unanswered = kinds.iter().filter(|kind| **kind == StuckKind::ProposalUnanswered).count();
    assert_eq!(unanswered, 2, "{kinds:?}");

    let coachee = |offer: &Offer| programme.as_person(programme.request_with(offer.request).coachee);
    let no = |act: &Act, offer: &Offer, reason| {
        programme.store.write(|db| offers::decline(db, act, offer.id, reason, None)).unwrap();
    };
    no(&coachee(&proposals[0]), &proposals[0], DeclineReason::PrefersAnother);
    programme.store.write(|db| offers::confirm(db, &coachee(&proposals[1]), proposals[1].id)).unwrap();
    no(&programme.as_person(proposals[1].coach), &proposals[1], DeclineReason::NoTime);
    let reasons = read(&programme, |db| declines(db, &act, &all()));
    let said = |reason, by_coaches, by_coachees| Declined { reason, by_coaches, by_coachees };
    assert!(reasons.contains(&said(DeclineReason::PrefersAnother, 0, 1)), "{reasons:?}");
    assert!(reasons.contains(&said(DeclineReason::NoTime, 1, 0)), "{reasons:?}");
    programme.must_be_well();
}

fn gaps_are_closed_as_far_as_measured(db: &TestDb) {
    let programme = Programme::new(&db.store, 3, 3, 1);
    let act = programme.as_national_admin();
    let counted = || {
        let now = programme.act(act.actor.clone());
        read(&programme, |db| gaps(db, &now, &of_cohort("2026-b")))
    };
    for at in 0..3 {
        let pairing = programme.pair(at, at);
        if at < 2 {
            programme.complete(&pairing).unwrap();
        }
    }
    assert_eq!(counted(), Gaps { completed: 2, ..Gaps::default() }, "nobody has measured");
    programme.pass(Duration::days(90));
    // An administrator needs level 3 of both, and had level 1 of both; e2 is not done yet.
    let measure = |at: usize, days: u64, levels: &[(&str, u8)]| {
        let assessment = AssessmentRecord {
            assessed_on: day() + chrono::Days::new(days),
            levels: levels.iter().map(|(code, n)| (code.parse().unwrap(), Level::new(*n).unwrap())).collect(),
            ..assessment(&format!("e{at}"), AssessmentMethod::Superior)
        };
        programme.store.write(|db| save_assessments(db, std::slice::from_ref(&assessment))).unwrap();
    };
    measure(0, 60, &[("M.01", 2), ("M.03", 4)]);
    measure(2, 60, &[("M.01", 3), ("M.03", 3)]);
    assert_eq!(counted(), Gaps { completed: 2, measured: 1, before: 4, after: 1 });
    measure(1, 80, &[("M.03", 1)]);
    assert_eq!(counted(), Gaps { completed: 2, measured: 2, before: 6, after: 3 }, "M.01 of e1 was not measured anew");
    measure(1, 120, &[("M.01", 5)]);
    assert_eq!(counted().before, 6, "what the calendar has yet to bring does not count");
    let none = agency_admin(&programme, "KEM-01");
    assert_eq!(read(&programme, |db| gaps(db, &none, &all())), Gaps::default());
}

fn nothing_is_said_of_nothing(db: &TestDb) {
    let programme = Programme::new(&db.store, 0, 0, 0);
    let act = programme.as_national_admin();
    assert_eq!(read(&programme, |db| funnel(db, &act, &all())).stages, Stages::default());
    assert_eq!(read(&programme, |db| times(db, &act, &all())), Times { pairings: 0, median: None, ninetieth: None });
    assert_eq!(read(&programme, |db| stuck::list(db, &act, Patience::default(), &all(), None, None, 9)), []);
    assert_eq!(read(&programme, |db| load(db, &act, &all(), None, 9)), []);
    let found = read(&programme, |db| demand(db, &act, &all()));
    assert_eq!((found.free, found.competencies, found.provinces), (0, vec![], vec![]));
    assert!(read(&programme, |db| recruiting(db, &act, &all())).is_none());
    for wanted in [of_cohort("2099-z"), of_province("00")] {
        let found = programme.store.snapshot(|db| funnel(db, &act, &wanted));
        assert!(matches!(found, Err(ServiceError::Missing(_))), "{wanted:?}: {found:?}");
    }
}
