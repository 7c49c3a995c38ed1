//! Cohorts: the policy that is followed while nobody runs anything, who may ask, and who may change them.

use coachnet::domain::{AgencyCode, Objective, Policy, Role};
use coachnet::matching::watch::Watch;
use coachnet::services::cohorts::{self, Changes};
use coachnet::services::runs::{self, Order, Selection};
use coachnet::services::{Act, Actor};
use coachnet::store::types::Stamp;
use coachnet::store::{RunId, cohort_terms, run_agencies};
use serde_json::{Value, json};

use crate::support::browser::form_of;
use crate::support::people::day;
use crate::support::programme::Programme;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    to_preview_a_run_changes_nothing_for_anybody,
    a_cohort_follows_the_policy_it_is_given,
    who_is_kept_out_is_told,
    a_cohort_is_changed_by_whoever_has_seen_it,
    an_agency_has_cohorts_of_its_own,
    what_was_in_force_stays_in_force,
    a_cohort_is_changed_on_its_page,
    an_agency_changes_its_own_on_its_page,
);

/// A policy that differs in all that live rules look at.
fn another() -> Policy {
    let mut policy = Policy { objective: Objective::Stable, ..Policy::default() };
    (policy.weights.coverage, policy.weights.reach) = (20, 90);
    (policy.timers.coach_days, policy.timers.coachee_days) = (30, 40);
    policy.rules.focus_size = 1;
    (policy.priority.gap, policy.priority.remote) = (false, false);
    policy
}

fn ordered(p: &Programme, policy: Policy) -> RunId {
    let order = Order { cohort: "2026-b".into(), policy, seed: 7, as_of: day() };
    p.store.write(|db| runs::create(db, &p.as_admin(), &order)).unwrap()
}

fn computed(p: &Programme, policy: Policy) -> RunId {
    let run = ordered(p, policy);
    runs::compute(&p.store, run, "test", Watch::NOBODY).unwrap();
    run
}

/// Days that a coach has who is chosen now.
fn days_to_answer(p: &Programme, coachee: usize, coach: usize) -> i64 {
    let offer = p.choose(coachee, &[coach]).unwrap();
    (offer.deadline.time() - p.now().time()).num_days()
}

fn to_preview_a_run_changes_nothing_for_anybody(db: &TestDb) {
    let p = Programme::new(&db.store, 4, 4, 1);
    let usual = runs::compute(&p.store, ordered(&p, Policy::default()), "test", Watch::NOBODY).unwrap();
    let priority = p.request(0).priority;
    assert!(priority > 1, "a remote area and two gaps: {priority}");
    assert_eq!(days_to_answer(&p, 0, 0), 3);

    let preview = ordered(&p, another());
    assert_eq!(days_to_answer(&p, 1, 1), 3, "ordered");
    let found = runs::compute(&p.store, preview, "test", Watch::NOBODY).unwrap();
    assert_ne!(found.facts.policy, usual.facts.policy);
    assert_eq!(p.request(2).priority, priority, "the order of waiting is the cohort's");
    assert_eq!(days_to_answer(&p, 2, 2), 3, "computed");
    p.store.write(|db| runs::discard(db, &p.as_admin(), preview)).unwrap();
    let published = computed(&p, another());
    p.store.write(|db| runs::publish(db, &p.as_admin(), published, Selection::All)).unwrap();
    let in_use = p.store.read(|db| runs::policy_in_use(db, "2026-b")).unwrap();
    assert_eq!(in_use, Policy::default(), "published");
    p.must_be_well();
}

fn change(p: &Programme, act: &Act, changes: &Changes) -> coachnet::services::ServiceResult<cohorts::Listed> {
    p.store.write(|db| cohorts::change(db, act, "2026-b", changes))
}

