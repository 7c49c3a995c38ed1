//! The authorisation matrix: every route of the contract by every kind of caller. A route without a row,
//! and a row without a route, fail.

use std::collections::{BTreeMap, BTreeSet};

use coachnet::domain::Role;
use serde_json::{Value, json};

use crate::support::contents::{columns_of, contents};
use crate::support::site::Answer;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(every_route_by_every_caller);

/// Callers, in the order of the columns: nobody, each role, and each role that asks for a one-time code without one.
const CALLERS: [(&str, Option<Role>, bool); 9] = [
    ("anonymous", None, false),
    ("coachee", Some(Role::Coachee), false),
    ("coach", Some(Role::Coach), false),
    ("agency admin", Some(Role::AgencyAdmin), true),
    ("national admin", Some(Role::NationalAdmin), true),
    ("auditor", Some(Role::Auditor), true),
    ("agency admin without code", Some(Role::AgencyAdmin), false),
    ("national admin without code", Some(Role::NationalAdmin), false),
    ("auditor without code", Some(Role::Auditor), false),
];

/// `+` is let in, `-` is not signed in (401), `x` may not (403).
const ALL: &str = "+++++++++";
const SIGNED_IN: &str = "-++++++++";
const ADMINS: &str = "-xx++xxxx";
const RESULTS: &str = "-xx+++xxx";
const NATIONAL: &str = "-xxx+xxxx";
const OVERSEERS: &str = "-xxx++xxx";
/// Who watches the programme: both kinds of admins, and auditors.
const WATCHERS: &str = RESULTS;
const COACHEES: &str = "-+xxxxxxx";
const COACHES: &str = "-x+xxxxxx";
/// The coach of the row is the one of the column; the admin is of another agency.
const OWN_COACH: &str = "-x+x+xxxx";

