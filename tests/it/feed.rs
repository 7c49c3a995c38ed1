//! What people do about their mail and their calendar over HTTP: the way out of mail they can do without, which works
//! for mail programs and not for scanners; and a calendar at a secret address.

use chrono::TimeDelta;
use coachnet::domain::{MailClass, Role, Side};
use coachnet::services::{mail_preferences, sessions};
use coachnet::store::sessions::Session;
use serde_json::json;

use crate::calendar::parse;
use crate::support::meetings::{at, rules, wish};
use crate::support::programme::Programme;
use crate::support::site::Answer;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_calendar_has_a_secret_address,
    a_calendar_says_no_more_than_when_and_with_whom,
    one_request_without_signing_in_stops_a_kind_of_mail,
    preferences_are_set_when_signed_in,
    who_signs_in_from_a_new_place_is_told,
);

/// A pair with two sessions, one of them agreed on.
fn pair(world: &World) -> (Programme, Vec<Session>) {
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let pairing = programme.pair(0, 0);
    let act = programme.as_coachee(0);
    let propose =
        |day| world.store.write(|db| sessions::propose(db, &act, &rules(), pairing.id, &wish(at(11, day, 0)))).unwrap();
    let (first, second) = (propose(30), propose(29));
    let yes = programme.as_person(pairing.person(Side::Coach));
    world.store.write(|db| sessions::confirm(db, &yes, first.id)).unwrap();
    (programme, vec![first, second])
}

fn coachee<'a>(world: &'a World, programme: &Programme) -> Visitor<'a> {
    let account = world.account_of("e0@contoh.test", &[(Role::Coachee, None)], Some(programme.coachees[0]));
    world.visitor(account, false)
}

/// What is at the address that the API gave, without signing in.
fn fetch(world: &World, url: &str, headers: &[(&str, &str)]) -> Answer {
    let path = &url[url.find("/calendar/").expect("a path")..];
    world.site.send("GET", path, headers, "")
}

fn renew(visitor: &Visitor) -> String {
    let made = visitor.post("/me/calendar-feed", &json!({}));
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"), "{}", made.body);
    made.json()["url"].as_str().expect("an address").to_owned()
}

fn a_calendar_has_a_secret_address(db: &TestDb) {
    let world = World::with(db, |config| config.server.public_url = "https://coach.contoh.go.id".into());
    let (programme, sessions) = pair(&world);
    let visitor = coachee(&world, &programme);
    let url = renew(&visitor);
    assert!(url.starts_with("https://coach.contoh.go.id/calendar/") && url.len() > 80, "{url}");
    let read = fetch(&world, &url, &[]);
    assert_eq!(read.status, 200, "{}", read.body);
    assert!(read.header("content-type").starts_with("text/calendar"), "{:?}", read.header("content-type"));
    assert!(read.header("cache-control").contains("private"));
    let tag = read.header("etag").to_owned();
    let again = fetch(&world, &url, &[("if-none-match", &tag)]);
    assert_eq!((again.status, again.body.as_str()), (304, ""));

    let cancel = programme.as_coachee(0);
    world.store.write(|db| sessions::cancel(db, &cancel, sessions[0].id, None)).unwrap();
    let changed = fetch(&world, &url, &[("if-none-match", &tag)]);
    assert_eq!(changed.status, 200);
    assert!(!changed.body.contains(&sessions[0].id.to_string()), "what was called off is gone");

    let other = renew(&visitor);
    assert_eq!((fetch(&world, &url, &[]).status, fetch(&world, &other, &[]).status), (404, 200), "one at a time");
    assert_eq!(visitor.delete("/me/calendar-feed").status, 204);
    assert_eq!(visitor.delete("/me/calendar-feed").status, 204);
    assert_eq!(fetch(&world, &other, &[]).status, 404);
    assert_eq!(fetch(&world, "/calendar/x.ics", &[]).status, 404);
    let nobody = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    assert_eq!(nobody.post("/me/calendar-feed", &json!({})).status, 409);
}

