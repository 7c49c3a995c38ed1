//! Several roles of one account, given and taken: by the admin of all, by an invitation, by an application.

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::store::{AccountId, accounts, audit};
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::site::Answer;
use crate::support::world::{PASSWORD, Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    roles_are_given_and_taken,
    a_role_taken_away_is_refused_everywhere,
    the_last_admin_of_all_stays,
    an_account_is_closed_and_opened,
    a_lost_authenticator_is_forgotten,
    who_coaches_no_more_is_asked_no_more,
    an_owner_accepts_a_role,
    a_coachee_applies_to_coach,
    who_was_refused_applies_again,
);

fn kind(answer: &Answer) -> String {
    answer.json()["type"].as_str().unwrap_or_default().trim_start_matches("urn:coachnet:problem:").to_owned()
}

fn admin(world: &World) -> Visitor<'_> {
    world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true)
}

fn told(world: &World, to: &str) -> Vec<String> {
    let mails = world.mails().into_iter().rev();
    let to_them = mails.filter(|mail| mail.address.as_ref().is_some_and(|address| address.to_string() == to));
    to_them.map(|mail| mail.kind).collect()
}

fn roles(visitor: &Visitor) -> Value {
    visitor.get("/me").json()["roles"].clone()
}

fn roles_are_given_and_taken(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let budi = world.visitor(account, true);
    let path = format!("/accounts/{account}/roles");
    let found = admin.get("/accounts?email=Budi@contoh.test").json();
    assert_eq!((&found["items"][0]["id"], &found["items"][0]["person"]), (&json!(account), &json!("P-1")));
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let coachees = admin.get("/accounts?role=coachee").json();
    assert_eq!(coachees["items"].as_array().unwrap().len(), 1);
    let first = admin.get("/accounts?limit=1").json();
    let rest = admin.get(&format!("/accounts?cursor={}", first["next_cursor"].as_str().unwrap())).json();
    assert_eq!(
        (&first["items"][0]["email"], &rest["items"][0]["email"]),
        (&json!("admin@contoh.test"), &json!("budi@contoh.test"))
    );

    let given = admin.post(&path, &json!({ "role": "agency_admin", "agency": "PROV-91" }));
    let held = json!([{ "role": "agency_admin", "agency": "PROV-91" }, { "role": "coachee" }]);
    assert_eq!((given.status, &given.json()["roles"]), (200, &held), "{}", given.body);
    assert_eq!(roles(&budi), held, "at once in this process");
    assert_eq!(budi.get("/invitations").status, 200);
    for (wish, problem) in [
        (json!({ "role": "coachee" }), "role-held"),
        (json!({ "role": "agency_admin" }), "invalid"),
        (json!({ "role": "auditor", "agency": "PROV-91" }), "invalid"),
        (json!({ "role": "auditor", "person": "P-1" }), "invalid"),
        (json!({ "role": "coach" }), "invalid"),
        (json!({ "role": "coach", "person": "C-1" }), "account-exists"),
        (json!({ "role": "king" }), "invalid"),
    ] {
        assert_eq!(kind(&admin.post(&path, &wish)), problem, "{wish}");
    }
    let taken = admin.delete(&format!("{path}/agency_admin"));
    assert_eq!((taken.status, &taken.json()["roles"]), (200, &json!([{ "role": "coachee" }])));
    assert_eq!(admin.delete(&format!("{path}/agency_admin")).status, 404);
    assert_eq!(budi.get("/invitations").status, 403);
    assert_eq!(told(&world, "budi@contoh.test"), ["role_given", "role_taken"]);
    let log = world.store.read(|db| audit::newest(db, None, 20)).unwrap();
    let entry = log.iter().find(|entry| entry.action == "account.role_given").unwrap();
    let noted: Value = entry.changes.read().unwrap();
    assert_eq!(
        (&noted["role"], &noted["agency"], entry.subject),
        (&json!("agency_admin"), &json!("PROV-91"), Some(account.uuid()))
    );
    // Somebody without a person becomes a coach of the records.
    let other = world.account_of("cici@contoh.test", &[], None);
    let wish = json!({ "role": "coach", "person": "C-1" });
    assert_eq!(admin.post(&format!("/accounts/{other}/roles"), &wish).json()["person"], "C-1");
    let third = world.account_of("dodi@contoh.test", &[], None);
    assert_eq!(kind(&admin.post(&format!("/accounts/{third}/roles"), &wish)), "account-exists");
}

