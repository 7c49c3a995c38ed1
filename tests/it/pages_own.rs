//! What people keep about themselves at the pages, on both engines: language, mail and calendar of an account; a
//! coach's hours and offer; a coachee's learning hours and certificates.

use coachnet::domain::Role;
use serde_json::json;

use crate::support::browser::Browser;
use crate::support::programme::Programme;
use crate::support::sessions::held;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_language_is_chosen,
    mail_that_is_not_needed_is_left_out,
    a_calendar_has_an_address,
    hours_are_written_as_people_write_them,
    days_that_differ_come_and_go,
    a_coach_says_what_they_offer,
    learning_hours_and_certificates_are_seen,
);

fn coach(world: &World) -> (Browser<'_>, Visitor<'_>) {
    let account = world.account("c1@contoh.test", Role::Coach);
    (world.browser(account, false, "203.0.113.1"), world.visitor(account, false))
}

fn a_language_is_chosen(db: &TestDb) {
    let world = World::new(db);
    let (browser, _) = coach(&world);
    let form = browser.form("/account", "/account/language");
    assert_eq!(form.field("language"), "id", "what holds is chosen");
    let changed = browser.sends(&form.clone().with(&[("language", "en")]));
    assert_eq!(changed.header("location"), "/account?done=language_set", "{}", changed.body);
    let page = browser.page("/account");
    assert!(page.contains("<html lang=\"en\">") && page.contains("My account"), "at once: {page}");
    let wrong = browser.fills("/account", "/account/language", &[("language", "xx")]);
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#language\""), "{}", wrong.body);
    let late = browser.sends(&form.with(&[("language", "id"), ("form", "0123456789abcdef0123456789abcdef")]));
    assert_eq!(late.status, 403, "a form of nobody's");
}

fn mail_that_is_not_needed_is_left_out(db: &TestDb) {
    let world = World::new(db);
    let (browser, visitor) = coach(&world);
    let form = browser.form("/account", "/account/mail");
    assert_eq!(form.fields.iter().filter(|(name, _)| name == "mail").count(), 4, "all is sent at first");
    let set = browser.sends(&form.with(&[("mail", "surveys")]));
    assert_eq!(set.header("location"), "/account?done=mail_set", "{}", set.body);
    let kept = visitor.get("/me/mail-preferences").json();
    assert_eq!(kept, json!({ "reminders": false, "nudges": false, "surveys": true, "digests": false }));
    let admin = world.browser(world.account("a@contoh.test", Role::NationalAdmin), true, "203.0.113.2");
    assert!(!admin.page("/account").contains("/account/mail"), "who is nobody in the records gets none of it");
}

fn a_calendar_has_an_address(db: &TestDb) {
    let world = World::new(db);
    let (browser, _) = coach(&world);
    let address = || {
        let made = browser.fills("/account", "/account/calendar", &[]);
        assert_eq!((made.status, made.header("cache-control")), (200, "no-store"), "{}", made.body);
        let (_, rest) = made.body.split_once("/calendar/").expect("an address");
        format!("/calendar/{}", rest.split('"').next().unwrap())
    };
    let first = address();
    assert!(browser.page(&first).starts_with("BEGIN:VCALENDAR"));
    let second = address();
    assert_eq!((browser.get(&first).status, browser.get(&second).status), (404, 200), "one holds at a time");
    let form = browser.form("/account", "/account/calendar");
    let ended = browser.post("/account/calendar/end", &form.fields);
    assert_eq!(ended.header("location"), "/account?done=calendar_ended", "{}", ended.body);
    assert_eq!(browser.get(&second).status, 404);
}

fn hours_are_written_as_people_write_them(db: &TestDb) {
    let world = World::new(db);
    let (browser, visitor) = coach(&world);
    assert!(browser.page("/hours").contains("jam kantor biasa"));
    let wrong = browser.fills("/hours", "/hours", &[("day1", "pagi"), ("day2", "8.00 – 12.00, 13.00-15.30")]);
    assert!(
        wrong.status == 422 && wrong.body.contains("href=\"#day1\"") && wrong.body.contains("value=\"pagi\""),
        "{}",
        wrong.body
    );
    assert!(wrong.body.contains("value=\"8.00 – 12.00, 13.00-15.30\""), "what was filled in stays");
    let twice = browser.fills("/hours", "/hours", &[("day1", "08.00-12.00, 11.00-13.00")]);
    assert!(twice.status == 422 && twice.body.contains("href=\"#weekly\""), "{}", twice.body);
    let set = browser.fills("/hours", "/hours", &[("day2", "8.00 – 12.00, 13.00-15.30")]);
    assert_eq!(set.header("location"), "/hours?done=hours_set", "{}", set.body);
    let kept = visitor.get("/coaches/C-1/hours").json();
    let spans = json!([{ "weekday": 2, "hours": "08:00-12:00" }, { "weekday": 2, "hours": "13:00-15:30" }]);
    assert_eq!(kept["weekly"], spans);
    assert!(browser.page("/hours").contains("value=\"08.00-12.00, 13.00-15.30\""));
    assert!(browser.page("/hours?lang=en").contains("value=\"08:00-12:00, 13:00-15:30\""));
}

