//! What mails lead to: pages that show what it is about, change nothing until a button is pressed, and
//! say what to do when a link is over. Every kind of mail, on both engines.

use chrono::{TimeDelta, Utc};
use coachnet::domain::{MailKind, Notice, Policy, Role, Side};
use coachnet::i18n::Lang;
use coachnet::mail::{Facts, Letter, Topic};
use coachnet::services::runs::{self, Order};
use coachnet::services::sessions;
use serde_json::json;
use uuid::Uuid;

use crate::support::browser::Browser;
use crate::support::contents::{contents, must_be_same};
use crate::support::meetings::{at, rules, wish};
use crate::support::people;
use crate::support::post::{BASE, Read, office};
use crate::support::programme::Programme;
use crate::support::world::{BORN, NIP, PASSWORD, RECORDED, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    every_mail_leads_to_a_page_and_scanners_do_nothing,
    an_invitation_is_accepted,
    a_forgotten_password_is_replaced,
    a_coachee_signs_up,
    a_coach_applies,
    an_address_moves_when_both_agree,
    a_link_that_is_over_says_what_to_do,
);

const NEW: &str = "pasar pagi 3 ekor ayam";

/// The path that the letter of a topic links to.
fn path(topic: Topic, token: &str, about: Uuid) -> String {
    let now = Utc::now();
    let facts = Facts {
        side: Some(Side::Coach),
        until: Some(now),
        choice: Some(2),
        token: Some(token.into()),
        about: Some(about),
        ..Facts::default()
    };
    let to = "budi@contoh.test".parse().expect("an address");
    let letter = Letter { id: Uuid::now_v7(), to, lang: Lang::Id, written_at: now, topic, facts };
    let text = Read::of(&office().write(&letter).expect("a message").formatted()).text;
    let (_, link) = text.split_once(BASE).expect("a link");
    link.split_whitespace().next().unwrap_or("/").to_owned()
}

