//! The shortlist over HTTP: who may see it, and what it looks like.

use coachnet::domain::records::AssessmentRecord;
use coachnet::domain::{AssessmentMethod, Level, Role};
use coachnet::store::{CohortId, RequestId, StoreError, cohorts, levels, requests};

use crate::support::people::assessment;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(a_coachee_sees_coaches_with_reasons, nobody_else_sees_them, a_list_that_cannot_be_is_refused);

/// The cohort of the world, and the open request of a coachee whose levels are known.
fn request(world: &World, coachee: &str) -> RequestId {
    let person = world.person(coachee);
    let lacking = AssessmentRecord {
        levels: [("M.03".parse().expect("a code"), Level::new(1).expect("a level"))].into_iter().collect(),
        ..assessment(coachee, AssessmentMethod::Superior)
    };
    let found = world.store.write(|db| {
        levels::save_assessments(db, std::slice::from_ref(&lacking))?;
        let cohort: CohortId = cohorts::by_code(db, "2026-b")?.expect("a cohort").id;
        requests::live(db, cohort, person)
    });
    found.expect("a query").expect("an open request")
}

fn path(request: RequestId) -> String {
    format!("/requests/{request}/shortlist")
}

fn coachee<'a>(world: &'a World, email: &str, code: &str) -> Visitor<'a> {
    let account = world.account_of(email, &[(Role::Coachee, None)], Some(world.person(code)));
    world.visitor(account, false)
}

fn a_coachee_sees_coaches_with_reasons(db: &TestDb) {
    let world = World::new(db);
    let request = request(&world, "P-1");
    let visitor = coachee(&world, "satu@contoh.test", "P-1");
    let answer = visitor.get(&format!("{}?lang=en", path(request)));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let list = answer.json();
    assert!(list["none"].is_null());
    let best = &list["items"][0];
    assert_eq!((&best["coach"]["code"], &best["coach"]["free_places"]), (&"C-1".into(), &3.into()));
    let parts = best["explanation"].as_array().expect("parts");
    let points: u64 = parts.iter().map(|part| part["points"].as_u64().expect("points")).sum();
    assert_eq!(Some(points), best["score"].as_u64());
    assert!(parts[0]["sentence"].as_str().expect("a sentence").starts_with("Communication: required"), "{best}");
    for secret in ["Coach C-1", "PKN2/C-1", "contoh.test"] {
        assert!(!answer.body.contains(secret), "{secret} is shown");
    }
    // The same list is not sent again; the next one has nobody, and says why.
    let tag = answer.header("etag");
    let again = || visitor.clone().with("if-none-match", tag).get(&format!("{}?lang=en", path(request)));
    assert_eq!(again().status, 304);
    let (person, now) = (world.person("C-1"), world.hands.stamp());
    let act = coachnet::services::Act::new(coachnet::services::Actor::System("test"), now);
    world.store.write(|db| coachnet::services::coaches::pause(db, &act, person)).expect("a pause");
    let none = again().json();
    assert_eq!(
        (none["items"].as_array().map(Vec::len), &none["none"]["reason"]),
        (Some(0), &"no_eligible_coach".into())
    );
    for lang in ["en", "id"] {
        let none = visitor.get(&format!("{}?lang={lang}", path(request))).json();
        let words = |key: &str| none["none"][key].as_str().is_some_and(|text| text.ends_with('.'));
        assert!(words("sentence") && words("hint"), "{none}");
    }
}

fn nobody_else_sees_them(db: &TestDb) {
    let world = World::new(db);
    let path = path(request(&world, "P-1"));
    let admin = |email: &str, role, agency| world.account_of(email, &[(role, agency)], None);
    let own = admin("papua@contoh.test", Role::AgencyAdmin, Some("PROV-91"));
    let other = admin("lain@contoh.test", Role::AgencyAdmin, Some("KEM-01"));
    let national = admin("lan@contoh.test", Role::NationalAdmin, None);
    let status = |visitor: &Visitor| visitor.get(&path).status;
    assert_eq!(status(&world.stranger("203.0.113.9")), 401);
    assert_eq!(status(&coachee(&world, "satu@contoh.test", "P-1")), 200);
    assert_eq!(status(&coachee(&world, "dua@contoh.test", "P-2")), 403);
    assert_eq!(status(&world.visitor(world.account("coach@contoh.test", Role::Coach), false)), 403);
    assert_eq!(status(&world.visitor(admin("audit@contoh.test", Role::Auditor, None), true)), 403);
    assert_eq!((status(&world.visitor(own, true)), status(&world.visitor(other, true))), (200, 403));
    assert_eq!((status(&world.visitor(national, true)), status(&world.visitor(national, false))), (200, 403));
}

fn a_list_that_cannot_be_is_refused(db: &TestDb) {
    let world = World::new(db);
    let request = request(&world, "P-1");
    let visitor = coachee(&world, "satu@contoh.test", "P-1");
    for (query, status) in [("?limit=1", 200), ("?limit=50", 200), ("?limit=0", 422), ("?limit=51", 422), ("?x=1", 422)]
    {
        assert_eq!(visitor.get(&format!("{}{query}", path(request))).status, status, "{query}");
    }
    for unknown in ["019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69", "none"] {
        assert_eq!(visitor.get(&format!("/requests/{unknown}/shortlist")).status, 404);
    }
    let act = coachnet::services::Act::new(coachnet::services::Actor::System("test"), world.hands.stamp());
    world.store.write(|db| coachnet::services::requests::withdraw(db, &act, request)).expect("withdrawn");
    assert_eq!(visitor.get(&path(request)).status, 409);
    let still = world.store.read(|db| Ok::<_, StoreError>(requests::get(db, request)?.version));
    assert_eq!(still.expect("a request"), 1, "reading changes nothing");
}