fn days_that_differ_come_and_go(db: &TestDb) {
    let world = World::new(db);
    let (browser, visitor) = coach(&world);
    let add = |given: &[(&str, &str)]| browser.fills("/hours", "/hours/exceptions", given);
    for (given, field) in [
        (&[("first_day", "2026-12-21")][..], "kind"),
        (&[("kind", "away")][..], "first_day"),
        (&[("kind", "there"), ("first_day", "2026-12-21")][..], "hours"),
        (&[("kind", "away"), ("first_day", "2026-12-21"), ("last_day", "2026-12-20")][..], "last_day"),
        (&[("kind", "away"), ("first_day", "2026-12-21"), ("hours", "sore")][..], "hours"),
    ] {
        let wrong = add(given);
        assert!(wrong.status == 422 && wrong.body.contains(&format!("href=\"#{field}\"")), "{given:?}: {}", wrong.body);
    }
    let added = add(&[("kind", "away"), ("first_day", "2026-12-21"), ("last_day", "2027-01-02")]);
    assert_eq!(added.header("location"), "/hours?done=days_added", "{}", added.body);
    let evening = add(&[("kind", "there"), ("first_day", "2026-12-09"), ("hours", "16.00-20.00")]);
    assert_eq!(evening.status, 303, "{}", evening.body);
    let page = browser.page("/hours");
    assert!(page.contains("21 Desember 2026 – 2 Januari 2027") && page.contains("16.00-20.00"), "{page}");
    let kept = visitor.get("/coaches/C-1/hours").json();
    let id = kept["exceptions"][0]["id"].as_str().expect("an id").to_owned();
    let action = format!("/hours/exceptions/{id}");
    let removed = browser.fills("/hours", &action, &[]);
    assert_eq!(removed.header("location"), "/hours?done=days_removed", "{}", removed.body);
    assert_eq!(visitor.get("/coaches/C-1/hours").json()["exceptions"].as_array().unwrap().len(), 1);
}

fn a_coach_says_what_they_offer(db: &TestDb) {
    let world = World::new(db);
    let (browser, visitor) = coach(&world);
    let before = visitor.get("/coaches/C-1/offer").json();
    let page = "/coach-profile";
    let same = browser.fills(page, page, &[]);
    assert_eq!(same.header("location"), "/coach-profile?done=offer_changed", "{}", same.body);
    let mut after = visitor.get("/coaches/C-1/offer").json();
    after["version"] = before["version"].clone();
    assert_eq!(after, before, "what is shown is what is kept");

    let none = browser.post(page, &browser.form(page, page).without("modes").fields);
    assert!(none.status == 422 && none.body.contains("href=\"#modes\""), "{}", none.body);
    let many = browser.fills(page, page, &[("conflict", "kementerian")]);
    assert!(many.status == 422 && many.body.contains("href=\"#conflict\""), "{}", many.body);
    let given = [("level-M.01", "2"), ("regions_served", "91"), ("modes", "in_person"), ("conflict", "PROV-36")];
    let changed = browser.fills(page, page, &given);
    assert_eq!(changed.status, 303, "{}", changed.body);
    let kept = visitor.get("/coaches/C-1/offer").json();
    assert!(kept["strengths"].as_array().unwrap().contains(&json!({ "competency": "M.01", "level": 2 })), "{kept}");
    assert_eq!((&kept["modes"], &kept["regions_served"]), (&json!(["in_person"]), &json!(["91"])));
    assert!(kept["conflicts"].as_array().unwrap().contains(&json!("PROV-36")), "{kept}");

    let capacity = "/coach-profile/capacity";
    let old = browser.form(page, capacity);
    let wrong = browser.sends(&old.clone().with(&[("capacity", "banyak")]));
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#capacity\""), "{}", wrong.body);
    assert_eq!(browser.fills(page, capacity, &[("capacity", "7")]).status, 303);
    assert_eq!(visitor.get("/coaches/C-1/room").json()["capacity"], 7);
    let stale = browser.fills(page, capacity, &[("capacity", "8"), ("seen", "0")]);
    assert_eq!(stale.status, 409, "{}", stale.body);
}

fn learning_hours_and_certificates_are_seen(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 1, 1, 1);
    let account = world.account_of("e0@contoh.test", &[(Role::Coachee, None)], Some(programme.coachees[0]));
    let browser = world.browser(account, false, "203.0.113.1");
    let empty = browser.page("/learning");
    assert!(empty.contains("0 dari 20 JP") && empty.contains("Belum ada sesi pada tahun ini"), "{empty}");
    let pairing = programme.pair(0, 0);
    held(&programme.store, &pairing, "2026-11-23T02:00:00Z");
    world.hands.turn(chrono::TimeDelta::days(30));
    programme.pass(chrono::Duration::days(30));
    programme.complete(&pairing).unwrap();
    let (browser, visitor) = (world.browser(account, false, "203.0.113.1"), world.visitor(account, false));
    let page = browser.page("/learning?year=2026");
    assert!(page.contains("2 dari 20 JP") && page.contains("Dihitung 2 JP"), "{page}");
    let certificate = visitor.get("/me/certificates").json()["items"][0].clone();
    assert!(page.contains(certificate["number"].as_str().unwrap()), "{page}");
    let address = format!("/learning/certificates/{}", certificate["id"].as_str().unwrap());
    assert!(page.contains(&address), "{page}");
    let cookie = format!("coachnet={}", browser.cookie("coachnet").expect("a secret"));
    let (status, headers, file) = world.site.fetch("GET", &address, &[("cookie", &cookie)], "");
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    assert_eq!((status, header("content-type")), (200, "application/pdf"));
    assert!(file.starts_with(b"%PDF-") && header("content-disposition").starts_with("attachment; filename=\"NCN-"));
    let other = world.browser(world.account("p1@contoh.test", Role::Coachee), false, "203.0.113.2");
    assert_eq!(other.get(&address).status, 403, "somebody else's");
}