fn every_mail_leads_to_a_page_and_scanners_do_nothing(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 3, 3, 3);
    let browser = |role, person, email: &str, from: &str| {
        world.browser(world.account_of(email, &[(role, None)], Some(person)), false, from)
    };
    let coachee = browser(Role::Coachee, programme.coachees[0], "e0@contoh.test", "203.0.113.1");
    let coach = browser(Role::Coach, programme.coaches[0], "c0@contoh.test", "203.0.113.2");
    let stranger = Browser::new(&world.site, "203.0.113.3");

    // Things that are there: an offer with a question, and a pairing of the same two in their records.
    let offer = programme.choose(0, &[0]).unwrap();
    let question = coach.fills(
        &format!("/offers/{}", offer.id),
        &format!("/offers/{}/question", offer.id),
        &[("question", "Kapan?")],
    );
    assert_eq!(question.status, 303, "{}", question.body);
    let home = coachee.page("/");
    let (_, rest) = home.split_once("/questions/").expect("a question at home");
    let question: Uuid = rest[..36].parse().unwrap();
    let other = browser(Role::Coachee, programme.coachees[1], "e1@contoh.test", "203.0.113.4");
    let pairing = programme.pair(1, 1);
    let meeting = wish(at(12, 1, 1));
    let session =
        programme.store.write(|db| sessions::propose(db, &programme.as_coach(1), &rules(), pairing.id, &meeting));
    let session = session.unwrap().id.uuid();
    let request = programme.request(2);
    let third = browser(Role::Coachee, programme.coachees[2], "e2@contoh.test", "203.0.113.5");

    // Links of accounts that are good.
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let wish = json!({ "email": "ani@contoh.test", "name": "Ani", "language": "id", "role": "auditor" });
    assert_eq!(admin.post("/invitations", &wish).status, 201);
    let known = json!({ "email": "e0@contoh.test", "name": "E", "language": "id", "role": "auditor" });
    assert_eq!(admin.post("/invitations", &known).status, 201);
    assert_eq!(stranger.fills("/password-resets", "/password-resets", &[("email", "e0@contoh.test")]).status, 303);
    signs_up(&stranger);
    applies(&stranger);
    assert_eq!(
        admin.post("/me/email-changes", &json!({ "email": "baru@contoh.test", "password": PASSWORD })).status,
        202
    );

    let order = Order { cohort: "2026-c".into(), policy: Policy::default(), seed: 1, as_of: people::day() };
    let run = programme.store.write(|db| runs::create(db, &programme.as_admin(), &order)).unwrap().uuid();
    let runs_it = world.account_of("pusat@contoh.test", &[(Role::NationalAdmin, None)], None);
    let runs_it = world.browser(runs_it, true, "203.0.113.6");

    let before = contents(db);
    let account = |kind: &MailKind| {
        let token = match kind {
            MailKind::Invitation
            | MailKind::RoleOffered
            | MailKind::PasswordReset
            | MailKind::EmailChangeFrom
            | MailKind::EmailChangeTo
            | MailKind::SignUp
            | MailKind::CoachApplication => world.secret_of(kind.as_str()),
            _ => String::new(),
        };
        let reader = if *kind == MailKind::NewDevice { &coachee } else { &stranger };
        (path(Topic::Account(*kind), &token, Uuid::nil()), reader)
    };
    let notice = |notice: &Notice| {
        let (about, reader) = match notice {
            Notice::CoachProposed | Notice::NextCoachAsked | Notice::CoachAsked => (offer.id.uuid(), &coachee),
            Notice::OfferAsked | Notice::OfferExpired | Notice::OfferWithdrawn => (offer.id.uuid(), &coach),
            Notice::RequestSent
            | Notice::WaitingListed
            | Notice::WaitingAgain
            | Notice::ProposalWithdrawn
            | Notice::AskedAnew
            | Notice::RequestTakenBack => (request.id.uuid(), &third),
            Notice::PairingStarted
            | Notice::CoachChanged
            | Notice::CoachThanked
            | Notice::AgreementSigned
            | Notice::PairingCompleted
            | Notice::PairingEnded
            | Notice::CertificateIssued
            | Notice::CertificateWithdrawn
            | Notice::SessionPlanProposed
            | Notice::PairQuiet => (pairing.id.uuid(), &other),
            // A look of an admin at it is noted, which is a change; whether a page shows is the same for all.
            Notice::HelpAsked => (pairing.id.uuid(), &other),
            Notice::SessionProposed
            | Notice::SessionUnanswered
            | Notice::SessionLapsed
            | Notice::SessionClaimed
            | Notice::SessionScheduled
            | Notice::SessionMoved
            | Notice::SessionCancelled
            | Notice::SessionReminder
            | Notice::AttendanceAsked
            | Notice::AttendanceDisputed
            | Notice::FeedbackAsked => (session, &other),
            Notice::OfferReminder => (offer.id.uuid(), &coach),
            Notice::GapProfileReady => (Uuid::nil(), &coachee),
            Notice::RunFinished | Notice::RunFailed => (run, &runs_it),
            Notice::CoachDigest | Notice::AdminDigest => (Uuid::nil(), &coach),
            Notice::QuestionAsked => (question, &coachee),
            Notice::QuestionAnswered => (question, &coach),
        };
        (path(Topic::Notice(*notice), "", about), reader)
    };
    let links = MailKind::ALL.iter().map(account).chain(Notice::ALL.iter().map(notice));
    for (path, reader) in links.chain([(path(Topic::Test, "", Uuid::nil()), &stranger)]) {
        let scanner = Browser::new(&world.site, "198.51.100.9");
        for _ in 0..2 {
            for method in ["HEAD", "GET"] {
                assert!(scanner.ask(method, &path, &[], "").status < 400, "{method} {path}");
                assert_eq!(reader.ask(method, &path, &[], "").status, 200, "{method} {path}");
            }
        }
        let page = reader.get(&path);
        assert!(page.body.contains("<h1>") && page.header("content-language") == "id", "{path}");
        if path.len() > 60 || path.contains("resets/") {
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
            assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        }
        let english = reader.get(&format!("{path}?lang=en"));
        assert!(english.body.contains("<html lang=\"en\">"));
        reader.get(&format!("{path}?lang=id"));
        for text in [&page.body, &english.body] {
            assert!(!text.contains("pages.") && !text.contains("%{"), "{path}: a text is missing: {text}");
        }
    }
    must_be_same(&before, &contents(db), "looking");
}

