//! What letters about accounts, records and the service tell, and what becomes of those that could not be delivered.

use chrono::TimeDelta;
use coachnet::clock::Clock;
use coachnet::domain::records::AssessmentRecord;
use coachnet::domain::{AssessmentMethod, Job, JobFailure, Policy, Role};
use coachnet::mail::Transport;
use coachnet::matching::watch::Watch;
use coachnet::services::runs::{self, Order};
use coachnet::services::stored::Stored;
use coachnet::services::{Act, Actor, Caller, digests, jobs, offers};
use coachnet::store::accounts::Grant;
use coachnet::store::jobs::Round;
use coachnet::store::types::Stamp;
use coachnet::store::{AccountId, SignInId, Store, StoreError};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::support::people::{self, assessment};
use crate::support::post::{self, Read, courier, send_all};
use crate::support::programme::Programme;
use crate::support::world::{PASSWORD, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_new_device_is_told_with_its_hour_and_its_name,
    an_invitation_says_who_invites,
    whose_assessments_come_in_is_told_once,
    whoever_asked_for_a_run_is_told_what_became_of_it,
    the_daily_digest_names_what_is_wrong_with_the_service,
    dead_letters_are_listed_corrected_and_let_be,
    a_coach_without_an_account_opens_one_by_the_letter,
);

/// Sends what is due, and gives what came, each text on one line.
fn delivered(store: &Store, now: Stamp) -> Vec<Read> {
    let folder = tempfile::tempdir().unwrap();
    send_all(&mut courier(store, Transport::folder(folder.path().to_owned())), now);
    let mut mails = post::folder(folder.path());
    mails.iter_mut().for_each(|mail| mail.text = mail.text.split_whitespace().collect::<Vec<_>>().join(" "));
    mails
}

fn with_subject<'a>(mails: &'a [Read], subject: &str) -> &'a Read {
    let found = mails.iter().find(|mail| mail.subject == subject);
    found.unwrap_or_else(|| panic!("{subject}: {:?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>()))
}

fn must_say(mail: &Read, parts: &[&str]) {
    for part in parts {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
}

fn tamper(store: &Store, sql: &str) {
    store.write(|db| Ok::<_, StoreError>(db.batch_execute(sql)?)).unwrap();
}

fn a_new_device_is_told_with_its_hour_and_its_name(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    for from in ["203.0.113.1", "203.0.113.2"] {
        assert_eq!(world.stranger(from).signs_in("budi@contoh.test", PASSWORD).status, 201);
    }
    let mails = delivered(&world.store, world.hands.stamp());
    let told = with_subject(&mails, "Masuk dari tempat yang baru");
    must_say(told, &["Waktu: ", "pukul 10.00 WIB", "Perangkat: Ponsel", "https://jejaring.test/account"]);
    assert!(!told.text.contains("password-resets"), "{}", told.text);
}

fn an_invitation_says_who_invites(db: &TestDb) {
    let world = World::new(db);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    let wish = json!({ "email": "ani@contoh.test", "name": "Ani", "language": "id", "role": "auditor" });
    assert_eq!(admin.post("/invitations", &wish).status, 201);
    let mails = delivered(&world.store, world.hands.stamp());
    let invited = mails.iter().find(|mail| mail.to == "ani@contoh.test").expect("a letter");
    must_say(invited, &["Diundang oleh: Orang Contoh", "Tautan berlaku sampai: "]);
    assert!(!invited.text.contains("https://jejaring.test/account"), "there is no account yet: {}", invited.text);
}

fn whose_assessments_come_in_is_told_once(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 0, 0);
    p.tamper("UPDATE persons SET email = NULL WHERE code = 'e1'");
    let found = |who: &str, method| assessment(who, method);
    let records = [
        found("e0", AssessmentMethod::AssessmentCentre),
        found("e0", AssessmentMethod::SelfAssessment),
        found("e1", AssessmentMethod::AssessmentCentre),
    ];
    let bring = || p.store.write(|db| AssessmentRecord::save(db, &records, None, p.now())).unwrap();
    assert_eq!(bring().saved.new, 3);
    assert_eq!(p.told("gap_profile_ready"), 1, "two assessments are one letter, and e1 cannot be written to");
    let mails = delivered(&p.store, p.now());
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].to.as_str(), mails[0].subject.as_str()), ("e0@contoh.test", "Profil kesenjangan Anda siap"));
    must_say(&mails[0], &["https://jejaring.test/profile"]);
    assert!(!mails[0].text.contains("tingkat") && !mails[0].text.contains("M.01"), "{}", mails[0].text);
    assert_eq!(bring().saved.unchanged, 3);
    assert_eq!(p.told("gap_profile_ready"), 1, "nothing is new");
}

