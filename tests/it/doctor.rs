//! What the doctor finds when somebody has written past the services.

use chrono::Duration;
use coachnet::services::doctor::{self, Invariant};

use crate::support::programme::Programme;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(every_planted_fault_is_found);

/// A pair that works together (e0, c0), one broken off (e1, c1), and a coachee whom one coach has
/// declined and another is asked (e2: c0, c2). Then one fault after the other, each undone before the next.
fn every_planted_fault_is_found(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 3, 3);
    p.pair(0, 0);
    let broken_off = p.pair(1, 1);
    p.pass(Duration::days(1));
    p.end(&broken_off).unwrap();
    p.decline(&p.choose(2, &[0]).unwrap()).unwrap();
    p.pass(Duration::minutes(1));
    p.choose(2, &[2]).unwrap();
    p.must_be_well();
    let found = |p: &Programme| -> Vec<Invariant> {
        let findings = doctor::check(&p.store, p.now()).unwrap();
        findings.into_iter().map(|finding| finding.invariant).collect()
    };
    let person = |code: &str| format!("(SELECT id FROM persons WHERE code = '{code}')");
    let (e0, e2, c0, c1, c2) = (person("e0"), person("e2"), person("c0"), person("c1"), person("c2"));
    let province = "province = (SELECT regencies.province FROM regencies WHERE code = regency)";
    let cohort = "cohort = (SELECT cohort FROM requests WHERE requests.id = request)";
    let faults = [
        (Invariant::Places, "coach_profiles", "held = held + 1", "held = held - 1", format!("person = {c0}")),
        (Invariant::Places, "coach_profiles", "held = 0", "held = 1", format!("person = {c2}")),
        (Invariant::Audited, "requests", "version = version + 1", "version = version - 1", format!("coachee = {e0}")),
        (Invariant::Audited, "offers", "version = version + 1", "version = version - 1", format!("coach = {c2}")),
        (Invariant::Audited, "pairings", "version = version + 1", "version = version - 1", format!("coach = {c0}")),
        (Invariant::Audited, "coach_profiles", "version = 1", "version = 0", format!("person = {c1}")),
        (
            Invariant::Audited,
            "audit",
            "subject_kind = 'x'",
            "subject_kind = 'offer'",
            "action = 'offer.pending'".into(),
        ),
        (Invariant::States, "requests", "status = 'closed'", "status = 'matched'", format!("coachee = {e0}")),
        (Invariant::States, "requests", "status = 'withdrawn'", "status = 'open'", format!("coachee = {e2}")),
        (Invariant::States, "requests", "agency = 'KEM-01'", "agency = 'PROV-91'", format!("coachee = {e0}")),
        (Invariant::States, "offers", "cohort = NULL", cohort, format!("coach = {c1}")),
        (Invariant::States, "pairings", "agency = NULL", "agency = 'PROV-91'", "status = 'active'".into()),
        (Invariant::States, "pairings", "quiet_since = NULL", "quiet_since = started_at", "status = 'active'".into()),
        (Invariant::States, "coach_profiles", "province = NULL", province, format!("person = {c0}")),
        (Invariant::States, "offers", "status = 'expired'", "status = 'accepted'", format!("coach = {c1}")),
        (Invariant::States, "pairings", &format!("coach = {c2}"), &format!("coach = {c0}"), "status = 'active'".into()),
        (
            Invariant::NotAgain,
            "offers",
            &format!("coach = {c0}"),
            &format!("coach = {c2}"),
            "status = 'pending'".into(),
        ),
        (
            Invariant::Time,
            "pairings",
            "started_at = ended_at, ended_at = started_at",
            "started_at = ended_at, ended_at = started_at",
            "status = 'ended'".into(),
        ),
    ];
    for (invariant, table, fault, cure, which) in &faults {
        p.tamper(&format!("UPDATE {table} SET {fault} WHERE {which}"));
        assert!(found(&p).contains(invariant), "{table}: {fault}");
        p.tamper(&format!("UPDATE {table} SET {cure} WHERE {which}"));
        assert_eq!(found(&p), [], "{table}: {cure}");
    }
    p.pass(Duration::days(3) + Duration::minutes(1));
    assert_eq!(found(&p), [Invariant::NothingStuck]);
    assert_eq!(p.expire(), 1);
    p.must_be_well();
}
