//! What admins and auditors were shown of others is in the log: which list or thing, through which filters, how many; and no word
//! of what was there.

use std::collections::BTreeSet;

use coachnet::domain::Role;
use coachnet::services::disclosures::ACTION;
use coachnet::services::sessions;
use coachnet::store::audit::{self, Logged};
use serde_json::{Value, json};

use crate::matrix::ROWS;
use crate::support::meetings::{at, rules, wish};
use crate::support::programme::Programme;
use crate::support::site::{coachee_code, fill};
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(what_admins_are_shown_is_noted, own_things_are_not_noted);

/// What can be read by admins or auditors and shows nothing of others: words and places, what everybody who is signed in is
/// shown, results that have codes instead of people, figures, and what is the reader's own.
const SHOWS_NOBODY: &[&str] = &[
    "/healthz",
    "/readyz",
    "/",
    "/jobs",
    "/api/v1/jobs",
    "/api/v1/competencies",
    "/api/v1/regions",
    "/api/v1/coaches",
    "/api/v1/coaches/{code}",
    "/api/v1/coaches/{code}/room",
    "/api/v1/cohorts",
    "/api/v1/cohorts/{code}",
    "/api/v1/runs",
    "/api/v1/runs/{id}",
    "/api/v1/runs/{id}/comparison/{other}",
    "/api/v1/runs/{id}/plan",
    "/api/v1/pairings/{id}/slots",
    "/api/v1/sessions/{id}/notes/{which}",
    "/api/v1/sessions/{id}/feedback",
    "/api/v1/pairings/{id}/work",
    "/api/v1/coaches/{code}/offer",
    "/api/v1/coaches/{code}/hours",
    "/api/v1/holidays",
    "/api/v1/credit-rules",
    "/api/v1/certificates/check/{code}",
    "/calendar/{secret}.ics",
    "/api/v1/me",
    "/api/v1/me/sessions",
    "/api/v1/me/mail-preferences",
    "/api/v1/me/devices",
    "/api/v1/me/pairings",
    "/api/v1/me/data",
    "/api/v1/me/data/readable",
    "/api/v1/me/data/consents",
    "/api/v1/me/data/requests",
    "/api/v1/monitoring/funnel",
    "/api/v1/monitoring/demand",
    "/api/v1/monitoring/recruiting",
    "/api/v1/monitoring/times",
    "/api/v1/monitoring/declines",
    "/api/v1/monitoring/cross-agency",
    "/api/v1/monitoring/gaps",
];

fn shown(world: &World) -> Vec<Logged> {
    let log = world.store.read(|db| audit::newest(db, None, 500)).unwrap();
    log.into_iter().filter(|entry| entry.action == ACTION).collect()
}

