//! Pairs that an admin wants in a run, and pairs that must not be; and what that costs.

use coachnet::domain::{Objective, Role};
use coachnet::matching::report::NamedPair;
use coachnet::matching::run::{Cost, Effort, pin_bound, run};
use coachnet::matching::watch::Watch;
use coachnet::matching::{Cohort, Rule, WhyNot, why_not};
use coachnet::services::planning::Planning;
use coachnet::services::runs::{self, Computed, Repeated};
use coachnet::services::{Denial, Refusal, ServiceError};
use coachnet::store::pairs;
use serde_json::json;

use crate::support::invented::{cohort, compute, order};
use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_pin_holds_and_its_cost_is_that_of_the_run_without_it,
    pins_that_cannot_be_are_refused,
    who_may_pin_and_what_is_shown,
);

/// A pair that the rules allow and the plan does not have.
fn other_pair(Computed { cohort, standing, .. }: &Computed, nth: usize) -> (u32, u32) {
    let allowed = |&(coachee, given): &(u32, u32)| {
        let others = (0..cohort.coaches.len() as u32).filter(|&coach| coach != given);
        others.filter(|&coach| cohort.plain_score(coachee as usize, coach).is_some()).map(|c| (coachee, c)).next()
    };
    standing.pairs.iter().filter_map(allowed).nth(nth).expect("a pair")
}

fn a_pin_holds_and_its_cost_is_that_of_the_run_without_it(db: &TestDb) {
    cohort(&db.store, 160, 40);
    for &objective in Objective::ALL {
        let base = runs::computed(&db.store, compute(&db.store, objective, &Planning::default())).unwrap();
        let pinned = vec![NamedPair::of(&base.cohort, other_pair(&base, 0))];
        let forbidden = vec![NamedPair::of(&base.cohort, *base.standing.pairs.last().unwrap())];
        let without = Planning { forbidden: forbidden.clone(), ..Planning::default() };
        let without = runs::report_of(&db.store, compute(&db.store, objective, &without)).unwrap();
        let wanted = Planning { pinned: pinned.clone(), forbidden: forbidden.clone(), ..Planning::default() };
        let with = compute(&db.store, objective, &wanted);

        let found = db.store.read(|db| pairs::all(db, with)).unwrap();
        let named = |pair: &NamedPair| (pair.coachee.clone(), pair.coach.clone());
        assert!(found.contains(&named(&pinned[0])) && !found.contains(&named(&forbidden[0])), "{objective}");
        let report = runs::report_of(&db.store, with).unwrap();
        assert!(report.proven, "{objective}");
        assert_eq!((&report.facts.pinned, &report.facts.forbidden), (&pinned, &forbidden));
        assert_eq!(report.certificate.matched as usize, found.len());
        let (more, less) = (&without.certificate, &report.certificate);
        let pairs = more.matched as i64 - less.matched as i64;
        let points = more.total as i64 - less.total as i64;
        assert_eq!(report.pin_costs[0].cost, Cost::Exact { pairs, points }, "{objective}");

        let computed = runs::computed(&db.store, with).unwrap();
        let at = |pair: &NamedPair| {
            let coachee = computed.cohort.coachees.code.iter().position(|code| *code == pair.coachee).unwrap();
            (coachee, computed.cohort.coaches.code.iter().position(|code| *code == pair.coach).unwrap() as u32)
        };
        let why = |(coachee, coach)| why_not(&computed.cohort, &computed.standing, coachee, coach);
        assert_eq!(why(at(&pinned[0])), WhyNot::Pinned);
        let WhyNot::Forbidden { rules } = why(at(&forbidden[0])) else { panic!("{:?}", why(at(&forbidden[0]))) };
        assert_eq!(rules, [Rule::ForbiddenByAdmin]);
        assert_eq!(runs::repeat(&db.store, with, Watch::NOBODY).unwrap(), Repeated::Same, "{objective}");
    }
}

/// The bound that prices give is never below what a pin really costs.
#[test]
fn what_prices_say_of_a_pin_bounds_its_cost() {
    let db = TestDb::sqlite();
    cohort(&db.store, 160, 30);
    for objective in [Objective::BestTotal, Objective::MostPeople] {
        let base = runs::computed(&db.store, compute(&db.store, objective, &Planning::default())).unwrap();
        let free: &Cohort = &base.cohort;
        let best = run(free, Effort::default(), Watch::NOBODY).unwrap();
        for nth in 0..12 {
            let (coachee, coach) = other_pair(&base, nth * 3);
            let mut with = free.clone();
            with.keep(&[(coachee, coach)]).unwrap();
            let pin = with.kept[0];
            let outcome = run(&with, Effort::default(), Watch::NOBODY).unwrap();
            let Cost::AtMost { points, pair_points } = pin_bound(free, pin, &outcome) else { panic!("a bound") };
            let lost = best.certificate.total as i64 - outcome.certificate.total as i64;
            let pairs = best.certificate.matched as i64 - outcome.certificate.matched as i64;
            assert!(points >= lost + pairs * pair_points, "{objective}: {points} {lost} {pairs} {pair_points}");
        }
    }
}