#[rustfmt::skip]
pub const ROWS: [(&str, &str, &str); 168] = [
    ("GET", "/healthz", ALL),
    ("GET", "/readyz", ALL),
    ("GET", "/api/v1/competencies", ALL),
    ("GET", "/api/v1/regions", ALL),
    ("GET", "/api/v1/coaches", SIGNED_IN),
    ("GET", "/api/v1/coaches/{code}", SIGNED_IN),
    ("GET", "/api/v1/runs", RESULTS),
    ("GET", "/api/v1/runs/{id}", RESULTS),
    ("GET", "/api/v1/runs/{id}/pairs", RESULTS),
    ("GET", "/api/v1/runs/{id}/pairs/{coachee}", RESULTS),
    ("GET", "/api/v1/runs/{id}/waiting", RESULTS),
    ("POST", "/api/v1/sign_ins", ALL),
    ("POST", "/api/v1/sign_ins/code", ALL),
    ("POST", "/api/v1/sign_ins/refresh", ALL),
    ("DELETE", "/api/v1/sign_ins/current", SIGNED_IN),
    ("GET", "/api/v1/me", SIGNED_IN),
    ("PATCH", "/api/v1/me", SIGNED_IN),
    ("POST", "/api/v1/me/password", SIGNED_IN),
    ("POST", "/api/v1/me/email-changes", SIGNED_IN),
    ("GET", "/api/v1/me/devices", SIGNED_IN),
    ("DELETE", "/api/v1/me/devices/{id}", SIGNED_IN),
    ("POST", "/api/v1/me/totp", SIGNED_IN),
    ("POST", "/api/v1/me/totp/confirm", SIGNED_IN),
    ("POST", "/api/v1/me/totp/disable", SIGNED_IN),
    ("POST", "/api/v1/me/totp/recovery-codes", SIGNED_IN),
    ("POST", "/api/v1/password-resets", ALL),
    ("POST", "/api/v1/password-resets/confirm", ALL),
    ("POST", "/api/v1/email-changes/confirm", ALL),
    ("POST", "/api/v1/sign-ups", ALL),
    ("POST", "/api/v1/sign-ups/confirm", ALL),
    ("GET", "/api/v1/accounts", NATIONAL),
    ("POST", "/api/v1/accounts/{id}/roles", NATIONAL),
    ("DELETE", "/api/v1/accounts/{id}/roles/{role}", NATIONAL),
    ("POST", "/api/v1/accounts/{id}/disable", NATIONAL),
    ("POST", "/api/v1/accounts/{id}/enable", NATIONAL),
    ("POST", "/api/v1/accounts/{id}/totp-reset", NATIONAL),
    ("POST", "/api/v1/me/coach-applications", SIGNED_IN),
    ("POST", "/api/v1/invitations", ADMINS),
    ("GET", "/api/v1/invitations", ADMINS),
    ("DELETE", "/api/v1/invitations/{id}", ADMINS),
    ("POST", "/api/v1/invitations/accept", ALL),
    ("POST", "/api/v1/coach-applications", ALL),
    ("POST", "/api/v1/coach-applications/confirm", ALL),
    ("GET", "/api/v1/coach-applications", ADMINS),
    ("GET", "/api/v1/coach-applications/{id}", ADMINS),
    ("POST", "/api/v1/coach-applications/{id}/verify", ADMINS),
    ("POST", "/api/v1/coach-applications/{id}/reject", ADMINS),
    ("GET", "/api/v1/sign-up-claims", ADMINS),
    ("POST", "/api/v1/sign-up-claims/{id}/confirm", ADMINS),
    ("POST", "/api/v1/sign-up-claims/{id}/refuse", ADMINS),
    ("GET", "/api/v1/audit", OVERSEERS),
    ("GET", "/api/v1/cohorts", SIGNED_IN),
    ("GET", "/api/v1/me/profile", COACHEES),
    ("GET", "/api/v1/me/requests", COACHEES),
    ("GET", "/api/v1/requests", WATCHERS),
    ("POST", "/api/v1/requests", SIGNED_IN),
    ("GET", "/api/v1/requests/{id}", SIGNED_IN),
    ("POST", "/api/v1/requests/{id}/choices", COACHEES),
    ("POST", "/api/v1/requests/{id}/withdraw", SIGNED_IN),
    ("POST", "/api/v1/requests/{id}/questions", SIGNED_IN),
    ("POST", "/api/v1/requests/{id}/offers", ADMINS),
    ("POST", "/api/v1/questions/{id}/answer", SIGNED_IN),
    ("GET", "/api/v1/me/offers", COACHES),
    ("GET", "/api/v1/offers", WATCHERS),
    ("GET", "/api/v1/offers/{id}", SIGNED_IN),
    ("POST", "/api/v1/offers/{id}/confirm", COACHEES),
    ("POST", "/api/v1/offers/{id}/accept", COACHES),
    ("POST", "/api/v1/offers/{id}/decline", SIGNED_IN),
    ("POST", "/api/v1/offers/{id}/withdraw", SIGNED_IN),
    ("GET", "/api/v1/me/pairings", SIGNED_IN),
    ("GET", "/api/v1/pairings", WATCHERS),
    ("GET", "/api/v1/pairings/{id}", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/agreement", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/complete", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/evaluations", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/end", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/rematch", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/reassign", ADMINS),
    // Of somebody else, so that only admins of all pass; who else may is tried with things that are there.
    ("GET", "/api/v1/coaches/{code}/room", OWN_COACH),
    ("POST", "/api/v1/coaches/{code}/pause", OWN_COACH),
    ("POST", "/api/v1/coaches/{code}/resume", OWN_COACH),
    ("POST", "/api/v1/coaches/{code}/capacity", SIGNED_IN),
    ("POST", "/api/v1/cohorts", ADMINS),
    ("GET", "/api/v1/cohorts/{code}", SIGNED_IN),
    // An agency's admin passes where the cohort is for the agency alone, which is tried with cohorts that are there.
    ("PATCH", "/api/v1/cohorts/{code}", ADMINS),
    ("POST", "/api/v1/runs", ADMINS),
    ("POST", "/api/v1/runs/{id}/publish", ADMINS),
    ("POST", "/api/v1/runs/{id}/discard", ADMINS),
    ("GET", "/api/v1/runs/{id}/comparison/{other}", RESULTS),
    ("GET", "/api/v1/runs/{id}/plan", RESULTS),
    ("POST", "/api/v1/cohorts/{code}/ranking", NATIONAL),
    ("GET", "/api/v1/cohorts/{code}/wishes", COACHES),
    ("POST", "/api/v1/cohorts/{code}/wishes", COACHES),
    ("GET", "/api/v1/requests/{id}/ranking", SIGNED_IN),
    ("POST", "/api/v1/requests/{id}/ranking", COACHEES),
    ("GET", "/api/v1/requests/{id}/shortlist", SIGNED_IN),
    ("GET", "/api/v1/monitoring/funnel", WATCHERS),
    ("GET", "/api/v1/monitoring/stuck", WATCHERS),
    ("GET", "/api/v1/monitoring/coaches", WATCHERS),
    ("GET", "/api/v1/monitoring/demand", WATCHERS),
    ("GET", "/api/v1/monitoring/recruiting", WATCHERS),
    ("GET", "/api/v1/monitoring/times", WATCHERS),
    ("GET", "/api/v1/monitoring/declines", WATCHERS),
    ("GET", "/api/v1/monitoring/cross-agency", WATCHERS),
    ("GET", "/api/v1/monitoring/gaps", WATCHERS),
    ("GET", "/api/v1/exports/{list}.{format}", WATCHERS),
    ("GET", "/api/v1/jobs", OVERSEERS),
    ("GET", "/api/v1/mails", NATIONAL),
    ("POST", "/api/v1/mails/{id}/retry", NATIONAL),
    ("POST", "/api/v1/mails/{id}/dismiss", NATIONAL),
    ("GET", "/api/v1/pairings/{id}/sessions", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/sessions", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/sessions/plan", SIGNED_IN),
    ("GET", "/api/v1/pairings/{id}/slots", SIGNED_IN),
    ("GET", "/api/v1/me/sessions", SIGNED_IN),
    ("GET", "/api/v1/sessions/{id}", SIGNED_IN),
    ("POST", "/api/v1/sessions/{id}/confirm", SIGNED_IN),
    ("POST", "/api/v1/sessions/{id}/reschedule", SIGNED_IN),
    ("POST", "/api/v1/sessions/{id}/cancel", SIGNED_IN),
    ("POST", "/api/v1/sessions/{id}/attendance", SIGNED_IN),
    ("GET", "/api/v1/sessions/{id}/notes/{which}", SIGNED_IN),
    ("PUT", "/api/v1/sessions/{id}/notes/{which}", SIGNED_IN),
    ("DELETE", "/api/v1/sessions/{id}/notes/{which}", SIGNED_IN),
    ("GET", "/api/v1/sessions/{id}/feedback", SIGNED_IN),
    ("POST", "/api/v1/sessions/{id}/feedback", SIGNED_IN),
    ("GET", "/api/v1/pairings/{id}/work", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/goals", SIGNED_IN),
    ("PUT", "/api/v1/goals/{id}", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/action_items", SIGNED_IN),
    ("PUT", "/api/v1/action_items/{id}", SIGNED_IN),
    ("POST", "/api/v1/pairings/{id}/resources", SIGNED_IN),
    ("DELETE", "/api/v1/pairings/{id}/resources/{resource}", SIGNED_IN),
    ("GET", "/api/v1/coaches/{code}/offer", OWN_COACH),
    ("PUT", "/api/v1/coaches/{code}/offer", SIGNED_IN),
    ("GET", "/api/v1/coaches/{code}/hours", OWN_COACH),
    ("PUT", "/api/v1/coaches/{code}/hours", COACHES),
    ("POST", "/api/v1/coaches/{code}/hours/exceptions", COACHES),
    ("DELETE", "/api/v1/coaches/{code}/hours/exceptions/{id}", COACHES),
    ("GET", "/api/v1/holidays", SIGNED_IN),
    ("PUT", "/api/v1/holidays/{day}", NATIONAL),
    ("GET", "/api/v1/me/mail-preferences", SIGNED_IN),
    ("PUT", "/api/v1/me/mail-preferences", SIGNED_IN),
    ("POST", "/api/v1/me/calendar-feed", SIGNED_IN),
    ("DELETE", "/api/v1/me/calendar-feed", SIGNED_IN),
    // The secret in the address is the permission.
    ("GET", "/calendar/{secret}.ics", ALL),
    ("GET", "/api/v1/me/credit", COACHEES),
    ("GET", "/api/v1/credit-rules", SIGNED_IN),
    ("PUT", "/api/v1/credit-rules/{day}", NATIONAL),
    ("DELETE", "/api/v1/credit-rules/{day}", NATIONAL),
    ("GET", "/api/v1/me/certificates", COACHEES),
    ("GET", "/api/v1/certificates/{id}.pdf", SIGNED_IN),
    ("POST", "/api/v1/certificates/{id}/withdraw", ADMINS),
    ("GET", "/api/v1/certificates/check/{code}", ALL),
    ("POST", "/api/v1/me/assessments", COACHEES),
    ("GET", "/api/v1/me/assessments", COACHEES),
    // Only the superior may, which is tried with people who are there; here nobody comes so far.
    ("POST", "/api/v1/coachees/{code}/assessments", SIGNED_IN),
    ("GET", "/api/v1/pairings/{id}/outcome", SIGNED_IN),
    ("GET", "/api/v1/me/data", SIGNED_IN),
    ("GET", "/api/v1/me/data/readable", SIGNED_IN),
    ("GET", "/api/v1/me/data/consents", SIGNED_IN),
    ("POST", "/api/v1/me/data/consents", SIGNED_IN),
    ("GET", "/api/v1/me/data/requests", SIGNED_IN),
    ("POST", "/api/v1/me/data/corrections", SIGNED_IN),
    ("POST", "/api/v1/me/data/erasure", SIGNED_IN),
    ("DELETE", "/api/v1/me/data/erasure", SIGNED_IN),
    ("GET", "/api/v1/data-requests", NATIONAL),
    ("POST", "/api/v1/data-requests/{id}/answer", NATIONAL),
    ("POST", "/api/v1/data-requests/{id}/erase", NATIONAL),
];

/// The routes of the contract. Pages have a table of their own.
fn routes() -> Vec<(String, String)> {
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    let paths = contract["paths"].as_object().expect("paths").clone();
    let of_contract = paths.into_iter().flat_map(|(path, item)| {
        let methods =
            item.as_object().expect("operations").keys().map(|method| method.to_uppercase()).collect::<Vec<_>>();
        methods.into_iter().map(move |method| (method, path.clone()))
    });
    of_contract.collect()
}

#[test]
fn every_route_has_a_row() {
    let table: BTreeMap<_, _> =
        ROWS.iter().map(|(method, path, row)| ((method.to_string(), path.to_string()), row)).collect();
    assert_eq!(table.len(), ROWS.len(), "a route stands twice");
    let routes = routes();
    let without: Vec<_> = routes.iter().filter(|route| !table.contains_key(route)).collect();
    assert!(without.is_empty(), "routes without a row: {without:?}");
    let gone: Vec<_> = table.keys().filter(|row| !routes.contains(row)).collect();
    assert!(gone.is_empty(), "rows without a route: {gone:?}");
}

/// The scopes that the contract names are those of the table.
#[test]
fn the_contract_names_who_may_call() {
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    for (method, path, row) in ROWS.iter().filter(|(_, path, _)| path.starts_with("/api")) {
        let scopes = &contract["paths"][path][method.to_lowercase()]["security"];
        let expected = match *row {
            ALL => Value::Null,
            SIGNED_IN | OWN_COACH => json!([{ "bearer": [] }]),
            COACHEES => json!([{ "bearer": ["coachee"] }]),
            OVERSEERS => json!([{ "bearer": ["national_admin", "auditor"] }]),
            NATIONAL => json!([{ "bearer": ["national_admin"] }]),
            COACHES => json!([{ "bearer": ["coach"] }]),
            ADMINS => json!([{ "bearer": ["national_admin", "agency_admin"] }]),
            _ => json!([{ "bearer": ["national_admin", "agency_admin", "auditor"] }]),
        };
        assert_eq!(*scopes, expected, "{method} {path}");
    }
}

/// Each column of each table as the one field of each body: what is not documented is refused by name.
#[test]
fn no_body_takes_a_column_that_is_not_documented() {
    let db = TestDb::sqlite();
    let world = World::new(&db);
    let roles = [(Role::NationalAdmin, None), (Role::Coachee, None), (Role::Coach, None)];
    let account = world.account_of("admin@contoh.test", &roles, Some(world.person("P-1")));
    let admin = world.visitor(account, true);
    let contract = serde_json::to_value(coachnet::api::document()).expect("JSON");
    let columns: BTreeSet<String> = contents(&db).keys().flat_map(|table| columns_of(&db, table)).collect();
    assert!(columns.len() > 150 && columns.contains("password_hash"), "{columns:?}");
    let mut bodies = 0;
    for (method, path, _) in ROWS.iter().filter(|(method, ..)| ["POST", "PUT", "PATCH"].contains(method)) {
        let body = &contract["paths"][path][method.to_lowercase()]["requestBody"]["content"]["application/json"];
        let Some(name) = body["schema"]["$ref"].as_str() else { continue };
        let name = name.rsplit('/').next().expect("a name");
        let known = contract["components"]["schemas"][name]["properties"].as_object().expect("fields");
        bodies += 1;
        for column in columns.iter().filter(|column| !known.contains_key(*column)) {
            let path = path.trim_start_matches("/api/v1").replace("{id}", "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69");
            let path = path.replace("{code}", "C-1").replace("{which}", "shared").replace("{day}", "2026-12-24");
            let answer = admin.clone().with("if-match", "\"1\"").ask(method, &path, Some(&json!({ column: 1 })));
            let error = &answer.json()["errors"][0];
            assert_eq!((answer.status, &error["pointer"]), (422, &json!(format!("#/{column}"))), "{method} {path}");
            assert_eq!(error["detail"], "Isian ini tidak dikenal.", "{method} {path} {column}");
        }
    }
    assert!(bodies > 15);
}

fn every_route_by_every_caller(db: &TestDb) {
    let world = World::new(db);
    let accounts: Vec<_> = CALLERS
        .iter()
        .enumerate()
        .map(|(at, (_, role, _))| {
            let agency = role.filter(|role| *role == Role::AgencyAdmin).map(|_| "PROV-91");
            let person = role.and_then(|role| match role {
                Role::Coachee => Some("P-1"),
                Role::Coach => Some("C-1"),
                _ => None,
            });
            let person = person.map(|code| world.person(code));
            role.map(|role| world.account_of(&format!("caller{at}@contoh.test"), &[(role, agency)], person))
        })
        .collect();
    for (method, path, row) in ROWS {
        for (at, ((name, _, second_factor), expected)) in CALLERS.iter().zip(row.chars()).enumerate() {
            // A device of its own for each cell: some sign it out. An address of its own: some are limited.
            let from = format!("203.0.{at}.{}", path.len());
            let visitor = match accounts[at] {
                Some(account) => Visitor { from, ..world.visitor(account, *second_factor) },
                None => world.stranger(&from),
            };
            let status = call(&world, &visitor, method, path).status;
            let found = match status {
                401 => '-',
                403 => 'x',
                _ => '+',
            };
            assert!(status < 500, "{method} {path} by {name}: {status}");
            assert_eq!(found, expected, "{method} {path} by {name}: {status}");
        }
    }
}

/// With an empty body, so that no 401 is about what is in it.
pub fn call(world: &World, visitor: &Visitor, method: &str, path: &str) -> Answer {
    let path = path
        .replace("{id}", "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")
        .replace("{other}", "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a68")
        .replace("{code}", "C-1")
        .replace("{coachee}", "P-1")
        .replace("{which}", "shared")
        .replace("{resource}", "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a67")
        .replace("{day}", "2026-12-24")
        .replace("{role}", "auditor")
        .replace("{secret}", "x")
        .replace("{token}", "x")
        .replace("{list}.{format}", "requests.csv");
    let token = format!("Bearer {}", visitor.token.as_deref().unwrap_or_default());
    let mut headers = vec![("x-forwarded-for", visitor.from.as_str())];
    if visitor.token.is_some() {
        headers.push(("authorization", token.as_str()));
    }
    let body = if ["POST", "PUT", "PATCH"].contains(&method) { "{}" } else { "" };
    headers.extend(visitor.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    if !body.is_empty() {
        headers.push(("content-type", "application/json"));
        if !headers.iter().any(|(name, _)| *name == "if-match") {
            headers.push(("if-match", "\"1\""));
        }
    }
    world.site.send(method, &path, &headers, body)
}
