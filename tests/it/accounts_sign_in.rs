//! Signing in and out over HTTP, on both engines: passwords, one-time codes, refresh tokens, devices.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use coachnet::auth::code_at;
use coachnet::domain::Role;
use coachnet::services::accounts;
use coachnet::store::StoreError;
use serde_json::{Value, json};

use crate::support::site::{Answer, Site};
use crate::support::world::{PASSWORD, Visitor, World, settings};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_coachee_signs_in_and_sees_their_account,
    wrong_and_unknown_are_the_same,
    an_admin_gives_a_one_time_code,
    codes_are_turned_on_and_off,
    refresh_tokens_follow_each_other,
    parallel_refreshes_leave_one_device,
    who_signs_out_is_refused_everywhere,
    a_closed_account_is_refused,
    a_role_that_was_taken_away_is_refused,
    devices_are_listed_and_signed_out,
    an_account_is_changed_as_it_was_seen,
    a_password_is_changed,
);

fn tokens(answer: &Answer) -> (String, String) {
    assert!([200, 201].contains(&answer.status), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    let text = |name: &str| body[name].as_str().expect("a token").to_owned();
    (text("access_token"), text("refresh_token"))
}

fn refresh(visitor: &Visitor, token: &str) -> Answer {
    visitor.post("/sign_ins/refresh", &json!({ "refresh_token": token }))
}

fn kind(answer: &Answer) -> String {
    answer.json()["type"].as_str().unwrap_or_default().trim_start_matches("urn:coachnet:problem:").to_owned()
}

fn with_token<'a>(visitor: &Visitor<'a>, token: &str) -> Visitor<'a> {
    Visitor { token: Some(token.to_owned()), ..visitor.clone() }
}

fn a_coachee_signs_in_and_sees_their_account(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let stranger = world.stranger("203.0.113.1");
    assert_eq!(stranger.get("/me").status, 401);
    assert!(stranger.get("/me").header("www-authenticate").starts_with("Bearer"));
    let answer = stranger.signs_in(" Budi@Contoh.TEST ", PASSWORD);
    assert_eq!(answer.status, 201);
    let me = with_token(&stranger, &tokens(&answer).0).get("/me");
    assert_eq!(me.status, 200, "{}", me.body);
    let body = me.json();
    assert_eq!((&body["email"], &body["person"]), (&json!("budi@contoh.test"), &json!("P-1")));
    assert_eq!(body["roles"], json!([{ "role": "coachee" }]));
    assert!(!me.body.contains("argon2"));
}

fn wrong_and_unknown_are_the_same(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let gone = world.account_of("gone@contoh.test", &[], None);
    accounts::disable(&world.store, &"gone@contoh.test".parse().unwrap(), "test", world.hands.stamp()).unwrap();
    let answers = [
        world.stranger("203.0.113.1").signs_in("budi@contoh.test", "not the right one"),
        world.stranger("203.0.113.2").signs_in("nobody@contoh.test", "not the right one"),
        world.stranger("203.0.113.3").signs_in("no address", "not the right one"),
        world.stranger("203.0.113.4").signs_in("gone@contoh.test", PASSWORD),
    ];
    for answer in &answers {
        assert_eq!((answer.status, kind(answer).as_str()), (401, "wrong-credentials"));
        let without_id = |answer: &Answer| {
            let mut body = answer.json();
            body.as_object_mut().unwrap().remove("instance");
            body
        };
        assert_eq!(without_id(answer), without_id(&answers[0]));
        let names = |answer: &Answer| answer.headers.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        assert_eq!(names(answer), names(&answers[0]));
    }
    // No device, right or wrong.
    assert!(world.store.read(|db| coachnet::store::sign_ins::live(db, gone, world.hands.stamp())).unwrap().is_empty());
}

fn an_admin_gives_a_one_time_code(db: &TestDb) {
    let world = World::new(db);
    let (_, secret) = world.admin("admin@contoh.test");
    let code = || code_at(&secret, world.hands.now()).unwrap();
    let visitor = world.stranger("203.0.113.1");
    let ticket = || {
        let answer = visitor.signs_in("admin@contoh.test", PASSWORD);
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.json()["ticket"].as_str().unwrap().to_owned()
    };
    let with_code =
        |ticket: &str, code: &str| visitor.post("/sign_ins/code", &json!({ "ticket": ticket, "code": code }));

    let first = ticket();
    let wrong = with_code(&first, "000000");
    assert_eq!((wrong.status, kind(&wrong).as_str()), (401, "wrong-code"));
    let right = code();
    let (access, _) = tokens(&with_code(&first, &right));
    assert_eq!(with_token(&visitor, &access).get("/invitations").status, 200);
    assert_eq!(with_code(&first, &right).status, 410, "a ticket counts once");
    assert_eq!(kind(&with_code(&ticket(), &right)), "wrong-code", "a code counts once");
    world.hands.turn(TimeDelta::seconds(30));
    assert_eq!(with_code(&ticket(), &code()).status, 201);

    let late = ticket();
    world.hands.turn(TimeDelta::minutes(5));
    assert_eq!(with_code(&late, &code()).status, 410, "five minutes are over");

    // A code that is guessed.
    world.hands.turn(TimeDelta::minutes(15));
    let guessed = ticket();
    let answers: Vec<u16> = (0..12).map(|n| with_code(&guessed, &format!("{n:06}")).status).collect();
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 5, "{answers:?}");
    assert_eq!(answers.last(), Some(&429));
}