fn an_invitation_is_accepted(db: &TestDb) {
    let world = World::new(db);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let wish = json!({ "email": "ani@contoh.test", "name": "Ani Lestari", "language": "id", "role": "auditor" });
    assert_eq!(admin.post("/invitations", &wish).status, 201);
    let page = format!("/invitations/{}", world.secret_of("invitation"));
    let browser = Browser::new(&world.site, "203.0.113.1");
    let shown = browser.page(&page);
    for text in ["Ani Lestari", "ani@contoh.test", "Auditor", "Terima undangan"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let weak = browser.fills(&page, &page, &[("password", "pendek")]);
    assert_eq!(weak.status, 422);
    assert!(
        weak.body.contains("href=\"#password\"")
            && weak.body.contains("12 sampai 256")
            && !weak.body.contains("pendek")
    );
    let form = browser.form(&page, &page).with(&[("password", NEW)]);
    let first = browser.sends(&form);
    let second = browser.sends(&form);
    assert_eq!((first.status, first.header("location")), (303, "/sign-in?done=account_open"), "{}", first.body);
    assert_eq!(
        (second.status, second.header("location")),
        (303, "/sign-in?done=account_open"),
        "a double tap is one act"
    );
    assert!(browser.follow(&first).body.contains("Akun Anda sudah dibuka"));
    assert_eq!(browser.signs_in("ani@contoh.test", NEW).status, 303);
}

fn a_forgotten_password_is_replaced(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let signed_in = world.browser(account, false, "203.0.113.9");
    let browser = Browser::new(&world.site, "203.0.113.1");
    let asked = browser.fills("/password-resets", "/password-resets", &[("email", "budi@contoh.test")]);
    let unknown = browser.fills("/password-resets", "/password-resets", &[("email", "nobody@contoh.test")]);
    assert_eq!((asked.status, asked.header("location")), (unknown.status, unknown.header("location")));
    let wrong = browser.fills("/password-resets", "/password-resets", &[("email", "no address")]);
    assert!(wrong.status == 422 && wrong.body.contains("value=\"no address\""), "{}", wrong.body);
    let mails = world.mails();
    let queued = mails.iter().find(|mail| mail.status.to_string() == "queued").expect("a mail");
    let token = queued.data.read::<serde_json::Value>().unwrap()["token"].as_str().unwrap().to_owned();
    let page = format!("/password-resets/{token}");
    let reset = browser.fills(&page, &page, &[("password", NEW)]);
    assert_eq!((reset.status, reset.header("location")), (303, "/sign-in?done=password_changed"), "{}", reset.body);
    assert_eq!(signed_in.get("/account").status, 303, "all devices are signed out");
    assert_eq!(browser.signs_in("budi@contoh.test", NEW).status, 303);
    assert_eq!(browser.get(&page).status, 410);
}

fn signs_up(browser: &Browser) {
    let (year, rest) = BORN.split_once('-').unwrap();
    let (month, day) = rest.split_once('-').unwrap();
    let spaced = format!("{} {} {} {}", &NIP[..8], &NIP[8..14], &NIP[14..15], &NIP[15..]);
    let given = [
        ("identity_number", spaced.as_str()),
        ("birth_day", day),
        ("birth_month", month),
        ("birth_year", year),
        ("email", "saya@contoh.test"),
    ];
    let asked = browser.fills("/sign-ups", "/sign-ups", &given);
    assert_eq!((asked.status, asked.header("location")), (303, "/sign-ups?done=sign_up_sent"), "{}", asked.body);
}

fn a_coachee_signs_up(db: &TestDb) {
    let world = World::new(db);
    let browser = Browser::new(&world.site, "203.0.113.1");
    let wrong = browser.fills(
        "/sign-ups",
        "/sign-ups",
        &[("identity_number", "12"), ("birth_day", "31"), ("birth_month", "2"), ("birth_year", "1985")],
    );
    assert_eq!(wrong.status, 422);
    for link in ["href=\"#identity_number\"", "href=\"#birth_date\"", "href=\"#email\"", "value=\"12\""] {
        assert!(wrong.body.contains(link), "{link}: {}", wrong.body);
    }
    signs_up(&browser);
    let page = format!("/sign-ups/{}", world.secret_of("sign_up"));
    assert!(browser.page(&page).contains(RECORDED), "the address of the records");
    assert_eq!(browser.fills(&page, &page, &[("password", NEW)]).header("location"), "/sign-in?done=account_open");
    let entered = browser.signs_in(RECORDED, NEW);
    assert_eq!(entered.status, 303, "{}", entered.body);
    assert!(browser.page("/").contains("Coaching saya"));
}

fn applies(browser: &Browser) {
    let found = browser.fills(
        "/coach-applications",
        "/coach-applications",
        &[("province", "31"), ("agency", "keuangan kementerian")],
    );
    assert!(found.body.contains("Langkah 2 dari 2"), "{}", found.body);
    let form = crate::support::browser::form_of(&found.body, "/coach-applications");
    let (_, agency) = found.body.split_once("<option value=\"KEM").expect("an agency");
    let agency = format!("KEM{}", agency.split('"').next().unwrap());
    let form = form.with(&[
        ("agency", agency.as_str()),
        ("regency", "31.71"),
        ("name", "Rina Wulandari"),
        ("email", "rina@contoh.test"),
        ("source", "pkn_2"),
        ("motivation", "Berbagi\r\npengalaman."),
    ]);
    let empty = browser.sends(&form.clone().with(&[("motivation", " "), ("year", "dulu")]));
    assert_eq!(empty.status, 422);
    assert!(
        empty.body.contains("href=\"#motivation\"")
            && empty.body.contains("href=\"#year\"")
            && empty.body.contains("Rina Wulandari")
    );
    let sent = browser.sends(
        &crate::support::browser::form_of(&empty.body, "/coach-applications")
            .with(&[("motivation", "Berbagi."), ("year", "2021")]),
    );
    assert_eq!((sent.status, sent.header("location")), (303, "/sign-in?done=application_sent"), "{}", sent.body);
}

fn a_coach_applies(db: &TestDb) {
    let world = World::new(db);
    let browser = Browser::new(&world.site, "203.0.113.1");
    assert!(browser.page("/coach-applications?province=31&agency=tidakada").contains("Tidak ada instansi"));
    assert!(browser.page("/coach-applications?province=31&agency=pemerintah").contains("Terlalu banyak instansi"));
    applies(&browser);
    let page = format!("/coach-applications/{}", world.secret_of("coach_application"));
    let done = browser.fills(&page, &page, &[("password", NEW)]);
    assert_eq!(done.header("location"), "/sign-in?done=application_waits", "{}", done.body);
    browser.signs_in("rina@contoh.test", NEW);
    assert!(browser.page("/").contains("Lamaran sebagai coach diperiksa dahulu"));
}

fn an_address_moves_when_both_agree(db: &TestDb) {
    let world = World::new(db);
    let visitor = world.visitor(world.account("lama@contoh.test", Role::Coachee), false);
    assert_eq!(
        visitor.post("/me/email-changes", &json!({ "email": "baru@contoh.test", "password": PASSWORD })).status,
        202
    );
    let browser = Browser::new(&world.site, "203.0.113.1");
    let agrees = |kind: &str| {
        let page = format!("/email-changes/{}", world.secret_of(kind));
        assert!(browser.page(&page).contains("baru@contoh.test"));
        let alone = browser.fills(&page, &page, &[]);
        assert!(
            alone.status == 422 && alone.body.contains("href=\"#sure\""),
            "a button alone is nothing: {}",
            alone.body
        );
        browser.fills(&page, &page, &[("sure", "yes")]).header("location").to_owned()
    };
    assert_eq!(agrees("email_change_to"), "/sign-in?done=email_agreed");
    assert_eq!(agrees("email_change_from"), "/sign-in?done=email_moved");
    assert_eq!(browser.get(&format!("/email-changes/{}", world.secret_of("email_change_to"))).status, 410);
}

fn a_link_that_is_over_says_what_to_do(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let browser = Browser::new(&world.site, "203.0.113.1");
    for kind in ["invitations", "password-resets", "sign-ups", "coach-applications", "email-changes"] {
        let over = browser.get(&format!("/{kind}/nosuchtoken"));
        assert_eq!((over.status, over.header("cache-control")), (410, "no-store"));
        assert!(
            over.body.contains("Tautan ini tidak berlaku lagi") && over.body.contains("href=\"/sign-in\""),
            "{kind}"
        );
        assert!(!over.body.contains("nosuchtoken\"") || over.body.contains("lang="), "{kind}");
    }
    browser.fills("/password-resets", "/password-resets", &[("email", "budi@contoh.test")]);
    let page = format!("/password-resets/{}", world.secret_of("password_reset"));
    let form = browser.form(&page, &page).with(&[("password", NEW)]);
    world.hands.turn(TimeDelta::minutes(31));
    assert_eq!(browser.sends(&form).status, 410, "over while it was filled in");
    let anew = browser.get(&page);
    assert!(anew.body.contains("href=\"/password-resets\""), "{}", anew.body);
}
