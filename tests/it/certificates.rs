//! Completion certificates: what earns one, what stands on it, how it is printed, checked and withdrawn.

use chrono::TimeDelta;
use coachnet::domain::{Attendance, Role};
use coachnet::services::pairings::{self, Unreported};
use coachnet::store::pairings::{Evaluation, Pairing};
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::sessions::{held, session};
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_completed_pairing_earns_a_certificate,
    nothing_held_is_no_certificate,
    it_is_printed_for_whom_it_concerns,
    anybody_checks_it,
    a_withdrawn_one_says_so,
    hostile_names_are_harmless,
    who_asks_too_often_waits,
);

/// e0 works with c0, e1 with c1; four months later.
struct Stage {
    world: World,
    p: Programme,
    pairing: Pairing,
}

impl Stage {
    fn new(db: &TestDb) -> Self {
        let world = World::new(db);
        let p = Programme::beside(&world.store, 2, 2, 1);
        let pairing = p.pair(0, 0);
        p.tamper("UPDATE persons SET full_name = 'Maria Rumbiak', front_title = '' WHERE code = 'e0'");
        p.pass(TimeDelta::days(120));
        world.hands.turn(TimeDelta::days(120));
        Self { world, p, pairing }
    }

    fn complete(&self) {
        self.p.complete(&self.pairing).expect("completes");
    }

    /// Three sessions that count, and one that the coach missed.
    fn three_sessions(&self) {
        for at in ["2026-12-01T02:00:00Z", "2026-12-08T02:00:00Z", "2026-12-31T16:00:00Z"] {
            held(&self.p.store, &self.pairing, at);
        }
        session(&self.p.store, &self.pairing, "2027-01-12T02:00:00Z", Some(Attendance::CoachMissed), None);
    }

    fn coachee(&self, at: usize) -> Visitor<'_> {
        let email = format!("e{at}@contoh.test");
        let account = self.world.account_of(&email, &[(Role::Coachee, None)], Some(self.p.coachees[at]));
        self.world.visitor(account, false)
    }

    fn admin(&self, email: &str, agency: Option<&str>) -> Visitor<'_> {
        let role = if agency.is_some() { Role::AgencyAdmin } else { Role::NationalAdmin };
        self.world.visitor(self.world.account_of(email, &[(role, agency)], None), true)
    }

    fn page(&self, path: &str) -> crate::support::site::Answer {
        self.world.site.get(path)
    }
}

/// The only certificate of a coachee.
fn only(coachee: &Visitor) -> Value {
    let answer = coachee.get("/me/certificates");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let items = answer.json()["items"].as_array().expect("items").clone();
    assert_eq!(items.len(), 1);
    items[0].clone()
}

fn a_completed_pairing_earns_a_certificate(db: &TestDb) {
    let stage = Stage::new(db);
    stage.three_sessions();
    stage.complete();
    let coachee = stage.coachee(0);
    let certificate = only(&coachee);
    assert_eq!(certificate["pairing"], json!(stage.pairing.id));
    assert_eq!(
        (&certificate["sessions"], &certificate["jp"], &certificate["first_on"], &certificate["last_on"]),
        // The last evening of the year in Jakarta is the first day of the next in Jayapura, so all three count.
        (&json!(3), &json!(6), &json!("2026-12-01"), &json!("2027-01-01"))
    );
    assert_eq!(certificate["name"], "Maria Rumbiak, S.E.");
    let number = certificate["number"].as_str().unwrap();
    assert!(number.starts_with("NCN-2027-") && number.len() == "NCN-2027-000-000-000".len(), "{number}");
    assert_eq!((stage.p.audited("certificate.issued"), stage.p.told("certificate_issued")), (1, 1));
    let rule = json!({ "jp_per_session": 5, "sessions_per_month": 9, "yearly_target": 20, "source": "Contoh" });
    assert_eq!(stage.admin("pusat@contoh.test", None).put("/credit-rules/2026-01-01", &rule).status, 200);
    assert_eq!(only(&coachee), certificate, "what was issued stays as it is");
}