fn codes_are_turned_on_and_off(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let auditor = world.account_of("audit@contoh.test", &[(Role::Auditor, None)], None);
    let visitor = world.visitor(account, false);
    assert_eq!(visitor.post("/me/totp", &json!({ "password": "wrong one here" })).status, 401);
    let confirm = |code: &str| visitor.post("/me/totp/confirm", &json!({ "code": code }));
    assert_eq!(kind(&confirm("123456")), "second-factor-off");
    let enrolled = visitor.post("/me/totp", &json!({ "password": PASSWORD })).json();
    assert!(enrolled["uri"].as_str().unwrap().starts_with("otpauth://totp/"));
    let secret = base32(enrolled["secret"].as_str().unwrap());
    let code = || code_at(&secret, world.hands.now()).unwrap();
    assert_eq!(kind(&confirm("000000")), "wrong-code");
    assert_eq!(world.stranger("203.0.113.1").signs_in("budi@contoh.test", PASSWORD).status, 201, "not on yet");

    let recovery: Vec<String> = serde_json::from_value(confirm(&code()).json()["recovery_codes"].clone()).unwrap();
    assert_eq!(recovery.len(), 10);
    assert_eq!(visitor.get("/me").json()["recovery_codes_left"], 10);
    let stored = world.store.read(|db| coachnet::store::accounts::get(db, account)).unwrap().totp_secret.unwrap();
    assert!(stored.starts_with("test:") && !stored.contains(enrolled["secret"].as_str().unwrap()), "sealed: {stored}");
    assert_eq!(kind(&visitor.post("/me/totp", &json!({ "password": PASSWORD }))), "second-factor-on");

    let ticket = world.stranger("203.0.113.1").signs_in("budi@contoh.test", PASSWORD).json()["ticket"].clone();
    let by_recovery = json!({ "ticket": ticket, "code": recovery[0].to_uppercase() });
    assert_eq!(world.stranger("203.0.113.1").post("/sign_ins/code", &by_recovery).status, 201);
    assert_eq!(visitor.get("/me").json()["recovery_codes_left"], 9);
    let both = |code: &str| json!({ "password": PASSWORD, "code": code });
    assert_eq!(
        kind(&visitor.post("/me/totp/disable", &both(&recovery[0]))),
        "wrong-code",
        "a recovery code counts once"
    );
    world.hands.turn(TimeDelta::seconds(60));
    assert_eq!(visitor.post("/me/totp/recovery-codes", &both(&code())).status, 200);
    assert_eq!(kind(&visitor.post("/me/totp/disable", &both(&recovery[1]))), "wrong-code", "old codes are gone");
    world.hands.turn(TimeDelta::seconds(60));
    assert_eq!(visitor.post("/me/totp/disable", &both(&code())).status, 204);
    assert_eq!(visitor.get("/me").json()["one_time_codes"], false);

    let auditor = world.visitor(auditor, true);
    assert_eq!(kind(&auditor.post("/me/totp/disable", &both("123456"))), "second-factor-required");
}

/// After a rotation the next right code brings the secret under the new key.
#[test]
fn a_secret_moves_to_the_new_key() {
    const OLD: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let db = TestDb::sqlite();
    let world = World::new(&db);
    let (admin, secret) = world.admin("admin@contoh.test");
    let old_token = world.visitor(admin, true);
    let rotated = Site::serve_by(world.hands.clock(), db.another_store(), |config| {
        settings(config);
        config.secrets.keys = vec![NEW.into(), OLD.into()];
    });
    let visitor = world.stranger("203.0.113.1").at(&rotated);
    assert_eq!(old_token.at(&rotated).get("/me").status, 200, "tokens of the old key are good until they end");
    let ticket = visitor.signs_in("admin@contoh.test", PASSWORD).json()["ticket"].clone();
    let code = code_at(&secret, world.hands.now()).unwrap();
    let new_token = tokens(&visitor.post("/sign_ins/code", &json!({ "ticket": ticket, "code": code }))).0;
    let stored = world.store.read(|db| coachnet::store::accounts::get(db, admin)).unwrap().totp_secret.unwrap();
    assert!(stored.starts_with("new:"), "{stored}");
    assert_eq!(with_token(&world.stranger("203.0.113.1"), &new_token).get("/me").status, 401, "without the new key");
}

