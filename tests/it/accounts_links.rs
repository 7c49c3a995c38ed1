//! What mails lead to, over HTTP and on both engines: forgotten passwords, other addresses, invitations,
//! sign-up, applications to coach.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::services::housekeeping;
use coachnet::store::{StoreError, accounts, sign_up_claims};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::support::site::Answer;
use crate::support::world::{BORN, NIP, PASSWORD, RECORDED, Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_forgotten_password_is_replaced,
    an_address_is_changed_when_both_agree,
    an_address_that_is_taken_is_not_told,
    an_admin_invites,
    an_agency_invites_its_own,
    a_coachee_of_the_records_signs_up,
    sign_up_does_not_tell_who_is_recorded,
    without_a_recorded_address_an_admin_decides,
    who_claims_in_vain_gets_no_mail,
    a_coach_applies_and_is_verified,
    an_application_is_matched_to_an_imported_coach,
    an_agency_verifies_its_own_coaches_alone,
    an_application_is_refused,
);

const NEW: &str = "pasar pagi 3 ekor ayam";

fn kind(answer: &Answer) -> String {
    answer.json()["type"].as_str().unwrap_or_default().trim_start_matches("urn:coachnet:problem:").to_owned()
}

fn confirm(visitor: &Visitor, path: &str, secret: &str, password: &str) -> Answer {
    visitor.post(path, &json!({ "token": secret, "password": password }))
}

/// What can be told apart from outside: status, headers without the request's id and the date, body.
fn seen(answer: &Answer) -> (u16, BTreeMap<String, String>, String) {
    let varies = |name: &str| ["x-request-id", "date"].contains(&name);
    let headers = answer.headers.iter().filter(|(name, _)| !varies(name)).cloned().collect();
    (answer.status, headers, answer.body.clone())
}

fn a_forgotten_password_is_replaced(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let device = world.visitor(account, false);
    let visitor = world.stranger("203.0.113.1");
    let ask = |email: &str| visitor.post("/password-resets", &json!({ "email": email }));
    assert_eq!(seen(&ask("budi@contoh.test")), seen(&ask("nobody@contoh.test")));
    let mails = world.mails();
    let status = |at: usize| mails[at].status.to_string();
    assert_eq!((mails.len(), status(0), status(1)), (2, "void".into(), "queued".into()));
    let decoy = mails[0].data.read::<Value>().unwrap()["token"].as_str().unwrap().to_owned();
    assert_eq!(kind(&confirm(&visitor, "/password-resets/confirm", &decoy, NEW)), "link-over");

    let secret = mails[1].data.read::<Value>().unwrap()["token"].as_str().unwrap().to_owned();
    let weak = confirm(&visitor, "/password-resets/confirm", &secret, "password1234");
    assert_eq!(weak.json()["errors"][0]["pointer"], "#/password", "and the link is still good");
    assert_eq!(confirm(&visitor, "/password-resets/confirm", &secret, NEW).status, 204);
    assert_eq!(kind(&confirm(&visitor, "/password-resets/confirm", &secret, NEW)), "link-over");
    assert_eq!(device.get("/me").status, 401, "all devices are signed out");
    assert_eq!(visitor.signs_in("budi@contoh.test", PASSWORD).status, 401);
    assert_eq!(visitor.signs_in("budi@contoh.test", NEW).status, 201);

    ask("budi@contoh.test");
    let late = world.secret_of("password_reset");
    world.hands.turn(TimeDelta::minutes(30));
    assert_eq!(kind(&confirm(&visitor, "/password-resets/confirm", &late, NEW)), "link-over");
}