fn nothing_held_is_no_certificate(db: &TestDb) {
    let stage = Stage::new(db);
    session(&stage.p.store, &stage.pairing, "2026-12-01T02:00:00Z", Some(Attendance::CoachMissed), None);
    let (held, denied) = (Some(Attendance::Held), Some(Attendance::NotHeld));
    session(&stage.p.store, &stage.pairing, "2026-12-08T02:00:00Z", held, denied);
    let says = Evaluation { rating: 4, comment: None };
    let act = stage.p.as_coach(0);
    stage
        .p
        .store
        .write(|db| pairings::complete(db, &act, stage.pairing.id, &says, Unreported::Refuse))
        .expect("completes all the same");
    assert_eq!(stage.coachee(0).get("/me/certificates").json()["items"], json!([]));
    assert_eq!((stage.p.audited("certificate.issued"), stage.p.told("certificate_issued")), (0, 0));
    let told = stage.world.mails().into_iter().find(|mail| mail.kind == "pairing_completed").expect("a message");
    assert_eq!(told.data.read::<Value>().unwrap()["certificate"], json!(false), "the letter says so");
}

fn it_is_printed_for_whom_it_concerns(db: &TestDb) {
    let stage = Stage::new(db);
    stage.three_sessions();
    stage.complete();
    let coachee = stage.coachee(0);
    let path = format!("/certificates/{}.pdf", only(&coachee)["id"].as_str().unwrap());
    let (status, kind, file) = coachee.download(&path);
    assert_eq!((status, kind.as_str()), (200, "application/pdf"));
    assert!(file.starts_with(b"%PDF-") && file.len() < 120_000, "{}", file.len());
    assert_eq!(coachee.download(&path).2, file, "the same bytes");
    let answer = coachee.clone().with("if-none-match", "*").get(&path);
    assert_eq!((answer.status, answer.body.len()), (304, 0));
    let coach = stage.world.account_of("c0@contoh.test", &[(Role::Coach, None)], Some(stage.p.coaches[0]));
    for (who, expected) in [
        (stage.world.visitor(coach, false), 403),
        (stage.coachee(1), 403),
        (stage.admin("lain@contoh.test", Some("KEM-01")), 403),
        (stage.admin("papua@contoh.test", Some("PROV-91")), 200),
        (stage.admin("pusat@contoh.test", None), 200),
        (stage.world.stranger("203.0.113.9"), 401),
    ] {
        assert_eq!(who.download(&path).0, expected);
    }
    assert_eq!(coachee.get("/certificates/019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69.pdf").status, 404);
}

fn anybody_checks_it(db: &TestDb) {
    let stage = Stage::new(db);
    stage.three_sessions();
    stage.complete();
    let certificate = only(&stage.coachee(0));
    let code = certificate["code"].as_str().unwrap();
    let number = certificate["number"].as_str().unwrap();
    let stranger = stage.world.stranger("203.0.113.9");
    let known = json!({
        "status": "valid",
        "certificate": {
            "number": number, "name": "Maria Rumbiak, S.E.", "sessions": 3, "jp": 6, "issued_on": "2027-03-22",
        },
    });
    for typed in [code.to_owned(), code.to_lowercase(), code.replace('-', ""), code.replace('-', "%20")] {
        let answer = stranger.get(&format!("/certificates/check/{typed}"));
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
        assert_eq!(answer.json(), known, "{typed}");
    }
    let mut wrong = code.to_owned();
    wrong.replace_range(..1, if code.starts_with('A') { "B" } else { "A" });
    for typed in [wrong.as_str(), "K7QF", number, "%22%3E%3Cscript%3E"] {
        assert_eq!(stranger.get(&format!("/certificates/check/{typed}")).json(), json!({ "status": "not_found" }));
    }

    let page = stage.page(&format!("/certificates/{code}"));
    assert_eq!((page.status, page.header("x-robots-tag")), (200, "noindex, nofollow"));
    for text in ["Sertifikat ini berlaku", "Maria Rumbiak, S.E.", number, "22 Maret 2027", "lang=\"id\""] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let typed = stage.page(&format!("/certificates?lang=en&code={}", code.to_lowercase().replace('-', "+")));
    for text in ["This certificate is valid", "22 March 2027", "name=\"lang\" value=\"en\""] {
        assert!(typed.body.contains(text), "{text}: {}", typed.body);
    }
    for secret in ["Coach c0", "PROV-91", "2026-12-01", "<script", " style=", "mailto"] {
        assert!(!page.body.contains(secret) && !typed.body.contains(secret), "{secret}");
    }
    let unknown = stage.page("/certificates/%22%3E%3Cscript%3E?lang=en");
    assert!(unknown.body.contains("Not found here") && !unknown.body.contains("<script"), "{}", unknown.body);
    assert!(!unknown.body.contains("Maria"));
    let form = stage.page("/certificates");
    assert!(form.status == 200 && form.body.contains("Periksa sertifikat") && !form.body.contains("class=\"box\""));
}

