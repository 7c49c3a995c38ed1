//! Matching again after a publish: what was accepted stands, what was declined never comes again, and the whole is
//! proven.

use std::collections::HashSet;

use coachnet::domain::{Objective, OfferStatus, Policy};
use coachnet::matching::certificate::{Claim, Points, certify};
use coachnet::matching::check::PlainPairs;
use coachnet::matching::watch::Watch;
use coachnet::matching::{WhyNot, why_not};
use coachnet::services::planning::{self, Planning};
use coachnet::services::runs::{self, Order, Repeated, Selection};
use coachnet::services::{Refusal, coaches, offers};
use coachnet::store::{CohortId, RunId, cohorts, pairs};

use crate::support::people;
use crate::support::programme::{Programme, refusal};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(a_second_run_knows_what_became_of_the_first, only_a_run_with_a_result_is_followed);

fn order(cohort: &str, objective: Objective) -> Order {
    let policy = Policy { objective, ..Policy::default() };
    Order { cohort: cohort.into(), policy, seed: 3, as_of: people::day() }
}

fn compute(p: &Programme, objective: Objective, follows: Option<RunId>) -> RunId {
    let planning = Planning { follows, ..Planning::default() };
    let order = order("2026-b", objective);
    let run = p.store.write(|db| planning::order(db, &p.as_admin(), &order, &planning)).unwrap();
    runs::compute(&p.store, run, "test", Watch::NOBODY).unwrap();
    run
}

fn a_second_run_knows_what_became_of_the_first(db: &TestDb) {
    let p = Programme::new(&db.store, 6, 4, 2);
    let first = compute(&p, Objective::MostPeople, None);
    p.store.write(|db| runs::publish(db, &p.as_admin(), first, Selection::All)).unwrap();
    let matched = p.store.read(|db| pairs::all(db, first)).unwrap();
    assert_eq!(matched.len(), 6);
    // Three are accepted, the others declined by the coach.
    for at in 0..6 {
        let offer = p.offers_of(&p.request(at)).into_iter().find(|o| o.status.0 == OfferStatus::Proposed).unwrap();
        let pending = p.store.write(|db| offers::confirm(db, &p.as_coachee(at), offer.id)).unwrap();
        if at < 3 { drop(p.accept(&pending).unwrap()) } else { drop(p.decline(&pending).unwrap()) }
    }
    let declined: HashSet<_> = matched[3..].iter().cloned().collect();
    for objective in Objective::ALL {
        let second = compute(&p, *objective, Some(first));
        let report = runs::report_of(&p.store, second).unwrap();
        let found = p.store.read(|db| pairs::all(db, second)).unwrap();
        assert!(matched[..3].iter().all(|pair| found.contains(pair)), "{objective}: what was accepted stands");
        assert!(
            found.iter().all(|pair| !declined.contains(pair)),
            "{objective}: what was declined does not come again"
        );
        assert_eq!((report.certificate.coachees, report.certificate.matched), (6, 6), "{objective}");
        assert_eq!(report.facts.accepted.len(), 3, "{objective}");
        assert!(report.proven && report.pin_costs.is_empty());
        let computed = runs::computed(&p.store, second).unwrap();
        let (lambda, bonus) = (computed.standing.lambda.unwrap_or(Points::ZERO), computed.standing.bonus);
        let claim = Claim { pairs: &computed.standing.pairs, prices: &computed.standing.prices, lambda, bonus };
        let proof = certify(&PlainPairs::new(&computed.cohort), *objective, claim).unwrap();
        assert_eq!(proof.with_kept(&computed.cohort.kept, None), report.certificate, "{objective}");
        let kept = computed.cohort.kept[0];
        let why = why_not(&computed.cohort, &computed.standing, kept.coachee as usize, kept.coach);
        assert_eq!(why, WhyNot::Accepted);
        assert_eq!(runs::repeat(&p.store, second, Watch::NOBODY).unwrap(), Repeated::Same, "{objective}");
    }
    let second = compute(&p, Objective::MostPeople, Some(first));
    let published = p.store.write(|db| runs::publish(db, &p.as_admin(), second, Selection::All)).unwrap();
    assert_eq!((published.proposed, published.left_out.len()), (3, 0), "who has a coach is not asked again");
    p.must_be_well();

    let coach = matched[0].1.as_str().trim_start_matches('c').parse::<usize>().unwrap();
    p.store.write(|db| coaches::pause(db, &p.as_coach(coach), p.coaches[coach])).unwrap();
    let third = runs::report_of(&p.store, compute(&p, Objective::BestTotal, Some(first))).unwrap();
    assert!(third.proven && third.facts.accepted.len() < 3, "a pairing that could not be made now goes on beside it");
}

fn only_a_run_with_a_result_is_followed(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 1);
    let ask = |cohort: &str, follows| {
        let planning = Planning { follows, ..Planning::default() };
        let order = order(cohort, Objective::Stable);
        p.store.write(|db| planning::order(db, &p.as_admin(), &order, &planning))
    };
    let queued = ask("2026-b", None).unwrap();
    assert_eq!(refusal(ask("2026-b", Some(queued))), Refusal::NothingToFollow);
    runs::compute(&p.store, queued, "test", Watch::NOBODY).unwrap();
    let other = cohorts::Cohort {
        id: CohortId::new(),
        code: "other".into(),
        name: "Other".into(),
        opens_on: None,
        closes_on: None,
        created_at: people::moment(),
    };
    p.store.write(|db| cohorts::create(db, &other)).unwrap();
    assert_eq!(refusal(ask("other", Some(queued))), Refusal::NothingToFollow);
    ask("2026-b", Some(queued)).unwrap();
}