fn a_role_taken_away_is_refused_everywhere(db: &TestDb) {
    let world = World::new(db);
    let (admin, another) = (admin(&world), world.another_site(db));
    let account = world.account_of("watcher@contoh.test", &[(Role::NationalAdmin, None)], None);
    let here = world.visitor(account, true);
    let there = here.at(&another);
    assert_eq!((here.get("/accounts").status, there.get("/accounts").status), (200, 200));
    assert_eq!(admin.delete(&format!("/accounts/{account}/roles/national_admin")).status, 200);
    assert_eq!(here.get("/accounts").status, 403, "at once");
    world.hands.turn(TimeDelta::seconds(5));
    assert_eq!(there.get("/accounts").status, 403, "within five seconds on every process");
}

fn the_last_admin_of_all_stays(db: &TestDb) {
    let world = World::new(db);
    let id = world.account("admin@contoh.test", Role::NationalAdmin);
    let admin = world.visitor(id, true);
    let role = format!("/accounts/{id}/roles/national_admin");
    let last = || {
        assert_eq!(kind(&admin.delete(&role)), "last-admin");
        assert_eq!(kind(&admin.post(&format!("/accounts/{id}/disable"), &json!({}))), "last-admin");
    };
    last();
    let second = world.account_of("second@contoh.test", &[(Role::NationalAdmin, None)], None);
    assert_eq!(admin.post(&format!("/accounts/{second}/disable"), &json!({})).status, 200);
    last();
    assert_eq!(admin.post(&format!("/accounts/{second}/enable"), &json!({})).status, 200);
    assert_eq!(admin.delete(&role).status, 200, "now there is another");
    assert_eq!(admin.get("/accounts").status, 403);
}

fn an_account_is_closed_and_opened(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let (budi, stranger) = (world.visitor(account, false), world.stranger("203.0.113.7"));
    assert_eq!(budi.get("/me").status, 200);
    let path = format!("/accounts/{account}");
    let closed = admin.post(&format!("{path}/disable"), &json!({}));
    assert_eq!((closed.status, &closed.json()["status"]), (200, &json!("disabled")), "{}", closed.body);
    assert_eq!(kind(&admin.post(&format!("{path}/disable"), &json!({}))), "decided");
    assert_eq!(budi.get("/me").status, 401);
    assert_eq!(stranger.signs_in("budi@contoh.test", PASSWORD).status, 401);
    assert_eq!(admin.post(&format!("{path}/enable"), &json!({})).json()["status"], "active");
    assert_eq!(kind(&admin.post(&format!("{path}/enable"), &json!({}))), "decided");
    assert_eq!(budi.get("/me").status, 401, "devices stay signed out");
    assert_eq!(stranger.signs_in("budi@contoh.test", PASSWORD).status, 201);
    assert_eq!(told(&world, "budi@contoh.test")[..2], ["account_disabled", "account_enabled"]);
    assert_eq!(admin.post(&format!("/accounts/{}/disable", AccountId::new()), &json!({})).status, 404);
}

