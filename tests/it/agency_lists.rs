//! The lists of one agency: what is in them, and that they follow a coachee who moves to another.

use coachnet::domain::AgencyCode;
use coachnet::store::cohorts::{self, Cohort};
use coachnet::store::requests::Request;
use coachnet::store::{CohortId, RequestId, StoreError, offers, pairings, requests};
use diesel::RunQueryDsl;

use crate::support::programme::Programme;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(lists_follow_a_coachee_who_moves, lists_of_a_cohort_follow_an_offer);

/// How many requests, offers and pairings an agency's lists have.
fn lengths(p: &Programme, agency: &str) -> (usize, usize, usize) {
    let agency: Option<AgencyCode> = Some(agency.parse().unwrap());
    let found = p.store.read(|db| {
        let asked = requests::Filter { agency: agency.clone(), ..Default::default() };
        let offered = offers::Filter { agency: agency.clone(), ..Default::default() };
        let paired = pairings::Filter { agency: agency.clone(), ..Default::default() };
        Ok::<_, StoreError>((
            requests::list(db, &asked, None, 100)?.len(),
            offers::list(db, &offered, None, 100)?.len(),
            pairings::list(db, &paired, None, 100)?.len(),
        ))
    });
    found.unwrap()
}

fn execute(p: &Programme, sql: &str) {
    p.store.write(|db| Ok::<_, StoreError>(diesel::sql_query(sql).execute(db)?)).unwrap();
}

fn lists_follow_a_coachee_who_moves(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 3, 3);
    p.pair(0, 0);
    p.choose(1, &[1]).unwrap();
    assert_eq!(lengths(&p, "PROV-91"), (3, 2, 1));
    assert_eq!(lengths(&p, "KEM-01"), (0, 0, 0));
    execute(
        &p,
        "UPDATE coachee_profiles SET agency = 'KEM-01' WHERE person = (SELECT id FROM persons WHERE code = 'e0')",
    );
    assert_eq!(lengths(&p, "PROV-91"), (2, 1, 0));
    assert_eq!(lengths(&p, "KEM-01"), (1, 1, 1));
    // What comes after the move is in the new agency's lists too.
    execute(
        &p,
        "UPDATE coachee_profiles SET agency = 'KEM-01' WHERE person = (SELECT id FROM persons WHERE code = 'e2')",
    );
    let offer = p.choose(2, &[2]).unwrap();
    assert_eq!(lengths(&p, "KEM-01"), (2, 2, 1));
    p.accept(&offer).unwrap();
    assert_eq!(lengths(&p, "KEM-01"), (2, 2, 2));
    p.must_be_well();
}

fn lists_of_a_cohort_follow_an_offer(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 2);
    let offer = p.choose(0, &[0]).unwrap();
    let cohort = p.request(0).cohort;
    let of_cohort = |cohort| {
        let filter = offers::Filter { cohort: Some(cohort), ..Default::default() };
        p.store.read(|db| offers::list(db, &filter, None, 100)).unwrap()
    };
    assert_eq!(of_cohort(cohort).iter().map(|one| one.id).collect::<Vec<_>>(), [offer.id]);
    // An offer that goes over to the coachee's request in another cohort, as when a proposal is taken up there.
    let other = Cohort {
        id: CohortId::new(),
        code: "2026-x".into(),
        name: "Lain".into(),
        opens_on: None,
        closes_on: None,
        created_at: p.now(),
    };
    let asked = Request { id: RequestId::new(), cohort: other.id, ..p.request(0) };
    p.store
        .write(|db| {
            cohorts::create(db, &other)?;
            requests::insert(db, &asked, &[])
        })
        .unwrap();
    let there = "(SELECT id FROM requests WHERE cohort = (SELECT id FROM cohorts WHERE code = '2026-x'))";
    execute(&p, &format!("UPDATE offers SET request = {there}"));
    assert_eq!(of_cohort(cohort).len(), 0);
    assert_eq!(of_cohort(other.id).len(), 1);
}