fn an_address_is_changed_when_both_agree(db: &TestDb) {
    let world = World::new(db);
    let visitor = world.visitor(world.account("lama@contoh.test", Role::Coachee), false);
    let ask = |password: &str| {
        visitor.post("/me/email-changes", &json!({ "email": "Baru@contoh.test", "password": password }))
    };
    assert_eq!(ask("wrong one here").status, 401);
    assert_eq!(ask(PASSWORD).status, 202);
    let to =
        |kind: &str| world.mails().iter().find(|mail| mail.kind == kind).unwrap().address.clone().unwrap().to_string();
    assert_eq!(
        (to("email_change_from"), to("email_change_to")),
        ("lama@contoh.test".into(), "baru@contoh.test".into())
    );
    let agree = |kind: &str| visitor.post("/email-changes/confirm", &json!({ "token": world.secret_of(kind) }));
    assert_eq!(agree("email_change_to").json(), json!({ "moved": false }));
    assert_eq!(agree("email_change_to").json(), json!({ "moved": false }), "twice is once");
    assert_eq!(visitor.get("/me").json()["email"], "lama@contoh.test");
    assert_eq!(agree("email_change_from").json(), json!({ "moved": true }));
    assert_eq!(visitor.get("/me").json()["email"], "baru@contoh.test");
    assert_eq!(agree("email_change_from").status, 410);
    assert_eq!(to("email_changed"), "lama@contoh.test");
}

fn an_address_that_is_taken_is_not_told(db: &TestDb) {
    let world = World::new(db);
    world.account_of("ani@contoh.test", &[], None);
    let visitor = world.visitor(world.account("budi@contoh.test", Role::Coachee), false);
    let ask = |email: &str| visitor.post("/me/email-changes", &json!({ "email": email, "password": PASSWORD }));
    assert_eq!(seen(&ask("frei@contoh.test")), seen(&ask("ani@contoh.test")));
    let statuses: Vec<String> = world.mails().iter().take(4).map(|mail| mail.status.to_string()).collect();
    assert_eq!(statuses, ["void", "queued", "queued", "queued"]);
}

fn an_admin_invites(db: &TestDb) {
    let world = World::new(db);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let wish = |email: &str| json!({ "email": email, "name": "Ani Lestari", "language": "en", "role": "auditor" });
    let sent = admin.post("/invitations", &wish("ani@contoh.test"));
    assert_eq!(sent.status, 201, "{}", sent.body);
    let first = world.secret_of("invitation");
    assert_eq!(admin.post("/invitations", &wish("ani@contoh.test")).status, 201, "again, in place of the first");
    let secret = world.secret_of("invitation");
    let invited = world.stranger("203.0.113.1");
    assert_eq!(confirm(&invited, "/invitations/accept", &first, NEW).status, 410);
    assert_eq!(confirm(&invited, "/invitations/accept", &secret, "ani.lestari.77").status, 422);
    assert_eq!(confirm(&invited, "/invitations/accept", &secret, NEW).status, 201);
    assert_eq!(confirm(&invited, "/invitations/accept", &secret, NEW).status, 410);
    let listed = admin.get("/invitations").json()["items"].as_array().unwrap().clone();
    let statuses: Vec<&str> = listed.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["accepted", "withdrawn"]);
    let accepted = format!("/invitations/{}", listed[0]["id"].as_str().unwrap());
    assert_eq!(kind(&admin.delete(&accepted)), "decided");
    let body = invited.signs_in("ani@contoh.test", NEW).json();
    let ani = Visitor { token: body["access_token"].as_str().map(str::to_owned), ..invited.clone() };
    assert_eq!(ani.get("/me").json()["roles"], json!([{ "role": "auditor" }]));
    assert_eq!(kind(&ani.get("/runs")), "second-factor-needed");

    admin.post("/invitations", &wish("late@contoh.test"));
    world.hands.turn(TimeDelta::days(14));
    let late = world.secret_of("invitation");
    assert_eq!(confirm(&invited, "/invitations/accept", &late, NEW).status, 410);
}