fn a_lost_authenticator_is_forgotten(db: &TestDb) {
    let world = World::new(db);
    let admin_account = world.account("admin@contoh.test", Role::NationalAdmin);
    let admin = world.visitor(admin_account, true);
    let (lost, _) = world.admin("lost@contoh.test");
    let (device, stranger) = (world.visitor(lost, true), world.stranger("203.0.113.7"));
    assert!(stranger.signs_in("lost@contoh.test", PASSWORD).json()["ticket"].is_string(), "a code is asked for");
    let reset = admin.post(&format!("/accounts/{lost}/totp-reset"), &json!({}));
    assert_eq!((reset.status, &reset.json()["second_factor"]), (200, &json!(false)), "{}", reset.body);
    assert_eq!(kind(&admin.post(&format!("/accounts/{lost}/totp-reset"), &json!({}))), "second-factor-off");
    assert_eq!(device.get("/me").status, 401, "all devices are signed out");
    let tokens = stranger.signs_in("lost@contoh.test", PASSWORD);
    assert_eq!(tokens.status, 201);
    let token = tokens.json()["access_token"].as_str().map(str::to_owned);
    let back = Visitor { token, ..stranger.clone() };
    assert_eq!(kind(&back.get("/accounts")), "second-factor-needed", "the role waits for a new one");
    assert!(told(&world, "lost@contoh.test").contains(&"authenticator_reset".to_owned()));
    assert_eq!(admin.post(&format!("/accounts/{admin_account}/totp-reset"), &json!({})).status, 403, "not the own");
}

fn who_coaches_no_more_is_asked_no_more(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let p = Programme::beside(&world.store, 1, 1, 1);
    let account = world.account_of("c0@contoh.test", &[(Role::Coach, None)], Some(p.coaches[0]));
    assert!(p.room(0).accepting);
    assert_eq!(admin.delete(&format!("/accounts/{account}/roles/coach")).status, 200);
    assert!(!p.room(0).accepting);
    p.must_be_well();
}

fn an_owner_accepts_a_role(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let budi = world.visitor(account, true);
    let wish = |role: &str| json!({ "email": "budi@contoh.test", "name": "Budi", "language": "id", "role": role });
    assert_eq!(
        kind(&admin.post(
            "/invitations",
            &json!({ "email": "budi@contoh.test", "name": "B", "language": "id", "role": "coachee", "person": "P-1" })
        )),
        "role-held"
    );
    let others =
        json!({ "email": "budi@contoh.test", "name": "B", "language": "id", "role": "coach", "person": "C-1" });
    assert_eq!(kind(&admin.post("/invitations", &others)), "account-exists", "the account is of P-1");
    assert_eq!(admin.post("/invitations", &wish("auditor")).status, 201);
    assert_eq!(told(&world, "budi@contoh.test"), ["role_offered"]);
    assert_eq!(roles(&budi), json!([{ "role": "coachee" }]), "nothing changes before the owner accepts");
    let secret = world.secret_of("role_offered");
    let accept = |password: &str| {
        let answer = json!({ "token": secret, "password": password });
        world.stranger("203.0.113.8").post("/invitations/accept", &answer)
    };
    assert_eq!(
        kind(&accept("not the one of the account")),
        "wrong-credentials",
        "who reads the mail is not yet the owner"
    );
    let accepted = accept(PASSWORD);
    assert_eq!((accepted.status, &accepted.json()["id"]), (201, &json!(account)), "{}", accepted.body);
    assert_eq!(accept(PASSWORD).status, 410);
    world.hands.turn(TimeDelta::seconds(5));
    assert_eq!(roles(&budi), json!([{ "role": "auditor" }, { "role": "coachee" }]));
    assert_eq!(world.stranger("203.0.113.8").signs_in("budi@contoh.test", PASSWORD).status, 201, "the password stays");

    // At the page.
    let cici = world.account_of("cici@contoh.test", &[], None);
    let offer = json!({ "email": "cici@contoh.test", "name": "C", "language": "id", "role": "coach", "person": "C-1" });
    assert_eq!(admin.post("/invitations", &offer).status, 201);
    let page = format!("/invitations/{}", world.secret_of("role_offered"));
    let browser = crate::support::browser::Browser::new(&world.site, "203.0.113.9");
    let shown = browser.page(&page);
    assert!(shown.contains("Terima peran") && shown.contains("current-password"), "{shown}");
    assert_eq!(browser.fills(&page, &page, &[("password", "not the one of it")]).status, 422);
    let done = browser.fills(&page, &page, &[("password", PASSWORD)]);
    assert_eq!(done.header("location"), "/sign-in?done=role_accepted", "{}", done.body);
    let found = world.store.read(|db| accounts::get(db, cici)).unwrap();
    assert_eq!(found.person, Some(world.person("C-1")));
}

