//! Runs of one agency: its admin orders, reads, publishes and discards those of cohorts that are for the agency alone, and
//! no others.

use coachnet::domain::{Admission, Role};
use coachnet::matching::watch::Watch;
use coachnet::services::runs;
use coachnet::store::{RunId, cohort_terms};
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(an_agency_runs_its_own_cohort, nobody_runs_what_is_for_others, nobody_else_can_join);

struct Agencies<'a> {
    world: &'a World,
    programme: Programme,
    own: Visitor<'a>,
    other: Visitor<'a>,
    national: Visitor<'a>,
}

impl<'a> Agencies<'a> {
    fn new(world: &'a World) -> Self {
        let programme = Programme::beside(&world.store, 2, 3, 1);
        let admission = Admission::of_agency(&"PROV-91".parse().unwrap());
        world.store.write(|db| cohort_terms::set_admission(db, programme.cohort, &admission)).unwrap();
        let admin = |email: &str, role, agency| world.visitor(world.account_of(email, &[(role, agency)], None), true);
        Self {
            own: admin("own@contoh.test", Role::AgencyAdmin, Some("PROV-91")),
            other: admin("other@contoh.test", Role::AgencyAdmin, Some("PROV-11")),
            national: admin("all@contoh.test", Role::NationalAdmin, None),
            world,
            programme,
        }
    }

    fn order(&self, by: &Visitor, wish: &Value) -> String {
        let made = by.post("/runs", wish);
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    fn computed(&self, by: &Visitor) -> String {
        let run = self.order(by, &json!({ "cohort": "2026-c" }));
        let id: RunId = run.parse().unwrap();
        runs::compute(&self.world.store, id, "test", Watch::NOBODY).unwrap();
        run
    }
}

fn reads(run: &str) -> [String; 6] {
    [
        format!("/runs/{run}"),
        format!("/runs/{run}/pairs"),
        format!("/runs/{run}/pairs/e0"),
        format!("/runs/{run}/waiting"),
        format!("/runs/{run}/plan"),
        format!("/runs/{run}/comparison/{run}"),
    ]
}

fn listed(by: &Visitor) -> usize {
    by.get("/runs").json()["items"].as_array().unwrap().len()
}

fn an_agency_runs_its_own_cohort(db: &TestDb) {
    let world = World::new(db);
    let agencies = Agencies::new(&world);
    let Agencies { own, other, national, programme, .. } = &agencies;
    let pinned = json!({ "cohort": "2026-c", "pinned": [{ "coachee": "e0", "coach": "c1" }] });
    let thrown_away = agencies.order(own, &pinned);
    assert_eq!(other.post(&format!("/runs/{thrown_away}/discard"), &json!({})).status, 403);
    assert_eq!(own.post(&format!("/runs/{thrown_away}/discard"), &json!({})).status, 200);
    let run = agencies.computed(own);
    for path in reads(&run) {
        assert_eq!(own.get(&path).status, 200, "{path}");
        assert_eq!(national.get(&path).status, 200, "{path}");
        assert_eq!(other.get(&path).status, 404, "{path}");
    }
    assert_eq!((listed(own), listed(other), listed(national)), (1, 0, 1));
    let publish = format!("/runs/{run}/publish");
    assert_eq!(other.post(&publish, &json!({})).status, 403);
    let published = own.post(&publish, &json!({}));
    assert_eq!((published.status, &published.json()["proposed"]), (200, &json!(2)), "{}", published.body);
    programme.must_be_well();
}

fn nobody_runs_what_is_for_others(db: &TestDb) {
    let world = World::new(db);
    let agencies = Agencies::new(&world);
    let Agencies { own, other, national, programme, .. } = &agencies;
    let admissions = [
        Admission::default(),
        Admission { agencies: ["PROV-91", "KEM-01"].map(|code| code.parse().unwrap()).into(), ..Admission::default() },
    ];
    for admission in admissions {
        world.store.write(|db| cohort_terms::set_admission(db, programme.cohort, &admission)).unwrap();
        // All who ask are coachees of the own agency, which is not enough: others may join.
        for admin in [own, other] {
            assert_eq!(admin.post("/runs", &json!({ "cohort": "2026-c" })).status, 403);
            assert_eq!(admin.post("/runs", &json!({ "cohort": "nowhere" })).status, 404);
        }
        let run = agencies.computed(national);
        for path in reads(&run) {
            assert_eq!(own.get(&path).status, 404, "{path}");
        }
        assert_eq!((listed(own), listed(national)), (0, 1));
        for deed in ["publish", "discard"] {
            assert_eq!(own.post(&format!("/runs/{run}/{deed}"), &json!({})).status, 403, "{deed}");
        }
        assert_eq!(national.post(&format!("/runs/{run}/discard"), &json!({})).status, 200);
    }
}

/// What an agency's admin has computed stays the agency's: somebody of another agency cannot ask in its cohort.
fn nobody_else_can_join(db: &TestDb) {
    let world = World::new(db);
    let agencies = Agencies::new(&world);
    let Agencies { own, national, programme, .. } = &agencies;
    let run = agencies.computed(own);
    programme.tamper(
        "UPDATE coachee_profiles SET agency = 'KEM-01' WHERE person = (SELECT id FROM persons WHERE code = 'P-1')",
    );
    let joins = json!({ "cohort": "2026-c", "coachee": "P-1", "modes": ["online"], "languages": ["id"] });
    let refused = national.post("/requests", &joins);
    assert_eq!((refused.status, &refused.json()["type"]), (409, &json!("urn:coachnet:problem:other-agencies")));
    assert_eq!(own.get(&format!("/runs/{run}")).status, 200);
    let published = own.post(&format!("/runs/{run}/publish"), &json!({}));
    assert_eq!(published.status, 200, "{}", published.body);
}
