//! What admins find and do at the pages, on both engines.

use coachnet::domain::Role;
use coachnet::matching::watch::Watch;
use coachnet::services::disclosures::ACTION;
use coachnet::services::runs;
use coachnet::store::{RunId, StoreError};
use diesel::connection::SimpleConnection;
use serde_json::json;

use crate::support::browser::Browser;
use crate::support::programme::Programme;
use crate::support::world::{BORN, NIP, Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    an_admin_sees_what_waits,
    what_an_admin_is_shown_is_noted,
    an_application_is_decided,
    a_claim_is_decided,
    a_day_off_is_set,
    a_cohort_is_made,
    mail_that_failed_is_sent_again,
    a_run_is_ordered_compared_published_and_thrown_away,
);

fn national(world: &World) -> (Browser<'_>, Visitor<'_>) {
    let account = world.account("pusat@contoh.test", Role::NationalAdmin);
    (world.browser(account, true, "203.0.113.9"), world.visitor(account, true))
}

fn an_admin_sees_what_waits(db: &TestDb) {
    let world = World::new(db);
    let (browser, _) = national(&world);
    assert!(browser.page("/").contains("Tidak ada yang menunggu Anda."));
    assert!(browser.page("/stuck").contains("Tidak ada yang macet."));
    let programme = Programme::beside(&world.store, 7, 1, 1);
    world.hands.turn(chrono::TimeDelta::days(10));
    let home = browser.page("/");
    assert!(home.contains("9 hal tidak bergerak") && home.contains("href=\"/stuck\""), "{home}");
    assert_eq!(home.matches("href=\"/requests/").count(), 5, "the rest has a page of its own");
    let list = browser.page("/stuck?kind=request_unasked");
    assert_eq!(list.matches("href=\"/requests/").count(), 9, "those of the world too: {list}");
    assert!(browser.page("/stuck?kind=offer_unanswered").contains("Tidak ada yang macet."));
    let request = format!("/requests/{}", programme.request(0).id);
    assert!(list.contains(&request) && browser.get(&request).status == 200);
}

fn an_application_is_decided(db: &TestDb) {
    let world = World::new(db);
    let (browser, visitor) = national(&world);
    assert!(browser.page("/applications").contains("Tidak ada lamaran"));
    let stranger = world.stranger("203.0.113.3");
    let apply = |email: &str| {
        let wish = json!({
            "email": email, "name": "Rina Wulandari", "language": "id", "agency": "KEM-01", "regency": "31.71",
            "source": "pkn_2", "motivation": "Berbagi <pengalaman>.",
        });
        assert_eq!(stranger.post("/coach-applications", &wish).status, 202);
        let token = world.secret_of("coach_application");
        let confirmed = json!({ "token": token, "password": "tikus kapur lemari dua" });
        let answer = stranger.post("/coach-applications/confirm", &confirmed);
        assert!(answer.status < 300, "{}", answer.body);
    };
    let first = || {
        let waiting = visitor.get("/coach-applications?status=pending").json();
        format!("/applications/{}", waiting["items"][0]["id"].as_str().expect("an application"))
    };
    apply("rina@contoh.test");
    assert!(browser.page("/").contains("1 lamaran coach"));
    let page = first();
    assert!(browser.page("/applications").contains(&page));
    let shown = browser.page(&page);
    assert!(shown.contains("rina@contoh.test") && shown.contains("Berbagi &#60;pengalaman&#62;."), "{shown}");
    let silent = browser.fills(&page, &page, &[]);
    assert!(silent.status == 422 && silent.body.contains("href=\"#decision\""), "{}", silent.body);
    let curt = browser.fills(&page, &page, &[("decision", "no"), ("reason", " ")]);
    assert!(curt.status == 422 && curt.body.contains("href=\"#reason\""), "{}", curt.body);
    let done = browser.fills(&page, &page, &[("decision", "new")]);
    assert_eq!(done.header("location"), "/applications?done=decided", "{}", done.body);
    assert!(browser.page(&page).contains("Disetujui"));
    assert!(browser.page("/applications?status=verified").contains("Rina Wulandari"));

    apply("rini@contoh.test");
    let page = first();
    let own = world.browser(
        world.account_of("banten@contoh.test", &[(Role::AgencyAdmin, Some("PROV-36"))], None),
        true,
        "203.0.113.4",
    );
    assert_eq!(own.get(&page).status, 404, "of another agency");
    let refused = browser.fills(&page, &page, &[("decision", "no"), ("reason", "Sertifikat tidak ditemukan.")]);
    assert_eq!(refused.status, 303, "{}", refused.body);
    assert!(browser.page(&page).contains("Sertifikat tidak ditemukan."));
}