/// What an authenticator does with the text of a secret.
fn base32(text: &str) -> Vec<u8> {
    let bits: String =
        text.bytes().map(|c| format!("{:05b}", if c >= b'A' { c - b'A' } else { c - b'2' + 26 })).collect();
    (0..bits.len() / 8).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap()).collect()
}

fn refresh_tokens_follow_each_other(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let visitor = world.stranger("203.0.113.1");
    let (_, first) = tokens(&visitor.signs_in("budi@contoh.test", PASSWORD));
    let (access, second) = tokens(&refresh(&visitor, &first));
    assert_ne!(first, second);
    world.hands.turn(TimeDelta::seconds(10));
    assert_eq!(tokens(&refresh(&visitor, &first)).1, second, "the same answer for ten seconds");
    let (_, third) = tokens(&refresh(&visitor, &second));
    world.hands.turn(TimeDelta::seconds(10));
    let stolen = refresh(&visitor, &first);
    assert_eq!((stolen.status, kind(&stolen).as_str()), (401, "unauthorized"));
    assert_eq!(refresh(&visitor, &third).status, 401, "the device is signed out");
    assert_eq!(with_token(&visitor, &access).get("/me").status, 401);
    assert_eq!(refresh(&visitor, "nonsense").status, 401);

    let (_, idle) = tokens(&visitor.signs_in("budi@contoh.test", PASSWORD));
    world.hands.turn(TimeDelta::days(29));
    let (_, used) = tokens(&refresh(&visitor, &idle));
    world.hands.turn(TimeDelta::days(29));
    let (access, last) = tokens(&refresh(&visitor, &used));
    world.hands.turn(TimeDelta::minutes(10));
    assert_eq!(with_token(&visitor, &access).get("/me").status, 401, "ten minutes are over");
    world.hands.turn(TimeDelta::days(30));
    assert_eq!(refresh(&visitor, &last).status, 401, "not used for 30 days");
}

fn parallel_refreshes_leave_one_device(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let visitor = world.stranger("203.0.113.1");
    let (_, first) = tokens(&visitor.signs_in("budi@contoh.test", PASSWORD));
    let answers: Vec<(String, String)> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4).map(|_| scope.spawn(|| tokens(&refresh(&visitor, &first)))).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer.1 == answers[0].1));
    let live = world.store.read(|db| coachnet::store::sign_ins::live(db, account, world.hands.stamp())).unwrap();
    assert_eq!(live.len(), 1);
    assert_eq!(refresh(&visitor, &answers[0].1).status, 200);
}

fn who_signs_out_is_refused_everywhere(db: &TestDb) {
    let world = World::new(db);
    let other = world.another_site(db);
    let visitor = world.visitor(world.account("budi@contoh.test", Role::Coachee), false);
    assert_eq!((visitor.get("/me").status, visitor.at(&other).get("/me").status), (200, 200));
    assert_eq!(visitor.delete("/sign_ins/current").status, 204);
    assert_eq!(visitor.get("/me").status, 401, "at once where it happened");
    world.hands.turn(TimeDelta::seconds(5));
    assert_eq!(visitor.at(&other).get("/me").status, 401, "within five seconds everywhere");
}

fn a_closed_account_is_refused(db: &TestDb) {
    let world = World::new(db);
    let stranger = world.stranger("203.0.113.1");
    world.account("budi@contoh.test", Role::Coachee);
    let (access, token) = tokens(&stranger.signs_in("budi@contoh.test", PASSWORD));
    let visitor = with_token(&stranger, &access);
    assert_eq!(visitor.get("/me").status, 200);
    accounts::disable(&world.store, &"budi@contoh.test".parse().unwrap(), "test", world.hands.stamp()).unwrap();
    world.hands.turn(TimeDelta::seconds(5));
    assert_eq!(visitor.get("/me").status, 401);
    assert_eq!(refresh(&stranger, &token).status, 401);
    assert_eq!(stranger.signs_in("budi@contoh.test", PASSWORD).status, 401);
}

fn a_role_that_was_taken_away_is_refused(db: &TestDb) {
    let world = World::new(db);
    let admin = world.account("admin@contoh.test", Role::NationalAdmin);
    assert_eq!(kind(&world.visitor(admin, false).get("/invitations")), "second-factor-needed");
    let visitor = world.visitor(admin, true);
    assert_eq!(visitor.get("/invitations").status, 200);
    let taken: Result<bool, StoreError> =
        world.store.write(|db| coachnet::store::accounts::withdraw_role(db, admin, Role::NationalAdmin));
    assert!(taken.unwrap());
    world.hands.turn(TimeDelta::seconds(5));
    let answer = visitor.get("/invitations");
    assert_eq!((answer.status, kind(&answer).as_str()), (403, "forbidden"));
    assert_eq!(visitor.get("/me").status, 200);
}