fn an_agency_invites_its_own(db: &TestDb) {
    let world = World::new(db);
    let national = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let own = world.visitor(world.account("papua@contoh.test", Role::AgencyAdmin), true);
    let wish = |email: &str, role: &str, agency: Option<&str>, person: Option<&str>| json!({ "email": email, "name": "Ani", "language": "id", "role": role, "agency": agency, "person": person });
    assert_eq!(own.post("/invitations", &wish("a@contoh.test", "coachee", None, Some("P-2"))).status, 201);
    assert_eq!(own.post("/invitations", &wish("b@contoh.test", "agency_admin", Some("PROV-91"), None)).status, 201);
    // Of another agency: as if there were no such person.
    let other = own.post("/invitations", &wish("c@contoh.test", "coach", None, Some("C-1")));
    let unknown = own.post("/invitations", &wish("c@contoh.test", "coach", None, Some("C-99")));
    assert_eq!((other.status, other.json()["errors"].clone()), (422, unknown.json()["errors"].clone()));
    for (role, agency) in [("agency_admin", Some("KEM-01")), ("national_admin", None), ("auditor", None)] {
        assert_eq!(own.post("/invitations", &wish("d@contoh.test", role, agency, None)).status, 403, "{role}");
    }
    for (role, agency, person) in
        [("coachee", None, None), ("agency_admin", None, None), ("auditor", Some("KEM-01"), None)]
    {
        assert_eq!(national.post("/invitations", &wish("e@contoh.test", role, agency, person)).status, 422, "{role}");
    }
    assert_eq!(national.post("/invitations", &wish("f@contoh.test", "coach", None, Some("C-1"))).status, 201);
    let count = |visitor: &Visitor| visitor.get("/invitations").json()["items"].as_array().unwrap().len();
    assert_eq!((count(&own), count(&national)), (2, 3));
    let foreign = national.get("/invitations").json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(own.delete(&format!("/invitations/{foreign}")).status, 404, "not the affair of this agency");
    assert_eq!(national.delete(&format!("/invitations/{foreign}")).status, 204);
}

fn sign_up(nip: &str, born: &str, email: &str) -> Value {
    json!({ "identity_number": nip, "birth_date": born, "email": email, "language": "id" })
}

fn a_coachee_of_the_records_signs_up(db: &TestDb) {
    let world = World::new(db);
    let visitor = world.stranger("203.0.113.1");
    assert_eq!(visitor.post("/sign-ups", &sign_up("19850312 201001 1 001", BORN, "thief@contoh.test")).status, 202);
    let mail = &world.mails()[0];
    assert_eq!(mail.address.clone().unwrap().to_string(), RECORDED, "to the address of the records, whoever asks");
    let secret = world.secret_of("sign_up");
    assert_eq!(confirm(&visitor, "/sign-ups/confirm", &secret, NEW).status, 201);
    assert_eq!(confirm(&visitor, "/sign-ups/confirm", &secret, NEW).status, 410);
    let body = visitor.signs_in(RECORDED, NEW).json();
    let me = Visitor { token: body["access_token"].as_str().map(str::to_owned), ..visitor.clone() }.get("/me").json();
    assert_eq!((&me["person"], &me["name"]), (&json!("P-1"), &json!("Coachee P-1")));
    assert_eq!(me["roles"], json!([{ "role": "coachee" }]));
    visitor.post("/sign-ups", &sign_up(NIP, BORN, RECORDED));
    assert_eq!(world.mails()[0].status.to_string(), "void", "a person has one account");
}