fn a_claim_is_decided(db: &TestDb) {
    let world = World::new(db);
    let (browser, _) = national(&world);
    assert!(browser.page("/sign-up-claims").contains("Tidak ada yang menunggu."));
    let forget = "UPDATE persons SET email = NULL WHERE code = 'P-1'";
    world.store.write(|db| Ok::<_, StoreError>(db.batch_execute(forget)?)).unwrap();
    for (at, email) in ["satu@contoh.test", "dua@contoh.test"].iter().enumerate() {
        let wish = json!({ "identity_number": NIP, "birth_date": BORN, "email": email, "language": "id" });
        assert_eq!(world.stranger(&format!("203.0.113.{at}")).post("/sign-ups", &wish).status, 202);
    }
    assert!(browser.page("/").contains("2 orang ingin membuka akun"));
    let list = browser.page("/sign-up-claims");
    assert!(list.contains("satu@contoh.test") && list.contains("Coachee P-1"), "{list}");
    let forms: Vec<&str> = list.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let forms: Vec<&str> = forms.into_iter().filter(|address| address.starts_with("/sign-up-claims/")).collect();
    let silent = browser.fills("/sign-up-claims", forms[0], &[]);
    assert_eq!(silent.status, 422, "{}", silent.body);
    let refused = browser.fills("/sign-up-claims", forms[0], &[("decision", "refuse")]);
    assert_eq!(refused.header("location"), "/sign-up-claims?done=claim_refused", "{}", refused.body);
    let confirmed = browser.fills("/sign-up-claims", forms[1], &[("decision", "confirm")]);
    assert_eq!(confirmed.header("location"), "/sign-up-claims?done=claim_confirmed", "{}", confirmed.body);
    let mail = &world.mails()[0];
    assert_eq!((mail.kind.as_str(), mail.address.clone().unwrap().to_string()), ("sign_up", "dua@contoh.test".into()));
}

fn a_day_off_is_set(db: &TestDb) {
    let world = World::new(db);
    let (browser, _) = national(&world);
    let page = "/holidays";
    assert!(browser.page(page).contains("Natal"), "what the reference data knows");
    let wrong = browser.fills(page, page, &[("day", "besok"), ("kind", "national")]);
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#day\""), "{}", wrong.body);
    let nameless = browser.fills(page, page, &[("day", "2027-02-01"), ("kind", "national"), ("name_en", "Poll")]);
    assert!(nameless.status == 422 && nameless.body.contains("href=\"#name_id\""), "{}", nameless.body);
    let given = [("day", "2027-02-01"), ("kind", "national"), ("name_id", "Pemungutan suara"), ("name_en", "Poll")];
    let set = browser.fills(page, page, &given);
    assert_eq!(set.header("location"), "/holidays?done=holiday_set", "{}", set.body);
    assert!(browser.page(page).contains("1 Februari 2027"));
    assert!(browser.page("/holidays?lang=en").contains("Poll"));
}

fn a_cohort_is_made(db: &TestDb) {
    let world = World::new(db);
    let (browser, visitor) = national(&world);
    let page = "/cohorts";
    let backwards = [("name", "2027 I"), ("code", "2027-1"), ("opens_on", "2027-02-01"), ("closes_on", "2027-01-01")];
    let wrong = browser.fills(page, page, &backwards);
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#closes_on\""), "{}", wrong.body);
    let form = browser.form(page, page).with(&[("name", "2027 I"), ("code", "2027-1"), ("opens_on", "2027-02-01")]);
    let (made, again) = (browser.sends(&form), browser.sends(&form));
    assert_eq!((made.status, made.header("location")), (303, again.header("location")), "once: {}", made.body);
    let twice = browser.fills(page, page, &[("name", "2027 I"), ("code", "2027-1")]);
    assert_eq!(twice.status, 409, "{}", twice.body);
    assert!(browser.page(page).contains("1 Februari 2027 – …"));
    assert_eq!(visitor.get("/cohorts").json()["items"][0]["code"], "2027-1");
}

