//! Whose it is decides: every route about one thing, asked about a thing that is there, by its owner, the other side,
//! people it does not concern, and admins of the own, another and of all agencies. A route without a row fails.
//!
//! What stands in the way of an act (a version that nobody saw, a state) is asked after the permission, so that nearly
//! all rows leave everything as it was.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use coachnet::domain::{CertificateCode, MailKind, Role};
use coachnet::matching::watch::Watch;
use coachnet::services::runs;
use serde_json::{Value, json};

use crate::matrix::ROWS;
use crate::support::post::queue;
use crate::support::programme::Programme;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(whose_it_is_decides_on_every_route);

/// Callers, in the order of the columns. Things are those of the coachee e0 of `PROV-91` and the coach c0 of `KEM-01`.
const CALLERS: [&str; 9] = [
    "anonymous",
    "the coachee",
    "the coach",
    "another coachee",
    "another coach",
    "the admin of the coachee's agency",
    "the admin of another agency",
    "an admin of all",
    "an auditor",
];

/// Routes about one thing, in the order in which they are tried. `+` may, `-` is not signed in (401), `x` may not (403),
/// `o` is not told that it is there (404). The last is what is sent; `{…}` stands for things of the world.
#[rustfmt::skip]
const TRIES: &[(&str, &str, &str, &str)] = &[
    ("GET", "/api/v1/coaches/{code}", "-++++++++", ""),
    // A request that waits, with an offer to a coach.
    ("GET", "/api/v1/requests/{id}", "-+xxx+x+x", ""),
    ("GET", "/api/v1/requests/{id}/shortlist", "-+xxx+x+x", ""),
    ("GET", "/api/v1/requests/{id}/ranking", "-+xxx+x+x", ""),
    ("POST", "/api/v1/requests/{id}/ranking", "-+xxxxxxx", r#"{"coaches": ["c0"]}"#),
    ("POST", "/api/v1/requests/{id}/questions", "-+xxxxxxx", r#"{"coach": "c0", "question": "Kapan?"}"#),
    ("POST", "/api/v1/questions/{id}/answer", "-xxx+xxxx", r#"{"answer": "Besok"}"#),
    ("POST", "/api/v1/requests/{id}/choices", "-+xxxxxxx", r#"{"coaches": ["c1"]}"#),
    ("POST", "/api/v1/requests/{id}/offers", "-xxxx+x+x", r#"{"coach": "c0"}"#),
    ("POST", "/api/v1/requests/{id}/withdraw", "-+xxx+x+x", "{}"),
    ("GET", "/api/v1/offers/{id}", "-+xx++x+x", ""),
    ("POST", "/api/v1/offers/{id}/confirm", "-+xxxxxxx", "{}"),
    ("POST", "/api/v1/offers/{id}/accept", "-xxx+xxxx", "{}"),
    ("POST", "/api/v1/offers/{id}/decline", "-xxx+xxxx", r#"{"reason": "other"}"#),
    ("POST", "/api/v1/offers/{id}/withdraw", "-+xxx+x+x", "{}"),
    // A pairing, its sessions and its work.
    ("GET", "/api/v1/pairings/{id}", "-++xx+x+x", ""),
    ("POST", "/api/v1/pairings/{id}/agreement", "-++xxxxxx", r#"{"goals": "x", "sessions": 6, "confidential": true}"#),
    ("POST", "/api/v1/pairings/{id}/complete", "-++xxxxxx", r#"{"rating": 5}"#),
    ("POST", "/api/v1/pairings/{id}/evaluations", "-++xxxxxx", r#"{"rating": 5}"#),
    ("POST", "/api/v1/pairings/{id}/end", "-++xx+x+x", r#"{"reason": "other"}"#),
    ("POST", "/api/v1/pairings/{id}/rematch", "-+xxx+x+x", "{}"),
    ("POST", "/api/v1/pairings/{id}/reassign", "-xxxx+x+x", r#"{"coach": "c1"}"#),
    ("GET", "/api/v1/pairings/{id}/sessions", "-++xx+x+x", ""),
    ("POST", "/api/v1/pairings/{id}/sessions", "-++xxxxxx", r#"{"starts_at": "2027-03-01T02:00:00Z", "anyway": true}"#),
    ("POST", "/api/v1/pairings/{id}/sessions/plan", "-++xxxxxx", r#"{"sessions": 1}"#),
    ("GET", "/api/v1/pairings/{id}/slots", "-++xxxxxx", ""),
    ("GET", "/api/v1/pairings/{id}/work", "-++xxxxxx", ""),
    ("GET", "/api/v1/pairings/{id}/outcome", "-++xx+x+x", ""),
    ("POST", "/api/v1/pairings/{id}/goals", "-++xxxxxx", r#"{"goal": "x"}"#),
    ("PUT", "/api/v1/goals/{id}", "-++xxxxxx", r#"{"goal": "x", "status": "open"}"#),
    ("POST", "/api/v1/pairings/{id}/action_items", "-++xxxxxx", r#"{"owner": "coach", "what": "x"}"#),
    ("PUT", "/api/v1/action_items/{id}", "-++xxxxxx", r#"{"owner": "coach", "what": "x", "done": true}"#),
    ("POST", "/api/v1/pairings/{id}/resources", "-++xxxxxx", r#"{"title": "x", "url": "https://pustaka.contoh.test/x"}"#),
    ("DELETE", "/api/v1/pairings/{id}/resources/{resource}", "-+oxxxxxx", ""),
    ("GET", "/api/v1/sessions/{id}", "-++xx+x+x", ""),
    ("POST", "/api/v1/sessions/{id}/reschedule", "-++xxxxxx", r#"{"starts_at": "2027-03-01T02:00:00Z", "anyway": true}"#),
    ("POST", "/api/v1/sessions/{id}/confirm", "-x+xxxxxx", "{}"),
    ("POST", "/api/v1/sessions/{id}/attendance", "-++xxxxxx", r#"{"attendance": "held"}"#),
    ("PUT", "/api/v1/sessions/{id}/notes/{which}", "-++xxxxxx", r#"{"text": "x"}"#),
    ("GET", "/api/v1/sessions/{id}/notes/{which}", "-++xxxxxx", ""),
    ("DELETE", "/api/v1/sessions/{id}/notes/{which}", "-++xxxxxx", ""),
    ("GET", "/api/v1/sessions/{id}/feedback", "-++xxxxxx", ""),
    ("POST", "/api/v1/sessions/{id}/feedback", "-++xxxxxx", r#"{"progress": 4, "preparation": 4, "trust": 4}"#),
    ("POST", "/api/v1/sessions/{id}/cancel", "-++xx+x+x", "{}"),
    ("GET", "/api/v1/certificates/{id}.pdf", "-+xxx+x+x", ""),
    ("POST", "/api/v1/certificates/{id}/withdraw", "-xxxx+x+x", r#"{"reason": "Keliru"}"#),
    ("GET", "/api/v1/certificates/check/{code}", "+++++++++", ""),
    // What a coach offers.
    ("GET", "/api/v1/coaches/{code}/room", "-x+xxxx+x", ""),
    ("POST", "/api/v1/coaches/{code}/pause", "-x+xxxx+x", "{}"),
    ("POST", "/api/v1/coaches/{code}/resume", "-x+xxxx+x", "{}"),
    ("POST", "/api/v1/coaches/{code}/capacity", "-x+xxxx+x", r#"{"capacity": 3}"#),
    ("GET", "/api/v1/coaches/{code}/offer", "-x+xxxx+x", ""),
    ("PUT", "/api/v1/coaches/{code}/offer", "-x+xxxx+x", r#"{"strengths": [], "modes": ["online"], "languages": ["id"], "regions_served": [], "conflicts": []}"#),
    ("GET", "/api/v1/coaches/{code}/hours", "-x+xxxx+x", ""),
    ("PUT", "/api/v1/coaches/{code}/hours", "-x+xxxxxx", r#"{"weekly": []}"#),
    ("POST", "/api/v1/coaches/{code}/hours/exceptions", "-x+xxxxxx", r#"{"first_day": "2026-12-24"}"#),
    ("DELETE", "/api/v1/coaches/{code}/hours/exceptions/{id}", "-x+xxxxxx", ""),
    ("POST", "/api/v1/coachees/{code}/assessments", "-xx+xxxxx", r#"{"levels": {"M.01": 3}}"#),
    // Runs and cohorts.
    ("GET", "/api/v1/runs/{id}", "-xxxx+o++", ""),
    ("GET", "/api/v1/runs/{id}/pairs", "-xxxx+o++", ""),
    ("GET", "/api/v1/runs/{id}/pairs/{coachee}", "-xxxx+o++", ""),
    ("GET", "/api/v1/runs/{id}/waiting", "-xxxx+o++", ""),
    ("GET", "/api/v1/runs/{id}/plan", "-xxxx+o++", ""),
    ("GET", "/api/v1/runs/{id}/comparison/{other}", "-xxxx+o++", ""),
    ("POST", "/api/v1/runs/{id}/publish", "-xxxx+x+x", r#"{"coachees": ["e2"]}"#),
    ("POST", "/api/v1/runs/{id}/discard", "-xxxx+x+x", "{}"),
    ("GET", "/api/v1/cohorts/{code}", "-++++++++", ""),
    ("PATCH", "/api/v1/cohorts/{code}", "-xxxx+x+x", r#"{"name": "Angkatan"}"#),
    ("POST", "/api/v1/cohorts/{code}/ranking", "-xxxxxx+x", r#"{"opens_on": "2026-12-02", "closes_on": "2026-12-01"}"#),
    ("GET", "/api/v1/cohorts/{code}/wishes", "-x+x+xxxx", ""),
    ("POST", "/api/v1/cohorts/{code}/wishes", "-x+x+xxxx", r#"{"coachees": []}"#),
    // Accounts, and what is asked of the programme.
    ("GET", "/api/v1/coach-applications/{id}", "-xxxx+o+x", ""),
    ("POST", "/api/v1/coach-applications/{id}/verify", "-xxxx+o+x", r#"{"coach": "nobody"}"#),
    ("POST", "/api/v1/coach-applications/{id}/reject", "-xxxx+o+x", r#"{"reason": "Belum cukup"}"#),
    ("DELETE", "/api/v1/invitations/{id}", "-xxxx+o+x", ""),
    ("POST", "/api/v1/mails/{id}/retry", "-xxxxxx+x", r#"{"address": "no address"}"#),
    ("POST", "/api/v1/mails/{id}/dismiss", "-xxxxxx+x", "{}"),
    ("POST", "/api/v1/sign-up-claims/{id}/confirm", "-xxxx+o+x", "{}"),
    ("POST", "/api/v1/sign-up-claims/{id}/refuse", "-xxxx+o+x", "{}"),
    ("POST", "/api/v1/accounts/{id}/roles", "-xxxxxx+x", r#"{"role": "auditor"}"#),
    ("DELETE", "/api/v1/accounts/{id}/roles/{role}", "-xxxxxx+x", ""),
    ("POST", "/api/v1/accounts/{id}/totp-reset", "-xxxxxx+x", "{}"),
    ("POST", "/api/v1/accounts/{id}/disable", "-xxxxxx+x", "{}"),
    ("POST", "/api/v1/accounts/{id}/enable", "-xxxxxx+x", "{}"),
    ("POST", "/api/v1/data-requests/{id}/answer", "-xxxxxx+x", r#"{"answer": "Sudah"}"#),
    ("POST", "/api/v1/data-requests/{id}/erase", "-xxxxxxox", "{}"),
    ("GET", "/api/v1/exports/{list}.{format}", "-xxxx++++", ""),
    ("PUT", "/api/v1/holidays/{day}", "-xxxxxx+x", r#"{"kind": "national", "name_id": "x", "name_en": "x"}"#),
    ("PUT", "/api/v1/credit-rules/{day}", "-xxxxxx+x", r#"{"jp_per_session": 2, "sessions_per_month": 2, "yearly_target": 20, "source": "x"}"#),
    ("DELETE", "/api/v1/credit-rules/{day}", "-xxxxxx+x", ""),
    ("GET", "/calendar/{secret}.ics", "+++++++++", ""),
    // Signs the coachee out.
    ("DELETE", "/api/v1/me/devices/{id}", "-+ooooooo", ""),
];

/// Where the programme is told that it has not seen the present state before it is told that it may not.
const VERSION_FIRST: [&str; 4] = [
    "/api/v1/sessions/{id}/confirm",
    "/api/v1/sessions/{id}/reschedule",
    "/api/v1/sessions/{id}/cancel",
    "/api/v1/sessions/{id}/attendance",
];

#[test]
fn every_route_about_one_thing_is_tried() {
    let tried: BTreeSet<(&str, &str)> = TRIES.iter().map(|(method, path, ..)| (*method, *path)).collect();
    assert_eq!(tried.len(), TRIES.len(), "a route stands twice");
    let about_one: BTreeSet<(&str, &str)> =
        ROWS.iter().map(|(method, path, _)| (*method, *path)).filter(|(_, path)| path.contains('{')).collect();
    assert_eq!(about_one.difference(&tried).collect::<Vec<_>>(), Vec::<&(&str, &str)>::new(), "not tried");
    assert_eq!(tried.difference(&about_one).collect::<Vec<_>>(), Vec::<&(&str, &str)>::new(), "no such route");
}

fn done(answer: crate::support::site::Answer) -> Value {
    assert!(answer.status < 300, "{}: {}", answer.status, answer.body);
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

fn id(answer: crate::support::site::Answer) -> String {
    let body = answer.body.clone();
    done(answer)["id"].as_str().unwrap_or_else(|| panic!("no id in {body}")).to_owned()
}

/// One of each thing, by the part of the address that names its kind.
struct Things {
    ids: BTreeMap<&'static str, String>,
}

impl Things {
    fn address(&self, path: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        for part in path.trim_start_matches("/api/v1").split('/') {
            let kind = parts.iter().rev().find(|part| self.ids.contains_key(part.as_str())).cloned();
            let of_kind = || kind.and_then(|kind| self.ids.get(kind.as_str())).cloned();
            parts.push(match part {
                "{id}" => of_kind().unwrap_or_else(|| panic!("there is nothing for {path}")),
                "{id}.pdf" => format!("{}.pdf", self.ids["certificates"]),
                "{code}" if parts.last().is_some_and(|part| part == "check") => "AAAA-BBBB".into(),
                "{code}" => match parts[1].as_str() {
                    "coaches" => "c0".into(),
                    "coachees" => "e0".into(),
                    _ => "2026-c".into(),
                },
                "{coachee}" => "e0".into(),
                "{other}" => self.ids["runs"].clone(),
                "{which}" => "shared".into(),
                "{role}" => "auditor".into(),
                "{resource}" => self.ids["resources"].clone(),
                "{day}" => "2026-12-24".into(),
                "{list}.{format}" => "requests.csv".into(),
                "{secret}.ics" => self.ids["calendar"].clone(),
                other => other.into(),
            });
        }
        parts.join("/")
    }
}

/// The people, and what there is of each kind.
struct Stage<'a> {
    world: &'a World,
    visitors: Vec<Visitor<'a>>,
}

impl<'a> Stage<'a> {
    fn new(world: &'a World) -> (Self, Programme) {
        let programme = Programme::beside(&world.store, 3, 2, 3);
        let person =
            |email: &str, role, person| world.visitor(world.account_of(email, &[(role, None)], Some(person)), false);
        let admin = |email: &str, role, agency| world.visitor(world.account_of(email, &[(role, agency)], None), true);
        let visitors = vec![
            world.stranger("203.0.113.9"),
            person("e0@contoh.test", Role::Coachee, programme.coachees[0]),
            person("c0@contoh.test", Role::Coach, programme.coaches[0]),
            person("e1@contoh.test", Role::Coachee, programme.coachees[1]),
            person("c1@contoh.test", Role::Coach, programme.coaches[1]),
            admin("own@contoh.test", Role::AgencyAdmin, Some("PROV-91")),
            admin("other@contoh.test", Role::AgencyAdmin, Some("KEM-02")),
            admin("all@contoh.test", Role::NationalAdmin, None),
            admin("auditor@contoh.test", Role::Auditor, None),
        ];
        (Self { world, visitors }, programme)
    }

    fn things(&self, programme: &Programme) -> Things {
        let (coachee, coach, own, national) =
            (&self.visitors[1], &self.visitors[2], &self.visitors[5], &self.visitors[7]);
        let mut ids = BTreeMap::new();

        // The cohort is for the agency alone.
        let seen = national.get("/cohorts/2026-c").header("etag").to_owned();
        let changes = national.clone().with("if-match", &seen);
        done(changes.patch("/cohorts/2026-c", &json!({ "agencies": ["PROV-91"] })));
        let run = id(national.post("/runs", &json!({ "cohort": "2026-c" })));
        runs::compute(&self.world.store, run.parse().unwrap(), "test", Watch::NOBODY).unwrap();
        ids.insert("runs", run);

        // The first request became a pairing; the second, of a rematch, waits with an offer to the same coach's side.
        let first = programme.request(0).id.to_string();
        let offer = id(coachee.post(&format!("/requests/{first}/choices"), &json!({ "coaches": ["c0"] })));
        let pairing = id(coach.post(&format!("/offers/{offer}/accept"), &json!({})));
        let terms = json!({ "goals": "x", "sessions": 6, "confidential": true });
        done(coachee.post(&format!("/pairings/{pairing}/agreement"), &terms));
        done(coach.post(&format!("/pairings/{pairing}/agreement"), &terms));
        ids.insert("goals", id(coachee.post(&format!("/pairings/{pairing}/goals"), &json!({ "goal": "x" }))));
        let item = json!({ "owner": "coach", "what": "x" });
        ids.insert("action_items", id(coachee.post(&format!("/pairings/{pairing}/action_items"), &item)));
        let resource = json!({ "title": "x", "url": "https://pustaka.contoh.test/x" });
        ids.insert("resources", id(coachee.post(&format!("/pairings/{pairing}/resources"), &resource)));
        let starts_at = (self.world.hands.now() + TimeDelta::days(2)).format("%Y-%m-%dT02:00:00Z").to_string();
        let meeting = json!({ "starts_at": starts_at, "anyway": true });
        ids.insert("sessions", id(coachee.post(&format!("/pairings/{pairing}/sessions"), &meeting)));
        let note = format!("/sessions/{}/notes/shared", ids["sessions"]);
        done(coachee.put(&note, &json!({ "text": "x" })));
        let exception = json!({ "first_day": "2026-12-24" });
        let hours = done(coach.post("/coaches/c0/hours/exceptions", &exception));
        ids.insert("exceptions", hours["exceptions"][0]["id"].as_str().unwrap().to_owned());
        ids.insert("pairings", pairing);
        let code = CertificateCode::of_random([7; 12]);
        programme.tamper(&format!(
            "INSERT INTO completion_certificates (id, pairing, number, code, name, sessions, jp, first_on, last_on, \
               issued_at) SELECT id, id, 'NCN-2026-000-000-001', '{}', 'x', 6, 12, '2026-01-05', '2026-03-16', \
               started_at FROM pairings",
            code.as_str()
        ));
        ids.insert("certificates", ids["pairings"].clone());

        // Another cohort, in which the same coachee waits for the same coach.
        done(national.post("/cohorts", &json!({ "code": "2026-d", "name": "Angkatan D" })));
        let request = id(coachee.post("/requests", &json!({ "cohort": "2026-d", "focus": ["M.03"] })));
        let question = json!({ "coach": "c1", "question": "Kapan?" });
        ids.insert("questions", id(coachee.post(&format!("/requests/{request}/questions"), &question)));
        ids.insert("offers", id(coachee.post(&format!("/requests/{request}/choices"), &json!({ "coaches": ["c1"] }))));
        ids.insert("requests", request);

        let device = coachee.get("/me/devices").json();
        ids.insert("devices", device["items"][0]["id"].as_str().unwrap().to_owned());
        let invited = json!({ "email": "baru@contoh.test", "name": "Baru", "language": "id", "role": "agency_admin", "agency": "PROV-91" });
        ids.insert("invitations", id(own.post("/invitations", &invited)));
        let stranger = self.world.stranger("203.0.113.77");
        let application = json!({
            "name": "Rina Wulandari", "email": "rina@contoh.test", "language": "id", "source": "pkn_2",
            "agency": "PROV-91", "regency": "91.03", "motivation": "Berbagi pengalaman."
        });
        done(stranger.post("/coach-applications", &application));
        let token = self.world.secret_of("coach_application");
        let confirmed = json!({ "token": token, "password": "tikus kapur lemari dua" });
        done(stranger.post("/coach-applications/confirm", &confirmed));
        let applied = national.get("/coach-applications").json();
        ids.insert("coach-applications", applied["items"][0]["id"].as_str().unwrap().to_owned());
        let dead = queue(&self.world.store, MailKind::PasswordChanged, "x@contoh.test", &json!({}), programme.now());
        programme.tamper("UPDATE outbox SET status = 'dead', settled_at = created_at WHERE address = 'x@contoh.test'");
        ids.insert("mails", dead.to_string());
        let spare = self.world.account_of("cadangan@contoh.test", &[(Role::Auditor, None)], None);
        ids.insert("accounts", spare.to_string());
        programme.tamper(
            "INSERT INTO sign_up_claims (id, person, email, language, status, created_at) \
             SELECT id, id, 'e2@contoh.test', 'id', 'pending', (SELECT max(started_at) FROM pairings) \
             FROM persons WHERE code = 'e2'",
        );
        ids.insert("sign-up-claims", programme.coachees[2].to_string());
        let feed = done(coachee.post("/me/calendar-feed", &json!({})))["url"].as_str().unwrap().to_owned();
        ids.insert("calendar", feed.rsplit('/').next().unwrap().to_owned());
        programme.tamper(
            "UPDATE coachee_profiles SET superior_code = 'e1' \
             WHERE person = (SELECT id FROM persons WHERE code = 'e0')",
        );
        let wish = json!({ "wish": "Nama saya salah.", "reason": "Ejaan" });
        ids.insert("data-requests", id(coachee.post("/me/data/corrections", &wish)));
        Things { ids }
    }
}

fn whose_it_is_decides_on_every_route(db: &TestDb) {
    let world = World::new(db);
    let (stage, programme) = Stage::new(&world);
    let things = stage.things(&programme);
    let mut wrong = Vec::new();
    for (at, (method, path, expected, body)) in TRIES.iter().enumerate() {
        let address = things.address(path);
        let body: Option<Value> = (!body.is_empty()).then(|| serde_json::from_str(body).expect("JSON"));
        let found: String = stage
            .visitors
            .iter()
            .map(|visitor| {
                // Somebody saw a version that never was; an address of its own, since some things are limited.
                let visitor = Visitor { from: format!("203.0.{at}.1"), ..visitor.clone() };
                let visitor = if VERSION_FIRST.contains(path) { visitor } else { visitor.with("if-match", "\"99\"") };
                let status = match path.strip_prefix("/api/v1") {
                    Some(_) if path.ends_with(".pdf") => visitor.download(&address).0,
                    Some(_) => visitor.ask(method, &address, body.as_ref()).status,
                    None => world.site.get(&address).status,
                };
                match status {
                    401 => '-',
                    403 => 'x',
                    404 => 'o',
                    status if status < 500 => '+',
                    status => panic!("{method} {path}: {status}"),
                }
            })
            .collect();
        if found != *expected {
            wrong.push(format!("{method} {path}: found {found}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "callers: {CALLERS:?}\n{}", wrong.join("\n"));
}