fn a_calendar_says_no_more_than_when_and_with_whom(db: &TestDb) {
    let world = World::new(db);
    let (programme, sessions) = pair(&world);
    let visitor = coachee(&world, &programme);
    let url = renew(&visitor);
    let calendar = parse(&fetch(&world, &url, &[]).body);
    assert_eq!(calendar.value("METHOD"), "PUBLISH");
    let events = &calendar.inside;
    let ids: Vec<String> =
        events.iter().map(|event| event.value("UID").split('@').next().unwrap().to_owned()).collect();
    assert_eq!(ids, [sessions[1].id.to_string(), sessions[0].id.to_string()], "in order of time");
    let status: Vec<&str> = events.iter().map(|event| event.value("STATUS")).collect();
    assert_eq!(status, ["TENTATIVE", "CONFIRMED"]);
    assert_eq!(events[1].text("SUMMARY"), "Sesi 1: coaching dengan Coach c0");
    assert_eq!((events[1].value("DTSTART"), events[1].value("SEQUENCE")), ("20261130T000000Z", "1"));
    let names: Vec<&str> = events[1].properties.iter().map(|property| property.name.as_str()).collect();
    assert_eq!(
        names,
        ["UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "STATUS", "TRANSP", "SUMMARY", "DESCRIPTION", "URL"]
    );
    assert!(events[1].value("URL").contains(&format!("/sessions/{}", sessions[0].id)));
}

/// Whether a person gets a kind of mail.
fn refused(world: &World, programme: &Programme) -> Vec<MailClass> {
    let coachee = programme.coachees[0];
    world.store.read(|db| coachnet::store::mail_preferences::refused(db, coachee.into())).unwrap()
}

fn one_request_without_signing_in_stops_a_kind_of_mail(db: &TestDb) {
    let world = World::new(db);
    let (programme, _) = pair(&world);
    let token = mail_preferences::token(&world.auth.vault, programme.coachees[0], MailClass::Reminders).unwrap();
    let path = format!("/u/{token}");
    for method in ["GET", "HEAD", "GET"] {
        let page = world.site.send(method, &path, &[("accept-language", "en")], "");
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store"), "{method}");
        assert!(page.body.contains("<form method=\"post\"") || method == "HEAD", "{}", page.body);
        assert!(refused(&world, &programme).is_empty(), "{method} changes nothing");
    }
    // A scanner presses the button, which does nothing without the box.
    let form = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://mail.contoh.test")];
    for pressed in ["", "sure=", "List-Unsubscribe=", "List-Unsubscribe=Two-Clicks"] {
        let again = world.site.send("POST", &path, &form, pressed);
        assert_eq!(again.status, 422, "{pressed}: {}", again.body);
        assert!(again.body.contains("name=\"sure\"") && again.body.contains("sure-fault"), "{}", again.body);
        assert!(refused(&world, &programme).is_empty(), "{pressed} changes nothing");
    }
    // As mail programs do it: from anywhere, with neither cookie nor signing in.
    let in_parts = [("content-type", "multipart/form-data; boundary=b"), ("origin", "https://mail.contoh.test")];
    let parts = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (form, body) in [(form, "List-Unsubscribe=One-Click"), (in_parts, parts), (form, "sure=yes")] {
        let done = world.site.send("POST", &path, &form, body);
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(!done.body.contains("<form"), "{}", done.body);
        assert_eq!(refused(&world, &programme), [MailClass::Reminders]);
    }
    assert_eq!(programme.audited("mail_class.refused"), 1);
    for other in [format!("/u/{}B", &token[..token.len() - 1]), "/u/x".into(), format!("/u/{}", "A".repeat(66))] {
        assert_eq!(world.site.send("GET", &other, &[], "").status, 404, "{other}");
        assert_eq!(world.site.send("POST", &other, &[], "").status, 404, "{other}");
    }
}

fn preferences_are_set_when_signed_in(db: &TestDb) {
    let world = World::new(db);
    let (programme, _) = pair(&world);
    let visitor = coachee(&world, &programme);
    let all = json!({ "reminders": true, "nudges": true, "surveys": true, "digests": true });
    let seen = visitor.get("/me/mail-preferences");
    assert_eq!(seen.json(), all);
    let tag = seen.header("etag").to_owned();
    let some = json!({ "reminders": true, "nudges": false, "surveys": true, "digests": false });
    for _ in 0..2 {
        let set = visitor.ask("PUT", "/me/mail-preferences", Some(&some));
        assert_eq!((set.status, set.json()), (200, some.clone()), "{}", set.body);
    }
    assert_eq!(visitor.get("/me/mail-preferences").json(), some);
    assert_eq!(refused(&world, &programme), [MailClass::Digests, MailClass::Nudges]);
    let late = visitor.clone().with("if-match", &tag).ask("PUT", "/me/mail-preferences", Some(&all));
    assert_eq!((late.status, late.json()["type"].as_str().unwrap().ends_with("stale")), (412, true), "{}", late.body);
    assert_eq!(refused(&world, &programme), [MailClass::Digests, MailClass::Nudges]);
    let now = visitor.get("/me/mail-preferences").header("etag").to_owned();
    let fresh = visitor.clone().with("if-match", &now).ask("PUT", "/me/mail-preferences", Some(&all));
    assert_eq!((fresh.json(), fresh.header("etag")), (all.clone(), tag.as_str()));
    assert!(refused(&world, &programme).is_empty());
    let half = visitor.ask("PUT", "/me/mail-preferences", Some(&json!({ "nudges": false })));
    assert_eq!(half.status, 422, "{}", half.body);
    let nobody = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    assert_eq!(nobody.get("/me/mail-preferences").json(), all);
    assert_eq!(nobody.ask("PUT", "/me/mail-preferences", Some(&some)).json(), some, "an account has its own wishes");
    assert_eq!(nobody.get("/me/mail-preferences").json(), some);
}

fn who_signs_in_from_a_new_place_is_told(db: &TestDb) {
    use crate::support::world::PASSWORD;
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let told = || world.mails().iter().filter(|mail| mail.kind == "new_device").count();
    let signs_in = |from: &str| {
        world.hands.turn(TimeDelta::minutes(5));
        assert_eq!(world.stranger(from).signs_in("budi@contoh.test", PASSWORD).status, 201);
    };
    signs_in("203.0.113.1");
    assert_eq!(told(), 0, "the first place of all is no other place");
    signs_in("203.0.113.1");
    assert_eq!(told(), 0);
    signs_in("203.0.113.2");
    signs_in("203.0.113.2");
    assert_eq!(told(), 1);
    let mail = world.mails().into_iter().find(|mail| mail.kind == "new_device").unwrap();
    assert_eq!(mail.address.unwrap().0.to_string(), "budi@contoh.test");
}