fn sign_up_does_not_tell_who_is_recorded(db: &TestDb) {
    let world = World::new(db);
    let ask = |at: u8, nip: &str, born: &str| {
        world.stranger(&format!("203.0.113.{at}")).post("/sign-ups", &sign_up(nip, born, &format!("x{at}@contoh.test")))
    };
    let hit = seen(&ask(1, NIP, BORN));
    assert_eq!(hit.0, 202);
    assert_eq!(seen(&ask(2, "198503122010011002", BORN)), hit, "a number that nobody has");
    assert_eq!(seen(&ask(3, NIP, "1985-03-13")), hit, "another birth date");
    let statuses: Vec<String> = world.mails().iter().map(|mail| mail.status.to_string()).collect();
    assert_eq!(statuses, ["void", "void", "queued"]);
    let bad = ask(4, "123", "yesterday");
    let pointers: Vec<_> = bad.json()["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["#/identity_number", "#/birth_date"]);
}

/// Takes the address of the coachee `P-1` out of the records.
fn forget_address(world: &World) {
    let forget = "UPDATE persons SET email = NULL WHERE code = 'P-1'";
    world.store.write(|db| Ok::<_, StoreError>(db.batch_execute(forget)?)).unwrap();
}

fn without_a_recorded_address_an_admin_decides(db: &TestDb) {
    let world = World::new(db);
    forget_address(&world);
    let own = world.visitor(world.account("papua@contoh.test", Role::AgencyAdmin), true);
    let other_agency = world.account_of("lain@contoh.test", &[(Role::AgencyAdmin, Some("KEM-01"))], None);
    let other = world.visitor(other_agency, true);
    let claims = |email: &str, at: u8| {
        seen(&world.stranger(&format!("203.0.113.{at}")).post("/sign-ups", &sign_up(NIP, BORN, email)))
    };
    let nobody = seen(&world.stranger("203.0.113.9").post("/sign-ups", &sign_up(NIP, "1985-03-13", "x@contoh.test")));
    assert_eq!(claims("thief@contoh.test", 1), nobody, "the same answer as when there is nobody");
    assert_eq!(world.mails()[0].status.to_string(), "void", "identity number and birth date are no secrets");
    let decoy = world.secret_of("sign_up");
    let visitor = world.stranger("203.0.113.3");
    assert_eq!(confirm(&visitor, "/sign-ups/confirm", &decoy, NEW).status, 410);
    claims("budi@contoh.test", 2);
    claims("budi@contoh.test", 2);
    let queue = own.get("/sign-up-claims?status=pending").json()["items"].as_array().unwrap().clone();
    let emails: Vec<_> = queue.iter().map(|one| one["email"].as_str().unwrap()).collect();
    assert_eq!(emails, ["thief@contoh.test", "budi@contoh.test"], "the same address waits once");
    assert_eq!((&queue[0]["person"], &queue[0]["agency"]), (&json!("P-1"), &json!("PROV-91")));
    assert_eq!(other.get("/sign-up-claims").json()["items"], json!([]));
    let path = |at: usize, done: &str| format!("/sign-up-claims/{}/{done}", queue[at]["id"].as_str().unwrap());
    assert_eq!(other.post(&path(1, "confirm"), &json!({})).status, 404, "not the affair of this agency");
    let confirmed = own.post(&path(1, "confirm"), &json!({}));
    assert_eq!((confirmed.status, &confirmed.json()["status"]), (200, &json!("confirmed")), "{}", confirmed.body);
    assert_eq!(kind(&own.post(&path(1, "refuse"), &json!({}))), "decided");
    assert_eq!(kind(&own.post(&path(0, "confirm"), &json!({}))), "decided", "refused with the other's confirmation");
    let mail = &world.mails()[0];
    let sent = (mail.kind.as_str(), mail.status.to_string(), mail.address.clone().unwrap().to_string());
    assert_eq!(sent, ("sign_up", "queued".into(), "budi@contoh.test".into()));
    world.hands.turn(TimeDelta::days(13));
    let secret = world.secret_of("sign_up");
    assert_eq!(confirm(&visitor, "/sign-ups/confirm", &secret, NEW).status, 201);
    assert_eq!(visitor.signs_in("budi@contoh.test", NEW).status, 201);
}

fn who_claims_in_vain_gets_no_mail(db: &TestDb) {
    let world = World::new(db);
    forget_address(&world);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let claim = |at: u8| {
        let wish = sign_up(NIP, BORN, &format!("x{at}@contoh.test"));
        assert_eq!(world.stranger(&format!("203.0.113.{at}")).post("/sign-ups", &wish).status, 202);
    };
    (0..12).for_each(claim);
    let queue = admin.get("/sign-up-claims").json()["items"].as_array().unwrap().clone();
    assert_eq!(queue.len(), 10, "nobody fills the queue with one coachee");
    let path = |at: usize, done: &str| format!("/sign-up-claims/{}/{done}", queue[at]["id"].as_str().unwrap());
    assert_eq!(admin.post(&path(0, "refuse"), &json!({})).json()["status"], "refused");
    assert!(world.mails().iter().all(|mail| mail.status.to_string() == "void"));
    world.account("budi@contoh.test", Role::Coachee);
    assert_eq!(kind(&admin.post(&path(1, "confirm"), &json!({}))), "account-exists", "P-1 has one by now");
    assert_eq!(admin.get("/sign-up-claims?status=pending").json()["items"].as_array().unwrap().len(), 9);
    world.hands.turn(TimeDelta::days(91));
    housekeeping::sweep(&world.store, world.hands.stamp(), 7).unwrap();
    assert_eq!(admin.get("/sign-up-claims").status, 401, "the device is gone too");
    let left = world.store.read(|db| sign_up_claims::list(db, None, None, None, 50)).unwrap();
    assert!(left.is_empty(), "claims are not kept for ever");
}

fn application(email: &str, number: &str) -> Value {
    json!({
        "name": "Rina Wulandari", "email": email, "language": "id", "source": "pkn_2", "batch": 12, "year": 2021,
        "certificate_number": number, "agency": "PROV-91", "regency": "91.03", "motivation": "Berbagi pengalaman."
    })
}

/// Applies and confirms; gives the id of the application.
fn applied(world: &World, email: &str, number: &str) -> String {
    let visitor = world.stranger("203.0.113.1");
    assert_eq!(visitor.post("/coach-applications", &application(email, number)).status, 202);
    let secret = world.secret_of("coach_application");
    let answer = confirm(&visitor, "/coach-applications/confirm", &secret, NEW);
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(confirm(&visitor, "/coach-applications/confirm", &secret, NEW).status, 410);
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn a_coach_applies_and_is_verified(db: &TestDb) {
    let world = World::new(db);
    let own = world.visitor(world.account("papua@contoh.test", Role::AgencyAdmin), true);
    let other_agency = world.account_of("lain@contoh.test", &[(Role::AgencyAdmin, Some("KEM-01"))], None);
    let other = world.visitor(other_agency, true);
    let id = applied(&world, "rina@contoh.test", "none of the records");
    // A second time: by mail alone.
    let again = world.stranger("203.0.113.2").post("/coach-applications", &application("rina@contoh.test", "x"));
    let first = world.stranger("203.0.113.3").post("/coach-applications", &application("baru@contoh.test", "x"));
    assert_eq!(seen(&again), seen(&first));
    assert!(world.mails().iter().any(|mail| mail.kind == "account_exists"));
    let mut nowhere = application("x@contoh.test", "x");
    nowhere["agency"] = json!("NOWHERE");
    let answer = world.stranger("203.0.113.4").post("/coach-applications", &nowhere);
    assert_eq!(answer.json()["errors"][0]["pointer"], "#/agency");

    let queue = own.get("/coach-applications?status=pending").json();
    assert_eq!(
        (queue["items"].as_array().unwrap().len(), &queue["items"][0]["email"]),
        (1, &json!("rina@contoh.test"))
    );
    assert_eq!(other.get("/coach-applications").json()["items"], json!([]));
    let path = format!("/coach-applications/{id}");
    assert_eq!((own.get(&path).status, other.get(&path).status), (200, 404));
    assert_eq!(other.post(&format!("{path}/verify"), &json!({})).status, 404);
    assert_eq!(own.post(&format!("{path}/verify"), &json!({ "coach": "C-99" })).status, 422);
    let verified = own.post(&format!("{path}/verify"), &json!({}));
    assert_eq!((verified.status, &verified.json()["status"]), (200, &json!("verified")), "{}", verified.body);
    assert_eq!(kind(&own.post(&format!("{path}/reject"), &json!({ "reason": "Terlambat" }))), "decided");
    assert_eq!(world.mails()[0].kind, "application_verified");
    let account = world.store.read(|db| accounts::by_email(db, "rina@contoh.test")).unwrap().unwrap();
    let me = world.visitor(account.id, false).get("/me").json();
    assert_eq!(me["roles"], json!([{ "role": "coach" }]));
    assert!(me["person"].as_str().unwrap().starts_with("A-"));
    let coach = world.visitor(account.id, false).get(&format!("/coaches/{}", me["person"].as_str().unwrap()));
    assert_eq!((coach.status, &coach.json()["accepting"]), (200, &json!(false)), "{}", coach.body);
}

fn an_application_is_matched_to_an_imported_coach(db: &TestDb) {
    let world = World::new(db);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let id = applied(&world, "rina@contoh.test", "PKN2/C-1");
    let path = format!("/coach-applications/{id}");
    assert_eq!(admin.get(&path).json()["candidates"], json!(["C-1"]));
    assert_eq!(admin.post(&format!("{path}/verify"), &json!({ "coach": "C-1" })).status, 200);
    let account = world.store.read(|db| accounts::by_email(db, "rina@contoh.test")).unwrap().unwrap();
    assert_eq!(account.person, Some(world.person("C-1")));
    let second = applied(&world, "rani@contoh.test", "PKN2/C-1");
    let second = format!("/coach-applications/{second}");
    assert_eq!(admin.get(&second).json()["candidates"], json!([]), "C-1 has an account");
    assert_eq!(kind(&admin.post(&format!("{second}/verify"), &json!({ "coach": "C-1" }))), "account-exists");
}

fn an_agency_verifies_its_own_coaches_alone(db: &TestDb) {
    let world = World::new(db);
    let admin_account = world.account("admin@contoh.test", Role::NationalAdmin);
    let admin = world.visitor(admin_account, true);
    let own = world.visitor(world.account("papua@contoh.test", Role::AgencyAdmin), true);
    // Says that they are of PROV-91, with the number of a coach of KEM-01.
    let path = format!("/coach-applications/{}", applied(&world, "rina@contoh.test", "PKN2/C-1"));
    let (shown, listed) = (own.get(&path).json(), own.get("/coach-applications").json());
    assert_eq!((&shown["candidates"], &listed["items"][0]["candidates"]), (&json!([]), &json!([])));
    assert_eq!(admin.get("/coach-applications").json()["items"][0]["candidates"], json!(["C-1"]));
    let wish = json!({ "coach": "C-1" });
    let (other, unknown) =
        (own.post(&format!("{path}/verify"), &wish), own.post(&format!("{path}/verify"), &json!({ "coach": "C-99" })));
    assert_eq!((other.status, &other.json()["errors"]), (422, &unknown.json()["errors"]), "as if there were none");
    assert_eq!(admin.post(&format!("{path}/verify"), &wish).status, 200, "the admin of all may cross");
    let log = world.store.read(|db| coachnet::store::audit::newest(db, None, 50)).unwrap();
    let entry = log.iter().find(|entry| entry.action == "coach_application.verified").unwrap();
    let account = world.store.read(|db| accounts::by_email(db, "rina@contoh.test")).unwrap().unwrap();
    let noted = json!({ "account": account.id, "coach": world.person("C-1") });
    assert_eq!((entry.changes.read::<Value>().unwrap(), &entry.actor), (noted, &admin_account.to_string()));
}

fn an_application_is_refused(db: &TestDb) {
    let world = World::new(db);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let path = format!("/coach-applications/{}/reject", applied(&world, "rina@contoh.test", "x"));
    assert_eq!(admin.post(&path, &json!({ "reason": " " })).json()["errors"][0]["pointer"], "#/reason");
    let refused = admin.post(&path, &json!({ "reason": "Nomor tidak ditemukan." }));
    assert_eq!(
        (&refused.json()["status"], &refused.json()["reason"]),
        (&json!("rejected"), &json!("Nomor tidak ditemukan."))
    );
    let mail = &world.mails()[0];
    assert_eq!(mail.kind, "application_rejected");
    assert_eq!(mail.data.read::<Value>().unwrap()["reason"], "Nomor tidak ditemukan.");
}