fn claim() -> Value {
    json!({ "source": "pkn_2", "batch": 12, "year": 2021, "agency": "PROV-91", "regency": "91.03", "motivation": "Berbagi." })
}

fn a_coachee_applies_to_coach(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let budi = world.visitor(account, false);
    let mut nowhere = claim();
    nowhere["agency"] = json!("NOWHERE");
    assert_eq!(budi.post("/me/coach-applications", &nowhere).json()["errors"][0]["pointer"], "#/agency");
    let made = budi.post("/me/coach-applications", &claim());
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(kind(&budi.post("/me/coach-applications", &claim())), "application-pending");
    let path = format!("/coach-applications/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(
        kind(&admin.post(&format!("{path}/verify"), &json!({ "coach": "C-1" }))),
        "account-exists",
        "P-1 is not C-1"
    );
    assert_eq!(admin.post(&format!("{path}/verify"), &json!({})).status, 200);
    world.hands.turn(TimeDelta::seconds(5));
    assert_eq!(roles(&budi), json!([{ "role": "coach" }, { "role": "coachee" }]));
    assert_eq!(budi.get("/me").json()["person"], "P-1", "one person in both");
    assert_eq!(budi.get("/coaches/P-1").json()["accepting"], false);
    assert_eq!(kind(&budi.post("/me/coach-applications", &claim())), "role-held");

    // A coach of the records whose account is a coachee's: no second profile is made.
    let person = world.person("C-1");
    let other = world.account_of("cici@contoh.test", &[], Some(person));
    let made = world.visitor(other, false).post("/me/coach-applications", &claim()).json();
    let path = format!("/coach-applications/{}/verify", made["id"].as_str().unwrap());
    assert_eq!(admin.post(&path, &json!({})).status, 200);
    assert_eq!(world.store.read(|db| accounts::get(db, other)).unwrap().person, Some(person));
}

fn who_was_refused_applies_again(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let account = world.account_of("rina@contoh.test", &[], None);
    let browser = world.browser(account, false, "203.0.113.9");
    let place = "/coach-applications?province=91&agency=keuangan+kementerian";
    let page = browser.page(place);
    assert!(page.contains("name=\"motivation\"") && !page.contains("name=\"email\""), "{page}");
    let (_, agency) = page.split_once("<option value=\"KEM").expect("an agency");
    let agency = format!("KEM{}", agency.split('"').next().unwrap());
    let given = [("agency", agency.as_str()), ("regency", "91.03"), ("source", "pkn_1"), ("motivation", "Berbagi.")];
    let silent = browser.fills(place, "/coach-applications", &[("agency", agency.as_str()), ("regency", "91.03")]);
    assert!(silent.status == 422 && silent.body.contains("href=\"#motivation\""), "{}", silent.body);
    let apply = || {
        let sent = browser.fills(place, "/coach-applications", &given);
        assert_eq!(sent.header("location"), "/?done=application_made", "{}", sent.body);
    };
    apply();
    let waiting = admin.get("/coach-applications?status=pending").json()["items"][0]["id"].clone();
    let refuse = format!("/coach-applications/{}/reject", waiting.as_str().unwrap());
    assert_eq!(admin.post(&refuse, &json!({ "reason": "Nomor keliru." })).status, 200);
    apply();
    assert_eq!(admin.get("/coach-applications?status=pending").json()["items"].as_array().unwrap().len(), 1);
}