fn devices_are_listed_and_signed_out(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let other = world.visitor(world.account_of("ani@contoh.test", &[], None), false);
    let (phone, laptop) = (world.visitor(account, false), world.visitor(account, false));
    let items = phone.get("/me/devices").json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    let elsewhere: Vec<&Value> = items.iter().filter(|one| one["current"] == false).collect();
    assert_eq!(elsewhere.len(), 1);
    let path = format!("/me/devices/{}", elsewhere[0]["id"].as_str().unwrap());
    assert_eq!(other.delete(&path).status, 404, "of somebody else");
    assert_eq!(phone.delete("/me/devices/none").status, 404);
    assert_eq!(phone.delete(&path).status, 204);
    assert_eq!(phone.delete(&path).status, 404);
    assert_eq!((phone.get("/me").status, laptop.get("/me").status), (200, 401));
}

fn an_account_is_changed_as_it_was_seen(db: &TestDb) {
    let world = World::new(db);
    let visitor = world.visitor(world.account("budi@contoh.test", Role::Coachee), false);
    let tag = visitor.get("/me").header("etag").to_owned();
    let seen = |tag: &str| visitor.clone().with("if-match", tag);
    let wish = json!({ "name": "Budi Baru", "language": "en" });
    let missing = visitor.patch("/me", &wish);
    assert_eq!((missing.status, kind(&missing).as_str()), (428, "precondition-required"));
    let changed = seen(&tag).patch("/me", &wish);
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!((&changed.json()["name"], &changed.json()["language"]), (&json!("Budi Baru"), &json!("en")));
    assert_ne!(changed.header("etag"), tag);
    let stale = seen(&tag).patch("/me", &json!({ "name": "Budi Lama" }));
    assert_eq!((stale.status, kind(&stale).as_str()), (412, "stale"));
    assert_eq!(visitor.get("/me").json()["name"], "Budi Baru");

    let tag = visitor.get("/me").header("etag").to_owned();
    for (body, pointer) in [
        (json!({ "email": "x@y.id" }), "#/email"),
        (json!({ "version": 7 }), "#/version"),
        (json!({ "status": "active" }), "#/status"),
        (json!({ "password_hash": "x" }), "#/password_hash"),
        (json!({ "roles": [] }), "#/roles"),
        (json!({ "person": null }), "#/person"),
        (json!({ "name": "" }), "#/name"),
        (json!({ "name": 7 }), "#/name"),
        (json!({ "language": "fr" }), "#/language"),
    ] {
        let answer = seen(&tag).patch("/me", &body);
        assert_eq!(answer.status, 422, "{body}: {}", answer.body);
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
    }
    assert_eq!(visitor.get("/me").header("etag"), tag, "nothing was changed by them");
    let raw = |kind: &str, body: &str| {
        let token = format!("Bearer {}", visitor.token.clone().unwrap());
        let headers = [("authorization", token.as_str()), ("if-match", tag.as_str()), ("content-type", kind)];
        world.site.send("PATCH", "/api/v1/me", &headers, body).status
    };
    assert_eq!(raw("text/plain", "{}"), 415);
    assert_eq!(raw("application/json", "{\"name\""), 400);
    assert_eq!(raw("application/json; charset=utf-8", "{\"name\":\"Budi\"}"), 200);
    assert_eq!(raw("application/json", &format!("{{\"name\":\"{}\"}}", "x".repeat(70_000))), 413);
}

fn a_password_is_changed(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let (phone, laptop) = (world.visitor(account, false), world.visitor(account, false));
    let change = |current: &str, new: &str| {
        phone.post("/me/password", &json!({ "current_password": current, "new_password": new }))
    };
    assert_eq!(kind(&change("wrong one here", "pasar pagi 3 ekor ayam")), "wrong-credentials");
    for bad in ["short", "password123456", "orang-contoh-77"] {
        assert_eq!(change(PASSWORD, bad).json()["errors"][0]["pointer"], "#/new_password", "{bad}");
    }
    assert_eq!(change(PASSWORD, "pasar pagi 3 ekor ayam").status, 204);
    assert_eq!((phone.get("/me").status, laptop.get("/me").status), (200, 401), "other devices are signed out");
    assert_eq!(world.mails()[0].kind, "password_changed");
    assert_eq!(world.stranger("203.0.113.1").signs_in("budi@contoh.test", PASSWORD).status, 401);
    assert_eq!(world.stranger("203.0.113.1").signs_in("budi@contoh.test", "pasar pagi 3 ekor ayam").status, 201);
}