fn a_cohort_follows_the_policy_it_is_given(db: &TestDb) {
    let p = Programme::new(&db.store, 4, 4, 1);
    let before = computed(&p, Policy::default());
    let kept = |run: RunId| runs::report_of(&p.store, run).unwrap().facts.policy;
    let admin = p.as_national_admin();
    let given = change(&p, &admin, &Changes { policy: Some(another()), ..Changes::default() }).unwrap();
    assert_eq!((given.terms.policy, given.terms.version), (another(), 2));
    assert_eq!(days_to_answer(&p, 0, 0), 30);
    assert_eq!(p.store.read(|db| runs::policy_in_use(db, "2026-b")).unwrap(), another());
    assert_eq!(kept(before), Policy::default(), "what a run followed stays");
    // The list is put in order anew by the next run, whatever that supposes itself.
    let after = computed(&p, Policy::default());
    assert_eq!((p.request(1).priority, kept(after)), (0, Policy::default()));

    let back = Changes { policy: Some(Policy::default()), ..Changes::default() };
    assert_eq!(change(&p, &admin, &back).unwrap().terms.version, 3);
    assert_eq!(change(&p, &admin, &back).unwrap().terms.version, 3, "what changes nothing is no change");
    assert_eq!(p.audited("cohort.changed"), 2);
    let mut bad = Policy::default();
    bad.timers.coach_days = 0;
    assert!(change(&p, &admin, &Changes { policy: Some(bad), ..Changes::default() }).is_err());
    assert_eq!(days_to_answer(&p, 1, 1), 3);
}

struct Stage<'a> {
    world: &'a World,
    programme: Programme,
    national: Visitor<'a>,
    own: Visitor<'a>,
    other: Visitor<'a>,
}

impl<'a> Stage<'a> {
    fn new(world: &'a World) -> Self {
        let admin = |email: &str, role, agency| world.visitor(world.account_of(email, &[(role, agency)], None), true);
        Self {
            programme: Programme::beside(&world.store, 2, 2, 1),
            national: admin("all@contoh.test", Role::NationalAdmin, None),
            own: admin("own@contoh.test", Role::AgencyAdmin, Some("PROV-91")),
            other: admin("other@contoh.test", Role::AgencyAdmin, Some("PROV-11")),
            world,
        }
    }

    fn coachee(&self, at: usize) -> Visitor<'a> {
        let person = Some(self.programme.coachees[at]);
        self.world
            .visitor(self.world.account_of(&format!("e{at}@contoh.test"), &[(Role::Coachee, None)], person), false)
    }
}

fn made(by: &Visitor, wish: &Value) -> Value {
    let made = by.post("/cohorts", wish);
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

fn seen(by: &Visitor, code: &str) -> String {
    by.get(&format!("/cohorts/{code}")).header("etag").to_owned()
}

fn patched(by: &Visitor, code: &str, tag: &str, wish: &Value) -> (u16, Value) {
    let answer = by.clone().with("if-match", tag).patch(&format!("/cohorts/{code}"), wish);
    (answer.status, answer.json())
}

fn changed(by: &Visitor, code: &str, wish: &Value) -> (u16, Value) {
    patched(by, code, &seen(by, code), wish)
}

fn who_is_kept_out_is_told(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world);
    let coachee = stage.coachee(0);
    let ask = |cohort: &str| {
        let wish = json!({ "cohort": cohort, "modes": ["online"], "languages": ["id"] });
        let answer = coachee.clone().with("accept-language", "en").post("/requests", &wish);
        (answer.status, answer.json())
    };
    let refused = [
        (json!({ "agencies": ["PROV-11", "KEM-01"] }), "other-agencies", "other agencies"),
        (json!({ "tiers": ["pelaksana"] }), "other-tiers", "other tiers"),
        (json!({ "agencies": ["PROV-91"], "provinces": ["11"] }), "other-provinces", "other provinces"),
    ];
    for (at, (filter, word, sentence)) in refused.into_iter().enumerate() {
        let code = format!("2027-{at}");
        let mut wish = filter;
        (wish["code"], wish["name"]) = (json!(code), json!("Angkatan"));
        made(&stage.national, &wish);
        let (status, body) = ask(&code);
        assert_eq!((status, &body["type"]), (409, &json!(format!("urn:coachnet:problem:{word}"))), "{body}");
        assert!(body["detail"].as_str().unwrap().contains(sentence), "{body}");
    }
    let fitting = json!({ "code": "2027-x", "name": "Angkatan", "agencies": ["PROV-91", "KEM-01"],
        "tiers": ["administrator"], "provinces": ["91"] });
    made(&stage.national, &fitting);
    let (status, body) = ask("2027-x");
    assert_eq!(status, 201, "{body}");
    let page = world.browser(
        world.account_of("e1@contoh.test", &[(Role::Coachee, None)], Some(stage.programme.coachees[1])),
        false,
        "203.0.113.7",
    );
    let page = page.page("/requests/new");
    assert!(page.contains("2027-x") && !page.contains("2027-0"), "only what takes the coachee is offered: {page}");

    let narrower = changed(&stage.national, "2027-x", &json!({ "agencies": ["KEM-01"] }));
    assert_eq!((narrower.0, &narrower.1["type"]), (409, &json!("urn:coachnet:problem:others-ask")), "{}", narrower.1);
    let (status, body) = changed(&stage.national, "2027-x", &json!({ "agencies": ["PROV-91"], "provinces": [] }));
    assert_eq!((status, &body["provinces"]), (200, &json!([])), "{body}");
    assert_eq!(changed(&stage.national, "2027-x", &json!({ "agencies": [] })).0, 200);
    stage.programme.must_be_well();
}