/// An act of somebody who runs the programme and has an account.
fn act_of(account: AccountId, now: Stamp) -> Act {
    let grants = vec![Grant { role: Role::NationalAdmin, agency: None }];
    let caller = Caller { account, sign_in: SignInId::new(), person: None, grants, second_factor: true };
    Act::new(Actor::Caller(caller), now)
}

fn whoever_asked_for_a_run_is_told_what_became_of_it(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 3, 2, 1);
    let account = world.account("admin@contoh.test", Role::NationalAdmin);
    let order = Order { cohort: "2026-c".into(), policy: Policy::default(), seed: 1, as_of: people::day() };
    let ordered = |act: &Act| world.store.write(|db| runs::create(db, act, &order)).unwrap();
    let mine = ordered(&act_of(account, world.hands.stamp()));
    runs::compute(&world.store, mine, "test", Watch::NOBODY).unwrap();
    // What a command asks for is told to nobody.
    runs::compute(&world.store, ordered(&p.as_admin()), "test", Watch::NOBODY).unwrap();
    let mails = delivered(&world.store, Stamp::now());
    assert_eq!(mails.len(), 1);
    let told = with_subject(&mails, "Pencocokan selesai: lihat hasilnya");
    must_say(told, &["Angkatan: Angkatan 2026 C", "Mendapat coach: 3 dari 3 coachee", &format!("/runs/{mine}")]);
    assert_eq!(told.to, "admin@contoh.test");
    // The process that computes it is gone for the third time.
    let lost = ordered(&act_of(account, world.hands.stamp()));
    tamper(
        &world.store,
        "UPDATE runs SET status = 'computing', started_at = created_at, tries = 3 WHERE status = 'queued'",
    );
    assert!(runs::compute_next(&Clock::system(), &world.store, "test", Watch::NOBODY).unwrap().is_none());
    let mails = delivered(&world.store, Stamp::now());
    let told = with_subject(&mails, "Pencocokan gagal dihitung");
    must_say(told, &["Sebab: Penghitungan terhenti tiga kali", &format!("/runs/{lost}")]);
}

fn the_daily_digest_names_what_is_wrong_with_the_service(db: &TestDb) {
    let world = World::new(db);
    world.account("nasional@contoh.test", Role::NationalAdmin);
    world.account("papua@contoh.test", Role::AgencyAdmin);
    let now = world.hands.stamp();
    let round = Round { job: Job::OffersExpire, now, millis: 3, done: 0, failure: Some(JobFailure::Database) };
    jobs::note(&world.store, &[round]).unwrap();
    assert_eq!(digests::to_admins(&world.store, now).unwrap(), 2);
    let mails = delivered(&world.store, now);
    assert_eq!(mails.len(), 1, "the service is no affair of an agency's");
    let told = with_subject(&mails, "Harian: 1 gangguan, 0 tertahan, 0 surat gagal");
    assert_eq!(told.to, "nasional@contoh.test");
    must_say(told, &["Pekerjaan latar yang gagal atau terlambat: "]);
    // A day later nobody does the job at all, and mail waits.
    world.hands.turn(TimeDelta::days(1));
    post::queue(&world.store, coachnet::domain::MailKind::PasswordChanged, "x@contoh.test", &json!({}), now);
    let now = world.hands.stamp();
    digests::to_admins(&world.store, now).unwrap();
    let mails = delivered(&world.store, now);
    let told = mails.iter().find(|mail| mail.to == "nasional@contoh.test").expect("a digest");
    assert!(told.subject.starts_with("Harian: 1 gangguan"), "the mail is on its way by now: {}", told.subject);
}