fn a_withdrawn_one_says_so(db: &TestDb) {
    let stage = Stage::new(db);
    stage.three_sessions();
    stage.complete();
    let coachee = stage.coachee(0);
    let certificate = only(&coachee);
    let path = format!("/certificates/{}/withdraw", certificate["id"].as_str().unwrap());
    let reason = json!({ "reason": " Sesi ternyata tidak pernah ada. " });
    assert_eq!(coachee.post(&path, &reason).status, 403);
    assert_eq!(stage.admin("lain@contoh.test", Some("KEM-01")).post(&path, &reason).status, 403);
    let admin = stage.admin("papua@contoh.test", Some("PROV-91"));
    assert_eq!(admin.post(&path, &json!({ "reason": " " })).json()["errors"][0]["pointer"], "#/reason");
    let withdrawn = admin.post(&path, &reason);
    assert_eq!(
        (withdrawn.status, &withdrawn.json()["withdrawn_reason"]),
        (200, &json!("Sesi ternyata tidak pernah ada."))
    );
    let again = admin.post(&path, &reason);
    assert_eq!((again.status, &again.json()["type"]), (409, &json!("urn:coachnet:problem:certificate-withdrawn")));
    assert_eq!((stage.p.audited("certificate.withdrawn"), stage.p.told("certificate_withdrawn")), (1, 1));

    let code = certificate["code"].as_str().unwrap();
    let checked = stage.world.stranger("203.0.113.9").get(&format!("/certificates/check/{code}"));
    assert_eq!(checked.json()["status"], "withdrawn");
    let page = stage.page(&format!("/certificates/{code}"));
    assert!(page.body.contains("sudah dicabut"));
    assert!(!checked.body.contains("ternyata") && !page.body.contains("ternyata"), "why is not for the public");
    assert_eq!(coachee.download(&format!("/certificates/{}.pdf", certificate["id"].as_str().unwrap())).0, 409);
    assert_eq!(only(&coachee)["withdrawn_reason"], "Sesi ternyata tidak pernah ada.");
}

fn hostile_names_are_harmless(db: &TestDb) {
    let names = ["\"><script>alert(1)</script>", "Ü, Dr.\r\nBcc: x@y", "محمد علي", "\u{202E}irtuP", &"W".repeat(150)];
    let world = World::new(db);
    let p = Programme::beside(&world.store, names.len(), names.len(), 1);
    let pairs: Vec<Pairing> = (0..names.len()).map(|at| p.pair(at, at)).collect();
    p.pass(TimeDelta::days(120));
    world.hands.turn(TimeDelta::days(120));
    for (at, name) in names.into_iter().enumerate() {
        p.tamper(&format!("UPDATE persons SET full_name = '{name}' WHERE code = 'e{at}'"));
        held(&p.store, &pairs[at], "2026-12-01T02:00:00Z");
        p.complete(&pairs[at]).expect("completes");
        let account = world.account_of(&format!("e{at}@contoh.test"), &[(Role::Coachee, None)], Some(p.coachees[at]));
        let coachee = world.visitor(account, false);
        let certificate = only(&coachee);
        let shown = certificate["name"].as_str().unwrap();
        assert!(!shown.contains(['\r', '\n', '\u{202E}']), "{shown:?}");
        let (status, _, file) = coachee.download(&format!("/certificates/{}.pdf", certificate["id"].as_str().unwrap()));
        assert!(status == 200 && file.ends_with(b"%%EOF"), "{name:?}");
        // To be looked at by people.
        if let Some(folder) = std::env::var_os("COACHNET_KEEP_CERTIFICATES") {
            let file_name = std::path::Path::new(&folder).join(format!("{at}.pdf"));
            std::fs::write(file_name, &file).expect("a folder to keep them in");
        }
        let page = world.site.get(&format!("/certificates/{}", certificate["code"].as_str().unwrap())).body;
        assert!(page.contains("<bdi>") && !page.contains("<script") && !page.contains("\r\nBcc"), "{page}");
    }
}

fn who_asks_too_often_waits(db: &TestDb) {
    let world = World::new(db);
    let (many, other) = (world.stranger("203.0.113.9"), world.stranger("203.0.113.10"));
    let asked: Vec<u16> = (0..31).map(|_| many.get("/certificates/check/K7QF").status).collect();
    assert_eq!((asked[29], asked[30]), (200, 429));
    assert_eq!(many.get("/certificates/check/K7QF").header("retry-after"), "3");
    assert_eq!(other.get("/certificates/check/K7QF").status, 200);
    world.hands.turn(TimeDelta::seconds(3));
    assert_eq!(many.get("/certificates/check/K7QF").status, 200);
}
