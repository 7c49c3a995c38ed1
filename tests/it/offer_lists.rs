//! Lists of offers for whoever runs the programme, by cohort, coach, agency, province and state; and as files.

use coachnet::domain::Role;

use crate::support::programme::Programme;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(offers_are_found_by_what_they_are_about);

/// Whose offers a list has, in order.
fn coachees(admin: &Visitor, query: &str) -> Vec<String> {
    let answer = admin.get(&format!("/offers?{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let found = answer.json()["items"].as_array().unwrap().clone();
    let mut codes: Vec<String> =
        found.iter().map(|one| one["request"]["coachee"]["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    let file = admin.get(&format!("/exports/offers.csv?{query}"));
    assert_eq!((file.status, file.body.lines().count()), (200, 1 + codes.len()), "the file has the same: {query}");
    codes
}

fn offers_are_found_by_what_they_are_about(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 3, 2, 3);
    for (coachee, coach) in [(0, 0), (1, 1), (2, 0)] {
        programme.choose(coachee, &[coach]).unwrap();
    }
    programme.accept(&programme.pending(1)[0]).unwrap();
    programme.tamper(
        "UPDATE coachee_profiles SET agency = 'KEM-01', regency = '31.71' \
         WHERE person = (SELECT id FROM persons WHERE code = 'e2')",
    );
    let account = |email: &str, role, agency| world.visitor(world.account_of(email, &[(role, agency)], None), true);
    let national = account("all@contoh.test", Role::NationalAdmin, None);
    for (query, found) in [
        ("", vec!["e0", "e1", "e2"]),
        ("cohort=2026-c", vec!["e0", "e1", "e2"]),
        ("cohort=2026-b", vec![]),
        ("cohort=nowhere", vec![]),
        ("coach=c0", vec!["e0", "e2"]),
        ("coach=c0&status=pending", vec!["e0", "e2"]),
        ("coach=c1&status=pending", vec![]),
        ("coach=nobody", vec![]),
        ("agency=KEM-01", vec!["e2"]),
        ("province=31", vec!["e2"]),
        ("province=91", vec!["e0", "e1"]),
        ("province=91&coach=c0&cohort=2026-c&agency=PROV-91&status=pending", vec!["e0"]),
    ] {
        assert_eq!(coachees(&national, query), found, "{query}");
    }
    let agency = account("own@contoh.test", Role::AgencyAdmin, Some("PROV-91"));
    for (query, found) in [
        ("", vec!["e0", "e1"]),
        ("agency=PROV-91", vec!["e0", "e1"]),
        ("agency=KEM-01", vec![]),
        ("province=31", vec![]),
        ("coach=c0", vec!["e0"]),
    ] {
        assert_eq!(coachees(&agency, query), found, "to one agency: {query}");
    }
    assert_eq!(national.get(&format!("/offers?agency={}", "x".repeat(65))).status, 422);
}