fn a_cohort_is_changed_by_whoever_has_seen_it(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world);
    let admin = &stage.national;
    let wish = json!({ "code": "2027-1", "name": "Angkatan", "closes_on": "2027-03-31", "tiers": ["pengawas"] });
    let cohort = made(admin, &wish);
    assert_eq!((&cohort["tiers"], &cohort["agencies"]), (&json!(["pengawas"]), &json!([])), "{cohort}");
    assert_eq!(cohort["policy"]["timers"], json!({ "coach_days": 3, "coachee_days": 7 }));
    let blind = admin.patch("/cohorts/2027-1", &json!({ "name": "x" }));
    assert_eq!(blind.status, 428, "{}", blind.body);
    let tag = seen(admin, "2027-1");
    let wish = json!({ "name": "Angkatan I", "opens_on": "2027-01-01", "closes_on": null,
        "policy": { "timers": { "coach_days": 5 } } });
    let (status, now) = patched(admin, "2027-1", &tag, &wish);
    assert_eq!((status, &now["name"], &now["opens_on"]), (200, &json!("Angkatan I"), &json!("2027-01-01")), "{now}");
    assert_eq!((&now["closes_on"], &now["tiers"]), (&Value::Null, &json!(["pengawas"])), "what is not named stays");
    assert_eq!(now["policy"]["timers"], json!({ "coach_days": 5, "coachee_days": 7 }));
    assert_eq!(patched(admin, "2027-1", &tag, &json!({ "name": "x" })).0, 412, "it was changed since");
    let run = admin.post("/runs", &json!({ "cohort": "2027-1" })).json();
    assert_eq!(run["policy"]["timers"]["coach_days"], 5, "a run follows the cohort: {run}");

    let wrong = json!({ "closes_on": "soon", "agencies": ["PROV-91", "|"], "tiers": ["boss"], "provinces": [""],
        "policy": { "timers": { "coach_days": 0 } } });
    let (status, body) = changed(admin, "2027-1", &wrong);
    let named: Vec<&str> =
        body["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!((status, named), (422, vec!["#/closes_on", "#/agencies/1", "#/tiers/0", "#/provinces/0", "#/policy"]));
    for (unknown, at) in [
        (json!({ "agencies": ["KEM-99"] }), "#/agencies"),
        (json!({ "provinces": ["00"] }), "#/provinces"),
        (json!({ "closes_on": "2026-12-31" }), "#/closes_on"),
    ] {
        let (status, body) = changed(admin, "2027-1", &unknown);
        assert_eq!((status, &body["errors"][0]["pointer"]), (422, &json!(at)), "{body}");
    }
    assert_eq!(patched(admin, "nowhere", "\"1\"", &json!({})).0, 404);
}