fn what_admins_are_shown_is_noted(db: &TestDb) {
    let world = World::new(db);
    let run = fill(&world.store);
    let programme = Programme::beside(&world.store, 2, 2, 2);
    let pairing = programme.pair(0, 0);
    let meeting = wish(at(12, 1, 1));
    let meet = |db: &mut _| sessions::propose(db, &programme.as_coach(0), &rules(), pairing.id, &meeting);
    let session = programme.store.write(meet).unwrap().id;
    let offer = programme.choose(1, &[1]).unwrap();
    let account = world.account("admin@contoh.test", Role::NationalAdmin);
    let admin = world.visitor(account, true);
    let applicant = json!({ "email": "ani@contoh.test", "name": "Ani", "language": "id", "source": "pkn_1", "batch": 3,
        "year": 2020, "certificate_number": "PKN1/3", "agency": "KEM-01", "regency": "31.71", "motivation": "Ingin berbagi." });
    let applied = world.stranger("203.0.113.4").post("/coach-applications", &applicant);
    assert_eq!(applied.status, 202, "{}", applied.body);
    let confirmation = json!({ "token": world.secret_of("coach_application"), "password": "pasar pagi 3 ekor ayam" });
    let application = world.stranger("203.0.113.4").post("/coach-applications/confirm", &confirmation).json();
    let application = application["id"].as_str().unwrap().to_owned();
    let request = programme.request(1).id.to_string();
    let open = programme.store.read(|db| {
        let filter = coachnet::store::requests::Filter {
            status: Some(coachnet::domain::RequestStatus::Open),
            ..coachnet::store::requests::Filter::default()
        };
        coachnet::store::requests::list(db, &filter, None, 10)
    });
    let open = open.unwrap()[0].id.to_string();
    // Route, address, what is noted: list, one thing or how many, filters.
    let looks: Vec<(&str, String, &str, Option<String>, Value)> = vec![
        (
            "/api/v1/requests",
            "/requests?cohort=2026-c&status=matched".into(),
            "requests",
            None,
            json!({ "filters": ["cohort", "status"], "count": 1 }),
        ),
        (
            "/api/v1/requests/{id}",
            format!("/requests/{request}"),
            "requests",
            Some(request.clone()),
            json!({ "filters": [], "count": 1 }),
        ),
        (
            "/api/v1/requests/{id}/shortlist",
            format!("/requests/{open}/shortlist"),
            "shortlists",
            Some(open),
            Value::Null,
        ),
        ("/api/v1/offers", "/offers?limit=1".into(), "offers", None, json!({ "filters": [], "count": 1 })),
        (
            "/api/v1/offers/{id}",
            format!("/offers/{}", offer.id),
            "offers",
            Some(offer.id.to_string()),
            json!({ "filters": [], "count": 1 }),
        ),
        ("/api/v1/pairings", "/pairings".into(), "pairings", None, json!({ "filters": [], "count": 1 })),
        (
            "/api/v1/pairings/{id}",
            format!("/pairings/{}", pairing.id),
            "pairings",
            Some(pairing.id.to_string()),
            json!({ "filters": [], "count": 1 }),
        ),
        (
            "/api/v1/coach-applications",
            "/coach-applications?status=pending".into(),
            "coach_applications",
            None,
            json!({ "filters": ["status"], "count": 1 }),
        ),
        (
            "/api/v1/coach-applications/{id}",
            format!("/coach-applications/{application}"),
            "coach_applications",
            Some(application),
            json!({ "filters": [], "count": 1 }),
        ),
        (
            "/api/v1/sign-up-claims",
            "/sign-up-claims".into(),
            "sign_up_claims",
            None,
            json!({ "filters": [], "count": 0 }),
        ),
        (
            "/api/v1/accounts",
            "/accounts?role=national_admin".into(),
            "accounts",
            None,
            json!({ "filters": ["role"], "count": 1 }),
        ),
        ("/api/v1/invitations", "/invitations".into(), "invitations", None, json!({ "filters": [], "count": 0 })),
        ("/api/v1/mails", "/mails?limit=1".into(), "mails", None, json!({ "filters": [], "count": 0 })),
        ("/api/v1/monitoring/stuck", "/monitoring/stuck".into(), "stuck", None, Value::Null),
        ("/api/v1/monitoring/coaches", "/monitoring/coaches?cohort=2026-c".into(), "coach_load", None, Value::Null),
        (
            "/api/v1/exports/{list}.{format}",
            "/exports/pairings.csv?cohort=2026-c".into(),
            "exports.pairings",
            None,
            json!({ "filters": ["cohort"], "count": 1 }),
        ),
        (
            "/api/v1/pairings/{id}/sessions",
            format!("/pairings/{}/sessions", pairing.id),
            "sessions",
            Some(pairing.id.to_string()),
            json!({ "filters": [], "count": 1 }),
        ),
        (
            "/api/v1/sessions/{id}",
            format!("/sessions/{session}"),
            "sessions",
            Some(session.to_string()),
            json!({ "filters": [], "count": 1 }),
        ),
        (
            "/api/v1/pairings/{id}/outcome",
            format!("/pairings/{}/outcome", pairing.id),
            "outcomes",
            Some(pairing.id.to_string()),
            json!({ "filters": [], "count": 1 }),
        ),
        (
            "/api/v1/requests/{id}/ranking",
            format!("/requests/{request}/ranking"),
            "rankings",
            Some(request.clone()),
            json!({ "filters": [], "count": 1 }),
        ),
        ("/api/v1/data-requests", "/data-requests".into(), "data_requests", None, json!({ "filters": [], "count": 0 })),
        (
            "/api/v1/runs/{id}/pairs",
            format!("/runs/{run}/pairs?province=91&limit=1"),
            "run_pairs",
            Some(run.to_string()),
            json!({ "filters": ["province"], "count": 1 }),
        ),
        (
            "/api/v1/runs/{id}/pairs/{coachee}",
            format!("/runs/{run}/pairs/{}", coachee_code(1)),
            "run_pair",
            Some(world.person(&coachee_code(1)).to_string()),
            json!({ "filters": [], "count": 1 }),
        ),
        (
            "/api/v1/runs/{id}/waiting",
            format!("/runs/{run}/waiting?limit=2"),
            "run_waiting",
            Some(run.to_string()),
            json!({ "filters": [], "count": 2 }),
        ),
        (
            "/api/v1/audit",
            "/audit?kind=offer&limit=1".into(),
            "audit",
            None,
            json!({ "filters": ["kind"], "count": 1 }),
        ),
    ];
    for (route, address, list, subject, facts) in &looks {
        let before = shown(&world).len();
        let answer = admin.get(address);
        assert_eq!(answer.status, 200, "{route}: {}", answer.body);
        let after = shown(&world);
        assert_eq!(after.len(), before + 1, "{route} is noted once");
        let entry = &after[0];
        assert_eq!(
            (entry.actor.as_str(), entry.subject_kind.as_str()),
            (account.to_string().as_str(), *list),
            "{route}"
        );
        let found = entry.subject.filter(|id| !id.is_nil()).map(|id| id.to_string());
        assert_eq!(found, *subject, "{route}");
        let noted: Value = entry.changes.read().unwrap();
        if facts.is_null() {
            assert!(noted["count"].is_number(), "{route}: {noted}");
        } else {
            assert_eq!(noted, *facts, "{route}");
        }
    }
    programme.must_be_well();
    // The page of a run shows its pairs.
    let before = shown(&world).len();
    let page = world.browser(account, true, "203.0.113.8").page(&format!("/runs/{run}?province=91&lang=en"));
    assert!(page.contains(&coachee_code(3)), "{page}");
    let after = shown(&world);
    assert_eq!((after.len(), after[0].subject_kind.as_str()), (before + 1, "run_pairs"));
    // A certificate is printed of a pairing that is completed: noted in the same way.
    let noted_elsewhere = ["/api/v1/certificates/{id}.pdf"];
    // Nothing is forgotten: every route that an admin or auditor may read is one of these, or shows nobody.
    let noted: BTreeSet<&str> = looks.iter().map(|(route, ..)| *route).collect();
    for (method, path, row) in ROWS {
        let by_admin = row.as_bytes()[3..=5].contains(&b'+');
        if method == "GET" && by_admin {
            assert!(
                (noted.contains(path) || noted_elsewhere.contains(&path)) != SHOWS_NOBODY.contains(&path),
                "{path}: noted, or shows nobody?"
            );
        }
    }
}

fn own_things_are_not_noted(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let offer = programme.choose(0, &[0]).unwrap();
    let sees = |email: &str, role, person, path: String| {
        let account = world.account_of(email, &[(role, None)], Some(person));
        let visitor: Visitor = world.visitor(account, false);
        assert_eq!(visitor.get(&path).status, 200, "{path}");
    };
    sees("e@contoh.test", Role::Coachee, programme.coachees[0], format!("/requests/{}", offer.request));
    sees("c@contoh.test", Role::Coach, programme.coaches[0], format!("/offers/{}", offer.id));
    assert!(shown(&world).is_empty());
}