fn dead_letters_are_listed_corrected_and_let_be(db: &TestDb) {
    let world = World::new(db);
    let admin = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    world.account("budi@contoh.test", Role::Coachee);
    let wish = json!({ "email": "salah@contoh.test", "name": "Ani", "language": "id", "role": "auditor" });
    assert_eq!(admin.post("/invitations", &wish).status, 201);
    let asked = world.stranger("203.0.113.5").post("/password-resets", &json!({ "email": "budi@contoh.test" }));
    assert_eq!(asked.status, 202);
    let fail = "UPDATE outbox SET status = 'dead', last_answer = '550 no such user', settled_at = created_at";
    tamper(&world.store, fail);
    let listed = || admin.get("/mails").json()["items"].as_array().expect("items").clone();
    let mails = listed();
    assert_eq!(mails.len(), 2);
    let named = |kind: &str| -> Value { mails.iter().find(|mail| mail["kind"] == kind).expect("a mail").clone() };
    let (invitation, reset) = (named("invitation"), named("password_reset"));
    assert_eq!(
        (&invitation["address"], &invitation["answer"]),
        (&json!("s***@contoh.test"), &json!("550 no such user"))
    );
    let path = |mail: &Value, what: &str| format!("/mails/{}/{what}", mail["id"].as_str().expect("an id"));
    let to = json!({ "address": "ani@contoh.test" });
    assert_eq!(admin.post(&path(&reset, "retry"), &to).status, 422, "a link to an account goes nowhere else");
    assert_eq!(
        admin.post(&path(&invitation, "retry"), &json!({ "address": "budi@contoh.test" })).status,
        409,
        "there is an account with it"
    );
    assert_eq!(admin.post(&path(&invitation, "retry"), &to).status, 204);
    assert_eq!(admin.post(&path(&invitation, "retry"), &json!({})).status, 404, "it waits already");
    let sent = delivered(&world.store, world.hands.stamp());
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to, "ani@contoh.test");
    let (_, rest) = sent[0].text.split_once("/invitations/").expect("a link");
    let token = rest.split_whitespace().next().expect("a secret");
    let accepted = world
        .stranger("203.0.113.6")
        .post("/invitations/accept", &json!({ "token": token, "password": "pasar pagi 3 ekor ayam" }));
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    let signed_in = world.stranger("203.0.113.6").signs_in("ani@contoh.test", "pasar pagi 3 ekor ayam");
    assert_eq!(signed_in.status, 201, "the account has the corrected address: {}", signed_in.body);
    assert_eq!(admin.post(&path(&reset, "dismiss"), &json!({})).status, 204);
    assert_eq!(admin.post(&path(&reset, "dismiss"), &json!({})).status, 404);
    assert!(listed().is_empty());
    let row = post::rows(&world.store).into_iter().find(|row| row.kind == "password_reset").unwrap();
    assert!(row.status == "void" && !row.data.contains("token"), "{row:?}");
}

fn a_coach_without_an_account_opens_one_by_the_letter(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 2, 1, 2);
    p.tamper("UPDATE persons SET email = code || '@contoh.test'");
    let offer = p.choose(0, &[0]).unwrap();
    let mails = delivered(&world.store, p.now());
    let asked = mails.iter().find(|mail| mail.to == "c0@contoh.test").expect("a letter");
    let (_, rest) = asked.text.split_once("https://jejaring.test/sign-ups/").expect("a link to open an account");
    let token = rest.split_whitespace().next().expect("a secret");
    let choice = json!({ "token": token, "password": "pasar pagi 3 ekor ayam" });
    let stranger = world.stranger("203.0.113.6");
    let opened = stranger.post("/sign-ups/confirm", &choice);
    assert_eq!(opened.status, 201, "{}", opened.body);
    assert_eq!(stranger.post("/sign-ups/confirm", &choice).status, 410, "once");
    let tokens = stranger.signs_in("c0@contoh.test", "pasar pagi 3 ekor ayam").json();
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let coach = crate::support::world::Visitor { token: Some(token), ..world.stranger("203.0.113.6") };
    assert_eq!(coach.get(&format!("/offers/{}", offer.id)).status, 200);
    assert!(post::rows(&world.store).iter().all(|row| row.status != "sent" || !row.data.contains("token")));
    // Who has an account gets no other.
    p.choose(1, &[0]).unwrap();
    let mails = delivered(&world.store, p.now());
    let asked = mails.iter().find(|mail| mail.to == "c0@contoh.test").expect("a letter");
    assert!(!asked.text.contains("/sign-ups/"), "{}", asked.text);
    let (act, id) = (p.as_coach(0), offer.id);
    p.store.write(|db| offers::accept(db, &act, id)).unwrap();
}