fn an_agency_has_cohorts_of_its_own(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world);
    let Stage { national, own, other, .. } = &stage;
    let cohort = made(own, &json!({ "code": "2027-papua", "name": "Papua" }));
    assert_eq!(cohort["agencies"], json!(["PROV-91"]), "it is the agency's");
    let foreign = json!({ "code": "2027-all", "name": "Semua", "agencies": ["PROV-91", "PROV-11"] });
    let foreign = own.post("/cohorts", &foreign);
    assert_eq!((foreign.status, &foreign.json()["errors"][0]["pointer"]), (422, &json!("#/agencies")));
    let (status, body) = changed(own, "2027-papua", &json!({ "tiers": ["administrator"], "agencies": [] }));
    assert_eq!((status, &body["agencies"]), (200, &json!(["PROV-91"])), "it stays the agency's: {body}");
    assert_eq!(changed(own, "2027-papua", &json!({ "agencies": ["PROV-11"] })).0, 422);
    assert_eq!(changed(other, "2027-papua", &json!({ "name": "x" })).0, 403);
    assert_eq!(changed(own, "2026-c", &json!({ "name": "x" })).0, 403, "that of all is not the agency's");
    assert_eq!(own.post("/runs", &json!({ "cohort": "2027-papua" })).status, 201);
    assert_eq!(other.post("/runs", &json!({ "cohort": "2027-papua" })).status, 403);
    assert_eq!(changed(national, "2027-papua", &json!({ "agencies": [] })).0, 200);
    assert_eq!(own.post("/runs", &json!({ "cohort": "2027-papua" })).status, 403, "it is no longer");
    assert_eq!(changed(own, "2027-papua", &json!({ "name": "x" })).0, 403);
}

/// The steps of the migration on rows of the time before it.
fn what_was_in_force_stays_in_force(db: &TestDb) {
    let p = Programme::new(&db.store, 4, 4, 1);
    let (down, up) = if db.is_postgres() {
        (
            include_str!("../../migrations/postgres/2026-11-29-000023_cohort_terms/down.sql"),
            include_str!("../../migrations/postgres/2026-11-29-000023_cohort_terms/up.sql"),
        )
    } else {
        (
            include_str!("../../migrations/sqlite/2026-11-29-000023_cohort_terms/down.sql"),
            include_str!("../../migrations/sqlite/2026-11-29-000023_cohort_terms/up.sql"),
        )
    };
    let again = || {
        p.tamper(down);
        p.tamper(up);
        let terms = p.store.read(|db| cohort_terms::get(db, p.cohort)).unwrap();
        assert_eq!(terms.version, 1);
        terms.policy
    };
    assert_eq!(again(), Policy::default(), "no run");
    let with_days = |days| {
        let mut policy = Policy::default();
        policy.timers.coach_days = days;
        policy
    };
    let first = computed(&p, with_days(10));
    ordered(&p, with_days(20));
    assert_eq!(again(), with_days(20), "the newest that was kept");
    let counted = p.store.read(|db| run_agencies::of_run(db, first)).unwrap();
    let shares: Vec<(AgencyCode, i64)> = counted.into_iter().map(|one| (one.agency, one.coachees)).collect();
    assert_eq!(shares, [("PROV-91".parse().unwrap(), 4)], "of runs of that time, too");
    let act = Act::new(Actor::System("test"), Stamp::now());
    p.store.write(|db| runs::publish(db, &act, first, Selection::All)).unwrap();
    assert_eq!(again(), with_days(10), "the one that was published");
}