fn pins_that_cannot_be_are_refused(db: &TestDb) {
    cohort(&db.store, 160, 40);
    let base = runs::computed(&db.store, compute(&db.store, Objective::BestTotal, &Planning::default())).unwrap();
    let refused = |pinned: Vec<NamedPair>, forbidden: Vec<NamedPair>| {
        let planning = Planning { pinned, forbidden, ..Planning::default() };
        order(&db.store, Objective::BestTotal, &planning).expect_err("a refusal")
    };
    let good = NamedPair::of(&base.cohort, other_pair(&base, 0));
    let fault = |error: ServiceError| match error {
        ServiceError::Denied(Denial::Invalid(faults)) => faults[0].pointer,
        other => panic!("{other}"),
    };
    assert_eq!(fault(refused(vec![good.clone(), good.clone()], vec![])), "/pinned");
    assert_eq!(fault(refused(vec![good.clone()], vec![good.clone()])), "/forbidden");
    let nobody = NamedPair { coachee: "nobody".parse().unwrap(), ..good.clone() };
    assert!(matches!(refused(vec![nobody], vec![]), ServiceError::Missing(why) if why.contains("nobody")));

    let cohort = &base.cohort;
    let open = |coach: &u32| cohort.coaches.open_places(*coach as usize) > 0;
    let (broken, expected) = (0..160)
        .find_map(|coachee| {
            let barred = |coach: u32| cohort.broken_rules(coachee, coach).sole().map(|rule| (coach, rule));
            let (coach, rule) = (0..40).filter(open).find_map(barred)?;
            Some((NamedPair::of(cohort, (coachee as u32, coach)), rule))
        })
        .expect("a pair that one rule forbids");
    let broken = refused(vec![broken], vec![]);
    assert!(matches!(&broken, ServiceError::RuledOut { rules, .. } if *rules == [expected]), "{broken} {expected}");

    let (coach, suitors) = (0..40_u32)
        .map(|coach| {
            let allowed = |&coachee: &u32| cohort.plain_score(coachee as usize, coach).is_some();
            (coach, (0..160_u32).filter(allowed).collect::<Vec<_>>())
        })
        .find(|(coach, suitors)| suitors.len() > cohort.coaches.free[*coach as usize] as usize && !suitors.is_empty())
        .expect("a coach with more suitors than places");
    let many = suitors.iter().map(|&coachee| NamedPair::of(cohort, (coachee, coach))).collect();
    assert!(matches!(refused(many, vec![]), ServiceError::Refused(Refusal::PinsOverbook)));
}

fn who_may_pin_and_what_is_shown(db: &TestDb) {
    let world = World::new(db);
    Programme::beside(&world.store, 3, 2, 1);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let elsewhere = world.account_of("agency@contoh.test", &[(Role::AgencyAdmin, Some("PROV-11"))], None);
    let elsewhere = world.visitor(elsewhere, true);
    let wish = json!({
        "cohort": "2026-c",
        "objective": "best_total",
        "seed": "7",
        "pinned": [{ "coachee": "e1", "coach": "c0" }],
        "forbidden": [{ "coachee": "e0", "coach": "c1" }],
    });
    assert_eq!(elsewhere.post("/runs", &wish).status, 403);
    let run = admin.post("/runs", &wish);
    assert_eq!(run.status, 201, "{}", run.body);
    let run = run.json()["id"].as_str().unwrap().to_owned();
    let plan = admin.get(&format!("/runs/{run}/plan")).json();
    assert_eq!(plan["pinned"], json!([{ "coachee": "e1", "coach": "c0" }]));
    runs::compute_next(&world.hands.clock(), &world.store, "test", Watch::NOBODY).unwrap().unwrap().1.unwrap();
    let plan = admin.get(&format!("/runs/{run}/plan")).json();
    assert_eq!(plan["pinned"][0]["cost"]["known"], "exact", "{plan}");
    assert_eq!(plan["pinned"][0]["cost"]["pairs"], 0, "{plan}");
    assert!(plan["input"]["bytes"].as_i64().unwrap() > 0, "{plan}");
    let pair = admin.get(&format!("/runs/{run}/pairs/e1")).json();
    assert_eq!((&pair["coach"], &pair["pinned"]), (&json!("c0"), &json!(true)));
    let points: i64 = pair["explanation"].as_array().unwrap().iter().map(|c| c["points"].as_i64().unwrap()).sum();
    assert_eq!(pair["score"], points, "its points add up, though the coachee asks no more");
    let others = admin.get(&format!("/runs/{run}/pairs?coach=c1")).json();
    assert!(others["items"].as_array().unwrap().iter().all(|pair| pair["coachee"] != "e0"), "{others}");
    let wrong = json!({ "cohort": "2026-c", "pinned": [{ "coachee": "", "coach": "c0" }], "from": "x" });
    let answer = admin.post("/runs", &wrong);
    let pointers: Vec<_> =
        answer.json()["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!((answer.status, pointers), (422, vec![json!("#/pinned/0/coachee"), json!("#/from")]));
}