fn mail_that_failed_is_sent_again(db: &TestDb) {
    let world = World::new(db);
    let (browser, _) = national(&world);
    assert!(browser.page("/mail").contains("Tidak ada surel yang gagal."));
    world.account("budi@contoh.test", Role::Coachee);
    assert_eq!(
        world.stranger("203.0.113.5").post("/password-resets", &json!({ "email": "budi@contoh.test" })).status,
        202
    );
    let fail = "UPDATE outbox SET status = 'dead', last_answer = '550 no such user', settled_at = created_at";
    world.store.write(|db| Ok::<_, StoreError>(db.batch_execute(fail)?)).unwrap();
    assert!(browser.page("/").contains("1 surel tidak dapat dikirim"));
    let shown = browser.page("/mail");
    assert!(shown.contains("b***@contoh.test") && !shown.contains("budi@contoh.test"), "{shown}");
    let none = browser.fills("/mail", "/mail", &[]);
    assert!(none.status == 422 && none.body.contains("href=\"#mail\""), "{}", none.body);
    let (_, id) = shown.split_once("name=\"mail\" value=\"").expect("a box");
    let id = id.split('"').next().unwrap();
    let sent = browser.fills("/mail", "/mail", &[("mail", id)]);
    assert_eq!(sent.header("location"), "/mail?done=mail_queued", "{}", sent.body);
    assert!(browser.page("/mail").contains("Tidak ada surel yang gagal."));
}

fn a_run_is_ordered_compared_published_and_thrown_away(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 3, 2, 1);
    let (browser, visitor) = national(&world);
    let silent = browser.fills("/runs/new", "/runs", &[]);
    assert!(silent.status == 422 && silent.body.contains("href=\"#cohort\""), "{}", silent.body);
    let order = |objective: &str| -> (String, RunId) {
        let asked = browser.fills("/runs/new", "/runs", &[("cohort", "2026-c"), ("objective", objective)]);
        let page = asked.header("location").split('?').next().unwrap().to_owned();
        assert!(asked.status == 303 && browser.follow(&asked).body.contains("segera dihitung"), "{}", asked.body);
        let (id, done) = runs::compute_next(&world.hands.clock(), &world.store, "test", Watch::NOBODY)
            .unwrap()
            .expect("a run that waits");
        done.unwrap();
        (page, id)
    };
    let (first, _) = order("most_people");
    let (second, other) = order("stable");
    let shown = browser.page(&first);
    for part in ["publication", "comparison", "discard"] {
        assert!(shown.contains(&format!("{first}/{part}")), "{part}: {shown}");
    }
    let groups = shown.contains("Menurut jenjang jabatan") && shown.contains("Menurut instansi");
    assert!(groups && shown.contains("id=\"agencies\""), "{shown}");
    let compared = browser.page(&format!("{first}/comparison?with={other}"));
    assert!(compared.contains("Coach yang sama") && compared.contains("<tbody>"), "{compared}");
    assert!(compared.contains("Per jenjang jabatan") && compared.contains("Per instansi"), "{compared}");

    let page = format!("{first}/publication");
    let wrong = browser.fills(&page, &page, &[("code", "2026-x")]);
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#code\""), "{}", wrong.body);
    let done = browser.fills(&page, &page, &[("code", "2026-c")]);
    assert_eq!(done.header("location"), format!("{first}?done=run_published"), "{}", done.body);
    assert_eq!(visitor.get("/offers?status=proposed").json()["items"].as_array().unwrap().len(), 3);
    assert!(browser.page(&page).contains("tidak dapat diterbitkan"));
    assert!(!browser.page(&first).contains(&format!("{first}/discard")));

    let discard = format!("{second}/discard");
    let gone = browser.fills(&discard, &discard, &[]);
    assert_eq!(gone.header("location"), "/?done=run_discarded", "{}", gone.body);
    assert!(browser.page(&discard).contains("sudah diterbitkan atau dibuang"));
    programme.must_be_well();
}

/// What an admin is shown of others at a page stands in the log, as if the API had been asked.
fn what_an_admin_is_shown_is_noted(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 2, 1, 1);
    let pairing = programme.pair(0, 0);
    let (browser, _) = national(&world);
    let noted = || programme.audited(ACTION);
    for (page, more) in [
        (format!("/requests/{}", programme.request(1).id), 1),
        (format!("/offers/{}", pairing.offer), 1),
        (format!("/pairings/{}", pairing.id), 1),
        ("/stuck".into(), 1),
        ("/applications".into(), 1),
        ("/sign-up-claims".into(), 1),
        ("/".into(), 1),
        ("/cohorts".into(), 0),
    ] {
        let before = noted();
        browser.page(&page);
        assert_eq!(noted() - before, more, "{page}");
    }
}