fn a_cohort_is_changed_on_its_page(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let browser = world.browser(world.account("pusat@contoh.test", Role::NationalAdmin), true, "203.0.113.9");
    let list = browser.page("/cohorts");
    assert!(list.contains("href=\"/cohorts/2026-c\""), "{list}");
    let address = "/cohorts/2026-c";
    let form = form_of(&browser.page(address), address);
    assert_eq!((form.field("name"), form.field("coach_days")), ("Angkatan 2026 C", "3"));
    let wrong = browser.sends(&form.with(&[("coach_days", "0"), ("agency", "instansi yang tidak ada")]));
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#agency\""), "{}", wrong.body);
    let form = form_of(&browser.page(address), address);
    let heavy = browser.sends(&form.with(&[("weight_load", "200")]));
    assert!(heavy.status == 422 && heavy.body.contains("href=\"#weight_coverage\""), "{}", heavy.body);
    let given = [
        ("name", "Angkatan Papua"),
        ("closes_on", "2027-03-31"),
        ("agency", "PROV-91"),
        ("tiers", "administrator"),
        ("provinces", "91"),
        ("coach_days", "9"),
        ("objective", "stable"),
        ("reserve", "remote:20%"),
    ];
    let form = form_of(&browser.page(address), address);
    let done = browser.sends(&form.with(&given));
    assert_eq!(done.header("location"), "/cohorts?done=cohort_changed", "{}", done.body);
    let terms = programme.store.read(|db| cohort_terms::get(db, programme.cohort)).unwrap();
    let mut policy = Policy { objective: Objective::Stable, reserve: "remote:20%".parse().ok(), ..Policy::default() };
    policy.timers.coach_days = 9;
    assert_eq!(terms.policy, policy);
    assert!(terms.admission.is_of_agency(&"PROV-91".parse().unwrap()));
    assert_eq!((terms.admission.tiers.len(), terms.admission.provinces.len(), terms.version), (1, 1, 2));
    let list = browser.page("/cohorts");
    assert!(list.contains("Angkatan Papua") && list.contains("hanya 1 jenjang"), "{list}");
    // Somebody else has changed it after this form was shown.
    let form = form_of(&browser.page(address), address);
    programme.store.write(|db| cohort_terms::change(db, programme.cohort, 2, "x", None, None)).unwrap();
    let late = browser.sends(&form);
    assert!(late.status == 409 && late.body.contains("berubah"), "{}", late.body);
}

fn an_agency_changes_its_own_on_its_page(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world);
    made(&stage.own, &json!({ "code": "2027-papua", "name": "Papua" }));
    let account = world.account_of("admin@contoh.test", &[(Role::AgencyAdmin, Some("PROV-91"))], None);
    let browser = world.browser(account, true, "203.0.113.9");
    let list = browser.page("/cohorts");
    assert!(list.contains("href=\"/cohorts/2027-papua\"") && !list.contains("href=\"/cohorts/2026-c\""), "{list}");
    assert_eq!(browser.get("/cohorts/2026-c").status, 403);
    let address = "/cohorts/2027-papua";
    let page = browser.page(address);
    assert!(!page.contains("name=\"agency\""), "agencies are not the admin's to choose: {page}");
    let done = browser.sends(&form_of(&page, address).with(&[("name", "Papua I"), ("coachee_days", "14")]));
    assert_eq!(done.header("location"), "/cohorts?done=cohort_changed", "{}", done.body);
    let cohort = stage.own.get("/cohorts/2027-papua").json();
    assert_eq!((&cohort["agencies"], &cohort["name"]), (&json!(["PROV-91"]), &json!("Papua I")), "{cohort}");
    assert_eq!(cohort["policy"]["timers"]["coachee_days"], 14);
    let made = browser.fills("/cohorts", "/cohorts", &[("name", "Papua II"), ("code", "2027-p2")]);
    assert_eq!(made.header("location"), "/cohorts?done=cohort_made", "{}", made.body);
    assert_eq!(stage.own.get("/cohorts/2027-p2").json()["agencies"], json!(["PROV-91"]));
}
